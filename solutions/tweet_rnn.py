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


### BEGIN SOLUTION
def _check_count(name, count, at_least):
    if not isinstance(count, int):
        raise TypeError(f"{name} is an int, not {count!r}")
    if count < at_least:
        raise ValueError(f"{name} is at least {at_least}, not {count}")


def _check_rate(name, rate):
    if not isinstance(rate, (int, float)):
        raise TypeError(f"{name} is a number, not {rate!r}")
    if not 0 <= rate < math.inf:
        raise ValueError(f"{name} is finite and at least 0, not {rate}")


def _device_of(model):
    """Where the model's numbers are; the CPU for a model without any."""
    numbers = [*model.parameters(), *model.buffers()]
    return numbers[0].device if numbers else torch.device("cpu")


### END SOLUTION


def rnn_outputs(rnn_layer: nn.RNN | nn.GRU, tweet: Tensor, hidden: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """Run a recurrent layer over one tweet, from a state of zeros unless another is given.

    rnn_layer: one layer, batch_first, with H units; tweet: (L, D), the vectors of its words; hidden: (1, 1, H).
    Returns the outputs (1, L, H) after each word, and the state (1, 1, H) after the last.
    """
    ### BEGIN SOLUTION
    tweet = tweet.unsqueeze(0).to(_device_of(rnn_layer))  # (L, D) → (1, L, D)
    if hidden is None:
        hidden = tweet.new_zeros(1, 1, rnn_layer.hidden_size)
    out, last_hidden = rnn_layer(tweet, hidden.to(tweet.device))
    return out, last_hidden
    ### END SOLUTION


class TweetRNN(nn.Module):
    """Word vectors, a recurrent layer, and a linear layer on its output after the last word; logits."""

    def __init__(self, input_size: int, hidden_size: int, num_classes: int, vectors) -> None:
        """input_size: D; hidden_size: H; vectors: its table `vectors.vectors` (V, D) is used, and never changed."""
        super().__init__()
        ### BEGIN SOLUTION
        for name, count in (("input_size", input_size), ("hidden_size", hidden_size), ("num_classes", num_classes)):
            _check_count(name, count, at_least=1)
        self.emb = nn.Embedding.from_pretrained(vectors.vectors, freeze=True)
        self.rnn = self.recurrent(input_size, hidden_size, batch_first=True)
        self.fc = nn.Linear(hidden_size, num_classes)
        ### END SOLUTION

    ### BEGIN SOLUTION
    recurrent: type[nn.RNN] | type[nn.LSTM] = nn.RNN

    ### END SOLUTION
    def forward(self, x: Tensor) -> Tensor:
        """x: (B, L) int64, the indices of words. Returns logits (B, num_classes)."""
        ### BEGIN SOLUTION
        out, _ = self.rnn(self.emb(x))  # (B, L) → (B, L, D) → (B, L, H)
        return self.fc(out[:, -1])
        ### END SOLUTION


class TweetLSTM(TweetRNN):
    """TweetRNN with an LSTM as its recurrent layer."""

    ### BEGIN SOLUTION
    recurrent = nn.LSTM
    ### END SOLUTION


def tweet_indices(text: str, stoi: Mapping[str, int]) -> Tensor:
    """The indices (L,) int64 of a tweet's words: cut at whitespace, looked up in lower case, unknown ones dropped."""
    ### BEGIN SOLUTION
    words = text.lower().split()
    return torch.tensor([stoi[word] for word in words if word in stoi], dtype=torch.long)
    ### END SOLUTION


def pad_batch(tweets: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
    """Make one tensor of tweets of different lengths: (padded (B, Lmax) int64, lengths (B,) int64).

    tweets: each (L,) int64. What stands behind a shorter tweet's end is arbitrary.
    """
    ### BEGIN SOLUTION
    return pad_sequence(list(tweets), batch_first=True), torch.tensor([len(tweet) for tweet in tweets])
    ### END SOLUTION


def last_outputs(out: Tensor, lengths: Tensor) -> Tensor:
    """Pick each sequence's output at its own last step, so that padding never changes it.

    out: (B, L, H) outputs of a batch_first layer; lengths: (B,) int64. Returns (B, H).
    Raises ValueError for a length outside 1..L.
    """
    ### BEGIN SOLUTION
    if ((lengths < 1) | (lengths > out.shape[1])).any():
        raise ValueError(f"lengths are from 1 to {out.shape[1]}, not {lengths.tolist()}")
    return out[torch.arange(len(out)), lengths - 1]
    ### END SOLUTION


class TweetBatcher:
    """Batches of tweets of one length each, in random order; every loop over it draws a new one.

    tweets: (words (L,) int64, label int), every tweet with a word; batch_size: ≥ 1; drop_last: whether the incomplete
    batch of each length is left out.
    Gives (words (B, L), labels (B,) int64); `len()` is the number of batches.
    """

    def __init__(self, tweets: Sequence[tuple[Tensor, int]], batch_size: int = 32, drop_last: bool = False) -> None:
        ### BEGIN SOLUTION
        _check_count("batch_size", batch_size, at_least=1)
        by_length = defaultdict(list)
        for words, label in tweets:
            by_length[len(words)].append((words, label))
        self.groups = [
            (torch.stack([words for words, _ in group]), torch.tensor([label for _, label in group]))
            for group in by_length.values()
        ]
        self.batch_size, self.drop_last = batch_size, drop_last
        ### END SOLUTION

    def __len__(self) -> int:
        ### BEGIN SOLUTION
        whole = sum(len(labels) // self.batch_size for _, labels in self.groups)
        rest = sum(len(labels) % self.batch_size > 0 for _, labels in self.groups)
        return whole if self.drop_last else whole + rest
        ### END SOLUTION

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        ### BEGIN SOLUTION
        batches = []
        for words, labels in self.groups:
            for rows in torch.randperm(len(labels)).split(self.batch_size):
                if len(rows) == self.batch_size or not self.drop_last:
                    batches.append((words[rows], labels[rows]))
        for number in torch.randperm(len(batches)).tolist():
            yield batches[number]
        ### END SOLUTION


def get_accuracy(model: nn.Module, data_loader: Iterable) -> float:
    """The share of samples whose largest logit is that of the right class, in [0, 1].

    data_loader: gives batches (words (B, L), labels (B,) int64) of any sizes.
    Measures on the model's device, in eval mode and without gradients. Afterwards every submodule is in the mode in
    which it was before, also if the model raises.
    Raises ValueError for a loader that gives no batch.
    """
    ### BEGIN SOLUTION
    return _accuracy(model, data_loader, "data_loader")
    ### END SOLUTION


### BEGIN SOLUTION
def _accuracy(model, loader, name):
    """get_accuracy for a loader that the caller knows by `name`."""
    device = _device_of(model)
    modes = [(module, module.training) for module in model.modules()]
    correct = total = 0
    try:
        model.eval()
        with torch.no_grad():
            for inputs, labels in loader:
                predictions = model(inputs.to(device)).argmax(dim=1)  # (B, classes) → (B,)
                correct += (predictions == labels.to(device)).sum().item()
                total += len(labels)
    finally:
        for module, mode in modes:
            module.training = mode
    if total == 0:
        raise ValueError(f"{name} gives no batch")
    return correct / total


### END SOLUTION


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
    ### BEGIN SOLUTION
    _check_count("num_epochs", num_epochs, at_least=0)
    _check_rate("learning_rate", learning_rate)
    device = _device_of(model)
    optimizer = torch.optim.Adam(model.parameters(), lr=learning_rate)
    history: dict[str, list] = {"losses": [], "epochs": [], "train_acc": [], "valid_acc": []}
    for epoch in range(1, num_epochs + 1):
        model.train()
        summed, samples = 0.0, 0
        for inputs, labels in train_loader:
            logits = model(inputs.to(device))  # (B, classes)
            loss = nn.functional.cross_entropy(logits, labels.to(device))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            summed += loss.item() * len(labels)
            samples += len(labels)
        if samples == 0:
            raise ValueError("train_loader gives no batch")
        history["losses"].append(summed / samples)
        if epoch % REPORT_EVERY == 0:
            history["epochs"].append(epoch)
            history["train_acc"].append(_accuracy(model, train_loader, "train_loader"))
            history["valid_acc"].append(_accuracy(model, valid_loader, "valid_loader"))
    return history
    ### END SOLUTION
