"""The table of instruments by name."""

from collections.abc import Callable
from typing import Any

INSTRUMENTS: dict[str, Callable[..., Any]] = {}


def instrument(function: Callable[..., Any]) -> Callable[..., Any]:
    """Register a function under its name."""
    INSTRUMENTS[function.__name__] = function
    return function
