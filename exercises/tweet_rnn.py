"""Reading a tweet word by word.

A sum of word vectors forgets their order. A recurrent network reads the words one after the other and keeps a state of
what it has read; after the last word, that state is what it thinks of the tweet. `nn.RNN` has the simplest state, and
forgets fast; an LSTM (Hochreiter and Schmidhuber, "Long short-term memory", 1997) has a second one that lasts longer.

Tweets have different lengths, a tensor has one. There are two ways out: pad the shorter ones at the end, and mind that
the output after the padding is not the output after the tweet; or put only tweets of one length into a batch.

Your task: the two networks, both ways to make batches, and the training loop, which is that of the exercise
`tweet_sentiment`. Tweets are indices here: row numbers of their words in a table `vectors.vectors` (V, D).
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence

REPORT_EVERY = 5  # epochs


def rnn_outputs(rnn_layer: nn.RNN | nn.GRU, tweet: Tensor, hidden: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """Run a recurrent layer over one tweet, from a state of zeros unless another is given.

    rnn_layer: one layer, batch_first, with H units; tweet: (L, D), the vectors of its words; hidden: (1, 1, H).
    Returns the outputs (1, L, H) after each word, and the state (1, 1, H) after the last.
    """
    # Your code here.
    raise NotImplementedError("rnn_outputs is not implemented yet")


class TweetRNN(nn.Module):
    """Word vectors, a recurrent layer, and a linear layer on its output after the last word; logits."""

    def __init__(self, input_size: int, hidden_size: int, num_classes: int, vectors) -> None:
        """input_size: D; hidden_size: H; vectors: its table `vectors.vectors` (V, D) is used, and never changed."""
        super().__init__()
        # Your code here.
        raise NotImplementedError("TweetRNN.__init__ is not implemented yet")

    def forward(self, x: Tensor) -> Tensor:
        """x: (B, L) int64, the indices of words. Returns logits (B, num_classes)."""
        # Your code here.
        raise NotImplementedError("TweetRNN.forward is not implemented yet")


class TweetLSTM(TweetRNN):
    """TweetRNN with an LSTM as its recurrent layer."""


def tweet_indices(text: str, stoi: Mapping[str, int]) -> Tensor:
    """The indices (L,) int64 of a tweet's words: cut at whitespace, looked up in lower case, unknown ones dropped."""
    # Your code here.
    raise NotImplementedError("tweet_indices is not implemented yet")


def pad_batch(tweets: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
    """Make one tensor of tweets of different lengths: (padded (B, Lmax) int64, lengths (B,) int64).

    tweets: each (L,) int64. What stands behind a shorter tweet's end is arbitrary.
    """
    # Your code here.
    raise NotImplementedError("pad_batch is not implemented yet")


def last_outputs(out: Tensor, lengths: Tensor) -> Tensor:
    """Pick each sequence's output at its own last step, so that padding never changes it.

    out: (B, L, H) outputs of a batch_first layer; lengths: (B,) int64. Returns (B, H).
    Raises ValueError for a length outside 1..L.
    """
    # Your code here.
    raise NotImplementedError("last_outputs is not implemented yet")


class TweetBatcher:
    """Batches of tweets of one length each, in random order; every loop over it draws a new one.

    tweets: (words (L,) int64, label int), every tweet with a word; batch_size: ≥ 1; drop_last: whether the incomplete
    batch of each length is left out.
    Gives (words (B, L), labels (B,) int64); `len()` is the number of batches.
    """

    def __init__(self, tweets: Sequence[tuple[Tensor, int]], batch_size: int = 32, drop_last: bool = False) -> None:
        # Your code here.
        raise NotImplementedError("TweetBatcher.__init__ is not implemented yet")

    def __len__(self) -> int:
        # Your code here.
        raise NotImplementedError("TweetBatcher.__len__ is not implemented yet")

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        # Your code here.
        raise NotImplementedError("TweetBatcher.__iter__ is not implemented yet")


def get_accuracy(model: nn.Module, data_loader: Iterable) -> float:
    """The share of samples whose largest logit is that of the right class, in [0, 1].

    data_loader: gives batches (words (B, L), labels (B,) int64) of any sizes.
    Measures on the model's device, in eval mode and without gradients. Afterwards every submodule is in the mode in
    which it was before, also if the model raises.
    Raises ValueError for a loader that gives no batch.
    """
    # Your code here.
    raise NotImplementedError("get_accuracy is not implemented yet")


def train_rnn_network(
    model: nn.Module,
    train_loader: Iterable,
    valid_loader: Iterable,
    num_epochs: int = 5,
    learning_rate: float = 1e-5,
) -> dict[str, list]:
    """Train the model by cross-entropy and Adam, on the device that it is on.

    train_loader, valid_loader: give batches (words (B, L), labels (B,) int64), the same or others each time they are
    looped over; num_epochs: ≥ 0, where 0 changes nothing; learning_rate: finite and ≥ 0.

    Returns four lists of ints and floats. `losses` has one entry for each epoch, the mean loss over its samples. After
    every fifth epoch `epochs` gets its number, counted from 1, and `train_acc` and `valid_acc` get get_accuracy.
    Raises ValueError for a loader that gives no batch or a number out of range, TypeError for a number of the wrong
    type.
    """
    # Your code here.
    raise NotImplementedError("train_rnn_network is not implemented yet")
