"""What `grader author check` verifies of an exercise: each violation one sentence with its remedy."""

from collections.abc import Iterator, Sequence

from grader.engine.trial import trial
from grader.engine.workbench import Workbench
from grader.errors import GraderError
from grader.gradebook.models import Verdict
from grader.release.golden import is_stale
from grader.release.stubs import stale_stubs

LEAST_MUTANTS, LEAST_ALTERNATIVES = 6, 3
OBSERVED_SHARE = 0.2


def violations(bench: Workbench, secrets: Sequence[bytes]) -> Iterator[str]:
    """All that is wrong with an exercise; the cheap things first.

    Right solutions are tried with every secret, the stub and the known mistakes with the first.
    """
    missing = list(_missing_files(bench))
    yield from missing
    if missing:
        return
    yield from _checks(bench)
    for secret in secrets:
        yield from _right_solutions(bench, secret)
    yield from _wrong_solutions(bench, secrets[0])


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
                yield f"{check.name} comes after {before}, which is judged later: visible checks come first."
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


def _right_solutions(bench: Workbench, secret: bytes) -> Iterator[str]:
    for name, files in [("the reference", bench.reference), *bench.alternatives.items()]:
        lost = [verdict for verdict in trial(bench, files, secret) if verdict.outcome != "passed"]
        if lost:
            yield f"{name} loses {lost[0].name}: {_said(lost[0])}: mend the check, or the solution."


def _wrong_solutions(bench: Workbench, secret: bytes) -> Iterator[str]:
    gained = [verdict.name for verdict in trial(bench, bench.stub, secret) if verdict.score]
    if gained:
        yield f"the bare stub gains {', '.join(gained)}: a check must not pass on what is not implemented."
    for mutant in bench.mutants:
        try:
            outcome = trial(bench, bench.mutated(mutant), secret, only=mutant.check)[-1].outcome
        except GraderError as error:
            yield f"{error.problem} {error.remedy}"
            continue
        except RuntimeError as error:
            yield f"mutant {mutant.name} cannot be run ({error}): mend its edits."
            continue
        if outcome == "passed":
            yield f"mutant {mutant.name} passes {mutant.check}: let that check notice that {mutant.mistake}."
        elif outcome == "blocked":
            yield f"mutant {mutant.name} blocks {mutant.check} instead of failing it: name the check that fails."
        elif outcome == "error":
            yield f"mutant {mutant.name} makes {mutant.check} fail by a fault of its own: mend the check."


def _said(verdict: Verdict) -> str:
    return " | ".join(" ".join(line.split()) for line in verdict.message.splitlines())
