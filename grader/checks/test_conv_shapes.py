"""Checks of exercise `conv_shapes`: size arithmetic, judged against torch.nn itself."""

import functools
import random

import torch
from torch import nn

from grader.checks import check, expect

CONV, POOL, TRANSPOSED, COUNT = (
    *("conv_output_size", "pool_output_size", "conv_transpose_output_size"),
    "conv_parameter_count",
)


# --- what torch.nn answers


@functools.cache
def size_after(kind, size, kernel, padding=0, stride=1, output_padding=0):
    """The output size of a layer of torch.nn; kind: one of the names above."""
    image, weight = torch.zeros(1, 1, size, size), torch.zeros(1, 1, kernel, kernel)
    if kind == CONV:
        return nn.functional.conv2d(image, weight, padding=padding, stride=stride).shape[-1]
    if kind == POOL:
        return nn.functional.max_pool2d(image, kernel, stride).shape[-1]
    settings = {"padding": padding, "stride": stride, "output_padding": output_padding}
    return nn.functional.conv_transpose2d(image, weight, **settings).shape[-1]


@functools.cache
def count_of(in_channels, out_channels, kernel, bias=True):
    """The number of parameters of a layer of torch.nn."""
    layer = nn.Conv2d(in_channels, out_channels, kernel, bias=bias, device="meta")
    return sum(parameter.numel() for parameter in layer.parameters())


@functools.cache
def drawn(kind, seed):
    """Arguments of a hidden check, and torch.nn's answers: drawn and worked out once a secret."""
    rng, cases = random.Random(seed), []
    while len(cases) < 7:
        size, kernel, stride = rng.randint(2, 40), rng.randint(1, 7), rng.randint(2 if len(cases) < 4 else 1, 4)
        padding, extra = rng.randint(0, 3), rng.randint(0, stride - 1)
        if kind == CONV and kernel <= size + 2 * padding:
            cases.append(((size, kernel, padding, stride), size_after(CONV, size, kernel, padding, stride)))
        elif kind == POOL and kernel <= size:
            cases.append(((size, kernel, stride), size_after(POOL, size, kernel, stride=stride)))
        elif kind == TRANSPOSED and (size - 1) * stride + kernel + extra > 2 * padding:
            wanted = size_after(TRANSPOSED, size, kernel, padding, stride, extra)
            cases.append(((size, kernel, stride, padding, extra), wanted))
        elif kind == COUNT:
            channels, bias = (rng.randint(1, 70), rng.randint(71, 200)), bool(len(cases) % 3)
            arguments = (*rng.sample(channels, 2), kernel, bias)
            cases.append((arguments, count_of(*arguments)))
    return cases


def warm():
    """Work out the visible answers before judges are forked."""
    for kernel in (1, 3):
        size_after(CONV, 8, kernel), size_after(POOL, 8, kernel), size_after(TRANSPOSED, 8, kernel)
        count_of(1, 1, kernel)


def compare(student, name, cases, hint):
    """Compare the answers for some (arguments, right answer) or (arguments, keywords, right answer)."""
    for arguments, *keywords, wanted in cases:
        value = student.call(name, *arguments, **(keywords[0] if keywords else {}))
        expect(value, "the size" if name != COUNT else "the count", hint).close(wanted, atol=0)


# --- convolution


@check(points=1, goal="convolution and pooling")
def test_convolution_sizes(student):
    """conv_output_size gives the size that nn.Conv2d gives."""
    cases = [
        ((28, 5), size_after(CONV, 28, 5)),
        ((28, 5), {"padding": 2}, size_after(CONV, 28, 5, 2)),
        ((13, 4), {"stride": 4}, size_after(CONV, 13, 4, stride=4)),
        ((28, 5, 2, 3), size_after(CONV, 28, 5, 2, 3)),
        ((224, 11, 2, 4), size_after(CONV, 224, 11, 2, 4)),
        ((10, 3, 0, 4), size_after(CONV, 10, 3, 0, 4)),
        ((3, 5, 1), size_after(CONV, 3, 5, 1)),
    ]
    hint = "Count the places where the kernel fits: the first is at 0, the next a stride further, up to the last."
    compare(student, CONV, cases, hint)


