"""Flat mini-batches, the squared error summed and divided; mini-batches are reconstructed right after their step."""

import torch
import torch.nn.functional as nnf
from torch import nn
from torch.utils.data import DataLoader, Subset

RULES = {"num_epochs": (int, 0), "batch_size": (int, 1), "learning_rate": (float, 0), "encoding_dim": (int, 1)}


def obey(**settings):
    for name, value in settings.items():
        kind, low = RULES[name]
        if not isinstance(value, (int, kind)):
            raise TypeError(f"{name}: {value!r}")
        if value < low or value != value or abs(value) == float("inf"):
            raise ValueError(f"{name}: {value!r}")


class Encoder(nn.Linear):
    def forward(self, x):
        return nnf.relu(super().forward(x))


class Decoder(nn.Linear):
    def forward(self, code):
        return super().forward(code).sigmoid()


class Autoencoder(nn.Module):
    def __init__(self, encoding_dim=32):
        super().__init__()
        obey(encoding_dim=encoding_dim)
        self.encode, self.decode = Encoder(784, encoding_dim), Decoder(encoding_dim, 784)

    def forward(self, x):
        return self.decode(self.encode(torch.flatten(x, start_dim=1)))


def train(model, data, num_epochs=5, batch_size=64, learning_rate=1e-3, device=None):
    obey(num_epochs=num_epochs, batch_size=batch_size, learning_rate=learning_rate)
    if len(data) < 1:
        raise ValueError("data has nothing in it")
    if device is not None:
        model.to(device)
    at = {parameter.device for parameter in model.parameters()}.pop()
    optimizer = torch.optim.Adam(model.parameters(), lr=learning_rate, weight_decay=1e-5, foreach=False)
    outputs, kept = [], None
    for epoch in range(num_epochs):
        order = torch.randperm(len(data)).tolist()
        for number, (x, _) in enumerate(DataLoader(Subset(data, order), batch_size)):
            model.train()
            x = x.to(at).flatten(1)
            optimizer.zero_grad()
            error = nnf.mse_loss(model(x), x, reduction="sum") / x.numel()
            error.backward()
            optimizer.step()
            with torch.no_grad():
                kept = (epoch, x, model(x)) if number == 0 else kept
        outputs.append(kept)
    return outputs
