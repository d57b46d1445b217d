"""What the checks of trainers that need no labels share: `train(model, data, num_epochs, batch_size, learning_rate)`.

`make` is a function without arguments that makes the same model in the worker again and again.
"""

import math

import torch

from grader.checks import layers, probes
from grader.checks.expectations import expect
from grader.worker.instruments.nets import sequential

BAD_COUNTS = (1.5, "2")
BAD_RATES = (-0.1, math.nan, math.inf, "0.1")


def dataset(side, pixels):
    """The images as a data set with labels that nobody needs."""
    return side.make("dataset", pixels, torch.zeros(len(pixels), dtype=torch.long))


def fitting(student, net, model):
    """The parameters of a model in the worker, seen to have the shapes of the described net's."""
    return layers.parameters_of(student, model, [tuple(p.shape) for p in sequential(net).parameters()])


def mini_batches(seen, pixels, epochs, batch_size):
    """The numbers of the samples in each mini-batch of each epoch, from what a Recorder noted.

    A mini-batch that comes a second time in an epoch was only looked at once more. See that each epoch takes every
    sample once, in mini-batches of `batch_size` but for a smaller last one, and in another order than the first.
    """
    known = {image.numpy().tobytes(): number for number, image in enumerate(pixels.flatten(1))}
    found = []
    for batch in seen if isinstance(seen, list) else []:
        rows = list(batch.flatten(1)) if torch.is_tensor(batch) and batch.dim() > 1 else []
        found.append([known.get(row.contiguous().numpy().tobytes(), -1) for row in rows])
    stray = any(number < 0 for batch in found for number in batch)
    expect(len(found), "what the model saw").satisfies(not stray, "images of the data, as they are", "other images")
    done: list[list[list[int]]] = [[]]
    for batch in found:
        if batch in done[-1]:
            continue
        if sum(map(len, done[-1])) >= len(pixels):
            done.append([])
        done[-1].append(batch)
    expect(
        len(done),
        "the number of epochs",
        "Every epoch goes through all of the data, in mini-batches that are drawn anew: shuffle=True.",
    ).equal(epochs)
    sizes = [batch_size] * (len(pixels) // batch_size) + [len(pixels) % batch_size] * (len(pixels) % batch_size > 0)
    for epoch in done:
        taken = sorted(number for batch in epoch for number in batch)
        expect(taken, "the samples of an epoch", "Every sample once an epoch.").equal(list(range(len(pixels))))
        expect([len(batch) for batch in epoch], "the sizes of the mini-batches of an epoch").equal(sizes)
    hint = "DataLoader(…, shuffle=True) draws a new order each epoch."
    orders = [[number for batch in epoch for number in batch] for epoch in done]
    expect(orders[0], "the order of the first epoch", hint).satisfies(
        orders[0] != list(range(len(pixels))), "a shuffled one"
    )
    for order in orders[1:]:
        expect(order, "the order of a later epoch", hint).satisfies(order != orders[0], "another than the first's")
    return done


@torch.enable_grad()  # our own mutants share this process, and may leave gradients off
def adam_steps(net, batches, loss_of, learning_rate, weight_decay=0.0):
    """Train the judge's net on these mini-batches; its parameters before the first step and after each, and losses."""
    optimizer = torch.optim.Adam(net.parameters(), lr=learning_rate, weight_decay=weight_decay)
    states, losses = [[p.detach().clone() for p in net.parameters()]], []
    for batch in batches:
        loss = loss_of(net, batch)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
        states.append([p.detach().clone() for p in net.parameters()])
    return states, losses


def same_seed_same_result(student, make, pixels):
    """See that the trained parameters depend on torch's seed, and that train seeds nothing itself."""
    data = dataset(student, pixels)

    def trained():
        model = make()
        student.new("train", model, data, num_epochs=2, batch_size=4, learning_rate=0.01)
        return torch.cat([p.flatten() for p in probes.parameters(student, model)])

    layers.depends_on_the_seed(student, trained, "the trained parameters")


def no_epochs(student, make, pixels):
    """See that 0 epochs change nothing and give an empty list."""
    model = make()
    before = probes.parameters(student, model)
    given = student.call("train", model, dataset(student, pixels), num_epochs=0)
    expect(given, "what 0 epochs give").equal([])
    expect(probes.parameters(student, model), "the parameters after 0 epochs").close(before, atol=0)


def refuses_bad_arguments(student, model, pixels):
    """See that empty data and settings out of range raise and are named, also where there are 0 epochs."""
    data, empty = dataset(student, pixels), dataset(student, pixels[:0])
    for epochs in (1, 0):
        student.raises("ValueError", "train", model, empty, num_epochs=epochs, names=["data"])
        for name, values in {"batch_size": (0, -1, *BAD_COUNTS), "learning_rate": BAD_RATES}.items():
            for value in values:
                bad = {name: value, "num_epochs": epochs}
                student.raises(("ValueError", "TypeError"), "train", model, data, names=[name], **bad)
    for value in (-1, *BAD_COUNTS):
        student.raises(("ValueError", "TypeError"), "train", model, data, num_epochs=value, names=["num_epochs"])
    for value in ("cuda", "nowhere"):
        hint = "A device that is not there must not become a silent run on another."
        student.raises("Exception", "train", model, data, device=value, hint=hint)


def gradients_stay(student, make, pixels):
    """See that torch's gradient mode is afterwards as it was; with gradients off, train may raise."""
    student.new("train", make(), dataset(student, pixels), num_epochs=1, batch_size=2)
    expect(student.tool("global_state")[0], "torch.is_grad_enabled() afterwards").equal(True)
    model = make()
    student.tool("set_grad_enabled", False)
    student.fails(lambda: student.new("train", model, dataset(student, pixels), num_epochs=1))
    expect(student.tool("global_state")[0], "torch.is_grad_enabled() afterwards, off before").equal(False)


def data_stay(student, make, pixels):
    """See that the images of the data are the same afterwards."""
    data = dataset(student, pixels)
    student.new("train", make(), data, num_epochs=1, batch_size=4, learning_rate=0.1)
    expect(data.get("images"), "the images of the data afterwards").close(pixels, atol=0)
