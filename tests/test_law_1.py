"""The judges agree: dates, verdict, a plan with the visit there, check, and the history judged."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import TypeGuard

import attrs
import hypothesis
import pytest
from hypothesis import settings
from hypothesis import strategies as st

from courses import EFFORT, Lived, lived
from protocol_sched import catalog
from protocol_sched.expansion import expand
from protocol_sched.formats.documents.documents import read_course, read_protocol
from protocol_sched.judge.verdicts import Judged, Verdict, judge_history, nearest, verdict
from protocol_sched.model.agenda import (
    Agenda,
    AtMost,
    DatedBy,
    Due,
    Gated,
    NotAfter,
    NotBefore,
    OnOpenDay,
    Rules,
    Spacing,
)
from protocol_sched.model.availability import Escort, Hours, Person
from protocol_sched.model.course import Course, Given, Missed, Pinned
from protocol_sched.model.gates import Gate
from protocol_sched.model.numbers import Count, Ordinals
from protocol_sched.model.other_visits import OtherVisit
from protocol_sched.model.plain import WEEKDAYS
from protocol_sched.model.references import parse_reference
from protocol_sched.model.rules import Clock, Give, Tier
from protocol_sched.model.schedule import Plan
from protocol_sched.model.spans import calendar_span, parse_span
from protocol_sched.planning.course import plan_agenda
from protocols import (
    TREATMENT,
    apart,
    at,
    course,
    day,
    every,
    given,
    late,
    phase,
    protocol,
    seen,
    window,
)

EXAMPLES = Path(__file__).parent.parent / "examples"


def said(found: Verdict) -> tuple[str, int, str]:
    return found.judged.value, found.days, found.rule


def example() -> Course:
    plan = read_protocol((EXAMPLES / "ketamine-migraine.toml").read_text())
    return read_course((EXAMPLES / "course.toml").read_text(), lambda name: plan)


def test_an_evaluation_on_its_own_date_is_in_window() -> None:
    assert verdict(example(), "evaluation", day("2027-03-01")).judged is Judged.IN_WINDOW
    early = verdict(example(), "evaluation", day("2027-02-27"))
    assert said(early) == ("too early", 2, "not before 2027-03-01, the start of the course")


def lab_before(start: str | None = None) -> Course:
    plan = protocol(
        phase("dose", every("1 week"), "1"),
        gates=[
            Gate(
                name="lab",
                visit="evaluation",
                max_age=calendar_span("14 days"),
                min_age=calendar_span("1 day"),
                source="local",
            )
        ],
    )
    pin = Pinned(visit="dose-1", start=datetime(2027, 3, 31, 10, tzinfo=UTC), on=day("2027-02-20"))
    return course(plan, pin, start=start)


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        ("2027-03-16", ("too early", 1, "at most 14 days before infusion")),
        ("2027-03-17", ("in window", 0, "")),
        ("2027-03-30", ("in window", 0, "")),
        ("2027-03-31", ("too late", 1, "at least 1 day before infusion")),
    ],
)
def test_a_gates_visit_is_judged_by_its_lead_and_its_age(
    on: str, expected: tuple[str, int, str]
) -> None:
    assert said(verdict(lab_before(), "lab", day(on))) == expected
    done = course(lab_before().protocol, *given(lab=on, dose_1="2027-03-31"))
    assert said(judge_history(done)[0])[:2] == expected[:2]


def test_a_broken_safety_lead_is_no_exception() -> None:
    plan = protocol(
        phase("dose", every("1 week"), "1"),
        gates=[
            Gate(name="lab", visit="evaluation", min_age=calendar_span("14 days"), source="local")
        ],
    )
    run = course(plan, *given(lab="2027-03-01"))
    found = verdict(run, "dose-1", day("2027-03-05"))
    assert said(found) == ("too early", 10, "at least 14 days after evaluation")


def test_a_tuesday_is_no_monday() -> None:
    weekly = protocol(phase("dose", every("1 week"), "3"))
    mondays = attrs.evolve(
        weekly,
        visit_types=(attrs.evolve(TREATMENT, weekdays=("Monday",)), *weekly.visit_types[1:]),
    )
    run = course(mondays, *given(dose_1="2027-03-01"))
    assert verdict(run, "dose-2", day("2027-03-08")).judged is Judged.IN_WINDOW
    assert said(verdict(run, "dose-2", day("2027-03-09"))) == (
        "wrong weekday",
        0,
        "on Monday only",
    )
    assert nearest(run, verdict(run, "dose-2", day("2027-03-09")))[0] == day("2027-03-08")


def test_the_courses_own_dates_and_a_pin_are_limits() -> None:
    plan = protocol(phase("dose", every("1 week"), "2"))
    run = attrs.evolve(
        course(plan, *given(dose_1="2027-03-01"), start="2027-03-01"), finish_by=day("2027-03-05")
    )
    assert said(verdict(run, "dose-2", day("2027-03-08"))) == (
        "too late",
        3,
        "not after 2027-03-05, the end of the course",
    )
    assert verdict(run, "dose-1", day("2027-02-26")).judged is Judged.TOO_EARLY
    pin = Pinned(visit="dose-2", start=datetime(2027, 3, 8, 10, tzinfo=UTC), on=day("2027-03-02"))
    fixed = course(plan, *given(dose_1="2027-03-01"), pin)
    assert said(verdict(fixed, "dose-2", day("2027-03-07"))) == (
        "too early",
        1,
        "fixed at 2027-03-08 10:00",
    )
    assert verdict(fixed, "dose-2", day("2027-03-08")).judged is Judged.IN_WINDOW


def reviewed(hard: bool) -> Course:
    plan = protocol(
        phase("dose", every("1 week"), "1"),
        other_visits=[
            OtherVisit(
                name="check",
                visit="review",
                cadence=at("30 days"),
                anchor=parse_reference("start of course"),
                tolerance=window("2 days", "2 days", hard=hard),
                source="local",
            )
        ],
    )
    return course(plan, *given(dose_1="2027-03-01"))


def test_another_visit_outside_a_soft_tolerance_is_an_exception() -> None:
    assert verdict(reviewed(True), "check", day("2027-04-03")).judged is Judged.TOO_LATE
    for on in ("2027-03-28", "2027-04-03"):
        found = verdict(reviewed(False), "check", day(on))
        assert (found.judged, found.days) == (Judged.EXCEPTION, 1)


def test_sooner_than_a_target_without_a_limit_is_called_so() -> None:
    run = course(protocol(phase("dose", every("8 weeks"), "3")), *given(dose_1="2025-02-19"))
    assert said(verdict(run, "dose-2", day("2025-02-20"))) == (
        "before its target",
        55,
        "not before its target, 8 weeks after infusion 1; no earlier limit is published",
    )
    assert verdict(run, "dose-2", day("2025-04-16")).judged is Judged.IN_WINDOW


def test_a_screening_is_judged_by_the_first_day_as_it_was() -> None:
    plan = protocol(
        phase("dose", at("day 1"), "1"),
        other_visits=[
            OtherVisit(
                name="screening",
                visit="review",
                cadence=at("- 14 days"),
                anchor=parse_reference("start of dose"),
                tolerance=window("2 days", "3 days"),
                source="local",
            )
        ],
    )
    run = course(plan, *given(screening="2026-02-02", dose_1="2026-02-03"), start="2026-02-01")
    screening = next(one for one in judge_history(run) if one.visit == "screening")
    assert (screening.judged, screening.days) == (Judged.TOO_LATE, 10)


def test_inserted_and_restarted_visits_have_verdicts() -> None:
    table = late(
        Clock.LAST_VISIT,
        Tier(over=calendar_span("6 weeks"), give=Give.RESTART_COURSE),
        Tier(up_to=calendar_span("6 weeks")),
    )
    plan = protocol(
        phase("load", every("1 week"), "2", late=[table]),
        phase("keep", every("4 weeks"), "open", late=[table]),
    )
    run = course(plan, *given(load_1="2026-01-05", load_2="2026-01-12", keep_1="2026-02-09"))
    (again, *_) = seen(run, "2026-05-01").dues
    assert again.id == "load-3"
    assert verdict(run, "load-3", day("2026-05-01")).judged is Judged.IN_WINDOW
    paliperidone = Course(
        key="p",
        protocol=catalog.load("paliperidone-monthly"),
        events=given(initiation_1="2025-01-06", initiation_2="2025-01-13"),
    )
    assert verdict(paliperidone, "monthly-1", day("2025-02-10")).judged is Judged.IN_WINDOW


@pytest.mark.parametrize(
    ("on", "judged"),
    [
        ("2027-03-21", "too early"),
        ("2027-03-22", "grace"),
        ("2027-03-28", "grace"),
        ("2027-03-29", "in window"),
    ],
)
def test_a_dose_inside_its_grace_counts(on: str, judged: str) -> None:
    plan = protocol(
        phase("dose", every("28 days"), "2", separations=[apart(least="28 days", grace="7 days")])
    )
    run = course(plan, *given(dose_1="2027-03-01"))
    assert verdict(run, "dose-2", day(on)).judged.value == judged
    assert judge_history(run.after(given(dose_2=on)))[-1].judged.value == judged


def test_a_date_on_which_it_was_missed_or_before_it_is_asked_for_is_too_early() -> None:
    run = course(protocol(phase("dose", every("1 week"), "2")), *given(dose_1="2027-03-01"))
    missed = run.after([Missed(visit="dose-2", on=day("2027-03-08"))])
    assert said(verdict(missed, "dose-2", day("2027-03-08"))) == (
        "too early",
        1,
        "not before 2027-03-09, the day after it was missed",
    )


def before_the_second(in_a_row: int) -> Course:
    soft = window("1 day", "1 day", hard=False)
    doses = phase("dose", every("2 days"), "2", tolerances=[soft])
    talk = Gate(
        name="talk",
        visit="evaluation",
        before=Ordinals.parse("2"),
        in_a_row=in_a_row,
        source="local",
    )
    run = course(protocol(doses, gates=[talk]), *given(dose_1="2027-03-12"), start="2027-03-12")
    return attrs.evolve(run, finish_by=day("2027-03-16"))


@pytest.mark.parametrize("in_a_row", [1, 2, 3])
def test_a_gates_visit_that_others_have_to_follow_is_judged_as_it_was_due(in_a_row: int) -> None:
    run = before_the_second(in_a_row)
    fits = 15 - in_a_row  # as many visits fit in behind it, each on a date of its own
    for on, judged in ((fits, "in window"), (fits + 1, "exception"), (fits + 2, "too late")):
        where = f"2027-03-{on}"
        found = verdict(run, "talk", day(where))
        after = judge_history(run.after(given(talk=where)))[-1]
        assert said(after) == said(found)
        assert (found.judged.value, found.days) == (judged, max(on - fits, 0))


def test_the_next_visit_of_a_row_is_on_a_date_of_its_own() -> None:
    run = before_the_second(2).after(given(talk="2027-03-13"))
    for on, judged in (("13", "too early"), ("14", "in window")):
        where = f"2027-03-{on}"
        found = verdict(run, "talk-2", day(where))
        after = next(
            one for one in judge_history(run.after(given(talk_2=where))) if one.visit == "talk-2"
        )
        assert said(after) == said(found)
        assert found.judged.value == judged


@pytest.mark.parametrize(("on", "days"), [("03", 11), ("12", 2), ("13", 1)])
def test_the_second_of_a_row_is_not_before_the_first(on: str, days: int) -> None:
    """Recorded with a date before the first one's, it is too early, whatever is behind it."""
    run = before_the_second(2).after(given(talk="2027-03-13", talk_2=f"2027-03-{on}"))
    found = {one.visit: said(one) for one in judge_history(run)}
    assert found["talk-2"] == ("too early", days, "at least 1 day after evaluation")
    assert found["talk"] == ("in window", 0, "")


