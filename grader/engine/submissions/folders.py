"""Which students handed something in: one folder each, or one for a group."""

import dataclasses
import difflib
import os
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from grader.engine.submissions.files import UnreadableError, read_bytes, utf8
from grader.errors import GraderError

GROUP_FILE = "group.txt"
_GROUP_BYTES = 64 * 1024


@dataclass(frozen=True)
class Submission:
    """A student's folder.

    student: the folder's name, made printable; members: who shares the marks (empty: the student alone);
    problem: why nothing in the folder is looked at; notes: what the teacher should know.
    """

    student: str
    folder: Path
    members: tuple[str, ...] = ()
    problem: str | None = None
    notes: tuple[str, ...] = ()


def find_submissions(root: Path, students: Iterable[str] | None = None) -> list[Submission]:
    """The submissions below `root`, sorted by student; `students` picks some, by their names or their members'.

    Hidden folders and plain files are ignored. Raises GraderError where there is no submission, or not the one named.
    """
    try:
        with os.scandir(root) as entries:
            folders = [Path(entry.path) for entry in entries if _is_folder(entry)]
    except OSError as error:
        problem = f"The submissions in {root} cannot be read: {error.strerror}."
        raise GraderError(problem, "Name a folder that holds one folder for each student.") from error
    if not folders:
        raise GraderError(f"{root} holds no student's folder.", "Name a folder that holds one folder for each student.")
    found = _with_shared_members_noted(sorted(map(_submission, folders), key=lambda each: each.student))
    return found if students is None else _picked(found, students)


def printable(name: str) -> str:
    """`name` itself where it can be printed, else with escapes as in Python; two names never become the same."""
    if name.isprintable() and "\\" not in name:
        return name
    return "".join(
        char if char.isprintable() and char != "\\" else char.encode("unicode_escape").decode("ascii") for char in name
    )


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return not entry.name.startswith(".") and entry.is_dir()
    except OSError:  # a link to itself, for instance
        return False


def _submission(folder: Path) -> Submission:
    student = printable(folder.name)
    if folder.is_symlink():
        return Submission(student, folder, problem="The folder is a symbolic link: hand in the folder itself.")
    if not os.access(folder, os.R_OK | os.X_OK):
        return Submission(student, folder, problem="The folder cannot be read: correct its permissions.")
    if not os.path.lexists(folder / GROUP_FILE):
        return Submission(student, folder)
    try:
        return Submission(student, folder, _members(folder / GROUP_FILE))
    except UnreadableError as error:
        return Submission(student, folder, notes=(f"The group's members are unknown: {error}",))


def _members(file: Path) -> tuple[str, ...]:
    lines = (line.strip() for line in utf8(read_bytes(file, file.name, _GROUP_BYTES), file.name).splitlines())
    names = (printable(line) for line in lines if line and not line.startswith("#"))
    return tuple(dict.fromkeys(names))


def _with_shared_members_noted(found: list[Submission]) -> list[Submission]:
    """A member of two groups, or with a folder besides the group's, would get two rows of marks: that is said."""
    counts = Counter(name for each in found for name in each.members or (each.student,))
    return [
        dataclasses.replace(
            each,
            notes=each.notes
            + tuple(f"{name} is a member here and in another folder." for name in each.members if counts[name] > 1),
        )
        for each in found
    ]


def _picked(found: list[Submission], students: Iterable[str]) -> list[Submission]:
    wanted = set(students)
    if not wanted:
        raise GraderError("No student is named.", "Name one or more, separated by commas.")
    known = {name for each in found for name in (each.student, *each.members)}
    for name in sorted(wanted - known):
        near = difflib.get_close_matches(name, known) or sorted(known)[:5]
        raise GraderError(f"No submission belongs to {printable(name)}.", f"There are, for example: {', '.join(near)}.")
    return [each for each in found if wanted.intersection((each.student, *each.members))]
