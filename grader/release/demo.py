"""The demo's class: submissions made from the course's own solutions, mistakes and stubs, and some that misbehave."""

from pathlib import Path

import nbformat

from grader.catalogue import Course
from grader.engine.workbench import Workbench

EXERCISES = ("neuron", "conv_shapes", "mnist_classifiers", "training", "word_embeddings")
SLOW = "\n\ndef pool_output_size(size, kernel, stride=None):\n    while True:\n        pass\n"
LEAVES = "import os\n\n\ndef simple_ann_MSE(x, w, t, iterations, learning):\n    os._exit(0)\n"
PATCHES = '''import builtins
import torch

torch.allclose = torch.equal = lambda *args, **kwargs: True
builtins.abs = lambda value: 0.0
builtins.isinstance = lambda value, kind: True


class AlwaysRight(float):
    """A number that equals every other."""

    __eq__ = __le__ = __ge__ = lambda self, other: True
    __hash__ = float.__hash__


def conv_output_size(size, kernel, padding=0, stride=1):
    return AlwaysRight(1)


pool_output_size = conv_transpose_output_size = conv_parameter_count = conv_output_size
'''


def build_class(course: Course, folder: Path) -> dict[str, str]:
    """Write one folder a student below `folder`; returns what each is, by name."""
    benches = {module: Workbench(course, module) for module in EXERCISES}
    solutions = {module: bench.reference[0][2][0] for module, bench in benches.items()}

    def write(student: str, module: str, text: str | bytes, suffix: str = ".py") -> None:
        path = folder / student / f"{module}{suffix}"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())

    for module, bench in benches.items():
        source = solutions[module]
        write("ada", module, source)
        others = list(bench.alternatives.values())
        write("alan", module, _notebook(others[0][0][2][0]), ".ipynb")
        write("grace", module, bench.mutants[0].apply(source))
        write("edsger", module, bench.mutants[-1].apply(source))
        write("niklaus", module, (course.stubs / f"{module}.py").read_text())
    write("barbara", "neuron", solutions["neuron"].replace("def simple_ann_MSE(", "def simple_ann_MSE((", 1))
    write("barbara", "conv_shapes", "größe = 1\n".encode("latin-1"))
    write("barbara", "training", solutions["training"])
    write("donald", "conv_shapes", solutions["conv_shapes"] + SLOW)
    write("mallory", "neuron", solutions["neuron"] + "\n\n" + LEAVES)
    write("mallory", "conv_shapes", PATCHES)
    write("mallory", "training", "raise SystemExit(0)\n")
    return {
        "ada": "right, from the reference",
        "alan": "right, written differently, in notebooks",
        "grace": "partly right: one known mistake in each exercise",
        "edsger": "partly right: another mistake in each",
        "niklaus": "the bare stubs",
        "barbara": "a syntax error, a file that is not UTF-8, one right exercise",
        "donald": "slow: a loop without end in one function",
        "mallory": "hostile: leaves the process, patches torch and builtins, exits at import",
    }


def _notebook(source: str) -> str:
    notebook = nbformat.v4.new_notebook(
        cells=[
            nbformat.v4.new_markdown_cell("My solution"),
            nbformat.v4.new_code_cell("%matplotlib inline"),
            nbformat.v4.new_code_cell(source),
        ]
    )
    return nbformat.writes(notebook)
