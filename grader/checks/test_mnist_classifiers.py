"""Checks of exercise `mnist_classifiers`: two networks that read handwritten digits.

The judge reads the student's parameters, or writes its own, and compares the logits with those of a net of its own.
"""

import functools
from types import SimpleNamespace

import torch

from grader.checks import check, expect, probes
from grader.checks.draws import Draw
from grader.worker.instruments.nets import sequential

FULLY, CONVOLUTIONAL = "ANN_MNISTClassifier", "CNN_MNISTClassifier"
LAYERS = {FULLY: probes.ANN, CONVOLUTIONAL: probes.CNN}
SHAPES = {
    FULLY: [(50, 784), (50,), (20, 50), (20,), (10, 20), (10,)],
    CONVOLUTIONAL: [(5, 1, 5, 5), (5,), (10, 5, 5, 5), (10,), (32, 160), (32,), (10, 32), (10,)],
}
WORKER_NETS = ((probes.CNN, (1, 2, 5, 64)),)
CLEAR = 2e-6  # how far the activations keep from the kinks of ReLU and from ties in a pooling window


def warm():
    """Run both nets, forward and backward, before judges are forked."""
    for name in LAYERS:
        problem(name, b"warm")


@functools.cache
def problem(name, key):
    """Weights and images, and the logits and gradients that come of them; worked out once a secret.

    Two right ways to compute a net differ by rounding alone, but at a kink rounding decides where a gradient goes. So
    the images are drawn anew until none of their activations lies at one.
    """
    draw = Draw(key, name, "")
    weights = [1.5 * value for value in probes.starting_weights(LAYERS[name], draw)]
    net = probes.twin(LAYERS[name], weights)
    for attempt in range(100):
        images, _ = probes.images(draw, 5, f"images {attempt}")
        if _clearance(net, images) > CLEAR:
            break
    cotangent = torch.randn(5, 10, generator=draw.generator("cotangent"))
    logits = net(images)
    logits.backward(cotangent)
    gradients = [parameter.grad for parameter in net.parameters()]
    return SimpleNamespace(
        weights=weights, images=images, cotangent=cotangent, logits=logits.detach(), gradients=gradients
    )


@functools.cache
def judge_s_net(name):
    """A net of the judge's own; its weights do not matter."""
    return sequential(LAYERS[name])


@torch.no_grad()
def logits_of(name, weights, images):
    """What the contract's net with these weights, seen to fit, gives."""
    net = judge_s_net(name)
    named = dict(zip([name for name, _ in net.named_parameters()], weights))
    return torch.func.functional_call(net, named, images)


@functools.cache
def pictures(key):
    """64 images."""
    return probes.images(Draw(key, "", ""), 64)[0]


@torch.no_grad()
def _clearance(net, images):
    """The least distance of an activation from a kink: 0 before a ReLU, the second largest of a pooling window."""
    least, values = 1.0, images
    for layer in net:
        if isinstance(layer, torch.nn.ReLU):
            least = min(least, float(values.abs().min()))
        if isinstance(layer, torch.nn.MaxPool2d):
            best = values.unfold(2, 2, 2).unfold(3, 2, 2).flatten(4).topk(2).values
            gaps = (best[..., 0] - best[..., 1])[best[..., 0] > 0]  # a window of zeros passes no gradient on
            least = min(least, float(gaps.min()))
        values = layer(values)
    return least


# --- layers


@check(points=0.5, goal="layers")
def test_the_ann_s_layers(student):
    """The fully-connected network has the weights and biases of 784-50-20-10, in this order."""
    _has_the_layers(student, FULLY)


@check(points=0.5, goal="layers")
def test_the_cnn_s_layers(student):
    """The convolutional network has the weights and biases of its four layers, in the order of the text."""
    _has_the_layers(student, CONVOLUTIONAL)


def _has_the_layers(student, name):
    _parameters(student, name, student.new(name))


def _parameters(student, name, model):
    """The parameters of a model, seen to have the contract's shapes."""
    values = probes.parameters(student, model)
    hint = "Layers with parameters, in the order of the text: each gives a weight, then a bias."
    expect(len(values), "the number of weights and biases", hint).equal(len(SHAPES[name]))
    for number, (value, wanted) in enumerate(zip(values, SHAPES[name]), start=1):
        expect(value, f"parameter {number} of {len(values)}", hint).shape(*wanted)
        expect(str(value.dtype), f"the dtype of parameter {number}").equal("torch.float32")
    return values


