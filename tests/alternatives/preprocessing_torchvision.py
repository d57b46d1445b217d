"""Image by image, with torchvision's rotation; shifts roll the image and blank what came round."""

import math

import torch
from torchvision.transforms import functional as tvf


def need(name, value, kind=(int, float), low=None, high=math.inf):
    if not isinstance(value, kind):
        raise TypeError(f"{name} is a {type(value).__name__}")
    if math.isnan(value) or math.isinf(value) or (low is not None and value < low) or value > high:
        raise ValueError(f"{name} is {value}")


def per_channel(name, values, channels):
    values = list(values) if isinstance(values, (list, tuple)) else [values] * channels
    if len(values) != channels:
        raise ValueError(f"{name} has {len(values)} entries for {channels} channels")
    for value in values:
        need(name, value)
    return values


def normalize(images, mean, std):
    channels = images.shape[1]
    means, stds = per_channel("mean", mean, channels), per_channel("std", std, channels)
    if min(stds, default=1) <= 0:
        raise ValueError("std must be positive")
    parts = [(images[:, i] - means[i]) / stds[i] for i in range(channels)]
    return torch.stack(parts, dim=1) if parts else images.clone()


def standardize(train, test):
    if train.shape[0] == 0:
        raise ValueError("train is empty")
    outs = [torch.zeros_like(train), torch.zeros_like(test)]
    for j in range(train.shape[1]):
        column = train[:, j]
        if column.max() - column.min() <= 4 * torch.finfo(column.dtype).eps * column.abs().max():
            continue
        mean = column.sum() / len(column)
        std = ((column - mean) ** 2).mean().sqrt()
        for out, table in zip(outs, (train, test)):
            out[:, j] = (table[:, j] - mean) / std
    return tuple(outs)


def min_max_scale(x):
    if not len(x):
        raise ValueError("x is empty")
    low, spread = x.min(dim=0).values, x.max(dim=0).values - x.min(dim=0).values
    scaled = (x - low) / spread
    scaled[:, spread == 0] = 0.0
    return scaled


def each(images, change):
    return torch.stack([change(image) for image in images]) if len(images) else images.clone()


def uniform(low, high, generator):
    return low + (high - low) * torch.rand((), generator=generator).item()


def random_rotate(images, degrees, generator=None):
    need("degrees", degrees, low=0)
    bilinear = tvf.InterpolationMode.BILINEAR
    return each(images, lambda image: tvf.rotate(image, uniform(-degrees, degrees, generator), bilinear))


def random_shift(images, pixels, generator=None):
    need("pixels", pixels, int, low=0)

    def shift(image):
        dy, dx = torch.randint(-pixels, pixels + 1, (2,), generator=generator).tolist()
        moved = torch.roll(image, (dy, dx), dims=(1, 2))
        for dim, step in ((1, dy), (2, dx)):
            size = image.shape[dim]
            index = torch.arange(size) - step
            keep = (index >= 0) & (index < size)
            moved = moved * keep.view((-1, 1) if dim == 1 else (1, -1))
        return moved

    return each(images, shift)


def random_flip(images, p=0.5, generator=None):
    need("p", p, low=0, high=1)
    return each(images, lambda image: tvf.hflip(image) if torch.rand(1, generator=generator) < p else image)


def add_noise(images, std, generator=None):
    need("std", std, low=0)
    noise = torch.empty_like(images).normal_(0, 1, generator=generator)
    return torch.clip(images + noise * std, 0.0, 1.0)


def augment(images, generator=None):
    return random_shift(images, 1, generator).clamp(0, 1)
