"""One sigmoid neuron, trained by hand.

A neuron weighs its inputs, adds them up and squashes the sum to a number between 0 and 1:

    v = x·w        y = 1 / (1 + e^-v)

It learns by gradient descent: after every sample each weight moves a little against the slope of that sample's error.
What it learns from depends on the error. The slope of the squared error carries the factor y (1 - y), which vanishes
where the neuron is sure of itself, even where it is sure and wrong. In the slope of the cross-entropy this factor
cancels, so a neuron that is badly wrong learns fast.

Your task: write both trainers in plain Python, with no torch and no NumPy. Take the samples in their order and update
the weights after each of them, so the next sample already meets the new weights. A good first test is the logical
"and" of two noisy inputs, from w = [1, -1, 1] with 50 iterations and a learning rate of 10:

    x = [[1, 0.1, -0.2], [1, -0.1, 0.9], [1, 1.2, 0.1], [1, 1.1, 1.5]]
    t = [0, 0, 0, 1]
"""

import math


def simple_ann_MSE(x, w, t, iterations, learning):
    """Train the neuron on the squared error.

    x: N samples, each a list of P numbers, the first of them the constant 1 of the bias; w: P start weights, which
    stay as they are; t: N targets, each 0 or 1; iterations: epochs, an int ≥ 0; learning: the rate, finite and ≥ 0.

    For each sample: v = x·w, y = 1 / (1 + e^-v), then w_p -= learning · x_p (y - t) y (1 - y) for every p. This is
    the gradient of (y - t)² / 2; the factor 2 of the plain square is part of the learning rate.

    Returns (y, w, E), lists of floats: the N outputs of the last epoch (none without an epoch), the P weights at the
    end, and for each epoch the mean of (y - t)², every y taken just before its own sample's update.
    |v| may be as large as 10,000.
    Raises ValueError for no samples, rows of different lengths, a w or t that does not fit x, other targets, or
    iterations or learning out of range; TypeError for what is no number, or an iterations that is no int.
    """
    # Your code here.
    raise NotImplementedError("simple_ann_MSE is not implemented yet")


def simple_ann_CE(x, w, t, iterations, learning):
    """Train the neuron on the cross-entropy.

    The arguments, the result and what is raised are as in simple_ann_MSE, but for two things. The update is
    w_p -= learning · x_p (y - t). And E has for each epoch the sum, not the mean, over the samples of
    -t ln(y + 1e-6) - (1 - t) ln(1 - y + 1e-6), where 1e-6 keeps the logarithm finite.
    """
    # Your code here.
    raise NotImplementedError("simple_ann_CE is not implemented yet")
