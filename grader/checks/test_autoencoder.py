"""Checks of exercise `autoencoder`: a fully-connected autoencoder and the loop that trains it."""

import torch

from grader.checks import check, expect, layers, probes, reconstruction, trainers

NET = [["Flatten"], ["Linear", 784, 32], ["ReLU"], ["Linear", 32, 784], ["Sigmoid"]]
SHAPES = [(32, 784), (32,), (784, 32), (784,)]
KIND = reconstruction.Kind(
    net=[["Recorder"], ["Flatten"], ["Linear", 784, 8], ["ReLU"], ["Linear", 8, 784], ["Sigmoid"]],
    dropping=[["Flatten"], ["Linear", 784, 8], ["Dropout", 1.0], ["Linear", 8, 784], ["Sigmoid"]],
    whole=NET,
    row=(784,),
)


def warm():
    """Load the digits before judges are forked."""
    from grader.data.digits import mnist_digits

    mnist_digits()


def small_net(student, draw):
    """A function that makes the same small autoencoder in the worker again and again."""
    weights = probes.starting_weights(KIND.net, draw)
    return lambda: probes.net(student, KIND.net, weights)


def with_black_pixels(draw, count):
    """Images of which some pixels are always black, and a net whose weights of these are so small that decay shows.

    Where the gradient is 0, Adam moves a weight w by the rate times d/(d + 1e-8), d being 1e-5 times w.
    """
    pixels, _ = probes.images(draw, count)
    weights = reconstruction.delicate(KIND, draw)
    black = torch.randperm(784, generator=draw.generator("black"))[:200]
    pixels.view(count, 784)[:, black] = 0.0
    weights[0][:, black] *= 0.03
    some = torch.randperm(784, generator=draw.generator("bright"))[:300]
    weights[-1][some] += 9.0
    return pixels, weights


# --- the network


@check(points=0.5, goal="layers")
def test_the_layers(student):
    """The autoencoder has the weights and biases of 784-32-784, in this order."""
    layers.parameters_of(student, student.new("Autoencoder"), SHAPES)


@check(points=1, goal="forward pass", after=test_the_layers)
def test_the_reconstructions(student, draw):
    """It reconstructs images (N, 1, 28, 28) or (N, 784) as (N, 784), in [0, 1], for any N."""
    model, (pixels, _) = student.new("Autoencoder"), probes.images(draw, 40)
    with torch.no_grad():
        wanted = probes.twin(NET, layers.parameters_of(student, model, SHAPES))(pixels)
    for shape in ((40, 1, 28, 28), (2, 1, 28, 28), (1, 1, 28, 28), (3, 784), (1, 784)):
        made = model(pixels[: shape[0]].reshape(shape))
        expect(made, f"the reconstructions of images {shape}", "A row of 784 for each image.").shape(shape[0], 784)
        hint = "A ReLU follows the first layer, a sigmoid the second."
        expect(made, f"the reconstructions of images {shape}", hint).close(wanted[: shape[0]], atol=1e-5)


@check(points=0.5, goal="layers", after=test_the_reconstructions)
def test_the_size_of_the_code(student):
    """encoding_dim is the size of the code; one below 1, or that is no int, raises and is named."""
    for size in (1, 7):
        model = student.new("Autoencoder", encoding_dim=size)
        layers.parameters_of(student, model, [(size, 784), (size,), (784, size), (784,)])
    for bad in (0, -1, 2.5, "32"):
        student.raises(("ValueError", "TypeError"), "Autoencoder", bad, names=["encoding_dim"])


@check(points=0.5, goal="shapes", after=test_the_reconstructions)
def test_images_stay_apart(student):
    """Given any other shape, it raises, or gives one row for each entry of dimension 0."""
    layers.keeps_rows(student, student.new("Autoencoder"), [(2, 392), (1, 1, 56, 28), (2, 2, 28, 28), (784, 2)])


@check(points=0.5, goal="side effects", after=test_the_reconstructions)
def test_the_images_stay(student, draw):
    """The images are the same after the forward pass."""
    pixels, _ = probes.images(draw, 2)
    layers.inputs_stay(student, student.new("Autoencoder"), [pixels, pixels.flatten(1)])


