"""Options that several commands share, and what they are turned into."""

import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from grader.catalogue import Course, Exercise

THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")

course_option = click.option(
    "--course",
    "course_path",
    type=click.Path(path_type=Path),
    help="A course's own folder (default: the built-in one).",
)
exercises_option = click.option("--exercises", metavar="A,B,…", help="Only these exercises.")
secret_option = click.option(
    "--secret-file",
    type=click.Path(path_type=Path),
    help="The course's secret (default: in your configuration, made at first use).",
)


def chosen_exercises(course: "Course", names: str | None) -> "Sequence[Exercise]":
    """The exercises that an option names, all where it names none."""
    return course.exercises if names is None else course.select(names)


def one_thread() -> None:
    """Let each process compute on one thread: before torch or NumPy is imported, or a fork may hang."""
    for name in THREADS:
        os.environ[name] = "1"


def console(**settings: Any) -> Any:
    """Where to print: with colours on a terminal, plain elsewhere."""
    from rich.console import Console

    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a terminal without ✓ shows ?
    return Console(highlight=False, **settings)
