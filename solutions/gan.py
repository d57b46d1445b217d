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


def _device_of(model):
    """Where the model's numbers are; the CPU for a model without any."""
    numbers = [*model.parameters(), *model.buffers()]
    return numbers[0].device if numbers else torch.device("cpu")


### END SOLUTION


class Discriminator(nn.Module):
    """784 → 128 → 64 → 32 → 1; a leaky ReLU (slope 0.2) and a dropout of 0.3 follow each of the first three layers."""

    def __init__(self) -> None:
        super().__init__()
        ### BEGIN SOLUTION
        self.fc1 = nn.Linear(28 * 28, 128)
        self.fc2 = nn.Linear(128, 64)
        self.fc3 = nn.Linear(64, 32)
        self.fc4 = nn.Linear(32, 1)
        ### END SOLUTION

    def forward(self, images: Tensor) -> Tensor:
        """images: (N, 1, 28, 28) or (N, 784), in [-1, 1]. Returns logits (N, 1), high for what looks real."""
        ### BEGIN SOLUTION
        x = images.flatten(start_dim=1)  # (N, 784)
        for layer in (self.fc1, self.fc2, self.fc3):
            x = dropout(leaky_relu(layer(x), 0.2), 0.3, self.training)
        return self.fc4(x)
        ### END SOLUTION


class Generator(nn.Module):
    """noise_dim → 32 → 64 → 128 → 784, then tanh; leaky ReLU and dropout as in the discriminator."""

    def __init__(self, noise_dim: int = 100) -> None:
        super().__init__()
        ### BEGIN SOLUTION
        self.fc1 = nn.Linear(noise_dim, 32)
        self.fc2 = nn.Linear(32, 64)
        self.fc3 = nn.Linear(64, 128)
        self.fc4 = nn.Linear(128, 28 * 28)
        ### END SOLUTION

    def forward(self, noise: Tensor) -> Tensor:
        """noise: (N, noise_dim). Returns images (N, 784) in [-1, 1]."""
        ### BEGIN SOLUTION
        x = noise
        for layer in (self.fc1, self.fc2, self.fc3):
            x = dropout(leaky_relu(layer(x), 0.2), 0.3, self.training)
        return torch.tanh(self.fc4(x))
        ### END SOLUTION


def discriminator_loss(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """The mean binary cross-entropy of real images with label 1, plus that of generated ones with label 0.

    real_logits, fake_logits: (N, 1), straight from the discriminator. Returns a scalar tensor with gradients.
    """
    ### BEGIN SOLUTION
    real = binary_cross_entropy_with_logits(real_logits, torch.ones_like(real_logits))
    fake = binary_cross_entropy_with_logits(fake_logits, torch.zeros_like(fake_logits))
    return real + fake
    ### END SOLUTION


def generator_loss(fake_logits: Tensor) -> Tensor:
    """The mean binary cross-entropy of generated images with the flipped label 1.

    fake_logits: (N, 1), straight from the discriminator. Returns a scalar tensor with gradients.
    """
    ### BEGIN SOLUTION
    return binary_cross_entropy_with_logits(fake_logits, torch.ones_like(fake_logits))
    ### END SOLUTION


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
    ### BEGIN SOLUTION
    _check_rate("lr", lr)
    _check_count("batch_size", batch_size, at_least=1)
    _check_count("num_epochs", num_epochs, at_least=0)
    _check_count("noise_dim", noise_dim, at_least=1)
    if len(data) == 0:
        raise ValueError("data has no samples")
    if device is not None:
        G.to(device)
        D.to(device)
    device = _device_of(D)

    loader = DataLoader(data, batch_size, shuffle=True)
    d_optimizer = torch.optim.Adam(D.parameters(), lr=lr)
    g_optimizer = torch.optim.Adam(G.parameters(), lr=lr)
    losses = []
    for _ in range(num_epochs):
        G.train()
        D.train()
        d_total = g_total = 0.0
        for images, _ in loader:
            real = images.to(device) * 2 - 1  # [0, 1] → [-1, 1]
            noise = torch.rand(len(real), noise_dim, device=device) * 2 - 1
            fake = G(noise)  # (N, 784)

            d_loss = discriminator_loss(D(real), D(fake.detach()))
            d_optimizer.zero_grad()
            d_loss.backward()
            d_optimizer.step()

            g_loss = generator_loss(D(fake))
            g_optimizer.zero_grad()
            g_loss.backward()
            g_optimizer.step()

            d_total += d_loss.item() * len(real)
            g_total += g_loss.item() * len(real)
        losses.append((d_total / len(data), g_total / len(data)))
    return losses
    ### END SOLUTION


def mode_coverage(classifier: nn.Module, images: Tensor) -> int:
    """How many of the ten classes the classifier sees among the images: 1 tells of a generator that has collapsed.

    classifier: images (N, 1, 28, 28) in [0, 1] → logits (N, 10), on any device; it classifies in eval mode, and
    afterwards every submodule is in the mode in which it was before, also if it raises. images: N ≥ 1.
    Raises ValueError if there are no images.
    """
    ### BEGIN SOLUTION
    if len(images) == 0:
        raise ValueError("images is empty")
    modes = [(module, module.training) for module in classifier.modules()]
    try:
        classifier.eval()
        with torch.no_grad():
            classes = classifier(images.to(_device_of(classifier))).argmax(dim=1)  # (N, 10) → (N,)
    finally:
        for module, mode in modes:
            module.training = mode
    return len(classes.unique())
    ### END SOLUTION
