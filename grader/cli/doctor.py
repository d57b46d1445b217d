"""`grader doctor`: what this machine can do, and what is missing."""

import click

from grader.cli.options import console, one_thread


@click.command("doctor", epilog="Example:\n\n\b\n  grader doctor")
def doctor_command() -> None:
    """Say which isolation level is in force here, what is installed, and how to get what is not.

    Starts the sandbox for real and a worker in it. Exit code 1 where the full level cannot be had.
    """
    one_thread()
    import os
    import platform
    import time

    from grader.checks.draws import course_secret, fingerprint
    from grader.data.local import version_of
    from grader.data.sources import SOURCES
    from grader.engine.sandbox import LEVELS, sandbox_problem, start_zygote, wait_ready
    from grader.engine.workers import Forked
    from grader.errors import GraderError

    screen = console()

    def line(good: bool, what: str, remedy: str = "") -> None:
        screen.print(f"{'[green]✓[/]' if good else '[red]✗[/]'} {what}", soft_wrap=True)
        if remedy:
            screen.print(f"    [cyan]{remedy}[/]", soft_wrap=True)

    line(
        True, f"Python {platform.python_version()} on {platform.system()} {platform.release()}, {os.cpu_count()} cores"
    )
    wanted = [(package, "", f"pip install {package}") for package in ("torch", "torchvision")]
    wanted += [(package, f"{s.what}: ", "pip install 'grader[data]'") for s in SOURCES for package in s.packages]
    for package, what, remedy in wanted:
        version = version_of(package)
        line(version is not None, f"{what}{package} {version or 'is not installed'}", "" if version else remedy)
    line(True, f"the course's secret has the fingerprint {fingerprint(course_secret())}")

    problem = sandbox_problem()
    if problem is None:
        try:
            begin = time.monotonic()
            zygote = start_zygote(1, "full")
            wait_ready(zygote)
            started = time.monotonic()
            worker = Forked(zygote.controls[0])
            worker.end()
            line(True, f"the sandbox starts in {started - begin:.1f} s, a worker in {time.monotonic() - started:.3f} s")
            zygote.stop()
        except (GraderError, OSError) as error:
            problem = error if isinstance(error, GraderError) else GraderError(str(error), "Run it again.")
    if problem is None:
        line(True, f"isolation level [bold]full[/]: {LEVELS['full']}")
        return
    line(False, problem.problem, problem.remedy)
    line(False, f"isolation level at most [bold]process[/]: {LEVELS['process']}")
    raise SystemExit(1)
