"""Hours are hours: real minutes wherever moments are on record, and a date is 24 hours of them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import attrs
import hypothesis
import pytest
from hypothesis import settings

from courses import EFFORT, About, Lived, lived
from protocol_sched.expansion import expand
from protocol_sched.judge.verdicts import Judged, Verdict, judge_history, verdict
from protocol_sched.model.agenda import PastVisit, Rules, Spacing
from protocol_sched.model.course import Course, Event, Given, Pinned
from protocol_sched.model.course import Tested as GateTested
from protocol_sched.model.gates import Gate
from protocol_sched.model.protocol import Protocol
from protocol_sched.model.rules import Between
from protocol_sched.model.schedule import Schedule
from protocol_sched.model.spans import ElapsedSpan, parse_span
from protocol_sched.planning.course import plan_course
from protocols import apart, course, dates, day, every, given, phase, protocol, seen
from test_course_worlds import MORNINGS
from test_law_1 import about, next_visits

NEW_YORK = ZoneInfo("America/New_York")


def at_clock(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=NEW_YORK)


def timed(visit: str, start: str, zone: object = None) -> Given:
    moment = at_clock(start)
    return Given(
        visit=visit,
        on=moment.date(),
        start=moment if zone is None else moment.astimezone(UTC),
    )


def hours_apart(least: str | None = "72 hours", most: str | None = None) -> Protocol:
    return protocol(
        phase("dose", every("3 days"), "4", separations=[apart(least=least, most=most)])
    )


def said(found: Verdict) -> tuple[str, int, int]:
    return found.judged.value, found.days, found.minutes


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        ("2025-01-14T09:00", ("too early", 0, 60)),
        ("2025-01-14T09:59", ("too early", 0, 1)),
        ("2025-01-14T10:00", ("in window", 0, 0)),
    ],
)
def test_71_hours_are_an_hour_too_early_for_72(second: str, expected: tuple[str, int, int]) -> None:
    run = course(hours_apart(), timed("dose-1", "2025-01-11T10:00"))
    assert said(verdict(run, "dose-2", at_clock(second))) == expected
    done = run.after([timed("dose-2", second)])
    assert said(judge_history(done)[-1]) == expected


def test_hours_are_real_time_across_a_clock_change() -> None:
    run = course(hours_apart(), timed("dose-1", "2027-03-12T10:00"))
    assert said(verdict(run, "dose-2", at_clock("2027-03-15T10:30"))) == ("too early", 0, 30)
    assert said(verdict(run, "dose-2", at_clock("2027-03-15T11:00"))) == ("in window", 0, 0)


def test_a_greatest_distance_in_hours_is_kept_to_the_minute() -> None:
    run = course(hours_apart("1 day", "48 hours"), timed("dose-1", "2025-03-17T08:00"))
    assert said(verdict(run, "dose-2", at_clock("2025-03-19T08:00")))[0] != "too late"
    assert said(verdict(run, "dose-2", at_clock("2025-03-19T12:00"))) == ("too late", 0, 240)


def test_a_date_alone_is_kept_broken_or_cannot_be_told() -> None:
    run = course(hours_apart(), *given(dose_1="2025-01-06"))
    found = [verdict(run, "dose-2", at_clock(f"2025-01-{n:02}T10:00")) for n in (8, 9, 10)]
    assert [one.judged for one in found] == [
        Judged.TOO_EARLY,
        Judged.CANNOT_BE_TOLD,
        Judged.IN_WINDOW,
    ]
    assert found[1].between == (58 * 60, 82 * 60)
    assert found[1].rule == "at least 72 hours after infusion 1"
    dated = [verdict(run, "dose-2", day(f"2025-01-{n:02}")).judged for n in (8, 9, 10)]
    assert dated == [Judged.TOO_EARLY, Judged.CANNOT_BE_TOLD, Judged.IN_WINDOW]


def test_a_moment_told_by_another_clock_is_the_same_moment() -> None:
    here = course(hours_apart(), timed("dose-1", "2025-03-17T20:30"))
    there = course(
        hours_apart(),
        Given(
            visit="dose-1",
            on=day("2025-03-17"),
            start=at_clock("2025-03-17T20:30").astimezone(UTC),
        ),
    )
    for second in ("2025-03-20T20:29", "2025-03-20T20:30"):
        one, other = (verdict(run, "dose-2", at_clock(second)) for run in (here, there))
        assert (one.judged, one.minutes) == (other.judged, other.minutes)


def test_a_dose_with_a_date_only_is_asked_when_it_began() -> None:
    run = course(hours_apart(), *given(dose_1="2025-01-06"))
    agenda = seen(run, "2025-01-06")
    assert dates(agenda, "dose-2")[0] == "2025-01-10"
    asked = [one for one in agenda.questions if one.id.startswith("time-")]
    assert [(one.id, one.about) for one in asked] == [("time-dose-1", "dose-1")]
    assert asked[0].asks == (
        "when on 2025-01-06 did infusion 1 begin? 72 hours are counted from it; without its time "
        "the safe end of that date is taken"
    )
    known = course(hours_apart(), timed("dose-1", "2025-01-06T10:00"))
    again = seen(known, "2025-01-06")
    assert dates(again, "dose-2")[0] == "2025-01-09"
    assert [one for one in again.questions if one.id.startswith("time-")] == []


def test_nothing_is_asked_where_no_rule_counts_hours() -> None:
    plan = protocol(phase("dose", every("3 days"), "4", separations=[apart(least="3 days")]))
    assert seen(course(plan, *given(dose_1="2025-01-06")), "2025-01-06").questions == ()


def by_another_clock(event: Event) -> Event:
    """Return what happened with its moment told in UTC; its date is still that of the clinic."""
    match event:
        case Given(start=datetime() as moment) | Pinned(start=moment):
            return attrs.evolve(event, start=moment.astimezone(UTC))
        case GateTested(at=datetime() as moment):
            return attrs.evolve(event, at=moment.astimezone(UTC))
        case _:
            return event


def test_a_date_is_that_of_the_clinic_whatever_clock_told_a_moment() -> None:
    """The second dose, of which a date alone is known, began at the earliest as New York's did."""
    here = course(
        hours_apart("0 hours", "12 hours"),
        timed("dose-1", "2025-03-17T20:00"),
        Given(visit="dose-2", on=day("2025-03-19")),
    )
    there = attrs.evolve(here, events=map(by_another_clock, here.events))
    clinic = attrs.evolve(MORNINGS, zone=NEW_YORK)
    for known in (here, there):
        assert said(judge_history(known, clinic)[1]) == ("too late", 0, 16 * 60)


