"""Checks of exercise `adversarial`: images that fool a network.

The nets that an attack is given note every image. The first one shows the noise that it began with; from there the
judge takes the same steps, and what the net was shown and the result must lie on that path.
"""

import functools
import math

import torch
from torch.nn.functional import cross_entropy

from grader.checks import check, expect, layered, pictures, probes
from grader.checks.probes import ANN, SMALL

FC, CONV = "FCNet", "ConvNet"
LAYERS = {
    FC: ANN,
    CONV: [
        *[["Conv2d", 1, 5, 5, 1, 2], ["ReLU"], ["MaxPool2d", 2], ["Conv2d", 5, 10, 5, 1, 2], ["ReLU"]],
        *[["MaxPool2d", 2], ["Flatten"], ["Linear", 490, 32], ["ReLU"], ["Linear", 32, 10]],
    ],
}
SHAPES = {
    FC: layered.linear_shapes(784, 50, 20, 10),
    CONV: [(5, 1, 5, 5), (5,), (10, 5, 5, 5), (10,), *layered.linear_shapes(490, 32, 10)],
}
WORKER_NETS = ((LAYERS[CONV], (1, 5)),)
PROBE = [["Recorder"], ["Flatten"], ["Linear", 784, 12], ["Tanh"], ["Linear", 12, 10]]
VICTIM = [["Journal"], *SMALL]
FIRST_MUST_STAY = [["AvgPool2d", 7], ["Flatten"], ["Linear", 16, 8], ["Dropout", 1.0], ["Linear", 8, 10]]
FAR = 40.0  # so much is taken from the target's logit where it must stay out of reach


def warm():
    """Train the judge's own nets before judges are forked."""
    for name in LAYERS:
        victim(name)


@functools.cache
def victim(name):
    """The parameters of a net that reads digits, and some thousand held-out digits that it reads right."""
    from grader.data.digits import mnist_digits

    pixels, labels = mnist_digits()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        net = probes.sequential(LAYERS[name])
        optimizer = torch.optim.Adam(net.parameters(), lr=0.003)
        for _ in range(3):
            for picked in torch.randperm(3000).split(64):
                loss = cross_entropy(net(pixels[picked]), labels[picked])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
    held_out, classes = pixels[3000:4000], labels[3000:4000]
    with torch.no_grad():
        right = net(held_out).argmax(dim=1) == classes
    return [p.detach() for p in net.parameters()], held_out[right], classes[right]


# --- the networks


@check(points=0.5, goal="layers")
def test_the_layers_of_fcnet(student):
    """FCNet has the weights and biases of 784-50-20-10, in this order."""
    layered.has_parameters(student, student.new(FC), SHAPES[FC])


@check(points=0.5, goal="layers")
def test_the_layers_of_convnet(student):
    """ConvNet has the weights and biases of its two convolutions and of 490-32-10, in this order."""
    layered.has_parameters(student, student.new(CONV), SHAPES[CONV])


@check(points=1, goal="forward pass", after=test_the_layers_of_fcnet)
def test_the_logits_of_fcnet(student, draw):
    """FCNet gives ten logits for each image."""
    _computes(student, draw, FC)


@check(points=1, goal="forward pass", after=test_the_layers_of_convnet)
def test_the_logits_of_convnet(student, draw):
    """ConvNet gives ten logits for each image."""
    _computes(student, draw, CONV)


def _computes(student, draw, name):
    images, _ = probes.images(draw, 5)
    weights = [2 * value for value in probes.starting_weights(LAYERS[name], draw)]
    model = layered.with_weights(student, weights, name)
    hint = "A ReLU follows every layer with weights but the last. Nothing follows the last: it gives logits."
    for count in (5, 1, 2):
        layered.computes(student, model, LAYERS[name], weights, images[:count], hint)


@check(points=1, goal="forward pass", hidden=True, recipe="any weights and images",
       after=(test_the_logits_of_fcnet, test_the_logits_of_convnet))  # fmt: skip
