"""What a check is: a pytest function with points, a goal and a sentence."""

import importlib.util
import inspect
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from grader.errors import GraderError


@dataclass(frozen=True)
class Check:
    """One thing that is judged about an exercise.

    sentence: what the student reads; recipe: how to build inputs like the hidden ones; evidence: strong, a value that
    only the right computation gives, or observed, what an instrument noted beside student code; seconds: wall time.
    """

    name: str
    function: Callable[..., None]
    points: float
    goal: str
    hidden: bool
    evidence: str
    after: tuple[str, ...]
    learning: bool
    seconds: float
    recipe: str

    @property
    def sentence(self) -> str:
        return (inspect.getdoc(self.function) or "").split("\n\n")[0].replace("\n", " ")

    @property
    def visibility(self) -> str:
        return "hidden" if self.hidden else "visible"


def check(
    *,
    points: float = 1.0,
    goal: str,
    after: Callable | Sequence[Callable] = (),
    hidden: bool = False,
    observed: bool = False,
    learning: bool = False,
    seconds: float = 10.0,
    recipe: str = "",
) -> Callable[[Callable], Callable]:
    """Make a pytest function a check.

    after: the checks that must have passed before; hidden: inputs come from the course's secret; learning: a failure
    is repeated once with other draws.
    """
    before = (after,) if callable(after) else after

    def mark(function: Callable) -> Callable:
        function.check = Check(  # type: ignore[attr-defined]
            name=function.__name__,
            function=function,
            points=points,
            goal=goal,
            hidden=hidden,
            evidence="observed" if observed else "strong",
            after=tuple(other.__name__ for other in before),
            learning=learning,
            seconds=seconds,
            recipe=recipe,
        )
        return function

    return mark


def collect(folder: Path, module: str) -> list[Check]:
    """The checks of an exercise, from `folder`/test_<module>.py: visible, then hidden, each in order of declaration.

    What a worker has seen of hidden inputs could come out through a visible check's message, so these come first.
    Raises GraderError.
    """
    found = [value.check for value in vars(load_checks(folder, module)).values() if hasattr(value, "check")]
    return sorted(found, key=lambda check: check.hidden)


def load_checks(folder: Path, module: str) -> ModuleType:
    """Import test_<module>.py from `folder`. Raises GraderError where it is not there."""
    return load_file(folder / f"test_{module}.py", f"grader_course_checks.{folder.resolve()}.{module}")


def load_file(path: Path, name: str) -> Any:
    """Import a file under `name`, once. Raises GraderError where it is not there."""
    if name not in sys.modules:
        spec = importlib.util.spec_from_file_location(name, path)
        if spec is None or spec.loader is None or not path.is_file():
            raise GraderError(f"There is no {path}.", "Every exercise of a course needs it: run `grader author check`.")
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        try:
            spec.loader.exec_module(module)
        except BaseException:
            del sys.modules[name]
            raise
    return sys.modules[name]
