"""The demo through the installed command: a class of right, wrong, broken, slow and hostile submissions."""

import csv
import json
import subprocess
import sys
from pathlib import Path

import pytest

GRADER = Path(sys.executable).with_name("grader")


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """(what was printed, the folder of marks)."""
    folder = tmp_path_factory.mktemp("demo")
    run = subprocess.run([GRADER, "demo", "--out", folder], capture_output=True, text=True, timeout=600)
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout, folder / "marks"


def marks_of(demo, student):
    return json.loads((demo[1] / student / "results.json").read_text())


def test_right_submissions_get_full_marks_also_as_notebooks(demo):
    for student in ("ada", "alan"):
        marks = marks_of(demo, student)
        lost = [c for e in marks["exercises"].values() for c in e["checks"] if c["outcome"] != "passed"]
        assert marks["score"] == marks["max_score"], lost


def test_a_known_mistake_costs_some_marks_and_is_named(demo):
    for student in ("grace", "edsger"):
        marks = marks_of(demo, student)
        assert 0 < marks["score"] < marks["max_score"]
    messages = [c["message"] for e in marks_of(demo, "grace")["exercises"].values() for c in e["checks"]]
    assert any("This is what comes out when" in message for message in messages)


def test_bare_stubs_score_nothing_and_say_so(demo):
    marks = marks_of(demo, "niklaus")
    assert marks["score"] == 0
    for exercise in marks["exercises"].values():
        assert exercise["status"] == "graded"
        assert any("is not implemented yet" in check["message"] for check in exercise["checks"])


def test_a_slow_function_costs_its_own_checks(demo):
    checks = marks_of(demo, "donald")["exercises"]["conv_shapes"]["checks"]
    outcomes = [check["outcome"] for check in checks]
    assert "timeout" in outcomes
    assert outcomes.count("passed") >= len(outcomes) / 2


def test_a_hostile_submission_gains_nothing_by_it(demo):
    exercises = marks_of(demo, "mallory")["exercises"]
    assert exercises["conv_shapes"]["score"] == 0
    assert exercises["training"]["status"] == "import_error"
    assert {"crashed"} <= {check["outcome"] for check in exercises["neuron"]["checks"]}


def test_it_says_where_everything_lies(demo):
    printed, folder = demo
    for name in ("gradebook.csv", "gradebook.sqlite", "results.json"):
        assert name in printed
    assert "\x1b[" not in printed
    with (folder / "gradebook.csv").open() as file:
        rows = {row["student"]: row for row in csv.DictReader(file)}
    assert set(rows) == {"ada", "alan", "grace", "edsger", "niklaus", "barbara", "donald", "mallory"}
    assert rows["ada"]["total"] == rows["ada"]["max_total"]
