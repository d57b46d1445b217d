"""What several exercises promise alike: get_accuracy over a loader of batches, and a training loop with Adam."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from grader.checks import expect, probes
from grader.checks.draws import Draw

HISTORY = ["losses", "epochs", "train_acc", "valid_acc"]
LOADER_NAMES = ["train_loader", "valid_loader", "data_loader", "loader"]


@dataclass(frozen=True)
class Loop:
    """A trainer and the probes for it.

    trainer: its name; front: layers that make (N, 6) of the inputs; random_inputs: N inputs from a generator.
    """

    trainer: str
    front: list[list]
    random_inputs: Callable[[int, torch.Generator], Tensor]

    @property
    def small(self) -> list[list]:
        return [*self.front, ["Linear", 6, 3]]

    @property
    def dropped_tail(self) -> list[list]:
        return [*self.small, ["Dropout", 1.0]]

    @property
    def first_must_stay(self) -> list[list]:
        return [*self.front, ["Linear", 6, 8], ["Dropout", 1.0], ["Linear", 8, 3]]

    def samples(self, draw: Draw, count: int, label: str = "samples") -> tuple[Tensor, Tensor]:
        """Inputs, and labels of all three classes."""
        generator = draw.generator(label)
        return self.random_inputs(count, generator), torch.arange(count) % 3

    def with_accuracy(self, draw: Draw, count: int, right: int, label: str = "") -> tuple[list[Tensor], Tensor, Tensor]:
        """Weights of the small net, inputs, and labels of which it gets `right`; the wrong ones stand at the end."""
        weights = probes.starting_weights(self.small, draw, f"weights {label}")
        inputs, _ = self.samples(draw, count, f"samples {label}")
        with torch.no_grad():
            labels = probes.twin(self.small, weights)(inputs).argmax(dim=1)
        labels[right:] = (labels[right:] + 1) % 3
        return weights, inputs, labels

    def train(self, side: Any, model: Any, train_loader: Any, valid_loader: Any, **settings: Any) -> dict[str, list]:
        """Call the trainer and see that a history comes back."""
        history = side.call(self.trainer, model, train_loader, valid_loader, **settings)
        expect(history, "the history", f"A dict with the lists {', '.join(HISTORY)}.").of_type(dict)
        missing = [name for name in HISTORY if type(history.get(name)) is not list]
        expect(history, "the history").satisfies(not missing, f"a list `{(missing or [''])[0]}`")
        return history

    def fitting(self, student: Any, layers: list, model: Any) -> list[Tensor]:
        """The model's parameters, seen to have the shapes that they had."""
        values = probes.parameters(student, model)
        try:
            probes.twin(layers, values)
        except (ValueError, AttributeError):
            expect(values, "the model's parameters").satisfies(False, "the same parameters as before", "others")
        return values


# --- get_accuracy


def accuracy_is_the_share(student, draw, loop):
    weights, inputs, labels = loop.with_accuracy(draw, 10, right=7)
    model = probes.net(student, loop.small, weights)
    for batch_size in (1, 4, 10, 64):
        value = student.call("get_accuracy", model, student.make("data_loader", inputs, labels, batch_size))
        hint = "Count the right answers and the samples over all batches, and divide once, at the end."
        expect(value, f"get_accuracy in batches of {batch_size}", hint).of_type(float).close(0.7, atol=1e-6)


def accuracy_on_any_loader(student, draw, loop):
    rng = draw.random()
    for label in "ab":
        sizes = [rng.randint(1, 9) for _ in range(rng.randint(3, 6))]
        count = sum(sizes)
        right = rng.randint(1, count - 1)
        weights, inputs, labels = loop.with_accuracy(draw, count, right, label)
        order = torch.tensor(rng.sample(range(count), count))
        loader = student.make("batches", inputs[order], labels[order], sizes)
        value = student.call("get_accuracy", probes.net(student, loop.small, weights), loader)
        hint = "A loader is anything that gives batches: it may have no length and no data set."
        expect(value, "get_accuracy", hint).of_type(float).close(right / count, atol=1e-6)


