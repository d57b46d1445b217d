"""Word search with a heap over scores that are computed in double precision, a piece of the table at a time."""

import heapq
import math

import torch


def _same_length(a, b):
    if tuple(a.shape) != tuple(b.shape):
        raise ValueError(f"a and b differ in length: {a.shape}, {b.shape}")


def euclidean_distance(a, b):
    _same_length(a, b)
    return math.dist(a.tolist(), b.tolist())


def cosine_similarity(a, b):
    _same_length(a, b)
    a, b = a.tolist(), b.tolist()
    length_a, length_b = math.hypot(*a), math.hypot(*b)
    if not length_a:
        raise ValueError("a has no direction")
    if not length_b:
        raise ValueError("b has no direction")
    return math.fsum(x * y for x, y in zip(a, b)) / length_a / length_b


class Search:
    """One search: what it leaves out, and how the best are found."""

    def __init__(self, vectors, vector, n, exclude):
        if not isinstance(n, int):
            raise TypeError(f"n should be an int, got {n!r}")
        if n <= 0:
            raise ValueError(f"n should be positive, got {n}")
        width = vectors.vectors.size(1)
        if vector.numel() != width:
            raise ValueError(f"vector should have {width} numbers, got {vector.numel()}")
        self.vectors, self.vector, self.n = vectors, vector.detach().double(), n
        self.left_out = {vectors.stoi[word] for word in exclude if word in vectors.stoi}

    def scores(self, score):
        pieces = self.vectors.vectors.detach().split(20_000)
        return [number for piece in pieces for number in score(piece.double()).tolist()]

    def best(self, scores, choose):
        rows = (row for row in range(len(scores)) if row not in self.left_out)
        return [(self.vectors.itos[row], scores[row]) for row in choose(self.n, rows, key=scores.__getitem__)]


def closest_words(vectors, vector, n=5, exclude=()):
    search = Search(vectors, vector, n, exclude)
    distances = search.scores(lambda rows: (rows - search.vector).pow(2).sum(-1).sqrt())
    return search.best(distances, heapq.nsmallest)


def most_similar(vectors, vector, n=5, exclude=()):
    search = Search(vectors, vector, n, exclude)
    if not torch.count_nonzero(vector):
        raise ValueError("vector should not be zero")
    unit = search.vector / torch.sqrt((search.vector**2).sum())

    def cosines(rows):
        lengths = rows.mul(rows).sum(-1).sqrt()
        return torch.where(lengths == 0, 0.0, rows.mul(unit).sum(-1) / lengths)

    return search.best(search.scores(cosines), heapq.nlargest)


def analogy(vectors, a, b, c, n=1):
    rows = []
    for word in [a, b, c]:
        if word not in vectors.stoi:
            raise KeyError(f"unknown word: {word}")
        rows.append(vectors.vectors[vectors.stoi[word]])
    start, end, other = rows
    return most_similar(vectors, other + end - start, n, exclude=[a, b, c])
