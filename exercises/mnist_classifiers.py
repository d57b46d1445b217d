"""Two networks that read handwritten digits.

The fully-connected network sees an image as 784 numbers in a row: every pixel has its own weights, and what is learnt
about a stroke in one corner says nothing about the same stroke elsewhere. The convolutional network slides small
kernels over the image, so a stroke is recognised wherever it is, with fewer weights: 6,872 against 40,480. The second
is a small relative of LeNet (LeCun et al., "Gradient-based learning applied to document recognition", 1998).

Your task: build both as nn.Module. Give logits, one for each of the ten digits, and no softmax: the loss of the next
exercise takes it into account. Create the layers in the order in which the text names them. Take care to flatten each
image on its own: a batch of N images gives N rows, always.
"""

import torch
from torch import Tensor, nn


class ANN_MNISTClassifier(nn.Module):
    """Fully-connected: 784 → 50 → 20 → 10, with a ReLU after the first and the second layer."""

    def __init__(self) -> None:
        super().__init__()
        # Your code here.
        raise NotImplementedError("ANN_MNISTClassifier.__init__ is not implemented yet")

    def forward(self, images: Tensor) -> Tensor:
        """images: (N, 1, 28, 28), (N, 28, 28) or (N, 784), in [0, 1]. Returns logits (N, 10)."""
        # Your code here.
        raise NotImplementedError("ANN_MNISTClassifier.forward is not implemented yet")


class CNN_MNISTClassifier(nn.Module):
    """Convolutional: conv 1 → 5, pool, conv 5 → 10, pool, then fully-connected 160 → 32 → 10.

    Both convolutions have 5 × 5 kernels and no padding, both poolings take the maximum of 2 × 2. A ReLU follows each
    convolution and the first fully-connected layer.
    """

    def __init__(self) -> None:
        super().__init__()
        # Your code here.
        raise NotImplementedError("CNN_MNISTClassifier.__init__ is not implemented yet")

    def forward(self, images: Tensor) -> Tensor:
        """images: (N, 1, 28, 28), in [0, 1]. Returns logits (N, 10)."""
        # Your code here.
        raise NotImplementedError("CNN_MNISTClassifier.forward is not implemented yet")
