"""Checks of exercise `conv_autoencoder`: an autoencoder of convolutions, and the loop that trains it."""

import torch

from grader.checks import check, expect, layers, probes, reconstruction, trainers

NET = [
    *[["Conv2d", 1, 16, 3, 2, 1], ["ReLU"], ["Conv2d", 16, 32, 3, 2, 1], ["ReLU"], ["Conv2d", 32, 64, 7]],
    *[["ConvTranspose2d", 64, 32, 7], ["ReLU"], ["ConvTranspose2d", 32, 16, 3, 2, 1, 1], ["ReLU"]],
    *[["ConvTranspose2d", 16, 1, 3, 2, 1, 1], ["Sigmoid"]],
]
ENCODER = [(16, 1, 3, 3), (16,), (32, 16, 3, 3), (32,), (64, 32, 7, 7), (64,)]
DECODER = [(64, 32, 7, 7), (32,), (32, 16, 3, 3), (16,), (16, 1, 3, 3), (1,)]
SHAPES = ENCODER + DECODER
KIND = reconstruction.Kind(
    net=[["Recorder"], ["Conv2d", 1, 4, 4, 4], ["ReLU"], ["ConvTranspose2d", 4, 1, 4, 4], ["Sigmoid"]],
    dropping=[["Conv2d", 1, 4, 4, 4], ["Dropout", 1.0], ["ConvTranspose2d", 4, 1, 4, 4], ["Sigmoid"]],
    whole=NET,
    row=(1, 28, 28),
    gain=2.2,  # with torch's own first weights it spends its first epochs on the mean image
)
WORKER_NETS = ((NET, (1, 2, 3, 25, 40)), (KIND.net, (4, 9)))


def warm():
    """Load the digits before judges are forked."""
    from grader.data.digits import mnist_digits

    mnist_digits()


def small_net(student, draw):
    """A function that makes the same small autoencoder in the worker again and again."""
    weights = probes.starting_weights(KIND.net, draw)
    return lambda: probes.net(student, KIND.net, weights)


def with_idle_channels(draw):
    """A net two of whose channels are always 0, with weights so small that decay shows.

    Where the gradient is 0, Adam moves a weight w by the rate times d/(d + 1e-8), d being 1e-5 times w.
    """
    weights = reconstruction.delicate(KIND, draw)
    weights[0][:2] *= 0.01
    weights[1][:2] = -10.0
    weights[2][:2] *= 0.01
    return weights


# --- the network


@check(points=1, goal="layers")
def test_the_layers(student):
    """The autoencoder has the weights and biases of its six layers, those of the encoder first."""
    layers.parameters_of(student, student.new("Autoencoder"), SHAPES)


@check(points=1.5, goal="forward pass", after=test_the_layers)
def test_the_reconstructions(student, draw):
    """It reconstructs images (N, 1, 28, 28) in the same shape, in [0, 1], for any N."""
    model, (pixels, _) = student.new("Autoencoder"), probes.images(draw, 40)
    with torch.no_grad():
        wanted = probes.twin(NET, layers.parameters_of(student, model, SHAPES))(pixels)
    for count in (40, 2, 1):
        made = model(pixels[:count])
        expect(made, f"the reconstructions of {count} image(s)", "Sizes: 28, 14, 7, 1, 7, 14, 28.").shape(
            count, 1, 28, 28
        )
        hint = "A ReLU follows every layer but the encoder's last and the decoder's last, which has a sigmoid."
        expect(made, f"the reconstructions of {count} image(s)", hint).close(wanted[:count], atol=1e-5)


@check(points=0.5, goal="shapes", after=test_the_reconstructions)
def test_images_stay_apart(student):
    """Given any other shape, it raises, or gives one row for each entry of dimension 0."""
    shapes = [(2, 1, 28, 36), (1, 1, 56, 28), (2, 2, 28, 28), (2, 784)]
    layers.keeps_rows(student, student.new("Autoencoder"), shapes)


@check(points=0.5, goal="side effects", after=test_the_reconstructions)
def test_the_images_stay(student, draw):
    """The images are the same after the forward pass."""
    layers.inputs_stay(student, student.new("Autoencoder"), [probes.images(draw, 2)[0]])


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
    """Adam has a weight decay of 1e-5, which alone moves the weights of channels that are always 0."""
    pixels, weights = probes.images(draw, 9)[0], with_idle_channels(draw)
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
    """train gives (epoch, images, reconstructions) for each epoch: a mini-batch (B, 1, 28, 28), and what comes."""
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
    points=2.5,
    goal="forward pass",
    hidden=True,
    after=test_the_reconstructions,
    recipe="any weights and images",
)
def test_any_weights(student, draw):
    """With any weights it gives the right reconstructions in both modes, and all gradients."""
    weights = [2 * value for value in probes.starting_weights(NET, draw)]
    layers.gives_outputs_and_gradients(student, student.new("Autoencoder"), NET, weights, draw, count=3)


@check(
    points=2,
    goal="weight decay",
    hidden=True,
    after=test_the_weight_decay,
    recipe="nets with channels that are always 0, whose weights are near 0; outputs near 0",
)
def test_the_weight_decay_at_any_rate(student, draw):
    """Adam's steps on the mean squared error take in a weight decay of 1e-5, whatever the rate and the images."""
    pixels, weights = probes.images(draw, 10)[0], with_idle_channels(draw)
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
       recipe="1,000 MNIST digits, all of them turned or mirrored in the same way")  # fmt: skip
def test_it_learns_digits(student, oracle, draw):
    """An autoencoder trained by your loop on real digits reconstructs held-out ones, better than their mean does."""
    rng = draw.random()
    quarters, mirrored = rng.randrange(4), rng.random() < 0.5

    def turned(pixels):
        pixels = torch.rot90(pixels, quarters, dims=(2, 3))
        return (pixels.flip(3) if mirrored else pixels).contiguous()

    settings = {"num_epochs": 3, "batch_size": 25, "learning_rate": 0.002}
    reconstruction.learns(KIND, student, draw, oracle.threshold("quality"), 1000, turned, **settings)
