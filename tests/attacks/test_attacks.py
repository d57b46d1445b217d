"""Hostile submissions gain nothing, learn nothing, and cost nobody else anything."""

import fcntl
import hashlib
import json
import os
import pickle
import re
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from attacks.attack import FULL, HONEST, Attack, family
from attacks.classroom import CANARY, HONEST_NAMES, Report, adopt_orphans, grade, survivors
from attacks.planted import PLANTED
from grader.catalogue import load_course
from grader.checks.draws import Draw
from grader.checks.registry import load_checks
from grader.engine.grading import _task
from grader.engine.sandbox import sandbox_problem
from grader.engine.submissions import find_submissions
from grader.gradebook.exports import without_times, write_csv

pytestmark = pytest.mark.skipif(sandbox_problem() is not None, reason="there is no sandbox here")

COURSE = load_course()
SECRET = "the secret of the attacked course"
OTHER_SECRET = "another secret of the same course"
GIB = 1 << 30
MOST_MEMORY = 8 * GIB  # two judges and their workers, at their limits

# Families that are graded together, and the exercises that their honest neighbours hand in.
CLASSES = {
    "harming": (["harming"], ["neuron"]),
    "training": (["lingering", "faking", "faults"], ["training"]),
    "flooding": (["flooding"], ["neuron"]),
    "frames": (["frames"], ["neuron"]),
    "forging": (["forging", "lying"], ["neuron"]),
    "leaking": (["leaking", "climbing"], ["neuron"]),
}


@pytest.fixture(scope="session")
def untroubled(tmp_path_factory: pytest.TempPathFactory) -> Report:
    """The honest students, graded alone: once, also where several processes test."""
    own = tmp_path_factory.getbasetemp()
    kept = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "untroubled.pickle"
    with kept.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not kept.exists():
            report = grade(tmp_path_factory.mktemp("untroubled") / "run", [], list(HONEST), SECRET)
            kept.write_bytes(pickle.dumps(report))
    return pickle.loads(kept.read_bytes())


def test_honest_students_get_full_marks(untroubled: Report) -> None:
    """Without this the rest would prove nothing."""
    assert untroubled.code == 0, untroubled.log
    for name in HONEST_NAMES:
        for exercise, most in FULL.items():
            assert untroubled.marks[name]["exercises"][exercise]["score"] == most


def test_a_survivor_would_be_seen() -> None:
    """One that its parent leaves behind, in a session of its own."""
    adopt_orphans()
    subprocess.run(["sh", "-c", "setsid sleep 60 > /dev/null 2>&1 &"], check=True)
    try:
        assert len(survivors("", patience=0.2)) == 1
    finally:
        for process in psutil.Process().children():
            process.kill()
            process.wait()


@pytest.mark.parametrize("name", CLASSES)
def test_a_hostile_class_gains_nothing_and_harms_nobody(name: str, tmp_path: Path, untroubled: Report) -> None:
    """Among "leaking" is one attack that reads what is public: it shows that a success would be seen."""
    families, exercises = CLASSES[name]
    attacks = [attack for each in families for attack in family(each)]
    attacks += PLANTED if name == "forging" else []
    report = grade(tmp_path / "run", attacks, exercises, SECRET)
    problems = [*of_the_run(report), *of_the_neighbours(report, untroubled, exercises), *of_what_is_told(report)]
    for attack in attacks:
        problems += of_the_attack(report, attack)
    assert not problems, "\n".join(problems)


def test_hidden_inputs_stay_hidden(tmp_path: Path) -> None:
    """With another secret, those who carry hidden inputs out get the very same results: nothing comes through."""
    attacks = family("exfiltrating")
    reports = []
    for number, secret in enumerate((SECRET, OTHER_SECRET)):
        report = grade(tmp_path / f"run {number}", attacks, ["neuron", "mnist_classifiers"], secret)
        problems = [*of_the_run(report), *of_what_is_told(report)]
        for attack in attacks:
            problems += of_the_attack(report, attack)
            for check in report.entry(attack)["checks"]:
                if check["visibility"] == "hidden" and check["seconds"] % 1:
                    problems.append(f"{attack.name}: {check['name']} took {check['seconds']} s, to the millisecond")
        assert not problems, "\n".join(problems)
        reports.append({name: without_times(marks) for name, marks in report.marks.items()})
    for name, marks in reports[0].items():
        assert marks == reports[1][name], name


def test_a_killed_run_leaves_no_process(tmp_path: Path) -> None:
    """The command is killed while it waits for those who never return and for daemons."""
    attacks = [attack for attack in family("harming") if attack.name in ("sleeps", "daemons", "spins")]
    report = grade(tmp_path / "run", attacks, ["neuron"], SECRET, limit=12)
    assert report.code == -9
    assert not report.survivors


