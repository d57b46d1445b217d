"""A network that writes, one character at a time.

To write is to guess what comes next, again and again. A recurrent network reads a text and guesses each next character
from all those before; to write a new text, one of the likely characters is drawn and handed back as the next to read.
Two markers stand around each text: `<BOS>` (begin of string) is what the network reads first, and `<EOS>` (end of
string) is its word for "I am done".

While training, the network reads the real text and not what it would have drawn itself, so that one wrong guess does
not spoil all that follow. This is called teacher forcing: of the tokens <BOS> c a t <EOS> it reads <BOS> c a t and is
to guess c a t <EOS>. Texts of different lengths are padded to fit into one tensor, and what stands at padded places
must not count in the loss.

Drawing knows one knob, the temperature T: the probabilities are softmax(logits / T). Near 0 only the best guess is ever
drawn; the higher it is, the more even the chances and the wilder the text.

Your task: the vocabulary, the network, its loss in two forms, the training, and the drawing. The GRU is that of Cho et
al., "Learning phrase representations using RNN encoder-decoder for statistical machine translation", 2014.
"""

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence

BOS, EOS = "<BOS>", "<EOS>"


### BEGIN SOLUTION
IGNORED = -100  # a target that counts nothing; no token has this number


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
    return next(model.parameters()).device


### END SOLUTION


def build_vocab(text: str) -> tuple[list[str], dict[str, int], list[str]]:
    """The symbols of a text: its distinct characters, sorted, then `<BOS>` and `<EOS>`.

    Returns (vocab, stoi, itos): the list of symbols, the number of each symbol, and the symbol of each number.
    """
    ### BEGIN SOLUTION
    vocab = [*sorted(set(text)), BOS, EOS]
    return vocab, {symbol: number for number, symbol in enumerate(vocab)}, list(vocab)
    ### END SOLUTION


def encode(text: str, stoi: Mapping[str, int]) -> Tensor:
    """The numbers of a text's L characters between those of the two markers, (L + 2,) int64.

    Raises KeyError that names a character which stoi lacks.
    """
    ### BEGIN SOLUTION
    return torch.tensor([stoi[symbol] for symbol in (BOS, *text, EOS)])
    ### END SOLUTION


