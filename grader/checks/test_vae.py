"""Checks of exercise `vae`: a variational autoencoder, its loss, the loop that trains it, and samples."""

import math

import torch

from grader.checks import check, expect, layers, pictures, probes, reconstruction, trainers
from grader.worker.instruments.latent import LatentNet

ENCODE = [["Flatten"], ["Linear", 784, 350], ["ReLU"]]
HIDDEN, SMALL_HIDDEN, SMALL_Z = 350, 6, 3
ROOM = 0.2  # of the learning rate, for other roundings of Adam's steps


def shapes(zdim=25):
    """The shapes of the parameters, in order."""
    return [(350, 784), (350,), (zdim, 350), (zdim,), (zdim, 350), (zdim,), (350, zdim), (350,), (784, 350), (784,)]


def warm():
    """Load the digits before judges are forked."""
    from grader.data.digits import mnist_digits

    mnist_digits()


def weights_of(draw, zdim=25, scale=1.0):
    """First weights, as torch draws them, times `scale`."""
    net = [["Linear", 784, 350], ["Linear", 350, zdim], ["Linear", 350, zdim], ["Linear", zdim, 350]]
    return [scale * value for value in probes.starting_weights([*net, ["Linear", 350, 784]], draw)]


def forward(weights, pixels):
    """Means, log-variances, and what the means decode to."""
    w1, b1, wm, bm, ws, bs = weights[:6]
    hidden = torch.relu(pixels.flatten(1) @ w1.T + b1)
    mu, logvar = hidden @ wm.T + bm, hidden @ ws.T + bs
    return mu, logvar, decoded(weights, mu)


def decoded(weights, z):
    """What codes decode to."""
    w3, b3, w4, b4 = weights[6:]
    return torch.sigmoid(torch.relu(z @ w3.T + b3) @ w4.T + b4)


def right_loss(recon, x, mu, logvar):
    """The contract's loss."""
    x = x.flatten(1)
    cross_entropy = -(x * recon.log() + (1 - x) * (1 - recon).log()).sum()
    divergence = -0.5 * (1 + logvar - mu.square() - logvar.exp()).sum()
    return (cross_entropy + divergence) / x.numel()


def mode(student, model, name):
    """Put a model into train or eval mode."""
    model.keep(name)
    return model


def triple(value, what):
    """A result of forward or encode, seen to be a tuple or list of tensors."""
    expect(value, what).of_type((tuple, list))
    for part in value:
        expect(part, what).of_type(torch.Tensor)
    return value


# --- the network


@check(points=0.5, goal="layers")
def test_the_layers(student):
    """The autoencoder has the weights and biases of its five layers, the mean's before the log-variance's."""
    layers.parameters_of(student, student.new("Autoencoder"), shapes())


@check(points=1.5, goal="forward pass", after=test_the_layers)
def test_the_forward_pass_in_eval_mode(student, draw):
    """In eval mode it gives reconstructions (N, 784), means and log-variances (N, 25), without any noise."""
    model, (pixels, _) = student.new("Autoencoder"), probes.images(draw, 9)
    mu, logvar, recon = forward(layers.parameters_of(student, model, shapes()), pixels)
    mode(student, model, "eval")
    for shape in ((9, 1, 28, 28), (1, 1, 28, 28), (2, 784), (1, 784)):
        count, given = shape[0], pixels[: shape[0]].reshape(shape)
        parts = triple(model.call("encode", given), "what encode gives")
        expect(parts, "what encode gives", "Mean and log-variance.").length(2)
        hint = "A ReLU follows the first layer; mean and log-variance are plain linear layers on top of it."
        expect(parts[0], f"the means of images {shape}", hint).close(mu[:count], atol=1e-5)
        expect(parts[1], f"the log-variances of images {shape}", hint).close(logvar[:count], atol=1e-5)
        made = triple(model(given), "what the forward pass gives")
        expect(made, "what the forward pass gives", "Reconstructions, means, log-variances.").length(3)
        hint = "In eval mode the code is the mean. A ReLU follows the decoder's first layer, a sigmoid the second."
        expect(made[0], f"the reconstructions of images {shape}", hint).close(recon[:count], atol=1e-5)
        expect(made[1], f"the means of images {shape}").close(mu[:count], atol=1e-5)
        expect(made[2], f"the log-variances of images {shape}").close(logvar[:count], atol=1e-5)
    expect(model.call("decode", mu), "what the means decode to").close(recon, atol=1e-5)


