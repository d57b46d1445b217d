"""One neuron without a loop statement: an epoch is a fold over the samples, a training a chain of epochs."""

from functools import reduce
from itertools import accumulate, chain
from math import exp, fsum, inf, log
from operator import mul

NUMBER = (int, float)


def sigmoid(v):
    return 1 / (1 + exp(-max(-700.0, min(700.0, v))))


def checked(x, w, t, iterations, learning):
    problems = (
        (TypeError, "iterations: an int is needed", lambda: not isinstance(iterations, int)),
        (ValueError, "iterations: not below 0", lambda: iterations < 0),
        (TypeError, "learning: a number is needed", lambda: not isinstance(learning, NUMBER)),
        (ValueError, "learning: finite and not below 0", lambda: not (learning >= 0 and learning < inf)),
        (ValueError, "x: no samples", lambda: not len(x)),
        (ValueError, "x: the rows differ in length", lambda: len({len(row) for row in x}) != 1),
        (ValueError, "w: one weight for each column", lambda: len(w) != len(x[0])),
        (ValueError, "t: one target for each row", lambda: len(t) != len(x)),
        (TypeError, "x: numbers only", lambda: any(not isinstance(a, NUMBER) for a in chain.from_iterable(x))),
        (TypeError, "w: numbers only", lambda: any(not isinstance(a, NUMBER) for a in w)),
        (TypeError, "t: numbers only", lambda: any(not isinstance(a, NUMBER) for a in t)),
        (ValueError, "t: zeros and ones only", lambda: not {*t} <= {0, 1}),
    )
    for error, message, broken in problems:
        if broken():
            raise error(message)
    return tuple((tuple(row), target) for row, target in zip(x, t))


def trained(samples, w, iterations, rate, error, delta):
    """(outputs of the last epoch, weights, the samples' errors of each epoch)"""

    def sample(state, pair):
        weights, outputs, errors = state
        inputs, target = pair
        y = sigmoid(fsum(map(mul, inputs, weights)))
        moved = tuple(b - rate * a * delta(y, target) for a, b in zip(inputs, weights))
        return moved, (*outputs, y), (*errors, error(y, target))

    def epoch(state, _):
        return reduce(sample, samples, (state[0], (), ()))

    start = tuple(float(b) for b in w), (), ()
    states = list(accumulate(range(iterations), epoch, initial=start))
    return list(states[-1][1]), list(states[-1][0]), [errors for _, _, errors in states[1:]]


def simple_ann_MSE(x, w, t, iterations, learning):
    samples = checked(x, w, t, iterations, learning)
    y, w, errors = trained(
        samples, w, iterations, learning, lambda y, t: (y - t) ** 2, lambda y, t: (y - t) * (1 - y) * y
    )
    return y, w, [fsum(epoch) / len(epoch) for epoch in errors]


def simple_ann_CE(x, w, t, iterations, learning):
    samples = checked(x, w, t, iterations, learning)
    y, w, errors = trained(
        samples, w, iterations, learning, lambda y, t: -log((y if t else 1 - y) + 1e-6), lambda y, t: y - t
    )
    return y, w, [fsum(epoch) for epoch in errors]
