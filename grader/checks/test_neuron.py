"""Checks of exercise `neuron`: one sigmoid neuron by hand, in plain Python."""

import math

from grader.checks import check, expect

X = [[1, 0.1, -0.2], [1, -0.1, 0.9], [1, 1.2, 0.1], [1, 1.1, 1.5]]
T, W = [0, 0, 0, 1], [1, -1, 1]
MSE, CE = "simple_ann_MSE", "simple_ann_CE"
RANDOM = "3 to 9 rows of 2 to 5 numbers from -1 to 1, targets 0 and 1, learning at most 1, up to 6 iterations"
EACH_SAMPLE = "Each sample updates w before the next one is looked at; E uses the y from before the update."


def compare(student, oracle, name, x, w, t, iterations, learning, tolerance=1e-9):
    """Compare all three results with a right solution's."""
    result = student.call(name, x, w, t, iterations, learning)
    expect(result, "the result", "Return y, w and E, in this order.").of_type((tuple, list)).length(3)
    for what, got, wanted in zip("ywE", result, oracle.call(name, x, w, t, iterations, learning)):
        expect(got, what, EACH_SAMPLE).close(wanted, atol=tolerance)


def random_problem(draw, label):
    """x, w, t, iterations and learning of a small random problem; column 0 is any number here."""
    rng = draw.random(label)
    rows, columns = rng.randint(3, 9), rng.randint(2, 5)
    x = [[rng.uniform(-1, 1) for _ in range(columns)] for _ in range(rows)]
    w = [rng.uniform(-1, 1) for _ in range(columns)]
    return x, w, [rng.randint(0, 1) for _ in range(rows)], rng.randint(2, 6), rng.uniform(0.05, 1)


@check(points=1, goal="forward pass")
def test_the_outputs_of_one_epoch(student):
    """With a learning rate of 0, y holds the neuron's outputs and w stays as it was."""
    y, w, _ = _three(student.call(MSE, X, W, T, 1, 0))
    outputs = [1 / (1 + math.exp(-sum(a * b for a, b in zip(row, W)))) for row in X]
    expect(y, "y", "v = x·w, and y = 1 / (1 + e^-v).").close(outputs, atol=1e-9)
    expect(w, "w", "Nothing moves at a learning rate of 0.").close([1.0, -1.0, 1.0], atol=1e-12)


@check(points=1, goal="gradient descent", after=test_the_outputs_of_one_epoch)
def test_mse_on_the_example(student, oracle):
    """simple_ann_MSE gives y, w and E of the course's example."""
    compare(student, oracle, MSE, X, W, T, 50, 10)


@check(points=1, goal="gradient descent", after=test_the_outputs_of_one_epoch)
def test_ce_on_the_example(student, oracle):
    """simple_ann_CE gives y, w and E of the course's example."""
    compare(student, oracle, CE, X, W, T, 50, 10)


@check(points=0.5, goal="losses", after=test_the_outputs_of_one_epoch)
def test_ce_learns_the_example(student):
    """The summed cross-entropy of an epoch falls below 0.05 on the example."""
    _, _, E = _three(student.call(CE, X, W, T, 50, 10))
    expect(E, "E").of_type(list).length(50)
    expect(E[-1], "the last E").at_most(0.05)


@check(points=1, goal="gradient descent", hidden=True, after=test_mse_on_the_example, recipe=RANDOM)
def test_mse_on_random_data(student, oracle, draw):
    """simple_ann_MSE gives y, w and E on any data."""
    for label in "abc":
        compare(student, oracle, MSE, *random_problem(draw, label))


@check(points=1, goal="gradient descent", hidden=True, after=test_ce_on_the_example, recipe=RANDOM)
def test_ce_on_random_data(student, oracle, draw):
    """simple_ann_CE gives y, w and E on any data."""
    for label in "abc":
        compare(student, oracle, CE, *random_problem(draw, label))


@check(points=1, goal="gradients", hidden=True, after=test_the_outputs_of_one_epoch, recipe="one random row")
def test_the_step_follows_the_gradient(student, draw):
    """One step on one sample moves w against the gradient of (y - t)²/2, or of the cross-entropy."""
    rng = draw.random()
    for name, loss in ((MSE, _half_square), (CE, _cross_entropy)):
        row, w, t = (
            [1.0, rng.uniform(-1, 1), rng.uniform(-1, 1)],
            [rng.uniform(-1, 1) for _ in range(3)],
            rng.randint(0, 1),
        )
        _, moved, _ = _three(student.call(name, [row], w, [t], 1, 1.0))
        slopes = []
        for p in range(3):
            up, down = list(w), list(w)
            up[p], down[p] = w[p] + 1e-5, w[p] - 1e-5
            slopes.append((loss(row, up, t) - loss(row, down, t)) / 2e-5)
        expect(moved, "w after the step").of_type(list).close([a - s for a, s in zip(w, slopes)], atol=1e-4)


