"""Twelve bugs that every deep-learner writes once.

None of them stops the program. The loss still falls a little, the shapes still fit, and the results are wrong. Each
function below has one such defect, a classic of this course; its docstring says what the function does once it is
mended.

Your task: mend each function in place. Keep its name, its arguments and what it returns, and change no more than the
defect asks for. Read the docstring first, then ask of every line whether it keeps that promise.
"""

import torch
from torch import Tensor, nn


def bug_01(model: nn.Module, optimizer: torch.optim.Optimizer, images: Tensor, labels: Tensor) -> float:
    """One training step on the mean cross-entropy of a batch; returns its loss before the step.

    images: (N, …), labels: (N,) int64. The step follows the gradient of this batch alone, whatever was computed before.
    """
    loss = nn.functional.cross_entropy(model(images), labels)
    loss.backward()
    optimizer.step()
    return loss.item()


def bug_02(logits: Tensor, labels: Tensor) -> Tensor:
    """The mean cross-entropy of a batch, a scalar tensor.

    logits: (N, classes), as they come out of the last layer; labels: (N,) int64.
    """
    probabilities = torch.softmax(logits, dim=1)
    return nn.functional.cross_entropy(probabilities, labels)


def bug_03(model: nn.Module, images: Tensor, labels: Tensor) -> float:
    """The share of images that the model puts into the right class, in [0, 1], measured in eval mode.

    images: (N, …), labels: (N,) int64. Afterwards every submodule is in the mode in which it was before.
    """
    with torch.no_grad():
        predictions = model(images).argmax(dim=1)
    return (predictions == labels).float().mean().item()


def bug_04(model: nn.Module, optimizer: torch.optim.Optimizer, loader) -> list[float]:
    """Train for one epoch on the mean cross-entropy; returns the loss of each mini-batch, as Python floats.

    loader: an iterable of batches (images, labels).
    """
    losses = []
    for images, labels in loader:
        loss = nn.functional.cross_entropy(model(images), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss)
    return losses


def bug_05(train: Tensor, test: Tensor) -> tuple[Tensor, Tensor]:
    """Both tables, standardised by the columns' mean and population standard deviation (divide by N).

    train: (N, F), test: (M, F), with columns that vary. What is measured on the test part must not enter the training.
    """
    both = torch.cat([train, test])
    mean, std = both.mean(dim=0), both.std(dim=0, correction=0)
    return (train - mean) / std, (test - mean) / std


def bug_06(out: Tensor, lengths: Tensor) -> Tensor:
    """The output of a recurrent layer at each sequence's real last step: (B, H).

    out: (B, L, H), of sequences that were padded at the end; lengths: (B,) int64, from 1 to L.
    """
    return out[:, -1]


def bug_07(G: nn.Module, D: nn.Module, optimizer: torch.optim.Optimizer, real: Tensor, noise: Tensor) -> float:
    """One step of a GAN's discriminator; returns its loss before the step.

    G: the generator, from noise (N, Z) to images; D: the discriminator, from images to logits (N, 1); optimizer: of D's
    parameters; real: images (N, …). The loss is the mean binary cross-entropy of the real images with label 1 plus that
    of the generated ones with label 0. The generator's gradients stay what they were.
    """
    fake = G(noise)
    real_logits, fake_logits = D(real), D(fake)
    loss = nn.functional.binary_cross_entropy_with_logits(real_logits, torch.ones_like(real_logits))
    loss = loss + nn.functional.binary_cross_entropy_with_logits(fake_logits, torch.zeros_like(fake_logits))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


def bug_08(mu: Tensor, logvar: Tensor) -> Tensor:
    """The KL divergence from N(mu, exp(logvar)) to N(0, 1): summed over the Z dimensions, averaged over the N samples.

    mu, logvar: (N, Z); a scalar tensor (Kingma and Welling, "Auto-encoding variational Bayes", 2014, appendix B).
    """
    return -0.5 * (1 + logvar - mu.pow(2) - logvar.exp()).mean()


def bug_09(image: Tensor, std: float, generator: torch.Generator) -> Tensor:
    """A copy of the image with Gaussian noise of this standard deviation added, drawn from the generator.

    image: a float tensor of any shape.
    """
    image += std * torch.randn(image.shape, generator=generator)
    return image


def bug_10(images: Tensor) -> Tensor:
    """One row of channels for each pixel, row by row of the image: (N, H·W, C).

    images: (N, C, H, W).
    """
    n, c, h, w = images.shape
    return images.reshape(n, h * w, c)


def bug_11(outputs: Tensor, targets: Tensor) -> Tensor:
    """The mean squared error, a scalar tensor.

    outputs: (N, 1), targets: (N,).
    """
    return (outputs - targets).pow(2).mean()


def bug_12(model: nn.Module, lr: float) -> torch.optim.Optimizer:
    """An SGD optimizer with this learning rate for `model.classifier`; all of `model.features` is frozen.

    Frozen: its parameters get no gradients.
    """
    return torch.optim.SGD(model.parameters(), lr=lr)
