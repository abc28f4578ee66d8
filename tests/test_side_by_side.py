"""
Two series of visits side by side, each with a cadence of its own.

Source: trial designs in USDM have several timelines side by side, such as PK samples beside cycles
or telephone calls beside visits, each with a cadence of its own.
"""

from __future__ import annotations

import attrs
import pytest

from protocol_sched.errors import InvalidValue
from protocol_sched.judge.recording import record
from protocol_sched.judge.verdicts import judge_history
from protocol_sched.model.course import Course, Event, Omitted
from protocol_sched.model.numbers import Count
from protocol_sched.model.other_visits import CountedFrom, OtherVisit
from protocol_sched.model.references import parse_reference
from protocol_sched.model.spans import parse_range
from protocol_sched.model.verdict import Judged
from protocol_sched.text.protocol_rules import rule_text
from protocols import at, course, day, every, given, phase, protocol, seen, target, window

INJECTIONS = OtherVisit(
    name="denosumab",
    visit="review",
    anchor=parse_reference("start of course"),
    cadence=every("4 weeks"),
    counted_from=CountedFrom.ONE_BEFORE,
    first=parse_range("0 days"),
    visits=Count(4, 4),
    tolerance=window("3 days", "3 days"),
    source="local",
)
PLAN = protocol(phase("infusions", every("3 weeks"), "5"), other_visits=[INJECTIONS])
NAMES = ("denosumab-1", "denosumab-2", "denosumab-3", "denosumab-4")


def lived(*events: Event) -> Course:
    run = course(PLAN, start="2027-03-01")
    return record(run, [*given(infusions_1="2027-03-01"), *events], as_of=day("2027-06-30"))


def dates(run: Course, on: str = "2027-03-02") -> list[str]:
    agenda = seen(run, on)
    due = {one.id for one in agenda.dues}
    return [target(agenda, name)[5:] for name in NAMES if name in due]


def test_a_series_has_its_own_cadence_from_its_anchor_on() -> None:
    assert dates(lived()) == ["03-02", "03-30", "04-27", "05-25"]


def test_one_given_late_moves_those_behind_it_and_no_infusion() -> None:
    late = given(denosumab_1="2027-03-01", denosumab_2="2027-04-05")
    run = lived(*late)
    assert dates(run, "2027-04-05") == ["05-03", "05-31"]
    assert target(seen(run, "2027-03-02"), "infusions-3") == "2027-04-12"


def test_a_treatment_given_late_moves_none_of_them() -> None:
    run = lived(*given(denosumab_1="2027-03-01", infusions_2="2027-03-30"))
    assert dates(run, "2027-03-30") == ["03-30", "04-27", "05-25"]


def test_one_left_out_keeps_its_place() -> None:
    gone = Omitted(visit="denosumab-2", on=day("2027-03-28"))
    assert dates(lived(*given(denosumab_1="2027-03-01"), gone), "2027-03-28") == ["04-26", "05-24"]


def test_it_is_judged_by_the_one_before() -> None:
    run = lived(*given(denosumab_1="2027-03-01", denosumab_2="2027-04-05"))
    judged = {one.visit: one.judged for one in judge_history(run)}
    assert judged["denosumab-2"] is Judged.TOO_LATE
    again = record(run, given(denosumab_3="2027-05-06"), as_of=day("2027-05-06"))
    assert {one.visit: one.judged for one in judge_history(again)}[
        "denosumab-3"
    ] is Judged.IN_WINDOW


def test_one_without_an_end_goes_as_far_as_it_is_asked_for() -> None:
    forever = attrs.evolve(INJECTIONS, visits=Count(0, None))
    plan = protocol(phase("infusions", every("3 weeks"), "5"), other_visits=[forever])
    run = course(plan, *given(infusions_1="2027-03-01", denosumab_1="2027-03-01"))
    assert [due.id for due in seen(run, "2027-03-02").dues if due.phase == "denosumab"] == [
        "denosumab-2"
    ]
    agenda = seen(run, "2027-03-02", "2027-05-01")
    assert target(agenda, "denosumab-3") == "2027-04-26"


def test_it_ends_so_long_after_its_anchor() -> None:
    some = attrs.evolve(INJECTIONS, visits=None, until=parse_range("9 weeks").least)
    plan = protocol(phase("infusions", every("3 weeks"), "5"), other_visits=[some])
    run = course(plan, *given(infusions_1="2027-03-01", denosumab_1="2027-03-01"))
    agenda = seen(run, "2027-03-02")
    assert [due.id for due in agenda.dues if due.phase == "denosumab"] == [
        "denosumab-2",
        "denosumab-3",
    ]


def test_it_is_said() -> None:
    text = rule_text(INJECTIONS)
    assert "every 4 weeks" in text
    assert "the first on the day of the start of the course" in text


def test_only_visits_every_so_often_are_such_a_series() -> None:
    with pytest.raises(InvalidValue, match="every so often"):
        attrs.evolve(INJECTIONS, cadence=at("day 1"), first=None)
    with pytest.raises(InvalidValue, match="one before"):
        attrs.evolve(INJECTIONS, counted_from=CountedFrom.ANCHOR)
