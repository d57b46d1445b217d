"""The trusted side: runs an exercise's checks against one worker and gives a verdict each."""

import inspect
import logging
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from grader.checks.draws import PUBLIC, Draw
from grader.checks.expectations import TRAIL, Trail, Unmet
from grader.checks.oracle import Oracle
from grader.checks.registry import Check
from grader.checks.student import Absent, Conversation, Raised, Student
from grader.engine.foresight import Foresight, Told, Unforeseen
from grader.engine.workers import Forked, Launcher, WorkerGone, ZygoteGone, deadline_in
from grader.errors import GraderError
from grader.gradebook.models import Verdict
from grader.worker.protocol import DeadlineExceeded, MalformedMessage, Worker

IMPORT_SECONDS = 20.0
LETTING_GO_SECONDS = 1.0  # for answers that nobody waits for any more
MAX_MESSAGE = 4_000  # characters

log = logging.getLogger(__name__)

OracleFor = Callable[[Check], Oracle]
Explain = Callable[[Check, Trail], str]
ReferencePasses = Callable[[Check, int], bool]


@dataclass(frozen=True)
class Outcome:
    """What one run of a check's body came to."""

    outcome: str
    message: str = ""
    hint: str = ""
    trail: Trail = field(default_factory=Trail)
    unimplemented: bool = False


@dataclass(frozen=True)
class ImportProblem:
    """The student's file gives no module: what is wrong, where, what to do."""

    message: str


class Judge:
    """Judges one exercise: its checks, an oracle for each, the course's secret and the known mistakes."""

    def __init__(
        self,
        module: str,
        exercises: Sequence[str],
        checks: Sequence[Check],
        oracle: OracleFor,
        secret: bytes,
        explain: Explain,
    ) -> None:
        self.module, self.exercises, self.checks = module, list(exercises), checks
        self.oracle, self.secret, self.explain = oracle, secret, explain
        self.reference_passes: ReferencePasses = lambda check, number: False  # tells whose fault an exception is
        self.foresight: Foresight | None = None

    def grade(
        self, files: Sequence[Sequence[Any]], launch: Launcher, done: Mapping[str, Verdict] | None = None
    ) -> Iterator[Verdict | ImportProblem]:
        """A verdict for each check that `done` lacks, as they come; or one ImportProblem, and nothing more.

        files: (module, filename, cells, is_notebook), the module's own file first.
        """
        passed = {name for name, verdict in (done or {}).items() if verdict.outcome == "passed"}
        seat = Seat(self.module, self.exercises, files, launch)
        left = [check for check in self.checks if check.name not in (done or {})]
        try:
            for position, check in enumerate(left):
                yield self.verdict(check, seat, passed, left[position:])
        except NoModule as problem:
            yield ImportProblem(str(problem))
        finally:
            seat.clear()

    def verdict(self, check: Check, seat: "Seat", passed: set[str], left: Sequence[Check] = ()) -> Verdict:
        """The verdict of one check; `passed` names those that have, and gains this one. Raises NoModule.

        left: this check and those that will be judged after it in the same seat.
        """
        seat.make_way_for(check)
        begin = time.monotonic()
        broken = [name for name in check.after if name not in passed]
        seat.row = partial(self.foresight.row, left, passed) if self.foresight else list
        outcome = self._blocked(broken[0]) if broken else self._attempts(check, seat)
        if outcome.outcome == "passed":
            passed.add(check.name)
        return self._verdict(check, outcome, time.monotonic() - begin)

    def _attempts(self, check: Check, seat: "Seat") -> Outcome:
        outcome = self.attempt(check, seat, 0)
        if outcome.outcome == "failed" and check.learning:
            outcome = self.attempt(check, seat, 1)
        if outcome.outcome == "failed" and outcome.trail.seen and not outcome.unimplemented:
            try:
                mistake = self.explain(check, outcome.trail)
            except Exception:  # an explanation is a gift: without it the mark still stands
                log.exception("%s.%s: no explanation", self.module, check.name)
                mistake = ""
            if mistake:
                return Outcome("failed", f"{outcome.message}\n{'likely':<10}{mistake}", outcome.hint, outcome.trail)
        return outcome

    def attempt(self, check: Check, seat: "Seat", number: int, again: bool = True) -> Outcome:
        """One run of a check's body against the worker in `seat`; a worker that misbehaves is ended.

        again: whether to run it once more where somebody else killed the worker, or where the check itself failed.
        """
        draw, trail = self.draw(check, number), Trail()
        try:
            seat.saw_hidden |= check.hidden
            student = seat.student(check.name, draw.seed("globals"), check.seconds)
            return run_body(check, student, self.oracle, draw, trail)
        except Unforeseen as unforeseen:
            seat.clear()
            seat.row = list
            assert self.foresight is not None
            self.foresight.shorten(check, unforeseen.asked)
            return self.attempt(check, seat, number, again)
        except DeadlineExceeded:
            seat.clear()
            return Outcome("timeout", f"{_asked(trail, check)}It did not end within {check.seconds:g} s.", trail=trail)
        except WorkerGone as gone:
            seat.clear()
            if gone.killed and again:
                return self.attempt(check, seat, number, again=False)
            how = "ended" if check.hidden else gone  # an exit code can carry a hidden input out
            return Outcome("crashed", f"{_asked(trail, check)}The process that ran your code {how}.", trail=trail)
        except (MalformedMessage, Raised, Absent):
            seat.clear()
            return Outcome("failed", f"{_asked(trail, check)}What came back could not be read.", trail=trail)
        except (NoModule, ZygoteGone):
            raise
        except Exception as fault:  # ours: the mark is withheld, the run says so, and the next run grades it again
            seat.clear()
            log.exception("%s.%s: a fault of the check", self.module, check.name)
            if not isinstance(fault, GraderError) and self.reference_passes(check, number):
                if again:
                    return self.attempt(check, seat, number, again=False)
                return Outcome("failed", f"{_asked(trail, check)}What came back could not be judged.")
            kind = fault.problem if isinstance(fault, GraderError) else type(fault).__name__
            return Outcome("error", f"The grader failed here, not your code ({kind}). The mark is withheld.")

    def draw(self, check: Check, number: int = 0) -> Draw:
        """The random inputs of one attempt at a check."""
        return Draw(self.secret if check.hidden else PUBLIC, self.module, check.name, number)

    def withheld(self, check: Check) -> Verdict:
        """The verdict of a check that a fault of ours kept from being judged."""
        return self._verdict(
            check, Outcome("error", "The grader failed here, not your code. The mark is withheld."), 0.0
        )

    def _blocked(self, name: str) -> Outcome:
        sentence = next(check.sentence for check in self.checks if check.name == name)
        return Outcome("blocked", f"Could not be checked: it builds on “{sentence}”")

    def _verdict(self, check: Check, outcome: Outcome, seconds: float) -> Verdict:
        return Verdict(
            name=check.name,
            score=check.points if outcome.outcome == "passed" else 0.0,
            max_score=check.points,
            outcome=outcome.outcome,
            visibility=check.visibility,
            goal=check.goal,
            evidence=check.evidence,
            message=outcome.message[:MAX_MESSAGE],
            hint=outcome.hint,
            seconds=round(seconds, 0 if check.hidden else 4),  # how long it took can carry a hidden input out
            pictures=tuple(outcome.trail.pictures),
        )


