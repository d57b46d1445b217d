"""Pictures of what came back: made by a check on the trusted side from the evidence, kept beside the marks.

They change no mark: what cannot be drawn is left out. Those of hidden checks go to the instructor alone.
"""

import html
import io
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import torch
from torch import Tensor

from grader.checks.expectations import TRAIL
from grader.gradebook.models import Picture

LARGEST, MOST = 1_000_000, 4  # bytes of a picture, pictures of a check


def show_images(name: str, *rows: Tensor) -> None:
    """A row of images below the other; rows: (N, C, H, W) or (N, 784), values in [0, 1], the first 10 of each."""

    def drawn() -> bytes:
        from PIL import Image
        from torchvision.utils import make_grid

        images = [_as_images(row) for row in rows]
        grid = make_grid(torch.cat(images), nrow=len(images[0]), padding=2, pad_value=1.0)
        scale = max(1, 56 // images[0].shape[-1])
        enlarged = grid.repeat_interleave(scale, dim=1).repeat_interleave(scale, dim=2)
        file = io.BytesIO()
        Image.fromarray((enlarged * 255).byte().permute(1, 2, 0).numpy()).save(file, "png")
        return file.getvalue()

    _keep(name, "png", drawn)


def show_curves(name: str, curves: dict[str, Sequence[float]]) -> None:
    """Curves over their positions, on one scale."""
    _keep(name, "svg", lambda: _curves(curves).encode())


def show_table(name: str, rows: Sequence[tuple[str, Any]]) -> None:
    """Lines of a name and a value."""
    _keep(name, "txt", lambda: "".join(f"{str(key)[:60]:<24} {value}\n" for key, value in rows[:40]).encode())


def _keep(name: str, kind: str, draw: Callable[[], bytes]) -> None:
    trail = TRAIL.get(None)
    if trail is None or len(trail.pictures) >= MOST:
        return
    with suppress(Exception):  # whatever came back, a picture takes no mark
        content = draw()
        if len(content) <= LARGEST:
            trail.pictures.append(Picture(name, kind, content))


def _as_images(row: Tensor) -> Tensor:
    """(N, 3, H, W) float32, at most 10, and no larger than 56 pixels."""
    images = row.detach()[:10].float().nan_to_num().clamp(0, 1)
    images = images.view(-1, 1, 28, 28) if images.dim() == 2 else images
    if images.shape[-1] > 56:
        images = torch.nn.functional.interpolate(images, size=(56, 56), mode="area")
    return images.expand(-1, 3, -1, -1)


def _curves(curves: dict[str, Sequence[float]]) -> str:
    width, height, colours = 480, 180, ("#3b7dd8", "#d1495b", "#2a9d5c", "#8a5ad6")
    values = [float(value) for curve in curves.values() for value in curve]
    low, high = min(values), max(values)
    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width + 90}" height="{height + 20}" font-size="12">']
    for number, (name, curve) in enumerate(curves.items()):
        places = [
            (40 + width * at / max(len(curve) - 1, 1), 10 + height * (high - float(value)) / ((high - low) or 1))
            for at, value in enumerate(curve)
        ]
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
        colour = colours[number % len(colours)]
        lines.append(f'<polyline fill="none" stroke="{colour}" stroke-width="1.5" points="{points}"/>')
        lines.append(f'<text x="{width + 44}" y="{24 + 16 * number}" fill="{colour}">{html.escape(name[:12])}</text>')
    lines += [f'<text x="2" y="16">{high:.3g}</text>', f'<text x="2" y="{height + 10}">{low:.3g}</text>', "</svg>"]
    return "\n".join(lines) + "\n"
