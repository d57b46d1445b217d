"""Both networks as nn.Sequential; fresh noise for each step, and D's step takes two backward passes."""

import math

import torch
from torch import nn, optim
from torch.utils.data import DataLoader


def block(before, after):
    return [nn.Linear(before, after), nn.LeakyReLU(0.2), nn.Dropout(0.3)]


class Discriminator(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Flatten(), *block(784, 128), *block(128, 64), *block(64, 32), nn.Linear(32, 1))

    def forward(self, x):
        return self.net(x)


class Generator(nn.Sequential):
    def __init__(self, noise_dim=100):
        super().__init__(*block(noise_dim, 32), *block(32, 64), *block(64, 128), nn.Linear(128, 784), nn.Tanh())


criterion = nn.BCEWithLogitsLoss()


def discriminator_loss(real_logits, fake_logits):
    return criterion(real_logits, real_logits.new_ones(real_logits.shape)) + criterion(
        fake_logits, fake_logits.new_zeros(fake_logits.shape)
    )


def generator_loss(fake_logits):
    return criterion(fake_logits, fake_logits.new_ones(fake_logits.shape))


def check(**given):
    for name, value in given.items():
        if name == "lr":
            if isinstance(value, str):
                raise TypeError("lr: a number is needed")
            if not math.isfinite(value) or value < 0:
                raise ValueError("lr: negative or not finite")
        else:
            if type(value) is not int:
                raise TypeError(f"{name}: a whole number is needed")
            if value < (name != "num_epochs"):
                raise ValueError(f"{name}: too small")


def train(G, D, data, lr=0.002, batch_size=64, num_epochs=20, noise_dim=100, device=None, progress=False):
    check(lr=lr, batch_size=batch_size, num_epochs=num_epochs, noise_dim=noise_dim)
    if not len(data):
        raise ValueError("data: nothing in it")
    device = next(D.parameters()).device if device is None else torch.device(device)
    G, D = G.to(device), D.to(device)
    d_optimizer, g_optimizer = optim.Adam(D.parameters(), lr), optim.Adam(G.parameters(), lr)
    loader = DataLoader(data, batch_size=batch_size, shuffle=True)

    def noise(n):
        return torch.empty(n, noise_dim, device=device).uniform_(-1, 1)

    losses = []
    for epoch in range(num_epochs):
        D.train()
        G.train()
        d_sum, g_sum, seen = 0, 0, 0
        for real, _ in loader:
            real = (real.to(device) - 0.5) / 0.5
            n = len(real)

            d_optimizer.zero_grad()
            on_real = criterion(D(real), torch.ones(n, 1, device=device))
            on_real.backward()
            with torch.no_grad():
                fake = G(noise(n))
            on_fake = criterion(D(fake), torch.zeros(n, 1, device=device))
            on_fake.backward()
            d_optimizer.step()

            g_optimizer.zero_grad()
            g_loss = generator_loss(D(G(noise(n))))
            g_loss.backward()
            g_optimizer.step()

            d_sum += n * (on_real.item() + on_fake.item())
            g_sum += n * g_loss.item()
            seen += n
        losses.append((d_sum / seen, g_sum / seen))
        if progress:
            print(f"{epoch + 1}/{num_epochs}: {losses[-1]}")
    return losses


def mode_coverage(classifier, images):
    if images.shape[0] == 0:
        raise ValueError("images: none")
    before = {part: part.training for part in classifier.modules()}
    try:
        where = next(classifier.parameters()).device
        logits = classifier.eval()(images.to(where))
        return len(set(logits.max(1).indices.tolist()))
    finally:
        for part, mode in before.items():
            part.training = mode
