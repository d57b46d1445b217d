"""Known mistakes in exercise `tweet_sentiment`."""

from grader.mutants import Mutant
from grader.mutants.loops import LOOP_MUTANTS

SUM = "    return vectors.vectors[rows].sum(dim=0)  # (L, D) → (D,); no rows add up to zeros\n"
WORDS = "    words = [word.lower() for word in split_tweet(text)]\n"
LAYERS = "            nn.ReLU(),\n            nn.Linear(30, 10),\n            nn.ReLU(),\n"

MUTANTS = [
    Mutant(
        "split_at_blanks",
        [("return text.split()", 'return text.split(" ")')],
        "a tweet is cut at each single blank, so that tabs and line ends stay and empty words come out",
        "test_split_tweet",
    ),
    Mutant(
        "split_at_punctuation",
        [("return text.split()", 'import re\n\n    return re.findall(r"\\w+", text)')],
        "a tweet is cut at punctuation too",
        "test_split_tweet",
    ),
    Mutant(
        "split_in_lower_case",
        [("return text.split()", "return text.lower().split()")],
        "the words are turned to lower case when they are cut",
        "test_split_tweet",
    ),
    Mutant(
        "mean_of_the_vectors",
        [(SUM, "    return vectors.vectors[rows].sum(dim=0) / max(len(rows), 1)\n")],
        "the vectors are averaged and not added up",
        "test_the_sum_of_the_vectors",
    ),
    Mutant(
        "mean_over_all_words",
        [(SUM, "    return vectors.vectors[rows].sum(dim=0) / max(len(words), 1)\n")],
        "the sum is divided by the number of words",
        "test_the_sum_of_the_vectors",
    ),
    Mutant(
        "each_word_once",
        [(WORDS, "    words = {word.lower() for word in split_tweet(text)}\n")],
        "a word that comes twice counts once",
        "test_the_sum_of_the_vectors",
    ),
    Mutant(
        "not_in_lower_case",
        [(WORDS, "    words = split_tweet(text)\n")],
        "words are looked up as they are written and not in lower case",
        "test_the_sum_of_the_vectors",
    ),
    Mutant(
        "as_written_first",
        [(WORDS, "    words = [word if word in vectors.stoi else word.lower() for word in split_tweet(text)]\n")],
        "a word is looked up as it is written first, and in lower case only if that is missing",
        "test_the_sum_of_the_vectors",
    ),
    Mutant(
        "known_as_written",
        [("for word in words if word in vectors.stoi]", "for word in words if word in vectors.stoi and word in text]")],
        "a word counts only if it is known as it is written",
        "test_the_sum_of_the_vectors",
    ),
    Mutant(
        "punctuation_stripped",
        [(WORDS, '    words = [word.lower().strip(".,!?") for word in split_tweet(text)]\n')],
        "punctuation is taken off the words before they are looked up",
        "test_the_sum_of_the_vectors",
    ),
    Mutant(
        "an_unknown_word_ends_it",
        [("for word in words if word in vectors.stoi]", "for word in words]")],
        "an unknown word raises a KeyError",
        "test_the_sum_of_the_vectors",
    ),
    Mutant(
        "unknown_words_take_row_zero",
        [("[vectors.stoi[word] for word in words if word in vectors.stoi]", "[vectors.stoi.get(word, 0) for word in words]")],
        "an unknown word counts as the first word of the table",
        "test_the_sum_of_the_vectors",
    ),
    Mutant(
        "stack_of_nothing",
        [(SUM, "    return torch.stack([vectors.vectors[row] for row in rows]).sum(dim=0)\n")],
        "rows are stacked where there may be none",
        "test_no_known_word",
    ),
    Mutant(
        "zeros_of_fifty",
        [(SUM, "    return vectors.vectors[rows].sum(dim=0) if rows else torch.zeros(50)\n")],
        "zeros are always 50, whatever the table's width",
        "test_no_known_word",
    ),
    Mutant(
        "python_zero",
        [(SUM, "    return sum(vectors.vectors[row] for row in rows)\n")],
        "the sum of no rows is the number 0",
        "test_no_known_word",
    ),
    Mutant(
        "always_float32",
        [(SUM, "    return vectors.vectors[rows].sum(dim=0).float()\n")],
        "the embedding is always float32",
        "test_the_dtype_of_the_vectors",
    ),
    Mutant(
        "zeros_in_float32",
        [(SUM, "    return vectors.vectors[rows].sum(dim=0) if rows else torch.zeros(vectors.vectors.shape[1])\n")],
        "the zeros of a tweet without a known word are float32, whatever the table's dtype",
        "test_the_dtype_of_the_vectors",
    ),
    Mutant(
        "sum_in_the_table",
        [(SUM, "    if not rows:\n        return torch.zeros_like(vectors.vectors[0])\n    total = vectors.vectors[rows[0]]\n"
          "    for row in rows[1:]:\n        total += vectors.vectors[row]\n    return total.clone()\n")],
        "the sum is made in the first word's own row of the table",
        "test_the_table_stays",
    ),
    Mutant(
        "a_hundred_words_at_most",
        [("for word in split_tweet(text)]", "for word in split_tweet(text)[:10]]")],
        "only the first ten words count",
        "test_real_tweets",
    ),
    Mutant(
        "layers_too_wide",
        [("nn.Linear(30, 10),", "nn.Linear(30, 20),"), ("nn.Linear(10, num_classes)", "nn.Linear(20, num_classes)")],
        "a layer has another size",
        "test_the_layers",
    ),
    Mutant(
        "always_two_classes",
        [("nn.Linear(10, num_classes)", "nn.Linear(10, 2)")],
        "num_classes is ignored",
        "test_the_layers",
    ),
    Mutant(
        "always_fifty_numbers",
        [("nn.Linear(input_size, 30)", "nn.Linear(50, 30)")],
        "input_size is ignored",
        "test_the_layers",
    ),
    Mutant(
        "no_bias",
        [("nn.Linear(30, 10)", "nn.Linear(30, 10, bias=False)")],
        "a layer has no bias",
        "test_the_layers",
    ),
    Mutant(
        "no_activation",
        [(LAYERS, "            nn.Linear(30, 10),\n            nn.ReLU(),\n")],
        "no activation stands behind the first layer",
        "test_the_forward_pass",
    ),
    Mutant(
        "sigmoid",
        [(LAYERS, LAYERS.replace("ReLU", "Sigmoid"))],
        "a sigmoid stands between the layers in place of ReLU",
        "test_the_forward_pass",
    ),
    Mutant(
        "softmax_at_the_end",
        [("return self.layers(x)", "return self.layers(x).softmax(dim=1)")],
        "a softmax stands at the end",
        "test_the_forward_pass",
    ),
    Mutant(
        "relu_at_the_end",
        [("return self.layers(x)", "return self.layers(x).relu()")],
        "a ReLU stands at the end too",
        "test_the_forward_pass",
    ),
    Mutant(
        "zeroed_weights",
        [("        self.layers = nn", "        torch.manual_seed(0)\n        self.layers = nn")],
        "every new model starts with the same weights",
        "test_the_forward_pass",
    ),
    Mutant(
        "view_as_fifty",
        [("return self.layers(x)", "return self.layers(x.view(-1, self.layers[0].in_features))")],
        "the input is viewed as rows of the right width, which makes more rows of it",
        "test_rows_are_never_cut_anew",
    ),
    Mutant(
        "the_batch_normalised_in_place",
        [("            logits = model(inputs.to(device))", "            inputs -= inputs.mean()\n            logits = model(inputs.to(device))")],
        "the batches are changed in place",
        "test_the_batches_stay",
    ),
    Mutant(
        "loss_of_the_other_sign",
        [("            loss.backward()\n", "            (-loss).backward()\n")],
        "the loss is made larger",
        "test_steps_of_adam",
    ),
    *LOOP_MUTANTS,
]  # fmt: skip
