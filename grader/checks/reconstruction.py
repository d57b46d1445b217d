"""What the checks of two autoencoders share: outputs, steps of Adam with decay, and the error of reconstructions."""

from dataclasses import dataclass

import torch
from torch import nn

from grader.checks import pictures, probes, trainers
from grader.checks.expectations import expect

DECAY = 1e-5  # the contract's weight decay


@dataclass(frozen=True)
class Kind:
    """How an autoencoder is judged.

    net: a small one, with a Recorder in front; dropping: one whose middle is dropped in train mode; whole: the
    contract's own; row: the shape of an image in its outputs; gain: how much larger than torch draws them the weights
    are from which it learns.
    """

    net: list
    dropping: list
    whole: list
    row: tuple[int, ...]
    gain: float = 1.0

    def outputs(self, student, model, data, **settings):
        """Call the student's train and see that the outputs have their form; [(images, reconstructions), …]."""
        outputs = student.call("train", model, data, **settings)
        expect(outputs, "the outputs", "One entry (epoch, images, reconstructions) for each epoch.").of_type(list)
        expect(outputs, "the outputs").length(settings.get("num_epochs", 5))
        for number, output in enumerate(outputs):
            what = f"outputs[{number}]"
            expect(output, what).of_type((tuple, list)).length(3)
            expect(output[0], f"the epoch of {what}", "Epochs are ints and count from 0.").equal(number)
            for name, value in zip(("images", "reconstructions"), output[1:]):
                expect(value, f"the {name} of {what}").of_type(torch.Tensor)
                rows = len(value) if value.dim() else 0
                expect(value, f"the {name} of {what}", "A mini-batch, in the model's own shape.").shape(rows, *self.row)
                attached = value.facts.has_graph or value.facts.requires_grad
                hint = "What is kept must not keep its graph alive: detach() it."
                expect(value, f"the {name} of {what}", hint).satisfies(not attached, "detached", "with gradients")
            expect(output[2], f"the reconstructions of {what}").shape(*output[1].shape)
        return [tuple(output[1:]) for output in outputs]

    def numbers(self, images, pixels, sizes):
        """Which samples these images are, seen to be a mini-batch of one of these sizes."""
        known = {image.numpy().tobytes(): number for number, image in enumerate(pixels.flatten(1))}
        found = [known.get(row.contiguous().numpy().tobytes(), -1) for row in images.flatten(1)]
        right = len(found) in sizes and -1 not in found and len(set(found)) == len(found)
        hint = "Keep the images of one of the epoch's mini-batches, as they are."
        expect(images, "the images of an output", hint).satisfies(right, "a mini-batch of the data", "other images")
        return found

    def made_by_one_of(self, states, pixels, reconstructions, atol):
        """See that one of these states of the net's parameters gives the reconstructions."""
        least = min(
            float((probes.twin(self.net, state)(pixels) - reconstructions).detach().abs().max()) for state in states
        )
        hint = "Reconstruct within the epoch, or right after it and before the next."
        expect(reconstructions, "the reconstructions of an output", hint).satisfies(
            least <= atol, "what the model made of the images in that epoch"
        )


def loss_of(net, images):
    """The mean squared error of reconstructions."""
    return nn.functional.mse_loss(net(images).flatten(1), images.flatten(1))


def delicate(kind, draw, label="weights"):
    """Weights with which the loss's gradient and the decay are of like size, so that each shows.

    The outputs are close to 0, where the sigmoid is flat.
    """
    weights = probes.starting_weights(kind.net, draw, label)
    generator = draw.generator(f"{label}, signs")
    weights[-1] = weights[-1] - 9.0 + torch.rand(weights[-1].shape, generator=generator)
    return weights


def quality(net, held_out, mean):
    """1 - the error of the net's reconstructions over that of the mean image: 1 is perfect, 0 no better than that."""
    with torch.no_grad():
        made = net(held_out).reshape(held_out.shape)
    return 1 - float((made - held_out).square().mean() / (mean - held_out).square().mean())


