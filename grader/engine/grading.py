"""The main job: a folder of submissions in, a gradebook and results out."""

import os
import re
import time
from collections.abc import Callable, Container, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from grader.catalogue import Course, Exercise
from grader.checks.draws import fingerprint
from grader.engine.pool import Event, Pool, Task
from grader.engine.submissions import ModuleSource, Submission, find_submissions, read_module
from grader.engine.workbench import Workbench
from grader.errors import GraderError
from grader.gradebook.exports import results, write_csv, write_pictures, write_results
from grader.gradebook.store import Gradebook

WARMABLE = ("torchvision", "numpy", "pandas", "matplotlib", "sklearn", "scipy")
Place = tuple[str, str, tuple[str, ...]]  # student, exercise, notes


@dataclass(frozen=True)
class Order:
    """What is to be graded, and how."""

    course: Course
    submissions: Path
    out: Path
    exercises: Sequence[Exercise]
    secret: bytes
    students: Sequence[str] | None = None
    jobs: int = 0  # 0: one a core
    isolation: str = "full"
    mix_secrets: bool = False


@dataclass
class Plan:
    """The work that an order comes to."""

    submissions: list[Submission]
    tasks: list[Task] = field(default_factory=list)
    places: dict[str, list[Place]] = field(default_factory=dict)  # of each key: who handed in just these files
    known: int = 0  # modules that an earlier run has judged
    packages: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Progress:
    """How far a run is: modules judged, of how many, and checks judged so far."""

    done: int
    total: int
    checks: int
    seconds: float


@dataclass
class Summary:
    """What a run came to."""

    students: int = 0
    modules: int = 0
    judged: int = 0
    known: int = 0
    checks: int = 0
    withheld: int = 0
    seconds: float = 0.0
    start_seconds: float = 0.0
    marks: list[dict[str, Any]] = field(default_factory=list)


def grade(order: Order, report: Callable[[Progress], None] = lambda progress: None) -> Summary:
    """Grade what an earlier run has not, write the results of everyone named, and say what came of it.

    Raises GraderError for an order that cannot be carried out; whatever a submission does costs its own marks only.
    """
    begin = time.monotonic()
    benches = {exercise.module: Workbench(order.course, exercise.module) for exercise in order.exercises}
    submissions = find_submissions(order.submissions, order.students)
    try:
        order.out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise GraderError(f"The folder {order.out} cannot be made: {error.strerror}.", "Name another one.") from error
    with Gradebook(order.out / "gradebook.sqlite") as book:
        book.begin(fingerprint(order.secret), order.mix_secrets)
        plan = make_plan(order, benches, submissions, book)
        summary = Summary(students=len(submissions), known=plan.known, modules=sum(map(len, plan.places.values())))
        if plan.tasks:
            _carry_out(order, list(benches.values()), plan, book, summary, report)
        summary.marks = export(order, book, {submission.student for submission in submissions})
        checks = (c for marks in summary.marks for e in marks["exercises"].values() for c in e["checks"])
        summary.withheld = sum(check["outcome"] == "error" for check in checks)
    summary.seconds = time.monotonic() - begin
    return summary


def export(order: Order, book: Gradebook, named: Container[str]) -> list[dict[str, Any]]:
    """Write the results of everyone in the gradebook, of all exercises in it; returns those of the students `named`."""
    members = book.students()
    found = {student: book.exercise_results(student) for student in members}
    there = {module for student in members for module in found[student]}
    there |= {exercise.module for exercise in order.exercises}
    benches = [Workbench(order.course, e.module) for e in order.course.exercises if e.module in there]
    maxima = [(bench.module, sum(check.points for check in bench.checks)) for bench in benches]
    everyone = [results(student, found[student], maxima) for student in members]
    for marks in everyone:
        write_results(order.out, marks)
        write_pictures(order.out, marks["student"], found[marks["student"]])
    write_csv(order.out / "gradebook.csv", everyone, [module for module, _ in maxima], members)
    return [marks for marks in everyone if marks["student"] in named]


def make_plan(order: Order, benches: dict[str, Workbench], submissions: Iterable[Submission], book: Gradebook) -> Plan:
    """Read the submissions, file each module under its key, and see what is left to judge."""
    plan = Plan(list(submissions))
    tasks: dict[str, Task] = {}
    for submission in plan.submissions:
        book.enrol(submission.student, submission.members)
        for module, bench in benches.items():
            source = None if submission.problem else read_module(submission.folder, module, bench.used)
            notes = (*submission.notes, *(source.notes if source else ()))
            problem = submission.problem or (source.problem if source else None)
            if source is None or problem:
                status = "import_error" if problem else "missing"
                book.place(submission.student, module, None, status, problem or "", notes, order.isolation)
                continue
            key = bench.key(source.digest, "cpu", order.isolation, order.secret)
            plan.places.setdefault(key, []).append((submission.student, module, notes))
            problem = book.import_problem(key)
            status = "graded" if problem is None else "import_error"
            book.place(submission.student, module, key, status, problem or "", notes, order.isolation)
            if key not in tasks and problem is None:
                tasks[key] = _task(key, source, bench, book, plan)
    plan.tasks = [task for task in tasks.values() if len(task.done) < len(benches[task.module].checks)]
    plan.known = len(plan.places) - len(plan.tasks)
    return plan


def _task(key: str, source: ModuleSource, bench: Workbench, book: Gradebook, plan: Plan) -> Task:
    files = tuple((file.module, file.filename, file.cells, file.notebook) for file in source.files)
    text = "\n".join(cell for file in source.files for cell in file.cells)
    plan.packages |= {
        name for name in WARMABLE if re.search(rf"^[ \t]*(?:import|from)[ \t]+{name}\b", text, re.MULTILINE)
    }
    return Task(key, source.module, files, book.verdicts(key))


def _carry_out(
    order: Order,
    benches: list[Workbench],
    plan: Plan,
    book: Gradebook,
    summary: Summary,
    report: Callable[[Progress], None],
) -> None:
    jobs = min(order.jobs or len(os.sched_getaffinity(0)), len(plan.tasks))
    wanted = {task.module for task in plan.tasks}
    chosen = [bench for bench in benches if bench.module in wanted]
    pool = Pool(chosen, order.secret, jobs, order.isolation, sorted(plan.packages))
    begin = time.monotonic()
    try:
        pool.start()
        summary.start_seconds = time.monotonic() - begin
        begin = time.monotonic()
        report(Progress(0, len(plan.tasks), 0, 0.0))
        for events in pool.run(plan.tasks):
            _file(events, plan, book, order.isolation)
            summary.judged += sum(event.finished for event in events)
            summary.checks += sum(not event.finished for event in events)
            report(Progress(summary.judged, len(plan.tasks), summary.checks, time.monotonic() - begin))
    finally:
        pool.stop()


def _file(events: list[Event], plan: Plan, book: Gradebook, isolation: str) -> None:
    book.commit(*((event.task.key, event.verdict) for event in events if event.verdict is not None))
    for event in events:
        if event.problem:
            for student, module, notes in plan.places[event.task.key]:
                book.place(student, module, event.task.key, "import_error", event.problem, notes, isolation)
