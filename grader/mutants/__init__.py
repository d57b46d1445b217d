"""Known mistakes: each a named edit of a reference, the mistake in the student's terms, and who must notice."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from grader.checks.registry import load_file
from grader.errors import GraderError


@dataclass(frozen=True)
class Mutant:
    """An edit of the reference: every (old, new) is replaced once.

    mistake: what the student did, as in "… is what you get when <mistake>"; check: the one that must fail; told: whether
    students are told, which would spoil an exercise that is about finding it.
    """

    name: str
    edits: Sequence[tuple[str, str]]
    mistake: str
    check: str
    told: bool = True

    def apply(self, source: str) -> str:
        """The reference's source with this mistake in it. Raises GraderError where an edit does not fit once."""
        for old, new in self.edits:
            if source.count(old) != 1:
                raise GraderError(
                    f"Mutant {self.name}: {old!r} stands {source.count(old)} times in the reference.",
                    "Give an edit whose old text stands there exactly once.",
                )
            source = source.replace(old, new)
        return source


def mutants(folder: Path, module: str) -> list[Mutant]:
    """The known mistakes of an exercise, from <folder>/<module>.py; none where there is no such file."""
    path = folder / f"{module}.py"
    return list(load_file(path, f"grader_course_mutants.{path.resolve()}").MUTANTS) if path.exists() else []
