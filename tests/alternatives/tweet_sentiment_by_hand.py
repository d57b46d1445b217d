"""Adam written out on gradients of autograd.grad; NumPy adds up the rows."""

import numpy as np
import torch
from torch import nn


def split_tweet(text: str) -> list:
    return str.split(text)


def tweet_embedding(text, vectors):
    table, stoi = vectors.vectors, vectors.stoi
    picked = np.array([stoi[w] for w in map(str.lower, split_tweet(text)) if w in stoi], dtype=np.int64)
    return torch.from_numpy(table.numpy()[picked].sum(axis=0, dtype=np.float64)).to(table.dtype)


class SentimentClassifier(nn.Module):
    def __init__(self, input_size=50, num_classes=2):
        super().__init__()
        self.fc1 = nn.Linear(input_size, 30)
        self.fc2 = nn.Linear(30, 10)
        self.fc3 = nn.Linear(10, num_classes)

    def forward(self, x):
        return self.fc3(torch.relu(self.fc2(torch.relu(self.fc1(x)))))


def _home(model):
    first = next(model.parameters(), next(model.buffers(), None))
    return torch.device("cpu") if first is None else first.device


def get_accuracy(model, data_loader):
    flags = [(part, part.training) for part in model.modules()]
    right, count = 0.0, 0
    try:
        for part, _ in flags:
            part.training = False
        for inputs, labels in data_loader:
            with torch.no_grad():
                logits = model(inputs.to(_home(model))).cpu()
            right += logits.max(1, keepdim=True)[1].eq(labels.view(-1, 1)).sum().item()
            count += labels.shape[0]
    finally:
        for part, flag in flags:
            part.training = flag
    if count == 0:
        raise ValueError("data_loader: no batch")
    return right / count


def train_network(model, train_loader, valid_loader, num_epochs=5, learning_rate=1e-5):
    try:
        epochs = range(1, num_epochs + 1)
    except TypeError:
        raise TypeError("num_epochs is no int") from None
    if num_epochs < 0:
        raise ValueError("num_epochs is negative")
    try:
        good = 0 <= learning_rate <= 1e100
    except TypeError:
        raise TypeError("learning_rate is no number") from None
    if not good:
        raise ValueError("learning_rate is negative or not finite")
    weights = [w for w in model.parameters() if w.requires_grad]
    first, second = ([torch.zeros_like(w) for w in weights] for _ in range(2))
    steps = 0
    history = {key: [] for key in ("losses", "epochs", "train_acc", "valid_acc")}
    for epoch in epochs:
        model.train()
        losses, sizes = [], []
        for inputs, labels in train_loader:
            logits, labels = model(inputs.to(_home(model))), labels.to(_home(model))
            loss = logits.logsumexp(1).mean() - logits[torch.arange(len(labels)), labels].mean()
            gradients = torch.autograd.grad(loss, weights)
            steps += 1
            with torch.no_grad():
                for w, m, v, g in zip(weights, first, second, gradients):
                    m.mul_(0.9).add_(0.1 * g)
                    v.mul_(0.999).add_(0.001 * g * g)
                    w -= learning_rate * (m / (1 - 0.9**steps)) / ((v / (1 - 0.999**steps)).sqrt() + 1e-8)
            losses.append(loss.item())
            sizes.append(len(labels))
        if not losses:
            raise ValueError("train_loader: no batch")
        history["losses"].append(float(np.average(losses, weights=sizes)))
        if epoch in range(5, num_epochs + 1, 5):
            history["epochs"] += [epoch]
            history["train_acc"] += [get_accuracy(model, train_loader)]
            history["valid_acc"] += [get_accuracy(model, valid_loader)]
    return history
