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


def build_vocab(text: str) -> tuple[list[str], dict[str, int], list[str]]:
    """The symbols of a text: its distinct characters, sorted, then `<BOS>` and `<EOS>`.

    Returns (vocab, stoi, itos): the list of symbols, the number of each symbol, and the symbol of each number.
    """
    # Your code here.
    raise NotImplementedError("build_vocab is not implemented yet")


def encode(text: str, stoi: Mapping[str, int]) -> Tensor:
    """The numbers of a text's L characters between those of the two markers, (L + 2,) int64.

    Raises KeyError that names a character which stoi lacks.
    """
    # Your code here.
    raise NotImplementedError("encode is not implemented yet")


class TextGenerator(nn.Module):
    """A GRU that reads tokens as one-hot vectors and gives logits of the next token."""

    def __init__(self, vocab_size: int, hidden_size: int, n_layers: int = 1) -> None:
        """vocab_size: V; hidden_size: H; n_layers: layers of the GRU, each on top of the one before."""
        super().__init__()
        # Your code here.
        raise NotImplementedError("TextGenerator.__init__ is not implemented yet")

    def forward(self, inp: Tensor, hidden: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """inp: (B, L) int64 tokens; hidden: (n_layers, B, H), the state after what was read before, or None for zeros.

        Returns logits (B, L, V), those at place t after reading the tokens up to t, and the state (n_layers, B, H).
        """
        # Your code here.
        raise NotImplementedError("TextGenerator.forward is not implemented yet")


def teacher_forcing_loss_stepwise(model: nn.Module, tokens: Tensor) -> Tensor:
    """The mean cross-entropy of the next token, read one token at a time, the state carried along.

    tokens: (L,) int64, L ≥ 2; model: as TextGenerator, on any device. Returns a scalar tensor with gradients.
    """
    # Your code here.
    raise NotImplementedError("teacher_forcing_loss_stepwise is not implemented yet")


def teacher_forcing_loss(model: nn.Module, tokens: Tensor) -> Tensor:
    """The same as teacher_forcing_loss_stepwise, to 1e-5, in one call of the model."""
    # Your code here.
    raise NotImplementedError("teacher_forcing_loss is not implemented yet")


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
    # Your code here.
    raise NotImplementedError("train is not implemented yet")


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
    # Your code here.
    raise NotImplementedError("sample_sequence is not implemented yet")
