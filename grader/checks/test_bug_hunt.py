"""Checks of exercise `bug_hunt`: twelve functions, each judged once in the open and once on hidden inputs.

Most run one scenario on the student's module and on the reference, and compare all that comes out of it.
"""

import torch

from grader.checks import check, expect, probes
from grader.checks.probes import SMALL

DROPOUTS = [["Tripwire", 1], ["AvgPool2d", 7], ["Flatten"], ["Dropout", 1.0], ["Linear", 16, 10], ["Dropout", 1.0]]
GENERATOR, DISCRIMINATOR = [["Linear", 4, 9], ["Tanh"]], [["Linear", 9, 6], ["LeakyReLU", 0.2], ["Linear", 6, 1]]
FEATURES, CLASSIFIER = [["AvgPool2d", 7], ["Flatten"], ["Linear", 16, 8], ["ReLU"]], [["Linear", 8, 10]]


def numbers(draw, *shape, label="", scale=1.0):
    """Normally distributed numbers."""
    return scale * torch.randn(*shape, generator=draw.generator(label))


def compare(student, oracle, scenario, what, hint, atol=1e-5):
    """What comes out of a scenario with the student's function is what comes out with the mended one."""
    expect(scenario(student), what, hint).close(scenario(oracle), atol=atol)


def net(side, draw, layers, label="weights"):
    """A net with drawn weights; a Thing."""
    return probes.net(side, layers, probes.starting_weights(layers, draw, label))


# --- bug_01


@check(points=0.5, goal="bugs")
def test_bug_01(student, oracle, draw):
    """bug_01 trains on the gradient of its own batch alone, and returns the loss from before the step."""
    judge_bug_01(student, oracle, draw)


@check(points=0.5, goal="bugs", hidden=True, after=test_bug_01, recipe="any small net, images and labels")
def test_bug_01_on_hidden_inputs(student, oracle, draw):
    """bug_01 is mended for any input."""
    judge_bug_01(student, oracle, draw)


def judge_bug_01(student, oracle, draw):
    images, labels = probes.images(draw, 9)

    def scenario(side):
        model = net(side, draw, SMALL)
        side.tool("cross_entropy_backward", model, images, (labels + 3) % 10)  # gradients of somebody else
        optimizer = side.make("sgd", model, 0.5)
        losses = [side.call("bug_01", model, optimizer, images[start:], labels[start:]) for start in (0, 4)]
        if side is student:
            expect(losses, "the losses of two steps").each_of_type(float)
        return [losses, side.tool("parameters", model)]

    hint = "What do the parameters' gradients hold before the backward pass, and what after it?"
    compare(student, oracle, scenario, "the losses of two steps, and the parameters after them", hint)


# --- bug_02


@check(points=0.5, goal="bugs")
def test_bug_02(student, oracle, draw):
    """bug_02 is the mean cross-entropy of logits."""
    judge_bug_02(student, oracle, draw)


@check(points=0.5, goal="bugs", hidden=True, after=test_bug_02, recipe="logits (N, classes) of any size, and labels")
def test_bug_02_on_hidden_inputs(student, oracle, draw):
    """bug_02 is mended for any input."""
    judge_bug_02(student, oracle, draw)


def judge_bug_02(student, oracle, draw):
    logits, labels = numbers(draw, 6, 4, scale=4.0), torch.tensor([0, 1, 2, 3, 0, 1])
    for rows in (6, 1):
        loss = student.call("bug_02", logits[:rows], labels[:rows])
        wanted = oracle.call("bug_02", logits[:rows], labels[:rows])
        hint = "What does cross_entropy expect: logits or probabilities?"
        expect(loss, f"the loss of {rows} rows", hint).shape().close(wanted, atol=1e-5)


# --- bug_03


def after_dropout(weights, images, first, last):
    """What the net with the dropouts gives where these two are in train mode: a dropout of 1.0 gives zeros."""
    with torch.no_grad():
        pooled = torch.nn.functional.avg_pool2d(images, 7).flatten(1)
        logits = (0 if first else 1) * pooled @ weights[0].T + weights[1]
    return torch.zeros_like(logits) if last else logits