def accuracy_in_eval_mode(student, draw, loop):
    weights, inputs, labels = loop.with_accuracy(draw, 12, right=9)
    model = probes.net(student, loop.dropped_tail, weights)
    student.tool("set_modes", model, [True] * (len(loop.dropped_tail) + 1))
    for batch_size in (1, 12):
        value = student.call("get_accuracy", model, student.make("data_loader", inputs, labels, batch_size))
        hint = "Call model.eval() before you measure: dropout does nothing then."
        expect(value, "get_accuracy of a net with dropout", hint).close(0.75, atol=1e-6)


def accuracy_restores_the_modes(student, draw, loop):
    weights, inputs, labels = loop.with_accuracy(draw, 6, right=3)
    loader, count = student.make("data_loader", inputs, labels, 4), len(loop.dropped_tail) + 1
    alternating = [number % 2 == 0 for number in range(count)]
    for flags in ([True] * count, [False] * count, alternating, [not flag for flag in alternating]):
        model = probes.net(student, loop.dropped_tail, weights)
        student.tool("set_modes", model, flags)
        student.call("get_accuracy", model, loader)
        hint = "Note each submodule's `training` before, and write it back after."
        expect(student.tool("modes", model), "the training flags afterwards", hint).equal(flags)


def accuracy_restores_the_modes_after_an_error(student, draw, loop):
    layers = [["Tripwire", 2], *loop.small]
    inputs, labels = loop.samples(draw, 9)
    count = len(layers) + 1
    for flags in ([True] * count, [number % 2 == 0 for number in range(count)]):
        model = probes.net(student, layers, probes.starting_weights(layers, draw))
        student.tool("set_modes", model, flags)
        loader = student.make("data_loader", inputs, labels, 4)
        raised = student.fails(lambda m=model, d=loader: student.call("get_accuracy", m, d))
        expect(raised, "get_accuracy").satisfies(raised, "the model's own exception to come through", "no exception")
        hint = "`finally` runs after an exception too."
        expect(student.tool("modes", model), "the training flags afterwards", hint).equal(flags)


def accuracy_without_gradients(student, draw, loop):
    layers = [["GradNote"], *loop.small]
    weights, (inputs, labels) = probes.starting_weights(layers, draw), loop.samples(draw, 8)
    loader = student.make("data_loader", inputs, labels, 4)
    for mode in (True, False):
        model = probes.net(student, layers, weights)
        student.tool("set_grad_enabled", mode)
        student.call("get_accuracy", model, loader)
        noted = student.tool("layer_notes", model, 0)
        expect(noted, "gradients on at each forward pass", "`with torch.no_grad():` is all it takes.").satisfies(
            type(noted) is list and bool(noted) and not any(noted), "off at each", f"{noted}"
        )
        expect(student.tool("global_state")[0], "torch.is_grad_enabled() afterwards").equal(mode)


# --- the trainer: what it returns


def the_history(student, draw, loop):
    for settings, count in (({}, 5), ({"num_epochs": 6}, 6), ({"num_epochs": 1}, 1)):
        history = _trained(student, draw, loop, **settings)
        hint = "One loss an epoch, 5 epochs unless num_epochs says otherwise; `.item()` makes a Python float."
        expect(history["losses"], "losses", hint).length(count).each_of_type(float)
        for name in ("train_acc", "valid_acc"):
            expect(history[name], name, hint).each_of_type(float)


def every_fifth_epoch_is_reported(student, draw, loop):
    for num_epochs, reported in ((5, [5]), (4, []), (11, [5, 10])):
        history = _trained(student, draw, loop, num_epochs=num_epochs)
        hint = "Epochs count from 1; the 5th, the 10th and so on are reported."
        expect(history["epochs"], "epochs", hint).equal(reported)
        for name in ("train_acc", "valid_acc"):
            expect(history[name], name, hint).length(len(reported)).satisfies(
                all(type(value) is float and 0 <= value <= 1 for value in history[name]), "floats in [0, 1]"
            )


