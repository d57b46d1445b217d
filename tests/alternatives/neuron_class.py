"""One neuron as an object that keeps its weights and is taught by one sample after another."""

import math
from numbers import Integral, Real


class Neuron:
    def __init__(self, weights, learning):
        self.weights = list(map(float, weights))
        self.learning = learning

    def __call__(self, inputs):
        v = 0.0
        for p in range(len(inputs)):
            v += inputs[p] * self.weights[p]
        try:
            return 1 / (1 + math.exp(-v))
        except OverflowError:  # v is far below 0
            return 0.0

    def move(self, inputs, delta):
        for p in range(len(inputs)):
            self.weights[p] -= self.learning * inputs[p] * delta


class Lesson:
    """The samples, checked once."""

    def __init__(self, x, w, t, iterations, learning):
        self.require(isinstance(iterations, Integral), TypeError, "iterations", "is a whole number")
        self.require(iterations >= 0, ValueError, "iterations", "is not below 0")
        self.require(isinstance(learning, Real), TypeError, "learning", "is a number")
        self.require(math.isfinite(learning) and learning >= 0, ValueError, "learning", "is finite, not below 0")
        self.require(len(x) > 0, ValueError, "x", "has a sample at least")
        for row in x:
            self.require(len(row) == len(w), ValueError, "w", "has a weight for each number of a row of x")
            self.require(all(isinstance(number, Real) for number in row), TypeError, "x", "holds numbers")
        self.require(all(isinstance(number, Real) for number in w), TypeError, "w", "holds numbers")
        self.require(len(t) == len(x), ValueError, "t", "has a target for each sample")
        for target in t:
            self.require(target in [0, 1], ValueError, "t", "holds 0 and 1 alone")
        self.samples = list(zip(x, t))
        self.iterations = iterations
        self.neuron = Neuron(w, learning)

    @staticmethod
    def require(holds, error, name, what):
        if not holds:
            raise error(f"{name} {what}")

    def run(self, error, delta):
        outputs, totals = [], []
        for _ in range(self.iterations):
            outputs = []
            total = 0.0
            for inputs, target in self.samples:
                y = self.neuron(inputs)
                total += error(y, target)
                self.neuron.move(inputs, delta(y, target))
                outputs.append(y)
            totals.append(total)
        return outputs, totals


def simple_ann_MSE(x, w, t, iterations, learning):
    lesson = Lesson(x, w, t, iterations, learning)
    y, totals = lesson.run(
        error=lambda y, target: (target - y) * (target - y),
        delta=lambda y, target: y * (1 - y) * (y - target),
    )
    return y, lesson.neuron.weights, [total / len(t) for total in totals]


def simple_ann_CE(x, w, t, iterations, learning):
    lesson = Lesson(x, w, t, iterations, learning)
    y, totals = lesson.run(
        error=lambda y, target: -(target * math.log(y + 0.000001) + (1 - target) * math.log(1 - y + 0.000001)),
        delta=lambda y, target: y - target,
    )
    return y, lesson.neuron.weights, totals
