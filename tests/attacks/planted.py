"""Files beside the exercise that Python, pytest or the grader might pick up in place of its own."""

import json

from attacks.attack import FULL, Attack, honest

_LOUD = "raise RuntimeError('LEAKED:a planted file was run')\n"
_USING = "import json\nimport math\nimport random\n\nimport msgpack\nimport torch\n\nimport grader.worker.session\n"


def notebook(*cells: str) -> str:
    """A notebook of code cells."""
    coded = [{"cell_type": "code", "source": cell, "outputs": [], "metadata": {}} for cell in cells]
    return json.dumps({"cells": coded, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


# (name, what it tries, files beside an honest solution)
_BESIDE_HONEST = [
    (
        "shadows of libraries",
        "plants torch, random, math, json, msgpack and the grader as files of its own, and imports them",
        {
            **{f"{name}.py": _LOUD for name in ("torch", "random", "math", "json", "msgpack")},
            **{f"grader/{name}.py": _LOUD for name in ("__init__", "worker/__init__", "worker/session")},
        },
    ),
    (
        "start-up files",
        "plants sitecustomize, usercustomize, a .pth file, conftest.py and configurations of pytest",
        {
            **{f"{name}.py": _LOUD for name in ("sitecustomize", "usercustomize", "conftest", "planted")},
            "a.pth": "import os; os._exit(0)\n",
            "pytest.ini": "[pytest]\naddopts = -p planted\n",
            "setup.cfg": "[tool:pytest]\naddopts = -p planted\n",
            "pyproject.toml": "[tool.pytest.ini_options]\naddopts = '-p planted'\n",
        },
    ),
    (
        "compiled files",
        "plants byte code and shared libraries with the names of modules",
        {
            "neuron.so": b"\x7fELF" + bytes(100),
            "neuron.cpython-311-x86_64-linux-gnu.so": bytes(64),
            "__pycache__/neuron.cpython-311.pyc": bytes(64),
        },
    ),
    (
        "course folders",
        "plants solutions, checks, thresholds, a secret and a course table of its own",
        {
            "solutions/neuron.py": _LOUD,
            "checks/test_neuron.py": _LOUD,
            "checks/thresholds/neuron.json": '{"cnn": {"threshold": 0}}',
            "course.toml": 'name = "Mine"\nexercises = []\n',
            "secret": "0" * 64,
        },
    ),
    ("a package too", "plants a package of the exercise's name", {"neuron/__init__.py": _LOUD}),
    (
        "a notebook too",
        "hands in a notebook that fails beside the file",
        {"neuron.ipynb": notebook("raise RuntimeError('LEAKED:the notebook was run')")},
    ),
    ("another's group", "names an honest student in its group.txt", {"group.txt": "honest 1\nsomeone\n"}),
]

PLANTED = [
    Attack(name, tries, _USING + honest("neuron"), FULL["neuron"], beside=beside)
    for name, tries, beside in _BESIDE_HONEST
] + [
    Attack(
        "results of its own",
        "hands in results.json, gradebook.csv and gradebook.sqlite with full marks beside an empty function",
        "def simple_ann_MSE(*_):\n    pass\n\n\nsimple_ann_CE = simple_ann_MSE\n",
        shows=("expected",),
        beside={
            "results.json": '{"schema": 1, "student": "results of its own", "score": 10.0, "max_score": 10.0}',
            "gradebook.csv": "student,neuron,total,max_total\nresults of its own,10,10,10\n",
            "gradebook.sqlite": b"SQLite format 3\0" + bytes(4080),
            ".grader/verdicts.json": '{"test_mse_on_the_example": "passed"}',
        },
    ),
    Attack(
        "cells that fail loudly",
        "hands in a notebook whose cells fail with a long message and with one that fails itself",
        "",
        shows=("cell 1 of the notebook raised ValueError: mmm",),
        beside={
            "neuron.ipynb": notebook(
                "raise ValueError('m' * 10_000_000)",
                "class E(Exception):\n    def __str__(self):\n        raise ValueError('no text')\nraise E",
                "def simple_ann_CE(*_):\n    pass",
            )
        },
    ),
]
