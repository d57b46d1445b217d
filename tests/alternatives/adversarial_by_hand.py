"""Adam written out, for the weights and for the noise; the attack stops as soon as the target is reached."""

import torch
from torch import nn


class Adam:
    """Kingma and Ba's algorithm 1, with the decay added to the gradient."""

    def __init__(self, numbers, lr, decay=0.0):
        self.numbers, self.lr, self.decay, self.t = list(numbers), lr, decay, 0
        self.moments = [(torch.zeros_like(n), torch.zeros_like(n)) for n in self.numbers]

    @torch.no_grad()
    def step(self, gradients):
        self.t += 1
        for number, gradient, (first, second) in zip(self.numbers, gradients, self.moments):
            gradient = gradient + self.decay * number
            first.mul_(0.9).add_(0.1 * gradient)
            second.mul_(0.999).add_(0.001 * gradient * gradient)
            scale = (second / (1 - 0.999**self.t)).sqrt() + 1e-8
            number -= self.lr * (first / (1 - 0.9**self.t)) / scale


class FCNet(nn.Module):
    def __init__(self):
        super().__init__()
        sizes = (784, 50, 20, 10)
        self.layers = nn.ModuleList([nn.Linear(a, b) for a, b in zip(sizes, sizes[1:])])  # noqa: RUF007

    def forward(self, img):
        first, second, third = self.layers
        return third(second(first(img.reshape(len(img), -1)).clamp(min=0)).clamp(min=0))


class ConvNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 5, 5, padding=(2, 2)), nn.Conv2d(5, 10, 5, padding=(2, 2))
        self.fc1, self.fc2 = nn.Linear(490, 32), nn.Linear(32, 10)

    def forward(self, x):
        for conv in (self.conv1, self.conv2):
            x = nn.functional.max_pool2d(conv(x), 2).relu()
        return self.fc2(self.fc1(torch.flatten(x, 1)).relu())


def _loss(logits, labels):
    return (logits.logsumexp(1) - logits[torch.arange(len(labels)), labels]).mean()


def _number(name, value, whole=False, least=0):
    try:
        number = value.__index__() if whole else float(value + 0)
    except (AttributeError, TypeError):
        raise TypeError(f"{name} = {value!r}: a number is needed") from None
    if not least <= number < float("inf"):
        raise ValueError(f"{name} = {value!r}: not in the range")


def train(model, data, batch_size=64, lr=0.001, num_iters=1000, print_every=100):
    for name, value, least in (
        ("batch_size", batch_size, 1),
        ("num_iters", num_iters, 0),
        ("print_every", print_every, 1),
    ):
        _number(name, value, True, least)
    _number("lr", lr)
    if not len(data):
        raise ValueError("data = []: empty")
    weights = [p for p in model.parameters() if p.requires_grad]
    place = weights[0].device
    adam, order, window, means = Adam(weights, lr), [], [], []
    while adam.t < num_iters:
        order = order or torch.randperm(len(data)).tolist()
        picked, order = order[:batch_size], order[batch_size:]
        images = torch.stack([data[i][0] for i in picked]).to(place)
        labels = torch.tensor([data[i][1] for i in picked], device=place)
        for part in model.modules():
            part.training = True
        loss = _loss(model(images), labels)
        adam.step(torch.autograd.grad(loss, weights))
        window.append(float(loss.detach()))
        if len(window) == print_every:
            means.append(sum(window) / print_every)
            window = []
    return means


def create_adversarial_example(model, image, target_label, num_steps=1000, lr=0.01, weight_decay=1.0, epsilon=None):
    _number("target_label", target_label, True)
    if target_label > 9:
        raise ValueError("target_label is no digit")
    _number("num_steps", num_steps, True)
    _number("lr", lr)
    _number("weight_decay", weight_decay)
    if epsilon is not None:
        _number("epsilon", epsilon)
    place = next(model.parameters()).device
    image, bound = image.detach().to(place), float("inf") if epsilon is None else epsilon
    noise = torch.normal(0.0, 0.01, image.shape, device=place)
    adam = Adam([noise], lr, weight_decay)
    flags = {part: part.training for part in model.modules()}
    try:
        model.train(False)
        for _ in range(num_steps):
            wiggled = noise.clone().requires_grad_()
            logits = model((image + wiggled.clamp(-bound, bound)).clamp(0, 1)[None])
            if int(logits.argmax()) == target_label:
                break
            adam.step(torch.autograd.grad(_loss(logits, torch.tensor([target_label])), [wiggled]))
    finally:
        for part, flag in flags.items():
            part.training = flag
    return (image + noise.clamp(-bound, bound)).clamp(0, 1)