@check(points=1, goal="convolution and pooling", hidden=True, after=test_convolution_sizes,
       recipe="sizes from 2 to 40, kernels from 1 to 7, padding from 0 to 3, strides from 1 to 4")  # fmt: skip
def test_any_convolution(student, draw):
    """conv_output_size agrees with nn.Conv2d on any layer."""
    compare(student, CONV, drawn(CONV, draw.seed()), "Padding lies on both sides; a window that overhangs is no window.")


# --- pooling


@check(points=1, goal="convolution and pooling")
def test_pooling_sizes(student):
    """pool_output_size gives the size that nn.MaxPool2d gives; without a stride, the windows lie side by side."""
    cases = [
        ((28, 2), size_after(POOL, 28, 2, stride=2)),
        ((7, 2), size_after(POOL, 7, 2, stride=2)),
        ((10, 3), size_after(POOL, 10, 3, stride=3)),
        ((8, 3, 2), size_after(POOL, 8, 3, stride=2)),
        ((6, 3), {"stride": 1}, size_after(POOL, 6, 3, stride=1)),
        ((11, 2), {"stride": 5}, size_after(POOL, 11, 2, stride=5)),
        ((5, 5), {"stride": None}, size_after(POOL, 5, 5, stride=5)),
    ]
    hint = "Count whole windows only. Where no stride is given, it is the kernel."
    compare(student, POOL, cases, hint)


@check(points=0.5, goal="convolution and pooling", hidden=True, after=test_pooling_sizes,
       recipe="sizes from 2 to 40, kernels from 1 to 7, strides from 1 to 4")  # fmt: skip
def test_any_pooling(student, draw):
    """pool_output_size agrees with nn.MaxPool2d on any layer."""
    compare(student, POOL, drawn(POOL, draw.seed()), "Pixels that fill no whole window are left out.")


# --- transposed convolution


@check(points=1, goal="transposed convolution")
def test_transposed_sizes(student):
    """conv_transpose_output_size gives the size that nn.ConvTranspose2d gives."""
    cases = [
        ((4, 5), size_after(TRANSPOSED, 4, 5)),
        ((1, 7), size_after(TRANSPOSED, 1, 7)),
        ((7, 3), {"stride": 2}, size_after(TRANSPOSED, 7, 3, stride=2)),
        ((7, 3), {"padding": 1}, size_after(TRANSPOSED, 7, 3, 1)),
        ((7, 3, 2, 1, 1), size_after(TRANSPOSED, 7, 3, 1, 2, 1)),
        ((5, 4, 3, 2), {"output_padding": 2}, size_after(TRANSPOSED, 5, 4, 2, 3, 2)),
        ((1, 3, 1, 1), size_after(TRANSPOSED, 1, 3, 1)),
    ]
    hint = "Each pixel paints one window, a stride behind the one before; then padding cuts off pixels at both ends."
    compare(student, TRANSPOSED, cases, hint)


@check(points=1, goal="transposed convolution", hidden=True, after=test_transposed_sizes,
       recipe="sizes from 2 to 40, kernels from 1 to 7, strides from 1 to 4, padding from 0 to 3")  # fmt: skip
def test_any_transposed_convolution(student, draw):
    """conv_transpose_output_size agrees with nn.ConvTranspose2d on any layer."""
    hint = "The order of its arguments is size, kernel, stride, padding, output_padding."
    compare(student, TRANSPOSED, drawn(TRANSPOSED, draw.seed()), hint)


# --- parameters


@check(points=1, goal="parameters")
def test_parameter_counts(student):
    """conv_parameter_count is the number of weights of nn.Conv2d, with and without bias."""
    cases = [
        ((1, 5, 5), count_of(1, 5, 5)),
        ((5, 10, 5), count_of(5, 10, 5)),
        ((7, 2, 3), count_of(7, 2, 3)),
        ((7, 2, 3), {"bias": False}, count_of(7, 2, 3, False)),
    ]
    hint = "Each output channel has a square of weights for every input channel, and one bias."
    compare(student, COUNT, cases, hint)