@check(points=0.5, goal="randomness", after=test_the_reconstructions)
def test_the_seed_gives_the_weights(student, draw):
    """The first weights depend on torch's seed: the same for the same seed, others for another."""
    pixels, _ = probes.images(draw, 2)
    layers.depends_on_the_seed(student, lambda: student.new("Autoencoder")(pixels), "what a new autoencoder gives")


# --- train: the updates


@check(points=2, goal="gradient descent")
def test_steps_of_adam(student, draw):
    """With one batch of all samples, epochs are steps of Adam on the mean squared error, at the rate that is given."""
    pixels, _ = probes.images(draw, 9)
    weights = probes.starting_weights(KIND.net, draw)
    for epochs, settings in ((3, {"batch_size": 9, "learning_rate": 0.01}), (2, {})):
        reconstruction.full_batches(KIND, student, pixels, weights, epochs, **settings)


@check(points=1, goal="weight decay", after=test_steps_of_adam)
def test_the_weight_decay(student, draw):
    """Adam has a weight decay of 1e-5, which alone moves the weights of pixels that are always black."""
    pixels, weights = with_black_pixels(draw, 9)
    decays = (reconstruction.DECAY,)
    reconstruction.full_batches(KIND, student, pixels, weights, 3, decays, batch_size=9, learning_rate=0.01)


@check(points=1, goal="gradient descent", after=test_steps_of_adam)
def test_old_gradients_do_not_count(student, draw):
    """Gradients from before the call do not enter the first step."""
    pixels, _ = probes.images(draw, 8)
    weights = probes.starting_weights(KIND.net, draw)
    reconstruction.full_batches(KIND, student, pixels, weights, 1, backward_first=True, batch_size=8)


@check(points=1, goal="modes", after=test_steps_of_adam)
def test_updates_in_train_mode(student, draw):
    """Every module is in train mode at each update, in every epoch, whatever mode it came in."""
    pixels, _ = probes.images(draw, 8)
    reconstruction.updates_in_train_mode(KIND, student, pixels, probes.starting_weights(KIND.dropping, draw))


@check(points=1.5, goal="mini-batches", after=test_steps_of_adam)
def test_mini_batches(student, draw):
    """Each epoch takes every sample once, in another order, and makes one step for each mini-batch."""
    pixels, _ = probes.images(draw, 11)
    weights = probes.starting_weights(KIND.net, draw)
    reconstruction.replayed(KIND, student, pixels, weights, epochs=3, batch_size=4, rate=0.005)


@check(points=1, goal="randomness")
def test_the_same_seed_gives_the_same_result(student, draw):
    """The result depends on torch's seed, and train does not set a seed itself."""
    trainers.same_seed_same_result(student, small_net(student, draw), probes.images(draw, 24)[0])


# --- train: what it returns


@check(points=1, goal="outputs")
def test_the_outputs(student, draw):
    """train gives (epoch, images, reconstructions) for each epoch: a mini-batch (B, 784), and what comes of it."""
    pixels, _ = probes.images(draw, 10)
    reconstruction.outputs_of_mini_batches(KIND, student, pixels, probes.starting_weights(KIND.net, draw))


@check(points=0.5, goal="outputs", after=(test_the_outputs, test_steps_of_adam))
def test_outputs_are_of_their_own_epoch(student, draw):
    """The reconstructions are made in their epoch, or right after it."""
    pixels, _ = probes.images(draw, 9)
    reconstruction.outputs_of_their_epoch(KIND, student, pixels, probes.starting_weights(KIND.net, draw))


@check(points=0.5, goal="outputs", after=test_the_outputs)
def test_the_defaults(student, draw):
    """Unless told otherwise, train takes 5 epochs and mini-batches of 64."""
    pixels, _ = probes.images(draw, 100)
    model = small_net(student, draw)()
    for images, _ in KIND.outputs(student, model, trainers.dataset(student, pixels)):
        KIND.numbers(images, pixels, {64, 36})


# --- train: corners


