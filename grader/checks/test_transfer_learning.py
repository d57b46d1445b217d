"""Checks of exercise `transfer_learning`: AlexNet as feature extractor.

AlexNet is large, so `extract_features` meets a small network with `.features`, and the fine-tuned model is built only
where nothing smaller can stand for it. Both sides fill it with the same numbers, which need not be sent.
"""

import functools
from typing import Any

import torch
from torch import nn
from torch.nn.functional import cross_entropy

from grader.checks import check, expect, layered, probes
from grader.worker.instruments.large_nets import fill_parameters

MEAN, STD = (torch.tensor(values).view(3, 1, 1) for values in ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)))
STAND_IN = [["AvgPool2d", 37], ["Conv2d", 3, 256, 1], ["Tanh"]]  # (N, 3, 224, 224) → (N, 256, 6, 6)
DROPPED = [STAND_IN[0], ["Dropout", 0.5], *STAND_IN[1:], ["Dropout", 1.0]]
FEATURES = (256, 6, 6)
ALEXNET = [
    *[[64, 3, 11, 11], [64], [192, 64, 5, 5], [192], [384, 192, 3, 3], [384], [256, 384, 3, 3], [256]],
    *[[256, 256, 3, 3], [256], [4096, 9216], [4096], [4096, 4096], [4096]],
]
FROZEN = 10  # parameters of .features
CLASSES, SEED = 7, 2012


def warm():
    """Load the photos' features and build the judge's AlexNet before judges are forked."""
    from grader.data.photos import photo_features

    photo_features()
    filled_alexnet()


@functools.cache
def filled_alexnet():
    """The judge's own AlexNet, with the numbers that the student's gets."""
    from torchvision.models import alexnet

    with torch.device("meta"):  # its own first numbers are not needed
        model = alexnet(num_classes=CLASSES)
    model = model.to_empty(device="cpu").eval()
    fill_parameters(model, SEED)
    return model


def classifier(classes, hidden=32):
    """AlexNetClassifier as a description."""
    return [["Flatten"], ["Linear", 9216, hidden], ["ReLU"], ["Linear", hidden, classes]]


# --- preprocess


@check(points=1, goal="preparation")
def test_images_are_normalised(student, draw):
    """preprocess subtracts ImageNet's mean and divides by its standard deviation, channel by channel."""
    images = torch.rand(2, 3, 224, 224, generator=draw.generator("images"))
    for given in (images, images[:1]):
        got = student.call("preprocess", given)
        hint = "The means are 0.485, 0.456, 0.406, the deviations 0.229, 0.224, 0.225, for red, green and blue."
        expect(got, "224 × 224 images, which need no resize").shape(*given.shape)
        expect(got, "224 × 224 images, which need no resize", hint).close((given - MEAN) / STD, atol=2e-5)


@check(points=1, goal="preparation", after=test_images_are_normalised)
def test_images_are_resized(student):
    """preprocess gives (N, 3, 224, 224) for images of any size and shape."""
    for size in ((96, 96), (300, 180), (224, 225), (20, 240)):
        colours = torch.tensor([[0.1, 0.5, 0.9], [1.0, 0.0, 0.3]])
        images = colours[:, :, None, None].expand(2, 3, *size).contiguous()
        got = student.call("preprocess", images)
        hint = "Both sides become 224, whatever they were: nothing is cut off."
        expect(got, f"images of {size[0]} × {size[1]}", hint).shape(2, 3, 224, 224)
        wanted = ((colours[:, :, None, None] - MEAN) / STD).expand(2, 3, 224, 224)
        hint = "Bilinear resizing keeps an image of one colour as it is."
        expect(got, f"images of one colour, {size[0]} × {size[1]}", hint).close(wanted, atol=1e-4)