def digits(draw, count, held_out):
    """Training and held-out digits."""
    from grader.data.digits import mnist_digits

    pixels, _ = mnist_digits()
    order = torch.randperm(len(pixels), generator=draw.generator("split"))
    return pixels[order[:count]], pixels[order[count : count + held_out]]


def replay(net, weights, steps, rate, got, decays=(DECAY, 0.0), everywhere=False):
    """The states of the net with these weights in the course of these steps, and how many rates what was got is off.

    One mistake costs one check: with two decays either will do, and what the decay decides is not looked at, unless
    `everywhere`. A step moves a parameter by about the rate.
    """
    runs = [trainers.adam_steps(probes.twin(net, weights).train(), steps, loss_of, rate, decay)[0] for decay in decays]
    flat = [torch.cat([value.flatten() for value in states[-1]]) for states in runs]
    judged = torch.full_like(flat[0], everywhere, dtype=torch.bool) | ((flat[0] - flat[-1]).abs() <= 0.02 * rate)
    reached = torch.cat([value.flatten() for value in got])
    off = [float((reached - values)[judged].abs().max()) for values in flat]
    best = min(range(len(runs)), key=lambda number: off[number])
    return runs[best], off[best] / rate


def agree(got, steps_off, what, expected, hint):
    """See that parameters are off from the judge's by less than rounding explains."""
    told = f"others, off by up to {steps_off:.2g} times the learning rate, which is about one step"
    expect(got, what, hint).satisfies(steps_off <= 0.2, expected, told)


# --- bodies of checks


def outputs_of_mini_batches(kind, student, pixels, weights):
    """Outputs hold mini-batches of the data and what the model made of them; the rate is 0, so that nothing moves."""
    count = len(pixels)
    for settings, sizes in (
        ({"num_epochs": 3, "batch_size": 4}, {4, count % 4}),
        ({"num_epochs": 1, "batch_size": 2 * count}, {count}),
    ):
        model = probes.net(student, kind.net, weights)
        outputs = kind.outputs(student, model, trainers.dataset(student, pixels), learning_rate=0.0, **settings)
        for images, reconstructions in outputs:
            numbers = kind.numbers(images, pixels, sizes)
            kind.made_by_one_of([weights], pixels[numbers], reconstructions, 1e-5)


def outputs_of_their_epoch(kind, student, pixels, weights):
    """With one mini-batch an epoch, each output was made before or after that epoch's step."""
    rate, epochs, count = 0.02, 4, len(pixels)
    model = probes.net(student, kind.net, weights)
    settings = {"num_epochs": epochs, "batch_size": count, "learning_rate": rate}
    outputs = kind.outputs(student, model, trainers.dataset(student, pixels), **settings)
    states, _ = replay(kind.net, weights, [pixels] * epochs, rate, trainers.fitting(student, kind.net, model))
    for epoch, (images, reconstructions) in enumerate(outputs):
        numbers = kind.numbers(images, pixels, {count})
        kind.made_by_one_of(states[epoch : epoch + 2], pixels[numbers], reconstructions, 1e-3)


def full_batches(kind, student, pixels, weights, epochs, decays=(DECAY, 0.0), backward_first=False, **settings):
    """With one mini-batch of all samples, epochs are steps of Adam on the mean squared error."""
    model = probes.net(student, kind.net, weights)
    if backward_first:
        student.tool("backward", model, pixels, torch.ones(len(pixels), *kind.row))
    student.new("train", model, trainers.dataset(student, pixels), num_epochs=epochs, **settings)
    got = trainers.fitting(student, kind.net, model)
    _, off = replay(kind.net, weights, [pixels] * epochs, settings.get("learning_rate", 1e-3), got, decays)
    what = f"the parameters after {epochs} step(s)"
    if len(decays) == 1:
        hint = "weight_decay=1e-5 adds 1e-5 · w to each gradient, biases included, before Adam scales it. The error is"
        hint += " a mean over all numbers: with a sum, the decay is too weak beside it."
    else:
        hint = "Adam on the mean squared error: clear the gradients before each backward pass, and keep one optimizer."
    agree(got, off, what, "those after Adam's steps on all samples", hint)