class TextGenerator(nn.Module):
    """A GRU that reads tokens as one-hot vectors and gives logits of the next token."""

    def __init__(self, vocab_size: int, hidden_size: int, n_layers: int = 1) -> None:
        """vocab_size: V; hidden_size: H; n_layers: layers of the GRU, each on top of the one before."""
        super().__init__()
        ### BEGIN SOLUTION
        for name, count in (("vocab_size", vocab_size), ("hidden_size", hidden_size), ("n_layers", n_layers)):
            _check_count(name, count, at_least=1)
        # A buffer moves to other devices along with the parameters, without being one.
        self.register_buffer("ident", torch.eye(vocab_size), persistent=False)
        self.rnn = nn.GRU(vocab_size, hidden_size, n_layers, batch_first=True)
        self.decoder = nn.Linear(hidden_size, vocab_size)
        ### END SOLUTION

    def forward(self, inp: Tensor, hidden: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """inp: (B, L) int64 tokens; hidden: (n_layers, B, H), the state after what was read before, or None for zeros.

        Returns logits (B, L, V), those at place t after reading the tokens up to t, and the state (n_layers, B, H).
        """
        ### BEGIN SOLUTION
        output, hidden = self.rnn(self.ident[inp], hidden)  # (B, L) → (B, L, V) → (B, L, H)
        return self.decoder(output), hidden
        ### END SOLUTION


def teacher_forcing_loss_stepwise(model: nn.Module, tokens: Tensor) -> Tensor:
    """The mean cross-entropy of the next token, read one token at a time, the state carried along.

    tokens: (L,) int64, L ≥ 2; model: as TextGenerator, on any device. Returns a scalar tensor with gradients.
    """
    ### BEGIN SOLUTION
    tokens = _at_least_two(tokens).to(_device_of(model))
    hidden, summed = None, 0
    for token, target in pairwise(tokens):
        logits, hidden = model(token.view(1, 1), hidden)  # (1, 1, V)
        summed = summed + nn.functional.cross_entropy(logits.view(1, -1), target.view(1))
    return summed / (len(tokens) - 1)
    ### END SOLUTION


def teacher_forcing_loss(model: nn.Module, tokens: Tensor) -> Tensor:
    """The same as teacher_forcing_loss_stepwise, to 1e-5, in one call of the model."""
    ### BEGIN SOLUTION
    return _batch_loss(model, [_at_least_two(tokens)])
    ### END SOLUTION


### BEGIN SOLUTION
def _at_least_two(tokens):
    if len(tokens) < 2:
        raise ValueError("tokens are at least two: one to read and one to guess")
    return tokens


def _batch_loss(model, sequences):
    """The mean cross-entropy over all real target tokens of some sequences."""
    device = _device_of(model)
    inputs = pad_sequence([tokens[:-1] for tokens in sequences], batch_first=True)  # (B, L), zeros read to no effect
    targets = pad_sequence([tokens[1:] for tokens in sequences], batch_first=True, padding_value=IGNORED)
    logits, _ = model(inputs.to(device))  # (B, L, V)
    return nn.functional.cross_entropy(logits.flatten(0, 1), targets.to(device).flatten(), ignore_index=IGNORED)


### END SOLUTION


def train(
    model: nn.Module,
    sequences: Sequence[Tensor],
    num_epochs: int = 1,
    batch_size: int = 1,
    lr: float = 0.001,
) -> list[float]:
    """Train the model by teacher forcing and Adam, in batches of sequences that are shuffled anew each epoch.

    sequences: each (L,) int64, L ≥ 2, of different lengths; num_epochs: ≥ 0, where 0 changes nothing; batch_size: ≥ 1;
    lr: finite and ≥ 0.
    A batch's loss is the mean over its target tokens, whichever sequence they belong to; padding does not count.
    Returns one float for each epoch, the mean of its batches' losses.
    Raises ValueError for no sequences or a number out of range, TypeError for a number of the wrong type.
    """
    ### BEGIN SOLUTION
    _check_count("num_epochs", num_epochs, at_least=0)
    _check_count("batch_size", batch_size, at_least=1)
    _check_rate("lr", lr)
    if len(sequences) == 0:
        raise ValueError("sequences are empty")
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    losses = []
    for _ in range(num_epochs):
        model.train()
        batches = torch.randperm(len(sequences)).split(batch_size)
        summed = 0.0
        for batch in batches:
            loss = _batch_loss(model, [sequences[number] for number in batch.tolist()])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            summed += loss.item()
        losses.append(summed / len(batches))
    return losses
    ### END SOLUTION


def sample_sequence(
    model: nn.Module,
    stoi: Mapping[str, int],
    itos: Sequence[str] | Mapping[int, str],
    max_len: int = 100,
    temperature: float = 0.8,
    generator: torch.Generator | None = None,
) -> str:
    """Let the model write a text: each token is drawn from softmax(logits / temperature) and read next.

    Starts by reading `<BOS>` and ends when `<EOS>` is drawn, or after max_len draws. The markers are no part of the
    text: a `<BOS>` that is drawn counts as a draw and is read next, but adds no character.
    max_len: ≥ 0; temperature: finite and above 0; generator: a CPU generator, or None for torch's global one.
    Draws in eval mode and without gradients. Afterwards every submodule is in the mode in which it was before, also if
    something raises.
    Raises ValueError for a max_len or temperature out of range, TypeError for one of the wrong type.
    """
    ### BEGIN SOLUTION
    _check_count("max_len", max_len, at_least=0)
    _check_rate("temperature", temperature)
    if temperature == 0:
        raise ValueError("temperature is above 0")
    device = _device_of(model)
    modes = [(module, module.training) for module in model.modules()]
    text, token, hidden = "", torch.tensor([[stoi[BOS]]]), None
    try:
        model.eval()
        with torch.no_grad():
            for _ in range(max_len):
                logits, hidden = model(token.to(device), hidden)
                # The generator lives on the CPU, so the draw takes place there.
                chances = (logits.flatten().cpu() / temperature).softmax(dim=0)  # (V,)
                token = torch.multinomial(chances, 1, generator=generator).view(1, 1)
                symbol = itos[token.item()]
                if symbol == EOS:
                    break
                if symbol != BOS:
                    text += symbol
    finally:
        for module, mode in modes:
            module.training = mode
    return text
    ### END SOLUTION
