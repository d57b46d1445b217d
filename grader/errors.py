"""What goes wrong at the border: said in two lines, what is wrong and what to do."""


class GraderError(Exception):
    """A fault of the input or the set-up; the command line prints it without a traceback and exits 1.

    problem: one sentence, what is wrong and where; remedy: one sentence, what to do.
    """

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(f"{problem}\n{remedy}")
        self.problem = problem
        self.remedy = remedy