def test_any_weights_and_gradients(student, draw):
    """For any weights both networks give the right logits in either mode, and every weight and bias its gradient."""
    images, _ = probes.images(draw, 4)
    for name, layers in LAYERS.items():
        weights = [1.5 * value for value in probes.starting_weights(layers, draw, name)]
        model = layered.with_weights(student, weights, name)
        layered.has_gradients(student, model, layers, weights, images, draw)
        model.keep("train")
        layered.computes(student, model, layers, weights, images)


@check(points=0.5, goal="shapes", after=(test_the_logits_of_fcnet, test_the_logits_of_convnet))
def test_images_are_kept_apart(student):
    """Given any other shape, both networks raise, or give one row for each entry of dimension 0."""
    layered.keeps_rows(student, student.new(FC), [(2, 392), (1, 1, 56, 28), (2, 2, 28, 28)])
    layered.keeps_rows(student, student.new(CONV), [(2, 1, 28, 36), (1, 1, 56, 28), (1, 1, 28, 56)])


# --- train


def _train(student, model, data, num_iters, print_every, **settings):
    """Call the student's train and see that the right number of floats comes back."""
    losses = student.call("train", model, data, num_iters=num_iters, print_every=print_every, **settings)
    hint = "One mean for every full `print_every` updates; what is left over at the end gives none."
    return expect(losses, "the losses", hint).length(num_iters // print_every).each_of_type(float).value


@check(points=1, goal="interfaces")
def test_a_loss_for_every_full_print_every(student, draw):
    """train returns one float for every full print_every updates."""
    pixels, labels = probes.images(draw, 10)
    for iters, every in ((6, 2), (7, 3), (2, 3), (5, 1), (4, 4)):
        model = probes.net(student, SMALL, probes.starting_weights(SMALL, draw))
        _train(student, model, student.make("dataset", pixels, labels), iters, every, batch_size=4)


@check(points=1, goal="updates", after=test_a_loss_for_every_full_print_every)
def test_exactly_num_iters_updates(student, draw):
    """train makes exactly num_iters updates, over as many epochs as that takes."""
    pixels, labels = probes.images(draw, 10)
    weights = probes.starting_weights(PROBE, draw)
    for iters in (1, 2, 3, 7):
        model = probes.net(student, PROBE, weights)
        _train(student, model, student.make("dataset", pixels, labels), iters, 2, batch_size=4)
        seen = student.tool("layer_notes", model, 0)
        expect(seen, "the batches").of_type(list)
        hint = f"Count the updates, and leave both loops after number {iters}."
        expect(len(seen), "forward passes in train mode", hint).equal(iters)
    model = probes.net(student, SMALL, probes.starting_weights(SMALL, draw))
    losses = student.call("train", model, student.make("dataset", pixels[:2], labels[:2]))
    hint = "num_iters is 1000 and print_every 100 where they are not given."
    expect(losses, "the losses", hint).of_type(list).length(10)


@check(points=1, goal="losses", after=test_a_loss_for_every_full_print_every)
def test_losses_are_means(student, draw):
    """Each entry of losses is the mean loss of its print_every updates."""
    pixels, labels = probes.images(draw, 6)
    weights = probes.starting_weights(SMALL, draw)
    with torch.no_grad():
        wanted = float(cross_entropy(probes.twin(SMALL, weights)(pixels), labels))
    for iters, every in ((4, 2), (7, 3)):
        model, data = probes.net(student, SMALL, weights), student.make("dataset", pixels, labels)
        losses = _train(student, model, data, iters, every, batch_size=6, lr=0.0)
        hint = "Set the sum back to 0 after each entry, and divide it by print_every."
        expect(losses, "losses of batches of all samples, lr=0", hint).close([wanted] * len(losses), atol=1e-4)


@check(points=2, goal="updates", after=test_losses_are_means)
def test_steps_of_adam(student, oracle, draw):
    """With one batch of all samples, the updates are steps of Adam on the mean cross-entropy."""
    pixels, labels = probes.images(draw, 12)
    weights = probes.starting_weights(SMALL, draw)
    hint = "One optimizer for the whole call; clear the gradients before each backward pass."
    for settings in ({"lr": 0.02}, {}):
        results = []
        for side in (student, oracle):
            model, data = probes.net(side, SMALL, weights), side.make("dataset", pixels, labels)
            side.tool("cross_entropy_backward", model, pixels, (labels + 3) % 10)  # old gradients, not to count
            losses = side.call("train", model, data, batch_size=20, num_iters=4, print_every=1, **settings)
            results.append((losses, side.tool("parameters", model)))
        (losses, got), (wanted_losses, wanted) = results
        expect(losses, "losses", hint).close(wanted_losses, atol=1e-4)
        expect(got, "the parameters after 4 steps", hint).close(wanted, atol=1e-4)


@check(points=1, goal="modes", after=test_a_loss_for_every_full_print_every)
def test_updates_in_train_mode(student, draw):
    """Every module is in train mode at each update, whatever mode it came in."""
    weights = probes.starting_weights(FIRST_MUST_STAY, draw)
    pixels, labels = probes.images(draw, 6)
    for flags in ([False] * 6, [True, True, True, True, False, True]):
        model, data = probes.net(student, FIRST_MUST_STAY, weights), student.make("dataset", pixels, labels)
        student.tool("set_modes", model, flags)
        _train(student, model, data, 4, 2, batch_size=4, lr=0.05)
        after = layered.fitting(student, FIRST_MUST_STAY, model)
        moved = float((after[3] - weights[3]).abs().max())
        expect(moved, "how far the last bias moved").satisfies(moved > 1e-3, "some way: it learns", f"{moved:.3g}")
        hint = "Its output is dropped, all of it, in train mode. Call model.train() before the updates."
        expect(after[0], "the layer before a dropout of 1.0", hint).close(weights[0], atol=1e-7)


@check(points=1, goal="randomness", after=test_a_loss_for_every_full_print_every)
def test_the_same_seed_gives_the_same_result(student, draw):
    """The results of train and of an attack depend on torch's seed, and neither sets a seed itself."""
    pixels, labels = probes.images(draw, 24)
    weights, runs = probes.starting_weights(SMALL, draw), []
    hint = "Do not call torch.manual_seed inside a function."
    for seed in (11, 11, 12):
        student.tool("seed", seed)
        model, data = probes.net(student, SMALL, weights), student.make("dataset", pixels, labels)
        student.tool("seed", seed)
        losses = _train(student, model, data, 8, 2, batch_size=4, lr=0.01)
        image = student.call("create_adversarial_example", model, pixels[0], 3, num_steps=2)
        expect(image, "the image").shape(1, 28, 28)
        state = student.tool("global_state")[1]
        runs.append((losses, image.tolist(), state.tolist() if torch.is_tensor(state) else state))
    for number, what in enumerate(("losses", "the attack's image", "torch's generator afterwards")):
        first, again, other = (run[number] for run in runs)
        expect(first, f"{what}, after the same seed").satisfies(first == again, "the same twice", "two that differ")
        expect(first, f"{what}, after another seed", hint).satisfies(first != other, "others", "the same")


@check(
    points=3,
    goal="updates",
    hidden=True,
    after=(test_steps_of_adam, test_exactly_num_iters_updates, test_updates_in_train_mode),
    recipe="some thirty images in mini-batches, a few epochs and a part of one more",
)
def test_the_batches_replayed(student, draw):
    """The shuffled mini-batches that the model saw, replayed step by step, give the same losses and parameters."""
    rng = draw.random()
    size, lr = rng.randint(8, 11), rng.uniform(0.002, 0.006)
    count = 2 * size + rng.randint(2, size - 2)
    per_epoch = math.ceil(count / size)
    iters, every = 3 * per_epoch - rng.randint(1, 2), rng.randint(2, 3)
    pixels, labels = probes.images(draw, count)
    weights = probes.starting_weights(PROBE, draw)
    model, data = probes.net(student, PROBE, weights), student.make("dataset", pixels, labels)
    losses = _train(student, model, data, iters, every, batch_size=size, lr=lr)
    batches = _batches(student.tool("layer_notes", model, 0), pixels)
    expect(len(batches), "forward passes in train mode").equal(iters)
    orders = []
    for epoch in range(3):
        parts = batches[epoch * per_epoch : (epoch + 1) * per_epoch]
        taken = [number for part in parts for number in part]
        orders.append(taken)
        if epoch < 2:
            sizes = [size] * (per_epoch - 1) + [count - size * (per_epoch - 1)]
            expect([len(part) for part in parts], "the sizes of an epoch's mini-batches").equal(sizes)
            expect(sorted(taken), "the samples of an epoch").equal(list(range(count)))
        expect(len(set(taken)), "different samples of an epoch").equal(len(taken))
    hint = "DataLoader(…, shuffle=True) draws a new order each epoch."
    expect(orders[0], "the order", hint).satisfies(orders[0] != sorted(orders[0]), "a shuffled one")
    others = orders[0] != orders[1] and orders[1][: len(orders[2])] != orders[2]
    expect(orders[1], "the order", hint).satisfies(others, "another each epoch")
    net = probes.twin(PROBE, weights)
    torch.set_grad_enabled(True)  # whatever the student's code left behind in this process
    optimizer, each = torch.optim.Adam(net.parameters(), lr=lr), []
    for batch in batches:
        loss = cross_entropy(net(pixels[batch]), labels[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        each.append(loss.item())
    wanted = [sum(each[begin : begin + every]) / every for begin in range(0, iters - every + 1, every)]
    expect(losses, "losses").close(wanted, atol=2e-3)
    _like(layered.fitting(student, PROBE, model), [p.detach() for p in net.parameters()], lr)


def _like(got, wanted, lr):
    """Parameters after Adam, whose first steps have a fixed length: where a gradient is all but 0, rounding decides."""
    off = torch.cat([(a - b).abs().flatten() for a, b in zip(got, wanted)])
    hint = "Adam with lr, kept for the whole call; gradients cleared before each backward pass."
    share = float((off > 0.05 * lr).double().mean())
    expect(share, "the share of parameters that differ from the replay's", hint).between(0, 0.01)


@check(points=0.5, goal="corners", after=test_a_loss_for_every_full_print_every)
def test_no_updates(student, draw):
    """0 updates change nothing, and the list of losses is empty."""
    pixels, labels = probes.images(draw, 6)
    weights = probes.starting_weights(SMALL, draw)
    model, data = probes.net(student, SMALL, weights), student.make("dataset", pixels, labels)
    expect(student.call("train", model, data, num_iters=0), "the losses").equal([])
    expect(student.tool("parameters", model), "the parameters").close(weights, atol=0)


@check(points=0.5, goal="errors")
def test_train_refuses_bad_arguments(student, draw):
    """train raises for empty data and settings out of range, naming them, also where there are 0 updates."""
    pixels, labels = probes.images(draw, 4)
    model = probes.net(student, SMALL, probes.starting_weights(SMALL, draw))
    empty, data = student.make("dataset", pixels[:0], labels[:0]), student.make("dataset", pixels, labels)
    for iters in (1, 0):
        student.raises("ValueError", "train", model, empty, num_iters=iters, names=["data"])
        for name, values in {"batch_size": (0, -1, 1.5, "4"), "lr": (-0.1, math.nan, math.inf, "0.1")}.items():
            for value in values:
                bad = {name: value, "num_iters": iters}
                student.raises(("ValueError", "TypeError"), "train", model, data, names=[name], **bad)
    for value in (-1, 1.5, "2"):
        student.raises(("ValueError", "TypeError"), "train", model, data, num_iters=value, names=["num_iters"])
    student.raises("Exception", "train", model, data, num_iters=1, print_every=0)


@check(points=0.5, goal="side effects", observed=True, after=test_a_loss_for_every_full_print_every)
def test_gradients_stay_on(student, draw):
    """train and an attack leave torch's gradient mode as it was."""
    pixels, labels = probes.images(draw, 4)
    model = probes.net(student, SMALL, probes.starting_weights(SMALL, draw))
    _train(student, model, student.make("dataset", pixels, labels), 2, 1)
    expect(student.tool("global_state")[0], "torch.is_grad_enabled() afterwards").equal(True)
    student.call("create_adversarial_example", model, pixels[0], 3, num_steps=2)
    expect(student.tool("global_state")[0], "torch.is_grad_enabled() afterwards").equal(True)


# --- the attack


def _attack(student, model, image, target, **settings):
    """Call the student's attack and see that an image comes back."""
    result = student.call("create_adversarial_example", model, image, target, **settings)
    expect(result, "the image", "Shaped like the image given: take the batch dimension off again.").shape(1, 28, 28)
    expect(result, "the image", "Clamp image + noise to [0, 1], also what you return.").between(0, 1)
    return result


@check(points=1, goal="the attack")
def test_an_image_comes_back(student, draw):
    """create_adversarial_example gives an image (1, 28, 28) in [0, 1], detached, and leaves the caller's as it is."""
    pixels, _ = probes.images(draw, 2)
    pixels[1] = (pixels[1] > 0.5).float()
    model = probes.net(student, SMALL, [3 * value for value in probes.starting_weights(SMALL, draw)])
    for image in pixels:
        kept = student.put(image)
        result = _attack(student, model, kept, 3, num_steps=30, lr=0.1)
        facts = result.facts
        hint = "`detach()` it: the caller wants an image, not the graph of the last step."
        expect(facts.requires_grad or facts.has_graph, "the image's requires_grad", hint).equal(False)
        expect(kept.read(), "the caller's image afterwards", "Work on a copy.").close(image, atol=0)


@check(points=0.5, goal="the attack", after=test_an_image_comes_back)
def test_no_steps(student, draw):
    """With 0 steps the result is the image, with or without the start noise."""
    pixels, _ = probes.images(draw, 1)
    model = probes.net(student, SMALL, probes.starting_weights(SMALL, draw))
    result = _attack(student, model, pixels[0], 3, num_steps=0)
    hint = "The noise starts at 0.01 · randn."
    expect(result, "the image", hint).close(pixels[0], atol=0.07)


@check(points=1, goal="the attack", after=test_an_image_comes_back)
def test_the_start_noise(student, draw):
    """The noise starts at 0.01 times a standard normal draw for each pixel, another at each call."""
    task, first = _grey_task(draw), []
    for _ in range(3):
        model = probes.net(student, VICTIM, task[1])
        _attack(student, model, task[0], 4, num_steps=1)
        first.append((_shown(student, model)[0] - task[0]).flatten())
    noise = 100 * torch.cat(first)
    hint = "torch.randn(1, 28, 28) * 0.01"
    expect(float(noise.std()), "100 times the start noise: its standard deviation", hint).between(0.9, 1.1)
    expect(float(noise.mean()), "100 times the start noise: its mean", hint).between(-0.12, 0.12)
    beyond = float((noise.abs() > 2).double().mean())
    expect(beyond, "the share of the start noise beyond two standard deviations", hint).between(0.02, 0.08)
    again = float((first[0] - first[1]).abs().max())
    expect(again, "how far the noise of two calls differs", hint).satisfies(again > 1e-3, "some way")


@check(points=2, goal="the attack", after=test_the_start_noise)
def test_the_steps_of_the_attack(student, draw):
    """The model is shown the steps of Adam with the given rate and weight decay, and the result is one of them."""
    image, weights = _grey_task(draw)
    for steps, settings in ((8, {}), (6, {"lr": 0.02}), (6, {"weight_decay": 0.0}), (5, {"weight_decay": 30.0})):
        _on_the_path(student, VICTIM, weights, image, 4, steps, **settings)


@check(points=1, goal="modes", after=test_the_steps_of_the_attack)
def test_the_attack_in_eval_mode(student, draw):
    """The attack runs in eval mode: dropout does nothing there."""
    image, weights = _grey_task(draw)
    layers = [*VICTIM, ["Dropout", 1.0]]
    hint = "Call model.eval() before the steps: in train mode a dropout of 1.0 leaves nothing to learn from."
    _on_the_path(student, layers, weights, image, 4, 6, hint=hint, flags=[True] * 6)


@check(
    points=3,
    goal="the attack",
    hidden=True,
    after=(test_the_steps_of_the_attack, test_the_attack_in_eval_mode),
    recipe="any image without black or white pixels, any target, rate and decay",
)
def test_any_attack_replayed(student, draw):
    """For any image, target, rate and decay the steps are Adam's, and the result is one of them."""
    rng = draw.random()
    layers = [["Journal"], *PROBE[1:]]
    for number in range(3):
        pixels, _ = probes.images(draw, 1, f"image {number}")
        target = rng.randrange(10)
        weights = probes.starting_weights(layers, draw, f"weights {number}")
        weights[3][target] -= FAR
        settings = {"lr": rng.uniform(0.004, 0.02), "weight_decay": rng.choice([0.0, 0.3, 1.0, 3.0])}
        _on_the_path(student, layers, weights, 0.35 + 0.3 * pixels[0], target, rng.randint(6, 9), **settings)


@check(points=1, goal="bounds", after=test_an_image_comes_back)
def test_no_pixel_moves_beyond_epsilon(student, draw):
    """With epsilon no pixel of the result differs from the image's by more."""
    pixels, _ = probes.images(draw, 3)
    model = probes.net(student, SMALL, [3 * value for value in probes.starting_weights(SMALL, draw)])
    for image, epsilon, steps in zip(pixels, (0.1, 0.02, 0.0), (60, 40, 3)):
        result = _attack(student, model, image, 4, num_steps=steps, lr=0.05, weight_decay=0.0, epsilon=epsilon)
        hint = "Clamp the noise to [-epsilon, epsilon], also after the last step."
        expect(float((result - image).abs().max()), "the largest change of a pixel", hint).at_most(epsilon + 2e-6)
    image, weights = _grey_task(draw)
    model = probes.net(student, SMALL, weights)
    used = _attack(student, model, image, 4, num_steps=40, lr=0.05, weight_decay=0.0, epsilon=0.1)
    change = float((used - image).abs().mean())
    hint = "Within epsilon the attack goes on."
    expect(change, "the mean change of a pixel, epsilon=0.1", hint).between(0.005, 0.10001)


@check(points=1.5, goal="side effects", observed=True, after=test_an_image_comes_back)
def test_the_model_stays(student, draw):
    """The model's parameters, their gradients, what is trainable and every mode are afterwards as they were."""
    layers = [*SMALL[:2], ["Linear", 16, 12], ["BatchNorm1d", 12], ["ReLU"], ["Linear", 12, 10]]
    weights = probes.starting_weights(layers, draw)
    pixels, labels = probes.images(draw, 6)
    hint = "Give the optimizer the noise alone; torch.autograd.grad(loss, noise) leaves the model's gradients alone."
    for old, flags in ((True, [True] * 7), (False, [False] * 7), (True, [True, False, True, True, False, True, False])):
        model = probes.net(student, layers, weights)
        trainable = [True, False, True, True, False, True]
        if old:
            student.tool("cross_entropy_backward", model, pixels, labels)
        else:
            student.tool("set_requires_grad", model, trainable)
        student.tool("set_modes", model, flags)
        before = [student.tool(name, model) for name in ("gradients", "requires_grad")]
        _attack(student, model, pixels[0], 4, num_steps=3)
        after = [student.tool(name, model) for name in ("gradients", "requires_grad")]
        expect(student.tool("parameters", model), "the model's parameters", hint).close(weights, atol=0)
        expect(after[0], "the gradients of the model's parameters", hint).equal(before[0])
        expect(after[1], "requires_grad of the model's parameters", hint).equal(before[1])
        expect(student.tool("modes", model), "the training flags", "Write back each submodule's own.").equal(flags)


@check(points=0.5, goal="side effects", observed=True, after=test_the_model_stays)
def test_the_modes_after_an_error(student, draw):
    """The modes are restored also when the model raises."""
    layers = [["Tripwire", 2], *SMALL]
    pixels, _ = probes.images(draw, 1)
    for flags in ([True] * 5, [True, False, True, False, True]):
        model = probes.net(student, layers, probes.starting_weights(layers, draw))
        student.tool("set_modes", model, flags)
        raised = student.fails(lambda m=model: student.call("create_adversarial_example", m, pixels[0], 4, num_steps=5))
        expect(raised, "the attack").satisfies(raised, "the model's own exception to come through", "none")
        expect(student.tool("modes", model), "the training flags", "`finally` runs after an exception too.").equal(
            flags
        )


@check(points=0.5, goal="errors")
def test_the_attack_refuses_bad_arguments(student, draw):
    """create_adversarial_example raises for a target that is no digit and settings out of range, naming them."""
    pixels, _ = probes.images(draw, 1)
    model = probes.net(student, SMALL, probes.starting_weights(SMALL, draw))
    for steps in (1, 0):
        for name, values in {
            "target_label": (-1, 10, "3", 2.5),
            "lr": (-0.1, math.nan, math.inf, "0.1"),
            "weight_decay": (-1.0, math.nan, math.inf, "1"),
            "epsilon": (-0.1, "0.1"),
        }.items():
            for value in values:
                bad = {"target_label": 3, "num_steps": steps, name: value}
                student.raises(
                    ("ValueError", "TypeError"), "create_adversarial_example", model, pixels[0], names=[name], **bad
                )
    for value in (-1, 1.5, "2"):
        bad = {"num_steps": value, "names": ["num_steps"]}
        student.raises(("ValueError", "TypeError"), "create_adversarial_example", model, pixels[0], 3, **bad)


@check(points=1, goal="devices", observed=True, after=(test_steps_of_adam, test_the_steps_of_the_attack))
def test_on_a_cuda_device(student, draw):
    """train and create_adversarial_example work on the CUDA device that the model is on."""
    pixels, labels = probes.images(draw, 10)
    weights, runs = probes.starting_weights(SMALL, draw), []
    for device in ("cpu", "cuda"):
        model, data = probes.net(student, SMALL, weights), student.make("dataset", pixels, labels)
        if device == "cuda":
            student.tool("virtual_cuda")
            model = student.make("on_device", model, "cuda")
        student.tool("seed", 3)
        losses = _train(student, model, data, 5, 1, batch_size=4)
        image = student.call("create_adversarial_example", model, pixels[0], 4, num_steps=5)
        runs.append((losses, image, student.tool("device_types", model)))
        student.leave()
    (plain, wanted, _), (losses, image, places) = runs
    hint = "Move images, labels and noise to the device that the model's parameters are on."
    expect(places, "where the parameters are", hint).equal(["cuda"] * 2)
    expect(losses, "losses, beside those on the CPU", hint).close(plain, atol=1e-3)
    expect(image, "the image, beside that on the CPU", hint).close(wanted, atol=1e-3)


@check(points=1.5, goal="success", hidden=True, learning=True, after=test_any_attack_replayed, seconds=60,
       recipe="six held-out MNIST digits, and a fully-connected net that reads them")  # fmt: skip
def test_the_attack_fools_a_fully_connected_net(student, oracle, draw):
    """After 100 steps a trained fully-connected net takes held-out digits for the targets."""
    _fools(student, draw, FC, oracle.threshold("fcnet"))


@check(points=1.5, goal="success", hidden=True, learning=True, after=test_any_attack_replayed, seconds=60,
       recipe="six held-out MNIST digits, and a convolutional net that reads them")  # fmt: skip
def test_the_attack_fools_a_convolutional_net(student, oracle, draw):
    """After 100 steps a trained convolutional net takes held-out digits for the targets."""
    _fools(student, draw, CONV, oracle.threshold("convnet"))


def _fools(student, draw, name, threshold):
    """The share of hits among six attacks by the word of the judge's net; one miss is forgiven."""
    weights, pixels, labels = victim(name)
    rng = draw.random()
    net, model = probes.twin(LAYERS[name], weights), probes.net(student, LAYERS[name], weights)
    hits, changes, shown = 0, [], []
    for number in rng.sample(range(len(pixels)), 6):
        target = (int(labels[number]) + rng.randint(1, 9)) % 10
        result = _attack(student, model, pixels[number], target, num_steps=100, weight_decay=0.1)
        with torch.no_grad():
            hits += int(net(result[None]).argmax()) == target
        changes.append(float((result - pixels[number]).abs().mean()))
        shown.append((pixels[number], result, (result - pixels[number] + 1) / 2))
    pictures.show_images("digits, attacks and what was added", *map(torch.stack, zip(*shown)))
    expect(max(changes), "the mean change of a pixel").at_most(0.35)
    expect(min(1.0, (hits + 1) / 6), "the share of hits, one miss forgiven").at_least(threshold)


# --- what the checks share


def _grey_task(draw, target=4):
    """An image that no step of these checks takes out of [0, 1], and a net that never reaches the target."""
    pixels, _ = probes.images(draw, 1)
    weights = [2 * value for value in probes.starting_weights(SMALL, draw)]
    weights[1][target] -= FAR  # so that nobody stops early
    return 0.35 + 0.3 * pixels[0], weights


def _shown(student, model):
    """The images that the model saw with gradients on."""
    noted = student.tool("passes", model, 0)
    images = [each[2] for each in noted if type(each) is list and len(each) == 3 and each[1] is True]
    fits = bool(images) and all(torch.is_tensor(image) and image.numel() == 784 for image in images)
    expect(len(images), "the images that the model was shown").satisfies(fits, "(1, 1, 28, 28) at each step")
    return [image.reshape(1, 28, 28).float() for image in images]


def _on_the_path(student, layers, weights, image, target, steps, hint="", flags=(), **settings):
    """From the start noise that the first image shows, take the same steps, and compare images and result."""
    model = probes.net(student, layers, weights)
    if flags:
        student.tool("set_modes", model, flags)
    result = _attack(student, model, image, target, num_steps=steps, **settings)
    shown = _shown(student, model)
    torch.set_grad_enabled(True)  # whatever the student's code left behind in this process
    noise = (shown[0] - image).requires_grad_()
    net, aim = probes.twin(layers, weights).eval(), torch.tensor([target])
    decay = settings.get("weight_decay", 1.0)
    optimizer = torch.optim.Adam([noise], lr=settings.get("lr", 0.01), weight_decay=decay)
    path, losses = [], []
    for _ in range(steps + 1):
        path.append((image + noise).clamp(0, 1).detach())
        loss = cross_entropy(net((image + noise).clamp(0, 1)[None]), aim)
        losses.append(loss.item())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    hint = hint or "Adam over the noise alone, with lr and weight_decay, on the cross-entropy with the target."
    at = 0
    for seen in shown:  # some look at an image twice, or at the last one too
        at = next((number for number in (at, at + 1) if number <= steps and _near(seen, path[number])), -1)
        expect(at, "an image that the model is shown", hint).satisfies(at >= 0, "the next step's", "another")
    expect(at, "steps that the model was shown, counted from 0", hint).satisfies(
        at >= steps - 1, f"{steps} of them", f"{at + 1}"
    )
    best = min(losses)
    good = [step for step, loss in zip(path, losses) if loss <= best + 1e-4] + path[-1:]
    what = "the image: that of the last step, or of the best"
    expect(result, what, hint).satisfies(any(_near(result, step) for step in good), "one of them", "another image")


def _near(image, step):
    """Whether two images agree but for a few pixels, where a gradient of all but 0 leaves Adam's step to rounding."""
    return float(((image - step).abs() > 5e-4).double().mean()) <= 0.005


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
