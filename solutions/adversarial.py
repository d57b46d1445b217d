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


### BEGIN SOLUTION
def _check_count(name, count, at_least, at_most=math.inf):
    if not isinstance(count, int):
        raise TypeError(f"{name} is an int, not {count!r}")
    if not at_least <= count <= at_most:
        raise ValueError(f"{name} is from {at_least} to {at_most}, not {count}")


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


class FCNet(nn.Module):
    """Fully-connected: 784 → 50 → 20 → 10, with a ReLU after the first and the second layer."""

    def __init__(self) -> None:
        super().__init__()
        ### BEGIN SOLUTION
        self.layer1 = nn.Linear(28 * 28, 50)
        self.layer2 = nn.Linear(50, 20)
        self.layer3 = nn.Linear(20, 10)
        ### END SOLUTION

    def forward(self, images: Tensor) -> Tensor:
        """images: (N, 1, 28, 28), in [0, 1]. Returns logits (N, 10)."""
        ### BEGIN SOLUTION
        x = images.flatten(start_dim=1)  # (N, 784)
        x = torch.relu(self.layer1(x))  # (N, 50)
        x = torch.relu(self.layer2(x))  # (N, 20)
        return self.layer3(x)
        ### END SOLUTION


class ConvNet(nn.Module):
    """Convolutional: conv 1 → 5, pool, conv 5 → 10, pool, then fully-connected 490 → 32 → 10.

    Both convolutions have 5 × 5 kernels and a padding of 2, both poolings take the maximum of 2 × 2. A ReLU follows
    each convolution and the first fully-connected layer.
    """

    def __init__(self) -> None:
        super().__init__()
        ### BEGIN SOLUTION
        self.conv1 = nn.Conv2d(1, 5, kernel_size=5, padding=2)
        self.pool = nn.MaxPool2d(2)
        self.conv2 = nn.Conv2d(5, 10, kernel_size=5, padding=2)
        self.fc1 = nn.Linear(10 * 7 * 7, 32)
        self.fc2 = nn.Linear(32, 10)
        ### END SOLUTION

    def forward(self, images: Tensor) -> Tensor:
        """images: (N, 1, 28, 28), in [0, 1]. Returns logits (N, 10)."""
        ### BEGIN SOLUTION
        x = self.pool(torch.relu(self.conv1(images)))  # (N, 5, 14, 14)
        x = self.pool(torch.relu(self.conv2(x)))  # (N, 10, 7, 7)
        x = x.flatten(start_dim=1)  # (N, 490)
        return self.fc2(torch.relu(self.fc1(x)))
        ### END SOLUTION


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
    ### BEGIN SOLUTION
    _check_count("batch_size", batch_size, at_least=1)
    _check_rate("lr", lr)
    _check_count("num_iters", num_iters, at_least=0)
    _check_count("print_every", print_every, at_least=1)
    if len(data) == 0:
        raise ValueError("data has no samples")

    device = _device_of(model)
    loader = DataLoader(data, batch_size, shuffle=True)
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    losses, total, done = [], 0.0, 0
    model.train()
    while done < num_iters:
        for images, labels in loader:
            loss = nn.functional.cross_entropy(model(images.to(device)), labels.to(device))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item()
            done += 1
            if done % print_every == 0:
                losses.append(total / print_every)
                total = 0.0
            if done == num_iters:
                break
    return losses
    ### END SOLUTION


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
    ### BEGIN SOLUTION
    _check_count("target_label", target_label, at_least=0, at_most=9)
    _check_count("num_steps", num_steps, at_least=0)
    _check_rate("lr", lr)
    _check_rate("weight_decay", weight_decay)
    if epsilon is not None:
        _check_rate("epsilon", epsilon)

    image = image.detach().to(_device_of(model))
    target = torch.tensor([target_label], device=image.device)
    noise = (0.01 * torch.randn_like(image)).requires_grad_()
    optimizer = torch.optim.Adam([noise], lr=lr, weight_decay=weight_decay)
    modes = [(module, module.training) for module in model.modules()]
    try:
        model.eval()
        with torch.enable_grad():
            for _ in range(num_steps):
                logits = model(_perturbed(image, noise, epsilon).unsqueeze(0))  # (1, 10)
                loss = nn.functional.cross_entropy(logits, target)
                # Only the noise: loss.backward() would add to the gradients of the model's parameters.
                (noise.grad,) = torch.autograd.grad(loss, [noise])
                optimizer.step()
    finally:
        for module, mode in modes:
            module.training = mode
    return _perturbed(image, noise, epsilon).detach()
    ### END SOLUTION


### BEGIN SOLUTION
def _perturbed(image, noise, epsilon):
    if epsilon is not None:
        noise = noise.clamp(-epsilon, epsilon)
    return (image + noise).clamp(0, 1)


### END SOLUTION
