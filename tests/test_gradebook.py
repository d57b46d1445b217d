"""No mark is lost or doubled, whatever ends the run; and what is exported is the marks, the same each time."""

import csv
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.errors import GraderError
from grader.gradebook.exports import folder_name, results, without_times, write_csv, write_results
from grader.gradebook.models import OUTCOMES, Verdict
from grader.gradebook.store import Gradebook

PASSED = Verdict("test_it", 1.0, 1.0, "passed", "visible", "shapes", "strong", "", "", 0.01)


def verdict(name: str, outcome: str = "passed", max_score: float = 1.0, **more: Any) -> Verdict:
    score = max_score if outcome == "passed" else 0.0
    return replace(PASSED, name=name, outcome=outcome, score=score, max_score=max_score, **more)


@pytest.fixture
def gradebook(tmp_path: Path) -> Iterator[Gradebook]:
    with Gradebook(tmp_path / "gradebook.sqlite") as opened:
        yield opened


def grade(gradebook: Gradebook, student: str, exercise: str, *verdicts: Verdict, **more: Any) -> None:
    key = f"key of {student} {exercise}"
    for each in verdicts:
        gradebook.commit((key, each))
    gradebook.place(student, exercise, key, "graded", isolation="full", **more)


# ---------------------------------------------------------------- verdicts


@pytest.mark.parametrize(
    "wrong",
    [
        {"outcome": "good"},
        {"visibility": "secret"},
        {"evidence": "weak"},
        {"score": 2.0},
        {"score": -1.0},
        {"score": float("nan")},
        {"max_score": float("inf")},
    ],
)
def test_a_verdict_that_makes_no_sense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong)).removeprefix("max_")):
        replace(PASSED, **wrong)


TEXT = st.text(max_size=20)
VERDICTS = st.builds(
    Verdict,
    name=st.sampled_from(["test_a", "test_b", "test_c"]),
    score=st.floats(0, 1),
    max_score=st.just(1.0),
    outcome=st.sampled_from(OUTCOMES),
    visibility=st.sampled_from(["visible", "hidden"]),
    goal=TEXT,
    evidence=st.sampled_from(["strong", "observed"]),
    message=TEXT,
    hint=TEXT,
    seconds=st.floats(0, 1e9),
)


@given(st.lists(st.tuples(st.sampled_from(["key 1", "key 2"]), VERDICTS), max_size=12))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_the_last_commit_of_each_check_holds(tmp_path: Path, commits: list[tuple[str, Verdict]]) -> None:
    file = tmp_path / "gradebook.sqlite"
    for path in tmp_path.iterdir():
        path.unlink()
    expected: dict[str, dict[str, Verdict]] = {"key 1": {}, "key 2": {}}
    with Gradebook(file) as first:
        for key, each in commits:
            first.commit((key, each))
            text = {name: getattr(each, name).replace("\0", "\\x00") for name in ("goal", "message", "hint")}
            expected[key][each.name] = replace(each, **text)
    with Gradebook(file) as again:
        for key, verdicts in expected.items():
            kept = {name: each for name, each in verdicts.items() if each.outcome != "error"}
            assert again.verdicts(key) == kept
            assert list(again.verdicts(key)) == list(kept)


def test_an_error_is_kept_to_be_seen_and_graded_again(gradebook: Gradebook) -> None:
    grade(gradebook, "ada", "neuron", verdict("test_a", "error"), verdict("test_b"))
    assert list(gradebook.verdicts("key of ada neuron")) == ["test_b"]
    assert [each.outcome for each in gradebook.exercise_results("ada")["neuron"].verdicts] == ["error", "passed"]
    grade(gradebook, "ada", "neuron", verdict("test_a"))
    assert list(gradebook.verdicts("key of ada neuron")) == ["test_a", "test_b"]


def test_text_from_a_students_process_is_made_storable(gradebook: Gradebook) -> None:
    gradebook.commit(("key", replace(PASSED, message="half \ud800, nul \0, é, 🙂")))
    assert gradebook.verdicts("key")["test_it"].message == "half \\ud800, nul \\x00, é, 🙂"


