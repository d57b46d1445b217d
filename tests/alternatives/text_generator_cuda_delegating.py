"""What the earlier exercise has is used again; a DataLoader with a list of batches; targets of -100 do not count."""

import numbers

import torch
from text_generator import sample_sequence
from torch import nn
from torch.nn.utils.rnn import pad_sequence
from torch.utils.data import DataLoader


def _check(sequences, batch_size, pad_value):
    if not isinstance(batch_size, numbers.Integral) or batch_size < 1:
        raise ValueError("batch_size is a whole number above 0")
    if not isinstance(pad_value, numbers.Integral):
        raise TypeError("pad_value is an int")
    if not len(sequences):
        raise ValueError("sequences: there are none")


def bucket_batches(sequences, batch_size, pad_value, shuffle=True, generator=None):
    _check(sequences, batch_size, pad_value)
    lengths = torch.tensor([len(s) for s in sequences])
    order = torch.arange(len(lengths))
    if shuffle:
        order = torch.randperm(len(lengths), generator=generator)
    order = order[lengths[order].argsort(descending=True, stable=True)]
    batches = list(order.split(batch_size))
    if shuffle:
        batches = [batches[n] for n in torch.randperm(len(batches), generator=generator)]

    def collate(chosen):
        return pad_sequence(chosen, True, pad_value), torch.tensor([len(s) for s in chosen])

    source = torch.Generator().manual_seed(0)  # the loader draws a seed for workers that it does not have
    return iter(
        DataLoader(list(sequences), batch_sampler=[b.tolist() for b in batches], collate_fn=collate, generator=source)
    )


def train_cuda(model, sequences, pad_value, batch_size=32, num_epochs=1, lr=0.004, print_every=100, device="cuda"):
    _check(sequences, batch_size, pad_value)
    if not isinstance(num_epochs, int) or num_epochs < 0:
        raise ValueError("num_epochs is a whole number from 0")
    if not isinstance(lr, (int, float)) or not 0 <= lr < float("inf"):
        raise ValueError("lr is a finite number from 0")
    model = model.to(device)
    criterion, optimizer = nn.CrossEntropyLoss(ignore_index=-100), torch.optim.Adam(model.parameters(), lr=lr)
    means = []
    for _ in range(num_epochs):
        model.train()
        losses = []
        for padded, lengths in bucket_batches(sequences, batch_size, pad_value):
            behind = torch.arange(padded.size(1)).unsqueeze(0) >= lengths.unsqueeze(1)
            target = padded.masked_fill(behind, -100)[:, 1:].to(device)
            output, _ = model(padded.masked_fill(behind, 0)[:, :-1].to(device))
            loss = criterion(output.reshape(-1, output.size(-1)), target.reshape(-1))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(float(loss.detach()))
        means.append(sum(losses) / len(losses))
    return means


def sample_sequence_cuda(model, stoi, itos, max_len=100, temperature=0.8, device="cuda", generator=None):
    model.to(device)
    return sample_sequence(model, stoi, itos, max_len, temperature, generator)
