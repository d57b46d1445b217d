"""The installed command: it says what to do, costs little to start, and gives a student the verdicts of the course."""

import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from tiny_course import (
    CHECKS_OF_DOUBLE,
    CHECKS_OF_TRIPLE,
    DOUBLE,
    GRADER,
    MUTANTS_OF_DOUBLE,
    SECRET,
    TABLE,
    TRIPLE,
    make_course,
    notebook,
    outcomes,
    read_results,
    run_grader,
    why_no_sandbox,
    write_files,
)

import grader
from grader.cli import COMMANDS, main
from grader.cli.grade import print_summary
from grader.engine.grading import Summary

needs_sandbox = pytest.mark.skipif(bool(why_no_sandbox()), reason=why_no_sandbox() or "there is a sandbox")
HELP = [
    [],
    *([name] for name in COMMANDS),
    ["author", "check"],
    *(["data", name] for name in ("list", "verify", "fetch")),
]
HEAVY = {"torch", "numpy", "sqlalchemy", "rich", "pydantic", "pytest", "hypothesis"}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in, with caches and a configuration of its own, and lines that do not wrap."""
    for name in ("CACHE", "CONFIG"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name.lower()))
    monkeypatch.setenv("COLUMNS", "400")
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def course(here: Path) -> Path:
    """The tiny course, in the folder `course`, and its secret."""
    make_course(here / "course")
    (here / "secret").write_bytes(SECRET)
    return here


def grade_arguments(*more: str) -> list[str]:
    return ["grade", "class", "--out", "marks", "--course", "course", "--secret-file", "secret", *more]


def grade(*more: str) -> subprocess.CompletedProcess[str]:
    return run_grader(*grade_arguments(*more))


def said(run: subprocess.CompletedProcess[str]) -> list[str]:
    """The two lines of an error: what is wrong, and what to do."""
    assert run.returncode == 1, run.stderr
    assert run.stdout == ""
    lines = run.stderr.splitlines()
    assert len(lines) == 2, run.stderr
    assert lines[0].startswith("Error: ")
    assert "Traceback" not in run.stderr
    return lines


# ---------------------------------------------------------------- help


@pytest.mark.parametrize(
    "command",
    HELP,
    ids=" ".join,
)
def test_every_commands_help_has_an_example_that_names_it(command: list[str], here: Path) -> None:
    run = run_grader(*command, "--help")
    assert (run.returncode, run.stderr) == (0, "")
    assert re.search(r"Examples?:\n", run.stdout)
    assert re.search(rf"\n +grader {' '.join(command)}.*", run.stdout.partition("Example")[2])


def test_the_help_names_every_command(here: Path) -> None:
    text = run_grader("--help").stdout
    for name, (_, what) in COMMANDS.items():
        assert re.search(rf"\n +{name} +{re.escape(what)}\n", text)


@pytest.mark.parametrize("command", HELP, ids=" ".join)
def test_help_imports_nothing_heavy(command: list[str], here: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-X", "importtime", *GRADER, *command, "--help"], capture_output=True, text=True
    )
    imported = {line.rpartition("|")[2].strip().partition(".")[0] for line in run.stderr.splitlines()}
    assert "click" in imported
    assert not imported & HEAVY


# ---------------------------------------------------------------- errors


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["chekc"], "Did you mean 'check'?"),
        (["grade"], "SUBMISSIONS"),
        (["grade", "class"], "--out"),
        (["grade", "class", "--out", "marks", "--jobs", "0"], "--jobs"),
        (["grade", "class", "--out", "marks", "--isolation", "none"], "--isolation"),
        (["check", "--folder", "none_such"], "none_such"),
        (["stubs", "--wrong"], "--wrong"),
        (["author", "--wrong"], "--wrong"),
    ],
    ids=str,
)
def test_wrong_usage_exits_2(arguments: list[str], words: str, here: Path) -> None:
    run = run_grader(*arguments)
    assert run.returncode == 2
    assert words in run.stderr
    assert "Traceback" not in run.stderr


def spoil(name: str, content: str | bytes) -> Callable[[], Any]:
    return lambda: write_files(Path(), {name: content})


PROBLEMS: dict[str, tuple[Callable[[], Any], list[str], str]] = {
    "no course": (lambda: shutil.rmtree("course"), [], "course.toml"),
    "a broken table": (spoil("course/course.toml", "name = "), [], "course.toml"),
    "no checks": (lambda: Path("course/checks/test_double.py").unlink(), [], "test_double.py"),
    "no submissions": (lambda: shutil.rmtree("class"), [], "class"),
    "no student": (lambda: None, ["--students", "adda"], "adda"),
    "no exercise": (lambda: None, ["--exercises", "duble"], "duble"),
    "no secret": (lambda: Path("secret").unlink(), [], "secret"),
    "a short secret": (spoil("secret", "short"), [], "secret"),
    "a secret that is no text": (spoil("secret", b"\xff" * 40), [], "secret"),
    "a gradebook that is none": (spoil("marks/gradebook.sqlite", "text" * 1000), [], "gradebook.sqlite"),
    "a file where the marks go": (spoil("marks", "text"), [], "marks"),
}


@pytest.fixture
def run_here(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Any]:
    """Run the command's entry point in this process, which has torch at hand."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        monkeypatch.setattr(sys, "argv", [GRADER[0], *arguments])
        with pytest.raises(SystemExit) as left:
            main()
        printed = capsys.readouterr()
        return subprocess.CompletedProcess(arguments, left.value.code, printed.out, printed.err)  # type: ignore[arg-type]

    return run


