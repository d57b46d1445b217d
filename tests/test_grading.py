"""Grading a class: what each submission comes to, what is graded again, and what a kill at any moment costs."""

import os
import random
import re
import shutil
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil
import pytest
from tiny_course import (
    CHECKS_OF_DOUBLE,
    DOUBLE,
    GRADER,
    SECRET,
    TRIPLE,
    make_course,
    notebook,
    outcomes,
    read_results,
    run_grader,
    why_no_sandbox,
    write_files,
)

from grader.engine import judge
from grader.engine.grading import Order, Summary, grade
from grader.errors import GraderError
from grader.gradebook.exports import without_times
from grader.worker.kernel import prctl

pytestmark = pytest.mark.skipif(bool(why_no_sandbox()), reason=why_no_sandbox() or "there is a sandbox")

PASSED = {"double_of_two": "passed", "half": "passed", "the_generator_stays": "passed", "double_of_any": "passed"}
FULL, MOST = 4.5, 6.5  # points of `double`, and of both exercises
PR_SET_CHILD_SUBREAPER = 36


def with_half(body: str) -> str:
    """A right `double`, and a `half` that does something else."""
    return DOUBLE.replace("return x / 2", body)


HOSTILE_HALVES = {
    "slow": ("while True: pass", "timeout"),
    "leaves": ("import os; os._exit(5)", "crashed"),
    "segfaults": ("import ctypes; ctypes.string_at(0)", "crashed"),
    "aborts": ("import os; os.abort()", "crashed"),
    "greedy": ("kept = []\n    while True: kept.append(b'x' * (128 << 20))", "crashed failed timeout"),
    "floods": ("return 'x' * (100 << 20)", "failed timeout"),
    "prints": ("while True: print('x' * 1000)", "timeout"),
    "closes": ("import os; os.closerange(0, 100)", "crashed"),
    "garbles": ("import os; os.write(3, b'\\0' * 1000)", "failed"),
    "raises": ("raise BaseException('no')", "failed"),
    "exits": ("raise SystemExit(0)", "failed"),
}

BROKEN: dict[str, tuple[str | bytes, str]] = {
    "syntax": (DOUBLE.replace("def half(x)", "def half(x"), "double.py, line 11"),
    "at_import": (DOUBLE + "\n1 / 0\n", "ZeroDivisionError"),
    "loops_at_import": (DOUBLE + "\nwhile True:\n    pass\n", "importing it did not end within 2 s"),
    "leaves_at_import": (DOUBLE + "\nimport os\nos._exit(3)\n", "exit code 3"),
    "exits_at_import": (DOUBLE + "\nexit()\n", "SystemExit"),
    "lacks_a_file": ("import none_such\n" + DOUBLE, "none_such"),
    "not_utf8": (DOUBLE.encode() + b"# \xff\n", "0xff"),
    "empty": ("", "holds no code"),
    "enormous": (DOUBLE + "#" * (2 << 20), "1024 KiB"),
    "nul": (DOUBLE + "\0", "NUL"),
    "utf16": (DOUBLE.encode("utf-16"), "UTF-8"),
}

ODD_NAMES = ["Zoë Ångström", "-n", "x y", "o'brien (1)", "名前", "[red]", "a=1,b", "%s"]


