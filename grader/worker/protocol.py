"""The evidence protocol: plain data as bytes, nothing executable.

A message is one frame: four bytes of length, then msgpack. Values carry their exact Python type, since
"a list of Python floats" is judged: scalars go as they are, everything else as `[tag, …]` (table below). What has
no plain form stays in the worker and travels as a handle. `decode` trusts nobody: the number of values is known before
any is made, sizes, shapes, dtypes and nesting are checked, and whatever does not fit raises `MalformedMessage`.
"""

import math
import re
import select
import socket
import struct
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol

import msgpack
import numpy as np
import torch

MAX_FRAME = 256 << 20  # bytes; a check may ask for less
MAX_DEPTH = 24
MAX_NODES = 250_000  # values in a message, tags and facts included
MAX_TENSORS = 4_000
MAX_KEYS = 10_000  # of all sets and dicts in a message: numbers can be chosen so that their hashes collide
MAX_STRING = 4 << 20  # bytes of a text; a student's file fits
MAX_DIGITS = 1_300
MAX_TEXT = 4_000  # characters of an exception's message or a type's name
CHUNK = 1 << 16  # bytes read at once
LOOK_SECONDS = 0.2  # between two calls of a `watch`

DTYPES = {
    str(dtype).removeprefix("torch."): dtype
    for dtype in (
        torch.float32,
        torch.float64,
        torch.float16,
        torch.bfloat16,
        torch.int64,
        torch.int32,
        torch.int16,
        torch.int8,
        torch.uint8,
        torch.bool,
        torch.complex64,
    )
}
ARRAY_KINDS = "biufc"
ARRAY_DTYPE = re.compile(rf"[<>|][{ARRAY_KINDS}]\d{{1,2}}")
TAGS: dict[type, str] = {list: "list", set: "set", frozenset: "set"}


class MalformedMessage(Exception):
    """The other side sent what no honest worker sends."""


class ChannelClosed(Exception):
    """The other side is gone."""


class DeadlineExceeded(Exception):
    """The other side did not answer in time."""


@dataclass(frozen=True)
class Handle:
    """A thing that stays in the worker: `number` names it there, `kind` is its type's name (untrusted text)."""

    number: int
    kind: str


@dataclass(frozen=True)
class TensorInfo:
    """What a tensor's bytes do not show."""

    requires_grad: bool
    has_graph: bool
    device: str
    exact_type: str


def encode(value: Any, keep: Callable[[Any], Handle] | None = None) -> bytes:
    """Pack `value`; a thing without a plain form goes through `keep`, or raises TypeError where there is none."""
    return msgpack.packb(_plain(value, keep, 0), use_bin_type=True, unicode_errors="replace")


def _plain(value: Any, keep: Callable[[Any], Handle] | None, depth: int) -> Any:
    kind = type(value)
    if value is None or kind in (bool, float, str, bytes):
        return value
    if kind is int and abs(value) < 1 << 4096:  # a longer one has no plain form
        return value if -(1 << 63) <= value < 1 << 63 else ["int", str(value)]
    if kind is Handle:
        return ["handle", value.number, value.kind]
    if depth < MAX_DEPTH:
        if kind in (list, tuple, torch.Size, set, frozenset):
            tag = TAGS.get(kind, "tuple")
            if all(type(item) in (float, bool, str) for item in value):  # most lists: nothing to look into
                return [tag, list(value)]
            return [tag, [_plain(item, keep, depth + 1) for item in list(value)]]
        if kind is dict:
            return ["dict", [[_plain(k, keep, depth + 1), _plain(v, keep, depth + 1)] for k, v in list(value.items())]]
        if kind in (torch.Tensor, torch.nn.Parameter) and _sendable(value):
            return ["tensor", *_tensor_parts(value)]
        if (kind is np.ndarray or isinstance(value, np.generic)) and value.dtype.kind in ARRAY_KINDS:
            array = np.ascontiguousarray(value)
            scalar = isinstance(value, np.generic)
            return ["scalar" if scalar else "array", array.dtype.str, list(np.shape(value)), array.tobytes()]
    if keep is None:
        raise TypeError(f"{kind.__name__} has no plain form")
    handle = keep(value)
    return ["handle", handle.number, handle.kind]


