"""An optimizer class of its own, penalties from one flat vector, functional dropout."""

import math

import torch
import torch.nn.functional as nnf
from torch import nn
from torch.nn.utils import parameters_to_vector


def flat(model):
    kept = (weight for name, weight in model.named_parameters() if not name.split(".").pop().startswith("bias"))
    return list(kept)


def l1_penalty(model):
    weights = flat(model)
    return (
        nnf.l1_loss(v := parameters_to_vector(weights), torch.zeros_like(v), reduction="sum")
        if weights
        else 0 * torch.ones(())
    )


def l2_penalty(model):
    weights = flat(model)
    if not weights:
        return 0 * torch.ones(())
    vector = parameters_to_vector(weights)
    return vector @ vector


def elastic_penalty(model, l1=1.0, l2=1.0):
    return l1_penalty(model) * float_of("l1", l1) + l2_penalty(model) * float_of("l2", l2)


def float_of(name, value):
    if not hasattr(value, "__float__"):
        raise TypeError(f"{name} should be a number")
    return float(value)


class SelectiveSGD(torch.optim.Optimizer):
    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is not None:
                    slope = parameter.grad + group["weight_decay"] * parameter
                    parameter -= group["lr"] * slope


def make_optimizer(model, lr=0.01, weight_decay=1e-4):
    for name, value in {"lr": lr, "weight_decay": weight_decay}.items():
        if not math.isfinite(float_of(name, value)) or value < 0:
            raise ValueError(f"{name}={value}")
    weights = flat(model)
    biases = [p for p in model.parameters() if all(p is not w for w in weights)]
    groups = [{"params": biases, "weight_decay": 0}, {"params": weights}]
    return SelectiveSGD(groups, {"lr": lr, "weight_decay": weight_decay})


class MNISTClassifierWithDropout(nn.Module):
    def __init__(self, p=0.4):
        nn.Module.__init__(self)
        if not 0 <= float_of("p", p) <= 1:
            raise ValueError(f"p={p}")
        self.p = p
        self.one, self.two, self.three = nn.Linear(784, 50), nn.Linear(50, 20), nn.Linear(20, 10)

    def _drop(self, x):
        return nnf.dropout(x, self.p, self.training)

    def forward(self, x):
        x = self._drop(torch.flatten(x, 1))
        x = self._drop(self.one(x).clamp(min=0))
        return self.three(self._drop(nnf.relu(self.two(x))))
