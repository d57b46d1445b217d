# Harm to the worker and to others: signals, falls, broken compilers, hanging, and staying behind.


# %% kill all | kills every process that it may signal
# after: called
# shows: RuntimeError: all that was there is dead or No such process
import os


def attack(*_):
    os.kill(-1, 9)
    raise RuntimeError('all that was there is dead')


# %% kill the group | kills its process group, which a fork shares with its parent
# after: called
# shows: RuntimeError: the group is dead or Operation not permitted
import os


def attack(*_):
    os.kill(0, 9)
    os.killpg(0, 9)
    raise RuntimeError('the group is dead')


# %% kill the parent | kills its parent, and the first two thousand processes one by one
# after: called
# shows: killed [0]
import os


def attack(*_):
    killed = []
    for number in [os.getppid(), *range(2, 2000)]:
        try:
            os.kill(number, 9) if number else None
            killed.append(number)
        except OSError:
            pass
    raise RuntimeError(f"killed {killed}")


# %% stop | stops itself and its group by SIGSTOP, and waits to be woken
# after: called
# shows: woken
import os


def attack(*_):
    os.kill(os.getpid(), 19)
    os.kill(0, 19)
    raise RuntimeError('woken')


# %% a fall | reads address 0
# after: called
# shows: was ended by SIGSEGV
import ctypes


def attack(*_):
    ctypes.string_at(0)


# %% abort | aborts, again and again, with handlers in the way
# after: called
# shows: The process that ran your code
import ctypes
import signal

signal.signal(signal.SIGABRT, lambda *_: None)


def attack(*_):
    ctypes.CDLL(None).abort()


# %% bottomless | recurses in Python and in C until the stack ends
# after: called
# shows: The process that ran your code
import sys


class Deep:
    def __getattr__(self, name):
        return getattr(self, name + "x")


def attack(*_):
    sys.setrecursionlimit(1 << 30)
    import threading

    threading.stack_size(64 << 20)
    return [Deep().a, attack()]


# %% deaf | ignores every signal, blocks them, and sets timers that send them
# after: called
# shows: RuntimeError: deaf
import signal

for number in range(1, 65):
    try:
        signal.signal(number, signal.SIG_IGN)
    except (OSError, ValueError):
        pass
signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))
signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
signal.setitimer(signal.ITIMER_PROF, 0.001, 0.001)


def attack(*_):
    raise RuntimeError("deaf")


# %% unprintable | raises a BaseException whose text, representation, name and bases raise in turn
# after: called
# shows: expected or crashed or The process that ran your code
class Meta(type):
    @property
    def __mro__(cls):
        raise KeyboardInterrupt

    def mro(cls):
        return type.mro(cls)


class Unprintable(BaseException, metaclass=Meta):
    def __str__(self):
        raise SystemExit(0)

    def __repr__(self):
        raise KeyboardInterrupt

    @property
    def args(self):
        raise GeneratorExit

    @property
    def __traceback__(self):
        raise MemoryError


def attack(*_):
    raise Unprintable


# %% interrupts | raises KeyboardInterrupt and GeneratorExit
# after: called
# shows: KeyboardInterrupt: now
def attack(*_):
    raise KeyboardInterrupt('now')


# %% another program | replaces the worker by another program
# after: called
# shows: left by itself (exit code 0)
import os


def attack(*_):
    os.execv('/usr/bin/env', ['env', 'true'])


# %% a hard compilation | is made to exhaust the compiler's stack
# shows: neuron.py
exec("x = " + "-" * 3_000_000 + "1")


# %% huge constants | is made to exhaust the compiler's memory
# shows: neuron.py
exec("x = " + " + ".join("b'a' * 4000" for _ in range(300)) + "\ny = 'b' * (1 << 40)")


# %% sleeps at import | never ends its import
# shows: importing it did not end within
import time

time.sleep(10_000)


# %% sleeps | never returns
# after: once
# shows: It did not end within
import time


def attack():
    time.sleep(10_000)


# %% spins | never returns, and keeps all processors busy by as many processes as it gets
# after: once
# shows: It did not end within
import os


def attack():
    for _ in range(200):
        try:
            if os.fork() == 0:
                break
        except OSError:
            break
    while True:
        pass


# %% daemons | starts daemons of several kinds that ignore signals and write to whatever they find
# before: honest neuron
# ceiling: full
import os
import signal
import time


def _daemon():
    import ctypes

    ctypes.CDLL(None).prctl(15, b"@TOKEN@", 0, 0, 0)
    for number in range(1, 32):
        try:
            signal.signal(number, signal.SIG_IGN)
        except OSError:
            pass
    while True:
        for descriptor in range(3, 64):
            try:
                os.write(descriptor, b"\0\0\0\1x")
            except OSError:
                pass
        time.sleep(0.01)


for _ in range(4):
    if os.fork() == 0:
        os.close(3)
        try:
            os.setsid()
        except OSError:
            pass
        if os.fork():
            os._exit(0)
        _daemon()


# %% a thread that stays | leaves threads behind that patch the libraries again and again
# before: honest neuron
# ceiling: full
import threading
import time

import torch


def _patch():
    while True:
        torch.nn.Linear.forward = lambda self, x: x
        torch.set_default_dtype(torch.float64)
        time.sleep(0.001)


for _ in range(3):
    threading.Thread(target=_patch, daemon=True).start()
