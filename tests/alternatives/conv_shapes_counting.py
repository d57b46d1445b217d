"""Sizes by counting: where can a window start?"""

from math import prod


def natural(name, value, least=1):
    if not issubclass(type(value), int):
        raise TypeError(f"{name} needs an int")
    if value < least:
        raise ValueError(f"{name} must not be below {least}")
    return value


def starts(length, window, step):
    return range(0, length - window + 1, step)


def conv_output_size(size, kernel, padding=0, stride=1):
    length = natural("size", size) + 2 * natural("padding", padding, 0)
    count = len(starts(length, natural("kernel", kernel), natural("stride", stride)))
    if count == 0:
        raise ValueError("the kernel finds no room")
    return count


def pool_output_size(size, kernel, stride=None):
    natural("size", size)
    natural("kernel", kernel)
    if stride is None:
        stride = kernel
    natural("stride", stride)
    if kernel > size:
        raise ValueError("the kernel finds no room")
    return len(starts(size, kernel, stride))


def conv_transpose_output_size(size, kernel, stride=1, padding=0, output_padding=0):
    for name, value in {"size": size, "kernel": kernel, "stride": stride}.items():
        natural(name, value)
    natural("padding", padding, 0)
    natural("output_padding", output_padding, 0)
    if output_padding not in range(stride):
        raise ValueError("output_padding has to be below the stride")
    # Every pixel paints a window; the last one starts at the last multiple of the stride.
    last = range(0, size * stride, stride)[-1]
    painted = last + kernel + output_padding
    left = len(range(padding, painted - padding))
    if not left:
        raise ValueError("padding cuts everything off")
    return left


def conv_parameter_count(in_channels, out_channels, kernel, bias=True):
    shape = (
        natural("out_channels", out_channels),
        natural("in_channels", in_channels),
        natural("kernel", kernel),
        kernel,
    )
    return prod(shape) + (shape[0] if bias else 0)
