"""Checks of exercise `regularization`: penalties, weight decay and dropout."""

import math

import torch
from torch import nn

from grader.checks import check, expect, layers, probes

NET = "MNISTClassifierWithDropout"
SHAPES = [(50, 784), (50,), (20, 50), (20,), (10, 20), (10,)]
MODEL = {"0.weight": (3, 4), "0.bias": (3,), "1.weight": (5,), "1.bias": (5,), "2.weight": (2, 3), "2.bias": (2,)}
# A weight is told by the last part of its name alone.
TRICKY = {
    "rnn.weight_ih_l0": (4, 2),
    "rnn.bias_ih_l0": (4,),
    "rnn.bias_hh_l0": (4,),
    "bias_net.weight": (2, 2),
    "scale": (3,),
    "unbiased": (2,),
    "head.my_bias": (2,),
    "head.inner.bias": (2, 3),
    "bias": (3,),
    "gain": (),
}


def is_weight(name):
    """The contract's rule."""
    return not name.rpartition(".")[2].startswith("bias")


def numbers(draw, names, label="values", scale=1.0):
    """Numbers of these shapes by name, none of them near 0."""
    generator, made = draw.generator(label), {}
    for name, shape in names.items():
        signs = torch.randint(0, 2, shape, generator=generator) * 2.0 - 1
        made[name] = scale * signs * (0.2 + torch.rand(shape, generator=generator))
    return made


def named_net(student, values, frozen=()):
    """The model with these parameters in the worker."""
    return student.make("named_net", list(values), list(values.values()), list(frozen))


def by_name(student, tool, model, names):
    """What an instrument tells of the parameters, by name."""
    found = student.tool(tool, model)
    expect(found, "the model's parameters").of_type(dict)
    expect(sorted(found), "the names of the model's parameters").equal(sorted(names))
    return found


def penalties(values, l1=1.0, l2=1.0):
    """The three penalties of these parameters."""
    weights = [value.double() for name, value in values.items() if is_weight(name)]
    absolute = sum(float(weight.abs().sum()) for weight in weights)
    squared = sum(float(weight.square().sum()) for weight in weights)
    return {"l1_penalty": absolute, "l2_penalty": squared, "elastic_penalty": l1 * absolute + l2 * squared}


def penalty(student, name, wanted, *args, hint="", **kwargs):
    """Call a penalty and see that it is a scalar tensor of this value."""
    value = student.call(name, *args, **kwargs)
    expect(value, name, "Sum up with torch, from the parameters to the penalty.").of_type(torch.Tensor).shape()
    expect(value, name, hint).close(torch.tensor(wanted), atol=1e-5, rtol=1e-4)
    return value


# --- penalties


@check(points=1, goal="penalties")
def test_the_penalties_of_a_net(student, draw):
    """l1_penalty is the sum of |w| and l2_penalty that of w², over the weights and not the biases."""
    values = numbers(draw, MODEL)
    model, wanted = named_net(student, values), penalties(values)
    hint = "Every parameter counts but the biases: model.named_parameters() tells which is which."
    for name in ("l1_penalty", "l2_penalty"):
        penalty(student, name, wanted[name], model, hint=hint)
        penalty(
            student, name, wanted[name], named_net(student, values, ["1.weight"]), hint="Frozen weights count, too."
        )
    after = by_name(student, "named_parameters", model, values)
    for name, value in values.items():
        expect(after[name], f"{name} afterwards", "A penalty changes nothing.").close(value, atol=0)


@check(points=1, goal="penalties", after=test_the_penalties_of_a_net)
def test_the_elastic_penalty(student, draw):
    """elastic_penalty is l1 times the L1 penalty plus l2 times the L2 penalty; both factors are 1 unless given."""
    values = numbers(draw, MODEL)
    model = named_net(student, values)
    for factors in ({}, {"l1": 0.5, "l2": 0.25}, {"l1": 0.0}, {"l2": 0.0}, {"l1": 2, "l2": 3}):
        wanted = penalties(values, **factors)["elastic_penalty"]
        penalty(student, "elastic_penalty", wanted, model, hint="l1 · Σ|w| + l2 · Σw².", **factors)
    wanted = penalties(values, 0.1, 0.01)["elastic_penalty"]
    penalty(student, "elastic_penalty", wanted, model, 0.1, 0.01, hint="l1 comes before l2.")
    for name in ("l1", "l2"):
        hint = "A string where a number belongs must not give a result."
        student.raises("Exception", "elastic_penalty", model, hint=hint, **{name: "1"})


