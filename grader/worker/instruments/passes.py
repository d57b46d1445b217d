"""What passes through a net: every batch forward, and how often gradients come back."""

from typing import Any

import torch
from torch import Tensor, nn

from grader.worker.instruments.nets import LAYERS
from grader.worker.instruments.registry import instrument


class Journal(nn.Module):
    """Passes its input on, and notes of each pass: train mode, gradients on, the batch; and each backward pass.

    A copy of it, such as that in a copy of the whole net, writes into the same journal.
    """

    def __init__(self) -> None:
        super().__init__()
        self.passes: list[tuple[bool, bool, Tensor]] = []
        self.backwards: list[None] = []

    def __deepcopy__(self, memo: dict) -> "Journal":
        other = Journal().train(self.training)
        other.passes, other.backwards = self.passes, self.backwards
        return other

    def forward(self, x: Tensor) -> Tensor:
        """x: any shape, returned as it is."""
        plain = x.detach().cpu().clone()
        while torch._C._functorch.is_functorch_wrapped_tensor(plain):  # within torch.func.grad and its like
            plain = torch._C._functorch.get_unwrapped(plain)
        self.passes.append((self.training, torch.is_grad_enabled(), plain))
        y = x.view_as(x)
        if y.requires_grad:
            y.register_hook(self._back)
        return y

    def _back(self, gradient: Tensor) -> None:
        self.backwards.append(None)


LAYERS[Journal.__name__] = Journal  # type: ignore[assignment]


@instrument
def passes(model: nn.Sequential, index: int) -> list[Any]:
    """What the Journal at `index` of a net noted: [train mode, gradients on, batch] of each forward pass."""
    journal: Any = model[index]
    return [list(each) for each in journal.passes]


@instrument
def backwards(model: nn.Sequential, index: int) -> int:
    """How many backward passes came to the Journal at `index` of a net."""
    journal: Any = model[index]
    return len(journal.backwards)
