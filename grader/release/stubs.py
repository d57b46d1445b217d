"""Stubs: the references with their solutions taken out, generated and never edited by hand.

A solution stands between two comment lines, `### BEGIN SOLUTION` and `### END SOLUTION`. Inside a function it gives way
to an exception that says what is not written yet; anywhere else it goes without a trace. Where the student is given
code to start from, it follows the solution as comments, after a line `### GIVEN`.
"""

import ast
import re
from dataclasses import dataclass
from pathlib import Path

from grader.errors import GraderError

BEGIN, END, GIVEN = "### BEGIN SOLUTION", "### END SOLUTION", "### GIVEN"
# Wider than the markers themselves: a mistyped one must not put a solution into the students' hands.
MARKER_LIKE = re.compile(r"\s*#+\s*(begin|end)\s+solution\b", re.IGNORECASE)
SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)


@dataclass(frozen=True)
class Region:
    """The lines first..last of a file, counted from 1, the markers among them; `indent` is that of both."""

    first: int
    last: int
    indent: str


def stub_source(solution_source: str) -> str:
    """The stub of a solution: the same names, signatures and docstrings, without what stands between markers.

    Raises GraderError if the markers do not pair up, or a region is no whole piece of code.
    """
    lines = solution_source.splitlines()
    tree = _parse(solution_source, "The solution is no valid Python", "Correct the syntax.")
    kept: list[str] = []
    done = 0  # lines of the solution
    for region in _regions(lines):
        kept += lines[done : region.first - 1]
        done = region.last
        function = _function_around(tree, region)
        given = _given(lines, region)
        if given:
            kept += given
        elif function is not None:
            kept.append(f"{region.indent}# Your code here.")
            kept.append(f'{region.indent}raise NotImplementedError("{function} is not implemented yet")')
        else:
            done = _close_gap(kept, lines, done)
    stub = "\n".join([*kept, *lines[done:]]).rstrip("\n") + "\n"
    _parse(stub, "Without its solutions the file is no valid Python", "Let each region hold whole statements.")
    return stub


def write_stubs(solutions: Path, exercises: Path) -> list[Path]:
    """Write the stub of every module in `solutions` into `exercises`; returns the paths written."""
    exercises.mkdir(parents=True, exist_ok=True)
    stubs = {exercises / f"{name}.py": stub for name, stub in _stubs(solutions).items()}
    for path, stub in stubs.items():
        path.write_text(stub, encoding="utf-8")
    return list(stubs)


def stale_stubs(solutions: Path, exercises: Path) -> list[str]:
    """Names of the modules whose stub is missing, not what would be written, or left over without a solution."""
    wanted = _stubs(solutions)
    found = {path.stem: path.read_text(encoding="utf-8") for path in exercises.glob("*.py")}
    return sorted(name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name))


def _stubs(solutions: Path) -> dict[str, str]:
    """The stub of every solution in a folder, by module name; none is written if one of them fails."""
    stubs = {}
    for path in sorted(solutions.glob("*.py")):
        try:
            stubs[path.stem] = stub_source(path.read_text(encoding="utf-8"))
        except GraderError as error:
            raise GraderError(f"{path}: {error.problem}", error.remedy) from error
    return stubs


def _regions(lines: list[str]) -> list[Region]:
    """The regions that the markers name, in their order."""
    regions: list[Region] = []
    begun: int | None = None
    for number, line in enumerate(lines, start=1):
        if not MARKER_LIKE.match(line):
            continue
        marker = line.strip()
        if marker not in (BEGIN, END):
            raise GraderError(f"Line {number}: {marker!r} is no marker.", f"Write it as {BEGIN!r} or {END!r}.")
        if marker == BEGIN:
            if begun is not None:
                raise GraderError(f"Line {number}: a region begins within that of line {begun}.", f"Add {END!r} first.")
            begun = number
            continue
        if begun is None:
            raise GraderError(f"Line {number}: a region ends that has not begun.", f"Add {BEGIN!r} before it.")
        indent = _indent(line)
        if indent != _indent(lines[begun - 1]):
            raise GraderError(f"Line {number}: the region of line {begun} ends at another indentation.", "Align them.")
        regions.append(Region(begun, number, indent))
        begun = None
    if begun is not None:
        raise GraderError(f"Line {begun}: the region that begins here does not end.", f"Add {END!r} after it.")
    return regions


def _function_around(tree: ast.Module, region: Region) -> str | None:
    """The dotted name of the function that a region is part of, None where it is part of a class or the module."""
    nodes = list(ast.walk(tree))  # outer before inner
    held = [node for node in nodes if isinstance(node, ast.stmt) and region.first < node.lineno < region.last]
    if not held:
        raise GraderError(f"Line {region.first}: the region that begins here is empty.", "Put a statement into it.")
    if min(node.col_offset for node in held) != len(region.indent):
        raise GraderError(f"Line {region.first}: the region is not aligned with its code.", "Indent it like its code.")
    around = [node for node in nodes if isinstance(node, SCOPES) and node.lineno < region.first <= _last_line(node)]
    if not around or isinstance(around[-1], ast.ClassDef):
        return None
    return ".".join(node.name for node in around)


def _given(lines: list[str], region: Region) -> list[str]:
    """The lines of a stub that a region gives to start from."""
    inside = lines[region.first : region.last - 1]
    if region.indent + GIVEN not in inside:
        return []
    start = inside.index(region.indent + GIVEN) + 1
    code = []
    for number, line in enumerate(inside[start:], start=region.first + start + 1):
        text = line.removeprefix(region.indent + "#")
        if text == line:
            raise GraderError(f"Line {number}: code that is given stands in comments.", "Begin the line with `#`.")
        code.append((region.indent + text.removeprefix(" ")).rstrip())
    return code


def _close_gap(kept: list[str], lines: list[str], done: int) -> int:
    """Leave the wider of the gaps around a region that went, none at the end of the file; returns what is done now."""
    before, after = 0, 0
    while kept and not kept[-1].strip():
        kept.pop()
        before += 1
    while done + after < len(lines) and not lines[done + after].strip():
        after += 1
    kept += [""] * max(before, after)
    return done + after


def _parse(source: str, problem: str, remedy: str) -> ast.Module:
    try:
        return ast.parse(source)
    except SyntaxError as error:
        raise GraderError(f"Line {error.lineno}: {problem} ({error.msg}).", remedy) from error


def _indent(line: str) -> str:
    return line[: len(line) - len(line.lstrip())]


def _last_line(node: ast.stmt) -> int:
    return node.end_lineno or node.lineno
