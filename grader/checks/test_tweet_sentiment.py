"""Checks of exercise `tweet_sentiment`: tweets as sums of word vectors, a small network, and a loop over a loader."""

from itertools import pairwise

import torch

from grader.checks import check, expect, loops, probes

WORKER_DATA = ("glove",)
NET = [["Linear", 50, 30], ["ReLU"], ["Linear", 30, 10], ["ReLU"], ["Linear", 10, 2]]
LOOP = loops.Loop("train_network", [], lambda count, generator: torch.randn(count, 6, generator=generator))

WORDS = ["good", "day", "apple", "Apple", "bad", "bad,", "not", "zürich"]
ROWS = torch.tensor([[1, 2, 3], [10, -20, 30], [0.5, 0.25, -0.5], [100, 100, 100], [-7, 5, 0], [3, 3, 3], [0, 4, 1],
                     [2, 0, 2]])  # fmt: skip


def warm():
    """Load the tweets and the word vectors before judges are forked."""
    from grader.data.tweets import labelled_tweets
    from grader.data.vectors import glove

    labelled_tweets()
    glove()


# --- words and their sum


@check(points=0.5, goal="words")
def test_split_tweet(student):
    """split_tweet cuts a tweet at whitespace, and at nothing else."""
    for text, words in (
        ("not a good day", ["not", "a", "good", "day"]),
        ("Good, bad... don't@me #so-so", ["Good,", "bad...", "don't@me", "#so-so"]),
        ("  two  blanks\tand\na   line\r\n end ", ["two", "blanks", "and", "a", "line", "end"]),
        ("one", ["one"]),
        ("", []),
        (" \t\n", []),
    ):
        hint = "`text.split()` without an argument cuts at any run of whitespace and gives no empty words."
        expect(student.call("split_tweet", text), f"the words of {text!r}", hint).equal(words)


@check(points=1, goal="sums of word vectors")
def test_the_sum_of_the_vectors(student):
    """tweet_embedding adds up the vectors of the known words; one that comes twice counts twice."""
    for text, total, hint in (
        ("good day", [11, -18, 33], "The sum of two rows, no mean."),
        ("bad", [-7, 5, 0], "One word: its row."),
        ("good bad good good", [-4, 11, 9], "good stands there three times, and counts three times."),
        (
            "a good ,day day nowhere",
            [11, -18, 33],
            "A word that is not in stoi is left out; a comma belongs to its word.",
        ),
        ("bad,\n\tbad", [-4, 8, 3], "`bad,` is another word than `bad`, and this table has both."),
        ("GOOD Day züRICH", [13, -18, 35], "Look a word up in lower case."),
        ("Apple APPLE", [1, 0.5, -1], "Apple is looked up as apple, also where stoi has Apple."),
    ):
        value = student.call("tweet_embedding", text, student.make("word_table", WORDS, ROWS))
        expect(value, f"the embedding of {text!r}", hint).shape(3).close(torch.tensor(total) * 1.0, atol=1e-5)


@check(points=0.5, goal="sums of word vectors", after=test_the_sum_of_the_vectors)
def test_no_known_word(student):
    """A tweet without a known word becomes D zeros."""
    for words, rows in ((WORDS, ROWS), (["a"], torch.ones(1, 5))):
        table = student.make("word_table", words, rows)
        for text in ("", "  ", "nothing here"):
            value = student.call("tweet_embedding", text, table)
            hint = "The sum of no rows is zeros, as many as a row has."
            expect(value, f"the embedding of {text!r}", hint).shape(rows.shape[1]).close(0 * rows[0], atol=0)


