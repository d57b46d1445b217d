"""An index that is an nn.Module with a buffer; the best are taken by topk, and ties are put in order afterwards."""

import torch
from torch import nn


def embed(model, images, batch_size=64):
    count(batch_size=batch_size)
    before = [part.training for part in model.modules()]
    where = [*model.parameters(), *model.buffers(), torch.empty(0)][0].device
    try:
        model.train(mode=False)
        out = None
        with torch.set_grad_enabled(False):
            for begin in range(0, len(images), batch_size):
                got = model(images[begin : begin + batch_size].to(where)).detach()
                got = got.view(got.size(0), got[0].numel())
                if out is None:
                    out = got.new_zeros(len(images), got.size(1))
                out[begin : begin + batch_size] = got
    finally:
        for part, flag in zip(model.modules(), before):
            part.training = flag
    return Unit()(out)


def count(**values):
    for name, value in values.items():
        if isinstance(value, (float, str)) or value is None:
            raise TypeError(f"`{name}` is a whole number")
        if value < 1:
            raise ValueError(f"`{name}` is 1 at least")


class Unit(nn.Module):
    def forward(self, rows):
        scale = rows.abs().amax(dim=-1, keepdim=True)
        scaled = rows / scale.masked_fill(scale == 0, 1.0)
        return scaled / scaled.norm(dim=-1, keepdim=True).clamp_min(0.5)


class ImageIndex(nn.Module):
    def __init__(self, embeddings):
        super().__init__()
        self.register_buffer("unit", Unit()(embeddings))

    @torch.no_grad()
    def query(self, embedding, k=20):
        count(k=k)
        scores = (self.unit * Unit()(embedding)).sum(dim=1)
        k = min(k, len(scores))
        worst = scores.topk(k).values[-1]
        candidates = (scores >= worst).nonzero().flatten()
        ranked = sorted(zip((-scores[candidates]).tolist(), candidates.tolist()))[:k]
        indices = torch.tensor([index for _, index in ranked])
        return indices, scores[indices]


def search(model, query_image, images, k=20):
    count(k=k)
    index = ImageIndex(embed(model, images))
    return index.query(embed(model, torch.stack([query_image]))[0], k=k)[0]
