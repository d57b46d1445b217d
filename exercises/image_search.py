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
    # Your code here.
    raise NotImplementedError("embed is not implemented yet")


class ImageIndex:
    """An index of embeddings, for searches by cosine similarity."""

    def __init__(self, embeddings: Tensor) -> None:
        """embeddings: (N, D), rows of any length; they stay as they are."""
        # Your code here.
        raise NotImplementedError("ImageIndex.__init__ is not implemented yet")

    def query(self, embedding: Tensor, k: int = 20) -> tuple[Tensor, Tensor]:
        """The k rows most similar to an embedding (D,) of any length, the most similar first.

        k: ≥ 1; a k larger than the index gives all rows. Rows with equal similarities come in the order of their
        indices. A row of zeros has similarity 0.
        Returns indices (k,) int64 and cosine similarities (k,). Raises ValueError for a k below 1, TypeError for one
        that is no int.
        """
        # Your code here.
        raise NotImplementedError("ImageIndex.query is not implemented yet")


def search(model: nn.Module, query_image: Tensor, images: Tensor, k: int = 20) -> Tensor:
    """The indices (k,) int64 of the images (N, C, H, W) that are most like the query_image (C, H, W), best first.

    Both are embedded by the model, as `embed` does. If the query is one of the images, it is found as well. k: as for
    `ImageIndex.query`.
    """
    # Your code here.
    raise NotImplementedError("search is not implemented yet")
