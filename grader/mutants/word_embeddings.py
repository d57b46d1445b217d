"""Known mistakes in exercise `word_embeddings`."""

from grader.mutants import Mutant

EUCLIDEAN = "    return torch.linalg.vector_norm(a.double() - b.double()).item()\n"
COSINE = "    return (a @ b / (a.norm() * b.norm())).item()\n"
ZERO = '    if not a.any() or not b.any():\n        raise ValueError("a or b is a zero vector")\n'
LENGTHS = "    if a.shape != b.shape:\n"
DISTANCES = "    distances = torch.cat([(rows - vector).square().sum(dim=1).sqrt() for rows in pieces])  # (V,)\n"
CLOSEST = "    return _first(vectors, distances, distances.argsort(stable=True), n, exclude)\n"
UNIT = "    unit = vector / vector.norm()\n"
SIMILARITIES = "    similarities = products / lengths.where(lengths > 0, 1)\n"
SIMILAR = "    return _first(vectors, similarities, similarities.argsort(descending=True, stable=True), n, exclude)\n"
NO_DIRECTION = '    if not vector.any():\n        raise ValueError("vector is zero and has no direction")\n'
UNKNOWN = ("    for word in (a, b, c):\n        if word not in vectors.stoi:  # some tables answer zeros for an unknown word\n"
           '            raise KeyError(f"no vector for the word {word!r}")\n')  # fmt: skip
STEP = "    vector = vectors[b] - vectors[a] + vectors[c]\n"
ANALOGY = "    return most_similar(vectors, vector, n, exclude=(a, b, c))\n"
ROWS = "    rows = [row for row in order[: n + len(left_out)].tolist() if row not in left_out][:n]\n"
PAIRS = "    return [(vectors.itos[row], scores[row].item()) for row in rows]\n"
SHAPE = "    if vector.shape != vectors.vectors.shape[1:]:\n"
LEAST = "    if n < 1:\n"
WHOLE = "    if not isinstance(n, int):\n"

