"""The `student` fixture: the judge's handle on the student's module, wherever that runs."""

import re
from collections.abc import Callable, Sequence
from typing import Any

import torch

from grader.checks.expectations import TRAIL, Print, Trail, Unmet, brief
from grader.worker.protocol import Handle, MalformedMessage, TensorInfo, Worker, decode, encode

BUILT_IN = (
    "ValueError",
    "TypeError",
    "KeyError",
    "RuntimeError",
    "IndexError",
    "NotImplementedError",
    "AssertionError",
)


class Raised(Exception):
    """The student's code raised: names of the type and its bases, message and place are untrusted text."""

    def __init__(self, kind: str, bases: list[str], message: str, where: str) -> None:
        super().__init__(kind)
        self.kind, self.bases, self.message, self.where = kind, bases, message, where

    def text(self) -> str:
        """One line for the student."""
        line = " ".join(self.message.split())[:300]
        place = f" ({self.where})" if self.where else ""
        return f"{self.kind}: {line}{place}" if line else f"{self.kind}{place}"


class Absent(Exception):
    """The student's module has no such name."""


class Conversation:
    """Requests to one worker, with one deadline for a whole check."""

    def __init__(self, worker: Worker) -> None:
        self.worker = worker
        self.deadline = 0.0

    def ask(self, operation: str, *parts: Any) -> Any:
        """The value of one request. Raises Raised, Absent, and the worker's failures."""
        request = encode([operation, *parts], _handle)
        reply = self.worker.ask(request, self.deadline)
        answer = decode(reply, on_handle=lambda handle: Thing(self, handle), on_tensor=_with_facts)
        if not isinstance(answer, list) or not answer or type(answer[0]) is not str:
            raise MalformedMessage("an answer of no known kind")
        match answer:
            case ["ok", value]:
                return value
            case ["absent", str(name)]:
                raise Absent(name[:100])
            case ["raised", str(kind), [*bases], str(message), str(where)] if all(type(b) is str for b in bases):
                raise Raised(kind[:100], bases[:50], message, where[:200])
        raise MalformedMessage("an answer of no known kind")


def _with_facts(tensor: torch.Tensor, info: TensorInfo) -> torch.Tensor:
    tensor.facts = info  # type: ignore[attr-defined]
    return tensor


