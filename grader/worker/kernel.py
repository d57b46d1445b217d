"""The few Linux calls that Python's library lacks: namespaces, mounts, capabilities and a system call filter."""

import ctypes
import functools
import os
import platform
import struct

CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWIPC = 0x00020000, 0x04000000, 0x08000000
CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET = 0x10000000, 0x20000000, 0x40000000
CLONE_NEWCGROUP, CLONE_NEWTIME = 0x02000000, 0x00000080
ALL_NAMESPACES = (
    CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWCGROUP
)
MS_NOSUID, MS_NODEV, MS_RDONLY = 2, 4, 1
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_CAPBSET_DROP, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 1, 4, 24, 22, 38
MADV_COLLAPSE = 25
HUGE = 2 << 20

_libc = ctypes.CDLL(None, use_errno=True)


def _checked(result: int, what: str) -> None:
    if result != 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{what}: {os.strerror(error)}")


def unshare(flags: int) -> None:
    """Leave the namespaces named by `flags` for new ones. Raises OSError."""
    _checked(_libc.unshare(flags), "unshare")


def setns(descriptor: int, flags: int) -> None:
    """Join a namespace. Raises OSError."""
    _checked(_libc.setns(descriptor, flags), "setns")


def mount_tmpfs(path: str, options: str, flags: int = MS_NOSUID | MS_NODEV) -> None:
    """Mount an empty tmpfs over `path`. Raises OSError."""
    _checked(_libc.mount(b"tmpfs", path.encode(), b"tmpfs", flags, options.encode()), f"mount {path}")


def prctl(option: int, *values: int) -> None:
    """prctl(2). Raises OSError."""
    padded = [ctypes.c_ulong(v) for v in (*values, 0, 0, 0, 0)[:4]]
    _checked(_libc.prctl(option, *padded), f"prctl {option}")


def map_to(uid: int, gid: int, inner: int, proc: int | None = None) -> None:
    """Map `inner` in this process's new user namespace to the user outside it.

    proc: a descriptor of /proc, where the path is hidden. Raises OSError.
    """
    for name, text in (("setgroups", "deny"), ("uid_map", f"{inner} {uid} 1"), ("gid_map", f"{inner} {gid} 1")):
        path = f"/proc/self/{name}" if proc is None else f"self/{name}"
        descriptor = os.open(path, os.O_WRONLY, dir_fd=proc)
        try:
            os.write(descriptor, text.encode())
        finally:
            os.close(descriptor)


def drop_capabilities() -> None:
    """Give up every capability, for good. Raises OSError."""
    last = 0
    while _libc.prctl(PR_CAPBSET_DROP, last, 0, 0, 0) == 0:
        last += 1
    header = struct.pack("Ii", 0x20080522, 0)  # _LINUX_CAPABILITY_VERSION_3, this thread
    _checked(_libc.capset(header, bytes(24)), "capset")
    prctl(PR_SET_NO_NEW_PRIVS, 1)


def collapse_into_huge_pages() -> int:
    """Back this process's private memory by huge pages, so that a fork copies few page tables; returns how many.

    Linux 6.1 or later; does nothing elsewhere. Measured: a fork of a process with torch went from 20 to 6 ms.
    """
    _libc.madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    collapsed = 0
    with open("/proc/self/maps") as maps:
        regions = [line.split() for line in maps]
    for span, permissions, _, _, inode, *name in regions:
        if permissions != "rw-p" or inode != "0" or name not in ([], ["[heap]"]):
            continue
        start, end = (int(part, 16) for part in span.split("-"))
        for address in range(-(-start // HUGE) * HUGE, end // HUGE * HUGE, HUGE):
            collapsed += _libc.madvise(address, HUGE, MADV_COLLAPSE) == 0
    return collapsed


# System calls that student code never needs: namespaces and mounts, other processes' memory, kernel facilities with
# a history of holes, memory that no limit counts, what a machine or user has only so many of, and sessions (the
# scheduler gives each its share of the processors). Numbers: x86_64, aarch64.
DENIED = {
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "kcmp": (312, 272),
    "pidfd_getfd": (438, 438),
    "process_madvise": (440, 440),
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "unshare": (272, 97),
    "setns": (308, 268),
    "keyctl": (250, 219),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "kexec_load": (246, 104),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "swapon": (167, 224),
    "reboot": (169, 142),
    "acct": (163, 89),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "quotactl": (179, 60),
    "personality": (135, 92),
    "syslog": (103, 116),
    "shmget": (29, 194),
    "msgget": (68, 186),
    "semget": (64, 190),
    "memfd_create": (319, 279),
    "memfd_secret": (447, 447),
    "vmsplice": (278, 75),  # a byte in a pipe keeps a huge page that no process has mapped any more
    "io_setup": (206, 0),
    "inotify_init": (253, 26),
    "inotify_init1": (294, 26),
    "setsid": (112, 157),
}
# System calls that depend on their arguments.
CLONE, MMAP, SOCKET, SOCKETPAIR = (56, 220), (9, 222), (41, 198), (53, 199)
SHARED_ANONYMOUS = 0x21  # MAP_SHARED | MAP_ANONYMOUS: stays in memory after it has left every page table
ARCHITECTURES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}  # column, audit
CLONE3, EPERM, ENOSYS, EAFNOSUPPORT, AF_UNIX = 435, 1, 38, 97, 1
_LOAD, _JEQ, _JSET, _JGE, _AND, _RETURN = 0x20, 0x15, 0x45, 0x35, 0x54, 0x06
_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000


@functools.cache
def filter_program() -> bytes:
    """The filter as BPF; made once, before workers are forked. Raises KeyError on an unknown machine."""
    column, audit = ARCHITECTURES[platform.machine()]

    def op(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
        return struct.pack("HBBI", code, if_true, if_false, value)

    def call(numbers: tuple[int, int], *then: bytes) -> list[bytes]:
        return [op(_JEQ, numbers[column], 0, len(then)), *then]

    allow, refuse = op(_RETURN, _ALLOW), op(_RETURN, _ERRNO | EPERM)
    first, fourth = op(_LOAD, 16), op(_LOAD, 40)  # the argument's low half
    program = [op(_LOAD, 4), op(_JEQ, audit, 1, 0), op(_RETURN, _KILL), op(_LOAD, 0)]
    program += [op(_JGE, 0x40000000, 0, 1), refuse]  # the x32 twins of the calls
    for numbers in DENIED.values():
        program += call(numbers, refuse)
    program += call((CLONE3, CLONE3), op(_RETURN, _ERRNO | ENOSYS))  # flags unseen: glibc falls back to clone
    program += call(CLONE, first, op(_JSET, ALL_NAMESPACES, 0, 1), refuse, allow)
    program += call(MMAP, fourth, op(_AND, SHARED_ANONYMOUS), op(_JEQ, SHARED_ANONYMOUS, 0, 1), refuse, allow)
    for numbers in (SOCKET, SOCKETPAIR):
        program += call(numbers, first, op(_JEQ, AF_UNIX, 1, 0), op(_RETURN, _ERRNO | EAFNOSUPPORT), allow)
    return b"".join([*program, allow])


def filter_system_calls() -> None:
    """Deny the calls above to this process and all that it starts, for good. Raises OSError, KeyError elsewhere."""
    program = filter_program()
    buffer = ctypes.create_string_buffer(program, len(program))

    class Filter(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_void_p))

    pointer = Filter(len(program) // 8, ctypes.cast(buffer, ctypes.c_void_p))
    _checked(_libc.prctl(PR_SET_SECCOMP, 2, ctypes.byref(pointer), 0, 0), "seccomp")
