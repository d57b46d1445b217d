"""Batches cut from a table by length; the loss on packed sequences; draws by the inverse of the cumulated chances."""

import torch
import torch.nn.functional as nnf
from torch.nn.utils.rnn import pack_padded_sequence


def _by_length(sequences, shuffle, generator):
    table = {}
    order = torch.randperm(len(sequences), generator=generator) if shuffle else torch.arange(len(sequences))
    for number in order.tolist():
        table.setdefault(len(sequences[number]), []).append(sequences[number])
    return [one for length in sorted(table, reverse=True) for one in table[length]]


def _whole(name, value, low=None):
    if not isinstance(value, int):
        raise TypeError(f"{name}: {value!r} is no int")
    if low is not None and value < low:
        raise ValueError(f"{name}: {value} is below {low}")


def bucket_batches(sequences, batch_size, pad_value, shuffle=True, generator=None):
    _whole("batch_size", batch_size, 1)
    _whole("pad_value", pad_value)
    if not sequences:
        raise ValueError("sequences: none")
    rows = _by_length(sequences, shuffle, generator)
    starts = torch.arange(0, len(rows), batch_size)
    if shuffle:
        starts = starts[torch.randperm(len(starts), generator=generator)]
    for start in starts.tolist():
        chosen = rows[start : start + batch_size]
        wide = [nnf.pad(one, (0, len(chosen[0]) - len(one)), value=pad_value) for one in chosen]
        yield torch.stack(wide), torch.as_tensor(list(map(len, chosen)))


def train_cuda(model, sequences, pad_value, batch_size=32, num_epochs=1, lr=0.004, print_every=100, device="cuda"):
    _whole("num_epochs", num_epochs, 0)
    if isinstance(lr, str) or not 0 <= lr < float("inf"):
        raise ValueError(f"lr: {lr!r}")
    next(bucket_batches(sequences, batch_size, pad_value, False))
    model.to(device)
    adam, losses = torch.optim.Adam(model.parameters(), lr=lr), []
    for _ in range(num_epochs):
        model.train()
        total, count = 0.0, 0
        for padded, lengths in bucket_batches(sequences, batch_size, pad_value):
            safe = torch.zeros_like(padded)
            for row, source, length in zip(safe, padded, lengths):
                row[:length] = source[:length]
            safe = safe.to(device)
            logits = pack_padded_sequence(model(safe[:, :-1])[0], lengths - 1, batch_first=True).data
            loss = nnf.cross_entropy(logits, pack_padded_sequence(safe[:, 1:], lengths - 1, batch_first=True).data)
            model.zero_grad()
            loss.backward()
            adam.step()
            total, count = total + loss.item(), count + 1
        losses.append(total / count)
    return losses


def sample_sequence_cuda(model, stoi, itos, max_len=100, temperature=0.8, device="cuda", generator=None):
    if type(max_len) is not int:
        raise TypeError("max_len is no int")
    if max_len < 0:
        raise ValueError("max_len is negative")
    if not isinstance(temperature, (int, float)) or not 0 < temperature < float("inf"):
        raise ValueError("temperature is a finite number above 0")
    model = model.to(device)
    flags = {name: part.training for name, part in model.named_modules()}
    drawn, state = [stoi["<BOS>"]], None
    model.eval()
    try:
        while len(drawn) <= max_len and itos[drawn[-1]] != "<EOS>":
            with torch.inference_mode():
                logits, state = model(torch.tensor([drawn[-1:]], device=device), state)
            chances = torch.softmax(logits[0, -1].double().cpu() / temperature, 0).cumsum(0)
            pick = torch.rand(1, generator=generator, dtype=torch.float64)
            drawn.append(min(int((chances <= pick).sum()), len(chances) - 1))
        return "".join(s for s in (itos[i] for i in drawn) if s not in ("<BOS>", "<EOS>"))
    finally:
        for name, part in model.named_modules():
            part.training = flags[name]
