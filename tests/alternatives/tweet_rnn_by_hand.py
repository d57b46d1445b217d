"""A batcher on sorted numbers; last outputs by a mask; Adam written out on gradients of autograd.grad."""

import numpy as np
import torch
from torch import nn


def rnn_outputs(rnn_layer, tweet, hidden=None):
    shape = (rnn_layer.num_layers, 1, rnn_layer.hidden_size)
    h0 = torch.zeros(shape, device=_home(rnn_layer)) if hidden is None else hidden
    return rnn_layer(tweet.unsqueeze(0).to(_home(rnn_layer)), h0)


def _classifier(layer):
    class Classifier(nn.Module):
        def __init__(self, input_size, hidden_size, num_classes, vectors):
            super().__init__()
            self.embedding = nn.Embedding.from_pretrained(vectors.vectors.detach().clone())
            self.add_module("layer", layer(input_size, hidden_size, batch_first=True))
            self.add_module("logits", nn.Linear(hidden_size, num_classes))

        def forward(self, x):
            return self.logits(self.layer(self.embedding(x))[0].select(1, x.shape[1] - 1))

    return Classifier


TweetRNN, TweetLSTM = _classifier(nn.RNN), _classifier(nn.LSTM)


def tweet_indices(text, stoi):
    known = filter(stoi.__contains__, text.lower().split())
    return torch.from_numpy(np.fromiter((stoi[word] for word in known), dtype=np.int64))


def pad_batch(tweets):
    return nn.utils.rnn.pad_sequence(tweets, True, 0), torch.tensor(list(map(len, tweets)))


def last_outputs(out, lengths):
    steps = torch.arange(1, out.shape[1] + 1)
    if not torch.isin(lengths, steps).all():
        raise ValueError("lengths have to lie in 1..L")
    return out[steps[None] == lengths[:, None]]


class TweetBatcher:
    def __init__(self, tweets, batch_size=32, drop_last=False):
        if type(batch_size) is not int or batch_size <= 0:
            raise ValueError("batch_size is a whole number above 0")
        self.size, self.drop_last = batch_size, drop_last
        self.words, self.labels = [words for words, _ in tweets], [label for _, label in tweets]

    def _plan(self):
        shuffled = torch.randperm(len(self.words)).tolist()
        shuffled.sort(key=lambda number: len(self.words[number]))
        plan = []
        for number in shuffled:
            if not plan or len(plan[-1]) == self.size or len(self.words[plan[-1][0]]) != len(self.words[number]):
                plan.append([])
            plan[-1].append(number)
        return [group for group in plan if len(group) == self.size or not self.drop_last]

    def __len__(self):
        lengths = np.bincount([len(words) for words in self.words] or [0])[1:]
        return int(sum(n // self.size if self.drop_last else -(-n // self.size) for n in lengths))

    def __iter__(self):
        plan = self._plan()
        for number in torch.randperm(len(plan)):
            group = plan[number]
            yield torch.stack([self.words[n] for n in group]), torch.as_tensor([self.labels[n] for n in group])


def _home(model):
    first = next(model.parameters(), next(model.buffers(), None))
    return torch.device("cpu") if first is None else first.device


def get_accuracy(model, data_loader):
    flags = [(part, part.training) for part in model.modules()]
    right, count = 0.0, 0
    try:
        for part, _ in flags:
            part.training = False
        for inputs, labels in data_loader:
            with torch.no_grad():
                logits = model(inputs.to(_home(model))).cpu()
            right += logits.max(1, keepdim=True)[1].eq(labels.view(-1, 1)).sum().item()
            count += labels.shape[0]
    finally:
        for part, flag in flags:
            part.training = flag
    if count == 0:
        raise ValueError("data_loader: no batch")
    return right / count


def train_rnn_network(model, train_loader, valid_loader, num_epochs=5, learning_rate=1e-5):
    try:
        epochs = range(1, num_epochs + 1)
    except TypeError:
        raise TypeError("num_epochs is no int") from None
    if num_epochs < 0:
        raise ValueError("num_epochs is negative")
    try:
        good = 0 <= learning_rate <= 1e100
    except TypeError:
        raise TypeError("learning_rate is no number") from None
    if not good:
        raise ValueError("learning_rate is negative or not finite")
    weights = [w for w in model.parameters() if w.requires_grad]
    first, second = ([torch.zeros_like(w) for w in weights] for _ in range(2))
    steps = 0
    history = {key: [] for key in ("losses", "epochs", "train_acc", "valid_acc")}
    for epoch in epochs:
        model.train()
        losses, sizes = [], []
        for inputs, labels in train_loader:
            logits, labels = model(inputs.to(_home(model))), labels.to(_home(model))
            loss = logits.logsumexp(1).mean() - logits[torch.arange(len(labels)), labels].mean()
            gradients = torch.autograd.grad(loss, weights)
            steps += 1
            with torch.no_grad():
                for w, m, v, g in zip(weights, first, second, gradients):
                    m.mul_(0.9).add_(0.1 * g)
                    v.mul_(0.999).add_(0.001 * g * g)
                    w -= learning_rate * (m / (1 - 0.9**steps)) / ((v / (1 - 0.999**steps)).sqrt() + 1e-8)
            losses.append(loss.item())
            sizes.append(len(labels))
        if not losses:
            raise ValueError("train_loader: no batch")
        history["losses"].append(float(np.average(losses, weights=sizes)))
        if epoch in range(5, num_epochs + 1, 5):
            history["epochs"] += [epoch]
            history["train_acc"] += [get_accuracy(model, train_loader)]
            history["valid_acc"] += [get_accuracy(model, valid_loader)]
    return history
