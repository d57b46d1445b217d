"""What a tweet feels like: a sum of word vectors and a small network.

A network wants numbers, always the same count of them; a tweet is a handful of words. The shortest bridge between the
two: look up each word's vector and add them all up. The order of the words is lost ("not good, bad" and "not bad, good"
become one point), yet what is left tells a happy tweet from a sad one three times out of four.

Your task: cut a tweet into words, add up their vectors, classify the sum, and write the training loop. Unlike in the
exercise `training`, the batches come ready-made: a loader is anything that can be looped over again and again and gives
batches (inputs, labels); it may have no length and no data set. Batches may differ in size, so a mean over batches is
no mean over samples.

`vectors` is a table of word vectors as in the exercise `word_embeddings`: `vectors.stoi` maps each word to its row in
`vectors.vectors` (V, D). It is never changed.
"""

import math
from collections.abc import Iterable

import torch
from torch import Tensor, nn

REPORT_EVERY = 5  # epochs


def split_tweet(text: str) -> list[str]:
    """The words of a tweet: what stands between whitespace, as it is, commas and capitals included."""
    # Your code here.
    raise NotImplementedError("split_tweet is not implemented yet")


def tweet_embedding(text: str, vectors) -> Tensor:
    """The sum of the vectors of a tweet's words, (D,), of the table's dtype.

    A word is looked up in lower case, and left out if `vectors.stoi` lacks that. One that comes twice counts twice.
    Zeros where no word is known.
    """
    # Your code here.
    raise NotImplementedError("tweet_embedding is not implemented yet")


class SentimentClassifier(nn.Module):
    """A fully connected network: input_size → 30 → 10 → num_classes, ReLU between, logits at the end."""

    def __init__(self, input_size: int = 50, num_classes: int = 2) -> None:
        """input_size: numbers of a tweet's embedding; num_classes: ≥ 1."""
        super().__init__()
        # Your code here.
        raise NotImplementedError("SentimentClassifier.__init__ is not implemented yet")

    def forward(self, x: Tensor) -> Tensor:
        """x: (N, input_size). Returns logits (N, num_classes)."""
        # Your code here.
        raise NotImplementedError("SentimentClassifier.forward is not implemented yet")


def get_accuracy(model: nn.Module, data_loader: Iterable) -> float:
    """The share of samples whose largest logit is that of the right class, in [0, 1].

    data_loader: gives batches (inputs, labels (N,) int64) of any sizes.
    Measures on the model's device, in eval mode and without gradients. Afterwards every submodule is in the mode in
    which it was before, also if the model raises.
    Raises ValueError for a loader that gives no batch.
    """
    # Your code here.
    raise NotImplementedError("get_accuracy is not implemented yet")


def train_network(
    model: nn.Module,
    train_loader: Iterable,
    valid_loader: Iterable,
    num_epochs: int = 5,
    learning_rate: float = 1e-5,
) -> dict[str, list]:
    """Train the model by cross-entropy and Adam, on the device that it is on.

    train_loader, valid_loader: give batches (inputs, labels (N,) int64), the same ones or others each time they are
    looped over; num_epochs: ≥ 0, where 0 changes nothing; learning_rate: finite and ≥ 0.

    Returns four lists of ints and floats. `losses` has one entry for each epoch, the mean loss over its samples. After
    every fifth epoch `epochs` gets its number, counted from 1, and `train_acc` and `valid_acc` get get_accuracy.
    Raises ValueError for a loader that gives no batch or a number out of range, TypeError for a number of the wrong
    type.
    """
    # Your code here.
    raise NotImplementedError("train_network is not implemented yet")