def test_no_date_is_right_for_a_visit_that_comes_before_one_without_any() -> None:
    doses = attrs.evolve(
        phase("dose", every("1 day"), "1"), first_day_of_month=Count(least=1, most=5)
    )
    talk = Gate(name="talk", visit="evaluation", source="local")
    run = attrs.evolve(
        course(protocol(doses, gates=[talk]), start="2027-03-12"), finish_by=day("2027-03-14")
    )
    dose = seen(run, "2027-03-11").due("dose-1")
    assert dose.earliest is not None
    assert dose.latest is not None
    assert (dose.earliest.day, dose.latest.day) == (day("2027-04-01"), day("2027-03-05"))
    assert verdict(run, "talk", day("2027-03-12")).judged is Judged.TOO_LATE


def test_a_latest_date_is_one_on_which_the_visit_may_be() -> None:
    doses = attrs.evolve(
        phase("dose", every("1 day"), "1"), first_day_of_month=Count(least=3, most=28)
    )
    talk = Gate(name="talk", visit="evaluation", source="local")
    run = attrs.evolve(
        course(protocol(doses, gates=[talk]), start="2028-02-26"), finish_by=day("2028-02-29")
    )
    agenda = seen(run, "2028-02-25")
    for visit, on in (("dose-1", "2028-02-28"), ("talk", "2028-02-27")):
        latest = agenda.due(visit).latest
        assert latest is not None
        assert latest.day == day(on)
        assert verdict(run, visit, day(on)).judged is Judged.IN_WINDOW
    assert agenda.due("dose-1").latest == DatedBy(
        day("2028-02-28"), "on day 3 to 28 of a month", "local"
    )
    assert said(verdict(run, "talk", day("2028-02-28")))[:2] == ("too late", 1)


