"""Normalisation written out, batches of features one image at a time, a classifier of bare parameters."""

import math

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torchvision import models


def preprocess(images: Tensor) -> Tensor:
    if images.shape[-2:] != (224, 224):
        images = F.interpolate(images, (224, 224), mode="bilinear", align_corners=False)
    planes = []
    for plane, mean, std in zip(images.unbind(dim=1), (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)):
        planes.append(plane / std - mean / std)
    return torch.stack(planes, dim=1)


class _Quiet:
    def __init__(self, model: nn.Module) -> None:
        self.states = [(part, part.training) for part in model.modules()]

    def __enter__(self) -> None:
        for part, _ in self.states:
            part.training = False

    def __exit__(self, *_: object) -> None:
        for part, flag in self.states:
            part.training = flag


@torch.no_grad()
def extract_features(alexnet: nn.Module, images: Tensor) -> Tensor:
    device = next(iter(alexnet.features.parameters())).device
    with _Quiet(alexnet):
        return torch.cat([alexnet.features(image[None].to(device)) for image in images])


class AlexNetClassifier(nn.Module):
    def __init__(self, num_classes: int, hidden_size: int = 32) -> None:
        super().__init__()
        shapes = [(hidden_size, 9216), (hidden_size,), (num_classes, hidden_size), (num_classes,)]
        self.values = nn.ParameterList(nn.Parameter(torch.randn(shape) / math.sqrt(shape[-1])) for shape in shapes)

    def forward(self, features: Tensor) -> Tensor:
        w1, b1, w2, b2 = self.values
        x = features.reshape(len(features), -1)
        return (x @ w1.T + b1).clamp(min=0) @ w2.T + b2


def build_finetune_model(num_classes: int, weights=None) -> nn.Module:
    model = models.get_model("alexnet", weights=weights)
    last = model.classifier[6]
    model.classifier[6] = nn.Linear(last.in_features, num_classes, bias=last.bias is not None)
    for name, parameter in model.named_parameters():
        parameter.requires_grad_(name.startswith("classifier"))
    return model