def test_blank_lines_do_not_hold_the_run_up() -> None:
    blank = SimpleNamespace(
        files=[SimpleNamespace(module="m", filename="m.py", cells=("\n" * 10_000,), notebook=False)]
    )
    source = SimpleNamespace(module="m", **vars(blank))
    begin = time.monotonic()
    _task("key", source, None, SimpleNamespace(verdicts=lambda key: {}), SimpleNamespace(packages=set()))  # type: ignore
    assert time.monotonic() - begin < 0.5


def test_nobody_gets_marks_from_a_group_that_is_not_theirs(tmp_path: Path) -> None:
    for name in ("honest 1", "hostile"):
        (tmp_path / "in" / name).mkdir(parents=True)
    (tmp_path / "in" / "hostile" / "group.txt").write_text("honest 1\n")
    found = find_submissions(tmp_path / "in")
    everyone = [{"student": each.student, "exercises": {}, "score": 0.0, "max_score": 10.0} for each in found]
    write_csv(tmp_path / "table.csv", everyone, [], {each.student: each.members for each in found})
    rows = (tmp_path / "table.csv").read_text().splitlines()
    assert sum(row.startswith("honest 1,") for row in rows) == 1


def of_the_run(report: Report) -> Iterator[str]:
    """What went wrong with a run itself."""
    if report.code != 0:
        yield f"the run ended with code {report.code}:\n{report.log[-3000:]}"
    if report.survivors:
        yield f"processes outlived the run: {report.survivors}"
    if report.memory > MOST_MEMORY:
        yield f"the run took {report.memory / GIB:.1f} GiB"


def of_the_neighbours(report: Report, untroubled: Report, exercises: Sequence[str]) -> Iterator[str]:
    """Whose honest results differ from those without attackers."""
    for name in HONEST_NAMES:
        for exercise in exercises:
            if canary(report, name, exercise) != canary(untroubled, name, exercise):
                yield f"{name}'s {exercise} is not what it was: {report.marks.get(name)}"


def canary(report: Report, name: str, exercise: str) -> str:
    """A hash of an honest student's results in one exercise."""
    marks = without_times(report.marks[name])["exercises"][exercise]
    return hashlib.sha256(json.dumps(marks, sort_keys=True).encode()).hexdigest()


def of_the_attack(report: Report, attack: Attack) -> Iterator[str]:
    """What an attack achieved, or that it did not run as it was meant to."""
    entry = report.entry(attack)
    told = json.dumps(entry, ensure_ascii=False)
    if entry["score"] > attack.ceiling:
        yield f"{attack.name}: {entry['score']} points, more than {attack.ceiling}: {passed(entry)}"
    if denied := passed(entry).intersection(attack.denied):
        yield f"{attack.name}: passed {denied}"
    if any(check["outcome"] == "error" for check in entry["checks"]):
        yield f"{attack.name}: a mark is withheld: {told}"
    if attack.shows and not any(json.dumps(text, ensure_ascii=False)[1:-1] in told for text in attack.shows):
        yield f"{attack.name}: nothing shows {attack.shows}: {told[:1500]}"
    if (took := sum(check["seconds"] for check in entry["checks"])) > attack.seconds:
        yield f"{attack.name}: took {took:.1f} s"
    if len(told) > 100_000:
        yield f"{attack.name}: {len(told)} characters of results"


def passed(entry: dict[str, Any]) -> set[str]:
    """The names of the checks that gave points."""
    return {check["name"] for check in entry["checks"] if check["score"]}


def of_what_is_told(report: Report) -> Iterator[str]:
    """What stands in the files of a run and must not."""
    texts = {SECRET, OTHER_SECRET, CANARY, "HIDDEN"} | trusted_lines()
    texts |= hidden_inputs(SECRET) | hidden_inputs(OTHER_SECRET)
    pattern = re.compile("|".join(map(re.escape, sorted(texts))).encode() + rb"|LEAKED:(?!public)")
    for file, content in report.written().items():
        for found in pattern.finditer(content):
            about = content[max(0, found.start() - 200) : found.end() + 200].decode(errors="replace")
            yield f"{found[0].decode()} stands in {file}: {about}"


def hidden_inputs(secret: str) -> set[str]:
    """The first digits of every number that the hidden checks of `neuron` draw."""
    checks = load_checks(COURSE.checks, "neuron")
    numbers: list[float] = []
    for name in ("test_mse_on_random_data", "test_ce_on_random_data"):
        for label in "abc":
            x, w, *_ = checks.random_problem(Draw(secret.encode(), "neuron", name), label)
            numbers += [number for row in [*x, w] for number in row]
    rng = Draw(secret.encode(), "neuron", "test_the_step_follows_the_gradient").random()
    numbers += [rng.uniform(-1, 1) for _ in range(5)]
    return {repr(abs(number))[:10] for number in numbers}


def trusted_lines() -> set[str]:
    """Lines of code of the solutions and checks, long enough to be nobody else's."""
    paths = [COURSE.solutions / "neuron.py", COURSE.solutions / "training.py", COURSE.checks / "test_neuron.py"]
    lines = {line.strip() for path in paths for line in path.read_text().splitlines()}
    return {line for line in lines if len(line) > 50 and line.endswith((")", ":", "]"))}