def run_body(check: Check, student: Student, oracle: OracleFor, draw: Draw, trail: Trail) -> Outcome:
    """Call the check's function with the fixtures that it names."""
    wanted = inspect.signature(check.function).parameters
    fixtures: dict[str, Any] = {"student": student, "draw": draw}
    if "oracle" in wanted:
        fixtures["oracle"] = oracle(check)
    token = TRAIL.set(trail)
    try:
        check.function(**{name: fixtures[name] for name in wanted})
    except Unmet as unmet:
        message = unmet.message(check.hidden)
        if check.hidden and check.recipe:
            message += f"\n{'inputs':<10}{check.recipe}"
        return Outcome("failed", message, unmet.hint, trail, unmet.unimplemented)
    finally:
        TRAIL.reset(token)
    return Outcome("passed", trail=trail)


def _asked(trail: Trail, check: Check) -> str:
    call = trail.discreet_call if check.hidden else trail.call
    return f"{'call':<10}{call}\n" if call else ""


class NoModule(Exception):
    """The student's file gives no module."""


class Seat:
    """The place of the worker: filled when first needed, and anew after one was ended."""

    def __init__(self, module: str, exercises: list[str], files: Sequence[Sequence[Any]], launch: Launcher) -> None:
        self.module, self.exercises, self.files, self.launch = module, exercises, files, launch
        self.worker: Worker | None = None
        self.conversation: Conversation | None = None
        self.failed_cells: list = []
        self.saw_hidden = False
        self.row: Callable[[], list[tuple[str, bytes]]] = list  # what a worker can be told ahead

    def make_way_for(self, check: Check) -> None:
        """End a worker that has seen hidden inputs before it meets a visible check, whose message could show them."""
        if self.saw_hidden and not check.hidden:
            self.clear()

    def student(self, check: str, seed: int, seconds: float) -> Student:
        """A student ready for a check that may take `seconds`."""
        if isinstance(self.worker, Told):
            try:
                self.worker.turn_to(check, deadline_in(LETTING_GO_SECONDS))
            except (DeadlineExceeded, WorkerGone, MalformedMessage):
                self.clear()
        if self.conversation is None:
            self.conversation = self._start()
        if isinstance(self.worker, Told) and not self.worker.waiting:
            self.worker.check = check
            self.worker.tell(self.row())
        self.conversation.deadline = deadline_in(seconds)
        self.conversation.ask("begin", seed)
        return Student(self.conversation, self.failed_cells)

    def _start(self) -> Conversation:
        launched = self.launch()
        self.worker = Told(launched) if isinstance(launched, Forked) else launched
        conversation = Conversation(self.worker)
        conversation.deadline = time.monotonic() + IMPORT_SECONDS
        files = [[module, name, list(cells), notebook] for module, name, cells, notebook in self.files]
        try:
            cells = conversation.ask("load", self.module, files, self.exercises)
        except Raised as raised:
            raise NoModule(f"{raised.text()}. Mend it, and see that the file can be imported by itself.") from None
        except DeadlineExceeded:
            raise NoModule(
                f"{self.files[0][1]}: importing it did not end within {IMPORT_SECONDS:g} s. Keep long work inside "
                "functions, or below `if __name__ == '__main__':`."
            ) from None
        except WorkerGone as gone:
            if gone.killed:
                raise
            raise NoModule(
                f"{self.files[0][1]}: the process that imported it {gone}. A module must not do that."
            ) from None
        except MalformedMessage:
            raise NoModule(f"{self.files[0][1]}: what it did at import could not be read.") from None
        self.failed_cells = _failed_cells(cells)
        return conversation

    def clear(self) -> None:
        """End the worker."""
        if self.worker is not None:
            self.worker.end()
        self.worker = self.conversation = None
        self.saw_hidden = False


def _failed_cells(told: Any) -> list[list]:
    """[number, kind, message] of each cell that failed, as far as the worker's word can be read."""
    found: list[list] = []
    for cell in told if type(told) is list else []:
        match cell:
            case [int(number), str(kind), str(message)]:
                found.append([number, kind[:100], message[:500]])
    return found
