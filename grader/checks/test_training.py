"""Checks of exercise `training`: a supervised training loop."""

import math

import torch
from torch import nn

from grader.checks import check, expect, pictures, probes
from grader.checks.probes import ANN, CNN, SMALL

HISTORY = ["iters", "losses", "train_acc", "val_acc"]
PROBE = [["Recorder"], ["Flatten"], ["Linear", 784, 12], ["ReLU"], ["Linear", 12, 10]]
FIRST_MUST_STAY = [["AvgPool2d", 7], ["Flatten"], ["Linear", 16, 8], ["Dropout", 1.0], ["Linear", 8, 10]]
WORKER_NETS = ((CNN, (32, 16)),)
DROPPED_TAIL = [*SMALL, ["Dropout", 1.0]]


def warm():
    """Load the digits before judges are forked."""
    from grader.data.digits import mnist_digits

    mnist_digits()


def train(student, model, data, val_data=None, **settings):
    """Call the student's train and see that a history comes back."""
    history = student.call("train", model, data, val_data, **settings)
    expect(history, "the history", f"A dict with the lists {', '.join(HISTORY)}.").of_type(dict)
    missing = [name for name in HISTORY if type(history.get(name)) is not list]
    expect(history, "the history").satisfies(not missing, f"a list `{(missing or [''])[0]}`")
    return history


# --- get_accuracy


@check(points=1, goal="evaluation")
def test_accuracy_is_the_share_of_right_answers(student, draw):
    """get_accuracy is the share of right answers, also with a smaller last batch."""
    weights, pixels, labels = probes.with_accuracy(draw, SMALL, 10, right=7)
    model, data = probes.net(student, SMALL, weights), student.make("dataset", pixels, labels)
    for batch_size in (1, 4, 10, 64):
        value = student.call("get_accuracy", model, data, batch_size=batch_size)
        hint = "Count the right answers and divide once, at the end, by the number of samples."
        expect(value, f"get_accuracy with batch_size={batch_size}", hint).of_type(float).close(0.7, atol=1e-6)
    expect(student.call("get_accuracy", model, data), "get_accuracy").close(0.7, atol=1e-6)


@check(
    points=1,
    goal="evaluation",
    hidden=True,
    after=test_accuracy_is_the_share_of_right_answers,
    recipe="any net and data",
)
def test_accuracy_on_any_data(student, draw):
    """get_accuracy gives the right share for any net, data and batch size."""
    rng = draw.random()
    for label in "ab":
        count = rng.randint(20, 40)
        right = rng.randint(3, count - 3)
        weights = probes.starting_weights(SMALL, draw, label)
        pixels, _ = probes.images(draw, count, label)
        with torch.no_grad():
            labels = probes.twin(SMALL, weights)(pixels).argmax(dim=1)
        wrong = torch.tensor(rng.sample(range(count), count - right))
        labels[wrong] = (labels[wrong] + 1 + rng.randint(0, 8)) % 10
        model, data = probes.net(student, SMALL, weights), student.make("dataset", pixels, labels)
        value = student.call("get_accuracy", model, data, rng.randint(2, 9))
        expect(value, "get_accuracy").of_type(float).close(right / count, atol=1e-6)


@check(points=1, goal="modes", after=test_accuracy_is_the_share_of_right_answers)
def test_accuracy_in_eval_mode(student, draw):
    """get_accuracy measures in eval mode: dropout does nothing there."""
    weights, pixels, labels = probes.with_accuracy(draw, DROPPED_TAIL, 10, right=8)
    model, data = probes.net(student, DROPPED_TAIL, weights), student.make("dataset", pixels, labels)
    student.tool("set_modes", model, [True] * (len(DROPPED_TAIL) + 1))
    value = student.call("get_accuracy", model, data, 4)
    expect(value, "get_accuracy of a net with dropout", "Call model.eval() before you measure.").close(0.8, atol=1e-6)


@check(points=0.5, goal="modes", observed=True, after=test_accuracy_in_eval_mode)
def test_accuracy_restores_the_modes(student, draw):
    """After get_accuracy every submodule has the mode that it had before."""
    weights, pixels, labels = probes.with_accuracy(draw, DROPPED_TAIL, 6, right=3)
    data = student.make("dataset", pixels, labels)
    for flags in ([True] * 5, [False] * 5, [True, False, True, False, True], [False, True, False, True, False]):
        model = probes.net(student, DROPPED_TAIL, weights)
        student.tool("set_modes", model, flags)
        student.call("get_accuracy", model, data, 4)
        hint = "Note each submodule's `training` before, and write it back after."
        expect(student.tool("modes", model), "the training flags afterwards", hint).equal(flags)


