"""Checks of exercise `text_generator`: vocabulary, network, teacher forcing, training and drawing."""

import math

import torch

from grader.checks import check, expect, pictures, probes, texts
from grader.checks.texts import BOS, EOS, STOI, Twin, V

WRITER = texts.Writer(
    "train", "sample_sequence", lambda student, hidden, layers: student.new("TextGenerator", V, hidden, n_layers=layers)
)
LOSSES = ("teacher_forcing_loss_stepwise", "teacher_forcing_loss")


# --- vocabulary


def vocabulary(student, text):
    """The student's vocab, stoi and itos, seen to be three."""
    found = student.call("build_vocab", text)
    three = isinstance(found, (list, tuple)) and len(found) == 3
    expect(found, "the result", "return vocab, stoi, itos").satisfies(three, "three things: vocab, stoi, itos")
    return found


@check(points=1, goal="vocabularies")
def test_the_vocabulary(student):
    """build_vocab gives the distinct characters, sorted, then the two markers, and both directions of look-up."""
    for text in ("banana", "God bless!", "zyx\n a\tZ", "", "<BOS> or <EOS>", "größe 12"):
        vocab, stoi, itos = vocabulary(student, text)
        wanted = [*sorted(set(text)), BOS, EOS]
        hint = "Each character once, in sorted order; then <BOS> and <EOS>."
        expect(list(vocab) if isinstance(vocab, (list, tuple)) else vocab, f"vocab of {text!r}", hint).equal(wanted)
        expect(stoi, f"stoi of {text!r}", "A dict from symbol to number.").equal({s: n for n, s in enumerate(wanted)})
        known = itos if isinstance(itos, dict) else dict(enumerate(itos)) if isinstance(itos, (list, tuple)) else itos
        hint = "itos[number] is the symbol: a list, or a dict from number to symbol."
        expect(known, f"itos of {text!r}", hint).equal(dict(enumerate(wanted)))


@check(points=0.5, goal="vocabularies")
def test_encode(student):
    """encode gives the numbers of the characters between those of the two markers, as int64."""
    for text in ("abc", "feed", "f", "", "aaaa"):
        tokens = student.call("encode", text, STOI)
        hint = f"{len(text)} characters and two markers."
        expect(tokens, f"the tokens of {text!r}", hint).shape(len(text) + 2)
        expect(tokens.dtype, "their dtype", "torch.long").equal(torch.int64)
        expect(tokens.tolist(), f"the tokens of {text!r}").equal([STOI[s] for s in (BOS, *text, EOS)])
    turned = {symbol: V - 1 - number for symbol, number in STOI.items()}
    expect(student.call("encode", "bad", turned).tolist(), "the tokens by another stoi").equal(
        [turned[s] for s in (BOS, *"bad", EOS)]
    )
    expect(student.call("encode", "<BOS>", {**STOI, **dict(zip("<BOS>", (8, 9, 10, 11, 12)))}).tolist(),
           "the tokens of the five characters <BOS>").equal([STOI[BOS], 8, 9, 10, 11, 12, STOI[EOS]])  # fmt: skip


@check(points=0.5, goal="vocabularies")
def test_an_unknown_character_raises(student):
    """encode raises for a character that stoi lacks, and names it."""
    for text, unknown in (("abz", "z"), ("%", "%"), ("face K", " "), ("badQ", "Q")):
        names = [unknown] if unknown.strip() else []
        hint = "stoi[character] raises a KeyError that names it; stoi.get does not."
        student.raises("Exception", "encode", text, STOI, names=names, hint=hint)


# --- the network


@check(points=1, goal="recurrent networks")
def test_the_parameters(student):
    """TextGenerator has the parameters of its GRU and of its decoder, in this order, and no others."""
    for symbols, hidden, settings in ((8, 5, {}), (11, 4, {"n_layers": 3})):
        model = student.new("TextGenerator", symbols, hidden, **settings)
        values = probes.parameters(student, model)
        found = [tuple(value.shape) if torch.is_tensor(value) else None for value in values]
        hint = "One-hot vectors go into nn.GRU(V, H, n_layers); the identity matrix is no parameter."
        wanted = texts.shapes(symbols, hidden, settings.get("n_layers", 1))
        expect(found, "the shapes of the parameters", hint).equal(wanted)
        expect(student.tool("requires_grad", model), "which are trainable").equal([True] * len(wanted))


def passed(student, model, *arguments):
    """Logits and state of a forward pass, seen to be two tensors."""
    result = model(*arguments)
    two = isinstance(result, (list, tuple)) and len(result) == 2 and all(map(torch.is_tensor, result))
    expect(result, "the result of a forward pass", "return logits, hidden").satisfies(two, "two tensors")
    return result


