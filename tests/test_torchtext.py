"""The text exercises take torchtext's own objects, and are judged right beside it; `tests/torchtext.sh` runs this."""

import os
import runpy
from types import SimpleNamespace

import pytest
import torch

from grader.catalogue import load_course
from grader.data.tweets import labelled_tweets
from grader.data.vectors import WordVectors, glove
from grader.engine.workbench import Workbench
from grader.release.author import violations

try:
    from torchtext.vocab import Vectors, vocab
except (ImportError, OSError) as error:  # OSError: beside a torch that it was not built for
    reason = f"torchtext cannot be imported ({error}): run tests/torchtext.sh"
    pytest.skip(reason, allow_module_level=True)

COURSE = load_course()
WORDS = 5000
TEXT = "some say the world will end in fire, some say in ice."
torch.set_num_threads(1)


def solution(module: str) -> SimpleNamespace:
    return SimpleNamespace(**runpy.run_path(str(COURSE.solutions / f"{module}.py")))


@pytest.fixture(scope="module")
def ours() -> WordVectors:
    return WordVectors(glove().itos[:WORDS], glove().vectors[:WORDS].clone())


@pytest.fixture(scope="module")
def theirs(ours: WordVectors, tmp_path_factory: pytest.TempPathFactory) -> "Vectors":
    """The same words, read by torchtext from a file as GloVe's authors write it."""
    file = tmp_path_factory.mktemp("vectors") / "glove.txt"
    rows = zip(ours.itos, ours.vectors.tolist())
    file.write_text("".join(f"{word} {' '.join(map(repr, row))}\n" for word, row in rows), encoding="utf-8")
    return Vectors(name=str(file), cache=str(file.parent))


def logits_of(net: torch.nn.Module, words: torch.Tensor) -> torch.Tensor:
    with torch.no_grad():
        return net(words)


def test_word_vectors_are_used_as_torchtexts_are(ours, theirs):
    assert (ours.itos, ours.stoi, ours.dim, len(ours)) == (theirs.itos, theirs.stoi, theirs.dim, len(theirs))
    assert torch.equal(ours.vectors, theirs.vectors)
    for word in ("king", "no such word"):
        assert torch.equal(ours[word], theirs[word])


def test_word_embeddings(ours, theirs):
    exercise = solution("word_embeddings")
    for search in (exercise.closest_words, exercise.most_similar):
        assert search(theirs, theirs["king"], 8, exclude=["king"]) == search(ours, ours["king"], 8, exclude=["king"])
    found = exercise.analogy(theirs, "man", "king", "woman", 3)
    assert found == exercise.analogy(ours, "man", "king", "woman", 3)
    assert found[0][0] == "queen"
    with pytest.raises(KeyError, match="no such word"):  # torchtext answers zeros
        exercise.analogy(theirs, "man", "king", "no such word")


def test_tweet_sentiment(ours, theirs):
    exercise = solution("tweet_sentiment")
    texts, labels = (part[:64] for part in labelled_tweets().train)
    histories = []
    for table in (theirs, ours):
        torch.manual_seed(0)
        inputs = torch.stack([exercise.tweet_embedding(text, table) for text in texts])
        loader = [(inputs[:40], labels[:40]), (inputs[40:], labels[40:])]
        histories.append(exercise.train_network(exercise.SentimentClassifier(), loader, loader, 5, 0.01))
    assert histories[0] == histories[1]
    assert histories[0]["losses"][-1] < histories[0]["losses"][0]


@pytest.mark.parametrize("net", ["TweetRNN", "TweetLSTM"])
def test_tweet_rnn(ours, theirs, net):
    exercise = solution("tweet_rnn")
    texts, labels = labelled_tweets().train
    outcomes = []
    for table in (theirs, ours):
        torch.manual_seed(0)
        tweets = [(exercise.tweet_indices(text, table.stoi), label) for text, label in zip(texts[:64], labels.tolist())]
        batches = exercise.TweetBatcher([tweet for tweet in tweets if len(tweet[0])], 8)
        model = getattr(exercise, net)(50, 6, 2, table)
        history = exercise.train_rnn_network(model, batches, batches, 5, 0.01)
        outcomes.append((history, logits_of(model, torch.tensor([[1, 2, 3]])).tolist()))
    assert outcomes[0] == outcomes[1]
    assert torch.equal(theirs.vectors, ours.vectors)  # the table stays as it was


def test_text_generator():
    exercise = solution("text_generator")
    symbols, stoi, itos = exercise.build_vocab(TEXT)
    table = vocab(dict.fromkeys(symbols, 1))
    assert (table.get_stoi(), table.get_itos()) == (stoi, itos)
    assert exercise.encode(TEXT, table).tolist() == exercise.encode(TEXT, stoi).tolist()
    torch.manual_seed(0)
    model = exercise.TextGenerator(len(table), 8)
    texts = [
        exercise.sample_sequence(model, *names, max_len=40, generator=torch.Generator().manual_seed(1))
        for names in ((table, table.get_itos()), (stoi, itos))
    ]
    assert texts[0] == texts[1] != ""


@pytest.mark.parametrize("module", ["word_embeddings", "tweet_sentiment", "tweet_rnn", "text_generator"])
def test_the_grader_judges_right_beside_torchtext(module):
    secret = os.urandom(16).hex().encode()
    found = list(violations(Workbench(COURSE, module), [secret]))
    assert not found, f"secret {secret!r}:\n" + "\n".join(found)