def build_class(folder: Path) -> None:
    """The class that most tests look at: one student for each thing that may happen."""
    right = {"double.py": DOUBLE, "triple.py": TRIPLE}
    write_files(folder / "ada", right)
    write_files(folder / "twin", right)
    alan = {"double.ipynb": notebook("%matplotlib inline", DOUBLE), "triple.ipynb": notebook("x = 1", TRIPLE)}
    write_files(folder / "alan", alan)
    write_files(folder / "both", {"double.py": DOUBLE, "double.ipynb": notebook("broken (")})
    write_files(folder / "half_a_notebook", {"double.ipynb": notebook("no_such", *DOUBLE.split("\n\n\n"), "1 / 0")})
    write_files(folder / "nothing", {"readme.txt": "I was ill."})
    stubs = folder.parent / "course" / "exercises"
    for name in ("double.py", "triple.py"):
        write_files(folder / "stub", {name: (stubs / name).read_bytes()})
    write_files(folder / "wrong", {"double.py": DOUBLE.replace("2 * x", "x * x + 1")})
    write_files(folder / "raiser", {"double.py": DOUBLE.replace("return 2 * x", "raise ValueError(f'not {x}')")})
    write_files(folder / "nameless", {"double.py": DOUBLE.replace("def double", "def twice")})
    polluter = "import builtins, random, torch\ntorch.manual_seed = torch.equal = torch.rand = builtins.abs = None\n"
    write_files(folder / "polluter", {"double.py": polluter, "triple.py": TRIPLE.replace("from double", "from mine")})
    write_files(folder / "polluter", {"mine.py": "def double(x):\n    return 2 * x\n"})
    write_files(folder / "team", {"double.py": DOUBLE + "# together\n", "group.txt": "bob\ncarol\n"})
    for name, (body, _) in HOSTILE_HALVES.items():
        write_files(folder / name, {"double.py": with_half(body)})
    for name, (content, _) in BROKEN.items():
        write_files(folder / name, {"double.py": content})
    for name in ODD_NAMES:
        write_files(folder / name, {"double.py": DOUBLE})
    os.mkdir(os.fsencode(folder) + b"/caf\xe9")
    (folder / "linked").mkdir()
    (folder / "linked" / "double.py").symlink_to(folder / "ada" / "double.py")
    (folder / "linked_folder").symlink_to(folder / "ada")
    (folder / "pipe").mkdir()
    os.mkfifo(folder / "pipe" / "double.py")


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder with the course and the class, and caches of its own."""
    folder = tmp_path_factory.mktemp("grading")
    make_course(folder / "course")
    build_class(folder / "class")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
        patch.setattr(judge, "IMPORT_SECONDS", 2.0)
        yield folder


def order(place: Path, out: str, **changes: Any) -> Order:
    course = make_course(place / "course") if not (place / "course").exists() else _course(place)
    made = Order(course, place / "class", place / out, course.exercises, SECRET, jobs=2)
    return replace(made, **changes)


def _course(place: Path) -> Any:
    from grader.catalogue import load_course

    return load_course(place / "course")


@pytest.fixture(scope="module")
def summary(place: Path) -> Summary:
    """The class, graded once."""
    return grade(order(place, "marks"))


@pytest.fixture(scope="module")
def marks(place: Path, summary: Summary) -> dict[str, dict[str, Any]]:
    """Everyone's results.json."""
    return read_results(place / "marks")


# ---------------------------------------------------------------- what a submission comes to


def test_results_have_the_schema_of_the_contract(marks: dict[str, Any]) -> None:
    ada = marks["ada"]
    assert list(ada) == ["schema", "student", "score", "max_score", "isolation", "exercises"]
    assert (ada["schema"], ada["student"], ada["isolation"]) == (1, "ada", "full")
    assert (ada["score"], ada["max_score"]) == (MOST, MOST)
    assert list(ada["exercises"]) == ["double", "triple"]
    double = ada["exercises"]["double"]
    assert {key: double[key] for key in ("score", "max_score", "status")} == {
        "score": FULL, "max_score": FULL, "status": "graded"
    }  # fmt: skip
    assert [(c["name"], c["max_score"], c["visibility"], c["evidence"], c["goal"]) for c in double["checks"]] == [
        ("test_double_of_two", 1.0, "visible", "strong", "numbers"),
        ("test_half", 1.0, "visible", "strong", "numbers"),
        ("test_the_generator_stays", 0.5, "visible", "observed", "side effects"),
        ("test_double_of_any", 2.0, "hidden", "strong", "numbers"),
    ]
    for check in double["checks"]:
        assert (check["score"], check["outcome"], check["message"], check["hint"]) == (
            check["max_score"],
            "passed",
            "",
            "",
        )
        assert 0 <= check["seconds"] < 10


def test_the_class_has_a_table(place: Path, marks: dict[str, Any]) -> None:
    import csv

    with (place / "marks" / "gradebook.csv").open(encoding="utf-8", newline="") as file:
        head, *rows = csv.reader(file)
    assert head == ["student", "double", "triple", "total", "max_total"]
    table = {name.removeprefix("'"): cells for name, *cells in rows}
    assert set(table) == set(marks) - {"team"} | {"bob", "carol"}
    assert table["ada"] == ["4.5", "2.0", "6.5", "6.5"]
    assert table["bob"] == table["carol"] == ["4.5", "0.0", "4.5", "6.5"]
    assert table["nothing"] == ["0.0", "0.0", "0.0", "6.5"]


