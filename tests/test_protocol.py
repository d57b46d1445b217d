"""What a worker sends is plain data with its exact types, and whatever else it sends costs it one check at the most."""

import math
import socket
import struct
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import msgpack
import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.worker.protocol import (
    DTYPES,
    MAX_DEPTH,
    MAX_DIGITS,
    MAX_KEYS,
    MAX_NODES,
    MAX_STRING,
    Channel,
    ChannelClosed,
    DeadlineExceeded,
    Handle,
    MalformedMessage,
    TensorInfo,
    decode,
    encode,
)

MIB = 1 << 20
unhurried = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def same(a: Any, b: Any) -> bool:
    """The same types and the same bits, all the way down: NaN is NaN, and -0.0 is not 0.0."""
    if type(a) is not type(b):
        return False
    if isinstance(a, torch.Tensor):
        return a.dtype == b.dtype and a.shape == b.shape and bits(a) == bits(b)
    if isinstance(a, (np.ndarray, np.generic)):
        return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    if isinstance(a, (list, tuple)):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, dict):
        return len(a) == len(b) and all(same(x, y) for x, y in zip(a.items(), b.items()))
    if isinstance(a, float):
        return struct.pack("d", a) == struct.pack("d", b)
    return bool(a == b)


def bits(tensor: torch.Tensor) -> bytes:
    flat = tensor.detach().resolve_conj().resolve_neg().clone(memory_format=torch.contiguous_format).reshape(-1)
    return flat.view(torch.uint8).numpy().tobytes() if flat.numel() else b""


# ---------------------------------------------------------------- what may be sent

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
INTS = st.integers(-(1 << 70), 1 << 70) | st.sampled_from([1 << 63, -(1 << 63), (1 << 4096) - 1, -(1 << 4095)])
NUMBERS = st.none() | st.booleans() | INTS | st.floats(allow_nan=True, allow_infinity=True)
KEYS = st.recursive(
    st.none() | st.booleans() | INTS | st.floats(allow_nan=False) | TEXT | st.binary(max_size=8),
    lambda inner: st.lists(inner, max_size=3).map(tuple),
    max_leaves=4,
)
NUMPY = ["?", "i1", "<i2", ">i4", "<i8", "u1", "<u2", "<u4", ">u8", "<f2", "<f4", ">f4", "<f8", ">f8", "<c8", "<c16"]


@st.composite
def arrays(draw: st.DrawFn) -> Any:
    kind = np.dtype(draw(st.sampled_from(NUMPY)))
    shape = draw(st.lists(st.integers(0, 3), max_size=3))
    count = math.prod(shape)
    raw = draw(st.binary(min_size=count * kind.itemsize, max_size=count * kind.itemsize))
    array = np.frombuffer(bytes(b & 1 for b in raw) if kind.kind == "b" else raw, dtype=kind).reshape(shape)
    match draw(st.integers(0, 3)):
        case 0:
            return array.T
        case 1 if count:
            return array.reshape(-1)[0]  # a NumPy number
        case 2 if shape:
            return array[::-1]
    return array


@st.composite
def tensors(draw: st.DrawFn) -> torch.Tensor:
    kind = DTYPES[draw(st.sampled_from(sorted(DTYPES)))]
    shape = draw(st.lists(st.integers(0, 4), max_size=4))
    count = math.prod(shape)
    raw = draw(st.binary(min_size=count * kind.itemsize, max_size=count * kind.itemsize))
    raw = bytes(b & 1 for b in raw) if kind is torch.bool else raw
    tensor = torch.frombuffer(bytearray(raw), dtype=torch.uint8).view(kind) if count else torch.empty(0, dtype=kind)
    tensor = tensor.reshape(shape)
    match draw(st.integers(0, 4)):
        case 0 if shape:
            return tensor.permute(*reversed(range(tensor.dim())))
        case 1 if shape:
            return tensor[::2]
        case 2 if shape and shape[0]:
            return tensor[:1].expand(3, *shape[1:])
        case 3 if kind is torch.complex64:
            return tensor.conj()
    return tensor


