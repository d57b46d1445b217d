"""What of a net is trainable."""

from collections.abc import Sequence

from torch import nn

from grader.worker.instruments.registry import instrument


@instrument
def set_requires_grad(model: nn.Module, flags: Sequence[bool]) -> None:
    """Make each parameter trainable or not."""
    for parameter, flag in zip(model.parameters(), flags, strict=True):
        parameter.requires_grad_(flag)
