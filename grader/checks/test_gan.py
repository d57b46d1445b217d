"""Checks of exercise `gan`: two networks that teach each other by competing.

The nets that `train` is given note every batch. The judge replays them: what the discriminator saw tells the real
images and the generated ones, what the generator saw tells the noise, and both must end where the student's did.
"""

import itertools
import math
from types import SimpleNamespace

import torch
from torch.nn.functional import binary_cross_entropy_with_logits as bce

from grader.checks import check, expect, layered, pictures, probes
from grader.checks.probes import SMALL

NOISE_DIM = 5
PAINTER = [["Linear", NOISE_DIM, 16], ["Tanh"], ["Unflatten", 1, (1, 4, 4)], ["Upsample", None, 7], ["Flatten"]]
G_PROBE = [["Journal"], *PAINTER, ["Journal"]]
BLOCKS = [["Flatten"], ["Unflatten", 1, (1, 28, 28)], ["AvgPool2d", 7], ["Flatten"]]
D_PROBE = [["Journal"], *BLOCKS, ["Linear", 16, 6], ["LeakyReLU", 0.2], ["Linear", 6, 1]]
DROPPED_G = [["Linear", NOISE_DIM, 6], ["Dropout", 1.0], ["Linear", 6, 16], *PAINTER[1:]]
DROPPED_D = [*BLOCKS, ["Linear", 16, 6], ["Dropout", 1.0], ["Linear", 6, 1]]
DROPPED_TAIL = [*SMALL, ["Dropout", 1.0]]

LEAK = [["LeakyReLU", 0.2], ["Dropout", 0.3]]
DISCRIMINATOR = [["Flatten"], ["Linear", 784, 128], *LEAK, ["Linear", 128, 64], *LEAK, ["Linear", 64, 32], *LEAK,
                 ["Linear", 32, 1]]  # fmt: skip
GENERATOR = [["Linear", 100, 32], *LEAK, ["Linear", 32, 64], *LEAK, ["Linear", 64, 128], *LEAK, ["Linear", 128, 784],
             ["Tanh"]]  # fmt: skip
D_SIZES, G_SIZES = (784, 128, 64, 32, 1), (100, 32, 64, 128, 784)
ROWS = 1600  # of the dropout's checks: five standard deviations of a share are 0.06


def warm():
    """Load the digits and run both nets before judges are forked."""
    from grader.data.digits import mnist_digits

    mnist_digits()
    for layers, inputs in ((DISCRIMINATOR, torch.zeros(2, 784)), (GENERATOR, torch.zeros(2, 100))):
        probes.sequential(layers)(inputs).sum().backward()


# --- the networks


@check(points=0.5, goal="layers")
def test_the_discriminator_s_layers(student):
    """The Discriminator has the weights and biases of 784-128-64-32-1, in this order."""
    layered.has_parameters(student, student.new("Discriminator"), layered.linear_shapes(*D_SIZES))


@check(points=0.5, goal="layers")
def test_the_generator_s_layers(student):
    """The Generator has the weights and biases of noise_dim-32-64-128-784, in this order; the default is 100."""
    layered.has_parameters(student, student.new("Generator"), layered.linear_shapes(*G_SIZES))
    for noise_dim, model in ((7, student.new("Generator", 7)), (33, student.new("Generator", noise_dim=33))):
        layered.has_parameters(student, model, layered.linear_shapes(noise_dim, *G_SIZES[1:]))


@check(points=1, goal="forward pass", after=test_the_discriminator_s_layers)
def test_the_discriminator_s_logits(student, draw):
    """In eval mode the Discriminator gives one logit for each image, from (N, 1, 28, 28) and from (N, 784)."""
    images = _signed(draw, 5)
    for inputs in (images, images.flatten(1), images[:1], images[:1].flatten(1), images[:2]):
        _computes(student, draw, "Discriminator", DISCRIMINATOR, inputs)


@check(points=1, goal="forward pass", after=test_the_generator_s_layers)
def test_the_generator_s_images(student, draw):
    """In eval mode the Generator gives images (N, 784) in [-1, 1]."""
    noise = 2 * torch.rand(5, 100, generator=draw.generator("noise")) - 1
    for inputs in (noise, noise[:1]):
        _computes(student, draw, "Generator", GENERATOR, inputs)


def _computes(student, draw, name, layers, inputs):
    weights = [2 * value for value in probes.starting_weights(layers, draw)]
    model = layered.with_weights(student, weights, name)
    hint = "A leaky ReLU with slope 0.2 follows each of the first three layers. "
    hint += "Nothing follows the last: it gives logits." if name == "Discriminator" else "tanh follows the last."
    layered.computes(student, model, layers, weights, inputs, hint)


@check(points=1, goal="forward pass", hidden=True, recipe="any weights and inputs",
       after=(test_the_discriminator_s_logits, test_the_generator_s_images))  # fmt: skip
