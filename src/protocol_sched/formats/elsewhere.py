"""What readers of other standards share: JSON within limits, names told apart, distances."""

from __future__ import annotations

import json
import re
from collections.abc import Hashable
from decimal import Decimal
from typing import Any, NoReturn, TypeVar

from protocol_sched.errors import Fault, InvalidDocument
from protocol_sched.model.spans import CalendarSpan, ElapsedSpan, Span

T = TypeVar("T", bound=Hashable)

MOST_CHARACTERS = 5_000_000
MOST_DEPTH = 60


def json_object(text: str | bytes, *, of: str, holding: str) -> dict[str, Any]:
    """
    Return the object that a JSON text is; numbers with a point are decimals.

    Args:
        text: UTF-8 where it is bytes; a byte order mark is passed over.
        of: What is read, for the errors: ``USDM file``.
        holding: What the object should be, for the errors: ``an object with a study``.

    Raises:
        InvalidDocument: No JSON object, NaN or infinity in it, more than 5 million characters, or
            nested more than 60 deep.
    """

    def refused(says: str) -> InvalidDocument:
        return InvalidDocument(of, (Fault("", says),))

    if len(text) > MOST_CHARACTERS:
        raise refused(f"must have {MOST_CHARACTERS:,} characters or fewer, got {len(text):,}")
    try:
        words = text.decode("utf-8-sig") if isinstance(text, bytes) else text.removeprefix("\ufeff")
        found = json.loads(words, parse_constant=_no_number, parse_float=Decimal)
    except UnicodeDecodeError as error:
        raise refused(f"must be UTF-8, got an octet at {error.start} that is not") from None
    except RecursionError:
        raise refused("must not be nested so deeply") from None
    except (ValueError, ArithmeticError) as error:
        raise refused(f"must be JSON: {error}") from None
    if not isinstance(found, dict):
        raise refused(f"must be {holding}, got {kind_of(found)}")
    layer: list[Any] = [found]
    depth = 0
    while layer:
        depth += 1
        if depth > MOST_DEPTH:
            raise refused(f"must not be nested more than {MOST_DEPTH} deep")
        layer = [
            inner
            for one in layer
            for inner in (one.values() if isinstance(one, dict) else one)
            if isinstance(inner, dict | list)
        ]
    return found


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")


def is_fhir(text: str) -> bool:
    """Tell whether a JSON text is a resource of FHIR, which alone has a resource type."""
    return re.search(r'^[^"]*"resourceType"|[{,]\s*"resourceType"\s*:', text) is not None


def kind_of(found: object) -> str:
    """Return what a JSON value is, in words."""
    names = {dict: "an object", list: "a list", str: "a text", bool: "true or false"}
    return "null" if found is None else names.get(type(found), "a number")


def backward(span: Span) -> Span:
    """Return the same distance in the other direction."""
    if isinstance(span, ElapsedSpan):
        return ElapsedSpan(-span.minutes)
    return CalendarSpan(years=-span.years, months=-span.months, weeks=-span.weeks, days=-span.days)


def point_of(span: Span) -> str:
    """Return a distance as a point of a course, before its anchor by the number of the day."""
    if isinstance(span, CalendarSpan) and not span.by_months and span.in_days < 0:
        return f"day {span.in_days}" if span.days else f"week {span.weeks}"
    return str(span)


def unique(wanted: dict[T, str]) -> dict[T, str]:
    """
    Return names no two of which are alike: a name that is there already gets a number.

    A name may not be one that references have for themselves, nor begin or end with a space.
    """
    found: dict[T, str] = {}
    taken = {"cycle", "previous cycle", "course", "phase"}
    for key, name in wanted.items():
        plain = " ".join(name.split()) or "visit"
        shown, number = plain, 1
        while shown.casefold() in taken:
            number += 1
            shown = f"{plain} ({number})"
        taken.add(shown.casefold())
        found[key] = shown
    return found


def slug(text: str) -> str:
    """Return a name as protocols are named: lower-case letters, digits and ``-``."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "study"