def _trained(student, draw, loop, **settings):
    inputs, labels = loop.samples(draw, 10)
    model = probes.net(student, loop.small, probes.starting_weights(loop.small, draw))
    loaders = [student.make("data_loader", inputs, labels, batch_size) for batch_size in (4, 3)]
    return loop.train(student, model, *loaders, **settings)


def losses_are_means(student, draw, loop):
    inputs, labels = loop.samples(draw, 9)
    weights = probes.starting_weights(loop.small, draw)
    with torch.no_grad():
        each = nn.functional.cross_entropy(probes.twin(loop.small, weights)(inputs), labels, reduction="none")
    for sizes, hint in (
        ([9], "The cross-entropy is a mean already: do not divide it by the batch size again."),
        ([1, 5, 3], "A batch of 5 counts five times as much as a batch of 1: weigh its mean by its size."),
    ):
        model, loader = probes.net(student, loop.small, weights), student.make("batches", inputs, labels, sizes)
        losses = loop.train(student, model, loader, loader, num_epochs=2, learning_rate=0.0)["losses"]
        what = f"losses of 9 samples in batches of {sizes}, learning_rate=0"
        expect(losses, what, hint).close([float(each.mean())] * 2, atol=1e-5)


def accuracies_of_the_history(student, draw, loop):
    weights, inputs, labels = loop.with_accuracy(draw, 10, right=7)
    model = probes.net(student, loop.dropped_tail, weights)
    loaders = [student.make("batches", inputs[k:], labels[k:], [10 - k - 3, 3]) for k in (0, 2)]
    history = loop.train(student, model, *loaders, num_epochs=5, learning_rate=0.0)
    hint = "get_accuracy over the whole loader; in eval mode, where dropout does nothing."
    expect(history["train_acc"], "train_acc with learning_rate=0", hint).close([0.7], atol=1e-6)
    expect(history["valid_acc"], "valid_acc with learning_rate=0", hint).close([5 / 8], atol=1e-6)
    for rate in (0.5, 2.0):
        model, loader = probes.net(student, loop.small, weights), student.make("batches", inputs, labels, [3, 7])
        history = loop.train(student, model, loader, loader, num_epochs=5, learning_rate=rate)
        trained = probes.twin(loop.small, loop.fitting(student, loop.small, model))
        hint = "Measure after the epoch's updates, not before."
        for name in ("train_acc", "valid_acc"):
            expect(history[name], name, hint).close([probes.accuracy(trained, inputs, labels)], atol=1e-6)


# --- the trainer: its updates


def _both_train(student, oracle, loop, layers, weights, data, sizes, prepare=lambda side, model: None, **settings):
    """(history, parameters) of the student and of a right solution."""
    for side in (student, oracle):
        model, loader = probes.net(side, layers, weights), side.make("batches", *data, sizes)
        prepare(side, model)
        history = side.call(loop.trainer, model, loader, loader, **settings)
        yield history, side.tool("parameters", model)


def steps_of_adam(student, oracle, draw, loop):
    data, weights = loop.samples(draw, 12), probes.starting_weights(loop.small, draw)
    for settings in ({"num_epochs": 3, "learning_rate": 0.05}, {"num_epochs": 6, "learning_rate": 0.02}):
        results = _both_train(student, oracle, loop, loop.small, weights, data, [5, 5, 2], **settings)
        (history, got), (wanted_history, wanted) = results
        expect(history, "the history").of_type(dict)
        hint = "Adam, made once for the whole call; zero_grad, backward and step for each batch."
        expect(history.get("losses"), "losses", hint).close(wanted_history["losses"], atol=5e-4)
        expect(got, "the parameters afterwards", hint).close(wanted, atol=5e-4)


def the_default_rate(student, oracle, draw, loop):
    data, weights = loop.samples(draw, 8), probes.starting_weights(loop.small, draw)
    (_, got), (_, wanted) = _both_train(student, oracle, loop, loop.small, weights, data, [8])
    hint = "The default of learning_rate is 1e-5, that of num_epochs is 5."
    expect(got, "the parameters after 5 epochs of one batch", hint).close(wanted, atol=5e-6)