def _sendable(tensor: torch.Tensor) -> bool:
    plain = tensor.layout == torch.strided and not tensor.is_meta and not tensor.is_nested
    return plain and str(tensor.dtype).removeprefix("torch.") in DTYPES


def _tensor_parts(tensor: torch.Tensor) -> list[Any]:
    plain = tensor.detach().cpu().resolve_conj().resolve_neg().contiguous()
    flat = plain.as_strided((plain.numel(),), (1,))  # reshape keeps another stride where there is one element
    raw = flat.view(torch.uint8).numpy().tobytes() if plain.numel() else b""
    info = [tensor.requires_grad, tensor.grad_fn is not None, str(tensor.device), type(tensor).__name__]
    return [str(tensor.dtype).removeprefix("torch."), list(tensor.shape), raw, *info]


def decode(
    data: bytes,
    on_handle: Callable[[Handle], Any] = lambda handle: handle,
    on_tensor: Callable[[torch.Tensor, TensorInfo], Any] = lambda tensor, info: tensor,
) -> Any:
    """Unpack what `encode` packed; handles and tensors pass through the two functions. Raises MalformedMessage."""
    if len(data) > CHUNK:  # a shorter message makes no more values than it has bytes
        _refuse_bombs(data)
    try:
        raw = msgpack.unpackb(data, raw=False, max_ext_len=0, max_map_len=0)
    except (ValueError, TypeError, msgpack.UnpackException, RecursionError, MemoryError) as error:
        raise MalformedMessage("not a message") from error
    return _Decoder(on_handle, on_tensor).value(raw, 0)


def _token_sizes() -> list[int]:
    """Bytes of a msgpack token by its first byte; 0 for the kinds that no message has: maps and extensions."""
    sizes = [1] * 128 + [0] * 16 + [1] * 16 + [1 + length for length in range(32)]  # small ints, maps, arrays, texts
    sizes += [1, 0, 1, 1, 2, 3, 5, 0, 0, 0, 5, 9, 2, 3, 5, 9, 2, 3, 5, 9]  # nil to int64
    return sizes + [0] * 5 + [2, 3, 5, 3, 5, 0, 0] + [1] * 32  # texts, arrays, maps, negative ints


_SIZES = _token_sizes()
_LENGTHS = {0xC4: 1, 0xC5: 2, 0xC6: 4, 0xD9: 1, 0xDA: 2, 0xDB: 4}  # bytes of the length of bytes and texts
_ARRAYS = {0xDC: 2, 0xDD: 4}


def _refuse_bombs(data: bytes) -> None:
    """Count what unpacking would make: an empty list takes one byte here and 64 there. Raises MalformedMessage."""
    nodes = promised = position = 0
    end = len(data)
    while position < end:
        head = data[position]
        size = _SIZES[head]
        nodes += 1
        if head in _LENGTHS:
            length = int.from_bytes(data[position + 1 : position + size])
            if head >= 0xD9 and length > MAX_STRING:
                raise MalformedMessage("a text too long")
            size += length
        elif head in _ARRAYS:
            promised += int.from_bytes(data[position + 1 : position + size])
        elif 0x90 <= head <= 0x9F:
            promised += head & 0x0F
        if size == 0 or nodes > MAX_NODES or promised > MAX_NODES:
            raise MalformedMessage("a value too large, or of an unknown kind")
        position += size


