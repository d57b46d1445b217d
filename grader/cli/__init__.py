"""The `grader` command. Nothing heavy is imported before a command needs it."""

import importlib
import sys
from typing import Any

import click

from grader import __version__
from grader.errors import GraderError

# command -> (module, what it does); the module is imported when the command runs or shows its own help.
COMMANDS = {
    "list": ("student", "The exercises of the course, and what is in this folder."),
    "check": ("student", "Check your own solutions with the visible checks."),
    "grade": ("grade", "Grade a folder of submissions."),
    "demo": ("demo", "Build a small class on the spot and grade it."),
    "doctor": ("doctor", "Say what this machine can do, and what is missing."),
    "data": ("data", "The data sets: what is here, whether it is right, and the full ones."),
    "stubs": ("author", "Write the students' stubs from the solutions."),
    "calibrate": ("author", "Measure the thresholds of an exercise."),
    "author": ("author", "For those who write exercises."),
}
SECTIONS = {
    "Students": ("list", "check"),
    "Instructors": ("grade", "demo", "doctor", "data"),
    "Authors": ("stubs", "author", "calibrate"),
}


class Commands(click.Group):
    """A group whose commands are imported one by one, so that `grader --help` stays quick."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"grader.cli.{COMMANDS[cmd_name][0]}")
        return getattr(module, f"{cmd_name}_command")

    def resolve_command(self, ctx: click.Context, args: list[str]) -> Any:
        import difflib

        if args and args[0] not in COMMANDS:
            near = difflib.get_close_matches(args[0], COMMANDS)
            ctx.fail(f"No such command '{args[0]}'." + (f" Did you mean '{near[0]}'?" if near else ""))
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        for section, names in SECTIONS.items():
            with formatter.section(section):
                formatter.write_dl([(name, COMMANDS[name][1]) for name in names])


@click.group(
    cls=Commands,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Examples:\n\n\b\n  grader check neuron            check your own neuron.py\n"
    "  grader grade handed_in --out marks   grade a class\n  grader demo                    see it all at work",
)
@click.version_option(__version__, prog_name="grader")
def commands() -> None:
    """Auto-graded exercises for a deep-learning course."""


def main() -> None:
    """Run the command line; a GraderError becomes two lines and exit code 1."""
    try:
        commands()
    except GraderError as error:
        click.echo(f"{click.style('Error:', fg='red', bold=True)} {error.problem}\n{error.remedy}", err=True)
        sys.exit(1)