def test_any_weights_and_gradients(student, draw):
    """For any weights both networks give the right outputs, and every weight and bias its gradient."""
    images, noise = _signed(draw, 4), 2 * torch.rand(4, 100, generator=draw.generator("noise")) - 1
    for name, layers, inputs in (("Discriminator", DISCRIMINATOR, images), ("Generator", GENERATOR, noise)):
        _computes(student, draw, name, layers, inputs)
        weights = [1.5 * value for value in probes.starting_weights(layers, draw, "for gradients")]
        model = layered.with_weights(student, weights, name)
        layered.has_gradients(student, model, layers, weights, inputs, draw)


@check(points=1, goal="dropout", after=test_the_discriminator_s_logits)
def test_the_discriminator_s_dropout(student):
    """In train mode the Discriminator drops 0.3 of the numbers after each of its first three layers, and only there."""
    image = torch.zeros(ROWS, 784)
    image[:, 0] = 1
    _drops(student, "Discriminator", D_SIZES, student.put(image), lambda outputs: outputs[:, 0])


@check(points=1, goal="dropout", after=test_the_generator_s_images)
def test_the_generator_s_dropout(student):
    """In train mode the Generator drops 0.3 of the numbers after each of its first three layers, and only there."""
    noise = torch.zeros(ROWS, 100)
    noise[:, 0] = 1
    _drops(student, "Generator", G_SIZES, student.put(noise), lambda outputs: torch.atanh(outputs[:, 0]))


def _drops(student, name, sizes, inputs, undo):
    """Weights that lead one number through single units, from layer `at` on through all of them at once.

    What is dropped before it fans out is gone, what is dropped after is missed by nobody. So the share of outputs that
    are not zero tells how many dropouts come before layer `at`.
    """
    for at, share in ((0, 1.0), (1, 0.7), (2, 0.49), (3, 0.343)):
        weights = []
        for layer, (many, few) in enumerate(itertools.pairwise(sizes)):
            weight = torch.full((few, many), 1 / many) if layer > at else torch.zeros(few, many)
            weight[:, :1] = 1.0 if layer == at else weight[:, :1]
            weight[:1, :1] = 1.0 if layer < at else weight[:1, :1]
            weights += [weight if layer < 3 else 0.1 * weight, torch.zeros(few)]
        model = student.new(name)
        student.tool("set_parameters", model, weights)
        model.keep("train")
        outputs = model(inputs)
        expect(outputs, "the outputs in train mode").shape(ROWS, sizes[-1])
        passed = undo(outputs)
        alive = passed.abs() > 1e-3
        hint = "Dropout with probability 0.3 comes after each leaky ReLU: not on the input, not on the output."
        what = f"the share of inputs that pass {at} dropout{'s' if at != 1 else ''}, by weights that lead one number on"
        deviation = math.sqrt(share * (1 - share) / ROWS)
        expect(float(alive.double().mean()), what, hint).close(share, atol=5.5 * deviation + 1e-6)
        if at == 3:
            hint = "What is kept is divided by 1 - 0.3 = 0.7, three times."
            expect(float(passed[alive].mean()), "what passes of 0.1", hint).close(0.1 / 0.343, atol=1e-3)


@check(points=0.5, goal="shapes", after=test_the_discriminator_s_logits)
def test_images_are_kept_apart(student):
    """Given any other shape, the Discriminator raises, or gives one row for each entry of dimension 0."""
    layered.keeps_rows(student, student.new("Discriminator"), [(2, 392), (1, 1, 56, 28), (2, 2, 28, 28)])


# --- the losses


@check(points=1, goal="losses")
def test_the_discriminator_s_loss(student):
    """discriminator_loss is the mean cross-entropy of real logits with label 1 plus that of generated ones with 0."""
    real, fake = torch.tensor([[2.0], [-1.0], [0.5]]), torch.tensor([[-3.0], [0.0], [1.5]])
    far = torch.tensor([[60.0], [-50.0], [0.0]])
    for first, second in ((real, fake), (fake, real), (real[:1], fake[:1]), (far, real), (real, far)):
        value = student.call("discriminator_loss", first, second)
        hint = "Add the two means and do not halve them. F.binary_cross_entropy_with_logits takes logits of any size."
        expect(value, "the loss", hint).shape().close(_d_loss(first, second), atol=1e-5, rtol=1e-5)


@check(points=0.5, goal="losses")
def test_the_generator_s_loss(student):
    """generator_loss is the mean cross-entropy of generated logits with the flipped label 1."""
    for logits in ([[2.0], [-1.0], [0.5]], [[-3.0]], [[60.0], [-50.0]]):
        fake = torch.tensor(logits)
        value = student.call("generator_loss", fake)
        hint = "The generator wants its images to be taken for real: label 1."
        expect(value, "the loss", hint).shape().close(_g_loss(fake), atol=1e-5, rtol=1e-5)


@check(points=1, goal="losses", hidden=True, after=(test_the_discriminator_s_loss, test_the_generator_s_loss),
       recipe="any logits, not as many real ones as generated ones")  # fmt: skip
