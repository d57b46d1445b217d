"""What a student's kit knows in place of a solution: recorded answers, and fingerprints of known mistakes."""

import ast
import hashlib
from pathlib import Path

from grader import checks
from grader.checks.draws import PUBLIC
from grader.checks.oracle import Golden, Oracle, Tape
from grader.checks.registry import Check
from grader.engine.diagnosis import Diagnosis, judge_of
from grader.engine.judge import Judge, Seat
from grader.engine.workbench import Workbench, golden_path
from grader.engine.workers import InProcess
from grader.errors import GraderError

SUPPORT = Path(checks.__file__).parent
ALWAYS = ("draws", "expectations", "oracle", "registry", "student")


def record(bench: Workbench) -> Golden:
    """Run the visible checks on the reference and note the oracle's answers. Raises GraderError where one fails."""
    tapes: dict[str, Tape] = {}

    def oracle(check: Check) -> Oracle:
        return bench.oracle(check, tapes.setdefault(check.name, []))

    visible = [check for check in bench.checks if not check.hidden]
    judge = Judge(bench.module, bench.exercises, visible, oracle, PUBLIC, lambda check, trail: "")
    seat = Seat(bench.module, bench.exercises, bench.reference, InProcess)
    for check in visible:
        outcome = judge.attempt(check, seat, 0)
        if outcome.outcome != "passed":
            raise GraderError(
                f"The reference of {bench.module} fails {check.name}:\n{outcome.message}",
                "Mend the reference or the check first.",
            )
    seat.clear()
    diagnosis = Diagnosis(bench, judge_of(bench, PUBLIC, explain=False), PUBLIC)
    mistakes = {check.name: diagnosis.mistakes(check) for check in visible}
    return Golden(
        {name: tape for name, tape in tapes.items() if tape},
        {name: found for name, found in mistakes.items() if found},
        origin(bench),
    )


def origin(bench: Workbench) -> str:
    """A hash of what a recording is made from: a stale one is told by it."""
    own = bench.course.checks / f"test_{bench.module}.py"
    paths = [own, bench.course.mutants / f"{bench.module}.py", bench.course.solutions / f"{bench.module}.py"]
    digest = hashlib.sha256()
    for path in [*paths, *_support(own)]:
        if path.is_file():
            digest.update(path.read_bytes())
    return digest.hexdigest()


def _support(own: Path) -> list[Path]:
    """The files of `grader.checks` that an exercise's checks are written with."""
    names, waiting = set(ALWAYS), [own]
    while waiting:
        path = waiting.pop()
        for node in ast.walk(ast.parse(path.read_text()) if path.is_file() else ast.Module([], [])):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("grader.checks"):
                found = {*(node.module or "").split(".")[2:], *(alias.name for alias in node.names)} - names
                names |= found
                waiting += [SUPPORT / f"{name}.py" for name in found]
    return sorted(path for name in names if (path := SUPPORT / f"{name}.py").is_file())


def write_golden(bench: Workbench) -> bool:
    """Record again where the recording is missing or stale; returns whether it was."""
    if not is_stale(bench):
        return False
    record(bench).write(golden_path(bench.course, bench.module))
    return True


def is_stale(bench: Workbench) -> bool:
    """Whether the recording is missing, or was made from other checks, mutants or solutions."""
    path = golden_path(bench.course, bench.module)
    return not path.exists() or Golden.read(path).origin != origin(bench)
