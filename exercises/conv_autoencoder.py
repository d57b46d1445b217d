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


class Autoencoder(nn.Module):
    """Six layers, in this order, a ReLU after each of them but the third and the last, which a sigmoid follows.

    encoder: conv 1 → 16 and 16 → 32, both with 3 × 3 kernels, stride 2 and padding 1; conv 32 → 64 with a 7 × 7 kernel.
    decoder: transposed conv 64 → 32 with a 7 × 7 kernel; transposed conv 32 → 16 and 16 → 1, both with 3 × 3 kernels,
    stride 2, padding 1 and output_padding 1.
    """

    def __init__(self) -> None:
        super().__init__()
        # Your code here.
        raise NotImplementedError("Autoencoder.__init__ is not implemented yet")

    def forward(self, images: Tensor) -> Tensor:
        """images: (N, 1, 28, 28), in [0, 1]. Returns their reconstructions, of the same shape and range."""
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

    Returns (epoch, images (B, 1, 28, 28), reconstructions of the same shape) for each epoch, counted from 0: some
    mini-batch of that epoch and what the model made of it during the epoch or right after, detached.
    Raises ValueError for data without samples or a number out of range, TypeError for a number of the wrong type.
    """
    # Your code here.
    raise NotImplementedError("train is not implemented yet")