def test_scripts_and_notebooks_get_the_same_marks(marks: dict[str, Any]) -> None:
    assert without_times(marks["alan"]) | {"student": "ada"} == without_times(marks["ada"])


def test_of_script_and_notebook_the_script_is_graded_and_that_is_said(marks: dict[str, Any]) -> None:
    double = marks["both"]["exercises"]["double"]
    assert (double["score"], double["notes"]) == (FULL, ["double.py is graded, double.ipynb beside it is not."])


def test_a_failing_cell_costs_only_what_depends_on_it(marks: dict[str, Any]) -> None:
    assert outcomes(marks["half_a_notebook"]) == PASSED


def test_a_missing_exercise_scores_nothing_and_says_so(marks: dict[str, Any]) -> None:
    for entry, module in zip(marks["nothing"]["exercises"].values(), ("double", "triple")):
        assert (entry["score"], entry["status"], entry["checks"]) == (0.0, "missing", [])
        assert f"{module}.py" in entry["message"]
    assert marks["nothing"]["max_score"] == MOST


def test_a_bare_stub_scores_nothing_and_says_what_is_not_written(marks: dict[str, Any]) -> None:
    assert marks["stub"]["score"] == 0.0
    entry = marks["stub"]["exercises"]["double"]
    assert entry["status"] == "graded"
    two, half, *rest = entry["checks"]
    assert (two["outcome"], half["outcome"]) == ("failed", "failed")
    assert "double is not implemented yet" in two["message"]
    assert "half is not implemented yet" in half["message"]
    assert {check["outcome"] for check in rest} == {"blocked"}
    assert all("builds on “double(2) is 4.”" in check["message"] for check in rest)


def test_a_mistake_is_told_in_four_parts_and_named(marks: dict[str, Any]) -> None:
    check = marks["wrong"]["exercises"]["double"]["checks"][0]
    assert check["message"].splitlines() == [
        "call      double(2)",
        "expected  the result: 4",
        "got       5",
        "likely    This is what comes out when x is multiplied by itself.",
    ]
    assert check["hint"] == "Add it to itself."
    assert outcomes(marks["wrong"]) == PASSED | {
        "double_of_two": "failed", "the_generator_stays": "blocked", "double_of_any": "blocked"
    }  # fmt: skip


def test_an_exception_is_told_with_its_line(marks: dict[str, Any]) -> None:
    check = marks["raiser"]["exercises"]["double"]["checks"][0]
    assert "ValueError: not 2 (double.py, line 7)" in check["message"]


def test_a_name_that_is_not_there_is_named(marks: dict[str, Any]) -> None:
    assert "`double`" in marks["nameless"]["exercises"]["double"]["checks"][0]["message"]
    assert outcomes(marks["nameless"])["half"] == "passed"


@pytest.mark.parametrize("student", HOSTILE_HALVES)
def test_whatever_a_function_does_costs_its_own_check_and_no_other(marks: dict[str, Any], student: str) -> None:
    found = outcomes(marks[student])
    assert found.pop("half") in HOSTILE_HALVES[student][1].split()
    assert set(found.values()) == {"passed"}
    assert marks[student]["exercises"]["double"]["score"] == FULL - 1


def test_a_timeout_says_how_long_it_was_given(marks: dict[str, Any]) -> None:
    message = marks["slow"]["exercises"]["double"]["checks"][1]["message"]
    assert message.splitlines() == ["call      half(3)", "It did not end within 1 s."]


def test_a_crash_says_how_the_process_ended(marks: dict[str, Any]) -> None:
    assert "exit code 5" in marks["leaves"]["exercises"]["double"]["checks"][1]["message"]
    assert "SIGSEGV" in marks["segfaults"]["exercises"]["double"]["checks"][1]["message"]


