"""The `oracle` fixture: what a right solution answers. Checks never import `solutions`.

An oracle is a `Student` whose module is the reference: on the trusted side it runs in the judge's own process; in a
student's folder its answers are replayed from a tape that the author's machine recorded for the visible checks.
"""

import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgpack

from grader.checks.student import Conversation, Student
from grader.engine.protocol import decode
from grader.engine.workers import Worker
from grader.errors import GraderError

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


class Oracle(Student):
    """The reference's answers, and the thresholds that calibration measured."""

    def __init__(self, conversation: Conversation, thresholds: Mapping[str, float]) -> None:
        super().__init__(conversation)
        self.thresholds = thresholds

    def threshold(self, name: str) -> float:
        """A calibrated threshold. Raises GraderError where there is none of that name."""
        if name not in self.thresholds:
            raise GraderError(f"No threshold `{name}` was calibrated.", "Run `grader calibrate`.")
        return self.thresholds[name]


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
