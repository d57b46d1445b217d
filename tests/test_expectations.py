"""A failure says the call, what is expected, what came back and a hint; of a hidden check it says no value at all."""

import json
import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from grader.checks.expectations import (
    LONGEST,
    TRAIL,
    Expectation,
    Trail,
    Unmet,
    alike,
    brief,
    expect,
    fingerprint,
)
from grader.checks.student import Absent, Conversation, Raised, Student, Thing
from grader.worker.protocol import Handle, MalformedMessage, encode


@pytest.fixture
def trail() -> Iterator[Trail]:
    """The trail of a check that has called `double`."""
    trail = Trail(asked=("double", [3, torch.zeros(2, 5)], {"twice": True}))
    token = TRAIL.set(trail)
    yield trail
    TRAIL.reset(token)


def unmet(statement: Callable[[], Any]) -> Unmet:
    with pytest.raises(Unmet) as raised:
        statement()
    return raised.value


def holds(statement: Callable[[], Any]) -> bool:
    try:
        statement()
    except Unmet:
        return False
    return True


# ---------------------------------------------------------------- four parts, two wordings


def test_a_failure_says_the_call_what_is_expected_what_came_back_and_a_hint(trail: Trail) -> None:
    failure = unmet(lambda: expect(5, "the double", "Add it to itself.").equal(6))
    assert str(failure).splitlines() == [
        "call      double(3, <tensor (2, 5)>, twice=True)",
        "expected  the double: 6",
        "got       5",
        "hint      Add it to itself.",
    ]
    assert failure.message(hidden=False) == "\n".join(str(failure).splitlines()[:3])


def test_a_hidden_checks_failure_says_which_promise_broke_and_no_value(trail: Trail) -> None:
    failure = unmet(lambda: expect(5, "the double", "Add it to itself.").equal(6))
    assert failure.message(hidden=True).splitlines() == [
        "call      double(…)",
        "expected  the double: exactly the contract's value",
        "got       something else",
    ]
    assert failure.hint == "Add it to itself."


def test_a_method_of_a_students_thing_is_called_without_its_name(trail: Trail) -> None:
    trail.asked = ("Zq7(…).forward", [3], {})
    failure = unmet(lambda: expect(5).equal(6))
    assert failure.message(hidden=False).startswith("call      Zq7(…).forward(3)\n")
    assert failure.message(hidden=True).startswith("call      …\n")


def test_a_second_line_stands_below_the_first() -> None:
    text = unmet(lambda: expect("a").satisfies(False, "one\ntwo")).message(hidden=False)
    assert text.splitlines()[:2] == ["expected  the result: one", "          two"]


def test_without_a_call_none_is_shown() -> None:
    assert "call" not in unmet(lambda: expect(1).equal(2)).message(hidden=True)


# Tokens that no wording of ours holds, so that finding one in a message means that a value came out.
WORDS = st.text("QXZJ", min_size=4, max_size=12)
COUNTS = st.integers(10_001, 1 << 80)
FLOATS = st.floats(min_value=10_001.5, max_value=1e300).map(lambda x: x if x % 1 else x + 0.5)
NAMES = st.from_regex(r"Q[xz]{5,20}", fullmatch=True)
SCALARS = WORDS | COUNTS | FLOATS | COUNTS.map(str) | WORDS.map(str.encode)
VALUES = st.recursive(
    SCALARS
    | st.lists(st.floats(10_000, 1e6, width=32), min_size=1, max_size=9).map(torch.tensor)
    | st.lists(st.integers(10_001, 1 << 40), min_size=1, max_size=9).map(np.array)
    | NAMES.map(lambda kind: Thing(None, Handle(1, kind))),  # type: ignore[arg-type]
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3)
        | st.lists(inner, min_size=1, max_size=3).map(tuple)
        | st.dictionaries(WORDS, inner, min_size=1, max_size=2)
    ),
    max_leaves=5,
)
METHODS: dict[str, Callable[[Expectation, Any], Any]] = {
    "close": lambda one, wanted: one.close(wanted),
    "close to a tolerance": lambda one, wanted: one.close(wanted, atol=0.125, rtol=0.25),
    "equal": lambda one, wanted: one.equal(wanted),
    "of_type": lambda one, wanted: one.of_type(type("Other", (), {})),
    "each_of_type": lambda one, wanted: one.each_of_type(complex),
    "shape": lambda one, wanted: one.shape(10_007, 10_009),
    "length": lambda one, wanted: one.length(10_007),
    "between": lambda one, wanted: one.between(-10_007.0, -10_009.0),
    "at_least": lambda one, wanted: one.at_least(math.inf),
    "at_most": lambda one, wanted: one.at_most(-10_007.0),
    "satisfies": lambda one, wanted: one.satisfies(False, "what the contract says", brief(wanted)),
}


