"""A network that learns to copy its input through a bottleneck.

An autoencoder has to describe an image of 784 pixels by a few numbers, and to draw it again from them. Copying is easy;
copying through 32 numbers is not, so the network must find out what handwritten digits have in common. No labels are
needed: each image is its own target. With linear layers alone it would find the principal components (Baldi and Hornik,
"Neural networks and principal component analysis", 1989); the ReLU lets it do more.

Your task: the network, and the loop that trains it by the mean squared error. Adam takes a weight decay here, which
pulls on every parameter: watch what becomes of the weights of pixels that are black in every image. Shuffle the data
anew each epoch, clear the gradients before each backward pass, keep one optimizer for the whole call, and train where
the model is. Keep a few images and their reconstructions from each epoch, so that progress can be looked at; what is
kept must not hold on to the graph that it was computed with.
"""

import math

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset


class Autoencoder(nn.Module):
    """Fully-connected: 784 → encoding_dim with a ReLU, encoding_dim → 784 with a sigmoid, in this order.

    encoding_dim: ≥ 1. Raises ValueError for a smaller one, TypeError for one that is no int.
    """

    def __init__(self, encoding_dim: int = 32) -> None:
        super().__init__()
        # Your code here.
        raise NotImplementedError("Autoencoder.__init__ is not implemented yet")

    def forward(self, images: Tensor) -> Tensor:
        """images: (N, 1, 28, 28) or (N, 784), in [0, 1]. Returns their reconstructions (N, 784), in [0, 1]."""
        # Your code here.
        raise NotImplementedError("Autoencoder.forward is not implemented yet")


def train(
    model: nn.Module,
    data: Dataset,
    num_epochs: int = 5,
    batch_size: int = 64,
    learning_rate: float = 1e-3,
    device: torch.device | str | None = None,
) -> list[tuple[int, Tensor, Tensor]]:
    """Train the model to reconstruct images, on shuffled mini-batches.

    The loss is the mean squared error over all numbers of a mini-batch, the optimizer Adam with weight decay 1e-5.
    data: samples of (image (1, 28, 28), label), whose labels are not used; num_epochs: ≥ 0, where 0 changes nothing;
    batch_size: ≥ 1, the last mini-batch of an epoch may be smaller; learning_rate: finite and ≥ 0; device: where to
    train, and where the model then stays, or None for where it is.

    Returns (epoch, images (B, 784), reconstructions (B, 784)) for each epoch, counted from 0: some mini-batch of that
    epoch and what the model made of it during the epoch or right after, detached.
    Raises ValueError for data without samples or a number out of range, TypeError for a number of the wrong type.
    """
    # Your code here.
    raise NotImplementedError("train is not implemented yet")
