"""Lengths with a fraction of noise are sorted; each sequence's loss is read off log-softmax; Gumbel noise draws."""

import math

import torch


def bucket_batches(sequences, batch_size, pad_value, shuffle=True, generator=None):
    for name, value in (("batch_size", batch_size), ("pad_value", pad_value)):
        if type(value) is not int:
            raise TypeError(f"{name} is an int")
    if batch_size < 1:
        raise ValueError("batch_size is at least 1")
    if len(sequences) < 1:
        raise ValueError("sequences are missing")
    lengths = torch.tensor([s.shape[0] for s in sequences])
    noise = torch.rand(len(lengths), generator=generator, dtype=torch.float64) if shuffle else torch.zeros(len(lengths))
    groups = (lengths + 0.99 * noise).argsort(descending=True, stable=True).split(batch_size)
    if shuffle:
        noise = torch.rand(len(groups), generator=generator)
        groups = [groups[n] for n in noise.argsort().tolist()]
    batches = []
    for group in groups:
        padded = torch.full((len(group), int(lengths[group].max())), pad_value)
        for row, number in zip(padded, group.tolist()):
            row[: lengths[number]] = sequences[number]
        batches.append((padded, lengths[group]))
    return batches


def train_cuda(model, sequences, pad_value, batch_size=32, num_epochs=1, lr=0.004, print_every=100, device="cuda"):
    if type(num_epochs) is not int or num_epochs < 0:
        raise ValueError("num_epochs is an int from 0")
    if type(lr) not in (int, float) or not math.isfinite(lr) or lr < 0:
        raise ValueError("lr is a finite number from 0")
    if num_epochs == 0:
        bucket_batches(sequences, batch_size, pad_value, shuffle=False)
    model.to(torch.device(device))
    optimizer, history = torch.optim.Adam([*model.parameters()], lr), []
    for _ in range(num_epochs):
        for part in model.modules():
            part.training = True
        losses = []
        for padded, lengths in bucket_batches(sequences, batch_size, pad_value):
            optimizer.zero_grad()
            rows = []
            for row, length in zip(padded, lengths.tolist()):
                tokens = row[:length].to(device)
                logp = model(tokens[None, :-1])[0].squeeze(0).log_softmax(-1)
                rows.append(logp.gather(1, tokens[1:, None]))
            loss = -torch.cat(rows).mean()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
            if len(losses) % print_every == 0:
                print(losses[-1])
        history.append(math.fsum(losses) / len(losses))
    return history


@torch.no_grad()
def sample_sequence_cuda(model, stoi, itos, max_len=100, temperature=0.8, device="cuda", generator=None):
    if not isinstance(temperature, (float, int)):
        raise TypeError("temperature is a number")
    if not (temperature > 0 and math.isfinite(temperature)):
        raise ValueError("temperature is finite and above 0")
    if not isinstance(max_len, int):
        raise TypeError("max_len is an int")
    if max_len < 0:
        raise ValueError("max_len is 0 or more")
    model.to(device)
    was = [part.training for part in model.modules()]
    pieces, token, hidden = [], stoi["<BOS>"], None
    try:
        for part in model.modules():
            part.training = False
        for _ in range(max_len):
            logits, hidden = model(torch.full((1, 1), token, device=device), hidden)
            scores = logits.view(-1).cpu() / temperature
            noise = -torch.empty_like(scores).exponential_(generator=generator).log()
            token = int((scores + noise).argmax())
            if token == stoi["<EOS>"]:
                break
            pieces.append("" if token == stoi["<BOS>"] else itos[token])
    finally:
        for part, flag in zip(model.modules(), was):
            part.training = flag
    return "".join(pieces)