def test_losses_of_any_logits(student, draw):
    """Both losses are right for any logits, and gradients flow back from them."""
    generator, rng = draw.generator("logits"), draw.random()
    for _ in range(3):
        sides = [3 * torch.randn(rng.randint(2, 9), 1, generator=generator) for _ in range(2)]
        for name, inputs, loss in (("discriminator_loss", sides, _d_loss), ("generator_loss", sides[1:], _g_loss)):
            own = [logits.clone().requires_grad_() for logits in inputs]
            wanted = loss(*own)
            wanted.backward()
            given = [student.put(logits.clone().requires_grad_()) for logits in inputs]
            got = student.new(name, *given)
            expect(got.read(), "the loss").shape().close(wanted.detach(), atol=1e-5, rtol=1e-5)
            hint = "Give the tensor itself: item() and detach() cut gradients off."
            broken = student.fails(lambda got=got: got.call("backward"))
            expect(broken, "loss.backward()", hint).satisfies(not broken, "a backward pass", "an exception")
            for thing, logits in zip(given, own):
                expect(thing.get("grad"), "a gradient", hint).close(logits.grad, atol=1e-5)


def _d_loss(real, fake):
    return bce(real, torch.ones_like(real)) + bce(fake, torch.zeros_like(fake))


def _g_loss(fake):
    return bce(fake, torch.ones_like(fake))


# --- train: what it returns, and the batches


@check(points=1, goal="interfaces")
def test_the_losses_of_epochs(student, draw):
    """train returns a list with a pair (d_loss, g_loss) of floats for each epoch."""
    task = _task(draw, 10)
    for epochs in (1, 3):
        G, D, data = _make(student, task)
        _train(student, G, D, data, batch_size=4, num_epochs=epochs)


@check(points=1, goal="mini-batches", after=test_the_losses_of_epochs)
def test_every_image_once_an_epoch(student, draw):
    """Each epoch shows D every image once, rescaled to [-1, 1], in another order."""
    task, orders = _task(draw, 12), []
    for seed in (1, 2):
        student.tool("seed", seed)
        G, D, data = _make(student, task)
        _train(student, G, D, data, batch_size=5, num_epochs=2, lr=0.0)
        steps = _steps(student, G, D, task, 5, 2)
        orders += [[n for step in steps[begin : begin + 3] for n in step.numbers] for begin in (0, 3)]
    for order in orders:
        expect(sorted(order), "the real images of an epoch, in order of number").equal(list(range(12)))
    hint = "DataLoader(…, shuffle=True) draws a new order each epoch."
    expect(orders[0], "the order of the first epoch", hint).satisfies(orders[0] != orders[1], "another than the next")
    expect(orders[0], "the order after seed 1", hint).satisfies(orders[0] != orders[2], "another than after seed 2")
    expect(orders[0], "the order", hint).satisfies(orders[0] != list(range(12)), "a shuffled one")


@check(points=1, goal="losses", after=test_every_image_once_an_epoch)
def test_losses_are_means_over_the_samples(student, draw):
    """d_loss and g_loss are the means over the samples of the epoch, also with a smaller last mini-batch."""
    task = _task(draw, 7)
    G, D, data = _make(student, task)
    losses = _train(student, G, D, data, batch_size=5, num_epochs=2, lr=0.0)
    steps = _steps(student, G, D, task, 5, 2)
    logits = probes.twin(D_PROBE, task.d_weights)
    for epoch, pair in enumerate(losses):
        real, fake, fooling = (
            torch.cat([getattr(step, name) for step in steps[2 * epoch : 2 * epoch + 2]])
            for name in ("real", "fake", "fooling")
        )
        with torch.no_grad():
            wanted = (float(_d_loss(logits(real), logits(fake))), float(_g_loss(logits(fooling))))
        hint = "Weigh each mini-batch by its size: the last one of 7 samples, 5 at once, has 2."
        expect(pair[0], f"d_loss of epoch {epoch}, lr=0", hint).close(wanted[0], atol=1e-4)
        expect(pair[1], f"g_loss of epoch {epoch}, lr=0", hint).close(wanted[1], atol=1e-4)


# --- train: the noise


