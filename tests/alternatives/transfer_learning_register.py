"""A buffer of constants, a tensor resized by torchvision's functional API, and a last layer replaced by setattr."""

import torch
from torch import nn
from torchvision.models import AlexNet, AlexNet_Weights, alexnet
from torchvision.transforms import functional


class _Prepare(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("shift", torch.tensor([0.485, 0.456, 0.406])[None, :, None, None])
        self.register_buffer("scale", torch.tensor([0.229, 0.224, 0.225])[None, :, None, None])

    def forward(self, x):
        x = functional.resize(x, [224, 224], antialias=False)
        return x.sub(self.shift).div(self.scale)


def preprocess(images):
    return _Prepare()(images)


def extract_features(alexnet, images):
    was = [m.training for m in alexnet.modules()]
    grad = torch.is_grad_enabled()
    try:
        torch.set_grad_enabled(False)
        alexnet.train(False)
        where = next(p.device for p in alexnet.features.parameters())
        return torch.cat([alexnet.features(few) for few in images.to(where).split(32)])
    finally:
        torch.set_grad_enabled(grad)
        for m, flag in zip(alexnet.modules(), was):
            m.training = flag


class AlexNetClassifier(nn.Module):
    def __init__(self, num_classes, hidden_size=32, *, dropout=0.0):
        super().__init__()
        self.hidden = nn.Linear(256 * 36, hidden_size)
        self.drop = nn.Dropout(dropout)
        self.out = nn.Linear(hidden_size, num_classes)

    def forward(self, features):
        return self.out(self.drop(torch.relu(self.hidden(torch.flatten(features, start_dim=1)))))


def build_finetune_model(num_classes, weights=None):
    if weights is None:
        model = AlexNet(num_classes=num_classes)
    else:
        model = alexnet(weights=AlexNet_Weights.verify(weights))
        setattr(model.classifier, "6", nn.Linear(4096, num_classes))
    model.requires_grad_(False)
    model.classifier.requires_grad_(True)
    return model
