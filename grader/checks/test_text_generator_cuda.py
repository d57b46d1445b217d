"""Checks of exercise `text_generator_cuda`: bucketed batches, and training and drawing on a device."""

import re
from collections import Counter

import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grader.checks import check, expect, probes, texts
from grader.checks.expectations import Unmet
from grader.checks.texts import V

USED_MODULES = ("text_generator",)  # the model is the student's own
OUTSIDE, REAL = 10 * V, 0  # a pad_value that is no token, and one that is

EXAMPLES = settings(max_examples=20, derandomize=True, database=None, deadline=None,
                    suppress_health_check=list(HealthCheck))  # fmt: skip


def own(student, hidden, layers):
    """The student's TextGenerator."""
    return student.make("students_own", "text_generator", "TextGenerator", "writer", V, hidden, layers)


def writer(pad_value=OUTSIDE):
    """The functions of this exercise, on the CPU."""
    return texts.Writer("train_cuda", "sample_sequence_cuda", own, {"pad_value": pad_value, "device": "cpu"},
                        {"device": "cpu"})  # fmt: skip


# --- batches


def sequences(sizes):
    """Sequences that all differ, of these lengths."""
    return [torch.arange(size) + 100 * number + 7 for number, size in enumerate(sizes)]


def drained(student, data, batch_size, pad_value=-1, *arguments, **settings):
    """The batches, each seen to be padded (B, L) and lengths (B,), both int64."""
    batches, ended = student.new("bucket_batches", data, batch_size, pad_value, *arguments, **settings).drain(
        len(data) + 1
    )
    expect(len(batches), "the number of batches").satisfies(ended, "at most one for each sequence", "more")
    for batch in batches:
        two = isinstance(batch, (list, tuple)) and len(batch) == 2 and all(map(torch.is_tensor, batch))
        expect(batch, "a batch", "yield padded, lengths").satisfies(two, "two tensors")
        padded, lengths = batch
        fits = padded.dim() == 2 and lengths.shape == padded.shape[:1] and len(lengths) > 0
        expect((padded, lengths), "a batch").satisfies(fits, "padded (B, L) and lengths (B,)")
        expect([padded.dtype, lengths.dtype], "the dtypes of a batch").equal([torch.int64, torch.int64])
    return [tuple(batch) for batch in batches]


