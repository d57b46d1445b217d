"""Optimizers and generators made outside the student's code, and a model in two parts."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from grader.worker.instruments.nets import sequential
from grader.worker.instruments.registry import instrument


@instrument
def sgd(model: nn.Module, lr: float, momentum: float = 0.0) -> torch.optim.SGD:
    """An optimizer of the model's parameters."""
    return torch.optim.SGD(model.parameters(), lr=lr, momentum=momentum)


@instrument
def take_step(optimizer: torch.optim.Optimizer) -> None:
    """One step with the gradients that are there."""
    optimizer.step()


@instrument
def generator(seed: int) -> torch.Generator:
    """A generator of the CPU."""
    return torch.Generator().manual_seed(seed)


class TwoParts(nn.Module):
    """A model with `features` and `classifier`, as torchvision's AlexNet has them."""

    def __init__(self, features: nn.Module, classifier: nn.Module) -> None:
        super().__init__()
        self.features, self.classifier = features, classifier

    def forward(self, x: Tensor) -> Tensor:
        """x: what `features` takes; returns what `classifier` gives."""
        return self.classifier(self.features(x))


@instrument
def two_parts(features: Sequence[Sequence[Any]], classifier: Sequence[Sequence[Any]]) -> TwoParts:
    """A model whose `features` and `classifier` are described as for `sequential`."""
    return TwoParts(sequential(features), sequential(classifier))