@pytest.mark.parametrize("kind", PROBLEMS)
def test_a_problem_is_said_in_two_lines(kind: str, course: Path, run_here: Callable[..., Any]) -> None:
    write_files(course, {"class/ada/double.py": DOUBLE})
    prepare, more, words = PROBLEMS[kind]
    prepare()
    lines = said(run_here(*grade_arguments(*more)))
    assert words in lines[0]


def test_the_installed_command_says_a_problem_in_two_lines(course: Path) -> None:
    assert "duble" in said(run_grader("check", "duble", "--course", "course"))[0]


def test_nothing_to_check_is_said_in_two_lines(course: Path, run_here: Callable[..., Any]) -> None:
    assert "no exercise" in said(run_here("check", "--course", "course"))[0]


# ---------------------------------------------------------------- grade


@needs_sandbox
def test_a_class_is_graded_plainly_where_nobody_watches(course: Path) -> None:
    write_files(course / "class", {"ada/double.py": DOUBLE, "ada/triple.py": TRIPLE, "[red]/double.py": "x ="})
    write_files(course / "class", {"bob/double.py": DOUBLE.replace("2 * x", "x")})
    run = grade()
    assert (run.returncode, run.stderr) == (0, "")
    assert "\x1b" not in run.stdout
    table = [line.split() for line in run.stdout.splitlines()]
    assert table[0] == ["student", "double", "triple", "total"]
    assert ["ada", "4.5/4.5", "2/2", "6.5/6.5"] in table
    assert ["bob", "1/4.5", "–", "1/6.5"] in table
    assert ["[red]", "no", "module", "–", "0/6.5"] in table
    assert "3 submissions, 4 modules handed in: 4 judged now in" in run.stdout
    with (course / "marks/gradebook.csv").open(newline="") as file:
        assert [row["total"] for row in csv.DictReader(file)] == ["0.0", "6.5", "1.0"]
    files = sorted(str(path.relative_to("marks")) for path in Path("marks").rglob("*") if path.is_file())
    assert [name for name in files if not re.search("-(wal|shm)$", name)] == [
        "[red]/results.json", "ada/results.json", "bob/results.json", "gradebook.csv", "gradebook.sqlite",
    ]  # fmt: skip

    again = grade("--quiet")
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")
    assert "0 judged now, 4 known from before." in grade().stdout
    assert "secret" in said(run_grader("grade", "class", "--out", "marks", "--course", "course"))[0]


