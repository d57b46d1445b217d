"""Checks of exercise `image_search`: finding images that look alike."""

import functools
import time
from statistics import median

import torch
from torch import nn

from grader.checks import check, expect, pictures, probes
from grader.worker.instruments.rows import random_rows

SLOWEST = 50  # times one product of the table and a vector, on one thread
ROWS, FEATURES, SEED = (
    40_000,
    512,
    1,
)  # what the time of a query is measured on: it grows with the rows, as the product does
FLAT = [["Flatten"], ["PReLU", 1, 1.0]]  # gives what it is given, and has a parameter to tell its device
POOLED = [["AdaptiveAvgPool2d", 1], *FLAT]  # the last layers of a CNN
NET = [["Conv2d", 3, 4, 3], ["BatchNorm2d", 4], ["Tanh"], ["AvgPool2d", 2], ["Dropout", 0.5]]
RIGHT = 0.02  # by so much a right search may differ in its share of like images


def warm():
    """Load the photos' features, and time the product, before judges are forked."""
    from grader.data.photos import photo_features

    photo_features()
    baseline()


@functools.cache
def large_table():
    """The rows on which the time of a query is measured."""
    return random_rows(ROWS, FEATURES, SEED)


def baseline():
    """Seconds that a product of the large table and a vector takes on one thread: the median of some."""
    vector, threads, taken = large_table()[0].clone(), torch.get_num_threads(), []
    torch.set_num_threads(1)
    for _ in range(5):
        begin = time.perf_counter()
        large_table() @ vector
        taken.append(time.perf_counter() - begin)
    torch.set_num_threads(threads)
    return median(taken)


# --- embed


@check(points=1, goal="embeddings")
def test_embeddings_are_unit_rows(student, draw):
    """embed gives the model's outputs, flattened, as rows of length 1, whatever the batch size."""
    images, weights = _images(draw, 7), _weights(draw)
    wanted = _embedded(weights, images)
    model = _net(student, weights)
    for batch_size in (7, 3, 1, 64):
        got = student.call("embed", model, images, batch_size=batch_size)
        hint = "Flatten from dimension 1 on, join the batches, and divide each row by its length."
        expect(got, f"the embeddings with batch_size={batch_size}", hint).shape(*wanted.shape).close(wanted, atol=1e-5)
    got = student.call("embed", model, images[:1])
    expect(got, "the embedding of one image").shape(1, wanted.shape[1]).close(wanted[:1], atol=1e-5)


@check(points=1, goal="embeddings", hidden=True, after=test_embeddings_are_unit_rows, recipe="any net and images")
def test_any_embeddings(student, draw):
    """embed is right for any net, images and batch size."""
    rng = draw.random()
    for number in range(2):
        images, weights = _images(draw, rng.randint(65, 90), f"images {number}"), _weights(draw, f"net {number}")
        model = _net(student, weights)
        for settings in ({"batch_size": rng.randint(2, 30)}, {}):
            got = student.call("embed", model, images, **settings)
            wanted = _embedded(weights, images)
            expect(got, "the embeddings").shape(*wanted.shape).close(wanted, atol=1e-5)


@check(points=0.5, goal="embeddings", after=test_embeddings_are_unit_rows)
def test_a_row_of_zeros_stays(student, draw):
    """A row of zeros stays one, without NaN; rows that are small or large are scaled as all others."""
    outputs = torch.randn(5, 6, generator=draw.generator("rows"))
    outputs[1], outputs[2], outputs[3] = 0.0, 1e-3 * outputs[2], 1e4 * outputs[3]
    wanted = nn.functional.normalize(outputs, dim=1)
    got = student.call("embed", student.make("sequential", FLAT), outputs.view(5, 1, 2, 3))
    hint = "A length of 0 must not be divided by."
    expect(got, "the embeddings of images that a model only flattens", hint).shape(5, 6).close(wanted, atol=1e-4)


