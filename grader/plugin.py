"""Plain `pytest` in a student's folder: the visible checks of every exercise there, judged as `grader check` does.

A folder switches it on with `pytest_plugins = ["grader.plugin"]` in its conftest.py, as the stubs' does, or on
the command line with `-p grader.plugin`.
"""

from pathlib import Path
from typing import Any

import pytest

from grader.catalogue import load_course
from grader.engine.judge import NoModule
from grader.engine.local import Desk


class Exercise(pytest.File):
    """A student's file; its items are the visible checks of the exercise."""

    desk: Desk

    def collect(self) -> list[Any]:
        """The check functions, as pytest collects them from the file that they stand in."""
        checks = self.desk.course.checks / f"test_{self.path.stem}.py"
        functions = pytest.Module.from_parent(self, path=checks, nodeid=self.nodeid).collect()
        found = [(function, getattr(getattr(function, "obj", None), "check", None)) for function in functions]
        return [function for function, check in found if check is not None and not check.hidden]


@pytest.hookimpl(wrapper=True)
def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> Any:
    """Collect `<exercise>.py`, or `<exercise>.ipynb` where there is no .py; nobody else is to import them here."""
    others = yield
    course = load_course()
    known = file_path.stem in {exercise.module for exercise in course.exercises}
    if not known or file_path.suffix not in (".py", ".ipynb"):
        return others
    if file_path.suffix == ".ipynb" and file_path.with_suffix(".py").exists():
        return []
    exercise = Exercise.from_parent(parent, path=file_path)
    exercise.desk = Desk(course, file_path.stem, file_path.parent)
    return [exercise]


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Judge a check as everywhere: its body against a worker of its own."""
    exercise = pyfuncitem.getparent(Exercise)
    if exercise is None:
        return None
    desk, check = exercise.desk, pyfuncitem.obj.check
    try:
        verdict = desk.judge_one(check)
    except NoModule as problem:
        pytest.fail(str(problem), pytrace=False)
    if verdict.outcome == "blocked":
        pytest.skip(verdict.message)
    if verdict.outcome != "passed":
        hint = f"\n{'hint':<10}{verdict.hint}" if verdict.hint else ""
        pytest.fail(f"{check.sentence}\n{verdict.message}{hint}", pytrace=False)
    return True


def pytest_unconfigure(config: pytest.Config) -> None:
    """End the workers."""
    Desk.close_all()


@pytest.fixture
def student() -> None:
    """The module handed in; filled in by `pytest_pyfunc_call`."""


@pytest.fixture
def oracle() -> None:
    """What a right solution answers; filled in by `pytest_pyfunc_call`."""


@pytest.fixture
def draw() -> None:
    """Random inputs; filled in by `pytest_pyfunc_call`."""
