"""Both networks as lists of layers."""

from torch import nn


class ANN_MNISTClassifier(nn.Sequential):
    def __init__(self):
        super().__init__(
            nn.Flatten(), nn.Linear(784, 50), nn.ReLU(), nn.Linear(50, 20), nn.ReLU(inplace=True), nn.Linear(20, 10)
        )


class CNN_MNISTClassifier(nn.Module):
    def __init__(self):
        super().__init__()
        block = lambda before, after: [nn.Conv2d(before, after, (5, 5)), nn.ReLU(), nn.MaxPool2d((2, 2), stride=2)]
        self.eyes = nn.Sequential(*block(1, 5), *block(5, 10))
        self.brain = nn.Sequential(nn.Linear(160, 32), nn.ReLU(), nn.Linear(32, 10))

    def forward(self, batch):
        seen = self.eyes(batch)
        return self.brain(seen.reshape(seen.size(0), 160))
