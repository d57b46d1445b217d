"""Functional convolutions on parameters of layers that are never called; gradients by autograd.grad."""

import math

import torch
import torch.nn.functional as nnf
from torch import nn
from torch.utils.data import BatchSampler, DataLoader, RandomSampler

DOWN = [(1, 16, 3, 2, 1), (16, 32, 3, 2, 1), (32, 64, 7, 1, 0)]  # channels in and out, kernel, stride, padding
UP = [(64, 32, 7, 1, 0), (32, 16, 3, 2, 1), (16, 1, 3, 2, 1)]


class Autoencoder(nn.Module):
    def __init__(self):
        super().__init__()
        layers = [nn.Conv2d(*row[:3]) for row in DOWN] + [nn.ConvTranspose2d(*row[:3]) for row in UP]
        self.numbers = nn.ParameterList(number for layer in layers for number in (layer.weight, layer.bias))

    def forward(self, x):
        pairs = list(zip(self.numbers[::2], self.numbers[1::2]))
        for (weight, bias), (*_, stride, padding) in zip(pairs[:3], DOWN):
            x = nnf.relu(x) if weight.shape[1] > 1 else x
            x = nnf.conv2d(x, weight, bias, stride=stride, padding=padding)
        for (weight, bias), (*_, stride, padding) in zip(pairs[3:], UP):
            x = x if weight.shape[0] == 64 else nnf.relu(x)
            x = nnf.conv_transpose2d(x, weight, bias, stride, padding, output_padding=stride - 1)
        return torch.sigmoid(x)


def train(model, data, num_epochs=5, batch_size=64, learning_rate=1e-3, device=None):
    for name, count, low in (("num_epochs", num_epochs, 0), ("batch_size", batch_size, 1)):
        if type(count) is not int:
            raise TypeError(name)
        if count < low:
            raise ValueError(name)
    if isinstance(learning_rate, str):
        raise TypeError("learning_rate")
    if learning_rate < 0 or math.isinf(learning_rate) or math.isnan(learning_rate):
        raise ValueError("learning_rate")
    if len(data) == 0:
        raise ValueError("data")
    model.to(device or next(model.parameters()).device)
    weights = list(model.parameters())
    adam = torch.optim.Adam([{"params": weights}], lr=learning_rate, weight_decay=1e-5)
    loader = DataLoader(data, batch_sampler=BatchSampler(RandomSampler(data), batch_size, drop_last=False))
    outputs = []
    for epoch in range(num_epochs):
        kept = None
        for batch, _ in loader:
            for module in model.modules():
                module.training = True
            x = batch.to(weights[0].device)
            made = model(x)
            for weight, slope in zip(weights, torch.autograd.grad(nnf.mse_loss(made, x), weights)):
                weight.grad = slope
            adam.step()
            kept = kept or (epoch, x.cpu(), made.detach().cpu())
        outputs += [kept]
    return outputs
