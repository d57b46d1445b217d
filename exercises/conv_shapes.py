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


def conv_output_size(size: int, kernel: int, padding: int = 0, stride: int = 1) -> int:
    """Output size of a convolution: floor((size - kernel + 2 padding) / stride) + 1.

    size, kernel, stride: ≥ 1; padding: ≥ 0, on each side.
    Raises TypeError for what is no int, ValueError for a number out of range or a kernel larger than the padded input.
    """
    # Your code here.
    raise NotImplementedError("conv_output_size is not implemented yet")


def pool_output_size(size: int, kernel: int, stride: int | None = None) -> int:
    """Output size of a pooling layer without padding; pixels that fill no whole window are left out.

    size, kernel: ≥ 1; stride: ≥ 1, or None for windows side by side (stride = kernel).
    Raises TypeError for what is no int, ValueError for a number out of range or a kernel larger than the input.
    """
    # Your code here.
    raise NotImplementedError("pool_output_size is not implemented yet")


def conv_transpose_output_size(
    size: int, kernel: int, stride: int = 1, padding: int = 0, output_padding: int = 0
) -> int:
    """Output size of a transposed convolution: (size - 1) stride - 2 padding + kernel + output_padding.

    size, kernel, stride: ≥ 1; padding: ≥ 0, which here is cut off each side; 0 ≤ output_padding < stride. The kernel
    may be larger than the input.
    Raises TypeError for what is no int, ValueError for a number out of range or a result below 1.
    """
    # Your code here.
    raise NotImplementedError("conv_transpose_output_size is not implemented yet")


def conv_parameter_count(in_channels: int, out_channels: int, kernel: int, bias: bool = True) -> int:
    """Number of weights of a convolution: a kernel × kernel square for every pair of an input and an output channel.

    in_channels, out_channels, kernel: ≥ 1; bias: whether each output channel has one more number.
    Raises TypeError for what is no int, ValueError for a number out of range.
    """
    # Your code here.
    raise NotImplementedError("conv_parameter_count is not implemented yet")
