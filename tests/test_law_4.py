"""Law 4: nothing is lifted in silence. Every rule is kept, or named broken, waived or open."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import attrs
import pytest

from protocol_sched.errors import InvalidEvent
from protocol_sched.expansion import expand
from protocol_sched.formats.documents.documents import plan_from_dict, plan_to_dict
from protocol_sched.judge.breaches import breaches
from protocol_sched.judge.checker import violations
from protocol_sched.judge.recording import record
from protocol_sched.judge.verdicts import verdict
from protocol_sched.model.agenda import Spacing
from protocol_sched.model.availability import Clinic, DatedHours, Hours, Person
from protocol_sched.model.cadences import Consecutive
from protocol_sched.model.course import Course, Deferred, Event, Exempted, Given, Omitted
from protocol_sched.model.numbers import Count
from protocol_sched.model.plain import WEEKDAYS
from protocol_sched.model.protocol import Protocol
from protocol_sched.model.rules import Between, Clock, Tier
from protocol_sched.model.schedule import Plan, Proof
from protocol_sched.model.spans import calendar_span
from protocol_sched.model.standing import Unit
from protocol_sched.planning.course import plan_course
from protocol_sched.text.plans import agenda_text, plan_text
from protocols import apart, course, day, every, given, late, phase, protocol, starts, window

ZONE = ZoneInfo("America/New_York")


def open_on(*weekdays: str) -> Clinic:
    week = tuple(((9 * 60, 17 * 60),) if name in weekdays else () for name in WEEKDAYS)
    return Clinic(name="Harbour Clinic", zone=ZONE, start_every=60, hours=Hours(week))


PERSON = Person(key="p")
EVERY_DAY = open_on(*WEEKDAYS)
MONDAYS = open_on("Monday")


def two_to_five(*, safety: bool) -> Protocol:
    rule = apart(least="2 days", most="5 days", safety=safety)
    return protocol(phase("induction", every("2 to 3 days"), "2", separations=[rule]))


def planned(run: Course, as_of: str, clinic: Clinic = EVERY_DAY) -> Plan:
    return plan_course(run, clinic, PERSON, as_of=day(as_of))


def days_of(plan: Plan) -> list[str]:
    assert plan.schedule is not None
    return [visit.day.isoformat() for visit in plan.schedule.visits]


def head(plan: Plan) -> str:
    return plan_text(plan).split("\n\n")[0].replace("\n  ", " ")


def test_a_limit_that_has_passed_is_named_with_its_amount_and_its_cause() -> None:
    run = course(two_to_five(safety=False), *given(induction_1="2027-03-01"))
    assert planned(run, "2027-03-06", MONDAYS).proof is Proof.IMPOSSIBLE
    plan = planned(run, "2027-03-07", MONDAYS)
    assert days_of(plan)[0] == "2027-03-08"
    assert plan.objective is not None
    assert plan.objective.breach == 2
    assert head(plan) == (
        "Rule broken: infusion 2 comes 7 days after infusion 1 on Mon 1 March, 2 days more than "
        "the most (rule: at most 5 days), because its last date, Sat 6 March, has passed."
    )
    text = plan_text(plan)
    assert "Proved best" not in text
    assert "Not every rule is kept, as said above" in text


def test_days_outside_a_broken_limit_come_before_all_else() -> None:
    rules = protocol(
        phase("a", every("14 days"), "2", separations=[apart(least="1 day", most="5 days")])
    )
    run = course(rules, *given(a_1="2027-03-01"))
    plan = planned(run, "2027-03-09")
    # Its target is 15 March; every day nearer to that is one more outside the limit.
    assert days_of(plan) == ["2027-03-09"]
    assert plan.objective is not None
    assert (plan.objective.breach, plan.objective.deviation) == (3, 6)


def test_a_broken_safety_rule_leaves_no_plan_until_a_clinician_waives_it() -> None:
    run = course(two_to_five(safety=True), *given(induction_1="2027-03-01"))
    plan = planned(run, "2027-03-08")
    assert plan.schedule is None
    assert plan.proof is Proof.IMPOSSIBLE
    rules = [one.rule for conflict in plan.conflicts for one in conflict.reasons]
    assert any(isinstance(rule, Spacing) and rule.forbids for rule in rules)
    assert head(plan) == (
        "Safety rule broken: infusion 2 must come 2 to 5 calendar days after infusion 1 on Mon 1 "
        "March; the first date left is Mon 8 March, 2 days over, because its last date, Sat 6 "
        "March, has passed. There is no plan until a clinician waives this rule, with an event "
        '"exempted" for visit "induction-2" and rule "separation".'
    )
    exempted = Exempted(
        visit="induction-2",
        rule="separation",
        by="Dr Okoye",
        why="stable",
        on=day("2027-03-08"),
    )
    waived = planned(record(run, [exempted], as_of=day("2027-03-08")), "2027-03-08")
    assert days_of(waived)[0] == "2027-03-08"
    assert head(waived) == (
        "Rule waived by Dr Okoye on Mon 8 March (stable): infusion 2 comes 7 days after "
        "infusion 1 "
        "on Mon 1 March, 2 days more than the most (rule: at most 5 days)."
    )


@pytest.mark.parametrize(
    ("visit", "rule", "reason"),
    [
        ("induction-2", "tolerance", "has no rule of the kind 'tolerance'; it has: separation"),
        ("induction-9", "separation", "no visit of the course has that identity"),
    ],
)
def test_an_exemption_from_nothing_is_refused(visit: str, rule: str, reason: str) -> None:
    run = course(two_to_five(safety=True), *given(induction_1="2027-03-01"))
    event = Exempted(visit=visit, rule=rule, by="Dr Okoye", why="stable", on=day("2027-03-02"))
    with pytest.raises(InvalidEvent, match=reason):
        record(run, [event], as_of=day("2027-03-02"))


def test_a_visit_put_off_past_its_window_is_late_whoever_put_it_off() -> None:
    rules = protocol(phase("cycle", every("28 days"), "2", tolerances=[window("3 days", "3 days")]))
    off = Deferred(visit="cycle-2", on=day("2027-03-20"), until=day("2027-04-20"), why="counts")
    run = course(rules, *given(cycle_1="2027-03-01")).after([off])
    found = verdict(run, "cycle-2", day("2027-04-20"))
    assert (found.judged.value, found.days) == ("too late", 19)
    plan = planned(run, "2027-03-21")
    assert days_of(plan) == ["2027-04-20"]
    assert plan.objective is not None
    assert plan.objective.breach == 0
    assert head(plan) == (
        "Rule broken: infusion 2 comes 50 days after infusion 1 on Mon 1 March, 19 days more than "
        "the most (rule: at most 31 days), because it was postponed until Tue 20 April (counts)."
    )


def test_a_tolerance_that_a_separation_moves_past_is_named() -> None:
    rules = protocol(
        phase(
            "a",
            every("2 to 3 days"),
            "2",
            tolerances=[window("0 days", "1 day")],
            separations=[apart(least="6 days")],
        )
    )
    plan = planned(course(rules, *given(a_1="2027-03-01")), "2027-03-02")
    assert days_of(plan) == ["2027-03-07"]
    assert head(plan) == (
        "Rule broken: infusion 2 comes 6 days after infusion 1 on Mon 1 March, 2 days more than "
        "the most (rule: at most 4 days), because other rules leave no date before Sun 7 March."
    )


def test_an_omitted_visit_does_not_lift_a_safety_maximum() -> None:
    rules = protocol(
        phase("a", every("4 days"), "4", separations=[apart(most="10 days", safety=True)])
    )
    run = course(rules, *given(a_1="2027-03-01"))
    run = run.after([Omitted(visit="a-2", on=day("2027-03-05"))])
    assert days_of(planned(run, "2027-03-06"))[0] <= "2027-03-11"
    overdue = planned(run, "2027-03-20")
    assert overdue.schedule is None
    assert head(overdue).startswith(
        "Safety rule broken: infusion 3 must come at most 10 calendar days after infusion 1 on "
        "Mon 1 "
        "March, with a-2 left out; the first date left is Sat 20 March, 9 days over, because its "
        "last date, Thu 11 March, has passed. There is no plan until"
    )


def test_an_omitted_visit_waives_another_maximum_and_it_is_said() -> None:
    rules = protocol(phase("a", every("4 days"), "4", separations=[apart(most="5 days")]))
    run = course(rules, *given(a_1="2027-03-01"))
    run = run.after([Omitted(visit="a-2", on=day("2027-03-05"))])
    plan = planned(run, "2027-03-06")
    assert days_of(plan)[0] == "2027-03-09"
    assert head(plan) == (
        "Rule waived on Fri 5 March (infusion 2 was left out): infusion 3 comes 8 days after "
        "infusion 1 on Mon 1 March, 3 days more than the most (rule: at most 5 days), with a-2 "
        "left out."
    )


def test_a_minimum_that_history_broke_is_named_and_asked_about() -> None:
    rules = protocol(
        phase("dose", every("28 days"), "3", separations=[apart(least="28 days", grace="4 days")])
    )
    run = course(rules, *given(dose_1="2027-03-01", dose_2="2027-03-15"))
    plan = planned(run, "2027-03-16")
    assert head(plan) == (
        "Rule broken: infusion 2 came 14 days after infusion 1 on Mon 1 March, 14 days less than "
        "the least (rule: at least 28 days)."
    )
    assert [one.id for one in plan.agenda.questions] == ["too-soon-dose-2"]
    near = course(rules, *given(dose_1="2027-03-01", dose_2="2027-03-26"))
    assert planned(near, "2027-03-27").agenda.breaches == ()


def test_hours_are_counted_in_minutes() -> None:
    rules = protocol(phase("a", every("2 days"), "2", separations=[apart(most="72 hours")]))
    start = datetime(2027, 3, 1, 10, tzinfo=ZONE)
    run = course(rules).after([Given(visit="a-1", on=date(2027, 3, 1), start=start)])
    plan = planned(run, "2027-03-06")
    assert plan.schedule is not None
    assert plan.objective is not None
    [found] = plan.schedule.breaches
    assert (found.amount, found.unit, found.counted) == (47 * 60, Unit.MINUTES, 2)
    assert plan.objective.breach == 2
    assert plan.schedule.visits[0].start == datetime(2027, 3, 6, 9, tzinfo=ZONE)


def test_a_course_longer_than_can_be_laid_out_says_so() -> None:
    rules = protocol(phase("a", every("1 day"), "1001"))
    agenda = expand(course(rules, start="2027-03-01"), day("2027-03-01"))
    assert (len(agenda.dues), agenda.cut_after) == (1000, 1000)
    assert [one.id for one in agenda.questions] == ["more-visits"]


def test_the_judge_signs_named_breaches_and_refuses_hidden_ones() -> None:
    rules = two_to_five(safety=False)
    plan = planned(course(rules, *given(induction_1="2027-03-01")), "2027-03-08")
    assert plan.schedule is not None
    world = (EVERY_DAY, PERSON, rules)
    assert violations(plan.agenda, plan.schedule, *world) == ()
    assert breaches(plan.agenda, plan.schedule, *world) == plan.schedule.breaches

    hidden = attrs.evolve(plan.schedule, breaches=())
    assert [one.rule for one in violations(plan.agenda, hidden, *world)] == ["breach"]
    assert plan_from_dict(plan_to_dict(plan)) == plan


TABLE = late(Clock.DUE_DATE, Tier(over=calendar_span("0 days")))


def counts(plan: Plan) -> list[tuple[str, str, int, int]]:
    assert plan.schedule is not None
    found = plan.schedule.breaches
    return [(one.rule.rule, one.visits[-1], one.amount, one.counted) for one in found]


@pytest.mark.parametrize(
    ("least", "days", "wanted"),
    [
        ("2 days", ["2027-03-13", "2027-03-15", "2027-03-17"], [("cadence", "b-2", 1, 1)]),
        (
            "4 days",
            ["2027-03-13", "2027-03-17", "2027-03-21"],
            [("cadence", "b-2", 3, 3), ("tolerance", "b-2", 2, 2)],
        ),
    ],
)
def test_two_visits_that_contradict_each_other_are_late_by_their_own_distance(
    least: str, days: list[str], wanted: list[tuple[str, str, int, int]]
) -> None:
    daily = Consecutive(consecutive_days=Count(2, 2), weekends=True)
    rules = protocol(
        phase("a", daily, "2"),
        phase(
            *("b", daily, "2"),
            begins=starts("2 to 4 days"),
            tolerances=[window("1 day", "1 day")],
            separations=[apart(least=least, most="96 hours", between=Between.END_AND_START)],
            late=[TABLE],
        ),
    )
    plan = planned(course(rules, *given(a_1="2027-03-12")), "2027-03-12")
    assert (days_of(plan), counts(plan)) == (days, wanted)


def test_no_day_counts_of_a_limit_kept_after_a_visit_that_is_itself_late() -> None:
    rules = protocol(
        phase("b", every("2 days"), "4", tolerances=[window("1 day", "1 day")], late=[TABLE])
    )
    fire = DatedHours(first=day("2027-03-02"), last=day("2027-03-10"), why="fire")
    off = Deferred(visit="b-3", on=day("2027-03-01"), until=day("2027-03-08"), why="counts")
    run = course(rules, *given(b_1="2027-03-01")).after([off])
    plan = planned(run, "2027-03-01", attrs.evolve(EVERY_DAY, closures=[fire]))
    # Visit 3 was put off until a date that visit 2 itself cannot have.
    assert days_of(plan) == ["2027-03-11", "2027-03-13", "2027-03-15"]
    assert counts(plan) == [("tolerance", "b-2", 7, 7)]


def test_days_count_from_where_other_rules_push_the_visit_before() -> None:
    rules = protocol(
        phase(
            *("a", every("1 day"), "4"),
            tolerances=[window("1 day", "1 day")],
            separations=[apart(least="4 days", most="6 days")],
            late=[TABLE],
        ),
        phase("b", every("4 days"), "1", begins=starts("2 to 4 days"), late=[TABLE]),
    )
    fire = DatedHours(first=day("2027-03-08"), last=day("2027-03-12"), why="fire")
    off = Deferred(visit="b-1", on=day("2027-03-01"), until=day("2027-03-14"), why="counts")
    run = course(rules, *given(a_1="2027-03-01")).after([off])
    plan = planned(run, "2027-03-06", attrs.evolve(EVERY_DAY, closures=[fire]))
    assert days_of(plan) == ["2027-03-07", "2027-03-13", "2027-03-17", "2027-03-19"]
    assert counts(plan) == [
        ("tolerance", "a-2", 4, 4),
        ("tolerance", "a-3", 4, 4),
        ("tolerance", "a-4", 2, 2),
    ]


@pytest.mark.parametrize("events", [[], [Deferred(visit="a-2", on=day("2027-03-02"), until=None)]])
def test_no_rule_ever_leaves_the_agenda_while_its_visit_is_due(events: list[Event]) -> None:
    rules = protocol(
        phase(
            "a",
            every("3 days"),
            "3",
            tolerances=[window("1 day", "1 day")],
            separations=[apart(least="2 days", most="5 days"), apart(most="100 hours")],
        )
    )
    run = course(rules, *given(a_1="2027-03-01")).after(events)
    before: set[tuple[str, str, str]] = set()
    for n in range(30):
        agenda = expand(run, day("2027-03-02") + timedelta(days=n))
        now = {
            (rule.rule, rule.source, getattr(rule, "later", ""))
            for rule in agenda.bindings
            if getattr(rule, "later", "") and rule.rule != "order"
        }
        assert before <= now
        before = now
        text = agenda_text(agenda)
        assert text.count("Rule broken") == len(agenda.broken)