@check(points=1, goal="penalties", after=test_the_elastic_penalty)
def test_the_gradients_of_the_penalties(student, draw):
    """The penalties have gradients: the sign of w, 2·w, and l1 times the first plus l2 times the second."""
    values = numbers(draw, MODEL)
    for name, first, second in (
        ("l1_penalty", 1.0, 0.0),
        ("l2_penalty", 0.0, 2.0),
        ("elastic_penalty", 0.5, 0.6),
    ):
        model = named_net(student, values)
        factors = {"l1": 0.5, "l2": 0.3} if name == "elastic_penalty" else {}
        _has_gradient(student, name, model, values, first, second, factors)


def _has_gradient(student, name, model, values, first, second, factors):
    """See that the gradient of a weight w is first · sign(w) + second · w, and that a bias has none."""
    hint = "Compute with the parameters themselves: .data, detach(), item() and float() cut gradients off."
    made = student.new(name, model, **factors)
    broken = student.fails(lambda: made.call("backward"))
    expect(broken, f"{name}(…).backward()", hint).satisfies(not broken, "gradients", "an exception")
    found = by_name(student, "named_gradients", model, values)
    for parameter, value in values.items():
        gradient = found[parameter]
        if is_weight(parameter):
            wanted = first * value.sign() + second * value
            expect(gradient, f"the gradient of {parameter}", hint).of_type(torch.Tensor).close(wanted, atol=1e-4)
        elif gradient is not None:
            expect(gradient, f"the gradient of {parameter}").close(torch.zeros_like(value), atol=0)


@check(points=0.5, goal="corners", after=test_the_penalties_of_a_net)
def test_a_model_without_weights(student):
    """For a model without weights each penalty is a tensor 0."""
    for values in ({}, {"bias": torch.ones(3), "0.bias": torch.ones(2)}):
        for name in ("l1_penalty", "l2_penalty", "elastic_penalty"):
            hint = "The sum over nothing is 0, but it has to be a tensor as well."
            value = student.call(name, named_net(student, values))
            expect(value, f"{name} of a model without weights", hint).of_type(torch.Tensor).shape().close(
                torch.tensor(0.0), atol=0
            )


# --- the optimizer


@check(points=1.5, goal="weight decay")
def test_a_step_with_decay(student, draw):
    """A step of make_optimizer's SGD decays the weights and not the biases."""
    values, slopes = numbers(draw, MODEL), numbers(draw, MODEL, "gradients")
    for settings in ({"lr": 0.1, "weight_decay": 0.5}, {"lr": 0.2, "weight_decay": 0.0}, {"lr": 0.0}):
        _steps(student, values, [slopes], settings.get("lr"), settings.get("weight_decay", 1e-4), settings)


@check(points=0.5, goal="weight decay", after=test_a_step_with_decay)
def test_the_optimizer_s_defaults(student):
    """Unless told otherwise, make_optimizer takes the rate 0.01 and the weight decay 1e-4."""
    values = {"weight": torch.full((4,), 2000.0), "bias": torch.full((4,), 1.0)}
    slopes = {"weight": torch.zeros(4), "bias": torch.full((4,), 1.0)}
    _steps(student, values, [slopes], 0.01, 1e-4, {})


def _steps(student, values, gradients, lr, weight_decay, settings):
    """Set gradients and step, several times; wanted are w - lr · (g + λ · w) for weights, b - lr · g for biases."""
    model = named_net(student, values)
    optimizer = student.new("make_optimizer", model, **settings)
    wanted = {name: value.double() for name, value in values.items()}
    for slopes in gradients:
        student.tool("set_named_gradients", model, slopes)
        optimizer.keep("step")
        for name, value in wanted.items():
            decay = weight_decay * value if is_weight(name) else 0.0
            wanted[name] = value - lr * (slopes[name] + decay)
    found = by_name(student, "named_parameters", model, values)
    for name, value in wanted.items():
        kind = "a weight: w - lr · (g + λ · w)" if is_weight(name) else "a bias: b - lr · g, without decay"
        hint = f"{name} is {kind}. All of it is plain SGD, with a group of parameters for each decay."
        expect(found[name], f"{name} after {len(gradients)} step(s)", hint).of_type(torch.Tensor)
        expect(found[name], f"{name} after {len(gradients)} step(s)", hint).close(value.float(), atol=1e-5, rtol=2e-7)


