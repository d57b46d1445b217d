"""Checks of exercise `conv_shapes`: size arithmetic, judged against torch.nn itself."""

import functools
import random

import torch
from torch import nn

from grader.checks import check, expect

# --- what torch.nn answers: functions of the names and arguments that the student's have


@functools.cache
def conv_output_size(size, kernel, padding=0, stride=1):
    """The size of an image after nn.Conv2d."""
    image, weight = torch.zeros(1, 1, size, size), torch.zeros(1, 1, kernel, kernel)
    return nn.functional.conv2d(image, weight, padding=padding, stride=stride).shape[-1]


@functools.cache
def pool_output_size(size, kernel, stride=None):
    """The size of an image after nn.MaxPool2d."""
    return nn.functional.max_pool2d(torch.zeros(1, 1, size, size), kernel, stride).shape[-1]


@functools.cache
def conv_transpose_output_size(size, kernel, stride=1, padding=0, output_padding=0):
    """The size of an image after nn.ConvTranspose2d."""
    image, weight = torch.zeros(1, 1, size, size), torch.zeros(1, 1, kernel, kernel)
    settings = {"padding": padding, "stride": stride, "output_padding": output_padding}
    return nn.functional.conv_transpose2d(image, weight, **settings).shape[-1]


@functools.cache
def conv_parameter_count(in_channels, out_channels, kernel, bias=True):
    """The number of parameters of nn.Conv2d."""
    layer = nn.Conv2d(in_channels, out_channels, kernel, bias=bias, device="meta")
    return sum(parameter.numel() for parameter in layer.parameters())


ANSWERS = (conv_output_size, pool_output_size, conv_transpose_output_size, conv_parameter_count)
CONV, POOL, TRANSPOSED, COUNT = (answer.__name__ for answer in ANSWERS)

SHOWN: dict[str, list] = {
    CONV: [
        *[((28, 5), {}), ((28, 5), {"padding": 2}), ((13, 4), {"stride": 4}), ((28, 5, 2, 3), {})],
        *[((224, 11, 2, 4), {}), ((10, 3, 0, 4), {}), ((3, 5, 1), {})],
    ],
    POOL: [
        *[((28, 2), {}), ((10, 3), {}), ((7, 2), {}), ((8, 3, 2), {}), ((6, 3), {"stride": 1})],
        *[((11, 2), {"stride": 5}), ((5, 5), {"stride": None})],
    ],
    TRANSPOSED: [
        *[((4, 5), {}), ((1, 7), {}), ((7, 3), {"stride": 2}), ((7, 3), {"padding": 1}), ((7, 3, 2, 1, 1), {})],
        *[((5, 4, 3, 2), {"output_padding": 2}), ((1, 3, 1, 1), {})],
    ],
    COUNT: [((7, 2, 3), {}), ((7, 2, 3), {"bias": False}), ((1, 5, 5), {}), ((5, 10, 5), {})],
}

GOOD = {
    CONV: {"size": 9, "kernel": 3, "stride": 2, "padding": 2},
    POOL: {"size": 9, "kernel": 3, "stride": 2},
    TRANSPOSED: {"size": 9, "kernel": 5, "stride": 2, "padding": 1, "output_padding": 1},
    COUNT: {"in_channels": 3, "out_channels": 4, "kernel": 5},
}


def warm():
    """Work out what is shown before judges are forked."""
    for answer in ANSWERS:
        for arguments, keywords in SHOWN[answer.__name__]:
            answer(*arguments, **keywords)


@functools.cache
def drawn(name, seed):
    """Arguments of a hidden check, drawn once a secret: layers that torch.nn can build, three of them with a stride."""
    rng = random.Random(seed)
    cases: list = []
    while len(cases) < 5:
        size, kernel, stride = rng.randint(2, 40), rng.randint(1, 7), rng.randint(2 if len(cases) < 3 else 1, 4)
        padding, extra = rng.randint(0, 3), rng.randint(0, stride - 1)
        channels, bias = rng.sample(range(1, 201), 2), bool(len(cases) % 3)
        fits = {
            CONV: kernel <= size + 2 * padding,
            POOL: kernel <= size,
            TRANSPOSED: (size - 1) * stride + kernel + extra > 2 * padding,
            COUNT: True,
        }
        arguments = {
            CONV: (size, kernel, padding, stride),
            POOL: (size, kernel, stride),
            TRANSPOSED: (size, kernel, stride, padding, extra),
            COUNT: (*channels, kernel, bias),
        }
        if fits[name]:
            cases.append((arguments[name], {}))
    return cases


def compare(student, answer, cases, hint):
    """Compare the student's answers with those of torch.nn."""
    what = "the count" if answer is conv_parameter_count else "the size"
    for arguments, keywords in cases:
        value = student.call(answer.__name__, *arguments, **keywords)
        expect(value, what, hint).close(answer(*arguments, **keywords), atol=0)


# --- convolution


@check(points=1, goal="convolution and pooling")
def test_convolution_sizes(student):
    """conv_output_size gives the size that nn.Conv2d gives."""
    hint = "Count the places where the kernel fits: the first is at 0, the next a stride further, up to the last."
    compare(student, conv_output_size, SHOWN[CONV], hint)


@check(points=1, goal="convolution and pooling", hidden=True, after=test_convolution_sizes,
       recipe="sizes from 2 to 40, kernels from 1 to 7, padding from 0 to 3, strides from 1 to 4")  # fmt: skip
