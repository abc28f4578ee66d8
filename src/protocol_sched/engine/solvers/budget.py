"""The steps one call may still take: counted, so that every machine stops at the same place."""

from __future__ import annotations

from protocol_sched.errors import InvalidValue


class Spent(Exception):
    """The steps of a budget are used up."""


class Budget:
    """
    Steps that all loops of one call share.

    One step is what takes about three microseconds on a laptop: one move of a set of days, one
    visit tried on one day. Whoever does more at once spends more steps, so twenty million end
    in about a minute whatever they were spent on.

    Args:
        steps: How many there are.

    Raises:
        InvalidValue: They are no whole number, or less than none.
    """

    def __init__(self, steps: int) -> None:
        if isinstance(steps, bool) or not isinstance(steps, int) or steps < 0:
            raise InvalidValue("plan", "effort", repr(steps), "a whole number of steps, 0 or more")
        self.steps, self.spent = steps, 0

    @classmethod
    def of(cls, effort: int | Budget) -> Budget:
        """Return the budget itself, or a new one of so many steps."""
        return effort if isinstance(effort, Budget) else cls(effort)

    @property
    def ended(self) -> bool:
        """Tell whether more was asked for than there was."""
        return self.spent > self.steps

    @property
    def left(self) -> int:
        """Return how many steps are left."""
        return max(self.steps - self.spent, 0)

    def spend(self, steps: int = 1) -> None:
        """
        Take some steps.

        Raises:
            Spent: There are not so many left.
        """
        self.spent += steps
        if self.spent > self.steps:
            raise Spent

    def end(self) -> None:
        """Take all that is left, and more: what was wanted was not found with it."""
        self.spent = max(self.spent, self.steps + 1)

    def part(self, most: int) -> Budget:
        """Return a budget of what is left, ``most`` at the most; then `take` what it spent."""
        return Budget(min(self.left, most))

    def take(self, part: Budget) -> None:
        """Take what a `part` spent; no more than it had, so that this never ends before it."""
        self.spent += min(part.spent, part.steps)
