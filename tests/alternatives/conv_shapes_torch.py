"""Sizes by asking torch.nn: the layers run on the meta device, which knows shapes and computes nothing."""

import torch
from torch import nn


def check(low, high=None, /, **arguments):
    for name in arguments:
        value = arguments[name]
        if not isinstance(value, int):
            raise TypeError(f"{name} should be int but is {type(value).__name__}")
        if value < low or (high is not None and value >= high):
            raise ValueError(f"{name} is out of range: {value}")


def size_after(layer, size):
    # One dimension is enough, as both behave alike.
    return layer(torch.empty(1, 1, size, device="meta")).shape[-1]


def conv_output_size(size, kernel, padding=0, stride=1):
    check(1, size=size, kernel=kernel, stride=stride)
    check(0, padding=padding)
    check(1, size + 2 * padding + 1, kernel=kernel)
    return size_after(nn.Conv1d(1, 1, kernel, stride=stride, padding=padding, device="meta"), size)


def pool_output_size(size, kernel, stride=None):
    check(1, size=size)
    check(1, size + 1, kernel=kernel)
    if stride is not None:
        check(1, stride=stride)
    return size_after(nn.MaxPool1d(kernel, stride), size)


def conv_transpose_output_size(size, kernel, stride=1, padding=0, output_padding=0):
    check(1, size=size, kernel=kernel, stride=stride)
    check(0, padding=padding)
    check(0, stride, output_padding=output_padding)
    layer = nn.ConvTranspose1d(1, 1, kernel, stride, padding, output_padding, device="meta")
    try:
        result = size_after(layer, size)
    except RuntimeError as error:
        raise ValueError("padding is too large for this size") from error
    if result < 1:
        raise ValueError("padding is too large for this size")
    return result


def conv_parameter_count(in_channels, out_channels, kernel, bias=True):
    check(1, in_channels=in_channels, out_channels=out_channels, kernel=kernel)
    layer = nn.Conv2d(in_channels, out_channels, kernel, bias=bool(bias), device="meta")
    return sum(parameter.numel() for parameter in layer.parameters())
