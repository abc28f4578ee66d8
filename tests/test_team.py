"""Staff by name: who is there for which stage, with which skills, for how many visits at a time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import attrs
import pytest
from hypothesis import given, settings

from ics_entries import unfolded
from oracle import best
from protocol_sched import (
    Case,
    booked,
    explain_course,
    holdings,
    read_clinic,
    replan_in_turn,
    violations,
)
from protocol_sched.errors import InvalidDocument, InvalidValue
from protocol_sched.formats.ics.entries import clinic_calendar, patient_calendar
from protocol_sched.formats.svg.picture import course_picture
from protocol_sched.judge.recording import record
from protocol_sched.model.availability import Clinic, Person
from protocol_sched.model.course import Course
from protocol_sched.model.moments import utc
from protocol_sched.model.protocol import Protocol
from protocol_sched.model.schedule import Visit
from protocol_sched.planning.course import plan_agenda
from protocol_sched.planning.replan import replan_course
from protocol_sched.text.explanations import explanation_text
from protocol_sched.text.naming import Reader
from protocol_sched.text.plans import plan_text
from samples import NOW
from sessions import ANYBODY, PARIS, THURSDAY, planned, sessions
from worlds import World, teams, worlds

ASKED = THURSDAY - timedelta(days=8)
SMALL = """
name = "Small Centre"
zone = "Europe/Paris"
start_every = 15

[hours]
Thursday = "08:00-12:00"
"""
ADA_AND_BEN = """
[[team]]
name = "Ada"
role = "nurse"
hours = { Thursday = "08:00-10:00" }

[[team]]
name = "Ben"
role = "nurse"
skills = ["port access"]
"""
RATIO = """
[[ratios]]
one = "nurse"
for = { infusion = 2, recovery = 4 }
"""
STAGES = """
[[visit_types.stages]]
name = "infusion"
length = "30 minutes"
needs = { nurse = 1 }
source = "local"

[[visit_types.stages]]
name = "recovery"
length = "30 minutes"
needs = { nurse = 1 }
source = "local"
"""


def small(*more: str) -> Clinic:
    return read_clinic(SMALL + "".join(more))


def nursed(text: str = STAGES, first: str = "", **more: object) -> Protocol:
    """Return one visit of an infusion and a recovery, without the room of other tests."""
    made = sessions(text)
    (kind,) = made.visit_types
    stages = kind.stages[1:]
    if first:
        stages = (attrs.evolve(stages[0], skills=(("nurse", (first,)),)), *stages[1:])
    fields: dict[str, Any] = {"stages": stages, **more}
    return attrs.evolve(made, visit_types=[attrs.evolve(kind, **fields)])


def team_of(visit: Visit) -> list[tuple[str, str]]:
    return [(one.during, one.name) for one in visit.staff]


def only_visit(protocol: Protocol, where: Clinic) -> Visit:
    schedule = planned(protocol, where).schedule
    assert schedule is not None
    (visit,) = schedule.visits
    return visit


def test_a_plan_says_who_is_there_for_each_stage() -> None:
    visit = only_visit(nursed(), small(ADA_AND_BEN))
    assert f"{visit.start:%H:%M}" == "08:00"
    assert team_of(visit) == [("infusion", "Ada"), ("recovery", "Ada")]


def test_who_has_the_skill_takes_the_stage_that_asks_for_it() -> None:
    visit = only_visit(nursed(first="port access"), small(ADA_AND_BEN))
    assert team_of(visit) == [("infusion", "Ben"), ("recovery", "Ben")]


def test_somebody_else_takes_over_where_hours_end_unless_one_has_to_stay() -> None:
    late = 'booked = [{ day = 2022-06-09, start = "08:00", end = "10:00" }]\n'
    early = ADA_AND_BEN.replace("10:00", "08:30") + late
    visit = only_visit(nursed(), small(early.replace('end = "10:00"', 'end = "08:30"')))
    assert team_of(visit) == [("infusion", "Ada"), ("recovery", "Ben")]
    stays = only_visit(
        nursed(same_staff=("nurse",)), small(early.replace('end = "10:00"', 'end = "08:30"'))
    )
    assert f"{stays.start:%H:%M}" == "08:30"
    assert team_of(stays) == [("infusion", "Ben"), ("recovery", "Ben")]


def test_two_nurses_at_once_are_two_people() -> None:
    both = nursed(STAGES.replace("nurse = 1", "nurse = 2", 1))
    assert team_of(only_visit(both, small(ADA_AND_BEN)))[:2] == [
        ("infusion", "Ada"),
        ("infusion", "Ben"),
    ]
    alone = ADA_AND_BEN[: ADA_AND_BEN.index('[[team]]\nname = "Ben"')]
    assert planned(both, small(alone)).schedule is None


def test_who_mixes_beside_a_stage_is_not_at_it() -> None:
    mixed = nursed(
        STAGES
        + """