@check(points=0.5, goal="modes", observed=True, after=test_accuracy_in_eval_mode)
def test_accuracy_restores_the_modes_after_an_error(student, draw):
    """The modes are restored also when the model raises."""
    layers = [["Tripwire", 2], *SMALL]
    pixels, labels = probes.images(draw, 9)
    for flags in ([True] * 5, [True, False, True, False, True]):
        model = probes.net(student, layers, probes.starting_weights(layers, draw))
        student.tool("set_modes", model, flags)
        raised = student.fails(
            lambda m=model: student.call("get_accuracy", m, student.make("dataset", pixels, labels), 4)
        )
        expect(raised, "get_accuracy").satisfies(raised, "the model's own exception to come through", "no exception")
        hint = "`finally` runs after an exception too."
        expect(student.tool("modes", model), "the training flags afterwards", hint).equal(flags)


@check(points=0.5, goal="evaluation", observed=True, after=test_accuracy_is_the_share_of_right_answers)
def test_accuracy_without_gradients(student, draw):
    """get_accuracy computes without gradients and leaves torch's gradient mode as it was."""
    layers = [["GradNote"], *SMALL]
    weights, (pixels, labels) = probes.starting_weights(layers, draw), probes.images(draw, 8)
    data = student.make("dataset", pixels, labels)
    for mode in (True, False):
        model = probes.net(student, layers, weights)
        student.tool("set_grad_enabled", mode)
        student.call("get_accuracy", model, data, 4)
        hint = "`with torch.no_grad():` is all it takes."
        noted = student.tool("layer_notes", model, 0)
        expect(noted, "gradients on at each forward pass", hint).satisfies(
            type(noted) is list and bool(noted) and not any(noted), "off at each", f"{noted}"
        )
        expect(student.tool("global_state")[0], "torch.is_grad_enabled() afterwards").equal(mode)


@check(points=0.5, goal="errors")
def test_accuracy_refuses_bad_arguments(student, draw):
    """get_accuracy raises for empty data and for a batch size below 1, naming it."""
    pixels, labels = probes.images(draw, 4)
    model = probes.net(student, SMALL, probes.starting_weights(SMALL, draw))
    empty, data = student.make("dataset", pixels[:0], labels[:0]), student.make("dataset", pixels, labels)
    student.raises("ValueError", "get_accuracy", model, empty, names=["data"])
    for batch_size in (0, -3, 2.5, "4"):
        student.raises(("ValueError", "TypeError"), "get_accuracy", model, data, batch_size, names=["batch_size"])


# --- train: what it returns


@check(points=1, goal="interfaces")
def test_the_history(student, draw):
    """train returns a dict with the lists iters, losses, train_acc and val_acc, of ints and floats."""
    pixels, labels = probes.images(draw, 10)
    weights = probes.starting_weights(SMALL, draw)
    for validation in (True, False):
        model, data = probes.net(student, SMALL, weights), student.make("dataset", pixels, labels)
        held_out = student.make("dataset", pixels[:6], labels[:6]) if validation else None
        history = train(student, model, data, held_out, batch_size=4, num_epochs=2)
        expect(history["iters"], "iters", "3 mini-batches an epoch, 2 epochs.").equal([0, 1, 2, 3, 4, 5])
        for name, count in (("losses", 6), ("train_acc", 2), ("val_acc", 2 if validation else 0)):
            hint = "`loss.item()` is a Python float; a tensor keeps its graph alive."
            expect(history[name], name, hint).length(count).each_of_type(float)


