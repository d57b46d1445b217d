"""One neuron, its weights a NumPy vector."""

import numpy as np

TINY = 1e-6


def prepared(x, w, t, iterations, learning):
    if type(iterations) is not int:
        raise TypeError("iterations must be an int")
    if iterations < 0:
        raise ValueError("iterations must not be negative")
    try:
        rate = np.float64(learning + 0.0)
    except TypeError:
        raise TypeError("learning must be a number") from None
    if not np.isfinite(rate) or rate < 0:
        raise ValueError("learning must be finite and not negative")
    if not x:
        raise ValueError("x is empty")
    if len(set(map(len, x))) > 1:
        raise ValueError("x has rows of different lengths")
    arrays = []
    for name, numbers in (("x", x), ("w", w), ("t", t)):
        array = np.array(numbers)
        if array.dtype.kind not in "bif":
            raise TypeError(f"{name} must hold numbers only")
        arrays.append(array.astype(float))
    inputs, weights, targets = arrays
    if weights.shape != inputs.shape[1:]:
        raise ValueError("w does not fit the rows of x")
    if targets.shape != inputs.shape[:1]:
        raise ValueError("t does not fit x")
    if not np.isin(targets, (0.0, 1.0)).all():
        raise ValueError("t may hold 0 and 1 only")
    return inputs, weights, targets


def sigmoid(v):
    # log(1 + e^-v) without overflow
    return np.exp(-np.logaddexp(0.0, -v))


def simple_ann_MSE(x, w, t, iterations, learning):
    inputs, weights, targets = prepared(x, w, t, iterations, learning)
    errors = np.zeros((iterations, len(targets)))
    outputs = np.zeros(len(targets) if iterations else 0)
    for epoch in range(iterations):
        for n, row in enumerate(inputs):
            y = sigmoid(np.dot(row, weights))
            outputs[n] = y
            errors[epoch, n] = (y - targets[n]) ** 2
            weights -= learning * (y - targets[n]) * y * (1 - y) * row
    return outputs.tolist(), weights.tolist(), errors.mean(axis=1).tolist()


def simple_ann_CE(x, w, t, iterations, learning):
    inputs, weights, targets = prepared(x, w, t, iterations, learning)
    errors = np.zeros((iterations, len(targets)))
    outputs = np.zeros(len(targets) if iterations else 0)
    for epoch in range(iterations):
        for n, row in enumerate(inputs):
            y = sigmoid(np.dot(row, weights))
            outputs[n] = y
            # Of the two terms only one counts, as t or 1 - t is 0.
            errors[epoch, n] = -np.log((y if targets[n] else 1 - y) + TINY)
            weights -= learning * (y - targets[n]) * row
    return outputs.tolist(), weights.tolist(), errors.sum(axis=1).tolist()
