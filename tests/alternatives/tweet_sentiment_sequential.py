"""A function that builds an nn.Sequential; counted words times their vectors; log-softmax written out."""

import math
import re
from collections import Counter, OrderedDict

import torch
from torch import nn


def split_tweet(text):
    return [word for word in re.split(r"\s+", text) if word]


def tweet_embedding(text, vectors):
    counts = Counter(word.lower() for word in split_tweet(text))
    known = [word for word in counts if word in vectors.stoi]
    if not known:
        return torch.zeros(vectors.vectors.shape[1], dtype=vectors.vectors.dtype)
    rows = torch.stack([vectors.vectors[vectors.stoi[word]] for word in known])
    times = torch.tensor([counts[word] for word in known], dtype=rows.dtype)
    return times @ rows


def SentimentClassifier(input_size=50, num_classes=2):
    layers = [("hidden", nn.Linear(input_size, 30)), ("on", nn.ReLU()), ("narrow", nn.Linear(30, 10))]
    return nn.Sequential(OrderedDict([*layers, ("on2", nn.ReLU()), ("out", nn.Linear(10, num_classes))]))


class Mode:
    def __init__(self, model, mode):
        self.model, self.mode = model, mode

    def __enter__(self):
        self.before = {name: part.training for name, part in self.model.named_modules()}
        self.model.train(self.mode)
        return self.model

    def __exit__(self, *_):
        for name, part in self.model.named_modules():
            part.training = self.before[name]


def moved(loader, model):
    numbers = list(model.parameters()) + list(model.buffers())
    for inputs, labels in loader:
        yield (inputs.to(numbers[0].device), labels.to(numbers[0].device)) if numbers else (inputs, labels)


def get_accuracy(model, data_loader):
    counts = [0, 0]
    with Mode(model, False), torch.inference_mode():
        for inputs, labels in moved(data_loader, model):
            counts[0] += int((model(inputs).argmax(-1) == labels).sum())
            counts[1] += labels.numel()
    if not counts[1]:
        raise ValueError("data_loader has no batches")
    return counts[0] / counts[1]


def train_network(model, train_loader, valid_loader, num_epochs=5, learning_rate=1e-5):
    if type(num_epochs) is not int or num_epochs < 0:
        raise ValueError(f"num_epochs: {num_epochs!r} is no count")
    if type(learning_rate) not in (int, float) or not math.isfinite(learning_rate) or learning_rate < 0:
        raise ValueError(f"learning_rate: {learning_rate!r} is no rate")
    optimizer = torch.optim.Adam(model.parameters(), lr=learning_rate, foreach=False)
    losses, epochs, accuracies = [], [], {"train_acc": [], "valid_acc": []}
    for epoch in range(1, num_epochs + 1):
        total, seen = 0.0, 0
        with Mode(model, True):
            for inputs, labels in moved(train_loader, model):
                logp = torch.log_softmax(model(inputs), dim=1)
                summed = -logp.gather(1, labels[:, None]).sum()
                model.zero_grad()
                (summed / len(labels)).backward()
                optimizer.step()
                total, seen = total + float(summed.detach()), seen + len(labels)
        if not seen:
            raise ValueError("the train_loader is empty")
        losses.append(total / seen)
        if not epoch % 5:
            epochs.append(epoch)
            try:
                accuracies["train_acc"].append(get_accuracy(model, train_loader))
                accuracies["valid_acc"].append(get_accuracy(model, valid_loader))
            except ValueError:
                raise ValueError("the valid_loader is empty") from None
    return {"losses": losses, "epochs": epochs, **accuracies}