@check(points=1, goal="recurrent networks", after=test_the_parameters)
def test_the_shapes(student):
    """The model takes (B, L) tokens and gives logits (B, L, V) and the state (n_layers, B, H)."""
    for layers in (1, 2):
        model = student.new("TextGenerator", V, 5, n_layers=layers)
        for batch, length in ((1, 1), (1, 4), (3, 1), (2, 6)):
            logits, hidden = passed(student, model, torch.zeros(batch, length, dtype=torch.long))
            expect(logits, f"logits of tokens ({batch}, {length})", "batch_first=True").shape(batch, length, V)
            expect(hidden, "the state").shape(layers, batch, 5)


@check(points=1.5, goal="recurrent networks", hidden=True, after=test_the_shapes, recipe="any weights and tokens")
def test_the_forward_pass(student, draw):
    """Logits and state are those of one-hot vectors, a GRU and a linear layer; a given state is gone on from."""
    for layers in (1, 2):
        weights = texts.random_weights(draw, f"weights {layers}", layers=layers)
        tokens = torch.randint(V, (3, 7), generator=draw.generator("tokens"))
        model = student.new("TextGenerator", V, 10, n_layers=layers)
        fresh = probes.parameters(student, model)
        other = probes.parameters(student, student.new("TextGenerator", V, 10, n_layers=layers))
        differ = float((fresh[0] - other[0]).abs().max())
        expect(differ, "how far two new models differ").satisfies(differ > 0, "torch's own random start for each")
        student.tool("set_parameters", model, weights)
        with torch.no_grad():
            wanted, state = Twin(weights)(tokens)
        logits, hidden = passed(student, model, tokens)
        expect(logits, "the logits").close(wanted, atol=1e-4)
        expect(hidden, "the state").close(state, atol=1e-4)
        first, hidden = passed(student, model, tokens[:, :3])
        second, hidden = passed(student, model, tokens[:, 3:], hidden.detach())
        hint = "Hand hidden on to the GRU, and return the state that it gives."
        expect(torch.cat([first, second], dim=1), "the logits in two parts", hint).close(wanted, atol=1e-4)
        expect(hidden, "the state after the second part", hint).close(state, atol=1e-4)


# --- teacher forcing


@check(points=1.5, goal="teacher forcing", after=test_the_shapes)
def test_the_losses(student, draw):
    """Both losses are the mean cross-entropy of the next token, and agree to 1e-5."""
    weights = texts.random_weights(draw, "weights")
    model = WRITER.net(student, weights)
    for length in (2, 3, 9):
        (tokens,) = texts.sequences(draw, [max(length, 3)])
        tokens = tokens[:length]
        with torch.no_grad():
            wanted = float(Twin(weights).losses(tokens).mean())
        values = [student.call(name, model, tokens) for name in LOSSES]
        for name, value in zip(LOSSES, values):
            hint = "Read tokens[:-1], guess tokens[1:], and take the mean over these L - 1 guesses."
            expect(value, f"{name} of {length} tokens", hint).shape().close(wanted, atol=1e-4)
        expect(values[0], "the difference of the two").close(float(values[1]), atol=1e-5)


@check(points=1, goal="teacher forcing", after=test_the_losses)
def test_the_gradients(student, draw):
    """Both losses have gradients, those of the mean cross-entropy."""
    weights, (tokens,) = texts.random_weights(draw, "weights"), texts.sequences(draw, [8])
    twin = Twin(weights)
    twin.losses(tokens).mean().backward()
    wanted = [parameter.grad for parameter in twin.parameters()]
    for name in LOSSES:
        model = WRITER.net(student, weights)
        hint = "Add up tensors, not numbers: `.item()` and `.detach()` cut the graph, also that of the state."
        loss = student.new(name, model, tokens)
        expect(loss.get("requires_grad"), f"requires_grad of {name}", hint).equal(True)
        loss.call("backward")
        found = student.tool("gradients", model)
        expect(found, f"the gradients of {name}", hint).close(wanted, atol=1e-4)


