"""A course's events, sorted by what they are about."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from functools import cached_property
from typing import assert_never

import attrs

from protocol_sched.model import standing
from protocol_sched.model.agenda import PastVisit, Rules
from protocol_sched.model.course import (
    RIDE_HOME,
    Amended,
    Answered,
    Cancelled,
    Confirmed,
    Declined,
    Deferred,
    Discontinued,
    Event,
    Exempted,
    Given,
    Happened,
    Missed,
    Notified,
    Omitted,
    Pinned,
    Requested,
    Reviewed,
    Tested,
    Waived,
    as_counted,
)
from protocol_sched.model.moments import later_by
from protocol_sched.model.protocol import VisitType


@attrs.frozen(kw_only=True)
class History:
    """Events by kind; within a kind in order of date, those of one date as they were recorded."""

    given: Mapping[str, tuple[Given, ...]]
    """By the visit's identity."""
    happened: Mapping[str, tuple[date, ...]]
    """By the event's name."""
    tested: Mapping[str, tuple[Tested, ...]]
    """By the gate's name."""
    answers: Mapping[str, str]
    """By the question's identity; the last answer counts."""
    pins: Mapping[str, Pinned]
    """By the visit's identity; the last pin counts, until the visit is missed or put off."""
    missed: Mapping[str, tuple[date, ...]]
    """By the visit's identity."""
    deferred: Mapping[str, Deferred]
    """By the visit's identity; the last one counts."""
    amended: tuple[Amended, ...]
    requested: tuple[Requested, ...]
    reviewed: tuple[Reviewed, ...]
    omitted: Mapping[str, date]
    """When it was said, by the visit's identity."""
    waived: tuple[str, ...]
    discontinued: Discontinued | None
    exempted: Mapping[tuple[str, str], Exempted] = attrs.field(factory=dict)
    """By the visit's identity and the kind of rule; the last one counts."""
    answered: Mapping[str, Answered] = attrs.field(factory=dict)
    """By the question's identity, with who said it when; the last answer counts."""

    @cached_property
    def counted(self) -> tuple[tuple[str, date], ...]:
        """Return the visits that were given and count, by identity, with their dates."""
        first = {
            visit: next((event.on for event in given if event.counts), None)
            for visit, given in self.given.items()
        }
        return tuple((visit, on) for visit, on in first.items() if on is not None)

    @cached_property
    def unplanned(self) -> tuple[Given, ...]:
        """Return the visits that were given and count though nobody had planned them."""
        return tuple(
            event
            for given in self.given.values()
            for event in given
            if event.counts and event.unplanned_in is not None
        )

    def waiver(self, visit: str, *kinds: str) -> standing.Waived | None:
        """Return who exempted a visit from a rule called one of these; ``None`` if nobody did."""
        for kind in kinds:
            if (event := self.exempted.get((visit, kind))) is not None:
                return standing.Waived(waived_on=event.on, by=event.by, why=event.why)
        return None

    def decided(self, visit: str, rule: Rules) -> Rules:
        """Return a rule as waived where a clinician exempted a visit from it, else as it is."""
        waived = self.waiver(visit, rule.rule)
        if waived is None or rule.status is not None or not rule.can_be_waived:
            return rule
        if rule.dated is None:  # a cap is about others too; what is left of it was laid out so
            return rule
        return attrs.evolve(rule, status=waived)

    @classmethod
    def of(cls, events: Iterable[Event]) -> History:
        """Sort events; nothing is refused."""
        given: dict[str, list[Given]] = defaultdict(list)
        happened: dict[str, list[date]] = defaultdict(list)
        tested: dict[str, list[Tested]] = defaultdict(list)
        answered: dict[str, Answered] = {}
        pins: dict[str, Pinned] = {}
        missed: dict[str, list[date]] = defaultdict(list)
        deferred: dict[str, Deferred] = {}
        amended: list[Amended] = []
        requested: list[Requested] = []
        reviewed: list[Reviewed] = []
        omitted: dict[str, date] = {}
        waived: dict[str, None] = {}
        discontinued: Discontinued | None = None
        exempted: dict[tuple[str, str], Exempted] = {}
        for event in sorted(as_counted(events), key=lambda event: event.on):
            match event:
                case Given():
                    given[event.visit].append(event)
                case Missed():
                    missed[event.visit].append(event.on)
                    pins.pop(event.visit, None)
                case Deferred():
                    deferred[event.visit] = event
                    pins.pop(event.visit, None)
                case Amended():
                    amended.append(event)
                case Omitted():
                    omitted[event.visit] = event.on
                case Discontinued():
                    discontinued = discontinued or event
                case Happened():
                    happened[event.event].append(event.on)
                case Tested():
                    tested[event.gate].append(event)
                case Reviewed():
                    reviewed.append(event)
                case Requested():
                    requested.append(event)
                case Answered():
                    answered[event.question] = event
                case Waived():
                    waived[event.visit] = None
                case Pinned():
                    pins[event.visit] = event
                case Exempted():
                    exempted[event.visit, event.rule] = event
                    if event.rule == RIDE_HOME:
                        waived[event.visit] = None
                case Notified() | Cancelled() | Confirmed() | Declined():
                    pass  # what people know binds no date; see model.known
                case _:
                    assert_never(event)
        return cls(
            given={visit: tuple(items) for visit, items in given.items()},
            happened={name: tuple(items) for name, items in happened.items()},
            tested={gate: tuple(items) for gate, items in tested.items()},
            answers={question: event.answer for question, event in answered.items()},
            pins=pins,
            missed={visit: tuple(days) for visit, days in missed.items()},
            deferred=deferred,
            amended=tuple(amended),
            requested=tuple(requested),
            reviewed=tuple(reviewed),
            omitted=omitted,
            waived=tuple(waived),
            discontinued=discontinued,
            exempted=exempted,
            answered=answered,
        )


def as_given(event: Given, title: str, kind: VisitType, number: int | None = None) -> PastVisit:
    """
    Return a visit that took place, with its longest end, so that no distance is too short.

    Args:
        number: Which of its type it was; without it the longest of the first two counts.
    """
    end = event.start
    if end is not None:
        numbers = (1, 2) if number is None else (number,)
        end = later_by(end, timedelta(minutes=max(map(kind.most, numbers))))
    return PastVisit(event.visit, title, event.on, event.start, end, kind.name, event.counts)
