"""Adaptations that act only from a time on: a response before it changes nothing, and asks."""

from __future__ import annotations

from datetime import date
from itertools import pairwise

import attrs
import pytest

from protocol_sched import catalog
from protocol_sched.errors import InvalidDocument, InvalidValue
from protocol_sched.expansion import expand
from protocol_sched.formats.documents import documents
from protocol_sched.model.agenda import Agenda
from protocol_sched.model.course import Course, Event, Given, Reviewed
from protocol_sched.model.protocol import Protocol
from protocol_sched.model.references import EndOf, StartOf
from protocol_sched.model.responses import Adaptation, NewCadence
from protocol_sched.model.spans import MonthEnd, calendar_span
from protocols import every, phase, protocol

STABLE = "stable on infusions every 4 weeks for 12 months"


def natalizumab(*events: Event, as_of: date) -> Agenda:
    """Return the agenda after a first infusion on 10 January 2025 and one on the date before."""
    first = Given(visit="treatment-1", on=date(2025, 1, 10))
    of = catalog.load("natalizumab")
    run = Course(key="c", protocol=of, not_before=first.on, events=(first, *events))
    return expand(run, as_of, until=date(2026, 6, 1))


def gaps(agenda: Agenda) -> set[int]:
    """Return the days between infusions still to come."""
    days = [due.foreseen.day for due in agenda.dues if due.phase == "treatment" and due.foreseen]
    return {(later - earlier).days for earlier, later in pairwise(days)}


def test_a_stable_month_3_does_not_stretch_the_interval_and_asks() -> None:
    """NOVA: every 6 weeks only after 12 months or more on every 4 weeks."""
    early = Reviewed(on=date(2025, 4, 10), scores={STABLE: 1})
    agenda = natalizumab(early, as_of=date(2025, 4, 10))
    assert gaps(agenda) == {28}
    asked = [one for one in agenda.questions if one.id.startswith("early-")]
    assert [one.asks for one in asked] == [
        f"{STABLE} was 1 on 2025-04-10, and 'every-six-weeks' acts from 2026-01-10 on; is it "
        "recorded again then?"
    ]


@pytest.mark.parametrize(("on", "acts"), [(date(2026, 1, 9), False), (date(2026, 1, 10), True)])
def test_twelve_months_to_the_day_it_acts(on: date, acts: bool) -> None:
    given: list[Event] = [
        Given(
            visit=f"treatment-{n + 2}", on=date.fromordinal(date(2025, 2, 7).toordinal() + 28 * n)
        )
        for n in range(12)
    ]
    agenda = natalizumab(*given, Reviewed(on=on, scores={STABLE: 1}), as_of=date(2026, 1, 10))
    assert gaps(agenda) == ({42} if acts else {28})
    assert any(one.id.startswith("early-") for one in agenda.questions) is not acts


def from_second(what: str) -> Protocol:
    slower = Adaptation(
        name="slower",
        measure="stable",
        at_least=1,
        not_before=calendar_span("2 weeks"),
        from_=StartOf(what),
        then=NewCadence(cadence=every("14 days"), phase="second"),
        source="local",
    )
    two = protocol(phase("first", every("7 days"), "2"), phase("second", every("7 days"), "6"))
    return attrs.evolve(two, adaptations=(slower,), month_end=MonthEnd.LAST_DAY)


@pytest.mark.parametrize(("what", "acts"), [("course", True), ("second", False)])
def test_the_time_is_counted_from_the_course_or_from_a_phase(what: str, acts: bool) -> None:
    days = {"first-1": 1, "first-2": 8, "second-1": 15, "second-2": 22}
    events = [Given(visit=visit, on=date(2027, 3, day)) for visit, day in days.items()]
    review = Reviewed(on=date(2027, 3, 23), scores={"stable": 1})
    run = Course(key="c", protocol=from_second(what), events=(*events, review))
    due = expand(run, date(2027, 3, 23)).due("second-3")
    assert due.target is not None
    assert due.target.day == (date(2027, 4, 5) if acts else date(2027, 3, 29))


def test_it_reads_back_as_it_was_written() -> None:
    of = from_second("second")
    assert documents.protocol_from_dict(documents.protocol_to_dict(of)) == of


def test_a_start_that_is_none_is_refused() -> None:
    with pytest.raises(InvalidDocument, match="names 'third'; known: first, second, course"):
        from_second("third")
    slower = from_second("second").adaptations[0]
    with pytest.raises(InvalidValue, match="the start of course or a phase"):
        attrs.evolve(slower, from_=EndOf("first"))
    with pytest.raises(InvalidValue, match="given with not_before"):
        attrs.evolve(slower, not_before=None)
