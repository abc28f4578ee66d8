"""
A phase that waits for a visit beside the treatments, such as the scan that says how it went.

Source: trial designs, whose treatment periods begin so long after a restaging visit.
"""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from protocol_sched.errors import InvalidDocument
from protocol_sched.judge.recording import record
from protocol_sched.judge.verdicts import judge_history
from protocol_sched.model.course import Course, Event
from protocol_sched.model.other_visits import OtherVisit
from protocol_sched.model.protocol import Phase, Protocol
from protocol_sched.model.references import parse_reference
from protocol_sched.model.rules import Separation
from protocol_sched.model.verdict import Judged
from protocols import apart, at, course, dates, day, every, given, phase, protocol, seen, starts

SCAN = OtherVisit(
    name="scan",
    visit="review",
    anchor=parse_reference("end of first"),
    cadence=at("14 days"),
    source="local",
)
FIRST = phase("first", every("1 week"), "2")


def second(*limits: Separation, waits: Iterable[str] = ("end of scan",)) -> Phase:
    begins = starts("7 days", *waits)
    return phase("second", every("3 weeks"), "2", begins=begins, separations=limits)


def plan(*limits: Separation, scan: OtherVisit = SCAN) -> Protocol:
    return protocol(FIRST, second(*limits), other_visits=[scan])


def lived(*events: Event, which: Protocol | None = None) -> Course:
    run = course(which or plan(), start="2027-03-01")
    return record(run, events, as_of=day("2027-06-30"))


def test_it_begins_so_long_after_the_visit_it_waits_for() -> None:
    agenda = seen(lived(), "2027-03-01")
    assert dates(agenda, "scan")[1] == "2027-03-22"
    assert dates(agenda, "second-1")[:2] == ("2027-03-29", "2027-03-29")
    assert dates(agenda, "second-2")[1] == "2027-04-19"


def test_it_moves_with_that_visit() -> None:
    run = lived(*given(first_1="2027-03-01", first_2="2027-03-08", scan="2027-03-25"))
    assert dates(seen(run, "2027-03-25"), "second-1")[1] == "2027-04-01"


def test_it_is_judged_by_that_visit() -> None:
    first = given(first_1="2027-03-01", first_2="2027-03-08", scan="2027-03-25")
    run = lived(*first, *given(second_1="2027-03-30"))
    judged = {one.visit: one.judged for one in judge_history(run)}
    assert judged["second-1"] is Judged.BEFORE_TARGET


def test_a_limit_is_measured_from_another_visit() -> None:
    limit = apart("end of scan", least="10 days", most="15 days")
    agenda = seen(lived(which=plan(limit)), "2027-03-01")
    assert dates(agenda, "second-1") == ("2027-04-01", "2027-04-01", "2027-04-06")


def test_a_limit_from_the_first_visit_is_there_beside_one_from_the_visit_before() -> None:
    """Source: ferric carboxymaltose and others, a course to be over so long after its first day."""
    both = [apart(least="5 days"), apart("start of course", most="30 days")]
    run = lived(which=protocol(phase("first", every("1 week"), "3", separations=both)))
    assert dates(seen(run, "2027-03-01"), "first-3") == ("2027-03-13", "2027-03-15", "2027-03-31")


def test_it_waits_for_nothing_that_waits_for_itself() -> None:
    behind = OtherVisit(
        name="scan",
        visit="review",
        anchor=parse_reference("end of second"),
        cadence=at("14 days"),
        source="local",
    )
    with pytest.raises(InvalidDocument, match=r"starts.from: names 'scan'"):
        plan(scan=behind)
