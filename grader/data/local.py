"""What a data set needs of this machine: an installed package, and a folder for what is slow to convert."""

import importlib
import importlib.metadata
import importlib.util
from pathlib import Path
from types import ModuleType

from grader.errors import GraderError


def cache_folder() -> Path:
    """The user's cache folder of this program (XDG_CACHE_HOME moves it); it may not exist yet."""
    from platformdirs import user_cache_path

    return user_cache_path("grader")


def require(module: str, package: str) -> ModuleType:
    """Import `module` of the Python package `package`; raises GraderError that says what to install."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise _missing(package, error) from error


def folder_of(module: str, package: str) -> Path:
    """Where `module` of the Python package `package` lies, without importing it; raises GraderError as `require`."""
    spec = importlib.util.find_spec(module)
    if spec is None or spec.origin is None:
        raise _missing(package, "it is not installed")
    return Path(spec.origin).parent


def version_of(package: str) -> str | None:
    """The installed version of a Python package; None where it is not installed."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _missing(package: str, why: object) -> GraderError:
    problem = f"The data needs the package {package}, which cannot be imported ({why})."
    return GraderError(problem, "Run: pip install 'grader[data]'")