def old_gradients_do_not_count(student, oracle, draw, loop):
    (inputs, labels), weights = loop.samples(draw, 8), probes.starting_weights(loop.small, draw)

    def leave_gradients(side, model):
        for _ in range(3):
            side.tool("cross_entropy_backward", model, inputs, (labels + 1) % 3)

    data, settings = (inputs, labels), {"num_epochs": 1, "learning_rate": 0.1}
    (_, got), (_, wanted) = _both_train(
        student, oracle, loop, loop.small, weights, data, [8], leave_gradients, **settings
    )
    hint = "Clear the gradients before backward, not only after the step."
    expect(got, "the parameters after one step", hint).close(wanted, atol=2e-3)


def updates_in_train_mode(student, draw, loop):
    layers = loop.first_must_stay
    weights, (inputs, labels) = probes.starting_weights(layers, draw), loop.samples(draw, 10)
    for flags in ([False] * (len(layers) + 1), [True] * (len(layers) - 1) + [False, True]):
        model, loader = probes.net(student, layers, weights), student.make("data_loader", inputs, labels, 4)
        student.tool("set_modes", model, flags)
        loop.train(student, model, loader, loader, num_epochs=6, learning_rate=0.1)
        *first, _, last = loop.fitting(student, layers, model)
        moved = float((last - weights[-1]).abs().max())
        expect(moved, "how far the last bias moved").satisfies(moved > 1e-4, "some way: it learns", f"{moved:.3g}")
        hint = (
            "A dropout of 1.0 drops all that it gives, in train mode. Call model.train() at the start of every epoch."
        )
        expect(first, "what lies before the dropout", hint).close(weights[: len(first)], atol=1e-7)


def the_seed_is_the_callers(student, draw, loop):
    layers = [*loop.front, ["Linear", 6, 8], ["Dropout", 0.5], ["Linear", 8, 3]]
    weights, (inputs, labels) = probes.starting_weights(layers, draw), loop.samples(draw, 24)
    runs, states = [], []
    for seed in (11, 11, 12):
        student.tool("seed", seed)
        model, loader = probes.net(student, layers, weights), student.make("batches", inputs, labels, [8, 8, 8])
        runs.append(loop.train(student, model, loader, loader, num_epochs=2, learning_rate=0.1)["losses"])
        state = student.tool("global_state")[1]
        states.append(state.tolist() if torch.is_tensor(state) else state)
    expect(runs[0], "losses after the same seed").satisfies(runs[0] == runs[1], "the same twice")
    hint = "Do not call torch.manual_seed inside: the seed is the caller's."
    expect(runs[0], "losses after another seed", hint).satisfies(runs[0] != runs[2], "others")
    expect(states[0], "torch's generator", hint).satisfies(states[0] != states[2], "another after another seed", "same")


def any_training_replayed(student, draw, loop):
    rng = draw.random()
    width, sizes = rng.randint(7, 12), [rng.randint(1, 9) for _ in range(rng.randint(3, 5))]
    layers = [*loop.front, ["Linear", 6, width], ["ReLU"], ["Linear", width, 3]]
    rate, epochs, count = rng.uniform(0.01, 0.03), 10, sum(sizes)
    weights, (inputs, labels) = probes.starting_weights(layers, draw), loop.samples(draw, count)
    labels = labels[torch.randperm(count, generator=draw.generator("labels"))]
    model, loader = probes.net(student, layers, weights), student.make("batches", inputs, labels, sizes)
    history = loop.train(student, model, loader, loader, num_epochs=epochs, learning_rate=rate)
    reference, losses = probes.twin(layers, weights), []
    optimizer = torch.optim.Adam(reference.parameters(), lr=rate)
    for _ in range(epochs):
        summed = 0.0
        for batch, targets in zip(inputs.split(sizes), labels.split(sizes)):
            loss = nn.functional.cross_entropy(reference(batch), targets)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            summed += loss.item() * len(targets)
        losses.append(summed / count)
    expect(history["losses"], "losses").close(losses, atol=5e-3)
    wanted = [parameter.detach() for parameter in reference.parameters()]
    expect(loop.fitting(student, layers, model), "the parameters").close(wanted, atol=5e-3)