@check(points=1, goal="randomness", after=test_every_image_once_an_epoch)
def test_the_noise(student, draw):
    """The noise is uniform in [-1, 1], its own for each image and mini-batch."""
    task = _task(draw, 24, noise_dim=40)
    G, D, data = _make(student, task)
    _train(student, G, D, data, batch_size=10, num_epochs=2, lr=0.0, noise_dim=40)
    noise = torch.cat([batch for _, _, batch in _passes(student, G, 40)])
    hint = "2 * torch.rand(N, noise_dim) - 1 is uniform in [-1, 1]."
    expect(noise, "the noise", hint).between(-1, 1)
    for rows in (noise.unique(dim=0), noise):
        values = rows.flatten().sort().values
        count = len(values)
        off = float((values - torch.linspace(-1, 1, count)).abs().max())
        expect(off, "how far the noise's distribution is from the uniform one", hint).at_most(5 / math.sqrt(48 * 40))
    apart = len(noise.unique(dim=0))
    hint = "Draw noise of shape (N, noise_dim) for every mini-batch."
    expect(apart, "different rows of noise for 2 epochs of 24 images", hint).satisfies(apart >= 48, "48 at least")
    share = len(noise.unique()) / (apart * 40)
    expect(share, "the share of different numbers in them", hint).at_least(0.95)
    for step in _steps(student, G, D, task, 10, 2):
        for images in (step.fake, step.fooling):
            apart = len(images.unique(dim=0))
            expect(apart, "different images in a generated batch", hint).satisfies(
                apart == len(images), f"{len(images)}"
            )


@check(points=0.5, goal="randomness", after=test_the_losses_of_epochs)
def test_the_default_noise(student, draw):
    """Where noise_dim is not given, the noise has 100 numbers an image."""
    task = _task(draw, 3, noise_dim=100)
    G, D, data = _make(student, task)
    losses = student.call("train", G, D, data, num_epochs=1)
    expect(losses, "the losses").of_type(list).length(1)
    _passes(student, G, 100)


@check(points=1, goal="randomness", after=test_the_losses_of_epochs)
def test_the_same_seed_gives_the_same_result(student, draw):
    """The result depends on torch's seed, and train does not set a seed itself."""
    task, runs = _task(draw, 24), []
    for seed in (11, 11, 12):
        student.tool("seed", seed)
        G, D, data = _make(student, task)
        losses = _train(student, G, D, data, batch_size=4, num_epochs=2)
        runs.append((losses, student.tool("global_state")[1]))
    expect(runs[0][0], "losses after the same seed").satisfies(runs[0][0] == runs[1][0], "the same twice")
    hint = "Do not call torch.manual_seed inside train."
    expect(runs[0][0], "losses after another seed", hint).satisfies(runs[0][0] != runs[2][0], "others")
    states = [state.tolist() if torch.is_tensor(state) else state for _, state in runs]
    expect(states[0], "torch's generator afterwards", hint).satisfies(
        states[0] != states[2], "another after another seed", "the same"
    )


# --- train: the steps


@check(points=2, goal="steps in turns", after=test_losses_are_means_over_the_samples)
def test_a_step_of_each(student, draw):
    """A mini-batch gives one step of D, then one of G by the D that has just moved; each moves only its own network."""
    task = _task(draw, 6)
    for settings in ({"lr": 0.01}, {}):
        G, D, data = _make(student, task)
        losses = _train(student, G, D, data, batch_size=6, num_epochs=1, **settings)
        _replay(student, G, D, task, losses, 6, 1, settings.get("lr", 0.002))


@check(points=1, goal="steps in turns", after=test_a_step_of_each)
def test_old_gradients_do_not_count(student, draw):
    """Gradients from before the call enter neither step."""
    task = _task(draw, 6)
    G, D, data = _make(student, task)
    noise = 2 * torch.rand(6, NOISE_DIM, generator=draw.generator("old")) - 1
    student.tool("backward", D, 2 * task.pixels - 1, torch.full((6, 1), -5.0))
    student.tool("backward", G, noise, torch.full((6, 784), 1.0))
    begin = [len(_passes(student, net, size)) for net, size in ((G, NOISE_DIM), (D, 784))]
    losses = _train(student, G, D, data, batch_size=6, num_epochs=1, lr=0.01)
    _replay(student, G, D, task, losses, 6, 1, 0.01, begin)


@check(points=1, goal="modes", after=test_every_image_once_an_epoch)
def test_updates_in_train_mode(student, draw):
    """Both networks are in train mode at each forward pass, in every epoch, whatever mode they came in."""
    task = _task(draw, 10)
    hint = "A dropout of 1.0 drops all of its output in train mode. Call G.train() and D.train() before the steps."
    painter, judge = PAINTER, [["Journal"], *DROPPED_D]
    for g_layers, d_layers in ((painter, judge), (DROPPED_G, [["Journal"], *D_PROBE[1:]])):
        g_weights = probes.starting_weights(g_layers, draw, "g")
        d_weights = [3 * value for value in probes.starting_weights(d_layers, draw, "d")]
        G, D = probes.net(student, g_layers, g_weights), probes.net(student, d_layers, d_weights)
        for net, layers in ((G, g_layers), (D, d_layers)):
            student.tool("set_modes", net, [False] * (len(layers) + 1))
        data = student.make("dataset", task.pixels, task.labels)
        _train(student, G, D, data, batch_size=4, num_epochs=2, lr=0.05)
        after_g, after_d = layered.fitting(student, g_layers, G), layered.fitting(student, d_layers, D)
        if d_layers is judge:
            expect(after_d[3], "the last bias of D").satisfies(
                float((after_d[3] - d_weights[3]).abs().max()) > 1e-3, "one that has moved"
            )
            expect(after_d[0], "the layer of D before a dropout of 1.0", hint).close(d_weights[0], atol=1e-7)
            what = "G, whose images a D with a dropout of 1.0 cannot tell apart"
            expect(after_g, what, hint).close(g_weights, atol=1e-7)
        else:
            expect(after_g[3], "the last bias of G").satisfies(
                float((after_g[3] - g_weights[3]).abs().max()) > 1e-3, "one that has moved"
            )
            expect(after_g[0], "the layer of G before a dropout of 1.0", hint).close(g_weights[0], atol=1e-7)
            for step in _steps(student, G, D, task, 4, 2):
                spread = float((step.fake - step.fake[:1]).abs().max())
                expect(spread, "how far images of G differ, with a dropout of 1.0", hint).at_most(1e-5)


