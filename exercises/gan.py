"""Two networks that teach each other by competing.

The generator turns random noise into images; the discriminator tells real images from generated ones. Each is the
other's loss function: the discriminator learns to see the difference, the generator to make it vanish (Goodfellow et
al., "Generative adversarial nets", 2014). The generator's loss is the flipped one of that paper's section 3: it raises
the chance that its images are taken for real, which still has a slope when the discriminator is sure.

Your task: build both networks, write both losses and the training in turns. Mind whom each step moves: the
discriminator's step must not reach the generator (detach its images), and the generator's step passes through the
discriminator but leaves it as it is. Real images come in [0, 1] and are rescaled to [-1, 1], where tanh puts the
generated ones. At last, measure what goes wrong most often: a generator that has collapsed draws one digit for ever.

Create the layers in the order in which the text names them. All randomness comes from torch's global generator, which
is yours to use but not to seed.
"""

import math

import torch
from torch import Tensor, nn
from torch.nn.functional import binary_cross_entropy_with_logits, dropout, leaky_relu
from torch.utils.data import DataLoader, Dataset


class Discriminator(nn.Module):
    """784 → 128 → 64 → 32 → 1; a leaky ReLU (slope 0.2) and a dropout of 0.3 follow each of the first three layers."""

    def __init__(self) -> None:
        super().__init__()
        # Your code here.
        raise NotImplementedError("Discriminator.__init__ is not implemented yet")

    def forward(self, images: Tensor) -> Tensor:
        """images: (N, 1, 28, 28) or (N, 784), in [-1, 1]. Returns logits (N, 1), high for what looks real."""
        # Your code here.
        raise NotImplementedError("Discriminator.forward is not implemented yet")


class Generator(nn.Module):
    """noise_dim → 32 → 64 → 128 → 784, then tanh; leaky ReLU and dropout as in the discriminator."""

    def __init__(self, noise_dim: int = 100) -> None:
        super().__init__()
        # Your code here.
        raise NotImplementedError("Generator.__init__ is not implemented yet")

    def forward(self, noise: Tensor) -> Tensor:
        """noise: (N, noise_dim). Returns images (N, 784) in [-1, 1]."""
        # Your code here.
        raise NotImplementedError("Generator.forward is not implemented yet")


def discriminator_loss(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """The mean binary cross-entropy of real images with label 1, plus that of generated ones with label 0.

    real_logits, fake_logits: (N, 1), straight from the discriminator. Returns a scalar tensor with gradients.
    """
    # Your code here.
    raise NotImplementedError("discriminator_loss is not implemented yet")


def generator_loss(fake_logits: Tensor) -> Tensor:
    """The mean binary cross-entropy of generated images with the flipped label 1.

    fake_logits: (N, 1), straight from the discriminator. Returns a scalar tensor with gradients.
    """
    # Your code here.
    raise NotImplementedError("generator_loss is not implemented yet")


def train(
    G: nn.Module,
    D: nn.Module,
    data: Dataset,
    lr: float = 0.002,
    batch_size: int = 64,
    num_epochs: int = 20,
    noise_dim: int = 100,
    device: torch.device | str | None = None,
) -> list[tuple[float, float]]:
    """Train both networks in turns: for each shuffled mini-batch one step of D, then one of G, each by its own Adam.

    G: noise (N, noise_dim) → images (N, 784); D: images (N, 1, 28, 28) or (N, 784) → logits (N, 1); data: samples of
    (image (1, 28, 28) in [0, 1], label), where labels play no part; lr: finite and ≥ 0; batch_size, noise_dim: ≥ 1, the
    last mini-batch of an epoch may be smaller; num_epochs: ≥ 0, where 0 changes nothing; device: where to train, and
    where both then stay, or None for where they are.
    D sees the images rescaled to [-1, 1], and as many generated ones; each of these has noise of its own, uniform in
    [-1, 1]. Both networks are in train mode throughout. The step of D leaves G's gradients as they were.

    Returns (d_loss, g_loss) for each epoch, two floats: the means over the samples, as they were before each step.
    Raises ValueError for data without samples or a number out of range, TypeError for a number of the wrong type.
    """
    # Your code here.
    raise NotImplementedError("train is not implemented yet")


def mode_coverage(classifier: nn.Module, images: Tensor) -> int:
    """How many of the ten classes the classifier sees among the images: 1 tells of a generator that has collapsed.

    classifier: images (N, 1, 28, 28) in [0, 1] → logits (N, 10), on any device; it classifies in eval mode, and
    afterwards every submodule is in the mode in which it was before, also if it raises. images: N ≥ 1.
    Raises ValueError if there are no images.
    """
    # Your code here.
    raise NotImplementedError("mode_coverage is not implemented yet")