def gated(**gate: object) -> Protocol:
    spans = {name: parse_span(str(value)) for name, value in gate.items() if name != "visit"}
    return protocol(
        phase("dose", every("1 week"), "1"),
        gates=[Gate(name="lab", source="local", visit=gate.get("visit"), **spans)],  # type: ignore[arg-type]
    )


def lab_at(start: str) -> GateTested:
    moment = at_clock(start)
    return GateTested(gate="lab", on=moment.date(), at=moment)


@pytest.mark.parametrize(
    ("dose", "unmet"), [("2025-03-19T00:05", ()), ("2025-03-19T23:00", ("lab",))]
)
def test_the_time_of_a_test_counts(dose: str, unmet: tuple[str, ...]) -> None:
    run = course(gated(max_age="48 hours"), lab_at("2025-03-17T00:05"), timed("dose-1", dose))
    assert judge_history(run)[0].unmet == unmet
    assert judge_history(run)[0].untold == ()


def test_a_test_with_a_date_only_leaves_open_whether_its_hours_are_over() -> None:
    run = course(
        gated(max_age="48 hours"),
        GateTested(gate="lab", on=day("2025-03-17")),
        timed("dose-1", "2025-03-19T10:00"),
    )
    assert (judge_history(run)[0].unmet, judge_history(run)[0].untold) == ((), ("lab",))


def test_a_49_hours_old_visit_is_too_old_for_48() -> None:
    plan = gated(max_age="48 hours", min_age="0 hours", visit="evaluation")
    run = course(plan, timed("lab", "2025-03-17T08:00"), timed("dose-1", "2025-03-19T09:00"))
    found = {one.visit: said(one) for one in judge_history(run)}
    assert found == {"lab": ("too early", 0, 60), "dose-1": ("too late", 0, 60)}


