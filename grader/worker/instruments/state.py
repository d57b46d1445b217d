"""torch's global state, and devices."""

from typing import Any

import torch
from torch import nn

from grader.worker.instruments.registry import instrument


@instrument
def seed(number: int) -> None:
    """Seed torch's global generator."""
    torch.default_generator.manual_seed(number)


@instrument
def global_state() -> list[Any]:
    """[is_grad_enabled, state of torch's global generator (uint8)]."""
    return [torch.is_grad_enabled(), torch.get_rng_state()]


@instrument
def set_grad_enabled(mode: bool) -> None:
    """Turn gradients on or off for what follows in this check."""
    torch.set_grad_enabled(mode)


@instrument
def device_types(model: nn.Module) -> list[str]:
    """The device type of each parameter."""
    return [parameter.device.type for parameter in model.parameters()]


@instrument
def virtual_cuda() -> Any:
    """A CUDA device that is none, until the check leaves it: wrong placement raises, values are real."""
    from grader.worker.virtual_cuda import virtual_cuda

    return virtual_cuda()


@instrument
def on_device(thing: Any, device: str) -> Any:
    """A tensor or model on `device`."""
    return thing.to(device)
