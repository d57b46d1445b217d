"""Right: the formulas written out, with autograd and distributions in place of the usual calls."""

import torch
from torch.distributions import Normal, kl_divergence


def _cross_entropy(logits, labels):
    return (logits.logsumexp(dim=1) - logits.gather(1, labels[:, None])[:, 0]).mean()


def bug_01(model, optimizer, images, labels):
    loss = _cross_entropy(model(images), labels)
    parameters = [p for group in optimizer.param_groups for p in group["params"]]
    for parameter, gradient in zip(parameters, torch.autograd.grad(loss, parameters)):
        parameter.grad = gradient
    optimizer.step()
    return loss.item()


def bug_02(logits, labels):
    return _cross_entropy(logits, labels)


class _Evaluating:
    def __init__(self, model):
        self.flags = [(m, m.training) for m in model.modules()]

    def __enter__(self):
        for m, _ in self.flags:
            m.training = False

    def __exit__(self, *_):
        for m, flag in self.flags:
            m.training = flag


@torch.no_grad()
def bug_03(model, images, labels):
    with _Evaluating(model):
        logits = model(images)
    return float(torch.sum(logits.argmax(-1).eq(labels))) / labels.numel()


def bug_04(model, optimizer, loader):
    return [bug_01(model, optimizer, images, labels) for images, labels in loader]


def bug_05(train, test):
    variance, mean = torch.var_mean(train, dim=0, correction=0)
    return tuple((table - mean) * variance.rsqrt() for table in (train, test))


def bug_06(out, lengths):
    steps = torch.arange(out.shape[1])
    chosen = (steps[None] == lengths[:, None] - 1).to(out.dtype)
    return torch.einsum("bl,blh->bh", chosen, out)


def bug_07(G, D, optimizer, real, noise):
    fake = G(noise).data
    optimizer.zero_grad()
    loss = -torch.nn.functional.logsigmoid(D(real)).mean() - torch.nn.functional.logsigmoid(-D(fake)).mean()
    loss.backward()
    optimizer.step()
    return loss.item()


def bug_08(mu, logvar):
    return kl_divergence(Normal(mu, (logvar / 2).exp()), Normal(0.0, 1.0)).sum(dim=1).mean()


def bug_09(image, std, generator):
    return torch.normal(image, std, generator=generator)


def bug_10(images):
    return torch.einsum("nchw->nhwc", images).flatten(1, 2)


def bug_11(outputs, targets):
    return torch.mean((outputs.flatten() - targets) ** 2)


def bug_12(model, lr):
    for name, parameter in model.named_parameters():
        parameter.requires_grad = not name.startswith("features.")
    return torch.optim.SGD(model.classifier.parameters(), lr=lr)
