"""Data before they meet a network: normalised, so that training is easy, and augmented, so that there are more of them.

A network learns best where its inputs have similar sizes. So each column of a table, or each channel of images, is
shifted and scaled. The numbers for that come from the training data alone: what is only known from the test data must
not find its way into the model.

An image that is turned a little, shifted by a pixel or two, or slightly noisy still shows the same digit. Changing each
image anew in every epoch makes a small training set go further. Which changes keep the label depends on the data: a cat
may look the other way, while a mirrored digit is no digit any more.

Your task: three ways to scale and four random changes, and a mix of these for digits. A change draws for each image on
its own: from `generator` where one is given, which leaves torch's global generator alone, or else from the global one.
Images are float tensors (N, C, H, W) of any C; N may be 0. Shape and dtype stay, and so does what was given.
"""

import math
from collections.abc import Sequence

import torch
from torch import Generator, Tensor
from torch.nn import functional


def normalize(images: Tensor, mean: float | Sequence[float], std: float | Sequence[float]) -> Tensor:
    """(image - mean) / std by channel; mean, std: a number, or a sequence with one for each channel, std above 0.

    Raises ValueError for a std that is not above 0, and for a sequence of another length.
    """
    # Your code here.
    raise NotImplementedError("normalize is not implemented yet")


def standardize(train: Tensor, test: Tensor) -> tuple[Tensor, Tensor]:
    """Both tables (N, F) with each column shifted and scaled to mean 0 and standard deviation 1 of the training part.

    The deviation is that of the population: squares are divided by N. A column whose training values are equal up to
    rounding, within 4 eps of the largest absolute value, becomes 0 in both parts.
    Raises ValueError for a training part without rows.
    """
    # Your code here.
    raise NotImplementedError("standardize is not implemented yet")


def min_max_scale(x: Tensor) -> Tensor:
    """The table (N, F) with each column scaled to [0, 1]; a constant column becomes 0. ValueError without rows."""
    # Your code here.
    raise NotImplementedError("min_max_scale is not implemented yet")


def random_rotate(images: Tensor, degrees: float, generator: Generator | None = None) -> Tensor:
    """Each image turned about its centre, by an angle of its own, uniform in [-degrees, degrees]; zeros flow in.

    degrees: finite and ≥ 0.
    """
    # Your code here.
    raise NotImplementedError("random_rotate is not implemented yet")


def random_shift(images: Tensor, pixels: int, generator: Generator | None = None) -> Tensor:
    """Each image shifted on both axes by whole numbers of its own, uniform in [-pixels, pixels]; zeros flow in.

    pixels: an int ≥ 0.
    """
    # Your code here.
    raise NotImplementedError("random_shift is not implemented yet")


def random_flip(images: Tensor, p: float = 0.5, generator: Generator | None = None) -> Tensor:
    """Each image mirrored left to right with probability p, 0 ≤ p ≤ 1."""
    # Your code here.
    raise NotImplementedError("random_flip is not implemented yet")


def add_noise(images: Tensor, std: float, generator: Generator | None = None) -> Tensor:
    """The images with Gaussian noise of this standard deviation, then clamped to [0, 1]; std: finite and ≥ 0."""
    # Your code here.
    raise NotImplementedError("add_noise is not implemented yet")


def augment(images: Tensor, generator: Generator | None = None) -> Tensor:
    """Digits (N, C, H, W) in [0, 1] turned, shifted and made noisy a little, each in its own way, never mirrored."""
    # Your code here.
    raise NotImplementedError("augment is not implemented yet")
