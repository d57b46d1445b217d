"""Finding images that look alike.

A network that has learnt to tell a thousand things apart turns an image into numbers that stand for what is in it. Two
images with like content get vectors that point the same way, so a search is a matter of angles: scale every vector to
length 1, and the product with the query is the cosine of the angle to each of them. One matrix-vector product searches
the whole collection, if the rows are scaled once, when the index is built, and not at every query.

Your task: embed images by a model, build an index of the embeddings, and search it. Embedding is measuring: it runs in
eval mode, without gradients, and leaves the model as it found it.
"""

import torch
from torch import Tensor, nn


### BEGIN SOLUTION
def _check_count(name, count, at_least):
    if not isinstance(count, int):
        raise TypeError(f"{name} is an int, not {count!r}")
    if count < at_least:
        raise ValueError(f"{name} is at least {at_least}, not {count}")


def _device_of(model):
    """Where the model's numbers are; the CPU for a model without any."""
    numbers = [*model.parameters(), *model.buffers()]
    return numbers[0].device if numbers else torch.device("cpu")


def _unit_rows(rows):
    lengths = torch.linalg.vector_norm(rows, dim=-1, keepdim=True)
    return rows / lengths.where(lengths > 0, 1)  # a row of zeros has no direction, and stays


### END SOLUTION


@torch.no_grad()
def embed(model: nn.Module, images: Tensor, batch_size: int = 64) -> Tensor:
    """What the model makes of each image, as a row of length 1.

    model: takes a batch of images (N, C, H, W) and gives (N, …), on any device; images: (N, C, H, W), N ≥ 1;
    batch_size: ≥ 1, so many images at most are given to the model at once.
    Runs in eval mode and without gradients. Afterwards every submodule is in the mode in which it was before, also if
    the model raises.

    Returns (N, D): the outputs, flattened. A row of zeros stays one. Raises ValueError if there are no images or
    batch_size is below 1, TypeError for a batch_size that is no int.
    """
    ### BEGIN SOLUTION
    _check_count("batch_size", batch_size, at_least=1)
    if len(images) == 0:
        raise ValueError("images is empty")
    device = _device_of(model)
    modes = [(module, module.training) for module in model.modules()]
    try:
        model.eval()
        outputs = [model(few.to(device)).flatten(start_dim=1) for few in images.split(batch_size)]  # each (n, D)
    finally:
        for module, mode in modes:
            module.training = mode
    return _unit_rows(torch.cat(outputs))
    ### END SOLUTION


class ImageIndex:
    """An index of embeddings, for searches by cosine similarity."""

    def __init__(self, embeddings: Tensor) -> None:
        """embeddings: (N, D), rows of any length; they stay as they are."""
        ### BEGIN SOLUTION
        self.rows = _unit_rows(embeddings)
        ### END SOLUTION

    def query(self, embedding: Tensor, k: int = 20) -> tuple[Tensor, Tensor]:
        """The k rows most similar to an embedding (D,) of any length, the most similar first.

        k: ≥ 1; a k larger than the index gives all rows. Rows with equal similarities come in the order of their
        indices. A row of zeros has similarity 0.
        Returns indices (k,) int64 and cosine similarities (k,). Raises ValueError for a k below 1, TypeError for one
        that is no int.
        """
        ### BEGIN SOLUTION
        _check_count("k", k, at_least=1)
        similarities = self.rows @ _unit_rows(embedding).to(self.rows.device)  # (N, D) · (D,) → (N,)
        # topk leaves the order of equals open, a stable sort does not.
        similarities, indices = similarities.sort(descending=True, stable=True)
        return indices[:k], similarities[:k]
        ### END SOLUTION


def search(model: nn.Module, query_image: Tensor, images: Tensor, k: int = 20) -> Tensor:
    """The indices (k,) int64 of the images (N, C, H, W) that are most like the query_image (C, H, W), best first.

    Both are embedded by the model, as `embed` does. If the query is one of the images, it is found as well. k: as for
    `ImageIndex.query`.
    """
    ### BEGIN SOLUTION
    index = ImageIndex(embed(model, images))
    indices, _ = index.query(embed(model, query_image.unsqueeze(0))[0], k)
    return indices
    ### END SOLUTION