@check(points=1, goal="losses", after=test_the_history)
def test_losses_are_means(student, draw):
    """Each entry of losses is the mean loss of its mini-batch, also of a smaller last one."""
    pixels, labels = probes.images(draw, 6)
    weights = probes.starting_weights(SMALL, draw)
    with torch.no_grad():
        each = nn.functional.cross_entropy(probes.twin(SMALL, weights)(pixels), labels, reduction="none")
    data = student.make("dataset", pixels, labels)
    whole = train(student, probes.net(student, SMALL, weights), data, batch_size=6, lr=0.0)["losses"]
    hint = "The cross-entropy is a mean already: do not divide it by the batch size again."
    expect(whole, "losses of one batch of all samples, lr=0", hint).close([float(each.mean())], atol=1e-5)
    parts = train(student, probes.net(student, SMALL, weights), data, batch_size=4, lr=0.0)["losses"]
    expect(parts, "losses").length(2)
    total = parts[0] * 4 + parts[1] * 2
    hint = "The last mini-batch has 2 samples: its loss is the mean over these 2."
    expect(total, "4·losses[0] + 2·losses[1], lr=0", hint).close(float(each.sum()), atol=1e-4)


@check(points=1, goal="modes", after=test_the_history)
def test_accuracies_of_the_history(student, draw):
    """train_acc and val_acc are the accuracies over the whole sets after the epoch, in eval mode."""
    weights, pixels, labels = probes.with_accuracy(draw, DROPPED_TAIL, 10, right=7)
    model, data = probes.net(student, DROPPED_TAIL, weights), student.make("dataset", pixels, labels)
    held_out = student.make("dataset", pixels[2:], labels[2:])
    history = train(student, model, data, held_out, batch_size=4, num_epochs=2, lr=0.0)
    hint = "Dropout is off in eval mode: get_accuracy sees to that."
    expect(history["train_acc"], "train_acc with lr=0", hint).close([0.7, 0.7], atol=1e-6)
    expect(history["val_acc"], "val_acc with lr=0", hint).close([5 / 8, 5 / 8], atol=1e-6)


@check(points=1, goal="evaluation", hidden=True, after=test_accuracies_of_the_history, recipe="any net, data and rate")
def test_accuracies_are_those_after_the_epoch(student, draw):
    """The last accuracies are those of the trained model."""
    pixels, labels = probes.images(draw, 30)
    model = probes.net(student, SMALL, probes.starting_weights(SMALL, draw))
    data, held_out = student.make("dataset", pixels, labels), student.make("dataset", pixels[:13], labels[:13])
    history = train(student, model, data, held_out, batch_size=8, num_epochs=2, lr=0.5)
    trained = _twin(student, SMALL, model)
    for name, count in (("train_acc", 30), ("val_acc", 13)):
        expect(history[name], name).length(2)
        expect(history[name][-1], f"the last {name}").close(
            probes.accuracy(trained, pixels[:count], labels[:count]), 1e-6
        )


# --- train: the updates


@check(points=2, goal="gradient descent", after=test_losses_are_means)
def test_steps_of_momentum(student, oracle, draw):
    """With one batch of all samples, three epochs are three steps of SGD with momentum."""
    pixels, labels = probes.images(draw, 12)
    weights = probes.starting_weights(SMALL, draw)
    hint = "Clear the gradients before each backward pass, and keep one optimizer for all epochs."
    for settings in ({"lr": 0.2, "momentum": 0.9}, {"lr": 0.1, "momentum": 0.0}, {}):
        results = []
        for side in (student, oracle):
            model = probes.net(side, SMALL, weights)
            data = side.make("dataset", pixels, labels)
            history = side.call("train", model, data, batch_size=20, num_epochs=3, **settings)
            results.append((history, side.tool("parameters", model)))
        (history, got), (wanted_history, wanted) = results
        expect(history, "the history").of_type(dict)
        expect(history.get("losses"), "losses", hint).close(wanted_history["losses"], atol=1e-4)
        expect(got, "the parameters after 3 steps", hint).close(wanted, atol=1e-5)


@check(points=1, goal="gradient descent", after=test_steps_of_momentum)
def test_old_gradients_do_not_count(student, oracle, draw):
    """Gradients from before the call do not enter the first step."""
    pixels, labels = probes.images(draw, 8)
    weights, results = probes.starting_weights(SMALL, draw), []
    for side in (student, oracle):
        model = probes.net(side, SMALL, weights)
        side.tool("cross_entropy_backward", model, pixels, (labels + 3) % 10)
        side.call("train", model, side.make("dataset", pixels, labels), batch_size=8, lr=0.3)
        results.append(side.tool("parameters", model))
    hint = "Clear the gradients before backward, not only after the step."
    expect(results[0], "the parameters after one step", hint).close(results[1], atol=1e-5)


