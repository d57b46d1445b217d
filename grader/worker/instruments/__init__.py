"""Public instruments: small things that run beside student code and show what calls cannot.

Hostile code can forge what they note, so what they tell counts as observed, unless the judge derives an outcome
from it that only the right computation gives. None of them holds a secret. The judge uses the same functions to
build the same nets on its own side.
"""

from grader.worker.instruments import (  # noqa: F401 - they register theirs
    freezing,
    generators,
    large_nets,
    latent,
    loaders,
    named,
    nets,
    passes,
    recurrent,
    rows,
    state,
    steps,
    students,
    watching,
    words,
)
from grader.worker.instruments.registry import INSTRUMENTS

__all__ = ["INSTRUMENTS"]