@check(points=0.5, goal="corners")
def test_no_epochs(student, draw):
    """0 epochs change nothing, and the list of outputs is empty."""
    trainers.no_epochs(student, small_net(student, draw), probes.images(draw, 6)[0])


@check(points=1, goal="errors")
def test_train_refuses_bad_arguments(student, draw):
    """train raises for empty data and settings out of range, naming them, also where there are 0 epochs."""
    trainers.refuses_bad_arguments(student, small_net(student, draw)(), probes.images(draw, 4)[0])


@check(points=0.5, goal="side effects", after=test_steps_of_adam)
def test_the_data_stay(student, draw):
    """The images of the data are the same after training."""
    trainers.data_stay(student, small_net(student, draw), probes.images(draw, 8)[0])


@check(points=0.5, goal="side effects", observed=True, after=test_steps_of_adam)
def test_gradients_stay_on(student, draw):
    """train leaves torch's gradient mode as it was."""
    trainers.gradients_stay(student, small_net(student, draw), probes.images(draw, 4)[0])


@check(points=1.5, goal="devices", observed=True, after=test_steps_of_adam)
def test_on_a_cuda_device(student, draw):
    """train works on a CUDA device: the model's own, or the one that `device` names."""
    pixels, _ = probes.images(draw, 8)
    reconstruction.on_cuda(KIND, student, pixels, probes.starting_weights(KIND.net, draw))


# --- hidden


@check(
    points=1.5,
    goal="forward pass",
    hidden=True,
    after=(test_the_reconstructions, test_the_size_of_the_code),
    recipe="any weights, images and size of the code",
)
def test_any_weights(student, draw):
    """With any weights and size of the code it gives the right reconstructions in both modes, and all gradients."""
    size = draw.random().randint(3, 40)
    net = [["Flatten"], ["Linear", 784, size], ["ReLU"], ["Linear", size, 784], ["Sigmoid"]]
    weights = [2 * value for value in probes.starting_weights(net, draw)]
    layers.gives_outputs_and_gradients(student, student.new("Autoencoder", size), net, weights, draw)


@check(
    points=2,
    goal="weight decay",
    hidden=True,
    after=test_the_weight_decay,
    recipe="images with pixels that are always black, whose weights are near 0; outputs near 0",
)
def test_the_weight_decay_at_any_rate(student, draw):
    """Adam's steps on the mean squared error take in a weight decay of 1e-5, whatever the rate and the images."""
    pixels, weights = with_black_pixels(draw, 10)
    rate, decays = draw.random().uniform(0.002, 0.008), (reconstruction.DECAY,)
    reconstruction.full_batches(KIND, student, pixels, weights, 3, decays, batch_size=16, learning_rate=rate)


@check(
    points=3,
    goal="gradient descent",
    hidden=True,
    after=(test_mini_batches, test_updates_in_train_mode),
    recipe="some forty-five images in mini-batches, two or three epochs, any rate",
)
def test_the_batches_replayed(student, draw):
    """The mini-batches that the model saw, replayed step by step, give the same parameters."""
    rng = draw.random()
    count, batch_size, epochs = rng.randint(40, 50), rng.randint(5, 8), rng.randint(2, 3)
    pixels, _ = probes.images(draw, count)
    weights = probes.starting_weights(KIND.net, draw)
    reconstruction.replayed(KIND, student, pixels, weights, epochs, batch_size, rng.uniform(0.002, 0.008))


@check(points=2, goal="learning", hidden=True, learning=True, after=test_the_batches_replayed, seconds=60,
       recipe="2,000 MNIST digits, their pixels in another order")  # fmt: skip
def test_it_learns_digits(student, oracle, draw):
    """An autoencoder trained by your loop on real digits reconstructs held-out ones."""
    order = torch.randperm(784, generator=draw.generator("pixels"))

    def shuffled(pixels):
        return pixels.flatten(1)[:, order].view(-1, 1, 28, 28)

    settings = {"num_epochs": 6, "batch_size": 32, "learning_rate": 0.005}
    reconstruction.learns(KIND, student, draw, oracle.threshold("quality"), 2000, shuffled, **settings)
