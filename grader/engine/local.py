"""Checks on the student's own machine: the visible ones, without a sandbox, without a solution, on any system."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import ClassVar

from grader.catalogue import Course
from grader.checks.draws import PUBLIC
from grader.checks.expectations import Trail
from grader.checks.oracle import Golden, Oracle, Replayed, read_thresholds
from grader.checks.registry import Check, collect
from grader.checks.student import Conversation
from grader.engine.diagnosis import match
from grader.engine.judge import Judge, NoModule, Seat
from grader.engine.submissions import read_module
from grader.engine.workbench import golden_path, used_modules
from grader.engine.workers import Spawned
from grader.gradebook.models import Verdict


class KitBench:
    """One exercise in a student's folder: no reference, the visible checks, and the recorded answers."""

    def __init__(self, course: Course, module: str) -> None:
        self.course, self.module = course, module
        self.exercises = [exercise.module for exercise in course.exercises]
        self.golden = Golden.read(golden_path(course, module))
        self.checks = [check for check in collect(course.checks, module) if not check.hidden]
        self.thresholds = read_thresholds(course.checks, module)

    def oracle(self, check: Check) -> Oracle:
        """The recorded answers for one check."""
        return Oracle(Conversation(Replayed(self.golden.tapes.get(check.name, []))), self.thresholds)

    def judge(self) -> Judge:
        """A judge of the visible checks."""
        return Judge(self.module, self.exercises, self.checks, self.oracle, PUBLIC, self._explain)

    def _explain(self, check: Check, trail: Trail) -> str:
        return match(self.golden.mistakes.get(check.name, []), trail)


class Desk:
    """One exercise in a student's folder."""

    open: ClassVar[list["Desk"]] = []

    def __init__(self, course: Course, module: str, folder: Path, show_output: bool = False) -> None:
        self.course, self.module, self.folder, self.show_output = course, module, folder, show_output
        self.judge: Judge | None = None
        self.seat: Seat | None = None
        self.passed: set[str] = set()

    def verdicts(self) -> Iterator[Verdict]:
        """A verdict for each visible check, as they come. Raises NoModule where the file gives no module."""
        try:
            for check in self._judge().checks:
                yield self.judge_one(check)
        finally:
            self.close()

    def judge_one(self, check: Check) -> Verdict:
        """The verdict of one check; those that it builds on were judged before. Raises NoModule."""
        judge = self._judge()
        assert self.seat is not None
        return judge.verdict(check, self.seat, self.passed)

    def close(self) -> None:
        """End the worker."""
        if self.seat is not None:
            self.seat.clear()
        if self in Desk.open:
            Desk.open.remove(self)

    @classmethod
    def close_all(cls) -> None:
        """End the workers of all desks."""
        for desk in list(cls.open):
            desk.close()

    def _judge(self) -> Judge:
        if self.judge is None:
            source = read_module(self.folder, self.module, used_modules(self.course, self.module))
            if source is None:
                raise NoModule(f"There is neither {self.module}.py nor {self.module}.ipynb in {self.folder}.")
            if source.problem:
                raise NoModule(source.problem)
            files = [(file.module, file.filename, file.cells, file.notebook) for file in source.files]
            self.judge = KitBench(self.course, self.module).judge()
            launch = partial(Spawned, self.show_output)
            self.seat = Seat(self.module, self.judge.exercises, files, launch)
            Desk.open.append(self)
        return self.judge
