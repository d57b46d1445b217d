"""Checks of exercise `tweet_rnn`: recurrent classifiers, two ways to make batches, and a loop over a loader."""

from collections import Counter

import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import nn

from grader.checks import check, expect, loops, probes

LOOP = loops.Loop(
    "train_rnn_network",
    [["Embedding", 9, 2], ["Flatten"]],
    lambda count, generator: torch.randint(9, (count, 3), generator=generator),
)
NETS = (("TweetRNN", nn.RNN), ("TweetLSTM", nn.LSTM))
STOI = {"good": 4, "day": 0, "apple": 7, "Apple": 9, "bad,": 2}
EXAMPLES = settings(max_examples=15, derandomize=True, database=None, deadline=None,
                    suppress_health_check=list(HealthCheck))  # fmt: skip


def warm():
    """Load the tweets and the word vectors before judges are forked."""
    from grader.data.tweets import labelled_tweets
    from grader.data.vectors import glove

    labelled_tweets()
    glove()


def pair(result, what):
    """A result seen to be two tensors."""
    two = isinstance(result, (list, tuple)) and len(result) == 2 and all(map(torch.is_tensor, result))
    expect(result, what, "Return two tensors.").satisfies(two, "two tensors")
    return result


# --- recurrent layers


@check(points=1.5, goal="recurrent layers")
def test_rnn_outputs(student, draw):
    """rnn_outputs runs a layer over one tweet, from zeros or a given state: outputs (1, L, H) and state (1, 1, H)."""
    generator = draw.generator()
    for kind, sizes in (("RNN", (4, 3)), ("GRU", (2, 5))):
        twin = getattr(nn, kind)(*sizes, batch_first=True)
        weights = [torch.randn(p.shape, generator=generator) for p in twin.parameters()]
        layer = student.make("recurrent", kind, *sizes)
        student.tool("set_parameters", layer, weights)
        for parameter, value in zip(twin.parameters(), weights):
            parameter.data = value
        for length, given_state in ((6, False), (1, False), (5, True)):
            tweet = torch.randn(length, sizes[0], generator=generator)
            state = torch.randn(1, 1, sizes[1], generator=generator) if given_state else None
            with torch.no_grad():
                wanted, last = twin(tweet[None], state)
            arguments = [tweet] if state is None else [tweet, state]
            out, hidden = pair(student.call("rnn_outputs", layer, *arguments), "the result of rnn_outputs")
            hint = "unsqueeze(0) adds the batch dimension; a state that is given is where the layer starts from."
            expect(out, f"outputs of nn.{kind} for {length} words", hint).shape(1, length, sizes[1])
            expect(out, "the outputs", hint).close(wanted, atol=1e-5)
            expect(hidden, "the last state", hint).shape(1, 1, sizes[1]).close(last, atol=1e-5)


# --- the two networks


def shapes(kind, inputs, hidden, classes, words):
    """Those of a network's parameters, in order."""
    gates = 4 if kind is nn.LSTM else 1
    layer = [(gates * hidden, inputs), (gates * hidden, hidden), (gates * hidden,), (gates * hidden,)]
    return [(words, inputs), *layer, (classes, hidden), (classes,)]


def twin_logits(kind, weights, words):
    """The logits of a network with these weights."""
    table, *layer_weights, weight, bias = weights
    layer = kind(table.shape[1], weight.shape[1], batch_first=True)
    for parameter, value in zip(layer.parameters(), layer_weights):
        parameter.data = value
    return nn.functional.linear(layer(table[words])[0][:, -1], weight, bias)


