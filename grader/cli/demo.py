"""`grader demo`: a small class, built on the spot and graded."""

from pathlib import Path

import click

from grader.cli.grade import print_summary, progress_shown
from grader.cli.options import console, one_thread


@click.command("demo", epilog="Example:\n\n\b\n  grader demo --out demo")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default="grader-demo",
    show_default=True,
    help="Where the class and its marks go.",
)
@click.option("--picture", type=click.Path(path_type=Path), hidden=True, help="Save what is printed as an SVG.")
def demo_command(out: Path, picture: Path | None) -> None:
    """Build a small class and grade it: right, partly right, wrong, broken, slow and hostile submissions."""
    one_thread()
    from grader.catalogue import load_course
    from grader.checks.draws import course_secret
    from grader.engine.grading import Order, grade
    from grader.engine.sandbox import LEVELS, sandbox_problem
    from grader.release.demo import EXERCISES, build_class

    course = load_course()
    screen = console() if picture is None else console(record=True, force_terminal=True, width=100)
    problem = sandbox_problem()
    isolation = "full" if problem is None else "process"
    if problem is not None:
        screen.rule("[bold yellow]no sandbox", style="yellow")
        screen.print(f"{problem.problem}\n{problem.remedy.split(', or')[0]}.", soft_wrap=True)
        screen.print(f"The demo goes on at the lesser isolation level “process”: {LEVELS['process']}.", soft_wrap=True)
        screen.rule(style="yellow")
    people = build_class(course, out / "submissions")
    screen.print(f"A class of {len(people)} in {out / 'submissions'}:", soft_wrap=True)
    for name, what in people.items():
        screen.print(f"  [bold]{name:9}[/]{what}", soft_wrap=True)
    screen.print()
    marks = out / "marks"
    order = Order(
        course, out / "submissions", marks, course.select(",".join(EXERCISES)), course_secret(), isolation=isolation
    )
    with progress_shown(console(quiet=picture is not None)) as report:
        summary = grade(order, report)
    print_summary(screen, summary, marks)
    screen.print(f"\nIsolation level: {isolation}. Grade your own: [bold]grader grade FOLDER --out MARKS[/]")
    if picture is not None:
        screen.save_svg(str(picture), title="grader demo")
    if summary.withheld:
        raise SystemExit(1)
