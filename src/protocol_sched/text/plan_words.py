"""
What a plan says beside its rules and its proof, for whoever writes it in one more language.

Facts come in as values; what a protocol and a clinic call things stays in their own words.
Sentences begin in lower case where the language allows it and end without a full stop.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import date, datetime

import attrs

from protocol_sched.model.agenda import Due, Late, Need, PastVisit, Question, Untested
from protocol_sched.model.around import CoMedicationWindow
from protocol_sched.model.schedule import Ride
from protocol_sched.model.spans import ElapsedSpan, Span, SpanRange
from protocol_sched.model.wishes import Wish
from protocol_sched.text.naming import Naming


@attrs.frozen(kw_only=True)
class Kept:
    """How far apart two visits are in a plan, and what the rules about them ask."""

    found: int
    """In days, or in minutes where ``elapsed``; never negative."""
    elapsed: bool
    before: bool
    """The visit comes before the one it is measured from."""
    from_end: bool
    """It is measured from the other visit's end."""
    other: str
    """What the other visit is called, by `PlanWords.end`."""
    least: Span | None
    most: Span | None
    in_order: bool
    """The rules ask for no more than the order."""
    best: Sequence[SpanRange]
    floor: bool
    """The target is at the same time the nearest that is allowed."""
    of_anchor: bool
    """The rules are of the visit that comes before, not of the one spoken of."""
    off: int
    """So many days off target; 0 where that is said elsewhere."""