class _Decoder:
    def __init__(self, on_handle: Callable, on_tensor: Callable) -> None:
        self.on_handle, self.on_tensor = on_handle, on_tensor
        self.keys = self.tensors = 0

    def value(self, raw: Any, depth: int) -> Any:
        if depth > MAX_DEPTH + 2:
            raise MalformedMessage("a value too deep")
        if not isinstance(raw, list):
            return raw
        rule = self.RULES.get(raw[0]) if raw and isinstance(raw[0], str) else None
        if rule is None:
            raise MalformedMessage("an unknown kind of value")
        try:
            return rule(self, depth + 1, *raw[1:])
        except (TypeError, ValueError, OverflowError, RuntimeError, MemoryError) as error:
            raise MalformedMessage("a value that does not fit its kind") from error

    def _items(self, depth: int, items: list) -> list:
        if not isinstance(items, list):
            raise MalformedMessage("items that are no list")
        if not any(type(item) is list for item in items):
            return items
        return [self.value(item, depth) for item in items]

    def _list(self, depth: int, items: list) -> list:
        return self._items(depth, items)

    def _tuple(self, depth: int, items: list) -> tuple:
        return tuple(self._items(depth, items))

    def _count_keys(self, count: int) -> None:
        self.keys += count
        if self.keys > MAX_KEYS:
            raise MalformedMessage("too many keys")

    def _set(self, depth: int, items: list) -> set:
        self._count_keys(len(items))
        return set(self._items(depth, items))

    def _dict(self, depth: int, pairs: list) -> dict:
        self._count_keys(len(pairs))
        if not all(isinstance(pair, list) and len(pair) == 2 for pair in pairs):
            raise MalformedMessage("pairs that are no pairs")
        return {self.value(k, depth): self.value(v, depth) for k, v in pairs}

    def _int(self, depth: int, text: str) -> int:
        if not isinstance(text, str) or len(text) > MAX_DIGITS:
            raise MalformedMessage("an int that is none")
        return int(text)

    def _handle(self, depth: int, number: int, kind: str) -> Any:
        if type(number) is not int or not isinstance(kind, str):
            raise MalformedMessage("a handle that is none")
        return self.on_handle(Handle(number, kind[:MAX_TEXT]))

    def _tensor(self, depth: int, dtype: str, shape: list, raw: bytes, *info: Any) -> Any:
        kind, size = DTYPES.get(dtype), _size(shape)
        self.tensors += 1
        if self.tensors > MAX_TENSORS or kind is None or not isinstance(raw, bytes) or len(raw) != size * kind.itemsize:
            raise MalformedMessage("a tensor whose bytes do not fit its shape")
        if kind is torch.bool:
            _refuse_odd_bools(raw)
        tensor = torch.frombuffer(bytearray(raw), dtype=torch.uint8).view(kind) if size else torch.empty(0, dtype=kind)
        grad, graph, device, exact = info
        if not (type(grad) is bool and type(graph) is bool and isinstance(device, str) and isinstance(exact, str)):
            raise MalformedMessage("a tensor without its facts")
        return self.on_tensor(tensor.reshape(shape), TensorInfo(grad, graph, device[:64], exact[:64]))

    def _array(self, depth: int, dtype: str, shape: list, raw: bytes) -> np.ndarray:
        if not isinstance(dtype, str) or not ARRAY_DTYPE.fullmatch(dtype):
            raise MalformedMessage("an array of no known kind")
        size, kind = _size(shape), np.dtype(dtype)
        if not isinstance(raw, bytes) or len(raw) != size * kind.itemsize:
            raise MalformedMessage("an array whose bytes do not fit its shape")
        if kind.kind == "b":
            _refuse_odd_bools(raw)
        return np.frombuffer(raw, dtype=kind).reshape(shape).copy()

    def _scalar(self, depth: int, dtype: str, shape: list, raw: bytes) -> Any:
        return self._array(depth, dtype, [], raw)[()]

    RULES: ClassVar[dict[str, Callable[..., Any]]] = {
        "list": _list,
        "tuple": _tuple,
        "set": _set,
        "dict": _dict,
        "int": _int,
        "handle": _handle,
        "tensor": _tensor,
        "array": _array,
        "scalar": _scalar,
    }


def _size(shape: Any) -> int:
    if not isinstance(shape, list) or len(shape) > 16 or not all(type(n) is int and 0 <= n < 1 << 40 for n in shape):
        raise MalformedMessage("a shape that is none")
    if math.prod(max(n, 1) for n in shape) >= 1 << 48:  # empty ones too: their strides must not overflow
        raise MalformedMessage("a shape too large")
    return math.prod(shape)


def _refuse_odd_bools(raw: Any) -> None:
    """A byte beyond 0 and 1 would be true or false by whim."""
    if isinstance(raw, bytes) and raw.strip(b"\0\1"):
        raise MalformedMessage("bools that are none")


