"""The network that writes, on an accelerator.

A GPU works on many sequences at once and hates to wait. Two things keep it busy: batches whose sequences are about
equally long, so that little of the work goes into padding, and data that is moved where the model is. The first is
called bucketing: sort by length, cut into batches, and mix the batches. The second is a matter of care: whatever meets
in one operation has to be on one device, and a generator of random numbers belongs to a device, too.

Your task: the batches, the training loop of the exercise `text_generator` on such batches, and drawing on a device.
The model is your `text_generator.TextGenerator`; all that it holds must move with it.
"""

import math
from collections.abc import Iterator, Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence


def bucket_batches(
    sequences: Sequence[Tensor],
    batch_size: int,
    pad_value: int,
    shuffle: bool = True,
    generator: torch.Generator | None = None,
) -> Iterator[tuple[Tensor, Tensor]]:
    """Batches of sequences of about the same length: (padded (B, L) int64, lengths (B,) int64).

    sequences: each (L,) int64; batch_size: ≥ 1; pad_value: any int, written behind a sequence's end; shuffle: whether
    batches, and sequences of equal length, come in random order; generator: a CPU generator, or None for torch's global
    one.
    Within a batch the longest sequence comes first. The lengths of two batches overlap in one value at most, and all
    batches but one hold batch_size sequences.
    Raises ValueError for no sequences or a batch_size below 1, TypeError for a number of the wrong type; at the call or
    at the first batch.
    """
    # Your code here.
    raise NotImplementedError("bucket_batches is not implemented yet")


def train_cuda(
    model: nn.Module,
    sequences: Sequence[Tensor],
    pad_value: int,
    batch_size: int = 32,
    num_epochs: int = 1,
    lr: float = 0.004,
    print_every: int = 100,
    device: torch.device | str = "cuda",
) -> list[float]:
    """Train the model by teacher forcing and Adam on bucketed batches, on `device`, where the model then stays.

    sequences: each (L,) int64, L ≥ 2; pad_value: any int, a real token or none: the lengths say what is padding;
    print_every: batches between two lines of progress; the rest as in text_generator.train.
    Returns one float for each epoch, the mean of its batches' losses, each the mean over its real target tokens.
    """
    # Your code here.
    raise NotImplementedError("train_cuda is not implemented yet")


def sample_sequence_cuda(
    model: nn.Module,
    stoi: Mapping[str, int],
    itos: Sequence[str] | Mapping[int, str],
    max_len: int = 100,
    temperature: float = 0.8,
    device: torch.device | str = "cuda",
    generator: torch.Generator | None = None,
) -> str:
    """Let the model write a text on `device`, where it then stays; all else as in text_generator.sample_sequence.

    generator: a CPU generator, or None for torch's global one.
    """
    # Your code here.
    raise NotImplementedError("sample_sequence_cuda is not implemented yet")
