"""What the arguments of a call may be, where more is asked of them than their type; see `typed`."""

from __future__ import annotations

from datetime import date, datetime

from protocol_sched.errors import InvalidValue

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