def updates_in_train_mode(kind, student, pixels, weights):
    """The middle is dropped in train mode, so that decay alone moves the first layer, whatever mode it came in."""
    inner = len(kind.dropping) + 1
    settings = {"num_epochs": 2, "batch_size": 99, "learning_rate": 0.01}
    for flags in ([False] * inner, [True, *[False] * (inner - 1)]):
        model = probes.net(student, kind.dropping, weights)
        student.tool("set_modes", model, flags)
        student.new("train", model, trainers.dataset(student, pixels), **settings)
        got = trainers.fitting(student, kind.dropping, model)
        _, off = replay(kind.dropping, weights, [pixels] * 2, 0.01, got, everywhere=True)
        hint = "Call model.train() at the start of every epoch: here a dropout of 1.0 shows the mode."
        agree(got, off, "the parameters after 2 steps with dropout", "those of train mode", hint)


def replayed(kind, student, pixels, weights, epochs, batch_size, rate):
    """The mini-batches that the model saw, replayed by the judge, give the same parameters."""
    model = probes.net(student, kind.net, weights)
    settings = {"num_epochs": epochs, "batch_size": batch_size, "learning_rate": rate}
    student.new("train", model, trainers.dataset(student, pixels), **settings)
    batches = trainers.mini_batches(student.tool("layer_notes", model, 0), pixels, epochs, batch_size)
    steps = [pixels[batch] for epoch in batches for batch in epoch]
    got = trainers.fitting(student, kind.net, model)
    _, off = replay(kind.net, weights, steps, rate, got)
    hint = "One step of one and the same Adam for each mini-batch, its gradients cleared before."
    agree(got, off, "the parameters", "those after a step for each mini-batch", hint)


def on_cuda(kind, student, pixels, weights):
    """The same steps on a CUDA device: the model's own, or the one that `device` names."""
    settings = {"num_epochs": 2, "batch_size": len(pixels), "learning_rate": 0.01}
    for device in (None, "cuda"):
        data, model = trainers.dataset(student, pixels), probes.net(student, kind.net, weights)
        student.tool("virtual_cuda")
        if device is None:
            model = student.make("on_device", model, "cuda")
        student.new("train", model, data, device=device, **settings)
        places, got = student.tool("device_types", model), trainers.fitting(student, kind.net, model)
        student.leave()
        hint = "Move each batch to the device that the model's parameters are on."
        expect(places, "where the parameters are", hint).equal(["cuda"] * len(weights))
        _, off = replay(kind.net, weights, [pixels] * 2, 0.01, got)
        agree(got, off, "the parameters after 2 steps", "those of the CPU", hint)


def learns(kind, student, draw, threshold, count, disguise, **settings):
    """Train the contract's own net from hidden weights by the student's loop, and measure it on held-out digits.

    disguise: what is done to all digits, so that no stored net fits them.
    """
    pixels, held_out = digits(draw, count, 500)
    pixels, held_out = disguise(pixels), disguise(held_out)
    weights = [w * kind.gain if w.dim() > 1 else w for w in probes.starting_weights(kind.whole, draw)]
    model = probes.net(student, kind.whole, weights)
    student.new("train", model, trainers.dataset(student, pixels), **settings)
    net = probes.twin(kind.whole, trainers.fitting(student, kind.whole, model))
    pictures.show_images("reconstructions", held_out[:10], net(held_out[:10]))
    reached = quality(net, held_out, pixels.mean(dim=0))
    expect(reached, "how much better than the mean image it reconstructs held-out digits").at_least(threshold)
