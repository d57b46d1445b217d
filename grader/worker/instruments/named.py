"""Modules whose parameters have chosen names, and gradients that are written and not computed."""

from collections.abc import Sequence

from torch import Tensor, nn

from grader.worker.instruments.registry import instrument


@instrument
def named_net(names: Sequence[str], values: Sequence[Tensor], frozen: Sequence[str] = ()) -> nn.Module:
    """A module with these parameters; names with dots lie in submodules, those in `frozen` get no gradients."""
    net = nn.Module()
    for name, value in zip(names, values, strict=True):
        *path, last = name.split(".")
        holder = net
        for part in path:
            if not hasattr(holder, part):
                holder.add_module(part, nn.Module())
            holder = getattr(holder, part)
        holder.register_parameter(last, nn.Parameter(value.clone(), requires_grad=name not in frozen))
    return net


@instrument
def named_parameters(model: nn.Module) -> dict[str, Tensor]:
    """The model's parameters by name."""
    return {name: parameter.detach() for name, parameter in model.named_parameters()}


@instrument
def named_gradients(model: nn.Module) -> dict[str, Tensor | None]:
    """The gradients of the model's parameters by name, None where there is none."""
    return {name: parameter.grad for name, parameter in model.named_parameters()}


@instrument
def set_named_gradients(model: nn.Module, gradients: dict[str, Tensor]) -> None:
    """Write the gradients of the parameters of these names."""
    for name, parameter in model.named_parameters():
        if name in gradients:
            parameter.grad = gradients[name].to(parameter.device)


@instrument
def set_gradients(model: nn.Module, gradients: Sequence[Tensor]) -> None:
    """Write the gradients of the parameters, in the order of `parameters()`."""
    for parameter, gradient in zip(model.parameters(), gradients, strict=True):
        parameter.grad = gradient.clone().to(parameter.device)
