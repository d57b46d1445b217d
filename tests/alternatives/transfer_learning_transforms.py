"""torchvision's transforms and an nn.Sequential; a list of layers takes the place of the last one."""

import torch
import torchvision
from torch import nn
from torchvision.transforms import v2

TRANSFORM = v2.Compose(
    [
        v2.Resize((224, 224), interpolation=v2.InterpolationMode.BILINEAR, antialias=True),
        v2.Normalize(mean=[0.485, 0.456, 0.406], std=[0.229, 0.224, 0.225]),
    ]
)


def preprocess(images):
    return TRANSFORM(images)


def extract_features(alexnet, images):
    flags = {name: part.training for name, part in alexnet.named_modules()}
    alexnet.features.eval()
    try:
        with torch.inference_mode():
            out = alexnet.features(images.to(next(alexnet.parameters()).device))
    finally:
        for name, part in alexnet.named_modules():
            part.training = flags[name]
    return out.clone()


class AlexNetClassifier(nn.Sequential):
    def __init__(self, num_classes, hidden_size=32):
        super().__init__(
            nn.Flatten(), nn.Linear(9216, hidden_size), nn.ReLU(inplace=True), nn.Linear(hidden_size, num_classes)
        )


def build_finetune_model(num_classes, weights=None):
    model = torchvision.models.alexnet(weights=weights)
    for parameter in model.features.parameters():
        parameter.requires_grad = False
    *layers, _ = model.classifier
    model.classifier = nn.Sequential(*layers, nn.Linear(4096, num_classes))
    return model