@check(
    points=3,
    goal="steps in turns",
    hidden=True,
    after=(test_a_step_of_each, test_every_image_once_an_epoch, test_the_noise, test_updates_in_train_mode),
    recipe="some twenty images in mini-batches, two or three epochs, any rate",
)
def test_the_steps_replayed(student, draw):
    """The batches that both networks saw, replayed step by step, give the same losses and parameters."""
    rng = draw.random()
    count, size, epochs, lr = rng.randint(17, 23), rng.randint(6, 8), rng.randint(2, 3), rng.uniform(0.004, 0.01)
    task = _task(draw, count)
    G, D, data = _make(student, task)
    losses = _train(student, G, D, data, batch_size=size, num_epochs=epochs, lr=lr)
    _replay(student, G, D, task, losses, size, epochs, lr)


@check(points=1, goal="steps in turns", observed=True, after=test_a_step_of_each)
def test_the_generator_is_detached(student, draw):
    """The step of D sends nothing back through G: of each mini-batch, only the step of G does."""
    task = _task(draw, 10)
    G, D, data = _make(student, task)
    _train(student, G, D, data, batch_size=4, num_epochs=2)
    came = student.tool("backwards", G, len(G_PROBE) - 1)
    hint = "Give D the images as G(noise).detach() in its own step; else G's gradients grow there too."
    expect(came, "backward passes through G in 6 mini-batches", hint).equal(6)


# --- train: learning


@check(points=2, goal="learning", hidden=True, learning=True, after=test_the_steps_replayed, seconds=60,
       recipe="480 MNIST digits of one class")  # fmt: skip
def test_samples_move_towards_the_data(student, oracle, draw):
    """After training on images of one digit, the mean of the generated images resembles that of the real ones."""
    from grader.data.digits import mnist_digits

    pixels, labels = mnist_digits()
    pixels = pixels[labels == draw.seed("class") % 10][:480]
    chosen = torch.randperm(len(pixels), generator=draw.generator("order"))
    weights = [probes.starting_weights(layers, draw, name) for layers, name in ((GENERATOR, "G"), (DISCRIMINATOR, "D"))]
    G, D = (probes.net(student, *net) for net in zip((GENERATOR, DISCRIMINATOR), weights))
    data = student.make("dataset", pixels[chosen], torch.zeros(len(pixels), dtype=torch.int64))
    _train(student, G, D, data, noise_dim=100, batch_size=32, num_epochs=27, lr=0.002)
    noise = 2 * torch.rand(300, 100, generator=draw.generator("noise")) - 1
    with torch.no_grad():
        samples = probes.twin(GENERATOR, layered.fitting(student, GENERATOR, G)).eval()(noise)
    pictures.show_images("real and generated", pixels[:10], (samples[:10] + 1) / 2, (samples[10:20] + 1) / 2)
    means = torch.stack([samples.mean(dim=0), pixels.flatten(1).mean(dim=0)])
    alike = float(torch.corrcoef(means)[0, 1].nan_to_num())
    expect(alike, "the correlation of the mean generated with the mean real image").at_least(oracle.threshold("mean"))


# --- train: corners


@check(points=0.5, goal="corners", after=test_the_losses_of_epochs)
def test_no_epochs(student, draw):
    """0 epochs change nothing, and the list of losses is empty."""
    task = _task(draw, 6)
    G, D, data = _make(student, task)
    _train(student, G, D, data, num_epochs=0)
    for net, weights in ((G, task.g_weights), (D, task.d_weights)):
        expect(student.tool("parameters", net), "the parameters").close(weights, atol=0)