@check(points=0.5, goal="bugs")
def test_bug_03(student, oracle, draw):
    """bug_03 is the accuracy in eval mode, and leaves every submodule in its own mode, also when the model raises."""
    judge_bug_03(student, oracle, draw)


@check(points=0.5, goal="bugs", hidden=True, after=test_bug_03, recipe="any net with dropout, and images")
def test_bug_03_on_hidden_inputs(student, oracle, draw):
    """bug_03 is mended for any input."""
    judge_bug_03(student, oracle, draw)


def judge_bug_03(student, oracle, draw):
    weights, images, labels = probes.with_accuracy(draw, DROPOUTS[1:], 8, right=5)
    for flags in ([True] * 7, [True, True, True, True, True, True, False], [False] * 7):
        model = probes.net(student, DROPOUTS, weights)
        student.tool("set_modes", model, flags)
        raised = student.fails(lambda m=model: student.call("bug_03", m, images, labels))
        expect(raised, "bug_03").satisfies(raised, "the model's own exception to come through", "no exception")
        share = student.call("bug_03", model, images, labels)
        hint = "In which mode do layers as dropout measure? And who restores each submodule's own mode, come what may?"
        expect(share, "the accuracy of a net with dropout", hint).of_type(float).close(5 / 8, atol=1e-6)
        logits = model(images[:2])
        expect(logits, "what the model gives afterwards, in the modes from before", hint).close(
            after_dropout(weights, images[:2], first=flags[4], last=flags[6]), atol=1e-5
        )


# --- bug_04


@check(points=0.5, goal="bugs")
def test_bug_04(student, oracle, draw):
    """bug_04 trains for an epoch and returns the losses as Python floats."""
    judge_bug_04(student, oracle, draw)


@check(points=0.5, goal="bugs", hidden=True, after=test_bug_04, recipe="any small net and batches")
def test_bug_04_on_hidden_inputs(student, oracle, draw):
    """bug_04 is mended for any input."""
    judge_bug_04(student, oracle, draw)


def judge_bug_04(student, oracle, draw):
    images, labels = probes.images(draw, 10)

    def scenario(side):
        model = net(side, draw, SMALL)
        loader = [(images[start : start + 4], labels[start : start + 4]) for start in (0, 4, 8)]
        losses = side.call("bug_04", model, side.make("sgd", model, 0.3, momentum=0.9), loader)
        if side is student:
            hint = "What else stays in memory as long as a loss is kept?"
            expect(losses, "the losses of three batches", hint).length(3).each_of_type(float)
        return [losses, side.tool("parameters", model)]

    hint = "Only what is kept of each loss is wrong: the training itself stays as it is."
    compare(student, oracle, scenario, "the losses of three batches, and the parameters after them", hint)


# --- bug_05


@check(points=0.5, goal="bugs")
def test_bug_05(student, oracle, draw):
    """bug_05 standardises both tables by what the training part shows."""
    judge_bug_05(student, oracle, draw)


@check(points=0.5, goal="bugs", hidden=True, after=test_bug_05, recipe="tables (N, F) and (M, F)")
def test_bug_05_on_hidden_inputs(student, oracle, draw):
    """bug_05 is mended for any input."""
    judge_bug_05(student, oracle, draw)


def judge_bug_05(student, oracle, draw):
    train, test = numbers(draw, 12, 3, label="train", scale=2.0) + 1, numbers(draw, 5, 3, label="test") - 2
    tables = student.call("bug_05", train, test)
    hint = "Which of the numbers here would not be known before the test?"
    expect(tables, "both tables", hint).of_type(tuple).close(oracle.call("bug_05", train, test), atol=1e-5)


# --- bug_06


@check(points=0.5, goal="bugs")
def test_bug_06(student, oracle, draw):
    """bug_06 picks each sequence's real last output."""
    judge_bug_06(student, oracle, draw)


@check(points=0.5, goal="bugs", hidden=True, after=test_bug_06, recipe="outputs (B, L, H), and lengths from 1 to L")
def test_bug_06_on_hidden_inputs(student, oracle, draw):
    """bug_06 is mended for any input."""
    judge_bug_06(student, oracle, draw)


