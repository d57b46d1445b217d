"""Every sequence read by itself, the summed losses divided by the tokens; Gumbel noise picks what is drawn."""

import math

import torch
from torch import nn

MARKERS = ("<BOS>", "<EOS>")


def build_vocab(text):
    symbols = []
    for character in sorted(text):
        if character not in symbols:
            symbols.append(character)
    symbols.extend(MARKERS)
    return symbols, dict(zip(symbols, range(len(symbols)))), symbols


def encode(text, stoi):
    numbers = torch.empty(len(text) + 2, dtype=torch.int64)
    numbers[0], numbers[-1] = stoi[MARKERS[0]], stoi[MARKERS[1]]
    for place, character in enumerate(text, start=1):
        try:
            numbers[place] = stoi[character]
        except KeyError:
            raise KeyError(f"unknown: {character}") from None
    return numbers


class TextGenerator(nn.Module):
    def __init__(self, vocab_size, hidden_size, n_layers=1):
        super().__init__()
        self.ident = torch.eye(vocab_size)
        self.rnn = nn.GRU(input_size=vocab_size, hidden_size=hidden_size, num_layers=n_layers, batch_first=True)
        self.decoder = nn.Linear(hidden_size, vocab_size)

    def forward(self, inp, hidden=None):
        one_hot = self.ident.to(inp.device)[inp]
        if hidden is None:
            hidden = one_hot.new_zeros(self.rnn.num_layers, inp.size(0), self.rnn.hidden_size)
        output, hidden = self.rnn(one_hot, hidden)
        return self.decoder(output), hidden


def home(model):
    return next(iter(model.parameters())).device


def summed_loss(model, tokens):
    tokens = tokens.to(home(model))
    logits = model(tokens[None])[0][0, :-1]
    return nn.functional.cross_entropy(logits, tokens[1:], reduction="sum")


def teacher_forcing_loss(model, tokens):
    return summed_loss(model, tokens) / (len(tokens) - 1)


def teacher_forcing_loss_stepwise(model, tokens):
    criterion, hidden, total = nn.CrossEntropyLoss(), None, torch.zeros((), device=home(model))
    column = tokens.to(home(model)).view(-1, 1)
    for position in range(column.shape[0] - 1):
        output, hidden = model(column[position : position + 1], hidden)
        total = total + criterion(output[:, 0], column[position + 1])
    return total / (column.shape[0] - 1)


def train(model, sequences, num_epochs=1, batch_size=1, lr=0.001, progress=False):
    if type(num_epochs) is not int or num_epochs < 0:
        raise ValueError(f"num_epochs cannot be {num_epochs!r}")
    if type(batch_size) is not int or batch_size < 1:
        raise ValueError(f"batch_size cannot be {batch_size!r}")
    if type(lr) not in (int, float) or not math.isfinite(lr) or lr < 0:
        raise ValueError(f"lr cannot be {lr!r}")
    if not sequences:
        raise ValueError("sequences is empty")
    optimizer, losses = torch.optim.Adam(model.parameters(), lr), []
    for epoch in range(num_epochs):
        order = torch.randperm(len(sequences)).tolist()
        epoch_losses = []
        while order:
            batch, order = [sequences[n] for n in order[:batch_size]], order[batch_size:]
            for part in model.modules():
                part.training = True
            optimizer.zero_grad()
            tokens = sum(len(t) - 1 for t in batch)
            parts = []
            for one in batch:  # gradients add up until the step
                part = summed_loss(model, one) / tokens
                part.backward()
                parts.append(part.item())
            optimizer.step()
            epoch_losses.append(math.fsum(parts))
        losses.append(math.fsum(epoch_losses) / len(epoch_losses))
        if progress:
            print(epoch, losses[-1])
    return losses


@torch.no_grad()
def sample_sequence(model, stoi, itos, max_len=100, temperature=0.8, generator=None):
    if not isinstance(temperature, (float, int)):
        raise TypeError("temperature is a number")
    if not (temperature > 0 and math.isfinite(temperature)):
        raise ValueError("temperature is finite and above 0")
    if not isinstance(max_len, int):
        raise TypeError("max_len is an int")
    if max_len < 0:
        raise ValueError("max_len is 0 or more")
    was = [part.training for part in model.modules()]
    pieces, token, hidden = [], stoi[MARKERS[0]], None
    try:
        for part in model.modules():
            part.training = False
        for _ in range(max_len):
            logits, hidden = model(torch.full((1, 1), token, device=home(model)), hidden)
            scores = logits.view(-1).cpu() / temperature
            noise = -torch.empty_like(scores).exponential_(generator=generator).log()
            token = int((scores + noise).argmax())
            if token == stoi[MARKERS[1]]:
                break
            pieces.append("" if token == stoi[MARKERS[0]] else itos[token])
    finally:
        for part, flag in zip(model.modules(), was):
            part.training = flag
    return "".join(pieces)
