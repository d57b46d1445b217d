"""The judge's end of a worker: how one is started, asked and ended."""

import json
import multiprocessing
import os
import socket
import struct
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from typing import Protocol

from grader.engine.limits import DEFAULT, MIB, Limits
from grader.engine.protocol import Channel, ChannelClosed, DeadlineExceeded


class WorkerGone(Exception):
    """The worker ended before it answered; the message says how, in the student's terms."""


class ZygoteGone(Exception):
    """The zygote ended: the whole pool has to start again."""


class Worker(Protocol):
    """Something that answers the judge's requests."""

    def ask(self, request: bytes, deadline: float) -> bytes:
        """The answer to one request. Raises WorkerGone, DeadlineExceeded, MalformedMessage."""

    def end(self) -> None:
        """Kill it, with all that it started. May be called twice."""


Launcher = Callable[[], Worker]


class InProcess:
    """A session in this very process: for our own references and mutants, never for a student's code."""

    def __init__(self) -> None:
        from grader.engine.worker import Session

        self.session = Session()

    def ask(self, request: bytes, deadline: float) -> bytes:
        return self.session.answer(request)

    def end(self) -> None:
        self.session.close()


class Spawned:
    """A plain subprocess, on any system: the student's own code on the student's own machine."""

    def __init__(self, show_output: bool = False) -> None:
        from grader.engine import worker

        ours, theirs = socket.socketpair()
        context = multiprocessing.get_context("spawn")
        self.process = context.Process(
            target=worker.serve, args=(theirs, None if show_output else worker.silence), daemon=True
        )
        self.process.start()
        theirs.close()
        self.channel = Channel(ours, DEFAULT.answer)

    def ask(self, request: bytes, deadline: float) -> bytes:
        return _exchange(self.channel, request, deadline, None, self._how)

    def _how(self) -> str:
        self.process.join(1)
        code = self.process.exitcode
        return "was ended" if code is None else _ending(code)

    def end(self) -> None:
        self.channel.close()
        self.process.kill()
        self.process.join()


class Forked:
    """A fork of the zygote, asked for over `control`."""

    def __init__(self, control: socket.socket, limits: Limits = DEFAULT) -> None:
        self.control, self.limits = control, limits
        ours, theirs = socket.socketpair()
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        reply = self._ask_zygote({"ask": "fork", "limits": asdict(limits)}, theirs)
        theirs.close()
        if "problem" in reply:
            raise WorkerGone(f"could not start ({reply['problem']})")
        self.number: int | None = reply["worker"]
        ours.settimeout(20)
        try:
            hello, ancillary, _, _ = ours.recvmsg(1, socket.CMSG_SPACE(12))
        except OSError:
            hello, ancillary = b"", []
        if not hello:
            how = self._how()
            ours.close()
            raise WorkerGone(how)
        self.pid = struct.unpack("3i", ancillary[0][2][:12])[0]
        self.channel = Channel(ours, limits.answer)
        self.baseline = _private_memory(self.pid)[0]

    def ask(self, request: bytes, deadline: float) -> bytes:
        return _exchange(self.channel, request, deadline, self._watch_memory, self._how)

    def _watch_memory(self) -> None:
        used, processes = _private_memory(self.pid)
        used -= self.baseline * processes
        if used > self.limits.memory:
            self._finish()
            raise WorkerGone(f"used more than {self.limits.memory // MIB} MiB of memory")

    def _how(self) -> str:
        status = self._finish()
        return "was ended" if status is None else _ending(status)

    def _finish(self) -> int | None:
        if self.number is None:
            return None
        number, self.number = self.number, None
        return self._ask_zygote({"ask": "end", "worker": number}).get("status")

    def _ask_zygote(self, request: dict, attached: socket.socket | None = None) -> dict:
        try:
            socket.send_fds(self.control, [json.dumps(request).encode()], [attached.fileno()] if attached else [])
            reply = self.control.recv(4096)
        except OSError as error:
            raise ZygoteGone from error
        if not reply:
            raise ZygoteGone
        return json.loads(reply)

    def end(self) -> None:
        self._finish()
        self.channel.close()


def _exchange(
    channel: Channel, request: bytes, deadline: float, watch: Callable[[], None] | None, how: Callable[[], str]
) -> bytes:
    try:
        channel.send(request, deadline)
        return channel.receive(deadline, watch)
    except ChannelClosed as error:
        raise WorkerGone(how()) from error


def _ending(code: int) -> str:
    if code < 0:
        import signal

        with suppress(ValueError):
            return f"was ended by {signal.Signals(-code).name}"
    return f"left by itself (exit code {code})"


def _private_memory(pid: int) -> tuple[int, int]:
    """Bytes of private and shared-anonymous memory of a process and all below it, and how many they are."""
    total, count, waiting = 0, 0, [pid]
    while waiting and count < 512:
        current = waiting.pop()
        with suppress(OSError):
            with open(f"/proc/{current}/status") as status:
                for line in status:
                    if line.startswith(("RssAnon", "RssShmem")):
                        total += int(line.split()[1]) << 10
            count += 1
            for task in os.listdir(f"/proc/{current}/task"):
                with open(f"/proc/{current}/task/{task}/children") as children:
                    waiting += map(int, children.read().split())
    return total, count


def deadline_in(seconds: float) -> float:
    """A deadline for `Worker.ask`."""
    return time.monotonic() + seconds


__all__ = ["DeadlineExceeded", "Forked", "InProcess", "Launcher", "Spawned", "Worker", "WorkerGone", "ZygoteGone"]
