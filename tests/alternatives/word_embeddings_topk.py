"""Word search without sorting the vocabulary: topk finds the last score that counts, and what ties with it."""

import torch
from torch.nn import functional


def euclidean_distance(a, b):
    if len(a) != len(b):
        raise ValueError("b is not as long as a")
    return float(torch.dist(a.detach().double(), b.detach().double(), p=2))


def cosine_similarity(a, b):
    if len(a) != len(b):
        raise ValueError("b is not as long as a")
    units = []
    for name, side in (("a", a), ("b", b)):
        side = side.detach().double()
        length = torch.sqrt(torch.sum(side**2))
        if length == 0:
            raise ValueError(f"{name} is zero")
        units.append(side / length)
    return torch.dot(*units).item()


def ranked(vectors, scores, n, exclude, largest):
    if not isinstance(n, int):
        raise TypeError(f"n is {type(n)}, not int")
    if n < 1:
        raise ValueError(f"n is {n}, not positive")
    allowed = torch.ones(len(scores), dtype=torch.bool)
    allowed[[vectors.stoi[word] for word in exclude if word in vectors.stoi]] = False
    rows = allowed.nonzero().squeeze(1)
    scores = scores[rows]
    if n < len(rows):
        last = scores.topk(n, largest=largest).values[-1]
        good = (scores >= last if largest else scores <= last).nonzero().squeeze(1)
        rows, scores = rows[good], scores[good]
    scores, order = scores.sort(stable=True, descending=largest)
    return [(vectors.itos[row], score) for row, score in zip(rows[order].tolist(), scores.tolist())][:n]


def fitting(vectors, vector):
    table = vectors.vectors.detach()
    if vector.ndim != 1 or len(vector) != table.shape[1]:
        raise ValueError(f"vector is not of length {table.shape[1]}")
    return table, vector.detach().to(table.dtype)


def closest_words(vectors, vector, n=5, exclude=()):
    table, vector = fitting(vectors, vector)
    # The other modes of cdist go by products and squared norms, which loses digits.
    distances = torch.cdist(table, vector[None], compute_mode="donot_use_mm_for_euclid_dist")
    return ranked(vectors, distances[:, 0], n, exclude, largest=False)


def most_similar(vectors, vector, n=5, exclude=()):
    table, vector = fitting(vectors, vector)
    if torch.all(vector == 0):
        raise ValueError("vector is zero")
    similarities = functional.cosine_similarity(table, vector.expand_as(table), dim=1, eps=1e-30)
    return ranked(vectors, similarities, n, exclude, largest=True)


def analogy(vectors, a, b, c, n=1):
    words = {"a": a, "b": b, "c": c}
    for name, word in words.items():
        if vectors.stoi.get(word) is None:
            raise KeyError(f"{name}: {word}")
    a, b, c = (vectors[word] for word in words.values())
    return most_similar(vectors, b - a + c, n, exclude=set(words.values()))