# --- logits


@check(points=0.5, goal="logits", after=test_the_ann_s_layers)
def test_the_ann_s_logits_are_not_squashed(student, draw):
    """The fully-connected network gives what its last layer computes, ten logits of any size for an image."""
    _gives_plain_logits(student, draw, FULLY)


@check(points=0.5, goal="logits", after=test_the_cnn_s_layers)
def test_the_cnn_s_logits_are_not_squashed(student, draw):
    """The convolutional network gives what its last layer computes, ten logits of any size for an image."""
    _gives_plain_logits(student, draw, CONVOLUTIONAL)


def _gives_plain_logits(student, draw, name):
    """With a last layer that is nothing but its bias, the logits are that bias."""
    given = problem(name, draw.key)
    bias = torch.linspace(-40, 40, 10)
    model = student.new(name)
    student.tool("set_parameters", model, [*given.weights[:-2], torch.zeros_like(given.weights[-2]), bias])
    hint = "The loss takes the softmax into account: nothing comes behind the last layer."
    logits = model(given.images)
    expect(logits, "the logits of 5 images").shape(5, 10)
    expect(logits, "the logits, where the last layer has no weights and the bias -40 … 40", hint).close(
        bias.expand(5, 10), atol=1e-4
    )


# --- the forward pass


@check(points=1, goal="forward pass", after=test_the_ann_s_logits_are_not_squashed)
def test_the_ann_s_forward_pass(student, draw):
    """The fully-connected network computes its logits from (N, 1, 28, 28), (N, 28, 28) and (N, 784), for any N."""
    _computes(student, draw, FULLY, [(64, 1, 28, 28), (1, 1, 28, 28), (2, 28, 28), (1, 28, 28), (1, 784)])


@check(points=1, goal="forward pass", after=test_the_cnn_s_logits_are_not_squashed)
def test_the_cnn_s_forward_pass(student, draw):
    """The convolutional network computes its logits from (N, 1, 28, 28), for any N."""
    _computes(student, draw, CONVOLUTIONAL, [(64, 1, 28, 28), (2, 1, 28, 28), (1, 1, 28, 28)])


def _computes(student, draw, name, shapes):
    """Compare the first two rows with those of the judge's net with the student's own weights."""
    model, images = student.new(name), pictures(draw.key)
    wanted = logits_of(name, _parameters(student, name, model), images[:2])
    model.keep("eval")
    hint = "A ReLU follows every layer with weights but the last."
    if name == CONVOLUTIONAL:
        hint += " The poolings take the maximum of 2 × 2, and each image is flattened on its own."
    for shape in shapes:
        logits = model(images[: shape[0]].reshape(shape))
        expect(logits, f"the logits of images {shape}", "One row of ten logits for each image.").shape(shape[0], 10)
        got = logits[:2]
        expect(got, f"the logits of the first images of {shape}", hint).close(wanted[: len(got)], atol=1e-5)


@check(points=1, goal="forward pass", hidden=True, after=test_the_ann_s_forward_pass, recipe="any weights and images")
def test_the_ann_with_any_weights(student, draw):
    """The fully-connected network computes the right logits for any weights and images, in train and in eval mode."""
    _computes_with_hidden_weights(student, draw, FULLY)


@check(points=1, goal="forward pass", hidden=True, after=test_the_cnn_s_forward_pass, recipe="any weights and images")
def test_the_cnn_with_any_weights(student, draw):
    """The convolutional network computes the right logits for any weights and images, in train and in eval mode."""
    _computes_with_hidden_weights(student, draw, CONVOLUTIONAL)


def _computes_with_hidden_weights(student, draw, name):
    given, model = problem(name, draw.key), student.new(name)
    student.tool("set_parameters", model, given.weights)
    for mode in ("train", "eval"):
        model.keep(mode)
        logits = model(given.images)
        hint = "Both modes give the same logits: there is neither dropout nor normalisation."
        expect(logits, f"the logits in {mode} mode", hint).close(given.logits, atol=2e-5, rtol=1e-5)


# --- gradients


@check(points=1, goal="gradients", hidden=True, after=test_the_ann_with_any_weights, recipe="any weights and images")
def test_the_ann_s_gradients(student, draw):
    """Every weight and bias of the fully-connected network gets its gradient."""
    _has_gradients(student, draw, FULLY)