PLAIN = st.recursive(
    NUMBERS | TEXT | st.binary(max_size=8) | arrays() | tensors() | st.sets(KEYS, max_size=3),
    lambda inner: (
        st.lists(inner, max_size=4) | st.lists(inner, max_size=4).map(tuple) | st.dictionaries(KEYS, inner, max_size=3)
    ),
    max_leaves=12,
)


@given(PLAIN)
@settings(unhurried, max_examples=250)
def test_plain_data_comes_back_with_its_exact_types(value: Any) -> None:
    assert same(decode(encode(value)), value)


@pytest.mark.parametrize("name", sorted(DTYPES))
def test_every_dtype_comes_back_in_every_layout(name: str) -> None:
    grid = torch.arange(24).reshape(4, 6).to(DTYPES[name])
    some = [grid, grid.T, grid[:, ::2], grid[1:3, 2:4], grid[:1].expand(5, 6), grid[0, 0], grid[:0], grid[:, :0]]
    for tensor in (*some, grid[0, 3:5:2], grid[:1, :1]):
        assert same(decode(encode(tensor)), tensor)


def test_numbers_that_look_alike_stay_apart() -> None:
    values = [1, True, 1.0, np.int64(1), np.int32(1), np.float64(1), np.float32(1), np.bool_(True), torch.tensor(1)]
    back = decode(encode(values))
    assert [type(value) for value in back] == [type(value) for value in values]
    assert same(back, values)


def test_nan_and_the_infinities_come_back() -> None:
    odd = [math.nan, math.inf, -math.inf, -0.0]
    for value in (odd, torch.tensor(odd), torch.tensor(odd, dtype=torch.bfloat16), np.array(odd)):
        assert same(decode(encode(value)), value)


def test_a_lazily_conjugated_or_negated_tensor_comes_back() -> None:
    pairs = torch.tensor([[1 + 2j, 3 - 4j], [5j, 6]], dtype=torch.complex64)
    for tensor in (pairs.conj(), pairs.mH, pairs.conj().imag, torch._neg_view(torch.ones(3))):
        back = decode(encode(tensor))
        assert torch.equal(back, tensor)


def test_what_a_tensors_bytes_do_not_show_is_told_beside_them() -> None:
    def facts(tensor: torch.Tensor) -> TensorInfo:
        return decode(encode(tensor), on_tensor=lambda tensor, info: info)

    weight = torch.nn.Parameter(torch.ones(2))
    assert facts(weight) == TensorInfo(True, False, "cpu", "Parameter")
    assert facts(weight * 2) == TensorInfo(True, True, "cpu", "Tensor")
    assert facts(torch.ones(2)) == TensorInfo(False, False, "cpu", "Tensor")


class Float(float):
    """No float: a student's type may compare as it likes."""


class Tensor(torch.Tensor):
    """No tensor of torch's own."""


WITHOUT_PLAIN_FORM: dict[str, Callable[[], Any]] = {
    "a function": lambda: len,
    "a module": lambda: torch.nn.Linear(1, 1),
    "a subclass of float": lambda: Float(1),
    "a subclass of list": lambda: type("Own", (list,), {})([1]),
    "a subclass of Tensor": lambda: torch.ones(2).as_subclass(Tensor),
    "an int of too many digits": lambda: 1 << 5000,
    "an array of objects": lambda: np.array([print]),
    "a masked array": lambda: np.ma.array([1, 2], mask=[0, 1]),
    "a sparse tensor": lambda: torch.eye(2).to_sparse(),
    "a tensor without data": lambda: torch.ones(2, device="meta"),
    "a dtype that is not sent": lambda: torch.ones(2, dtype=torch.complex128),
    "a nested tensor": lambda: torch.nested.nested_tensor([torch.ones(1), torch.ones(2)], layout=torch.strided),
}


