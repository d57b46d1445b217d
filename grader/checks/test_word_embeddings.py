"""Checks of exercise `word_embeddings`: distances and analogies, on small tables and on real GloVe vectors."""

import time
from statistics import median

import torch

from grader.checks import check, expect, pictures

WORKER_DATA = ("glove",)
SLOWEST = 250  # times one product of the table and a vector, on one thread

WORDS = ["king", "queen", "man", "woman", "doctor", "nurse", "apple", "pear", "Apple", "nothing"]
ROWS = torch.tensor(
    [
        *[[6, 1, 0.5, 0.2], [5, -3, 0.3, -0.4], [1, 1, 0.2, -0.1], [1, -1, 0.1, 0.3]],
        *[[0.4, 1, 6, -0.2], [0.2, -3, 5, 0.1], [-0.3, 0.1, 0.2, 3], [-0.6, -0.4, 1, 3]],
        *[[2, 0.3, 0.9, 1], [0, 0, 0, 0]],
    ]
)
QUERY = torch.tensor([1, 0.5, -0.25, -2])

# Sixty words that share five rows. All numbers are whole, so that equal rows have equal scores however they are summed.
SHARED = torch.tensor([[1, 2, 3, 4], [2, 2, 2, 3], [-1, -2, 0, 2], [4, 0, -3, 1], [0, 0, 0, 0]], dtype=torch.float32)
TIED_WORDS = [f"w{number * 23 % 60:02d}" for number in range(60)]
TIED_ROWS = SHARED[[(number * 7 + number // 5) % 5 for number in range(60)]]
ONES = torch.ones(4)


def warm():
    """Load the word vectors before judges are forked."""
    from grader.data.vectors import glove

    baseline(glove().vectors)


def tables(student, oracle, words=WORDS, rows=ROWS):
    """The same small table on both sides, as (side, table)."""
    return [(side, side.make("word_table", words, rows)) for side in (student, oracle)]


def ranking(result):
    """A result seen to be a list of pairs of a word and something; its words and these."""
    pairs: list = list(result) if isinstance(result, (list, tuple)) else [None]
    fits = all(isinstance(pair, (list, tuple)) and len(pair) == 2 and type(pair[0]) is str for pair in pairs)
    expect(result, "the result", "Return [(word, number), …].").satisfies(fits, "a list of (word, number)")
    return [word for word, _ in pairs], [number for _, number in pairs]


def compare(sides, name, *arguments, hint="", **settings):
    """Compare the student's words, their order and their numbers with a right solution's."""
    got, wanted = [side.call(name, table, *arguments, **settings) for side, table in sides]
    words, numbers = ranking(got)
    expect(words, "the words", hint).equal([word for word, _ in wanted])
    expect(numbers, "the numbers beside them", hint).close([number for _, number in wanted], atol=1e-5)


# --- two vectors


@check(points=0.5, goal="distances")
def test_euclidean_distance(student, oracle, draw):
    """euclidean_distance is the length of a - b, exact to 1e-5."""
    a, b = (2 * torch.randn(50, generator=draw.generator(name)) for name in "ab")
    for first, second in ((torch.tensor([0.0, 3.0]), torch.tensor([4.0, 0.0])), (a, b), (b, a + 0.25)):
        value = student.call("euclidean_distance", first, second)
        hint = "The root of the sum of the squares: that of 4² + 3² is 5."
        expect(value, "the distance", hint).close(oracle.call("euclidean_distance", first, second), atol=1e-5)
    for first, second in ((a, a + 0.0005), (a, a.clone())):
        value = student.call("euclidean_distance", first, second)
        hint = "Subtract first: |a|² - 2 a·b + |b|² loses the digits that count where a and b are close."
        expect(value, "the distance", hint).close(oracle.call("euclidean_distance", first, second), atol=1e-5)


@check(points=0.5, goal="similarities")
def test_cosine_similarity(student, oracle, draw):
    """cosine_similarity is the cosine of the angle between a and b, whatever their lengths."""
    a, b = (torch.randn(50, generator=draw.generator(name)) for name in "ab")
    hint = "Divide a·b by both lengths, and by nothing else: the cosine of a and 1000 a is 1."
    right = (torch.tensor([0.0, 3.0]), torch.tensor([4.0, 0.0]))
    for first, second in (right, (a, b), (a, a + b), (a, 1000 * a), (a, -2 * a), (a / 1000, (a + b) / 1000)):
        value = student.call("cosine_similarity", first, second)
        expect(value, "the similarity", hint).close(oracle.call("cosine_similarity", first, second), atol=1e-5)


# --- searches


@check(points=1, goal="distances")
def test_closest_words(student, oracle, draw):
    """closest_words gives the n words at the smallest Euclidean distances, the closest first; 5 unless n is given."""
    sides = tables(student, oracle)
    compare(sides, "closest_words", QUERY, hint="Five words, by rising distance.")
    compare(sides, "closest_words", QUERY, 3, hint="n words, by rising distance.")
    compare(sides, "closest_words", torch.zeros(4), n=10, hint="From the origin, a distance is the row's length.")
    compare(sides, "closest_words", ROWS[3], 1, hint="The word itself is at the distance 0.")
    rows = 12 * torch.randn(40, 8, generator=draw.generator())
    rows[7], rows[21] = rows[30] + 0.001, rows[30] - 0.002
    sides = tables(student, oracle, [f"word{number}" for number in range(40)], rows)
    hint = "Subtract first: squared lengths and products lose the digits that count where rows are close."
    compare(sides, "closest_words", rows[30], 4, hint=hint)


@check(points=1, goal="similarities")
def test_most_similar(student, oracle):
    """most_similar gives the n words with the largest cosines, the most similar first; a zero row has similarity 0."""
    sides = tables(student, oracle)
    compare(sides, "most_similar", torch.tensor([3, -1, 1, 0.5]), hint="Five words, by falling cosine.")
    compare(sides, "most_similar", 50 * QUERY, 2, hint="The length of the vector does not matter.")
    hint = "A zero row has no direction: its similarity is 0, between the positive and the negative ones."
    compare(sides, "most_similar", QUERY, n=10, hint=hint)


@check(points=0.5, goal="searches", after=(test_closest_words, test_most_similar))
def test_equal_scores_keep_the_order(student, oracle):
    """Words with equal rows come in the order of itos."""
    sides = tables(student, oracle, TIED_WORDS, TIED_ROWS)
    hint = "A stable sort keeps the order of equal scores; topk and a reversed sort do not."
    for name in ("closest_words", "most_similar"):
        compare(sides, name, ONES, 20, hint=hint)
        compare(sides, name, ONES, 60, hint=hint)


@check(points=0.5, goal="searches", after=(test_closest_words, test_most_similar))
def test_words_left_out(student, oracle):
    """The words in exclude are left out; the next take their places, and where fewer than n are left, all come."""
    sides = tables(student, oracle)
    twins = tables(student, oracle, ["dawn", "dusk", "noon"], torch.stack([ROWS[0], ROWS[0], ROWS[1]]))
    for name in ("closest_words", "most_similar"):
        hint = "Leave words out before you cut the list to n."
        compare(sides, name, QUERY, 3, ("man", "queen"), hint=hint)
        compare(sides, name, QUERY, exclude={"king", "nothing", "woman"}, hint=hint)
        compare(sides, name, QUERY, n=20, exclude=["pear", "Apple"], hint="Fewer than n words are left: all of them.")
        hint = "dusk has the row that dawn has, but it is another word."
        compare(twins, name, ROWS[0], 2, ["dawn"], hint=hint)


@check(points=1, goal="analogies", after=(test_most_similar, test_words_left_out))
def test_analogy(student, oracle):
    """analogy gives the n words most similar to b - a + c, without a, b and c."""
    step = "From a to b is the step b - a; from c, the same step leads to b - a + c. The three words do not count."
    for words, n, hint in (
        (("man", "king", "woman"), 1, step),
        (("man", "doctor", "woman"), 2, step),
        (("queen", "pear", "nurse"), 3, step),
        (("apple", "Apple", "pear"), 2, "Look words up as they are given: Apple is no apple."),
        (("nothing", "king", "man"), 2, "A word whose row is zero is known: it is in stoi."),
        (("man", "king", "man"), 20, "Eight of the ten words are left."),
    ):
        sides = tables(student, oracle)  # new ones, as what an earlier call did to its table is another check's affair
        compare(sides, "analogy", *words, **({} if n == 1 else {"n": n}), hint=hint)


# --- interfaces and errors


@check(points=0.5, goal="errors")
def test_unknown_words_raise(student):
    """An unknown word in an analogy is a KeyError that names it."""
    table = student.make("word_table", WORDS, ROWS)
    for words in (("griffin", "king", "woman"), ("man", "griffin", "woman"), ("man", "king", "griffin")):
        hint = "`vectors[word]` may answer zeros for an unknown word: ask stoi, and name the word."
        student.raises("KeyError", "analogy", table, *words, names=["griffin"], hint=hint)


@check(points=0.5, goal="errors")
def test_bad_arguments_raise(student):
    """Vectors of unequal lengths, a zero vector without a direction and a bad n raise an error that names them."""
    for name in ("euclidean_distance", "cosine_similarity"):
        for rows, others in ((3, 4), (1, 4), (4, 1)):
            hint = "a and b have different lengths, also where torch would stretch one of them."
            student.raises("ValueError", name, torch.ones(rows), torch.ones(others), names="ab", hint=hint)
    for first, second in ((torch.zeros(4), ONES), (ONES, torch.zeros(4))):
        hint = "A zero vector has no direction."
        student.raises("ValueError", "cosine_similarity", first, second, names="ab", hint=hint)
    table = student.make("word_table", WORDS, ROWS)
    student.raises("ValueError", "most_similar", table, torch.zeros(4), names=["vector"], hint="It has no direction.")
    either = ("ValueError", "TypeError")
    for name in ("closest_words", "most_similar"):
        for length in (3, 1):
            hint = f"vector has {length} numbers, a row of the table has 4."
            names = ["vector", "vectors"]
            student.raises(either, name, table, torch.ones(length), names=names, hint=hint)
        for n in (0, -1, 2.5, "3"):
            student.raises(either, name, table, QUERY, n, names=["n"], hint="n is an int and at least 1.")


@check(points=0.5, goal="interfaces", after=(test_closest_words, test_most_similar))
def test_the_types_of_the_results(student):
    """Numbers are Python floats, and searches give lists of tuples (word, float)."""
    hint = "`.item()` or float(…) turns a tensor or a NumPy number into a Python float."
    for name in ("euclidean_distance", "cosine_similarity"):
        expect(student.call(name, QUERY, ROWS[0]), "the result", hint).of_type(float)
    table = student.make("word_table", WORDS, ROWS)
    for name, arguments in (
        ("closest_words", [QUERY]),
        ("most_similar", [QUERY]),
        ("analogy", ["man", "king", "pear"]),
    ):
        result = student.call(name, table, *arguments)
        _, numbers = ranking(result)
        expect(result, "the result", "Return a list of tuples.").each_of_type(tuple)
        expect(numbers, "the numbers", hint).each_of_type(float)


@check(
    points=0.5,
    goal="side effects",
    after=(test_euclidean_distance, test_cosine_similarity, test_closest_words, test_most_similar),
)
def test_the_arguments_stay(student):
    """The table, the vectors and the list of excluded words are the same after a call."""
    hint = "`x -= y`, `x /= y` and methods that end in _ change x itself, and a row is a part of its table."
    for name in ("euclidean_distance", "cosine_similarity"):
        given = [student.put(vector) for vector in (QUERY, ROWS[0])]
        student.call(name, *given)
        for thing, before in zip(given, (QUERY, ROWS[0])):
            expect(thing.read(), "a vector afterwards", hint).equal(before)
    for name in ("closest_words", "most_similar", "analogy"):
        table = student.make("word_table", WORDS, ROWS)
        vector, left_out = student.put(QUERY), student.put(["man", "pear"])
        arguments = ["man", "king", "woman"] if name == "analogy" else [vector, 3, left_out]
        student.call(name, table, *arguments)
        expect(table.get("vectors"), "vectors.vectors afterwards", hint).equal(ROWS)
        expect(table.get("itos"), "vectors.itos afterwards").equal(WORDS)
        expect(table.get("stoi"), "vectors.stoi afterwards").equal({word: row for row, word in enumerate(WORDS)})
        expect(vector.read(), "vector afterwards", hint).equal(QUERY)
        expect(left_out.read(), "exclude afterwards").equal(["man", "pear"])


# --- the real table


@check(points=1, goal="distances", hidden=True, after=(test_euclidean_distance, test_closest_words), seconds=100,
       recipe="words of GloVe 6B 50-d, and points near them")  # fmt: skip
def test_distances_in_glove(student, oracle, draw):
    """Distances between words of GloVe are exact to 1e-5; a word is at the distance 0 from itself."""
    words, vectors = _common_words(draw, 10)
    for first, second in zip(vectors[:5], vectors[5:]):
        value = student.call("euclidean_distance", first, second)
        expect(value, "euclidean_distance").close(oracle.call("euclidean_distance", first, second), atol=1e-5)
    sides = [(side, side.make("glove")) for side in (student, oracle)]
    itself = _search(sides, "closest_words", vectors[0], n=300)
    hint = "A word is at the distance 0 from itself. Subtract first: products lose the digits that count."
    expect(itself[0], "the distance of a word from itself", hint).close(0.0, atol=1e-5)
    offset = torch.randn(50, generator=draw.generator("offset"))
    _search(sides, "closest_words", vectors[1] + 0.004 * offset / offset.norm(), n=25, exclude=words[2:])


@check(points=1, goal="analogies", hidden=True, after=(test_cosine_similarity, test_analogy), seconds=100,
       recipe="words of GloVe 6B 50-d, and sums of them")  # fmt: skip
def test_analogies_in_glove(student, oracle, draw):
    """In GloVe, man is to king as woman to queen; from man to doctor is from woman to nurse, but not back."""
    words, vectors = _common_words(draw, 10)
    for first, second in zip(vectors[:5], vectors[5:]):
        value = student.call("cosine_similarity", first, second)
        expect(value, "cosine_similarity").close(oracle.call("cosine_similarity", first, second), atol=1e-5)
    sides = [(side, side.make("glove")) for side in (student, oracle)]
    _search(sides, "most_similar", 20 * (vectors[0] + vectors[1]), n=200, exclude=words[:2])
    found = []
    for words_given, answer in ((("man", "king", "woman"), "queen"), (("man", "doctor", "woman"), "nurse")):
        word = _answer(sides, *words_given)
        found.append(("{} : {} = {} :".format(*words_given), word))
        expect(word, "analogy({}, {}, {})".format(*words_given)).satisfies(word == answer, answer)
    word = _answer(sides, "woman", "doctor", "man")
    pictures.show_table("analogies", [*found, ("woman : doctor = man :", word)])
    expect(word, "analogy(woman, doctor, man)").satisfies(word != "nurse", "another word than nurse")
    _search(sides, "analogy", *words[3:6], n=4)


@check(points=1, goal="searches", hidden=True, after=(test_distances_in_glove, test_analogies_in_glove), seconds=100,
       recipe="words of GloVe 6B 50-d")  # fmt: skip
def test_the_speed_of_searches(student, draw):
    """A search of 400,000 words takes at most as long as 250 products of the table and a vector, on one thread."""
    from grader.data.vectors import glove

    table, (words, vectors) = student.make("glove"), _common_words(draw, 4)
    for name, arguments in (("closest_words", vectors[:1]), ("most_similar", vectors[:1]), ("analogy", words[1:])):
        for _attempt in range(3):  # a machine that is busy with something else must not cost a mark
            limit = SLOWEST * baseline(glove().vectors)
            begin = time.perf_counter()
            student.call(name, table, *arguments)
            seconds = time.perf_counter() - begin
            if seconds <= limit:
                break
        hint = "Let torch work on the whole table at once: no Python loop over the words."
        expect(seconds, f"seconds of {name}", hint).satisfies(seconds <= limit, "250 products with the table at most")


def baseline(table):
    """Seconds that a product of the table and a vector takes on one thread: the median of some."""
    vector, threads, taken = table[0].clone(), torch.get_num_threads(), []
    torch.set_num_threads(1)
    for _ in range(5):
        begin = time.perf_counter()
        table @ vector
        taken.append(time.perf_counter() - begin)
    torch.set_num_threads(threads)
    return median(taken)


def _answer(sides, a, b, c):
    (student, table), _ = sides
    words, _ = ranking(student.call("analogy", table, a, b, c))
    expect(words, "the words of an analogy, where n is not given").length(1)
    return words[0]


def _common_words(draw, count):
    """Some of the 20,000 most frequent words, and their vectors."""
    from grader.data.vectors import glove

    table = glove()
    words = draw.random("words").sample([word for word in table.itos[:20_000] if word.isalpha()], count)
    return words, [table[word].clone() for word in words]


def _search(sides, name, *arguments, n, **settings):
    """Compare a search of the real table with a right solution's, and return its numbers.

    Scores that differ by less than rounding may come in any order, so more words than asked are looked at.
    """
    (student, table), (oracle, own) = sides
    words, numbers = ranking(student.call(name, table, *arguments, n=n, **settings))
    right = oracle.call(name, own, *arguments, n=n + 20, **settings)
    known = dict(right)
    expect(words, "the words").length(n)
    found = len(set(words)) == n and all(word in known for word in words)
    expect(words, "the words").satisfies(found, "the nearest of all words, each once")
    expect(numbers, "the numbers beside the words").close([known[word] for word in words], atol=1e-5)
    expect(numbers, "the numbers in their order").close([number for _, number in right[:n]], atol=2e-5)
    return numbers
