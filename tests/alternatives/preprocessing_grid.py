"""Rotation by a sampling grid in pixels, shifts by writing into an empty canvas, a fork of the random state."""

import math

import torch
import torch.nn.functional as nnf


def fail(condition, error, text):
    if condition:
        raise error(text)


def number(name, value, low, high=math.inf, kind=float):
    fail(type(value) not in (int, kind), TypeError, f"{name}: {value!r} is no number")
    fail(not low <= value <= high or value == math.inf, ValueError, f"{name}: {value!r} is out of range")


def normalize(images, mean, std):
    result = images.clone()
    for name, values in (("mean", mean), ("std", std)):
        values = values if isinstance(values, (list, tuple)) else [values] * images.shape[1]
        fail(len(values) != images.shape[1], ValueError, f"{name} does not fit the channels")
        for channel, value in enumerate(values):
            number(name, value, 0 if name == "std" else -math.inf)
            fail(name == "std" and value == 0, ValueError, "std is 0")
            plane = result[:, channel]
            plane.copy_(plane - value if name == "mean" else plane / value)
    return result


def standardize(train, test):
    fail(not train.shape[0], ValueError, "train has no rows")
    mean = train.mean(0)
    deviation = (train - mean).pow(2).mean(0).pow(0.5)
    limit = 4 * torch.finfo(train.dtype).eps * train.abs().max(0)[0]
    weight = torch.where(train.max(0)[0] - train.min(0)[0] > limit, 1 / deviation, torch.zeros_like(deviation))
    return (train - mean) * weight, (test - mean) * weight


def min_max_scale(x):
    fail(not x.shape[0], ValueError, "x has no rows")
    shifted = x - x.min(0)[0]
    top = shifted.max(0)[0]
    return shifted / (top + (top == 0).to(x.dtype))


def random_rotate(images, degrees, generator=None):
    number("degrees", degrees, 0)
    turned = images.clone()
    h, w = images.shape[-2:]
    ys, xs = torch.arange(h) - (h - 1) / 2, torch.arange(w) - (w - 1) / 2
    for i in range(len(images)):
        angle = math.radians(degrees * (2 * float(torch.rand(1, generator=generator)) - 1))
        sx = math.cos(angle) * xs[None, :] - math.sin(angle) * ys[:, None]
        sy = math.sin(angle) * xs[None, :] + math.cos(angle) * ys[:, None]
        where = torch.stack([2 * sx / max(w - 1, 1), 2 * sy / max(h - 1, 1)], dim=-1).to(images.dtype)
        turned[i] = nnf.grid_sample(images[i : i + 1], where[None], mode="bilinear", align_corners=True)[0]
    return turned


def random_shift(images, pixels, generator=None):
    number("pixels", pixels, 0, kind=int)
    h, w = images.shape[-2:]
    canvas = images.new_zeros(len(images), images.shape[1], h + 2 * pixels, w + 2 * pixels)
    for i, image in enumerate(images):
        y = int(torch.randint(2 * pixels + 1, (), generator=generator))
        x = int(torch.randint(2 * pixels + 1, (), generator=generator))
        canvas[i, :, y : y + h, x : x + w] = image
    return canvas[:, :, pixels : pixels + h, pixels : pixels + w].clone()


def random_flip(images, p=0.5, generator=None):
    number("p", p, 0, 1)
    keep = torch.rand(len(images), 1, 1, 1, generator=generator) >= p
    return images * keep + images.flip(-1) * ~keep


def add_noise(images, std, generator=None):
    number("std", std, 0)
    flat = torch.randn(images.numel(), generator=generator).view(images.shape)
    return images.add(flat.to(images.dtype), alpha=std).clamp(min=0).clamp(max=1)


def augment(images, generator=None):
    images = random_rotate(random_shift(images, 1, generator), 8, generator)
    return add_noise(images, 0.02, generator)