@pytest.mark.parametrize("student", BROKEN)
def test_a_file_that_gives_no_module_says_why(marks: dict[str, Any], student: str) -> None:
    entry = marks[student]["exercises"]["double"]
    assert (entry["status"], entry["score"], entry["max_score"], entry["checks"]) == ("import_error", 0.0, FULL, [])
    assert BROKEN[student][1] in entry["message"]
    assert "double.py" in entry["message"]
    assert marks[student]["exercises"]["triple"]["status"] == "missing"


@pytest.mark.parametrize("student", ["linked", "linked_folder", "pipe"])
def test_what_is_no_file_is_refused_with_its_reason(marks: dict[str, Any], student: str) -> None:
    entry = marks[student]["exercises"]["double"]
    assert entry["status"] == "import_error"
    assert "hand in" in entry["message"]


@pytest.mark.parametrize("student", ODD_NAMES)
def test_an_odd_name_is_graded_like_any_other(marks: dict[str, Any], student: str) -> None:
    assert marks[student]["exercises"]["double"]["score"] == FULL


def test_a_folder_whose_name_is_no_text_gets_a_row(marks: dict[str, Any]) -> None:
    assert "caf\\udce9" in marks


def test_a_group_shares_its_marks(marks: dict[str, Any], place: Path) -> None:
    assert marks["team"]["exercises"]["double"]["score"] == FULL
    assert "bob" not in marks


def test_nothing_that_a_submission_does_is_a_fault_of_ours(summary: Summary) -> None:
    assert summary.withheld == 0


# ---------------------------------------------------------------- the same submission, the same mark

QUICK = ["ada", "alan", "leaves", "raiser", "stub", "team", "wrong"]


def test_two_runs_give_the_same_results_but_for_the_times(place: Path, marks: dict[str, Any]) -> None:
    grade(order(place, "again", students=QUICK, jobs=1))
    again = read_results(place / "again")
    assert sorted(again) == QUICK
    for student in QUICK:
        assert without_times(again[student]) == without_times(marks[student])


def test_a_modules_marks_do_not_depend_on_what_was_graded_before(place: Path, marks: dict[str, Any]) -> None:
    assert [entry["score"] for entry in marks["polluter"]["exercises"].values()] == [0.0, 2.0]
    only = order(place, "alone", students=["polluter", "ada"], jobs=1)
    grade(replace(only, exercises=only.course.exercises[1:]))
    for student, alone in read_results(place / "alone").items():
        assert without_times(alone)["exercises"]["triple"] == without_times(marks[student])["exercises"]["triple"]


def test_identical_submissions_are_graded_once_and_each_gets_the_marks(summary: Summary, marks: dict[str, Any]) -> None:
    assert without_times(marks["twin"]) | {"student": "ada"} == without_times(marks["ada"])
    assert marks["twin"]["exercises"] == marks["ada"]["exercises"]  # the very same seconds
    same = 2 + 1 + len(ODD_NAMES)  # twin's two modules, both's double.py, the odd names' double.py
    assert summary.judged == summary.modules - same


# ---------------------------------------------------------------- what is graded again


def small_class(folder: Path) -> Path:
    """A course, and three submissions of which two import a file of their own."""
    make_course(folder / "course")
    helped = "from mine import two\n\n\ndef double(x):\n    return two * x\n\n\ndef half(x):\n    return x / 2\n"
    write_files(folder / "class/ada", {"double.py": DOUBLE})
    write_files(folder / "class/alan", {"double.py": helped, "mine.py": "two = 2\n", "unused.py": "x = 1\n"})
    write_files(folder / "class/grace", {"double.ipynb": notebook(DOUBLE)})
    return folder


def test_only_what_has_changed_is_graded_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    place = small_class(tmp_path)
    first = grade(order(place, "marks"))
    assert (first.judged, first.known, first.checks) == (3, 0, 12)
    before = read_results(place / "marks")

    write_files(place / "class/alan", {"unused.py": "x = 2\n"})
    unchanged = grade(order(place, "marks"))
    assert (unchanged.judged, unchanged.known, unchanged.checks) == (0, 3, 0)
    assert read_results(place / "marks") == before

    write_files(place / "class/alan", {"mine.py": "two = 3\n"})
    changed = grade(order(place, "marks"))
    assert (changed.judged, changed.known, changed.checks) == (1, 2, 4)
    after = read_results(place / "marks")
    assert outcomes(after["alan"])["double_of_two"] == "failed"
    assert (after["ada"], after["grace"]) == (before["ada"], before["grace"])

    write_files(place / "class/alan", {"mine.py": "two = 2\n"})
    restored = grade(order(place, "marks"))
    assert restored.judged == 0
    assert read_results(place / "marks") == before


