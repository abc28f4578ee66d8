"""
What a field may hold, said once: values of a wrong type are refused where they are made.

Files are checked when they are read; these are for values made in Python, where a text passes for a
date until something far away adds days to it. Each is an attrs validator.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from protocol_sched.errors import InvalidValue

Check = Callable[[Any, Any, Any], None]
"""An attrs validator: the object, its field, the value."""


def owner_of(one: object) -> str:
    """Return what an error calls an object: ``given``, ``course``."""
    return type(one).__name__.lower()


def is_date(value: object) -> bool:
    """Tell whether a value is a date without a time."""
    return isinstance(value, date) and not isinstance(value, datetime)


def a_date(one: object, field: Any, value: Any) -> None:
    """Refuse what is no date, or a date with a time."""
    if not is_date(value):
        raise InvalidValue(owner_of(one), field.name, repr(value), "a date without a time")


def a_date_or_none(one: object, field: Any, value: Any) -> None:
    """Refuse what is neither a date nor left out."""
    if value is not None:
        a_date(one, field, value)


def a_text(one: object, field: Any, value: Any) -> None:
    """Refuse what is no text."""
    if not isinstance(value, str):
        raise InvalidValue(owner_of(one), field.name, repr(value), "a text")


def a_text_or_none(one: object, field: Any, value: Any) -> None:
    """Refuse what is neither a text nor left out."""
    if value is not None:
        a_text(one, field, value)


def a_flag(one: object, field: Any, value: Any) -> None:
    """Refuse what is neither true nor false: any text is true in Python, ``"no"`` too."""
    if not isinstance(value, bool):
        raise InvalidValue(owner_of(one), field.name, repr(value), "True or False")


def a_flag_or_none(one: object, field: Any, value: Any) -> None:
    """Refuse what is neither true, false nor left out."""
    if value is not None:
        a_flag(one, field, value)


def a_number_or_none(one: object, field: Any, value: Any) -> None:
    """Refuse what is neither a finite number nor left out; true and false are no numbers."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if value is not None and not (number and math.isfinite(value)):
        raise InvalidValue(owner_of(one), field.name, repr(value), "a number")


def a(kind: type, example: str) -> Check:
    """Return a validator for values of one class, such as ``a(Protocol, "a Protocol")``."""

    def check(one: object, field: Any, value: Any) -> None:
        if not isinstance(value, kind):
            raise InvalidValue(owner_of(one), field.name, repr(value), example)

    return check


# --- what is handed to a call ----------------------------------------------------------------


LAST_AS_OF = date(9990, 12, 31)
"""Planning looks some years ahead, and dates end with the year 9999."""


def need_date(owner: str, field: str, value: object) -> None:
    """
    Refuse an argument that is no date, or one so late that no plan after it has a date.

    Raises:
        InvalidValue: It is none.
    """
    if not isinstance(value, date) or isinstance(value, datetime):
        raise InvalidValue(owner, field, repr(value), "a date without a time")
    if value > LAST_AS_OF:
        raise InvalidValue(owner, field, str(value), f"{LAST_AS_OF} or earlier")


def need_a(owner: str, field: str, value: object, kind: type) -> None:
    """
    Refuse an argument of another class, such as a person where the clinic is expected.

    Raises:
        InvalidValue: It is of another one.
    """
    if not isinstance(value, kind):
        found = type(value).__name__
        raise InvalidValue(owner, field, f"a value of type {found}", f"a {kind.__name__}")