@check(points=1, goal="teacher forcing", after=test_the_losses)
def test_one_token_at_a_time(student, draw):
    """The stepwise loss calls the model with one token after the other, the other loss once with all."""
    rows = torch.randn(V, V, generator=draw.generator("rows"))
    (tokens,) = texts.sequences(draw, [7])
    model = student.make("counting", rows)
    logits, calls = rows[tokens[:-1]], torch.arange(1.0, 7.0)[:, None]
    for name, times, hint in (
        ("teacher_forcing_loss_stepwise", calls, "Call the model for each token, with the state of the call before."),
        ("teacher_forcing_loss", torch.ones(6, 1), "One call reads all tokens."),
    ):
        wanted = float(torch.nn.functional.cross_entropy(logits * times, tokens[1:]))
        value = student.call(name, model, tokens)
        expect(value, f"{name} of a model whose logits grow with each call", hint).close(wanted, atol=1e-4)


@check(points=1, goal="teacher forcing", hidden=True, after=test_the_losses, recipe="any weights and tokens")
def test_any_losses(student, draw):
    """Both losses are right for any net and text."""
    rng = draw.random()
    for layers in (1, 2):
        weights = texts.random_weights(draw, f"weights {layers}", hidden=rng.randint(4, 12), layers=layers, scale=1.0)
        model = WRITER.net(student, weights)
        for tokens in texts.sequences(draw, [rng.randint(4, 20), rng.randint(30, 50)], f"texts {layers}"):
            with torch.no_grad():
                wanted = float(Twin(weights).losses(tokens).mean())
            for name in LOSSES:
                expect(student.call(name, model, tokens), name).shape().close(wanted, atol=2e-4)


# --- training


@check(points=2, goal="training a generator", after=test_the_shapes)
def test_steps_on_one_batch(student, draw):
    """A batch of unequal lengths makes one step of Adam on the mean over its real tokens: padding is not learnt."""
    texts.steps_on_one_batch(student, draw, WRITER)


@check(points=0.5, goal="training a generator", after=test_steps_on_one_batch)
def test_old_gradients_do_not_count(student, draw):
    """Gradients from before the call do not enter the first step."""
    texts.old_gradients_do_not_count(student, draw, WRITER)


@check(points=1, goal="training a generator", after=test_steps_on_one_batch)
def test_shuffled_each_epoch(student, draw):
    """Each epoch takes every sequence once, in another order."""
    texts.shuffled_each_epoch(student, draw, WRITER)


@check(points=0.5, goal="training a generator", after=test_the_shapes)
def test_the_seed_decides(student, draw):
    """The order comes from torch's global generator, which train does not seed; the sequences stay as they are."""
    texts.the_seed_decides(student, draw, WRITER)


@check(points=0.5, goal="training a generator")
def test_the_defaults_of_train(student, draw):
    """Unless told otherwise, train makes one epoch, in batches of one, at the rate 0.001."""
    data, weights = texts.sequences(draw, [4, 6]), texts.random_weights(draw, "weights")
    model = WRITER.net(student, weights)
    losses = WRITER.train(student, model, data)
    ways = texts.replay(weights, data, 1, 0.001, losses)
    hint = "num_epochs=1, batch_size=1, lr=0.001"
    expect(losses, "losses", hint).satisfies(bool(ways), "those of one epoch in batches of one")
    got = probes.parameters(student, model)
    off = min(texts.distance(got, wanted) for _, wanted in ways)
    expect(got, "the parameters", hint).satisfies(off < 3e-4, "those after two steps of Adam at the rate 0.001")


@check(points=2, goal="training a generator", hidden=True, after=(test_steps_on_one_batch, test_shuffled_each_epoch),
       recipe="any net and rate, three sequences in batches of one and two")  # fmt: skip
def test_any_training_replayed(student, draw):
    """Losses and parameters are those of a training in some order of the sequences."""
    texts.any_training_replayed(student, draw, WRITER)


@check(points=0.5, goal="training a generator", observed=True, after=test_the_shapes)
def test_in_train_mode(student, draw):
    """All parts of the net are in train mode at each update; torch's gradient mode stays as it was."""
    texts.in_train_mode(student, draw, WRITER)


@check(points=0.5, goal="corners", after=test_the_shapes)
def test_no_epochs(student, draw):
    """0 epochs change nothing and give no losses."""
    texts.no_epochs(student, draw, WRITER)


@check(points=1, goal="corners", after=test_the_shapes)
def test_bad_training_raises(student, draw):
    """No sequences, and a bad num_epochs, batch_size or lr, raise an error that names them."""
    texts.bad_training_raises(student, draw, WRITER)


# --- drawing


@check(points=2, goal="drawing", after=test_the_shapes)
def test_begins_and_ends(student):
    """A text starts from <BOS>, ends at <EOS> or after max_len draws, and holds neither marker."""
    texts.begins_and_ends(student, WRITER)


