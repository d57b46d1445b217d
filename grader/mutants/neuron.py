"""Known mistakes in exercise `neuron`."""

from grader.mutants import Mutant

MUTANTS = [
    Mutant(
        "no_slope_of_the_sigmoid",
        [("(y - t) * y * (1 - y)", "(y - t)")],
        "the factor y (1 - y) is left out of the update of the squared error",
        "test_mse_on_the_example",
    ),
    Mutant(
        "slope_of_the_sigmoid_in_ce",
        [("slope = lambda y, t: y - t", "slope = lambda y, t: (y - t) * y * (1 - y)")],
        "the update of the cross-entropy carries the factor y (1 - y), which belongs to the squared error only",
        "test_ce_on_the_example",
    ),
    Mutant(
        "sum_of_squares",
        [("[total / len(x) for total in totals]", "totals")],
        "E of the squared error is summed over the samples and not averaged",
        "test_mse_on_the_example",
    ),
    Mutant(
        "mean_of_cross_entropy",
        [("    return _descend(x, w, t, iterations, learning, error, slope)\n",
          "    y, w, totals = _descend(x, w, t, iterations, learning, error, slope)\n"
          "    return y, w, [total / len(x) for total in totals]\n")],
        "E of the cross-entropy is averaged over the samples and not summed",
        "test_ce_on_the_example",
    ),
    Mutant(
        "uphill",
        [("w[p] -= step * value", "w[p] += step * value")],
        "the weights move along the gradient, uphill, and not against it",
        "test_mse_on_the_example",
    ),
    Mutant(
        "caller_s_w_changes",
        [("    w = [float(weight) for weight in w]  # a copy: the caller's stays as it is\n", "")],
        "the list w of the caller is updated in place",
        "test_the_callers_lists_stay",
    ),
    Mutant(
        "overflow",
        [("    if v >= 0:\n        return 1 / (1 + math.exp(-v))\n    return math.exp(v) / (1 + math.exp(v))\n",
          "    return 1 / (1 + math.exp(-v))\n")],
        "e^-v is computed for a v that is far below zero",
        "test_large_activations",
    ),
    Mutant(
        "one_update_an_epoch",
        [
            ("            for p, value in enumerate(inputs):\n                w[p] -= step * value\n        totals",
             "            moves.append([step * value for value in inputs])\n"
             "        w = [weight - sum(move) for weight, move in zip(w, zip(*moves))]\n        totals"),
            ("        y, errors = [], []\n", "        y, errors, moves = [], [], []\n"),
        ],
        "w is updated once an epoch and not after each sample",
        "test_mse_on_the_example",
    ),
    Mutant(
        "targets_unchecked",
        [('    if any(target not in (0, 1) for target in t):\n        raise ValueError("every target in t is 0 or 1")\n', "")],
        "targets other than 0 and 1 are taken",
        "test_bad_samples_raise",
    ),
    Mutant(
        "negative_learning",
        [("    if not 0 <= learning < math.inf:\n", "    if learning == math.inf:\n")],
        "a negative or NaN learning rate is taken",
        "test_bad_settings_raise",
    ),
    Mutant(
        "integer_weights",
        [("w = [float(weight) for weight in w] ", "w = list(w) ")],
        "w is returned with the ints that it was given",
        "test_the_results_are_lists_of_floats",
    ),
    Mutant(
        "outputs_of_every_epoch",
        [("        y, errors = [], []\n", "        errors = []\n")],
        "y collects the outputs of all epochs and not only of the last",
        "test_mse_on_the_example",
    ),
]  # fmt: skip
