"""Both heads in one product, the loss written out per image, images in one tensor cut along a permutation."""

import torch
from torch import nn


def see(name, value, kind, low):
    if isinstance(value, bool) or not isinstance(value, kind):
        raise TypeError(f"{name} has a wrong type")
    if not low <= value < float("inf"):
        raise ValueError(f"{name} has a wrong value")


class Autoencoder(nn.Module):
    def __init__(self, zdim=25, hidden=350):
        super().__init__()
        see("zdim", zdim, int, 1)
        self.squeeze = nn.Linear(784, hidden)
        self.where, self.how_sure = nn.Linear(hidden, zdim), nn.Linear(hidden, zdim)
        self.grow, self.draw = nn.Linear(zdim, hidden), nn.Linear(hidden, 784)

    def encode(self, x):
        hidden = self.squeeze(x.reshape(len(x), -1)).clamp(min=0)
        weight = torch.cat([self.where.weight, self.how_sure.weight])
        bias = torch.cat([self.where.bias, self.how_sure.bias])
        return nn.functional.linear(hidden, weight, bias).chunk(2, dim=1)

    def reparameterize(self, mu, logvar):
        eps = torch.normal(torch.zeros(mu.shape), 1.0).to(mu) if self.training else 0.0
        return mu + eps * logvar.exp().sqrt()

    def decode(self, z):
        return self.draw(self.grow(z).relu()).sigmoid()

    def forward(self, x):
        mu, logvar = self.encode(x)
        return self.decode(self.reparameterize(mu, logvar)), mu, logvar


def loss_function(recon_x, x, mu, logvar):
    x = x.reshape(len(x), -1)
    error = -(x * recon_x.log().clamp(min=-100) + (1 - x) * (1 - recon_x).log().clamp(min=-100)).sum(dim=1)
    divergence = 0.5 * (logvar.exp() + mu**2 - 1 - logvar).sum(dim=1)
    return ((error + divergence) / 784).mean()


def train(model, data, num_epochs=1, batch_size=64, learning_rate=1e-3, device=None, progress=False):
    see("num_epochs", num_epochs, int, 0)
    see("batch_size", batch_size, int, 1)
    see("learning_rate", learning_rate, (int, float), 0)
    if len(data) == 0:
        raise ValueError("data is empty")
    if device is not None:
        model.to(torch.device(device))
    weights = list(model.parameters())
    images = torch.stack([data[i][0] for i in range(len(data))]).to(weights[0].device).flatten(1)
    optimizer = torch.optim.Adam(weights, learning_rate, foreach=False)
    losses = []
    for epoch in range(num_epochs):
        model.train()
        of_samples = []
        for batch in images[torch.randperm(len(images))].split(batch_size):
            recon, mu, logvar = model(batch)
            loss = loss_function(recon, batch, mu, logvar)
            for weight, slope in zip(weights, torch.autograd.grad(loss, weights)):
                weight.grad = slope
            optimizer.step()
            of_samples += [loss.item()] * len(batch)
        losses.append(sum(of_samples) / len(of_samples))
        if progress:
            print(epoch, losses[-1])
    return losses


def sample(model, n, generator=None):
    see("n", n, int, 1)
    weight = model.grow.weight
    codes = [torch.randn(weight.shape[1], generator=generator) for _ in range(n)]
    with torch.inference_mode():
        return model.decode(torch.stack(codes).to(weight.device)).view(-1, 1, 28, 28).clone()
