"""The network by F.linear on parameters of its own; a word at a time; a parameter group for each parameter."""

import contextlib
import numbers

import torch
import torch.nn.functional as nnf
from torch import nn


def split_tweet(text):
    words = []
    for line in text.splitlines():
        words.extend(line.split())
    return words


def tweet_embedding(text, vectors):
    total = torch.zeros_like(vectors.vectors[0])
    for word in split_tweet(text):
        row = vectors.stoi.get(word.lower())
        if row is not None:
            total = total + vectors.vectors[row]
    return total


class SentimentClassifier(nn.Module):
    def __init__(self, input_size=50, num_classes=2):
        super().__init__()
        self.weights = nn.ParameterList()
        for a, b in ((input_size, 30), (30, 10), (10, num_classes)):
            layer = nn.Linear(a, b)
            self.weights += [layer.weight, layer.bias]

    def forward(self, x):
        w = list(self.weights)
        x = nnf.linear(x, w[0], w[1]).clamp(min=0)
        x = nnf.linear(x, w[2], w[3]).clamp(min=0)
        return nnf.linear(x, w[4], w[5])


@contextlib.contextmanager
def evaluating(model):
    trained = {part for part in model.modules() if part.training}
    model.eval()
    try:
        yield
    finally:
        for part in model.modules():
            part.training = part in trained


def place(model):
    return next((p.device for p in model.parameters()), torch.device("cpu"))


@torch.no_grad()
def get_accuracy(model, data_loader):
    hits = []
    with evaluating(model):
        for x, y in data_loader:
            hits.append(model(x.to(place(model))).max(dim=1).indices.eq(y.to(place(model))))
    if not hits:
        raise ValueError("nothing in data_loader")
    return torch.cat(hits).double().mean().item()


def train_network(model, train_loader, valid_loader, num_epochs=5, learning_rate=1e-5, progress=False):
    if not isinstance(num_epochs, numbers.Integral):
        raise TypeError("num_epochs has to be an integer")
    if num_epochs < 0:
        raise ValueError("num_epochs has to be 0 or more")
    if not isinstance(learning_rate, numbers.Real):
        raise TypeError("learning_rate has to be a number")
    if not 0 <= learning_rate < float("inf"):
        raise ValueError("learning_rate has to be finite and 0 or more")
    history = {"losses": [], "epochs": [], "train_acc": [], "valid_acc": []}
    if num_epochs == 0:
        return history
    for name, loader in (("train_loader", train_loader), ("valid_loader", valid_loader)):
        if next(iter(loader), None) is None:
            raise ValueError(f"{name} is empty")
    optimizer = torch.optim.Adam([{"params": [p]} for p in model.parameters()], lr=learning_rate)
    for number in range(num_epochs):
        each = []
        for x, y in train_loader:
            model.train()
            losses = nnf.cross_entropy(model(x.to(place(model))), y.to(place(model)), reduction="none")
            optimizer.zero_grad(set_to_none=False)
            losses.mean().backward()
            optimizer.step()
            each += losses.tolist()
        history["losses"].append(sum(each) / len(each))
        if number % 5 == 4:
            history["epochs"].append(number + 1)
            history["train_acc"].append(get_accuracy(model, train_loader))
            history["valid_acc"].append(get_accuracy(model, valid_loader))
            if progress:
                print(number + 1, history["losses"][-1])
    return history
