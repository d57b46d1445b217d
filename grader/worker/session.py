"""The untrusted side: a session that holds one student module and answers the judge's requests.

Student code shares this process and may change anything in it, so nothing here is believed: the judge decodes every
answer as hostile bytes. The same session serves the sandbox, a plain subprocess in the student's folder, and, for
our own references and mutants, the judge's own process.
"""

import contextlib
import importlib
import os
import random
import socket
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import torch

from grader.worker.instruments import INSTRUMENTS
from grader.worker.loading import StudentFinder
from grader.worker.protocol import MAX_TEXT, Channel, ChannelClosed, Handle, TensorInfo, decode, encode


class Session:
    """One student module and the things that its calls left behind, by number."""

    def __init__(self) -> None:
        self.module: Any = None
        self.things: dict[int, Any] = {}
        self.kept = 0
        self.finder: StudentFinder | None = None
        self.contexts = contextlib.ExitStack()

    def answer(self, request: bytes) -> bytes:
        """The reply to one request: ["ok", value], ["raised", …] or ["absent", name]."""
        try:
            operation, *parts = decode(request, on_handle=self._thing, on_tensor=_own_tensor)
            return encode(["ok", getattr(self, f"do_{operation}")(*parts)], self._keep)
        except _Absent as absent:
            return encode(["absent", str(absent)])
        except BaseException as error:
            return encode(["raised", *describe(error)])

    def do_load(self, module: str, files: list, exercises: list) -> list:
        """Import `module` from the student's files; returns the notebook cells that failed."""
        self.finder = StudentFinder(files, frozenset(exercises))
        for name in {module, *self.finder.files, *self.finder.packages}:  # an earlier session may have its own
            if name in exercises or isinstance(getattr(sys.modules.get(name), "__loader__", None), StudentFinder):
                sys.modules.pop(name, None)
        self.finder.install()
        self.module = importlib.import_module(module)
        return [[c.number, c.kind, c.message] for c in self.finder.failed_cells.get(module, [])]

    def close(self) -> None:
        """Leave no trace in this process, for sessions that do not own it."""
        self.contexts.close()
        if self.finder in sys.meta_path:
            sys.meta_path.remove(self.finder)

    def do_begin(self, seed: int) -> None:
        """Before each check: known global state, nothing left of the check before."""
        self.contexts.close()
        self.things.clear()
        self.kept = 0
        torch.set_grad_enabled(True)
        torch.set_default_dtype(torch.float32)
        torch.default_generator.manual_seed(seed)  # torch.manual_seed looks for devices, and takes a millisecond
        random.seed(seed)
        np.random.seed(seed % (1 << 32))

    def do_call(self, name: str, args: list, kwargs: dict, by_handle: bool) -> Any:
        """Call a public name of the student's module."""
        target = self.module
        for part in name.split("."):
            if not hasattr(target, part):
                raise _Absent(name)
            target = getattr(target, part)
        return self._given(target(*args, **kwargs), by_handle)

    def do_invoke(self, thing: Any, method: str, args: list, kwargs: dict, by_handle: bool) -> Any:
        """Call a thing that was kept, or a method of it."""
        target = getattr(thing, method) if method else thing
        return self._given(target(*args, **kwargs), by_handle)

    def do_instrument(self, name: str, args: list, kwargs: dict, by_handle: bool) -> Any:
        """Call a public instrument; one that is a context stays entered until the check ends or `leave`."""
        result = INSTRUMENTS[name](*args, **kwargs)
        if isinstance(result, contextlib.AbstractContextManager) and not isinstance(result, torch.nn.Module):
            self.contexts.enter_context(result)
            return None
        return self._given(result, by_handle)

    def do_leave(self) -> None:
        """Leave the contexts that instruments entered."""
        self.contexts.close()

    def do_get(self, thing: Any, name: str, by_handle: bool) -> Any:
        """An attribute of a thing."""
        return self._given(getattr(thing, name), by_handle)

    def do_put(self, value: Any) -> Handle:
        """Keep a value here, to be an argument that can be read after the call."""
        return self._keep(value)

    def do_read(self, thing: Any) -> Any:
        """A kept thing by value, as it is now."""
        return thing

    def do_drain(self, thing: Any, limit: int) -> list:
        """At most `limit` items of an iterable, and whether it ended by itself."""
        items: list[Any] = []
        for item in iter(thing):
            if len(items) == limit:
                return [items, False]
            items.append(item)
        return [items, True]

    def _given(self, value: Any, by_handle: bool) -> Any:
        return self._keep(value) if by_handle else value

    def _keep(self, value: Any) -> Handle:
        self.kept += 1
        self.things[self.kept] = value
        return Handle(self.kept, type(value).__name__)

    def _thing(self, handle: Handle) -> Any:
        return self.things[handle.number]


class _Absent(Exception):
    """The module has no such name."""


def _own_tensor(tensor: torch.Tensor, info: TensorInfo) -> torch.Tensor:
    return tensor.requires_grad_() if info.requires_grad else tensor


def describe(error: BaseException) -> list:
    """[type, its bases, message, where] of an exception; `where` is the last line in the student's own files."""
    try:
        message = str(error.args[0] if isinstance(error, KeyError) and error.args else error)[:MAX_TEXT]
    except BaseException:
        message = ""
    where, trace = "", error.__traceback__
    while trace is not None:
        filename = trace.tb_frame.f_code.co_filename
        if not os.path.isabs(filename) and not filename.startswith("<"):
            where = f"{filename}, line {trace.tb_lineno}"
        trace = trace.tb_next
    if isinstance(error, SyntaxError):
        message = error.msg or message
        if error.filename and error.lineno and not os.path.isabs(error.filename) and not error.filename.startswith("<"):
            where = f"{error.filename}, line {error.lineno}"
    return [type(error).__name__, [base.__name__ for base in type(error).__mro__], message, where]


def serve(stream: socket.socket, on_start: Callable[[], None] | None = None) -> None:
    """Answer requests until the judge hangs up. For `multiprocessing`'s spawn and for the zygote's children."""
    if on_start is not None:
        on_start()
    torch.set_num_threads(1)
    channel, session = Channel(stream), Session()
    with contextlib.suppress(ChannelClosed):
        while True:
            channel.send(session.answer(channel.receive()))


def silence() -> None:
    """Send what student code prints to nowhere: marks never depend on it."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    os.close(nowhere)
