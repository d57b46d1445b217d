"""Images that fool a network.

A network that reads digits well can be led to any answer by a perturbation that a person hardly sees (Szegedy et al.,
"Intriguing properties of neural networks", 2014). The trick is the training loop turned around: the weights stay, and
the image is what gradient descent changes. The noise n is optimised so that the model classifies clamp(x + n, 0, 1) as
the target, by the cross-entropy with that target; weight decay pulls n towards zero, so that it stays small.

Your task: build two networks, train them for a given number of updates, and attack them. The attack is a guest: it runs
in eval mode, and the model's weights, gradients and modes are afterwards what they were.

Create the layers in the order in which the text names them. All randomness comes from torch's global generator, which
is yours to use but not to seed.
"""

import math

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset


class FCNet(nn.Module):
    """Fully-connected: 784 → 50 → 20 → 10, with a ReLU after the first and the second layer."""

    def __init__(self) -> None:
        super().__init__()
        # Your code here.
        raise NotImplementedError("FCNet.__init__ is not implemented yet")

    def forward(self, images: Tensor) -> Tensor:
        """images: (N, 1, 28, 28), in [0, 1]. Returns logits (N, 10)."""
        # Your code here.
        raise NotImplementedError("FCNet.forward is not implemented yet")


class ConvNet(nn.Module):
    """Convolutional: conv 1 → 5, pool, conv 5 → 10, pool, then fully-connected 490 → 32 → 10.

    Both convolutions have 5 × 5 kernels and a padding of 2, both poolings take the maximum of 2 × 2. A ReLU follows
    each convolution and the first fully-connected layer.
    """

    def __init__(self) -> None:
        super().__init__()
        # Your code here.
        raise NotImplementedError("ConvNet.__init__ is not implemented yet")

    def forward(self, images: Tensor) -> Tensor:
        """images: (N, 1, 28, 28), in [0, 1]. Returns logits (N, 10)."""
        # Your code here.
        raise NotImplementedError("ConvNet.forward is not implemented yet")


def train(
    model: nn.Module,
    data: Dataset,
    batch_size: int = 64,
    lr: float = 0.001,
    num_iters: int = 1000,
    print_every: int = 100,
) -> list[float]:
    """Train the model by cross-entropy and Adam for exactly `num_iters` updates, over as many epochs as that takes.

    data: samples of (image (1, 28, 28), label int), shuffled anew each epoch; batch_size: ≥ 1, the last mini-batch of
    an epoch may be smaller; lr: finite and ≥ 0; num_iters: ≥ 0, where 0 changes nothing; print_every: ≥ 1.
    Trains on the model's device, with every module in train mode.

    Returns the mean loss of every full `print_every` updates, as floats: num_iters // print_every of them.
    Raises ValueError for data without samples or a number out of range, TypeError for a number of the wrong type.
    """
    # Your code here.
    raise NotImplementedError("train is not implemented yet")


def create_adversarial_example(
    model: nn.Module,
    image: Tensor,
    target_label: int,
    num_steps: int = 1000,
    lr: float = 0.01,
    weight_decay: float = 1.0,
    epsilon: float | None = None,
) -> Tensor:
    """An image like the given one, which the model classifies as the target.

    model: images (N, 1, 28, 28) → logits (N, 10), on any device; image: (1, 28, 28) in [0, 1]; target_label: 0 … 9;
    num_steps: ≥ 0, where 0 gives the image; lr, weight_decay: finite and ≥ 0; epsilon: None, or how far each pixel may
    move, finite and ≥ 0.
    The noise starts at 0.01 · a standard normal draw for each pixel. Adam with the given rate and weight decay lowers
    the cross-entropy of the model's logits for clamp(image + noise, 0, 1) with the target. With epsilon, no pixel of
    the result differs from the image by more.
    The model runs in eval mode. Its parameters, their gradients (also absent ones), what of it is trainable, and the
    mode of every submodule are the same afterwards, also if it raises. The caller's image stays as it is.

    Returns (1, 28, 28) in [0, 1], without gradients. Raises ValueError for a number out of range, TypeError for one of
    the wrong type.
    """
    # Your code here.
    raise NotImplementedError("create_adversarial_example is not implemented yet")
