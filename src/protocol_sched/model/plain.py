"""Two small things that nearly every module of the model takes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def as_tuple(items: Iterable[Any]) -> tuple[Any, ...]:
    """
    Return the items as a tuple, so that a frozen value stays hashable.

    Not generic: type checkers do not solve a converter's own type variable.
    """
    return tuple(items)
