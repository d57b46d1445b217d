"""Both networks by matrix products: a convolution is a Linear layer on every 5 × 5 patch. Strict about shapes."""

from itertools import pairwise

import torch
from torch import nn


class ANN_MNISTClassifier(nn.Module):
    SHAPES = ((1, 28, 28), (28, 28), (784,))

    def __init__(self):
        super().__init__()
        sizes = [784, 50, 20, 10]
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in pairwise(sizes))

    def forward(self, images):
        if images.shape[1:] not in self.SHAPES:
            raise ValueError(f"images of shape {tuple(images.shape)} are not (N, 1, 28, 28), (N, 28, 28) or (N, 784)")
        values = images.reshape(-1, 784)
        *hidden, last = self.layers
        for layer in hidden:
            values = torch.maximum(layer(values), torch.zeros_like(values[:, :1]))
        return last(values)


def conv(layer, images):
    side = images.shape[-1] - 4
    patches = nn.functional.unfold(images, 5)  # (N, C · 25, side · side)
    sums = layer.weight.flatten(1) @ patches + layer.bias[:, None]
    return sums.unflatten(2, (side, side))


def pool(maps):
    return maps.unfold(2, 2, 2).unfold(3, 2, 2).amax(dim=(4, 5))


class CNN_MNISTClassifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = nn.Conv2d(1, 5, 5)
        self.second = nn.Conv2d(5, 10, 5)
        self.middle = nn.Linear(160, 32)
        self.digits = nn.Linear(32, 10)

    def forward(self, images):
        if images.dim() != 4 or images.shape[1:] != (1, 28, 28):
            raise ValueError(f"images of shape {tuple(images.shape)} are not (N, 1, 28, 28)")
        maps = pool(conv(self.first, images).relu())
        maps = pool(conv(self.second, maps).relu())
        return self.digits(self.middle(maps.reshape(len(images), 160)).relu())
