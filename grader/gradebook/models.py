"""What a gradebook holds: verdicts, and what became of each exercise that a student handed in."""

import math
from dataclasses import asdict, dataclass
from typing import Any

OUTCOMES = ("passed", "failed", "blocked", "error", "timeout", "crashed", "skipped")
STATUSES = ("graded", "missing", "import_error")


@dataclass(frozen=True)
class Picture:
    """What a check has drawn of the evidence; kind: png, svg or txt."""

    name: str
    kind: str
    content: bytes


@dataclass(frozen=True)
class Verdict:
    """The mark of one check.

    visibility: visible or hidden; evidence: strong (a value that only the right computation gives) or observed (noted
    beside the student's code, where it can be forged); message and hint: what the student reads; seconds: the cost;
    pictures: of what came back.
    """

    name: str
    score: float
    max_score: float
    outcome: str
    visibility: str
    goal: str
    evidence: str
    message: str
    hint: str
    seconds: float
    pictures: tuple[Picture, ...] = ()

    def plain(self) -> dict[str, Any]:
        """Its fields by name, but for the pictures."""
        fields = asdict(self)
        del fields["pictures"]
        return fields

    def __post_init__(self) -> None:
        _one_of("outcome", self.outcome, OUTCOMES)
        _one_of("visibility", self.visibility, ("visible", "hidden"))
        _one_of("evidence", self.evidence, ("strong", "observed"))
        if not (math.isfinite(self.max_score) and 0 <= self.score <= self.max_score):
            raise ValueError(f"score: {self.score} is not between 0 and {self.max_score}")


@dataclass(frozen=True)
class ExerciseResult:
    """What one exercise of one student came to.

    status: graded, missing or import_error; message: why there are no marks; notes: what the student should know;
    isolation: the level under which it was graded; verdicts: in the order of the checks, none unless graded.
    """

    exercise: str
    status: str
    message: str
    notes: tuple[str, ...]
    isolation: str
    verdicts: tuple[Verdict, ...]


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise ValueError(f"{name}: {value!r} is none of {', '.join(allowed)}")
