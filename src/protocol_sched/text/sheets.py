"""
What a sheet for the person, or for whoever drives them, says: the facts, and a table of words.

A language says each thing that `SheetWords` lists; `text.languages` has them by code. A sheet is
read at a kitchen table and hangs on a door, so its facts are those a level of privacy lets be told:
see `text.shown`.
"""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Protocol as Interface

import attrs

from protocol_sched.model.agenda import Need
from protocol_sched.model.around import fasts
from protocol_sched.model.availability import Clinic, Person
from protocol_sched.model.moments import as_instant, utc
from protocol_sched.model.plain import as_tuple
from protocol_sched.model.protocol import Protocol
from protocol_sched.model.schedule import Ride, Schedule, Visit, kind_of
from protocol_sched.model.spans import ElapsedSpan
from protocol_sched.text.around import left_out
from protocol_sched.text.privacy import Privacy, is_plain, tells
from protocol_sched.text.secrets import secrets_of


@attrs.frozen(kw_only=True)
class Appointment:
    """One visit as the person is told of it; moments are those of the clinic's clock."""

    start: datetime = attrs.field(eq=as_instant)
    title: str
    """Its own name where all is told; else empty."""
    number: int
    """Its place among the visits of the course, from 1; 0 where not even that is told."""
    provisional: bool
    leave_out: tuple[tuple[str, datetime], ...] = attrs.field(converter=as_tuple)
    """What not to eat or drink, and from when, first things first."""
    tests: tuple[tuple[str, date | None, date], ...] = attrs.field(converter=as_tuple)
    """What has to be done before it, on or after which date and on or before which; no name where
    it may not be said."""
    instructions: bool
    """Whether there is more to do or leave out than may stand here."""
    ready: tuple[datetime, datetime]
    """The earliest and the latest discharge."""
    open_end: bool
    """Whether it ends when somebody says so."""
    ride: Ride | None
    """``None`` where no ride home is needed, or where that is not told."""
    waived: bool
    escort: str
    """Who takes the person home; empty where nobody does yet."""
    no_driving_until: date | datetime | None = attrs.field(eq=as_instant)
    rest: ElapsedSpan | None
    """How long a night's rest before driving is; ``None`` where none is asked for."""


@attrs.frozen(kw_only=True)
class Pickup:
    """One ride as the escort is told of it; moments are those of the clinic's clock."""

    ready: tuple[datetime, datetime]
    open_end: bool
    confirmed: bool
    stay: timedelta
    """How long the escort stays with the person afterwards."""
    provisional: bool


@attrs.frozen(kw_only=True)
class Contact:
    """Where it is and whom to call, as far as it may be told."""

    clinic: str
    address: str
    phone: str
    zone: str


def appointments(
    schedule: Schedule, person: Person, protocol: Protocol, privacy: Privacy
) -> tuple[Appointment, ...]:
    """Return the visits to come in their order, as a level of privacy tells them."""
    full, minimal = privacy is Privacy.FULL, privacy is Privacy.MINIMAL
    secrets = secrets_of(person, protocol)
    before = sum(bool(one.kind) for one in schedule.past)
    found = []
    coming = sorted(schedule.visits, key=lambda visit: (utc(visit.start), visit.id))
    for number, visit in enumerate(coming, before + 1):
        kind = kind_of(visit, protocol)
        all_fasts = fasts(kind, visit.type_ordinal, visit.start)
        sayable = [one for one in all_fasts if full or (not minimal and is_plain(one.what))]
        escort = visit.escort or ""
        hidden = escort and not full and (minimal or tells(escort, privacy, secrets))
        ride_or_driving = visit.ride is not None or visit.no_driving_until is not None
        found.append(
            Appointment(
                start=visit.start,
                title=visit.title if full else "",
                number=0 if minimal else number,
                provisional=bool(visit.tentative),
                leave_out=[
                    (left_out(one), one.begins.astimezone(visit.start.tzinfo)) for one in sayable
                ],
                tests=[
                    ("" if tells(need.gate, privacy, secrets) else need.gate, *window)
                    for need in visit.waits_for
                    if not need.receipt and (window := _window(need))
                ],
                instructions=len(sayable) < len(all_fasts)
                or bool(kind.co_medications)
                or (minimal and ride_or_driving),
                ready=(visit.discharge, max(visit.discharge, visit.discharge_by, key=utc)),
                open_end=any(stage.until for stage in visit.stages),
                ride=None if minimal else visit.ride,
                waived=visit.waived,
                escort="" if hidden else escort,
                no_driving_until=None if minimal else visit.no_driving_until,
                rest=kind.no_driving.rest if kind.no_driving is not None else None,
            )
        )
    return tuple(found)