MUTANTS = [
    # two vectors
    Mutant(
        "squared_distance",
        [(EUCLIDEAN, "    return (a - b).square().sum().item()\n")],
        "the root of the sum of the squares is not taken",
        "test_euclidean_distance",
    ),
    Mutant(
        "city_block_distance",
        [(EUCLIDEAN, "    return (a - b).abs().sum().item()\n")],
        "the absolute differences are added, and not the squares",
        "test_euclidean_distance",
    ),
    Mutant(
        "mean_of_squares",
        [(EUCLIDEAN, "    return (a - b).square().mean().sqrt().item()\n")],
        "the squares are averaged and not added",
        "test_euclidean_distance",
    ),
    Mutant(
        "distance_by_products",
        [(EUCLIDEAN, "    return (a @ a - 2 * a @ b + b @ b).clamp(min=0).sqrt().item()\n")],
        "the distance is computed as the root of |a|² - 2 a·b + |b|²",
        "test_euclidean_distance",
    ),
    Mutant(
        "distance_as_a_tensor",
        [(EUCLIDEAN, "    return torch.linalg.vector_norm(a.double() - b.double())\n")],
        "a number is returned as a tensor",
        "test_the_types_of_the_results",
    ),
    Mutant(
        "dot_product",
        [(COSINE, "    return (a @ b).item()\n")],
        "a·b is not divided by the two lengths",
        "test_cosine_similarity",
    ),
    Mutant(
        "divided_by_squared_lengths",
        [(COSINE, "    return (a @ b / ((a @ a) * (b @ b))).item()\n")],
        "a·b is divided by the squares of the lengths",
        "test_cosine_similarity",
    ),
    Mutant(
        "cosine_distance",
        [(COSINE, "    return 1 - (a @ b / (a.norm() * b.norm())).item()\n")],
        "1 minus the cosine is returned, a distance and not a similarity",
        "test_cosine_similarity",
    ),
    Mutant(
        "angle",
        [(COSINE, "    return (a @ b / (a.norm() * b.norm())).clamp(-1, 1).acos().item()\n")],
        "the angle is returned and not its cosine",
        "test_cosine_similarity",
    ),
    Mutant(
        "a_small_number_added",
        [(COSINE, "    return (a @ b / (a.norm() * b.norm() + 1e-8)).item()\n")],
        "a small number is added to the lengths, which counts where the vectors are short",
        "test_cosine_similarity",
    ),
    Mutant(
        "lengths_unchecked",
        [(LENGTHS, "    if False:\n")],
        "vectors of unequal lengths are left to torch, which stretches a vector of one number",
        "test_bad_arguments_raise",
    ),
    Mutant(
        "zero_vectors_taken",
        [(ZERO, "")],
        "a zero vector gives a similarity",
        "test_bad_arguments_raise",
    ),
    # closest_words
    Mutant(
        "farthest_first",
        [(CLOSEST, CLOSEST.replace("argsort(stable", "argsort(descending=True, stable"))],
        "the words are sorted by falling distance",
        "test_closest_words",
    ),
    Mutant(
        "squared_distances",
        [(DISTANCES, DISTANCES.replace(".sqrt()", ""))],
        "the squares of the distances are returned",
        "test_closest_words",
    ),
    Mutant(
        "distances_by_products",
        [(DISTANCES, "    squares = [rows.square().sum(dim=1) - 2 * rows @ vector + vector @ vector for rows in pieces]\n"
          "    distances = torch.cat(squares).clamp(min=0).sqrt()\n")],
        "the distances are computed as the root of |a|² - 2 a·b + |b|²",
        "test_closest_words",
    ),
    Mutant(
        "cdist",
        [(DISTANCES, "    distances = torch.cat([torch.cdist(rows, vector[None])[:, 0] for rows in pieces])\n")],
        "torch.cdist computes by products where the table is large, and loses digits",
        "test_closest_words",
    ),
    Mutant(
        "closest_by_cosine",
        [(DISTANCES, "    distances = torch.cat([1 - rows @ vector / rows.norm(dim=1) / vector.norm() for rows in pieces])\n")],
        "closest_words goes by the cosine and not by the distance",
        "test_closest_words",
    ),
    Mutant(
        "ten_words",
        [("def closest_words(vectors, vector: Tensor, n: int = 5,", "def closest_words(vectors, vector: Tensor, n: int = 10,")],
        "ten words come where n is not given, and not five",
        "test_closest_words",
    ),
    Mutant(
        "loop_over_the_words",
        [(DISTANCES, "    distances = torch.tensor([euclidean_distance(row, vector) for row in vectors.vectors])\n")],
        "a Python loop goes over the words",
        "test_the_speed_of_searches",
    ),
    # most_similar
    Mutant(
        "similarity_by_products",
        [(SIMILARITIES, "    similarities = products\n")],
        "the rows are not divided by their lengths",
        "test_most_similar",
    ),
    Mutant(
        "query_of_any_length",
        [(UNIT, "    unit = vector\n")],
        "the vector is not divided by its length",
        "test_most_similar",
    ),
    Mutant(
        "zero_rows_are_nan",
        [(SIMILARITIES, "    similarities = products / lengths\n")],
        "a zero row is divided by its length of 0",
        "test_most_similar",
    ),
    Mutant(
        "zero_rows_left_out",
        [(SIMILAR, SIMILAR.replace("n, exclude)", "n, [*exclude, *(w for w, r in vectors.stoi.items() if not lengths[r])])"))],
        "words whose row is zero are left out",
        "test_most_similar",
    ),
    Mutant(
        "least_similar_first",
        [(SIMILAR, SIMILAR.replace("descending=True, ", ""))],
        "the words are sorted by rising similarity",
        "test_most_similar",
    ),
    Mutant(
        "absolute_similarity",
        [(SIMILARITIES, SIMILARITIES.replace("products /", "products.abs() /"))],
        "the sign of the cosine is dropped",
        "test_most_similar",
    ),
    Mutant(
        "reversed_order",
        [(SIMILAR, SIMILAR.replace("argsort(descending=True, stable=True)", "argsort(stable=True).flip(0)"))],
        "a rising order is reversed, which also reverses words with equal scores",
        "test_equal_scores_keep_the_order",
    ),
    Mutant(
        "topk",
        [(CLOSEST, "    order = distances.topk(min(n + len(exclude), len(distances)), largest=False).indices\n"
          "    return _first(vectors, distances, order, n, exclude)\n")],
        "topk takes equal scores in any order",
        "test_equal_scores_keep_the_order",
    ),
    Mutant(
        "equal_scores_by_the_alphabet",
        [(CLOSEST, "    found = distances.tolist()\n"
          "    order = torch.tensor(sorted(range(len(found)), key=lambda row: (found[row], vectors.itos[row])))\n"
          "    return _first(vectors, distances, order, n, exclude)\n")],
        "words with equal scores are sorted by the alphabet",
        "test_equal_scores_keep_the_order",
    ),
    # what is left out
    Mutant(
        "cut_before_exclusion",
        [(ROWS, "    rows = [row for row in order[:n].tolist() if row not in left_out]\n")],
        "the list is cut to n before the excluded words are taken out, so that it is too short",
        "test_words_left_out",
    ),
    Mutant(
        "exclude_ignored",
        [(ROWS, "    rows = order[:n].tolist()\n")],
        "exclude is ignored",
        "test_words_left_out",
    ),
    Mutant(
        "first_word_left_out",
        [(ROWS, "    order = order[1:]\n" + ROWS)],
        "the first word is always left out, as if it were the query itself",
        "test_closest_words",
    ),
    Mutant(
        "twins_left_out",
        [("    left_out = {vectors.stoi[word] for word in exclude if word in vectors.stoi}\n",
          "    gone = [(vectors.vectors == vectors[word]).all(dim=1) for word in exclude]\n"
          "    left_out = {row for rows in gone for row in rows.nonzero()[:, 0].tolist()}\n")],
        "words with the same row as an excluded word are left out, too",
        "test_words_left_out",
    ),
    Mutant(
        "too_few_words",
        [(LEAST, '    if n > len(vectors.itos):\n        raise ValueError(f"n is more than the words")\n' + LEAST)],
        "an n above the number of words is refused",
        "test_words_left_out",
    ),
    # analogies
    Mutant(
        "step_backwards",
        [(STEP, "    vector = vectors[a] - vectors[b] + vectors[c]\n")],
        "the step from a to b is taken backwards",
        "test_analogy",
    ),
    Mutant(
        "step_from_c",
        [(STEP, "    vector = vectors[b] - vectors[c] + vectors[a]\n")],
        "a and c are exchanged",
        "test_analogy",
    ),
    Mutant(
        "nothing_left_out",
        [(ANALOGY, "    return most_similar(vectors, vector, n)\n")],
        "the three words are not left out",
        "test_analogy",
    ),
    Mutant(
        "only_b_left_out",
        [(ANALOGY, "    return most_similar(vectors, vector, n, exclude=(b,))\n")],
        "only b is left out and not all three words",
        "test_analogy",
    ),
    Mutant(
        "analogy_by_distance",
        [(ANALOGY, "    return closest_words(vectors, vector, n, exclude=(a, b, c))\n")],
        "the answer is the closest word by the distance and not by the cosine",
        "test_analogy",
    ),
    Mutant(
        "lower_case",
        [(UNKNOWN, "    a, b, c = a.lower(), b.lower(), c.lower()\n" + UNKNOWN)],
        "words are turned into lower case before they are looked up",
        "test_analogy",
    ),
    Mutant(
        "zero_row_is_unknown",
        [("        if word not in vectors.stoi:", "        if not vectors[word].any():")],
        "a word with a zero row is taken for unknown",
        "test_analogy",
    ),
    Mutant(
        "unknown_words_taken",
        [(UNKNOWN, "")],
        "an unknown word counts as a zero vector",
        "test_unknown_words_raise",
    ),
    Mutant(
        "c_unchecked",
        [("    for word in (a, b, c):\n", "    for word in (a, b):\n")],
        "c is not checked: an unknown c counts as a zero vector",
        "test_unknown_words_raise",
    ),
    Mutant(
        "nameless_key_error",
        [('KeyError(f"no vector for the word {word!r}")', 'KeyError("no vector for this word")')],
        "the message does not name the unknown word",
        "test_unknown_words_raise",
    ),
    Mutant(
        "value_error_for_a_word",
        [('KeyError(f"no vector for the word {word!r}")', 'ValueError(f"no vector for the word {word!r}")')],
        "an unknown word is a ValueError",
        "test_unknown_words_raise",
    ),
    # errors, types, side effects
    Mutant(
        "any_length_of_the_vector",
        [(SHAPE, "    if False:\n")],
        "a vector of another length is left to torch, which stretches a vector of one number",
        "test_bad_arguments_raise",
    ),
    Mutant(
        "zero_query_taken",
        [(NO_DIRECTION, "")],
        "most_similar takes a zero vector",
        "test_bad_arguments_raise",
    ),
    Mutant(
        "n_of_zero",
        [(LEAST, "    if n < 0:\n")],
        "an n of 0 is taken",
        "test_bad_arguments_raise",
    ),
    Mutant(
        "n_of_any_type",
        [(WHOLE, "    n = int(n)\n    if False:\n")],
        "an n that is no int is turned into one",
        "test_bad_arguments_raise",
    ),
    Mutant(
        "scores_as_tensors",
        [(PAIRS, "    return [(vectors.itos[row], scores[row]) for row in rows]\n")],
        "the numbers beside the words are tensors",
        "test_the_types_of_the_results",
    ),
    Mutant(
        "numpy_numbers",
        [(PAIRS, "    return [(vectors.itos[row], scores[row].numpy()[()]) for row in rows]\n")],
        "the numbers beside the words are NumPy numbers",
        "test_the_types_of_the_results",
    ),
    Mutant(
        "pairs_as_lists",
        [(PAIRS, "    return [[vectors.itos[row], scores[row].item()] for row in rows]\n")],
        "the pairs are lists and not tuples",
        "test_the_types_of_the_results",
    ),
    Mutant(
        "table_scaled",
        [(UNIT, UNIT + "    norms = vectors.vectors.norm(dim=1, keepdim=True)\n"
          "    vectors.vectors /= norms.where(norms > 0, 1)\n")],
        "the rows of the table itself are divided by their lengths",
        "test_the_arguments_stay",
    ),
    Mutant(
        "query_scaled",
        [(UNIT, "    unit = vector.div_(vector.norm())\n")],
        "the vector that was given is divided by its length, in place",
        "test_the_arguments_stay",
    ),
    Mutant(
        "row_moved",
        [(STEP, "    vector = vectors[b]\n    vector -= vectors[a]\n    vector += vectors[c]\n")],
        "-= and += change the row of b in the table",
        "test_the_arguments_stay",
    ),
    Mutant(
        "a_changed",
        [(EUCLIDEAN, "    a -= b\n    return a.norm().item()\n")],
        "a -= b changes the vector that was given",
        "test_the_arguments_stay",
    ),
]  # fmt: skip
