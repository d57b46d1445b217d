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


### BEGIN SOLUTION
def _check_number(name, number, at_least=-math.inf, at_most=math.inf):
    if not isinstance(number, (int, float)):
        raise TypeError(f"{name} is a number, not {number!r}")
    if not (at_least <= number <= at_most and math.isfinite(number)):
        raise ValueError(f"{name} is a finite number from {at_least} to {at_most}, not {number}")


def _by_channel(name, values, images):
    """A number, or one for each channel, as a tensor that fits the images: (C, 1, 1) or of no dimension."""
    if isinstance(values, str):
        raise TypeError(f"{name} holds numbers, not {values!r}")
    tensor = torch.as_tensor(values, dtype=images.dtype, device=images.device)
    if tensor.dim() > 1 or (tensor.dim() == 1 and len(tensor) != images.shape[1]):
        raise ValueError(f"{name} is a number or a sequence of {images.shape[1]}, one for each channel")
    return tensor.reshape(-1, 1, 1) if tensor.dim() else tensor


def _check_rows(name, table):
    if len(table) == 0:
        raise ValueError(f"{name} has no rows")


def _uniform(images, generator):
    """A number in [0, 1) for each image, on the images' device."""
    return torch.rand(len(images), generator=generator).to(images)


### END SOLUTION


def normalize(images: Tensor, mean: float | Sequence[float], std: float | Sequence[float]) -> Tensor:
    """(image - mean) / std by channel; mean, std: a number, or a sequence with one for each channel, std above 0.

    Raises ValueError for a std that is not above 0, and for a sequence of another length.
    """
    ### BEGIN SOLUTION
    mean, std = _by_channel("mean", mean, images), _by_channel("std", std, images)
    if not bool((std > 0).all()):
        raise ValueError(f"std is above 0, not {std.flatten().tolist()}")
    return (images - mean) / std
    ### END SOLUTION


def standardize(train: Tensor, test: Tensor) -> tuple[Tensor, Tensor]:
    """Both tables (N, F) with each column shifted and scaled to mean 0 and standard deviation 1 of the training part.

    The deviation is that of the population: squares are divided by N. A column whose training values are equal up to
    rounding, within 4 eps of the largest absolute value, becomes 0 in both parts.
    Raises ValueError for a training part without rows.
    """
    ### BEGIN SOLUTION
    _check_rows("train", train)
    largest = train.abs().amax(dim=0)
    constant = train.amax(dim=0) - train.amin(dim=0) <= 4 * torch.finfo(train.dtype).eps * largest
    mean, std = train.mean(dim=0), train.std(dim=0, correction=0)
    std = torch.where(constant, 1.0, std)
    return tuple(torch.where(constant, 0.0, (table - mean) / std) for table in (train, test))
    ### END SOLUTION


def min_max_scale(x: Tensor) -> Tensor:
    """The table (N, F) with each column scaled to [0, 1]; a constant column becomes 0. ValueError without rows."""
    ### BEGIN SOLUTION
    _check_rows("x", x)
    low, high = x.amin(dim=0), x.amax(dim=0)
    return (x - low) / torch.where(high > low, high - low, 1.0)
    ### END SOLUTION


def random_rotate(images: Tensor, degrees: float, generator: Generator | None = None) -> Tensor:
    """Each image turned about its centre, by an angle of its own, uniform in [-degrees, degrees]; zeros flow in.

    degrees: finite and ≥ 0.
    """
    ### BEGIN SOLUTION
    _check_number("degrees", degrees, at_least=0)
    angles = (2 * _uniform(images, generator) - 1) * math.radians(degrees)
    if len(images) == 0:
        return images.clone()
    height, width = images.shape[-2:]
    cos, sin, none = angles.cos(), angles.sin(), torch.zeros_like(angles)
    # affine_grid counts from -1 to 1 along both axes, whatever their lengths.
    rows = [cos, -sin * height / width, none, sin * width / height, cos, none]
    grid = functional.affine_grid(torch.stack(rows, dim=1).view(-1, 2, 3), list(images.shape), align_corners=False)
    return functional.grid_sample(images, grid, padding_mode="zeros", align_corners=False)
    ### END SOLUTION


def random_shift(images: Tensor, pixels: int, generator: Generator | None = None) -> Tensor:
    """Each image shifted on both axes by whole numbers of its own, uniform in [-pixels, pixels]; zeros flow in.

    pixels: an int ≥ 0.
    """
    ### BEGIN SOLUTION
    if not isinstance(pixels, int):
        raise TypeError(f"pixels is an int, not {pixels!r}")
    _check_number("pixels", pixels, at_least=0)
    height, width = images.shape[-2:]
    padded = functional.pad(images, [pixels] * 4)
    starts = torch.randint(0, 2 * pixels + 1, (len(images), 2), generator=generator).tolist()
    shifted = [image[:, y : y + height, x : x + width] for image, (y, x) in zip(padded, starts)]
    return torch.stack(shifted) if shifted else images.clone()
    ### END SOLUTION


def random_flip(images: Tensor, p: float = 0.5, generator: Generator | None = None) -> Tensor:
    """Each image mirrored left to right with probability p, 0 ≤ p ≤ 1."""
    ### BEGIN SOLUTION
    _check_number("p", p, at_least=0, at_most=1)
    flipped = (_uniform(images, generator) < p).view(-1, 1, 1, 1)
    return torch.where(flipped, images.flip(-1), images)
    ### END SOLUTION


def add_noise(images: Tensor, std: float, generator: Generator | None = None) -> Tensor:
    """The images with Gaussian noise of this standard deviation, then clamped to [0, 1]; std: finite and ≥ 0."""
    ### BEGIN SOLUTION
    _check_number("std", std, at_least=0)
    noise = torch.randn(images.shape, generator=generator, dtype=images.dtype).to(images.device)
    return (images + std * noise).clamp(0, 1)
    ### END SOLUTION


def augment(images: Tensor, generator: Generator | None = None) -> Tensor:
    """Digits (N, C, H, W) in [0, 1] turned, shifted and made noisy a little, each in its own way, never mirrored."""
    ### BEGIN SOLUTION
    turned = random_rotate(images, 10, generator)
    return add_noise(random_shift(turned, 1, generator), 0.05, generator)
    ### END SOLUTION