@check(points=1, goal="recurrent classifiers")
def test_the_parameters(student, draw):
    """TweetRNN and TweetLSTM have a frozen embedding that holds the vectors, a recurrent layer and a linear layer."""
    table = torch.randn(12, 6, generator=draw.generator())
    for name, kind in NETS:
        vectors = student.make("only_vectors", table)
        model = student.new(name, 6, 5, 3, vectors)
        values = probes.parameters(student, model)
        found = [tuple(value.shape) if torch.is_tensor(value) else None for value in values]
        hint = "nn.Embedding.from_pretrained, nn.RNN or nn.LSTM with one layer, nn.Linear."
        expect(found, f"the shapes of {name}'s parameters", hint).equal(shapes(kind, 6, 5, 3, 12))
        expect(values[0], "the embedding", "It holds vectors.vectors.").close(table, atol=0)
        hint = "The embedding is frozen, nothing else."
        expect(student.tool("requires_grad", model), "what is trainable", hint).equal([False] + [True] * 6)
        expect(vectors.get("vectors"), "vectors.vectors afterwards").equal(table)
        other = probes.parameters(student, student.new(name, 6, 5, 3, vectors))
        fresh = float((other[1] - values[1]).abs().max())
        expect(fresh, "how far two new models differ").satisfies(fresh > 0, "torch's own random start for each")


@check(points=0.5, goal="recurrent classifiers", after=test_the_parameters)
def test_the_shapes(student):
    """A batch of words (B, L) gives logits (B, num_classes)."""
    for name, _ in NETS:
        model = student.new(name, 4, 5, 3, student.make("only_vectors", torch.zeros(7, 4)))
        for batch, length in ((1, 1), (1, 5), (4, 1), (2, 3)):
            logits = model(torch.zeros(batch, length, dtype=torch.long))
            expect(logits, f"{name}'s logits for words ({batch}, {length})", "batch_first=True").shape(batch, 3)


@check(points=1.5, goal="recurrent classifiers", hidden=True, after=test_the_shapes, recipe="any weights and words")
def test_the_forward_pass(student, draw):
    """The logits are those of torch's own layers with the same weights, after the last word."""
    generator = draw.generator()
    for name, kind in NETS:
        weights = [torch.randn(shape, generator=generator) for shape in shapes(kind, 4, 6, 3, 15)]
        model = student.new(name, 4, 6, 3, student.make("only_vectors", weights[0]))
        student.tool("set_parameters", model, weights)
        for batch, length in ((5, 8), (3, 1), (1, 4)):
            words = torch.randint(15, (batch, length), generator=generator)
            with torch.no_grad():
                wanted = twin_logits(kind, weights, words)
            hint = "Each row by itself; the output after the last word goes into the linear layer, no softmax behind."
            expect(model(words), f"{name}'s logits", hint).shape(batch, 3).close(wanted, atol=1e-4)


# --- words and padding


@check(points=1, goal="words and padding")
def test_tweet_indices(student):
    """tweet_indices gives the int64 indices of the words, looked up in lower case, unknown ones dropped."""
    for text, indices in (
        ("good day", [4, 0]),
        ("GOOD  Apple\tday\n", [4, 7, 0]),
        ("a good good bad, day, day", [4, 4, 2, 0]),
        ("nothing known", []),
        ("", []),
    ):
        found = student.call("tweet_indices", text, STOI)
        hint = "Words as in the exercise tweet_sentiment: split at whitespace, lower case, left out if unknown."
        expect(found, f"the indices of {text!r}", hint).shape(len(indices)).close(torch.tensor(indices), atol=0)
        expect(found.dtype, "their dtype", "dtype=torch.long, also where there is none.").equal(torch.int64)


@check(points=1, goal="words and padding")
def test_pad_batch(student):
    """pad_batch puts tweets of different lengths into one tensor, padded at the end, beside their lengths."""
    for sizes in ((3, 5, 1), (2,), (4, 4), (1, 1, 6, 2)):
        tweets = [torch.arange(1, size + 1) + 10 * row for row, size in enumerate(sizes)]
        kept = student.put(tweets)
        padded, lengths = pair(student.call("pad_batch", kept), "the result of pad_batch")
        hint = "nn.utils.rnn.pad_sequence(…, batch_first=True)"
        expect(padded, f"padded of lengths {sizes}", hint).shape(len(sizes), max(sizes))
        expect(padded.dtype, "its dtype").equal(torch.int64)
        for row, tweet in zip(padded, tweets):
            expect(row[: len(tweet)], "a row up to its tweet's length", "Pad at the end.").equal(tweet)
        expect(lengths, "lengths", "int64, one for each tweet, in the same order").equal(torch.tensor(sizes))
        expect(kept.read(), "the tweets afterwards").equal(tweets)


