"""Encoder and decoder as nn.Sequential; torch.distributions for the draw, the divergence and the samples."""

import contextlib
import math
from numbers import Integral, Real

import torch
from torch import distributions, nn, optim
from torch.utils.data import BatchSampler, DataLoader, RandomSampler


def whole(low, **counts):
    for name, count in counts.items():
        if not isinstance(count, Integral):
            raise TypeError(f"{name} has to be whole")
        if count < low:
            raise ValueError(f"{name} has to be at least {low}")


class Autoencoder(nn.Module):
    def __init__(self, zdim=25):
        whole(1, zdim=zdim)
        super().__init__()
        self.body = nn.Sequential(nn.Flatten(), nn.Linear(784, 350), nn.ReLU())
        self.heads = nn.ModuleList([nn.Linear(350, zdim), nn.Linear(350, zdim)])
        self.tail = nn.Sequential(nn.Linear(zdim, 350), nn.ReLU(), nn.Linear(350, 784), nn.Sigmoid())

    def encode(self, x):
        hidden = self.body(x)
        return tuple(head(hidden) for head in self.heads)

    def reparameterize(self, mu, logvar):
        if self.training:
            return distributions.Normal(mu, logvar.mul(0.5).exp()).rsample()
        return mu

    def decode(self, z):
        return self.tail(z)

    def forward(self, x):
        mu, logvar = self.encode(x)
        z = self.reparameterize(mu, logvar)
        return self.decode(z), mu, logvar


def loss_function(recon_x, x, mu, logvar):
    error = nn.BCELoss()(recon_x, x.reshape(recon_x.shape))
    normal = distributions.Normal(torch.zeros_like(mu), torch.ones_like(mu))
    clouds = distributions.Normal(mu, torch.exp(0.5 * logvar))
    return error + distributions.kl_divergence(clouds, normal).sum() / (x.shape[0] * 784)


def train(model, data, num_epochs=1, batch_size=64, learning_rate=1e-3, device=None):
    whole(0, num_epochs=num_epochs)
    whole(1, batch_size=batch_size)
    if not isinstance(learning_rate, Real):
        raise TypeError("learning_rate has to be a number")
    if learning_rate < 0 or not math.isfinite(learning_rate):
        raise ValueError("learning_rate is out of range")
    if not len(data):
        raise ValueError("there are no data")
    model = model if device is None else model.to(device)
    place = next(iter(model.parameters())).device
    adam = optim.Adam([{"params": model.parameters()}], learning_rate)
    loader = DataLoader(data, batch_sampler=BatchSampler(RandomSampler(data), batch_size, False))
    history = []
    for _ in range(num_epochs):
        sums = [0.0, 0]
        for images, _ in loader:
            for module in model.modules():
                module.training = True
            model.zero_grad()
            images = images.to(place)
            recon, mu, logvar = model(images)
            loss = loss_function(recon, images, mu, logvar)
            loss.backward()
            adam.step()
            sums = [sums[0] + loss.item() * images.size(0), sums[1] + images.size(0)]
        history.append(sums[0] / sums[1])
    return history


@contextlib.contextmanager
def evaluating(model):
    trained = {part for part in model.modules() if part.training}
    model.eval()
    try:
        yield
    finally:
        for part in model.modules():
            part.training = part in trained


@torch.no_grad()
def sample(model, n, generator=None):
    whole(1, n=n)
    first = model.tail[0].weight
    z = torch.empty(n, first.shape[1]).normal_(generator=generator).to(first.device)
    with evaluating(model):
        return model.decode(z).unflatten(1, (1, 28, 28))