@check(points=0.5, goal="preparation", hidden=True, after=test_images_are_resized, recipe="any images and sizes")
def test_any_images_are_prepared(student, draw):
    """preprocess is right for any image, and keeps the whole of it in view."""
    rng = draw.random()
    images = torch.rand(1, 3, 224, 224, generator=draw.generator("images"))
    got = student.call("preprocess", images)
    expect(got, "a 224 × 224 image").shape(1, 3, 224, 224).close((images - MEAN) / STD, atol=2e-5)
    height, width = rng.randint(100, 400), rng.randint(100, 400)
    images = torch.zeros(1, 3, height, width)
    images[:, :, : height // 2] += 0.5
    images[:, :, :, : width // 2] += 0.5  # four quarters of one colour each
    got = student.call("preprocess", images)
    expect(got, "an image of four quarters").shape(1, 3, 224, 224)
    for row, column, value in ((95, 95, 1.0), (95, 129, 0.5), (129, 95, 0.5), (129, 129, 0.0)):
        wanted = ((value - MEAN) / STD).flatten()
        expect(got[0, :, row, column], "a pixel inside a quarter").close(wanted, atol=1e-3)


# --- extract_features


@check(points=1, goal="features")
def test_features_come_from_dot_features(student, draw):
    """extract_features gives what `.features` makes of the images, and calls nothing else of the network."""
    images, weights = _images(draw, 3), probes.starting_weights(STAND_IN, draw)
    for given in (images, images[:1]):
        got = student.call("extract_features", _stand_in(student, STAND_IN, weights), given)
        hint = "The images are preprocessed already: give them to alexnet.features as they are."
        _features(got, weights, given, hint)


@check(points=1, goal="features", hidden=True, after=test_features_come_from_dot_features, recipe="any net and images")
def test_any_features(student, draw):
    """extract_features is right for any network and images."""
    for number in range(2):
        images, weights = _images(draw, 2, f"{number}"), probes.starting_weights(STAND_IN, draw, f"net {number}")
        _features(student.call("extract_features", _stand_in(student, STAND_IN, weights), images), weights, images)


@check(points=1, goal="modes", after=test_features_come_from_dot_features)
def test_features_in_eval_mode(student, draw):
    """extract_features runs in eval mode: dropout does nothing there."""
    images, weights = _images(draw, 2), probes.starting_weights(STAND_IN, draw)
    model = _stand_in(student, DROPPED, weights)
    student.tool("set_modes", model, [True] * len(student.tool("modes", model)))
    hint = "Call alexnet.eval() before the features are computed."
    _features(student.call("extract_features", model, images), weights, images, hint)


@check(points=0.5, goal="modes", observed=True, after=test_features_come_from_dot_features)
def test_the_modes_are_restored(student, draw):
    """After extract_features every submodule has the mode that it had before, also when `.features` raises."""
    images = _images(draw, 1)
    model = student.make("featured", [["Tripwire", 4], *DROPPED])
    count = len(student.tool("modes", model))
    for flags in ([True] * count, [False] * count, [number % 3 > 0 for number in range(count)]):
        student.tool("set_modes", model, flags)
        student.call("extract_features", model, images)
        hint = "Note each submodule's `training` before, and write it back after: in `finally`, which errors pass too."
        expect(student.tool("modes", model), "the training flags afterwards", hint).equal(flags)
    raised = student.fails(lambda: student.call("extract_features", model, images))
    expect(raised, "extract_features").satisfies(raised, "the network's own exception to come through", "none")
    expect(student.tool("modes", model), "the training flags after an exception", hint).equal(flags)


@check(points=0.5, goal="features", observed=True, after=test_features_come_from_dot_features)
def test_features_without_gradients(student, draw):
    """extract_features computes without gradients, and leaves torch's gradient mode and the images as they were."""
    images = _images(draw, 1)
    model, kept = student.make("featured", [["GradNote"], *STAND_IN]), student.put(images)
    got = student.call("extract_features", model, kept)
    expect(got, "the features").shape(1, *FEATURES)
    hint = "`with torch.no_grad():`, or @torch.no_grad() above the function."
    expect(got.facts.requires_grad, "requires_grad of the features", hint).equal(False)
    noted = student.tool("layer_notes", student.make("part", model, "features"), 0)
    right = type(noted) is list and bool(noted) and not any(noted)
    expect(noted, "gradients on at each pass", hint).satisfies(right, "off at each", f"{noted}")
    expect(student.tool("global_state")[0], "torch.is_grad_enabled() afterwards").equal(True)
    expect(kept.read(), "the images afterwards").close(images, atol=0)


@check(points=0.5, goal="side effects", after=test_images_are_normalised)
def test_the_images_stay(student, draw):
    """preprocess leaves the images as they were."""
    for size in (224, 100):
        images = torch.rand(1, 3, size, size, generator=draw.generator("images"))
        kept = student.put(images)
        student.call("preprocess", kept)
        hint = "Operations that end in _, and `x -= …`, change the tensor that was given."
        expect(kept.read(), "the images afterwards", hint).close(images, atol=0)


@check(points=0.5, goal="devices", observed=True, after=test_features_come_from_dot_features)
def test_on_a_cuda_device(student, draw):
    """extract_features works on the CUDA device that the network is on."""
    images, weights = _images(draw, 2), probes.starting_weights(STAND_IN, draw)
    model = _stand_in(student, STAND_IN, weights)
    student.tool("virtual_cuda")
    model = student.make("on_device", model, "cuda")
    got = student.call("extract_features", model, images)
    student.leave()
    _features(got, weights, images, "Move the images to the device that the network's parameters are on.")


# --- AlexNetClassifier


@check(points=0.5, goal="layers")
def test_the_classifier_s_layers(student):
    """AlexNetClassifier has the weights and biases of 9216-hidden_size-num_classes; hidden_size is 32 if not said."""
    for arguments, hidden, classes in (((5,), 32, 5), ((3, 8), 8, 3)):
        model = student.new("AlexNetClassifier", *arguments)
        layered.has_parameters(student, model, layered.linear_shapes(9216, hidden, classes))
    model = student.new("AlexNetClassifier", num_classes=2, hidden_size=4)
    layered.has_parameters(student, model, layered.linear_shapes(9216, 4, 2))


@check(points=1, goal="forward pass", after=test_the_classifier_s_layers)
def test_the_classifier_s_logits(student, draw):
    """AlexNetClassifier gives one logit per class for the features of each image, from (N, 256, 6, 6)."""
    features, layers = _maps(draw, 4), classifier(5)
    weights = [3 * value for value in probes.starting_weights(layers, draw)]
    model = layered.with_weights(student, weights, "AlexNetClassifier", 5)
    hint = "A ReLU follows the first layer, and nothing the second: it gives logits."
    for count in (4, 1, 2):
        layered.computes(student, model, layers, weights, features[:count], hint)


@check(points=1, goal="forward pass", hidden=True, after=test_the_classifier_s_logits, recipe="any sizes and weights")
def test_any_classifier(student, draw):
    """For any sizes and weights AlexNetClassifier gives the right logits in either mode, and its gradients."""
    rng = draw.random()
    classes, hidden = rng.randint(2, 20), rng.randint(3, 20)
    features, layers = _maps(draw, 3), classifier(classes, hidden)
    weights = [2 * value for value in probes.starting_weights(layers, draw)]
    model = layered.with_weights(student, weights, "AlexNetClassifier", classes, hidden)
    layered.has_gradients(student, model, layers, weights, features, draw)
    model.keep("train")
    layered.computes(student, model, layers, weights, features)


@check(points=0.5, goal="shapes", after=test_the_classifier_s_logits)
def test_images_are_kept_apart(student):
    """Given any other shape, AlexNetClassifier raises, or gives one row for each entry of dimension 0."""
    layered.keeps_rows(student, student.new("AlexNetClassifier", 3), [(2, 128, 6, 6), (1, 256, 12, 6), (2, 256, 6, 3)])


@check(points=2, goal="learning", hidden=True, learning=True, after=test_any_classifier, seconds=60,
       recipe="a pretrained CNN's features of 270 crops of nine photos, the classes renamed")  # fmt: skip
def test_the_classifier_learns_photos(student, oracle, draw):
    """Trained on the features of 180 real photos, your AlexNetClassifier classifies held-out ones."""
    from grader.data.photos import photo_features

    features, labels = photo_features()
    order = torch.randperm(len(labels), generator=draw.generator("split"))
    labels = torch.randperm(9, generator=draw.generator("classes"))[labels]
    taught, held_out = order[:180], order[180:]
    layers, model = classifier(9), student.new("AlexNetClassifier", 9)
    student.tool("set_parameters", model, probes.starting_weights(layers, draw))
    shuffle = draw.generator("batches")
    batches = [batch for _ in range(6) for batch in torch.randperm(180, generator=shuffle).split(30)]
    student.tool("fit", model, features[taught], labels[taught], batches, 0.001)
    trained = probes.twin(layers, layered.fitting(student, layers, model))
    reached = probes.accuracy(trained, features[held_out], labels[held_out])
    smoothed = (90 * reached + 1) / 92  # so that all right is not infinitely better than all but one
    expect(smoothed, "the accuracy on held-out photos").at_least(oracle.threshold("photos"))


# --- build_finetune_model


@check(points=2, goal="fine-tuning", seconds=60)
def test_what_is_frozen(student):
    """build_finetune_model gives AlexNet with a new last layer, `.features` frozen and `.classifier` trainable."""
    model = student.new("build_finetune_model", 5)
    hint = "torchvision.models.alexnet, whose classifier[6] becomes an nn.Linear(4096, num_classes)."
    shapes = student.tool("parameter_shapes", model)
    expect(shapes, "the shapes of the parameters", hint).equal([*ALEXNET, [5, 4096], [5]])
    for name, trainable, count in (("features", False, FROZEN), ("classifier", True, 6)):
        flags = student.tool("requires_grad", student.make("part", model, name))
        hint = "requires_grad_(False) freezes a module; a new layer is trainable, and so are the other two."
        expect(flags, f"requires_grad of the parameters of .{name}", hint).equal([trainable] * count)


@check(points=3, goal="fine-tuning", hidden=True, after=test_what_is_frozen, seconds=60,
       recipe="any images, and AlexNet filled with other weights")  # fmt: skip
def test_a_step_of_fine_tuning(student, draw):
    """The model computes what torchvision's AlexNet does, and a training step changes `.classifier` alone."""
    images, labels = _images(draw, 2), torch.tensor([1, 4])
    model, own = student.new("build_finetune_model", num_classes=CLASSES, weights=None), filled_alexnet()
    shapes = student.tool("parameter_shapes", model)
    expect(shapes, "the shapes of the parameters").equal([*ALEXNET, [CLASSES, 4096], [CLASSES]])
    student.tool("fill_parameters", model, SEED)
    model.keep("eval")
    with torch.no_grad():
        hidden = own.classifier[:-1](own.avgpool(own.features(images)).flatten(1))  # (N, 4096)
        last = nn.Linear(4096, CLASSES)
        for mine, its in zip(last.parameters(), own.classifier[-1].parameters()):
            mine.copy_(its)
    logits = last(hidden)
    got, scale = model(images), float(logits.detach().abs().max())
    expect(got, "the logits, in eval mode").shape(2, CLASSES).close(logits.detach(), atol=1e-3 * scale)
    with torch.enable_grad():
        cross_entropy(last(hidden), labels).backward()
    lr = 0.01
    student.tool("cross_entropy_step", model, images, labels, lr)
    *frozen, first, second, weight, bias = student.tool("some_parameters", model, [*range(FROZEN), 11, 13, 14, 15])
    before = [value.detach() for value in own.parameters()]
    expect(frozen, "the parameters of .features after a step").close(before[:FROZEN], atol=0)
    for value, old in ((first, before[11]), (second, before[13])):
        expect(value, "a bias of .classifier after a step").shape(*old.shape)
        moved = float((value - old).abs().max())
        expect(moved, "how far a bias of .classifier moved").satisfies(moved > 0, "some way")
    for value, parameter in ((weight, last.weight), (bias, last.bias)):
        gradient: Any = parameter.grad
        expect(value, "the last layer after a step").shape(*gradient.shape)
        off = float(((parameter.detach() - value) / lr - gradient).abs().max() / gradient.abs().max())
        expect(off, "how far the step of the last layer differs").at_most(0.02)
    model.keep("train")
    outputs = [model(images) for _ in range(2)]
    differ = all(map(torch.is_tensor, outputs)) and not torch.equal(*outputs)
    expect(differ, "two outputs in train mode").satisfies(differ, "others, as AlexNet has dropout", "the same")


# --- what the checks share


def _images(draw, count, label="images"):
    """Images as preprocess returns them."""
    return torch.randn(count, 3, 224, 224, generator=draw.generator(label))


def _maps(draw, count):
    return torch.randn(count, *FEATURES, generator=draw.generator("features")).relu()


def _stand_in(student, layers, weights):
    model = student.make("featured", layers)
    student.tool("set_parameters", student.make("part", model, "features"), [4 * value for value in weights])
    return model


@torch.no_grad()
def _features(got, weights, images, hint=""):
    wanted = probes.twin(STAND_IN, [4 * value for value in weights])(images)
    expect(got, "the features").shape(len(images), *FEATURES)
    expect(got, "the features", hint).close(wanted, atol=2e-5)
