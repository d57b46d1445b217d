"""Words as points in space.

GloVe (Pennington et al., 2014) gives each word a vector, learnt from the company that the word keeps. Words used alike
lie close together, and some differences have a meaning of their own: king - man + woman ends up near queen (found by
Mikolov et al., "Linguistic regularities in continuous space word representations", 2013). The vectors learn people's
prejudices along with their language: the same step leads from doctor to nurse, but not back.

Your task: measure distances and angles between vectors, and search a vocabulary by them. The table has 400,000 rows, so
let torch work on all of them at once: a Python loop over the words takes a hundred times as long.

`vectors` stands for a table of V words with D features: `vectors.itos` lists the words, `vectors.stoi` maps each word
to its row, `vectors.vectors` is the table (V, D), and `vectors[word]` is one row (D,). A word is known if it is in
`stoi`, spelt as given. None of the functions changes `vectors`.
"""

from collections.abc import Collection

import torch
from torch import Tensor


def euclidean_distance(a: Tensor, b: Tensor) -> float:
    """The length of a - b: the root of the sum over i of (a_i - b_i)².

    a, b: (D,). Raises ValueError if their lengths differ.
    """
    ### BEGIN SOLUTION
    _check_lengths(a, b)
    return torch.linalg.vector_norm(a.double() - b.double()).item()
    ### END SOLUTION


def cosine_similarity(a: Tensor, b: Tensor) -> float:
    """The cosine of the angle between a and b: a·b / (|a| |b|), in [-1, 1].

    a, b: (D,). Raises ValueError if their lengths differ, or if one of them is zero, as it then has no direction.
    """
    ### BEGIN SOLUTION
    _check_lengths(a, b)
    a, b = a.double(), b.double()
    if not a.any() or not b.any():
        raise ValueError("a or b is a zero vector")
    return (a @ b / (a.norm() * b.norm())).item()
    ### END SOLUTION


def closest_words(vectors, vector: Tensor, n: int = 5, exclude: Collection[str] = ()) -> list[tuple[str, float]]:
    """The n words closest to a point, as (word, Euclidean distance), the closest first.

    vector: (D,); n: ≥ 1, with fewer words left all of them are returned; exclude: words to leave out.
    Words at the same distance keep the order of `itos`. The distances are exact to 1e-5.
    Raises ValueError for a vector of another length or an n below 1, TypeError for an n that is no int.
    """
    ### BEGIN SOLUTION
    _check_query(vectors, vector, n)
    # |a|² - 2 a·b + |b|² would be faster, but subtracts large numbers that are almost equal.
    pieces = vectors.vectors.split(10_000)  # small enough for the processor's cache
    distances = torch.cat([(rows - vector).square().sum(dim=1).sqrt() for rows in pieces])  # (V,)
    return _first(vectors, distances, distances.argsort(stable=True), n, exclude)
    ### END SOLUTION


def most_similar(vectors, vector: Tensor, n: int = 5, exclude: Collection[str] = ()) -> list[tuple[str, float]]:
    """The n words in the direction closest to a vector's, as (word, cosine similarity), the most similar first.

    vector: (D,), not zero; n and exclude as in closest_words. A word whose row is zero has the similarity 0. Equally
    similar words keep the order of `itos`.
    Raises ValueError for a zero vector, one of another length or an n below 1, TypeError for an n that is no int.
    """
    ### BEGIN SOLUTION
    _check_query(vectors, vector, n)
    if not vector.any():
        raise ValueError("vector is zero and has no direction")
    unit = vector / vector.norm()
    pieces = vectors.vectors.split(10_000)
    # A matrix product would be faster, but may round equal rows differently: they would lose their order.
    products = torch.cat([(rows * unit).sum(dim=1) for rows in pieces])  # (V,)
    lengths = torch.cat([rows.square().sum(dim=1).sqrt() for rows in pieces])
    similarities = products / lengths.where(lengths > 0, 1)
    return _first(vectors, similarities, similarities.argsort(descending=True, stable=True), n, exclude)
    ### END SOLUTION


def analogy(vectors, a: str, b: str, c: str, n: int = 1) -> list[tuple[str, float]]:
    """a is to b as c is to what? The n words most similar to b - a + c, other than the three, as in most_similar.

    Raises KeyError with the word for an unknown one.
    """
    ### BEGIN SOLUTION
    for word in (a, b, c):
        if word not in vectors.stoi:  # some tables answer zeros for an unknown word
            raise KeyError(f"no vector for the word {word!r}")
    vector = vectors[b] - vectors[a] + vectors[c]
    return most_similar(vectors, vector, n, exclude=(a, b, c))
    ### END SOLUTION


### BEGIN SOLUTION
def _first(vectors, scores, order, n, exclude):
    """The first n words of an order of the rows, with their scores."""
    left_out = {vectors.stoi[word] for word in exclude if word in vectors.stoi}
    rows = [row for row in order[: n + len(left_out)].tolist() if row not in left_out][:n]
    return [(vectors.itos[row], scores[row].item()) for row in rows]


def _check_lengths(a, b):
    if a.shape != b.shape:
        raise ValueError(f"a has {len(a)} numbers and b has {len(b)}")


def _check_query(vectors, vector, n):
    if vector.shape != vectors.vectors.shape[1:]:
        raise ValueError(f"vector has {len(vector)} numbers, those of the table {vectors.vectors.shape[1]}")
    if not isinstance(n, int):
        raise TypeError(f"n is an int, not {n!r}")
    if n < 1:
        raise ValueError(f"n is at least 1, not {n}")


### END SOLUTION
