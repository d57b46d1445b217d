"""Each step freezes the other network; cross-entropies are written out with logsigmoid."""

import contextlib
import numbers

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.data import BatchSampler, DataLoader, Dataset, RandomSampler


class Discriminator(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.a, self.b, self.c = nn.Linear(784, 128), nn.Linear(128, 64), nn.Linear(64, 32)
        self.out = nn.Linear(32, 1)
        self.act, self.drop = nn.LeakyReLU(0.2, inplace=True), nn.Dropout(0.3)

    def forward(self, x: Tensor) -> Tensor:
        x = torch.flatten(x, 1)
        x = self.drop(self.act(self.a(x)))
        x = self.drop(self.act(self.b(x)))
        x = self.drop(self.act(self.c(x)))
        return self.out(x)


class Generator(nn.Module):
    def __init__(self, noise_dim: int = 100) -> None:
        super().__init__()
        self.a, self.b, self.c = nn.Linear(noise_dim, 32), nn.Linear(32, 64), nn.Linear(64, 128)
        self.out = nn.Linear(128, 784)

    def forward(self, z: Tensor) -> Tensor:
        for layer in (self.a, self.b, self.c):
            z = functional.dropout(functional.leaky_relu(layer(z), negative_slope=0.2), p=0.3, training=self.training)
        return self.out(z).tanh()


def _real(logits: Tensor) -> Tensor:
    return -functional.logsigmoid(logits).mean()


def _fake(logits: Tensor) -> Tensor:
    return -functional.logsigmoid(-logits).mean()


def discriminator_loss(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    return _fake(fake_logits) + _real(real_logits)


generator_loss = _real


@contextlib.contextmanager
def frozen(net: nn.Module):
    wanted = [p.requires_grad for p in net.parameters()]
    net.requires_grad_(False)
    yield
    for p, flag in zip(net.parameters(), wanted):
        p.requires_grad_(flag)


def train(G, D, data: Dataset, lr=0.002, batch_size=64, num_epochs=20, noise_dim=100, device=None):
    for name, value, least in (
        ("batch_size", batch_size, 1),
        ("num_epochs", num_epochs, 0),
        ("noise_dim", noise_dim, 1),
    ):
        if not isinstance(value, numbers.Integral) or value < least:
            raise ValueError(f"{name} = {value!r}")
    if not isinstance(lr, numbers.Real) or not np.isfinite(lr) or lr < 0:
        raise ValueError(f"lr = {lr!r}")
    if len(data) < 1:
        raise ValueError("no samples in data")
    if device is not None:
        G.to(device), D.to(device)
    device = next(iter(D.parameters())).device
    optimizers = [torch.optim.Adam(net.parameters(), lr=lr) for net in (D, G)]
    loader = DataLoader(data, batch_sampler=BatchSampler(RandomSampler(data), batch_size, False))
    history = []
    for _ in range(num_epochs):
        sums = torch.zeros(2, dtype=torch.float64)
        for real, _ in loader:
            G.train(True), D.train(True)
            n = real.size(0)
            real = torch.lerp(torch.tensor(-1.0), torch.tensor(1.0), real).to(device)
            for number, (optimizer, other) in enumerate(zip(optimizers, (G, D))):
                with frozen(other):
                    fake = D(G(torch.rand(n, noise_dim, device=device).mul_(2).sub_(1)))
                    loss = _real(fake) if number else discriminator_loss(D(real), fake)
                    G.zero_grad(), D.zero_grad()
                    loss.backward()
                optimizer.step()
                sums[number] += n * loss.detach().cpu()
        history.append(tuple((sums / len(data)).tolist()))
    return history


def mode_coverage(classifier: nn.Module, images: Tensor) -> int:
    if images.size(0) == 0:
        raise ValueError("images: at least one is needed")
    training = {name for name, part in classifier.named_modules() if part.training}
    try:
        for part in classifier.modules():
            part.training = False
        with torch.inference_mode():
            device = next(iter(classifier.parameters())).device
            return int(torch.unique(classifier(images.to(device)).argmax(1)).numel())
    finally:
        for name, part in classifier.named_modules():
            part.training = name in training
