"""Rotations and shifts look up the nearest source pixel of each pixel; all images at once."""

from numbers import Integral, Real

import torch


def check(name, value, kind, fits):
    if not isinstance(value, kind):
        raise TypeError(f"wrong type of {name}")
    if not fits(value):
        raise ValueError(f"wrong value of {name}: {value}")


def normalize(images, mean, std):
    for name, values in (("mean", mean), ("std", std)):
        if isinstance(values, str):
            raise TypeError(f"{name} is text")
        if isinstance(values, (list, tuple)) and len(values) != images.size(1):
            raise ValueError(f"{name} does not fit the channels")
    mean, std = (torch.tensor(v, dtype=images.dtype).reshape(1, -1, 1, 1) for v in (mean, std))
    if (std <= 0).any():
        raise ValueError("std must be above 0")
    return images.sub(mean).div(std)


def standardize(train, test):
    if len(train) < 1:
        raise ValueError("no rows in train")
    big = train.abs().max(dim=0, keepdim=True).values
    alike = (train - train[:1]).abs().max(dim=0, keepdim=True).values <= 4 * torch.finfo(train.dtype).eps * big
    var, mean = torch.var_mean(train, dim=0, unbiased=False, keepdim=True)
    return [((part - mean) * var.clamp(min=1e-38).rsqrt()).masked_fill(alike, 0) for part in (train, test)]


def min_max_scale(x):
    if len(x) < 1:
        raise ValueError("no rows in x")
    low, high = torch.aminmax(x, dim=0)
    return ((x - low) / (high - low)).nan_to_num(0.0)


def look_up(images, rows, columns):
    """rows, columns: (N, H, W) source places, some of them outside."""
    n, c, h, w = images.shape
    inside = (rows >= 0) & (rows < h) & (columns >= 0) & (columns < w)
    places = (rows.clamp(0, h - 1) * w + columns.clamp(0, w - 1)).reshape(n, 1, h * w).expand(n, c, h * w)
    return images.reshape(n, c, h * w).gather(2, places).reshape(images.shape) * inside.unsqueeze(1)


def grid(images):
    h, w = images.shape[-2:]
    return torch.meshgrid(torch.arange(h), torch.arange(w), indexing="ij")


def random_rotate(images, degrees, generator=None):
    check("degrees", degrees, Real, lambda v: 0 <= v < float("inf"))
    angles = torch.empty(len(images), 1, 1).uniform_(-degrees, degrees, generator=generator).deg2rad()
    y, x = grid(images)
    y, x = y - (images.shape[-2] - 1) / 2, x - (images.shape[-1] - 1) / 2
    rows = angles.cos() * y + angles.sin() * x + (images.shape[-2] - 1) / 2
    columns = -angles.sin() * y + angles.cos() * x + (images.shape[-1] - 1) / 2
    return look_up(images, rows.round().long(), columns.round().long())


def random_shift(images, pixels, generator=None):
    check("pixels", pixels, Integral, lambda v: v >= 0)
    down, right = torch.randint(-pixels, pixels + 1, (2, len(images), 1, 1), generator=generator)
    y, x = grid(images)
    return look_up(images, *torch.broadcast_tensors(y - down, x - right))


def random_flip(images, p=0.5, generator=None):
    check("p", p, Real, lambda v: 0 <= v <= 1)
    chosen = torch.bernoulli(torch.full((len(images),), float(p)), generator=generator).bool()
    result = images.clone()
    result[chosen] = images[chosen].flip(3)
    return result


def add_noise(images, std, generator=None):
    check("std", std, Real, lambda v: 0 <= v < float("inf"))
    noise = torch.normal(0.0, 1.0, images.shape, generator=generator) * std
    return torch.minimum(torch.maximum(images + noise.to(images.dtype), torch.zeros(())), torch.ones(())).to(
        images.dtype
    )


def augment(images, generator=None):
    return add_noise(random_rotate(images, 12.0, generator), 0.08, generator)