@check(points=0.5, goal="errors")
def test_bad_rates(student):
    """make_optimizer raises for a rate or a decay that is negative, not finite or no number, naming it."""
    model = named_net(student, {"weight": torch.ones(2), "bias": torch.ones(2)})
    for name in ("lr", "weight_decay"):
        for value in (-0.1, math.nan, math.inf, "0.1"):
            student.raises(("ValueError", "TypeError"), "make_optimizer", model, names=[name], **{name: value})


# --- the classifier


@check(points=0.5, goal="layers")
def test_the_layers(student):
    """The classifier has the weights and biases of 784-50-20-10, in this order."""
    layers.parameters_of(student, student.new(NET), SHAPES)


@check(points=1, goal="forward pass", after=test_the_layers)
def test_the_forward_pass_in_eval_mode(student, draw):
    """In eval mode nothing is dropped, and images may be (N, 1, 28, 28), (N, 28, 28) or (N, 784)."""
    pixels, _ = probes.images(draw, 40)
    model = student.new(NET)
    wanted = _logits(layers.parameters_of(student, model, SHAPES), pixels)
    model.keep("eval")
    for shape in ((40, 1, 28, 28), (1, 1, 28, 28), (2, 28, 28), (1, 28, 28), (1, 784), (3, 784)):
        logits = model(pixels[: shape[0]].reshape(shape))
        hint = "In eval mode the logits are those of a net without dropout: a ReLU after the first and second layer."
        expect(logits, f"the logits of images {shape}", "One row of ten logits for each image.").shape(shape[0], 10)
        expect(logits, f"the logits of images {shape}", hint).close(wanted[: shape[0]], atol=1e-5)


@torch.no_grad()
def _logits(weights, pixels):
    return probes.twin(probes.ANN, weights)(pixels)


@check(points=1.5, goal="dropout", after=test_the_layers)
def test_what_is_dropped(student):
    """In train mode each input of each layer is 0 with probability 0.4, and what is left is scaled by 1/(1-0.4)."""
    for given in ({}, {"p": 0.75}):
        model = student.new(NET, **given)
        model.keep("train")
        _drops(student, model, given.get("p", 0.4), [torch.arange(50), torch.arange(20), torch.arange(10)])


def _drops(student, model, p, picks, count=400, size=1.0):
    """See how often what passes through the last layers is dropped, and how it is scaled.

    The first 3 - k layers are reduced to constant outputs and the last k pass single inputs on. So an output is 0
    unless k inputs are left, and otherwise `size` divided by (1-p) k times.
    """
    for k in range(4):
        weights = [torch.zeros(shape) for shape in SHAPES]
        for layer, picked in enumerate(picks):
            if layer >= 3 - k:
                weights[2 * layer][torch.arange(len(picked)), picked] = 1.0
        if k < 3:
            weights[2 * (2 - k) + 1] += size
        student.tool("set_parameters", model, weights)
        logits = model(torch.full((count, 784), size))
        where = ("behind the last layer", "at the last layer", "at the last two layers", "at the three layers")[k]
        hint = "Dropout belongs on the input of each of the three layers, after the ReLU, and nowhere else."
        expect(logits, "the logits in train mode").shape(count, 10)
        left = logits != 0
        scaled = size / (1 - p) ** k
        what = f"the outputs that are not 0, with dropout {where}"
        expect(logits[left], what, "What is left is divided by 1 - p, once for each dropout.").close(
            torch.full_like(logits[left], scaled), rtol=1e-4
        )
        share = (1 - p) ** k
        _share(left.flatten(), share, f"the share of outputs that are not 0, with dropout {where}", hint)
        hint = "Every image and every unit is dropped or kept for itself."
        for column in left.T:
            _share(column, share, f"the share of one output that is not 0, with dropout {where}", hint)
        _share(
            left.any(dim=1), 1 - (1 - share) ** 10, f"the share of images with an output that is not 0, {where}", hint
        )


def _share(flags, wanted, what, hint):
    """A share of independent flags, to six standard deviations and a few single ones."""
    slack = 6 * math.sqrt(wanted * (1 - wanted) / len(flags)) + (5 / len(flags) if 0 < wanted < 1 else 0)
    expect(float(flags.double().mean()), what, hint).close(wanted, atol=slack + 1e-9)