@needs_sandbox
def test_a_mark_that_is_withheld_exits_1_and_says_so(course: Path) -> None:
    fault = "    if not __import__('pathlib').Path('flag').exists():\n        raise OSError\n"
    head, half, rest = CHECKS_OF_DOUBLE.partition('    """half(3) is 1.5."""\n')
    write_files(course, {"course/checks/test_double.py": head + half + fault + rest, "class/ada/double.py": DOUBLE})
    run = grade()
    assert run.returncode == 1
    assert "1 checks are withheld by a fault of the grader: run it again." in run.stdout
    assert outcomes(read_results(course / "marks")["ada"])["half"] == "error"
    Path("flag").touch()
    run = grade()
    assert run.returncode == 0
    assert outcomes(read_results(course / "marks")["ada"])["half"] == "passed"


def test_the_lesser_isolation_is_asked_for_and_written_down(course: Path) -> None:
    write_files(course, {"class/ada/double.py": DOUBLE, "class/bob/double.py": "import os\nos._exit(3)\n"})
    run = grade("--isolation", "process")
    assert run.returncode == 0
    assert "can read and change this user's files" in run.stdout
    found = read_results(course / "marks")
    assert {marks["isolation"] for marks in found.values()} == {"process"}
    assert [found[name]["exercises"]["double"]["score"] for name in ("ada", "bob")] == [4.5, 0.0]


# ---------------------------------------------------------------- a student's folder

STUDENTS: dict[str, dict[str, str]] = {
    "right": {"double.ipynb": notebook("%matplotlib inline", DOUBLE), "triple.py": TRIPLE},
    "mixed": {
        "double.py": DOUBLE.replace("2 * x", "helper(x) + 1").replace("return x / 2", "while True: pass")
        + "\n\nfrom mine import helper\n",
        "mine.py": "def helper(x):\n    return x * x\n",
        "triple.py": TRIPLE.replace("return double(x) + x", "import os; os._exit(7)"),
        "tripled.py": "not an exercise",
    },
    "broken": {"double.py": DOUBLE.replace("def half(x)", "def half(x")},
}


@pytest.fixture(scope="module")
def kit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a student has: a copy of this package whose course is the tiny one, without any solution."""
    folder, package = tmp_path_factory.mktemp("site") / "kit", Path(grader.__file__).parent
    ignored = shutil.ignore_patterns("test_*.py", "golden", "thresholds", "mutants", "__pycache__", "course.toml")
    shutil.copytree(package, folder / "grader", ignore=ignored)
    shutil.copytree(package / "mutants", folder / "grader/mutants", ignore=shutil.ignore_patterns("[!_]*", "__py*"))
    own = {"course.toml": TABLE, "checks/test_double.py": CHECKS_OF_DOUBLE, "checks/test_triple.py": CHECKS_OF_TRIPLE}
    write_files(folder / "grader", own | {"mutants/double.py": MUTANTS_OF_DOUBLE})
    write_files(folder / "solutions", {"double.py": DOUBLE, "triple.py": TRIPLE})
    written = in_kit(folder, "stubs")
    assert written.returncode == 0, written.stderr
    shutil.rmtree(folder / "solutions")
    (folder / "grader/mutants/double.py").unlink()
    for path in folder.rglob("*"):
        assert path.is_dir() or b"return 2 * x" not in path.read_bytes()
    return folder


def in_kit(kit: Path, *arguments: str, **settings: Any) -> subprocess.CompletedProcess[str]:
    """Run the command as installed, with the kit's copy of the package in its place."""
    script = f"import grader, sys\nfrom grader.cli import main\nassert grader.__file__.startswith('{kit}')\nmain()"
    return run_in_kit(kit, ["-P", "-c", script, *arguments], **settings)


def run_in_kit(kit: Path, command: list[str], **settings: Any) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"PYTHONPATH": str(kit)} | settings.pop("env", {})
    whole = [sys.executable, *command]
    return subprocess.run(whole, env=environment, capture_output=True, text=True, timeout=120, **settings)


