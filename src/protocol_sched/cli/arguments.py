"""Words of a command line that are numbers, dates and moments."""

from __future__ import annotations

import re
from argparse import ArgumentTypeError
from datetime import date, datetime


def number_argument(text: str) -> int:
    if not re.fullmatch("[0-9]{1,2}", text):
        raise ArgumentTypeError(f"{text!r} is not a number from 0 to 99")
    return int(text)


def date_argument(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text!r} is not a date such as 2027-02-20") from None


def moment_argument(text: str) -> datetime:
    """Read a moment; one without an offset is the clinic's, as `inputs.moments_of` says."""
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        wanted = "is not a moment such as 2027-02-20T09:00, or 2027-02-20T09:00:00-05:00"
        raise ArgumentTypeError(f"{text!r} {wanted}") from None
