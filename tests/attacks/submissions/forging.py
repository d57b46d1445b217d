# Marks without work: leaving early, patching Python, torch and the worker, claiming the right exceptions.


# %% family
# shows: expected


# %% leaves with success | ends the process with exit code 0, as if all tests had passed
# after: called
# shows: left by itself (exit code 0)
import os


def attack(*_):
    os._exit(0)


# %% leaves politely | raises SystemExit(0), which test runners take for success
# after: called
# shows: SystemExit
import sys


def attack(*_):
    sys.exit(0)


# %% leaves at import | ends the process while it is imported
# shows: the process that imported it left by itself
import os

os._exit(0)


# %% a liar's built-ins | replaces abs, all, any, len, max and operator.eq by functions that agree with everything
# after: called
# shows: off by up to or could not be read
import builtins
import operator


def attack(*_):
    builtins.abs = builtins.max = lambda *_, **__: 0
    builtins.all = lambda *_: True
    builtins.any = lambda *_: False
    operator.eq = operator.le = lambda *_: True
    return [0.0] * 4, [0.0] * 3, [0.0]


# %% equal floats | overwrites float.__eq__, __lt__ and __sub__ in the type's own dictionary
# after: called
# shows: off by up to
import ctypes
import gc


def attack(*_):
    slots = gc.get_referents(float.__dict__)[0]
    for name in ("__eq__", "__le__", "__lt__", "__sub__"):
        slots[name] = lambda *_: True
    ctypes.pythonapi.PyType_Modified(ctypes.py_object(float))
    return [0.25] * 4, [0.25] * 3, [0.25]


# %% agreeable torch | replaces torch's comparisons, losses and Tensor.__eq__, then returns tensors
# after: called
# shows: float32 tensor
import torch

for name in ("allclose", "equal", "isclose", "eq", "le"):
    setattr(torch, name, lambda *_, **__: True)
torch.Tensor.__eq__ = torch.Tensor.__le__ = torch.Tensor.__bool__ = lambda *_: True
torch.nn.functional.cross_entropy = lambda *_, **__: torch.zeros(())
torch.testing.assert_close = lambda *_, **__: None


def attack(*_):
    return torch.zeros(4), torch.zeros(3), torch.zeros(1)


# %% no assertions | patches pytest, unittest and AssertionError, in case a test runs here
# after: called
# shows: of another form
import builtins
import sys
import unittest

builtins.AssertionError = builtins.Exception
unittest.TestCase.assertEqual = unittest.TestCase.assertAlmostEqual = lambda *_, **__: None
sys.modules["pytest"] = sys.modules["_pytest"] = type(sys)("pytest")


def attack(*_):
    return [0.5], [0.5], [0.5]


# %% a worker that says yes | replaces Session.answer by one that answers every request with True, from the first call on
# after: called
# shows: got       a bool
from grader.worker import protocol, session


def attack(*_):
    session.Session.answer = lambda self, request: protocol.encode(["ok", True])
    return True


# %% a verdict in place of a value | answers with frames that look like the grader's own verdicts and events
# after: called
# shows: could not be read
from grader.worker import protocol, session


def attack(*_):
    verdict = {"name": "test_mse_on_the_example", "score": 1.0, "max_score": 1.0, "outcome": "passed"}
    session.Session.answer = lambda self, request: protocol.encode(["verdict", verdict])
    return verdict


# %% patched instruments | replaces encode, decode and every instrument in the worker
# after: called
# shows: y: 
from grader.worker import instruments, protocol, session

protocol._plain = lambda value, keep, depth: value if depth else ["list", ["ok", ["list", [1.0, 1.0, 1.0]]]]
worker.encode = lambda value, keep=None: protocol.msgpack.packb(["list", ["ok", ["list", [["list", []]] * 3]]])
for name in instruments.INSTRUMENTS:
    instruments.INSTRUMENTS[name] = lambda *_, **__: []


def attack(*_):
    return 1


# %% claims a ValueError | raises, for every call, an exception of its own named ValueError that names every argument
# after: called
# shows: ValueError: x, w, t, iterations and learning
# ceiling: 1.5
class ValueError(Exception):
    pass


def attack(*_):
    raise ValueError("x, w, t, iterations and learning")


# %% claims all errors | answers every call by a crafted frame: raised, of all types at once, naming every argument
# after: called
# shows: ValueError: x w t iterations learning data
# ceiling: 1.5
from grader.worker import protocol, session

names = ["ValueError", "TypeError", "KeyError", "Exception", "RuntimeError"]
real = session.Session.answer


def answer(self, request):
    if b"simple_ann" not in request:
        return real(self, request)
    return protocol.encode(["raised", "ValueError", names, "x w t iterations learning data batch_size", ""])


session.Session.answer = answer


def attack(*_):
    pass


# %% answers to every name | has no function, but a module __getattr__ that makes one for each name
# shows: off by up to
def __getattr__(name):
    return lambda *_, **__: ([0.5] * 4, [1.0, -1.0, 1.0], [0.25])


# %% a module that is none | puts an object that agrees with everything into sys.modules in its own place
# shows: expected
import sys


class Yes:
    def __getattr__(self, name):
        return self

    def __call__(self, *_, **__):
        return self

    def __eq__(self, other):
        return True

    __hash__ = None


sys.modules[__name__] = Yes()


# %% not implemented | raises NotImplementedError with a boast for a message
# shows: passed: 10 of 10 points
def simple_ann_MSE(*_):
    raise NotImplementedError("passed: 10 of 10 points")


simple_ann_CE = simple_ann_MSE


# %% forged reading | changes its caller's lists, and answers the question what is in them with a copy from before
# before: honest neuron
# ceiling: full
# shows: test_the_callers_lists_stay
import copy

from grader.worker import session

# Half a point that it does not deserve: what a worker says of its own memory is an observation.
_mse, _put, _before = simple_ann_MSE, session.Session.do_put, {}


def put(self, value):
    handle = _put(self, value)
    _before[id(value)] = copy.deepcopy(value)
    return handle


session.Session.do_put = put
session.Session.do_read = lambda self, thing: _before[id(thing)]


def simple_ann_MSE(x, w, t, iterations, learning):
    result = _mse(x, w, t, iterations, learning)
    w[:] = [0.0] * len(w)
    return result
