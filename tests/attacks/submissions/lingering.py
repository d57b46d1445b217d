# Global state and caches that must not travel to another submission; each of these is right otherwise.


# %% family
# exercise: training
# before: honest training
# ceiling: full


# %% defaults of torch | changes torch's default type and device, threads, seeds, modes and algorithms
def _ruin():
    torch.set_default_dtype(torch.float64)
    torch.set_default_device("meta")
    torch.set_num_threads(64)
    torch.set_grad_enabled(False)
    torch.use_deterministic_algorithms(True)
    torch.set_flush_denormal(True)
    torch.manual_seed(0)
    torch.backends.mkldnn.enabled = False
    torch.autograd.set_detect_anomaly(True)


import atexit

atexit.register(_ruin)
_ruin()


# %% a layer of its own | patches nn.Linear, the optimizers, the loader and the losses for everybody
from torch import nn

nn.Linear.forward = lambda self, x: x.new_zeros(len(x), self.out_features)
nn.Module.train = nn.Module.eval = lambda self, *_: self
torch.optim.SGD.step = lambda self, *_: None
nn.functional.cross_entropy = lambda *_, **__: torch.zeros((), requires_grad=True)
torch.utils.data.DataLoader.__iter__ = lambda self: iter(())
torch.randperm = lambda n, **_: torch.arange(n)


# %% Python itself | changes Python's random generator, decimals, warnings, hooks, imports, encodings and environment
import builtins
import decimal
import gc
import locale
import os
import random
import sys
import threading
import warnings

import numpy as np

random.seed(0)
random.random = lambda: 0.5
np.seterr(all="raise")
np.random.seed(0)
decimal.getcontext().prec = 1
warnings.simplefilter("error")
sys.setswitchinterval(10)
sys.setrecursionlimit(60)
sys.dont_write_bytecode = False
sys.path.insert(0, "/tmp")
sys.settrace(lambda *_: None)
sys.excepthook = sys.unraisablehook = lambda *_: None
threading.settrace(lambda *_: None)
gc.disable()
os.environ["OMP_NUM_THREADS"] = "64"
os.chdir("/")
os.umask(0o777)


# %% poisoned caches | writes byte code, compiled kernels and configurations where libraries look for them
import os
import pathlib

for place in ("/tmp", "/dev/shm", os.path.expanduser("~"), "/tmp/torchinductor_student", os.path.dirname(os.__file__),
              os.environ.get("MPLCONFIGDIR", "/tmp"), os.path.dirname(torch.__file__), "/grader/grader/worker"):
    for name in ("matplotlibrc", "sitecustomize.py", "__pycache__/worker.cpython-311.pyc", "torch.py", "neuron.py",
                 "triton/cache", ".config/grader/secret", ".cache/grader/mistakes"):
        try:
            path = pathlib.Path(place, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("raise RuntimeError('LEAKED:a poisoned cache was read')\n")
        except OSError:
            pass