@check(points=1, goal="words and padding")
def test_last_outputs(student, draw):
    """last_outputs picks each sequence's output at its own last step."""
    out = torch.randn(4, 5, 3, generator=draw.generator())
    for lengths in ([5, 5, 5, 5], [1, 2, 3, 5], [4, 1, 5, 2], [1, 1, 1, 1]):
        found = student.call("last_outputs", out, torch.tensor(lengths))
        wanted = torch.stack([row[length - 1] for row, length in zip(out, lengths)])
        hint = "The output after word number 3 has the index 2."
        expect(found, f"the outputs at lengths {lengths}", hint).shape(4, 3).close(wanted, atol=0)
    one = student.call("last_outputs", out[:1], torch.tensor([2]))
    expect(one, "the output of a single sequence").shape(1, 3).close(out[:1, 1], atol=0)


@check(points=0.5, goal="words and padding", after=test_last_outputs)
def test_lengths_outside_raise(student):
    """A length outside 1..L is a ValueError."""
    for lengths in ([3, 0], [-1, 2], [5, 2], [1, 100], [-4, 4]):
        hint = "A negative index would silently count from the end."
        student.raises("ValueError", "last_outputs", torch.zeros(2, 4, 3), torch.tensor(lengths),
                       names=["lengths", "length"], hint=hint)  # fmt: skip


@check(points=1, goal="words and padding", hidden=True, after=(test_pad_batch, test_last_outputs, test_the_shapes),
       recipe="any tweets, lengths and outputs")  # fmt: skip
def test_padding_never_changes_an_output(student, draw):
    """Last outputs of padded tweets equal those of each tweet by itself, whatever stands behind its end."""
    rng, generator = draw.random(), draw.generator()
    sizes = [rng.randint(1, 9) for _ in range(rng.randint(3, 7))]
    tweets = [torch.randint(20, (size,), generator=generator) for size in sizes]
    padded, lengths = pair(student.call("pad_batch", tweets), "the result of pad_batch")
    expect(padded, "padded").shape(len(sizes), max(sizes))
    expect(lengths, "lengths").equal(torch.tensor(sizes))
    table, layer = torch.randn(20, 4, generator=generator), nn.GRU(4, 6, batch_first=True)
    for parameter in layer.parameters():
        parameter.data = torch.randn(parameter.shape, generator=generator)
    behind = torch.arange(max(sizes)) >= lengths[:, None]
    expect(padded, "padded").satisfies(
        all(torch.equal(row[: len(tweet)], tweet) for row, tweet in zip(padded, tweets)), "the tweets at the start"
    )
    with torch.no_grad():
        out = layer(table[padded.masked_fill(behind, 13)])[0]
        wanted = torch.cat([layer(table[tweet][None])[0][:, -1] for tweet in tweets])
    expect(student.call("last_outputs", out, lengths), "the last outputs").shape(len(sizes), 6).close(wanted, atol=1e-5)


# --- TweetBatcher


def drained(batcher, most):
    """The batches of one loop, each seen to be words (B, L) of one length and labels (B,), both int64."""
    batches, ended = batcher.drain(most + 1)
    expect(len(batches), "the number of batches").satisfies(ended, f"at most {most}", "more")
    for batch in batches:
        words, labels = pair(batch, "a batch")
        fits = words.dim() == 2 and labels.shape == words.shape[:1] and len(labels) > 0
        expect((words, labels), "a batch").satisfies(fits, "words (B, L) and labels (B,)")
        expect([words.dtype, labels.dtype], "the dtypes of a batch").equal([torch.int64, torch.int64])
    return batches


def contents(batches):
    """How often each (words, label) comes."""
    return Counter((tuple(w), n) for words, labels in batches for w, n in zip(words.tolist(), labels.tolist()))


def _examples(longest, largest):
    """Lengths of tweets and sizes of batches; judged later, as shrinking would ask random code twice for the same."""
    found = []

    @EXAMPLES
    @given(st.lists(st.integers(1, longest), max_size=14), st.integers(1, largest))
    def collect(sizes, batch_size):
        found.append((sizes, batch_size))

    collect()
    return found


