"""A student's files are imported as Python would import them from their folder, and never in place of a library."""

import colorsys
import inspect
import json
import random
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from grader.checks.student import Conversation, Raised
from grader.engine.submissions import read_module
from grader.engine.workers import InProcess, deadline_in
from grader.worker.loading import StudentFinder

Load = Callable[..., Conversation]


def notebook(*sources: str) -> str:
    cells = [{"cell_type": "code", "source": source, "outputs": []} for source in sources]
    return json.dumps({"cells": cells, "nbformat": 4, "nbformat_minor": 5, "metadata": {}})


def is_students(module: Any) -> bool:
    return isinstance(getattr(module, "__loader__", None), StudentFinder)


@pytest.fixture
def load(tmp_path: Path) -> Iterator[Load]:
    """Writes a student's files, and gives a conversation with a worker that has imported `task`."""
    workers, before = [], {name: module for name, module in sys.modules.items() if not is_students(module)}

    def load(files: dict[str, str], exercises: tuple[str, ...] = ("task",)) -> Conversation:
        for name, text in files.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(text)
        source = read_module(tmp_path, "task")
        assert source is not None
        assert source.problem is None
        workers.append(InProcess())
        conversation = Conversation(workers[-1])
        conversation.deadline = deadline_in(20)
        sent = [[file.module, file.filename, list(file.cells), file.notebook] for file in source.files]
        conversation.failed_cells = conversation.ask("load", "task", sent, list(exercises))  # type: ignore[attr-defined]
        return conversation

    yield load
    for worker in workers:
        worker.end()
    for name, module in list(sys.modules.items()):
        if is_students(module):
            del sys.modules[name]
    changed = [name for name in before if sys.modules.get(name) is not before[name]]
    sys.modules.update(before)
    assert not changed


def call(conversation: Conversation, name: str, *args: Any) -> Any:
    return conversation.ask("call", name, list(args), {}, False)


def place_of(conversation: Conversation, name: str, *args: Any) -> str:
    with pytest.raises(Raised) as raised:
        call(conversation, name, *args)
    return raised.value.where


# ---------------------------------------------------------------- modules


def test_a_script_is_a_module(load: Load) -> None:
    student = load({"task.py": "def double(x):\n    return 2 * x\n\n\nwho = lambda: (__name__, __file__)\n"})
    assert call(student, "double", 21) == 42
    assert call(student, "who") == ("task", "task.py")


def test_a_notebook_is_a_module(load: Load) -> None:
    student = load(
        {
            "task.ipynb": notebook(
                "%matplotlib inline\nfactor = 2", "def double(x):\n    return factor * x", "display(factor)"
            )
        }
    )
    assert call(student, "double", 21) == 42
    assert student.failed_cells == []  # type: ignore[attr-defined]


def test_what_stands_below_main_does_not_run(load: Load) -> None:
    student = load(
        {"task.py": "ran = []\nif __name__ == '__main__':\n    ran.append(1)\n\n\ndef get():\n    return ran\n"}
    )
    assert call(student, "get") == []


def test_a_module_that_fails_says_how_and_where(load: Load) -> None:
    with pytest.raises(Raised) as raised:
        load({"task.py": "x = 1\ny = x / 0\n"})
    assert raised.value.text() == "ZeroDivisionError: division by zero (task.py, line 2)"


@pytest.mark.parametrize("statement", ["raise SystemExit(0)", "exit()", "raise KeyboardInterrupt", "import none_such"])
def test_a_script_that_leaves_or_lacks_something_gives_no_module(load: Load, statement: str) -> None:
    with pytest.raises(Raised) as raised:
        load({"task.py": f"x = 1\n{statement}\n"})
    assert raised.value.where == "task.py, line 2"


def test_dataclasses_and_sources_work_as_in_a_file(load: Load) -> None:
    lines = [
        "from __future__ import annotations", "import dataclasses, inspect", "@dataclasses.dataclass",
        "class Point:", "    x: int = 3", "def f():", "    return inspect.getsource(Point)",
    ]  # fmt: skip
    student = load({"task.py": "\n".join(lines)})
    assert call(student, "f") == "@dataclasses.dataclass\nclass Point:\n    x: int = 3\n"


