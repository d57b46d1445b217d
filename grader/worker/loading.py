"""Student files as importable modules, inside the worker. Nothing here reads a disk: the sources came by message."""

import importlib.abc
import importlib.machinery
import importlib.util
import linecache
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any


@dataclass(frozen=True)
class FailedCell:
    """A notebook cell that raised: `number` counts the code cells from 1."""

    number: int
    kind: str
    message: str


class StudentFinder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds the student's modules among `files`: (module, filename, cells, is_notebook).

    The exercises' names go before anything installed; other files of the student shadow nothing.
    """

    def __init__(self, files: Sequence[Sequence[Any]], exercises: frozenset[str]) -> None:
        self.files = {module: (filename, list(cells), notebook) for module, filename, cells, notebook in files}
        self.packages = {name for name, (filename, *_) in self.files.items() if filename.endswith("__init__.py")}
        for name in self.files:
            while name := name.rpartition(".")[0]:
                self.packages.add(name)  # also one without __init__.py
        self.exercises = exercises
        self.failed_cells: dict[str, list[FailedCell]] = {}

    def install(self) -> None:
        """Put the finder where Python looks."""
        sys.meta_path.insert(0, self)

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> importlib.machinery.ModuleSpec | None:
        known = fullname in self.files or fullname in self.packages
        if not known or (fullname not in self.exercises and self._installed(fullname, path)):
            return None
        origin = self.files[fullname][0] if fullname in self.files else fullname
        return importlib.machinery.ModuleSpec(fullname, self, origin=origin, is_package=fullname in self.packages)

    def _installed(self, fullname: str, path: Any) -> bool:
        finders = [finder for finder in sys.meta_path if not isinstance(finder, StudentFinder)]
        return any(finder.find_spec(fullname, path, None) is not None for finder in finders)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        if module.__name__ not in self.files:
            return
        filename, cells, notebook = self.files[module.__name__]
        module.__file__ = filename
        if not notebook:
            exec(_compiled(cells[0], filename), module.__dict__)
            return
        module.__dict__["display"] = lambda *things, **options: None
        failed = self.failed_cells.setdefault(module.__name__, [])
        for number, cell in enumerate(cells, start=1):
            try:
                exec(_compiled(cell, f"{filename}, cell {number}"), module.__dict__)
            except (Exception, SystemExit) as error:  # a cell that fails costs what depends on it
                failed.append(FailedCell(number, type(error).__name__, _first_line(error)))


def _compiled(source: str, filename: str) -> Any:
    linecache.cache[filename] = (len(source), None, source.splitlines(keepends=True), filename)
    return compile(source, filename, "exec", dont_inherit=True)


def _first_line(error: BaseException) -> str:
    try:
        return (str(error).splitlines() or [""])[0][:500]
    except Exception:
        return ""