@check(points=0.5, goal="sums of word vectors", after=test_the_sum_of_the_vectors)
def test_the_dtype_of_the_vectors(student):
    """An embedding has the dtype of the table, also without a known word."""
    for dtype in (torch.float64, torch.float32):
        table = student.make("word_table", WORDS, ROWS.to(dtype))
        for text in ("good day", "nothing"):
            value = student.call("tweet_embedding", text, table)
            hint = "torch.zeros(D) is float32: give it the dtype of vectors.vectors."
            expect(value, f"the embedding of {text!r}").shape(3)
            expect(value.dtype, f"the dtype for a table of {dtype}", hint).equal(dtype)


@check(points=0.5, goal="sums of word vectors")
def test_the_table_stays(student):
    """The table of vectors is the same after a call."""
    table = student.make("word_table", WORDS, ROWS)
    for text in ("good day bad", "nothing", "day"):
        student.call("tweet_embedding", text, table)
        hint = "`total = vectors[word]` is a row of the table itself: `total += …` would write into it."
        expect(table.get("vectors"), "vectors.vectors afterwards", hint).equal(ROWS)
        expect(table.get("stoi"), "vectors.stoi afterwards").equal({word: row for row, word in enumerate(WORDS)})


@check(points=1.5, goal="sums of word vectors", hidden=True, seconds=100, recipe="real tweets and GloVe 6B 50-d",
       after=(test_split_tweet, test_the_sum_of_the_vectors))  # fmt: skip
def test_real_tweets(student, oracle, draw):
    """Real tweets get the sums of their GloVe vectors."""
    from grader.data.tweets import labelled_tweets

    texts = draw.random().sample(labelled_tweets().train.texts, 12)
    sides = [(side, side.make("glove")) for side in (student, oracle)]
    for text in [*texts, f"{texts[0]} {texts[0]}".upper()]:
        expect(student.call("split_tweet", text), "the words").equal(oracle.call("split_tweet", text))
        got, wanted = [side.call("tweet_embedding", text, table) for side, table in sides]
        expect(got, "the embedding").shape(50).close(wanted, atol=1e-3)


# --- the network


@check(points=1, goal="a network of sentences")
def test_the_layers(student):
    """SentimentClassifier has the layers input_size-30-10-num_classes, in this order, weight before bias."""
    for settings, sizes in (({}, (50, 30, 10, 2)), ({"input_size": 7, "num_classes": 5}, (7, 30, 10, 5))):
        model = student.new("SentimentClassifier", **settings)
        values = probes.parameters(student, model)
        shapes = [tuple(value.shape) if torch.is_tensor(value) else None for value in values]
        wanted = [shape for a, b in pairwise(sizes) for shape in ((b, a), (b,))]
        expect(shapes, "the shapes of the parameters", "Three nn.Linear.").equal(wanted)
        for count in (1, 2, 64):
            expect(model(torch.zeros(count, sizes[0])), "the output").shape(count, sizes[-1])
        trainable = student.tool("requires_grad", model)
        expect(trainable, "which parameters are trainable").equal([True] * 6)


@check(points=1, goal="a network of sentences", hidden=True, after=test_the_layers, recipe="any weights and inputs")
def test_the_forward_pass(student, draw):
    """The output is that of the layers with ReLU between them, and logits: no softmax at the end."""
    weights, inputs = [], 3 * torch.randn(20, 50, generator=draw.generator())
    for _ in range(2):
        model = student.new("SentimentClassifier")
        weights.append(probes.parameters(student, model))
        with torch.no_grad():
            wanted = probes.twin(NET, weights[-1])(inputs)
        expect(model(inputs), "the output").shape(20, 2).close(wanted, atol=1e-4)
    fresh = float((weights[0][0] - weights[1][0]).abs().max())
    expect(fresh, "how far two new models differ").satisfies(fresh > 0, "torch's own random start for each")
    student.tool("set_parameters", model, probes.starting_weights(NET, draw, "other"))
    with torch.no_grad():
        wanted = probes.twin(NET, probes.starting_weights(NET, draw, "other"))(inputs)
    expect(model(inputs), "the output with other weights").shape(20, 2).close(wanted, atol=1e-4)


