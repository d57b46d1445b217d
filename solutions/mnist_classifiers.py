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
        ### BEGIN SOLUTION
        self.fc1 = nn.Linear(28 * 28, 50)
        self.fc2 = nn.Linear(50, 20)
        self.fc3 = nn.Linear(20, 10)
        ### END SOLUTION

    def forward(self, images: Tensor) -> Tensor:
        """images: (N, 1, 28, 28), (N, 28, 28) or (N, 784), in [0, 1]. Returns logits (N, 10)."""
        ### BEGIN SOLUTION
        x = images.flatten(start_dim=1)  # (N, 784)
        x = torch.relu(self.fc1(x))  # (N, 50)
        x = torch.relu(self.fc2(x))  # (N, 20)
        return self.fc3(x)
        ### END SOLUTION


class CNN_MNISTClassifier(nn.Module):
    """Convolutional: conv 1 → 5, pool, conv 5 → 10, pool, then fully-connected 160 → 32 → 10.

    Both convolutions have 5 × 5 kernels and no padding, both poolings take the maximum of 2 × 2. A ReLU follows each
    convolution and the first fully-connected layer.
    """

    def __init__(self) -> None:
        super().__init__()
        ### BEGIN SOLUTION
        self.conv1 = nn.Conv2d(1, 5, kernel_size=5)
        self.pool = nn.MaxPool2d(2)
        self.conv2 = nn.Conv2d(5, 10, kernel_size=5)
        self.fc1 = nn.Linear(10 * 4 * 4, 32)
        self.fc2 = nn.Linear(32, 10)
        ### END SOLUTION

    def forward(self, images: Tensor) -> Tensor:
        """images: (N, 1, 28, 28), in [0, 1]. Returns logits (N, 10)."""
        ### BEGIN SOLUTION
        x = self.pool(torch.relu(self.conv1(images)))  # (N, 5, 12, 12)
        x = self.pool(torch.relu(self.conv2(x)))  # (N, 10, 4, 4)
        x = x.flatten(start_dim=1)  # (N, 160)
        x = torch.relu(self.fc1(x))  # (N, 32)
        return self.fc2(x)
        ### END SOLUTION
