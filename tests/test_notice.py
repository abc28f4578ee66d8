"""Notice that a visit needs: in plans, where people know a visit, on the waiting list, in words."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from oracle import best
from protocol_sched.clinic.courses import Case
from protocol_sched.clinic.waiting import FreedPlace, waiting_list, who_can_take
from protocol_sched.errors import InvalidValue
from protocol_sched.formats.documents.documents import (
    plan_from_dict,
    plan_to_dict,
    protocol_to_dict,
    read_protocol,
    write_toml,
)
from protocol_sched.judge.checker import violations
from protocol_sched.model.agenda import Noticed
from protocol_sched.model.availability import Clinic, DatedHours, Hours, Person, Place
from protocol_sched.model.before_and_after import Notice
from protocol_sched.model.causes import Request
from protocol_sched.model.course import Course, Notified, Pinned
from protocol_sched.model.open_days import notice_ends
from protocol_sched.model.plain import WEEKDAYS
from protocol_sched.model.protocol import Protocol
from protocol_sched.model.schedule import Plan, Proof
from protocol_sched.model.spans import CalendarSpan
from protocol_sched.planning.course import plan_course
from protocol_sched.planning.explain import explain_course, why_course
from protocol_sched.planning.replan import replan_course
from protocol_sched.text.explanations import explanation_text
from protocols import course, every, phase, protocol
from test_planning import costs_of, planned
from worlds import World, worlds

NEW_YORK = ZoneInfo("America/New_York")
PERSON = Person(key="p-1")
THURSDAY = date(2027, 2, 25)
AT_FOUR = datetime(2027, 2, 25, 16, tzinfo=NEW_YORK)


def ward(*closures: DatedHours) -> Clinic:
    hours = Hours.of(dict.fromkeys(WEEKDAYS[:5], "08:00-17:00"))
    return Clinic(
        name="Ridge",
        zone=NEW_YORK,
        hours=hours,
        closures=closures,
        places=[Place(name="chair 1", kind="chair")],
    )


def needs(notice: str, visits: int = 1) -> Protocol:
    plan = protocol(phase("run", every("7 days"), str(visits)))
    kinds = [
        attrs.evolve(
            kind,
            notice=Notice.parse(notice),
            stages=[attrs.evolve(kind.stages[0], needs=(("chair", 1),))],
        )
        for kind in plan.visit_types
    ]
    return attrs.evolve(plan, visit_types=kinds)


def first_start(plan: Plan) -> str:
    assert plan.schedule is not None
    return f"{plan.schedule.visits[0].start:%a %d %b %H:%M}"


@pytest.mark.parametrize(
    ("notice", "ends"),
    [
        ("1 working day", "Fri 26 Feb 00:00"),
        ("2 working days", "Mon 01 Mar 00:00"),
        ("24 hours", "Fri 26 Feb 16:00"),
        ("1 working hour", "Thu 25 Feb 17:00"),
        ("4 working hours", "Fri 26 Feb 11:00"),
        ("20 working hours", "Tue 02 Mar 09:00"),
    ],
)
def test_notice_is_counted_from_the_moment_of_asking(notice: str, ends: str) -> None:
    # Public report D7: asked on Thursday at 16:00, two working days end on Monday.
    assert f"{notice_ends(Notice.parse(notice), AT_FOUR, ward()):%a %d %b %H:%M}" == ends


def test_a_closed_day_is_no_working_day_of_notice() -> None:
    friday = ward(DatedHours(first=date(2027, 2, 26)))
    ends = notice_ends(Notice.parse("1 working day"), AT_FOUR, friday)
    assert f"{ends:%a %d %b}" == "Mon 01 Mar"


@pytest.mark.parametrize(
    ("notice", "start"),
    [("2 working days", "Mon 01 Mar 08:00"), ("24 hours", "Fri 26 Feb 16:00")],
)
def test_a_new_visit_is_planned_after_its_notice(notice: str, start: str) -> None:
    run = course(needs(notice), start="2027-02-26")
    plan = plan_course(run, ward(), PERSON, as_of=THURSDAY, now=AT_FOUR)
    assert first_start(plan) == start
    assert plan.proof is Proof.OPTIMAL


def test_without_a_moment_notice_is_counted_from_the_beginning_of_the_day() -> None:
    run = course(needs("24 hours"), start="2027-02-25")
    assert first_start(plan_course(run, ward(), PERSON, as_of=THURSDAY)) == "Fri 26 Feb 08:00"


def test_an_answer_counts_notice_from_the_same_moment_as_the_plan() -> None:
    run = course(needs("2 working days"), start="2027-02-26")
    until = date(2027, 3, 5)
    plan = plan_course(run, ward(), PERSON, as_of=THURSDAY, until=until, now=AT_FOUR)
    explained = explain_course(run, ward(), PERSON, as_of=THURSDAY, until=until, now=AT_FOUR)
    answered, whys = why_course(run, ward(), PERSON, as_of=THURSDAY, until=until, now=AT_FOUR)
    for one in (plan, explained.plan, answered):
        assert first_start(one) == "Mon 01 Mar 08:00"
    assert whys[0].visit.day == date(2027, 3, 1)
    friday = Request(visit="run-1", last=date(2027, 2, 26))
    asked = explain_course(run, ward(), PERSON, as_of=THURSDAY, asked=[friday], now=AT_FOUR)
    assert asked.plan.schedule is None
    assert "needs 2 working days of notice" in explanation_text(asked)


def notified(at: datetime, visit: str = "run-1") -> Notified:
    ends = at + timedelta(minutes=30)
    return Notified(visit=visit, start=at, discharge=ends, discharge_by=ends, on=date(2027, 2, 1))


def test_a_visit_that_people_know_stays_inside_its_notice() -> None:
    known = datetime(2027, 2, 26, 9, tzinfo=NEW_YORK)
    run = course(needs("2 working days"), notified(known), start="2027-02-26")
    found = replan_course(run, ward(), PERSON, as_of=THURSDAY, now=AT_FOUR)
    assert first_start(found.plan) == "Fri 26 Feb 09:00"
    again = plan_course(run, ward(), PERSON, as_of=THURSDAY, now=AT_FOUR)
    assert first_start(again) == "Fri 26 Feb 09:00"


def test_a_visit_that_has_to_move_needs_its_notice_anew() -> None:
    known = datetime(2027, 2, 26, 9, tzinfo=NEW_YORK)
    run = course(needs("2 working days"), notified(known), start="2027-02-26")
    away = attrs.evolve(
        PERSON, away=[DatedHours(first=date(2027, 2, 26), hours=((0, 720),), why="works")]
    )
    found = replan_course(run, ward(), away, as_of=THURSDAY, now=AT_FOUR)
    assert first_start(found.plan) == "Mon 01 Mar 08:00"


def test_a_clinician_may_fix_a_visit_inside_its_notice() -> None:
    at = datetime(2027, 2, 26, 9, tzinfo=NEW_YORK)
    run = course(needs("2 working days"), Pinned(visit="run-1", start=at, on=THURSDAY))
    run = attrs.evolve(run, not_before=THURSDAY)
    plan = plan_course(run, ward(), PERSON, as_of=THURSDAY, now=AT_FOUR)
    assert first_start(plan) == "Fri 26 Feb 09:00"


@pytest.mark.parametrize(("hour", "offered"), [(11, False), (17, True)])
def test_a_free_place_is_not_offered_inside_the_notice(hour: int, offered: bool) -> None:
    known = datetime(2027, 3, 3, 9, tzinfo=NEW_YORK)
    run = course(needs("24 hours"), notified(known), start="2027-02-25")
    late = attrs.evolve(ward(), hours=Hours.of(dict.fromkeys(WEEKDAYS[:5], "08:00-20:00")))
    listed = waiting_list([Case(course=run, person=PERSON)], late, as_of=THURSDAY, now=AT_FOUR)
    at = datetime(2027, 2, 26, hour, tzinfo=NEW_YORK)
    opening = FreedPlace(place="chair 1", start=at, end=at + timedelta(hours=1))
    assert bool(who_can_take(opening, listed)) is offered


def test_the_judge_finds_a_visit_inside_its_notice() -> None:
    run = course(needs("24 hours"), start="2027-02-26")
    plan = plan_course(run, ward(), PERSON, as_of=THURSDAY, now=AT_FOUR)
    late = plan_course(run, ward(), PERSON, as_of=THURSDAY)
    assert plan.schedule is not None
    assert late.schedule is not None
    found = violations(plan.agenda, late.schedule, ward(), PERSON, run.protocol)
    assert [str(one) for one in found if one.rule == "notice"] == [
        "infusion starts on Fri 2027-02-26 08:00; wanted Fri 2027-02-26 16:00 or later, with 24 "
        "hours of notice (notice)"
    ]


def impossible(notice: str) -> Course:
    run = course(needs(notice), start="2027-02-25")
    return attrs.evolve(run, finish_by=date(2027, 2, 25), first_treatment_within=CalendarSpan())


def test_a_conflict_names_the_notice_in_both_languages() -> None:
    found = explain_course(impossible("2 working days"), ward(), PERSON, as_of=THURSDAY)
    says = "infusion needs 2 working days of notice: it must be on Mon 1 March or later"
    assert says in " ".join(explanation_text(found).split())
    assert "infusion braucht 2 Arbeitstage Vorlauf und ist frühestens am" in " ".join(
        explanation_text(found, language="de").split()
    )


def test_files_keep_notice_and_refuse_what_is_none() -> None:
    plan = needs("8 working hours")
    text = write_toml(protocol_to_dict(plan))
    assert 'notice = "8 working hours"' in text
    assert read_protocol(text) == plan
    made = plan_course(course(plan, start="2027-02-26"), ward(), PERSON, as_of=THURSDAY)
    assert any(isinstance(rule, Noticed) for rule in made.agenda.bindings)
    assert plan_from_dict(plan_to_dict(made)) == made
    with pytest.raises(InvalidValue, match="notice: text must be such as '2 working days'"):
        Notice.parse("2 days")


@settings(max_examples=20, deadline=None)
@drawn(world=worlds(), data=st.data())
def test_a_plan_with_notice_is_as_good_as_brute_force(world: World, data: st.DataObject) -> None:
    hours = st.integers(0, 90)
    opens = datetime.combine(world.first, datetime.min.time(), world.clinic.zone)
    rules = [
        Noticed(
            rule="notice",
            visit=due.id,
            notice=Notice.parse("24 hours"),
            not_before=opens + timedelta(hours=data.draw(hours)),
            stays=data.draw(st.none() | hours.map(lambda n: opens + timedelta(hours=n))),
        )
        for due in world.agenda.dues
    ]
    agenda = attrs.evolve(world.agenda, bindings=(*world.agenda.bindings, *rules))
    world = attrs.evolve(world, agenda=agenda)
    parts = (agenda, world.clinic, world.person, world.protocol, world.first, world.last)
    assert costs_of(planned(world)) == best(*parts)
