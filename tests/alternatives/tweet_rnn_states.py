"""The networks read the final state, not the outputs; the batcher fills groups along one order of all tweets."""

import math

import torch
from torch import nn


def rnn_outputs(rnn_layer, tweet, hidden=None):
    where = next(rnn_layer.parameters())
    start = where.new_zeros((1, 1, rnn_layer.hidden_size)) if hidden is None else hidden.to(where.device)
    out, last_hidden = rnn_layer(tweet.to(where.device).view(1, *tweet.shape), start)
    return (out, last_hidden)


class _Reader(nn.Module):
    def __init__(self, layer, input_size, hidden_size, num_classes, vectors):
        super().__init__()
        table = vectors.vectors
        self.table = nn.Embedding(*table.shape, _weight=table.clone())
        self.table.weight.requires_grad_(False)
        self.layer = layer(input_size=input_size, hidden_size=hidden_size, batch_first=True)
        self.out = nn.Linear(hidden_size, num_classes)

    def forward(self, x):
        _, state = self.layer(self.table(x))
        hidden = state[0] if isinstance(state, tuple) else state
        return self.out(hidden.squeeze(0))


class TweetRNN(_Reader):
    def __init__(self, input_size, hidden_size, num_classes, vectors):
        super().__init__(nn.RNN, input_size, hidden_size, num_classes, vectors)


class TweetLSTM(_Reader):
    def __init__(self, input_size, hidden_size, num_classes, vectors):
        super().__init__(nn.LSTM, input_size, hidden_size, num_classes, vectors)


def tweet_indices(text, stoi):
    words = map(str.lower, text.split())
    return torch.tensor([stoi[w] for w in words if w in stoi]).to(torch.int64)


def pad_batch(tweets):
    longest = max(len(tweet) for tweet in tweets)
    rows = [nn.functional.pad(tweet, (0, longest - len(tweet)), value=0) for tweet in tweets]
    return torch.stack(rows), torch.as_tensor([len(tweet) for tweet in tweets])


def last_outputs(out, lengths):
    rows = []
    for sequence, length in zip(out, lengths.tolist()):
        if length not in range(1, len(sequence) + 1):
            raise ValueError(f"lengths: {length} is not in 1..{len(sequence)}")
        rows.append(sequence[length - 1])
    return torch.stack(rows)


class TweetBatcher:
    def __init__(self, tweets, batch_size=32, drop_last=False):
        if not isinstance(batch_size, int):
            raise TypeError("batch_size is an int")
        if batch_size < 1:
            raise ValueError("batch_size is 1 or more")
        self.tweets, self.batch_size, self.drop_last = list(tweets), batch_size, drop_last

    def _cut(self, order):
        waiting = {}
        for number in order:
            words, label = self.tweets[number]
            group = waiting.setdefault(len(words), [])
            group.append((words, label))
            if len(group) == self.batch_size:
                yield waiting.pop(len(words))
        if not self.drop_last:
            yield from waiting.values()

    def __len__(self):
        return sum(1 for _ in self._cut(range(len(self.tweets))))

    def __iter__(self):
        for group in self._cut(torch.randperm(len(self.tweets)).tolist()):
            yield torch.stack([words for words, _ in group]), torch.tensor([label for _, label in group])


class Mode:
    def __init__(self, model, mode):
        self.model, self.mode = model, mode

    def __enter__(self):
        self.before = {name: part.training for name, part in self.model.named_modules()}
        self.model.train(self.mode)
        return self.model

    def __exit__(self, *_):
        for name, part in self.model.named_modules():
            part.training = self.before[name]


def moved(loader, model):
    numbers = list(model.parameters()) + list(model.buffers())
    for inputs, labels in loader:
        yield (inputs.to(numbers[0].device), labels.to(numbers[0].device)) if numbers else (inputs, labels)


def get_accuracy(model, data_loader):
    counts = [0, 0]
    with Mode(model, False), torch.no_grad():
        for inputs, labels in moved(data_loader, model):
            counts[0] += int((model(inputs).argmax(-1) == labels).sum())
            counts[1] += labels.numel()
    if not counts[1]:
        raise ValueError("data_loader has no batches")
    return counts[0] / counts[1]


def train_rnn_network(model, train_loader, valid_loader, num_epochs=5, learning_rate=1e-5):
    if type(num_epochs) is not int or num_epochs < 0:
        raise ValueError(f"num_epochs: {num_epochs!r} is no count")
    if type(learning_rate) not in (int, float) or not math.isfinite(learning_rate) or learning_rate < 0:
        raise ValueError(f"learning_rate: {learning_rate!r} is no rate")
    optimizer = torch.optim.Adam(model.parameters(), lr=learning_rate, foreach=False)
    losses, epochs, accuracies = [], [], {"train_acc": [], "valid_acc": []}
    for epoch in range(1, num_epochs + 1):
        total, seen = 0.0, 0
        with Mode(model, True):
            for inputs, labels in moved(train_loader, model):
                logp = torch.log_softmax(model(inputs), dim=1)
                summed = -logp.gather(1, labels[:, None]).sum()
                model.zero_grad()
                (summed / len(labels)).backward()
                optimizer.step()
                total, seen = total + float(summed.detach()), seen + len(labels)
        if not seen:
            raise ValueError("the train_loader is empty")
        losses.append(total / seen)
        if not epoch % 5:
            epochs.append(epoch)
            try:
                accuracies["train_acc"].append(get_accuracy(model, train_loader))
                accuracies["valid_acc"].append(get_accuracy(model, valid_loader))
            except ValueError:
                raise ValueError("the valid_loader is empty") from None
    return {"losses": losses, "epochs": epochs, **accuracies}
