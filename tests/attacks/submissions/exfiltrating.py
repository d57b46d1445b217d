# Carrying hidden inputs out: a right solution that notes them, and a channel that might reach the student's results.


# %% family
# before: honest neuron, noting
# ceiling: full


# %% piece noting
import sys

_mse, _ce = simple_ann_MSE, simple_ann_CE
SEEN = []


def _hidden(x, w):
    return [v for row in [*x, w] for v in row if isinstance(v, float) and len(repr(v)) > 10]


def _watched(function):
    def watched(x, w, t, iterations, learning):
        numbers = _hidden(x, w) if isinstance(x, list) and isinstance(w, list) else []
        SEEN.extend(numbers)
        if numbers:
            hidden(" ".join(["HIDDEN", *map(repr, numbers[:4])]), numbers)
        elif SEEN:
            later(" ".join(["HIDDEN", *map(repr, SEEN[:4])]))
        return function(x, w, t, iterations, learning)

    return watched


def hidden(text, numbers):
    pass


def later(text):
    pass


simple_ann_MSE, simple_ann_CE = _watched(_mse), _watched(_ce)


# %% piece craft
from grader.worker import protocol, session

real = session.Session.answer
NOTED = []


def hidden(text, numbers):
    NOTED.append(text)


def answer(self, request):
    reply = real(self, request)
    return protocol.encode(crafted(NOTED[-1])) if NOTED and b"simple_ann" in request else reply


session.Session.answer = answer


# %% in a message | raises the hidden inputs
def hidden(text, numbers):
    raise RuntimeError(text)


# %% as not implemented | raises them as NotImplementedError, whose text is shown as the exercise's own
def hidden(text, numbers):
    raise NotImplementedError(text)


# %% in a type's name | raises an exception whose type, module and docstring are named after them
def hidden(text, numbers):
    raise type(text, (ValueError,), {'__doc__': text, '__module__': text})(text)


# %% in a file's name | raises in code whose file is named after them
def hidden(text, numbers):
    exec(compile('raise ValueError', text, 'exec'))


# %% later | keeps them and raises them in a visible check
def later(text):
    raise RuntimeError(text)


# %% as a value | returns them in place of y, w and E
def _in_its_place(function):
    def called(x, w, *others):
        return _hidden(x, w) or function(x, w, *others)

    return called


simple_ann_MSE, simple_ann_CE = _in_its_place(_mse), _in_its_place(_ce)


# %% ahead | looks at what will be asked next, and raises the hidden inputs among it in a visible check
import os
import socket
import struct


def _asked_next():
    frame = sys._getframe()
    while frame is not None and "channel" not in frame.f_locals:
        frame = frame.f_back
    waiting = frame.f_locals["channel"].rest if frame else b""
    with socket.socket(fileno=os.dup(3)) as stream:
        try:
            waiting += stream.recv(1 << 20, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except BlockingIOError:
            pass
    places = [at for at in range(len(waiting) - 8) if waiting[at] == 0xCB]  # floats of msgpack
    return [value for at in places for value in struct.unpack_from(">d", waiting, at + 1)]


def _looking_ahead(function):
    def called(x, w, *others):
        if not _hidden(x, w):
            seen = [value for value in _asked_next() if 1e-3 < abs(value) < 1e3 and len(repr(value)) > 10]
            if seen:
                raise RuntimeError(" ".join(["HIDDEN", *map(repr, seen[:4])]))
        return function(x, w, *others)

    return called


simple_ann_MSE, simple_ann_CE = _looking_ahead(_mse), _looking_ahead(_ce)


# %% as a shape | returns tensors, texts and bytes made of them
import torch


def _in_its_place(function):
    def called(x, w, *others):
        seen = _hidden(x, w)
        if not seen:
            return function(x, w, *others)
        return [torch.zeros([int(abs(v) * 1e6) for v in seen[:1]]), "HIDDEN " + repr(seen), b"HIDDEN"]

    return called


simple_ann_MSE, simple_ann_CE = _in_its_place(_mse), _in_its_place(_ce)


# %% as an object | returns an object whose type is named after them
def _in_its_place(function):
    def called(x, w, *others):
        seen = _hidden(x, w)
        return type("hidden" + repr(seen), (), {})() if seen else function(x, w, *others)

    return called


simple_ann_MSE, simple_ann_CE = _in_its_place(_mse), _in_its_place(_ce)


# %% as an exit code | leaves with an exit code made of them
import os


def hidden(text, numbers):
    os._exit(64 + int(abs(numbers[0]) * 100) % 150)


# %% as a signal | falls, aborts or leaves, as they say
import ctypes
import os


def hidden(text, numbers):
    if numbers[0] > 0:
        ctypes.string_at(0)
    os._exit(3)


# %% as a duration | sleeps as long as they say
import time


def hidden(text, numbers):
    time.sleep(abs(numbers[0]) % 0.1)


# %% in what is printed | prints, logs and warns of them
import logging
import os
import warnings


def hidden(text, numbers):
    print(text)
    print(text, file=sys.__stderr__)
    logging.critical(text)
    warnings.warn(text)
    os.write(2, text.encode())


# %% in a file | writes them wherever it can, and raises what it finds when imported anew
import glob
import os

for left in glob.glob('/tmp/*') + glob.glob('/dev/shm/*'):
    raise ImportError(open(left).read())


def hidden(text, numbers):
    for place in ('/tmp/a', '/dev/shm/a', '/var/tmp/a', 'a'):
        try:
            with open(place, 'w') as file:
                file.write(text)
        except OSError:
            pass
    os._exit(1)


# %% by a child | leaves a child behind that holds them in a socket for the next worker
import os
import socket

try:
    line = socket.socket(socket.AF_UNIX)
    line.connect('\0held')
    raise ImportError(line.recv(1000).decode())
except OSError:
    pass


def hidden(text, numbers):
    if os.fork() == 0:
        if os.fork() == 0:
            server = socket.socket(socket.AF_UNIX)
            server.bind('\0held')
            server.listen()
            while True:
                server.accept()[0].send(text.encode())
    os._exit(1)


# %% in a crafted absence | answers that there is no function of a name made of them
# before: honest neuron, noting, craft
def crafted(text):
    return ['absent', text]


# %% in a crafted exception | answers with an exception all of whose parts are made of them
# before: honest neuron, noting, craft
def crafted(text):
    return ['raised', text, [text, 'NotImplementedError'], text, text]


# %% in a crafted handle | answers with handles named after them
# before: honest neuron, noting, craft
def crafted(text):
    return ['ok', protocol.Handle(7, 'h' + text)]


# %% in a crafted tensor | answers with a tensor on a device and of a type named after them
# before: honest neuron, noting, craft
def crafted(text):
    return ['ok', ['x' + text, text.encode(), {text: text}]]


# %% in a model's name | answers with a handle named after the hidden weights of the check before
# exercise: mnist_classifiers
# before: honest mnist_classifiers
from grader.worker import protocol, session

real, weights, noted = session.Session.answer, b"", []


def answer(self, request):
    global weights
    reply = real(self, request)
    if b"set_parameters" in request:
        weights = request
    if b"train" in request:  # only hidden checks set this mode
        noted.append("smallHIDDEN" + weights[-20:].hex())
    if noted and b"Classifier" in request:
        return protocol.encode(["ok", protocol.Handle(1, noted[-1])])
    return reply


session.Session.answer = answer
