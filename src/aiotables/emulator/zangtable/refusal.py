"""How an operation of ZangTable says no."""

from aiotables.emulator.choices import Problem


class Refusal(Exception):
    """The call is answered with *problem*, and nothing was done."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem
