"""Right: each bug mended with as few characters as may be."""

import torch
from torch import nn
from torch.nn import functional as F


def bug_01(model, optimizer, images, labels):
    loss = F.cross_entropy(model(images), labels)
    model.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


def bug_02(logits, labels):
    return F.nll_loss(torch.log_softmax(logits, dim=1), labels)


def bug_03(model, images, labels):
    before = [m for m in model.modules() if m.training]
    model.eval()
    try:
        with torch.no_grad():
            predictions = model(images).argmax(dim=1)
    finally:
        for m in before:
            m.training = True
    return (predictions == labels).float().mean().item()


def bug_04(model, optimizer, loader):
    losses = []
    for images, labels in loader:
        loss = F.cross_entropy(model(images), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss)
    return [loss.item() for loss in losses]


def bug_05(train, test):
    mean, std = train.mean(dim=0), train.std(dim=0, unbiased=False)
    return (train - mean) / std, (test - mean) / std


def bug_06(out, lengths):
    index = (lengths - 1).view(-1, 1, 1).expand(-1, 1, out.shape[2])
    return out.gather(1, index).squeeze(1)


def bug_07(G, D, optimizer, real, noise):
    fake = G(noise)
    real_logits, fake_logits = D(real), D(fake.detach())
    loss = F.binary_cross_entropy_with_logits(real_logits, torch.ones_like(real_logits))
    loss = loss + F.binary_cross_entropy_with_logits(fake_logits, torch.zeros_like(fake_logits))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


def bug_08(mu, logvar):
    return -0.5 * (1 + logvar - mu.pow(2) - logvar.exp()).mean() * mu.shape[1]


def bug_09(image, std, generator):
    image = image + std * torch.randn(image.shape, generator=generator)
    return image


def bug_10(images):
    n, c, h, w = images.shape
    return images.view(n, c, h * w).permute(0, 2, 1)


def bug_11(outputs, targets):
    return (outputs[:, 0] - targets).pow(2).mean()


def bug_12(model: nn.Module, lr):
    model.features.requires_grad_(False)
    return torch.optim.SGD(model.classifier.parameters(), lr=lr)
