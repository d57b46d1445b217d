"""Judges at work: one warm zygote, several judge processes forked from a warm parent, and tasks handed to them."""

import logging
import multiprocessing
import os
import signal
import socket
from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from grader.engine.diagnosis import foresight_of, judge_of
from grader.engine.judge import ImportProblem, Judge
from grader.engine.sandbox import Zygote, start_zygote, wait_ready
from grader.engine.workbench import Workbench
from grader.engine.workers import Forked, ZygoteGone
from grader.gradebook.models import Verdict
from grader.worker import kernel
from grader.worker.limits import DEFAULT, Limits

log = logging.getLogger(__name__)
MAX_DEATHS = 2  # of a task that was alone: after that its remaining checks are withheld

_forking = multiprocessing.get_context("fork")


@dataclass(frozen=True)
class Task:
    """One module of one submission to judge; `done` are verdicts that an earlier run reached."""

    key: str
    module: str
    files: tuple[tuple[Any, ...], ...]
    done: Mapping[str, Verdict] = field(default_factory=dict)


@dataclass(frozen=True)
class Event:
    """News of a task: a verdict, a problem of the file, or neither: it is finished."""

    task: Task
    verdict: Verdict | None = None
    problem: str = ""

    @property
    def finished(self) -> bool:
        return self.verdict is None


@dataclass
class _Clerk:
    """A judge process as the controller sees it."""

    process: Any
    line: Connection
    task: Task | None = None


class Pool:
    """Runs tasks on `jobs` judges. A process that dies costs the checks in flight: the pool starts anew and goes on."""

    def __init__(
        self,
        benches: Sequence[Workbench],
        secret: bytes,
        jobs: int,
        isolation: str,
        packages: Sequence[str] = (),
        limits: Limits = DEFAULT,
    ) -> None:
        self.benches = {bench.module: bench for bench in benches}
        self.secret, self.jobs, self.isolation, self.packages, self.limits = secret, jobs, isolation, packages, limits
        self.zygote: Zygote | None = None
        self.clerks: list[_Clerk] = []
        self.judges: dict[str, Judge] = {}

    def start(self) -> None:
        """Start the zygote, and warm this process meanwhile. Raises GraderError."""
        data = {name for bench in self.benches.values() for name in bench.worker_data}
        glove: tuple[Path, Path] | None = None
        if "glove" in data:
            from grader.data.vectors import prepare_glove

            glove = prepare_glove()
        nets = [net for bench in self.benches.values() for net in bench.worker_nets]
        self.zygote = start_zygote(self.jobs, self.isolation, self.packages, glove, nets)
        if not self.judges:
            import torch

            torch.set_num_threads(1)
            for bench in self.benches.values():
                bench.warm()
                judge = self.judges[bench.module] = judge_of(bench, self.secret)
                judge.foresight = foresight_of(bench, judge)
            with suppress(OSError):
                kernel.collapse_into_huge_pages()
        wait_ready(self.zygote)
        self.clerks = [self._hire(control) for control in self.zygote.controls]

    def stop(self) -> None:
        """End every process."""
        for clerk in self.clerks:
            clerk.line.close()
            clerk.process.kill()
            clerk.process.join()
        self.clerks = []
        if self.zygote is not None:
            self.zygote.stop()
            self.zygote = None

    def run(self, tasks: Sequence[Task]) -> Iterator[list[Event]]:
        """Judge the tasks, in order as far as may be; events come as they happen, those at hand together."""
        waiting: deque[Task] = deque(tasks)
        suspects: deque[Task] = deque()  # were at work when a process died, and go on one at a time
        deaths: Counter[str] = Counter()
        while waiting or suspects or any(clerk.task for clerk in self.clerks):
            try:
                self._hand_out(waiting, suspects)
                busy = {clerk.line: clerk for clerk in self.clerks if clerk.task}
                for line in wait(list(busy)):
                    yield from self._all_news(busy[line])  # type: ignore[index]
            except (EOFError, OSError, ZygoteGone):
                log.warning("a process of the grader ended; the pool starts again")
                at_work = [clerk.task for clerk in self.clerks if clerk.task]
                deaths.update(task.key for task in at_work if len(at_work) == 1)
                for task in at_work:
                    if deaths[task.key] < MAX_DEATHS:
                        suspects.append(task)
                    else:
                        yield list(self._withhold(task))
                self.stop()
                self.start()

    def _hand_out(self, waiting: deque[Task], suspects: deque[Task]) -> None:
        """A task for each judge that has none; for one of them alone where it is a suspect."""
        free = [clerk for clerk in self.clerks if clerk.task is None]
        if suspects:
            free, waiting = (free[:1] if len(free) == len(self.clerks) else []), suspects
        for clerk in free:
            if waiting:
                clerk.task = waiting.popleft()
                clerk.line.send(clerk.task)

    def _all_news(self, clerk: _Clerk) -> Iterator[list[Event]]:
        """The events that are at hand, in one list; those before the end of a judge too."""
        news: list[Event] = []
        try:
            while clerk.task and (not news or clerk.line.poll()):
                news += self._news(clerk)
        finally:
            if news:
                yield news

    def _news(self, clerk: _Clerk) -> Iterator[Event]:
        task = clerk.task
        assert task is not None
        kind, content = clerk.line.recv()
        if kind == "gone":
            raise ZygoteGone
        if kind == "verdict":
            clerk.task = Task(task.key, task.module, task.files, {**task.done, content.name: content})
            yield Event(task, verdict=content)
        else:
            clerk.task = None
            yield Event(task, problem=content)

    def _withhold(self, task: Task) -> Iterator[Event]:
        judge = self.judges[task.module]
        for check in judge.checks:
            if check.name not in task.done:
                yield Event(task, verdict=judge.withheld(check))
        yield Event(task)

    def _hire(self, control: socket.socket) -> _Clerk:
        ours, theirs = _forking.Pipe()
        lines = [clerk.line for clerk in self.clerks]
        process = _forking.Process(target=self._serve, args=(theirs, control, [ours, *lines]), daemon=True)
        process.start()
        theirs.close()
        clerk = _Clerk(process, ours)
        return clerk

    def _serve(self, line: Connection, control: socket.socket, others: list[Connection]) -> None:
        """A judge process: tasks in, news out."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # the controller decides when to stop
        with suppress(OSError):
            kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
        for other in others:
            other.close()
        assert self.zygote is not None
        for socket_ in self.zygote.controls:
            if socket_ is not control:
                socket_.close()
        try:
            while True:
                task: Task = line.recv()
                problem = ""
                judge = self.judges[task.module]
                for news in judge.grade(task.files, partial(Forked, control, self.limits), task.done):
                    if isinstance(news, ImportProblem):
                        problem = news.message
                    else:
                        line.send(("verdict", news))
                line.send(("done", problem))
        except ZygoteGone:
            line.send(("gone", ""))
        except EOFError:
            pass
        except BaseException:
            log.exception("a judge failed")
        finally:
            os._exit(0)
