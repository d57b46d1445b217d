"""The judge's end of a worker: how one is started, asked and ended."""

import json
import multiprocessing
import os
import signal
import socket
import struct
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from grader.errors import GraderError
from grader.worker.limits import DEFAULT, MIB, Limits
from grader.worker.protocol import Channel, ChannelClosed, DeadlineExceeded, Worker

MOST_PROCESSES = 512  # that are looked at for their memory


class WorkerGone(Exception):
    """The worker ended before it answered; the message says how, in the student's terms.

    killed: from outside, for want of memory say: nothing in the sandbox can send its first process SIGKILL.
    """

    def __init__(self, how: str, killed: bool = False) -> None:
        super().__init__(how)
        self.killed = killed


class ZygoteGone(Exception):
    """The zygote ended: the whole pool has to start again."""


Launcher = Callable[[], Worker]


class InProcess:
    """A session in this very process: for our own references and mutants, never for a student's code."""

    def __init__(self) -> None:
        import torch

        from grader.worker.session import Session

        torch.set_num_threads(1)  # a pool of threads would hang the forks that come after
        self.session = Session()

    def ask(self, request: bytes, deadline: float) -> bytes:
        return self.session.answer(request)

    def end(self) -> None:
        self.session.close()


class Spawned:
    """A plain subprocess, on any system: the student's own code on the student's own machine."""

    def __init__(self, show_output: bool = False) -> None:
        from grader.worker import session

        ours, theirs = socket.socketpair()
        context = multiprocessing.get_context("spawn")
        self.process = context.Process(
            target=session.serve, args=(theirs, None if show_output else session.silence), daemon=True
        )
        self.process.start()
        theirs.close()
        self.channel = Channel(ours, DEFAULT.answer)

    def ask(self, request: bytes, deadline: float) -> bytes:
        return _exchange(self.channel, request, deadline, None, self._gone)

    def _gone(self) -> WorkerGone:
        self.process.join(1)
        return _ending(self.process.exitcode)

    def end(self) -> None:
        self.channel.close()
        self.process.kill()
        self.process.join()


class Forked:
    """A fork of the zygote, asked for over `control`. Raises GraderError where none can be had."""

    def __init__(self, control: socket.socket, limits: Limits = DEFAULT) -> None:
        self.control, self.limits = control, limits
        ours, theirs = socket.socketpair()
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        reply = self._ask_zygote({"ask": "fork", "limits": asdict(limits)}, theirs)
        theirs.close()
        if "problem" in reply:
            raise _no_worker(reply["problem"])
        self.number: int | None = reply["worker"]
        ours.settimeout(20)
        try:
            hello, ancillary, _, _ = ours.recvmsg(1, socket.CMSG_SPACE(12))
        except OSError:
            hello, ancillary = b"", []
        if not hello:
            gone = _ending(self._finish())
            ours.close()
            raise _no_worker(f"it {gone}")
        self.why: WorkerGone | None = None
        self.pid = struct.unpack("3i", ancillary[0][2][:12])[0]
        self.channel = Channel(ours, limits.answer)

    def ask(self, request: bytes, deadline: float) -> bytes:
        return _exchange(self.channel, request, deadline, self._watch_memory, self._gone)

    def post(self, request: bytes) -> None:
        """Send a request whose answer is received later."""
        with suppress(ChannelClosed):  # `receive` tells
            self.channel.post(request)

    def receive(self, deadline: float) -> bytes:
        """The answer to the first request posted that has none yet. Raises as `ask` does."""
        return _exchange(self.channel, None, deadline, self._watch_memory, self._gone)

    def _watch_memory(self) -> None:
        """End it where it uses too much; what it answered before can still be read."""
        if self.number is not None and _memory(self.pid) > self.limits.memory:
            self._finish()
            self.why = WorkerGone(f"used more than {self.limits.memory // MIB} MiB of memory")

    def _gone(self) -> WorkerGone:
        return self.why or _ending(self._finish())

    def _finish(self) -> int | None:
        if self.number is None:
            return None
        number, self.number = self.number, None
        return self._ask_zygote({"ask": "end", "worker": number}).get("status")

    def _send(self, request: dict, attached: socket.socket | None = None) -> None:
        try:
            socket.send_fds(self.control, [json.dumps(request).encode()], [attached.fileno()] if attached else [])
        except OSError as error:
            raise ZygoteGone from error

    def _ask_zygote(self, request: dict, attached: socket.socket | None = None) -> dict:
        self._send(request, attached)
        try:
            reply = self.control.recv(4096)
        except OSError as error:
            raise ZygoteGone from error
        if not reply:
            raise ZygoteGone
        return json.loads(reply)

    def end(self) -> None:
        if self.number is not None:
            number, self.number = self.number, None
            self._send({"ask": "drop", "worker": number})
        self.channel.close()


def _no_worker(why: str) -> GraderError:
    return GraderError(
        f"The sandbox could not start a worker: {why}.", "See that there is memory left, or grade with fewer --jobs."
    )


def _exchange(
    channel: Channel,
    request: bytes | None,
    deadline: float,
    watch: Callable[[], None] | None,
    gone: Callable[[], WorkerGone],
) -> bytes:
    try:
        if request is not None:
            channel.send(request, deadline, watch)
        return channel.receive(deadline, watch)
    except ChannelClosed as error:
        raise gone() from error


def _ending(code: int | None) -> WorkerGone:
    if code is None:
        return WorkerGone("was ended")
    if code < 0:
        with suppress(ValueError):
            name = signal.Signals(-code).name
            return WorkerGone(f"was ended by {name}", killed=name == "SIGKILL")
    return WorkerGone(f"left by itself (exit code {code})")


def _memory(pid: int) -> int:
    """Bytes of memory of a process and all below it; of pages that several processes have, each bears its share."""
    total, seen, waiting = 0, 0, [pid]
    while waiting and seen < MOST_PROCESSES:
        current = waiting.pop()
        seen += 1
        with suppress(OSError):  # it has ended meanwhile
            total += _share(current)
            for task in os.listdir(f"/proc/{current}/task"):
                with open(f"/proc/{current}/task/{task}/children") as children:
                    waiting += map(int, children.read().split())
    return total


def _share(pid: int) -> int:
    """A process's share of memory that is no file's; all of it where the process hides how it shares."""
    fields = ("Pss_Anon:", "Pss_Shmem:", "SwapPss:")
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except PermissionError:
        fields = ("RssAnon:", "RssShmem:", "VmSwap:")
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return sum(int(line.split()[1]) << 10 for line in lines if line.startswith(fields))


def deadline_in(seconds: float) -> float:
    """A deadline for `Worker.ask`."""
    return time.monotonic() + seconds


__all__ = ["DeadlineExceeded", "Forked", "InProcess", "Launcher", "Spawned", "Worker", "WorkerGone", "ZygoteGone"]
