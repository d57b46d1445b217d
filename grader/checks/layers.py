"""What the checks of a network's layers and forward pass share, whatever the network."""

import torch

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
