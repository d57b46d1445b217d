"""What a model goes through while student code uses it."""

from typing import Any

import torch
from torch import Tensor, nn

from grader.worker.instruments.registry import instrument


@instrument
def watch(model: nn.Module) -> list[list[bool]]:
    """A list that gains an entry at each forward pass of the model or a part of it.

    An entry: whether all parts of the model are in train mode, whether none is, and whether gradients are on.
    """
    notes: list[list[bool]] = []

    def note(*_: Any) -> None:
        flags = [module.training for module in model.modules()]
        notes.append([all(flags), not any(flags), torch.is_grad_enabled()])

    for module in model.modules():
        module.register_forward_pre_hook(note)
    return notes


class Counting(nn.Module):
    """Takes tokens and a state as a generator of text does; its logits grow with the number of calls so far."""

    def __init__(self, rows: Tensor) -> None:
        super().__init__()
        self.rows = nn.Parameter(rows)

    def forward(self, inp: Tensor, hidden: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """inp: (B, L); hidden: (1, B, 1), the number of calls before this one. Returns (B, L, V) and (1, B, 1)."""
        hidden = self.rows.new_zeros(1, len(inp), 1) if hidden is None else hidden
        return self.rows[inp] * (1 + hidden.view(-1, 1, 1)), hidden + 1


@instrument
def counting(rows: Tensor) -> Counting:
    """A probe that tells one call from many; rows: (V, V)."""
    return Counting(rows)
