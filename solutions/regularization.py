"""Three ways to keep a network from learning its training set by heart.

A network with many weights can fit noise. Penalising large weights makes it prefer simple answers: the L1 penalty Σ|w|
pulls every weight towards 0 with the same force and makes many of them exactly 0; the L2 penalty Σw² pulls in
proportion to the weight. Plain gradient descent on loss + λ/2 · Σw² shrinks each weight by the factor 1 - lr·λ at every
step, which is why optimizers offer it as weight decay. Dropout (Srivastava et al., "Dropout: a simple way to prevent
neural networks from overfitting", 2014) works on units and not on weights: while training, each input of a layer is set
to 0 with probability p, and what is left is scaled by 1/(1-p), so that sums stay the same on average; for predictions
every unit takes part.

Biases shift a unit's output and hardly overfit, so they are neither penalised nor decayed. A parameter is a bias where
the part of its name after the last dot begins with `bias`; every other one is a weight.

Your task: the penalties, an optimizer that decays the weights alone, and a classifier with dropout.
"""

import math

import torch
from torch import Tensor, nn


### BEGIN SOLUTION
def _weights_and_biases(model):
    """The model's parameters in two lists."""
    weights, biases = [], []
    for name, parameter in model.named_parameters():
        is_bias = name.split(".")[-1].startswith("bias")
        (biases if is_bias else weights).append(parameter)
    return weights, biases


def _check_number(name, number, at_least=-math.inf, at_most=math.inf):
    if not isinstance(number, (int, float)):
        raise TypeError(f"{name} is a number, not {number!r}")
    if not (at_least <= number <= at_most and math.isfinite(number)):
        raise ValueError(f"{name} is a finite number from {at_least} to {at_most}, not {number}")


### END SOLUTION


def l1_penalty(model: nn.Module) -> Tensor:
    """Σ|w| over all weights of the model, as a scalar tensor with gradients; a plain tensor 0 without weights."""
    ### BEGIN SOLUTION
    weights, _ = _weights_and_biases(model)
    return torch.stack([weight.abs().sum() for weight in weights]).sum() if weights else torch.tensor(0.0)
    ### END SOLUTION


def l2_penalty(model: nn.Module) -> Tensor:
    """Σw² over all weights of the model, as a scalar tensor with gradients; a plain tensor 0 without weights."""
    ### BEGIN SOLUTION
    weights, _ = _weights_and_biases(model)
    return torch.stack([weight.square().sum() for weight in weights]).sum() if weights else torch.tensor(0.0)
    ### END SOLUTION


def elastic_penalty(model: nn.Module, l1: float = 1.0, l2: float = 1.0) -> Tensor:
    """l1 · Σ|w| + l2 · Σw² over all weights of the model, a scalar tensor as above; l1, l2: finite numbers."""
    ### BEGIN SOLUTION
    _check_number("l1", l1)
    _check_number("l2", l2)
    return l1 * l1_penalty(model) + l2 * l2_penalty(model)
    ### END SOLUTION


def make_optimizer(model: nn.Module, lr: float = 0.01, weight_decay: float = 1e-4) -> torch.optim.Optimizer:
    """Plain SGD over all parameters, with weight decay for the weights and none for the biases.

    A step with weight_decay λ is the same as one on the loss plus λ/2 times the L2 penalty.
    lr, weight_decay: finite and ≥ 0. Raises ValueError for one out of range, TypeError for one that is no number.
    """
    ### BEGIN SOLUTION
    _check_number("lr", lr, at_least=0)
    _check_number("weight_decay", weight_decay, at_least=0)
    weights, biases = _weights_and_biases(model)
    groups = [{"params": weights, "weight_decay": weight_decay}, {"params": biases, "weight_decay": 0.0}]
    return torch.optim.SGD(groups, lr=lr)
    ### END SOLUTION


class MNISTClassifierWithDropout(nn.Module):
    """Fully-connected: 784 → 50 → 20 → 10, a ReLU after the first and the second layer, dropout before every layer.

    p: the probability with which an input of a layer is dropped in train mode, 0 ≤ p ≤ 1; in eval mode none is.
    Create the layers in the order of the text. Raises ValueError for p out of range, TypeError for one that is no
    number.
    """

    def __init__(self, p: float = 0.4) -> None:
        super().__init__()
        ### BEGIN SOLUTION
        _check_number("p", p, at_least=0, at_most=1)
        self.layer1 = nn.Linear(28 * 28, 50)
        self.layer2 = nn.Linear(50, 20)
        self.layer3 = nn.Linear(20, 10)
        self.dropout = nn.Dropout(p)  # without parameters, and drawn anew at each call: one serves all three
        ### END SOLUTION

    def forward(self, images: Tensor) -> Tensor:
        """images: (N, 1, 28, 28), (N, 28, 28) or (N, 784), in [0, 1]. Returns logits (N, 10)."""
        ### BEGIN SOLUTION
        x = images.flatten(start_dim=1)  # (N, 784)
        x = torch.relu(self.layer1(self.dropout(x)))  # (N, 50)
        x = torch.relu(self.layer2(self.dropout(x)))  # (N, 20)
        return self.layer3(self.dropout(x))
        ### END SOLUTION
