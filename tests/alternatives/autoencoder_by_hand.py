"""Images in one tensor, cut along a permutation; the first mini-batch is reconstructed at last, in train mode."""

import torch
from torch import nn
from torch.nn.functional import linear


def _number(name, value, kinds, low):
    if isinstance(value, bool) or not isinstance(value, kinds):
        raise TypeError(f"{name} is of type {type(value).__name__}")
    if not low <= value < float("inf"):
        raise ValueError(f"{name} = {value}")


class Autoencoder(nn.Module):
    def __init__(self, encoding_dim=32, pixels=28 * 28):
        super().__init__()
        _number("encoding_dim", encoding_dim, int, 1)
        self.pixels = pixels
        for name, inputs, outputs in (("down", pixels, encoding_dim), ("up", encoding_dim, pixels)):
            layer = nn.Linear(inputs, outputs)
            self.register_parameter(f"{name}_weight", layer.weight)
            self.register_parameter(f"{name}_bias", layer.bias)

    def forward(self, img):
        flat = img.reshape(img.shape[0], self.pixels)
        code = linear(flat, self.down_weight, self.down_bias).clamp_min(0)
        return 1 / (1 + (-linear(code, self.up_weight, self.up_bias)).exp())


def train(model, data, num_epochs=5, batch_size=64, learning_rate=1e-3, device=None):
    _number("num_epochs", num_epochs, int, 0)
    _number("batch_size", batch_size, int, 1)
    _number("learning_rate", learning_rate, (int, float), 0)
    count = len(data)
    if count == 0:
        raise ValueError("data is empty")
    if device:
        model.to(torch.device(device))
    weights = list(model.parameters())
    images = torch.stack([data[i][0] for i in range(count)]).to(weights[0].device)
    optimizer = torch.optim.Adam(weights, lr=learning_rate, weight_decay=1e-5)
    outputs = []
    for epoch in range(num_epochs):
        model.train()
        batches = images[torch.randperm(count)].split(batch_size)
        for batch in batches:
            loss = (model(batch) - batch.flatten(1)).square().mean()
            for weight, slope in zip(weights, torch.autograd.grad(loss, weights)):
                weight.grad = slope
            optimizer.step()
        outputs.append((epoch, batches[0].flatten(1), model(batches[0]).detach()))
    return outputs
