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
    """Fully-connected: 784 → encoding_dim with a ReLU, encoding_dim → 784 with a sigmoid, in this order.

    encoding_dim: ≥ 1. Raises ValueError for a smaller one, TypeError for one that is no int.
    """

    def __init__(self, encoding_dim: int = 32) -> None:
        super().__init__()
        ### BEGIN SOLUTION
        _check_count("encoding_dim", encoding_dim, at_least=1)
        self.fc1 = nn.Linear(28 * 28, encoding_dim)
        self.fc2 = nn.Linear(encoding_dim, 28 * 28)
        ### END SOLUTION

    def forward(self, images: Tensor) -> Tensor:
        """images: (N, 1, 28, 28) or (N, 784), in [0, 1]. Returns their reconstructions (N, 784), in [0, 1]."""
        ### BEGIN SOLUTION
        x = images.flatten(start_dim=1)  # (N, 784)
        code = torch.relu(self.fc1(x))  # (N, encoding_dim)
        return torch.sigmoid(self.fc2(code))
        ### END SOLUTION


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
    optimizer = torch.optim.Adam(model.parameters(), lr=learning_rate, weight_decay=1e-5)
    outputs = []
    for epoch in range(num_epochs):
        model.train()
        for batch, _ in loader:
            images = batch.to(device).flatten(start_dim=1)  # (B, 784)
            reconstructions = model(images)  # (B, 784)
            loss = nn.functional.mse_loss(reconstructions, images)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        outputs.append((epoch, images, reconstructions.detach()))
    return outputs
    ### END SOLUTION