def judge_bug_06(student, oracle, draw):
    out = numbers(draw, 5, 7, 3)
    lengths = torch.randint(1, 8, (5,), generator=draw.generator("lengths"))
    lengths[:3] = torch.tensor([1, 7, 4])
    picked = student.call("bug_06", out, lengths)
    hint = "What stands at index -1 of a short sequence?"
    expect(picked, "the last outputs", hint).shape(5, 3).close(oracle.call("bug_06", out, lengths), atol=0)


# --- bug_07


@check(points=0.5, goal="bugs")
def test_bug_07(student, oracle, draw):
    """bug_07 trains the discriminator alone: the generator's gradients stay what they were."""
    judge_bug_07(student, oracle, draw)


@check(points=0.5, goal="bugs", hidden=True, after=test_bug_07, recipe="any two small nets, images and noise")
def test_bug_07_on_hidden_inputs(student, oracle, draw):
    """bug_07 is mended for any input."""
    judge_bug_07(student, oracle, draw)


def judge_bug_07(student, oracle, draw):
    real, noise = numbers(draw, 6, 9, label="real").tanh(), numbers(draw, 6, 4, label="noise")

    def scenario(side):
        G, D = net(side, draw, GENERATOR, "G"), net(side, draw, DISCRIMINATOR, "D")
        side.tool("backward", G, noise, real)  # gradients that the generator had before
        optimizer = side.make("sgd", D, 0.5)
        losses = [side.call("bug_07", G, D, optimizer, real, noise) for _ in range(2)]
        if side is student:
            expect(losses, "the losses of two steps").each_of_type(float)
        side.tool("take_step", side.make("sgd", G, 1.0))  # by the gradients that it still has
        return [losses, side.tool("parameters", D), side.tool("parameters", G)]

    hint = "How far back does the backward pass of the discriminator's loss reach?"
    what = "the losses of two steps, D's parameters after them, and G's after a step by its old gradients"
    compare(student, oracle, scenario, what, hint)


# --- bug_08


@check(points=0.5, goal="bugs")
def test_bug_08(student, oracle, draw):
    """bug_08 is the KL divergence, summed over the dimensions and averaged over the samples."""
    judge_bug_08(student, oracle, draw)


@check(points=0.5, goal="bugs", hidden=True, after=test_bug_08, recipe="means and log-variances (N, Z)")
def test_bug_08_on_hidden_inputs(student, oracle, draw):
    """bug_08 is mended for any input."""
    judge_bug_08(student, oracle, draw)


def judge_bug_08(student, oracle, draw):
    for shape in ((5, 3), (1, 7)):
        mu, logvar = numbers(draw, *shape, label="mu"), numbers(draw, *shape, label="logvar")
        value, wanted = student.call("bug_08", mu, logvar), oracle.call("bug_08", mu, logvar)
        hint = "Over which of the two axes is a sum wanted, and over which a mean?"
        expect(value, f"the divergence of a batch {shape}", hint).shape().close(wanted, atol=1e-4)


# --- bug_09


@check(points=0.5, goal="bugs")
def test_bug_09(student, oracle, draw):
    """bug_09 gives a noisy copy: the image stays, the noise has the right size and comes from the generator."""
    judge_bug_09(student, oracle, draw)


@check(
    points=0.5, goal="bugs", hidden=True, after=test_bug_09, recipe="an image of any shape, a deviation and a generator"
)
def test_bug_09_on_hidden_inputs(student, oracle, draw):
    """bug_09 is mended for any input."""
    judge_bug_09(student, oracle, draw)