@check(points=1, goal="errors")
def test_train_refuses_bad_arguments(student, draw):
    """train raises for empty data and settings out of range, naming them, also where there are 0 epochs."""
    task = _task(draw, 4)
    G, D, data = _make(student, task)
    empty = student.make("dataset", task.pixels[:0], task.labels[:0])
    for epochs in (1, 0):
        settings = {"num_epochs": epochs, "noise_dim": NOISE_DIM}
        student.raises("ValueError", "train", G, D, empty, **settings, names=["data"])
        for name, values in {"batch_size": (0, -1, 1.5, "4"), "lr": (-0.1, math.nan, math.inf, "0.1")}.items():
            for value in values:
                bad = {**settings, name: value}
                student.raises(("ValueError", "TypeError"), "train", G, D, data, names=[name], **bad)
    for value in (-1, 1.5, "2"):
        bad = {"num_epochs": value, "noise_dim": NOISE_DIM}
        student.raises(("ValueError", "TypeError"), "train", G, D, data, names=["num_epochs"], **bad)
    for value in (-1, 1.5, "5"):
        student.raises("Exception", "train", G, D, data, num_epochs=1, noise_dim=value)
    for value in ("cuda", "nowhere"):
        hint = "A device that is not there must not become a silent run on another."
        student.raises("Exception", "train", G, D, data, device=value, noise_dim=NOISE_DIM, hint=hint)


@check(points=0.5, goal="side effects", after=test_the_losses_of_epochs)
def test_the_images_stay(student, draw):
    """train and mode_coverage leave the images as they were."""
    task = _task(draw, 6)
    images = student.put(task.pixels)
    G, D, _ = _make(student, task)
    _train(student, G, D, student.make("dataset", images, task.labels), batch_size=4, num_epochs=2)
    hint = "Operations that end in _, and `x += …`, change the tensor that was given."
    expect(images.read(), "the images afterwards", hint).close(task.pixels, atol=0)
    student.call("mode_coverage", probes.net(student, SMALL, probes.starting_weights(SMALL, draw)), images)
    expect(images.read(), "the images afterwards", hint).close(task.pixels, atol=0)


@check(points=0.5, goal="side effects", observed=True, after=test_the_losses_of_epochs)
def test_gradients_stay_on(student, draw):
    """train leaves torch's gradient mode as it was."""
    task = _task(draw, 4)
    G, D, data = _make(student, task)
    _train(student, G, D, data, batch_size=2, num_epochs=1)
    expect(student.tool("global_state")[0], "torch.is_grad_enabled() afterwards").equal(True)


@check(points=1, goal="devices", observed=True, after=test_a_step_of_each)
def test_on_a_cuda_device(student, draw):
    """train and mode_coverage work on a CUDA device: the networks' own, or the one that `device` names."""
    task = _task(draw, 10)
    classifier = probes.starting_weights(SMALL, draw)
    with torch.no_grad():
        seen = len(probes.twin(SMALL, classifier)(task.pixels).argmax(dim=1).unique())
    G, D, data = _make(student, task)
    student.tool("seed", 3)
    plain = _train(student, G, D, data, batch_size=4, num_epochs=2)
    for device in (None, "cuda"):
        G, D, data = _make(student, task)
        reader = probes.net(student, SMALL, classifier)
        student.tool("virtual_cuda")
        reader = student.make("on_device", reader, "cuda")
        if device is None:
            G, D = (student.make("on_device", net, "cuda") for net in (G, D))
        student.tool("seed", 3)
        losses = _train(student, G, D, data, batch_size=4, num_epochs=2, device=device)
        places = [student.tool("device_types", net) for net in (G, D)]
        covered = student.call("mode_coverage", reader, task.pixels)
        student.leave()
        hint = "Move each batch to the networks' device, and draw the noise or move it there."
        expect(places, "where the parameters are", hint).equal([["cuda"] * 2, ["cuda"] * 4])
        expect(losses, "losses, beside those on the CPU", hint).close(plain, atol=1e-3)
        expect(covered, "mode_coverage").equal(seen)


# --- mode_coverage


@check(points=1, goal="mode collapse")
def test_coverage_counts_classes(student, draw):
    """mode_coverage counts the classes that the classifier sees: 1 for a generator that has collapsed."""
    weights, pixels, classes = _all_classes(draw)
    model = probes.net(student, SMALL, weights)
    hint = "Take each image's largest logit, and count the classes that come up."
    for chosen in ([0], [0, 0, 0], [3, 7], [9, 9, 0, 4], [*range(10), 5, 5], [1, 2, 3, 4, 5, 6, 7, 8, 9]):
        images = torch.stack([pixels[classes == number][0] for number in chosen])
        value = student.call("mode_coverage", model, images)
        expect(value, f"mode_coverage of images of the classes {chosen}", hint).of_type(int).equal(len(set(chosen)))


@check(points=1, goal="mode collapse", hidden=True, after=test_coverage_counts_classes, recipe="any net and images")
def test_coverage_of_any_images(student, draw):
    """mode_coverage is right for any classifier and images, however many there are."""
    rng = draw.random()
    weights, pixels, classes = _all_classes(draw)
    model = probes.net(student, SMALL, weights)
    late = int(classes[rng.randrange(len(classes))])
    early = (classes != late).nonzero().flatten().repeat(2)  # so that the late class comes after all others
    for chosen in (
        torch.tensor([rng.randrange(len(pixels))]),
        torch.tensor(rng.sample(range(len(pixels)), rng.randint(2, 5))),
        torch.cat([early, (classes == late).nonzero().flatten()[:1]]),
    ):
        wanted = len(classes[chosen].unique())
        value = student.call("mode_coverage", model, pixels[chosen])
        expect(value, "mode_coverage").of_type(int).equal(wanted)


