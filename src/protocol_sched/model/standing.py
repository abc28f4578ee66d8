"""How a rule stands: that it is broken by what happened, waived by somebody, or left open."""

from __future__ import annotations

import enum
from datetime import date

import attrs


class BrokenBy(enum.Enum):
    """What left a visit no date inside a limit."""

    TODAY = "its last date has passed"
    DEFERRED = "the visit was put off"
    RULES = "other rules leave no earlier date"
    CALENDARS = "no calendar leaves an earlier date"
    GIVEN = "the visit was given then"


@attrs.frozen(kw_only=True)
class Broken:
    """
    The limit cannot be kept any more, whatever calendars say.

    A plan keeps the rest of the rule and comes as near to the limit as it can.
    """

    limit: date
    """The last date inside it; for a least distance that a visit given broke, the first."""
    cause: BrokenBy
    first: date
    """The first date left to the visit; for a visit given the date it had."""
    why: str = ""
    """What a clinician said who put the visit off."""


@attrs.frozen(kw_only=True)
class Waived:
    """Somebody decided that the rule need not be kept for this visit."""

    waived_on: date
    by: str = ""
    """Who; empty where a visit left out took the rule with it."""
    why: str = ""
    broken: Broken | None = None
    """How far it cannot be kept, so that a plan still comes as near to the limit as it can."""


@attrs.frozen(kw_only=True)
class Open:
    """What the rule is about waits for a decision, so it binds nothing yet."""

    waits_for: str
    """The visit that is only tentative."""


Status = Broken | Waived | Open


class Unit(enum.Enum):
    """What a breach is measured in."""

    DAYS = "days"
    MINUTES = "minutes"
