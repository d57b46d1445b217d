"""Generators of text: nets whose next token is known, training replayed in every order, and drawn texts judged."""

import copy
import itertools
import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from grader.checks import expect, probes
from grader.checks.draws import Draw

BOS, EOS = "<BOS>", "<EOS>"
SYMBOLS = [*"abcdef", BOS, EOS]
STOI = {symbol: number for number, symbol in enumerate(SYMBOLS)}
V = len(SYMBOLS)
NEVER = -400.0  # a logit that is not drawn at any temperature here
TEMPERATURES = (0.8, 1.0, 1.5, 2.0, 5.0)


class Twin(nn.Module):
    """The trusted side's generator of text: reads tokens (B, L), gives logits (B, L, V) and the state."""

    def __init__(self, weights: Sequence[Tensor]) -> None:
        super().__init__()
        self.symbols, hidden = weights[-2].shape
        self.parts = nn.ModuleList([nn.GRU(self.symbols, hidden, (len(weights) - 2) // 4, batch_first=True)])
        self.parts.append(nn.Linear(hidden, self.symbols))
        with torch.no_grad():
            for parameter, value in zip(self.parameters(), weights, strict=True):
                parameter.copy_(value)

    def forward(self, tokens: Tensor, hidden: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """tokens: (B, L) int64."""
        read, hidden = self.parts[0](nn.functional.one_hot(tokens, self.symbols).float(), hidden)
        return self.parts[1](read), hidden

    def losses(self, tokens: Tensor) -> Tensor:
        """The cross-entropy of each next token of one sequence, (L - 1,)."""
        return nn.functional.cross_entropy(self(tokens[None, :-1])[0][0], tokens[1:], reduction="none")


def shapes(symbols: int, hidden: int, layers: int) -> list[tuple[int, ...]]:
    """Those of a generator's parameters, in order."""
    found: list[tuple[int, ...]] = []
    for layer in range(layers):
        found += [(3 * hidden, hidden if layer else symbols), (3 * hidden, hidden), (3 * hidden,), (3 * hidden,)]
    return [*found, (symbols, hidden), (symbols,)]


def random_weights(draw: Draw, label: str, hidden: int = 10, layers: int = 1, scale: float = 0.5) -> list[Tensor]:
    """Weights of a generator of the symbols above."""
    generator = draw.generator(label)
    return [scale * torch.randn(shape, generator=generator) for shape in shapes(V, hidden, layers)]


def memoryless(rows: Tensor) -> list[Tensor]:
    """Weights of a generator that gives logits rows[x] after the token x, whatever came before; rows: (V, V)."""
    weights = [torch.zeros(shape) for shape in shapes(V, V, 1)]
    weights[0][2 * V :] = 20 * torch.eye(V)  # the new state is tanh(20) = 1 at the token's place,
    weights[2][V : 2 * V] = -100.0  # and nothing of the old one is kept
    weights[4] = rows.t().clone()
    return weights


def chain(*steps: str) -> Tensor:
    """Rows by which each symbol, the first of a pair, is followed by the second."""
    rows = torch.full((V, V), -50.0)
    for step in steps:
        before, after = step.split()
        rows[STOI[before], STOI[after]] = 50.0
    return rows


def certain_text(weights: Sequence[Tensor], most: int) -> tuple[str, float]:
    """What is drawn where only the best guess ever is, and the least margin between it and the second."""
    model, token, hidden, text, margin = Twin(weights), STOI[BOS], None, "", math.inf
    with torch.no_grad():
        for _ in range(most):
            logits, hidden = model(torch.tensor([[token]]), hidden)
            best, second = logits[0, 0].topk(2).values.tolist()
            token, margin = int(logits.argmax()), min(margin, best - second)
            if SYMBOLS[token] == EOS:
                break
            text += SYMBOLS[token] if SYMBOLS[token] != BOS else ""
    return text, margin


def sequences(draw: Draw, lengths: Sequence[int], label: str = "sequences") -> list[Tensor]:
    """Encoded texts of these lengths, markers included; all symbols come in them, and all have the symbol 0."""
    rng = draw.random(label)
    texts = [[0, *(rng.randrange(V - 2) for _ in range(length - 3))] for length in lengths]
    for text in texts:
        rng.shuffle(text)
    return [torch.tensor([STOI[BOS], *text, STOI[EOS]]) for text in texts]


def batch_loss(model: Twin, batch: Sequence[Tensor]) -> Tensor:
    """The mean over the batch's target tokens."""
    return torch.cat([model.losses(tokens) for tokens in batch]).mean()


@dataclass(frozen=True)
class Writer:
    """The functions of one exercise that train and sample.

    trainer, sampler: their names; make: (student, hidden size, layers) → the student's own net, a Thing; training,
    sampling: further arguments of all calls.
    """

    trainer: str
    sampler: str
    make: Callable[[Any, int, int], Any]
    training: dict[str, Any] = field(default_factory=dict)
    sampling: dict[str, Any] = field(default_factory=dict)

    def net(self, student: Any, weights: Sequence[Tensor]) -> Any:
        """The student's own net with these weights."""
        model = self.make(student, weights[-2].shape[1], (len(weights) - 2) // 4)
        wanted = [tuple(value.shape) for value in weights]
        expect(_shapes(probes.parameters(student, model)), "the shapes of the net's parameters").equal(wanted)
        student.tool("set_parameters", model, list(weights))
        return model

    def train(self, student: Any, model: Any, texts: Any, **settings: Any) -> list[float]:
        """Call the trainer and see that a list of floats comes back."""
        losses = student.call(self.trainer, model, texts, **self.training, **settings)
        hint = "A list of Python floats, one for each epoch."
        expect(losses, "losses", hint).length(settings.get("num_epochs", 1)).each_of_type(float)
        return losses

    def sample(self, student: Any, model: Any, itos: Any = SYMBOLS, **settings: Any) -> str:
        """Call the sampler and see that a text without markers comes back."""
        text = student.call(self.sampler, model, STOI, itos, **self.sampling, **settings)
        expect(text, "the text").of_type(str)
        hint = "Neither marker is ever part of the text."
        expect(text, "the text", hint).satisfies(BOS not in text and EOS not in text, "no marker in it")
        return text


def _shapes(values: Any) -> list[tuple[int, ...] | None]:
    return [tuple(value.shape) if torch.is_tensor(value) else None for value in values]


# --- training


def orders(count: int, batch_size: int) -> Iterator[list[list[int]]]:
    """Every way to make batches of `count` sequences, all but one full, each batch as a set, in every order."""
    seen = set()
    for order in itertools.permutations(range(count)):
        cut = [sorted(order[start : start + batch_size]) for start in range(0, count, batch_size)]
        for batches in (cut, [cut[-1], *cut[:-1]]):
            key = tuple(map(tuple, batches))
            if key not in seen:
                seen.add(key)
                yield batches


def replay(weights, texts, batch_size, lr, losses, atol=2e-4):
    """Train in every order that gives these losses, epoch by epoch: [(orders, parameters)] of those that do."""
    model = Twin(weights)
    branches: list[Any] = [([], model, torch.optim.Adam(model.parameters(), lr=lr))]
    for told in losses:
        found = []
        for (past, *trained), batches in itertools.product(branches, orders(len(texts), batch_size)):
            model, optimizer = copy.deepcopy(trained)
            if abs(_epoch(model, optimizer, texts, batches) - told) <= atol:
                found.append(([*past, batches], model, optimizer))
        branches = found[:4]  # two orders may agree to rounding
    return [(past, [p.detach() for p in model.parameters()]) for past, model, _ in branches]


def steps_on_one_batch(student, draw, writer):
    """One batch of all, of unequal lengths: no order to guess."""
    texts, weights = sequences(draw, [3, 9, 5, 6]), random_weights(draw, "weights")
    for lr, epochs in ((0.02, 3), (0.005, 1)):
        model = writer.net(student, weights)
        losses = writer.train(student, model, texts, num_epochs=epochs, batch_size=4, lr=lr)
        expected, wanted = trained(weights, texts, [[[0, 1, 2, 3]]] * epochs, lr)
        hint = "The mean over all real target tokens of the batch: neither padding nor the count of sequences matters."
        expect(losses, "losses of one batch of all sequences", hint).close(expected, atol=1e-4)
        got = probes.parameters(student, model)
        expect(got, f"the parameters after {epochs} steps of Adam", hint).close(wanted, atol=1e-3)


def trained(weights, texts, plan, lr):
    """The losses and parameters of a training in these batches, epoch by epoch."""
    model, losses = Twin(weights), []
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    for batches in plan:
        losses.append(_epoch(model, optimizer, texts, batches))
    return losses, [p.detach() for p in model.parameters()]


def _epoch(model, optimizer, texts, batches):
    """Train one epoch; the mean of the batches' losses."""
    losses = []
    for batch in batches:
        loss = batch_loss(model, [texts[number] for number in batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return sum(losses) / len(losses)


def old_gradients_do_not_count(student, draw, writer):
    texts, weights = sequences(draw, [6]), random_weights(draw, "weights")
    model = writer.net(student, weights)
    names = student.tool("named_parameters", model)
    expect(names, "the net's parameters").of_type(dict)
    student.tool("set_named_gradients", model, {n: 9.0 * (-1) ** i + 0 * v for i, (n, v) in enumerate(names.items())})
    writer.train(student, model, texts, batch_size=1, lr=0.05)
    _, wanted = trained(weights, texts, [[[0]]], 0.05)
    hint = "Clear the gradients before backward, not only after the step."
    expect(probes.parameters(student, model), "the parameters after one step", hint).close(wanted, atol=2e-3)


def any_training_replayed(student, draw, writer):
    rng = draw.random()
    weights = random_weights(draw, "weights", hidden=rng.randint(8, 12), layers=rng.randint(1, 2))
    for batch_size, lengths in ((1, [4, 7, 5]), (2, [8, 4, 6])):
        rng.shuffle(lengths)
        texts, lr = sequences(draw, lengths, f"texts {batch_size}"), rng.uniform(0.01, 0.03)
        model = writer.net(student, weights)
        losses = writer.train(student, model, texts, num_epochs=3, batch_size=batch_size, lr=lr)
        ways = replay(weights, texts, batch_size, lr, losses)
        what = f"losses of 3 sequences in batches of {batch_size}"
        hint = "An epoch takes each sequence once; its entry is the mean over its batches, each a mean over its tokens."
        expect(losses, what, hint).satisfies(bool(ways), "those of some order of the sequences")
        got = probes.parameters(student, model)
        off = min(distance(got, wanted) for _, wanted in ways)
        expect(got, "the parameters", hint).satisfies(off < 3e-3, "those of a training in that order")


def distance(got, wanted):
    """The largest difference of two lists of tensors, infinite where their shapes differ."""
    if _shapes(got) != _shapes(wanted):
        return math.inf
    return max(float((a.double() - b).abs().max().nan_to_num(math.inf)) for a, b in zip(got, wanted))


def shuffled_each_epoch(student, draw, writer):
    """Sequences told apart by the losses that their order gives."""
    texts, weights = sequences(draw, [4, 6, 5]), random_weights(draw, "weights")
    seen = []
    for seed in (1, 2):
        student.tool("seed", seed)
        losses = writer.train(student, writer.net(student, weights), texts, num_epochs=5, batch_size=1, lr=0.05)
        ways = replay(weights, texts, 1, 0.05, losses)
        expect(losses, "losses").satisfies(bool(ways), "those of an epoch that takes each sequence once, in any order")
        seen.append(ways[0][0])
    hint = "torch.randperm gives a new order; draw one at the start of each epoch."
    for way in seen:
        flat = [tuple(number for batch in epoch for number in batch) for epoch in way]
        expect(flat, "the order in five epochs", hint).satisfies(len(set(flat)) > 1, "not always the same", str(flat))
    hint = "The order comes from torch's global generator."
    expect(seen[0], "the orders after seed 1", hint).satisfies(seen[0] != seen[1], "others than after seed 2")


def the_seed_decides(student, draw, writer):
    texts, weights = sequences(draw, [4, 5, 6, 7, 8, 5]), random_weights(draw, "weights")
    runs, states = [], []
    for seed in (21, 21, 22):
        student.tool("seed", seed)
        kept = student.put(texts)
        runs.append(writer.train(student, writer.net(student, weights), kept, num_epochs=2, batch_size=1, lr=0.05))
        state = student.tool("global_state")[1]
        states.append(state.tolist() if torch.is_tensor(state) else state)
        expect(kept.read(), "the sequences afterwards", "Shuffle numbers, not the caller's list.").equal(texts)
    hint = "Draw the order from torch's global generator, not from Python's or NumPy's."
    expect(runs[0], "losses after the same seed", hint).satisfies(runs[0] == runs[1], "the same twice")
    hint = "Do not call torch.manual_seed inside: the seed is the caller's."
    expect(runs[0], "losses after another seed", hint).satisfies(runs[0] != runs[2], "others")
    expect(states[0], "torch's generator", hint).satisfies(states[0] != states[2], "another after another seed", "same")


def in_train_mode(student, draw, writer):
    texts, weights = sequences(draw, [4, 5]), random_weights(draw, "weights")
    for mode in (False, True):
        model = writer.net(student, weights)
        flags = student.tool("modes", model)
        expect(flags, "the training flags").of_type(list)
        student.tool("set_modes", model, [mode] * len(flags))
        notes = student.make("watch", model)
        writer.train(student, model, texts, num_epochs=2)
        seen = notes.read()
        hint = "Call model.train() at the start."
        trained = type(seen) is list and all(type(n) is list and len(n) == 3 and (n[0] or not n[2]) for n in seen)
        expect(seen, "the modes at each forward pass", hint).satisfies(trained, "train mode in all parts of the net")
    expect(student.tool("global_state")[0], "torch.is_grad_enabled() afterwards").equal(True)


def no_epochs(student, draw, writer):
    texts, weights = sequences(draw, [4, 5]), random_weights(draw, "weights")
    model = writer.net(student, weights)
    expect(student.call(writer.trainer, model, texts, **writer.training, num_epochs=0), "losses").equal([])
    expect(probes.parameters(student, model), "the parameters").close(weights, atol=0)


def bad_training_raises(student, draw, writer):
    texts, model = sequences(draw, [4, 5]), writer.net(student, random_weights(draw, "weights"))
    either = ("ValueError", "TypeError")
    for epochs in (1, 0):
        call = {**writer.training, "num_epochs": epochs}
        student.raises("ValueError", writer.trainer, model, [], names=["sequences"], **call)
        for value in (0, -1, 1.5, "2"):
            student.raises(either, writer.trainer, model, texts, names=["batch_size"], **{**call, "batch_size": value})
        for value in (-0.1, math.nan, math.inf, "0.1"):
            student.raises(either, writer.trainer, model, texts, names=["lr"], **{**call, "lr": value})
    for value in (-1, 1.5, "2"):
        call = {**writer.training, "num_epochs": value}
        student.raises(either, writer.trainer, model, texts, names=["num_epochs"], **call)


# --- drawing


def begins_and_ends(student, writer):
    """Chains of tokens that leave nothing to chance."""
    for steps, max_len, text, hint in (
        (
            ("<BOS> c", "c a", "a b", "b <EOS>"),
            10,
            "cab",
            "Start from <BOS>, read each drawn token next, stop at <EOS>.",
        ),
        (("<BOS> c", "c a", "a b", "b <EOS>"), 2, "ca", "At most max_len draws."),
        (("<BOS> c", "c a", "a b", "b <EOS>"), 3, "cab", "At most max_len draws."),
        (("<BOS> c", "c a", "a b", "b <EOS>"), 1, "c", "At most max_len draws."),
        (("<BOS> c", "c a", "a b", "b <EOS>"), 0, "", "max_len = 0: no draw."),
        (("<BOS> <EOS>",), 10, "", "The first draw ends the text."),
        (("<BOS> a", "a <BOS>"), 5, "aaa", "A drawn <BOS> is a draw, and is read next, but adds no character."),
        (("<BOS> a", "a <BOS>"), 2, "a", "A drawn <BOS> counts as a draw."),
        (("<BOS> <BOS>",), 4, "", "A drawn <BOS> counts as a draw, so this ends too."),
    ):
        model = writer.net(student, memoryless(chain(*steps)))
        for itos in (SYMBOLS, dict(enumerate(SYMBOLS))):
            got = writer.sample(student, model, itos, max_len=max_len, temperature=1.0)
            expect(got, f"the text of a net that goes {', '.join(s.replace(' ', ' → ') for s in steps)}", hint).equal(
                text
            )


def the_defaults(student, writer):
    """At most 100 draws; the temperature is judged by the_temperature."""
    model = writer.net(student, memoryless(chain("<BOS> a", *(f"{x} {y}" for x, y in zip("abcdef", "bcdefa")))))
    expect(len(writer.sample(student, model)), "the length of a text that never ends", "max_len=100").equal(100)


def near_the_best_guess(student, draw, writer):
    """At a temperature of 0.01 only the best guess is drawn, from nets that remember."""
    for layers in (1, 2):
        for attempt in range(400):
            weights = random_weights(draw, f"weights {layers} {attempt}", layers=layers, scale=1.5)
            text, margin = certain_text(weights, 20)
            if margin > 0.3 and len(text) > 6 and len(set(text)) > 2:
                break
        else:
            raise AssertionError("no such draw")
        model = writer.net(student, weights)
        got = writer.sample(student, model, max_len=20, temperature=0.01)
        hint = "Carry the hidden state along, and divide the logits by the temperature before the softmax."
        expect(got, "the text at a temperature of 0.01", hint).equal(text)


def the_temperature(student, draw, writer):
    """The share of each symbol at each temperature, in nets that draw every token from the same logits."""
    logits = torch.full((V,), NEVER)
    logits[: V - 2] = torch.tensor([0.0, 0.6, 1.1, 1.6, 2.2, 2.8])[torch.randperm(V - 2, generator=draw.generator())]
    model, entropies = writer.net(student, memoryless(logits.expand(V, V))), []
    student.tool("seed", draw.seed("drawn") % 2**31)
    for temperature in (None, *TEMPERATURES):
        count = 400 if temperature else 3000
        settings = {"max_len": count} | ({"temperature": temperature} if temperature else {})
        text = writer.sample(student, model, **settings)
        expect(len(text), "the length of a text without end", "At most max_len draws.").equal(count)
        share = (logits / (temperature or 0.8)).double().softmax(dim=0)
        counts, named = Counter(text), f"temperature {temperature}" if temperature else "the default temperature, 0.8"
        expect(text, "the text").satisfies(set(counts) <= set(SYMBOLS[: V - 2]), "symbols of itos")
        off = sum((counts[SYMBOLS[n]] - count * share[n]) ** 2 / (count * share[n]) for n in range(V - 2))
        hint = "Draw from softmax(logits / temperature)."
        expect(float(off), f"χ² of {count} draws at {named}", hint).at_most(50.0)  # 5 degrees of freedom: p < 1e-8
        if temperature:
            entropies.append(-sum(n / count * math.log(n / count) for n in counts.values()))
    rising = all(a < b + 0.05 for a, b in itertools.pairwise(entropies)) and entropies[0] < entropies[-1] - 0.2
    expect(entropies, f"the entropies at {TEMPERATURES}").satisfies(rising, "rising with the temperature")


def the_generator(student, draw, writer):
    """Repeats under a seed, of the generator given or else of the global one; leaves the global one alone."""
    model = writer.net(student, memoryless(torch.zeros(V, V) + torch.tensor([0.0] * (V - 2) + [NEVER] * 2)))
    drawn = []
    for seed in (5, 5, 6):
        before = student.tool("global_state")[1]
        drawn.append(writer.sample(student, model, max_len=40, generator=student.make("generator", seed)))
        hint = "Hand generator on to torch.multinomial."
        expect(student.tool("global_state")[1], "the state of torch's global generator afterwards", hint).equal(before)
    hint = "Every draw comes from the generator."
    expect(drawn[1], "the text under the same generator seed", hint).equal(drawn[0])
    expect(drawn[2], "the text under another seed", hint).satisfies(drawn[2] != drawn[0], "another text")
    source, drawn = student.make("generator", 5), []
    drawn = [writer.sample(student, model, max_len=40, generator=source) for _ in range(2)]
    hint = "The generator goes on where it stood; it is not seeded anew."
    expect(drawn[1], "the next text from the same generator", hint).satisfies(drawn[1] != drawn[0], "another text")
    drawn = []
    for seed in (5, 5, 6):
        student.tool("seed", seed)
        drawn.append(writer.sample(student, model, max_len=40))
    hint = "Without generator, draw from torch's global one, and do not seed it."
    expect(drawn[1], "the text under the same global seed", hint).equal(drawn[0])
    expect(drawn[2], "the text under another global seed", hint).satisfies(drawn[2] != drawn[0], "another text")


def samples_leave_no_trace(student, writer):
    """Eval mode and no gradients while drawing; modes and gradient mode as before, also after an error."""
    weights = memoryless(chain("<BOS> a", "a b", "b c", "c <EOS>"))
    for pattern in ([True], [False], [True, False], [False, True]):
        model = writer.net(student, weights)
        flags = student.tool("modes", model)
        expect(flags, "the training flags").of_type(list)
        wanted = [pattern[n % len(pattern)] for n in range(len(flags))]
        student.tool("set_modes", model, wanted)
        notes = student.make("watch", model)
        writer.sample(student, model, max_len=5)
        seen = notes.read()
        calm = type(seen) is list and all(type(n) is list and n[1:] == [True, False] for n in seen)
        hint = "model.eval() and `with torch.no_grad():` before the first forward pass."
        expect(seen, "the modes and gradients while drawing", hint).satisfies(calm, "eval mode, and no gradients")
        hint = "Note each submodule's `training` before, and write it back after."
        expect(student.tool("modes", model), "the training flags afterwards", hint).equal(wanted)
        student.fails(lambda m=model: student.call(writer.sampler, m, STOI, {0: "a"}, **writer.sampling))
        hint = "`finally` runs after an exception too, here one that itos raises."
        expect(student.tool("modes", model), "the training flags after an error", hint).equal(wanted)
        expect(student.tool("global_state")[0], "torch.is_grad_enabled() afterwards").equal(True)


def bad_sampling_raises(student, draw, writer):
    model = writer.net(student, random_weights(draw, "weights"))
    either = ("ValueError", "TypeError")
    settings: dict[str, Any]
    for length in (5, 0):
        for value in (0, 0.0, -0.5, math.nan, math.inf):
            settings = {**writer.sampling, "temperature": value, "max_len": length}
            student.raises("ValueError", writer.sampler, model, STOI, SYMBOLS, names=["temperature"], **settings)
    settings = {**writer.sampling, "temperature": "warm"}
    student.raises(either, writer.sampler, model, STOI, SYMBOLS, names=["temperature"], **settings)
    for bad in (-1, 2.5, "9"):
        settings = {**writer.sampling, "max_len": bad}
        student.raises(either, writer.sampler, model, STOI, SYMBOLS, names=["max_len"], **settings)
