"""The course is a table, and a table that is wrong is refused with its file and entry."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from grader.catalogue import load_course
from grader.errors import GraderError

ROW = '[[exercises]]\nmodule = "{0}"\ntitle = "Title of {0}"\ngoals = ["a goal"]\nneeds = [{1}]\n'


def write_table(folder: Path, text: str) -> Path:
    (folder / "course.toml").write_text(text, encoding="utf-8")
    return folder


def two_rows() -> str:
    return 'name = "Mine"\n' + ROW.format("first", "") + ROW.format("second", '"first"')


def test_the_built_in_course_lies_in_the_checkout() -> None:
    course = load_course(None)
    root = Path(__file__).parent.parent
    assert course.solutions == root / "solutions"
    assert course.stubs == root / "exercises"
    assert course.alternatives == root / "tests" / "alternatives"
    assert course.checks == root / "grader" / "checks"
    assert course.mutants == root / "grader" / "mutants"
    assert course.solutions.is_dir()


def test_an_installed_course_lies_in_the_package(tmp_path: Path) -> None:
    package = tmp_path / "grader"
    (package / "course" / "solutions").mkdir(parents=True)
    for name in ("__init__.py", "catalogue.py", "errors.py", "course.toml"):
        shutil.copy(Path(__file__).parent.parent / "grader" / name, package)
    code = "from grader.catalogue import load_course as c; print(c().solutions, c().stubs, c().checks, sep='\\n')"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    wanted = [package / "course" / "solutions", package / "course" / "exercises", package / "checks"]
    assert done.stdout.splitlines() == [str(path) for path in wanted]


def test_the_built_in_course_keeps_the_order_of_the_catalogue() -> None:
    names = [exercise.module for exercise in load_course(None).exercises]
    assert names[:4] == ["neuron", "conv_shapes", "mnist_classifiers", "training"]
    assert "word_embeddings" in names
    for exercise in load_course(None).exercises:
        assert exercise.title
        assert exercise.goals
        assert set(exercise.needs) <= set(names[: names.index(exercise.module)])


def test_a_folder_of_ones_own_is_a_course(tmp_path: Path) -> None:
    text = two_rows() + '[folders]\nsolutions = "answers/here"\n'
    course = load_course(write_table(tmp_path, text))
    assert course.name == "Mine"
    assert course.solutions == tmp_path / "answers" / "here"
    assert course.stubs == tmp_path / "exercises"
    assert course.exercise("second").needs == ("first",)


def test_select_keeps_the_courses_order_and_names_each_once(tmp_path: Path) -> None:
    course = load_course(write_table(tmp_path, two_rows()))
    assert [exercise.module for exercise in course.select("second, first,second,")] == ["first", "second"]
    for nothing in ("", " , "):
        with pytest.raises(GraderError):
            course.select(nothing)


def test_an_unknown_exercise_lists_what_comes_near() -> None:
    with pytest.raises(GraderError) as refused:
        load_course(None).exercise("nueron")
    assert "nueron" in refused.value.problem
    assert "neuron" in refused.value.remedy
    assert "training" not in refused.value.remedy


@pytest.mark.parametrize(
    ("text", "entry"),
    [
        ('name = "x"\n', "exercises"),
        ('name = "x"\nexercises = []\n', "exercises"),
        ("name = 3\n" + ROW.format("a", ""), "name"),
        ('name = "x"\nnames = "y"\n' + ROW.format("a", ""), "names"),
        ('name = "x"\n' + ROW.format("a", "") + 'hint = "no"\n', "exercises, row 1, hint"),
        ('name = "x"\n' + ROW.format("a", "").replace('title = "Title of a"\n', ""), "exercises, row 1, title"),
        ('name = "x"\n' + ROW.format("a", "").replace("Title of a", " "), "exercises, row 1, title"),
        ('name = "x"\n' + ROW.format("a", "").replace('["a goal"]', "[]"), "exercises, row 1, goals"),
        ('name = "x"\n' + ROW.format("a", "").replace('["a goal"]', "[1]"), "exercises, row 1, goals, row 1"),
        ('name = "x"\n' + ROW.format("a", "") + ROW.format("a", ""), "exercises, row 2, module"),
        ('name = "x"\n' + ROW.format("a-b", ""), "exercises, row 1, module"),
        ('name = "x"\n' + ROW.format("class", ""), "exercises, row 1, module"),
        ('name = "x"\n' + ROW.format("a", '"b"') + ROW.format("b", ""), "exercises, row 1, needs"),
        ('name = "x"\n' + ROW.format("a", "") + "[folders]\nsolution = 'x'\n", "folders, solution"),
        ('name = "x"\n[[exercises]\n', "line 2"),
    ],
)
def test_a_bad_table_names_file_and_entry(tmp_path: Path, text: str, entry: str) -> None:
    with pytest.raises(GraderError) as refused:
        load_course(write_table(tmp_path, text))
    assert str(tmp_path / "course.toml") in refused.value.problem
    assert entry in refused.value.problem
    assert refused.value.remedy


def test_a_table_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GraderError, match=r"course\.toml does not exist"):
        load_course(tmp_path)
    (tmp_path / "course.toml").write_bytes(b'name = "\xff"')
    with pytest.raises(GraderError, match=r"course\.toml is not UTF-8"):
        load_course(tmp_path)


def test_catalogue_and_submissions_load_nothing_heavy() -> None:
    code = (
        "import sys, grader.catalogue, grader.engine.submissions as s; from pathlib import Path\n"
        "print([m for m in ('torch', 'numpy', 'sqlalchemy', 'nbformat', 'pyarrow', 'pydantic') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
