"""Starts the zygote: inside bubblewrap ("full"), or as a plain process ("process"), the lesser level."""

import json
import os
import select
import shutil
import site
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from grader.errors import GraderError

PACKAGE = Path(__file__).resolve().parent.parent
SCRATCH = "/scratch"  # of the sandbox: each worker's own, in memory
VISIBLE = ("__init__.py", "atomic.py", "errors.py", "worker", "data")  # no checks, mutants or solutions
LEVELS = {
    "full": "own users, processes, mounts, network and IPC for each worker; no file but the libraries",
    "process": "a process of its own with limits, but the whole file system and network of this user",
    "none": "the student's own machine: no isolation",
}
GET_BUBBLEWRAP = "Install bubblewrap (Debian, Ubuntu: apt-get install bubblewrap; Fedora: dnf install bubblewrap)"


class Zygote:
    """A running zygote and the judges' ends of its control sockets."""

    def __init__(self, process: subprocess.Popen, controls: list[socket.socket], isolation: str) -> None:
        self.process, self.controls, self.isolation = process, controls, isolation

    def alive(self) -> bool:
        """Whether it still runs."""
        return self.process.poll() is None

    def stop(self) -> None:
        """End it, and with it every worker."""
        for control in self.controls:
            control.close()
        self.process.kill()
        self.process.wait()