@check(points=1, goal="modes", after=test_embeddings_are_unit_rows)
def test_embedding_in_eval_mode(student, draw):
    """embed runs the model in eval mode: dropout does nothing, and batch normalisation uses and keeps its averages."""
    images, weights = _images(draw, 6), _weights(draw)
    model = _net(student, weights)
    student.tool("set_modes", model, [True] * (len(NET) + 1))
    got = student.call("embed", model, images, batch_size=4)
    hint = "Call model.eval() before the model is used."
    expect(got, "the embeddings by a net with dropout", hint).close(_embedded(weights, images), atol=1e-5)
    again = student.call("embed", model, images, batch_size=4)
    expect(again, "the embeddings by the same net, once more", hint).close(_embedded(weights, images), atol=1e-5)


@check(points=0.5, goal="modes", observed=True, after=test_embeddings_are_unit_rows)
def test_the_modes_are_restored(student, draw):
    """After embed every submodule has the mode that it had before, also when the model raises."""
    layers, images = [["Tripwire", 2], *NET], _images(draw, 4)
    for flags in ([True] * 7, [False] * 7, [True, True, False, True, False, True, False]):
        model = student.make("sequential", layers)
        student.tool("set_modes", model, flags)
        hint = "Note each submodule's `training` before, and write it back after: in `finally`, which errors pass too."
        student.call("embed", model, images)
        expect(student.tool("modes", model), "the training flags afterwards", hint).equal(flags)
        raised = student.fails(lambda m=model: student.call("embed", m, images))
        expect(raised, "embed").satisfies(raised, "the model's own exception to come through", "none")
        expect(student.tool("modes", model), "the training flags after an exception", hint).equal(flags)


@check(points=0.5, goal="batches", observed=True, after=test_embeddings_are_unit_rows)
def test_no_more_than_batch_size_at_once(student, draw):
    """The model is given at most batch_size images at once, 64 where it is not said, and computes without gradients."""
    images = _images(draw, 130)
    for settings in ({"batch_size": 50}, {"batch_size": 7}, {}):
        model = student.make("sequential", [["Journal"], *NET])
        got = student.call("embed", model, images[:20] if settings.get("batch_size") == 7 else images, **settings)
        noted = student.tool("passes", model, 0)
        fits = type(noted) is list and all(type(each) is list and len(each) == 3 for each in noted)
        expect(fits, "what the model noted").equal(True)
        sizes = [len(each[2]) for each in noted if torch.is_tensor(each[2]) and each[2].dim() == 4]
        most = settings.get("batch_size", 64)
        hint = "images.split(batch_size) cuts them up."
        expect(sizes, "the images given at once", hint).satisfies(
            bool(sizes) and max(sizes) <= most, f"{most} at most", f"{sizes}"
        )
        hint = "`with torch.no_grad():`, or @torch.no_grad() above the function."
        expect([each[1] for each in noted], "gradients on at each pass", hint).equal([False] * len(noted))
        expect(got, "the embeddings").of_type(torch.Tensor)
        expect(got.facts.requires_grad, "requires_grad of the embeddings", hint).equal(False)
        expect(student.tool("global_state")[0], "torch.is_grad_enabled() afterwards").equal(True)


# --- ImageIndex


@check(points=1, goal="similarities")
def test_the_most_similar_first(student, draw):
    """query gives the k most similar rows, best first: indices as int64, and cosine similarities."""
    rows, query = _rows(draw, 30, 8)
    index = student.new("ImageIndex", rows)
    for k in (1, 5, 30):
        _compare(index.call("query", query, k), rows, query, k)
    _compare(
        student.new("ImageIndex", _rows(draw, 50, 6)[0]).call("query", query[:6]), _rows(draw, 50, 6)[0], query[:6]
    )
    _compare(index.call("query", query, k=3), rows, query, 3)


