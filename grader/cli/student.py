"""`grader list` and `grader check`: what a student needs at midnight."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from grader.cli.options import console, course_option, one_thread

if TYPE_CHECKING:
    from grader.catalogue import Course, Exercise
    from grader.gradebook.models import Verdict

MARKS = {
    "passed": "[green]✓[/]",
    "failed": "[red]✗[/]",
    "blocked": "[dim]·[/]",
    "timeout": "[red]⧖[/]",
    "crashed": "[red]✗[/]",
    "error": "[yellow]![/]",
    "skipped": "[dim]-[/]",
}
LABELS = ("call", "expected", "got", "hint", "likely", "inputs", "")
folder_option = click.option(
    "--folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    default=".",
    help="Where your files are (default: here).",
)


@click.command("list", epilog="Example:\n\n\b\n  grader list --folder my_course")
@folder_option
@course_option
def list_command(folder: Path, course_path: Path | None) -> None:
    """The exercises of the course, in order, and what there is of each in this folder."""
    from rich.table import Table

    from grader.catalogue import load_course

    course = load_course(course_path)
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in ("exercise", "what it is about", "here"):
        table.add_column(column, overflow="fold")
    for exercise in course.exercises:
        table.add_row(exercise.module, exercise.title, _state(course, exercise, folder))
    console().print(table)


@click.command(
    "check",
    epilog="Examples:\n\n\b\n  grader check            every exercise in this folder\n"
    "  grader check neuron     one of them\n"
    "  grader check -s vae     and show what it prints\n\nExit code 1 when a check fails.",
)
@click.argument("modules", nargs=-1, metavar="[MODULE]…")
@folder_option
@click.option("-s", "--show-output", is_flag=True, help="Show what your code prints.")
@course_option
def check_command(modules: tuple[str, ...], folder: Path, show_output: bool, course_path: Path | None) -> None:
    """Run the visible checks on your own solutions, on this machine.

    MODULE names exercises (default: all that are in the folder). The hidden checks, which run when you hand in, look
    at the same promises with other inputs.
    """
    one_thread()
    from grader.catalogue import load_course
    from grader.errors import GraderError

    course = load_course(course_path)
    screen = console()
    if modules:
        chosen = [course.exercise(Path(name).stem) for name in modules]
    else:
        chosen = [exercise for exercise in course.exercises if _file(exercise, folder)]
    if not chosen:
        raise GraderError(f"There is no exercise of the course in {folder.resolve()}.", "`grader list` names them all.")
    from grader.engine.judge import NoModule
    from grader.engine.local import Desk

    clean = True
    for exercise in chosen:
        screen.print(f"[bold]{exercise.module}[/]  [dim]{exercise.title}[/]")
        try:
            verdicts = []
            for verdict in (desk := Desk(course, exercise.module, folder, show_output)).verdicts():
                verdicts.append(verdict)
                assert desk.judge is not None
                sentence = next(check.sentence for check in desk.judge.checks if check.name == verdict.name)
                _show(screen, verdict, sentence)
            clean &= _sum_up(screen, verdicts)
        except NoModule as problem:
            screen.print(f"  [red]✗[/] {_plain(str(problem))}")
            clean = False
        screen.print()
    raise SystemExit(0 if clean else 1)


def _show(screen: Any, verdict: "Verdict", sentence: str) -> None:
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    blocked = verdict.outcome == "blocked"
    grid.add_row(f"  {MARKS[verdict.outcome]}", Text(sentence, "dim" if blocked else ""))
    if verdict.outcome != "passed" and not blocked:
        for line in [*verdict.message.splitlines(), *([f"{'hint':<10}{verdict.hint}"] if verdict.hint else [])]:
            label, rest = (line[:10], line[10:]) if line[:10].strip() in LABELS else ("", line)
            row = Table.grid(padding=(0, 1))
            row.add_column(width=9, style="dim")
            row.add_column(overflow="fold", style="cyan" if label.strip() in ("hint", "likely") else "")
            row.add_row(label.strip(), Text(rest))
            grid.add_row("", row)
    screen.print(grid)


def _sum_up(screen: Any, verdicts: list["Verdict"]) -> bool:
    score, most = sum(v.score for v in verdicts), sum(v.max_score for v in verdicts)
    blocked = sum(v.outcome == "blocked" for v in verdicts)
    if score == most:
        screen.print(f"  [bold green]All {most:g} visible points.[/] The hidden checks run when you hand in.")
        return True
    waiting = f" {blocked} more wait for it." if blocked else ""
    screen.print(f"  [bold]{score:g}[/] of {most:g} visible points. Next: the first ✗ above.{waiting}")
    return False


def _plain(text: str) -> str:
    from rich.markup import escape

    return escape(text)


def _file(exercise: "Exercise", folder: Path) -> Path | None:
    paths = [folder / f"{exercise.module}{suffix}" for suffix in (".py", ".ipynb")]
    return next((path for path in paths if path.is_file()), None)


def _state(course: "Course", exercise: "Exercise", folder: Path) -> str:
    path, stub = _file(exercise, folder), course.stubs / f"{exercise.module}.py"
    if path is None:
        return "[dim]–[/]"
    if stub.is_file() and path.suffix == ".py" and path.read_bytes() == stub.read_bytes():
        return "not started"
    return f"[green]{path.name}[/]"
