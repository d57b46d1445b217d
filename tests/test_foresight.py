"""A worker that is told ahead gives the same marks as one that is asked step by step."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from tiny_course import (
    CHECKS_OF_DOUBLE,
    DOUBLE,
    SECRET,
    make_course,
    outcomes,
    read_results,
    why_no_sandbox,
    write_files,
)

from grader.checks.registry import Check
from grader.engine.foresight import Foresight, Noted, Told, Unforeseen
from grader.engine.grading import Order, grade

CHECKS = (
    CHECKS_OF_DOUBLE
    + '''

@check(points=1, goal="numbers")
def test_half_and_back(student):
    """half(3) is 1.5 or 1, and double takes it."""
    part = student.call("half", 3)
    expect(student.call("double", part)).equal(2 * part)


@check(points=1, goal="numbers")
def test_many(student):
    """double is right again and again."""
    for number in (5, 6, 7):
        expect(student.call("double", number)).equal(2 * number)


@check(points=1, goal="numbers", hidden=True, recipe="any number")
def test_the_end(student):
    """double(9) is 18."""
    expect(student.call("double", 9)).equal(18)
'''
)
WAYS = {
    "right": DOUBLE,
    "another_way": DOUBLE.replace("x / 2", "x // 2 if x == 3 else x / 2").replace("2 * x", "x + x"),
    "wrong_once": DOUBLE.replace("return 2 * x", "return 2 * x + (x == 5)"),
    "hangs_later": DOUBLE.replace("return 2 * x", "while x == 6: pass\n    return 2 * x + (x == 5)"),
    "leaves_later": DOUBLE.replace("return 2 * x", "__import__('os')._exit(3) if x == 7 else 0\n    return 2 * x"),
    "leaves_after_a_mistake": DOUBLE.replace(
        "return 2 * x", "__import__('os')._exit(3) if x == 7 else 0\n    return 2 * x + (x == 5)"
    ),
}
ALL = dict.fromkeys(
    ["double_of_two", "half", "the_generator_stays", "half_and_back", "many", "double_of_any", "the_end"], "passed"
)


@pytest.mark.skipif(bool(why_no_sandbox()), reason=why_no_sandbox() or "there is a sandbox")
def test_what_was_foreseen_changes_no_mark(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    course = make_course(tmp_path / "course", CHECKS)
    for name, source in WAYS.items():
        write_files(tmp_path / "class" / name, {"double.py": source})
    order = Order(course, tmp_path / "class", tmp_path / "out", course.select("double"), SECRET, jobs=1)
    grade(order)
    found = {name: outcomes(marks) for name, marks in read_results(tmp_path / "out").items()}
    assert found["right"] == ALL
    assert found["another_way"] == ALL | {"half": "failed"}  # it asks what the reference does not, in another check
    assert found["wrong_once"] == ALL | {"many": "failed"}
    assert found["hangs_later"] == ALL | {"many": "failed"}
    assert found["leaves_later"] == ALL | {"many": "crashed"}
    assert found["leaves_after_a_mistake"] == ALL | {"many": "failed"}


def make_check(name: str, hidden: bool = False, learning: bool = False, after: Sequence[str] = ()) -> Check:
    return Check(
        name=name, function=lambda: None, points=1, goal="", hidden=hidden, learning=learning,
        after=tuple(after), evidence="strong", recipe="", seconds=1,
    )  # fmt: skip


def rehearse(check: Check, worker: Noted) -> bool:
    worker.requests += [f"{check.name} {number}".encode() for number in range(2)]
    return check.name != "broken"


def names_in_row(checks: Sequence[Check], passed: set[str], foresight: Foresight | None = None) -> list[str]:
    row = (foresight or Foresight(rehearse)).row(checks, passed)
    assert [request.decode().split()[0] for _, request in row] == [name for name, _ in row]
    return list(dict.fromkeys(name for name, _ in row))


def test_a_row_ends_before_what_must_not_be_seen_yet() -> None:
    checks = [make_check("a"), make_check("b", after=["a"]), make_check("c", hidden=True)]
    assert names_in_row(checks, set()) == ["a", "b"]
    assert names_in_row(checks[2:], {"a", "b"}) == ["c"]


def test_a_row_leaves_out_what_is_blocked_and_what_is_long() -> None:
    checks = [make_check("b", after=["a"]), make_check("c", after=["b"]), make_check("d"), make_check("e")]
    assert names_in_row(checks, set()) == ["d", "e"]
    assert names_in_row([make_check("a"), make_check("l", learning=True), make_check("z")], set()) == ["a"]
    assert names_in_row([make_check("a"), make_check("broken"), make_check("z")], set()) == ["a"]


def test_a_shortened_script_ends_its_row() -> None:
    foresight = Foresight(rehearse)
    checks = [make_check("a"), make_check("b"), make_check("c")]
    foresight.shorten(checks[1], 1)
    assert [request for _, request in foresight.row(checks, set())] == [b"a 0", b"a 1", b"b 0"]


class Echo:
    """A worker that answers with what it was asked."""

    def __init__(self) -> None:
        self.posted: list[bytes] = []

    def post(self, request: bytes) -> None:
        self.posted.append(request)

    def receive(self, deadline: float) -> bytes:
        return self.posted.pop(0)

    def ask(self, request: bytes, deadline: float) -> bytes:
        assert not self.posted
        return request

    def end(self) -> None:
        pass


def test_answers_go_to_the_requests_that_they_belong_to() -> None:
    echo: Any = Echo()
    told = Told(echo)
    told.tell([("a", b"1"), ("a", b"2"), ("b", b"3"), ("b", b"4")])
    told.turn_to("a", 0)
    assert told.ask(b"1", 0) == b"1"
    told.turn_to("b", 0)  # `a` did not ask its second
    assert told.ask(b"3", 0) == b"3"
    with pytest.raises(Unforeseen) as unforeseen:
        told.ask(b"5", 0)
    assert unforeseen.value.asked == 1


def test_a_check_that_asks_more_than_was_told_gets_no_other_s_answer() -> None:
    echo: Any = Echo()
    told = Told(echo)
    told.tell([("a", b"1"), ("b", b"2")])
    told.turn_to("a", 0)
    told.ask(b"1", 0)
    with pytest.raises(Unforeseen):
        told.ask(b"2", 0)
    told.turn_to("b", 0)
    assert told.ask(b"2", 0) == b"2"
    assert told.ask(b"anything", 0) == b"anything"
