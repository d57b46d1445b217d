"""Expectations with a four-part message: the call, what is expected, what came back, one hint.

Every failure has two wordings: a full one, for visible checks, and a discreet one, for hidden checks, in which no
value, shape or text of the student's process stands.
"""

import math
from collections.abc import Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch
from torch import Tensor

from grader.gradebook.models import Picture

Fingerprint = list[Any]
LONGEST_TEXT, LONGEST, LONGEST_NAME = 2000, 600, 80  # characters of a line, a value and a type's name in a message
DEEPEST = 4  # lists in lists that a message shows


@dataclass
class Trail:
    """What one run of a check has seen so far: each value that it looked at, or its fingerprint; and the last call.

    asked: name, arguments and keyword arguments of the last call; pictures: what the check has drawn.
    """

    seen: list[Any] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    asked: tuple[str, Sequence[Any], dict[str, Any]] | None = None

    @property
    def call(self) -> str:
        """The last call as the student would write it."""
        if self.asked is None:
            return ""
        name, args, kwargs = self.asked
        shown = [_argument(a) for a in args] + [f"{k}={_argument(v)}" for k, v in kwargs.items()]
        return f"{name}({', '.join(shown)})"

    @property
    def discreet_call(self) -> str:
        """The last call without its arguments; of a method, nothing that the student named."""
        if self.asked is None:
            return ""
        return f"{self.asked[0]}(…)" if "(" not in self.asked[0] else "…"

    @property
    def last(self) -> Fingerprint:
        """The fingerprint of what was seen last."""
        seen = self.seen[-1]
        return seen.content if isinstance(seen, Print) else fingerprint(seen)


@dataclass(frozen=True)
class Print:
    """A fingerprint that stands for itself, of something that is no value."""

    content: Fingerprint


TRAIL: ContextVar[Trail] = ContextVar("trail")


class Unmet(AssertionError):
    """A promise that does not hold."""

    def __init__(self, expected: str, got: str, discreet: tuple[str, str], hint: str = "", call: str = "") -> None:
        super().__init__(expected, got)
        trail = TRAIL.get(Trail())
        self.expected, self.got, self.discreet, self.hint = expected, got, discreet, hint
        self.call, self.discreet_call = call or trail.call, call or trail.discreet_call
        self.unimplemented = False

    def message(self, hidden: bool) -> str:
        """The lines `call`, `expected` and `got`."""
        expected, got = self.discreet if hidden else (self.expected, self.got)
        call = self.discreet_call if hidden else self.call
        lines = [("call", call), ("expected", expected), ("got", got)]
        return "\n".join(f"{name:<10}{_indented(_cut(text, LONGEST_TEXT))}" for name, text in lines if text)

    def __str__(self) -> str:
        return self.message(hidden=False) + (f"\n{'hint':<10}{self.hint}" if self.hint else "")


def _indented(text: str) -> str:
    return text.replace("\n", "\n" + " " * 10)


