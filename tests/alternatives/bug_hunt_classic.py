"""Right: in the style of a first course, step by step and with torch.nn's loss classes."""

import torch
from torch import nn


def bug_01(model, optimizer, images, labels):
    optimizer.zero_grad()
    outputs = model(images)
    criterion = nn.CrossEntropyLoss()
    loss = criterion(outputs, labels)
    value = float(loss)
    loss.backward()
    optimizer.step()
    return value


def bug_02(logits, labels):
    return nn.CrossEntropyLoss()(logits, labels)


def bug_03(model, images, labels):
    was = {name: module.training for name, module in model.named_modules()}
    model.train(False)
    try:
        with torch.inference_mode():
            right = sum(int(a == b) for a, b in zip(model(images).max(1).indices, labels))
        return right / len(labels)
    finally:
        for name, module in model.named_modules():
            module.training = was[name]


def bug_04(model, optimizer, loader):
    losses = []
    for images, labels in loader:
        losses.append(bug_01(model, optimizer, images, labels))
    return losses


def bug_05(train, test):
    n = train.shape[0]
    mean = train.sum(0) / n
    std = (((train - mean) ** 2).sum(0) / n) ** 0.5
    return ((train - mean) / std, (test - mean) / std)


def bug_06(out, lengths):
    return torch.stack([out[row, int(length) - 1] for row, length in enumerate(lengths)])


def bug_07(G, D, optimizer, real, noise):
    with torch.no_grad():
        fake = G(noise)
    criterion = nn.BCEWithLogitsLoss()
    optimizer.zero_grad()
    real_logits = D(real)
    loss_real = criterion(real_logits, torch.ones(real_logits.shape))
    fake_logits = D(fake)
    loss_fake = criterion(fake_logits, torch.zeros(fake_logits.shape))
    (loss_real + loss_fake).backward()
    optimizer.step()
    return loss_real.item() + loss_fake.item()


def bug_08(mu, logvar):
    each = 0.5 * (logvar.exp() + mu * mu - 1 - logvar)
    return each.sum() / mu.shape[0]


def bug_09(image, std, generator):
    noisy = image.clone()
    noisy += std * torch.randn(image.shape, generator=generator)
    return noisy


def bug_10(images):
    n, c, h, w = images.shape
    return images.permute(0, 2, 3, 1).reshape(n, h * w, c)


def bug_11(outputs, targets):
    return nn.MSELoss()(outputs, targets.unsqueeze(1))


def bug_12(model, lr):
    for parameter in model.features.parameters():
        parameter.requires_grad_(False)
    return torch.optim.SGD([p for p in model.parameters() if p.requires_grad], lr)