@check(points=0.5, goal="layers", after=test_the_layers)
def test_the_size_of_the_code(student):
    """zdim is the size of the code; one below 1, or that is no int, raises and is named."""
    for size in (1, 7):
        layers.parameters_of(student, student.new("Autoencoder", zdim=size), shapes(size))
    for bad in (0, -1, 2.5, "25"):
        student.raises(("ValueError", "TypeError"), "Autoencoder", bad, names=["zdim"])


@check(points=0.5, goal="shapes", after=test_the_forward_pass_in_eval_mode)
def test_images_stay_apart(student):
    """Given any other shape, it raises, or gives one row for each entry of dimension 0."""
    wrong = [(2, 392), (1, 1, 56, 28), (2, 2, 28, 28), (784, 2)]
    layers.keeps_rows(student, student.new("Autoencoder"), wrong, output=lambda given: given[0])


# --- reparameterize


@check(points=1.5, goal="the draw", after=test_the_layers)
def test_the_draw_of_a_code(student, draw):
    """In train mode reparameterize gives mu + eps · exp(logvar/2), with eps ~ N(0, 1) for each element; else mu."""
    generator = draw.generator("clouds")
    mu, logvar = 3 * torch.randn(400, 25, generator=generator), torch.randn(400, 25, generator=generator) * 2
    model = student.new("Autoencoder")
    mode(student, model, "eval")
    expect(model.call("reparameterize", mu, logvar), "the code in eval mode").close(mu, atol=1e-6)
    mode(student, model, "train")
    given = [student.put(mu), student.put(logvar)]
    code = model.call("reparameterize", *given)
    expect(code, "the code in train mode").shape(400, 25)
    hint = "exp(logvar / 2) is the standard deviation."
    _standard_normal((code - mu) / torch.exp(logvar / 2), "(code - mu) / exp(logvar/2)", hint)
    for name, thing, before in zip(("mu", "logvar"), given, (mu, logvar)):
        hint = "Operations that end in _ change the tensor that was given."
        expect(thing.read(), f"{name} afterwards", hint).close(before, atol=0)


def _standard_normal(values, what, hint):
    """See that numbers (N, D) are independent draws from N(0, 1), to six standard deviations of each statistic."""
    count = values.numel()
    root = 6 / math.sqrt(count)
    flat = values.flatten()
    for name, value, wanted, spread in (
        ("mean", flat.mean(), 0.0, 1.0),
        ("mean square", flat.square().mean(), 1.0, math.sqrt(2)),
        ("share between -1 and 1", (flat.abs() < 1).double().mean(), 0.6827, 0.47),
        ("share beyond -2 and 2", (flat.abs() > 2).double().mean(), 0.0455, 0.21),
    ):
        expect(float(value), f"the {name} of {what}", hint).close(wanted, atol=spread * root)
    for dim, name in ((0, "column"), (1, "row")):
        means = values.mean(dim=dim).abs().max()
        slack = 6 / math.sqrt(values.shape[dim])
        expect(float(means), f"the mean of a {name} of {what}", "Each element has an eps of its own.").at_most(slack)


@check(points=0.5, goal="the draw", after=test_the_draw_of_a_code)
def test_the_seed_gives_the_draw(student, draw):
    """First weights and draws come from torch's global generator: the same for the same seed, others for another."""
    pixels, _ = probes.images(draw, 3)
    kept = mode(student, student.new("Autoencoder"), "train")
    mu, logvar = torch.zeros(4, 25), torch.zeros(4, 25)

    def first():
        return mode(student, student.new("Autoencoder"), "eval").call("encode", pixels)[0]

    layers.depends_on_the_seed(student, first, "the means by a new autoencoder")
    layers.depends_on_the_seed(student, lambda: kept.call("reparameterize", mu, logvar), "the code")


# --- the loss


@check(points=1.5, goal="losses")
def test_the_loss(student, draw):
    """loss_function is the cross-entropy, a mean over all numbers, plus the divergence over N · 784."""
    for count in (5, 1, 3):
        recon, x, mu, logvar = _to_be_judged(draw, count)
        for shape in ((count, 784), (count, 1, 28, 28)):
            value = student.call("loss_function", recon, x.reshape(shape), mu, logvar)
            wanted = right_loss(*(v.double() for v in (recon, x, mu, logvar)))
            hint = "-½ Σ (1 + logvar - mu² - exp(logvar)) / (N · 784), N the size of this very batch."
            expect(value, f"the loss of {count} image(s)").of_type(torch.Tensor).shape()
            expect(value, f"the loss of {count} image(s)", hint).close(wanted.float(), atol=1e-5, rtol=1e-5)


