"""Word search in NumPy: stable sorting of plain arrays."""

import numpy as np


def array(tensor):
    return tensor.detach().cpu().numpy()


def pair(a, b):
    a, b = array(a).astype(np.float64), array(b).astype(np.float64)
    if a.shape != b.shape:
        raise ValueError(f"a {a.shape} and b {b.shape} have different lengths")
    return a, b


def query(vectors, vector, n):
    if not isinstance(n, (int, np.integer)):
        raise TypeError("n must be an int")
    if n < 1:
        raise ValueError("n must be 1 or more")
    table, point = array(vectors.vectors), array(vector)
    if point.shape != (table.shape[1],):
        raise ValueError(f"vector must have {table.shape[1]} numbers")
    return table, point


def pick(vectors, keys, scores, n, exclude):
    order = np.argsort(keys, kind="stable")
    skip = np.array([vectors.stoi[word] for word in set(exclude) if word in vectors.stoi], dtype=order.dtype)
    head = order[: n + len(skip)]
    head = head[~np.isin(head, skip)][:n]
    return [(vectors.itos[i], float(scores[i])) for i in head]


def euclidean_distance(a, b):
    a, b = pair(a, b)
    return float(np.sqrt(np.sum((a - b) ** 2)))


def cosine_similarity(a, b):
    a, b = pair(a, b)
    length = np.linalg.norm(a) * np.linalg.norm(b)
    if length == 0:
        raise ValueError("neither a nor b may be zero")
    return float(np.dot(a, b) / length)


def closest_words(vectors, vector, n=5, exclude=()):
    table, point = query(vectors, vector, n)
    distances = np.linalg.norm(table - point, axis=1)
    return pick(vectors, distances, distances, n, exclude)


def most_similar(vectors, vector, n=5, exclude=()):
    table, point = query(vectors, vector, n)
    if np.count_nonzero(point) == 0:
        raise ValueError("vector must not be zero")
    lengths = np.linalg.norm(table, axis=1)
    products = (table * (point / np.linalg.norm(point))).sum(axis=1)
    similarities = np.divide(products, lengths, out=np.zeros_like(products), where=lengths > 0)
    return pick(vectors, -similarities, similarities, n, exclude)


def analogy(vectors, a, b, c, n=1):
    unknown = [word for word in (a, b, c) if word not in vectors.stoi]
    if unknown:
        raise KeyError(unknown[0])
    return most_similar(vectors, vectors[c] + (vectors[b] - vectors[a]), n, {a, b, c})
