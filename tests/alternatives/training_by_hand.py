"""Training without torch.optim and without .grad: the velocities are a list, the gradients come from autograd.grad."""

import torch
from torch.utils.data import DataLoader, Subset, default_collate


def _int(name, value, low):
    try:
        exact = value.__index__()
    except AttributeError:
        raise TypeError(f"{name}: {value!r} is not an int") from None
    if exact < low:
        raise ValueError(f"{name}: {value} is less than {low}")


def _real(name, value):
    try:
        good = 0 <= value <= 1e300
    except TypeError:
        raise TypeError(f"{name}: {value!r} is not a number") from None
    if not good:
        raise ValueError(f"{name}: {value} is negative or not finite")


def _some(name, data):
    if len(data) == 0:
        raise ValueError(f"{name}: no samples")


def _home(model):
    first = next(model.parameters(), next(model.buffers(), None))
    return torch.device("cpu") if first is None else first.device


def get_accuracy(model, data, batch_size=64):
    _int("batch_size", batch_size, 1)
    _some("data", data)
    stack = [(part, part.training) for part in model.modules()]
    hits = []
    try:
        model.train(False)
        for start in range(0, len(data), batch_size):
            stop = min(start + batch_size, len(data))
            images, labels = default_collate([data[i] for i in range(start, stop)])
            with torch.inference_mode():
                logits = model(images.to(_home(model))).cpu().numpy()
            hits += (logits.argmax(axis=1) == labels.numpy()).tolist()
    finally:
        for part, training in stack:
            part.training = training
    return sum(hits) / len(hits)


def _loss(logits, labels):
    right = logits.gather(1, labels.unsqueeze(1)).squeeze(1)
    return (logits.logsumexp(dim=1) - right).mean()


def train(model, train_data, val_data=None, batch_size=64, num_epochs=1, lr=0.01, momentum=0.9, device=None):
    _int("batch_size", batch_size, 1)
    _int("num_epochs", num_epochs, 0)
    _real("lr", lr)
    _real("momentum", momentum)
    _some("train_data", train_data)
    if val_data is not None:
        _some("val_data", val_data)
    model.to(_home(model) if device is None else device)
    home = _home(model)

    weights = [weight for weight in model.parameters() if weight.requires_grad]
    velocities = [torch.zeros_like(weight) for weight in weights]
    losses, train_acc, val_acc = [], [], []
    for _ in range(num_epochs):
        order = torch.randperm(len(train_data)).tolist()
        for images, labels in DataLoader(Subset(train_data, order), batch_size=batch_size):
            for part in model.modules():
                part.training = True
            loss = _loss(model(images.to(home)), labels.to(home))
            slopes = torch.autograd.grad(loss, weights, allow_unused=True)
            with torch.no_grad():
                for weight, velocity, slope in zip(weights, velocities, slopes):
                    if slope is not None:
                        velocity.mul_(momentum).add_(slope)
                        weight.sub_(lr * velocity)
            losses.append(loss.item())
        train_acc += [get_accuracy(model, train_data, batch_size)]
        if val_data is not None:
            val_acc += [get_accuracy(model, val_data, batch_size)]
    return {"iters": [*range(len(losses))], "losses": losses, "train_acc": train_acc, "val_acc": val_acc}
