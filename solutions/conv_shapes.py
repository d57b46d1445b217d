"""How large is what comes out of a layer?

A kernel of K pixels slides over W pixels, with P more on either side, in steps of S. The first window starts at 0 and
the last one that still fits starts at most at W - K + 2P, so there are

    floor((W - K + 2P) / S) + 1

windows, and each of them gives one output pixel. A pooling layer counts the same way. A transposed convolution runs
the formula backwards; since the floor made several input sizes equal, `output_padding` says which of them is meant.
All formulas are derived in Dumoulin and Visin, "A guide to convolution arithmetic for deep learning" (2016).

Your task: write the arithmetic for square 2-D layers. torch.nn itself can check every answer. Take only ints: any
other type is a TypeError, and a number that no layer can have is a ValueError, both naming the argument.
"""


### BEGIN SOLUTION
def _check(at_least, **numbers):
    """Raise unless each of the named numbers is an int and not below `at_least`."""
    for name, number in numbers.items():
        if not isinstance(number, int):
            raise TypeError(f"{name} is an int, not {number!r}")
        if number < at_least:
            raise ValueError(f"{name} is at least {at_least}, not {number}")


### END SOLUTION


def conv_output_size(size: int, kernel: int, padding: int = 0, stride: int = 1) -> int:
    """Output size of a convolution: floor((size - kernel + 2 padding) / stride) + 1.

    size, kernel, stride: ≥ 1; padding: ≥ 0, on each side.
    Raises TypeError for what is no int, ValueError for a number out of range or a kernel larger than the padded input.
    """
    ### BEGIN SOLUTION
    _check(1, size=size, kernel=kernel, stride=stride)
    _check(0, padding=padding)
    padded = size + 2 * padding
    if kernel > padded:
        raise ValueError(f"kernel {kernel} does not fit into a padded input of {padded}")
    return (padded - kernel) // stride + 1
    ### END SOLUTION


def pool_output_size(size: int, kernel: int, stride: int | None = None) -> int:
    """Output size of a pooling layer without padding; pixels that fill no whole window are left out.

    size, kernel: ≥ 1; stride: ≥ 1, or None for windows side by side (stride = kernel).
    Raises TypeError for what is no int, ValueError for a number out of range or a kernel larger than the input.
    """
    ### BEGIN SOLUTION
    stride = kernel if stride is None else stride
    return conv_output_size(size, kernel, stride=stride)
    ### END SOLUTION


def conv_transpose_output_size(
    size: int, kernel: int, stride: int = 1, padding: int = 0, output_padding: int = 0
) -> int:
    """Output size of a transposed convolution: (size - 1) stride - 2 padding + kernel + output_padding.

    size, kernel, stride: ≥ 1; padding: ≥ 0, which here is cut off each side; 0 ≤ output_padding < stride. The kernel
    may be larger than the input.
    Raises TypeError for what is no int, ValueError for a number out of range or a result below 1.
    """
    ### BEGIN SOLUTION
    _check(1, size=size, kernel=kernel, stride=stride)
    _check(0, padding=padding, output_padding=output_padding)
    if output_padding >= stride:
        raise ValueError(f"output_padding {output_padding} is not smaller than the stride {stride}")
    result = (size - 1) * stride - 2 * padding + kernel + output_padding
    if result < 1:
        raise ValueError(f"padding {padding} leaves nothing of the output")
    return result
    ### END SOLUTION


def conv_parameter_count(in_channels: int, out_channels: int, kernel: int, bias: bool = True) -> int:
    """Number of weights of a convolution: a kernel × kernel square for every pair of an input and an output channel.

    in_channels, out_channels, kernel: ≥ 1; bias: whether each output channel has one more number.
    Raises TypeError for what is no int, ValueError for a number out of range.
    """
    ### BEGIN SOLUTION
    _check(1, in_channels=in_channels, out_channels=out_channels, kernel=kernel)
    weights = out_channels * in_channels * kernel**2
    return weights + out_channels if bias else weights
    ### END SOLUTION