def test_what_an_exercise_points_to_is_replaced(gradebook: Gradebook) -> None:
    gradebook.place("ada", "neuron", None, "import_error", "line 3", ["a note"], "full")
    first = gradebook.exercise_results("ada")["neuron"]
    assert (first.status, first.message, first.notes, first.verdicts) == ("import_error", "line 3", ("a note",), ())
    grade(gradebook, "ada", "neuron", verdict("test_a"))
    second = gradebook.exercise_results("ada")["neuron"]
    assert (second.status, second.message, second.notes, len(second.verdicts)) == ("graded", "", (), 1)
    with pytest.raises(ValueError, match="status"):
        gradebook.place("ada", "neuron", None, "lost")


def test_files_that_gave_no_module_are_known_by_their_key(gradebook: Gradebook) -> None:
    assert gradebook.import_problem("key") is None
    gradebook.place("ada", "neuron", "key", "import_error", "line 3")
    gradebook.place("bob", "neuron", "key", "graded")
    assert gradebook.import_problem("key") == "line 3"
    assert gradebook.import_problem("another key") is None


def test_students_are_sorted_and_know_their_group(gradebook: Gradebook) -> None:
    gradebook.place("zoe", "neuron", None, "missing")
    gradebook.enrol("team", ["ada", "bob"])
    gradebook.enrol("eve")
    assert gradebook.students() == {"eve": (), "team": ("ada", "bob"), "zoe": ()}
    gradebook.enrol("team", ["ada"])
    assert gradebook.students()["team"] == ("ada",)


# ---------------------------------------------------------------- secrets, files, processes


def test_two_secrets_do_not_mix_unasked(gradebook: Gradebook) -> None:
    gradebook.begin("one")
    gradebook.begin("one")
    with pytest.raises(GraderError, match="another secret"):
        gradebook.begin("two")
    gradebook.begin("one")
    gradebook.begin("two", mix=True)
    with pytest.raises(GraderError, match="another secret"):
        gradebook.begin("one")
    gradebook.begin("one", mix=True)


def test_a_file_that_is_no_gradebook_is_refused(tmp_path: Path) -> None:
    corrupt = tmp_path / "corrupt.sqlite"
    corrupt.write_bytes(b"this is no database" * 100)
    foreign = tmp_path / "foreign.sqlite"
    with sqlite3.connect(foreign) as connection:
        connection.execute("CREATE TABLE songs (title)")
    folder = tmp_path / "folder"
    folder.mkdir()
    for file in (corrupt, foreign, folder, corrupt / "below"):
        with pytest.raises(GraderError) as refused:
            Gradebook(file)
        assert str(file.parent if file.name == "below" else file) in refused.value.problem
    with sqlite3.connect(foreign) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("songs",)]


@pytest.mark.parametrize("schema", ["1", "none"])
def test_a_gradebook_of_another_version_is_refused(tmp_path: Path, schema: str) -> None:
    file = tmp_path / "gradebook.sqlite"
    Gradebook(file).close()
    with sqlite3.connect(file) as connection:
        connection.execute("UPDATE grader_about SET value = ?", [schema])
    with pytest.raises(GraderError, match="format"):
        Gradebook(file)


def test_damage_inside_the_file_is_an_error_of_the_border(tmp_path: Path) -> None:
    file = tmp_path / "gradebook.sqlite"
    with Gradebook(file) as gradebook:
        for number in range(300):
            gradebook.commit(("key", verdict(f"test_{number}", message="x" * 500)))
    data = bytearray(file.read_bytes())
    data[3 * 4096 :] = b"\xa5" * (len(data) - 3 * 4096)
    file.write_bytes(data)
    with pytest.raises(GraderError, match="cannot be used"), Gradebook(file) as gradebook:
        gradebook.verdicts("key")


@pytest.mark.parametrize(
    "url", ["postgresql://", "nothing://x/y", "sqlite://bad:port:x/", "mysql+nosuchdriver://localhost/x"]
)
def test_a_database_that_cannot_be_reached_is_an_error_of_the_border(url: str) -> None:
    with pytest.raises(GraderError) as refused:
        Gradebook(url)
    assert refused.value.remedy


