"""Marks as files: one results.json a student, and one table for the class."""

import csv
import hashlib
import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from math import fsum
from pathlib import Path
from typing import Any, BinaryIO

from grader.atomic import write_atomically
from grader.gradebook.models import ExerciseResult, Picture, Verdict

SCHEMA = 1
RESULTS = "results.json"

_WITHHELD = (
    "{count} of the checks could not be judged, by a fault of the grader: the mark is withheld until it is rerun."
)
_MISSING = "Not handed in: there is neither {exercise}.py nor {exercise}.ipynb."
_UNGRADED = "Not graded yet: the run ended before it came to this exercise."

_NAME_BYTES = 200
# Control characters, halves of characters, and the names that the folder or the gradebook itself has.
_UNFIT = re.compile(r"[/\x00-\x1f\x7f\ud800-\udfff]|^\.{1,2}$|^gradebook\.|^staff$", re.IGNORECASE)
_FITTED = re.compile(r".*~[0-9a-f]{16}")
_FORMULA = re.compile(r"\s*['=+\-@\t\r\n＝＋－＠]")


def results(
    student: str, found: Mapping[str, ExerciseResult], course_exercises: Sequence[tuple[str, float]]
) -> dict[str, Any]:
    """A student's marks in the form of results.json.

    found: as of `Gradebook.exercise_results`; course_exercises: name and maximum of each exercise, in order.

    A skipped check leaves the maximum. An exercise that is missing, or gives no module, scores 0 of its maximum.
    """
    exercises = {name: _exercise(name, maximum, found.get(name)) for name, maximum in course_exercises}
    levels = sorted({result.isolation for name, result in found.items() if name in exercises and result.isolation})
    return {
        "schema": SCHEMA,
        "student": student,
        "score": _sum(entry["score"] for entry in exercises.values()),
        "max_score": _sum(entry["max_score"] for entry in exercises.values()),
        "isolation": ", ".join(levels),
        "exercises": exercises,
    }


def without_times(marks: dict[str, Any]) -> dict[str, Any]:
    """`marks` as of `results`, without what differs from run to run: the seconds."""
    exercises = {
        name: entry | {"checks": [{k: v for k, v in check.items() if k != "seconds"} for check in entry["checks"]]}
        for name, entry in marks["exercises"].items()
    }
    return marks | {"exercises": exercises}


def write_results(folder: Path, marks: dict[str, Any]) -> Path:
    """Write `folder`/<student>/results.json, whole or not at all; returns the file."""
    file = folder / folder_name(marks["student"]) / RESULTS
    text = json.dumps(marks, ensure_ascii=False, indent=2) + "\n"
    write_atomically(file, lambda target: target.write(text.encode("utf-8", "backslashreplace")))
    return file


def write_pictures(folder: Path, student: str, results: Mapping[str, ExerciseResult]) -> None:
    """Write what the checks have drawn: into the student's folder, that of hidden checks into `folder`/staff."""
    own = folder_name(student)
    for exercise, result in results.items():
        for verdict in result.verdicts:
            for picture in verdict.pictures:
                place = folder / (own if verdict.visibility == "visible" else f"staff/{own}")
                write_atomically(place / _picture(exercise, verdict, picture), partial(_write, picture.content))


def _write(content: bytes, target: BinaryIO) -> None:
    target.write(content)


def _picture(exercise: str, verdict: Verdict, picture: Picture) -> str:
    return f"pictures/{exercise}/{verdict.name.removeprefix('test_')}.{picture.name}.{picture.kind}"


def folder_name(student: str) -> str:
    """A student's name where it can be a folder's, else a form of it that can, and that is nobody else's."""
    fit = _UNFIT.sub("_", student).encode("utf-8")[:_NAME_BYTES].decode("utf-8", "ignore")
    if fit == student and fit and not _FITTED.fullmatch(fit):
        return student
    mark = hashlib.sha256(student.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    return f"{fit}~{mark}"


def write_csv(
    file: Path,
    everyone: Iterable[dict[str, Any]],
    exercises: Sequence[str],
    members: Mapping[str, Sequence[str]],
) -> None:
    """Write the class's table: student, a column an exercise, total, max_total; `exercises` are its columns, in order.

    everyone: the `results` of each student; members: of each group, as of `Gradebook.students`. A group's folder gives
    a row for each of its members, but for one who has a folder of their own: that one counts.
    """
    text = io.StringIO(newline="")
    rows = csv.writer(text)
    rows.writerow(["student", *map(_cell, exercises), "total", "max_total"])
    everyone = list(everyone)
    alone = {marks["student"] for marks in everyone if not members.get(marks["student"])}
    for marks in everyone:
        scores = [marks["exercises"][name]["score"] if name in marks["exercises"] else "" for name in exercises]
        for student in members.get(marks["student"]) or [marks["student"]]:
            if student == marks["student"] or student not in alone:  # a group cannot take in who hands in alone
                rows.writerow([_cell(student), *scores, marks["score"], marks["max_score"]])
    write_atomically(file, lambda target: target.write(text.getvalue().encode("utf-8", "backslashreplace")))


def _cell(text: str) -> str:
    """A name as a spreadsheet shows it: never taken for a formula. The mark for that, ', is itself marked."""
    return f"'{text}" if _FORMULA.match(text) else text


def _exercise(name: str, maximum: float, result: ExerciseResult | None) -> dict[str, Any]:
    if result is None:
        return _entry(name, 0.0, maximum, "missing", _UNGRADED, (), ())
    if result.status != "graded":
        message = result.message or (_MISSING.format(exercise=name) if result.status == "missing" else "")
        return _entry(name, 0.0, maximum, result.status, message, result.notes, ())
    errors = sum(verdict.outcome == "error" for verdict in result.verdicts)
    withheld = _WITHHELD.format(count=errors) if errors else ""
    return _entry(
        name,
        _sum(verdict.score for verdict in result.verdicts if verdict.outcome not in ("error", "skipped")),
        _sum([maximum, *(-verdict.max_score for verdict in result.verdicts if verdict.outcome == "skipped")]),
        result.status,
        " ".join(filter(None, [result.message, withheld])),
        result.notes,
        result.verdicts,
    )


def _entry(
    exercise: str,
    score: float,
    maximum: float,
    status: str,
    message: str,
    notes: Sequence[str],
    verdicts: Sequence[Verdict],
) -> dict[str, Any]:
    return {
        "score": score,
        "max_score": float(maximum),
        "status": status,
        **({"message": message} if message else {}),
        **({"notes": list(notes)} if notes else {}),
        "checks": [_check(exercise, verdict) for verdict in verdicts],
    }


def _check(exercise: str, verdict: Verdict) -> dict[str, Any]:
    shown = [_picture(exercise, verdict, p) for p in verdict.pictures] if verdict.visibility == "visible" else []
    return verdict.plain() | ({"pictures": shown} if shown else {})


def _sum(points: Iterable[float]) -> float:
    """The sum, the same in whatever order, without the last digits that binary fractions leave."""
    return round(fsum(points), 6)
