"""What checks will ask, known before they ask it: a worker gets the requests of a whole row of checks at once.

The requests of a check are the same for nearly every submission: those that the reference met. So they are sent
ahead, and the judge looks at the first answers while the worker makes the next: no waiting for one another at each
call. A check that asks something else after all is run again, on a fresh worker, without foresight.
"""

import logging
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from grader.checks.registry import Check
from grader.engine.workers import Forked, InProcess
from grader.worker.protocol import Worker

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Script:
    """The first requests of a check; all of them where it is `whole`."""

    requests: tuple[bytes, ...] = ()
    whole: bool = False


class Unforeseen(Exception):
    """A check asks something else than what its worker was told, after `asked` requests."""

    def __init__(self, asked: int) -> None:
        super().__init__(asked)
        self.asked = asked


class Foresight:
    """The scripts of an exercise's checks. rehearse: runs a check on the reference, in a given worker."""

    def __init__(self, rehearse: Callable[[Check, "Noted"], bool]) -> None:
        self.rehearse = rehearse
        self.scripts: dict[str, Script] = {}

    def script(self, check: Check) -> Script:
        """What `check` will ask. A learning check is not foreseen: it is long, and may be blocked."""
        if check.name not in self.scripts:
            self.scripts[check.name] = Script() if check.learning else self._rehearsed(check)
        return self.scripts[check.name]

    def _rehearsed(self, check: Check) -> Script:
        noted = Noted(InProcess())
        try:
            passed = self.rehearse(check, noted)
        except Exception:  # the check meets the same fault again, and says so
            log.exception("%s: not rehearsed", check.name)
            passed = False
        finally:
            noted.end()
        return Script(tuple(noted.requests), True) if passed else Script()

    def shorten(self, check: Check, asked: int) -> None:
        """Foresee no more than the first requests of `check`: what comes then depends on the answers."""
        self.scripts[check.name] = Script(self.script(check).requests[:asked])

    def row(self, checks: Sequence[Check], passed: set[str]) -> list[tuple[str, bytes]]:
        """(check, request) for the first of `checks` and those after it that are sure to be asked with it.

        A row ends before a check of another visibility, whose inputs must not be seen yet, and where a script ends.
        """
        told: list[tuple[str, bytes]] = []
        names: set[str] = set()
        for check in checks:
            if check.hidden != checks[0].hidden:
                break
            if not all(name in passed or name in names for name in check.after):
                continue  # blocked
            script = self.script(check)
            told += [(check.name, request) for request in script.requests]
            names.add(check.name)
            if not script.whole:
                break
        return told


class Noted:
    """A worker that notes what it is asked after it has loaded its module."""

    def __init__(self, worker: Worker) -> None:
        self.worker = worker
        self.requests: list[bytes] = []

    def ask(self, request: bytes, deadline: float) -> bytes:
        self.requests.append(request)
        return self.worker.ask(request, deadline)

    def end(self) -> None:
        self.worker.end()


class Told:
    """A worker that is told requests before they are asked."""

    def __init__(self, worker: Forked) -> None:
        self.worker = worker
        self.waiting: deque[tuple[str, bytes]] = deque()
        self.check = ""
        self.asked = 0

    def tell(self, row: Sequence[tuple[str, bytes]]) -> None:
        """Send the requests of a row of checks."""
        self.waiting.extend(row)
        for _, request in row:
            self.worker.post(request)

    def turn_to(self, check: str, deadline: float) -> None:
        """Let go what checks before `check` did not ask after all. Raises as `ask` does."""
        while self.waiting and self.waiting[0][0] != check:
            self.waiting.popleft()
            self.worker.receive(deadline)
        self.check, self.asked = check, 0

    def ask(self, request: bytes, deadline: float) -> bytes:
        if not self.waiting:
            return self.worker.ask(request, deadline)
        if self.waiting[0] != (self.check, request):
            raise Unforeseen(self.asked)
        self.waiting.popleft()
        self.asked += 1
        return self.worker.receive(deadline)

    def end(self) -> None:
        self.worker.end()