@check(points=0.5, goal="corners", after=test_what_is_dropped)
def test_nothing_or_everything_is_dropped(student, draw):
    """With p=0 the modes agree; with p=1 only the last bias is left in train mode, and eval mode is as ever."""
    pixels, _ = probes.images(draw, 6)
    weights = probes.starting_weights(probes.ANN, draw)
    plain = _logits(weights, pixels)
    for p, wanted in ((0.0, plain), (1.0, weights[-1].expand(6, 10))):
        model = student.new(NET, p)
        student.tool("set_parameters", model, weights)
        for mode, expected in (("train", wanted), ("eval", plain)):
            model.keep(mode)
            expect(model(pixels), f"the logits with p={p:g} in {mode} mode").shape(6, 10).close(expected, atol=1e-5)


@check(points=0.5, goal="errors", after=test_the_layers)
def test_bad_probabilities(student):
    """A p outside 0 to 1, or that is no number, raises and names `p`."""
    for value in (-0.1, 1.5, -1, 2, "0.4"):
        student.raises(("ValueError", "TypeError"), NET, value, names=["p"])


@check(points=0.5, goal="shapes", after=test_the_forward_pass_in_eval_mode)
def test_images_stay_apart(student):
    """Given any other shape, the classifier raises, or gives one row for each entry of dimension 0."""
    layers.keeps_rows(student, student.new(NET), [(2, 392), (1, 1, 56, 28), (2, 2, 28, 28), (784, 2)])


@check(points=0.5, goal="side effects", after=test_the_forward_pass_in_eval_mode)
def test_the_images_stay(student, draw):
    """The images are the same after the forward pass, in train mode too."""
    pixels, _ = probes.images(draw, 2)
    for p in (0.4, 1.0):
        layers.inputs_stay(student, student.new(NET, p), [pixels, pixels[:, 0], pixels.flatten(1)])


@check(points=0.5, goal="randomness", after=test_the_layers)
def test_the_seed_gives_weights_and_dropout(student, draw):
    """First weights and what is dropped depend on torch's seed: the same for the same seed, others for another."""
    pixels, _ = probes.images(draw, 4)
    kept = student.new(NET)
    student.tool("set_parameters", kept, probes.starting_weights(probes.ANN, draw))
    kept.keep("train")

    def first_logits():
        model = student.new(NET)
        model.keep("eval")
        return model(pixels)

    layers.depends_on_the_seed(student, first_logits, "the logits of a new classifier")
    layers.depends_on_the_seed(student, lambda: kept(pixels), "the logits in train mode")


@check(points=1, goal="devices", observed=True, after=(test_the_elastic_penalty, test_a_step_with_decay))
def test_on_a_cuda_device(student, draw):
    """Penalties and the optimizer's step work where the model is on a CUDA device."""
    values, slopes = numbers(draw, MODEL), numbers(draw, MODEL, "gradients")
    wanted = penalties(values)
    student.tool("virtual_cuda")
    model = student.make("on_device", named_net(student, values), "cuda")
    for name in ("l1_penalty", "l2_penalty", "elastic_penalty"):
        hint = "A running sum that starts on the CPU cannot take in numbers from another device in place."
        value = penalty(student, name, wanted[name], model, hint=hint)
        expect(value.facts.device.partition(":")[0], f"where {name} is").equal("cuda")
    optimizer = student.new("make_optimizer", model, lr=0.1, weight_decay=0.5)
    student.tool("set_named_gradients", model, slopes)
    optimizer.keep("step")
    places, found = student.tool("device_types", model), by_name(student, "named_parameters", model, values)
    student.leave()
    expect(places, "where the parameters are").equal(["cuda"] * len(values))
    for name, value in values.items():
        step = slopes[name] + (0.5 * value if is_weight(name) else 0)
        expect(found[name], f"{name} after a step").close(value - 0.1 * step, atol=1e-5)


# --- hidden