def judge_bug_09(student, oracle, draw):
    image = torch.rand(40, 60, generator=draw.generator("image"))
    std, seed = 0.1 + draw.random().random(), draw.seed("noise") % 1000
    kept = student.put(image)
    first, again, other = (
        student.call("bug_09", kept, std, student.make("generator", number)) for number in (seed, seed, seed + 1)
    )
    hint = "What does the caller's image look like after the call?"
    for name, noisy in (("first", first), ("second", again), ("third", other)):
        expect(noisy, f"the {name} noisy copy", hint).shape(40, 60)
        noise = noisy - image
        expect(float(noise.std()), f"the standard deviation of the {name} copy's noise", hint).close(std, rtol=0.12)
        expect(float(noise.mean()), f"the mean of the {name} copy's noise").close(0.0, atol=0.12 * std)
    expect(again, "a second copy, with a generator of the same seed", hint).close(first, atol=1e-6)
    moved = float((other - first).abs().max())
    expect(other, "a copy with another seed").satisfies(moved > 1e-3, "another one", "the same")
    expect(kept.read(), "the image afterwards", hint).close(image, atol=0)


# --- bug_10


@check(points=0.5, goal="bugs")
def test_bug_10(student, oracle, draw):
    """bug_10 gives a row of channels for each pixel, in the order of the image."""
    judge_bug_10(student, oracle, draw)


@check(points=0.5, goal="bugs", hidden=True, after=test_bug_10, recipe="images (N, C, H, W)")
def test_bug_10_on_hidden_inputs(student, oracle, draw):
    """bug_10 is mended for any input."""
    judge_bug_10(student, oracle, draw)


def judge_bug_10(student, oracle, draw):
    for shape in ((2, 3, 4, 5), (1, 2, 3, 3)):
        images = numbers(draw, *shape)
        rows = student.call("bug_10", images)
        hint = "A reshape keeps the order of the numbers in memory. Is that the order that is wanted?"
        n, c, h, w = shape
        expect(rows, f"the rows of images {shape}", hint).shape(n, h * w, c).close(
            oracle.call("bug_10", images), atol=0
        )


# --- bug_11


@check(points=0.5, goal="bugs")
def test_bug_11(student, oracle, draw):
    """bug_11 is the mean squared error of outputs (N, 1) and targets (N,)."""
    judge_bug_11(student, oracle, draw)


@check(points=0.5, goal="bugs", hidden=True, after=test_bug_11, recipe="outputs (N, 1) and targets (N,)")
def test_bug_11_on_hidden_inputs(student, oracle, draw):
    """bug_11 is mended for any input."""
    judge_bug_11(student, oracle, draw)


def judge_bug_11(student, oracle, draw):
    for rows in (6, 2, 1):
        outputs, targets = numbers(draw, rows, 1, label="outputs"), numbers(draw, rows, label="targets")
        value, wanted = student.call("bug_11", outputs, targets), oracle.call("bug_11", outputs, targets)
        hint = "What is the shape of the difference?"
        expect(value, f"the error of {rows} outputs", hint).shape().close(wanted, atol=1e-5)


# --- bug_12


@check(points=0.5, goal="bugs")
def test_bug_12(student, oracle, draw):
    """bug_12 freezes the features, and gives plain SGD for the classifier."""
    judge_bug_12(student, oracle, draw)


@check(points=0.5, goal="bugs", hidden=True, after=test_bug_12, recipe="any model with features and classifier")
def test_bug_12_on_hidden_inputs(student, oracle, draw):
    """bug_12 is mended for any input."""
    judge_bug_12(student, oracle, draw)


def judge_bug_12(student, oracle, draw):
    images, labels = probes.images(draw, 7)
    lr = round(0.05 + draw.random().random(), 3)

    def scenario(side):
        model = side.make("two_parts", FEATURES, CLASSIFIER)
        side.tool("set_parameters", model, probes.starting_weights([*FEATURES, *CLASSIFIER], draw))
        optimizer = side.new("bug_12", model, lr)
        seen = []
        for _ in range(2):
            side.tool("cross_entropy_backward", model, images, labels)
            side.tool("take_step", optimizer)
            seen.append(side.tool("parameters", model))
        side.tool("take_step", side.make("sgd", model, 1.0))  # moves whatever has a gradient
        return [*seen, side.tool("parameters", model)]

    hint = "Which parameters get gradients, and which of them does the optimizer hold?"
    compare(
        student, oracle, scenario, "the parameters after two steps, and after a step of all that has gradients", hint
    )