def test_another_secret_is_refused_unasked(place: Path, summary: Summary) -> None:
    files = {path: path.read_bytes() for path in (place / "marks").rglob("*.json")}
    with pytest.raises(GraderError) as refused:
        grade(order(place, "marks", secret=b"another secret, as long"))
    assert "secret" in refused.value.problem
    assert files == {path: path.read_bytes() for path in (place / "marks").rglob("*.json")}
    assert b"the secret of a tiny" not in b"".join(files.values())


def test_another_secret_is_another_mark_where_it_is_asked_for(place: Path, summary: Summary) -> None:
    shutil.copytree(place / "marks", place / "mixed")
    for mixed in (True, True):
        mixture = order(place, "mixed", secret=b"another secret, as long", mix_secrets=mixed, students=["ada"])
        mixture_summary = grade(replace(mixture, exercises=mixture.course.exercises[:1]))
    assert mixture_summary.judged == 0  # the second time
    assert read_results(place / "mixed")["ada"]["exercises"]["double"]["score"] == FULL


BUG = '''
@check(points=1, goal="numbers")
def test_a_bug_of_ours(student):
    """This check reads a file."""
    import pathlib

    expect(student.call("double", 3)).equal(6)
    pathlib.Path({flag!r}).read_text()
'''


def test_a_fault_of_ours_withholds_the_mark_and_is_graded_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    place, flag = small_class(tmp_path), tmp_path / "flag"
    (place / "course/checks/test_double.py").write_text(CHECKS_OF_DOUBLE + BUG.format(flag=str(flag)))
    first = grade(order(place, "marks", students=["ada", "grace"]))
    assert first.withheld == 2
    entry = read_results(place / "marks")["ada"]["exercises"]["double"]
    assert (entry["score"], entry["max_score"], entry["status"]) == (FULL, FULL + 1, "graded")
    assert "withheld" in entry["message"]
    bug = next(check for check in entry["checks"] if check["name"] == "test_a_bug_of_ours")
    assert (bug["outcome"], bug["score"]) == ("error", 0.0)
    assert "not your code" in bug["message"]
    flag.touch()
    second = grade(order(place, "marks", students=["ada", "grace"]))
    assert (second.withheld, second.judged, second.checks) == (0, 2, 2)
    assert read_results(place / "marks")["ada"]["exercises"]["double"]["score"] == FULL + 1


KILLS_ITS_JUDGE = '''
@check(points=1, goal="numbers")
def test_that_ends_its_judge(student):
    """A fault of ours that takes the judge along."""
    import os

    if student.call("double", 3) != 6:
        os._exit(1)
'''


def test_a_judge_that_dies_costs_nobody_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    place = small_class(tmp_path)
    (place / "course/checks/test_double.py").write_text(CHECKS_OF_DOUBLE + KILLS_ITS_JUDGE)
    for number in range(6):
        slow = f"\nimport time\ntime.sleep(0.3)  # {number}\n"
        write_files(place / f"class/right{number}", {"double.py": DOUBLE + slow})
    write_files(place / "class/fatal", {"double.py": DOUBLE.replace("2 * x", "5 if x == 3 else 2 * x")})
    done = grade(order(place, "marks"))
    found = read_results(place / "marks")
    assert outcomes(found.pop("fatal")) == PASSED | {"that_ends_its_judge": "error", "double_of_any": "error"}
    assert all(marks["exercises"]["double"]["score"] == FULL + 1 for marks in found.values())
    assert done.withheld == 2


# ---------------------------------------------------------------- kills

STUDENTS = 6
NOTE = """

def _note_that_it_ended():
    import os, sys

    with open(os.environ["FINISHED"], "a") as file:
        file.write(f"{os.getpid()} {sys._getframe(1).f_code.co_name}\\n")
"""


