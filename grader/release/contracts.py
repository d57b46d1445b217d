"""The contract of every exercise as a page: each promise, the check that sees to it, the mistakes that it notices."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from grader.catalogue import Course
from grader.engine.workbench import Workbench


def contracts_page(course: Course) -> str:
    """A Markdown page, a table for each exercise; a row for each check, in the order in which they are judged."""
    lines = ["# What is judged", "", "Made by `grader author contracts`; do not edit it."]
    for exercise in course.exercises:
        lines += ["", f"## `{exercise.module}`: {exercise.title}", "", *_table(Workbench(course, exercise.module))]
    return "\n".join(lines) + "\n"


def _table(bench: Workbench) -> Iterator[str]:
    noticed: dict[str, list[str]] = defaultdict(list)
    for mutant in bench.mutants:
        noticed[mutant.check].append(mutant.mistake)
    yield "| promise | check | points | must notice that |"
    yield "|---|---|---|---|"
    for check in bench.checks:
        marks = f"{check.points:g}, {check.visibility}" + (", observed" if check.evidence == "observed" else "")
        yield _row([check.sentence, f"`{check.name}`", marks, "; ".join(noticed[check.name]) or "—"])


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(" ".join(cell.split()).replace("|", "\\|") for cell in cells) + " |"