def test_any_url_will_do(tmp_path: Path) -> None:
    with Gradebook(f"sqlite:///{tmp_path}/by-url.sqlite") as gradebook:
        gradebook.commit(("key", PASSED))
    with Gradebook(tmp_path / "by-url.sqlite") as gradebook:
        assert gradebook.verdicts("key") == {"test_it": PASSED}


def test_sqlite_is_set_to_survive_a_kill(gradebook: Gradebook) -> None:
    with gradebook._engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 1
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == 30_000


COMMITTER = """
import sys
from pathlib import Path
from grader.gradebook.models import Verdict
from grader.gradebook.store import Gradebook
gradebook = Gradebook(Path(sys.argv[1]))
number = 0
while True:
    verdict = Verdict(f"test_{number}", 1.0, 1.0, "passed", "visible", "", "strong", "x" * 200, "", 0.0)
    gradebook.commit((sys.argv[2], verdict))
    sys.stdout.write(f"{number}\\n")
    sys.stdout.flush()
    number += 1
"""


def start_committing(file: Path, key: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", COMMITTER, str(file), key]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def kill_after(process: subprocess.Popen[str], lines: int) -> int:
    """Kill it in the middle of its work; returns the last number that it acknowledged."""
    assert process.stdout is not None
    for _ in range(lines):
        assert process.stdout.readline()
    os.kill(process.pid, signal.SIGKILL)
    acknowledged = process.stdout.read().split("\n")[:-1]  # a last line without its end was not acknowledged
    process.wait()
    return int(acknowledged[-1]) if acknowledged else lines - 1


def test_a_killed_run_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    file = tmp_path / "gradebook.sqlite"
    for run in range(3):
        last = kill_after(start_committing(file, f"run {run}"), 200 + 77 * run)
        with Gradebook(file) as gradebook:
            found = gradebook.verdicts(f"run {run}")
        assert list(found)[: last + 1] == [f"test_{number}" for number in range(last + 1)]
        assert len(found) - (last + 1) in (0, 1)
    with sqlite3.connect(file) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_processes_share_a_gradebook_from_its_making(tmp_path: Path) -> None:
    file = tmp_path / "gradebook.sqlite"
    committers = [start_committing(file, f"key {number}") for number in range(4)]
    lasts = [kill_after(process, 100) for process in committers]
    with Gradebook(file) as gradebook:
        for number, last in enumerate(lasts):
            assert len(gradebook.verdicts(f"key {number}")) > last


def test_threads_share_a_gradebook(gradebook: Gradebook) -> None:
    def commit_all(key: str) -> None:
        for number in range(50):
            gradebook.commit((key, verdict(f"test_{number}")))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(commit_all, ["a", "b", "a", "b"]))
    assert list(gradebook.verdicts("a")) == [f"test_{number}" for number in range(50)]
    assert len(gradebook.verdicts("b")) == 50


def test_a_commit_costs_less_than_a_millisecond(gradebook: Gradebook) -> None:
    many = [verdict(f"test_{number}", message="x" * 300) for number in range(1000)]
    begin = time.process_time()
    for each in many:
        gradebook.commit(("key", each))
    assert time.process_time() - begin < 1


# ---------------------------------------------------------------- results.json