class Channel:
    """Frames over a stream socket, each send and receive with a deadline (seconds of `time.monotonic`).

    `watch` is called about five times a second while a request is on its way or an answer is awaited, whether bytes
    come or not.
    """

    def __init__(self, stream: socket.socket, max_frame: int = MAX_FRAME) -> None:
        stream.setblocking(False)
        self.stream, self.max_frame, self.rest = stream, max_frame, b""
        self.unsent: deque[memoryview] = deque()
        self.next_look = time.monotonic() + LOOK_SECONDS

    def send(self, payload: bytes, deadline: float = math.inf, watch: Callable[[], None] | None = None) -> None:
        """Raises ChannelClosed, DeadlineExceeded."""
        self.post(payload)
        while self.unsent:
            self._wait(deadline, watch, reading=False)
            self._flush()

    def post(self, payload: bytes) -> None:
        """Send as much as the other side takes now; the rest goes while an answer is awaited. Raises ChannelClosed."""
        self.unsent.append(memoryview(struct.pack("!I", len(payload)) + payload))
        self._flush()

    def _flush(self) -> None:
        try:
            while self.unsent:
                taken = self.stream.send(self.unsent[0])
                if taken < len(self.unsent[0]):
                    self.unsent[0] = self.unsent[0][taken:]
                else:
                    self.unsent.popleft()
        except BlockingIOError:
            pass
        except OSError as error:
            self.unsent.clear()
            raise ChannelClosed from error

    def receive(self, deadline: float = math.inf, watch: Callable[[], None] | None = None) -> bytes:
        """The next frame. Raises ChannelClosed, DeadlineExceeded, and MalformedMessage for one above `max_frame`."""
        (length,) = struct.unpack("!I", self._read(4, deadline, watch))
        if length > self.max_frame:
            raise MalformedMessage(f"an answer of {length >> 20} MiB, more than {self.max_frame >> 20} MiB")
        return self._read(length, deadline, watch)

    def _read(self, count: int, deadline: float, watch: Callable[[], None] | None) -> bytes:
        while len(self.rest) < count <= CHUNK:  # most frames come in one piece, header and all
            self.rest += self._more(deadline, watch, lambda: self.stream.recv(CHUNK))
        if len(self.rest) >= count:
            taken, self.rest = self.rest[:count], self.rest[count:]
            return taken
        buffer, have = bytearray(self.rest), len(self.rest)
        self.rest = b""
        while have < count:
            if have == len(buffer):  # grows with what really comes, not with what was announced
                buffer.extend(bytes(min(count - have, max(have, 1 << 20))))
            have += self._more(deadline, watch, lambda: self.stream.recv_into(memoryview(buffer)[have:]))  # noqa: B023
        return bytes(buffer)

    def _more(self, deadline: float, watch: Callable[[], None] | None, receive: Callable[[], Any]) -> Any:
        while True:
            try:
                got = receive()
            except BlockingIOError:
                self._wait(deadline, watch, reading=True)
                continue
            except OSError as error:
                raise ChannelClosed from error
            if not got:
                raise ChannelClosed
            self._look(deadline, watch)  # also for one who sends byte by byte
            return got

    def _wait(self, deadline: float, watch: Callable[[], None] | None, reading: bool) -> None:
        """Until there is something to read, or else room to write; meanwhile what was posted goes out."""
        while True:
            now = self._look(deadline, watch)
            until = deadline if watch is None else min(deadline, self.next_look)
            seconds = None if until == math.inf else max(0.0, until - now)
            readers, writers = [self.stream] if reading else [], [self.stream] if self.unsent else []
            readable, writable, _ = select.select(readers, writers, [], seconds)
            if reading and writable:
                with suppress(ChannelClosed):  # what it answered before is still to be read
                    self._flush()
            if readable or (writable and not reading):
                return

    def _look(self, deadline: float, watch: Callable[[], None] | None) -> float:
        """The time, after a call of `watch` where it is due."""
        now = time.monotonic()
        if now > deadline:
            raise DeadlineExceeded
        if watch is not None and now >= self.next_look:
            self.next_look = now + LOOK_SECONDS
            watch()
        return now

    def close(self) -> None:
        self.stream.close()


class Worker(Protocol):
    """Something that answers the judge's requests."""

    def ask(self, request: bytes, deadline: float) -> bytes:
        """The answer to one request. Raises WorkerGone, DeadlineExceeded, MalformedMessage."""

    def end(self) -> None:
        """Kill it, with all that it started. May be called twice."""