@check(points=0.5, goal="modes", after=test_coverage_counts_classes)
def test_coverage_in_eval_mode(student, draw):
    """mode_coverage classifies in eval mode: dropout does nothing there."""
    weights, pixels, classes = _all_classes(draw)
    model = probes.net(student, DROPPED_TAIL, weights)
    student.tool("set_modes", model, [True] * (len(DROPPED_TAIL) + 1))
    images = torch.stack([pixels[classes == number][0] for number in (1, 4, 8)])
    value = student.call("mode_coverage", model, images)
    expect(value, "mode_coverage with a net with dropout", "Call classifier.eval() first.").equal(3)


@check(points=0.5, goal="modes", observed=True, after=test_coverage_counts_classes)
def test_coverage_restores_the_modes(student, draw):
    """After mode_coverage every submodule has the mode that it had before, also when the classifier raises."""
    pixels, _ = probes.images(draw, 4)
    layers = [["Tripwire", 2], *DROPPED_TAIL]
    for flags in ([True] * 6, [False] * 6, [True, True, False, True, False, True], [False, True] * 3):
        model = probes.net(student, layers, probes.starting_weights(layers, draw))
        student.tool("set_modes", model, flags)
        hint = "Note each submodule's `training` before, and write it back after: in `finally`, which errors pass too."
        student.call("mode_coverage", model, pixels)
        expect(student.tool("modes", model), "the training flags afterwards", hint).equal(flags)
        raised = student.fails(lambda m=model: student.call("mode_coverage", m, pixels))
        expect(raised, "mode_coverage").satisfies(raised, "the classifier's own exception to come through", "none")
        expect(student.tool("modes", model), "the training flags after an exception", hint).equal(flags)


@check(points=0.5, goal="errors")
def test_coverage_refuses_no_images(student, draw):
    """mode_coverage raises a ValueError where there are no images."""
    model = probes.net(student, SMALL, probes.starting_weights(SMALL, draw))
    student.raises("ValueError", "mode_coverage", model, torch.zeros(0, 1, 28, 28), names=["images"])


# --- what the checks share


def _signed(draw, count):
    return 2 * probes.images(draw, count)[0] - 1


def _all_classes(draw):
    """Weights, some hundreds of images of which each class has one at least, and the classes that the net sees."""
    for attempt in range(200):
        weights = [4 * value for value in probes.starting_weights(SMALL, draw, f"weights {attempt}")]
        pixels, _ = probes.images(draw, 300, f"images {attempt}")
        net = probes.twin(SMALL, weights)
        with torch.no_grad():
            net[-1].bias -= net(pixels).mean(dim=0)  # so that no class is rare
            best = net(pixels).topk(2, dim=1)
        clear = best.values[:, 0] - best.values[:, 1] > 1e-3
        if len(best.indices[clear, 0].unique()) == 10:
            return [p.detach() for p in net.parameters()], pixels[clear], best.indices[clear, 0]
    raise AssertionError("no such draw")


def _task(draw, count, noise_dim=NOISE_DIM):
    """Images in [0, 1], and both nets' starting weights."""
    pixels, labels = probes.images(draw, count)
    g_layers = _painter(noise_dim)
    g_weights = [1.5 * value for value in probes.starting_weights(g_layers, draw, "G")]
    d_weights = [1.5 * value for value in probes.starting_weights(D_PROBE, draw, "D")]
    return SimpleNamespace(
        pixels=pixels, labels=labels, g_layers=g_layers, g_weights=g_weights, d_weights=d_weights, noise_dim=noise_dim
    )


def _painter(noise_dim):
    return [["Journal"], ["Linear", noise_dim, 16], *G_PROBE[2:]]


def _make(student, task):
    """Both nets and the data in the worker."""
    nets = [probes.net(student, task.g_layers, task.g_weights), probes.net(student, D_PROBE, task.d_weights)]
    return *nets, student.make("dataset", task.pixels, task.labels)


def _train(student, G, D, data, noise_dim=NOISE_DIM, **settings):
    """Call the student's train and see that a pair of floats comes back for each epoch."""
    losses = student.call("train", G, D, data, noise_dim=noise_dim, **settings)
    hint = "`losses.append((d_loss, g_loss))` once an epoch; `loss.item()` is a Python float."
    expect(losses, "the losses", hint).of_type(list).length(settings["num_epochs"])
    for pair in losses:
        expect(pair, "an entry of the losses", hint).of_type((tuple, list)).length(2)
        expect(list(pair), "an entry of the losses", hint).each_of_type(float)
    return [tuple(pair) for pair in losses]