def tokens(value: Any) -> set[str]:
    """Texts that give a value away: its parts as Python and as our own messages write them."""
    if isinstance(value, (torch.Tensor, np.ndarray)):
        return {brief(value)} | tokens(value.tolist())
    if isinstance(value, Thing):
        return {value.kind}
    if isinstance(value, dict):
        return set().union(*(tokens(part) for item in value.items() for part in item))
    if isinstance(value, (list, tuple)):
        return set().union(*map(tokens, value))
    if isinstance(value, bytes):
        return {value.decode()}
    return {str(value), f"{value:.6g}" if isinstance(value, float) else repr(value), brief(value)}


@pytest.mark.parametrize("method", METHODS)
@given(value=VALUES, wanted=VALUES, arguments=st.lists(VALUES, max_size=2))
@settings(deadline=None, max_examples=40)
def test_no_value_comes_out_of_a_hidden_check(method: str, value: Any, wanted: Any, arguments: list[Any]) -> None:
    token = TRAIL.set(Trail(asked=("double", arguments, {"x": wanted})))
    try:
        METHODS[method](expect(value, hint="A hint."), wanted)
    except Unmet as failure:
        text = failure.message(hidden=True)
        leaked = [part for part in tokens([value, wanted, arguments]) if part in text]
        assert not leaked
        assert not any(number in text for number in ("10007", "10009", "inf"))
        assert text.startswith("call      double(…)\nexpected  the result: ")
        assert "got" in text
    else:
        assume(False)  # the two are equal
    finally:
        TRAIL.reset(token)