@check(points=1, goal="modes", after=test_the_history)
def test_updates_in_train_mode(student, draw):
    """Every module is in train mode at each update, in every epoch, whatever mode it came in."""
    weights = probes.starting_weights(FIRST_MUST_STAY, draw)
    pixels, labels = probes.images(draw, 10)
    for flags in ([False] * 6, [True, True, True, True, False, True]):
        model, data = probes.net(student, FIRST_MUST_STAY, weights), student.make("dataset", pixels, labels)
        student.tool("set_modes", model, flags)
        train(student, model, data, data, batch_size=4, num_epochs=2, lr=0.5)
        after = _fitting(student, FIRST_MUST_STAY, model)
        moved = float((after[3] - weights[3]).abs().max())
        expect(moved, "how far the last bias moved").satisfies(moved > 1e-4, "some way: it learns", f"{moved:.3g}")
        hint = "Its output is dropped, all of it, in train mode. Call model.train() at the start of every epoch."
        expect(after[0], "the layer before a dropout of 1.0", hint).close(weights[0], atol=1e-7)


@check(points=1, goal="mini-batches", after=test_losses_are_means)
def test_every_sample_once_an_epoch(student, draw):
    """Each epoch takes every sample once, in another order."""
    pixels, labels, weights, each = _told_apart(draw, 12)
    orders = []
    for seed in (1, 2):
        student.tool("seed", seed)
        model, data = probes.net(student, SMALL, weights), student.make("dataset", pixels, labels)
        losses = train(student, model, data, batch_size=1, num_epochs=2, lr=0.0)["losses"]
        expect(losses, "losses with batch_size=1").length(24).each_of_type(float)
        picked = [int((each - loss).abs().argmin()) for loss in losses]
        for epoch in (picked[:12], picked[12:]):
            expect(sorted(epoch), "the samples of an epoch, in order of number").equal(list(range(12)))
            orders.append(epoch)
    hint = "DataLoader(…, shuffle=True) draws a new order each epoch."
    expect(orders[0], "the order of the first epoch", hint).satisfies(
        orders[0] != orders[1], "another than the second's"
    )
    expect(orders[0], "the order after seed 1", hint).satisfies(orders[0] != orders[2], "another than after seed 2")
    expect(orders[0], "the order", hint).satisfies(orders[0] != list(range(12)), "a shuffled one")


@check(points=1, goal="randomness", after=test_the_history)
def test_the_same_seed_gives_the_same_result(student, draw):
    """The result depends on torch's seed, and train does not set a seed itself."""
    pixels, labels = probes.images(draw, 24)
    weights, runs = probes.starting_weights(SMALL, draw), []
    for seed in (11, 11, 12):
        student.tool("seed", seed)
        model, data = probes.net(student, SMALL, weights), student.make("dataset", pixels, labels)
        losses = train(student, model, data, batch_size=4, lr=0.1, num_epochs=2)["losses"]
        runs.append((losses, student.tool("global_state")[1]))
    expect(runs[0][0], "losses after the same seed").satisfies(runs[0][0] == runs[1][0], "the same twice")
    hint = "Do not call torch.manual_seed inside train."
    expect(runs[0][0], "losses after another seed", hint).satisfies(runs[0][0] != runs[2][0], "others")
    states = [state.tolist() if torch.is_tensor(state) else state for _, state in runs]
    expect(states[0], "torch's generator afterwards", hint).satisfies(
        states[0] != states[2], "another after another seed", "the same"
    )