def checked(text: str) -> dict[str, str]:
    """The mark before each sentence of `grader check`."""
    marks = {"✓": "passed", "✗": "failed", "·": "blocked", "⧖": "timeout"}
    return {line[4:].rstrip(): marks[line[2]] for line in text.splitlines() if line[2:3] in marks and line[:2] == "  "}


PLAIN = ["-p", "grader.plugin", "-p", "no:cacheprovider", "-rA", "--tb=short"]
SENTENCES = {
    "test_double_of_two": "double(2) is 4.",
    "test_half": "half(3) is 1.5.",
    "test_the_generator_stays": "double draws no random numbers.",
    "test_triple_of_two": "triple(2) is 6.",
}


@needs_sandbox
def test_grade_and_check_and_pytest_give_the_same_verdicts(here: Path, kit: Path) -> None:
    for student, files in STUDENTS.items():
        write_files(here / "class" / student, files)
    make_course(here / "course")
    (here / "secret").write_bytes(SECRET)
    assert grade().returncode == 0
    (here / "marks").rename(here / "judged")
    shutil.rmtree(here / "course")
    for student, marks in read_results(here / "judged").items():
        folder = here / "class" / student
        check = in_kit(kit, "check", cwd=folder)
        assert check.stderr == ""
        plain = run_in_kit(kit, ["-m", "pytest", *PLAIN], cwd=folder)
        lines = " ".join(check.stdout.split())
        all_right = True
        for module, entry in marks["exercises"].items():
            if entry["status"] == "missing":
                continue
            if entry["status"] == "import_error":
                all_right = False
                assert " ".join(entry["message"].split()) in lines
                assert entry["message"] in plain.stdout
                assert f"FAILED {module}.py::" in plain.stdout
                continue
            for verdict in entry["checks"]:
                if verdict["visibility"] == "hidden":
                    assert verdict["name"] not in check.stdout + plain.stdout
                    continue
                name, outcome = verdict["name"], verdict["outcome"]
                shown = {"crashed": "failed"}.get(outcome, outcome)
                assert checked(check.stdout)[SENTENCES[name]] == shown
                reported = {"passed": "PASSED", "blocked": "SKIPPED"}.get(outcome, "FAILED")
                assert reported == "SKIPPED" or re.search(rf"{reported} {module}\.\w+::{name}\b", plain.stdout)
                assert reported != "SKIPPED" or verdict["message"] in plain.stdout
                if outcome not in ("passed", "blocked"):
                    all_right = False
                    for line in verdict["message"].splitlines():
                        assert " ".join(line.split()) in lines
                        assert line in plain.stdout
        assert check.returncode == plain.returncode == (not all_right)
        assert all_right == (student == "right")
    assert "likely    This is what comes out when x is multiplied by itself." in str(
        read_results(here / "judged")["mixed"]
    )


def test_one_exercise_is_checked_where_one_is_named(here: Path, kit: Path) -> None:
    write_files(here / "mine", {"double.py": DOUBLE + "\nprint('imported')\n", "triple.py": "syntax error"})
    run = in_kit(kit, "check", "double.py", "--folder", "mine")
    assert run.returncode == 0
    assert list(checked(run.stdout).values()) == ["passed"] * 3
    assert "All 2.5 visible points." in run.stdout
    assert "triple" not in run.stdout
    assert "imported" not in run.stdout
    assert "imported" in in_kit(kit, "check", "double", "--folder", "mine", "--show-output").stdout


def test_a_message_with_brackets_is_shown_as_it_is(here: Path, kit: Path) -> None:
    write_files(here, {"double.py": "raise ValueError('a list[int], [bold]')", "triple.py": "raise ValueError('[/x]')"})
    run = in_kit(kit, "check")
    assert (run.returncode, run.stderr) == (1, "")
    for text in ("a list[int], [bold]", "[/x]"):
        assert text in run.stdout


def test_a_terminal_without_unicode_is_no_reason_to_fail(here: Path, kit: Path) -> None:
    write_files(here, {"double.py": DOUBLE.replace("2 * x", "x")})
    run = in_kit(kit, "check", env={"PYTHONIOENCODING": "ascii"})
    assert (run.returncode, run.stderr) == (1, "")
    assert "double(2) is 4." in run.stdout


