"""The code of a Jupyter notebook, without its outputs and without what only IPython understands."""

import json
from typing import Any

from grader.engine.submissions.files import UnreadableError, plain_text, utf8
from grader.engine.submissions.magics import without_magics

# Bounds on what JSON turns into: a few bytes of brackets become a list of 56 bytes. Outputs are mostly long strings.
_MAX_CONTAINERS = 1_000_000
_MAX_ITEMS = 8_000_000
_MAX_CELLS = 2000
CODE_BYTES = 1024 * 1024


def code_cells(data: bytes, name: str) -> tuple[str, ...]:
    """The code cells of the notebook `name`, in order; raises UnreadableError, with a line for the student."""
    cells = []
    size = 0
    for number, source in enumerate(_sources(_parsed(data, name), name), start=1):
        where = f"{name}, code cell {number}"
        if isinstance(source, list) and all(isinstance(line, str) for line in source):
            source = "".join(source)
        if not isinstance(source, str):
            raise UnreadableError(f"{where}: its source is no text; save the notebook again from Jupyter.")
        size += len(source)
        if size > CODE_BYTES:
            raise UnreadableError(f"{name} has more than {CODE_BYTES // 1024} KiB of code: hand in the exercise alone.")
        cells.append(without_magics(plain_text(source, where)))
    return tuple(cells)


def _parsed(data: bytes, name: str) -> Any:
    if data.count(b"[") + data.count(b"{") > _MAX_CONTAINERS or data.count(b",") > _MAX_ITEMS:
        raise UnreadableError(f"{name} holds too much: clear its outputs and save it again.")
    text = utf8(data, name)
    if not text.strip():
        raise UnreadableError(f"{name} is empty: save the notebook again from Jupyter.")
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        where = f"{name}, line {error.lineno}, column {error.colno}"
        raise UnreadableError(f"{where}: it is not a notebook ({error.msg}); save it again from Jupyter.") from error
    except (ValueError, RecursionError, MemoryError) as error:
        raise UnreadableError(f"{name} is not a notebook that can be read: save it again from Jupyter.") from error


def _sources(notebook: Any, name: str) -> list[Any]:
    """The sources of the code cells, of whatever type; format 3 kept its cells in worksheets, each with an `input`."""
    wrong = UnreadableError(f"{name} is not a notebook (it has no list of cells): save it again from Jupyter.")
    if not isinstance(notebook, dict):
        raise wrong
    sheets = notebook.get("worksheets", []) if "cells" not in notebook else [notebook]
    if not sheets or not isinstance(sheets, list) or not all(isinstance(sheet, dict) for sheet in sheets):
        raise wrong
    lists = [sheet.get("cells", []) for sheet in sheets]
    if not all(isinstance(cells, list) and all(isinstance(cell, dict) for cell in cells) for cells in lists):
        raise wrong
    cells = [cell for cells in lists for cell in cells if cell.get("cell_type") == "code"]
    if not cells:
        raise UnreadableError(f"{name} has no code cells: write the solution into code cells.")
    if len(cells) > _MAX_CELLS:
        raise UnreadableError(f"{name} has more than {_MAX_CELLS} code cells: hand in the exercise alone.")
    return [cell.get("source", cell.get("input", "")) for cell in cells]