@check(points=0.5, goal="a network of sentences", after=test_the_layers)
def test_rows_are_never_cut_anew(student):
    """An input of another width raises, or gives one row for each of its rows."""
    for shape in ((2, 100), (4, 25), (1, 150)):
        model = student.new("SentimentClassifier")
        result: list = []
        raised = student.fails(lambda m=model, x=torch.ones(shape), r=result: r.append(m(x)))
        rows = result[0].shape[:1] if not raised and torch.is_tensor(result[0]) and result[0].dim() else ()
        hint = "`view(-1, 50)` makes more rows, or fewer, of a batch that does not fit. nn.Linear raises by itself."
        expect(result, f"the output for an input {shape}", hint).satisfies(
            raised or tuple(rows) == shape[:1], f"an exception, or {shape[0]} rows"
        )


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


# --- train_network


@check(points=1, goal="a training loop")
def test_the_history(student, draw):
    """train_network returns a dict with the lists losses, epochs, train_acc and valid_acc; a loss for each epoch."""
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
    """Unless told otherwise, train_network trains at the rate 1e-5."""
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
    """What is random depends on torch's seed, and train_network does not set it."""
    loops.the_seed_is_the_callers(student, draw, LOOP)


@check(points=2, goal="a training loop", hidden=True, recipe="any net, rate and batches, ten epochs",
       after=(test_steps_of_adam, test_updates_in_train_mode))  # fmt: skip
def test_any_training_replayed(student, draw):
    """The batches, replayed step by step, give the same losses and parameters."""
    loops.any_training_replayed(student, draw, LOOP)


@check(points=2, goal="learning", hidden=True, learning=True, after=test_any_training_replayed, seconds=60,
       recipe="3,000 labelled tweets, the classes in either order")  # fmt: skip
def test_it_learns_from_tweets(student, oracle, draw):
    """The course's network, trained by your loop on real tweets, classifies held-out ones."""
    from grader.data.tweets import labelled_tweets

    swapped, part = draw.seed("classes") % 2, labelled_tweets()
    picked = torch.randperm(len(part.train.texts), generator=draw.generator("split"))[:3000]
    inputs = _embeddings([part.train.texts[n] for n in picked.tolist()])
    labels = (part.train.labels[picked] + swapped) % 2
    model = probes.net(student, NET, probes.starting_weights(NET, draw))
    loaders = [student.make("batches", inputs[:n], labels[:n], [50] * (n // 50)) for n in (3000, 100)]
    history = LOOP.train(student, model, *loaders, num_epochs=8, learning_rate=2e-3)
    losses = history["losses"]
    expect(losses, "losses").length(8).each_of_type(float).satisfies(losses[-1] < 0.9 * losses[0], "falling")
    trained = probes.twin(NET, LOOP.fitting(student, NET, model))
    reached = probes.accuracy(trained, _embeddings(part.test.texts), (part.test.labels + swapped) % 2)
    expect(reached, "the accuracy on held-out tweets").at_least(oracle.threshold("tweets"))


def _embeddings(texts):
    """(N, 50): the sums of the tweets' GloVe vectors, worked out on this side."""
    from grader.data.vectors import glove

    table = glove()
    rows = [[table.stoi[word] for word in text.lower().split() if word in table.stoi] for text in texts]
    return torch.stack([table.vectors[row].sum(dim=0) for row in rows])


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
    """The loader's batches are the same after get_accuracy and train_network."""
    loops.the_batches_stay(student, draw, LOOP)


@check(points=0.5, goal="corners", observed=True)
def test_gradients_stay_on(student, draw):
    """train_network leaves torch's gradient mode as it was."""
    loops.gradients_stay_on(student, draw, LOOP)


@check(points=1, goal="devices", observed=True, after=test_steps_of_adam)
def test_on_a_cuda_device(student, draw):
    """get_accuracy and train_network work on the device that the model is on."""
    loops.on_a_cuda_device(student, draw, LOOP)
