"""The peer: a plain pytest grader, one process a submission, the same checks in the process that imports the student.

Run as `pytest -p benchmarks.plain_pytest SUBMISSION`, with the exercises in GRADER_BENCHMARK.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from grader.catalogue import load_course
from grader.engine.diagnosis import judge_of
from grader.engine.judge import Seat
from grader.engine.submissions import read_module
from grader.engine.workbench import Workbench
from grader.engine.workers import InProcess


class Submission(pytest.File):
    """A student's file; its items are all checks of the exercise."""

    def collect(self) -> Iterator[Any]:
        bench = Workbench(load_course(), self.path.stem)
        source = read_module(self.path.parent, self.path.stem)
        assert source is not None
        files = [(f.module, f.filename, f.cells, f.notebook) for f in source.files]
        judge = judge_of(bench, b"a secret of the benchmark", explain=False)
        seat, passed = Seat(bench.module, bench.exercises, files, InProcess), set()
        for check in judge.checks:
            item = CheckItem.from_parent(self, name=check.name)
            item.run = lambda check=check: judge.verdict(check, seat, passed)
            yield item


class CheckItem(pytest.Item):
    """One check."""

    run: Any

    def runtest(self) -> None:
        verdict = self.run()
        assert verdict.outcome == "passed", verdict.message


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    chosen = os.environ["GRADER_BENCHMARK"].split(",")
    return Submission.from_parent(parent, path=file_path) if file_path.stem in chosen else None
