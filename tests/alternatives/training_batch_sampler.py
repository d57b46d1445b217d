"""Training with a batch sampler; the cross-entropy is written out as log-softmax and negative log-likelihood."""

import contextlib
import itertools
import math
import numbers

import torch
import torch.nn.functional as nnf
from torch.utils.data import BatchSampler, DataLoader, RandomSampler, SequentialSampler


def require(condition, error, message):
    if not condition:
        raise error(message)


def check(data, batch_size=1, num_epochs=0, lr=0, momentum=0):
    for name, value, low in [("batch_size", batch_size, 1), ("num_epochs", num_epochs, 0)]:
        require(isinstance(value, numbers.Integral), TypeError, f"{name} is not an integer")
        require(value >= low, ValueError, f"{name} is below {low}")
    for name, value in [("lr", lr), ("momentum", momentum)]:
        require(isinstance(value, numbers.Real), TypeError, f"{name} is not a real number")
        require(math.isfinite(value) and value >= 0, ValueError, f"{name} is negative or not finite")
    for name, samples in data.items():
        require(len(samples) > 0, ValueError, f"{name} holds nothing")


def batches(data, sampler, batch_size, device):
    loader = DataLoader(data, batch_sampler=BatchSampler(sampler, batch_size, drop_last=False))
    for images, labels in loader:
        yield images.to(device), labels.to(device)


def device_of(model):
    devices = {tensor.device for tensor in itertools.chain(model.parameters(), model.buffers())}
    return devices.pop() if devices else "cpu"


@contextlib.contextmanager
def evaluating(model):
    trained = {part for part in model.modules() if part.training}
    model.eval()
    try:
        yield
    finally:
        for part in model.modules():
            part.training = part in trained


@torch.no_grad()
def get_accuracy(model, data, batch_size=64):
    check({"data": data}, batch_size)
    right = seen = 0
    with evaluating(model):
        for images, labels in batches(data, SequentialSampler(data), batch_size, device_of(model)):
            right += int((model(images).argmax(-1) == labels).sum())
            seen += len(labels)
    return right / seen


def train(model, train_data, val_data=None, batch_size=64, num_epochs=1, lr=0.01, momentum=0.9, device=None):
    sets = {"train_data": train_data} | ({} if val_data is None else {"val_data": val_data})
    check(sets, batch_size, num_epochs, lr, momentum)
    if device is None:
        device = device_of(model)
    else:
        model.to(device)
    optimizer = torch.optim.SGD([{"params": list(model.parameters())}], lr=lr, momentum=momentum)
    sampler = RandomSampler(train_data)
    losses, accuracies = [], {name: [] for name in ("train_data", "val_data")}
    for _ in range(num_epochs):
        model.train(True)
        for images, labels in batches(train_data, sampler, batch_size, device):
            optimizer.zero_grad(set_to_none=False)
            loss = nnf.nll_loss(nnf.log_softmax(model(images), dim=1), labels)
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
        for name, samples in sets.items():
            accuracies[name].append(get_accuracy(model, samples, batch_size))
    return {
        "iters": list(range(len(losses))),
        "losses": losses,
        "train_acc": accuracies["train_data"],
        "val_acc": accuracies["val_data"],
    }
