"""A course of two small exercises, and classes that hand them in: enough to see every rule at work, and quick."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from grader.catalogue import Course, load_course
from grader.engine.sandbox import sandbox_problem
from grader.release.stubs import write_stubs

SECRET = b"the secret of a tiny course"
GRADER = [str(Path(sys.executable).with_name("grader"))]

TABLE = """
name = "Tiny"

[[exercises]]
module = "double"
title = "Twice a number"
goals = ["add a number to itself"]

[[exercises]]
module = "triple"
title = "Three times a number"
goals = ["build on what is there"]
needs = ["double"]
"""

DOUBLE = '''"""Twice a number."""


def double(x):
    """Twice x."""
    ### BEGIN SOLUTION
    return 2 * x
    ### END SOLUTION


def half(x):
    """Half of x."""
    ### BEGIN SOLUTION
    return x / 2
    ### END SOLUTION
'''

TRIPLE = '''"""Three times a number."""

from double import double


def triple(x):
    """Three times x."""
    ### BEGIN SOLUTION
    return double(x) + x
    ### END SOLUTION
'''

CHECKS_OF_DOUBLE = '''"""Checks of double."""

from grader.checks import check, expect


@check(points=1, goal="numbers")
def test_double_of_two(student):
    """double(2) is 4."""
    expect(student.call("double", 2), hint="Add it to itself.").equal(4)


@check(points=1, goal="numbers", seconds=1)
def test_half(student, oracle):
    """half(3) is 1.5."""
    expect(student.call("half", 3)).close(oracle.call("half", 3))


@check(points=0.5, goal="side effects", observed=True, after=test_double_of_two)
def test_the_generator_stays(student):
    """double draws no random numbers."""
    before = student.tool("global_state")[1]
    student.call("double", 2)
    expect(student.tool("global_state")[1], "torch's generator").equal(before)


@check(points=2, goal="numbers", hidden=True, after=test_double_of_two, recipe="a number from 1,000 to 1,000,000")
def test_double_of_any(student, oracle, draw):
    """double works for any number."""
    number = draw.random().randint(1000, 1_000_000)
    expect(student.call("double", number)).equal(oracle.call("double", number))
'''

CHECKS_OF_TRIPLE = '''"""Checks of triple."""

import torch

from grader.checks import check, expect


@check(points=1, goal="numbers")
def test_triple_of_two(student):
    """triple(2) is 6."""
    expect(student.call("triple", 2)).equal(6)


@check(points=1, goal="numbers", hidden=True, after=test_triple_of_two, recipe="three random numbers")
def test_triple_of_any(student, oracle, draw):
    """triple works for tensors."""
    numbers = torch.rand(3, generator=draw.generator())
    expect(student.call("triple", numbers)).close(oracle.call("triple", numbers))
'''

MUTANTS_OF_DOUBLE = """from grader.mutants import Mutant

MUTANTS = [Mutant("square", [("2 * x", "x * x + 1")], "x is multiplied by itself", "test_double_of_two")]
"""


def make_course(folder: Path, checks_of_double: str = CHECKS_OF_DOUBLE) -> Course:
    """Write the course into `folder`."""
    files = {
        "course.toml": TABLE,
        "solutions/double.py": DOUBLE,
        "solutions/triple.py": TRIPLE,
        "checks/test_double.py": checks_of_double,
        "checks/test_triple.py": CHECKS_OF_TRIPLE,
        "mutants/double.py": MUTANTS_OF_DOUBLE,
        "alternatives/double_adding.py": DOUBLE.replace("2 * x", "x + x"),
    }
    write_files(folder, files)
    write_stubs(folder / "solutions", folder / "exercises")
    return load_course(folder)


def write_files(folder: Path, files: Mapping[str, str | bytes]) -> Path:
    """Write texts and bytes below `folder`, by their relative paths."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def notebook(*sources: str) -> str:
    """A notebook with these code cells."""
    cells = [{"cell_type": "code", "source": source, "outputs": []} for source in sources]
    return json.dumps({"cells": cells, "nbformat": 4, "nbformat_minor": 5, "metadata": {}})


def read_results(out: Path) -> dict[str, dict[str, Any]]:
    """Every student's results.json, by the student's name."""
    found = [json.loads(file.read_text(encoding="utf-8")) for file in sorted(out.glob("*/results.json"))]
    return {marks["student"]: marks for marks in found}


def outcomes(marks: dict[str, Any], module: str = "double") -> dict[str, str]:
    """What became of each check of an exercise."""
    return {each["name"].removeprefix("test_"): each["outcome"] for each in marks["exercises"][module]["checks"]}


def why_no_sandbox() -> str:
    """Why the full isolation level cannot be tested here; empty where it can."""
    problem = sandbox_problem()
    return "" if problem is None else f"no sandbox: {problem.problem}"


def run_grader(*arguments: Any, **settings: Any) -> subprocess.CompletedProcess[str]:
    """Run the installed command and wait for it."""
    command = [*GRADER, *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, **settings)
