"""A course: one table of its exercises, which also says in which folders they are."""

import difflib
import keyword
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from grader.errors import GraderError

TABLE = "course.toml"
_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Exercise:
    """One row of the table; `needs` names the earlier exercises that this one builds on."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    module: str
    title: str
    goals: tuple[str, ...]
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Course:
    """The exercises in the order of the course, and the folders with the files of each."""

    name: str
    exercises: tuple[Exercise, ...]
    solutions: Path
    stubs: Path
    checks: Path
    mutants: Path
    alternatives: Path

    def exercise(self, name: str) -> Exercise:
        """The exercise of that module name; raises GraderError, with the names that come near, for any other."""
        for exercise in self.exercises:
            if exercise.module == name:
                return exercise
        names = [exercise.module for exercise in self.exercises]
        near = difflib.get_close_matches(name, names) or names
        raise GraderError(f"{self.name} has no exercise {name!r}.", f"Choose from: {', '.join(near)}.")

    def select(self, names: str) -> tuple[Exercise, ...]:
        """The exercises of a list such as "a,b", each once and in the order of the course."""
        chosen = {self.exercise(name.strip()) for name in names.split(",") if name.strip()}
        if not chosen:
            raise GraderError("No exercise is named.", "Name one or more, separated by commas.")
        return tuple(exercise for exercise in self.exercises if exercise in chosen)


@dataclass(frozen=True)
class _Folders:
    """Where a course of one's own keeps its files, relative to its table."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    solutions: Path = Path("solutions")
    stubs: Path = Path("exercises")
    checks: Path = Path("checks")
    mutants: Path = Path("mutants")
    alternatives: Path = Path("alternatives")

    def below(self, root: Path) -> dict[str, Path]:
        return {name: root / folder for name, folder in vars(self).items()}


@dataclass(frozen=True)
class _Table:
    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}

    name: str
    exercises: tuple[Exercise, ...]
    folders: _Folders = field(default_factory=_Folders)


def load_course(path: Path | None = None) -> Course:
    """The course of the folder `path`, or the built-in one; raises GraderError that names file and entry."""
    file = (_HERE if path is None else path) / TABLE
    table = _read(file)
    _check_rows(table.exercises, file)
    folders = _built_in_folders() if path is None else table.folders.below(path)
    return Course(table.name, table.exercises, **folders)


def _built_in_folders() -> dict[str, Path]:
    """The folders of the course that comes with this package: in a wheel inside the package, else in the checkout."""
    own = {"checks": _HERE / "checks", "mutants": _HERE / "mutants"}
    wheel = _HERE / "course"
    if wheel.is_dir():
        return own | {
            "solutions": wheel / "solutions",
            "stubs": wheel / "exercises",
            "alternatives": wheel / "alternatives",
        }
    root = _HERE.parent
    return own | {
        "solutions": root / "solutions",
        "stubs": root / "exercises",
        "alternatives": root / "tests" / "alternatives",
    }


def _read(file: Path) -> _Table:
    try:
        content = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise GraderError(f"{file} does not exist.", f"Name a folder that holds a {TABLE}.") from None
    except OSError as error:
        raise GraderError(f"{file} cannot be read: {error.strerror}.", "Make it readable.") from error
    except UnicodeDecodeError as error:
        raise GraderError(f"{file} is not UTF-8 text (byte {error.start}).", "Save it as UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        raise GraderError(f"{file} is not TOML: {error}.", "Correct the line that it names.") from error

    from pydantic import TypeAdapter, ValidationError  # here: `grader --help` has no need of it

    try:
        return TypeAdapter(_Table).validate_python(content)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        entry = _entry(first["loc"])
        raise GraderError(f"{file}: {entry}: {first['msg']}.", "Correct this entry of the table.") from error


def _entry(place: Sequence[int | str]) -> str:
    """("exercises", 1, "title") as a reader of the table counts: "exercises, row 2, title"."""
    return ", ".join(f"row {part + 1}" if isinstance(part, int) else part for part in place) or "the table"


def _check_rows(exercises: Sequence[Exercise], file: Path) -> None:
    if not exercises:
        raise GraderError(f"{file}: exercises: the list is empty.", "Add a table [[exercises]] for each exercise.")
    seen: set[str] = set()
    for row, exercise in enumerate(exercises, start=1):
        where = f"{file}: exercises, row {row}"
        name = exercise.module
        if not name.isidentifier() or keyword.iskeyword(name):
            raise GraderError(f"{where}, module: {name!r} is no module name.", "Use letters, digits and underscores.")
        if name in seen:
            raise GraderError(f"{where}, module: {name!r} is there twice.", "Give each exercise a name of its own.")
        if not exercise.title.strip():
            raise GraderError(f"{where}, title: it is empty.", "Say in a few words what the exercise is.")
        if not exercise.goals or not all(goal.strip() for goal in exercise.goals):
            raise GraderError(f"{where}, goals: one is empty, or none is there.", "Say what the exercise teaches.")
        for need in exercise.needs:
            if need not in seen:
                raise GraderError(
                    f"{where}, needs: {need!r} is no earlier exercise.",
                    "Name only exercises that stand above this one.",
                )
        seen.add(name)
