"""What checks are written with: `check` marks one, `expect` states what must hold.

A check is a pytest function that takes some of the fixtures `student` (the module handed in), `oracle` (what a right
solution answers) and `draw` (random inputs). Its docstring is the sentence that the student reads.
"""

from grader.checks.expectations import expect
from grader.checks.registry import check

__all__ = ["check", "expect"]
