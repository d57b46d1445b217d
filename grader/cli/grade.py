"""`grader grade`: a class's marks."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader.cli.options import chosen_exercises, console, course_option, exercises_option, one_thread, secret_option

if TYPE_CHECKING:
    from grader.engine.grading import Progress, Summary

isolation_option = click.option(
    "--isolation",
    type=click.Choice(["full", "process"]),
    default="full",
    show_default=True,
    help="process: without a sandbox, for a class that you trust; written into every result.",
)
jobs_option = click.option(
    "--jobs", type=click.IntRange(min=1), help="Submissions judged at once (default: one for each core)."
)


@click.command(
    "grade",
    epilog="Examples:\n\n\b\n  grader grade handed_in --out marks\n"
    "  grader grade handed_in --out marks --exercises neuron,training\n"
    "  grader grade handed_in --out marks --students ada,grace --jobs 8\n\n"
    "A killed run goes on where it was; a second run grades only what has changed. "
    "Exit codes: 0 done, whatever the marks; 1 the run itself failed, or a mark is withheld; 2 wrong usage.",
)
@click.argument("submissions", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Where the gradebook and the results go.")
@exercises_option
@click.option("--students", metavar="A,B,…", help="Only these students.")
@jobs_option
@isolation_option
@secret_option
@click.option("--mix-secrets", is_flag=True, help="Go on in a gradebook whose marks came with another secret.")
@course_option
@click.option("-q", "--quiet", is_flag=True, help="Print nothing but errors.")
def grade_command(
    submissions: Path,
    out: Path,
    exercises: str | None,
    students: str | None,
    jobs: int | None,
    isolation: str,
    secret_file: Path | None,
    mix_secrets: bool,
    course_path: Path | None,
    quiet: bool,
) -> None:
    """Grade SUBMISSIONS, a folder with one folder a student, into the folder OUT.

    OUT gets gradebook.sqlite, gradebook.csv, and a results.json for each student.
    """
    one_thread()
    from grader.catalogue import load_course
    from grader.checks.draws import course_secret
    from grader.engine.grading import Order, grade

    course = load_course(course_path)
    order = Order(
        course=course,
        submissions=submissions,
        out=out,
        exercises=chosen_exercises(course, exercises),
        secret=course_secret(secret_file),
        students=[name.strip() for name in students.split(",") if name.strip()] if students else None,
        jobs=jobs or 0,
        isolation=isolation,
        mix_secrets=mix_secrets,
    )
    screen = console(quiet=quiet)
    if isolation != "full":
        screen.print(
            f"[bold yellow]Isolation level “{isolation}”[/]: student code can read and change this user's files."
        )
    with progress_shown(screen) as report:
        summary = grade(order, report)
    print_summary(screen, summary, out)
    if summary.withheld:
        raise SystemExit(1)


@contextmanager
def progress_shown(screen: Any) -> Iterator[Callable[["Progress"], None]]:
    """A progress bar on a terminal; nothing elsewhere."""
    if not screen.is_terminal or screen.quiet:
        yield lambda progress: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bar

    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[rate]}"), TimeRemainingColumn())
    # No refresh thread: this process forks the judges.
    with Bar(TextColumn("{task.description}"), *columns, console=screen, auto_refresh=False, transient=True) as bar:
        shown = bar.add_task("Starting", total=None, rate="")
        bar.refresh()
        next_refresh = 0.0

        def report(progress: "Progress") -> None:
            nonlocal next_refresh
            if progress.seconds < next_refresh and progress.done < progress.total:
                return
            next_refresh = progress.seconds + 0.1
            rate = f"{progress.done / progress.seconds:.1f} modules/s" if progress.seconds > 0.5 else ""
            rate += f", {progress.checks} checks"
            bar.update(shown, description="Grading", total=progress.total, completed=progress.done, rate=rate)
            bar.refresh()

        yield report


def print_summary(screen: Any, summary: "Summary", out: Path) -> None:
    """The class's table, and where everything lies."""
    from rich.markup import escape
    from rich.table import Table

    if summary.marks and len(summary.marks) <= 40:
        table = Table(box=None, pad_edge=False, header_style="bold")
        table.add_column("student", overflow="fold")
        exercises = list(summary.marks[0]["exercises"])
        wide = sum(max(len(name), 9) + 2 for name in exercises) + 30 > screen.width and len(exercises) > 6
        for name in ["total", "most lost in"] if wide else [*exercises, "total"]:
            table.add_column(name, justify="left" if name == "most lost in" else "right", overflow="fold")
        for marks in summary.marks:
            total = f"[bold]{marks['score']:g}[/]/{marks['max_score']:g}"
            cells = [_cell(entry) for entry in marks["exercises"].values()]
            table.add_row(escape(marks["student"]), *([total, _worst(marks["exercises"])] if wide else [*cells, total]))
        screen.print(table)
        screen.print()
    judged = f"{summary.judged} judged now" + (f", {summary.known} known from before" if summary.known else "")
    pace = f" in {summary.seconds:.1f} s ({summary.start_seconds:.1f} s of it to start)" if summary.judged else ""
    screen.print(f"{summary.students} submissions, {summary.modules} modules handed in: {judged}{pace}.")
    if summary.withheld:
        screen.print(f"[bold red]{summary.withheld} checks are withheld[/] by a fault of the grader: run it again.")
    for name, what in (("gradebook.csv", "the class's table"), ("gradebook.sqlite", "every verdict"),
                       ("<student>/results.json", "a student's marks and messages")):  # fmt: skip
        screen.print(f"  {escape(str(out / name))}  [dim]{what}[/]", soft_wrap=True)


def _worst(exercises: dict[str, dict[str, Any]]) -> str:
    """The three exercises in which most points are missing."""
    lost = {name: entry["max_score"] - entry["score"] for name, entry in exercises.items()}
    worst = sorted((name for name in lost if lost[name] > 0), key=lambda name: -lost[name])
    more = f", {len(worst) - 3} more" if len(worst) > 3 else ""
    return ", ".join(f"{name} {_cell(exercises[name])}" for name in worst[:3]) + more


def _cell(entry: dict[str, Any]) -> str:
    if entry["status"] == "missing":
        return "[dim]–[/]"
    if entry["status"] == "import_error":
        return "[red]no module[/]"
    full = entry["score"] >= entry["max_score"]
    return f"[{'green' if full else 'yellow' if entry['score'] else 'red'}]{entry['score']:g}[/]/{entry['max_score']:g}"
