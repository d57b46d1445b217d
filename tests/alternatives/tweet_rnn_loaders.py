"""One DataLoader a length, of which one is picked at random each time; explicit states of zeros; packed padding."""

import contextlib
import numbers

import torch
import torch.nn.functional as nnf
from torch import nn
from torch.utils.data import DataLoader


def rnn_outputs(rnn_layer, tweet, hidden=None):
    device = rnn_layer.weight_hh_l0.device
    if hidden is None:
        hidden = torch.zeros(1, 1, rnn_layer.hidden_size)
    return rnn_layer(tweet[None].to(device), hidden.to(device))


class TweetRNN(nn.Module):
    def __init__(self, input_size, hidden_size, num_classes, vectors):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(vectors.vectors)
        self.hidden_size = hidden_size
        self.rnn = nn.RNN(input_size, hidden_size, batch_first=True)
        self.fc = nn.Linear(hidden_size, num_classes)

    def forward(self, x):
        h0 = torch.zeros(1, x.size(0), self.hidden_size, device=x.device)
        out, _ = self.rnn(self.emb(x), h0)
        return self.fc(out[:, -1, :])


class TweetLSTM(nn.Module):
    def __init__(self, input_size, hidden_size, num_classes, vectors):
        super().__init__()
        self.emb = nn.Embedding.from_pretrained(vectors.vectors)
        self.hidden_size = hidden_size
        self.rnn = nn.LSTM(input_size, hidden_size, batch_first=True)
        self.fc = nn.Linear(hidden_size, num_classes)

    def forward(self, x):
        h0 = torch.zeros(1, x.size(0), self.hidden_size, device=x.device)
        out, _ = self.rnn(self.emb(x), (h0, torch.zeros_like(h0)))
        return self.fc(out[:, -1, :])


def tweet_indices(text, stoi):
    found = []
    for word in text.split():
        index = stoi.get(word.lower())
        if index is not None:
            found.append(index)
    return torch.LongTensor(found)


def pad_batch(tweets):
    lengths = torch.tensor([t.shape[0] for t in tweets], dtype=torch.int64)
    padded = torch.full((len(tweets), int(lengths.max())), 1)
    for row, tweet in zip(padded, tweets):
        row[: len(tweet)] = tweet
    return padded, lengths


def last_outputs(out, lengths):
    if int(lengths.min()) < 1 or int(lengths.max()) > out.size(1):
        raise ValueError("a length is outside 1..L")
    where = (lengths - 1).view(-1, 1, 1).expand(-1, 1, out.size(2))
    return out.gather(1, where).squeeze(1)


class TweetBatcher:
    def __init__(self, tweets, batch_size=32, drop_last=False):
        if type(batch_size) is not int or batch_size < 1:
            raise ValueError(f"batch_size: {batch_size!r}")
        self.tweets_by_length = {}
        for words, label in tweets:
            self.tweets_by_length.setdefault(words.shape[0], []).append((words, label))
        self.loaders = {
            length: DataLoader(group, batch_size=batch_size, shuffle=True, drop_last=drop_last)
            for length, group in self.tweets_by_length.items()
        }

    def __len__(self):
        return sum(map(len, self.loaders.values()))

    def __iter__(self):
        iters = [iter(loader) for loader in self.loaders.values()]
        while iters:
            number = int(torch.randint(len(iters), (1,)))
            try:
                yield next(iters[number])
            except StopIteration:
                del iters[number]


@contextlib.contextmanager
def evaluating(model):
    trained = {part for part in model.modules() if part.training}
    model.eval()
    try:
        yield
    finally:
        for part in model.modules():
            part.training = part in trained


def place(model):
    return next((p.device for p in model.parameters()), torch.device("cpu"))


@torch.no_grad()
def get_accuracy(model, data_loader):
    hits = []
    with evaluating(model):
        for x, y in data_loader:
            hits.append(model(x.to(place(model))).max(dim=1).indices.eq(y.to(place(model))))
    if not hits:
        raise ValueError("nothing in data_loader")
    return torch.cat(hits).double().mean().item()


def train_rnn_network(model, train_loader, valid_loader, num_epochs=5, learning_rate=1e-5, progress=False):
    if not isinstance(num_epochs, numbers.Integral):
        raise TypeError("num_epochs has to be an integer")
    if num_epochs < 0:
        raise ValueError("num_epochs has to be 0 or more")
    if not isinstance(learning_rate, numbers.Real):
        raise TypeError("learning_rate has to be a number")
    if not 0 <= learning_rate < float("inf"):
        raise ValueError("learning_rate has to be finite and 0 or more")
    history = {"losses": [], "epochs": [], "train_acc": [], "valid_acc": []}
    if num_epochs == 0:
        return history
    for name, loader in (("train_loader", train_loader), ("valid_loader", valid_loader)):
        if next(iter(loader), None) is None:
            raise ValueError(f"{name} is empty")
    optimizer = torch.optim.Adam([{"params": [p]} for p in model.parameters()], lr=learning_rate)
    for number in range(num_epochs):
        each = []
        for x, y in train_loader:
            model.train()
            losses = nnf.cross_entropy(model(x.to(place(model))), y.to(place(model)), reduction="none")
            optimizer.zero_grad(set_to_none=False)
            losses.mean().backward()
            optimizer.step()
            each += losses.tolist()
        history["losses"].append(sum(each) / len(each))
        if number % 5 == 4:
            history["epochs"].append(number + 1)
            history["train_acc"].append(get_accuracy(model, train_loader))
            history["valid_acc"].append(get_accuracy(model, valid_loader))
            if progress:
                print(number + 1, history["losses"][-1])
    return history
