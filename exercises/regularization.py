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


def l1_penalty(model: nn.Module) -> Tensor:
    """Σ|w| over all weights of the model, as a scalar tensor with gradients; a plain tensor 0 without weights."""
    # Your code here.
    raise NotImplementedError("l1_penalty is not implemented yet")


def l2_penalty(model: nn.Module) -> Tensor:
    """Σw² over all weights of the model, as a scalar tensor with gradients; a plain tensor 0 without weights."""
    # Your code here.
    raise NotImplementedError("l2_penalty is not implemented yet")


def elastic_penalty(model: nn.Module, l1: float = 1.0, l2: float = 1.0) -> Tensor:
    """l1 · Σ|w| + l2 · Σw² over all weights of the model, a scalar tensor as above; l1, l2: finite numbers."""
    # Your code here.
    raise NotImplementedError("elastic_penalty is not implemented yet")


def make_optimizer(model: nn.Module, lr: float = 0.01, weight_decay: float = 1e-4) -> torch.optim.Optimizer:
    """Plain SGD over all parameters, with weight decay for the weights and none for the biases.

    A step with weight_decay λ is the same as one on the loss plus λ/2 times the L2 penalty.
    lr, weight_decay: finite and ≥ 0. Raises ValueError for one out of range, TypeError for one that is no number.
    """
    # Your code here.
    raise NotImplementedError("make_optimizer is not implemented yet")


class MNISTClassifierWithDropout(nn.Module):
    """Fully-connected: 784 → 50 → 20 → 10, a ReLU after the first and the second layer, dropout before every layer.

    p: the probability with which an input of a layer is dropped in train mode, 0 ≤ p ≤ 1; in eval mode none is.
    Create the layers in the order of the text. Raises ValueError for p out of range, TypeError for one that is no
    number.
    """

    def __init__(self, p: float = 0.4) -> None:
        super().__init__()
        # Your code here.
        raise NotImplementedError("MNISTClassifierWithDropout.__init__ is not implemented yet")

    def forward(self, images: Tensor) -> Tensor:
        """images: (N, 1, 28, 28), (N, 28, 28) or (N, 784), in [0, 1]. Returns logits (N, 10)."""
        # Your code here.
        raise NotImplementedError("MNISTClassifierWithDropout.forward is not implemented yet")
