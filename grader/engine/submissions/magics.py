"""A notebook cell as plain Python: what only IPython understands is blanked, and every line keeps its number."""

import re
from typing import NamedTuple

# Cell magics whose body is Python of this notebook; the body of any other (%%bash, %%html) is not.
_PYTHON_CELLS = {"time", "timeit", "capture"}

_MAGIC = re.compile(r"[%!?]")
_HELP = re.compile(r"[^'\"#]*\?{1,2}\s*$")
_TARGET = r"[^\W\d][\w.]*+(?:\[[^\]=]*+\])*+"
_ASSIGNMENT = re.compile(rf"({_TARGET}(?:\s*+,\s*+{_TARGET})*+\s*+=\s*+)[!%]")
_TOKEN = re.compile(r"#|'''|\"\"\"|['\"]|[(\[{]|[)\]}]")
_CLOSE = {quote: re.compile(rf"(?s:\\.|(?!{quote})[^\\])*+{quote}") for quote in ("'''", '"""', "'", '"')}


class _State(NamedTuple):
    """Where a line ends: inside which string, how deep in brackets, after a backslash."""

    quote: str = ""
    depth: int = 0
    continued: bool = False


def without_magics(cell: str) -> str:
    """`cell` with magics, shell lines and help requests blanked, but for the value of an assignment: that is None."""
    lines = cell.split("\n")
    start = _after_cell_magics(lines)
    state = _State()
    in_magic = False
    for number in range(start, len(lines)):
        line = lines[number]
        starts_statement = state == _State()
        plain = "" if in_magic else _plain(line) if starts_statement else None
        if plain is None:
            state = _after(line, state)
        else:
            lines[number] = plain
            in_magic = line.endswith("\\")
    return "\n".join(lines)


def _after_cell_magics(lines: list[str]) -> int:
    """Blanks the magics at the cell's head, with the cell where it is not Python; returns where the Python starts."""
    for number, line in enumerate(lines):
        if not line.strip():
            continue
        if not line.startswith("%%"):
            return number
        words = line.removeprefix("%%").split()
        if not words or words[0] not in _PYTHON_CELLS:
            lines[number:] = [""] * (len(lines) - number)
            return len(lines)
        lines[number] = ""
    return len(lines)


def _plain(line: str) -> str | None:
    """What stands for a line, at the start of a statement, that is IPython's; None for a line of Python."""
    code = line.lstrip()
    indent = line[: len(line) - len(code)]
    if assignment := _ASSIGNMENT.match(code):
        return f"{indent}{assignment[1]}None"
    if _MAGIC.match(code) or _HELP.match(code):
        # A block must not become empty.
        return f"{indent}pass" if indent else ""
    return None


def _after(line: str, state: _State) -> _State:
    """The state at the end of a line that starts in `state`."""
    quote, depth, _ = state
    position = 0
    escaped = (len(line) - len(line.rstrip("\\"))) % 2 == 1
    while True:
        if quote:
            closed = _CLOSE[quote].match(line, position)
            if closed is None:
                # A string in single quotes ends with its line, closed or not, unless a backslash goes before.
                return _State(quote if len(quote) == 3 or escaped else "", depth)
            quote, position = "", closed.end()
        token = _TOKEN.search(line, position)
        if token is None:
            return _State("", depth, escaped)
        position = token.end()
        if token[0] == "#":
            return _State("", depth)
        if token[0] in "([{":
            depth += 1
        elif token[0] in ")]}":
            depth = max(0, depth - 1)
        else:
            quote = token[0]
