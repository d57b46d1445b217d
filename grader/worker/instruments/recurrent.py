"""Recurrent layers, and tables that offer nothing but vectors."""

from collections.abc import Sequence
from types import SimpleNamespace

import torch
from torch import Tensor, nn

from grader.worker.instruments.registry import instrument


@instrument
def recurrent(kind: str, input_size: int, hidden_size: int) -> nn.RNNBase:
    """One layer of torch.nn by name, batch_first."""
    return getattr(nn, kind)(input_size, hidden_size, batch_first=True)


@instrument
def only_vectors(vectors: Tensor) -> SimpleNamespace:
    """A table of word vectors without the words."""
    return SimpleNamespace(vectors=vectors)


@instrument
def trainable_parameters(model: nn.Module) -> list[Tensor]:
    """Those parameters that are trainable, by value: a large frozen table stays where it is."""
    return [parameter.detach() for parameter in model.parameters() if parameter.requires_grad]


@instrument
@torch.no_grad()
def set_trainable_parameters(model: nn.Module, values: Sequence[Tensor]) -> None:
    """Write `values` into the trainable parameters, in their order."""
    trainable = [parameter for parameter in model.parameters() if parameter.requires_grad]
    for parameter, value in zip(trainable, values, strict=True):
        parameter.copy_(value)
