"""One exercise of one submission: its own file, and the student's other files that it may import."""

import hashlib
import os
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from grader.engine.submissions.files import UnreadableError, python_text, read_bytes
from grader.engine.submissions.imports import find_imports
from grader.engine.submissions.notebooks import CODE_BYTES, code_cells
from grader.engine.submissions.tree import Tree, package_of

_NOTEBOOK_BYTES = 64 * 1024 * 1024
_MAX_FILES = 200
_MAX_BYTES = 2 * _NOTEBOOK_BYTES
_MAX_REASONS = 5


@dataclass(frozen=True)
class SourceFile:
    """A file as the worker gets it.

    module: the dotted name under which it is imported; filename: relative to the student's folder, `/` between the
    parts; cells: a notebook's code cells, or the whole text of a .py.
    """

    module: str
    filename: str
    cells: tuple[str, ...]
    notebook: bool


@dataclass(frozen=True)
class ModuleSource:
    """What is graded.

    files: the module's own file first, then the others, sorted by file name; problem: why there is no module, in one
    line; notes: what the student should know; digest: the same for two students exactly when module and files are.
    """

    module: str
    files: tuple[SourceFile, ...]
    problem: str | None
    notes: tuple[str, ...]
    digest: str


def read_module(folder: Path, module: str, used: Sequence[str] = ()) -> ModuleSource | None:
    """Read `<module>.py`, or else `<module>.ipynb`, of a student's folder, with all that it may import.

    used: other modules of the student that its checks use; what is wrong with one of these is no problem.

    None where neither is there. Whatever the files are, no exception: what is wrong stands in `problem`. Syntax is not
    checked, since only a sandbox may compile; the worker reports it.
    """
    script, notebook = f"{module}.py", f"{module}.ipynb"
    there = [name for name in (script, notebook) if os.path.lexists(folder / name)]
    if not there:
        return None
    reading = _Reading(folder, module)
    if len(there) == 2:
        reading.notes.append(f"{script} is graded, {notebook} beside it is not.")
    try:
        if reading.take(module, there[0]).is_blank():
            raise UnreadableError(f"{there[0]} holds no code: hand in your solution.")
        reading.take_used(used)
        reading.follow_imports()
    except UnreadableError as error:
        return reading.result(problem=str(error))
    return reading.result(problem=None)


@dataclass(frozen=True)
class _Taken:
    file: SourceFile
    digest: bytes

    def is_blank(self) -> bool:
        return not any(cell.strip() for cell in self.file.cells)


@dataclass
class _Reading:
    """The files taken so far, in the order in which they were found."""

    folder: Path
    module: str
    taken: dict[str, _Taken] = field(default_factory=dict)
    size: int = 0
    notes: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)

    def take(self, module: str, filename: str) -> _Taken:
        """Read a file; raises UnreadableError."""
        notebook = filename.endswith(".ipynb")
        if len(self.taken) >= _MAX_FILES or self.size > _MAX_BYTES:
            raise UnreadableError(f"{filename} is one file too many: hand in the exercise's own files alone.")
        data = read_bytes(self.folder / filename, filename, _NOTEBOOK_BYTES if notebook else CODE_BYTES)
        self.size += len(data)
        cells = code_cells(data, filename) if notebook else (python_text(data, filename),)
        file = SourceFile(module, filename, cells, notebook)
        self.taken[filename] = _Taken(file, hashlib.sha256(data).digest())
        return self.taken[filename]

    def take_used(self, names: Sequence[str]) -> None:
        """Take the student's modules of these names, as far as they are there and can be read."""
        for module, filename in Tree(self.folder).resolve(names) if names else ():
            try:
                self.take(module, filename)
            except UnreadableError as error:
                self.left_out.append(str(error))

    def follow_imports(self) -> None:
        """Take what the files taken so far may import, and what that imports; raises UnreadableError."""
        tree = Tree(self.folder)
        dynamic = False
        waiting = deque(taken.file for taken in self.taken.values())
        while waiting:
            file = waiting.popleft()
            imports = find_imports("\n".join(file.cells), package_of(file.module, file.filename))
            dynamic |= imports.dynamic
            for module, filename in tree.resolve(imports.names):
                if filename not in self.taken and module != self.module:
                    waiting.append(self.take(module, filename).file)
        if dynamic:
            self._take_all(tree)
        self.notes.extend(tree.notes)

    def _take_all(self, tree: Tree) -> None:
        """Take every file of the student; one that is broken may not be needed, so it is no problem yet."""
        for module, filename in tree.all_modules():
            if filename in self.taken or module == self.module:
                continue
            try:
                self.take(module, filename)
            except UnreadableError as error:
                self.left_out.append(str(error))

    def result(self, problem: str | None) -> ModuleSource:
        notes = list(self.notes)
        if self.left_out:
            shown = " ".join(self.left_out[:_MAX_REASONS])
            more = len(self.left_out) - _MAX_REASONS
            notes.append(f"Not used: {shown}" + (f" (and {more} more)" if more > 0 else ""))
        files = sorted(
            (taken.file for taken in self.taken.values()), key=lambda file: (file.module != self.module, file.filename)
        )
        return ModuleSource(self.module, tuple(files), problem, tuple(notes), self._digest(problem))

    def _digest(self, problem: str | None) -> str:
        digest = hashlib.sha256()
        parts = [self.module.encode()]
        for filename in sorted(self.taken):
            parts += [filename.encode(), self.taken[filename].digest]
        parts += [reason.encode() for reason in [problem or "", *self.left_out]]
        for part in parts:
            digest.update(len(part).to_bytes(8, "big") + part)
        return digest.hexdigest()
