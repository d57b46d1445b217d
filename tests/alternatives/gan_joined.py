"""D sees real and generated images in one pass; gradients come from autograd.grad; batches are cut by hand."""

import itertools

import torch
import torch.nn.functional as nnf
from torch import nn


def hidden(x, layers, training):
    for layer in layers:
        x = layer(x)
        x = torch.maximum(x, 0.2 * x)
        if training:
            x = x * torch.bernoulli(torch.full_like(x, 0.7)) / 0.7
    return x


class Net(nn.Module):
    def __init__(self, *sizes):
        super().__init__()
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in itertools.pairwise(sizes))

    def run(self, x):
        *first, last = self.layers
        return last(hidden(x, first, self.training))


class Discriminator(Net):
    def __init__(self):
        super().__init__(784, 128, 64, 32, 1)

    def forward(self, x):
        return self.run(x.reshape(x.shape[0], -1))


class Generator(Net):
    def __init__(self, noise_dim=100):
        super().__init__(noise_dim, 32, 64, 128, 784)

    def forward(self, x):
        return torch.tanh(self.run(x))


def discriminator_loss(real_logits, fake_logits):
    return nnf.softplus(-real_logits).mean() + nnf.softplus(fake_logits).mean()


def generator_loss(fake_logits):
    return nnf.softplus(-fake_logits).mean()


def natural(name, value, least):
    if not isinstance(value, int):
        raise TypeError(f"`{name}` must be an integer")
    if value < least:
        raise ValueError(f"`{name}` must not be less than {least}")


def step(optimizer, net, loss, keep=False):
    weights = list(net.parameters())
    for weight, gradient in zip(weights, torch.autograd.grad(loss, weights, retain_graph=keep)):
        weight.grad = gradient
    optimizer.step()
    return loss.item()


def train(G, D, data, lr=0.002, batch_size=64, num_epochs=20, noise_dim=100, device=None):
    natural("batch_size", batch_size, 1)
    natural("num_epochs", num_epochs, 0)
    natural("noise_dim", noise_dim, 1)
    if not isinstance(lr, (float, int)):
        raise TypeError("`lr` must be a number")
    if lr < 0 or lr != lr or lr == float("inf"):
        raise ValueError("`lr` must be finite and not negative")
    if len(data) == 0:
        raise ValueError("`data` is empty")
    if device is not None:
        for net in (G, D):
            net.to(device)
    where = next(G.parameters()).device
    adam = {net: torch.optim.Adam(net.parameters(), lr=lr) for net in (G, D)}
    losses = []
    for _ in range(num_epochs):
        order = torch.randperm(len(data)).tolist()
        sums = [0.0, 0.0]
        for start in range(0, len(order), batch_size):
            picked = order[start : start + batch_size]
            real = torch.stack([data[i][0] for i in picked]).to(where).flatten(1).mul(2).sub(1)
            for net in (G, D):
                net.train()
            fake = G((torch.rand(len(picked), noise_dim) * 2 - 1).to(where))
            logits = D(torch.cat([real, fake.detach()]))
            d_loss = step(adam[D], D, discriminator_loss(logits[: len(picked)], logits[len(picked) :]))
            g_loss = step(adam[G], G, generator_loss(D(fake)))
            sums = [sums[0] + len(picked) * d_loss, sums[1] + len(picked) * g_loss]
        losses.append((sums[0] / len(order), sums[1] / len(order)))
    return losses


@torch.no_grad()
def mode_coverage(classifier, images):
    if not len(images):
        raise ValueError("`images` is empty")
    flags = [part.training for part in classifier.modules()]
    classifier.train(False)
    try:
        device = next((p.device for p in classifier.parameters()), images.device)
        seen = torch.cat([classifier(few.to(device)) for few in images.split(50)])
    finally:
        for part, flag in zip(classifier.modules(), flags):
            part.training = flag
    return int((nnf.one_hot(seen.argmax(-1), 10).sum(0) > 0).sum())
