"""Durations of ISO 8601, as USDM writes distances, as spans."""

from __future__ import annotations

import re
from fractions import Fraction
from functools import lru_cache

from protocol_sched.model.spans import CalendarSpan, ElapsedSpan, Span

_NUMBER = r"(\d{1,6}(?:[.,]\d{1,6})?)"
_DURATION = re.compile(
    rf"([+-])?P(?:{_NUMBER}Y)?(?:{_NUMBER}M)?(?:{_NUMBER}W)?(?:{_NUMBER}D)?"
    rf"(T(?=\d)(?:{_NUMBER}H)?(?:{_NUMBER}M)?(?:{_NUMBER}S)?)?"
)


@lru_cache(maxsize=1_000)
def span_of(duration: str) -> Span | None:
    """
    Return an ISO 8601 duration as a span, ``None`` where it is none or is not in whole minutes.

    ``P1DT12H`` is 36 hours: what says hours is counted in real time, and so are parts of a day.
    """
    match = _DURATION.fullmatch(duration)
    if match is None or not any(match.groups()[1:]):
        return None
    years, months, weeks, days, hours, minutes, seconds = (
        Fraction((match[n] or "0").replace(",", ".")) for n in (2, 3, 4, 5, 7, 8, 9)
    )
    sign = -1 if match[1] == "-" else 1
    real = hours * 60 + minutes + seconds / 60
    whole = all(part.denominator == 1 for part in (years, months, weeks, days))
    if whole and (match[6] is None or (real == 0 and (years or months or weeks or days))):
        numbers = (sign * int(part) for part in (years, months, weeks, days))
        return CalendarSpan(**dict(zip(("years", "months", "weeks", "days"), numbers, strict=True)))
    real += 24 * 60 * (7 * weeks + days)
    if years or months or real.denominator != 1:
        return None
    return ElapsedSpan(sign * int(real))
