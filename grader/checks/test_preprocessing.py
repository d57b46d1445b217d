"""Checks of exercise `preprocessing`: normalisation and augmentation."""

import functools
import math

import torch
from torch import nn

from grader.checks import check, expect, layers
from grader.worker.instruments.nets import sequential

READER = [
    *[["Conv2d", 1, 16, 5, 2, 2], ["ReLU"], ["Conv2d", 16, 32, 5, 2, 2], ["ReLU"], ["Flatten"]],
    *[["Linear", 1568, 64], ["ReLU"], ["Linear", 64, 10]],
]
RANDOM = {
    "random_rotate": (25.0,),
    "random_shift": (2,),
    "random_flip": (0.5,),
    "add_noise": (0.1,),
    "augment": (),
}


def warm():
    """Train the judge's classifier before judges are forked."""
    classifier()


@functools.cache
def classifier():
    """A net of the judge's own that reads digits, also turned and shifted ones, and digits that it has not seen."""
    from grader.data.digits import mnist_digits

    pixels, labels = mnist_digits()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(7)
        net, steps = sequential(READER), 5 * 50
        optimizer = torch.optim.Adam(net.parameters())
        schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=8e-3, total_steps=steps + 1)
        for _ in range(steps // 50):
            for batch in torch.randperm(4000).split(80):
                loss = nn.functional.cross_entropy(net(_disturbed(pixels[batch])), labels[batch])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                schedule.step()
    return net.eval(), pixels[4000:], labels[4000:]


def _disturbed(images):
    angles, moved = (torch.rand(len(images)) - 0.5) * 0.7, (torch.rand(len(images), 2) - 0.5) * 0.4
    rows = torch.stack([angles.cos(), -angles.sin(), moved[:, 0], angles.sin(), angles.cos(), moved[:, 1]], dim=1)
    grid = nn.functional.affine_grid(rows.view(-1, 2, 3), list(images.shape), align_corners=False)
    made = nn.functional.grid_sample(images, grid, align_corners=False)
    return (made + 0.1 * torch.rand(len(images), 1, 1, 1) * torch.randn_like(made)).clamp(0, 1)


def called(student, name, images, *rest, **kwargs):
    """Call a function of images and see that shape and dtype stay."""
    made = student.call(name, images, *rest, **kwargs)
    expect(made, name).of_type(torch.Tensor).shape(*images.shape)
    expect(str(made.dtype), f"the dtype of what {name} gives").equal(str(images.dtype))
    return made


def rate(flags, wanted, what, hint=""):
    """A share of independent flags, to six standard deviations and a few single ones."""
    slack = 6 * math.sqrt(wanted * (1 - wanted) / len(flags)) + 5 / len(flags)
    expect(float(flags.double().mean()), what, hint).close(wanted, atol=slack)


def random_images(draw, *shape, label="images", dtype=torch.float32):
    """Images whose numbers lie in [0.1, 1]."""
    return (0.1 + 0.9 * torch.rand(shape, generator=draw.generator(label))).to(dtype)


# --- scaling


@check(points=1, goal="normalisation")
def test_normalize(student, draw):
    """normalize gives (image - mean) / std by channel, for numbers and for a sequence with one for each channel."""
    gray = torch.linspace(0, 1, 16).view(1, 1, 4, 4)
    expect(called(student, "normalize", gray, 0.5, 0.5), "images in [0, 1], by 0.5 and 0.5").close(
        2 * gray - 1, atol=1e-6
    )
    _normalizes(student, draw, (2, 3, 4, 5), [0.1, 0.5, 0.9], [0.5, 1.0, 2.0])
    _normalizes(student, draw, (3, 2, 2, 3), (0.3, 0.6), (0.25, 0.5))
    _normalizes(student, draw, (2, 3, 3, 3), 0.25, [0.5, 1.0, 2.0])
    called(student, "normalize", torch.zeros(0, 3, 4, 4), [0.1, 0.2, 0.3], 1.0)


def _normalizes(student, draw, shape, mean, std, dtype=torch.float32):
    images = random_images(draw, *shape, dtype=dtype)
    by_channel = [
        torch.tensor(v, dtype=torch.float64).reshape(-1, 1, 1) if isinstance(v, (list, tuple)) else v
        for v in (mean, std)
    ]
    wanted = (images.double() - by_channel[0]) / by_channel[1]
    hint = "Give mean and std the shape (C, 1, 1), so that they meet the channels and not the columns."
    made = called(student, "normalize", images, mean, std)
    expect(made, f"normalize of images {shape}", hint).close(wanted.to(dtype), atol=1e-4)


@check(points=1, goal="normalisation")
def test_standardize(student, draw):
    """standardize gives each column mean 0 and deviation 1, by the numbers of the training part alone."""
    _standardizes(student, draw, 7, 4, 3)
    _standardizes(student, draw, 2, 1, 2)


def _tables(draw, rows, tests, columns):
    generator = draw.generator(f"{rows} rows")
    scale = 0.5 + 3 * torch.rand(columns, generator=generator)
    return [torch.randn(n, columns, generator=generator) * scale + 2 * scale for n in (rows, tests)]


def _standardizes(student, draw, rows, tests, columns):
    train, test = _tables(draw, rows, tests, columns)
    mean, std = train.double().mean(dim=0), train.double().std(dim=0, correction=0)
    pair = _pair(student, train, test)
    hint = "The population's deviation divides by N: torch.std(…, correction=0). The test part has no say in it."
    for name, made, given in zip(("training", "test"), pair, (train, test)):
        wanted = ((given.double() - mean) / std).float()
        expect(made, f"the {name} part", hint).close(wanted, atol=1e-4, rtol=1e-4)


def _pair(student, train, test):
    pair = student.call("standardize", train, test)
    expect(pair, "what standardize gives", "Training part, then test part.").of_type((tuple, list)).length(2)
    for name, made, given in zip(("training", "test"), pair, (train, test)):
        expect(made, f"the {name} part").of_type(torch.Tensor).shape(*given.shape)
        expect(str(made.dtype), f"the dtype of the {name} part").equal(str(given.dtype))
    return pair


@check(points=1, goal="corners", after=test_standardize)
def test_constant_columns(student):
    """A column with equal training values, up to rounding, becomes 0 in both parts."""
    value = 0.1
    nudged = float(torch.nextafter(torch.tensor(value), torch.tensor(1.0)))
    train = torch.tensor([[0.0, value, value, 1.0, -7e4]] * 6)
    train[:, 3] = torch.arange(6.0)
    train[::2, 2] = nudged
    test = torch.tensor([[3.0, 0.7, -0.2, 2.5, 1.0], [0.0, value, value, 9.0, -7e4]])
    pair = _pair(student, train, test)
    for name, made in zip(("training", "test"), pair):
        hint = "The deviation of equal numbers is 0, or what rounding makes of it: do not divide by it."
        constant = made[:, [0, 1, 2, 4]]
        expect(constant, f"the constant columns of the {name} part", hint).close(torch.zeros_like(constant), atol=0)
    wanted = (test[:, 3] - 2.5) / torch.arange(6.0).std(correction=0)
    expect(pair[1][:, 3], "the other column of the test part").close(wanted, atol=1e-4)


@check(points=1, goal="normalisation")
def test_min_max_scale(student, draw):
    """min_max_scale gives each column the range [0, 1], and 0 for a constant one."""
    _scales(student, draw, 6, 3)
    x = torch.tensor([[2.0, 0.3, -1.0], [2.0, 0.3, 1.0], [2.0, 0.3, 0.0]])
    made = called(student, "min_max_scale", x)
    hint = "A constant column has no range to divide by."
    wanted = torch.tensor([[0.0, 0.0, 0.0], [0.0, 0.0, 1.0], [0.0, 0.0, 0.5]])
    expect(made, "min_max_scale with constant columns", hint).close(wanted, atol=1e-6)


def _scales(student, draw, rows, columns):
    x = _tables(draw, rows, 1, columns)[0]
    low, high = x.amin(dim=0), x.amax(dim=0)
    made = called(student, "min_max_scale", x)
    hint = "(x - smallest) / (largest - smallest), column by column."
    expect(made, "min_max_scale", hint).close((x - low) / (high - low), atol=1e-5)


# --- random changes


@check(points=1.5, goal="augmentation")
def test_shifts(student, draw):
    """random_shift moves each image by whole pixels of its own, on both axes, and zeros flow in."""
    _shifts(student, random_images(draw, 500, 1, 9, 10), 2)
    images = random_images(draw, 4, 2, 5, 5)
    expect(called(student, "random_shift", images, 0), "random_shift by 0").close(images, atol=0)
    called(student, "random_shift", images, 9)
    called(student, "random_shift", torch.zeros(0, 1, 5, 5), 2)


def _shifts(student, images, pixels):
    made = called(student, "random_shift", images, pixels)
    padded, (height, width) = nn.functional.pad(images, [pixels] * 4), images.shape[-2:]
    steps = range(2 * pixels + 1)
    taken = torch.full((len(images), 2), -1)
    for y in steps:
        for x in steps:
            same = (made == padded[:, :, y : y + height, x : x + width]).flatten(1).all(dim=1)
            taken[same] = torch.tensor([y, x])
    hint = f"From -{pixels} to {pixels}, both included; what leaves on one side must not come back on the other."
    right = bool((taken >= 0).all())
    expect(made, f"images shifted by up to {pixels} pixels, zeros flowing in", hint).satisfies(right, "the same images")
    for axis, name in enumerate(("vertical", "horizontal")):
        for step in steps:
            what = f"the share of {name} shifts by {step - pixels}"
            rate(taken[:, axis] == step, 1 / len(steps), what, "All shifts are equally likely, for each image anew.")
    rate(taken[:, 0] == taken[:, 1], 1 / len(steps), "the share of equal shifts on both axes", "Each axis has its own.")


@check(points=1, goal="augmentation")
def test_flips(student, draw):
    """random_flip mirrors each image left to right with probability p, which is 0.5 unless given."""
    images = random_images(draw, 300, 2, 4, 5)
    expect(called(student, "random_flip", images, 0.0), "random_flip with p=0").close(images, atol=0)
    hint = "Left to right is the last dimension."
    expect(called(student, "random_flip", images, 1.0), "random_flip with p=1", hint).close(images.flip(-1), atol=0)
    _flips(student, images, 0.5)
    _flips(student, images, 0.2, 0.2)
    called(student, "random_flip", images[:0])


def _flips(student, images, wanted, *given):
    made = called(student, "random_flip", images, *given)
    flipped = (made == images.flip(-1)).flatten(1).all(dim=1)
    stayed = (made == images).flatten(1).all(dim=1)
    expect(made, "each image", "An image is mirrored as a whole.").satisfies(
        bool((flipped | stayed).all()), "as it was, or mirrored"
    )
    rate(flipped, wanted, f"the share of mirrored images with p={wanted:g}", "Draw for each image on its own.")


@check(points=1, goal="augmentation")
def test_noise(student, draw):
    """add_noise adds Gaussian noise to each pixel, then clamps to [0, 1]."""
    _noisy(student, 0.1)
    dark = torch.stack([torch.zeros(1, 20, 20), torch.ones(1, 20, 20)])
    made = called(student, "add_noise", dark, 0.3)
    expect(made, "noisy black and white images", "Clamp after the noise is added.").between(0, 1)
    rate(made[0].flatten() == 0, 0.5, "the share of pixels that stay black", "Noise has both signs.")
    images = random_images(draw, 3, 2, 4, 4)
    expect(called(student, "add_noise", images, 0.0), "add_noise with std=0").close(images, atol=1e-6)
    called(student, "add_noise", images[:0], 0.1)


def _noisy(student, std):
    made = called(student, "add_noise", torch.full((60, 2, 8, 8), 0.5), std)
    noise = ((made.double() - 0.5) / std).flatten(1)
    count, flat = noise.numel(), noise.flatten()
    hint = "std · randn for each pixel of each image."
    expect(float(flat.mean()), "the mean of (noise / std)", hint).close(0.0, atol=6 / math.sqrt(count))
    expect(float(flat.square().mean()), "the mean square of (noise / std)", hint).close(1.0, atol=9 / math.sqrt(count))
    both = float((noise[:, :64] * noise[:, 64:]).mean())
    expect(both, "how alike the noise of two channels is", hint).close(0.0, atol=6 / math.sqrt(count / 2))
    rate(flat.abs() < 1, 0.6827, "the share of noise within one std", hint)
    rate(flat.abs() > 2, 0.0455, "the share of noise beyond two std", hint)
    for dim in (0, 1):
        means = float(noise.mean(dim=dim).abs().max())
        expect(means, "the mean of noise over one pixel, or over one image", hint).at_most(6 / noise.shape[dim] ** 0.5)


@check(points=2, goal="augmentation")
def test_rotations(student, draw):
    """random_rotate turns each image about its centre, by an angle of its own from -degrees to degrees."""
    _turned(student, draw, 60.0)
    images = random_images(draw, 3, 2, 8, 8)
    hint = "With an angle of 0 nothing moves: the centre lies between the pixels of an image of even size."
    made = called(student, "random_rotate", images, 0)
    expect(made[..., 1:-1, 1:-1], "random_rotate by 0 degrees, within the border", hint).close(
        images[..., 1:-1, 1:-1], atol=1e-3
    )
    called(student, "random_rotate", random_images(draw, 2, 1, 8, 6), 20)
    called(student, "random_rotate", torch.zeros(0, 1, 5, 5), 20)


def _turned(student, draw, degrees, count=400, size=33):
    """Turn a bright spot off the centre, and see by its place which angles came out."""
    axis = torch.arange(size) - (size - 1) / 2
    y, x = axis[:, None], axis[None, :]
    spot = torch.exp(-((x - 9) ** 2 + y**2) / 8)
    images = torch.stack([spot, spot]).expand(count, 2, size, size).contiguous()
    made = called(student, "random_rotate", images, degrees)
    expect(made, "turned images").between(-0.01, 1.01)
    expect(made[:, 0], "the first channel", "All channels of an image turn together.").close(made[:, 1], atol=1e-4)
    light = made[:, 0].double()
    total = light.sum(dim=(1, 2))
    hint = "Turn about the centre: a spot keeps its size and its distance from it."
    share = total / float(spot.sum())
    expect(share, "the light of the turned spots, beside that of the spot", hint).between(0.85, 1.15)
    cx, cy = (light * x).sum(dim=(1, 2)) / total, (light * y).sum(dim=(1, 2)) / total
    expect((cx**2 + cy**2).sqrt(), "the distance of the turned spots from the centre, 9", hint).between(8.3, 9.7)
    angles = torch.rad2deg(torch.atan2(cy, cx))
    hint = f"Uniform angles in degrees, from -{degrees:g} to {degrees:g}, for each image its own."
    expect(angles, "the angles", hint).between(-degrees - 3, degrees + 3)
    relative = angles / degrees
    expect(float(relative.mean()), "the mean angle, over degrees", hint).close(0.0, atol=6 * 0.577 / count**0.5 + 0.01)
    rate(relative.abs() < 0.5, 0.5, "the share of angles below half of degrees", hint)
    rate(relative > 0, 0.5, "the share of positive angles", hint)
    expect(float(relative.abs().max()), "the largest angle, over degrees", hint).at_least(0.9)
    white = called(student, "random_rotate", torch.ones(100, 1, size, size), 45.0)
    expect(white, "white images, turned").between(-0.01, 1.01)
    inner = white[:, 0][:, (x**2 + y**2).sqrt() < size / 2 - 2]
    expect(inner, "the middle of white images, turned").close(torch.ones_like(inner), atol=0.01)
    corners = white[:, 0, 0, 0] < 0.01
    hint = "Zeros flow in at the corners: neither the border's nor the other side's pixels."
    expect(float(corners.double().mean()), "the share of black corners", hint).at_least(0.5)


@check(points=1.5, goal="randomness", after=(test_shifts, test_flips, test_noise))
def test_generators(student, draw):
    """All changes follow the generator that is given, which leaves the global one alone, or else the global one."""
    images = random_images(draw, 40, 1, 16, 16)
    for name, arguments in RANDOM.items():
        before = student.tool("global_state")[1]
        own = [student.make("generator", seed) for seed in (5, 5, 6)]
        runs = [called(student, name, images, *arguments, generator=generator) for generator in own]
        again = called(student, name, images, *arguments, own[0])
        after = student.tool("global_state")[1]
        hint = "Hand `generator` to every torch function that draws, and use no other source of random numbers."
        expect(runs[1], f"{name} with the same seed", hint).close(runs[0], atol=1e-6)
        for what, other in (("another seed", runs[2]), ("the generator as the first call left it", again)):
            expect(other, f"{name} with {what}", hint).satisfies(not torch.equal(other, runs[0]), "another result")
        expect(after, f"the global generator's state after {name} with a generator", hint).equal(before)
        layers.depends_on_the_seed(
            student, lambda name=name, rest=arguments: called(student, name, images, *rest), f"what {name} gives"
        )


# --- augment, corners


@check(points=1, goal="augmentation")
def test_augment_changes_each_image(student, draw):
    """augment changes each image in its own way, in [0, 1], and gives the same shape and dtype."""
    stroke = torch.zeros(1, 28, 28)
    stroke[0, 5:23, 12:16] = 1.0
    stroke[0, 5:9, 8:20] = 0.8
    images = stroke.expand(40, 1, 28, 28).contiguous()
    made = called(student, "augment", images)
    expect(made, "augmented images").between(0, 1)
    changed = (made - images).flatten(1).abs().amax(dim=1) > 1e-3
    expect(float(changed.double().mean()), "the share of images that changed").at_least(0.5)
    kinds = len({image.numpy().tobytes() for image in made})
    expect(kinds, "how many different images came of 40 equal ones", "Draw for each image on its own.").at_least(4)
    called(student, "augment", images[:0])


@check(points=1, goal="corners", after=(test_normalize, test_shifts, test_flips, test_noise))
def test_dtypes_and_arguments_stay(student, draw):
    """dtypes stay, float64 too, and nothing changes what it was given."""
    images = random_images(draw, 6, 1, 12, 12, dtype=torch.float64)
    for name, arguments in {"normalize": (0.5, 0.5), **RANDOM}.items():
        thing = student.put(images)
        made = student.call(name, thing, *arguments)
        expect(made, name).of_type(torch.Tensor)
        expect(str(made.dtype), f"the dtype of what {name} gives for float64").equal("torch.float64")
        hint = "Operations that end in _, and `x += …`, change the tensor that was given."
        expect(thing.read(), f"the images after {name}", hint).close(images, atol=0)
    table = _tables(draw, 5, 3, 2)
    things = [student.put(value.double()) for value in table]
    student.call("standardize", *things)
    student.call("min_max_scale", things[0])
    for name, thing, value in zip(("train", "test"), things, table):
        expect(thing.read(), f"{name} afterwards").close(value.double(), atol=0)


@check(points=1.5, goal="errors")
def test_bad_arguments(student):
    """Bad arguments raise, and the message names them."""
    images, table = torch.full((2, 3, 6, 6), 0.5), torch.zeros(0, 3)
    wrong = ("ValueError", "TypeError")
    for bad in (0.0, -1, [0.5, 0.0, 0.5], [0.5, -1.0, 0.5], "0.5"):
        student.raises(wrong, "normalize", images, 0.5, bad, names=["std"])
    student.raises(wrong, "normalize", images, "0.5", 0.5, names=["mean"])
    for bad in ([0.5, 0.5], [0.5] * 4):
        for pair in ((0.5, bad), (bad, 0.5)):
            student.raises(wrong, "normalize", images, *pair, names=["mean", "std"])
    student.raises("ValueError", "standardize", table, torch.ones(2, 3), names=["train"])
    student.raises("ValueError", "min_max_scale", table, names=["x"])
    for name, parameter, values in (
        ("random_rotate", "degrees", (-1, math.nan, math.inf, "10")),
        ("random_shift", "pixels", (-1, 1.5, "2")),
        ("random_flip", "p", (-0.1, 1.5, "0.5")),
        ("add_noise", "std", (-0.1, math.nan, math.inf, "0.1")),
    ):
        for bad in values:
            student.raises(wrong, name, images, bad, names=[parameter])


# --- hidden


@check(
    points=2,
    goal="normalisation",
    hidden=True,
    after=(test_normalize, test_standardize, test_min_max_scale),
    recipe="images and tables of any size, numbers and sequences",
)
def test_scaling_of_any_data(student, draw):
    """normalize, standardize and min_max_scale give the right values for data of any size."""
    rng = draw.random()
    for _ in range(3):
        channels = rng.randint(1, 5)
        mean, std = ([rng.uniform(0.1, 2) for _ in range(channels)] for _ in range(2))
        shape = (rng.randint(1, 4), channels, channels, rng.randint(2, 6))
        dtype = rng.choice([torch.float32, torch.float64])
        _normalizes(student, draw, shape, rng.choice([mean, mean[0]]), rng.choice([std, std[0]]), dtype)
        _standardizes(student, draw, rng.randint(3, 30), rng.randint(1, 9), rng.randint(1, 6))
        _scales(student, draw, rng.randint(3, 30), rng.randint(1, 6))


@check(
    points=2,
    goal="augmentation",
    hidden=True,
    after=(test_shifts, test_flips, test_noise),
    recipe="any pixels, p and std, on images of any size",
)
def test_changes_of_any_size(student, draw):
    """Shifts, flips and noise have the right distributions for any pixels, p and std."""
    rng = draw.random()
    _shifts(student, random_images(draw, 600, rng.randint(1, 2), rng.randint(8, 11), rng.randint(8, 11)), 3)
    _shifts(student, random_images(draw, 400, 1, rng.randint(8, 11), rng.randint(8, 11), label="one"), 1)
    p = rng.uniform(0.1, 0.9)
    _flips(student, random_images(draw, 400, 1, 3, rng.randint(2, 6), label="flips"), p, p)
    _noisy(student, rng.uniform(0.02, 0.1))


@check(
    points=1.5,
    goal="augmentation",
    hidden=True,
    after=test_rotations,
    recipe="a bright spot off the centre of images of odd or even size, turned by any degrees",
)
def test_rotations_of_any_size(student, draw):
    """Rotations have the right distribution for any degrees, on images of odd and even size."""
    rng = draw.random()
    _turned(student, draw, rng.uniform(70, 120), size=rng.choice([32, 34, 35]))


@check(
    points=2.5,
    goal="augmentation",
    hidden=True,
    after=test_augment_changes_each_image,
    recipe="800 MNIST digits, and a classifier that has learnt from others",
)
def test_augmented_digits_keep_their_labels(student, draw):
    """augment changes digits so little that a good classifier keeps 9 of 10 of its right answers, yet each of them."""
    net, pixels, labels = classifier()
    picked = torch.randperm(len(labels), generator=draw.generator("digits"))[:800]
    pixels, labels = pixels[picked], labels[picked]
    made = called(student, "augment", pixels)
    expect(made, "augmented digits").between(0, 1)
    differ = (made - pixels).flatten(1).abs().amax(dim=1) > 1e-3
    expect(float(differ.double().mean()), "the share of digits that changed").at_least(0.5)
    with torch.no_grad():
        before, after = (net(images).argmax(dim=1) == labels for images in (pixels, made))
    hint = "A mirrored digit, or one turned by 90 degrees, is another one; a digit moved by 10 pixels is cut off."
    kept = float((before & after).double().sum() / before.double().sum())
    expect(kept, "the share of right answers that a good classifier keeps", hint).at_least(0.9)
