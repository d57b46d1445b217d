"""Both networks without a layer: parameters in lists, and functions."""

import math

import torch
import torch.nn.functional as nnf
from torch import nn


class Weights(nn.ParameterList):
    """Weight and bias in turn, of the shapes given, started as torch's own layers are."""

    def __init__(self, *shapes):
        super().__init__()
        for shape in shapes:
            bound = 1 / math.sqrt(math.prod(shape[1:]))
            self.append(nn.Parameter(torch.empty(shape).uniform_(-bound, bound)))
            self.append(nn.Parameter(torch.empty(shape[0]).uniform_(-bound, bound)))


class ANN_MNISTClassifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.weights = Weights((50, 784), (20, 50), (10, 20))

    def forward(self, images):
        w1, b1, w2, b2, w3, b3 = self.weights
        hidden = nnf.linear(torch.flatten(images, 1), w1, b1).clamp(min=0)
        hidden = nnf.linear(hidden, w2, b2).clamp(min=0)
        return nnf.linear(hidden, w3, b3)


class CNN_MNISTClassifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.weights = Weights((5, 1, 5, 5), (10, 5, 5, 5), (32, 160), (10, 32))

    def forward(self, images):
        kernel1, shift1, kernel2, shift2, w1, b1, w2, b2 = self.weights
        # The maximum of the positive parts is the positive part of the maximum.
        maps = nnf.relu(nnf.max_pool2d(nnf.conv2d(images, kernel1, shift1), 2))
        maps = nnf.relu(nnf.max_pool2d(nnf.conv2d(maps, kernel2, shift2), 2))
        return nnf.linear(nnf.relu(nnf.linear(maps.flatten(1), w1, b1)), w2, b2)
