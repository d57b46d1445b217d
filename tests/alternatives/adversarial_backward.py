"""The attack calls backward() on frozen parameters and keeps the best image."""

import copy
import math

import torch
import torch.nn.functional as F
from torch import nn, optim
from torch.utils.data import DataLoader


class FCNet(nn.Sequential):
    def __init__(self):
        super().__init__(nn.Flatten(), nn.Linear(784, 50), nn.ReLU(), nn.Linear(50, 20), nn.ReLU(), nn.Linear(20, 10))


class ConvNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(1, 5, 5, padding="same"), nn.ReLU(), nn.MaxPool2d(2, 2),
            nn.Conv2d(5, 10, 5, padding="same"), nn.ReLU(), nn.MaxPool2d(2, 2),
        )  # fmt: skip
        self.head = nn.Sequential(nn.Flatten(), nn.Linear(490, 32), nn.ReLU(), nn.Linear(32, 10))

    def forward(self, x):
        return self.head(self.features(x))


def check_int(name, value, low, high=None):
    if type(value) is not int:
        raise TypeError(f"{name} should be an int")
    if value < low or (high is not None and value > high):
        raise ValueError(f"{name} is out of range")


def check_float(name, value):
    if not isinstance(value, (int, float)):
        raise TypeError(f"{name} should be a float")
    if value < 0 or not math.isfinite(value):
        raise ValueError(f"{name} is out of range")


def forever(loader):
    while True:
        yield from loader


def train(model, data, batch_size=64, lr=0.001, num_iters=1000, print_every=100):
    check_int("batch_size", batch_size, 1)
    check_int("num_iters", num_iters, 0)
    check_int("print_every", print_every, 1)
    check_float("lr", lr)
    if len(data) == 0:
        raise ValueError("there is no data")
    device = next(model.parameters()).device
    optimizer = optim.Adam(model.parameters(), lr=lr)
    criterion = nn.CrossEntropyLoss()
    history = []
    batches = forever(DataLoader(data, batch_size=batch_size, shuffle=True))
    for _ in range(num_iters):
        images, labels = next(batches)
        model.train()
        optimizer.zero_grad()
        loss = criterion(model(images.to(device)), labels.to(device))
        loss.backward()
        optimizer.step()
        history.append(loss.item())
    full = num_iters // print_every
    return [sum(history[i * print_every : (i + 1) * print_every]) / print_every for i in range(full)]


def create_adversarial_example(
    model, image, target_label, num_steps=1000, lr=0.01, weight_decay=1.0, epsilon=None, verbose=False
):
    check_int("target_label", target_label, 0, 9)
    check_int("num_steps", num_steps, 0)
    check_float("lr", lr)
    check_float("weight_decay", weight_decay)
    if epsilon is not None:
        check_float("epsilon", epsilon)
    twin = copy.deepcopy(model).eval().requires_grad_(False)
    device = next(twin.parameters()).device
    image = image.clone().detach().to(device)
    if num_steps == 0:
        return image
    noise = torch.randn(1, 28, 28).mul(0.01).to(device)
    noise.requires_grad = True
    optimizer = optim.Adam([noise], lr=lr, weight_decay=weight_decay)
    target = torch.tensor([target_label]).to(device)
    best, best_loss = None, math.inf
    for step in range(num_steps + 1):
        adversarial = torch.clamp(image + noise, 0, 1)
        loss = F.cross_entropy(twin(adversarial.unsqueeze(0)), target)
        if loss.item() < best_loss:
            best, best_loss = adversarial.detach().clone(), loss.item()
        if step == num_steps:
            break
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if epsilon is not None:
            with torch.no_grad():
                noise.clamp_(-epsilon, epsilon)
    if epsilon is not None:
        best = torch.min(torch.max(best, image - epsilon), image + epsilon).clamp(0, 1)
    return best
