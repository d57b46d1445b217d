"""The warm process: torch and public data imported once, then a fork for every worker. No student code runs here.

Started by `sandbox.py` as `python -m grader.worker.zygote ISOLATION DESCRIPTOR…`, one descriptor a judge. A judge
asks on its own socket, one JSON message a request: `fork` (with the worker's end of a channel attached) answers the
worker's number, `end` kills one and answers how it ended, `drop` kills one and answers nothing.
"""

import gc
import json
import os
import resource
import select
import signal
import socket
import sys
from contextlib import suppress
from typing import Any

from grader.worker import kernel
from grader.worker.limits import Limits

NOBODY, STUDENT = 65534, 1000
SCRATCH = "/scratch"


class Jail:
    """The namespaces of a sandboxed zygote, and how each fork gets its own. Entering it forks: the parent waits."""

    def __init__(self) -> None:
        if os.getuid() == 0:  # limits on processes do not bind the real root
            os.setgroups([])
            os.setresgid(NOBODY, NOBODY, NOBODY)
            os.setresuid(NOBODY, NOBODY, NOBODY)
        kernel.prctl(kernel.PR_SET_DUMPABLE, 1)
        user, group = os.getuid(), os.getgid()
        kernel.unshare(kernel.CLONE_NEWUSER | kernel.CLONE_NEWPID | kernel.CLONE_NEWNS)
        kernel.map_to(user, group, STUDENT)
        child = os.fork()
        if child:
            os._exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != 0)
        kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
        self.proc = os.open("/proc", os.O_PATH)
        self.own_pids = os.open("/proc/self/ns/pid", os.O_RDONLY)

    def seal(self) -> None:
        """Hide /proc: a worker sees no process, and no memory of one."""
        kernel.filter_program()
        kernel.mount_tmpfs("/proc", "size=4k,nr_inodes=2,mode=555", kernel.MS_RDONLY)

    def before_fork(self) -> None:
        kernel.setns(self.own_pids, kernel.CLONE_NEWPID)
        kernel.unshare(kernel.CLONE_NEWPID)

    def enter(self, limits: Limits) -> None:
        """In the child: its own users, mounts, network and IPC, a private scratch folder, and no privileges."""
        kernel.unshare(kernel.CLONE_NEWUSER | kernel.CLONE_NEWNS | kernel.CLONE_NEWNET | kernel.CLONE_NEWIPC)
        kernel.map_to(STUDENT, STUDENT, STUDENT, self.proc)
        size = f"size={limits.scratch},nr_inodes=4096,mode=700"
        kernel.mount_tmpfs(SCRATCH, size)
        kernel.mount_tmpfs("/dev/shm", size)


def mapped_bytes() -> int:
    """The address space in use."""
    with open("/proc/self/statm") as statm:
        return int(statm.read().split()[0]) * resource.getpagesize()


def limit_resources(limits: Limits, mapped: int) -> None:
    """Set the worker's rlimits; hard ones, so that they only ever shrink. mapped: bytes that it starts with."""
    for what, value in {
        resource.RLIMIT_AS: mapped + limits.address_space,
        resource.RLIMIT_CPU: limits.cpu_seconds,
        resource.RLIMIT_NPROC: limits.processes,
        resource.RLIMIT_FSIZE: limits.file_size,
        resource.RLIMIT_NOFILE: limits.open_files,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_MEMLOCK: 0,
        resource.RLIMIT_MSGQUEUE: 0,
        resource.RLIMIT_NICE: 0,
        resource.RLIMIT_RTPRIO: 0,
    }.items():
        resource.setrlimit(what, (value, value))


def warm(packages: list[str]) -> None:
    """Import what workers need, and run once what torch loads late."""
    import torch

    import grader.worker.session  # noqa: F401
    from grader.worker.instruments.words import glove

    if "GRADER_GLOVE" in os.environ:
        glove()
    torch.set_num_threads(1)
    for package in packages:
        with suppress(Exception):  # a package that is not there fails in the worker that wants it
            __import__(package)
    run_what_torch_loads_late()
    run_nets(json.loads(os.environ.get("GRADER_NETS", "[]")))
    gc.collect()
    gc.freeze()


