"""Which of a student's files a module name stands for."""

import os
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

_MAX_ENTRIES = 10_000
_MAX_PACKAGES = 200
_MAX_DEPTH = 8


def package_of(module: str, filename: str) -> str:
    """The package that relative imports in a file start from."""
    return module if PurePosixPath(filename).stem == "__init__" else module.rpartition(".")[0]


class Tree:
    """The Python files and notebooks below a folder, listed folder by folder as they are asked for.

    Links to folders are not followed. A name stands for the file that Python would take (a package before a module),
    and for a notebook where there is none. `notes` says which folders were too large to be looked at.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.notes: list[str] = []
        self._listed: dict[str, tuple[frozenset[str], frozenset[str]]] = {}

    def resolve(self, names: Iterable[str]) -> list[tuple[str, str]]:
        """The (module, file name) of each name that is the student's, with the packages it is in, sorted."""
        found: dict[str, str] = {}
        for name in names:
            parts = name.split(".")
            if len(parts) > _MAX_DEPTH:
                continue
            found.update(self._star(parts[:-1]) if parts[-1] == "*" else self._path_to(parts))
        return sorted(found.items(), key=lambda item: item[1])

    def all_modules(self) -> Iterator[tuple[str, str]]:
        """Every file that could be imported, with its name, in a fixed order."""
        packages: list[list[str]] = [[]]
        for package in packages:  # it grows on the way: the folders of one level come before those below them
            yield from sorted(self._star(package).items())
            folders, _ = self._list("/".join(package))
            below = [[*package, name] for name in sorted(folders) if _is_package_name(name)]
            if len(package) < _MAX_DEPTH:
                packages += below[: _MAX_PACKAGES - len(packages)]

    def _path_to(self, parts: list[str]) -> dict[str, str]:
        """The modules that `import a.b.c` runs: a, a.b and a.b.c, as far as they are the student's."""
        found = {}
        for depth in range(1, len(parts) + 1):
            folders, files = self._list("/".join(parts[: depth - 1]))
            filename = self._file(parts[:depth], files)
            if filename:
                found[".".join(parts[:depth])] = filename
            if parts[depth - 1] not in folders:
                break
        return found

    def _star(self, package: list[str]) -> dict[str, str]:
        """Every module directly in a package."""
        _, files = self._list("/".join(package))
        stems = {name.rpartition(".")[0] for name in files if name.endswith((".py", ".ipynb"))}
        found = {}
        for stem in sorted(stems - {"__init__"}):
            if "." not in stem and stem.isprintable():
                parts = [*package, stem]
                filename = self._file(parts, files)
                if filename:
                    found[unicodedata.normalize("NFKC", ".".join(parts))] = filename
        if package and "__init__.py" in files:
            found[".".join(package)] = "/".join([*package, "__init__.py"])
        return found

    def _file(self, parts: list[str], siblings: frozenset[str]) -> str | None:
        path = "/".join(parts)
        _, inside = self._list(path)
        if "__init__.py" in inside:
            return f"{path}/__init__.py"
        for suffix in (".py", ".ipynb"):
            if parts[-1] + suffix in siblings:
                return path + suffix
        return None

    def _list(self, folder: str) -> tuple[frozenset[str], frozenset[str]]:
        """The names of a folder's folders, and of everything else in it; none where it is no real folder."""
        if folder not in self._listed:
            self._listed[folder] = self._scan(folder)
        return self._listed[folder]

    def _scan(self, folder: str) -> tuple[frozenset[str], frozenset[str]]:
        parent, _, name = folder.rpartition("/")
        nothing: frozenset[str] = frozenset()
        if folder and name not in self._list(parent)[0]:
            return nothing, nothing
        folders: set[str] = set()
        others: set[str] = set()
        try:
            with os.scandir(self.root / folder) as entries:
                for count, entry in enumerate(entries):
                    if count >= _MAX_ENTRIES:
                        where = folder or "The folder"
                        self.notes.append(f"{where} has more than {_MAX_ENTRIES} entries: its files are not used.")
                        return nothing, nothing
                    (folders if entry.is_dir(follow_symlinks=False) else others).add(entry.name)
        except OSError:
            return nothing, nothing
        return frozenset(folders), frozenset(others)


def _is_package_name(name: str) -> bool:
    return name.isidentifier() and name != "__pycache__"
