"""
Smallest sets of rules that cannot all hold: minimal unsatisfiable subsets.

Rules are any values; whether some of them can hold together is asked of a function. Nothing here
knows what a rule says, or who answers.

Source:
    Junker, "QuickXplain: preferred explanations and relaxations for over-constrained problems",
    AAAI 2004.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import attrs

T = TypeVar("T")

Feasible = Callable[[Sequence[T]], bool | None]
"""Whether some rules can hold together; ``None`` where nobody knows."""


@attrs.frozen
class Subset:
    """Places of rules that cannot all hold, and whether each of them is known to matter."""

    rules: tuple[int, ...]
    minimal: bool
    """Without any single one the others can hold, and that is proved."""


def minimal_conflict(rules: Sequence[T], feasible: Feasible[T]) -> Subset | None:
    """
    Return the preferred minimal set of rules that cannot all hold.

    Of two sets the one is preferred whose least wanted rule comes earlier; where those are the
    same, the next is compared.

    Args:
        rules: The rules one would rather name first.
        feasible: Must never answer that more rules can hold where fewer cannot. What it does not
            know is taken for possible, so the rules returned are always proved impossible.

    Returns:
        Places in ``rules``, in order; none of them where nothing can hold even without rules.
        ``None`` if the rules are not known to be impossible.
    """
    if feasible(rules) is not False:
        return None
    unknown = False

    def possible(places: Sequence[int]) -> bool:
        nonlocal unknown
        answer = feasible([rules[n] for n in places])
        unknown |= answer is None
        return answer is not False

    def split(chosen: list[int], grown: bool, rest: list[int]) -> list[int]:
        if grown and not possible(chosen):
            return []
        if len(rest) == 1:
            return rest
        half = len(rest) // 2
        first, second = rest[:half], rest[half:]
        of_second = split([*chosen, *first], True, second)
        of_first = split([*chosen, *of_second], bool(of_second), first)
        return [*of_first, *of_second]

    if not rules or not possible([]):
        return Subset((), not unknown)
    found = split([], False, list(range(len(rules))))
    return Subset(tuple(sorted(found)), not unknown)
