# Reading what a submission must not read: answers, secrets, other students and the machine.


# %% family
# after: report
# shows: CLOSED


# %% piece report
import functools


@functools.cache
def told():
    found, tried = probe()
    return " ".join(["LEAKED:" + str(each)[:80] for each in found] or ["CLOSED"]) + f" ({tried} tried)"


def simple_ann_MSE(*_):
    raise RuntimeError(told())


simple_ann_CE = simple_ann_MSE


# %% a public constant | shows that what is read would be seen
# shows: LEAKED:public 42
def probe():
    return ['public 42'], 1


# %% files | looks everywhere for checks, solutions, secrets, results and the users' files
import os

NAMES = {"test_neuron.py", "test_training.py", "neuron.py", "training.py", "neuron.bin", "results.json",
         "gradebook.sqlite", "course.toml", "group.txt"}
PLACES = ["/etc/passwd", "/etc/shadow", "/etc/hostname", "/etc/resolv.conf", "/root/.ssh", "/root/.config", "/home",
          "/var", "/run", "/srv", "/mnt", "/media", "/sys", "/boot", "/opt/grader", "/grader/solutions", "/grader/tests",
          "/grader/grader/checks", "/grader/grader/mutants", "/grader/grader/course", "/grader/grader/gradebook"]


def told_apart(path):
    """Whether a file is the course's, and not another's of the same name."""
    try:
        with open(path, errors="replace") as file:
            text = file.read()
    except OSError:
        return False
    return not path.endswith(".py") or "simple_ann" in text or "momentum" in text and "val_acc" in text


def probe():
    found, tried = [], len(PLACES)
    for place in PLACES:
        try:
            found.append(place) if os.listdir(place) else None
        except NotADirectoryError:
            found.append(place)
        except OSError:
            pass
    for folder, _, names in os.walk("/"):
        tried += len(names)
        found += [f"{folder}/{name}" for name in NAMES.intersection(names) if told_apart(f"{folder}/{name}")]
        found += [f"{folder}/{name}" for name in names if name == "secret" and "grader" in folder]
        if tried > 400_000:
            break
    return found, tried


# %% imports | imports the solutions, checks, mutants and the grader's trusted side
import importlib

NAMES = ["solutions", "solutions.neuron", "exercises", "exercises.neuron", "tests", "attacks", "alternatives",
         "grader.checks", "grader.checks.test_neuron", "grader.checks.oracle", "grader.mutants", "grader.mutants.neuron",
         "grader.gradebook", "grader.gradebook.store", "grader.catalogue", "grader.release.golden", "grader.cli",
         "grader.engine.judge", "grader.engine.workbench", "grader.engine.grading", "test_neuron", "course"]


def probe():
    found = []
    for name in NAMES:
        try:
            importlib.import_module(name)
            found.append(name)
        except ImportError:
            pass
    return found, len(NAMES)


# %% proc and devices | opens /proc, terminals, disks and other devices
import os

PATHS = [f"/proc/{who}/{what}" for who in ("self", "thread-self", 1, 2, 7, 100) for what in
         ("environ", "cmdline", "maps", "mem", "fd", "root", "cwd", "net/unix", "status", "mountinfo", "task")]
PATHS += ["/proc/mounts", "/proc/cmdline", "/proc/version", "/proc/kcore", "/proc/sys/kernel/hostname", "/dev/mem",
          "/dev/kmsg", "/dev/fd/0", "/dev/stdin", "/dev/core", "/dev/pts/0", "/dev/ptmx", "/dev/tty", "/dev/console",
          "/dev/sda", "/dev/vda", "/dev/fuse", "/dev/kvm", "/dev/net/tun", "/dev/mqueue", "/dev/hugepages"]


def probe():
    found = list(os.listdir("/proc"))
    for path in PATHS:
        try:
            os.close(os.open(path, os.O_RDONLY | os.O_NONBLOCK))
            found.append(path)
        except OSError:
            pass
    return found, len(PATHS)


# %% environment | reads the environment and the command line
import os
import sys


def probe():
    found = [f"{k}={v}" for k, v in os.environ.items() if "canary" in (k + v).lower() or "SECRET" in k.upper()]
    found += [f"{k}={os.environ.get(k)}" for k in ("HOME", "USER", "TMPDIR") if "root" in os.environ.get(k, "")]
    return found + [a for a in sys.argv + sys.orig_argv if "secret" in a], len(os.environ)


# %% memory | attaches to processes and searches its own memory for the grader's text
import ctypes
import gc
import os
import struct

libc = ctypes.CDLL(None, use_errno=True)
WORDS = [word[::-1] for word in ("si e taht os degnarra", "ward skcehc elbisiv", "elpmaxe_eht_no_esm_tset")]