[[visit_types.preparation]]
name = "mixing"
length = "30 minutes"
before = "recovery"
needs = { nurse = 1 }
source = "local"
"""
    )
    visit = only_visit(mixed, small(ADA_AND_BEN))
    assert dict(team_of(visit))["infusion"] != dict(team_of(visit))["mixing"]
    halves = small(ADA_AND_BEN, RATIO.replace("recovery = 4", "mixing = 2"))
    assert len({name for _, name in team_of(only_visit(mixed, halves))}) == 1


@pytest.mark.parametrize(
    ("change", "starts"),
    [
        ("", "08:00"),
        ('absent = [{ first = 2022-06-09, why = "ill" }]', None),
        ('absent = [{ first = 2022-06-09, hours = "08:00-09:00" }]', "09:00"),
        ('booked = [{ day = 2022-06-09, start = "08:00", end = "08:20" }]', "08:30"),
    ],
)
def test_absences_and_what_others_hold_leave_no_time(change: str, starts: str | None) -> None:
    one = f'\n[[team]]\nname = "Ada"\nrole = "nurse"\n{change}\n'
    schedule = planned(nursed(), small(one)).schedule
    assert (schedule and f"{schedule.visits[0].start:%H:%M}") == starts


# --- ratios ----------------------------------------------------------------------------------

SET_UP = """
[[visit_types.stages]]
name = "set-up"
length = "15 minutes"
needs = { chair = 1, nurse = 1 }
source = "local"

