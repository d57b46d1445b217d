"""Six named layers; images in one tensor, cut along a permutation; the first mini-batch is reconstructed at last."""

from numbers import Integral, Real

import torch
from torch import nn


class Autoencoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.down1 = nn.Conv2d(1, 16, kernel_size=3, stride=2, padding=1)
        self.down2 = nn.Conv2d(16, 32, kernel_size=3, stride=2, padding=1)
        self.code = nn.Conv2d(32, 64, kernel_size=7)
        self.up1 = nn.ConvTranspose2d(64, 32, kernel_size=7)
        self.up2 = nn.ConvTranspose2d(32, 16, kernel_size=3, stride=2, padding=1, output_padding=1)
        self.up3 = nn.ConvTranspose2d(16, 1, kernel_size=3, stride=2, padding=1, output_padding=1)

    def forward(self, x):
        x = self.code(self.down2(self.down1(x).relu()).relu())
        x = self.up3(self.up2(self.up1(x).relu()).relu())
        return x.sigmoid()


def see(name, value, kind, low):
    if not isinstance(value, kind):
        raise TypeError(f"{name} has a wrong type")
    if not low <= value < float("inf"):
        raise ValueError(f"{name} has a wrong value")


def train(model, data, num_epochs=5, batch_size=64, learning_rate=1e-3, device=None):
    see("num_epochs", num_epochs, Integral, 0)
    see("batch_size", batch_size, Integral, 1)
    see("learning_rate", learning_rate, Real, 0)
    if not len(data):
        raise ValueError("data is empty")
    if device is not None:
        model.to(device)
    weights = list(model.parameters())
    images = torch.stack([data[i][0] for i in range(len(data))])
    optimizer = torch.optim.Adam(weights, learning_rate, weight_decay=1e-5, foreach=False)
    outputs = []
    for epoch in range(num_epochs):
        batches = images[torch.randperm(len(images))].split(batch_size)
        for batch in batches:
            batch = batch.to(weights[0].device)
            loss = (model.train()(batch) - batch).pow(2).mean()
            optimizer.zero_grad(set_to_none=False)
            loss.backward()
            optimizer.step()
        first = batches[0].to(weights[0].device)
        outputs.append((epoch, first, model(first).detach()))
    return outputs
