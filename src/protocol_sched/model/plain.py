"""Two small things that nearly every module of the model takes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib import import_module
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


class Shown:
    """A value that a notebook shows as a table."""

    __slots__ = ()

    def _repr_html_(self) -> str:
        """
        Return the value as HTML; every text is escaped.

        Notebooks ask the value, and how it looks is a format's business: so this is the one place
        where the model calls what stands above it, by name and only when it is asked.
        """
        html: str = import_module("protocol_sched.formats.html.notebook").html_of(self)
        return html
