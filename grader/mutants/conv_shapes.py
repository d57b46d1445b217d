"""Known mistakes in exercise `conv_shapes`."""

from grader.mutants import Mutant

CONV = "    return (padded - kernel) // stride + 1\n"
POOL = "    return conv_output_size(size, kernel, stride=stride)\n"
TRANSPOSED = "    result = (size - 1) * stride - 2 * padding + kernel + output_padding\n"
SIGNATURE = "    size: int, kernel: int, stride: int = 1, padding: int = 0, output_padding: int = 0\n"
COUNT = "    weights = out_channels * in_channels * kernel**2\n"
BIAS = "    return weights + out_channels if bias else weights\n"
TYPE = '        if not isinstance(number, int):\n            raise TypeError(f"{name} is an int, not {number!r}")\n'
LEAST = "        if number < at_least:\n"
FITS = "    if kernel > padded:\n"
EXTRA = "    if output_padding >= stride:\n"
EMPTY = "    if result < 1:\n"
STRIDE = "    stride = kernel if stride is None else stride\n"

MUTANTS = [
    Mutant(
        "windows_rounded_up",
        [(CONV, "    return -(-(padded - kernel) // stride) + 1\n")],
        "the number of windows is rounded up, so that the last one hangs over the edge",
        "test_convolution_sizes",
    ),
    Mutant(
        "windows_rounded_to_the_nearest",
        [(CONV, "    return round((padded - kernel) / stride) + 1\n")],
        "the number of windows is rounded to the nearest whole number and not down",
        "test_convolution_sizes",
    ),
    Mutant(
        "one_window_forgotten",
        [(CONV, "    return (padded - kernel) // stride\n")],
        "the steps of the kernel are counted and not its places, one more",
        "test_convolution_sizes",
    ),
    Mutant(
        "padding_on_one_side",
        [("    padded = size + 2 * padding\n", "    padded = size + padding\n")],
        "the padding is added on one side only",
        "test_convolution_sizes",
    ),
    Mutant(
        "one_added_before_the_division",
        [(CONV, "    return (padded - kernel + 1) // stride\n")],
        "the 1 is added before the division by the stride",
        "test_convolution_sizes",
    ),
    Mutant(
        "stride_before_padding",
        [("def conv_output_size(size: int, kernel: int, padding: int = 0, stride: int = 1)",
          "def conv_output_size(size: int, kernel: int, stride: int = 1, padding: int = 0)")],
        "conv_output_size takes stride and padding in the other order",
        "test_convolution_sizes",
    ),
    Mutant(
        "windows_not_rounded",
        [(CONV, "    return (padded - kernel) / stride + 1\n")],
        "the division by the stride is not rounded down",
        "test_convolution_sizes",
    ),
    Mutant(
        "sizes_as_floats",
        [(CONV, "    return (padded - kernel - (padded - kernel) % stride) / stride + 1\n")],
        "the size is a float",
        "test_the_sizes_are_ints",
    ),
    Mutant(
        "pool_stride_of_1",
        [(STRIDE, "    stride = 1 if stride is None else stride\n")],
        "a pooling layer without a stride moves by 1, as a convolution does",
        "test_pooling_sizes",
    ),
    Mutant(
        "pool_stride_of_2",
        [(STRIDE, "    stride = 2 if stride is None else stride\n")],
        "a pooling layer without a stride moves by 2 whatever its kernel",
        "test_pooling_sizes",
    ),
    Mutant(
        "pool_divided_by_the_stride",
        [(POOL, "    conv_output_size(size, kernel, stride=stride)\n    return size // stride\n")],
        "the size is divided by the stride, although the windows overlap or leave gaps",
        "test_pooling_sizes",
    ),
    Mutant(
        "pool_stride_ignored",
        [(STRIDE, "    conv_output_size(size, kernel, stride=kernel if stride is None else stride)\n    stride = kernel\n")],
        "the stride of the pooling is ignored: it always moves by its kernel",
        "test_pooling_sizes",
    ),
    Mutant(
        "pool_rounded_up",
        [(POOL, "    return conv_output_size(size, kernel, stride=stride) + ((size - kernel) % stride > 0)\n")],
        "pooling counts a window that is not filled",
        "test_pooling_sizes",
    ),
    Mutant(
        "pool_padded",
        [(POOL, "    return conv_output_size(size, kernel, kernel // 2, stride)\n")],
        "pooling pads the input by half a kernel",
        "test_pooling_sizes",
    ),
    Mutant(
        "output_padding_ignored",
        [(TRANSPOSED, "    result = (size - 1) * stride - 2 * padding + kernel\n")],
        "output_padding is left out",
        "test_transposed_sizes",
    ),
    Mutant(
        "output_padding_on_both_sides",
        [(TRANSPOSED, "    result = (size - 1) * stride - 2 * padding + kernel + 2 * output_padding\n")],
        "output_padding is added on both sides: it is added on one",
        "test_transposed_sizes",
    ),
    Mutant(
        "every_pixel_a_stride",
        [(TRANSPOSED, "    result = size * stride - 2 * padding + kernel + output_padding\n")],
        "the stride is counted for every pixel, although the first one paints without a step",
        "test_transposed_sizes",
    ),
    Mutant(
        "padding_added",
        [(TRANSPOSED, "    result = (size - 1) * stride + 2 * padding + kernel + output_padding\n")],
        "padding makes the output of a transposed convolution larger and not smaller",
        "test_transposed_sizes",
    ),
    Mutant(
        "padding_cut_once",
        [(TRANSPOSED, "    result = (size - 1) * stride - padding + kernel + output_padding\n")],
        "padding is cut off one side of the transposed convolution only",
        "test_transposed_sizes",
    ),
    Mutant(
        "padding_before_stride",
        [(SIGNATURE, "    size: int, kernel: int, padding: int = 0, stride: int = 1, output_padding: int = 0\n")],
        "conv_transpose_output_size takes padding and stride in the other order",
        "test_transposed_sizes",
    ),
    Mutant(
        "kernel_not_squared",
        [(COUNT, "    weights = out_channels * in_channels * kernel\n")],
        "the kernel counts as a row of weights and not as a square",
        "test_parameter_counts",
    ),
    Mutant(
        "in_channels_forgotten",
        [(COUNT, "    weights = out_channels * kernel**2\n")],
        "all input channels share one square of weights",
        "test_parameter_counts",
    ),
    Mutant(
        "a_bias_for_each_input",
        [(BIAS, "    return weights + in_channels if bias else weights\n")],
        "there is one bias for each input channel and not for each output channel",
        "test_parameter_counts",
    ),
    Mutant(
        "one_bias",
        [(BIAS, "    return weights + 1 if bias else weights\n")],
        "the whole layer has a single bias",
        "test_parameter_counts",
    ),
    Mutant(
        "a_bias_for_each_pair",
        [(COUNT, "    weights = out_channels * in_channels * kernel**2\n    out_channels = out_channels * in_channels\n")],
        "each pair of channels has a bias of its own",
        "test_parameter_counts",
    ),
    Mutant(
        "bias_ignored",
        [(BIAS, "    return weights + out_channels\n")],
        "the biases are counted although bias is False",
        "test_parameter_counts",
    ),
    Mutant(
        "types_unchecked",
        [(TYPE, "")],
        "a float is taken for a size",
        "test_only_ints_are_taken",
    ),
    Mutant(
        "whole_floats_taken",
        [(TYPE, TYPE.replace("isinstance(number, int)", "(isinstance(number, int) or number == int(number))"))],
        "a whole float such as 3.0 is taken for an int",
        "test_only_ints_are_taken",
    ),
    Mutant(
        "zero_taken",
        [(LEAST, "        if number < 0:\n")],
        "only negative numbers are refused: a kernel, a stride or a size of 0 is taken",
        "test_numbers_out_of_range_raise",
    ),
    Mutant(
        "negative_padding_taken",
        [("    _check(0, padding=padding)\n", "    _check(-99, padding=padding)\n")],
        "a negative padding is taken",
        "test_numbers_out_of_range_raise",
    ),
    Mutant(
        "negative_output_padding_taken",
        [("    _check(0, padding=padding, output_padding=output_padding)\n",
          "    _check(0, padding=padding)\n    _check(-99, output_padding=output_padding)\n")],
        "a negative output_padding is taken",
        "test_numbers_out_of_range_raise",
    ),
    Mutant(
        "the_wrong_type_of_error",
        [('            raise ValueError(f"{name} is at least', '            raise TypeError(f"{name} is at least')],
        "a number out of range is a TypeError",
        "test_numbers_out_of_range_raise",
    ),
    Mutant(
        "a_nameless_error",
        [('f"{name} is at least {at_least}, not {number}"', '"a number is too small"')],
        "the message does not say which argument is wrong",
        "test_numbers_out_of_range_raise",
    ),
    Mutant(
        "zero_stride_means_none",
        [(STRIDE, "    stride = stride or kernel\n")],
        "a pooling stride of 0 is taken for no stride",
        "test_numbers_out_of_range_raise",
    ),
    Mutant(
        "kernel_too_large",
        [(FITS, "    if False:\n")],
        "a kernel larger than the padded input is taken",
        "test_layers_that_do_not_fit_raise",
    ),
    Mutant(
        "padding_forgotten_in_the_check",
        [(FITS, "    if kernel > size:\n")],
        "the kernel is compared with the input and not with the padded input",
        "test_convolution_sizes",
    ),
    Mutant(
        "a_kernel_as_large_as_the_input",
        [(FITS, "    if kernel >= padded:\n")],
        "a kernel exactly as large as the padded input is refused",
        "test_convolution_sizes",
    ),
    Mutant(
        "output_padding_of_a_stride",
        [(EXTRA, "    if output_padding > stride:\n")],
        "an output_padding as large as the stride is taken",
        "test_layers_that_do_not_fit_raise",
    ),
    Mutant(
        "nothing_left",
        [(EMPTY, "    if result < 0:\n")],
        "a transposed convolution may have an output of 0 pixels",
        "test_layers_that_do_not_fit_raise",
    ),
    Mutant(
        "an_output_of_one_pixel",
        [(EMPTY, "    if result <= 1:\n")],
        "an output of one pixel is refused",
        "test_transposed_sizes",
    ),
]  # fmt: skip