@check(
    points=3,
    goal="gradient descent",
    hidden=True,
    after=(test_steps_of_momentum, test_every_sample_once_an_epoch, test_updates_in_train_mode),
    recipe="some forty images in mini-batches, two or three epochs, any rate and momentum",
)
def test_the_batches_replayed(student, draw):
    """The mini-batches that the model saw, replayed step by step, give the same losses and parameters."""
    rng = draw.random()
    count, batch_size, epochs = rng.randint(34, 44), rng.randint(9, 14), rng.randint(2, 3)
    lr, momentum = rng.uniform(0.05, 0.2), rng.uniform(0.5, 0.9)
    pixels, labels = probes.images(draw, count)
    weights = probes.starting_weights(PROBE, draw)
    model, data = probes.net(student, PROBE, weights), student.make("dataset", pixels, labels)
    history = train(student, model, data, batch_size=batch_size, num_epochs=epochs, lr=lr, momentum=momentum)
    batches = _batches(student.tool("layer_notes", model, 0), pixels)
    per_epoch = math.ceil(count / batch_size)
    expect(len(batches), "forward passes in train mode").equal(per_epoch * epochs)
    for epoch in range(epochs):
        taken = sorted(n for batch in batches[epoch * per_epoch : (epoch + 1) * per_epoch] for n in batch)
        expect(taken, "the samples of an epoch").equal(list(range(count)))
    for number, batch in enumerate(batches):
        size = batch_size if (number + 1) % per_epoch else count - batch_size * (per_epoch - 1)
        expect(len(batch), "the size of a mini-batch").equal(size)
    reference = probes.twin(PROBE, weights)
    optimizer = torch.optim.SGD(reference.parameters(), lr=lr, momentum=momentum)
    losses = []
    for batch in batches:
        loss = nn.functional.cross_entropy(reference(pixels[batch]), labels[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    expect(history["losses"], "losses").close(losses, atol=1e-3)
    wanted = [p.detach() for p in reference.parameters()]
    expect(_fitting(student, PROBE, model), "the parameters").close(wanted, atol=2e-4)


# --- train: learning


@check(points=2, goal="learning", hidden=True, learning=True, after=test_the_batches_replayed, seconds=60,
       recipe="2,000 MNIST digits, their classes renamed")  # fmt: skip
def test_the_cnn_learns_digits(student, oracle, draw):
    """The course's CNN, trained by your loop on real digits, classifies held-out ones."""
    _learns(student, draw, CNN, oracle.threshold("cnn"), lr=0.05)


@check(points=1, goal="learning", hidden=True, learning=True, after=test_the_batches_replayed, seconds=60,
       recipe="2,000 MNIST digits, their classes renamed")  # fmt: skip
def test_the_ann_learns_digits(student, oracle, draw):
    """The course's fully-connected net, trained by your loop on real digits, classifies held-out ones."""
    _learns(student, draw, ANN, oracle.threshold("ann"), lr=0.05)


def digits_task(draw):
    """2,000 training and 1,000 held-out digits, their classes renamed by the draw: images, labels, images, labels."""
    from grader.data.digits import mnist_digits

    pixels, labels = mnist_digits()
    order = torch.randperm(len(labels), generator=draw.generator("split"))
    renamed = torch.randperm(10, generator=draw.generator("classes"))[labels]
    train_part, held_out = order[:2000], order[2000:3000]
    return pixels[train_part], renamed[train_part], pixels[held_out], renamed[held_out]


def _learns(student, draw, layers, threshold, lr):
    pixels, labels, held_out, held_out_labels = digits_task(draw)
    model = probes.net(student, layers, probes.starting_weights(layers, draw))
    history = train(student, model, student.make("dataset", pixels, labels), batch_size=32, num_epochs=3, lr=lr)
    losses = history["losses"]
    expect(losses, "losses").length(189).each_of_type(float)
    expect(sum(losses[-20:]) / 20, "the mean of the last 20 losses").satisfies(
        sum(losses[-20:]) < 0.7 * sum(losses[:20]), "well below that of the first 20"
    )
    pictures.show_curves("losses", {"loss": losses})
    reached = probes.accuracy(_twin(student, layers, model), held_out, held_out_labels)
    expect(reached, "the accuracy on held-out digits").at_least(threshold)


# --- train: corners


@check(points=0.5, goal="corners", after=test_the_history)
def test_no_epochs(student, draw):
    """0 epochs change nothing, and every list of the history is empty."""
    pixels, labels = probes.images(draw, 6)
    weights = probes.starting_weights(SMALL, draw)
    model, data = probes.net(student, SMALL, weights), student.make("dataset", pixels, labels)
    history = train(student, model, data, data, num_epochs=0)
    expect(history, "the history").equal({name: [] for name in HISTORY})
    expect(student.tool("parameters", model), "the parameters").close(weights, atol=0)


@check(points=1, goal="errors")
def test_train_refuses_bad_arguments(student, draw):
    """train raises for empty data and settings out of range, naming them, also where there are 0 epochs."""
    pixels, labels = probes.images(draw, 4)
    model = probes.net(student, SMALL, probes.starting_weights(SMALL, draw))
    empty, data = student.make("dataset", pixels[:0], labels[:0]), student.make("dataset", pixels, labels)
    for epochs in (1, 0):
        student.raises("ValueError", "train", model, empty, num_epochs=epochs, names=["train_data", "data"])
        student.raises("ValueError", "train", model, data, empty, num_epochs=epochs, names=["val_data", "data"])
        for name, values in {
            "batch_size": (0, -1, 1.5, "4"),
            "lr": (-0.1, math.nan, math.inf, "0.1"),
            "momentum": (-0.5, math.nan, math.inf, "0.9"),
        }.items():
            for value in values:
                bad = {name: value, "num_epochs": epochs}
                student.raises(("ValueError", "TypeError"), "train", model, data, names=[name], **bad)
    for value in (-1, 1.5, "2"):
        student.raises(("ValueError", "TypeError"), "train", model, data, num_epochs=value, names=["num_epochs"])
    for value in ("cuda", "nowhere"):
        hint = "A device that is not there must not become a silent run on another."
        student.raises("Exception", "train", model, data, device=value, hint=hint)


@check(points=0.5, goal="side effects", observed=True, after=test_the_history)
def test_gradients_stay_on(student, draw):
    """train leaves torch's gradient mode as it was."""
    pixels, labels = probes.images(draw, 4)
    model = probes.net(student, SMALL, probes.starting_weights(SMALL, draw))
    train(student, model, student.make("dataset", pixels, labels), batch_size=2)
    expect(student.tool("global_state")[0], "torch.is_grad_enabled() afterwards").equal(True)


@check(points=1.5, goal="devices", observed=True, after=test_steps_of_momentum)
def test_on_a_cuda_device(student, draw):
    """train and get_accuracy work on a CUDA device: the model's own, or the one that `device` names."""
    pixels, labels = probes.images(draw, 10)
    weights = probes.starting_weights(SMALL, draw)
    model, data = probes.net(student, SMALL, weights), student.make("dataset", pixels, labels)
    student.tool("seed", 3)
    plain = train(student, model, data, data, batch_size=4)
    for device in (None, "cuda"):
        data = student.make("dataset", pixels, labels)
        model = probes.net(student, SMALL, weights)
        student.tool("virtual_cuda")
        if device is None:
            model = student.make("on_device", model, "cuda")
        student.tool("seed", 3)
        hint = "Move each batch to the device that the model's parameters are on."
        history = train(student, model, data, data, batch_size=4, device=device)
        accuracy = student.call("get_accuracy", model, data)
        places = student.tool("device_types", model)
        student.leave()
        expect(places, "where the parameters are", hint).equal(["cuda"] * 2)
        expect(history["losses"], "losses, beside those on the CPU", hint).close(plain["losses"], atol=1e-4)
        expect(accuracy, "get_accuracy").of_type(float)


def _fitting(student, layers, model):
    """The model's parameters, seen to have the shapes that they had."""
    values = probes.parameters(student, model)
    try:
        probes.twin(layers, values)
    except (ValueError, AttributeError):
        expect(values, "the model's parameters").satisfies(False, "the same parameters as before", "others")
    return values


def _twin(student, layers, model):
    return probes.twin(layers, _fitting(student, layers, model))


def _told_apart(draw, count):
    """Images, labels and weights whose losses differ by more than rounding, and these losses."""
    for attempt in range(100):
        pixels, labels = probes.images(draw, count, f"images {attempt}")
        weights = probes.starting_weights(SMALL, draw, f"weights {attempt}")
        with torch.no_grad():
            each = nn.functional.cross_entropy(probes.twin(SMALL, weights)(pixels), labels, reduction="none")
        if float(each.sort().values.diff().min()) > 1e-3:
            return pixels, labels, weights, each
    raise AssertionError("no such draw")


def _batches(seen, pixels):
    """The numbers of the samples in each noted batch."""
    known = {image.numpy().tobytes(): number for number, image in enumerate(pixels)}
    found = []
    for batch in seen if isinstance(seen, list) else []:
        rows = list(batch) if torch.is_tensor(batch) and batch.dim() == 4 else []
        found.append([known.get(row.contiguous().numpy().tobytes(), -1) for row in rows])
    stray = any(number < 0 for batch in found for number in batch)
    expect(len(found), "what the model saw").satisfies(not stray, "images of the data, as they are", "other images")
    return found
