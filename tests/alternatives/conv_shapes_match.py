"""Sizes by rounding up: n steps of a stride reach over the free room, and one window more."""


def least(one, **named):
    for name, number in named.items():
        match number:
            case int() if number >= one:
                continue
            case int():
                raise ValueError(f"{name} = {number} is too small")
            case _:
                raise TypeError(f"{name} = {number!r} is no int")


def windows(room, step):
    """How many windows there are if the first may move by 0 to `room` - 1 pixels, rounded up."""
    return -(-room // step)


def conv_output_size(size, kernel, padding=0, stride=1):
    least(0, padding=padding)
    least(1, size=size, kernel=kernel, stride=stride)
    room = padding + size + padding - kernel + 1
    if room <= 0:
        raise ValueError(f"kernel = {kernel} is too large")
    return windows(room, stride)


def pool_output_size(size, kernel, stride=None):
    least(1, size=size, kernel=kernel)
    match stride:
        case None:
            if kernel > size:
                raise ValueError(f"kernel = {kernel} is too large")
            return size // kernel
        case _:
            return conv_output_size(size, kernel, 0, stride)


def conv_transpose_output_size(size, kernel, stride=1, padding=0, output_padding=0):
    least(1, size=size, kernel=kernel, stride=stride)
    least(0, padding=padding, output_padding=output_padding)
    if not output_padding < stride:
        raise ValueError(f"output_padding = {output_padding} reaches the stride")
    full = kernel
    full += stride * (size - 1)
    full += output_padding
    if 2 * padding >= full:
        raise ValueError(f"padding = {padding} is too large")
    return full - 2 * padding


def conv_parameter_count(in_channels, out_channels, kernel, bias=True):
    least(1, in_channels=in_channels, out_channels=out_channels, kernel=kernel)
    of_one_filter = in_channels * kernel * kernel
    if bias:
        of_one_filter += 1
    return of_one_filter * out_channels
