"""Grading gives the same marks whoever runs it: root, or a plain user without any privilege."""

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tiny_course import (
    DOUBLE,
    GRADER,
    SECRET,
    TRIPLE,
    make_course,
    notebook,
    outcomes,
    read_results,
    why_no_sandbox,
    write_files,
)

import grader
from grader.gradebook.exports import without_times

USER = 61234  # nobody's: it owns nothing on this machine
OTHERS = 40  # processes that the user runs beside: more than a worker may have
HALVES = {
    "ada": "return x / 2",
    "wrong": "return x",
    "leaves": "import os; os._exit(5)",
    "slow": "while True: pass",
    "threads": "import concurrent.futures as f\n    return [*f.ThreadPoolExecutor(4).map(lambda n: n / 2, [x] * 9)][0]",
    "forks": "import os, time\n    while True:\n        if not os.fork(): time.sleep(100)",
    "writes": "open('own', 'w').write('x'); return x / 2",
    "peeks": "return 1.5 if open('/etc/passwd').read() else 0",
}
NEEDED = [Path(place).resolve() for place in (sys.base_prefix, sys.prefix, Path(grader.__file__).parents[1])]


def why_not() -> str:
    """Why a plain user cannot be tried here; empty where one can."""
    if os.name != "posix" or os.getuid() != 0:
        return "only root can run something as another user"
    if shutil.which("setpriv") is None:
        return "util-linux's setpriv is not installed"
    if why_no_sandbox():
        return why_no_sandbox()
    trial = as_user(Path("/"), [sys.executable, "-c", "import click, grader"])
    return "" if trial.returncode == 0 else f"a plain user cannot run this interpreter: {trial.stderr[-200:]}"


def closed_folders() -> set[Path]:
    """The outermost folders above the interpreter and this package that only their owner may enter, as /root is."""
    above = [[folder for folder in reversed(place.parents) if not folder.stat().st_mode & 0o001] for place in NEEDED]
    return {closed[0] for closed in above if closed}


def as_user(home: Path, command: list[str]) -> subprocess.CompletedProcess[str]:
    """Run a command as USER without privileges, among OTHERS other processes of that user.

    Where folders above the interpreter are closed to the user, it runs in a mount namespace in which they hold nothing
    but the interpreter and this package.
    """
    mounts = ["bwrap", "--dev-bind", "/", "/"]
    for folder in closed_folders():
        mounts += ["--perms", "0755", "--tmpfs", str(folder)]
        for place in NEEDED:
            if place.is_relative_to(folder):
                for parent in reversed(place.relative_to(folder).parents[:-1]):
                    mounts += ["--perms", "0755", "--dir", str(folder / parent)]
                mounts += ["--ro-bind", str(place), str(place)]
    plain = [
        "setpriv",
        f"--reuid={USER}",
        f"--regid={USER}",
        "--clear-groups",
        "--inh-caps=-all",
        "--bounding-set=-all",
    ]
    crowd = f'for n in $(seq {OTHERS}); do sleep 100 >/dev/null 2>&1 & all="$all $!"; done'
    script = f"{crowd}; cat /proc/self/status; {shlex.join(command)}; r=$?; kill $all; exit $r"
    own = {"HOME": str(home), "XDG_CACHE_HOME": f"{home}/cache", "XDG_CONFIG_HOME": f"{home}/config"}
    whole = [*mounts, "--cap-add", "ALL", "--die-with-parent", *plain, "sh", "-c", script]
    return subprocess.run(whole, cwd=home, env=os.environ | own, capture_output=True, text=True, timeout=120)


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that everybody can read, unlike pytest's own, with a folder `home` that is the user's."""
    if reason := why_not():
        pytest.skip(reason)
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        folder = Path(name)
        make_course(folder / "course")
        for student, half in HALVES.items():
            text = DOUBLE.replace("return x / 2", half)
            write_files(folder / "class" / student, {"double.py": text, "triple.py": TRIPLE})
        write_files(folder / "class/alan", {"double.ipynb": notebook("1 / 0", DOUBLE)})
        write_files(folder, {"secret": SECRET})
        (folder / "home").mkdir()
        os.chown(folder / "home", USER, USER)
        subprocess.run(["chmod", "-R", "a+rX", name], check=True)
        yield folder


def test_a_plain_user_and_root_give_the_same_marks(place: Path) -> None:
    def command(out: str) -> list[str]:
        rest = ["--course", f"{place}/course", "--secret-file", f"{place}/secret", "--jobs", "2", "--quiet"]
        return [*GRADER, "grade", f"{place}/class", "--out", out, *rest]

    run = as_user(place / "home", command("marks"))
    assert run.returncode == 0, run.stderr
    status = dict(line.split(":\t", 1) for line in run.stdout.splitlines() if ":\t" in line)
    assert status["Uid"].split() == [str(USER)] * 4
    assert int(status["CapEff"], 16) == int(status["CapPrm"], 16) == int(status["CapAmb"], 16) == 0
    assert (place / "home/marks/gradebook.csv").stat().st_uid == USER

    root = subprocess.run(command(f"{place}/marks"), capture_output=True, text=True, timeout=120)
    assert root.returncode == 0, root.stderr
    by_user, by_root = read_results(place / "home/marks"), read_results(place / "marks")
    assert {name: without_times(marks) for name, marks in by_user.items()} == {
        name: without_times(marks) for name, marks in by_root.items()
    }
    assert {marks["isolation"] for marks in by_user.values()} == {"full"}
    halves = {name: outcomes(marks)["half"] for name, marks in by_user.items()}
    assert halves == {
        "ada": "passed",
        "alan": "passed",
        "forks": "failed",
        "leaves": "crashed",
        "peeks": "failed",
        "slow": "timeout",
        "threads": "passed",
        "writes": "passed",
        "wrong": "failed",
    }