class Expectation:
    """What is expected of one value; each method raises Unmet."""

    def __init__(self, value: Any, what: str, hint: str) -> None:
        self.value, self.what, self.hint = value, what, hint
        trail = TRAIL.get(None)
        if trail is not None:
            trail.seen.append(value)  # its fingerprint is only needed after a failure

    def _unmet(
        self, expected: str, discreet: str, got: str | None = None, discreet_got: str = "something else"
    ) -> Unmet:
        return Unmet(
            f"{self.what}: {expected}", got or brief(self.value), (f"{self.what}: {discreet}", discreet_got), self.hint
        )

    def close(self, expected: Any, atol: float = 1e-6, rtol: float = 0.0) -> "Expectation":
        """Numbers, or nests of lists and tensors of them, each within atol + rtol·|expected|; no NaN."""
        wrong = _distance_problem(self.value, expected, atol, rtol)
        if wrong is not None:
            within = f"{brief(expected)}, to {max(atol, rtol):g}"
            raise self._unmet(within, f"the contract's value, to {max(atol, rtol):g}", f"{brief(self.value)}{wrong}")
        return self

    def equal(self, expected: Any) -> "Expectation":
        """The same type and value."""
        if not _same(self.value, expected):
            raise self._unmet(brief(expected), "exactly the contract's value")
        return self

    def of_type(self, kind: type | tuple[type, ...]) -> "Expectation":
        """An instance of exactly `kind` (a Python float is no tensor and no NumPy number)."""
        kinds = kind if isinstance(kind, tuple) else (kind,)
        if type(self.value) not in kinds:
            names = " or ".join(k.__name__ for k in kinds)
            raise self._unmet(f"a {names}", f"a {names}", f"a {kind_name(self.value)}", "another type")
        return self

    def each_of_type(self, kind: type | tuple[type, ...]) -> "Expectation":
        """A list whose items are all exactly of `kind`."""
        kinds = kind if isinstance(kind, tuple) else (kind,)
        names = " or ".join(k.__name__ for k in kinds)
        if type(self.value) is not list or any(type(item) not in kinds for item in self.value):
            odd = kind_name(self.value)
            if type(self.value) is list:
                odd = f"list with a {next(kind_name(item) for item in self.value if type(item) not in kinds)}"
            raise self._unmet(f"a list of {names}s", f"a list of {names}s", f"a {odd}", "another type")
        return self

    def shape(self, *expected: int) -> "Expectation":
        """A tensor of this shape."""
        if not isinstance(self.value, Tensor) or tuple(self.value.shape) != expected:
            raise self._unmet(f"shape {expected}", "the contract's shape", _shape_text(self.value), "another shape")
        return self

    def length(self, expected: int) -> "Expectation":
        """A list, tuple or dict with so many entries."""
        if not isinstance(self.value, (list, tuple, dict)) or len(self.value) != expected:
            size = len(self.value) if isinstance(self.value, (list, tuple, dict)) else "none"
            raise self._unmet(f"{expected} entries", "the right number of entries", f"{size} in {brief(self.value)}")
        return self

    def between(self, low: float, high: float) -> "Expectation":
        """A finite number, or numbers, from low to high."""
        numbers = flatten(self.value)
        if numbers is None or not numbers.numel() or not bool(((numbers >= low) & (numbers <= high)).all()):
            raise self._unmet(f"from {low:g} to {high:g}", "within the contract's range")
        return self

    def at_least(self, low: float) -> "Expectation":
        """A number that reaches a threshold."""
        getattr(low, "note", lambda value: None)(self.value)
        if not isinstance(self.value, (int, float)) or not self.value >= low:
            raise self._unmet(f"at least {low:g}", "at least the threshold", brief(self.value), "less")
        return self

    def at_most(self, high: float) -> "Expectation":
        """A number that stays below a threshold."""
        if not isinstance(self.value, (int, float)) or not self.value <= high:
            raise self._unmet(f"at most {high:g}", "at most the threshold", brief(self.value), "more")
        return self

    def satisfies(self, holds: bool, expected: str, got: str = "") -> "Expectation":
        """A condition that the check worked out; `expected` holds no hidden value."""
        if not holds:
            raise self._unmet(expected, expected, got or None)
        return self


def expect(value: Any, what: str = "the result", hint: str = "") -> Expectation:
    """Begin an expectation of `value`, which the student's code gave; `what` names it in the message."""
    return Expectation(value, what, hint)


def fingerprint(value: Any) -> Fingerprint:
    """A short description by which two runs of a check are compared; JSON."""
    numbers = flatten(value)
    if numbers is not None and numbers.numel():
        pick = torch.linspace(0, numbers.numel() - 1, min(24, numbers.numel()), dtype=torch.float64).long()
        return ["numbers", numbers.numel(), [float(f"{v:.9g}") for v in numbers[pick].tolist()]]
    return ["text", brief(value)[:200]]


def alike(a: Fingerprint, b: Fingerprint) -> bool:
    """Whether two fingerprints show the same evidence."""
    if a[0] != b[0] or a[0] != "numbers":
        return a == b
    return a[1] == b[1] and bool(np.allclose(a[2], b[2], rtol=1e-4, atol=1e-7, equal_nan=True))


