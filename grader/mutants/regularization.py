"""Known mistakes in exercise `regularization`."""

from grader.mutants import Mutant

RULE = '        is_bias = name.split(".")[-1].startswith("bias")\n'
L1 = "    return torch.stack([weight.abs().sum() for weight in weights]).sum() if weights else torch.tensor(0.0)\n"
L2 = "    return torch.stack([weight.square().sum() for weight in weights]).sum() if weights else torch.tensor(0.0)\n"
ELASTIC = "    return l1 * l1_penalty(model) + l2 * l2_penalty(model)\n"
GROUPS = '    groups = [{"params": weights, "weight_decay": weight_decay}, {"params": biases, "weight_decay": 0.0}]\n'
SGD = "    return torch.optim.SGD(groups, lr=lr)\n"
DECAY_CHECK = '    _check_number("weight_decay", weight_decay, at_least=0)\n'
DROPOUT = (
    "        self.dropout = nn.Dropout(p)  # without parameters, and drawn anew at each call: one serves all three\n"
)
FLAT = "        x = images.flatten(start_dim=1)  # (N, 784)\n"
FIRST = "        x = torch.relu(self.layer1(self.dropout(x)))  # (N, 50)\n"
SECOND = "        x = torch.relu(self.layer2(self.dropout(x)))  # (N, 20)\n"
THIRD = "        return self.layer3(self.dropout(x))\n"
LAYER1 = "        self.layer1 = nn.Linear(28 * 28, 50)\n"
LAYER3 = "        self.layer3 = nn.Linear(20, 10)\n"


def own_dropout(body):
    """An edit that replaces nn.Dropout by a function of x."""
    return (DROPOUT, f"        self.p = p\n\n    def dropout(self, x):\n{body}\n")