@check(points=0.5, goal="drawing", after=test_begins_and_ends)
def test_a_hundred_draws(student):
    """Unless told otherwise, a text ends after 100 draws."""
    texts.the_defaults(student, WRITER)


@check(points=1, goal="drawing", hidden=True, after=test_begins_and_ends, recipe="any net, at a temperature of 0.01")
def test_near_the_best_guess(student, draw):
    """At a low temperature the best guess is drawn, by a net that remembers all that it has read."""
    texts.near_the_best_guess(student, draw, WRITER)


@check(points=2, goal="drawing", hidden=True, after=test_begins_and_ends,
       recipe="logits that are the same at each step; temperatures 0.8 (also unnamed), 1, 1.5, 2 and 5")  # fmt: skip
def test_the_temperature(student, draw):
    """Tokens are drawn from softmax(logits / temperature), so that the entropy rises with it."""
    texts.the_temperature(student, draw, WRITER)


@check(points=1, goal="drawing", after=test_begins_and_ends)
def test_the_generator(student, draw):
    """Texts repeat under a seed of the generator, or else of torch's global one, which a given one leaves alone."""
    texts.the_generator(student, draw, WRITER)


@check(points=1, goal="drawing", observed=True)
def test_samples_leave_no_trace(student):
    """Drawing works in eval mode and without gradients, and restores every mode, also after an error."""
    texts.samples_leave_no_trace(student, WRITER)


@check(points=1, goal="corners")
def test_bad_sampling_raises(student, draw):
    """A bad temperature or max_len raises an error that names it."""
    texts.bad_sampling_raises(student, draw, WRITER)


# --- all together


@check(points=2, goal="learning", hidden=True, learning=True, seconds=60, recipe="a sentence of three made-up words",
       after=(test_any_training_replayed, test_near_the_best_guess))  # fmt: skip
def test_it_learns_a_sentence_by_heart(student, oracle, draw):
    """A model that is over-fitted on one sentence reproduces it."""
    rng = draw.random()
    sentence = "".join(rng.choice("abcdef") for _ in range(24))
    data = [torch.tensor([STOI[s] for s in (BOS, *sentence, EOS)])]
    generator = draw.generator("weights")
    weights = [(2 * torch.rand(shape, generator=generator) - 1) / 32**0.5 for shape in texts.shapes(V, 32, 1)]
    model = WRITER.net(student, weights)
    losses = WRITER.train(student, model, data, num_epochs=120, lr=0.01)
    expect(losses, "losses").satisfies(losses[-1] < 0.1 * losses[0], "falling to less than a tenth")
    values = probes.parameters(student, model)
    expect(texts.distance(values, weights), "how far the parameters moved").between(1e-3, 100)
    with torch.no_grad():
        surest = math.exp(-float(Twin(values).losses(data[0]).mean()))
    expect(surest, "the chance of a right guess").at_least(oracle.threshold("sentence"))
    got = WRITER.sample(student, model, temperature=0.1)
    pictures.show_table("a sentence learnt by heart", [("learnt", sentence), ("written", got)])
    expect(got, "the text at a temperature of 0.1").satisfies(got == sentence, "the sentence")


@check(points=1, goal="devices", observed=True, after=(test_steps_on_one_batch, test_begins_and_ends))
def test_on_a_cuda_device(student, draw):
    """Losses, train and sample_sequence work on the device that the model is on."""
    data, weights = texts.sequences(draw, [4, 7]), texts.random_weights(draw, "weights")
    plain, (wanted, _) = WRITER.net(student, weights), texts.certain_text(weights, 9)
    expected = [float(student.call(name, plain, data[0])) for name in LOSSES]
    losses = WRITER.train(student, plain, data, num_epochs=2, batch_size=2, lr=0.01)
    model = WRITER.net(student, weights)
    student.tool("virtual_cuda")
    model = student.make("on_device", model, "cuda")
    hint = "Move tokens to the model's device, and the identity matrix with the model: a buffer does."
    for name, value in zip(LOSSES, expected):
        got = student.call(name, model, data[0])
        expect(got, f"{name} on cuda", hint).shape().close(value, atol=1e-4)
    text = WRITER.sample(student, model, max_len=9, temperature=1e-3)
    again = WRITER.train(student, model, data, num_epochs=2, batch_size=2, lr=0.01)
    places = student.tool("device_types", model)
    student.leave()
    expect(text, "the text on cuda", hint).equal(wanted)
    expect(again, "losses on cuda, beside those on the CPU", hint).close(losses, atol=1e-4)
    expect(places, "where the parameters are").equal(["cuda"] * len(weights))
