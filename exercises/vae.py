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


class Autoencoder(nn.Module):
    """Fully-connected: 784 → 350, from there a mean and a log-variance of size zdim, then zdim → 350 → 784.

    Create the layers in this order, that of the mean before that of the log-variance. zdim: ≥ 1. Raises ValueError for
    a smaller one, TypeError for one that is no int.
    """

    def __init__(self, zdim: int = 25) -> None:
        super().__init__()
        # Your code here.
        raise NotImplementedError("Autoencoder.__init__ is not implemented yet")

    def encode(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """x: (N, 1, 28, 28) or (N, 784), in [0, 1]. Returns mean and log-variance, (N, zdim) each; a ReLU before."""
        # Your code here.
        raise NotImplementedError("Autoencoder.encode is not implemented yet")

    def reparameterize(self, mu: Tensor, logvar: Tensor) -> Tensor:
        """A code for each row: mu + eps · exp(logvar / 2) in train mode, mu in eval mode.

        eps comes from the standard normal distribution, for each element on its own, by torch's global generator.
        """
        # Your code here.
        raise NotImplementedError("Autoencoder.reparameterize is not implemented yet")

    def decode(self, z: Tensor) -> Tensor:
        """z: (N, zdim). Returns images (N, 784) in [0, 1]: a ReLU after the first layer, a sigmoid after the second."""
        # Your code here.
        raise NotImplementedError("Autoencoder.decode is not implemented yet")

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """x: as for encode. Returns reconstructions (N, 784), means and log-variances."""
        # Your code here.
        raise NotImplementedError("Autoencoder.forward is not implemented yet")


def loss_function(recon_x: Tensor, x: Tensor, mu: Tensor, logvar: Tensor) -> Tensor:
    """Binary cross-entropy, the mean over all N · 784 numbers, plus the divergence divided by N · 784; a scalar.

    recon_x: (N, 784); x: (N, 1, 28, 28) or (N, 784); mu, logvar: (N, zdim).
    The divergence from the standard normal distribution is -½ Σ (1 + logvar - mu² - exp(logvar)), over all elements.
    """
    # Your code here.
    raise NotImplementedError("loss_function is not implemented yet")


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
    # Your code here.
    raise NotImplementedError("train is not implemented yet")


def sample(model: Autoencoder, n: int, generator: torch.Generator | None = None) -> Tensor:
    """Decode n codes drawn from the standard normal distribution: images (n, 1, 28, 28) in [0, 1], without gradients.

    n: ≥ 1; generator: a generator of the CPU to draw from in place of torch's global one, which then stays untouched.
    Afterwards every submodule is in the mode in which it was before.
    Raises ValueError for n below 1, TypeError for one that is no int.
    """
    # Your code here.
    raise NotImplementedError("sample is not implemented yet")
