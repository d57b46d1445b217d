"""Nets that are too large to be sent: looked at, filled and trained where they are. And a small one in their place."""

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from grader.worker.instruments.nets import sequential
from grader.worker.instruments.registry import instrument


class Forbidden(nn.Module):
    """A part of a net that is not to be called."""

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        raise RuntimeError("a probe of the grader: of this network, only .features may be called")


class Featured(Forbidden):
    """A network with `.features`, which cannot be called itself, nor can its other parts."""

    def __init__(self, layers: Sequence[Sequence[Any]]) -> None:
        super().__init__()
        self.features = sequential(layers)
        self.avgpool, self.classifier = Forbidden(), nn.Sequential(nn.Dropout(), Forbidden(), Forbidden())


@instrument
def featured(layers: Sequence[Sequence[Any]]) -> Featured:
    """A stand-in for AlexNet, whose `.features` are described as for `sequential`."""
    return Featured(layers)


@instrument
def part(model: nn.Module, name: str) -> nn.Module:
    """A submodule."""
    return model.get_submodule(name)


@instrument
def parameter_shapes(model: nn.Module) -> list[list[int]]:
    """The shape of each parameter."""
    return [list(parameter.shape) for parameter in model.parameters()]


@instrument
@torch.no_grad()
def fill_parameters(model: nn.Module, seed: int) -> None:
    """Fill each parameter with uniform numbers that depend on the seed, its place and its shape alone."""
    for number, parameter in enumerate(model.parameters()):
        fan_in = parameter[0].numel() if parameter.dim() > 1 else 100
        bound = math.sqrt(6 / fan_in)
        parameter.uniform_(-bound, bound, generator=torch.Generator().manual_seed(seed + number))


@instrument
def some_parameters(model: nn.Module, numbers: Sequence[int]) -> list[Tensor]:
    """Some parameters by value, by their places in `parameters()`."""
    values = list(model.parameters())
    return [values[number].detach() for number in numbers]


@instrument
def cross_entropy_step(model: nn.Module, inputs: Tensor, labels: Tensor, lr: float) -> None:
    """One step of plain SGD over all parameters, those without a gradient left out."""
    optimizer = torch.optim.SGD(model.parameters(), lr=lr)
    optimizer.zero_grad()
    nn.functional.cross_entropy(model(inputs), labels).backward()
    optimizer.step()


@instrument
def fit(model: nn.Module, inputs: Tensor, labels: Tensor, batches: Sequence[Tensor], lr: float) -> None:
    """One step of Adam on each batch, a tensor of the numbers of its samples."""
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    model.train()
    for batch in batches:
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(inputs[batch]), labels[batch]).backward()
        optimizer.step()
