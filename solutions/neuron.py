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


### BEGIN SOLUTION
def _sigmoid(v):
    """1 / (1 + e^-v), arranged so that e is never raised to a large positive power."""
    if v >= 0:
        return 1 / (1 + math.exp(-v))
    return math.exp(v) / (1 + math.exp(v))


def _descend(x, w, t, iterations, learning, error, slope):
    """Gradient descent, one sample at a time; returns (y, w, totals), `totals` the summed error of each epoch.

    error(y, t): the error of one sample; slope(y, t): the derivative of that error by v.
    """
    _check(x, w, t, iterations, learning)
    w = [float(weight) for weight in w]  # a copy: the caller's stays as it is
    y, totals = [], []
    for _ in range(iterations):
        y, errors = [], []
        for inputs, target in zip(x, t):
            v = sum(value * weight for value, weight in zip(inputs, w))
            output = _sigmoid(v)
            y.append(output)
            errors.append(error(output, target))
            step = learning * slope(output, target)
            for p, value in enumerate(inputs):
                w[p] -= step * value
        totals.append(sum(errors))
    return y, w, totals


def _check(x, w, t, iterations, learning):
    if not isinstance(iterations, int):
        raise TypeError(f"iterations is an int, not {iterations!r}")
    if iterations < 0:
        raise ValueError(f"iterations is at least 0, not {iterations}")
    if not isinstance(learning, (int, float)):
        raise TypeError(f"learning is a number, not {learning!r}")
    if not 0 <= learning < math.inf:
        raise ValueError(f"learning is finite and at least 0, not {learning}")
    if len(x) == 0:
        raise ValueError("x has no samples")
    if any(len(row) != len(x[0]) for row in x):
        raise ValueError("the rows of x have different lengths")
    if len(w) != len(x[0]):
        raise ValueError(f"w has {len(w)} weights for {len(x[0])} inputs")
    if len(t) != len(x):
        raise ValueError(f"t has {len(t)} targets for {len(x)} samples")
    if any(target not in (0, 1) for target in t):
        raise ValueError("every target in t is 0 or 1")
    for name, row in [*(("x", row) for row in x), ("w", w)]:
        if not all(isinstance(number, (int, float)) for number in row):
            raise TypeError(f"{name} holds something that is not a number: {row!r}")


### END SOLUTION


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
    ### BEGIN SOLUTION
    error = lambda y, t: (y - t) ** 2
    slope = lambda y, t: (y - t) * y * (1 - y)
    y, w, totals = _descend(x, w, t, iterations, learning, error, slope)
    return y, w, [total / len(x) for total in totals]
    ### END SOLUTION


def simple_ann_CE(x, w, t, iterations, learning):
    """Train the neuron on the cross-entropy.

    The arguments, the result and what is raised are as in simple_ann_MSE, but for two things. The update is
    w_p -= learning · x_p (y - t). And E has for each epoch the sum, not the mean, over the samples of
    -t ln(y + 1e-6) - (1 - t) ln(1 - y + 1e-6), where 1e-6 keeps the logarithm finite.
    """
    ### BEGIN SOLUTION
    error = lambda y, t: -t * math.log(y + 1e-6) - (1 - t) * math.log(1 - y + 1e-6)
    slope = lambda y, t: y - t
    return _descend(x, w, t, iterations, learning, error, slope)
    ### END SOLUTION
