"""`grader stubs`, `grader calibrate`, `grader author check`: for those who write exercises."""

from pathlib import Path

import click

from grader.cli.options import chosen_exercises, console, course_option, exercises_option, one_thread


@click.command(
    "stubs", epilog="Examples:\n\n\b\n  grader stubs           write what is stale\n  grader stubs --check   for CI"
)
@click.option("--check", "only_check", is_flag=True, help="Write nothing; exit 1 when one is stale.")
@course_option
def stubs_command(only_check: bool, course_path: Path | None) -> None:
    """Write the students' stubs, and the answers that their visible checks compare with, from the solutions."""
    one_thread()
    from grader.catalogue import load_course
    from grader.engine.workbench import Workbench
    from grader.release.golden import is_stale, write_golden
    from grader.release.stubs import stale_stubs, write_stubs

    course, screen = load_course(course_path), console()
    benches = [Workbench(course, exercise.module) for exercise in course.exercises]
    if only_check:
        stale = [f"exercises/{name}.py" for name in stale_stubs(course.solutions, course.stubs)]
        stale += [f"the recorded answers of {bench.module}" for bench in benches if is_stale(bench)]
        for name in stale:
            screen.print(f"[red]stale[/]  {name}: run `grader stubs`.")
        raise SystemExit(1 if stale else 0)
    for path in write_stubs(course.solutions, course.stubs):
        screen.print(f"wrote {path}", soft_wrap=True)
    for bench in benches:
        if write_golden(bench):
            screen.print(f"recorded the answers of {bench.module}")


@click.command(
    "calibrate",
    epilog="Examples:\n\n\b\n  grader calibrate --exercises training --runs 60\n  grader calibrate --check    for CI",
)
@exercises_option
@click.option("--runs", type=click.IntRange(min=10), default=60, show_default=True, help="Secrets to train with.")
@click.option("--check", "only_check", is_flag=True, help="Measure nothing; exit 1 when a threshold is too high.")
@click.option("--pictures", "only_pictures", is_flag=True, help="Keep the thresholds; draw their pictures anew.")
@course_option
def calibrate_command(
    exercises: str | None, runs: int, only_check: bool, only_pictures: bool, course_path: Path | None
) -> None:
    """Train the reference and the alternatives with many secrets, and set each threshold from what they reach.

    Each threshold lies where the estimated chance of failing a right solution in one attempt is below 1 in 1,000; the
    measured values are kept beside it, with a picture of them and of what the known mistakes reach.
    """
    one_thread()
    from grader.catalogue import load_course
    from grader.engine.calibration import calibrate, mistaken, read_entries, thresholds_path, tolerable
    from grader.engine.workbench import Workbench
    from grader.report.thresholds import draw_threshold

    course, screen = load_course(course_path), console()
    too_high = 0
    for exercise in chosen_exercises(course, exercises):
        bench = Workbench(course, exercise.module)
        entries = read_entries(bench) if only_check or only_pictures else calibrate(bench, runs)
        mistakes = mistaken(bench) if entries and not only_check else {}
        for name, entry in entries.items():
            if not tolerable(entry):
                screen.print(f"[red]too high[/]  {exercise.module}.{name}: run `grader calibrate`.")
                too_high += 1
            if not only_check:
                screen.print(f"{exercise.module}.{name}: {entry['threshold']:g}  [dim]{entry['model']}[/]")
                picture = thresholds_path(bench).with_suffix(f".{name}.svg")
                draw_threshold(f"{exercise.module}: {name}", entry, mistakes.get(name, {}), picture)
    raise SystemExit(1 if too_high else 0)


@click.group("author", epilog="Example:\n\n\b\n  grader author check --exercises neuron")
def author_command() -> None:
    """For those who write exercises."""


@author_command.command(
    "check",
    epilog="Example:\n\n\b\n  grader author check --exercises neuron,training\n  grader author check --secrets 20",
)
@exercises_option
@click.option(
    "--secrets", type=click.IntRange(min=1), default=1, show_default=True, help="How many secrets right solutions meet."
)
@course_option
def author_check_command(exercises: str | None, secrets: int, course_path: Path | None) -> None:
    """See that every exercise is complete and that its grader judges right.

    Files present, stub unsolved and fresh, solution at full marks, stub at none, every mutant caught by the check that
    it names, alternatives at full marks, every docstring there. Each violation is a sentence with its remedy.
    """
    one_thread()
    import os

    from grader.catalogue import load_course
    from grader.engine.workbench import Workbench
    from grader.release.author import violations

    course, screen, count = load_course(course_path), console(), 0
    drawn = [os.urandom(16).hex().encode() for _ in range(secrets)]
    for exercise in chosen_exercises(course, exercises):
        found = 0
        for violation in violations(Workbench(course, exercise.module), drawn):
            screen.print(f"[red]✗[/] {exercise.module}: ", end="")
            screen.print(violation, markup=False)
            found += 1
        if not found:
            screen.print(f"[green]✓[/] {exercise.module}")
        count += found
    raise SystemExit(1 if count else 0)


@author_command.command("contracts", epilog="Example:\n\n\b\n  grader author contracts > docs/contracts.md")
@course_option
def author_contracts_command(course_path: Path | None) -> None:
    """Print what every exercise promises, which check sees to it, and which known mistakes it must notice."""
    from grader.catalogue import load_course
    from grader.release.contracts import contracts_page

    click.echo(contracts_page(load_course(course_path)), nl=False)