@pytest.mark.parametrize("kind", WITHOUT_PLAIN_FORM)
@pytest.mark.filterwarnings("ignore:.*nested tensors")
def test_what_has_no_plain_form_stays_and_travels_as_a_handle(kind: str) -> None:
    value, kept = WITHOUT_PLAIN_FORM[kind](), []

    def keep(thing: Any) -> Handle:
        kept.append(thing)
        return Handle(len(kept), type(thing).__name__)

    back = decode(encode([1, {"it": value}], keep))
    assert back == [1, {"it": Handle(1, type(value).__name__)}]
    assert kept[0] is value
    with pytest.raises(TypeError):
        encode(value)


def test_a_list_that_holds_itself_becomes_a_handle_at_some_depth() -> None:
    endless: list[Any] = []
    endless.append(endless)
    back, depth = decode(encode(endless, lambda thing: Handle(7, "list"))), 0
    while isinstance(back, list):
        (back,), depth = back, depth + 1
    assert (back, depth) == (Handle(7, "list"), MAX_DEPTH)


# ---------------------------------------------------------------- what a hostile worker may send


def decoded_or_malformed(data: bytes) -> None:
    """Any other exception fails the test."""
    try:
        decode(data)
    except MalformedMessage:
        pass


@given(st.binary(max_size=400))
@settings(unhurried, max_examples=400)
def test_no_bytes_raise_anything_but_malformed(data: bytes) -> None:
    decoded_or_malformed(data)


@given(PLAIN, st.data())
@settings(unhurried, max_examples=400)
def test_no_mutated_message_raises_anything_but_malformed(value: Any, data: st.DataObject) -> None:
    message = bytearray(encode(["ok", value]))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(message)))
        match data.draw(st.integers(0, 3)):
            case 0:
                message[at : at + 1] = data.draw(st.binary(min_size=1, max_size=1))
            case 1:
                del message[at:]
            case 2:
                message[at:at] = data.draw(st.binary(max_size=6))
            case _:
                message[at:at] = message[at : at + data.draw(st.integers(0, 20))]
    decoded_or_malformed(bytes(message))


TAGS = ["list", "tuple", "set", "dict", "int", "handle", "tensor", "array", "scalar", "code", "", "__class__", "RULES"]
WORDS = ["float32", "bool", "bfloat16", "<f8", "|b1", "O", "|O8", "V8", "<M8[s]", "f8,i4", "(2,)f8", "cpu", "1_0", "-1"]
RAW = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(1 << 63), (1 << 64) - 1)
    | st.floats()
    | st.sampled_from([*TAGS, *WORDS])
    | st.binary(max_size=16),
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.builds(lambda tag, rest: [tag, *rest], st.sampled_from(TAGS), st.lists(inner, max_size=7))
        | st.builds(lambda *parts: list(parts), st.just("tensor"), st.sampled_from(["float32", "bool"]), inner, inner)
        | st.dictionaries(st.sampled_from(TAGS), inner, max_size=2)
    ),
    max_leaves=20,
)


@given(RAW)
@settings(unhurried, max_examples=600)
def test_no_well_formed_message_raises_anything_but_malformed(raw: Any) -> None:
    decoded_or_malformed(msgpack.packb(raw))


def array32(length: int) -> bytes:
    return b"\xdd" + struct.pack("!I", length)


def tensor_of(shape: list[int], raw: bytes = b"", dtype: str = "float32") -> list[Any]:
    return ["tensor", dtype, shape, raw, False, False, "cpu", "Tensor"]


