"""Why a visit is not where people know it, as values; `text.reasons` says them."""

from __future__ import annotations

from datetime import date

import attrs

from protocol_sched.model.agenda import DatedBy
from protocol_sched.model.causes import Origin


@attrs.frozen
class LeftOut:
    """A clinician left it out."""

    on: date
    why: str = ""


@attrs.frozen
class PutOff:
    """It was put off, until a date if one was named."""

    on: date
    until: date | None = None
    why: str = ""


@attrs.frozen
class DidNotTakePlace:
    """It was missed."""

    on: date
    why: str = ""


@attrs.frozen
class CourseEnded:
    """Nothing more is due."""

    how: str


@attrs.frozen
class WaitsForTest:
    """A test before it was not passed."""

    gate: str
    on: date


@attrs.frozen
class WaitsForAnswer:
    """A clinician has to answer first; ``asks`` is empty where no question says what."""

    asks: str = ""


@attrs.frozen
class Reviewed:
    """A review changed which visits there are."""

    on: date


@attrs.frozen
class ProtocolAmended:
    """The course follows another protocol."""

    on: date
    why: str = ""


@attrs.frozen
class NoLongerAsked:
    """The protocol does not ask for it any more."""


@attrs.frozen
class TooOld:
    """What it repeats is too old by now."""

    title: str
    on: date


@attrs.frozen
class Dated:
    """Its dates ask for it; ``late`` is by how many days it is after its target."""

    by: DatedBy
    late: int = 0


@attrs.frozen
class RideWaived:
    """No ride home is needed, as a clinician decided."""


@attrs.frozen
class EscortDeclined:
    """Who was to drive said no."""

    escort: str


@attrs.frozen
class EscortNotFree:
    """Who was to drive is not free."""

    escort: str


@attrs.frozen
class Forbidden:
    """A rule or a calendar forbids where people know it."""

    by: Origin


@attrs.frozen
class PlaceNeeded:
    """The other visits need its place."""


Reason = (
    LeftOut
    | PutOff
    | DidNotTakePlace
    | CourseEnded
    | WaitsForTest
    | WaitsForAnswer
    | Reviewed
    | ProtocolAmended
    | NoLongerAsked
    | TooOld
    | Dated
    | RideWaived
    | EscortDeclined
    | EscortNotFree
    | Forbidden
    | PlaceNeeded
)