@check(points=1, goal="similarities", after=test_the_most_similar_first)
def test_lengths_do_not_matter(student, draw):
    """Neither the rows' lengths nor the query's change a similarity; a row of zeros has similarity 0."""
    rows, query = _rows(draw, 24, 8)
    rows = nn.functional.normalize(rows, dim=1)
    lengths = torch.logspace(-5, 5, 24)[torch.randperm(24, generator=draw.generator("lengths"))]
    scaled = rows * lengths[:, None]
    scaled[5] = 0
    index = student.new("ImageIndex", scaled)
    for length in (1e-5, 1.0, 1e5):
        hint = "Divide by both lengths; a small constant that guards against 0 must be far smaller than 1e-10."
        given = length * nn.functional.normalize(query, dim=0)
        _compare(index.call("query", given, 24), scaled, given, 24, hint)


@check(points=1, goal="ties", after=test_the_most_similar_first)
def test_ties_by_index(student):
    """Rows with equal similarities come in the order of their indices."""
    # All rows have length 2 and all numbers are whole, so equal similarities are equal however they are summed.
    shapes = torch.tensor([[1, 1, 1, 1, 0, 0, 0, 0], [1, 1, 1, -1, 0, 0, 0, 0], [1, 1, 0, 0, 1, 1, 0, 0],
                           [0, 0, 0, 0, 1, 1, 1, 1], [-1, 1, 1, 1, 0, 0, 0, 0]], dtype=torch.float32)  # fmt: skip
    rows = shapes[[(number * 7 + number // 5) % 5 for number in range(200)]]
    query = torch.tensor([1, 1, 1, 1, 0, 0, 0, 0], dtype=torch.float32)
    similarities = rows @ query / 4
    order = similarities.sort(descending=True, stable=True).indices
    index = student.new("ImageIndex", rows)
    for k in (20, 75, 200):
        indices, _ = _pair(index.call("query", query, k), k)
        hint = "torch.topk leaves the order of equals open; torch.sort(…, descending=True, stable=True) does not."
        expect(indices, f"the indices of the best {k} of 200 rows", hint).close(order[:k], atol=0)


@check(points=0.5, goal="corners", after=test_the_most_similar_first)
def test_a_k_beyond_the_index(student, draw):
    """A k larger than the index gives all rows; k is 20 where it is not given."""
    rows, query = _rows(draw, 4, 5)
    for settings in ({"k": 9}, {"k": 5}, {}):
        _compare(student.new("ImageIndex", rows).call("query", query, **settings), rows, query, 4)
    rows, query = _rows(draw, 27, 5)
    _compare(student.new("ImageIndex", rows).call("query", query), rows, query, 20)


@check(points=0.5, goal="side effects", after=test_the_most_similar_first)
def test_the_arguments_stay(student, draw):
    """The embeddings, the query and the images are the same afterwards."""
    rows, query = _rows(draw, 6, 5)
    images = _images(draw, 5)
    kept = [student.put(value) for value in (rows, query, images, images[0])]
    student.new("ImageIndex", kept[0]).keep("query", kept[1], 3)
    student.call("search", student.make("sequential", FLAT), kept[3], kept[2], 2)
    for thing, value in zip(kept, (rows, query, images, images[0])):
        hint = "Operations that end in _, and `x /= …`, change the tensor that was given."
        expect(thing.read(), "an argument afterwards", hint).close(value, atol=0)


@check(points=0.5, goal="errors", after=test_the_most_similar_first)
def test_bad_numbers_are_refused(student, draw):
    """A batch_size below 1 and a k below 0 raise, as do numbers of another type, and the message names them."""
    model, images = student.make("sequential", FLAT), _images(draw, 3)
    for value in (0, -2, 1.5, "4"):
        student.raises(("ValueError", "TypeError"), "embed", model, images, names=["batch_size"], batch_size=value)
    for value in (-1, 2.5, "2"):
        student.raises(("ValueError", "TypeError"), "search", model, images[0], images, names=["k"], k=value)


@check(points=2, goal="similarities", hidden=True, recipe="any rows and queries, of any lengths from 1e-5 to 1e5",
       after=(test_lengths_do_not_matter, test_a_k_beyond_the_index))  # fmt: skip
def test_equal_to_brute_force(student, draw):
    """For any rows, query and k, query finds what a comparison with every row finds."""
    rng = draw.random()
    for number in range(4):
        count, size = rng.randint(5, 400), rng.choice([2, 3, 17, 64])
        generator = draw.generator(f"rows {number}")
        rows = torch.randn(count, size, generator=generator)
        rows = nn.functional.normalize(rows, dim=1) * 10 ** (10 * torch.rand(count, 1, generator=generator) - 5)
        rows[rng.randrange(count)] = 0
        query = nn.functional.normalize(torch.randn(size, generator=generator), dim=0) * 10 ** rng.uniform(-5, 5)
        k = rng.choice([1, count // 2, count, count + 3])
        _compare(student.new("ImageIndex", rows).call("query", query, max(k, 1)), rows, query, min(max(k, 1), count))


@check(points=1, goal="speed", hidden=True, after=test_equal_to_brute_force, seconds=60,
       recipe="a table of 40,000 random rows with 512 numbers each")  # fmt: skip
def test_a_query_is_quick(student, draw):
    """A query of a large index takes at most 50 times as long as one product of the table and a vector."""
    index = student.new("ImageIndex", student.make("random_rows", ROWS, FEATURES, SEED))
    for attempt in range(3):  # a machine that is busy with something else must not cost a mark
        query = torch.rand(FEATURES, generator=draw.generator(f"query {attempt}"))
        limit = SLOWEST * baseline()
        begin = time.perf_counter()
        result = index.call("query", query, 20)
        seconds = time.perf_counter() - begin
        _compare(result, large_table(), query, 20)
        if seconds <= limit:
            break
    hint = "Scale the rows once, in __init__, and compare with all of them by one product, not row by row."
    expect(seconds, "seconds of a query", hint).satisfies(seconds <= limit, "50 products with the table at most")


# --- search


@check(points=1, goal="searches", after=(test_embeddings_are_unit_rows, test_the_most_similar_first))
def test_search_finds_the_image_itself_first(student, draw):
    """search gives the indices of the most similar images, the query image itself not left out."""
    images, weights = _images(draw, 25), _weights(draw)
    rows = _embedded(weights, images)
    model = _net(student, weights)
    for number in (0, 17):
        got = student.call("search", model, images[number], images, 4)
        _right_order(got, rows, rows[number], 4)
        expect(int(got[0]), "the first index, for an image of the set").equal(number)
    got = student.call("search", model, images[3], images)
    _right_order(got, rows, rows[3], 20)
    stranger = _images(draw, 1, "stranger")
    got = student.call("search", model, stranger[0], images, k=30)
    _right_order(got, rows, _embedded(weights, stranger)[0], 25)


@check(points=2, goal="searches", hidden=True, after=test_search_finds_the_image_itself_first,
       recipe="a pretrained CNN's feature maps of 180 crops of nine photos, and its pooling as the model")  # fmt: skip
def test_searches_among_photos(student, draw):
    """Among real photos, seen by a pretrained CNN, most of the 20 images found show the same picture as the query."""
    from grader.data.photos import photo_features, photos

    features, labels = photo_features()
    order = torch.randperm(len(labels), generator=draw.generator("order"))[:180]
    features, labels, images_seen = features[order], labels[order], photos()[0][order]
    rows = nn.functional.normalize(features.mean(dim=(2, 3)), dim=1)
    model, images = student.make("sequential", POOLED), student.put(features)
    shares, right, found = [], [], []
    for number in range(5):
        got = student.call("search", model, features[number], images, 20)
        _right_order(got, rows, rows[number], 20)
        found.append(images_seen[[number, *got[:9].tolist()]])
        shares.append(float((labels[got] == labels[number]).double().mean()))
        best = (rows @ rows[number]).topk(20).indices
        right.append(float((labels[best] == labels[number]).double().mean()))
    pictures.show_images("each query and what was found", *found)
    expect(sum(shares) / 5, "precision@20").at_least(sum(right) / 5 - RIGHT)


@check(points=1, goal="devices", observed=True, after=test_search_finds_the_image_itself_first)
def test_on_a_cuda_device(student, draw):
    """embed and search work on the CUDA device that the model is on."""
    images, weights = _images(draw, 9), _weights(draw)
    rows = _embedded(weights, images)
    model = _net(student, weights)
    student.tool("virtual_cuda")
    model = student.make("on_device", model, "cuda")
    got = student.call("embed", model, images, 4)
    found = student.call("search", model, images[2], images, 5)
    student.leave()
    hint = "Move the images to the device that the model's parameters are on."
    expect(got, "the embeddings", hint).shape(*rows.shape).close(rows, atol=1e-5)
    _right_order(found, rows, rows[2], 5)


# --- what the checks share


def _images(draw, count, label="images"):
    return torch.rand(count, 3, 8, 8, generator=draw.generator(label))


def _weights(draw, label="net"):
    """Parameters of NET whose outputs differ from image to image."""
    weights = [2 * value for value in probes.starting_weights(NET, draw, label)]
    weights[1] = 0.3 * torch.randn(4, generator=draw.generator(f"{label} bias"))
    weights[2] = torch.ones(4)
    return weights


def _net(student, weights):
    """NET in the worker, in eval mode."""
    model = probes.net(student, NET, weights)
    model.keep("eval")
    return model


@torch.no_grad()
def _embedded(weights, images):
    """The right embeddings."""
    return nn.functional.normalize(probes.twin(NET, weights).eval()(images).flatten(1), dim=1)


def _rows(draw, count, size):
    """Rows, and a query whose similarities to them differ by more than rounding."""
    for attempt in range(100):
        generator = draw.generator(f"{count} {size} {attempt}")
        rows, query = (torch.randn(n, size, generator=generator) for n in (count, 1))
        if float(_cosines(rows, query[0]).sort().values.diff().min()) > 1e-4:
            return rows, query[0]
    raise AssertionError("no such draw")


def _cosines(rows, query):
    """The exact similarities; 0 for a row of zeros."""
    rows, query = rows.double(), query.double()
    lengths = rows.norm(dim=1) * query.norm()
    return (rows @ query / lengths.where(lengths > 0, torch.ones_like(lengths))).where(lengths > 0, torch.zeros(()))


def _pair(result, k):
    """(indices, similarities), seen to be of the right kind."""
    hint = "Return (indices, similarities)."
    fits = isinstance(result, (tuple, list)) and len(result) == 2 and all(map(torch.is_tensor, result))
    expect(result, "the result of query", hint).satisfies(fits, "two tensors")
    indices, similarities = result
    expect(indices, "the indices").shape(k)
    expect(str(indices.dtype), "the dtype of the indices").equal("torch.int64")
    expect(similarities, "the similarities").shape(k)
    return indices, similarities


def _compare(result, rows, query, k=20, hint=""):
    """The best k of all rows, in their order; rows as similar as rounding can tell may stand in any order."""
    indices, similarities = _pair(result, k)
    _right_order(indices, rows, query, k, hint)
    wanted = _cosines(rows, query)[indices]
    expect(similarities, "the similarities", hint).close(wanted, atol=2e-5)


def _right_order(indices, rows, query, k, hint=""):
    expect(indices, "the indices").shape(k)
    expect(str(indices.dtype), "the dtype of the indices").equal("torch.int64")
    known = bool(((indices >= 0) & (indices < len(rows))).all()) and len(indices.unique()) == k
    expect(indices, "the indices").satisfies(known, f"{k} different ones of 0 … {len(rows) - 1}")
    cosines = _cosines(rows, query)
    hint = hint or "Most similar first, by the cosine of the angle."
    best = cosines.sort(descending=True).values[:k]
    expect(cosines[indices], "the cosines of the rows found, in their order", hint).close(best, atol=2e-5)
