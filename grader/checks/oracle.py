"""The `oracle` fixture: what a right solution answers. Checks never import `solutions`.

An oracle is a `Student` whose module is the reference: on the trusted side it runs in the judge's own process; in a
student's folder its answers are replayed from a tape that the author's machine recorded for the visible checks.
"""

import hashlib
import json
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgpack

from grader.checks.student import Conversation, Student
from grader.errors import GraderError
from grader.worker.protocol import Worker, decode

MOST_REMEMBERED = 32 << 20  # bytes of one exercise's answers

Tape = list[list[Any]]  # [operation, reply] in the order asked


class Recorded:
    """A worker that passes requests on and writes the answers down."""

    def __init__(self, worker: Worker, tape: Tape) -> None:
        self.worker, self.tape = worker, tape

    def ask(self, request: bytes, deadline: float) -> bytes:
        reply = self.worker.ask(request, deadline)
        self.tape.append([_operation(request), reply])
        return reply

    def end(self) -> None:
        self.worker.end()


class Memory(dict[bytes, bytes]):
    """Answers by what was asked; full at MOST_REMEMBERED, since a student's values may be part of what is asked."""

    size = 0

    def keep(self, path: bytes, reply: bytes) -> None:
        """Keep an answer, where there is room."""
        if self.size + len(reply) <= MOST_REMEMBERED:
            self.size += len(reply) + len(path)
            self[path] = reply


class Remembered:
    """The reference's worker for one check, which runs only what it has not answered before.

    The requests of a check are mostly the same for every submission. Answers are kept by all that was asked before in
    the check; where a new request comes, those that were answered from memory are run first.
    """

    def __init__(self, worker: Worker, memory: Memory, check: str) -> None:
        self.worker, self.memory = worker, memory
        self.path = hashlib.sha256(check.encode()).digest()
        self.behind: list[bytes] = []

    def ask(self, request: bytes, deadline: float) -> bytes:
        self.path = hashlib.sha256(self.path + request).digest()
        self.behind.append(request)
        if self.path not in self.memory:
            for earlier in self.behind[:-1]:
                self.worker.ask(earlier, deadline)
            reply = self.worker.ask(request, deadline)
            self.behind = []
            self.memory.keep(self.path, reply)
            return reply
        return self.memory[self.path]

    def end(self) -> None:
        self.worker.end()


class Replayed:
    """A worker that answers from a tape."""

    def __init__(self, tape: Tape) -> None:
        self.rest = list(tape)

    def ask(self, request: bytes, deadline: float) -> bytes:
        operation = _operation(request)
        if not self.rest or self.rest[0][0] != operation:
            raise GraderError(
                "The recorded answers do not fit the checks of this exercise.",
                "Get a fresh copy of the course's files; authors: run `grader stubs`.",
            )
        return self.rest.pop(0)[1]

    def end(self) -> None:
        self.rest = []


class Threshold(float):
    """A number to be reached; `note` is told what was (for calibration)."""

    note: Callable[[float], None]

    def __new__(cls, value: float, note: Callable[[float], None] = lambda value: None) -> "Threshold":
        made = super().__new__(cls, value)
        made.note = note
        return made


class Oracle(Student):
    """The reference's answers, and the thresholds that calibration measured."""

    def __init__(self, conversation: Conversation, thresholds: Mapping[str, float]) -> None:
        super().__init__(conversation)
        self.thresholds = thresholds

    def threshold(self, name: str) -> Threshold:
        """A calibrated threshold. Raises GraderError where there is none of that name."""
        if name not in self.thresholds:
            raise GraderError(f"No threshold `{name}` was calibrated.", "Run `grader calibrate`.")
        return Threshold(self.thresholds[name])


def _operation(request: bytes) -> str:
    return decode(request)[0]


@dataclass
class Golden:
    """What a student's kit knows of an exercise: tapes of the visible checks, and fingerprints of known mistakes.

    mistakes: check -> [[position, fingerprint, text], …]; origin: a hash of the files that it was made from.
    """

    tapes: dict[str, Tape] = field(default_factory=dict)
    mistakes: dict[str, list[list[Any]]] = field(default_factory=dict)
    origin: str = ""

    def write(self, path: Path) -> None:
        """Write to a file."""
        path.parent.mkdir(parents=True, exist_ok=True)
        packed = msgpack.packb(vars(self), use_bin_type=True)
        path.write_bytes(zlib.compress(packed, 9))

    @classmethod
    def read(cls, path: Path) -> "Golden":
        """Read from a file. Raises GraderError where it is missing or damaged."""
        try:
            content = msgpack.unpackb(zlib.decompress(path.read_bytes()), raw=False)
            return cls(**content)
        except (OSError, zlib.error, ValueError, TypeError) as error:
            raise GraderError(
                f"The recorded answers {path} cannot be read: {error}.",
                "Get a fresh copy; authors: run `grader stubs`.",
            ) from error


def read_thresholds(folder: Path, module: str) -> dict[str, float]:
    """The calibrated thresholds of an exercise, empty where it has none."""
    path = folder / "thresholds" / f"{module}.json"
    if not path.exists():
        return {}
    entries: dict[str, Any] = json.loads(path.read_text())
    return {name: float(entry["threshold"]) for name, entry in entries.items()}
