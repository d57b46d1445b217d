"""A small net with the forward pass of a variational autoencoder, without its noise: the judge can replay its steps."""

import torch
from torch import Tensor, nn

from grader.worker.instruments.nets import Recorder
from grader.worker.instruments.registry import instrument


class LatentNet(nn.Module):
    """x → (reconstructions (N, 784), means, log-variances); a dropout of rate `drop` lies before its last layer."""

    def __init__(self, hidden: int, zdim: int, drop: float) -> None:
        super().__init__()
        self.recorder = Recorder()
        self.encoder = nn.Linear(784, hidden)
        self.mean, self.logvar = nn.Linear(hidden, zdim), nn.Linear(hidden, zdim)
        self.decoder = nn.Linear(zdim, 784)
        self.dropout = nn.Dropout(drop)

    def __getitem__(self, index: int) -> Recorder:
        return self.recorder

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """x: (N, 1, 28, 28) or (N, 784)."""
        hidden = torch.tanh(self.encoder(self.recorder(x).flatten(1)))
        mu, logvar = self.mean(hidden), self.logvar(hidden)
        return torch.sigmoid(self.decoder(self.dropout(mu))), mu, logvar


@instrument
def latent_net(hidden: int = 6, zdim: int = 3, drop: float = 0.0) -> LatentNet:
    """A new one."""
    return LatentNet(hidden, zdim, drop)
