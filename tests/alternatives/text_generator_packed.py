"""Packed sequences out of a DataLoader; draws by the inverse of the cumulated chances; itos is a dict."""

import numbers

import torch
import torch.nn.functional as nnf
from torch import nn
from torch.nn.utils.rnn import pack_sequence, pad_packed_sequence, pad_sequence
from torch.utils.data import DataLoader


def build_vocab(text):
    vocab = sorted(set(text))
    vocab += ["<BOS>", "<EOS>"]
    stoi = {s: i for i, s in enumerate(vocab)}
    return vocab, stoi, {i: s for s, i in stoi.items()}


def encode(text, stoi):
    unknown = [c for c in text if c not in stoi]
    if unknown:
        raise ValueError(f"no number for the character {unknown[0]}")
    return torch.LongTensor([stoi["<BOS>"]] + [stoi[c] for c in text] + [stoi["<EOS>"]])


class TextGenerator(nn.Module):
    def __init__(self, vocab_size, hidden_size, n_layers=1):
        super().__init__()
        self.V = vocab_size
        self.rnn = nn.GRU(vocab_size, hidden_size, n_layers, batch_first=True)
        self.decoder = nn.Linear(hidden_size, vocab_size)

    def forward(self, inp, hidden=None):
        out, hidden = self.rnn(nnf.one_hot(inp, self.V).to(self.decoder.weight.dtype), hidden)
        return self.decoder(out), hidden


def where(model):
    return {p.device for p in model.parameters()}.pop()


def teacher_forcing_loss_stepwise(model, tokens):
    tokens = tokens.to(where(model))
    losses, state = [], None
    for t in range(len(tokens) - 1):
        logits, state = model(tokens[t : t + 1].unsqueeze(0), state)
        losses.append(-logits[0, 0].log_softmax(-1)[tokens[t + 1]])
    return torch.stack(losses).mean()


def teacher_forcing_loss(model, tokens):
    tokens = tokens.to(where(model))
    logits, _ = model(tokens[:-1].unsqueeze(0))
    return nnf.cross_entropy(logits.squeeze(0), tokens[1:])


def _pad(batch):
    return pad_sequence(batch, batch_first=True), pack_sequence([b[1:] for b in batch], enforce_sorted=False)


def train(model, sequences, num_epochs=1, batch_size=1, lr=0.001):
    for name, value, low in (("num_epochs", num_epochs, 0), ("batch_size", batch_size, 1)):
        if not isinstance(value, numbers.Integral):
            raise TypeError(f"{name} is no integer")
        if value < low:
            raise ValueError(f"{name} is too small")
    if not isinstance(lr, numbers.Real):
        raise TypeError("lr is no number")
    if not 0 <= lr < float("inf"):
        raise ValueError("lr is negative or not finite")
    if not len(sequences):
        raise ValueError("there are no sequences")
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    loader = DataLoader(list(sequences), batch_size, shuffle=True, collate_fn=_pad)
    history = []
    model.train()
    for _ in range(num_epochs):
        losses = []
        for padded, packed in loader:
            logits, _ = model(padded[:, :-1].to(where(model)))
            targets, lengths = pad_packed_sequence(packed, batch_first=True)
            real = torch.arange(targets.shape[1])[None] < lengths[:, None]
            loss = nnf.cross_entropy(logits[real.to(where(model))], targets[real].to(where(model)))
            model.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.detach())
        history.append(torch.stack(losses).mean().item())
    return history


def sample_sequence(model, stoi, itos, max_len=100, temperature=0.8, generator=None):
    if type(max_len) is not int:
        raise TypeError("max_len is no int")
    if max_len < 0:
        raise ValueError("max_len is negative")
    if not isinstance(temperature, (int, float)) or not 0 < temperature < float("inf"):
        raise ValueError("temperature is a finite number above 0")
    flags = {name: part.training for name, part in model.named_modules()}
    drawn, state = [stoi["<BOS>"]], None
    model.eval()
    try:
        while len(drawn) <= max_len and itos[drawn[-1]] != "<EOS>":
            with torch.inference_mode():
                logits, state = model(torch.tensor([drawn[-1:]], device=where(model)), state)
            chances = torch.softmax(logits[0, -1].double().cpu() / temperature, 0).cumsum(0)
            pick = torch.rand(1, generator=generator, dtype=torch.float64)
            drawn.append(min(int((chances <= pick).sum()), len(chances) - 1))
        return "".join(s for s in (itos[i] for i in drawn) if s not in ("<BOS>", "<EOS>"))
    finally:
        for name, part in model.named_modules():
            part.training = flags[name]
