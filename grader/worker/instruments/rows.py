"""Large tables, made where they are used."""

import torch
from torch import Tensor

from grader.worker.instruments.registry import instrument


@instrument
def random_rows(count: int, size: int, seed: int) -> Tensor:
    """(count, size) random numbers in [0, 1), the same for the same seed."""
    return torch.rand(count, size, generator=torch.Generator().manual_seed(seed))