@pytest.mark.parametrize(
    "test",
    [
        Gate(name="talk", in_a_row=2, source="local"),
        Gate(name="talk", in_a_row=2, min_age=calendar_span("1 day"), source="local"),
        Gate(name="talk", min_age=parse_span("24 hours"), source="local"),
    ],
)
def test_a_test_still_to_come_is_named_as_missing_and_moves_no_date(test: Gate) -> None:
    run = course(protocol(phase("dose", every("1 day"), "1"), gates=[test]), start="2027-03-12")
    early = ("too early", 1, "not before 2027-03-12, the start of the course")
    for on, expected in (
        ("2027-03-11", early),
        ("2027-03-12", ("in window", 0, "")),
        ("2027-03-13", ("in window", 0, "")),
    ):
        (after,) = judge_history(run.after(given(dose_1=on)))
        for as_of in (None, day("2027-03-11")):
            found = verdict(run, "dose-1", day(on), as_of)
            assert said(found) == said(after) == expected
            assert (after.unmet, found.unmet) == (("talk",), ("talk",))
            assert found.broken


# --- one answer, whoever is asked ------------------------------------------------------------

EARLY = {Judged.TOO_EARLY, Judged.GRACE, Judged.BEFORE_TARGET}
NO_PLAN = EARLY | {Judged.TOO_LATE, Judged.WRONG_WEEKDAY}
"""What no plan does: a grace counts once it was so, and a plan does not go there."""
A_PLAN = {Judged.IN_WINDOW, Judged.EXCEPTION}


