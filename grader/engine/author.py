"""What `grader author check` verifies of an exercise: each violation one sentence with its remedy."""

from collections.abc import Iterator

from grader.engine.trial import trial
from grader.engine.workbench import Workbench
from grader.errors import GraderError
from grader.gradebook.models import Verdict
from grader.release.golden import is_stale
from grader.release.stubs import stale_stubs

LEAST_MUTANTS, LEAST_ALTERNATIVES = 6, 3
OBSERVED_SHARE = 0.2


def violations(bench: Workbench, secret: bytes) -> Iterator[str]:
    """All that is wrong with an exercise; the cheap things first."""
    missing = list(_missing_files(bench))
    yield from missing
    if missing:
        return
    yield from _checks(bench)
    yield from _trials(bench, secret)


def _missing_files(bench: Workbench) -> Iterator[str]:
    course, module = bench.course, bench.module
    for folder, name in ((course.solutions, f"{module}.py"), (course.checks, f"test_{module}.py"),
                         (course.mutants, f"{module}.py")):  # fmt: skip
        if not (folder / name).is_file():
            yield f"{folder.name}/{name} is missing: write it."
    alternatives = list(bench.alternatives)
    if len(alternatives) < LEAST_ALTERNATIVES:
        yield (
            f"{course.alternatives.name}/{module}_*.py: {len(alternatives)} of at least {LEAST_ALTERNATIVES} "
            "alternatives are there: write right solutions that differ from the reference."
        )


def _checks(bench: Workbench) -> Iterator[str]:
    names = [check.name for check in bench.checks]
    for check in bench.checks:
        if not check.sentence:
            yield f"{check.name} has no docstring: write the sentence that the student reads."
        for before in check.after:
            if before not in names[: names.index(check.name)]:
                yield f"{check.name} comes after {before}, which does not stand above it: move it."
        if check.hidden and not check.recipe:
            yield f"{check.name} is hidden and has no recipe: say how to build inputs like its own."
        if check.evidence == "strong" and any(c.evidence == "observed" for c in bench.checks if c.name in check.after):
            yield f"{check.name} is strong and comes after an observed check: let it build on strong ones only."
    points = sum(check.points for check in bench.checks)
    observed = sum(check.points for check in bench.checks if check.evidence == "observed")
    if observed > OBSERVED_SHARE * points:
        yield f"observed checks carry {observed:g} of {points:g} points, more than a fifth: judge outcomes instead."
    if len(bench.mutants) < LEAST_MUTANTS:
        yield f"{len(bench.mutants)} of at least {LEAST_MUTANTS} mutants are there: add plausible mistakes."
    for mutant in bench.mutants:
        if mutant.check not in names:
            yield f"mutant {mutant.name} names {mutant.check}, which is no check: name the one that must notice it."
    if bench.module in stale_stubs(bench.course.solutions, bench.course.stubs):
        yield "the stub is missing or stale: run `grader stubs`."
    elif is_stale(bench):
        yield "the recorded answers are missing or stale: run `grader stubs`."


def _trials(bench: Workbench, secret: bytes) -> Iterator[str]:
    for name, files in [("the reference", bench.reference), *bench.alternatives.items()]:
        lost = [verdict for verdict in trial(bench, files, secret) if verdict.outcome != "passed"]
        if lost:
            yield f"{name} loses {lost[0].name}: {_said(lost[0])}"
    stub = bench.stub
    gained = [verdict.name for verdict in trial(bench, stub, secret) if verdict.score]
    if gained:
        yield f"the bare stub gains {', '.join(gained)}: a check must not pass on what is not implemented."
    for mutant in bench.mutants:
        try:
            outcomes = {v.name: v.outcome for v in trial(bench, bench.mutated(mutant), secret)}
        except GraderError as error:
            yield f"{error.problem} {error.remedy}"
            continue
        except RuntimeError as error:
            yield f"mutant {mutant.name} cannot be run: {error}"
            continue
        if outcomes.get(mutant.check) == "passed":
            others = [name for name, outcome in outcomes.items() if outcome != "passed"]
            also = f" (it loses {', '.join(others)})" if others else ""
            yield f"mutant {mutant.name} passes {mutant.check}{also}: let that check notice that {mutant.mistake}."
        elif outcomes.get(mutant.check) == "blocked":
            yield f"mutant {mutant.name} blocks {mutant.check} instead of failing it: name the check that fails."


def _said(verdict: Verdict) -> str:
    return " | ".join(" ".join(line.split()) for line in verdict.message.splitlines())
