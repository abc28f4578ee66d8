"""Two small things that nearly every module of the model takes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def as_tuple(items: Iterable[Any]) -> tuple[Any, ...]:
    """
    Return the items as a tuple, so that a frozen value stays hashable.

    Not generic: type checkers do not solve a converter's own type variable.
    """
    return tuple(items)


def as_pairs(items: Mapping[str, Any] | Iterable[Any]) -> tuple[Any, ...]:
    """Return the pairs of a mapping, or of what lists them, as a tuple."""
    return tuple(items.items()) if isinstance(items, Mapping) else as_tuple(items)
