"""Dropout by a mask of one's own, penalties by a running sum, decay in the optimizer's own group options."""

import math
from numbers import Real

import torch
from torch import nn
from torch.nn import functional


def is_bias(name):
    return name[name.rfind(".") + 1 :][:4] == "bias"


def total(model, power):
    result = torch.tensor(0.0)
    for name, weight in model.named_parameters():
        if not is_bias(name):
            result = result + (abs(weight) ** power).sum()
    return result


def l1_penalty(model):
    return total(model, 1)


def l2_penalty(model):
    return total(model, 2)


def elastic_penalty(model, l1=1.0, l2=1.0):
    return total(model, 1).mul(l1).add(l2 * total(model, 2))


def make_optimizer(model, lr=0.01, weight_decay=1e-4):
    for name, value in {"lr": lr, "weight_decay": weight_decay}.items():
        if not isinstance(value, Real):
            raise TypeError(f"the type of {name}: {type(value)}")
        if value < 0 or math.isnan(value) or math.isinf(value):
            raise ValueError(f"the value of {name}: {value}")
    return torch.optim.SGD(
        [
            {"params": [parameter], "weight_decay": 0 if is_bias(name) else weight_decay}
            for name, parameter in model.named_parameters()
        ],
        lr=lr,
    )


class Drop(nn.Module):
    def __init__(self, p):
        super().__init__()
        self.p = p

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        if self.p == 1:
            return x * 0
        return x * torch.bernoulli(torch.full_like(x, 1 - self.p)) / (1 - self.p)


class MNISTClassifierWithDropout(nn.Module):
    def __init__(self, p=0.4):
        super().__init__()
        if type(p) not in (int, float):
            raise TypeError("p has to be a number")
        if p < 0 or p > 1:
            raise ValueError(f"p = {p} is not a probability")
        self.linears = nn.ModuleList(map(nn.Linear, (784, 50, 20), (50, 20, 10)))
        self.drop = Drop(p)

    def forward(self, img):
        if img.shape[1:].numel() != 784:
            raise ValueError("images of 784 pixels")
        x = img.reshape(len(img), 784)
        for linear in self.linears[:-1]:
            x = functional.relu(linear(self.drop(x)))
        return self.linears[-1](self.drop(x))