MUTANTS = [
    # penalties
    Mutant(
        "biases_penalised",
        [(RULE, "        is_bias = False\n")],
        "the biases are taken for weights",
        "test_the_penalties_of_a_net",
    ),
    Mutant(
        "only_matrices",
        [(RULE, "        is_bias = parameter.dim() < 2\n")],
        "only parameters with two dimensions and more are taken for weights",
        "test_the_penalties_of_a_net",
    ),
    Mutant(
        "bias_anywhere_in_the_name",
        [(RULE, '        is_bias = "bias" in name\n')],
        "a parameter is taken for a bias where `bias` stands anywhere in its name",
        "test_the_penalties_of_any_model",
    ),
    Mutant(
        "name_ends_with_bias",
        [(RULE, '        is_bias = name.endswith("bias")\n')],
        "a parameter is taken for a bias where its name ends with `bias`",
        "test_the_penalties_of_any_model",
    ),
    Mutant(
        "whole_name_begins_with_bias",
        [(RULE, '        is_bias = name.startswith("bias")\n')],
        "a parameter is taken for a bias where its whole name begins with `bias`",
        "test_the_penalties_of_a_net",
    ),
    Mutant(
        "only_what_is_called_bias",
        [(RULE, '        is_bias = name.split(".")[-1] == "bias"\n')],
        "names such as bias_hh_l0 are not taken for biases",
        "test_the_penalties_of_any_model",
    ),
    Mutant(
        "only_what_is_called_weight",
        [(RULE, '        is_bias = "weight" not in name\n')],
        "only parameters with `weight` in their name are taken for weights",
        "test_several_steps_with_decay",
    ),
    Mutant(
        "frozen_weights_left_out",
        [(L1, L1.replace("for weight in weights]", "for weight in weights if weight.requires_grad]"))],
        "frozen weights are left out",
        "test_the_penalties_of_a_net",
    ),
    Mutant(
        "half_the_squares",
        [(L2, L2.replace("return ", "return 0.5 * "))],
        "the L2 penalty is halved",
        "test_the_penalties_of_a_net",
    ),
    Mutant(
        "root_of_the_squares",
        [(L2, L2.replace("weight.square().sum()", "weight.norm()"))],
        "the L2 penalty is the norm and not its square",
        "test_the_penalties_of_a_net",
    ),
    Mutant(
        "mean_of_the_squares",
        [(L2, L2.replace("square().sum()", "square().mean()"))],
        "the L2 penalty takes means and not sums",
        "test_the_penalties_of_a_net",
    ),
    Mutant(
        "sum_of_the_weights",
        [(L1, L1.replace("weight.abs().sum()", "weight.sum()"))],
        "the L1 penalty sums up w and not |w|",
        "test_the_penalties_of_a_net",
    ),
    Mutant(
        "weights_changed",
        [(L1, L1.replace("weight.abs()", "weight.data.abs_()"))],
        "abs_() changes the weights themselves",
        "test_the_penalties_of_a_net",
    ),
    Mutant(
        "a_vector_of_penalties",
        [(L1, L1.replace("]).sum() if", "]) if"))],
        "the L1 penalty is a vector with an entry for each parameter",
        "test_the_penalties_of_a_net",
    ),
    Mutant(
        "penalty_as_a_float",
        [(L1, L1.replace("]).sum() if", "]).sum().item() if"))],
        "item() makes the L1 penalty a float without gradients",
        "test_the_penalties_of_a_net",
    ),
    Mutant(
        "penalty_detached",
        [(L2, L2.replace("weight.square()", "weight.data.square()"))],
        "the L2 penalty is computed from .data, which has no gradients",
        "test_the_gradients_of_the_penalties",
    ),
    Mutant(
        "elastic_made_anew",
        [(ELASTIC, "    return torch.tensor(l1 * float(l1_penalty(model)) + l2 * float(l2_penalty(model)))\n")],
        "the elastic penalty is a new tensor, which knows nothing of the weights",
        "test_the_gradients_of_the_penalties",
    ),
    Mutant(
        "elastic_factors_exchanged",
        [(ELASTIC, "    return l2 * l1_penalty(model) + l1 * l2_penalty(model)\n")],
        "l1 and l2 are exchanged",
        "test_the_elastic_penalty",
    ),
    Mutant(
        "elastic_mixes",
        [(ELASTIC, "    return l1 * l1_penalty(model) + (1 - l1) * l2_penalty(model)\n")],
        "the factor of the L2 penalty is 1 - l1",
        "test_the_elastic_penalty",
    ),
    Mutant(
        "nothing_without_weights",
        [(L1, L1.replace(" if weights else torch.tensor(0.0)", ""))],
        "a model without weights is not thought of",
        "test_a_model_without_weights",
    ),
    Mutant(
        "zero_without_weights",
        [(L2, L2.replace("torch.tensor(0.0)", "0.0"))],
        "for a model without weights the penalty is the float 0.0",
        "test_a_model_without_weights",
    ),
    Mutant(
        "sum_on_the_cpu",
        [(L2, "    total = torch.tensor(0.0)\n    for weight in weights:\n        total += weight.square().sum()\n    return total\n")],
        "the sum is kept on the CPU while the model is on the GPU",
        "test_on_a_cuda_device",
    ),
    # the optimizer
    Mutant(
        "biases_decayed",
        [(SGD, "    return torch.optim.SGD(model.parameters(), lr=lr, weight_decay=weight_decay)\n")],
        "the biases are decayed as well",
        "test_a_step_with_decay",
    ),
    Mutant(
        "biases_left_out",
        [(GROUPS, '    groups = [{"params": weights, "weight_decay": weight_decay}]\n')],
        "the optimizer is not given the biases",
        "test_a_step_with_decay",
    ),
    Mutant(
        "groups_exchanged",
        [(GROUPS, GROUPS.replace('{"params": weights', '{"params": others').replace('{"params": biases', '{"params": weights')
          .replace("others", "biases"))],
        "the biases are decayed in place of the weights",
        "test_a_step_with_decay",
    ),
    Mutant(
        "no_decay",
        [(GROUPS, GROUPS.replace('"weight_decay": weight_decay', '"weight_decay": 0.0'))],
        "nothing is decayed",
        "test_a_step_with_decay",
    ),
    Mutant(
        "decay_doubled",
        [(GROUPS, GROUPS.replace('"weight_decay": weight_decay', '"weight_decay": 2 * weight_decay'))],
        "the decay is that of the whole L2 penalty and not of half of it",
        "test_a_step_with_decay",
    ),
    Mutant(
        "decay_by_default_of_1e_5",
        [("weight_decay: float = 1e-4", "weight_decay: float = 1e-5")],
        "the default of weight_decay is 1e-5",
        "test_the_optimizer_s_defaults",
    ),
    Mutant(
        "rate_by_default_of_0_001",
        [("lr: float = 0.01", "lr: float = 0.001")],
        "the default of lr is 0.001",
        "test_the_optimizer_s_defaults",
    ),
    Mutant(
        "with_momentum",
        [(SGD, "    return torch.optim.SGD(groups, lr=lr, momentum=0.9)\n")],
        "the optimizer has a momentum",
        "test_several_steps_with_decay",
    ),
    Mutant(
        "adam",
        [(SGD, "    return torch.optim.Adam(groups, lr=lr)\n")],
        "Adam takes the place of SGD",
        "test_a_step_with_decay",
    ),
    Mutant(
        "any_decay",
        [(DECAY_CHECK, "")],
        "weight_decay is not checked",
        "test_bad_rates",
    ),
    Mutant(
        "any_sign_alone",
        [("    if not (at_least <= number <= at_most and math.isfinite(number)):\n", "    if number < at_least or number > at_most:\n")],
        "a rate that is infinite or not a number is taken",
        "test_bad_rates",
    ),
    # the classifier
    Mutant(
        "layers_of_other_sizes",
        [(LAYER1, "        self.layer1 = nn.Linear(28 * 28, 20)\n"),
         ("nn.Linear(50, 20)", "nn.Linear(20, 50)"), (LAYER3, "        self.layer3 = nn.Linear(50, 10)\n")],
        "the hidden layers have 20 and 50 units and not 50 and 20",
        "test_the_layers",
    ),
    Mutant(
        "dropout_of_20_percent",
        [("p: float = 0.4", "p: float = 0.2")],
        "p is 0.2 by default",
        "test_what_is_dropped",
    ),
    Mutant(
        "p_ignored",
        [("nn.Dropout(p)", "nn.Dropout(0.4)")],
        "the argument p is ignored",
        "test_what_is_dropped",
    ),
    Mutant(
        "p_keeps",
        [("nn.Dropout(p)", "nn.Dropout(1 - p)")],
        "p is taken for the probability to keep an input",
        "test_what_is_dropped",
    ),
    Mutant(
        "pixels_not_dropped",
        [(FIRST, "        x = torch.relu(self.layer1(x))  # (N, 50)\n")],
        "no pixels are dropped",
        "test_what_is_dropped",
    ),
    Mutant(
        "first_units_not_dropped",
        [(SECOND, "        x = torch.relu(self.layer2(x))  # (N, 20)\n")],
        "nothing is dropped between the first and the second layer",
        "test_what_is_dropped",
    ),
    Mutant(
        "last_units_not_dropped",
        [(THIRD, "        return self.layer3(x)\n")],
        "nothing is dropped before the last layer",
        "test_what_is_dropped",
    ),
    Mutant(
        "logits_dropped",
        [(THIRD, "        return self.dropout(self.layer3(x))\n")],
        "the last dropout comes behind the last layer",
        "test_what_is_dropped",
    ),
    Mutant(
        "dropped_twice",
        [(SECOND, "        x = self.dropout(torch.relu(self.layer2(self.dropout(x))))  # (N, 20)\n")],
        "the input of the last layer is dropped twice",
        "test_what_is_dropped",
    ),
    Mutant(
        "whole_images_dropped",
        [(FIRST, "        kept = self.dropout(torch.ones(len(x), 1))\n        x = torch.relu(self.layer1(x * kept))\n")],
        "the first dropout drops whole images and not single pixels",
        "test_what_is_dropped",
    ),
    Mutant(
        "the_same_units_in_every_image",
        [(SECOND, "        kept = self.dropout(torch.ones(x.shape[1]))\n        x = torch.relu(self.layer2(x * kept))\n")],
        "the same units are dropped for all images of a batch",
        "test_what_is_dropped",
    ),
    Mutant(
        "upper_half_dropped",
        [(FIRST, "        x = torch.cat([self.dropout(x[:, :392]), x[:, 392:]], dim=1)\n        x = torch.relu(self.layer1(x))\n")],
        "only the pixels of the upper half are dropped",
        "test_what_is_dropped_with_any_probability",
    ),
    Mutant(
        "not_scaled",
        [own_dropout("        return x * (torch.rand_like(x) >= self.p) if self.training else x\n")],
        "what is left is not scaled by 1/(1-p)",
        "test_what_is_dropped",
    ),
    Mutant(
        "scaled_in_eval_mode",
        [own_dropout("        return x * (torch.rand_like(x) >= self.p) if self.training else x * (1 - self.p)\n")],
        "the scaling is done in eval mode, by 1-p, and not in train mode",
        "test_the_forward_pass_in_eval_mode",
    ),
    Mutant(
        "divided_by_zero",
        [own_dropout("        return x * (torch.rand_like(x) >= self.p) / (1 - self.p) if self.training else x\n")],
        "p=1 divides by 0",
        "test_nothing_or_everything_is_dropped",
    ),
    Mutant(
        "alpha_dropout",
        [("nn.Dropout(p)", "nn.AlphaDropout(p)")],
        "alpha dropout, which sets to another value than 0, takes the place of dropout",
        "test_what_is_dropped",
    ),
    Mutant(
        "dropped_in_eval_mode",
        [own_dropout("        return nn.functional.dropout(x, self.p)\n")],
        "nn.functional.dropout is not told about eval mode, and drops always",
        "test_the_forward_pass_in_eval_mode",
    ),
    Mutant(
        "only_from_first_use",
        [own_dropout("        self.mode = getattr(self, 'mode', self.training)\n        return nn.functional.dropout(x, self.p, self.mode)\n")],
        "the mode is noted once and not looked at again",
        "test_eval_mode_with_any_weights",
    ),
    Mutant(
        "relu_forgotten",
        [(SECOND, "        x = self.layer2(self.dropout(x))  # (N, 20)\n")],
        "no ReLU follows the second layer",
        "test_the_forward_pass_in_eval_mode",
    ),
    Mutant(
        "softmax",
        [(THIRD, "        return torch.softmax(self.layer3(self.dropout(x)), dim=1)\n")],
        "a softmax follows the last layer",
        "test_the_forward_pass_in_eval_mode",
    ),
    Mutant(
        "view_by_784",
        [(FLAT, "        x = images.reshape(-1, 28 * 28)\n")],
        "view(-1, 784) cuts a batch of other images into rows of 784 pixels, across the images",
        "test_images_stay_apart",
    ),
    Mutant(
        "images_dropped_in_place",
        [(FIRST, "        x = torch.relu(self.layer1(nn.functional.dropout(x, self.dropout.p, self.training, inplace=True)))\n")],
        "inplace=True drops pixels of the images that were given",
        "test_the_images_stay",
    ),
    Mutant(
        "detached",
        [(SECOND, "        x = torch.relu(self.layer2(self.dropout(x.detach())))  # (N, 20)\n")],
        "detach() cuts the first layer off from the gradients",
        "test_gradients_reach_every_layer",
    ),
    Mutant(
        "seeded",
        [(LAYER1, "        torch.manual_seed(42)\n" + LAYER1)],
        "the class sets the seed itself, so that every network starts with the same weights",
        "test_the_seed_gives_weights_and_dropout",
    ),
    Mutant(
        "any_probability",
        [('        _check_number("p", p, at_least=0, at_most=1)\n', "")],
        "p is left to nn.Dropout, whose message does not name it",
        "test_bad_probabilities",
    ),
]  # fmt: skip
