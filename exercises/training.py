"""The loop at the heart of deep learning.

Take a few samples, predict, measure how wrong the prediction is, ask each weight how it contributed, and move all of
them a little the other way. Everything else in this course changes the model, the data or the loss; the loop stays.
Momentum lets each step remember the ones before it: the velocity is v = momentum · v + gradient, and the weights move
by -lr · v (as torch.optim.SGD defines it, after Sutskever et al., "On the importance of initialization and momentum in
deep learning", 2013).

Your task: write the loop, and the accuracy that tells how well it went. Mind what is easily forgotten: gradients add up
until they are cleared; dropout and batch normalisation behave differently while training; measuring needs no gradients
and must leave the model as it found it; the last mini-batch may be smaller; the model may be on another device than
the data. All randomness comes from torch's global generator, which is yours to use but not to seed.
"""

import math

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset


def get_accuracy(model: nn.Module, data: Dataset, batch_size: int = 64) -> float:
    """The share of samples whose largest logit is that of the right class, in [0, 1].

    model: takes a batch of images (N, 1, 28, 28) and gives logits (N, classes); data: samples of (image, label int);
    batch_size: ≥ 1.
    Measures on the model's device, in eval mode and without gradients. Afterwards every submodule is in the mode in
    which it was before, also if the model raises.
    Raises ValueError for data without samples or a batch_size below 1, TypeError for a batch_size that is no int.
    """
    # Your code here.
    raise NotImplementedError("get_accuracy is not implemented yet")


def train(
    model: nn.Module,
    train_data: Dataset,
    val_data: Dataset | None = None,
    batch_size: int = 64,
    num_epochs: int = 1,
    lr: float = 0.01,
    momentum: float = 0.9,
    device: torch.device | str | None = None,
) -> dict[str, list]:
    """Train the model on shuffled mini-batches by cross-entropy and SGD with momentum.

    train_data, val_data: samples of (image, label int), as for get_accuracy; batch_size: ≥ 1, the last mini-batch of an
    epoch may be smaller; num_epochs: ≥ 0, where 0 changes nothing; lr, momentum: finite and ≥ 0; device: where to
    train, and where the model then stays, or None for where it is.

    Returns four lists of ints and floats. One entry for each mini-batch: `iters`, which counts 0, 1, 2, …, and
    `losses`, the mean loss of the mini-batch. One entry for each epoch: `train_acc` and `val_acc`, get_accuracy over
    the whole set after the epoch (`val_acc` is empty without val_data).
    Raises ValueError for data without samples or a number out of range, TypeError for a number of the wrong type.
    """
    # Your code here.
    raise NotImplementedError("train is not implemented yet")