[[visit_types.stages]]
name = "infusion"
length = "2 hours"
needs = { chair = 1, nurse = 1 }
source = "local"
"""
CHAIRS = "".join(f'\n[[places]]\nname = "chair {n}"\nkind = "chair"\n' for n in range(10))
WATCHES_FOUR = '\n[[ratios]]\none = "nurse"\nfor = { infusion = 4 }\n'


def by_name(count: int) -> str:
    return "".join(f'\n[[team]]\nname = "nurse {n}"\nrole = "nurse"\n' for n in range(count))


def by_number(count: int) -> str:
    return f'\n[[staff]]\nkind = "nurse"\nunits = {count}\n'


def in_turn(protocol: Protocol, where: Clinic, count: int) -> list[str | None]:
    """Return when the visits of so many courses begin, planned one after another."""
    cases = [
        Case(
            course=Course(key=f"c-{n}", protocol=protocol, not_before=THURSDAY, finish_by=THURSDAY),
            person=Person(key=f"p-{n}"),
        )
        for n in range(count)
    ]
    found = [one.plan.schedule for one in replan_in_turn(cases, where, as_of=ASKED)]
    return [None if one is None else f"{one.visits[0].start:%H:%M}" for one in found]


@pytest.mark.parametrize(
    ("count", "nurses", "expected"),
    [
        (7, 2, ["08:00", "08:00", "08:15", "08:30", "08:45", None, None]),
        (5, 1, ["08:00", None, None, None, None]),
    ],
)
def test_one_nurse_sets_up_alone_and_watches_four(
    count: int, nurses: int, expected: list[str | None]
) -> None:
    """
    15 minutes of set-up and 2 hours of infusion between 08:00 and 12:00.

    Two at 08:00, one each at 08:15, 08:30 and 08:45; then both nurses watch.

    Source: Hesaraki, Dellaert, de Kok 2020, doi 10.1007/s00291-020-00596-8: set-up takes a nurse
    alone, a free nurse monitors up to four.
    """
    where = small(CHAIRS, by_number(nurses), WATCHES_FOUR)
    assert in_turn(nursed(SET_UP), where, count) == expected


def test_a_nurse_by_name_stays_for_the_whole_stage() -> None:
    """By number staff can hand over at any minute; by name whoever watches sets nobody up."""
    where = small(CHAIRS, by_name(2), WATCHES_FOUR)
    assert in_turn(nursed(SET_UP), where, 3) == ["08:00", "08:00", None]


@pytest.mark.parametrize("staff", [by_name, by_number])
def test_one_nurse_for_two_infusions_or_four_recoveries(staff: Callable[[int], str]) -> None:
    """30 minutes of each: a third begins when two recover, a fourth when the third does."""
    assert in_turn(nursed(), small(staff(1), RATIO), 4) == ["08:00", "08:00", "08:30", "09:00"]


def test_a_share_that_others_hold_counts() -> None:
    half = 'booked = [{ day = 2022-06-09, start = "08:00", end = "09:00", units = 1, of = 2 }]\n'
    where = small(by_name(1), half, RATIO)
    assert in_turn(nursed(), where, 2) == ["08:00", "09:00"]
    third = half.replace("1, of = 2", "2, of = 3")
    assert in_turn(nursed(), small(by_name(1), third, RATIO), 1) == ["09:00"]
    assert in_turn(nursed(), small(by_name(1), half.replace("of = 2", "of = 3"), RATIO), 1) == [
        "08:00"
    ]


def test_a_ratio_that_misspells_a_stage_is_refused() -> None:
    """It was passed over, and each infusion had a nurse for itself."""
    misspelt = WATCHES_FOUR.replace("infusion", "Infusions")
    with pytest.raises(InvalidValue) as refused:
        planned(nursed(), small(by_name(1), misspelt))
    assert str(refused.value) == (
        "clinic 'Small Centre', ratio of one 'nurse': for must be a stage or work of protocol "
        "'sessions' (did you mean 'infusion'? where both are meant, give both a number), "
        "got 'Infusions'"
    )
    for other in ('"infusions" = 4, infusion = 1', '"infusion B" = 4', '"long infusion" = 4'):
        named = WATCHES_FOUR.replace("infusion = 4", other)
        assert planned(nursed(), small(by_name(1), named)).schedule


def known(protocol: Protocol, where: Clinic, key: str = "c") -> tuple[Case, Visit]:
    """Return a course of which people were told, and its visit."""
    course = Course(key=key, protocol=protocol, not_before=THURSDAY)
    at = datetime(ASKED.year, ASKED.month, ASKED.day, 7, tzinfo=PARIS)
    replan = replan_course(course, where, ANYBODY, as_of=ASKED, now=at)
    assert replan.plan.schedule is not None
    told = record(course, replan.events(ASKED, at), as_of=ASKED)
    return Case(course=told, person=ANYBODY), replan.plan.schedule.visits[0]


def test_another_course_counts_against_the_nurse_it_has() -> None:
    where = small(ADA_AND_BEN, RATIO)
    case, _ = known(nursed(), where)
    held = holdings(case.course, ASKED, where)
    assert [(one.name, f"{one.start:%H:%M}", one.units, one.of) for one in held] == [
        ("Ada", "08:00", 2, 4),
        ("Ada", "08:30", 1, 4),
    ]
    assert [booking.of for booking in booked(where, held).team[0].booked] == [4, 4]


def test_who_is_known_to_come_still_comes() -> None:
    """Ben is known; Ada, the first of the team, is free again."""
    ill = ADA_AND_BEN.replace(
        '"08:00-10:00" }', '"08:00-10:00" }\nabsent = [{ first = 2022-06-09 }]'
    )
    case, visit = known(nursed(), small(ill))
    assert {one.name for one in visit.staff} == {"Ben"}
    again = replan_course(case.course, small(ADA_AND_BEN), ANYBODY, as_of=ASKED)
    assert again.plan.schedule is not None
    assert again.plan.schedule.visits[0].staff == visit.staff


# --- any team --------------------------------------------------------------------------------


@settings(max_examples=18, deadline=None)
@given(world=worlds().flatmap(teams))
def test_a_plan_with_any_team_is_as_good_as_brute_force(world: World) -> None:
    parts = (world.agenda, world.protocol, world.clinic, world.person)
    plan = plan_agenda(*parts, first=world.first, until=world.last)
    costs = best(world.agenda, world.clinic, world.person, world.protocol, world.first, world.last)
    assert (plan.schedule is None) == (costs is None)
    if plan.schedule is not None and plan.objective is not None and costs is not None:
        found = violations(world.agenda, plan.schedule, world.clinic, world.person, world.protocol)
        assert [str(one) for one in found] == []
        assert plan.objective.deviation == costs[3]
        assert plan.objective.finish == costs[5]


# --- said and judged -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "says"),
    [
        ("en", "no nurse with the skill port access is free for long enough on Thu 9 June"),
        ("de", "nicht lange genug frei am Do 9. Juni: nurse mit der Qualifikation port access"),
    ],
)
def test_a_conflict_says_which_skill_nobody_free_has(language: str, says: str) -> None:
    where = small(ADA_AND_BEN, "absent = [{ first = 2022-06-09 }]\n")
    protocol = nursed(first="port access")
    course = Course(key="c", protocol=protocol, not_before=THURSDAY, finish_by=THURSDAY)
    found = explain_course(course, where, ANYBODY, as_of=ASKED, count=1)
    assert says in explanation_text(found, language=language)


@pytest.mark.parametrize(
    ("language", "says"),
    [
        ("en", "the clinic's team has no nurse with the skill prt access (did you mean 'port "),
        ("de", "nicht im Team: nurse mit der Qualifikation prt access (gemeint ist vielleicht "),
    ],
)
def test_a_skill_that_nobody_has_is_said_once_with_the_one_that_was_meant(
    language: str, says: str
) -> None:
    where, protocol = small(ADA_AND_BEN), nursed(first="prt access")
    course = Course(key="c", protocol=protocol, not_before=THURSDAY, finish_by=THURSDAY)
    found = explain_course(course, where, ANYBODY, as_of=ASKED, count=0)
    text = " ".join(explanation_text(found, language=language).split())
    assert text.count("prt access") == 1
    assert says in text
    below = explanation_text(found, Reader.PATIENT, language=language)
    assert "access" not in below


def test_the_clinic_reads_who_is_there_and_the_patient_does_not() -> None:
    protocol, where = nursed(), small(ADA_AND_BEN)
    plan = planned(protocol, where)
    assert plan.schedule is not None
    assert "Ada (nurse): infusion, recovery" in plan_text(plan, protocol=protocol)
    world = (plan.schedule, where, ANYBODY, protocol)
    ours, theirs = (
        unfolded(write(*world, now=NOW)) for write in (clinic_calendar, patient_calendar)
    )
    assert "Ada (nurse): infusion\\, recovery." in ours
    assert "RESOURCES:Ada" in ours
    assert "Ada" not in theirs
    assert "Ada (nurse): infusion, recovery" in course_picture(*world)


def rules_of(visit: Visit, protocol: Protocol, where: Clinic) -> list[str]:
    plan = planned(protocol, where)
    assert plan.schedule is not None
    changed = attrs.evolve(plan.schedule, visits=[visit])
    return [str(one) for one in violations(plan.agenda, changed, where, ANYBODY, protocol)]


def test_the_judge_finds_who_may_not_or_cannot() -> None:
    protocol, where = nursed(first="port access"), small(ADA_AND_BEN)
    visit = only_visit(protocol, where)

    def found(*names: str) -> list[str]:
        staff = [
            attrs.evolve(one, name=name) for one, name in zip(visit.staff, names, strict=False)
        ]
        return rules_of(attrs.evolve(visit, staff=staff), protocol, where)

    assert found("Ben", "Ben") == found("Ben", "Ada") == []
    assert found("Ada", "Ben") == [
        "session has Ada for infusion; wanted a nurse with the skill port access (team)"
    ]
    assert found("Ben") == [
        "session has nobody as nurse for recovery; wanted 1 of the team by name (team)"
    ]
    assert found("Ben", "Eve") == ["session has Eve; wanted one of the team: Ada, Ben (team)"]
    stays = attrs.evolve(
        protocol,
        visit_types=[attrs.evolve(protocol.visit_types[0], same_staff=("nurse",))],
    )
    changed = [attrs.evolve(visit.staff[0]), attrs.evolve(visit.staff[1], name="Ada")]
    assert rules_of(attrs.evolve(visit, staff=changed), stays, where) == [
        "session has Ada, Ben as nurse in turn; wanted the same nurse in each stage that needs one "
        "(team)"
    ]


def test_one_of_two_nurses_who_have_to_stay_is_enough_for_the_stage_after() -> None:
    both = nursed(STAGES.replace("nurse = 1", "nurse = 2", 1), same_staff=("nurse",))
    where = small(ADA_AND_BEN)
    visit = only_visit(both, where)
    assert [name for during, name in team_of(visit) if during == "recovery"] == ["Ada"]
    *two, last = visit.staff
    assert (
        rules_of(attrs.evolve(visit, staff=[*two, attrs.evolve(last, name="Ben")]), both, where)
        == []
    )


@pytest.mark.parametrize(("start", "busy"), [("00:59", True), ("01:29", True), ("01:30", False)])
def test_what_others_hold_until_a_time_that_comes_twice_ends_when_it_comes_again(
    start: str, busy: bool
) -> None:
    """02:30 in Paris is 00:30 and 01:30 UTC that night: nobody knows which of them was meant."""
    night = date(2022, 10, 30)
    held = f'booked = [{{ day = {night}, start = "01:00", end = "02:30" }}]\n'
    protocol, where = nursed(), small(by_name(1), held)
    visit = only_visit(protocol, where)
    begins = datetime.combine(night, time.fromisoformat(start), UTC).astimezone(PARIS)
    later = utc(begins) - utc(visit.start)
    moved = attrs.evolve(
        visit,
        start=begins,
        discharge=(utc(visit.discharge) + later).astimezone(PARIS),
        discharge_by=(utc(visit.discharge_by) + later).astimezone(PARIS),
    )
    needs = [one for one in rules_of(moved, protocol, where) if "session needs 1 of " in one]
    assert len(needs) == busy


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (ADA_AND_BEN + ADA_AND_BEN, "'Ada' twice"),
        (ADA_AND_BEN + by_number(2), "a role that is neither"),
        (ADA_AND_BEN + RATIO.replace('"nurse"', '"doctor"'), "names 'doctor'; known: nurse"),
        (ADA_AND_BEN + RATIO.replace("2", "0"), "must be 1 or more, got 0"),
    ],
)
def test_a_team_that_cannot_be_is_refused(text: str, says: str) -> None:
    with pytest.raises(InvalidDocument, match=says):
        small(text)


@pytest.mark.parametrize(
    ("language", "says"),
    [
        ("en", "one more nurse with the skill port access works on Thu 9 June"),
        ("de", "eine Kraft mehr: nurse mit der Qualifikation port access"),
    ],
)
def test_somebody_more_with_the_skill_makes_room(language: str, says: str) -> None:
    where = small(ADA_AND_BEN, "absent = [{ first = 2022-06-09 }]\n")
    protocol = nursed(first="port access")
    course = Course(key="c", protocol=protocol, not_before=THURSDAY, finish_by=THURSDAY)
    found = explain_course(course, where, ANYBODY, as_of=ASKED)
    assert says in explanation_text(found, language=language)