def start_zygote(
    judges: int,
    isolation: str,
    packages: Sequence[str] = (),
    glove: tuple[Path, Path] | None = None,
    nets: Sequence[tuple[list, Sequence[int]]] = (),
) -> Zygote:
    """Start a zygote that serves `judges` judges; returns at once, `wait_ready` waits for its imports.

    packages: what to import beside torch; glove: the files of the word vectors (.npy, words); nets: descriptions of
    nets for digits, and the batch sizes that they will meet.
    """
    pairs = [socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET) for _ in range(judges)]
    numbers = [child.fileno() for _, child in pairs]
    home = SCRATCH if isolation == "full" else "/tmp"
    environment = {
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "HOME": home,
        "TMPDIR": home,
        "USER": "student",
        "LOGNAME": "student",
        "MPLBACKEND": "Agg",
        "MPLCONFIGDIR": home,
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONHASHSEED": "0",
        "CUDA_VISIBLE_DEVICES": "",  # a real device cannot be used after a fork
        "PYTHONPATH": str(PACKAGE.parent),
        "GRADER_WARM": ",".join(packages),
        "GRADER_NETS": json.dumps(nets),
        **dict.fromkeys(
            ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS"), "1"
        ),  # a thread pool that was started before a fork hangs the child
        **{name: os.environ[name] for name in ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE") if name in os.environ},
    }
    command = [os.path.abspath(sys.executable), "-P", "-m", "grader.worker.zygote", isolation, *map(str, numbers)]
    if isolation == "full":
        problem = sandbox_problem()
        if problem:
            raise problem
        environment["PYTHONPATH"] = "/grader"
        command = bubblewrap(glove) + command
    if glove:
        places = ("/vectors/table.npy", "/vectors/words.txt") if isolation == "full" else glove
        environment["GRADER_GLOVE"] = os.pathsep.join(map(str, places))
    process = subprocess.Popen(
        command, env=environment, pass_fds=numbers, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    for _, child in pairs:
        child.close()
    return Zygote(process, [parent for parent, _ in pairs], isolation)


def wait_ready(zygote: Zygote, seconds: float = 120) -> None:
    """Wait until the zygote has imported everything. Raises GraderError where it does not get that far."""
    deadline = time.monotonic() + seconds
    for control in zygote.controls:
        left = max(0.0, deadline - time.monotonic())
        message = control.recv(4096) if select.select([control], [], [], left)[0] else b""
        if not message or not json.loads(message).get("ready"):
            zygote.stop()
            raise GraderError(
                f"The sandbox did not start (isolation level {zygote.isolation}; its messages stand above).",
                "Run `grader doctor`; `--isolation process` grades without a sandbox, and writes so into every result.",
            )


def bubblewrap(glove: tuple[Path, Path] | None) -> list[str]:
    """The sandbox's view of the machine: libraries, this package's engine, and nothing of anybody's."""
    shown: list[tuple[Path, str]] = [(Path("/usr"), "/usr")]
    for place in {sys.prefix, sys.base_prefix, *site.getsitepackages()}:
        path = Path(os.path.abspath(place))  # called as ../.venv/bin/python, say
        if path.exists() and not path.is_relative_to("/usr"):
            shown.append((path, str(path)))
    shown += [(PACKAGE / name, f"/grader/grader/{name}") for name in VISIBLE]
    if glove:
        shown += [(glove[0], "/vectors/table.npy"), (glove[1], "/vectors/words.txt")]
    arguments = ["bwrap", "--die-with-parent", "--new-session", "--unshare-pid", "--unshare-net", "--unshare-ipc"]
    for folder in ["/etc", *_parents(target for _, target in shown)]:
        arguments += ["--perms", "0755", "--dir", folder]
    for source, target in sorted(shown, key=lambda pair: pair[1]):
        arguments += ["--ro-bind", str(source), target]
    for name in ("bin", "sbin", "lib", "lib64"):
        if Path(f"/{name}").is_symlink():
            arguments += ["--symlink", f"usr/{name}", f"/{name}"]
        elif Path(f"/{name}").exists():
            arguments += ["--ro-bind", f"/{name}", f"/{name}"]
    for name in ("/etc/ld.so.cache", "/etc/alternatives", "/etc/localtime"):
        arguments += ["--ro-bind-try", name, name]
    for hidden in _hidden_inside(shown):
        arguments += ["--tmpfs", hidden, "--remount-ro", hidden]
    arguments += ["--proc", "/proc", "--dev", "/dev", "--perms", "1777", "--tmpfs", SCRATCH]
    if not any(target.startswith("/tmp/") for _, target in shown):  # else this very checkout lies there
        arguments += ["--symlink", SCRATCH, "/tmp"]
    # Terminals are shared by all workers; what is mapped from /dev/zero counts as nobody's memory.
    arguments += ["--tmpfs", "/dev/pts", "--remount-ro", "/dev/pts", "--dev-bind", "/dev/null", "/dev/zero"]
    return [*arguments, "--remount-ro", "/dev", "--remount-ro", "/", "--chdir", SCRATCH]


def _parents(targets: Iterable[str]) -> list[str]:
    """Every folder above a target, outermost first: bubblewrap would make them unreadable for others."""
    folders = {str(parent) for target in targets for parent in Path(target).parents}
    return sorted(folders - {"/"})


def _hidden_inside(shown: list[tuple[Path, str]]) -> list[str]:
    """Every copy of this package within the libraries: one that is installed, editable or not, has the solutions."""
    places = [PACKAGE, *(Path(folder) / PACKAGE.name for folder in site.getsitepackages())]
    for source, _ in shown:
        for libraries in ("lib*", "local/lib*"):
            places += source.glob(f"{libraries}/python3*/*-packages/{PACKAGE.name}")
    inside = {place for place in places for source, _ in shown if place.is_dir() and place.is_relative_to(source)}
    return sorted(str(place) for place in inside if place not in {source for source, _ in shown})


def sandbox_problem() -> GraderError | None:
    """Why the full level cannot be had here, None where it can."""
    lesser = "or grade with `--isolation process`, which is written into every result."
    if sys.platform != "linux":
        return GraderError("The sandbox needs Linux.", f"Grade on Linux, {lesser}")
    if shutil.which("bwrap") is None:
        return GraderError(
            "The sandbox needs bubblewrap, and the command bwrap is not here.", f"{GET_BUBBLEWRAP}, {lesser}"
        )
    trial = subprocess.run(
        ["bwrap", "--unshare-all", "--ro-bind", "/", "/", "--dev", "/dev", "unshare", "--user", "--pid", "true"],
        capture_output=True,
        text=True,
    )
    if trial.returncode:
        said = (trial.stderr.strip().splitlines() or ["no message"])[-1]
        return GraderError(
            f"This kernel does not let bubblewrap make namespaces: {said}",
            f"Allow unprivileged user namespaces (sysctl kernel.apparmor_restrict_unprivileged_userns=0), {lesser}",
        )
    return None