class PlanWords(ABC):
    """One language; where a text has no argument it is an attribute."""

    # --- the table ---------------------------------------------------------------------------
    visit: str
    date_head: str
    """The head of a column of dates with their years."""
    day_number: str
    """The head of the column with the days as a protocol numbers them."""
    arrive: str
    infusion: str
    main_stage: str
    may_leave: str
    since_last: str
    who_drives: str
    provisional: str
    """Behind the title of a visit that an open question decides about."""
    happened: str
    """What is said of something outside the course, and of visits that count and do not."""
    given: str
    did_not_count: str
    waived: str
    nobody_yet: str
    semicolon: str = "; "
    """Between two things that are said of one visit."""

    # --- headings and whole answers ----------------------------------------------------------
    around: str
    why_dates: str
    together: str
    nothing_yet: str
    """That all that is due waits for a decision."""
    nothing_due: str
    to_decide: str

    @abstractmethod
    def day_cell(self, day: date, year: bool) -> str:
        """Return a date in a column, the number of the day always two wide."""

    @abstractmethod
    def weekday(self, day: date) -> str:
        """Return a weekday, short."""

    @abstractmethod
    def short_day(self, day: date) -> str:
        """Return a date without weekday and year, short: ``6 Mar``."""

    @abstractmethod
    def days(self, number: int) -> str: ...

    @abstractmethod
    def from_by(self, first: str, last: str) -> str:
        """Return from when on somebody may leave, and by when."""

    @abstractmethod
    def driver(self, name: str, ride: Ride | None) -> str:
        """Return who drives, with the answer where there is one."""

    @abstractmethod
    def hidden(self, number: int, first: date) -> str:
        """Say that so many earlier visits are not shown."""

    @abstractmethod
    def titles(self, titles: Sequence[str]) -> str:
        """Return titles in their order, numbered runs shortened."""

    @abstractmethod
    def end(self, end: str | PastVisit, names: Naming) -> str:
        """Return what a sentence calls a visit; one given with its date."""

    # --- around the visits -------------------------------------------------------------------

    @abstractmethod
    def fast(self, what: str, day: date | None, clock: str) -> str:
        """Say from when to leave something out; ``day`` where it is not that of the visit."""

    @abstractmethod
    def co_medication(self, window: CoMedicationWindow) -> str: ...

    @abstractmethod
    def check(self, what: str, times: Sequence[str]) -> str: ...

    @abstractmethod
    def task(self, name: str, start: tuple[date | None, str], end: tuple[date | None, str]) -> str:
        """Say when something is done; a date where it is not that of what stands before it."""

    # --- why these dates ---------------------------------------------------------------------

    @abstractmethod
    def waited(self, days: int, other: str) -> str:
        """Say how long after the first possible date a visit is."""

    @abstractmethod
    def kept(self, kept: Kept) -> str:
        """Say a distance and the rule about it: ``2 days after infusion 2 (rule: 2 to 5)``."""

    # --- what is known about it --------------------------------------------------------------

    @abstractmethod
    def not_shown(self, number: int, until: date) -> str:
        """Say that so many visits more are planned after a date."""

    @abstractmethod
    def overruled(self, by: str, rule: str) -> str:
        """Say that one rule, said already, overrules another."""

    @abstractmethod
    def this_plan(self, costs: str) -> str: ...

    @abstractmethod
    def wish(self, wish: Wish) -> str:
        """Say how often a preference is met: ``on the same weekday 4 of 6 visits``."""

    @abstractmethod
    def wishes(self, unmet: Sequence[str]) -> str:
        """Say which preferences are met only in part."""

    @abstractmethod
    def gave_way(self, titles: Sequence[str]) -> str:
        """Say that visits can only be late."""

    @abstractmethod
    def late_start(self, visit: str, days: int) -> str:
        """Say that a course waits so long, because its file says that waiting is free."""

    @abstractmethod
    def unconfirmed(self, titles: Sequence[str]) -> str:
        """Name visits whose ride home nobody has confirmed."""

    @abstractmethod
    def declined(self, titles: Sequence[str]) -> str: ...

    @abstractmethod
    def may_take_longer(self, stage: str, until: str) -> str: ...

    @abstractmethod
    def times_are_in(self, zone: str, clocks: Sequence[tuple[str, date, date]]) -> str:
        """
        Say whose clock the times are.

        Args:
            clocks: Abbreviations with the first and the last day of a visit on which each holds.
        """

    @abstractmethod
    def closed(self, closures: Sequence[tuple[Sequence[date], str, str]], year: bool) -> str:
        """
        Say on which days the clinic is closed on the way.

        Args:
            closures: Days, hours where it is not the whole day, and why, where that is known.
        """

    # --- what stands above it, and short notice ----------------------------------------------

    @abstractmethod
    def variant(
        self, country: str, indication: str, version: str, since: date | None, until: date | None
    ) -> str:
        """Say which wording of a protocol this is, as far as it is stated; empty for nothing."""

    @abstractmethod
    def over(self, visit: str, moment: datetime) -> str:
        """Say that a visit would have begun already."""

    @abstractmethod
    def too_near(self, visit: str, minutes: int, fasts: Sequence[tuple[str, ElapsedSpan]]) -> str:
        """Say that a visit begins in less time than its instructions ask for."""

    @abstractmethod
    def ride_unconfirmed(self, visit: str, by: datetime) -> str:
        """Say by when the ride home had to be confirmed."""

    # --- what is open ------------------------------------------------------------------------

    @abstractmethod
    def ended(self, why: str) -> str: ...

    @abstractmethod
    def waits_for_decision(self, titles: Sequence[str]) -> str: ...

    @abstractmethod
    def provisional_until(self, titles: Sequence[str], question: str) -> str: ...

    @abstractmethod
    def late(self, late: Late) -> str: ...

    @abstractmethod
    def overdue(self, due: Due) -> str: ...

    @abstractmethod
    def waits_for(self, titles: Sequence[str], needs: Sequence[Need]) -> str:
        """
        Say which tests, or which receipts, visits wait for.

        The dates are those of the one visit; of several each has its own, said by `test_window`.
        """

    @abstractmethod
    def test_window(self, needs: Sequence[Need]) -> str:
        """
        Return the dates on which the tests of one visit count: ``between 2 and 5 March``.

        Each with its test, where they differ; empty where no date is known.
        """

    @abstractmethod
    def accepted(self, visit: str, gate: str, instead: str, on: date, source: str) -> str:
        """Say that something else is accepted instead of a test."""

    @abstractmethod
    def untested(self, one: Untested) -> str:
        """Ask after a test that is not on record."""

    @abstractmethod
    def unrecorded(self, past: PastVisit, on: str) -> str:
        """Ask whether a visit took place whose time has come."""

    @abstractmethod
    def question(self, question: Question) -> str:
        """Return a question with its choices."""