def next_visits(agenda: Agenda) -> Iterator[Due]:
    """Yield the visits due that hang on nothing still due, and whose rules all bind."""
    for due in agenda.dues:
        rules = [rule for rule in agenda.bindings if due.id in about(rule)]
        behind = guarded(due.id, agenda)
        hangs = any(
            later_than_a_due(rule, visit, {due.id})
            for visit in (due.id, *behind)
            for rule in agenda.bindings
        )
        waiting = [rule for rule in agenda.bindings if about(rule) & behind]
        bound = all(rule.status is None for rule in (*rules, *waiting))
        if not (due.tentative or due.open or hangs) and bound and not due.overdue:
            yield due


def about(rule: Rules) -> set[str]:
    if isinstance(rule, AtMost):
        return {visit for visit in rule.visits if isinstance(visit, str)}
    ends = [getattr(rule, field, None) for field in ("visit", "earlier", "later")]
    return {end for end in ends if isinstance(end, str)}


def is_gate(rule: Rules) -> TypeGuard[Spacing]:
    return isinstance(rule, Spacing) and rule.rule == "gate"


def guarded(visit: str, agenda: Agenda) -> set[str]:
    """Return the visits that wait for a gate's visit; a test between two treatments is none."""
    tested = {rule.visit for rule in agenda.bindings if isinstance(rule, Gated)}
    waiting = (rule for rule in agenda.bindings if is_gate(rule) and rule.earlier == visit)
    return {rule.later for rule in waiting} - tested


