"""The attack calls the model with detached parameters by torch.func."""

import itertools
from contextlib import contextmanager

import torch
from torch import nn
from torch.nn import functional
from torch.utils.data import BatchSampler, DataLoader, RandomSampler


class FCNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.one = nn.Linear(784, 50)
        self.two = nn.Linear(50, 20)
        self.three = nn.Linear(20, 10)

    def forward(self, img: torch.Tensor) -> torch.Tensor:
        out = torch.flatten(img, 1)
        for layer in (self.one, self.two):
            out = functional.relu(layer(out), inplace=True)
        return self.three(out)


class ConvNet(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.a = nn.Conv2d(1, 5, 5, 1, 2)
        self.b = nn.Conv2d(5, 10, 5, 1, 2)
        self.c = nn.Linear(10 * 7 * 7, 32)
        self.d = nn.Linear(32, 10)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = functional.max_pool2d(self.a(x).relu(), 2)
        x = functional.max_pool2d(self.b(x).relu(), 2)
        return self.d(self.c(x.flatten(1)).relu())


class Noise(nn.Module):
    def __init__(self, like: torch.Tensor, most: float | None) -> None:
        super().__init__()
        self.values, self.most = nn.Parameter(torch.randn(like.shape, device=like.device) * 0.01), most

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        result = (image + self.values).clamp(0.0, 1.0)
        return result if self.most is None else image + (result - image).clamp(-self.most, self.most)


@contextmanager
def mode(model: nn.Module, training: bool):
    before = [(part, part.training) for part in model.modules()]
    try:
        model.train(training)
        yield {**dict(model.named_buffers()), **{name: p.detach() for name, p in model.named_parameters()}}
    finally:
        for part, flag in before:
            part.training = flag


def demand(right: bool, message: str) -> None:
    if not right:
        raise ValueError(message)


def is_count(value, least: int) -> bool:
    return isinstance(value, int) and value >= least


def is_amount(value) -> bool:
    return isinstance(value, (int, float)) and 0 <= value < float("inf")


def train(model, data, batch_size=64, lr=0.001, num_iters=1000, print_every=100, progress=None):
    demand(is_count(batch_size, 1), "batch_size is wrong")
    demand(is_count(num_iters, 0), "num_iters is wrong")
    demand(is_count(print_every, 1), "print_every is wrong")
    demand(is_amount(lr), "lr is wrong")
    demand(len(data) > 0, "data is empty")
    device = next(itertools.chain(model.parameters(), model.buffers())).device
    loader = DataLoader(data, batch_sampler=BatchSampler(RandomSampler(data), batch_size, drop_last=False))
    optimizer = torch.optim.Adam(params=list(model.parameters()), lr=lr)
    losses, sum_ = [], torch.zeros(())
    model.train()
    batches = itertools.chain.from_iterable(loader for _ in itertools.count())
    for step, (images, labels) in enumerate(itertools.islice(batches, num_iters), start=1):
        optimizer.zero_grad(set_to_none=False)
        loss = functional.nll_loss(model(images.to(device)).log_softmax(-1), labels.to(device))
        loss.backward()
        optimizer.step()
        sum_ += loss.detach().cpu()
        if not step % print_every:
            losses.append((sum_ / print_every).item())
            sum_ = torch.zeros(())
    return losses


def create_adversarial_example(model, image, target_label, num_steps=1000, lr=0.01, weight_decay=1.0, epsilon=None):
    demand(is_count(target_label, 0) and target_label < 10, "target_label is wrong")
    demand(is_count(num_steps, 0), "num_steps is wrong")
    demand(is_amount(lr), "lr is wrong")
    demand(is_amount(weight_decay), "weight_decay is wrong")
    demand(epsilon is None or is_amount(epsilon), "epsilon is wrong")
    device = next(itertools.chain(model.parameters(), model.buffers())).device
    image = image.to(device)
    noise = Noise(image, epsilon)
    optimizer = torch.optim.Adam(noise.parameters(), lr, weight_decay=weight_decay)
    target = functional.one_hot(torch.tensor([target_label], device=device), 10).float()
    with mode(model, False) as values:
        for _ in range(num_steps):
            logits = torch.func.functional_call(model, values, (noise(image)[None],))
            loss = functional.cross_entropy(logits, target)
            noise.zero_grad()
            loss.backward()
            optimizer.step()
    with torch.no_grad():
        return noise(image).clamp(0, 1)
