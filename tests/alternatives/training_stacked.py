"""Training with the whole set in two tensors, cut along a random permutation."""

import torch
from torch import nn, optim


def whole(name, data):
    if not len(data):
        raise ValueError(f"{name} is empty")
    images, labels = zip(*(data[i] for i in range(len(data))))
    return torch.stack(images), torch.tensor([int(label) for label in labels])


def whole_number(name, value, low):
    if type(value) is not int:
        raise TypeError(f"{name} has to be an int")
    if value < low:
        raise ValueError(f"{name} has to be {low} or more")


def rate(name, value):
    if type(value) not in (int, float):
        raise TypeError(f"{name} has to be a number")
    if value < 0 or value != value or value == float("inf"):
        raise ValueError(f"{name} has to be finite and 0 or more")


def place(model):
    for number in list(model.parameters()) + list(model.buffers()):
        return number.device
    return None


def share_of_hits(model, images, labels, batch_size):
    flags = {name: part.training for name, part in model.named_modules()}
    try:
        for part in model.modules():
            part.training = False
        with torch.no_grad():
            where = place(model)
            guesses = [model(piece.to(where)).max(dim=1).indices.cpu() for piece in images.split(batch_size)]
    finally:
        for name, part in model.named_modules():
            part.training = flags[name]
    return torch.cat(guesses).eq(labels).double().mean().item()


def get_accuracy(model, data, batch_size=64):
    whole_number("batch_size", batch_size, 1)
    return share_of_hits(model, *whole("data", data), batch_size)


def train(model, train_data, val_data=None, batch_size=64, num_epochs=1, lr=0.01, momentum=0.9, device=None):
    whole_number("batch_size", batch_size, 1)
    whole_number("num_epochs", num_epochs, 0)
    rate("lr", lr)
    rate("momentum", momentum)
    images, labels = whole("train_data", train_data)
    validation = None if val_data is None else whole("val_data", val_data)
    if device is not None:
        model = model.to(torch.device(device))
    where = place(model)

    criterion = nn.CrossEntropyLoss()
    optimizer = optim.SGD(model.parameters(), lr, momentum)
    history = {"iters": [], "losses": [], "train_acc": [], "val_acc": []}
    step = 0
    for _ in range(num_epochs):
        for picked in torch.randperm(len(images)).split(batch_size):
            model.train()
            model.zero_grad()
            loss = criterion(model(images[picked].to(where)), labels[picked].to(where))
            loss.backward()
            optimizer.step()
            history["iters"].append(step)
            history["losses"].append(float(loss.detach()))
            step += 1
        history["train_acc"].append(share_of_hits(model, images, labels, batch_size))
        if validation is not None:
            history["val_acc"].append(share_of_hits(model, *validation, batch_size))
    return history