def later_than_a_due(rule: Rules, visit: str, aside: set[str]) -> bool:
    """Tell whether a rule makes a visit wait for one that is due, some aside."""
    if isinstance(rule, AtMost):
        return visit in rule.visits[1:] and bool(about(rule) - {visit} - aside)
    earlier = getattr(rule, "earlier", "")
    return (
        getattr(rule, "later", None) == visit and isinstance(earlier, str) and earlier not in aside
    )


def place_for(world: Lived, agenda: Agenda, due: Due, on: date) -> Plan:
    """
    Plan one visit by itself on one date, where every calendar is open.

    A gate's visit is planned with those that wait for it, which it is too late or too early for.
    """
    visits = {due.id} | guarded(due.id, agenda)
    dues = tuple(one for one in agenda.dues if one.id in visits)
    rules = [rule for rule in agenda.bindings if about(rule) <= visits]
    rules += [
        NotBefore(rule="asked", visit=due.id, day=on),
        NotAfter(rule="asked", visit=due.id, day=on),
    ]
    alone = attrs.evolve(agenda, dues=dues, bindings=tuple(rules), questions=())
    always = Hours.of(dict.fromkeys(WEEKDAYS, "00:00-24:00"))
    clinic = attrs.evolve(
        world.clinic, hours=always, closures=(), extra_openings=(), start_every=15
    )
    person = Person(key="p", escorts=[Escort(name="anyone", available=always)])
    protocol = world.course.protocol_on(world.today)
    until = on if len(dues) == 1 else on + timedelta(days=60)
    return plan_agenda(alone, protocol, clinic, person, first=on, until=until, effort=EFFORT)


@settings(max_examples=40)
@hypothesis.given(world=lived(small=True))
def test_dates_verdict_plan_check_and_judged_history_give_one_answer(world: Lived) -> None:
    course, agenda = world.course, expand(world.course, world.today)
    phases = {phase.name: phase for phase in course.protocol.phases}
    for due in next_visits(agenda):
        for n in range(7):
            on = world.today + timedelta(days=n)
            found = verdict(course, due.id, on)
            hypothesis.event(found.judged.value)
            late = due.phase in phases and bool(phases[due.phase].late)
            if found.judged is Judged.NOT_DUE:
                assert late or course.protocol.adaptations or course.protocol.gates
                continue
            # What the list of dates says.
            if found.judged in EARLY:
                assert due.earliest is not None
                assert on < due.earliest.day
            if found.judged is Judged.TOO_LATE:
                assert due.latest is not None
                assert on > due.latest.day
            # What is said once it was given.
            given = Given(visit=due.id, on=on)
            after = [one for one in judge_history(course.after([given])) if one.visit == due.id]
            if after[-1].judged is Judged.NOT_DUE:  # what it stands before is skipped by then
                assert any(one.late for one in phases.values())
                assert due.phase not in phases
                continue
            assert said(after[-1]) == said(found)
            # What a plan does; tests that are missing are asked for, and do not move a date.
            if (
                found.unmet
                or found.untold
                or (course.not_before is not None and on < course.not_before)
            ):
                continue
            plan = place_for(world, agenda, due, on)
            if found.judged in NO_PLAN:
                assert plan.schedule is None
            waiting = guarded(due.id, agenda)
            moved = any(
                isinstance(one, OnOpenDay) and one.later in waiting for one in agenda.bindings
            )
            if found.judged in A_PLAN and not moved:  # which days are open, only a clinic knows
                assert plan.schedule is not None


@settings(max_examples=25)
@hypothesis.given(world=lived(small=True), hour=st.integers(0, 23))
def test_a_moment_is_judged_as_it_is_once_it_is_on_record(world: Lived, hour: int) -> None:
    course, zone = world.course, world.clinic.zone
    for due in next_visits(expand(course, world.today)):
        for n in range(4):
            on = world.today + timedelta(days=n)
            start = datetime(on.year, on.month, on.day, hour, tzinfo=zone)
            start = start.astimezone(UTC).astimezone(zone)
            found = verdict(course, due.id, start)
            given = Given(visit=due.id, on=start.date(), start=start)
            after = [one for one in judge_history(course.after([given])) if one.visit == due.id]
            if found.judged is Judged.NOT_DUE:
                continue
            assert (after[-1].judged, after[-1].minutes) == (found.judged, found.minutes)
            assert said(after[-1]) == said(found)
