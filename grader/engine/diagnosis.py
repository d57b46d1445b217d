"""Diagnosis: a failed check's evidence compared with what the known mistakes give on the same inputs."""

import hashlib
import json
import logging
import os
import select
import signal
import time
import traceback
import warnings
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import platformdirs

from grader.checks.draws import fingerprint
from grader.checks.expectations import Trail, alike
from grader.checks.registry import Check
from grader.checks.student import Conversation, Student
from grader.engine.foresight import Foresight, Noted
from grader.engine.judge import Judge, Seat, run_body
from grader.engine.workbench import Workbench
from grader.engine.workers import InProcess, deadline_in

log = logging.getLogger(__name__)

Mistake = list[Any]  # [position, fingerprint, text]


def match(mistakes: Sequence[Mistake], trail: Trail) -> str:
    """The mistake whose evidence equals the trail's last, in words; empty where none or several do."""
    position = len(trail.seen) - 1
    texts = {text for at, seen, text in mistakes if at == position and alike(seen, trail.last)}
    return f"This is what comes out when {texts.pop()}." if len(texts) == 1 else ""


class Diagnosis:
    """Explains failures of one exercise; runs each mutant once a check and secret, and keeps what it gave."""

    def __init__(self, bench: Workbench, judge: Judge, secret: bytes, cache: Path | None = None) -> None:
        self.bench, self.judge = bench, judge
        self.known: dict[str, list[Mistake]] = {}
        self.references: dict[tuple[str, int], bool] = {}
        name = hashlib.sha256(f"{bench.module} {bench.digest} {fingerprint(secret)}".encode()).hexdigest()[:32]
        self.cache = (cache or Path(platformdirs.user_cache_dir("grader")) / "mistakes") / name

    def explain(self, check: Check, trail: Trail) -> str:
        """The likely mistake behind a failure, in the student's terms; empty where it matches none."""
        return match(self.mistakes(check), trail)

    def mistakes(self, check: Check) -> list[Mistake]:
        """What the known mistakes that this check must notice show in it."""
        if check.name not in self.known:
            path = self.cache / f"{check.name}.json"
            with suppress(OSError, ValueError):
                self.known[check.name] = json.loads(path.read_text())
            if check.name not in self.known:
                self.known[check.name] = self._run_or_nothing(check)
                with suppress(OSError):
                    path.parent.mkdir(parents=True, exist_ok=True)
                    made = path.with_suffix(f".{os.getpid()}")
                    made.write_text(json.dumps(self.known[check.name]))
                    made.replace(path)
        return self.known[check.name]

    def reference_passes(self, check: Check, number: int) -> bool:
        """Whether the reference passes this run of a check: then a fault of it came from the student's answers."""
        run = (check.name, number)
        if run not in self.references:
            try:
                self.references[run] = in_a_fork(lambda: self._run_reference(check, number))
            except RuntimeError:
                log.exception("%s.%s: the reference could not be run", self.bench.module, check.name)
                self.references[run] = False
        return self.references[run]

    def _run_reference(self, check: Check, number: int) -> bool:
        self.judge.reference_passes = lambda check, number: False
        seat = Seat(self.bench.module, self.bench.exercises, self.bench.reference, InProcess)
        return self.judge.attempt(check, seat, number).outcome == "passed"

    def _run_or_nothing(self, check: Check) -> list[Mistake]:
        try:
            return in_a_fork(lambda: self._run_mutants(check))
        except RuntimeError:  # an explanation is a gift: without it the mark still stands
            log.exception("%s.%s: the known mistakes could not be run", self.bench.module, check.name)
            return []

    def _run_mutants(self, check: Check) -> list[Mistake]:
        found: list[Mistake] = []
        for mutant in self.bench.mutants:
            if not mutant.told or mutant.check != check.name:  # whoever makes it is told at the check that it names
                continue
            seat = Seat(self.bench.module, self.bench.exercises, self.bench.mutated(mutant), InProcess)
            outcome = self.judge.attempt(check, seat, 0)
            if outcome.outcome == "failed" and outcome.trail.seen:
                found.append([len(outcome.trail.seen) - 1, outcome.trail.last, mutant.mistake])
            seat.clear()
        return found


def judge_of(bench: Workbench, secret: bytes, explain: bool = True) -> Judge:
    """A judge of an exercise. explain: whether a failure is compared with the known mistakes."""
    judge = Judge(bench.module, bench.exercises, bench.checks, bench.oracle, secret, lambda check, trail: "")
    if explain:
        diagnosis = Diagnosis(bench, judge, secret)
        judge.explain, judge.reference_passes = diagnosis.explain, diagnosis.reference_passes
    return judge


def foresight_of(bench: Workbench, judge: Judge) -> Foresight:
    """What an exercise's checks will ask, as the reference meets it."""

    def rehearse(check: Check, worker: Noted) -> bool:
        draw, conversation = judge.draw(check), Conversation(worker)
        conversation.deadline = deadline_in(60)
        conversation.ask("load", bench.module, bench.reference, bench.exercises)
        worker.requests.clear()
        conversation.ask("begin", draw.seed("globals"))
        return run_body(check, Student(conversation), bench.oracle, draw, Trail()).outcome == "passed"

    return Foresight(rehearse)


def _die_with_parent() -> None:
    from grader.worker import kernel  # here: a student's kit, on any system, has no need of it

    with suppress(OSError, AttributeError):  # only Linux has it
        kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)


def in_a_fork(work: Callable[[], Any], seconds: float = 600) -> Any:
    """The JSON value of `work()`, run in a forked child: what a mutant does to torch stays there.

    Raises RuntimeError where the child fails, with its traceback, or takes too long.
    """
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        _die_with_parent()
        os.close(reader)
        with os.fdopen(writer, "w") as stream:
            warnings.simplefilter("ignore")  # of the student's or a mutant's code
            try:
                answer = {"value": work()}
            except BaseException:
                answer = {"fault": traceback.format_exc()}
            json.dump(answer, stream)
            stream.flush()
            os._exit(0)
    os.close(writer)
    text = b""
    with os.fdopen(reader, "rb", buffering=0) as pipe:
        deadline = time.monotonic() + seconds
        while select.select([pipe], [], [], max(0, deadline - time.monotonic()))[0]:
            part = pipe.read(1 << 20)
            if not part:
                break
            text += part
    with suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    try:
        answer = json.loads(text)
    except ValueError:
        answer = {"fault": f"a trial was ended, after {seconds:g} s at the most"}
    if "fault" in answer:
        raise RuntimeError(answer["fault"])
    return answer["value"]
