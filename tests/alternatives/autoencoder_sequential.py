"""One nn.Sequential; the last mini-batch of an epoch is reconstructed once more after the epoch, in eval mode."""

import math
from numbers import Integral, Real

import torch
from torch import nn, optim
from torch.utils.data import BatchSampler, DataLoader, RandomSampler


def whole(low, **counts):
    for name, count in counts.items():
        if not isinstance(count, Integral):
            raise TypeError(f"{name} has to be whole")
        if count < low:
            raise ValueError(f"{name} has to be at least {low}")


class Autoencoder(nn.Sequential):
    def __init__(self, encoding_dim=32):
        whole(1, encoding_dim=encoding_dim)
        super().__init__(
            nn.Flatten(), nn.Linear(784, encoding_dim), nn.ReLU(), nn.Linear(encoding_dim, 784), nn.Sigmoid()
        )


def train(model, data, num_epochs=5, batch_size=64, learning_rate=1e-3, device=None):
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
    criterion = nn.MSELoss()
    adam = optim.Adam([{"params": model.parameters()}], learning_rate, weight_decay=0.00001)
    loader = DataLoader(data, batch_sampler=BatchSampler(RandomSampler(data), batch_size, False))
    kept = []
    for epoch in range(num_epochs):
        for module in model.modules():
            module.training = True
        for images, _ in loader:
            model.zero_grad()
            images = images.to(place)
            criterion(model(images), images.view(len(images), -1)).backward()
            adam.step()
        model.eval()
        with torch.inference_mode():
            kept += [(epoch, images.cpu().flatten(1), model(images).cpu())]
    return kept
