"""Generators of random numbers that belong to a check."""

import torch
from torch import Tensor

from grader.worker.instruments.registry import instrument


@instrument
def generator(seed: int) -> torch.Generator:
    """A generator of the CPU."""
    return torch.Generator().manual_seed(seed)


@instrument
def generator_state(generator: torch.Generator) -> Tensor:
    """What a generator will draw next, as bytes."""
    return generator.get_state()
