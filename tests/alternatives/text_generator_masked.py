"""Padding with a real token and a mask of weights; the net keeps a buffer that is saved; autograd.grad and Adam."""

import torch
from torch import nn, optim


def build_vocab(text):
    vocab = (*sorted(dict.fromkeys(text)), "<BOS>", "<EOS>")
    itos = dict(enumerate(vocab))
    return list(vocab), {symbol: index for index, symbol in itos.items()}, itos


def encode(text, stoi):
    return torch.as_tensor([stoi["<BOS>"], *map(stoi.__getitem__, text), stoi["<EOS>"]], dtype=torch.long)


class TextGenerator(nn.Module):
    def __init__(self, vocab_size, hidden_size, n_layers=1, dtype=torch.float32):
        super().__init__()
        self.register_buffer("ident", torch.eye(vocab_size, dtype=dtype))
        self.net = nn.ModuleDict(
            {
                "rnn": nn.GRU(vocab_size, hidden_size, n_layers, batch_first=True),
                "out": nn.Linear(hidden_size, vocab_size),
            }
        )

    def forward(self, inp, hidden=None):
        states, hidden = self.net["rnn"](self.ident.index_select(0, inp.flatten()).view(*inp.shape, -1), hidden)
        return self.net["out"](states), hidden


def _losses(logits, targets):
    return logits.logsumexp(-1) - logits.gather(-1, targets.unsqueeze(-1)).squeeze(-1)


def _place(model):
    return next(model.parameters()).device


def teacher_forcing_loss(model, tokens):
    row = tokens.unsqueeze(0).to(_place(model))
    return _losses(model(row[:, :-1])[0], row[:, 1:]).mean()


def teacher_forcing_loss_stepwise(model, tokens):
    row, hidden, loss = tokens.unsqueeze(0).to(_place(model)), None, 0.0
    for step in range(row.shape[1] - 1):
        logits, hidden = model(row[:, [step]], hidden)
        loss = loss + _losses(logits, row[:, [step + 1]]).sum()
    return loss / (row.shape[1] - 1)


def _number(name, value, kinds, low):
    if isinstance(value, bool) or not isinstance(value, kinds):
        raise TypeError(f"{name}: not {value!r}")
    if not low <= value < float("inf"):
        raise ValueError(f"{name}: not {value!r}")


def train(model, sequences, num_epochs=1, batch_size=1, lr=0.001):
    _number("num_epochs", num_epochs, int, 0)
    _number("batch_size", batch_size, int, 1)
    _number("lr", lr, (int, float), 0)
    if len(sequences) < 1:
        raise ValueError("sequences: none")
    lengths = torch.tensor([len(tokens) for tokens in sequences])
    table = torch.full((len(sequences), int(lengths.max())), int(sequences[0][-1]))
    for row, tokens in zip(table, sequences):
        row[: len(tokens)] = tokens
    weights = list(model.parameters())
    optimizer, history = optim.Adam(weights, lr=lr), []
    model.train()
    for _ in range(num_epochs):
        total = 0.0
        parts = torch.split(torch.randperm(len(sequences)), batch_size)
        for rows in parts:
            batch = table[rows].to(_place(model))
            mask = (torch.arange(1, table.shape[1]) < lengths[rows].unsqueeze(1)).float().to(_place(model))
            loss = (_losses(model(batch[:, :-1])[0], batch[:, 1:]) * mask).sum() / mask.sum()
            for weight, slope in zip(weights, torch.autograd.grad(loss, weights)):
                weight.grad = slope
            optimizer.step()
            total += float(loss.detach())
        history.append(total / len(parts))
    return history


def sample_sequence(model, stoi, itos, max_len=100, temperature=0.8, generator=None):
    _number("max_len", max_len, int, 0)
    _number("temperature", temperature, (int, float), 0)
    if temperature == 0:
        raise ValueError("temperature: not 0")
    parts = [(part, part.training) for part in model.modules()]
    try:
        model.eval()
        return "".join(_draw(model, stoi, itos, max_len, temperature, generator))
    finally:
        for part, training in parts:
            part.train(training) if not list(part.children()) else setattr(part, "training", training)


def _draw(model, stoi, itos, max_len, temperature, generator):
    inp, hidden = torch.tensor([[stoi["<BOS>"]]]), None
    for _ in range(max_len):
        with torch.no_grad():
            logits, hidden = model(inp.to(_place(model)), hidden)
        logp = torch.log_softmax(logits[0].cpu() / temperature, dim=-1)  # (1, V)
        inp = torch.multinomial(logp.exp(), 1, replacement=True, generator=generator)
        if inp.item() == stoi["<EOS>"]:
            return
        if inp.item() != stoi["<BOS>"]:
            yield itos[inp.item()]