def _judge_batcher(student, sizes, batch_size, drop_last):
    tweets = [(torch.tensor([number] * size), number % 3) for number, size in enumerate(sizes)]
    arguments = {"batch_size": batch_size, **({"drop_last": True} if drop_last else {})}
    batcher = student.new("TweetBatcher", tweets, **arguments)
    count = Counter(sizes)
    wanted = {size: [batch_size] * (n // batch_size) for size, n in count.items()}
    for size, n in count.items():
        if n % batch_size and not drop_last:
            wanted[size].append(n % batch_size)
    total = sum(map(len, wanted.values()))
    what = f"lengths {sizes}, batch_size={batch_size}, drop_last={drop_last}"
    expect(batcher.call("__len__"), f"len() for {what}", "The number of batches.").equal(total)
    for _ in range(2):
        batches = drained(batcher, len(sizes))
        found: dict = {}
        for words, labels in batches:
            found.setdefault(words.shape[1], []).append(len(labels))
        found = {size: sorted(each, reverse=True) for size, each in found.items()}
        hint = "All batches of a length but one are full; drop_last leaves out that one. It can be looped over again."
        expect(found, f"the sizes of the batches by length, for {what}", hint).satisfies(
            found == {size: each for size, each in wanted.items() if each},
            "full batches and at most one smaller",
            f"{found}",
        )
        came, there = contents(batches), contents([(words[None], torch.tensor([n])) for words, n in tweets])
        once = came <= there and (drop_last or came == there)
        expect(found, "the tweets of one loop", hint).satisfies(once, "each tweet once, with its label")


@check(points=1.5, goal="batches of one length")
def test_every_tweet_once(student):
    """Every batch has one length, every tweet comes once in each loop, and len() is the number of batches."""

    for sizes, batch_size in _examples(4, 5):
        _judge_batcher(student, sizes, batch_size, False)
    _judge_batcher(student, [2, 2, 1, 2, 3, 2, 2], 2, False)
    default = student.new("TweetBatcher", [(torch.tensor([1, 2]), 0)] * 40)
    expect(default.call("__len__"), "len() for 40 tweets, batch_size not given", "batch_size=32").equal(2)


@check(points=1, goal="batches of one length", after=test_every_tweet_once)
def test_drop_last(student):
    """drop_last leaves out each length's incomplete batch."""

    for sizes, batch_size in _examples(3, 4):
        _judge_batcher(student, sizes, batch_size, True)


@check(points=1, goal="batches of one length", after=test_every_tweet_once)
def test_batches_in_random_order(student):
    """Lengths, and tweets within a length, come in another order in each loop, by torch's global generator."""
    tweets = [(torch.tensor([number] * (1 + number // 8)), number % 2) for number in range(32)]
    runs = []
    for seed in (31, 31, 32):
        student.tool("seed", seed)
        batcher = student.new("TweetBatcher", tweets, batch_size=2)
        runs.append([drained(batcher, 32) for _ in range(3)])
    plain = [[[(w.tolist(), n.tolist()) for w, n in loop] for loop in loops] for loops in runs]
    expect(plain[0], "the batches after the same seed", "Draw from torch's global generator.").satisfies(
        plain[0] == plain[1], "the same twice", "others"
    )
    expect(plain[0], "the batches after another seed", "Set no seed.").satisfies(
        plain[0] != plain[2], "others", "the same"
    )
    several = [loop for loops in (runs[0], runs[2]) for loop in loops]
    lengths = [[words.shape[1] for words, _ in loop] for loop in several]
    expect(lengths, "the order of the lengths in six loops", "Mix the lengths anew in each loop.").satisfies(
        len(set(map(tuple, lengths))) > 2 and any(order != sorted(order) for order in lengths), "many", "few"
    )
    of_two = [[n for words, _ in loop if words.shape[1] == 2 for n in words[:, 0].tolist()] for loop in several]
    hint = "Mix the tweets of a length before you cut them into batches."
    groups = [{frozenset(order[k : k + 2]) for k in range(0, 8, 2)} for order in of_two]
    expect(of_two, "the tweets with 2 words in six loops", hint).satisfies(
        len({frozenset(group) for group in groups}) > 2, "another mix in each", "the same mix"
    )


@check(points=0.5, goal="batches of one length")
def test_bad_batch_sizes_raise(student):
    """A batch_size that is no count raises an error that names it."""
    for value in (0, -2, 1.5, "4"):
        tweets = [(torch.tensor([1, 2]), 0)]
        student.raises(("ValueError", "TypeError"), "TweetBatcher", tweets, value, names=["batch_size"])


# --- get_accuracy


@check(points=1, goal="evaluation")
def test_accuracy_is_the_share_of_right_answers(student, draw):
    """get_accuracy is the share of right answers, also with a smaller last batch."""
    loops.accuracy_is_the_share(student, draw, LOOP)


@check(points=1, goal="evaluation", hidden=True, after=test_accuracy_is_the_share_of_right_answers,
       recipe="any net, and batches of any sizes")  # fmt: skip
def test_accuracy_on_any_loader(student, draw):
    """get_accuracy gives the right share for any net and any re-iterable of batches."""
    loops.accuracy_on_any_loader(student, draw, LOOP)


@check(points=1, goal="evaluation", after=test_accuracy_is_the_share_of_right_answers)
def test_accuracy_in_eval_mode(student, draw):
    """get_accuracy measures in eval mode: dropout does nothing there."""
    loops.accuracy_in_eval_mode(student, draw, LOOP)


@check(points=0.5, goal="evaluation", observed=True, after=test_accuracy_in_eval_mode)
def test_accuracy_restores_the_modes(student, draw):
    """After get_accuracy every submodule has the mode that it had before."""
    loops.accuracy_restores_the_modes(student, draw, LOOP)


@check(points=0.5, goal="evaluation", observed=True, after=test_accuracy_in_eval_mode)
def test_accuracy_restores_the_modes_after_an_error(student, draw):
    """The modes are restored also when the model raises."""
    loops.accuracy_restores_the_modes_after_an_error(student, draw, LOOP)


@check(points=0.5, goal="evaluation", observed=True, after=test_accuracy_is_the_share_of_right_answers)
def test_accuracy_without_gradients(student, draw):
    """get_accuracy computes without gradients and leaves torch's gradient mode as it was."""
    loops.accuracy_without_gradients(student, draw, LOOP)


# --- train_rnn_network


@check(points=1, goal="a training loop")
def test_the_history(student, draw):
    """train_rnn_network returns a dict with losses, epochs, train_acc and valid_acc, lists; a loss for each epoch."""
    loops.the_history(student, draw, LOOP)


@check(points=0.5, goal="evaluation", after=test_the_history)
def test_every_fifth_epoch_is_reported(student, draw):
    """epochs, train_acc and valid_acc have an entry for every fifth epoch, counted from 1."""
    loops.every_fifth_epoch_is_reported(student, draw, LOOP)


@check(points=1, goal="a training loop", after=test_the_history)
def test_losses_are_means(student, draw):
    """Each entry of losses is the mean over the samples of its epoch, whatever the sizes of the batches."""
    loops.losses_are_means(student, draw, LOOP)


@check(points=0.5, goal="evaluation", after=test_every_fifth_epoch_is_reported)
def test_accuracies_of_the_history(student, draw):
    """train_acc and valid_acc are the accuracies over the whole loaders, in eval mode."""
    loops.accuracies_of_the_history(student, draw, LOOP)


@check(points=1.5, goal="a training loop", after=test_losses_are_means)
def test_steps_of_adam(student, oracle, draw):
    """Every batch makes one step of Adam on the cross-entropy, with one optimizer for all epochs."""
    loops.steps_of_adam(student, oracle, draw, LOOP)


@check(points=0.5, goal="a training loop")
def test_the_default_rate(student, oracle, draw):
    """Unless told otherwise, train_rnn_network trains at the rate 1e-5."""
    loops.the_default_rate(student, oracle, draw, LOOP)


@check(points=0.5, goal="a training loop", after=test_steps_of_adam)
def test_old_gradients_do_not_count(student, oracle, draw):
    """Gradients from before the call do not enter the first step."""
    loops.old_gradients_do_not_count(student, oracle, draw, LOOP)


@check(points=1, goal="a training loop", after=test_the_history)
def test_updates_in_train_mode(student, draw):
    """Every module is in train mode at each update, also after an epoch that was reported."""
    loops.updates_in_train_mode(student, draw, LOOP)


@check(points=0.5, goal="a training loop", after=test_the_history)
def test_the_seed_is_the_callers(student, draw):
    """What is random depends on torch's seed, and train_rnn_network does not set it."""
    loops.the_seed_is_the_callers(student, draw, LOOP)


@check(points=2, goal="a training loop", hidden=True, recipe="any net, rate and batches, ten epochs",
       after=(test_steps_of_adam, test_updates_in_train_mode))  # fmt: skip
def test_any_training_replayed(student, draw):
    """The batches, replayed step by step, give the same losses and parameters."""
    loops.any_training_replayed(student, draw, LOOP)


@check(points=1.5, goal="a training loop", hidden=True, recipe="both networks, any weights, two lengths of tweets",
       after=(test_the_forward_pass, test_steps_of_adam))  # fmt: skip
def test_the_embedding_stays(student, draw):
    """Training moves all weights of the networks but the embedding, as a replay of the batches does."""
    generator = draw.generator()
    batches = [(torch.randint(15, (4, length), generator=generator), torch.tensor([0, 1, 2, 1])) for length in (3, 6)]
    for name, kind in NETS:
        weights = [0.5 * torch.randn(shape, generator=generator) for shape in shapes(kind, 4, 6, 3, 15)]
        vectors = student.make("only_vectors", weights[0])
        model = student.new(name, 4, 6, 3, vectors)
        student.tool("set_parameters", model, weights)
        LOOP.train(student, model, batches, batches, num_epochs=3, learning_rate=0.02)
        trained = [weights[0], *(w.clone().requires_grad_() for w in weights[1:])]
        optimizer = torch.optim.Adam(trained[1:], lr=0.02)
        for words, labels in batches * 3:
            loss = nn.functional.cross_entropy(_forward(kind, trained, words), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        values = probes.parameters(student, model)
        expect(values[:1], f"the embedding of {name}", "It is frozen.").close(weights[:1], atol=0)
        expect(values[1:], f"the other parameters of {name}").close([w.detach() for w in trained[1:]], atol=3e-3)
        expect(vectors.get("vectors"), "vectors.vectors").equal(weights[0])


def _forward(kind, weights, words):
    """twin_logits, with gradients."""
    table, *layer_weights, weight, bias = weights
    layer = kind(table.shape[1], weight.shape[1], batch_first=True)
    names = [name for name, _ in layer.named_parameters()]
    out, _ = torch.func.functional_call(layer, dict(zip(names, layer_weights)), table[words])
    return nn.functional.linear(out[:, -1], weight, bias)


@check(points=2, goal="learning", hidden=True, learning=True, seconds=90,
       after=(test_any_training_replayed, test_the_embedding_stays, test_every_tweet_once),
       recipe="3,000 labelled tweets, classes in either order, the first 10,000 words of GloVe")  # fmt: skip
def test_it_learns_from_tweets(student, oracle, draw):
    """TweetLSTM, trained by your loop on your batches of real tweets, classifies held-out ones."""
    from grader.data.tweets import labelled_tweets
    from grader.data.vectors import glove

    words, swapped, part = 10_000, draw.seed("classes") % 2, labelled_tweets()
    table = glove().vectors[:words].clone()
    train, test = _known(part.train, words), _known(part.test, words)
    picked = [train[n] for n in draw.random("split").sample(range(len(train)), 3000)]
    tweets = [(indices, (label + swapped) % 2) for indices, label in picked]
    weights = [(2 * torch.rand(shape, generator=draw.generator("start")) - 1) / 32**0.5
               for shape in shapes(nn.LSTM, 50, 32, 2, 1)[1:]]  # fmt: skip
    model = student.new("TweetLSTM", 50, 32, 2, student.make("only_vectors", table))
    student.tool("set_trainable_parameters", model, weights)
    batcher = student.new("TweetBatcher", tweets, batch_size=50)
    history = LOOP.train(student, model, batcher, batcher, num_epochs=4, learning_rate=5e-3)
    losses = history["losses"]
    expect(losses, "losses").length(4).each_of_type(float).satisfies(losses[-1] < 0.95 * losses[0], "falling")
    trained = student.tool("trainable_parameters", model)
    found = [tuple(value.shape) if torch.is_tensor(value) else None for value in trained]
    expect(found, "the shapes of what was trained").equal([tuple(w.shape) for w in weights])
    right = total = 0
    by_length: dict = {}
    for indices, label in test:
        by_length.setdefault(len(indices), []).append((indices, (label + swapped) % 2))
    with torch.no_grad():
        for group in by_length.values():
            logits = twin_logits(nn.LSTM, [table, *trained], torch.stack([indices for indices, _ in group]))
            right += int((logits.argmax(dim=1) == torch.tensor([label for _, label in group])).sum())
            total += len(group)
    expect(right / total, "the accuracy on held-out tweets").at_least(oracle.threshold("tweets"))


def _known(part, words):
    """The tweets of a part with a known word, as (indices, label)."""
    from grader.data.vectors import glove

    stoi = glove().stoi
    found = []
    for text, label in zip(part.texts, part.labels.tolist()):
        rows = [stoi[word] for word in text.lower().split() if stoi.get(word, words) < words]
        if rows:
            found.append((torch.tensor(rows), label))
    return found


# --- corners


@check(points=0.5, goal="corners", after=test_the_history)
def test_no_epochs(student, draw):
    """0 epochs change nothing, and every list of the history is empty."""
    loops.no_epochs(student, draw, LOOP)


@check(points=1, goal="corners")
def test_bad_arguments_raise(student, draw):
    """A loader without a batch, and a bad num_epochs or learning_rate, raise an error that names them."""
    loops.bad_arguments_raise(student, draw, LOOP)


@check(points=0.5, goal="corners", after=test_the_history)
def test_the_batches_stay(student, draw):
    """The loader's batches are the same after get_accuracy and train_rnn_network."""
    loops.the_batches_stay(student, draw, LOOP)


@check(points=0.5, goal="corners", observed=True)
def test_gradients_stay_on(student, draw):
    """train_rnn_network leaves torch's gradient mode as it was."""
    loops.gradients_stay_on(student, draw, LOOP)


@check(points=1, goal="devices", observed=True, after=test_steps_of_adam)
def test_on_a_cuda_device(student, draw):
    """get_accuracy and train_rnn_network work on the device that the model is on."""
    loops.on_a_cuda_device(student, draw, LOOP)


@check(points=0.5, goal="devices", observed=True, after=test_the_shapes)
def test_networks_on_a_cuda_device(student):
    """rnn_outputs and both networks work on a CUDA device."""
    table, words = torch.arange(28.0).view(7, 4) / 10, torch.tensor([[1, 2, 3], [4, 5, 6]])
    for name, _ in NETS:
        model = student.new(name, 4, 5, 3, student.make("only_vectors", table))
        plain = model(words)
        student.tool("virtual_cuda")
        logits = student.make("on_device", model, "cuda")(student.make("on_device", words, "cuda"))
        student.leave()
        expect(logits, f"{name}'s logits on cuda", "A state of zeros is made where the input is.").shape(2, 3)
        expect(logits, f"{name}'s logits on cuda").close(plain, atol=1e-5)
    layer, tweet = student.make("recurrent", "GRU", 4, 3), torch.ones(5, 4)
    plain, _ = pair(student.call("rnn_outputs", layer, tweet), "the result of rnn_outputs")
    student.tool("virtual_cuda")
    layer = student.make("on_device", layer, "cuda")
    out, _ = pair(student.call("rnn_outputs", layer, tweet), "the result of rnn_outputs")
    student.leave()
    expect(out, "the outputs on cuda", "Move the tweet to the layer's device.").close(plain, atol=1e-5)