# ---------------------------------------------------------------- list, stubs


def test_list_shows_every_exercise_and_what_is_here(course: Path) -> None:
    def states() -> list[list[str]]:
        run = run_grader("list", "--course", "course", "--folder", "mine")
        assert (run.returncode, run.stderr) == (0, "")
        assert "\x1b" not in run.stdout
        return [re.split(r" {2,}", line.strip()) for line in run.stdout.splitlines()[1:]]

    (course / "mine").mkdir()
    assert states() == [["double", "Twice a number", "–"], ["triple", "Three times a number", "–"]]
    shutil.copy("course/exercises/double.py", "mine/double.py")
    write_files(course, {"mine/triple.ipynb": notebook(TRIPLE)})
    assert [state for *_, state in states()] == ["not started", "triple.ipynb"]
    write_files(course, {"mine/double.py": DOUBLE})
    assert [state for *_, state in states()] == ["double.py", "triple.ipynb"]


def test_stubs_are_written_and_told_from_stale_ones(course: Path) -> None:
    shutil.rmtree("course/exercises")
    stale = run_grader("stubs", "--check", "--course", "course")
    assert (stale.returncode, stale.stderr) == (1, "")
    assert not Path("course/exercises").exists()
    for name in ("exercises/double.py", "exercises/triple.py", "answers of double", "answers of triple"):
        assert re.search(rf"^stale  .*{name}: run `grader stubs`\.$", stale.stdout, re.MULTILINE)
    assert run_grader("stubs", "--course", "course").returncode == 0
    assert "not implemented yet" in Path("course/exercises/double.py").read_text()
    fresh = run_grader("stubs", "--check", "--course", "course")
    assert (fresh.returncode, fresh.stdout) == (0, "")
    write_files(course, {"course/checks/test_double.py": CHECKS_OF_DOUBLE + "\n# changed\n"})
    changed = run_grader("stubs", "--check", "--course", "course")
    assert (changed.returncode, changed.stdout) == (1, "stale  the recorded answers of double: run `grader stubs`.\n")


def test_a_threshold_that_was_raised_by_hand_is_noticed(tmp_path: Path) -> None:
    course = make_course(tmp_path)
    (course.checks / "thresholds").mkdir()
    entry = {"threshold": 0.99, "model": "by hand", "values": [0.9 + 0.001 * number for number in range(20)]}
    (course.checks / "thresholds" / "double.json").write_text(json.dumps({"accuracy": entry}))
    found = run_grader("calibrate", "--check", "--course", tmp_path)
    assert (found.returncode, found.stdout.split()[:3]) == (1, ["too", "high", "double.accuracy:"])
    (course.checks / "thresholds" / "double.json").write_text(json.dumps({"accuracy": entry | {"threshold": 0.8}}))
    assert run_grader("calibrate", "--check", "--course", tmp_path).returncode == 0


def test_the_contracts_name_each_check_and_what_it_must_notice(tmp_path: Path) -> None:
    make_course(tmp_path)
    page = run_grader("author", "contracts", "--course", tmp_path).stdout
    assert "| double(2) is 4. | `test_double_of_two` | 1, visible | x is multiplied by itself |" in page


def test_a_class_in_many_exercises_gets_a_table_that_can_be_read() -> None:
    exercises = {
        f"exercise_{number}": {"status": "graded", "score": float(number % 3), "max_score": 2.0} for number in range(19)
    }
    marks = {"student": "ada", "score": 18.0, "max_score": 38.0, "exercises": exercises}
    summary = Summary(1, 19)
    summary.marks = [marks]
    screen = Console(width=80, record=True, file=io.StringIO())
    print_summary(screen, summary, Path("out"))
    lines = screen.export_text().splitlines()
    assert lines[0].split() == ["student", "total", "most", "lost", "in"]
    assert lines[1].startswith("ada      18/38  exercise_0 0/2, exercise_3 0/2, exercise_6 0/2, 10 more")
