"""
Public holidays as closures of a clinic.

From the package ``holidays`` (the extra of that name: 250 countries and their regions, kept up
every month), or from any mapping of dates to names. A feed of holidays as a calendar file is
read by `protocol_sched.formats.ics.reading.busy`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from importlib import import_module

import attrs

from protocol_sched.errors import InvalidValue, MissingExtra
from protocol_sched.model.availability import Clinic, DatedHours

__all__ = ["closures", "public_holidays", "with_closures"]


def public_holidays(
    country: str, first: date, last: date, *, region: str | None = None
) -> tuple[DatedHours, ...]:
    """
    Return the public holidays of a country as closures, in order.

    Args:
        country: Two letters, ISO 3166-1 (``US``).
        first, last: The first and the last date, at most ten years apart.
        region: The subdivision as ISO 3166-2 has it after the hyphen (``NY``); ``None`` gives
            what holds in the whole country.

    Raises:
        MissingExtra: The package is not installed.
        InvalidValue: The package knows no such country or region, or the dates are in no order.
    """
    try:
        package = import_module("holidays")
    except ImportError:
        raise MissingExtra("public holidays", "the package holidays", "holidays") from None
    if not first <= last <= first + timedelta(days=3650):
        wanted = f"{first} or up to ten years later"
        raise InvalidValue("holidays", "last", str(last), wanted)
    years = range(first.year, last.year + 1)
    try:
        found = package.country_holidays(
            country, subdiv=region, years=years, language=None, categories=None
        )
    except NotImplementedError:
        where = country if region is None else f"{country}-{region}"
        wanted = "a country of two letters such as US, with one of its regions"
        raise InvalidValue("holidays", "country", repr(where), wanted) from None
    return closures({day: name for day, name in found.items() if first <= day <= last})


def closures(names: Mapping[date, str]) -> tuple[DatedHours, ...]:
    """Return dates and what each is called as closures for the whole day, in order."""
    return tuple(DatedHours(first=day, why=name) for day, name in sorted(names.items()))


def with_closures(clinic: Clinic, more: Iterable[DatedHours]) -> Clinic:
    """Return the clinic with closures added; those it has already are not doubled."""
    return attrs.evolve(clinic, closures=tuple(dict.fromkeys((*clinic.closures, *more))))