def _to_be_judged(draw, count, zdim=25):
    generator = draw.generator(f"{count} images")
    recon = 0.05 + 0.9 * torch.rand(count, 784, generator=generator)
    x = torch.rand(count, 784, generator=generator)
    mu, logvar = 3 * torch.randn(count, zdim, generator=generator), torch.randn(count, zdim, generator=generator)
    return recon, x, mu, logvar


# --- samples


def with_codes_shown(student, draw, zdim=25):
    """An autoencoder whose pixel i shows number i of the code, by its sigmoid: two units carry z and -z."""
    weights = weights_of(draw, zdim)
    for value in weights[6:]:
        value.zero_()
    for i in range(zdim):
        weights[6][2 * i, i], weights[6][2 * i + 1, i] = 1.0, -1.0
        weights[8][i, 2 * i], weights[8][i, 2 * i + 1] = 1.0, -1.0
    model = student.new("Autoencoder", zdim) if zdim != 25 else student.new("Autoencoder")
    student.tool("set_parameters", model, weights)
    return model


def _sampled(student, model, n, *rest, **kwargs):
    """Samples, seen to have the contract's form; (n, 784)."""
    images = student.call("sample", model, n, *rest, **kwargs)
    expect(images, "the samples").of_type(torch.Tensor).shape(n, 1, 28, 28)
    attached = images.facts.requires_grad or images.facts.has_graph
    expect(images, "the samples", "torch.no_grad()").satisfies(not attached, "without gradients", "with gradients")
    expect(images, "the samples").between(0.0, 1.0)
    return images.flatten(1)


@check(points=1.5, goal="samples", after=test_the_forward_pass_in_eval_mode)
def test_samples(student, draw):
    """sample gives n images (n, 1, 28, 28) in [0, 1], decoded from codes that are standard normal."""
    model = student.new("Autoencoder")
    for n in (1, 2, 9):
        made = _sampled(student, model, n)
        alike = n > 1 and bool((made - made[0]).abs().max() < 1e-4)
        expect(made, "the samples", "Each has a code of its own.").satisfies(not alike, "different ones", "all alike")
    shown = _sampled(student, with_codes_shown(student, draw), 400)[:, :25]
    _standard_normal(torch.logit(shown.double()), "the codes behind the samples", "torch.randn(n, zdim)")


@check(points=1, goal="samples", after=test_samples)
def test_samples_of_a_generator(student, draw):
    """The samples follow the generator that is given, which leaves the global one alone, or else the global one."""
    model = with_codes_shown(student, draw)
    before = student.tool("global_state")[1]
    runs = [_sampled(student, model, 4, generator=student.make("generator", seed)) for seed in (5, 5, 6)]
    expect(student.tool("global_state")[1], "the global generator's state afterwards").equal(before)
    hint = "torch.randn(…, generator=generator)"
    expect(runs[1], "the samples of the same seed", hint).close(runs[0], atol=1e-6)
    expect(runs[2], "the samples of another seed", hint).satisfies(not torch.equal(runs[0], runs[2]), "others")
    own = student.make("generator", 5)
    pair = [_sampled(student, model, 4, generator=own) for _ in range(2)]
    expect(pair[1], "the samples of a second call", "Draw from the generator itself.").satisfies(
        not torch.equal(*pair), "others than those of the first call", "the same"
    )
    layers.depends_on_the_seed(student, lambda: _sampled(student, model, 4), "the samples without a generator")


@check(points=0.5, goal="errors", after=test_samples)
def test_sample_refuses_bad_numbers(student):
    """sample raises for n below 1 or that is no int, naming it."""
    model = student.new("Autoencoder")
    for bad in (0, -2, 1.5, "3"):
        student.raises(("ValueError", "TypeError"), "sample", model, bad, names=["n"])