def flatten(value: Any) -> Tensor | None:
    """All numbers of a nest of lists, tuples, tensors and arrays as one float64 tensor, None where others stand."""
    if isinstance(value, Tensor):
        return value.detach().to(torch.float64).reshape(-1) if not value.is_complex() else None
    if isinstance(value, (np.ndarray, np.generic)):
        return (
            torch.from_numpy(np.asarray(value, dtype=np.float64).reshape(-1).copy())
            if value.dtype.kind in "biuf"
            else None
        )
    if isinstance(value, (bool, int, float)):
        try:
            return torch.tensor([float(value)], dtype=torch.float64)
        except OverflowError:
            return None
    if isinstance(value, (list, tuple)):
        if value and all(type(item) is float for item in value):
            return torch.tensor(value, dtype=torch.float64)
        parts = [flatten(item) for item in value]
        known = [part for part in parts if part is not None]
        return None if len(known) < len(parts) else torch.cat(known) if known else torch.empty(0, dtype=torch.float64)
    return None


def _structure(value: Any) -> Any:
    if isinstance(value, (Tensor, np.ndarray)):
        return tuple(value.shape)
    return [_structure(item) for item in value] if isinstance(value, (list, tuple)) else ()


def _distance_problem(value: Any, expected: Any, atol: float, rtol: float) -> str | None:
    """Why `value` is not close to `expected`, in words to put behind it; None where it is."""
    if _structure(value) != _structure(expected):
        return " of another form"
    got, want = flatten(value), flatten(expected)
    if got is None or want is None:
        return f" ({kind_name(value)})"
    off = (got - want).abs()
    bad = ~(off <= atol + rtol * want.abs())
    if not bool(bad.any()):
        return None
    worst = float(off.nan_to_num(math.inf).max())
    return f" (off by up to {worst:.3g})" if math.isfinite(worst) else " (not finite)"


def _same(a: Any, b: Any) -> bool:
    if type(a) is not type(b):
        return False
    if isinstance(a, Tensor):
        return a.dtype == b.dtype and a.shape == b.shape and torch.equal(a, b)
    if isinstance(a, (np.ndarray, np.generic)):
        return a.dtype == b.dtype and np.array_equal(a, b)
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(_same, a, b))
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(_same(value, b[key]) for key, value in a.items())
    return bool(a == b)


def _shape_text(value: Any) -> str:
    return f"shape {tuple(value.shape)}" if isinstance(value, Tensor) else f"a {kind_name(value)}"


def kind_name(value: Any) -> str:
    """The name of a value's type, of the thing itself where it is a handle."""
    kind = getattr(value, "kind", None)
    name = kind if isinstance(kind, str) and not isinstance(value, (Tensor, np.generic)) else type(value).__name__
    return name[:LONGEST_NAME]


def _argument(value: Any) -> str:
    if isinstance(value, Tensor):
        return f"<tensor {tuple(value.shape)}>"
    text = brief(value)
    if len(text) <= 60:
        return text
    return f"<{type(value).__name__} of {len(value)}>" if isinstance(value, (list, tuple, dict)) else f"{text[:57]}…"


def brief(value: Any) -> str:
    """A value in at most LONGEST characters."""
    return _cut(_nested(value, 0), LONGEST)


def _nested(value: Any, depth: int) -> str:
    if isinstance(value, Tensor):
        return _tensor(value)
    if not isinstance(value, (list, tuple)):
        return _number(value)
    left, right = "[]" if isinstance(value, list) else "()"
    if depth == DEEPEST and value:
        return f"{left}…{right}"
    shown = [_nested(item, depth + 1) for item in value[:6]] + (["…"] if len(value) > 6 else [])
    return f"{left}{', '.join(shown)}{right}"


def _tensor(value: Tensor) -> str:
    head = f"{str(value.dtype).removeprefix('torch.')} tensor {tuple(value.shape)}"
    if value.numel() > 8:
        return f"{head} [{', '.join(_number(v) for v in value.reshape(-1)[:4].tolist())}, …]"
    return f"{head} {_nested(value.tolist(), 0)}" if value.numel() else head  # an empty one may have a billion rows


def _number(value: Any) -> str:
    if type(value) is float:
        return f"{value:.6g}"
    if type(value) is dict:
        shown = [f"{_nested(k, DEEPEST)}: {_nested(v, DEEPEST)}" for k, v in list(value.items())[:6]]
        return f"{{{', '.join(shown + ['…'] * (len(value) > 6))}}}"
    plain = type(value) in (int, bool, str, bytes, type(None), set)
    return _cut(repr(value) if plain else f"<{kind_name(value)}>", 160)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"
