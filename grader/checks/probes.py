"""Nets and data that several exercises' checks share. A net is a description, so that both sides can build it."""

from typing import Any

import torch
from torch import Tensor, nn

from grader.checks.draws import Draw
from grader.worker.instruments.nets import sequential

SMALL = [["AvgPool2d", 7], ["Flatten"], ["Linear", 16, 10]]
ANN = [["Flatten"], ["Linear", 784, 50], ["ReLU"], ["Linear", 50, 20], ["ReLU"], ["Linear", 20, 10]]
CNN = [
    *[["Conv2d", 1, 5, 5], ["ReLU"], ["MaxPool2d", 2], ["Conv2d", 5, 10, 5], ["ReLU"], ["MaxPool2d", 2]],
    *[["Flatten"], ["Linear", 160, 32], ["ReLU"], ["Linear", 32, 10]],
]


def starting_weights(layers: list, draw: Draw, label: str = "weights") -> list[Tensor]:
    """Parameters of a net as torch would draw them, from the check's own seed."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(draw.seed(label))
        return [parameter.detach() for parameter in sequential(layers).parameters()]


@torch.no_grad()
def twin(layers: list, weights: list[Tensor]) -> nn.Sequential:
    """The net on the trusted side. Raises ValueError where the weights do not fit."""
    net = sequential(layers)
    parameters = list(net.parameters())
    if len(parameters) != len(weights):
        raise ValueError("another number of parameters")
    for parameter, value in zip(parameters, weights):
        if parameter.shape != value.shape:
            raise ValueError("parameters of another shape")
        parameter.copy_(value)
    return net


def net(student: Any, layers: list, weights: list[Tensor]) -> Any:
    """The same net in the worker; a Thing."""
    model = student.make("sequential", layers)
    student.tool("set_parameters", model, weights)
    return model


def parameters(student: Any, model: Any) -> list[Tensor]:
    """The parameters of a model in the worker, by value."""
    from grader.checks import expect

    values = student.tool("parameters", model)
    expect(values, "the model's parameters").of_type(list)
    return values


def images(draw: Draw, count: int, label: str = "images") -> tuple[Tensor, Tensor]:
    """Random images (count, 1, 28, 28) in [0, 1] whose 7 × 7 blocks differ, and labels (count,) of all ten classes."""
    generator = draw.generator(label)
    coarse = torch.rand(count, 1, 4, 4, generator=generator)
    fine = nn.functional.interpolate(coarse, scale_factor=7) * 0.8
    pixels = fine + 0.2 * torch.rand(count, 1, 28, 28, generator=generator)
    return pixels, (torch.arange(count) * 7 + draw.seed(label) % 10) % 10


@torch.no_grad()
def accuracy(model: nn.Module, pixels: Tensor, labels: Tensor) -> float:
    """The share of right classes in eval mode."""
    return float((model.eval()(pixels).argmax(dim=1) == labels).double().mean())


def with_accuracy(draw: Draw, layers: list, count: int, right: int) -> tuple[list[Tensor], Tensor, Tensor]:
    """Weights, images and labels of which the net gets exactly `right`; the wrong ones stand at the end."""
    weights = starting_weights(layers, draw)
    pixels, _ = images(draw, count)
    with torch.no_grad():
        labels = twin(layers, weights).eval()(pixels).argmax(dim=1)
    labels[right:] = (labels[right:] + 1) % 10
    return weights, pixels, labels