@pytest.fixture(scope="module")
def long_place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A right class whose checks take 50 ms each, and are written down when their bodies have ended."""
    folder = tmp_path_factory.mktemp("kills")
    noted, bodies = re.subn(r"(?m)^    expect\(.*$", r"\g<0>\n    _note_that_it_ended()", CHECKS_OF_DOUBLE)
    assert bodies == 4
    make_course(folder / "course", noted + NOTE)
    slow = DOUBLE.replace('"""Twice x."""', "__import__('time').sleep(0.05)").replace(
        '"""Half of x."""', "__import__('time').sleep(0.05)"
    )
    for number in range(STUDENTS):
        write_files(folder / f"class/student{number}", {"double.py": slow + f"# {number}\n", "triple.py": TRIPLE})
    (folder / "secret").write_bytes(SECRET)
    return folder


def environment(place: Path, out: str) -> dict[str, str]:
    own = {"XDG_CACHE_HOME": str(place / "cache"), "XDG_CONFIG_HOME": str(place / "config")}
    return os.environ | own | {"FINISHED": str(place / f"{out}.finished")}


def arguments(place: Path, out: str) -> list[str]:
    rest = ["--course", "course", "--secret-file", "secret", "--jobs", "2", "--quiet"]
    return ["grade", "class", "--out", out, *rest]


def start(place: Path, out: str) -> subprocess.Popen[bytes]:
    command = [*GRADER, *arguments(place, out)]
    return subprocess.Popen(command, cwd=place, env=environment(place, out), stderr=subprocess.PIPE)


def finish(place: Path, out: str) -> Any:
    return run_grader(*arguments(place, out), cwd=place, env=environment(place, out))


def verdicts(place: Path, out: str) -> dict[tuple[str, str], float]:
    """The seconds of each verdict that is on disk; they tell one judging of a check from another."""
    file = place / out / "gradebook.sqlite"
    if not file.exists():
        return {}
    with closing(sqlite3.connect(file, timeout=10)) as book, suppress(sqlite3.OperationalError):
        rows = book.execute("SELECT key, name, seconds FROM grader_verdicts").fetchall()
        return {(key, name): seconds for key, name, seconds in rows}
    return {}


def wait_for_verdicts(place: Path, out: str, count: int) -> None:
    wait_until(lambda: len(verdicts(place, out)) >= count)


def assert_right(place: Path, out: str) -> None:
    found = [without_times(marks) for marks in read_results(place / out).values()]
    assert [marks.pop("student") for marks in found] == [f"student{number}" for number in range(STUDENTS)]
    assert all(marks == found[0] for marks in found)
    assert (found[0]["score"], found[0]["max_score"]) == (MOST, MOST)
    checks = [check for entry in found[0]["exercises"].values() for check in entry["checks"]]
    assert [(check["outcome"], check["message"]) for check in checks] == [("passed", "")] * 6


def descendants(process: subprocess.Popen[bytes]) -> dict[str, list[psutil.Process]]:
    """The processes of a run by what they are."""
    found: dict[str, list[psutil.Process]] = {"judge": [], "bwrap": [], "zygote": [], "worker": []}
    for child in psutil.Process(process.pid).children():
        with suppress(psutil.Error):
            if child.name() != "bwrap":
                found["judge"].append(child)
                continue
            below = child.children(recursive=True)
            found["bwrap"] += [child, *(each for each in below if each.name() == "bwrap")]
            pythons = [each for each in below if each.name() != "bwrap"]
            parents = {each.pid: each.ppid() for each in pythons}
            depth: dict[int, int] = {}
            for each in pythons:
                depth[each.pid] = depth.get(parents[each.pid], 0) + 1
            # bwrap starts python, which forks the zygote, which forks the workers.
            found["zygote"] += [each for each in pythons if depth[each.pid] <= 2]
            found["worker"] += [each for each in pythons if depth[each.pid] == 3]
    return found


@pytest.mark.parametrize("moment", [1, 17])
def test_a_killed_run_loses_the_checks_in_flight_and_goes_on(long_place: Path, moment: int) -> None:
    out = f"killed{moment}"
    run = start(long_place, out)
    wait_for_verdicts(long_place, out, moment)
    time.sleep(random.random() * 0.1)
    run.kill()
    run.wait()
    kept = verdicts(long_place, out)
    ended = (long_place / f"{out}.finished").read_text().splitlines()
    finished = len(ended) - len(set(ended))  # each judge rehearses each check on the reference first
    of_double = sum("triple" not in name for _, name in kept)
    assert finished - of_double <= 2 * 2  # of each judge one that is being filed, and one that has just ended
    assert finish(long_place, out).returncode == 0
    assert_right(long_place, out)
    after = verdicts(long_place, out)
    assert {key: after[key] for key in kept} == kept  # none of them was judged again


@pytest.fixture
def reaper() -> Iterator[Callable[[], list[str]]]:
    """Makes this process inherit orphans, and tells which processes below it are left."""
    own = psutil.Process()
    before = set(own.children(recursive=True))
    prctl(PR_SET_CHILD_SUBREAPER, 1)

    def left() -> list[str]:
        found = [each for each in own.children(recursive=True) if each not in before]
        for each in found:
            with suppress(psutil.Error, ChildProcessError):
                if each.status() == psutil.STATUS_ZOMBIE and each.ppid() == own.pid:
                    os.waitpid(each.pid, os.WNOHANG)
        names = []
        for each in found:
            with suppress(psutil.Error):
                if each.status() != psutil.STATUS_ZOMBIE:
                    names.append(" ".join(each.cmdline())[:200])
        return names

    yield left
    prctl(PR_SET_CHILD_SUBREAPER, 0)


def wait_until(holds: Callable[[], Any], seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        with suppress(psutil.NoSuchProcess):  # it ended while it was looked at
            if holds():
                return
        time.sleep(0.02)
    raise AssertionError("it does not come to that")


def forks_that_spin(place: Path) -> None:
    """Everyone's `half` fills its process namespace with endless loops, and has a hundred seconds for it."""
    body = "import os\n    while os.fork(): pass\n    while True: pass"
    write_files(place, {f"class/student{n}/double.py": with_half(body) + f"# {n}" for n in range(STUDENTS)})
    checks = place / "course/checks/test_double.py"
    checks.write_text(checks.read_text().replace("seconds=1)", "seconds=100)"))


