"""An autoencoder that can draw new digits.

The code of an autoencoder is a number for each dimension, and between the codes of two images lies no-man's-land. The
variational autoencoder (Kingma and Welling, "Auto-encoding variational Bayes", 2014) gives each image a small cloud
instead: a mean and a variance for each dimension. A code is drawn from the cloud, and the decoder must make the image
from any of them. A second term of the loss, the Kullback-Leibler divergence, pulls all clouds towards the standard
normal distribution, so that a code drawn from that decodes to something like a digit.

Drawing has no gradient, so the draw is written as mu + eps · exp(logvar / 2), where eps comes from outside and the
gradient passes by it. The network gives the logarithm of the variance, which may be any number.

Your task: the network, its loss, the loop that trains it, and `sample`. Both terms of the loss are divided by the
number of pixels of this very batch, of which the last may be smaller. For predictions there is no noise: in eval mode
the code is the mean.
"""

import math

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset


### BEGIN SOLUTION
def _check_count(name, count, at_least):
    if not isinstance(count, int):
        raise TypeError(f"{name} is an int, not {count!r}")
    if count < at_least:
        raise ValueError(f"{name} is at least {at_least}, not {count}")


def _check_rate(name, rate):
    if not isinstance(rate, (int, float)):
        raise TypeError(f"{name} is a number, not {rate!r}")
    if not 0 <= rate < math.inf:
        raise ValueError(f"{name} is finite and at least 0, not {rate}")


### END SOLUTION


class Autoencoder(nn.Module):
    """Fully-connected: 784 → 350, from there a mean and a log-variance of size zdim, then zdim → 350 → 784.

    Create the layers in this order, that of the mean before that of the log-variance. zdim: ≥ 1. Raises ValueError for
    a smaller one, TypeError for one that is no int.
    """

    def __init__(self, zdim: int = 25) -> None:
        super().__init__()
        ### BEGIN SOLUTION
        _check_count("zdim", zdim, at_least=1)
        self.zdim = zdim
        self.fc1 = nn.Linear(28 * 28, 350)
        self.fc2m = nn.Linear(350, zdim)
        self.fc2s = nn.Linear(350, zdim)
        self.fc3 = nn.Linear(zdim, 350)
        self.fc4 = nn.Linear(350, 28 * 28)
        ### END SOLUTION

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """x: (N, 1, 28, 28) or (N, 784), in [0, 1]. Returns mean and log-variance, (N, zdim) each; a ReLU before."""
        ### BEGIN SOLUTION
        hidden = torch.relu(self.fc1(x.flatten(start_dim=1)))  # (N, 350)
        return self.fc2m(hidden), self.fc2s(hidden)
        ### END SOLUTION

    def reparameterize(self, mu: Tensor, logvar: Tensor) -> Tensor:
        """A code for each row: mu + eps · exp(logvar / 2) in train mode, mu in eval mode.

        eps comes from the standard normal distribution, for each element on its own, by torch's global generator.
        """
        ### BEGIN SOLUTION
        if not self.training:
            return mu
        return mu + torch.randn_like(mu) * torch.exp(logvar / 2)
        ### END SOLUTION

    def decode(self, z: Tensor) -> Tensor:
        """z: (N, zdim). Returns images (N, 784) in [0, 1]: a ReLU after the first layer, a sigmoid after the second."""
        ### BEGIN SOLUTION
        return torch.sigmoid(self.fc4(torch.relu(self.fc3(z))))
        ### END SOLUTION

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """x: as for encode. Returns reconstructions (N, 784), means and log-variances."""
        ### BEGIN SOLUTION
        mu, logvar = self.encode(x)
        return self.decode(self.reparameterize(mu, logvar)), mu, logvar
        ### END SOLUTION


def loss_function(recon_x: Tensor, x: Tensor, mu: Tensor, logvar: Tensor) -> Tensor:
    """Binary cross-entropy, the mean over all N · 784 numbers, plus the divergence divided by N · 784; a scalar.

    recon_x: (N, 784); x: (N, 1, 28, 28) or (N, 784); mu, logvar: (N, zdim).
    The divergence from the standard normal distribution is -½ Σ (1 + logvar - mu² - exp(logvar)), over all elements.
    """
    ### BEGIN SOLUTION
    bce = nn.functional.binary_cross_entropy(recon_x, x.flatten(start_dim=1))
    divergence = -0.5 * torch.sum(1 + logvar - mu.square() - logvar.exp())
    return bce + divergence / recon_x.numel()
    ### END SOLUTION


def train(
    model: nn.Module,
    data: Dataset,
    num_epochs: int = 1,
    batch_size: int = 64,
    learning_rate: float = 1e-3,
    device: torch.device | str | None = None,
) -> list[float]:
    """Train the model on shuffled mini-batches by loss_function and Adam.

    model: gives reconstructions, means and log-variances, as Autoencoder does; data: samples of
    (image (1, 28, 28), label), whose labels are not used; num_epochs: ≥ 0, where 0 changes nothing; batch_size: ≥ 1,
    the last mini-batch of an epoch may be smaller; learning_rate: finite and ≥ 0; device: where to train, and where
    the model then stays, or None for where it is.

    Returns the mean loss over the samples of each epoch, each taken from its own mini-batch.
    Raises ValueError for data without samples or a number out of range, TypeError for a number of the wrong type.
    """
    ### BEGIN SOLUTION
    _check_count("num_epochs", num_epochs, at_least=0)
    _check_count("batch_size", batch_size, at_least=1)
    _check_rate("learning_rate", learning_rate)
    if len(data) == 0:
        raise ValueError("data has no samples")
    if device is not None:
        model.to(device)
    device = next(model.parameters()).device

    loader = DataLoader(data, batch_size, shuffle=True)
    optimizer = torch.optim.Adam(model.parameters(), lr=learning_rate)
    losses = []
    for _ in range(num_epochs):
        model.train()
        total = 0.0
        for images, _ in loader:
            images = images.to(device)  # (B, 1, 28, 28)
            recon, mu, logvar = model(images)
            loss = loss_function(recon, images, mu, logvar)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item() * len(images)
        losses.append(total / len(data))
    return losses
    ### END SOLUTION


def sample(model: Autoencoder, n: int, generator: torch.Generator | None = None) -> Tensor:
    """Decode n codes drawn from the standard normal distribution: images (n, 1, 28, 28) in [0, 1], without gradients.

    n: ≥ 1; generator: a generator of the CPU to draw from in place of torch's global one, which then stays untouched.
    Afterwards every submodule is in the mode in which it was before.
    Raises ValueError for n below 1, TypeError for one that is no int.
    """
    ### BEGIN SOLUTION
    _check_count("n", n, at_least=1)
    z = torch.randn(n, model.zdim, generator=generator)  # on the CPU, where the generator is
    with torch.no_grad():
        return model.decode(z.to(next(model.parameters()).device)).view(n, 1, 28, 28)
    ### END SOLUTION
