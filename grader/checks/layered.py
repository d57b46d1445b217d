"""What checks of a network of plain layers share: its parameters, what it computes, its gradients, its rows."""

import itertools
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from grader.checks import expect, probes


def linear_shapes(*sizes: int) -> list[tuple[int, ...]]:
    """The shapes of the weights and biases of linear layers: (784, 50, 10) are two."""
    return [shape for before, after in itertools.pairwise(sizes) for shape in ((after, before), (after,))]


def has_parameters(student: Any, model: Any, shapes: Sequence[tuple[int, ...]]) -> None:
    """The model's parameters have these shapes, in this order."""
    values = probes.parameters(student, model)
    hint = "The layers stand in the order of the text: each gives a weight, then a bias."
    expect(len(values), "the number of weights and biases", hint).equal(len(shapes))
    for number, (value, shape) in enumerate(zip(values, shapes), start=1):
        expect(value, f"parameter {number} of {len(shapes)}", hint).shape(*shape)


def with_weights(student: Any, weights: Sequence[Tensor], name: str, *arguments: Any) -> Any:
    """A new model of the student's class in eval mode, with these parameters."""
    model = student.new(name, *arguments)
    student.tool("set_parameters", model, weights)
    model.keep("eval")
    return model


def computes(student: Any, model: Any, layers: list, weights: list[Tensor], inputs: Tensor, hint: str = "") -> None:
    """The model, which has these weights, gives what the described net gives."""
    with torch.no_grad():
        wanted = probes.twin(layers, weights).eval()(inputs)
    got, what = model(inputs), f"the output for an input {tuple(inputs.shape)}"
    expect(got, what, "One row for each entry of the batch.").shape(*wanted.shape)
    expect(got, what, hint).close(wanted, atol=3e-5, rtol=1e-5)


@torch.enable_grad()  # whatever the student's code left behind in this process
def has_gradients(student: Any, model: Any, layers: list, weights: list[Tensor], inputs: Tensor, draw: Any) -> None:
    """Every parameter of the model, which has these weights and is in eval mode, gets the described net's gradient."""
    net = probes.twin(layers, weights).eval()
    outputs = net(inputs)
    cotangent = torch.randn(outputs.shape, generator=draw.generator("cotangent"))
    outputs.backward(cotangent)
    hint = "Compute with tensors from the input to the output: detach(), .data and item() cut gradients off."
    broken = student.fails(lambda: student.tool("backward", model, inputs, cotangent))
    expect(broken, "the backward pass", hint).satisfies(not broken, "one that runs", "an exception")
    got = student.tool("gradients", model)
    expect(got, "the gradients").of_type(list).length(len(weights))
    expect(got, "the gradients", hint).satisfies(all(map(torch.is_tensor, got)), "one for each parameter")
    for value, parameter in zip(got, net.parameters()):
        expect(value, "a gradient", hint).shape(*parameter.shape)
        wanted: Any = parameter.grad
        off = (value - wanted).abs() > 1e-3 * wanted.abs().max()  # at a kink rounding may decide: let a few differ
        expect(float(off.double().mean()), "the share of gradients that differ", hint).between(0, 0.02)


def keeps_rows(student: Any, model: Any, shapes: Sequence[tuple[int, ...]]) -> None:
    """Given an input of any of these shapes, the model raises, or gives one row for each entry of dimension 0."""
    for shape in shapes:
        given: list = []
        if student.fails(lambda shape=shape, given=given: given.append(model(torch.full(shape, 0.5)))):
            continue
        rows = given[0].shape[0] if torch.is_tensor(given[0]) and given[0].dim() else 0
        hint = "x.flatten(start_dim=1) keeps the images apart, whatever their size; a view with -1 may not."
        expect(given[0], f"what comes of an input {shape}", hint).satisfies(
            rows == shape[0], f"an exception, or {shape[0]} rows", f"{rows} rows"
        )


def fitting(student: Any, layers: list, model: Any) -> list[Tensor]:
    """The parameters of a model in the worker, seen to have the shapes of the described net's."""
    values = probes.parameters(student, model)
    try:
        probes.twin(layers, values)
    except (ValueError, AttributeError):
        expect(values, "the model's parameters").satisfies(False, "the same parameters as before", "others")
    return values
