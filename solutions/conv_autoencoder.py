"""An autoencoder made of convolutions alone.

The fully-connected autoencoder sees an image as a row of numbers. This one keeps rows and columns: strided convolutions
shrink the image step by step to a code of 64 numbers, and transposed convolutions make it grow again. A transposed
convolution is no inverse; it is the map that carries gradients back through a convolution, used forwards (Dumoulin and
Visin, "A guide to convolution arithmetic for deep learning", 2016). With stride 2 several sizes shrink to the same one,
so on the way back `output_padding` has to say which of them is meant.

    28 × 28 → 14 × 14 → 7 × 7 → 1 × 1 → 7 × 7 → 14 × 14 → 28 × 28

Your task: the network, and the loop that trains it as in the exercise before, with images that stay four-dimensional.
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
    """Six layers, in this order, a ReLU after each of them but the third and the last, which a sigmoid follows.

    encoder: conv 1 → 16 and 16 → 32, both with 3 × 3 kernels, stride 2 and padding 1; conv 32 → 64 with a 7 × 7 kernel.
    decoder: transposed conv 64 → 32 with a 7 × 7 kernel; transposed conv 32 → 16 and 16 → 1, both with 3 × 3 kernels,
    stride 2, padding 1 and output_padding 1.
    """

    def __init__(self) -> None:
        super().__init__()
        ### BEGIN SOLUTION
        self.encoder = nn.Sequential(
            nn.Conv2d(1, 16, 3, stride=2, padding=1),  # (N, 16, 14, 14)
            nn.ReLU(),
            nn.Conv2d(16, 32, 3, stride=2, padding=1),  # (N, 32, 7, 7)
            nn.ReLU(),
            nn.Conv2d(32, 64, 7),  # (N, 64, 1, 1)
        )
        self.decoder = nn.Sequential(
            nn.ConvTranspose2d(64, 32, 7),  # (N, 32, 7, 7)
            nn.ReLU(),
            nn.ConvTranspose2d(32, 16, 3, stride=2, padding=1, output_padding=1),  # (N, 16, 14, 14)
            nn.ReLU(),
            nn.ConvTranspose2d(16, 1, 3, stride=2, padding=1, output_padding=1),  # (N, 1, 28, 28)
            nn.Sigmoid(),
        )
        ### END SOLUTION

    def forward(self, images: Tensor) -> Tensor:
        """images: (N, 1, 28, 28), in [0, 1]. Returns their reconstructions, of the same shape and range."""
        ### BEGIN SOLUTION
        return self.decoder(self.encoder(images))
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

    Returns (epoch, images (B, 1, 28, 28), reconstructions of the same shape) for each epoch, counted from 0: some
    mini-batch of that epoch and what the model made of it during the epoch or right after, detached.
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
            images = batch.to(device)  # (B, 1, 28, 28)
            reconstructions = model(images)  # of the same shape
            loss = nn.functional.mse_loss(reconstructions, images)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        outputs.append((epoch, images, reconstructions.detach()))
    return outputs
    ### END SOLUTION