# --- corners


def no_epochs(student, draw, loop):
    weights, inputs, labels = loop.with_accuracy(draw, 6, right=3)
    model, loader = probes.net(student, loop.small, weights), student.make("data_loader", inputs, labels, 4)
    history = loop.train(student, model, loader, loader, num_epochs=0)
    expect(history, "the history").equal({name: [] for name in HISTORY})
    expect(student.tool("parameters", model), "the parameters").close(weights, atol=0)


def bad_arguments_raise(student, draw, loop):
    weights, inputs, labels = loop.with_accuracy(draw, 6, right=3)
    model, loader = probes.net(student, loop.small, weights), student.make("data_loader", inputs, labels, 4)
    hint = "A loader without a batch leaves nothing to divide by: say so, and name it."
    student.raises("ValueError", "get_accuracy", model, [], names=LOADER_NAMES, hint=hint)
    student.raises("ValueError", loop.trainer, model, [], loader, num_epochs=5, names=LOADER_NAMES, hint=hint)
    student.raises("ValueError", loop.trainer, model, loader, [], num_epochs=5, names=LOADER_NAMES, hint=hint)
    either = ("ValueError", "TypeError")
    for value in (-1, 1.5, "2"):
        student.raises(either, loop.trainer, model, loader, loader, num_epochs=value, names=["num_epochs"])
    for value in (-0.1, math.nan, math.inf, "0.1"):
        for epochs in (1, 0):
            settings = {"num_epochs": epochs, "learning_rate": value}
            student.raises(either, loop.trainer, model, loader, loader, names=["learning_rate"], **settings)


def the_batches_stay(student, draw, loop):
    weights, inputs, labels = loop.with_accuracy(draw, 8, right=5)
    kept = student.put([(inputs[:5], labels[:5]), (inputs[5:], labels[5:])])
    hint = "A batch is the loader's own: `x -= y` and methods that end in _ change it."
    model = probes.net(student, loop.small, weights)
    student.call("get_accuracy", model, kept)
    loop.train(student, model, kept, kept, learning_rate=0.01)
    seen = kept.read()
    expect(seen, "the batches afterwards", hint).equal([(inputs[:5], labels[:5]), (inputs[5:], labels[5:])])


def gradients_stay_on(student, draw, loop):
    weights, inputs, labels = loop.with_accuracy(draw, 6, right=3)
    model, loader = probes.net(student, loop.small, weights), student.make("data_loader", inputs, labels, 4)
    loop.train(student, model, loader, loader)
    expect(student.tool("global_state")[0], "torch.is_grad_enabled() afterwards").equal(True)


def on_a_cuda_device(student, draw, loop):
    weights, inputs, labels = loop.with_accuracy(draw, 8, right=5)
    loader = student.make("data_loader", inputs, labels, 5)
    plain = loop.train(student, probes.net(student, loop.small, weights), loader, loader, learning_rate=0.01)
    model, loader = probes.net(student, loop.small, weights), student.make("data_loader", inputs, labels, 5)
    student.tool("virtual_cuda")
    model = student.make("on_device", model, "cuda")
    accuracy = student.call("get_accuracy", model, loader)
    history = loop.train(student, model, loader, loader, learning_rate=0.01)
    places = student.tool("device_types", model)
    student.leave()
    hint = "Move inputs and labels of each batch to the device that the model's parameters are on."
    expect(places, "where the parameters are", hint).equal(["cuda"] * len(weights))
    expect(accuracy, "get_accuracy", hint).of_type(float).close(5 / 8, atol=1e-6)
    expect(history["losses"], "losses, beside those on the CPU", hint).close(plain["losses"], atol=1e-4)
