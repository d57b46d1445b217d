"""Thresholds that are measured: what right solutions reach over many secrets, and where to put the bar below it."""

import json
import math
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from statistics import NormalDist, mean, stdev
from typing import Any

from grader.checks.draws import Draw
from grader.checks.expectations import Trail, Unmet
from grader.checks.oracle import Oracle, Threshold
from grader.checks.registry import Check
from grader.checks.student import Student
from grader.engine.diagnosis import in_a_fork
from grader.engine.judge import Seat, run_body
from grader.engine.workbench import Workbench
from grader.engine.workers import InProcess

FALSE_FAILURE = 1e-3  # of one attempt; a learning check has two
CONFIDENCE = 0.95


def calibrate(bench: Workbench, runs: int) -> dict[str, dict[str, Any]]:
    """Measure the thresholds of an exercise, write them beside its checks, and return them."""
    solutions = [bench.reference, *bench.alternatives.values()]
    measured: dict[str, list[float]] = {}
    for number in range(runs):
        secret = f"calibration {number}".encode()
        for name, value in measure(bench, solutions[number % len(solutions)], secret):
            measured.setdefault(name, []).append(value)
    entries = {name: _entry(values) for name, values in measured.items()}
    if entries:
        path = thresholds_path(bench)
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(entries, indent=1) + "\n")
    return entries


def thresholds_path(bench: Workbench) -> Path:
    """Where the thresholds of an exercise lie, with the values that they were set by."""
    return bench.course.checks / "thresholds" / f"{bench.module}.json"


def read_entries(bench: Workbench) -> dict[str, dict[str, Any]]:
    """The calibrated thresholds of an exercise with their measured values, by name."""
    path = thresholds_path(bench)
    return json.loads(path.read_text()) if path.exists() else {}


def tolerable(entry: dict[str, Any]) -> bool:
    """Whether a threshold lies where its measured values put it, or lower: then right solutions hardly ever fail it."""
    return entry["threshold"] <= _entry(entry["values"])["threshold"]


def mistaken(bench: Workbench) -> dict[str, dict[str, float]]:
    """What each known mistake that still trains reaches in one run, by threshold and mutant."""
    reached: dict[str, dict[str, float]] = {}
    for mutant in bench.mutants:
        with suppress(RuntimeError):  # most do not get that far
            for name, value in measure(bench, bench.mutated(mutant), b"calibration 0"):
                reached.setdefault(name, {})[mutant.name] = value
    return reached


def measure(bench: Workbench, files: list[list], secret: bytes) -> list[list[Any]]:
    """[threshold's name, value reached] of every learning check, for one solution and secret."""
    return in_a_fork(
        lambda: [pair for check in bench.checks if check.learning for pair in _run(bench, check, files, secret)]
    )


def _run(bench: Workbench, check: Check, files: list[list], secret: bytes) -> list[list[Any]]:
    reached: list[list[Any]] = []

    class Lenient(Oracle):
        def threshold(self, name: str) -> Threshold:
            return Threshold(-math.inf, lambda value: reached.append([name, value]))

    draw = Draw(secret, bench.module, check.name)
    seat = Seat(bench.module, bench.exercises, files, InProcess)
    student: Student = seat.student(check.name, draw.seed("globals"), 600)
    outcome = run_body(check, student, lambda check: Lenient(bench.oracle(check).conversation, {}), draw, Trail())
    seat.clear()
    if outcome.outcome != "passed":
        raise Unmet("a right solution that passes", outcome.message, ("", ""))
    return reached


def _entry(values: Sequence[float]) -> dict[str, Any]:
    """The threshold for accuracies in (0, 1): a one-sided normal tolerance bound on the logit scale.

    With 95 % confidence a share of at least 1 - FALSE_FAILURE of single attempts lies above it. The factor is that of
    Natrella (Experimental Statistics, 1963, section 2-5.2). Where a measured value lies lower still, it is the
    threshold: the tail is heavier than a normal one.
    """
    logits = [math.log(v / (1 - v)) for v in (min(max(value, 1e-4), 1 - 1e-4) for value in values)]
    factor = tolerance_factor(len(values))
    bound = mean(logits) - factor * max(stdev(logits), 1e-3)
    threshold = math.floor(100 * min(1 / (1 + math.exp(-bound)), *values)) / 100
    return {
        "threshold": threshold,
        "model": f"normal on the logit scale, {len(values)} runs, mean - {factor:.2f} sd: fewer than "
        f"{FALSE_FAILURE:g} of single attempts fail, with {CONFIDENCE:.0%} confidence",
        "mean": round(mean(values), 4),
        "lowest": round(min(values), 4),
        "values": sorted(round(value, 4) for value in values),
    }


def tolerance_factor(runs: int) -> float:
    """How many standard deviations below the mean a share FALSE_FAILURE lies at most, for `runs` values."""
    share, sure = NormalDist().inv_cdf(1 - FALSE_FAILURE), NormalDist().inv_cdf(CONFIDENCE)
    a = 1 - sure**2 / (2 * (runs - 1))
    b = share**2 - sure**2 / runs
    return (share + math.sqrt(share**2 - a * b)) / a