def run_what_torch_loads_late() -> None:
    """A convolution, backward passes, optimizers and a loader: the first takes seconds on a busy machine."""
    import torch
    from torch import nn

    net = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout(0.1), nn.Flatten(), nn.Linear(18, 2))
    images, labels = torch.rand(4, 1, 8, 8), torch.tensor([0, 1, 0, 1])
    batches = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(images, labels), 2, shuffle=True)
    for optimizer in (torch.optim.SGD(net.parameters(), 0.1, momentum=0.9), torch.optim.Adam(net.parameters())):
        for inputs, targets in batches:
            optimizer.zero_grad()
            nn.functional.cross_entropy(net(inputs), targets).backward()
            optimizer.step()


def run_nets(nets: list[tuple[list, list[int]]]) -> None:
    """Run each net forwards and backwards on so many digits: a convolution is compiled for each size it meets."""
    import torch

    from grader.worker.instruments.nets import sequential

    for layers, counts in nets:
        net = sequential(layers)
        for count in counts:
            net(torch.rand(count, 1, 28, 28)).sum().backward()
            with torch.no_grad():
                net(torch.rand(count, 1, 28, 28))


class Zygote:
    """Forks workers for the judges at the other ends of `controls`."""

    def __init__(self, jail: Jail | None, controls: list[socket.socket]) -> None:
        self.jail, self.controls, self.mapped = jail, controls, mapped_bytes()
        self.dropped: list[int] = []
        if jail:
            jail.seal()

    def run(self) -> None:
        """Serve until every judge has hung up."""
        while self.controls:
            for control in select.select(self.controls, [], [])[0]:
                message, descriptors, _, _ = socket.recv_fds(control, 65536, 1)
                if not message:
                    self.controls.remove(control)
                elif (answer := self.answer(json.loads(message), descriptors)) is not None:
                    control.send(json.dumps(answer).encode())
            self.dropped = [worker for worker in self.dropped if os.waitpid(worker, os.WNOHANG)[0] == 0]

    def answer(self, request: dict[str, Any], descriptors: list[int]) -> dict[str, Any] | None:
        if request["ask"] == "fork":
            return self.fork(Limits(**request["limits"]), descriptors[0])
        self.kill(request["worker"])
        if request["ask"] == "drop":  # the kernel takes milliseconds to end a process: nobody waits for it
            self.dropped.append(request["worker"])
            return None
        _, status = os.waitpid(request["worker"], 0)
        return {"status": os.waitstatus_to_exitcode(status)}

    def fork(self, limits: Limits, descriptor: int) -> dict[str, Any]:
        try:
            if self.jail:
                self.jail.before_fork()
            worker = os.fork()
        except OSError as error:
            os.close(descriptor)
            return {"problem": str(error)}
        if worker == 0:
            try:
                self._become_worker(limits, descriptor)
            finally:
                os._exit(70)
        os.close(descriptor)
        return {"worker": worker}

    def kill(self, worker: int) -> None:
        with suppress(ProcessLookupError):
            if self.jail:
                os.kill(worker, signal.SIGKILL)  # the first of its process namespace: all others die with it
            else:
                os.killpg(worker, signal.SIGKILL)

    def _become_worker(self, limits: Limits, descriptor: int) -> None:
        from grader.worker import session

        os.setsid()  # kill(0) reaches the whole process group, in other namespaces too
        if self.jail:
            self.jail.enter(limits)
        else:
            kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
        limit_resources(limits, self.mapped)
        stream = socket.socket(fileno=os.dup2(descriptor, 3))
        session.silence()
        os.closerange(4, 65536)
        if self.jail:
            os.chdir(SCRATCH)
            kernel.drop_capabilities()
            kernel.filter_system_calls()
        stream.setblocking(True)
        stream.send(b"!")  # carries this process's number to the judge, by the kernel's word
        session.serve(stream)


def main(isolation: str, descriptors: list[str]) -> None:
    controls = [socket.socket(fileno=int(number)) for number in descriptors]
    jail = Jail() if isolation == "full" else None
    warm([package for package in os.environ.get("GRADER_WARM", "").split(",") if package])
    kernel.collapse_into_huge_pages()
    zygote = Zygote(jail, controls)
    for control in controls:
        control.send(b'{"ready": true}')
    zygote.run()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