def mistakes_that_spin(place: Path) -> None:
    """Everyone is wrong, and the one known mistake is an endless loop."""
    wrong = "def double(x):\n    return {}\n"
    write_files(place, {f"class/student{n}/double.py": wrong.format(n) for n in range(STUDENTS)})
    mutant = """Mutant("endless", [("2 * x", "[None for _ in iter(int, 1)]")], "it never ends", "test_double_of_two")"""
    write_files(place, {"course/mutants/double.py": f"from grader.mutants import Mutant\n\nMUTANTS = [{mutant}]\n"})


MOMENTS: dict[str, tuple[Callable[[Path], Any], Callable[[dict[str, list[psutil.Process]]], Any]]] = {
    "while it starts": (lambda place: None, lambda found: found["zygote"]),
    "while a class spins": (forks_that_spin, lambda found: any(each.children() for each in found["worker"])),
    "while mistakes are tried": (mistakes_that_spin, lambda found: any(each.children() for each in found["judge"])),
}


@pytest.mark.parametrize("when", MOMENTS)
def test_no_process_is_left_when_the_controller_is_killed(
    long_place: Path, reaper: Callable[[], list[str]], when: str
) -> None:
    place = long_place.parent / when
    shutil.copytree(long_place, place, ignore=shutil.ignore_patterns("killed*", "cache"))
    prepare, arrived = MOMENTS[when]
    prepare(place)
    run = start(place, "left")
    wait_until(lambda: arrived(descendants(run)) and len(reaper()) > 2)  # a first trial of the sandbox ends by itself
    run.kill()
    run.wait()
    wait_until(lambda: not reaper(), 20)


def kill_one(processes: list[psutil.Process]) -> bool:
    if processes:
        random.choice(processes).send_signal(signal.SIGKILL)
    return bool(processes)


@pytest.mark.parametrize("kind", ["judge", "bwrap", "zygote", "worker"])
def test_a_killed_process_of_the_run_changes_no_mark(long_place: Path, kind: str) -> None:
    out = f"killed {kind}"
    run = start(long_place, out)
    wait_for_verdicts(long_place, out, random.randint(1, 12))
    wait_until(lambda: kill_one(descendants(run)[kind]))
    _, said = run.communicate(timeout=90)
    assert run.returncode == 0, said.decode()
    assert_right(long_place, out)