@check(points=0.5, goal="parameters", hidden=True, after=test_parameter_counts,
       recipe="up to 200 channels, kernels from 1 to 7")  # fmt: skip
def test_any_parameter_count(student, draw):
    """conv_parameter_count agrees with nn.Conv2d on any layer."""
    compare(student, COUNT, drawn(COUNT, draw.seed()), "How many numbers has one output channel?")


# --- interfaces and errors


@check(points=0.5, goal="interfaces", after=(test_convolution_sizes, test_pooling_sizes, test_transposed_sizes))
def test_the_sizes_are_ints(student):
    """Every answer is a Python int."""
    for name, arguments in ((CONV, (28, 5, 0, 2)), (POOL, (7, 2)), (TRANSPOSED, (7, 3, 2)), (COUNT, (1, 5, 5))):
        hint = "`/` gives a float, `//` of two ints an int."
        expect(student.call(name, *arguments), f"{name}(…)", hint).of_type(int)


@check(points=1, goal="errors")
def test_numbers_out_of_range_raise(student):
    """A number that no layer can have is a ValueError that names its argument."""
    for name, good, least in _arguments():
        for parameter in good:
            for value in (0, -2) if least[parameter] else (-1,):
                bad = {**good, parameter: value}
                hint = f"{parameter} is at least {least[parameter]}."
                student.raises("ValueError", name, **bad, names=[parameter], hint=hint)


@check(points=1, goal="errors")
def test_layers_that_do_not_fit_raise(student):
    """A kernel that does not fit, a result below 1 and an output_padding of a whole stride are ValueErrors."""
    together = ("size", "kernel", "padding", "stride", "output_padding")
    cases = [
        (CONV, (4, 5), ("kernel", "size", "padding"), "the kernel is larger than the input"),
        (CONV, (2, 7, 2, 2), ("kernel", "size", "padding"), "the kernel is larger than the padded input"),
        (POOL, (2, 3), ("kernel", "size"), "the window is larger than the input"),
        (POOL, (2, 3, 1), ("kernel", "size"), "the window is larger than the input"),
        (TRANSPOSED, (3, 3, 2, 0, 2), ("output_padding", "stride"), "output_padding is as large as the stride"),
        (TRANSPOSED, (3, 3, 1, 0, 1), ("output_padding", "stride"), "output_padding is as large as the stride"),
        (TRANSPOSED, (1, 2, 1, 1), together, "padding cuts everything off"),
        (TRANSPOSED, (2, 3, 2, 4, 1), together, "padding cuts off more than there is"),
    ]
    for name, arguments, names, what in cases:
        student.raises("ValueError", name, *arguments, names=names, hint=f"Here {what}.")
    for name, arguments in ((CONV, (4, 5, 1, 3)), (POOL, (3, 3)), (TRANSPOSED, (1, 3, 2, 1))):
        hint = "This fits, if only just: a result of 1 is a size."
        expect(student.call(name, *arguments), "the size", hint).between(1, 2)


@check(points=0.5, goal="errors")
def test_only_ints_are_taken(student):
    """An argument that is no int is a TypeError that names it."""
    for name, good, _ in _arguments():
        for number, parameter in enumerate(good):
            value = str(good[parameter]) if number == 1 else float(good[parameter])
            hint = "A whole float such as 3.0 is no int either."
            student.raises("TypeError", name, **{**good, parameter: value}, names=[parameter], hint=hint)


def _arguments():
    """Of each function: its name, good arguments, and the least that each may be."""
    size = {"size": 9, "kernel": 3, "stride": 2}
    padded = {**size, "padding": 1}
    transposed = {**padded, "output_padding": 1}
    count = {"in_channels": 3, "out_channels": 4, "kernel": 5}
    for name, good in ((CONV, padded), (POOL, size), (TRANSPOSED, transposed), (COUNT, count)):
        yield name, good, {parameter: 0 if parameter.endswith("padding") else 1 for parameter in good}
