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


### BEGIN SOLUTION
def _check_count(name, count, at_least):
    if not isinstance(count, int):
        raise TypeError(f"{name} is an int, not {count!r}")
    if count < at_least:
        raise ValueError(f"{name} is at least {at_least}, not {count}")


def _check_rate(name, rate):
    if not isinstance(rate, (int, float)):
        raise TypeError(f"{name} is a number, not {rate!r}")
    if not 0 <= rate < math.inf:
        raise ValueError(f"{name} is finite and at least 0, not {rate}")


def _check_batching(sequences, batch_size, pad_value):
    _check_count("batch_size", batch_size, at_least=1)
    if not isinstance(pad_value, int):
        raise TypeError(f"pad_value is an int, not {pad_value!r}")
    if len(sequences) == 0:
        raise ValueError("sequences are empty")


### END SOLUTION


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
    ### BEGIN SOLUTION
    _check_batching(sequences, batch_size, pad_value)
    count = len(sequences)
    order = torch.randperm(count, generator=generator).tolist() if shuffle else list(range(count))
    order.sort(key=lambda number: -len(sequences[number]))  # stable: equal lengths stay mixed
    batches = [order[start : start + batch_size] for start in range(0, count, batch_size)]
    places = torch.randperm(len(batches), generator=generator).tolist() if shuffle else range(len(batches))
    for place in places:
        chosen = [sequences[number] for number in batches[place]]
        padded = pad_sequence(chosen, batch_first=True, padding_value=pad_value)
        yield padded, torch.tensor([len(tokens) for tokens in chosen])
    ### END SOLUTION


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
    ### BEGIN SOLUTION
    _check_batching(sequences, batch_size, pad_value)
    _check_count("num_epochs", num_epochs, at_least=0)
    _check_count("print_every", print_every, at_least=1)
    _check_rate("lr", lr)
    model.to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    losses = []
    for epoch in range(num_epochs):
        model.train()
        batch_losses: list[float] = []
        for padded, lengths in bucket_batches(sequences, batch_size, pad_value):
            real = torch.arange(padded.shape[1]) < lengths[:, None]  # (B, L)
            padded = padded.where(real, 0).to(device)  # pad_value may be no token, and the model reads tokens
            logits, _ = model(padded[:, :-1])  # (B, L - 1, V)
            targets = real[:, 1:].to(device)
            loss = nn.functional.cross_entropy(logits[targets], padded[:, 1:][targets])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            batch_losses.append(loss.item())
            if len(batch_losses) % print_every == 0:
                print(f"epoch {epoch}, batch {len(batch_losses)}: loss {batch_losses[-1]:.3f}")
        losses.append(sum(batch_losses) / len(batch_losses))
    return losses
    ### END SOLUTION


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
    ### BEGIN SOLUTION
    _check_count("max_len", max_len, at_least=0)
    _check_rate("temperature", temperature)
    if temperature == 0:
        raise ValueError("temperature is above 0")
    model.to(device)
    modes = [(module, module.training) for module in model.modules()]
    text, token, hidden = "", torch.tensor([[stoi["<BOS>"]]]), None
    try:
        model.eval()
        with torch.no_grad():
            for _ in range(max_len):
                logits, hidden = model(token.to(device), hidden)
                # The generator is the CPU's, so the draw takes place there.
                chances = (logits.flatten().cpu() / temperature).softmax(dim=0)  # (V,)
                token = torch.multinomial(chances, 1, generator=generator).view(1, 1)
                symbol = itos[token.item()]
                if symbol == "<EOS>":
                    break
                if symbol != "<BOS>":
                    text += symbol
    finally:
        for module, mode in modes:
            module.training = mode
    return text
    ### END SOLUTION
