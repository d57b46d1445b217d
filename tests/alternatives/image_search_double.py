"""Similarities in double precision, divided by both lengths at the query; the order comes from NumPy's lexsort."""

import numpy as np
import torch


def embed(model, images, batch_size=64):
    if type(batch_size) is not int or batch_size < 1:
        raise ValueError(f"batch_size must be a positive integer, got {batch_size!r}")
    states = {name: part.training for name, part in model.named_modules()}
    place = next((p.device for p in model.parameters()), torch.device("cpu"))
    rows = []
    try:
        for part in model.modules():
            part.training = False
        with torch.inference_mode():
            for start in range(0, images.shape[0], batch_size):
                out = model(images[start : start + batch_size].to(place))
                rows.append(out.reshape(out.shape[0], -1).cpu().clone())
    finally:
        for name, part in model.named_modules():
            part.training = states[name]
    rows = torch.cat(rows)
    lengths = rows.pow(2).sum(1, keepdim=True).sqrt()
    return torch.where(lengths > 0, rows / lengths, rows)


class ImageIndex:
    def __init__(self, embeddings):
        self.table = embeddings.detach().cpu().double().numpy()
        self.lengths = np.sqrt((self.table**2).sum(axis=1))

    def query(self, embedding, k=20):
        if not isinstance(k, int):
            raise TypeError("k must be an integer")
        if k < 1:
            raise ValueError("k must be positive")
        vector = embedding.detach().cpu().double().numpy()
        lengths = self.lengths * np.sqrt((vector**2).sum())
        scores = np.divide(self.table @ vector, lengths, out=np.zeros(len(lengths)), where=lengths > 0)
        order = np.lexsort((np.arange(len(scores)), -scores))[:k]
        return torch.from_numpy(order.astype(np.int64)), torch.from_numpy(scores[order]).float()


def search(model, query_image, images, k=20):
    query = embed(model, query_image[None])
    return ImageIndex(embed(model, images)).query(query[0], k)[0]
