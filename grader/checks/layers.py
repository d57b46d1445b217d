"""What the checks of a network's layers and forward pass share, whatever the network."""

import torch

from grader.checks import probes
from grader.checks.expectations import expect


def parameters_of(student, model, shapes):
    """The parameters of a model in the worker, seen to have these shapes in this order."""
    values = student.tool("parameters", model)
    hint = "Layers with parameters, created in the order of the text: each gives a weight, then a bias."
    expect(values, "the model's parameters").of_type(list)
    expect(len(values), "the number of weights and biases", hint).equal(len(shapes))
    for number, (value, wanted) in enumerate(zip(values, shapes), start=1):
        expect(value, f"parameter {number} of {len(values)}", hint).shape(*wanted)
        expect(str(value.dtype), f"the dtype of parameter {number}").equal("torch.float32")
    return values


def keeps_rows(student, model, shapes, output=lambda given: given):
    """See that an input of each of these shapes raises, or gives one row for each entry of its first dimension."""
    for shape in shapes:
        given: list = []
        if student.fails(lambda shape=shape, given=given: given.append(model(torch.full(shape, 0.5)))):
            continue
        made = output(given[0])
        rows = made.shape[0] if torch.is_tensor(made) and made.dim() else 0
        hint = "x.flatten(start_dim=1) keeps the images apart, whatever their size; a view with -1 may not."
        expect(made, f"what comes of an input {shape}", hint).satisfies(
            rows == shape[0], f"an exception, or {shape[0]} rows", f"{rows} rows"
        )


def inputs_stay(student, model, inputs):
    """See that each input is the same after the forward pass."""
    for values in inputs:
        given = student.put(values)
        model.keep("", given)
        hint = "Operations that end in _, and `x += …`, change the tensor that was given."
        expect(given.read(), "the images afterwards", hint).shape(*values.shape).close(values, atol=0)


def depends_on_the_seed(student, run, what):
    """See that `run()`, a tensor, is the same after the same seed of torch, other after another, and seeds nothing."""
    results, states = [], []
    for seed in (1, 1, 2):
        student.tool("seed", seed)
        results.append(run())
        states.append(expect(student.tool("global_state")[1], "torch's generator").of_type(torch.Tensor).value)
    hint = "Leave the seed alone: whoever uses this calls torch.manual_seed where it is wanted."
    first, again, other = results
    expect(first, what).of_type(torch.Tensor)
    expect(again, f"{what}, after the same seed").close(first, atol=1e-6)
    expect(other, f"{what}, after another seed", hint).shape(*first.shape).satisfies(
        not torch.equal(first, other), "another", "the same"
    )
    same = states[0].shape == states[2].shape and torch.equal(states[0], states[2])
    expect(same, "the state of torch's generator, after another seed", hint).satisfies(not same, "another", "the same")


def gives_outputs_and_gradients(student, model, net, weights, draw, count=6):
    """See that a model with these weights gives what the described net gives, in both modes, and its gradients."""
    student.tool("set_parameters", model, weights)
    twin = probes.twin(net, weights)
    pixels = clear_images(twin, draw, count)
    wanted = twin(pixels)
    for mode in ("eval", "train"):
        model.keep(mode)
        hint = "Both modes give the same: there is neither dropout nor normalisation."
        expect(model(pixels), f"what it gives in {mode} mode", hint).close(wanted.detach(), atol=2e-5, rtol=1e-4)
    cotangent = torch.randn(wanted.shape, generator=draw.generator("cotangent"))
    hint = "Compute with tensors from the input to the output: detach(), .data, item() and NumPy cut gradients off."
    broken = student.fails(lambda: student.tool("backward", model, pixels, cotangent))
    expect(broken, "the backward pass", hint).satisfies(not broken, "one that runs", "an exception")
    same_gradients(student, model, torch.autograd.grad((wanted * cotangent).sum(), list(twin.parameters())), hint)


@torch.no_grad()
def clear_images(net, draw, count, clearance=1e-6):
    """Images that bring no ReLU of a described net near its kink, where rounding decides where a gradient goes."""
    for attempt in range(100):
        pixels, _ = probes.images(draw, count, f"images {attempt}")
        least, values = 1.0, pixels
        for layer in net:
            if isinstance(layer, torch.nn.ReLU):
                least = min(least, float(values.abs().min()))
            values = layer(values)
        if least > clearance:
            return pixels
    raise AssertionError("no such draw")


def same_gradients(student, model, wanted, hint):
    """See that the gradients of a model's parameters are these."""
    got = student.tool("gradients", model)
    expect(got, "the gradients", hint).of_type(list).length(len(wanted))
    expect(got, "the gradients", hint).satisfies(all(map(torch.is_tensor, got)), "one for each parameter")
    for number, (value, right) in enumerate(zip(got, wanted), start=1):
        scale = float(right.abs().max())
        expect(value, f"the gradient of parameter {number}", hint).close(right, atol=1e-3 * scale + 1e-6)