def test_any_convolution(student, draw):
    """conv_output_size agrees with nn.Conv2d on any layer."""
    hint = "Padding lies on both sides; a window that overhangs is no window."
    compare(student, conv_output_size, drawn(CONV, draw.seed()), hint)


# --- pooling


@check(points=1, goal="convolution and pooling")
def test_pooling_sizes(student):
    """pool_output_size gives the size that nn.MaxPool2d gives; without a stride, the windows lie side by side."""
    hint = "Count whole windows only. Where no stride is given, it is the kernel."
    compare(student, pool_output_size, SHOWN[POOL], hint)


@check(points=0.5, goal="convolution and pooling", hidden=True, after=test_pooling_sizes,
       recipe="sizes from 2 to 40, kernels from 1 to 7, strides from 1 to 4")  # fmt: skip
def test_any_pooling(student, draw):
    """pool_output_size agrees with nn.MaxPool2d on any layer."""
    hint = "Pixels that fill no whole window are left out."
    compare(student, pool_output_size, drawn(POOL, draw.seed()), hint)


# --- transposed convolution


@check(points=1, goal="transposed convolution")
def test_transposed_sizes(student):
    """conv_transpose_output_size gives the size that nn.ConvTranspose2d gives."""
    hint = "Each pixel paints one window, a stride behind the one before; then padding cuts off pixels at both ends."
    compare(student, conv_transpose_output_size, SHOWN[TRANSPOSED], hint)


@check(points=1, goal="transposed convolution", hidden=True, after=test_transposed_sizes,
       recipe="sizes from 2 to 40, kernels from 1 to 7, strides from 1 to 4, padding from 0 to 3")  # fmt: skip
def test_any_transposed_convolution(student, draw):
    """conv_transpose_output_size agrees with nn.ConvTranspose2d on any layer."""
    hint = "The order of its arguments is size, kernel, stride, padding, output_padding."
    compare(student, conv_transpose_output_size, drawn(TRANSPOSED, draw.seed()), hint)


# --- parameters


@check(points=1, goal="parameters")
def test_parameter_counts(student):
    """conv_parameter_count is the number of weights of nn.Conv2d, with and without bias."""
    hint = "Each output channel has a square of weights for every input channel, and one bias."
    compare(student, conv_parameter_count, SHOWN[COUNT], hint)


@check(points=0.5, goal="parameters", hidden=True, after=test_parameter_counts,
       recipe="up to 200 channels, kernels from 1 to 7")  # fmt: skip
def test_any_parameter_count(student, draw):
    """conv_parameter_count agrees with nn.Conv2d on any layer."""
    compare(student, conv_parameter_count, drawn(COUNT, draw.seed()), "How many numbers has one output channel?")


# --- interfaces and errors


@check(points=0.5, goal="interfaces", after=test_convolution_sizes)
def test_the_sizes_are_ints(student):
    """Every answer is a Python int."""
    for name, arguments in ((CONV, (28, 5, 0, 2)), (POOL, (7, 2)), (TRANSPOSED, (7, 3, 2)), (COUNT, (1, 5, 5))):
        hint = "`/` gives a float, `//` of two ints an int."
        expect(student.call(name, *arguments), f"{name}(…)", hint).of_type(int)


@check(points=1, goal="errors")
def test_numbers_out_of_range_raise(student):
    """A number that no layer can have is a ValueError that names its argument."""
    for name, good in GOOD.items():
        for parameter in good:
            least = 0 if parameter.endswith("padding") else 1
            # A size of 0 and a kernel, an output_padding and a stride of 0, do not fit each other either.
            also = {"size": ["kernel"], "stride": ["output_padding"]}.get(parameter, [])
            for value in {least - 1, -1} if parameter == "kernel" else {least - 1}:
                names, hint = [parameter, *also], f"{parameter} is at least {least}."
                student.raises("ValueError", name, **{**good, parameter: value}, names=names, hint=hint)


@check(points=1, goal="errors", after=test_transposed_sizes)
def test_layers_that_do_not_fit_raise(student):
    """A kernel that does not fit, a result below 1 and an output_padding of a whole stride are ValueErrors."""
    together = ("size", "kernel", "padding", "stride", "output_padding")
    cases = [
        (CONV, (4, 5), ("kernel", "size", "padding"), "the kernel is larger than the input"),
        (CONV, (2, 7, 2, 2), ("kernel", "size", "padding"), "the kernel is larger than the padded input"),
        (POOL, (2, 3, 1), ("kernel", "size"), "the window is larger than the input"),
        (TRANSPOSED, (3, 3, 2, 0, 2), ("output_padding", "stride"), "output_padding is as large as the stride"),
        (TRANSPOSED, (3, 3, 1, 0, 1), ("output_padding", "stride"), "output_padding is as large as the stride"),
        (TRANSPOSED, (1, 2, 1, 1), together, "padding cuts everything off"),
        (TRANSPOSED, (2, 3, 2, 4, 1), together, "padding cuts off more than there is"),
    ]
    for name, arguments, names, what in cases:
        student.raises("ValueError", name, *arguments, names=names, hint=f"Here {what}.")


@check(points=0.5, goal="errors")
def test_only_ints_are_taken(student):
    """An argument that is no int is a TypeError that names it."""
    for name, good in GOOD.items():
        for number, parameter in enumerate(good):
            value = str(good[parameter]) if number == 1 else float(good[parameter])
            hint = "A whole float such as 3.0 is no int either."
            student.raises("TypeError", name, **{**good, parameter: value}, names=[parameter], hint=hint)
