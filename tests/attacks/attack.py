"""What an attack is, and how the families in `submissions/` are read.

A family is one file of sections, each begun by `# %% name | what it tries`. Lines `# key: value` right below say
what must hold; the rest is the source. `# %% family` gives the family's defaults, `# %% piece name` a text that
others name in `before` or `after`; a ceiling is a number, or `full`, or `full - 2`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from grader.catalogue import load_course
from grader.checks.registry import collect

SUBMISSIONS = Path(__file__).parent / "submissions"
ALTERNATIVES = Path(__file__).parent.parent / "alternatives"
HONEST = {
    "neuron": ("neuron_functional", "neuron_class", "neuron_numpy"),
    "training": ("training_by_hand", "training_stacked"),
    "mnist_classifiers": ("mnist_classifiers_sequential", "mnist_classifiers_unfold"),
}
FULL = {exercise: sum(check.points for check in collect(load_course().checks, exercise)) for exercise in HONEST}
# What calls `attack`: every call, or the first check's alone, where one costs seconds.
CALLING = {
    "called": "simple_ann_MSE = simple_ann_CE = attack\n",
    "once": """
def simple_ann_MSE(x, w, t, iterations, learning):
    if learning == 0:
        return attack()
    raise RuntimeError("once is enough")


simple_ann_CE = simple_ann_MSE
""",
}


@dataclass(frozen=True)
class Attack:
    """One hostile submission.

    source: the text of the exercise's own file, which is not there where it is empty; beside: other files of the
    folder, by path; ceiling: the points that its honest part earns at the most; shows: texts, one of which stands in
    its results and proves that it ran as it was meant to; denied: checks that it must not pass; seconds: what all its
    checks may take together.
    """

    name: str
    tries: str
    source: str
    ceiling: float = 0.0
    shows: tuple[str, ...] = ()
    denied: tuple[str, ...] = ()
    exercise: str = "neuron"
    beside: Mapping[str, str | bytes] = field(default_factory=dict)
    seconds: float = 20.0

    def hand_in(self, folder: Path) -> None:
        """Write the submission into `folder`."""
        own = {f"{self.exercise}.py": self.source} if self.source else {}
        for path, content in {**own, **self.beside}.items():
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content.encode() if isinstance(content, str) else content)


def honest(exercise: str, number: int = 0) -> str:
    """The text of a right solution."""
    names = HONEST[exercise]
    return (ALTERNATIVES / f"{names[number % len(names)]}.py").read_text()


def family(name: str) -> list[Attack]:
    """The attacks of `submissions/<name>.py`. All know the pieces `honest <exercise>`, `called` and `once`."""
    pieces = {f"honest {exercise}": honest(exercise) for exercise in HONEST} | CALLING
    defaults: dict[str, str] = {}
    attacks = []
    for title, keys, source in _sections((SUBMISSIONS / f"{name}.py").read_text()):
        if title == "family":
            defaults = keys
        elif title.startswith("piece "):
            pieces[title.removeprefix("piece ")] = source
        else:
            attacks.append(_attack(title, {**defaults, **keys}, source, pieces))
    return attacks


def _attack(title: str, keys: Mapping[str, str], source: str, pieces: Mapping[str, str]) -> Attack:
    name, _, tries = title.partition(" | ")
    exercise = keys.get("exercise", "neuron")
    most, _, less = keys.get("ceiling", "0").partition(" - ")
    parts = [*(pieces[piece] for piece in _listed(keys, "before", ", ")), source]
    parts += [pieces[piece] for piece in _listed(keys, "after", ", ")]
    return Attack(
        name,
        tries,
        "\n\n".join(parts),
        ceiling=(FULL[exercise] if most == "full" else float(most)) - float(less or 0),
        shows=tuple(_listed(keys, "shows", " or ")),
        denied=tuple(_listed(keys, "denied", ", ")),
        exercise=exercise,
        seconds=float(keys.get("seconds", 20)),
    )


def _listed(keys: Mapping[str, str], name: str, separator: str) -> list[str]:
    return keys[name].split(separator) if name in keys else []


def _sections(text: str) -> list[tuple[str, dict[str, str], str]]:
    """(title, keys, source) of each section."""
    found = []
    for section in text.split("\n# %% ")[1:]:
        title, *lines = section.split("\n")
        keys = {}
        while lines and lines[0].startswith("# ") and ": " in lines[0]:
            key, _, value = lines.pop(0).removeprefix("# ").partition(": ")
            keys[key] = value
        found.append((title, keys, "\n".join(lines)))
    return found
