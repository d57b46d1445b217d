"""Stubs: the references with their solutions taken out, generated and never edited by hand.

A solution stands between two comment lines, `### BEGIN SOLUTION` and `### END SOLUTION`. Inside a function it gives way
to an exception that says what is not written yet; anywhere else it goes without a trace.
"""

import ast
import re
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from grader.errors import GraderError

BEGIN, END = "### BEGIN SOLUTION", "### END SOLUTION"
LOOKS_LIKE_A_MARKER = re.compile(r"\s*#+\s*(begin|end)\s+solution\b", re.IGNORECASE)


@dataclass(frozen=True)
class Region:
    """The lines first..last of a file, counted from 1, both markers among them."""

    first: int
    last: int
    indent: str


def stub_source(solution_source: str) -> str:
    """The stub of a solution: the same names, signatures and docstrings without what stands between markers.

    Raises GraderError if the markers do not pair up or a region is no whole piece of code.
    """
    lines = solution_source.splitlines()
    regions = _regions(lines)
    tree = _parse(solution_source, "The solution is no valid Python", "Correct the syntax.")
    kept: list[str] = []
    position = 0
    for region in regions:
        kept += lines[position : region.first - 1]
        position = region.last
        qualname = _owner(tree, region)
        if qualname is not None:
            kept.append(f"{region.indent}# Your code here.")
            kept.append(f'{region.indent}raise NotImplementedError("{qualname} is not implemented yet")')
            continue
        # The wider of the gaps before and after the region stays; at the end of the file neither does.
        before = _trailing_blank_lines(kept)
        while position < len(lines) and not lines[position].strip():
            position += 1
        del kept[len(kept) - before :]
        if kept and position < len(lines):
            kept += [""] * max(before, position - region.last)
    stub = "\n".join(kept + lines[position:]) + "\n"
    _parse(stub, "Without its solutions the file is no valid Python", "Let each region hold whole statements.")
    return stub


def write_stubs(solutions: Path, exercises: Path) -> list[Path]:
    """Write the stub of every module in `solutions` into `exercises`; returns the paths written."""
    exercises.mkdir(parents=True, exist_ok=True)
    written = []
    for name, stub in _stubs(solutions).items():
        path = exercises / f"{name}.py"
        path.write_text(stub, encoding="utf-8")
        written.append(path)
    return written


def stale_stubs(solutions: Path, exercises: Path) -> list[str]:
    """Names of the modules whose stub is missing, not what would be written, or left over without a solution."""
    wanted = _stubs(solutions)
    found = {path.stem: path.read_text(encoding="utf-8") for path in exercises.glob("*.py")}
    return sorted(name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name))


def _stubs(solutions: Path) -> dict[str, str]:
    stubs = {}
    for path in sorted(solutions.glob("*.py")):
        try:
            stubs[path.stem] = stub_source(path.read_text(encoding="utf-8"))
        except GraderError as error:
            raise GraderError(f"{path}: {error.problem}", error.remedy) from error
    return stubs


def _regions(lines: list[str]) -> list[Region]:
    regions: list[Region] = []
    opened: int | None = None
    for number, line in enumerate(lines, start=1):
        if not LOOKS_LIKE_A_MARKER.match(line):
            continue
        marker = line.strip()
        if marker not in (BEGIN, END):
            raise GraderError(f"Line {number}: {marker!r} is no marker.", f"Write it as {BEGIN!r} or {END!r}.")
        if marker == BEGIN and opened is not None:
            raise GraderError(f"Line {number}: a solution begins inside that of line {opened}.", f"Add {END!r} before.")
        if marker == END and opened is None:
            raise GraderError(f"Line {number}: a solution ends that never began.", f"Add {BEGIN!r} before.")
        if opened is None:
            opened = number
            continue
        indent = _indent(line)
        if indent != _indent(lines[opened - 1]):
            raise GraderError(
                f"Line {number}: the solution of line {opened} ends at another indentation.", "Indent both alike."
            )
        regions.append(Region(opened, number, indent))
        opened = None
    if opened is not None:
        raise GraderError(f"Line {opened}: the solution that begins here never ends.", f"Add {END!r} after it.")
    return regions


def _parse(source: str, problem: str, remedy: str) -> ast.Module:
    try:
        return ast.parse(source)
    except SyntaxError as error:
        raise GraderError(f"{problem}: line {error.lineno}, {error.msg}.", remedy) from error


def _owner(tree: ast.Module, region: Region) -> str | None:
    """The qualified name of the innermost function around a region, None for a region outside all functions."""
    names, inside, body = [], None, tree.body
    while True:
        first, last = region.first, region.last
        if any(node.lineno < first <= _end(node) <= last for node in body if not _is_scope(node)):
            raise GraderError(f"Line {first}: the solution begins within a statement.", "Begin it before or after.")
        scope = next((node for node in body if _is_scope(node) and node.lineno < first <= _end(node)), None)
