"""A class of hostile and honest students, graded by the command in a process of its own, and watched meanwhile."""

import ctypes
import json
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil

from attacks.attack import Attack, honest
from grader.engine.workers import _memory as memory_of

HONEST_NAMES = ("0 honest", "honest 1", "zz honest")  # before, among and after the others
CANARY = "a-canary-in-the-environment"
GRADE = "from grader.cli import main; main()"
PR_SET_CHILD_SUBREAPER = 36


@dataclass(frozen=True)
class Report:
    """What a run came to: the results of each student, and what was seen of its processes meanwhile and afterwards.

    memory: the most bytes that all of them had at once.
    """

    out: Path
    marks: dict[str, dict[str, Any]]
    code: int
    log: str
    seconds: float
    memory: int
    survivors: list[str]

    def entry(self, attack: Attack) -> dict[str, Any]:
        """The attacked exercise in the attacker's results."""
        return self.marks[attack.name]["exercises"][attack.exercise]

    def written(self) -> dict[str, bytes]:
        """Every byte that the run wrote for people to read, by file."""
        return {str(path): path.read_bytes() for path in self.out.rglob("*") if path.is_file()}


def grade(folder: Path, attacks: Sequence[Attack], exercises: Sequence[str], secret: str, limit: float = 280) -> Report:
    """Hand in `attacks` beside honest students and grade all; kills the run, and says so, after `limit` seconds."""
    handed_in, out = folder / "handed_in", folder / "out"
    token = f"atk{secrets.token_hex(4)}"
    for number, name in enumerate(HONEST_NAMES):
        (handed_in / name).mkdir(parents=True)
        for exercise in exercises:
            text = f"{honest(exercise, number)}\n# by {name}\n"  # two with the same text would be judged once
            (handed_in / name / f"{exercise}.py").write_text(text)
    for attack in attacks:
        attack.hand_in(handed_in / attack.name)
        own = handed_in / attack.name / f"{attack.exercise}.py"
        if own.exists():
            own.write_text(own.read_text().replace("@TOKEN@", token))
    (folder / "secret").write_text(secret + "\n")
    command = [sys.executable, "-c", GRADE, "grade", handed_in, "--out", out, "--exercises", ",".join(exercises)]
    adopt_orphans()
    begin, memory = time.monotonic(), 0
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [*command, "--jobs", "2", "--secret-file", folder / "secret"],
            env={**os.environ, "XDG_CACHE_HOME": str(folder.parent / "cache"), "ATTACKS_SECRET": CANARY},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
        while process.poll() is None and time.monotonic() < begin + limit:
            memory = max(memory, memory_of(process.pid))
            time.sleep(0.2)
        process.kill()
    return Report(
        out,
        {path.parent.name: json.loads(path.read_text()) for path in out.glob("*/results.json")},
        process.wait(),
        (folder / "log").read_text(errors="replace"),
        time.monotonic() - begin,
        memory,
        survivors(token),
    )


def adopt_orphans() -> None:
    """Whoever outlives its parent from now on becomes a child of this process."""
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def survivors(token: str, patience: float = 5) -> list[str]:
    """Processes that are there `patience` seconds after a run: our own children, and who bears its token for a name."""
    deadline = time.monotonic() + patience
    while True:
        left = [each for each in psutil.Process().children(recursive=True) if _runs(each)]
        left += [each for each in psutil.process_iter(["name"]) if each.info["name"] == token]
        if not left or time.monotonic() > deadline:
            return [str(each) for each in left]
        time.sleep(0.1)


def _runs(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
