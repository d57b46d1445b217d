"""A network that has seen a million pictures helps with a hundred.

AlexNet (Krizhevsky et al., "ImageNet classification with deep convolutional neural networks", 2012) learnt from 1.2
million photos what edges, textures and parts look like. Its convolutions, `.features`, turn any photo into numbers that
a small network can classify after a few examples. Two ways lead there: compute the features once and train a new
classifier on them, or put a new last layer into AlexNet and train its classifier in place, with `.features` frozen.

Your task: prepare images as AlexNet expects them (224 × 224, normalised by the mean and the standard deviation of
ImageNet's pixels), extract features, and build both classifiers. The extraction uses `.features` and nothing else,
runs in eval mode and without gradients, and leaves the network as it found it.
"""

import torch
from torch import Tensor, nn
from torchvision import models

IMAGENET_MEAN = (0.485, 0.456, 0.406)  # of the red, green and blue channels, in [0, 1]
IMAGENET_STD = (0.229, 0.224, 0.225)


### BEGIN SOLUTION
def _check_count(name, count, at_least):
    if not isinstance(count, int):
        raise TypeError(f"{name} is an int, not {count!r}")
    if count < at_least:
        raise ValueError(f"{name} is at least {at_least}, not {count}")


### END SOLUTION


def preprocess(images: Tensor) -> Tensor:
    """Resize images to 224 × 224, bilinearly, and normalise each channel: subtract its mean, divide by its deviation.

    images: (N, 3, H, W), float, in [0, 1]; they stay as they are. Returns (N, 3, 224, 224).
    """
    ### BEGIN SOLUTION
    resized = nn.functional.interpolate(images, size=(224, 224), mode="bilinear", antialias=True)
    mean, std = (torch.tensor(values).to(resized).view(3, 1, 1) for values in (IMAGENET_MEAN, IMAGENET_STD))
    return (resized - mean) / std
    ### END SOLUTION


@torch.no_grad()
def extract_features(alexnet: nn.Module, images: Tensor) -> Tensor:
    """What the convolutions make of the images.

    alexnet: a network whose `.features` has parameters, on any device; images: (N, 3, 224, 224), as `preprocess`
    returns them, and not to be preprocessed again.
    Calls `.features` and nothing else of the network, in eval mode and without gradients. Afterwards every submodule is
    in the mode in which it was before, also if `.features` raises.
    Returns (N, 256, 6, 6).
    """
    ### BEGIN SOLUTION
    modes = [(module, module.training) for module in alexnet.modules()]
    try:
        alexnet.eval()
        return alexnet.features(images.to(next(alexnet.features.parameters()).device))
    finally:
        for module, mode in modes:
            module.training = mode
    ### END SOLUTION


class AlexNetClassifier(nn.Module):
    """A small classifier of features: 9216 → hidden_size → num_classes, with a ReLU after the first layer."""

    def __init__(self, num_classes: int, hidden_size: int = 32) -> None:
        super().__init__()
        ### BEGIN SOLUTION
        _check_count("num_classes", num_classes, at_least=1)
        _check_count("hidden_size", hidden_size, at_least=1)
        self.fc1 = nn.Linear(256 * 6 * 6, hidden_size)
        self.fc2 = nn.Linear(hidden_size, num_classes)
        ### END SOLUTION

    def forward(self, features: Tensor) -> Tensor:
        """features: (N, 256, 6, 6). Returns logits (N, num_classes)."""
        ### BEGIN SOLUTION
        x = features.flatten(start_dim=1)  # (N, 9216)
        return self.fc2(torch.relu(self.fc1(x)))
        ### END SOLUTION


def build_finetune_model(num_classes: int, weights: object = None) -> nn.Module:
    """torchvision's AlexNet with a new last layer for num_classes ≥ 1 classes.

    weights: as torchvision takes them, such as AlexNet_Weights.DEFAULT, or None for random ones.
    Every parameter of `.features` is frozen, every parameter of `.classifier` is trainable.
    """
    ### BEGIN SOLUTION
    _check_count("num_classes", num_classes, at_least=1)
    model = models.alexnet(weights=weights)
    model.features.requires_grad_(False)
    model.classifier[-1] = nn.Linear(model.classifier[-1].in_features, num_classes)
    return model
    ### END SOLUTION