def probe():
    found = []
    here, there = ctypes.create_string_buffer(64), struct.pack("QQ", 0x400000, 64)
    mine = struct.pack("QQ", ctypes.addressof(here), 64)
    for pid in range(200):
        if libc.ptrace(16, pid, 0, 0) == 0:
            found.append(f"ptrace {pid}")
        if libc.process_vm_readv(pid, mine, 1, there, 1, 0) >= 0:
            found.append(f"process_vm_readv {pid}")
        if pid not in (0, os.getpid()):
            try:
                os.kill(pid, 0)
                found.append(f"a process {pid}")
            except OSError:
                pass
    gc.unfreeze()
    for thing in gc.get_objects():
        for text in list(thing)[:200] if isinstance(thing, (list, tuple, dict)) else []:
            text = text.decode("latin-1") if isinstance(text, bytes) else text
            if type(text) is str and text not in WORDS and any(word in text for word in WORDS):
                found.append("text of the grader's")
    return found, 200


# %% objects | searches all objects of the process, also those frozen before the fork
import gc
import os
import sys

import torch


def probe():
    gc.unfreeze()
    found, tried = [], 0
    for name in list(sys.modules):
        if any(part in name for part in ("checks", "solutions", "mutants", "gradebook", "judge", "pytest")):
            found.append(f"module {name}") if name.startswith(("grader", "solutions", "test_")) else None
    for thing in gc.get_objects():
        tried += 1
        kind = type(thing).__name__
        if kind in ("Oracle", "Draw", "Judge", "Check", "Workbench", "Verdict", "Golden", "Order"):
            found.append(kind)
        if kind == "socket" and thing.fileno() not in (-1, 3):
            try:
                os.fstat(thing.fileno())
                found.append(f"socket {thing.fileno()}")
            except OSError:
                pass
        if isinstance(thing, torch.Tensor) and thing.numel() > 100_000:
            found.append(f"tensor {tuple(thing.shape)}")
    return found, tried


# %% stack | looks for expected values in the frames of the stack
import sys


def probe():
    found, tried = [], 0
    for frame in list(sys._current_frames().values()):
        while frame is not None:
            for name, value in frame.f_locals.items():
                tried += 1
                if name in ("wanted", "expected", "oracle", "secret", "draw", "student", "check", "golden"):
                    found.append(f"{frame.f_code.co_name}.{name}")
            frame = frame.f_back
    return found, tried


# %% neighbours | looks for other students' folders
import os

ABOVE = [".", "..", "../..", "/tmp", "/srv", "/srv/in", "/submissions", "/grader", "/grader/..", "/home/student"]


def probe():
    found = []
    for folder in ABOVE:
        try:
            found += [f"{folder}/{name}" for name in os.listdir(folder) if "honest" in name or name.endswith(".ipynb")]
        except OSError:
            pass
    return found + [name for name in os.listdir(".")], len(ABOVE)


# %% leftovers | leaves files wherever it can, dies, and looks for them in the next worker
# after: called
# shows: exit code 9
import os

PLACES = ["/tmp", "/dev/shm", "/var/tmp", "/run", "/dev", "/proc", "/grader", "/grader/grader", "/usr/lib", "/etc", ".",
          os.path.dirname(os.__file__), os.path.dirname(os.path.dirname(os.__file__)), "/home", "/root"]
FOUND = []
for place in PLACES:
    try:
        FOUND += [f"{place}/{name}" for name in os.listdir(place) if name.startswith("left-by-another")]
    except OSError:
        pass


def attack(*_):
    for place in PLACES:
        try:
            with open(f"{place}/left-by-another", "w") as file:
                file.write("something")
        except OSError:
            pass
    if FOUND:
        raise RuntimeError("LEAKED:" + FOUND[0])
    os._exit(9)


# %% descriptors | tries every inherited descriptor, and climbs out by `..`
import fcntl
import os
import stat


def probe():
    found = []
    for number in range(4096):
        try:
            mode = os.fstat(number).st_mode
        except OSError:
            continue
        if number < 3 and os.path.samestat(os.fstat(number), os.stat("/dev/null")):
            continue
        if number == 3 and stat.S_ISSOCK(mode):
            continue
        found.append(f"descriptor {number}")
    for escape in ("..", "/", "../../.."):
        try:
            folder = os.open(".", os.O_RDONLY)
            for _ in range(20):
                folder = os.open("..", os.O_RDONLY, dir_fd=folder)
            found += [name for name in os.listdir(folder) if name in ("var", "home", "boot", "sys", "mnt")]
            os.fchdir(folder)
        except OSError:
            pass
    return found, 4096