@check(points=0.5, goal="modes", observed=True, after=test_samples)
def test_sample_restores_the_modes(student):
    """After sample every submodule has the mode that it had before."""
    model = student.new("Autoencoder")
    count = len(student.tool("modes", model))
    for flags in ([True] * count, [False] * count, [number % 2 == 0 for number in range(count)]):
        student.tool("set_modes", model, flags)
        student.new("sample", model, 2)
        hint = "Note each submodule's `training` before, and write it back after."
        expect(student.tool("modes", model), "the training flags afterwards", hint).equal(flags)
        expect(student.tool("global_state")[0], "torch.is_grad_enabled() afterwards").equal(True)


# --- train


def latent(draw, label="weights"):
    """Weights of the small net."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(draw.seed(label))
        return [p.detach() for p in LatentNet(SMALL_HIDDEN, SMALL_Z, 0.0).parameters()]


def small_net(student, weights, drop=0.0):
    """The small net in the worker."""
    model = student.make("latent_net", SMALL_HIDDEN, SMALL_Z, drop)
    student.tool("set_parameters", model, weights)
    return model


@torch.no_grad()
def _twin(weights, drop=0.0):
    net = LatentNet(SMALL_HIDDEN, SMALL_Z, drop)
    for parameter, value in zip(net.parameters(), weights, strict=True):
        parameter.copy_(value)
    return net


def _loss_of(net, images):
    recon, mu, logvar = net(images)
    return right_loss(recon, images, mu, logvar)


def _steps(student, weights, batches, rate, model, drop=0.0, what="the parameters", hint=""):
    """Replay these mini-batches, see that the parameters agree, and return the losses."""
    states, losses = trainers.adam_steps(_twin(weights, drop).train(), batches, _loss_of, rate)
    got = layers.parameters_of(student, model, [tuple(value.shape) for value in weights])
    off = max(float((a - b).abs().max()) for a, b in zip(got, states[-1])) / rate
    told = f"others, off by up to {off:.2g} times the learning rate, which is about one step"
    expect(got, what, hint).satisfies(off <= ROOM, "those after Adam's steps on loss_function", told)
    return losses


@check(points=2, goal="gradient descent")
def test_steps_of_adam(student, draw):
    """With one batch of all samples, epochs are steps of Adam on the loss, at the rate that is given."""
    pixels, weights = probes.images(draw, 9)[0], latent(draw)
    hint = "Clear the gradients before each backward pass, and keep one optimizer; there is no weight decay here."
    for epochs, settings in ((3, {"batch_size": 9, "learning_rate": 0.01}), (2, {})):
        model = small_net(student, weights)
        student.new("train", model, trainers.dataset(student, pixels), num_epochs=epochs, **settings)
        rate = settings.get("learning_rate", 1e-3)
        _steps(student, weights, [pixels] * epochs, rate, model, hint=hint)


@check(points=1, goal="losses", after=test_steps_of_adam)
def test_losses(student, draw):
    """train gives a float for each epoch: the mean of the loss over its samples, also with a smaller last batch."""
    pixels, weights = probes.images(draw, 10)[0], latent(draw)
    data = trainers.dataset(student, pixels)
    given = student.call("train", small_net(student, weights), data, num_epochs=3, batch_size=10, learning_rate=0.01)
    _, wanted = trainers.adam_steps(_twin(weights), [pixels] * 3, _loss_of, 0.01)
    expect(given, "the losses", "One float for each epoch; `loss.item()` is one.").of_type(list).each_of_type(float)
    expect(given, "the losses of three epochs").close(wanted, atol=1e-4)
    settings = {"batch_size": 4, "learning_rate": 0.0}
    given = student.call("train", small_net(student, weights), data, num_epochs=2, **settings)
    hint = "The last mini-batch has 2 samples: weigh each loss with the size of its batch."
    with torch.no_grad():
        mean = float(_loss_of(_twin(weights), pixels))
    expect(given, "the losses with batch_size=4 and learning_rate=0", hint).close([mean] * 2, atol=2e-5)
    expect(student.call("train", small_net(student, weights), data), "the losses by default: 1 epoch").length(1)


@check(points=1, goal="gradient descent", after=test_steps_of_adam)
def test_old_gradients_do_not_count(student, draw):
    """Gradients from before the call do not enter the first step."""
    pixels, weights = probes.images(draw, 8)[0], latent(draw)
    model = small_net(student, weights)
    student.tool("set_gradients", model, [torch.ones_like(value) for value in weights])
    student.new("train", model, trainers.dataset(student, pixels), batch_size=8, learning_rate=0.01)
    _steps(student, weights, [pixels], 0.01, model, hint="Clear the gradients before backward, not after the step.")


@check(points=1, goal="modes", after=test_steps_of_adam)
def test_updates_in_train_mode(student, draw):
    """Every module is in train mode at each update, in every epoch, whatever mode it came in."""
    pixels, weights = probes.images(draw, 8)[0], latent(draw)
    for flags in ([False] * 7, [True, *[False] * 6]):
        model = small_net(student, weights, drop=1.0)
        student.tool("set_modes", model, flags)
        student.new("train", model, trainers.dataset(student, pixels), 2, 8, 0.01)
        hint = "Call model.train() at the start of every epoch: here a dropout of 1.0 shows the mode."
        _steps(student, weights, [pixels] * 2, 0.01, model, 1.0, "the parameters after 2 steps with dropout", hint)


def _replayed(student, draw, count, batch_size, epochs, rate):
    pixels, weights = probes.images(draw, count)[0], latent(draw)
    model = small_net(student, weights)
    settings = {"num_epochs": epochs, "batch_size": batch_size, "learning_rate": rate}
    given = student.call("train", model, trainers.dataset(student, pixels), **settings)
    batches = trainers.mini_batches(student.tool("layer_notes", model, 0), pixels, epochs, batch_size)
    steps = [pixels[batch] for epoch in batches for batch in epoch]
    hint = "One step of one and the same Adam for each mini-batch, its gradients cleared before."
    losses = iter(_steps(student, weights, steps, rate, model, hint=hint))
    return given, [sum(len(batch) * next(losses) for batch in epoch) / count for epoch in batches]


@check(points=1.5, goal="mini-batches", after=test_steps_of_adam)
def test_mini_batches(student, draw):
    """Each epoch takes every sample once, in another order, and makes one step for each mini-batch."""
    _replayed(student, draw, 11, 4, 3, 0.005)


@check(points=0.5, goal="mini-batches", after=test_mini_batches)
def test_the_default_batch_size(student, draw):
    """Unless told otherwise, mini-batches have 64 samples."""
    pixels = probes.images(draw, 100)[0]
    model = small_net(student, latent(draw))
    student.new("train", model, trainers.dataset(student, pixels))
    trainers.mini_batches(student.tool("layer_notes", model, 0), pixels, 1, 64)


@check(points=1, goal="randomness")
def test_the_same_seed_gives_the_same_result(student, draw):
    """The result depends on torch's seed, and train does not set a seed itself."""
    weights = latent(draw)
    trainers.same_seed_same_result(student, lambda: small_net(student, weights), probes.images(draw, 24)[0])


