"""In-place arithmetic as in older tutorials, a loader with a plain sampler, a mean over a tensor of losses."""

import math

import torch
import torch.nn.functional as nnf
from torch import nn
from torch.utils.data import DataLoader, RandomSampler

RULES = {"num_epochs": (int, 0), "batch_size": (int, 1), "learning_rate": (float, 0), "zdim": (int, 1), "n": (int, 1)}


def obey(**settings):
    for name, value in settings.items():
        kind, low = RULES[name]
        if not isinstance(value, (int, kind)):
            raise TypeError(f"{name}: {value!r}")
        if value < low or not math.isfinite(value):
            raise ValueError(f"{name}: {value!r}")


class Autoencoder(nn.Module):
    def __init__(self, zdim: int = 25):
        super().__init__()
        obey(zdim=zdim)
        self.z = zdim
        self.a = nn.Linear(28 * 28, 350)
        self.b_mean = nn.Linear(350, zdim)
        self.b_log = nn.Linear(350, zdim)
        self.c = nn.Linear(zdim, 350)
        self.d = nn.Linear(350, 28 * 28)

    def encode(self, x):
        if x.shape[1:].numel() != 784:
            raise ValueError("784 pixels an image")
        h = nnf.relu(self.a(x.flatten(1)))
        return [self.b_mean(h), self.b_log(h)]

    def reparameterize(self, mu, logvar):
        if self.training:
            std = logvar.mul(0.5).exp_()
            eps = std.detach().new(std.size()).normal_()
            return eps.mul(std).add_(mu)
        return mu

    def decode(self, z):
        return torch.sigmoid(self.d(nnf.relu(self.c(z))))

    def forward(self, x):
        mu, logvar = self.encode(x)
        return self.decode(self.reparameterize(mu, logvar)), mu, logvar


def loss_function(recon_x, x, mu, logvar):
    bce = nnf.binary_cross_entropy(recon_x, x.view(-1, 784), reduction="sum")
    kld = (1 + logvar - mu.pow(2) - logvar.exp()).sum().mul(-0.5)
    return (bce + kld) / len(x) / 784


def train(model, data, num_epochs=1, batch_size=64, learning_rate=1e-3, device=None):
    obey(num_epochs=num_epochs, batch_size=batch_size, learning_rate=learning_rate)
    if len(data) < 1:
        raise ValueError("data has nothing in it")
    if device is not None:
        model.to(device)
    at = {parameter.device for parameter in model.parameters()}.pop()
    optimizer = torch.optim.Adam(model.parameters(), lr=learning_rate)
    loader = DataLoader(data, batch_size, sampler=RandomSampler(data))
    losses = []
    for _ in range(num_epochs):
        values, sizes = [], []
        for x, _ in loader:
            model.train()
            x = x.to(at)
            optimizer.zero_grad(set_to_none=False)
            loss = loss_function(*(lambda made, x=x: (made[0], x, made[1], made[2]))(model(x)))
            loss.backward()
            optimizer.step()
            values.append(loss.detach().cpu())
            sizes.append(len(x))
        weights = torch.tensor(sizes, dtype=torch.float64)
        losses.append(float((torch.stack(values).double() * weights).sum() / weights.sum()))
    return losses


@torch.no_grad()
def sample(model, n, generator=None):
    obey(n=n)
    modes = [part.training for part in model.modules()]
    try:
        model.eval()
        z = torch.randn((n, model.z), generator=generator)
        return model.decode(z.to(model.d.bias.device)).reshape(n, 1, 28, 28)
    finally:
        for part, was in zip(model.modules(), modes):
            part.training = was