@check(points=1, goal="gradients", hidden=True, after=test_the_cnn_with_any_weights, recipe="any weights and images")
def test_the_cnn_s_gradients(student, draw):
    """Every weight and bias of the convolutional network gets its gradient."""
    _has_gradients(student, draw, CONVOLUTIONAL)


def _has_gradients(student, draw, name):
    given, model = problem(name, draw.key), student.new(name)
    student.tool("set_parameters", model, given.weights)
    hint = "Compute with tensors from the input to the logits: detach(), .data, item() and NumPy cut gradients off."
    broken = student.fails(lambda: student.tool("backward", model, given.images, given.cotangent))
    expect(broken, "the backward pass", hint).satisfies(not broken, "one that runs", "an exception")
    got = student.tool("gradients", model)
    expect(got, "the gradients").of_type(list).length(len(given.gradients))
    expect(got, "the gradients", hint).satisfies(all(map(torch.is_tensor, got)), "one for each parameter")
    for number, (value, wanted) in enumerate(zip(got, given.gradients), start=1):
        scale = float(wanted.abs().max())
        expect(value, f"the gradient of parameter {number}", hint).close(wanted, atol=1e-4 * scale)


# --- corners


@check(points=0.5, goal="shapes", after=test_the_ann_s_forward_pass)
def test_the_ann_keeps_images_apart(student):
    """Given any other shape, the fully-connected network raises, or gives one row for each entry of dimension 0."""
    _keeps_rows(student, FULLY, [(2, 392), (1, 1, 56, 28), (2, 2, 28, 28), (784, 2)])


@check(points=0.5, goal="shapes", after=test_the_cnn_s_forward_pass)
def test_the_cnn_keeps_images_apart(student):
    """Given any other shape, the convolutional network raises, or gives one row for each entry of dimension 0."""
    _keeps_rows(student, CONVOLUTIONAL, [(2, 1, 28, 36), (1, 1, 56, 28), (2, 2, 28, 28)])


def _keeps_rows(student, name, shapes):
    model = student.new(name)
    for shape in shapes:
        given: list = []
        if student.fails(lambda shape=shape, given=given: given.append(model(torch.full(shape, 0.5)))):
            continue
        rows = given[0].shape[0] if torch.is_tensor(given[0]) and given[0].dim() else 0
        hint = "x.flatten(start_dim=1) keeps the images apart, whatever their size; a view with -1 may not."
        expect(given[0], f"what comes of an input {shape}", hint).satisfies(
            rows == shape[0], f"an exception, or {shape[0]} rows", f"{rows} rows"
        )


@check(points=0.5, goal="side effects", after=(test_the_ann_s_forward_pass, test_the_cnn_s_forward_pass))
def test_the_images_stay(student, draw):
    """The images are the same after the forward pass."""
    images = pictures(draw.key)[:1]
    for name, shapes in ((FULLY, [(1, 1, 28, 28), (1, 28, 28), (1, 784)]), (CONVOLUTIONAL, [(1, 1, 28, 28)])):
        model = student.new(name)
        for shape in shapes:
            given = student.put(images.reshape(shape))
            model.keep("", given)
            hint = "Operations that end in _, and `x += …`, change the tensor that was given."
            expect(given.read(), "the images afterwards", hint).shape(*shape).close(images.reshape(shape), atol=0)


@check(
    points=0.5,
    goal="randomness",
    after=(test_the_ann_s_logits_are_not_squashed, test_the_cnn_s_logits_are_not_squashed),
)
def test_the_seed_gives_the_weights(student, draw):
    """The first weights depend on torch's seed: the same for the same seed, others for another."""
    images, runs, states = pictures(draw.key)[:2], [], []
    for seed in (1, 1, 2):
        student.tool("seed", seed)
        runs.append([student.new(name)(images) for name in LAYERS])
        states.append(student.tool("global_state")[1])
    hint = "Leave the seed alone: whoever uses the class calls torch.manual_seed where it is wanted."
    for name, first, again, other in zip(LAYERS, *runs):
        expect(again, f"the logits of a new {name}, after the same seed").close(first, atol=1e-6)
        values = [expect(logits, "the logits").shape(2, 10).value.tolist() for logits in (first, other)]
        what = f"the logits of a new {name}, after another seed"
        expect(other, what, hint).satisfies(values[0] != values[1], "others")
    same = [expect(state, "torch's generator").of_type(torch.Tensor).value.tolist() for state in states]
    what = "the state of torch's generator, after another seed"
    expect(same[0] == same[2], what, hint).satisfies(same[0] != same[2], "another", "the same")
