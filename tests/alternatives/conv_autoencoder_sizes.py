"""The sizes on the way back are named, not padded; one nn.ModuleList; eval mode and no gradients for the outputs."""

import itertools

from torch import nn, no_grad, optim
from torch.utils.data import DataLoader


class Autoencoder(nn.Module):
    def __init__(self, channels=(1, 16, 32, 64)):
        super().__init__()
        down = [{"kernel_size": 3, "stride": 2, "padding": 1}] * 2 + [{"kernel_size": 7}]
        pairs = list(itertools.pairwise(channels))
        self.shrink = nn.ModuleList(nn.Conv2d(*pair, **how) for pair, how in zip(pairs, down))
        self.grow = nn.ModuleList(nn.ConvTranspose2d(*pair[::-1], **how) for pair, how in zip(pairs[::-1], down[::-1]))

    def forward(self, x):
        sizes = []
        for number, layer in enumerate(self.shrink):
            sizes.append(x.shape[-2:])
            x = layer(x if number == 0 else x.clamp(min=0))
        for number, layer in enumerate(self.grow):
            x = layer(x if number == 0 else x.clamp(min=0), output_size=sizes.pop())
        return nn.functional.sigmoid(x)


def train(model, data, num_epochs=5, batch_size=64, learning_rate=1e-3, device=None, progress=False):
    if not isinstance(num_epochs, int) or not isinstance(batch_size, int):
        raise TypeError("num_epochs and batch_size are whole numbers")
    if num_epochs < 0 or batch_size < 1:
        raise ValueError("num_epochs or batch_size is too small")
    if not isinstance(learning_rate, (int, float)):
        raise TypeError("learning_rate is a number")
    if not 0 <= learning_rate <= 1e9:
        raise ValueError("learning_rate is out of range")
    if len(data) < 1:
        raise ValueError("no samples in data")
    if device is not None:
        model = model.to(device)
    where = next(iter(model.parameters())).device
    loader, measure = DataLoader(data, shuffle=True, batch_size=batch_size), nn.MSELoss()
    optimizer = optim.Adam(model.parameters(), weight_decay=1e-5, lr=learning_rate)

    outputs = []
    for epoch in range(num_epochs):
        model.train()
        for images, _ in loader:
            optimizer.zero_grad()
            images = images.to(where)
            measure(model(images), images).backward()
            optimizer.step()
        model.eval()
        with no_grad():
            outputs.append((epoch, images, model(images)))
        if progress:
            print(f"epoch {epoch}: {measure(*outputs[-1][1:]):.4f}")
    return outputs
