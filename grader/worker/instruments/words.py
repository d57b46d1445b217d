"""Word vectors."""

import functools
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from grader.worker.instruments.registry import instrument


class WordTable:
    """Word vectors as torchtext offers them: `itos`, `stoi`, `vectors`, `table[word]` (zeros for an unknown word)."""

    def __init__(self, itos: Sequence[str], vectors: Tensor) -> None:
        self.itos, self.vectors = list(itos), vectors
        self.stoi = {word: index for index, word in enumerate(self.itos)}

    def __getitem__(self, word: str) -> Tensor:
        index = self.stoi.get(word)
        return torch.zeros(self.vectors.shape[1]) if index is None else self.vectors[index]

    # Without it, `word in table` would ask for table[0], table[1], … for ever.
    def __contains__(self, word: object) -> bool:
        return word in self.stoi

    def __len__(self) -> int:
        return len(self.itos)


@instrument
def word_table(itos: Sequence[str], vectors: Tensor) -> WordTable:
    """A small table of word vectors; vectors: (V, D)."""
    return WordTable(itos, vectors)


@instrument
@functools.cache
def glove() -> Any:
    """GloVe 6B 50-d, loaded once and shared copy-on-write by all workers."""
    from grader.data.vectors import glove as installed
    from grader.data.vectors import load_glove

    paths = os.environ.get("GRADER_GLOVE")  # set by the sandbox, where only these two files are seen
    return load_glove(*map(Path, paths.split(os.pathsep))) if paths else installed()