@check(
    points=2,
    goal="penalties",
    hidden=True,
    after=test_the_gradients_of_the_penalties,
    recipe="modules with parameters such as rnn.bias_hh_l0, bias_net.weight, unbiased and scale",
)
def test_the_penalties_of_any_model(student, draw):
    """A parameter is a bias where the part of its name after the last dot begins with `bias`, whatever its shape."""
    rng = draw.random()
    names = {**TRICKY, **{name: shape for name, shape in MODEL.items() if rng.random() < 0.5}}
    values = numbers(draw, dict(rng.sample(sorted(names.items()), len(names))))
    l1, l2 = rng.uniform(0.1, 2), rng.uniform(0.1, 2)
    wanted, model = penalties(values, l1, l2), named_net(student, values)
    for name, first, second in (("l1_penalty", 1, 0), ("l2_penalty", 0, 2), ("elastic_penalty", l1, 2 * l2)):
        factors = {"l1": l1, "l2": l2} if name == "elastic_penalty" else {}
        hint = "Look at what stands after the last dot of a name, and at how that begins."
        penalty(student, name, wanted[name], model, hint=hint, **factors)
        _has_gradient(student, name, named_net(student, values), values, first, second, factors)


@check(
    points=2,
    goal="weight decay",
    hidden=True,
    after=test_a_step_with_decay,
    recipe="several steps, on modules with parameters such as rnn.bias_hh_l0, bias_net.weight, unbiased and scale",
)
def test_several_steps_with_decay(student, draw):
    """Steps with decay λ are steps on the loss plus λ/2 times the L2 penalty, for any names, rate and decay."""
    rng = draw.random()
    names = {**TRICKY, **MODEL}
    values = numbers(draw, dict(rng.sample(sorted(names.items()), len(names))))
    gradients = [numbers(draw, names, f"step {number}") for number in range(3)]
    settings = {"lr": rng.uniform(0.05, 0.3), "weight_decay": rng.uniform(0.05, 1)}
    _steps(student, values, gradients, settings["lr"], settings["weight_decay"], settings)


@check(
    points=2,
    goal="dropout",
    hidden=True,
    after=test_what_is_dropped,
    recipe="any p, and weights of 0 and 1 that pass single inputs on",
)
def test_what_is_dropped_with_any_probability(student, draw):
    """For any p, each input of each layer is dropped with probability p, for itself, and the rest scaled."""
    rng = draw.random()
    picks = [torch.tensor(rng.sample(range(many), few)) for many, few in ((784, 50), (50, 20), (20, 10))]
    p = rng.uniform(0.15, 0.7)
    model = student.new(NET, p)
    model.keep("train")
    _drops(student, model, p, picks, size=rng.uniform(0.3, 0.9))


@check(
    points=1.5,
    goal="forward pass",
    hidden=True,
    after=test_the_forward_pass_in_eval_mode,
    recipe="any weights, images and p",
)
def test_eval_mode_with_any_weights(student, draw):
    """In eval mode the logits are those of the net without dropout, also between two times in train mode."""
    weights = [1.5 * value for value in probes.starting_weights(probes.ANN, draw)]
    pixels, _ = probes.images(draw, 5)
    wanted = _logits(weights, pixels)
    model = student.new(NET, draw.random().uniform(0.3, 0.7))
    student.tool("set_parameters", model, weights)
    for _ in range(2):
        model.keep("eval")
        expect(model(pixels), "the logits in eval mode").close(wanted, atol=2e-5, rtol=1e-5)
        model.keep("train")
        logits = model(pixels)
        expect(logits, "the logits in train mode", "In train mode inputs are dropped.").shape(5, 10).satisfies(
            not torch.allclose(logits, wanted, atol=1e-4), "others than in eval mode", "the same"
        )


@check(
    points=1, goal="forward pass", hidden=True, after=test_eval_mode_with_any_weights, recipe="any weights and images"
)
def test_gradients_reach_every_layer(student, draw):
    """Every weight and bias of the classifier gets its gradient."""
    weights = [1.5 * value for value in probes.starting_weights(probes.ANN, draw)]
    net = probes.twin(probes.ANN, weights)
    pixels, labels = layers.clear_images(net, draw, 8), torch.arange(8)
    model = student.new(NET, 0.0)
    student.tool("set_parameters", model, weights)
    model.keep("train")
    hint = "Compute with tensors from the input to the logits: detach(), .data, item() and NumPy cut gradients off."
    broken = student.fails(lambda: student.tool("cross_entropy_backward", model, pixels, labels))
    expect(broken, "the backward pass", hint).satisfies(not broken, "one that runs", "an exception")
    loss = nn.functional.cross_entropy(net(pixels), labels)
    layers.same_gradients(student, model, torch.autograd.grad(loss, list(net.parameters())), hint)