def test_a_future_import_stays_in_its_file(load: Load) -> None:
    student = load({"task.py": "def f(x: 1 + 1):\n    return f.__annotations__['x']\n"})
    assert call(student, "f", 0) == 2


# ---------------------------------------------------------------- notebooks


def test_a_failing_cell_costs_only_what_depends_on_it(load: Load) -> None:
    cells = ["x = 1", "y = 1 / 0", "def f():\n    return x", "def g():\n    return y"]
    student = load({"task.ipynb": notebook(*cells)})
    assert student.failed_cells == [[2, "ZeroDivisionError", "division by zero"]]  # type: ignore[attr-defined]
    assert call(student, "f") == 1
    with pytest.raises(Raised) as raised:
        call(student, "g")
    assert (raised.value.kind, raised.value.where) == ("NameError", "task.ipynb, cell 4, line 2")


@pytest.mark.parametrize(
    "cell",
    [
        "def broken(:\n    pass",
        "exit()",
        "import sys\nsys.exit('done')",
        "raise KeyError",
        "import none_such",
        "get_ipython().run_line_magic('time', '')",
        "class Odd(Exception):\n    def __str__(self):\n        raise Odd\nraise Odd",
        "def f():\n    f()\nf()",
        "await f()",
    ],
)
def test_whatever_way_a_cell_fails_the_next_ones_run(load: Load, cell: str) -> None:
    student = load({"task.ipynb": notebook(cell, "def f():\n    return 3")})
    assert call(student, "f") == 3
    assert [number for number, *_ in student.failed_cells] == [1]  # type: ignore[attr-defined]


def test_a_failing_cell_of_an_imported_notebook_costs_only_what_depends_on_it(load: Load) -> None:
    files = {
        "task.py": "import lib\n\n\ndef f():\n    return lib.two()\n",
        "lib.ipynb": notebook("1 / 0", "def two():\n    return 2"),
    }
    assert call(load(files), "f") == 2


# ---------------------------------------------------------------- the student's other files


def test_files_beside_it_can_be_imported(load: Load) -> None:
    files = {
        "task.py": "import beside\nfrom other import three\n\n\ndef f():\n    return beside.two + three()\n",
        "beside.py": "two = 2",
        "other.ipynb": notebook("import beside", "def three():\n    return beside.two + 1"),
    }
    assert call(load(files), "f") == 5


def test_files_may_import_each_other(load: Load) -> None:
    files = {
        "task.py": "import beside\n\n\ndef f():\n    return beside.g()\n\n\ndef h():\n    return 4\n",
        "beside.py": "import task\n\n\ndef g():\n    return task.h()\n",
    }
    assert call(load(files), "f") == 4


PACKAGES = {
    "a package": {
        "deep/__init__.py": "from .down import two\nfrom . import beside",
        "deep/down.py": "two = 2",
        "deep/beside.py": "from .down import two\nthree = two + 1",
    },
    "a package without __init__": {
        "deep/beside.py": "from .down import two\nthree = two + 1",
        "deep/down.py": "two = 2",
    },
    "a package that is one file": {"deep/__init__.py": "class beside:\n    three = len(__path__) + 3\n"},
}


@pytest.mark.parametrize(
    ("kind", "statement"),
    [
        ("a package", "import deep.beside as beside"),
        ("a package", "from deep import beside"),
        ("a package", "import deep\nbeside = deep.beside"),
        ("a package without __init__", "import deep.beside as beside"),
        ("a package without __init__", "from deep import beside"),
        ("a package that is one file", "from deep import beside"),
        ("a package that is one file", "import deep\nbeside = deep.beside"),
    ],
)
def test_packages_work(load: Load, kind: str, statement: str) -> None:
    student = load({"task.py": f"{statement}\n\n\ndef f():\n    return beside.three\n", **PACKAGES[kind]})
    assert call(student, "f") == 3


def test_packages_in_packages_work_with_and_without_init(load: Load) -> None:
    files = {
        "task.py": "from a.b.c import f\nimport a.x.y\n\n\ndef g():\n    return f() + a.x.y.five\n",
        "a/b/c.py": "from ..x import y\nfrom ..x.y import five\nfrom . import d\nf = lambda: y.five + five + d.one\n",
        "a/b/d.py": "one = 1",
        "a/x/__init__.py": "",
        "a/x/y.py": "five = 5",
    }
    student = load(files)
    assert call(student, "f") == 11
    assert call(student, "g") == 16


