"""Virtual CUDA: a right loop gives the CPU's values, and each thing left on the CPU raises."""

import pytest
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

from grader.worker.virtual_cuda import virtual_cuda


def train(device, left=None):
    """A small loop over a GRU; with `left`, the thing of that name stays on the CPU. Returns losses and device."""
    torch.manual_seed(0)

    def move(name, thing):
        return thing if name == left else thing.to(device)

    model = move("model", nn.ModuleDict({"gru": nn.GRU(5, 8, batch_first=True), "out": nn.Linear(8, 5)}))
    identity, total = move("identity", torch.eye(5)), move("running total", torch.tensor(0.0))
    data = TensorDataset(torch.randint(5, (32, 4)), torch.randint(5, (32, 4)))
    optimizer, losses = torch.optim.Adam(model.parameters(), lr=0.01), []
    for inputs, targets in DataLoader(data, 8, shuffle=True):
        targets, hidden = move("targets", targets), move("hidden state", torch.zeros(1, 8, 8))
        logits = model["out"](model["gru"](identity[inputs.to(device)], hidden)[0])
        loss = nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.detach()
        losses.append(loss.item())
    return losses, next(model.parameters()).device.type


def test_a_right_loop_gives_the_values_of_the_cpu():
    plain = train("cpu")
    with virtual_cuda():
        assert train("cuda") == (plain[0], "cuda")
    assert plain[1] == "cpu"


@pytest.mark.parametrize("left", ["model", "identity", "targets", "hidden state", "running total"])
def test_what_is_left_on_the_cpu_raises(left):
    with pytest.raises(RuntimeError), virtual_cuda():
        train("cuda", left)


def test_torch_is_as_before_afterwards():
    before = torch.Generator, torch.cuda.is_available()
    with virtual_cuda():
        assert torch.cuda.is_available()
    assert (torch.Generator, torch.cuda.is_available()) == before