class Says:
    """A worker that answers every request with the same bytes."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def ask(self, request: bytes, deadline: float) -> bytes:
        return encode(self.answer)

    def end(self) -> None:
        """Nothing to end."""


ANSWERS = st.one_of(
    st.builds(lambda kind, base, text: ["raised", kind, [kind, base], text, text], WORDS, NAMES, WORDS),
    st.builds(lambda text: ["raised", text, ["NotImplementedError", text], text, text], WORDS),
    st.builds(lambda text: ["raised", text, ["ValueError", text], text, text], WORDS),
    st.builds(lambda text: ["absent", text], WORDS),
    st.builds(lambda text, more: ["ok", [text, more]], WORDS, FLOATS),
    st.builds(lambda kind: ["ok", Handle(5, kind)], NAMES),
)
REQUESTS: dict[str, Callable[[Student], Any]] = {
    "call": lambda student: expect(student.call("double", "QQQQJJJJ")).equal(3),
    "new": lambda student: expect(student.new("Double", "QQQQJJJJ")).equal(3),
    "a method": lambda student: expect(Thing(student.conversation, Handle(2, "QZQZQZ")).call("go")).equal(3),
    "an attribute": lambda student: expect(Thing(student.conversation, Handle(2, "QZQZQZ")).get("go")).equal(3),
    "read": lambda student: expect(Thing(student.conversation, Handle(2, "QZQZQZ")).read()).equal(3),
    "drain": lambda student: expect(Thing(student.conversation, Handle(2, "QZQZQZ")).drain(9)).equal(3),
    "raises": lambda student: student.raises("ValueError", "double", "QQQQJJJJ", names=["number"]),
}


@pytest.mark.parametrize("request_", REQUESTS)
@given(answer=ANSWERS)
@settings(deadline=None, max_examples=60)
def test_no_text_of_the_students_process_comes_out_of_a_hidden_check(request_: str, answer: Any) -> None:
    token = TRAIL.set(Trail())
    try:
        cells = [[3, "QQQQ", "XXXX"]]
        REQUESTS[request_](Student(Conversation(Says(answer)), cells))
    except Unmet as failure:
        text = failure.message(hidden=True)
        assert not any(letter in text for letter in "QXZJ"), text
        assert "expected" in text
    except (MalformedMessage, Raised, Absent):
        pass  # the judge says that it could not be read, and no more
    finally:
        TRAIL.reset(token)


def test_a_missing_name_is_named_as_the_contract_names_it() -> None:
    student = Student(Conversation(Says(["absent", "the hidden input is 7"])))
    failure = unmet(lambda: student.call("double", 7))
    assert failure.discreet == ("a public name `double`", "nothing of that name")
    assert "double" in failure.expected


def test_a_failed_cell_explains_a_missing_name_to_its_student() -> None:
    student = Student(Conversation(Says(["absent", "double"])), [[3, "NameError", "no such x"]])
    failure = unmet(lambda: student.call("double", 7))
    assert failure.got == "nothing of that name; cell 3 of the notebook raised NameError: no such x"


def test_what_is_not_written_yet_is_told_apart_from_what_fails() -> None:
    stub = ["raised", "NotImplementedError", ["NotImplementedError", "RuntimeError"], "double is not there yet", "x"]
    for ask in (lambda s: s.call("double"), lambda s: s.raises("RuntimeError", "double")):
        failure = unmet(lambda: ask(Student(Conversation(Says(stub)))))  # noqa: B023
        assert failure.unimplemented
        assert (failure.got, failure.discreet[1]) == ("double is not there yet", "it is not implemented yet")


def raises(kind: str, message: str, wanted: Any = "ValueError", names: Any = ()) -> bool:
    answer = ["raised", kind, [kind, "Exception", "object"], message, "double.py, line 3"]
    return holds(lambda: Student(Conversation(Says(answer))).raises(wanted, "double", names=names))


def test_an_expected_exception_is_of_its_kind_and_names_what_is_wrong() -> None:
    assert raises("ValueError", "stride is 0")
    assert raises("ValueError", "stride is 0", names=["stride"])
    assert raises("KeyError", "x", wanted="Exception")
    assert raises("KeyError", "x", wanted=("ValueError", "KeyError"))
    assert not raises("KeyError", "x")
    assert not raises("ValueError", "strides are 0", names=["stride"])
    assert not holds(lambda: Student(Conversation(Says(["ok", 3]))).raises("Exception", "double"))


# ---------------------------------------------------------------- values in few characters

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=8) | st.lists(inner).map(tuple) | st.dictionaries(st.text(), inner),
    max_leaves=60,
)


@given(ANYTHING)
@settings(deadline=None)
def test_a_value_takes_few_characters(value: Any) -> None:
    assert 0 < len(brief(value)) <= LONGEST


def nest(width: int, depth: int) -> Any:
    return 1.5 if not depth else [nest(width, depth - 1)] * width


@pytest.mark.parametrize(
    "value",
    [
        "x" * 1_000_000,
        10**1200,
        b"x" * 1_000_000,
        dict.fromkeys(range(9999), "x" * 100),
        nest(7, 23),
        nest(1, 23),
        [[["x" * 200] * 9] * 9] * 9,
        torch.zeros(1000, 1000),
        torch.zeros(1 << 39, 0),
        [torch.zeros(2, 0)] * 9,
        np.zeros((1000, 1000)),
        Thing(None, Handle(1, "x" * 4000)),  # type: ignore[arg-type]
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_large_value_takes_few_characters_and_little_time(value: Any) -> None:
    assert len(brief(value)) <= LONGEST
    failure = unmet(lambda: expect(value).of_type(complex))
    assert len(failure.message(hidden=False)) < 5000


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (1 / 3, "0.333333"),
        ([1.0, 2], "[1, 2]"),
        ((True, None, "a"), "(True, None, 'a')"),
        (list(range(9)), "[0, 1, 2, 3, 4, 5, …]"),
        ([[[[[1]]]]], "[[[[[…]]]]]"),
        ([[[[[]]]]], "[[[[[]]]]]"),
        (torch.tensor([1.0, 2.5]), "float32 tensor (2,) [1, 2.5]"),
        (torch.arange(9), "int64 tensor (9,) [0, 1, 2, 3, …]"),
        (torch.tensor(3), "int64 tensor () 3"),
        (torch.zeros(0, 3), "float32 tensor (0, 3)"),
        (np.float64(1), "<float64>"),
        (Thing(None, Handle(1, "Net")), "<Net>"),  # type: ignore[arg-type]
    ],
)
def test_a_value_is_shown_as_a_student_would_write_it(value: Any, text: str) -> None:
    assert brief(value) == text


# ---------------------------------------------------------------- fingerprints

LISTS = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=60)


@given(LISTS)
@settings(deadline=None)
def test_the_same_numbers_are_alike_in_whatever_form(numbers: list[float]) -> None:
    prints = [fingerprint(form) for form in (numbers, tuple(numbers), torch.tensor(numbers, dtype=torch.float64))]
    again = json.loads(json.dumps(prints))
    for one in prints:
        assert all(alike(one, other) for other in again)
    assert alike(prints[0], fingerprint([x * (1 + 1e-6) for x in numbers]))


@given(LISTS, st.data())
@settings(deadline=None)
def test_other_numbers_are_unlike(numbers: list[float], data: st.DataObject) -> None:
    at = data.draw(st.sampled_from([0, len(numbers) - 1]))  # both ends are always looked at
    other = [x * 1.01 + 0.1 if n == at else x for n, x in enumerate(numbers)]
    assume(abs(other[at] - numbers[at]) > 1e-3 * abs(numbers[at]))
    assert not alike(fingerprint(numbers), fingerprint(other))
    assert not alike(fingerprint(numbers), fingerprint([*numbers, 0.0]))


def test_texts_and_numbers_are_unlike_and_nan_is_like_nan() -> None:
    assert alike(fingerprint([math.nan, math.inf]), fingerprint([math.nan, math.inf]))
    assert not alike(fingerprint([math.nan]), fingerprint([0.0]))
    assert not alike(fingerprint("1"), fingerprint(1))
    assert alike(fingerprint("a"), fingerprint("a"))
    assert not alike(fingerprint("a"), fingerprint("b"))
    assert fingerprint([]) == ["text", "[]"]


@pytest.mark.parametrize("count", [16_777_220, 33_554_437])
def test_a_fingerprint_of_many_numbers_takes_them_from_first_to_last(count: int) -> None:
    numbers = torch.zeros(count, dtype=torch.uint8)
    numbers[-1] = 7
    assert fingerprint(numbers)[2][-1] == 7.0


def test_a_trail_tells_the_fingerprint_of_what_was_seen_last(trail: Trail) -> None:
    expect(1)
    expect([2.0, 3.0])
    assert trail.last == ["numbers", 2, [2.0, 3.0]]


# ---------------------------------------------------------------- close

NESTS = st.recursive(
    st.floats(-1e3, 1e3) | st.lists(st.floats(-1e3, 1e3, width=32), max_size=4).map(torch.tensor),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=8,
)


def shifted(value: Any, by: float) -> Any:
    return [shifted(item, by) for item in value] if isinstance(value, list) else value + by


def has_numbers(value: Any) -> bool:
    if isinstance(value, list):
        return any(map(has_numbers, value))
    return not isinstance(value, torch.Tensor) or bool(value.numel())


@given(NESTS)
@settings(deadline=None)
def test_close_is_close_in_every_part_of_a_nest(nest: Any) -> None:
    assert holds(lambda: expect(nest).close(nest, atol=1e-9))
    assume(has_numbers(nest))
    assert holds(lambda: expect(shifted(nest, 0.001)).close(nest, atol=0.01))
    assert not holds(lambda: expect(shifted(nest, 0.1)).close(nest, atol=0.01))
    assert not holds(lambda: expect([nest]).close(nest))
    assert not holds(lambda: expect([nest, 0.0]).close([nest]))


@pytest.mark.parametrize(
    "pair",
    [
        (1, 1.0),
        (True, 1),
        ((1.0, 2.0), [1.0, 2.0]),
        (torch.tensor(1.0), 1.0),
        (np.float32(0.5), 0.5),
        (np.array([1, 2]), torch.tensor([1.0, 2.0])),
        (torch.tensor([1, 2], dtype=torch.bfloat16), torch.tensor([1.0, 2.0], dtype=torch.float64)),
        ([], []),
        (1.0 + 1e-7, 1.0),
    ],
    ids=lambda value: brief(value)[:40],
)
def test_the_same_numbers_are_close_whatever_their_types(pair: tuple[Any, Any]) -> None:
    expect(pair[0]).close(pair[1])


@pytest.mark.parametrize(
    "pair",
    [
        (0.0, [0.0, 0.0]),
        (0.0, []),
        (0, torch.zeros(3)),
        (1.0, torch.ones(1)),
        ([0.0], 0.0),
        ([0.0, 0.0], torch.zeros(2)),
        (torch.zeros(2, 1), torch.zeros(1, 2)),
        (torch.zeros(2), torch.zeros(2, 1)),
        (torch.zeros(0, 2), torch.zeros(2, 0)),
        ([[0.0], [0.0]], [[0.0, 0.0]]),
        ([0.0] * 3, [0.0] * 2),
        (math.nan, math.nan),
        (math.nan, 0.0),
        (math.inf, 0.0),
        (math.inf, math.inf),
        ([0.0, math.nan], [0.0, 0.0]),
        (0.0, math.nan),
        (None, 0.0),
        ("0", 0.0),
        ([None], [0.0]),
        ({"a": 0.0}, {"a": 0.0}),
        (10**400, 0.0),
        (torch.zeros(2, dtype=torch.complex64), torch.zeros(2)),
        (Thing(None, Handle(1, "Net")), 0.0),  # type: ignore[arg-type]
    ],
    ids=lambda value: brief(value)[:40],
)
def test_another_form_or_no_number_is_not_close(pair: tuple[Any, Any]) -> None:
    failure = unmet(lambda: expect(pair[0]).close(pair[1], atol=1.0))
    assert brief(pair[0]) in failure.got


def test_how_far_off_it_is_stands_behind_the_value() -> None:
    assert unmet(lambda: expect([1.0, 2.5]).close([1.0, 2.0])).got == "[1, 2.5] (off by up to 0.5)"
    assert unmet(lambda: expect(math.nan).close(2.0)).got == "nan (not finite)"
    assert unmet(lambda: expect([1.0]).close(1.0)).got == "[1] of another form"


def test_a_relative_tolerance_grows_with_what_is_expected() -> None:
    expect(110.0).close(100.0, atol=0.0, rtol=0.1)
    assert not holds(lambda: expect(100.0).close(-110.0, atol=0.0, rtol=0.1))
    assert not holds(lambda: expect(1.2).close(1.0, atol=0.0, rtol=0.1))


# ---------------------------------------------------------------- the other expectations


@given(ANYTHING, ANYTHING)
@settings(deadline=None)
def test_equal_is_the_same_type_and_value_and_never_fails_otherwise(a: Any, b: Any) -> None:
    assume("nan" not in repr(a))
    assert holds(lambda: expect(a).equal(a))
    assert holds(lambda: expect(a).equal(b)) == (type(a) is type(b) and a == b and same(a, b))


def same(a: Any, b: Any) -> bool:
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(type(x) is type(y) and same(x, y) for x, y in zip(a, b))
    if isinstance(a, dict):
        return all(type(a[key]) is type(b[key]) and same(a[key], b[key]) for key in a)
    return bool(a == b)


@pytest.mark.parametrize(
    ("a", "b", "equal"),
    [
        (1, True, False),
        (1, 1.0, False),
        ([1], (1,), False),
        ([1, [2.0]], [1, [2]], False),
        (torch.ones(2), torch.ones(2), True),
        (torch.ones(2), torch.ones(2, dtype=torch.float64), False),
        (torch.ones(2), torch.ones(2, 1), False),
        (np.ones(2), np.ones(2), True),
        (np.ones(2), np.ones(3), False),
        (np.ones(2), np.ones(2, dtype=np.float32), False),
        (np.float64(1), np.float64(1), True),
        ({"loss": [1.0]}, {"loss": [1.0]}, True),
        ({"loss": torch.ones(2)}, {"loss": [1.0, 1.0]}, False),
        ({"loss": torch.ones(2)}, {"loss": torch.ones(2)}, True),
        ({"loss": np.ones(2)}, {"loss": np.ones(2)}, True),
        ({"loss": 1}, {"lost": 1}, False),
        ({1, 2}, {2, 1}, True),
    ],
    ids=lambda value: brief(value)[:40],
)
def test_equal_looks_at_types_shapes_and_dtypes(a: Any, b: Any, equal: bool) -> None:
    assert holds(lambda: expect(a).equal(b)) == equal


def test_types_are_exact() -> None:
    expect(1.0).of_type(float)
    expect(1.0).of_type((int, float))
    assert unmet(lambda: expect(np.float64(1)).of_type(float)).got == "a float64"
    assert unmet(lambda: expect(True).of_type(int)).got == "a bool"
    expect([1.0, 2.0]).each_of_type(float)
    expect([]).each_of_type(float)
    assert unmet(lambda: expect([1.0, np.float64(1)]).each_of_type(float)).got == "a list with a float64"
    assert unmet(lambda: expect((1.0,)).each_of_type(float)).got == "a tuple"


def test_shapes_and_lengths_are_exact() -> None:
    expect(torch.zeros(2, 3)).shape(2, 3)
    expect(torch.tensor(0.0)).shape()
    assert unmet(lambda: expect(torch.zeros(3, 2)).shape(2, 3)).got == "shape (3, 2)"
    assert unmet(lambda: expect([[0.0]]).shape(1, 1)).got == "a list"
    expect([1, 2]).length(2)
    assert not holds(lambda: expect([1, 2]).length(3))
    assert not holds(lambda: expect(torch.zeros(3)).length(3))


@pytest.mark.parametrize("value", [math.nan, None, "1", [1.0], torch.tensor(1.0), np.ones(1), 0.4])
def test_a_threshold_is_reached_by_numbers_alone(value: Any) -> None:
    assert not holds(lambda: expect(value).at_least(0.5))
    assert not holds(lambda: expect(value).at_most(0.3))


def test_thresholds_and_ranges_include_their_ends() -> None:
    expect(0.5).at_least(0.5).at_most(0.5).between(0.5, 0.5)
    expect([0.0, torch.tensor([0.5, 1.0])]).between(0.0, 1.0)
    for value in (1.01, [0.5, 1.01], torch.tensor([0.5, math.nan]), math.inf, None, ["a"]):
        assert not holds(lambda: expect(value).between(0.0, 1.0))  # noqa: B023