@check(points=0.5, goal="side effects", observed=True, after=test_the_outputs_of_one_epoch)
def test_the_callers_lists_stay(student):
    """The caller's w, x and t are the same after the call."""
    for name in (MSE, CE):
        kept = [student.put(value) for value in (X, W, T)]
        student.call(name, *kept, 2, 0.5)
        for what, thing, before in zip("xwt", kept, (X, W, T)):
            expect(thing.read(), f"{what} after the call", f"Work on a copy of {what}.").equal(before)


@check(points=0.5, goal="numerics", after=test_the_outputs_of_one_epoch)
def test_large_activations(student):
    """Activations of ±10,000 overflow nothing."""
    for name in (MSE, CE):
        y, w, E = _three(student.call(name, [[1, 1e4], [1, -1e4]], [0.0, 1.0], [1, 0], 1, 0.5))
        hint = "For negative v, e^v / (1 + e^v) is the same number, and e^v stays small."
        expect(y, "y", hint).close([1.0, 0.0], atol=1e-12)
        expect(w, "w", hint).close([0.0, 1.0], atol=1e-9)
        expect(E, "E", hint).close([0.0], atol=1e-5)
        y, _, _ = _three(student.call(name, [[1, 1e4], [1, -1e4]], [0.0, -1.0], [0, 1], 1, 0.0))
        expect(y, "y", hint).close([0.0, 1.0], atol=1e-12)


@check(points=0.5, goal="interfaces", after=test_the_outputs_of_one_epoch)
def test_the_results_are_lists_of_floats(student):
    """y, w and E are lists of Python floats, also where w was given as ints."""
    for name in (MSE, CE):
        for iterations in (0, 2):
            result = _three(student.call(name, X, W, T, iterations, 0.1))
            for what, value in zip("ywE", result):
                expect(value, what, "float(…) turns an int or a NumPy number into a Python float.").each_of_type(float)


@check(points=0.5, goal="interfaces", after=test_the_outputs_of_one_epoch)
def test_no_iterations(student):
    """0 iterations give an empty y, an empty E and the w given."""
    for name in (MSE, CE):
        y, w, E = _three(student.call(name, X, W, T, 0, 0.1))
        expect(y, "y").equal([])
        expect(w, "w").close([1.0, -1.0, 1.0], atol=0)
        expect(E, "E").equal([])


@check(points=1, goal="errors")
def test_bad_samples_raise(student):
    """Samples that do not fit together raise an error that names the argument."""
    bad = [
        (([], W, [], 1, 0.1), ("x", "t"), "no samples"),
        (([[1, 2], [1]], [0, 0], [0, 1], 1, 0.1), ("x",), "rows of different lengths"),
        ((X, [1, 2], T, 1, 0.1), ("w", "x"), "a weight too few"),
        ((X, [1, 2, 3, 4], T, 1, 0.1), ("w", "x"), "a weight too many"),
        ((X, W, T[:3], 1, 0.1), ("t", "x"), "a target too few"),
        ((X, W, [*T, 1], 1, 0.1), ("t", "x"), "a target too many"),
        ((X, W, [0, 0, 0, 2], 1, 0.1), ("t",), "a target of 2"),
        ((X, W, [0, 0, 0, 0.5], 1, 0.1), ("t",), "a target of 0.5"),
    ]
    for name in (MSE, CE):
        for arguments, names, what in bad:
            student.raises(("ValueError", "TypeError"), name, *arguments, names=names, hint=f"Here: {what}.")


@check(points=0.5, goal="errors")
def test_bad_settings_raise(student):
    """A bad iterations or learning raises an error that names it."""
    for name in (MSE, CE):
        for iterations in (-1, 1.5, "3"):
            student.raises(("ValueError", "TypeError"), name, X, W, T, iterations, 0.1, names=["iterations"])
        for learning in (-0.1, math.nan, math.inf, "0.1"):
            student.raises(("ValueError", "TypeError"), name, X, W, T, 1, learning, names=["learning"])


def _three(result):
    expect(result, "the result", "Return y, w and E, in this order.").of_type((tuple, list)).length(3)
    return result


def _half_square(row, w, t):
    return (1 / (1 + math.exp(-sum(a * b for a, b in zip(row, w)))) - t) ** 2 / 2


def _cross_entropy(row, w, t):
    y = 1 / (1 + math.exp(-sum(a * b for a, b in zip(row, w))))
    return -math.log(y if t else 1 - y)