@check(points=0.5, goal="corners")
def test_no_epochs(student, draw):
    """0 epochs change nothing, and the list of losses is empty."""
    weights = latent(draw)
    trainers.no_epochs(student, lambda: small_net(student, weights), probes.images(draw, 6)[0])


@check(points=1, goal="errors")
def test_train_refuses_bad_arguments(student, draw):
    """train raises for empty data and settings out of range, naming them, also where there are 0 epochs."""
    trainers.refuses_bad_arguments(student, small_net(student, latent(draw)), probes.images(draw, 4)[0])


@check(points=0.5, goal="side effects", after=test_steps_of_adam)
def test_the_data_stay(student, draw):
    """The images of the data are the same after training."""
    weights = latent(draw)
    trainers.data_stay(student, lambda: small_net(student, weights), probes.images(draw, 8)[0])


@check(points=0.5, goal="side effects", observed=True, after=test_steps_of_adam)
def test_gradients_stay_on(student, draw):
    """train leaves torch's gradient mode as it was."""
    weights = latent(draw)
    trainers.gradients_stay(student, lambda: small_net(student, weights), probes.images(draw, 4)[0])


@check(points=1.5, goal="devices", observed=True, after=(test_steps_of_adam, test_samples))
def test_on_a_cuda_device(student, draw):
    """Training, the draw of codes and sample work on a CUDA device: the model's own, or the one that is named."""
    pixels, weights = probes.images(draw, 8)[0], latent(draw)
    hint = "Move each batch, and each noise that you draw, to the device that the model is on."
    for device in (None, "cuda"):
        data, model = trainers.dataset(student, pixels), small_net(student, weights)
        student.tool("virtual_cuda")
        if device is None:
            model = student.make("on_device", model, "cuda")
        given = student.call("train", model, data, 2, 8, 0.01, device=device)
        places = student.tool("device_types", model)
        student.leave()
        expect(given, "the losses", hint).of_type(list).each_of_type(float)
        expect(places, "where the parameters are", hint).equal(["cuda"] * len(weights))
        _steps(student, weights, [pixels] * 2, 0.01, model, what="the parameters after 2 steps", hint=hint)
    own, data = student.new("Autoencoder"), trainers.dataset(student, pixels)
    student.tool("virtual_cuda")
    given = student.call("train", own, data, batch_size=4, device="cuda")
    images = [student.call("sample", own, 2), student.call("sample", own, 2, student.make("generator", 1))]
    student.leave()
    expect(given, "the losses of the autoencoder itself", hint).length(1).each_of_type(float)
    for made in images:
        expect(made, "the samples of a model on a CUDA device", hint).of_type(torch.Tensor).shape(2, 1, 28, 28)