def _passes(student, net, size):
    """[train mode, gradients on, rows (N, size)] of each batch that a net with a Journal in front saw."""
    noted = student.tool("passes", net, 0)
    found = []
    for each in noted if type(noted) is list else []:
        fits = type(each) is list and len(each) == 3 and torch.is_tensor(each[2]) and each[2].dim() > 1
        batch = each[2].flatten(1).float() if fits else torch.zeros(0, 0)
        expect(tuple(batch.shape[1:]), "the numbers of each row that a network was given").equal((size,))
        found.append([each[0], each[1], batch])
    expect(len(found), "forward passes").satisfies(bool(found), "some")
    return found


def _steps(student, G, D, task, batch_size, epochs, begin=0):
    """What D saw, mini-batch by mini-batch: real images with their numbers, generated ones, and those of G's step."""
    seen = [batch for _, on, batch in _passes(student, D, 784)[begin:] if on is True]
    rows = torch.cat(seen) if seen else torch.zeros(0, 784)
    count = len(task.pixels)
    hint = "For each mini-batch of N images D sees these, N generated ones, and in the step of G N generated ones."
    expect(len(rows), "images that D saw in passes with gradients", hint).equal(3 * count * epochs)
    real = (2 * task.pixels - 1).flatten(1)
    near = torch.cdist(rows, real, compute_mode="donot_use_mm_for_euclid_dist").min(dim=1)
    numbers = torch.where(near.values < 1e-3, near.indices, -1)
    found = int((numbers >= 0).sum())
    hint = "Rescale the real images from [0, 1] to [-1, 1]: 2 · image - 1."
    expect(found, "real images, rescaled to [-1, 1], among them", hint).equal(count * epochs)
    steps, at = [], 0
    sizes = [min(batch_size, count - start) for start in range(0, count, batch_size)] * epochs
    for size in sizes:
        ours = numbers[at : at + 3 * size] >= 0
        in_turns = int(ours[: 2 * size].sum()) == size and not bool(ours[2 * size :].any())
        hint = "First the step of D, on real and generated images, then the step of G, on generated ones."
        expect(ours.tolist(), f"which of the {3 * size} images of a mini-batch are real", hint).satisfies(
            in_turns, f"{size} real and {size} generated ones, then {size} generated ones"
        )
        chunk, first = rows[at : at + 3 * size], numbers[at : at + 2 * size]
        steps.append(
            SimpleNamespace(
                numbers=first[first >= 0].tolist(),
                real=chunk[: 2 * size][first >= 0],
                fake=chunk[: 2 * size][first < 0],
                fooling=chunk[2 * size :],
            )
        )
        at += 3 * size
    return steps


@torch.enable_grad()  # whatever the student's code left behind in this process
def _replay(student, G, D, task, losses, batch_size, epochs, lr, begin=(0, 0)):
    """Train nets of the judge's own on what the student's were shown, and compare."""
    steps = _steps(student, G, D, task, batch_size, epochs, begin[1])
    noise = torch.cat([batch for _, _, batch in _passes(student, G, task.noise_dim)[begin[0] :]])
    g, d = probes.twin(task.g_layers, task.g_weights), probes.twin(D_PROBE, task.d_weights)
    g_optimizer, d_optimizer = (torch.optim.Adam(net.parameters(), lr=lr) for net in (g, d))
    totals = torch.zeros(epochs, 2)
    per_epoch = len(steps) // epochs
    for number, step in enumerate(steps):
        painted = g(noise)  # all noise of the call: which of it belongs here shows in the images
        picks = []
        for images in (step.fake, step.fooling):
            near = torch.cdist(images, painted.detach(), compute_mode="donot_use_mm_for_euclid_dist").min(dim=1)
            hint = "Both steps use images that G, as it is then, makes of noise; only G's own step changes G."
            expect(float(near.values.max()), "how far the generated images are from G's", hint).at_most(0.02)
            apart = len(near.indices.unique())
            expect(apart, "different noise of a generated batch").equal(len(images))
            picks.append(near.indices)
        d_loss = _d_loss(d(step.real), d(step.fake))
        d_optimizer.zero_grad()
        d_loss.backward()
        d_optimizer.step()
        g_loss = _g_loss(d(painted[picks[1]]))
        g_optimizer.zero_grad()
        g_loss.backward()
        g_optimizer.step()
        totals[number // per_epoch] += torch.tensor([d_loss.item(), g_loss.item()]) * len(step.real)
    wanted = (totals / len(task.pixels)).tolist()
    hint = "The losses are those before each step, d_loss = real + generated, each a mean over the samples."
    expect([list(pair) for pair in losses], "the losses", hint).close(wanted, atol=2e-3)
    hint = "Adam for each network, kept for the whole call; gradients cleared before each backward pass."
    for name, layers, thing, net in (("D", D_PROBE, D, d), ("G", task.g_layers, G, g)):
        got = layered.fitting(student, layers, thing)
        wanted = [parameter.detach() for parameter in net.parameters()]
        expect(got, f"the parameters of {name}", hint).close(wanted, atol=0.1 * lr)
