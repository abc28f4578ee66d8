"""One visit exempted from one rule: the rule does not bind it, the others do, and all say who."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import attrs
import pytest

from protocol_sched import violations
from protocol_sched.errors import InvalidEvent
from protocol_sched.expansion import expand
from protocol_sched.judge.recording import record
from protocol_sched.judge.verdicts import Judged, judge_history, verdict
from protocol_sched.model.agenda import AtMost
from protocol_sched.model.availability import Clinic, Hours, Person
from protocol_sched.model.before_and_after import RideHome
from protocol_sched.model.course import Course, Event, Exempted, Given, Waived
from protocol_sched.model.plain import WEEKDAYS
from protocol_sched.model.protocol import Protocol
from protocol_sched.model.rules import Cap
from protocol_sched.model.schedule import Plan
from protocol_sched.model.spans import CalendarSpan
from protocol_sched.planning.course import plan_course
from protocol_sched.text.plans import plan_text
from protocol_sched.text.verdicts import history_text
from protocols import TREATMENT, apart, every, phase, protocol, window

OPEN = Clinic(
    name="Clinic", zone=ZoneInfo("UTC"), hours=Hours.of(dict.fromkeys(WEEKDAYS, "08:00-20:00"))
)
SOMEBODY = Person(key="somebody")


def march(day: int) -> date:
    return date(2027, 3, day)


def course(of: Protocol, *events: Event) -> Course:
    return Course(key="c", protocol=of, not_before=march(1), events=events)


def exempted(visit: str, rule: str) -> Exempted:
    return Exempted(visit=visit, rule=rule, by="Dr Okoye", why="travels", on=march(1))


def planned(run: Course, as_of: int = 1) -> Plan:
    return plan_course(run, OPEN, SOMEBODY, as_of=march(as_of))


def days(run: Course, as_of: int = 1) -> list[int]:
    """Return the days of March of a plan that the judge finds nothing in."""
    plan = planned(run, as_of)
    assert plan.schedule is not None
    assert violations(plan.agenda, plan.schedule, OPEN, SOMEBODY, run.protocol) == ()
    return [visit.day.day for visit in plan.schedule.visits]


def capped() -> Protocol:
    """Return four daily infusions, at most one in any 3 days."""
    cap = Cap(most=1, in_any=CalendarSpan(days=3), source="local")
    return protocol(phase("v", every("1 day"), "4", caps=[cap]))


def test_a_visit_exempted_from_a_cap_follows_those_before_and_those_behind_count_from_it() -> None:
    assert days(course(capped())) == [1, 4, 7, 10]
    run = record(course(capped()), [exempted("v-2", "cap")], as_of=march(1))
    assert days(run) == [1, 2, 5, 8]
    text = " ".join(plan_text(planned(run)).split())
    assert text.startswith(
        "Rule waived by Dr Okoye on Mon 1 March (travels): at most 1 of infusion 1 and infusion 2 "
        "in any 3 days. visit"
    )
    earliest = expand(run, march(1)).due("v-2").earliest
    assert earliest is not None
    assert earliest.day == march(2)


@pytest.mark.parametrize("exempt", ["v-1", "v-2", "v-3", "v-4"])
def test_the_judge_finds_a_cap_broken_that_an_exemption_does_not_reach(exempt: str) -> None:
    run = course(capped(), exempted(exempt, "cap"))
    plan = planned(run)
    assert plan.schedule is not None
    caps = [rule for rule in plan.agenda.bindings if isinstance(rule, AtMost)]
    assert any(rule.status is not None for rule in caps) is True
    without = attrs.evolve(run.protocol, phases=[attrs.evolve(run.protocol.phases[0], caps=())])
    daily = planned(course(without)).schedule
    assert daily is not None
    judged = attrs.evolve(daily, slacks=())
    found = violations(plan.agenda, judged, OPEN, SOMEBODY, run.protocol)
    pairs = {one.visits for one in found if one.rule == "cap"}
    assert pairs
    assert all(visits[-1] != exempt for visits in pairs)


def mondays() -> Protocol:
    kind = attrs.evolve(TREATMENT, weekdays=("Monday",))
    of = protocol(phase("v", every("3 days"), "3"))
    return attrs.evolve(of, visit_types=(kind, *of.visit_types[1:]))


def test_a_visit_exempted_from_its_weekdays_may_be_on_any_day() -> None:
    assert days(course(mondays())) == [1, 8, 15]
    run = record(course(mondays()), [exempted("v-2", "weekdays")], as_of=march(1))
    assert days(run) == [1, 4, 8]
    assert "Rule waived by Dr Okoye on Mon 1 March (travels): infusion 2 must be on a Monday." in (
        plan_text(planned(run))
    )
    assert verdict(run, "v-2", march(4)).judged is not Judged.WRONG_WEEKDAY


def test_a_visit_exempted_from_the_order_may_be_on_the_date_of_the_one_before() -> None:
    of = protocol(phase("v", every("1 day"), "2"))
    both = [exempted("v-2", "order"), exempted("v-2", "floor")]
    run = record(course(of), both, as_of=march(1))
    notified = attrs.evolve(run, finish_by=march(1))
    plan = planned(notified)
    assert plan.schedule is not None
    assert [visit.day for visit in plan.schedule.visits] == [march(1), march(1)]
    first, second = plan.schedule.visits
    assert second.start >= first.discharge_by
    assert violations(plan.agenda, plan.schedule, OPEN, SOMEBODY, of) == ()
    text = " ".join(plan_text(plan).split())
    assert "infusion 2 comes 0 days after infusion 1, 1 day less than the least" in text


@pytest.mark.parametrize("rule", ["separation", "tolerance"])
def test_a_distance_waived_is_named_in_the_plan_the_verdict_and_compliance(rule: str) -> None:
    apart_by = [apart(least="5 days")] if rule == "separation" else []
    tolerated = [window("1 day", "1 day")] if rule == "tolerance" else []
    of = protocol(phase("v", every("7 days"), "2", separations=apart_by, tolerances=tolerated))
    first = Given(visit="v-1", on=march(1))
    second = Given(visit="v-2", on=march(4))
    bare = course(of, first, second)
    (_, found) = judge_history(bare)
    assert (found.judged, found.rule.split(" ")[0]) == (Judged.TOO_EARLY, "at")
    run = record(course(of, first), [exempted("v-2", rule)], as_of=march(1))
    assert verdict(run, "v-2", march(4)).judged is not Judged.TOO_EARLY
    done = record(run, [second], as_of=march(4))
    (_, found) = judge_history(done)
    assert not found.broken
    assert found.waived == (f"{rule}, by Dr Okoye on 2027-03-01 (travels)",)
    assert f"Waived for infusion 2: {rule}, by Dr Okoye" in history_text([found])
    notified = [breach.rule.rule for breach in expand(done, march(4)).breaches]
    assert notified == [rule]
    assert plan_text(planned(done, 4)).startswith("Rule waived by Dr Okoye on Mon 1 March")


def test_an_exemption_from_a_rule_a_visit_does_not_have_names_those_it_has() -> None:
    with pytest.raises(InvalidEvent, match=r"has no rule of the kind 'weekdays'; it has: .*cap"):
        record(course(capped()), [exempted("v-2", "weekdays")], as_of=march(1))


def test_an_exemption_from_the_ride_home_is_the_waiver_of_the_ride() -> None:
    kind = attrs.evolve(TREATMENT, ride_home=RideHome(source="local"))
    of = protocol(phase("v", every("7 days"), "2"))
    of = attrs.evolve(of, visit_types=(kind, *of.visit_types[1:]))
    assert planned(course(of)).schedule is None
    waived = [
        Waived(visit=visit, by="Dr Okoye", why="travels", on=march(1)) for visit in ("v-1", "v-2")
    ]
    other = [exempted(visit, "ride home") for visit in ("v-1", "v-2")]
    runs = [record(course(of), events, as_of=march(1)) for events in (waived, other)]
    plans = [planned(run) for run in runs]
    assert plans[0] == plans[1]
    assert plans[0].schedule is not None
    assert all(visit.waived for visit in plans[0].schedule.visits)
    with pytest.raises(InvalidEvent, match="has no rule of the kind 'ride home'"):
        record(course(capped()), [exempted("v-2", "ride home")], as_of=march(1))