def _window(need: Need) -> tuple[date | None, date] | None:
    """Return the first and the last date on which a test counts; ``None`` where none is known."""
    return None if need.latest is None else (need.earliest, need.latest)


def pickups(schedule: Schedule, protocol: Protocol, escort: str) -> tuple[Pickup, ...]:
    """Return the rides of one escort in their order, those they declined left out."""
    rides = [
        visit
        for visit in schedule.visits
        if visit.escort == escort and not visit.waived and visit.ride is not Ride.DECLINED
    ]
    return tuple(
        Pickup(
            ready=(visit.discharge, max(visit.discharge, visit.discharge_by, key=utc)),
            open_end=any(stage.until for stage in visit.stages),
            confirmed=visit.ride is Ride.CONFIRMED,
            stay=_stay(visit, protocol),
            provisional=bool(visit.tentative),
        )
        for visit in sorted(rides, key=lambda visit: (utc(visit.discharge), visit.id))
    )


def _stay(visit: Visit, protocol: Protocol) -> timedelta:
    rule = kind_of(visit, protocol).ride_home
    return rule.stay_with.delta if rule is not None else timedelta(0)


def contact(clinic: Clinic, person: Person, protocol: Protocol, privacy: Privacy) -> Contact:
    """Return where it is and whom to call; parts of an address that tell too much are left out."""
    secrets = secrets_of(person, protocol)

    def told(text: str) -> str:
        return "" if tells(text, privacy, secrets) else text

    parts = [part.strip() for part in re.split(r"[,;\r\n]+", clinic.address)]
    address = told(", ".join(part for part in parts if part and told(part)))
    return Contact(
        clinic="" if privacy is Privacy.MINIMAL else told(clinic.name),
        address=clinic.address if privacy is Privacy.FULL else address,
        phone=clinic.phone,
        zone=clinic.zone.key,
    )


class SheetWords(Interface):
    """What a sheet says in one language."""

    @property
    def code(self) -> str:
        """Return its code: ``en``."""

    @property
    def your_appointments(self) -> str:
        """Return what stands above the person's sheet."""

    @property
    def your_rides(self) -> str:
        """Return what stands above an escort's sheet."""

    @property
    def columns(self) -> tuple[str, str, str]:
        """Return what stands above the person's columns: when, before it, and going home."""

    @property
    def ride_columns(self) -> tuple[str, str, str]:
        """Return what stands above an escort's columns: the day, being there, and the answer."""

    @property
    def nothing_planned(self) -> str:
        """Say that the sheet has no entry."""

    def day(self, day: date, year: bool) -> str:
        """Return a date with its weekday, and with its year where that is asked for."""

    def called(self, one: Appointment) -> str:
        """Return what a visit is called."""

    def provisional(self) -> str:
        """Say that a date is not settled."""

    def be_there(self, start: datetime) -> str:
        """Say when to arrive."""

    def leave_out(self, what: str, begins: datetime, on: date) -> str:
        """Say what not to eat or drink, and from when; the date only if it is not the visit's."""

    def test(self, name: str, earliest: date | None, latest: date) -> str:
        """Say what has to be done between two days; no name where it may not be said."""

    def other_instructions(self, any_before: bool) -> str:
        """Say that there are instructions which do not stand here."""

    def expect_to_leave(self, one: Appointment) -> str:
        """Say when the visit is likely to end; never that somebody may leave."""

    def ride_home(self, one: Appointment) -> str:
        """Say who takes the person home, or that somebody has to; empty where nobody must."""

    def no_driving(self, one: Appointment) -> str:
        """Say from when on driving is no longer barred; empty where it is not barred."""

    def fetch(self, one: Pickup) -> str:
        """Say when to be there, and until when it may last."""

    def stay(self, one: Pickup) -> str:
        """Say how long to stay with the person; empty where no time is asked for."""

    def answer(self, one: Pickup) -> str:
        """Say whether the ride is settled."""

    def where(self, of: Contact) -> str:
        """Return the place."""

    def call(self, of: Contact) -> str:
        """Say whom to call; empty where no number is known."""

    def call_about_ride(self, of: Contact) -> str:
        """Say whom an escort calls; empty where no number is known."""

    def clock(self, of: Contact) -> str:
        """Say by which clock times are told."""

    def made(self, on: date) -> str:
        """Say when it was made, and that a newer one replaces it."""