def numbers(batches):
    """The numbers of the sequences in each batch, as their first tokens tell."""
    return [[(int(row[0]) - 7) // 100 for row in padded] for padded, _ in batches]


def judge_batches(student, sizes, batch_size, pad_value, **settings):
    """All that is promised of the batches of one loop."""
    data = sequences(sizes)
    batches = drained(student, data, batch_size, pad_value, **settings)
    what = f"for lengths {sizes} and batch_size={batch_size}"
    found = [lengths.tolist() for _, lengths in batches]
    for (padded, lengths), chosen in zip(batches, numbers(batches)):
        listed = lengths.tolist()
        hint = "Sort by length, the longest first, before you cut."
        expect(listed, f"the lengths of a batch {what}", hint).satisfies(
            listed == sorted(listed, reverse=True), "falling"
        )
        expect(padded, f"padded {what}", "As wide as its longest sequence.").shape(len(listed), max(listed))
        for row, length, number in zip(padded, listed, chosen):
            real = number in range(len(data)) and torch.equal(row[:length], data[number])
            hint = "lengths holds the lengths of the sequences as they were given."
            expect(row, f"a row {what}", hint).satisfies(
                real and length == sizes[number], "a sequence, padded at its end"
            )
            hint = f"Behind a sequence's end stands pad_value, here {pad_value}."
            expect(row[length:], "the padding", hint).equal(torch.full_like(row[length:], pad_value))
    came = sorted(number for chosen in numbers(batches) for number in chosen)
    expect(came, f"the sequences {what}", "Each comes once.").equal(list(range(len(data))))
    full = Counter([batch_size] * (len(data) // batch_size) + [len(data) % batch_size] * (len(data) % batch_size > 0))
    hint = "All batches but one are full."
    expect(found, f"the lengths, batch by batch, {what}", hint).satisfies(
        Counter(map(len, found)) == full, "full batches and one that may be smaller"
    )
    ranges = sorted((min(each), max(each)) for each in found)
    apart = all(before[1] <= after[0] for before, after in zip(ranges, ranges[1:]))  # noqa: RUF007
    hint = "Sort by length, then cut: then no batch reaches into another's range."
    expect(found, f"the lengths, batch by batch, {what}", hint).satisfies(
        apart, "ranges that overlap in one value at most"
    )


def examples():
    """Lengths of sequences, sizes of batches and whether to shuffle."""
    found = []

    @EXAMPLES
    @given(st.lists(st.integers(1, 9), min_size=1, max_size=14), st.integers(1, 5), st.booleans())
    def collect(sizes, batch_size, shuffle):
        found.append((sizes, batch_size, shuffle))

    collect()
    return found


@check(points=2, goal="bucketing")
def test_the_batches(student):
    """Batches hold sequences of about one length, sorted, padded at the end, each once, and all but one are full."""
    for shuffle in (True, False):
        judge_batches(student, [3, 9, 4, 4, 7, 1, 5], 2, -1, shuffle=shuffle)
    judge_batches(student, [5, 2, 8], 1, 0)
    judge_batches(student, [2, 2, 2, 2, 2, 3, 3], 3, 10**6)
    judge_batches(student, [4, 6], 32, 7)


@check(points=2, goal="bucketing", hidden=True, after=test_the_batches, recipe="any lengths, batch sizes and pad_value")
def test_any_batches(student, draw):
    """The batches are right for any lengths, batch size and pad_value."""
    rng = draw.random()
    for sizes, batch_size, shuffle in examples():
        judge_batches(student, sizes, batch_size, rng.choice([-5, 0, 7, 107, 3000]), shuffle=shuffle)
    sizes = [rng.randint(1, 30) for _ in range(50)]
    judge_batches(student, sizes, rng.randint(3, 9), -1)


@check(points=1, goal="bucketing", after=test_the_batches)
def test_batches_in_random_order(student):
    """Shuffled, the batches come in random order, and so do sequences of equal length; the sequences stay."""
    loops, data = [], sequences([2, 4, 6] * 6)
    for seed in range(4):
        student.tool("seed", 50 + seed)
        kept = student.put(data)
        loops += [numbers(drained(student, data, 3)) for _ in range(2)]
        student.new("bucket_batches", kept, 3, 0).drain(9)
        expect(kept.read(), "the sequences afterwards", "Sort numbers or a copy.").equal(data)
    by_length = [[chosen[0] % 3 for chosen in batches] for batches in loops]
    hint = "Mix the batches after you have cut them."
    expect(by_length, "the order of the lengths in eight loops", hint).satisfies(
        len(set(map(tuple, by_length))) > 2, "not always the same"
    )
    mixes = {frozenset(map(frozenset, batches)) for batches in loops}
    hint = "Mix the sequences before you sort them by length: a stable sort keeps equal lengths mixed."
    expect(len(mixes), "the number of different mixes in eight loops", hint).satisfies(len(mixes) > 2, "more than two")


@check(points=1, goal="bucketing", after=test_the_batches)
def test_the_generator_of_the_batches(student):
    """Batches repeat under a seed of the generator, which leaves the global one alone, or else of the global one."""
    data, seen = sequences([3] * 8 + [5] * 8), []
    for seed in (5, 5, 6):
        before = student.tool("global_state")[1]
        seen.append(numbers(drained(student, data, 2, generator=student.make("generator", seed))))
        hint = "Hand generator to every torch.randperm."
        expect(student.tool("global_state")[1], "the state of torch's global generator", hint).equal(before)
    hint = "All randomness comes from the generator."
    expect(seen[1], "the batches under the same generator seed", hint).equal(seen[0])
    expect(seen[2], "the batches under another seed", hint).satisfies(seen[2] != seen[0], "others")
    seen = []
    for seed in (5, 5, 6):
        student.tool("seed", seed)
        seen.append(numbers(drained(student, data, 2)))
    hint = "Without generator, draw from torch's global one, and set no seed."
    expect(seen[1], "the batches under the same global seed", hint).equal(seen[0])
    expect(seen[2], "the batches under another global seed", hint).satisfies(seen[2] != seen[0], "others")


@check(points=0.5, goal="corners")
def test_bad_batching_raises(student):
    """No sequences, and a bad batch_size or pad_value, raise an error that names them, at the first batch at last."""
    data = sequences([3, 4])
    for name, arguments in (
        ("sequences", ([], 2, 0)),
        *(("batch_size", (data, value, 0)) for value in (0, -1, 1.5, "2")),
        *(("pad_value", (data, 2, value)) for value in (1.5, "0")),
    ):
        message, bases = None, []
        try:
            student.new("bucket_batches", *arguments).drain(1)
        except Unmet as unmet:
            raised = getattr(unmet, "raised", None)
            if raised is None or unmet.unimplemented:
                raise
            message, bases = raised.text(), raised.bases
        named = message is not None and re.search(rf"(?<!\w){name}(?!\w)", message)
        right = {"ValueError", "TypeError"} & set(bases) and named
        expect(message, f"the error for a bad {name}").satisfies(
            bool(right), f"ValueError or TypeError that names `{name}`", message or "no exception"
        )


# --- training


@check(points=2, goal="training on a device")
def test_steps_on_one_batch(student, draw):
    """A batch of unequal lengths makes one step of Adam on the mean over its real tokens, as in text_generator."""
    texts.steps_on_one_batch(student, draw, writer())


@check(points=1.5, goal="training on a device", after=test_steps_on_one_batch)
def test_any_pad_value(student, draw):
    """pad_value may be a real token, which still counts where it is no padding, or a number outside the vocabulary."""
    for pad_value in (REAL, V - 1, V - 2, -1, -100):
        texts.steps_on_one_batch(student, draw, writer(pad_value))


@check(points=0.5, goal="training on a device", after=test_steps_on_one_batch)
def test_old_gradients_do_not_count(student, draw):
    """Gradients from before the call do not enter the first step."""
    texts.old_gradients_do_not_count(student, draw, writer())


@check(points=1, goal="training on a device", after=test_steps_on_one_batch)
def test_shuffled_each_epoch(student, draw):
    """Each epoch takes every sequence once, in another order."""
    texts.shuffled_each_epoch(student, draw, writer())


@check(points=0.5, goal="training on a device")
def test_the_seed_decides(student, draw):
    """The order comes from torch's global generator, which train_cuda does not seed; the sequences stay as they are."""
    texts.the_seed_decides(student, draw, writer())


@check(points=0.5, goal="training on a device", after=test_steps_on_one_batch)
def test_the_defaults_of_train_cuda(student, draw):
    """Unless told otherwise, train_cuda makes one epoch, in batches of 32, at the rate 0.004."""
    data, weights = (
        texts.sequences(draw, [3 + number % 4 for number in range(32)]),
        texts.random_weights(draw, "weights"),
    )
    own_writer = writer()
    model = own_writer.net(student, weights)
    losses = own_writer.train(student, model, data)
    expected, wanted = texts.trained(weights, data, [[list(range(32))]], 0.004)
    hint = "num_epochs=1, batch_size=32, lr=0.004"
    expect(losses, "losses of 32 sequences", hint).close(expected, atol=1e-4)
    got = probes.parameters(student, model)
    expect(got, "the parameters", hint).close(wanted, atol=5e-4)


@check(points=2, goal="training on a device", hidden=True, after=(test_any_pad_value, test_shuffled_each_epoch),
       recipe="any net and rate, three sequences in batches of one and two, any pad_value")  # fmt: skip
def test_any_training_replayed(student, draw):
    """Losses and parameters are those of a training in some order of the sequences."""
    texts.any_training_replayed(student, draw, writer(draw.random("pad").choice([REAL, 3, V - 1, OUTSIDE, -7])))


@check(points=0.5, goal="training on a device", observed=True)
def test_in_train_mode(student, draw):
    """All parts of the net are in train mode at each update; torch's gradient mode stays as it was."""
    texts.in_train_mode(student, draw, writer())


@check(points=0.5, goal="corners")
def test_no_epochs(student, draw):
    """0 epochs change nothing and give no losses."""
    texts.no_epochs(student, draw, writer())


@check(points=0.5, goal="corners")
def test_bad_training_raises(student, draw):
    """No sequences, and a bad num_epochs, batch_size or lr, raise an error that names them."""
    texts.bad_training_raises(student, draw, writer())


# --- drawing


@check(points=1, goal="drawing on a device")
def test_begins_and_ends(student):
    """A text starts from <BOS>, ends at <EOS> or after max_len draws, and holds neither marker."""
    texts.begins_and_ends(student, writer())


@check(points=0.5, goal="drawing on a device", after=test_begins_and_ends)
def test_a_hundred_draws(student):
    """Unless told otherwise, a text ends after 100 draws."""
    texts.the_defaults(student, writer())


@check(points=0.5, goal="drawing on a device", hidden=True, after=test_begins_and_ends,
       recipe="any net, at a temperature of 0.01")  # fmt: skip
def test_near_the_best_guess(student, draw):
    """At a low temperature the best guess is drawn, by a net that remembers all that it has read."""
    texts.near_the_best_guess(student, draw, writer())


@check(points=1, goal="drawing on a device", hidden=True, after=test_begins_and_ends,
       recipe="logits that are the same at each step; temperatures 0.8 (also unnamed), 1, 1.5, 2 and 5")  # fmt: skip
def test_the_temperature(student, draw):
    """Tokens are drawn from softmax(logits / temperature)."""
    texts.the_temperature(student, draw, writer())


@check(points=0.5, goal="drawing on a device", after=test_begins_and_ends)
def test_the_generator(student, draw):
    """Texts repeat under a seed of the generator, or else of torch's global one, which a given one leaves alone."""
    texts.the_generator(student, draw, writer())


@check(points=0.5, goal="drawing on a device", observed=True)
def test_samples_leave_no_trace(student):
    """Drawing works in eval mode and without gradients, and restores every mode, also after an error."""
    texts.samples_leave_no_trace(student, writer())


@check(points=0.5, goal="corners")
def test_bad_sampling_raises(student, draw):
    """A bad temperature or max_len raises an error that names it."""
    texts.bad_sampling_raises(student, draw, writer())


# --- the device


@check(points=1, goal="devices")
def test_an_absent_device_raises(student, draw):
    """A device that is unknown or absent raises: nothing runs silently elsewhere."""
    data, weights = texts.sequences(draw, [4, 5]), texts.random_weights(draw, "weights")
    for device in ("nowhere", "cuda"):
        own_writer = writer()
        hint = "Move the model to the device that is named, and let torch's own error through."
        model = own_writer.net(student, weights)
        student.raises("Exception", "train_cuda", model, data, 0, device=device, hint=hint)
        model = own_writer.net(student, weights)
        arguments = (model, texts.STOI, texts.SYMBOLS)
        student.raises("Exception", "sample_sequence_cuda", *arguments, device=device, hint=hint)


@check(points=2, goal="devices", observed=True, after=(test_steps_on_one_batch, test_begins_and_ends))
def test_on_a_cuda_device(student, draw):
    """Training and drawing move the model, your TextGenerator, to CUDA, and give there what they give on the CPU."""
    data, weights = texts.sequences(draw, [4, 7, 5]), texts.random_weights(draw, "weights")
    on_cpu = writer()
    model = on_cpu.net(student, weights)
    losses = on_cpu.train(student, model, data, num_epochs=2, batch_size=3, lr=0.01)
    text = on_cpu.sample(student, on_cpu.net(student, weights), max_len=15, generator=student.make("generator", 9))
    for device in ({}, {"device": "cuda"}):
        trainee, author = on_cpu.net(student, weights), on_cpu.net(student, weights)
        generator = student.make("generator", 9)
        on_cuda = texts.Writer("train_cuda", "sample_sequence_cuda", own, {"pad_value": OUTSIDE, **device}, device)
        student.tool("virtual_cuda")
        hint = (
            "Move the model to the device and all that it holds with it (register_buffer), then each batch and token."
        )
        again = on_cuda.train(student, trainee, data, num_epochs=2, batch_size=3, lr=0.01)
        drawn = on_cuda.sample(student, author, max_len=15, generator=generator)
        places = [student.tool("device_types", model) for model in (trainee, author)]
        student.leave()
        expect(again, "losses on cuda, beside those on the CPU", hint).close(losses, atol=1e-4)
        expect(places, "where the parameters of both models are", hint).equal([["cuda"] * len(weights)] * 2)
        hint = "The generator is on the CPU: draw there, so that the same seed gives the same text."
        expect(drawn, "the text on cuda, beside that on the CPU", hint).equal(text)
