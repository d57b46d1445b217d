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


def split_tweet(text: str) -> list[str]:
    """The words of a tweet: what stands between whitespace, as it is, commas and capitals included."""
    ### BEGIN SOLUTION
    return text.split()
    ### END SOLUTION


def tweet_embedding(text: str, vectors) -> Tensor:
    """The sum of the vectors of a tweet's words, (D,), of the table's dtype.

    A word is looked up in lower case, and left out if `vectors.stoi` lacks that. One that comes twice counts twice.
    Zeros where no word is known.
    """
    ### BEGIN SOLUTION
    words = [word.lower() for word in split_tweet(text)]
    rows = [vectors.stoi[word] for word in words if word in vectors.stoi]
    return vectors.vectors[rows].sum(dim=0)  # (L, D) → (D,); no rows add up to zeros
    ### END SOLUTION


class SentimentClassifier(nn.Module):
    """A fully connected network: input_size → 30 → 10 → num_classes, ReLU between, logits at the end."""

    def __init__(self, input_size: int = 50, num_classes: int = 2) -> None:
        """input_size: numbers of a tweet's embedding; num_classes: ≥ 1."""
        super().__init__()
        ### BEGIN SOLUTION
        _check_count("input_size", input_size, at_least=1)
        _check_count("num_classes", num_classes, at_least=1)
        self.layers = nn.Sequential(
            nn.Linear(input_size, 30),
            nn.ReLU(),
            nn.Linear(30, 10),
            nn.ReLU(),
            nn.Linear(10, num_classes),
        )
        ### END SOLUTION

    def forward(self, x: Tensor) -> Tensor:
        """x: (N, input_size). Returns logits (N, num_classes)."""
        ### BEGIN SOLUTION
        return self.layers(x)
        ### END SOLUTION


def get_accuracy(model: nn.Module, data_loader: Iterable) -> float:
    """The share of samples whose largest logit is that of the right class, in [0, 1].

    data_loader: gives batches (inputs, labels (N,) int64) of any sizes.
    Measures on the model's device, in eval mode and without gradients. Afterwards every submodule is in the mode in
    which it was before, also if the model raises.
    Raises ValueError for a loader that gives no batch.
    """
    ### BEGIN SOLUTION
    return _accuracy(model, data_loader, "data_loader")
    ### END SOLUTION


### BEGIN SOLUTION
def _accuracy(model, loader, name):
    """get_accuracy for a loader that the caller knows by `name`."""
    device = _device_of(model)
    modes = [(module, module.training) for module in model.modules()]
    correct = total = 0
    try:
        model.eval()
        with torch.no_grad():
            for inputs, labels in loader:
                predictions = model(inputs.to(device)).argmax(dim=1)  # (N, classes) → (N,)
                correct += (predictions == labels.to(device)).sum().item()
                total += len(labels)
    finally:
        for module, mode in modes:
            module.training = mode
    if total == 0:
        raise ValueError(f"{name} gives no batch")
    return correct / total


### END SOLUTION


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
    ### BEGIN SOLUTION
    _check_count("num_epochs", num_epochs, at_least=0)
    _check_rate("learning_rate", learning_rate)
    device = _device_of(model)
    optimizer = torch.optim.Adam(model.parameters(), lr=learning_rate)
    history: dict[str, list] = {"losses": [], "epochs": [], "train_acc": [], "valid_acc": []}
    for epoch in range(1, num_epochs + 1):
        model.train()
        summed, samples = 0.0, 0
        for inputs, labels in train_loader:
            logits = model(inputs.to(device))  # (N, classes)
            loss = nn.functional.cross_entropy(logits, labels.to(device))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            summed += loss.item() * len(labels)
            samples += len(labels)
        if samples == 0:
            raise ValueError("train_loader gives no batch")
        history["losses"].append(summed / samples)
        if epoch % REPORT_EVERY == 0:
            history["epochs"].append(epoch)
            history["train_acc"].append(_accuracy(model, train_loader, "train_loader"))
            history["valid_acc"].append(_accuracy(model, valid_loader, "valid_loader"))
    return history
    ### END SOLUTION
