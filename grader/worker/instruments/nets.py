"""Nets, probes between their layers, data sets, and what a model shows from outside."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils.data import Dataset

from grader.worker.instruments.registry import instrument


class LabelledImages(Dataset):
    """A map-style data set of (image, int label); images: (N, …), labels: (N,)."""

    def __init__(self, images: Tensor, labels: Tensor) -> None:
        self.images, self.labels = images, labels.tolist()

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        return self.images[index], self.labels[index]


class Recorder(nn.Module):
    """Passes its input on, and notes what it saw in train mode with gradients on: what leads to updates."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[Tensor] = []

    def forward(self, x: Tensor) -> Tensor:
        """x: any shape, returned as it is."""
        if self.training and torch.is_grad_enabled():
            self.seen.append(x.detach().cpu().clone())
        return x


class GradNote(nn.Module):
    """Notes whether gradients were on at each forward pass."""

    def __init__(self) -> None:
        super().__init__()
        self.grad_enabled: list[bool] = []

    def forward(self, x: Tensor) -> Tensor:
        """x: any shape, returned as it is."""
        self.grad_enabled.append(torch.is_grad_enabled())
        return x


class Tripwire(nn.Module):
    """Raises RuntimeError at forward pass number `at`, counted from 1."""

    def __init__(self, at: int) -> None:
        super().__init__()
        self.at, self.count = at, 0

    def forward(self, x: Tensor) -> Tensor:
        """x: any shape, returned as it is."""
        self.count += 1
        if self.count == self.at:
            raise RuntimeError("a probe of the grader stopped this forward pass")
        return x


LAYERS = {layer.__name__: layer for layer in (Recorder, GradNote, Tripwire)}


@instrument
def sequential(layers: Sequence[Sequence[Any]]) -> nn.Sequential:
    """A net from a description: [["Linear", 784, 10], ["ReLU"], …], names of torch.nn or of the probes above."""
    return nn.Sequential(*((LAYERS.get(name) or getattr(nn, name))(*args) for name, *args in layers))


@instrument
def dataset(images: Tensor, labels: Tensor) -> LabelledImages:
    """A data set as the exercises expect it."""
    return LabelledImages(images, labels)


@instrument
@torch.no_grad()
def set_parameters(model: nn.Module, values: Sequence[Tensor]) -> None:
    """Write `values` into the model's parameters, in the order of `parameters()`."""
    for parameter, value in zip(model.parameters(), values, strict=True):
        parameter.copy_(value.reshape(parameter.shape))


@instrument
def parameters(model: nn.Module) -> list[Tensor]:
    """The model's parameters by value."""
    return [parameter.detach() for parameter in model.parameters()]


@instrument
def gradients(model: nn.Module) -> list[Tensor | None]:
    """The gradients of the model's parameters, None where there is none."""
    return [parameter.grad for parameter in model.parameters()]


@instrument
def requires_grad(model: nn.Module) -> list[bool]:
    """Which parameters are trainable."""
    return [parameter.requires_grad for parameter in model.parameters()]


@instrument
def cross_entropy_backward(model: nn.Module, inputs: Tensor, labels: Tensor) -> float:
    """One forward and backward pass on the mean cross-entropy, without clearing first; returns the loss."""
    loss = nn.functional.cross_entropy(model(inputs), labels)
    loss.backward()
    return loss.item()


@instrument
def backward(model: nn.Module, inputs: Tensor, cotangent: Tensor) -> None:
    """Backpropagate the sum of `cotangent` times the model's output."""
    (model(inputs) * cotangent).sum().backward()


@instrument
def modes(model: nn.Module) -> list[bool]:
    """The training flag of every submodule, in the order of `modules()`."""
    return [module.training for module in model.modules()]


@instrument
def set_modes(model: nn.Module, flags: Sequence[bool]) -> None:
    """Set every submodule's training flag."""
    for module, flag in zip(model.modules(), flags, strict=True):
        module.training = flag


@instrument
def layer_notes(model: nn.Sequential, index: int) -> list[Any]:
    """What the probe at `index` of a net noted."""
    probe: Any = model[index]
    return probe.seen if isinstance(probe, Recorder) else probe.grad_enabled
