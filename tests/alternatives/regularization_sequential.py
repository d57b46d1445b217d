"""The classifier as one nn.Sequential, dropout before the ReLU (which commutes); penalties by norms."""

import math

import torch
from torch import nn


def weights_of(model):
    return [p for n, p in model.named_parameters() if not n.rsplit(".", 1)[-1].startswith("bias")]


def zero():
    return torch.zeros(())


def l1_penalty(model):
    return sum((torch.linalg.vector_norm(weight, 1) for weight in weights_of(model)), start=zero())


def l2_penalty(model):
    return sum((torch.sum(weight.pow(2)) for weight in weights_of(model)), start=zero())


def elastic_penalty(model, l1=1.0, l2=1.0):
    for name, factor in (("l1", l1), ("l2", l2)):
        if isinstance(factor, str):
            raise TypeError(f"{name} is no number")
    return torch.add(l1 * l1_penalty(model), l2_penalty(model), alpha=l2)


def make_optimizer(model, lr=0.01, weight_decay=1e-4):
    for name in ("lr", "weight_decay"):
        value = locals()[name]
        if isinstance(value, str):
            raise TypeError(name + " is no number")
        if not (value >= 0 and value < math.inf):
            raise ValueError(name + " is out of range")
    decayed = weights_of(model)
    ids = set(map(id, decayed))
    others = [p for p in model.parameters() if id(p) not in ids]
    optimizer = torch.optim.SGD([{"params": others}], lr=lr)
    optimizer.add_param_group({"params": decayed, "weight_decay": weight_decay})
    return optimizer


class MNISTClassifierWithDropout(nn.Sequential):
    def __init__(self, p: float = 0.4):
        if not isinstance(p, (float, int)):
            raise TypeError("p is no number")
        if not 0 <= p <= 1:
            raise ValueError("p is outside 0 to 1")
        layers = [nn.Flatten(), nn.Dropout(p), nn.Linear(784, 50), nn.Dropout(p), nn.ReLU()]
        layers += [nn.Linear(50, 20), nn.Dropout(p), nn.ReLU(), nn.Linear(20, 10)]
        super().__init__(*layers)