# --- hidden


@check(
    points=2,
    goal="forward pass",
    hidden=True,
    after=(test_the_forward_pass_in_eval_mode, test_the_draw_of_a_code),
    recipe="any weights, images and size of the code; log-variances far below 0, and around 0",
)
def test_any_weights(student, draw):
    """With any weights, its parts fit together: in train mode the code is drawn around the mean, then decoded."""
    zdim, pixels = draw.random().randint(3, 40), probes.images(draw, 6)[0]
    weights = weights_of(draw, zdim, 1.5)
    mu, logvar, recon = forward(weights, pixels)
    model = student.new("Autoencoder", zdim)
    student.tool("set_parameters", model, weights)
    made = triple(mode(student, model, "eval")(pixels), "what the forward pass gives in eval mode")
    expect(list(made), "what the forward pass gives in eval mode").length(3).close([recon, mu, logvar], atol=5e-5)
    noisy = triple(mode(student, model, "train")(pixels), "what the forward pass gives in train mode")
    expect(list(noisy[1:]), "means and log-variances in train mode").close([mu, logvar], atol=5e-5)
    expect(noisy[0], "the reconstructions in train mode").shape(6, 784).satisfies(
        float((noisy[0] - recon).abs().max()) > 1e-3, "others than in eval mode: the code is drawn"
    )
    weights[4], weights[5] = torch.zeros_like(weights[4]), torch.full_like(weights[5], -40.0)
    student.tool("set_parameters", model, weights)
    sure = triple(model(pixels), "what the forward pass gives where the variance is nearly 0")
    expect(sure[0], "the reconstructions where the variance is nearly 0").close(recon, atol=5e-5)
    codes = torch.randn(5, zdim, generator=draw.generator("codes"))
    expect(model.call("decode", codes), "what any code decodes to").close(decoded(weights, codes), atol=5e-5)


@check(points=1.5, goal="the draw", hidden=True, after=test_the_draw_of_a_code, recipe="any means and log-variances")
def test_gradients_pass_by_the_draw(student, draw):
    """The code's gradient is 1 for the mean, and eps · exp(logvar/2) / 2 for the log-variance."""
    generator = draw.generator("clouds")
    mu, logvar = torch.randn(50, 9, generator=generator), torch.randn(50, 9, generator=generator)
    things = [student.put(value.clone().requires_grad_()) for value in (mu, logvar)]
    model = mode(student, student.new("Autoencoder", 9), "train")
    code = model.keep("reparameterize", *things)
    values = code.read()
    expect(values, "the code").of_type(torch.Tensor).shape(50, 9)
    hint = "Only eps is a constant: compute the rest from mu and logvar themselves."
    broken = student.fails(lambda: code.keep("sum").keep("backward"))
    expect(broken, "the backward pass", hint).satisfies(not broken, "one that runs", "an exception")
    wanted = (torch.ones_like(mu), (values.detach() - mu) / 2)
    for name, thing, right in zip(("mu", "logvar"), things, wanted):
        got = thing.get("grad")
        expect(got, f"the gradient of {name}", hint).of_type(torch.Tensor).close(right, atol=1e-4)