def test_results_have_the_schema_of_the_contract(gradebook: Gradebook) -> None:
    failed = verdict("test_b", "failed", message="expected 1, got 2", hint="look", visibility="hidden")
    grade(gradebook, "ada", "neuron", verdict("test_a", max_score=2.0), failed, notes=["neuron.py is graded"])
    gradebook.place("ada", "training", None, "import_error", "training.py, line 3: invalid syntax")
    marks = results(
        "ada", gradebook.exercise_results("ada"), [("neuron", 3.0), ("conv_shapes", 4.0), ("training", 5.0)]
    )
    assert list(marks) == ["schema", "student", "score", "max_score", "isolation", "exercises"]
    assert [marks[name] for name in list(marks)[:5]] == [1, "ada", 2.0, 12.0, "full"]
    assert list(marks["exercises"]) == ["neuron", "conv_shapes", "training"]
    neuron, missing, broken = marks["exercises"].values()
    assert list(neuron) == ["score", "max_score", "status", "notes", "checks"]
    assert (neuron["score"], neuron["max_score"], neuron["status"]) == (2.0, 3.0, "graded")
    assert [check["name"] for check in neuron["checks"]] == ["test_a", "test_b"]
    assert neuron["checks"][1] == {
        "name": "test_b",
        "score": 0.0,
        "max_score": 1.0,
        "outcome": "failed",
        "visibility": "hidden",
        "goal": "shapes",
        "evidence": "strong",
        "message": "expected 1, got 2",
        "hint": "look",
        "seconds": 0.01,
    }
    assert (missing["score"], missing["max_score"], missing["status"], missing["checks"]) == (0.0, 4.0, "missing", [])
    assert missing["message"]
    assert (broken["score"], broken["max_score"], broken["status"]) == (0.0, 5.0, "import_error")
    assert broken["message"] == "training.py, line 3: invalid syntax"


def test_a_missing_exercise_says_which_file_is_missing(gradebook: Gradebook) -> None:
    gradebook.place("ada", "neuron", None, "missing")
    assert (
        "neuron.py"
        in results("ada", gradebook.exercise_results("ada"), [("neuron", 3.0)])["exercises"]["neuron"]["message"]
    )


def test_a_skipped_check_leaves_the_maximum(gradebook: Gradebook) -> None:
    grade(gradebook, "ada", "neuron", verdict("test_a"), verdict("test_b", "skipped", max_score=0.5))
    marks = results("ada", gradebook.exercise_results("ada"), [("neuron", 1.5)])
    assert (marks["score"], marks["max_score"]) == (1.0, 1.0)
    assert marks["exercises"]["neuron"]["max_score"] == 1.0


def test_a_fault_of_ours_withholds_the_mark_and_says_so(gradebook: Gradebook) -> None:
    broken = replace(PASSED, name="test_b", outcome="error")
    grade(gradebook, "ada", "neuron", verdict("test_a"), broken, message="A word before.")
    neuron = results("ada", gradebook.exercise_results("ada"), [("neuron", 2.0)])["exercises"]["neuron"]
    assert (neuron["score"], neuron["max_score"]) == (1.0, 2.0)
    assert neuron["message"].startswith("A word before. 1 of the checks")
    assert "withheld" in neuron["message"]


