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
    # Your code here.
    raise NotImplementedError("euclidean_distance is not implemented yet")


def cosine_similarity(a: Tensor, b: Tensor) -> float:
    """The cosine of the angle between a and b: a·b / (|a| |b|), in [-1, 1].

    a, b: (D,). Raises ValueError if their lengths differ, or if one of them is zero, as it then has no direction.
    """
    # Your code here.
    raise NotImplementedError("cosine_similarity is not implemented yet")


def closest_words(vectors, vector: Tensor, n: int = 5, exclude: Collection[str] = ()) -> list[tuple[str, float]]:
    """The n words closest to a point, as (word, Euclidean distance), the closest first.

    vector: (D,); n: ≥ 1, with fewer words left all of them are returned; exclude: words to leave out.
    Words at the same distance keep the order of `itos`. The distances are exact to 1e-5.
    Raises ValueError for a vector of another length or an n below 1, TypeError for an n that is no int.
    """
    # Your code here.
    raise NotImplementedError("closest_words is not implemented yet")


def most_similar(vectors, vector: Tensor, n: int = 5, exclude: Collection[str] = ()) -> list[tuple[str, float]]:
    """The n words in the direction closest to a vector's, as (word, cosine similarity), the most similar first.

    vector: (D,), not zero; n and exclude as in closest_words. A word whose row is zero has the similarity 0. Equally
    similar words keep the order of `itos`.
    Raises ValueError for a zero vector, one of another length or an n below 1, TypeError for an n that is no int.
    """
    # Your code here.
    raise NotImplementedError("most_similar is not implemented yet")


def analogy(vectors, a: str, b: str, c: str, n: int = 1) -> list[tuple[str, float]]:
    """a is to b as c is to what? The n words most similar to b - a + c, other than the three, as in most_similar.

    Raises KeyError with the word for an unknown one.
    """
    # Your code here.
    raise NotImplementedError("analogy is not implemented yet")
