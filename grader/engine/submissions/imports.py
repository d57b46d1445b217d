"""Which modules a source may import, found without compiling it.

The compiler is not safe on a text that is made to break it (it may exhaust the stack or the memory of this trusted
process), so statements are found by their words. What is found may be too much, an import in a docstring for instance,
and then one file more counts as part of the submission; it is never too little.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

_SPACE = r"(?:[ \t\f]|\\\n)"
_HEAD = re.compile(
    rf"(?m)(?:^|[;:]){_SPACE}*+"
    rf"(?:import(?=[ \t\f\\])|from(?=[ \t\f\\.])(?P<source>(?:(?!import\b)\w++|\.|{_SPACE})*+)import\b)"
)
_NAME = re.compile(r"[^\W\d]\w*+(?:\.[^\W\d]\w*+)*+")
_COMMENT = re.compile(r"#[^\n]*")
_LINE_END = re.compile(r"[\n;#]")

# Beyond these, the search would take long, and no exercise looks like that: all files count as imported.
_MAX_TAIL = 4096
_MAX_STATEMENTS = 5000
_MAX_CONTINUATIONS = 64

# Words by which code reaches files that no import statement names: the longer list wherever they stand, the shorter one
# where they stand as in code ("in eval mode" is none, nor are model.eval() and torch.compile).
_DYNAMIC = re.compile(
    r"\b(?:importlib|__import__|import_module|find_spec|runpy|pkgutil|zipimport|imp|sys|builtins|__builtins__|__loader__"
    r"|__spec__|__self__|__subclasses__|globals|getattr|attrgetter|methodcaller|pickle|dill|marshal|shelve|read_text"
    r"|read_bytes|fromfile|pydoc|timeit|mock|doctest|unittest|pytest|pdb|cProfile|multiprocessing|subprocess|ctypes)\b"
    r"|(?:\b(?:exec|open)|(?<![\w.])(?:eval|compile))\b(?=\s*+(?:[()\[\]{},;:\\]|$|(?:if|else|and|or)\b))",
    re.MULTILINE,
)


@dataclass(frozen=True)
class Imports:
    """names: absolute dotted names, `pkg.*` for a star import; dynamic: whether others may come in unnamed."""

    names: frozenset[str]
    dynamic: bool


def find_imports(text: str, package: str) -> Imports:
    """The imports of a source with "\\n" line ends that lies in `package` ("" at the top)."""
    # Python reads names in this form, so "ｔraining" imports training.
    text = unicodedata.normalize("NFKC", text)
    if text.count("\\\n") > _MAX_CONTINUATIONS:
        return Imports(frozenset(), dynamic=True)
    dynamic = bool(_DYNAMIC.search(text))
    names: set[str] = set()
    for count, head in enumerate(_HEAD.finditer(text)):
        items = _items(text[head.end() : head.end() + _MAX_TAIL])
        if items is None or count >= _MAX_STATEMENTS:
            return Imports(frozenset(names), dynamic=True)
        source = head["source"]
        names.update(items if source is None else _from(_compact(source), items, package))
    return Imports(frozenset(names), dynamic)


def _items(tail: str) -> list[str] | None:
    """The dotted names after the word import, without their aliases; None where the end is out of sight."""
    if tail.lstrip(" \t\f\\\n").startswith("("):
        listed, closed, _ = _COMMENT.sub("", tail).partition(")")
        return list(_named(listed.replace("(", ""))) if closed else None
    line = tail.replace("\\\n", " ") + ("\n" if len(tail) < _MAX_TAIL else "")
    end = _LINE_END.search(line)
    return list(_named(line[: end.start()])) if end else None


def _named(listed: str) -> Iterator[str]:
    for item in listed.split(","):
        words = re.split(r"\bas\b", item, maxsplit=1)[0]
        name = _compact(words)
        if name == "*" or _NAME.fullmatch(name):
            yield name


def _from(source: str, items: list[str], package: str) -> Iterator[str]:
    base = source.lstrip(".")
    level = len(source) - len(base)
    if level:
        parents = package.split(".") if package else []
        kept = parents[: max(0, len(parents) - level + 1)]
        base = ".".join([*kept, base] if base else kept)
    if base:
        yield base
    for item in items:
        yield f"{base}.{item}" if base else item


def _compact(words: str) -> str:
    return re.sub(r"[\s\\]+", "", words)