@given(st.permutations([0.1, 0.2, 0.3, 0.7, 1 / 3]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=10)
def test_points_add_up_the_same_in_any_order(gradebook: Gradebook, points: list[float]) -> None:
    student = str(points)
    checks = [verdict(f"test_{number}", max_score=each) for number, each in enumerate(points)]
    grade(gradebook, student, "neuron", *checks)
    assert results(student, gradebook.exercise_results(student), [("neuron", 2.0)])["score"] == 1.633333


def test_two_exports_are_the_same_bytes_but_for_the_seconds(tmp_path: Path) -> None:
    texts = []
    for run in range(2):
        with Gradebook(tmp_path / f"{run}.sqlite") as gradebook:
            grade(gradebook, "ada", "neuron", *(verdict(f"test_{n}", seconds=run + n) for n in (3, 1, 2)))
            marks = results("ada", gradebook.exercise_results("ada"), [("neuron", 3.0)])
        assert marks["exercises"]["neuron"]["checks"][0]["seconds"] == run + 3
        texts.append(json.dumps(without_times(marks)))
        file = write_results(tmp_path / str(run), marks)
        assert json.loads(file.read_text(encoding="utf-8")) == marks
    assert texts[0] == texts[1]
    assert '"seconds"' not in texts[0]


def test_results_are_replaced_whole(tmp_path: Path, gradebook: Gradebook) -> None:
    marks = results("ada", gradebook.exercise_results("ada"), [("neuron", 3.0)])
    assert write_results(tmp_path / "out", marks) == tmp_path / "out" / "ada" / "results.json"
    write_results(tmp_path / "out", marks | {"score": 1.0})
    assert [path.name for path in (tmp_path / "out" / "ada").iterdir()] == ["results.json"]
    assert json.loads((tmp_path / "out" / "ada" / "results.json").read_text())["score"] == 1.0


@pytest.mark.parametrize("name", ["ada", "Zoë Ångström", "-n", "x y", "o'brien (1)", "a\\nb", ".x", "a~b", "名前"])
def test_a_name_that_fits_is_the_folders_name(name: str) -> None:
    assert folder_name(name) == name


ODD_NAMES = ["", ".", "..", "a/b", "a_b", "/", "\0", "\ud800", "x" * 300, "x" * 299, "é" * 200, "gradebook.csv"]


def test_names_that_do_not_fit_get_folders_of_their_own(tmp_path: Path, gradebook: Gradebook) -> None:
    names = [*ODD_NAMES, "gradebook.sqlite", "a\nb", folder_name("a/b")]
    for name in names:
        write_results(tmp_path / "out", results(name, gradebook.exercise_results(name), [("neuron", 3.0)]))
    assert len(list((tmp_path / "out").glob("*/results.json"))) == len(names)
    found = {json.loads(path.read_text())["student"] for path in (tmp_path / "out").glob("*/results.json")}
    assert found == set(names)


NAMES = st.text(alphabet="ab./\\\0\n\ud800~0é", max_size=4) | st.sampled_from(ODD_NAMES)


@given(NAMES | NAMES.map(folder_name), NAMES)
def test_two_students_never_share_a_folder(one: str, other: str) -> None:
    for name in (one, other):
        fit = folder_name(name)
        assert fit == folder_name(name)
        assert fit not in ("", ".", "..")
        assert "/" not in fit
        assert "\0" not in fit
        assert len(fit.encode()) < 255
    assert (folder_name(one) == folder_name(other)) == (one == other)


# ---------------------------------------------------------------- gradebook.csv


def read_csv(file: Path) -> list[list[str]]:
    with file.open(encoding="utf-8", newline="") as text:
        return list(csv.reader(text))


def test_the_class_is_a_table(tmp_path: Path, gradebook: Gradebook) -> None:
    worth = [("neuron", 2.0), ("training", 3.0)]
    grade(gradebook, "ada", "neuron", verdict("test_a"), verdict("test_b"))
    grade(gradebook, "team", "training", verdict("test_a", max_score=2.5), verdict("test_b", "skipped", max_score=0.5))
    gradebook.enrol("team", ["bob", "carol"])
    students = gradebook.students()
    file = tmp_path / "gradebook.csv"
    write_csv(
        file,
        [results(name, gradebook.exercise_results(name), worth) for name in students],
        [name for name, _ in worth],
        students,
    )
    assert read_csv(file) == [
        ["student", "neuron", "training", "total", "max_total"],
        ["ada", "2.0", "0.0", "2.0", "5.0"],
        ["bob", "0.0", "2.5", "2.5", "4.5"],
        ["carol", "0.0", "2.5", "2.5", "4.5"],
    ]


def test_a_class_without_students_is_a_header(tmp_path: Path) -> None:
    write_csv(tmp_path / "gradebook.csv", [], ["neuron"], {})
    assert read_csv(tmp_path / "gradebook.csv") == [["student", "neuron", "total", "max_total"]]


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@x", "\t=1", " =1", "\r=1", "＝1", "'=1"])
def test_no_name_is_a_formula(tmp_path: Path, gradebook: Gradebook, name: str) -> None:
    file = tmp_path / "gradebook.csv"
    write_csv(file, [results(name, gradebook.exercise_results(name), [("neuron", 1.0)])], ["neuron"], {})
    assert read_csv(file)[1][0] == f"'{name}"


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), unique=True, max_size=4))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=30)
def test_every_name_comes_back_from_the_table(tmp_path: Path, names: list[str]) -> None:
    file = tmp_path / "gradebook.csv"
    everyone = [{"student": name, "score": 0.0, "max_score": 0.0, "exercises": {}} for name in names]
    write_csv(file, everyone, [], {})
    cells = [row[0] for row in read_csv(file)[1:]]
    assert len(set(cells)) == len(names)
    assert [cell if cell in names else cell.removeprefix("'") for cell in cells] == names
