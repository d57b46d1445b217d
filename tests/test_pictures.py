"""Pictures are drawn from whatever came back, change no mark, and reach those whom they may reach."""

from pathlib import Path

import pytest
import torch
from tiny_course import CHECKS_OF_DOUBLE, DOUBLE, SECRET, make_course, read_results, why_no_sandbox, write_files

from grader.checks import pictures
from grader.checks.expectations import TRAIL, Trail
from grader.engine.grading import Order, grade

DRAWING = CHECKS_OF_DOUBLE.replace("from grader.checks import check, expect", "from grader.checks import *").replace(
    '    expect(student.call("double", 2), hint',
    '    pictures.show_curves("curve", {"<b>": [1, 2, 3]})\n    expect(student.call("double", 2), hint',
)
DRAWING = DRAWING.replace(
    "    number = draw.random()", '    pictures.show_table("table", [("a", 1)])\n    number = draw.random()'
).replace("from grader.checks import *", "from grader.checks import check, expect, pictures")


def drawn(*calls: object) -> list:
    trail = Trail()
    token = TRAIL.set(trail)
    try:
        for call in calls:
            call()  # type: ignore[operator]
    finally:
        TRAIL.reset(token)
    return trail.pictures


def test_images_curves_and_tables_are_drawn() -> None:
    found = drawn(
        lambda: pictures.show_images("grid", torch.rand(12, 784), torch.rand(3, 1, 28, 28)),
        lambda: pictures.show_images("photos", torch.rand(2, 3, 96, 96)),
        lambda: pictures.show_curves("loss", {"loss": [3.0, 2.0, 1.5]}),
        lambda: pictures.show_table("words", [("king", "queen")]),
    )
    assert [(picture.name, picture.kind) for picture in found] == [
        ("grid", "png"), ("photos", "png"), ("loss", "svg"), ("words", "txt")
    ]  # fmt: skip
    assert found[0].content.startswith(b"\x89PNG")
    assert found[2].content.count(b"polyline") == 1


@pytest.mark.parametrize("value", [None, "x", torch.zeros(0), torch.full((2, 784), float("nan")), torch.zeros(2, 5)])
def test_what_cannot_be_drawn_is_left_out(value: object) -> None:
    drawn(
        lambda: pictures.show_images("images", value),  # type: ignore[arg-type]
        lambda: pictures.show_curves("curves", {"a": value}),  # type: ignore[dict-item]
        lambda: pictures.show_table("table", value),  # type: ignore[arg-type]
    )


def test_a_check_has_few_pictures_and_none_outside_of_one() -> None:
    assert len(drawn(*[lambda: pictures.show_table("t", [("a", 1)])] * 9)) == pictures.MOST
    pictures.show_table("nowhere", [("a", 1)])


@pytest.mark.skipif(bool(why_no_sandbox()), reason=why_no_sandbox() or "there is a sandbox")
def test_pictures_lie_beside_the_marks_and_hidden_ones_with_the_staff(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    course = make_course(tmp_path / "course", DRAWING)
    for student in ("ada", "staff"):
        write_files(tmp_path / "class" / student, {"double.py": DOUBLE})
    order = Order(course, tmp_path / "class", tmp_path / "out", course.select("double"), SECRET, jobs=1)
    for _ in range(2):  # the second time they come out of the gradebook
        grade(order)
        shown = "pictures/double/double_of_two.curve.svg"
        for student, folder in (("ada", "ada"), ("staff", next((tmp_path / "out").glob("_~*")).name)):
            checks = read_results(tmp_path / "out")[student]["exercises"]["double"]["checks"]
            assert [check.get("pictures") for check in checks] == [[shown], None, None, None]
            assert "&lt;b&gt;" in (tmp_path / "out" / folder / shown).read_text()
            assert (tmp_path / "out" / "staff" / folder / "pictures/double/double_of_any.table.txt").exists()
            for file in (tmp_path / "out" / folder / "pictures").rglob("*.*"):
                file.unlink()