MERSENNE = (1 << 61) - 1  # Python's hash of an int is its remainder by this
BOMBS: dict[str, Callable[[], bytes]] = {
    "announced lists in lists": lambda: array32(1 << 31) * 1000,
    "announced lists of real length": lambda: array32(100_000) * 500 + b"\xc0" * 100_000,
    "empty lists": lambda: array32(1 << 24) + b"\x90" * (1 << 24),
    "small lists of empty lists": lambda: array32(1 << 20) + b"\x9f" * (1 << 20) + b"\x90" * (15 << 20),
    "short texts": lambda: array32(1 << 23) + b"\xa2ab" * (1 << 23),
    "a long text": lambda: b"\xdb" + struct.pack("!I", 60 * MIB) + b"a" * (60 * MIB),
    "long bytes": lambda: b"\xc6" + struct.pack("!I", 60 * MIB) + b"a" * (60 * MIB),
    "deep lists": lambda: b"\x91" * 100_000 + b"\xc0",
    "deep values": lambda: b"\x92\xa4list\x91" * 20_000 + b"\xc0",
    "digits": lambda: msgpack.packb(["int", "9" * (MAX_STRING - 10)]),
    "equal hashes": lambda: msgpack.packb(["set", [["int", str(MERSENNE * n)] for n in range(MAX_KEYS)]]),
    "more equal hashes": lambda: msgpack.packb(["set", [MERSENNE * (n % 8) + n // 8 for n in range(200_000)]]),
    "an empty tensor of many rows": lambda: msgpack.packb(tensor_of([1 << 39, 0])),
    "an empty tensor of vast strides": lambda: msgpack.packb(tensor_of([1 << 39, 0, 1 << 39, 1 << 39])),
    "a tensor that is only announced": lambda: msgpack.packb(tensor_of([1 << 39])),
    "many tensors": lambda: msgpack.packb(["list", [tensor_of([])] * 30_000]),
    "many dimensions": lambda: msgpack.packb(tensor_of([1] * 100_000, bytes(4))),
    "a timestamp": lambda: b"\xd6\xff" + bytes(4),
    "an extension": lambda: b"\xc9" + struct.pack("!Ib", 4, 5) + bytes(4),
    "a map": lambda: b"\xdf" + struct.pack("!I", 1 << 30),
}


@pytest.mark.parametrize("kind", BOMBS)
def test_no_message_takes_much_time_or_memory(kind: str) -> None:
    data = BOMBS[kind]()
    tracemalloc.start()
    begin = time.process_time()
    decoded_or_malformed(data)
    seconds, (_, peak) = time.process_time() - begin, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert seconds < 8  # under tracemalloc, which makes it several times slower
    assert peak < 128 * MIB


def test_a_list_of_as_many_numbers_as_are_allowed_is_quick() -> None:
    numbers = [float(n) for n in range(MAX_NODES - 10)]
    begin = time.process_time()
    assert decode(encode(numbers)) == numbers
    assert time.process_time() - begin < 2


@pytest.mark.parametrize(
    "raw",
    [
        ["int", "9" * (MAX_DIGITS + 1)],
        ["int", 3],
        ["handle", "1", "list"],
        ["handle", 1.0, "list"],
        tensor_of([2], bytes(4)),
        tensor_of([-1], bytes(4)),
        tensor_of([True], bytes(4)),
        tensor_of([1], b"\2", "bool"),
        tensor_of([1], bytes(8), "complex128"),
        ["tensor", "float32", [1], bytes(4)],
        ["tensor", "float32", [1], bytes(4), 1, 0, "cpu", "Tensor"],
        ["array", "O", [1], bytes(8)],
        ["array", "|V8", [1], bytes(8)],
        ["array", "<M8[s]", [1], bytes(8)],
        ["array", "f4,f4", [1], bytes(8)],
        ["array", "|b1", [1], b"\7"],
        ["set", [["list", []]]],
        ["dict", [[["list", []], 1]]],
        ["dict", [[1]]],
        ["list", "text"],
        ["list"],
        ["list", [], []],
        ["_handle", 1, "list"],
        [],
        [["list", []]],
        {"a": 1},
    ],
)
def test_what_no_honest_worker_sends_is_malformed(raw: Any) -> None:
    with pytest.raises(MalformedMessage):
        decode(msgpack.packb(raw))


# ---------------------------------------------------------------- channels


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Our end of a connection and the other side's."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


@contextmanager
def beside(work: Callable[[], None]) -> Iterator[None]:
    """Do `work` in another thread meanwhile; it ends when the other end is closed."""
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    yield
    thread.join(10)
    assert not thread.is_alive()


def send_until_closed(end: socket.socket, data: bytes, pause: float) -> None:
    with suppress(OSError):
        while True:
            end.send(data)
            time.sleep(pause)


def within(seconds: float) -> float:
    return time.monotonic() + seconds


def test_a_frame_larger_than_any_buffer_arrives_whole(ends: tuple[socket.socket, socket.socket]) -> None:
    ours, theirs = map(Channel, ends)
    payload = bytes(range(256)) * (20 * MIB // 256)
    with beside(lambda: theirs.send(payload, within(10))):
        assert ours.receive(within(10)) == payload
    theirs.send(b"", within(1))
    theirs.send(b"next", within(1))
    assert (ours.receive(within(1)), ours.receive(within(1))) == (b"", b"next")


def test_a_deadline_also_ends_one_who_sends_byte_by_byte(ends: tuple[socket.socket, socket.socket]) -> None:
    with beside(lambda: send_until_closed(ends[1], b"\0", 0.02)):
        ends[1].send(struct.pack("!I", MIB))
        begin = time.monotonic()
        with pytest.raises(DeadlineExceeded):
            Channel(ends[0]).receive(within(0.4))
        assert 0.3 < time.monotonic() - begin < 3
        ends[0].close()


def test_a_deadline_ends_the_wait_for_one_who_says_nothing(ends: tuple[socket.socket, socket.socket]) -> None:
    begin = time.monotonic()
    with pytest.raises(DeadlineExceeded):
        Channel(ends[0]).receive(within(0.2))
    assert 0.1 < time.monotonic() - begin < 3


def test_a_deadline_that_has_passed_ends_at_once(ends: tuple[socket.socket, socket.socket]) -> None:
    with pytest.raises(DeadlineExceeded):
        Channel(ends[0]).receive(time.monotonic() - 1)


def test_a_deadline_ends_the_wait_for_one_who_never_reads(ends: tuple[socket.socket, socket.socket]) -> None:
    begin = time.monotonic()
    with pytest.raises(DeadlineExceeded):
        Channel(ends[0]).send(bytes(32 * MIB), within(0.3))
    assert 0.2 < time.monotonic() - begin < 3


def test_a_giant_announced_length_is_malformed_at_once(ends: tuple[socket.socket, socket.socket]) -> None:
    ends[1].send(struct.pack("!I", 0xFFFFFFFF))
    begin = time.monotonic()
    with pytest.raises(MalformedMessage, match="4095 MiB, more than 64 MiB"):
        Channel(ends[0], 64 * MIB).receive(within(10))
    assert time.monotonic() - begin < 1


def test_memory_grows_with_what_comes_and_not_with_what_was_announced(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    ends[1].send(struct.pack("!I", 200 * MIB) + b"a" * 1000)
    tracemalloc.start()
    with pytest.raises(DeadlineExceeded):
        Channel(ends[0]).receive(within(0.1))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 * MIB


@pytest.mark.parametrize("sent", [b"", b"\0\0", struct.pack("!I", 10) + b"half"])
def test_a_closed_end_is_told_wherever_the_frame_broke_off(
    ends: tuple[socket.socket, socket.socket], sent: bytes
) -> None:
    ends[1].send(sent)
    ends[1].close()
    with pytest.raises(ChannelClosed):
        Channel(ends[0]).receive(within(5))


def test_a_closed_end_is_told_to_a_sender(ends: tuple[socket.socket, socket.socket]) -> None:
    channel = Channel(ends[0])
    ends[1].close()
    with pytest.raises(ChannelClosed):
        channel.send(b"x", within(5))


def test_somebody_watches_while_nothing_comes_and_may_end_the_wait(ends: tuple[socket.socket, socket.socket]) -> None:
    looks: list[float] = []

    def watch() -> None:
        looks.append(time.monotonic())
        if len(looks) == 3:
            raise MemoryError

    with pytest.raises(MemoryError):
        Channel(ends[0]).receive(within(20), watch)
    assert 0.1 < looks[-1] - looks[0] < 5


def test_somebody_watches_also_while_bytes_come(ends: tuple[socket.socket, socket.socket]) -> None:
    def watch() -> None:
        raise MemoryError

    ends[1].send(struct.pack("!I", 255 * MIB))
    with beside(lambda: send_until_closed(ends[1], bytes(1000), 0.001)):
        with pytest.raises(MemoryError):
            Channel(ends[0]).receive(within(20), watch)
        ends[0].close()
