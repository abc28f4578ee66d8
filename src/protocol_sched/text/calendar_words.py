"""
What calendar entries and messages to escorts say, for whoever writes it in one more language.

Facts come in as values, times of day as text; what is returned is one whole sentence, one title or
one line. What a protocol and a clinic call things stays in their own words.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import date, datetime

from protocol_sched.model.around import CoMedicationWindow
from protocol_sched.model.schedule import Ride
from protocol_sched.model.spans import ElapsedSpan, Span


class CalendarWords(ABC):
    """One language; where a text has no argument it is an attribute."""

    # --- titles ------------------------------------------------------------------------------
    appointment: str
    """A visit at a level that tells nothing."""
    clinic_appointment: str
    appointments: str
    """The name of a calendar, as are the next two."""
    clinic_appointments: str
    rides: str
    ride: str
    """The category of a ride."""
    no_driving: str
    """The title of the time in which the person must not drive."""
    provisional: str
    """Behind the title of a visit that an open question decides about."""
    not_agreed: str
    """Behind the title of a visit that is not agreed yet."""
    please_confirm: str
    """Behind the title of a ride nobody has agreed to yet."""

    # --- whole sentences ---------------------------------------------------------------------
    gone: str
    """What a cancelled entry says."""
    date_provisional: str
    instructions: str
    """That there are instructions, where they may not be said."""
    other_instructions: str
    test_unnamed: str
    """Whom to ask what has to be done, where it may not be said."""
    night: str
    """That the entry counts a night's rest from midnight on."""
    tomorrow: str
    cannot_drive: str
    """To an escort who said so."""
    need_not_drive: str
    ride_waived: str
    ride_unnamed: str
    """To the clinic: nobody is there to drive yet."""
    asks: str
    """To answer an invitation by e-mail."""
    asks_without_mail: str

    @abstractmethod
    def numbered(self, number: int) -> str:
        """Return the title of a visit by its number."""

    @abstractmethod
    def course_day(self, day: int, week: int) -> str:
        """Return the number of a date and of its week: ``day 8, week 1``."""

    @abstractmethod
    def cancelled(self, title: str) -> str:
        """Return the title of a cancelled entry."""

    @abstractmethod
    def day(self, day: date) -> str:
        """Return a date with its year, short."""

    @abstractmethod
    def time(self, clock: str) -> str:
        """Return a time of day as it stands in a sentence."""

    @abstractmethod
    def clock_on(self, clock: str, day: date) -> str:
        """Return a time of day on another date than that of the entry."""

    @abstractmethod
    def between(self, first: str, last: str) -> str:
        """Return a stretch of time; a moment where both are the same."""

    @abstractmethod
    def length(self, span: Span) -> str:
        """Return a length: ``2 days``, ``48 hours``."""

    @abstractmethod
    def limits(self, least: Span | None, most: Span | None, before: bool, visit: str) -> str:
        """Say how far apart two visits must be, with at least one of the limits."""

    @abstractmethod
    def phone(self, number: str) -> str: ...

    @abstractmethod
    def times_of(self, zone: str) -> str:
        """Say whose clock the times are."""

    @abstractmethod
    def arrive(self, clock: str) -> str: ...

    @abstractmethod
    def leave(self, when: str, perhaps_later: bool) -> str: ...

    @abstractmethod
    def test_before(self, name: str, visit: str) -> str:
        """Return the title of a test; ``name`` is empty where it may not be said."""

    @abstractmethod
    def test_between(self, earliest: date | None, latest: date) -> str:
        """Say between which days, both included, a test has to be done."""

    @abstractmethod
    def until(self, when: str, rest: ElapsedSpan | None) -> str:
        """Say until when somebody must not drive, and that they must have slept."""

    @abstractmethod
    def do_not_drive(self, when: str, rest: ElapsedSpan | None) -> str: ...

    @abstractmethod
    def visit_of(self, day: date) -> str:
        """Name a visit that took place by its date."""

    @abstractmethod
    def what(self, what: str) -> str:
        """Return food and drink in this language, where it is known; else as it is."""

    @abstractmethod
    def fast_from(self, what: str, clock: str) -> str: ...

    @abstractmethod
    def fast_last(self, what: str, span: ElapsedSpan) -> str:
        """Say what to leave out so long before the appointment."""

    @abstractmethod
    def fast_now(self, what: str) -> str:
        """Say what to leave out from now until the appointment."""

    @abstractmethod
    def starts_in(self, span: ElapsedSpan) -> str: ...

    @abstractmethod
    def pick_up_in(self, span: ElapsedSpan) -> str: ...

    @abstractmethod
    def taken_home(self, name: str, ride: Ride) -> str:
        """Say to the person who takes them home; ``name`` is empty where nobody is named."""

    @abstractmethod
    def escort(self) -> str:
        """Return what the person's escort is called whose name may not be said."""

    @abstractmethod
    def stage(self, begins: str, begins_by: str, name: str, until: str) -> str:
        """Return a line of a stage; ``begins_by`` is empty where it begins at one time."""

    @abstractmethod
    def co_medication(self, window: CoMedicationWindow) -> str: ...

    @abstractmethod
    def task(self, name: str, first: str, last: str, held: Sequence[str]) -> str: ...

    @abstractmethod
    def check(self, what: str, times: Sequence[str]) -> str: ...

    # --- to the clinic -----------------------------------------------------------------------

    @abstractmethod
    def arrives(self, clock: str) -> str: ...

    @abstractmethod
    def may_leave(self, when: str) -> str: ...

    @abstractmethod
    def ends(self, when: str) -> str: ...

    @abstractmethod
    def no_driving_until(self, when: str, rest: ElapsedSpan | None) -> str: ...

    @abstractmethod
    def ride_home(self, who: Sequence[str], ride: Ride | None) -> str:
        """Return who drives, name and number as far as they may be said, and their answer."""

    @abstractmethod
    def provisional_until(self, question: str) -> str: ...

    # --- to the escort -----------------------------------------------------------------------

    @abstractmethod
    def pick_up(self, of: str, by: str) -> str:
        """Return the title of a ride; either may be empty."""

    @abstractmethod
    def ready(self, when: str, clock: str) -> str: ...

    @abstractmethod
    def at_the_door(self, minutes: int) -> str: ...

    @abstractmethod
    def stay(self, span: ElapsedSpan) -> str: ...

    @abstractmethod
    def where(self, place: str) -> str: ...

    @abstractmethod
    def pick_up_on(self, day: str, when: str) -> str: ...

    @abstractmethod
    def can_you(self, day: str) -> str:
        """Return the subject of a message that asks for a ride."""

    @abstractmethod
    def pick_up_cancelled(self, day: str) -> str: ...


def end_of(end: date | datetime, day: str) -> str:
    """Return an end of a window: a date, with the time where it is a moment."""
    return f"{day} {end:%H:%M}" if isinstance(end, datetime) else day