def test_a_relative_import_beyond_the_folder_fails(load: Load) -> None:
    with pytest.raises(Raised) as raised:
        load({"task.py": "from . import beside\n", "beside.py": "x = 1"})
    assert raised.value.kind == "ImportError"


def test_a_later_session_of_the_process_sees_only_its_own_files(load: Load) -> None:
    text = "import beside\n\n\ndef f():\n    return beside.number\n"
    for number in (1, 2):
        student = load({"task.py": text, "beside.py": f"number = {number}"})
        assert call(student, "f") == number


# ---------------------------------------------------------------- libraries


def test_a_students_file_shadows_no_library(load: Load) -> None:
    text = (
        "import json, random, torch\nfrom torch import nn\nimport torch.nn.functional as F\nimport click\n\n\n"
        "def f():\n    return [m.__name__ for m in (json, random, torch, nn, F, click) if hasattr(m, 'stolen')]\n\n\n"
        "def which():\n    return id(torch), id(random)\n"
    )
    mine = dict.fromkeys(("json.py", "random.py", "torch.py", "click/__init__.py", "click/core.py"), "stolen = True")
    student = load({"task.py": text, **mine})
    assert call(student, "f") == []
    assert call(student, "which") == (id(torch), id(random))


def test_an_exercises_name_goes_before_a_library(load: Load) -> None:
    text = "import colorsys\n\n\ndef f():\n    return colorsys.mine\n"
    student = load({"task.py": text, "colorsys.py": "mine = True"}, exercises=("task", "colorsys"))
    assert call(student, "f") is True
    del sys.modules["colorsys"]
    sys.modules["colorsys"] = colorsys


# ---------------------------------------------------------------- places


def test_an_exceptions_place_is_the_students_own_line(load: Load) -> None:
    lines = ["import torch, json", "def f():", "    x = torch.ones(2, 3)", "    return x @ x"]
    text = "\n".join([*lines, "def g(text):", "    return json.loads(text)\n"])
    student = load({"task.py": text})
    assert place_of(student, "f") == "task.py, line 4"
    assert place_of(student, "g", "{") == "task.py, line 6"


def test_of_several_files_the_place_is_in_the_innermost(load: Load) -> None:
    files = {
        "task.py": "from deep.down import f\n\n\ndef g(do):\n    return f(do)\n",
        "deep/down.py": "import lib\n\n\ndef f(do):\n    return lib.h() if do else {}['none']\n",
        "lib.ipynb": notebook("x = 1", "\ndef h():\n    return 1 / 0"),
    }
    student = load(files)
    assert place_of(student, "g", False) == "deep/down.py, line 5"
    assert place_of(student, "g", True) == "lib.ipynb, cell 2, line 3"


def test_a_syntax_error_is_placed_where_it_stands(load: Load) -> None:
    with pytest.raises(Raised) as raised:
        load({"task.py": "x = 1\ndef f(:\n    pass\n"})
    assert (raised.value.kind, raised.value.where) == ("SyntaxError", "task.py, line 2")
    with pytest.raises(Raised) as raised:
        load({"task.py": "import deep.down\n", "deep/down.py": "\n\n1 +\n"})
    assert raised.value.where == "deep/down.py, line 3"


def test_a_syntax_error_in_text_that_the_student_runs_is_placed_at_the_student(load: Load) -> None:
    student = load({"task.py": "def f(text):\n    return eval(text)\n"})
    assert place_of(student, "f", "1 +") == "task.py, line 2"


def test_what_is_wrong_stands_in_the_message(load: Load) -> None:
    student = load({"task.py": "def f(kind):\n    raise kind\n\n\ndef g():\n    return {}['none such']\n"})
    with pytest.raises(Raised) as raised:
        call(student, "g")
    assert raised.value.text() == "KeyError: none such (task.py, line 6)"


def test_sources_stay_readable_for_tracebacks(load: Load) -> None:
    load({"task.py": "def f():\n    return 1\n"})
    assert inspect.getsource(sys.modules["task"].f) == "def f():\n    return 1\n"
