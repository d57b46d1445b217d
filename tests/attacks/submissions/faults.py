# Answers that break a check's own code: they must cost the check, and must not count as a fault of the grader's.


# %% family
# exercise: training
# seconds: 120
# before: honest training


# %% odd losses | returns losses that are None, texts and lists, from its fourth call on
# ceiling: full - 12.5
import numpy as np

_honest, _calls = train, []


def train(*given, **named):
    _calls.append(1)
    told = _honest(*given, **named)
    return told if len(_calls) < 4 else {'iters': [], 'losses': [None, 'x', [1]], 'train_acc': [open], 'val_acc': []}


# %% tensor losses | returns losses that are tensors, whose comparison has no truth value
# ceiling: full - 12.5
import numpy as np

_honest, _calls = train, []


def train(*given, **named):
    _calls.append(1)
    told = _honest(*given, **named)
    return told if len(_calls) < 4 else {'iters': [0], 'losses': [torch.rand(3), torch.rand(3)], 'train_acc': [], 'val_acc': []}


# %% array losses | returns losses that are arrays, whose comparison has none either
# ceiling: full - 12.5
import numpy as np

_honest, _calls = train, []


def train(*given, **named):
    _calls.append(1)
    told = _honest(*given, **named)
    return told if len(_calls) < 4 else {'iters': [0], 'losses': [np.ones(3), np.ones(3)], 'train_acc': [], 'val_acc': []}


# %% odd parameters | makes the instrument `parameters` answer what it never does
# shows: expected or could not be
# ceiling: full - 10.5
import numpy as np
from grader.worker import instruments

instruments.INSTRUMENTS["parameters"] = lambda *_: [np.ones((10, 16), 'f4'), np.ones(10, 'f4')]


# %% odd global_state | makes the instrument `global_state` answer what it never does
# shows: expected or could not be
# ceiling: full - 0.5
import numpy as np
from grader.worker import instruments

instruments.INSTRUMENTS["global_state"] = lambda *_: 7


# %% odd layer_notes | makes the instrument `layer_notes` answer what it never does
# shows: expected or could not be
# ceiling: full - 6
import numpy as np
from grader.worker import instruments

instruments.INSTRUMENTS["layer_notes"] = lambda *_: [torch.ones(3, 1, 28, 28, dtype=torch.bfloat16)]


# %% odd modes | makes the instrument `modes` answer what it never does
# shows: expected or could not be
# ceiling: full - 1
import numpy as np
from grader.worker import instruments

instruments.INSTRUMENTS["modes"] = lambda *_: {'a': torch.ones(2)}


# %% odd device_types | makes the instrument `device_types` answer what it never does
# shows: expected or could not be
# ceiling: full - 1.5
import numpy as np
from grader.worker import instruments

instruments.INSTRUMENTS["device_types"] = lambda *_: np.ones(3)
