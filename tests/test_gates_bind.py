"""Gates bind plans: a test on record, one too old, one not done yet, one not passed."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import attrs
import pytest

from protocol_sched import catalog, first_dates, plan_course, violations
from protocol_sched.expansion import expand
from protocol_sched.judge.verdicts import Judged, judge_history, verdict
from protocol_sched.model.agenda import Gated, Need
from protocol_sched.model.availability import Clinic, DatedHours, Hours, Person, Place
from protocol_sched.model.course import Course, Event, Given
from protocol_sched.model.course import Tested as GateTested
from protocol_sched.model.gates import Gate, Outcome
from protocol_sched.model.numbers import Ordinals
from protocol_sched.model.plain import WEEKDAYS
from protocol_sched.model.protocol import Protocol
from protocol_sched.model.schedule import Plan, Proof
from protocol_sched.model.spans import parse_span
from protocol_sched.text.plans import plan_text
from protocols import every, phase, protocol

ZONE = ZoneInfo("UTC")
SOMEBODY = Person(key="somebody")
OPEN = Clinic(name="Clinic", zone=ZONE, hours=Hours.of(dict.fromkeys(WEEKDAYS, "08:00-20:00")))


def march(day: int) -> date:
    return date(2027, 3, day)


def at(day: int, hour: int) -> datetime:
    return datetime(2027, 3, day, hour, tzinfo=ZONE)


def guarded(
    *,
    min_age: str | None = None,
    age: str | None = None,
    before: str = "first",
    if_not: str = "hold",
) -> Protocol:
    """Return three infusions a week apart behind a test."""
    gate = Gate(
        name="lab",
        before=Ordinals.parse(before),
        min_age=parse_span(min_age) if min_age else None,
        max_age=parse_span(age) if age else None,
        if_not=Outcome(if_not),
        source="local",
    )
    return attrs.evolve(protocol(phase("v", every("7 days"), "3")), gates=(gate,))


def course(of: Protocol, *events: Event, start: int = 1) -> Course:
    return Course(key="c", protocol=of, not_before=march(start), events=events)


def closed_until(day: int) -> Clinic:
    shut = DatedHours(first=march(1), last=march(day - 1))
    return attrs.evolve(OPEN, closures=[shut])


def passed(day: int, *, at: datetime | None = None) -> GateTested:
    return GateTested(gate="lab", on=march(day), at=at)


def failed(day: int) -> GateTested:
    return GateTested(gate="lab", on=march(day), passed=False)


def planned(of: Course, as_of: int, clinic: Clinic = OPEN) -> Plan:
    return plan_course(of, clinic, SOMEBODY, as_of=march(as_of))


def days(plan: Plan) -> list[date]:
    assert plan.schedule is not None
    return [visit.day for visit in plan.schedule.visits]


def waits(plan: Plan) -> dict[str, tuple[date | None, date | None]]:
    assert plan.schedule is not None
    return {
        visit.id: (need.earliest, need.latest)
        for visit in plan.schedule.visits
        for need in visit.waits_for
    }


# --- the lead --------------------------------------------------------------------------------


@pytest.mark.parametrize("if_not", ["hold", "delay", "stop"])
def test_a_passed_test_holds_the_visit_back_by_its_lead(if_not: str) -> None:
    run = course(guarded(min_age="2 weeks", if_not=if_not), passed(3), start=4)
    plan = planned(run, 4)
    assert days(plan) == [march(17), march(24), march(31)]
    assert waits(plan) == {}
    assert first_dates(run, OPEN, SOMEBODY, as_of=march(4))[0].day == march(17)
    due = expand(run, march(4)).due("v-1")
    assert due.earliest is not None
    assert due.forecast is not None
    assert (due.earliest.day, due.forecast.day) == (march(17), march(17))
    assert due.earliest.rule == "at least 2 weeks after lab of 2027-03-03"
    early = verdict(run, "v-1", march(4))
    assert (early.judged, early.days, early.unmet) == (Judged.TOO_EARLY, 13, ("lab",))
    assert verdict(run, "v-1", march(17)).unmet == ()


def test_a_test_not_done_yet_leaves_room_for_its_lead_and_is_asked_for() -> None:
    plan = planned(course(guarded(min_age="2 weeks"), start=4), 4)
    assert days(plan) == [march(18), march(25), date(2027, 4, 1)]
    assert waits(plan) == {"v-1": (None, march(4))}
    text = plan_text(plan)
    assert "Infusion 1 needs a test first: lab, on or before Thu 4 March 2027." in text
    says = "infusion 1 must come at least 2 weeks after lab (not on record as passed; "
    assert f"{says}Thu 4 March or later)" in " ".join(text.split())


def test_one_more_pass_does_not_hide_an_older_one() -> None:
    run = course(guarded(min_age="2 weeks"), passed(1), passed(12), start=4)
    assert days(planned(run, 12))[0] == march(15)


def test_a_newer_test_that_was_not_passed_counts_and_not_the_older_one() -> None:
    run = course(guarded(min_age="2 weeks"), passed(1), failed(12), start=4)
    agenda = expand(run, march(12))
    assert [due.tentative for due in agenda.dues] == [True] * 3
    assert [question.id for question in agenda.questions] == ["gate-lab-v-1"]


def test_a_test_is_either_old_enough_or_fresh_and_in_between_there_is_no_date() -> None:
    of = guarded(min_age="5 days", age="7 days")
    run = course(of, passed(1), start=1)
    # from the test of 1 March: 6 to 8 March; from one on 6 March: 11 March or later
    assert days(planned(run, 6, closed_until(6)))[0] == march(6)
    plan = planned(run, 6, closed_until(9))
    assert days(plan)[0] == march(11)
    assert waits(plan) == {"v-1": (march(6), march(6))}
    agenda = expand(run, march(9))
    due = agenda.due("v-1")
    assert due.forecast is not None
    assert due.forecast.day == march(14)


# --- the greatest age ------------------------------------------------------------------------


def test_a_test_too_old_for_the_planned_date_is_asked_for_with_the_days_it_must_fall_on() -> None:
    run = course(guarded(age="3 days"), passed(8), start=8)
    near = planned(run, 8)
    assert (days(near)[0], waits(near)) == (march(8), {})
    plan = planned(run, 8, closed_until(18))
    assert days(plan)[0] == march(18)
    assert waits(plan) == {"v-1": (march(15), march(18))}
    text = " ".join(plan_text(plan).split())
    assert "Infusion 1 needs a test first: lab, between Mon 15 March and Thu 18 March 2027." in text
    assert verdict(run, "v-1", march(18)).unmet == ("lab",)


def test_a_test_day_can_be_no_earlier_than_the_day_of_the_plan() -> None:
    plan = planned(course(guarded(age="30 days"), start=4), 4)
    assert waits(plan) == {"v-1": (march(4), march(4))}


def test_hours_of_a_test_are_real_minutes() -> None:
    run = course(guarded(age="48 hours"), passed(17, at=at(17, 9)), start=17)
    in_time = planned(run, 17, closed_until(19))
    assert (days(in_time)[0], waits(in_time)) == (march(19), {})
    late = attrs.evolve(OPEN, hours=Hours.of(dict.fromkeys(WEEKDAYS, "12:00-20:00")))
    shut = DatedHours(first=march(1), last=march(18))
    plan = planned(run, 17, attrs.evolve(late, closures=[shut]))
    assert waits(plan) == {"v-1": (march(17), march(19))}


def test_a_visit_71_hours_after_a_test_of_at_most_48_is_not_in_time() -> None:
    test = passed(17, at=datetime(2027, 3, 17, 0, 5, tzinfo=ZONE))
    infusion = Given(visit="v-1", on=march(19), start=at(19, 23))
    found = judge_history(course(guarded(age="48 hours"), test, infusion))
    assert found[0].unmet == ("lab",)
    early = attrs.evolve(infusion, on=march(18), start=at(18, 23))
    assert judge_history(course(guarded(age="48 hours"), test, early))[0].unmet == ()


def test_pegloticase_on_an_old_uric_acid_waits_for_a_new_one() -> None:
    pegloticase = catalog.load("pegloticase")
    tests = [
        GateTested(gate=gate.name, on=march(day)) for day in (1, 17) for gate in pegloticase.gates
    ]
    first = Given(visit="treatment-1", on=march(3))
    run = Course(key="c", protocol=pegloticase, not_before=march(3), events=(first, *tests))
    shut = DatedHours(first=march(1), last=march(25))
    clinic = example_like(attrs.evolve(OPEN, closures=[shut]), run.protocol)
    plan = plan_course(run, clinic, SOMEBODY, as_of=march(18))
    assert days(plan) == [march(26)]
    assert waits(plan) == {"treatment-2": (march(24), march(26))}


def example_like(clinic: Clinic, of: Protocol) -> Clinic:
    """Return the clinic with one place of each kind that a protocol needs."""
    kinds = {kind for one in of.visit_types for s in one.stages for kind, _ in s.needs}
    return attrs.evolve(clinic, places=[Place(name=f"{k} 1", kind=k) for k in sorted(kinds)])


# --- not passed ------------------------------------------------------------------------------


def test_after_a_failed_test_under_delay_the_next_possible_day_is_named() -> None:
    run = course(guarded(before="each", if_not="delay"), failed(17), start=17)
    plan = planned(run, 17)
    assert days(plan)[0] == march(18)
    assert waits(plan)["v-1"] == (march(18), march(18))
    need = expand(run, march(17)).due("v-1").needs
    assert need == (Need(gate="lab", earliest=march(18), latest=march(18), source="local"),)


def test_a_failed_test_stops_or_holds_however_old_it_is() -> None:
    stopped = course(guarded(age="3 days", if_not="stop"), failed(1), start=1)
    assert expand(stopped, march(20)).ended == "lab of 2027-03-01 was not passed"
    held = course(guarded(age="3 days"), failed(1), start=1)
    assert expand(held, march(20)).due("v-1").tentative
    again = held.after([passed(20)])
    assert days(planned(again, 20))[0] == march(20)


# --- the judge -------------------------------------------------------------------------------


def test_the_judge_refuses_a_plan_that_does_not_say_that_it_waits() -> None:
    run = course(guarded(age="3 days"), passed(8), start=8)
    plan = planned(run, 8, closed_until(18))
    assert plan.schedule is not None
    assert plan.proof is Proof.OPTIMAL
    first, *others = plan.schedule.visits
    silent = attrs.evolve(first, waits_for=())
    schedule = attrs.evolve(plan.schedule, visits=[silent, *others], slacks=())
    found = violations(plan.agenda, schedule, closed_until(18), SOMEBODY, run.protocol)
    assert [(one.rule, one.visits) for one in found] == [("waiting", ("v-1",))]


def test_the_judge_finds_a_visit_nearer_to_its_test_than_the_lead() -> None:
    run = course(guarded(min_age="2 weeks"), passed(3), start=4)
    plan = planned(run, 4)
    assert plan.schedule is not None
    rules = [rule for rule in plan.agenda.bindings if not isinstance(rule, Gated)]
    without = attrs.evolve(plan.agenda, bindings=rules)
    unbound = attrs.evolve(run, events=())
    early = plan_course(
        attrs.evolve(unbound, protocol=attrs.evolve(run.protocol, gates=())),
        OPEN,
        SOMEBODY,
        as_of=march(4),
    )
    assert early.schedule is not None
    schedule = attrs.evolve(early.schedule, slacks=())
    assert violations(without, schedule, OPEN, SOMEBODY, run.protocol) == ()
    found = violations(plan.agenda, schedule, OPEN, SOMEBODY, run.protocol)
    assert {one.rule for one in found} == {"gate", "waiting"}