class Thing:
    """Something that lives in the worker."""

    def __init__(self, conversation: Conversation, handle: Handle) -> None:
        self.conversation, self.handle = conversation, handle

    @property
    def kind(self) -> str:
        """The name of its type, by its own word."""
        return self.handle.kind

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call it; plain data comes back by value, everything else as a Thing."""
        return self._invoke("", args, kwargs, False)

    def call(self, method: str, *args: Any, **kwargs: Any) -> Any:
        """Call a method of it."""
        return self._invoke(method, args, kwargs, False)

    def keep(self, method: str, *args: Any, **kwargs: Any) -> Any:
        """Call a method ("" for itself) and leave the result in the worker."""
        return self._invoke(method, args, kwargs, True)

    def get(self, name: str) -> Any:
        """An attribute."""
        return _judged(lambda: self.conversation.ask("get", self.handle, name, False))

    def read(self) -> Any:
        """It by value, as it is now."""
        return _judged(lambda: self.conversation.ask("read", self.handle))

    def drain(self, limit: int) -> tuple[list, bool]:
        """At most `limit` items of it, and whether it ended by itself."""
        match _judged(lambda: self.conversation.ask("drain", self.handle, limit)):
            case [[*items], bool(ended)]:
                return items, ended
        raise MalformedMessage("no list of items")

    def _invoke(self, method: str, args: Sequence, kwargs: dict, by_handle: bool) -> Any:
        _note_call(f"{self.kind}(…)" + (f".{method}" if method else ""), args, kwargs)
        parts = (self.handle, method, list(args), kwargs, by_handle)
        return _judged(lambda: self.conversation.ask("invoke", *parts))


class Student:
    """One check's view of the student's module. Whatever their code raises becomes a failed expectation."""

    def __init__(self, conversation: Conversation, failed_cells: Sequence = ()) -> None:
        self.conversation, self.failed_cells = conversation, failed_cells

    def call(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """Call a function of the module; plain data comes back by value, everything else as a Thing."""
        return self._call(name, args, kwargs, False)

    def new(self, name: str, *args: Any, **kwargs: Any) -> Thing:
        """Call a class or function of the module and leave the result in the worker."""
        return self._call(name, args, kwargs, True)

    def put(self, value: Any) -> Thing:
        """Make `value` an object of the worker: an argument that can be read after the call."""
        return self.conversation.ask("put", value)

    def tool(self, name: str, *args: Any, **kwargs: Any) -> Any:
        """Call a public instrument by value."""
        return _judged(lambda: self.conversation.ask("instrument", name, list(args), kwargs, False))

    def make(self, name: str, *args: Any, **kwargs: Any) -> Thing:
        """Call a public instrument and leave the result in the worker."""
        return _judged(lambda: self.conversation.ask("instrument", name, list(args), kwargs, True))

    def leave(self) -> None:
        """Leave the contexts that instruments entered."""
        self.conversation.ask("leave")

    def raises(
        self,
        kinds: str | Sequence[str],
        name: str,
        *args: Any,
        names: Sequence[str] = (),
        hint: str = "",
        **kwargs: Any,
    ) -> None:
        """Expect the call to raise one of `kinds` (any exception for "Exception"), naming one of `names`."""
        wanted = (kinds,) if isinstance(kinds, str) else tuple(kinds)
        one_of = " or ".join(wanted)
        naming = f" that names {' or '.join(f'`{n}`' for n in names)}" if names else ""
        what = f"{one_of}{naming}"
        seen = TRAIL.get(Trail()).seen
        try:
            result = self._ask(name, args, kwargs, False)
        except Absent:
            raise self._absent(name) from None
        except Raised as raised:
            seen.append(Print(["raised", *(b for b in BUILT_IN if b in raised.bases)]))
            if "NotImplementedError" in raised.bases:
                raise _from_raise(raised) from None
            if not any(kind in raised.bases for kind in wanted):
                raise Unmet(what, raised.text(), (what, "another exception"), hint) from None
            if names and not any(re.search(rf"(?<!\w){re.escape(n)}(?!\w)", raised.message) for n in names):
                raise Unmet(what, raised.text(), (what, "a message without the name"), hint) from None
        else:
            seen.append(Print(["raised", "nothing"]))
            raise Unmet(what, f"no exception, but {brief(result)}", (what, "no exception"), hint)

    def fails(self, action: Callable[[], Any], hint: str = "") -> bool:
        """Whether the student's code raises in `action` (a call of a Thing or of this object)."""
        try:
            action()
        except Unmet as unmet:
            if getattr(unmet, "raised", None) is None or unmet.unimplemented:
                raise
            return True
        return False

    def _call(self, name: str, args: Sequence, kwargs: dict, by_handle: bool) -> Any:
        try:
            return _judged(lambda: self._ask(name, args, kwargs, by_handle))
        except Absent:
            raise self._absent(name) from None

    def _ask(self, name: str, args: Sequence, kwargs: dict, by_handle: bool) -> Any:
        _note_call(name, args, kwargs)
        return self.conversation.ask("call", name, list(args), kwargs, by_handle)

    def _absent(self, name: str) -> Unmet:
        hint = "Keep the names of the exercise as they are: the grader calls them."
        unmet = Unmet(
            f"a public name `{name}`", "nothing of that name", ("a public name of the exercise", "nothing"), hint
        )
        unmet.discreet = (unmet.expected, unmet.got)  # the name is the contract's, not the worker's word
        if self.failed_cells:
            number, kind, message = self.failed_cells[0]
            unmet.got += f"; cell {number} of the notebook raised {kind}: {message}"
        return unmet


def _judged(ask: Callable[[], Any]) -> Any:
    try:
        return ask()
    except Raised as raised:
        TRAIL.get(Trail()).seen.append(Print(["raised", *(b for b in BUILT_IN if b in raised.bases)]))
        raise _from_raise(raised) from None


def _from_raise(raised: Raised) -> Unmet:
    if "NotImplementedError" in raised.bases:
        text = raised.message.strip() or "this part is not implemented yet"
        unmet = Unmet("the exercise's own code", text[:200], ("the exercise's own code", "it is not implemented yet"))
        unmet.unimplemented = True
    else:
        unmet = Unmet("a result", raised.text(), ("a result", "an exception"))
    unmet.raised = raised  # type: ignore[attr-defined]
    return unmet


def _handle(thing: Any) -> Handle:
    if not isinstance(thing, Thing):
        raise TypeError(f"a {type(thing).__name__} cannot be sent to a worker")
    return Handle(thing.handle.number, "")  # its kind is the worker's own word: requests do not depend on it


def _note_call(name: str, args: Sequence, kwargs: dict) -> None:
    trail = TRAIL.get(None)
    if trail is not None:
        trail.asked = (name, args, kwargs)
