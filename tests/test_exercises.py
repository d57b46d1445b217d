"""Every exercise of the course: complete, its right solutions at full marks, its known mistakes caught."""

import os

import pytest
import torch

from grader.catalogue import load_course
from grader.engine.trial import trial
from grader.engine.workbench import Workbench
from grader.release.author import violations

COURSE = load_course()
MODULES = [exercise.module for exercise in COURSE.exercises]
torch.set_num_threads(1)


@pytest.mark.parametrize("module", MODULES)
def test_an_exercise_is_complete_and_judged_right(module):
    secrets = [os.urandom(16).hex().encode() for _ in range(2)]
    found = list(violations(Workbench(COURSE, module), secrets))
    assert not found, f"secrets {secrets}:\n" + "\n".join(found)


@pytest.mark.parametrize("module", MODULES)
def test_a_known_mistake_is_named(module):
    """Most known mistakes are recognised by their evidence; a sample of those that are told, of different checks."""
    bench = Workbench(COURSE, module)
    sample = list({mutant.check: mutant for mutant in bench.mutants if mutant.told}.values())[:6]
    named = 0
    for mutant in sample:
        verdicts = trial(bench, bench.mutated(mutant), b"a secret of this test", only=mutant.check, explain=True)
        named += f"comes out when {mutant.mistake}" in verdicts[-1].message
    assert named >= len(sample) / 2, f"{named} of {len(sample)}"
