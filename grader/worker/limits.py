"""What a worker may use. A limit that is hit costs the check at hand, never the run."""

from dataclasses import dataclass

MIB = 1 << 20


@dataclass(frozen=True)
class Limits:
    """Of one worker. seconds: CPU time over its whole life; bytes otherwise."""

    cpu_seconds: int = 300
    address_space: int = 3072 * MIB  # on top of what the warm zygote has mapped
    memory: int = 2048 * MIB  # of the worker's whole process tree, watched by the judge
    processes: int = 24  # threads count too
    file_size: int = 64 * MIB
    scratch: int = 64 * MIB
    open_files: int = 256
    answer: int = 64 * MIB  # one reply to the judge


DEFAULT = Limits()
