"""Trials: our own references, mutants and alternatives graded in a forked child of this process, without a sandbox."""

from collections.abc import Sequence
from typing import Any

from grader.checks.registry import Check
from grader.engine.diagnosis import in_a_fork, judge_of
from grader.engine.judge import ImportProblem
from grader.engine.workbench import Workbench
from grader.engine.workers import InProcess
from grader.gradebook.models import Verdict


def trial(
    bench: Workbench, files: Sequence[Sequence[Any]], secret: bytes, only: str = "", explain: bool = False
) -> list[Verdict]:
    """The verdicts of a trusted module; files as for `Judge.grade`. Raises RuntimeError where it cannot be imported.

    only: the name of one check: it and what it builds on are judged.
    """
    bench.warm()

    def work() -> list[dict[str, Any]]:
        judge = judge_of(bench, secret, explain)
        if only:
            judge.checks = _with_what_it_builds_on(judge.checks, only)
        verdicts = list(judge.grade(files, InProcess))
        problems = [verdict for verdict in verdicts if isinstance(verdict, ImportProblem)]
        if problems:
            return [{"problem": problems[0].message}]
        return [verdict.plain() for verdict in verdicts if isinstance(verdict, Verdict)]

    found = in_a_fork(work)
    if found and "problem" in found[0]:
        raise RuntimeError(found[0]["problem"])
    return [Verdict(**verdict) for verdict in found]


def _with_what_it_builds_on(checks: Sequence[Check], name: str) -> list[Check]:
    wanted = {name}
    for check in reversed(checks):
        if check.name in wanted:
            wanted |= set(check.after)
    return [check for check in checks if check.name in wanted]