@check(points=1.5, goal="losses", hidden=True, after=test_the_loss, recipe="any batch, and any size of the code")
def test_the_loss_of_any_batch(student, draw):
    """The loss has the right value and gradients for any batch, whatever its size and that of the code."""
    rng = draw.random()
    for _ in range(3):
        given = _to_be_judged(draw, rng.randint(2, 70), rng.randint(2, 30))
        things = [student.put(v.clone().requires_grad_(n != 1)) for n, v in enumerate(given)]
        own = [v.double().requires_grad_(n != 1) for n, v in enumerate(given)]
        loss = student.new("loss_function", *things)
        wanted = right_loss(*own)
        expect(loss.read(), "the loss").of_type(torch.Tensor).shape()
        expect(loss.read(), "the loss").close(wanted.detach().float(), atol=1e-5, rtol=1e-5)
        loss.keep("backward")
        wanted.backward()
        for name, thing, right in zip(("recon_x", "x", "mu", "logvar"), things, own):
            if name != "x":
                got = thing.get("grad")
                scale = float(right.grad.abs().max())
                expect(got, f"the gradient of {name}").of_type(torch.Tensor).close(right.grad, atol=1e-3 * scale)


@check(points=1, goal="samples", hidden=True, after=test_samples, recipe="any size of the code and number of samples")
def test_samples_of_any_size(student, draw):
    """Samples decode standard normal codes of the model's own size, one for each image."""
    rng = draw.random()
    zdim, n = rng.randint(4, 40), rng.randint(150, 300)
    shown = _sampled(student, with_codes_shown(student, draw, zdim), n)
    _standard_normal(torch.logit(shown[:, :zdim].double()), "the codes behind the samples", "torch.randn(n, zdim)")
    expect(shown[:, zdim:], "the pixels that no code moves").close(torch.full((n, 784 - zdim), 0.5), atol=1e-6)


@check(
    points=3,
    goal="gradient descent",
    hidden=True,
    after=(test_mini_batches, test_losses, test_updates_in_train_mode),
    recipe="some forty-five images in mini-batches, two or three epochs, any rate",
)
def test_the_batches_replayed(student, draw):
    """The mini-batches that the model saw, replayed step by step, give the same parameters and losses."""
    rng = draw.random()
    count, batch_size, epochs = rng.randint(40, 50), rng.randint(5, 8), rng.randint(2, 3)
    given, wanted = _replayed(student, draw, count, batch_size, epochs, rng.uniform(0.002, 0.008))
    expect(given, "the losses").of_type(list).close(wanted, atol=1e-4)


@check(points=2, goal="learning", hidden=True, learning=True,
       after=(test_the_batches_replayed, test_any_weights, test_the_loss), seconds=60,
       recipe="1,000 MNIST digits, their pixels in another order")  # fmt: skip
def test_it_learns_digits(student, oracle, draw):
    """Your autoencoder, trained by your loop on real digits, reconstructs held-out ones, and its samples differ."""
    pixels, held_out = reconstruction.digits(draw, 1000, 500)
    order = torch.randperm(784, generator=draw.generator("pixels"))
    pixels, held_out = (part.flatten(1)[:, order].view(-1, 1, 28, 28) for part in (pixels, held_out))
    model = student.new("Autoencoder")
    student.tool("set_parameters", model, weights_of(draw))
    given = student.call("train", model, trainers.dataset(student, pixels), 4, 25, 0.002)
    expect(given, "the losses").length(4).each_of_type(float)
    expect(given[-1], "the last loss").satisfies(given[-1] < 0.9 * given[0], "well below the first")
    weights = layers.parameters_of(student, model, shapes())
    _, _, recon = forward(weights, held_out)
    mean = pixels.mean(dim=0).flatten()
    error, other = (recon - held_out.flatten(1)).square().mean(), (mean - held_out.flatten(1)).square().mean()
    codes = torch.randn(64, 25, generator=draw.generator("codes"))
    samples = decoded(weights, codes)
    spread = float(samples.std(dim=0).mean())
    back = torch.argsort(order)  # the pixels in their own order again
    pictures.show_images("digits, reconstructions and samples", *(
        part[:10].flatten(1)[:, back] for part in (held_out, recon, samples)
    ))  # fmt: skip
    expect(spread, "how much samples of the trained autoencoder differ").satisfies(spread > 0.02, "clearly")
    reached = 1 - float(error / other)
    expect(reached, "how much better than the mean image it reconstructs held-out digits").at_least(
        oracle.threshold("quality")
    )