def test_two_moments_of_one_date_are_told_apart_by_a_lead_in_hours() -> None:
    plan = gated(min_age="2 hours", visit="evaluation")
    run: Course = course(plan, timed("lab", "2025-03-17T08:00"))
    assert said(verdict(run, "dose-1", at_clock("2025-03-17T09:30"))) == ("too early", 0, 30)
    assert verdict(run, "dose-1", at_clock("2025-03-17T10:00")).judged is Judged.IN_WINDOW
    safety = verdict(run, "dose-1", at_clock("2025-03-17T09:30"))
    assert attrs.evolve(safety, minutes=0).judged is not Judged.EXCEPTION


# --- any course ------------------------------------------------------------------------------

MINUTE = timedelta(minutes=1)


def counts_hours(rule: Rules) -> bool:
    return any(isinstance(getattr(rule, end, None), ElapsedSpan) for end in ("least", "most"))


def moments_of(on: date, world: Lived) -> Iterator[datetime]:
    """Yield each second hour of a date, by the minute of what is on record; none is skipped."""
    zone = world.clinic.zone
    noted = [getattr(one, "start", None) or getattr(one, "at", None) for one in world.course.events]
    for minute in sorted({0, 59} | {(one.minute + 1) % 60 for one in noted if one is not None}):
        for hour in (0, *range(1, 23, 3), 23):
            at = datetime(on.year, on.month, on.day, hour, minute, tzinfo=zone)
            yield at.astimezone(UTC).astimezone(zone)


@settings(max_examples=20, deadline=None)
@hypothesis.given(world=lived(small=True, of=About.HOURS))
def test_a_date_is_what_all_its_moments_are_or_it_cannot_be_told(world: Lived) -> None:
    agenda = expand(world.course, world.today)
    for due in next_visits(agenda):
        if not any(counts_hours(rule) and due.id in about(rule) for rule in agenda.bindings):
            continue
        for n in range(3):
            on = world.today + timedelta(days=n)
            found = verdict(world.course, due.id, on)
            if found.judged is Judged.NOT_DUE or found.pending:
                continue
            moments = (one for one in moments_of(on, world) if one.date() == on)
            told = {verdict(world.course, due.id, one).judged for one in moments}
            hypothesis.event("one answer all day" if len(told) == 1 else "another by the hour")
            whole = found.judged is Judged.CANNOT_BE_TOLD
            assert told == {found.judged} or (whole and len(told) > 1)


def minutes_of(rule: Spacing, schedule: Schedule) -> int | None:
    """Return the real minutes between two visits of a plan; ``None`` where a moment is missing."""
    planned = {visit.id: visit for visit in schedule.visits}
    later, earlier = planned.get(rule.later), rule.earlier
    end = rule.between is Between.END_AND_START
    if isinstance(earlier, PastVisit):
        moment = earlier.end if end else earlier.start
    else:
        visit = planned.get(earlier)
        moment = None if visit is None else visit.discharge_by if end else visit.start
    if later is None or moment is None:
        return None
    return (later.start.astimezone(UTC) - moment.astimezone(UTC)) // MINUTE


@settings(max_examples=25, deadline=None)
@hypothesis.given(world=lived(of=About.HOURS))
def test_hours_of_a_plan_are_real_ones(world: Lived) -> None:
    plan = plan_course(world.course, world.clinic, world.person, as_of=world.today, effort=EFFORT)
    if plan.schedule is None:
        return
    for rule in plan.agenda.bindings:
        if not (isinstance(rule, Spacing) and counts_hours(rule)) or rule.status is not None:
            continue
        found = minutes_of(rule, plan.schedule)
        if found is None:
            continue
        hypothesis.event("hours between two moments")
        if isinstance(rule.least, ElapsedSpan):
            assert found >= rule.least.minutes
        if isinstance(rule.most, ElapsedSpan):
            assert found <= rule.most.minutes


@settings(max_examples=25, deadline=None)
@hypothesis.given(world=lived(small=True, of=About.HOURS))
def test_moments_mean_the_same_by_any_clock(world: Lived) -> None:
    run = world.course
    there = attrs.evolve(run, events=map(by_another_clock, run.events))
    told = [said(one) for one in judge_history(run, world.clinic)]
    assert [said(one) for one in judge_history(there, world.clinic)] == told
    for due in next_visits(expand(run, world.today)):
        on = world.today + timedelta(days=1)
        found = (verdict(known, due.id, on, None, world.clinic) for known in (run, there))
        assert said(next(found)) == said(next(found))
