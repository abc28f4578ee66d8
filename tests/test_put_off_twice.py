"""Over the whole catalog: a visit put off twice is planned, signed, and every breach is named."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest

from catalog_dates import BEFORE, course_through
from protocol_sched import catalog
from protocol_sched.expansion import expand
from protocol_sched.judge.checker import violations
from protocol_sched.judge.recording import record
from protocol_sched.judge.verdicts import Judged, verdict
from protocol_sched.model.agenda import Due
from protocol_sched.model.cadences import Every
from protocol_sched.model.course import Course, Deferred, Given
from protocol_sched.model.moments import elapsed
from protocol_sched.model.protocol import Phase
from protocol_sched.model.references import PreviousVisit
from protocol_sched.model.schedule import Plan, Proof, Visit
from protocol_sched.model.spans import CalendarSpan, ElapsedSpan, MonthEnd, Span
from protocol_sched.planning.course import plan_course
from protocol_sched.text.plans import plan_text
from test_law_5 import DRIVEN, HAPPENED, roomy

ALONE = {
    "brexanolone-depression",
    "ferric-derisomaltose",
    "ketamine-boosters",
    "ketamine-crps-inpatient-goldberg",
    "ketamine-crps-inpatient-sigtermans",
    "ketamine-headache-inpatient-lauritsen",
    "ketamine-headache-inpatient-pomeroy",
    "ketamine-headache-inpatient-schwenk",
    "ketamine-migraine-response",
    "ketamine-pain-consensus",
    "rituximab-lymphoma-maintenance",
}
"""Entries of which no second treatment has a date of its own once the first was given: it waits for
a request, a score or an event, or there is none."""


LONG = {
    "esketamine-depression",
    "esketamine-suicidality",
    "ketamine-depression-thrice-weekly",
    "ketamine-depression-twice-weekly",
    "rtms-depression",
}
"""Entries that take more than a second to plan; here an answer without a plan is enough."""


ANSWERED = {"esketamine-depression"}
"""Entries whose late table says what follows a limit that was passed: late, and not too late."""


def begun(name: str) -> tuple[Course, date, Given] | None:
    """Return a course with its first treatment given on target, and what comes before it."""
    known, today = course_through(name, *HAPPENED.get(name, [])), BEFORE
    phases = {phase.name for phase in known.protocol.phases}
    zone = roomy(name).zone
    for _ in range(12):
        dues = [one for one in expand(known, today).dues if not one.tentative]
        due = next((one for one in dues if one.foreseen is not None), None)
        if due is None or due.foreseen is None:
            return None
        today = max(today, due.foreseen.day)
        start = datetime(today.year, today.month, today.day, 8, tzinfo=zone)
        given = Given(visit=due.id, on=today, start=start)
        known = known.after([given])
        if due.phase in phases:
            return known, today, given
    return None


def next_treatment(known: Course, today: date) -> Due | None:
    phases = {phase.name for phase in known.protocol.phases}
    return next(
        (
            due
            for due in expand(known, today).dues
            if due.phase in phases and due.foreseen is not None and not due.tentative
        ),
        None,
    )


def written_limits(phase: Phase, number: int) -> Iterator[Span]:
    """Yield the greatest distances from the treatment before that a phase writes, if simply so."""
    for rule in phase.separations:
        simple = len(rule.from_) == 1 and isinstance(rule.from_[0], PreviousVisit)
        if simple and rule.most is not None and number in rule.visits:
            yield rule.most
    if not isinstance(phase.cadence, Every) or not isinstance(phase.anchored_on, PreviousVisit):
        return
    most = phase.cadence.every.most or phase.cadence.every.least
    for window in phase.tolerances:
        more = window.after
        if not window.hard or number not in window.visits:
            continue
        if isinstance(most, CalendarSpan) and isinstance(more, CalendarSpan):
            yield CalendarSpan(
                years=most.years + more.years,
                months=most.months + more.months,
                weeks=most.weeks + more.weeks,
                days=most.days + more.days,
            )


def beyond(span: Span, before: Given, visit: Visit) -> bool:
    assert before.start is not None
    if isinstance(span, ElapsedSpan):
        return elapsed(before.start, visit.start) > span.delta
    return visit.day > span.after(before.on, MonthEnd.NEXT_DAY)


def named(plan: Plan, visit: str) -> list[str]:
    """Return the limits that a plan names as not kept since a visit is too late for them."""
    assert plan.schedule is not None
    return [
        one.rule.rule
        for one in plan.schedule.breaches
        if one.visits[-1] == visit and not one.too_soon
    ]


def farthest(plan: Plan, visit: str) -> int:
    """Return how far a visit is after the limit it is farthest after, in days or in minutes."""
    assert plan.schedule is not None
    return max(
        one.amount for one in plan.schedule.breaches if one.visits[-1] == visit and not one.too_soon
    )


@pytest.mark.parametrize("name", catalog.names())
def test_a_visit_put_off_twice_is_planned_and_every_breach_is_named(name: str) -> None:
    found = begun(name)
    due = found and next_treatment(*found[:2])
    assert (due is None) == (name in ALONE)
    if found is None or due is None or due.foreseen is None:
        return
    known, today, first = found
    for days in (10, 24):
        until = due.foreseen.day + timedelta(days=days)
        off = Deferred(visit=due.id, on=today, until=until, why="unwell")
        known = record(known, [off], as_of=today)
    where = roomy(name)
    plan = plan_course(known, where, DRIVEN, as_of=today, effort=400_000)
    text = plan_text(plan)
    if plan.schedule is None:
        safety = [rule for rule in plan.agenda.bindings if rule.forbids]
        assert safety or plan.conflicts or (name in LONG and plan.proof is Proof.NOT_PROVED)
        if safety:
            assert "There is no plan until a clinician waives this rule" in " ".join(text.split())
        return
    assert violations(plan.agenda, plan.schedule, where, DRIVEN, known.protocol) == ()
    visit = next((one for one in plan.schedule.visits if one.id == due.id), None)
    if visit is None:
        assert due.id in plan.agenda.left_out
        return
    assert visit.day >= until
    phase = next(one for one in known.protocol.phases if one.name == due.phase)
    by_course = first.visit.startswith(due.phase)
    limits = [one for one in written_limits(phase, due.ordinal) if beyond(one, first, visit)]
    if by_course:
        assert len(named(plan, due.id)) >= len(limits)
        found_late = verdict(known, due.id, visit.day)
        limit = found_late.latest
        # A limit that is a soft tolerance is not broken: past it, the date is an exception.
        over = limit is not None and visit.day > limit.day
        over = over and found_late.judged is not Judged.EXCEPTION
        assert bool(named(plan, due.id)) == over
        assert over == (found_late.judged is Judged.TOO_LATE or name in ANSWERED)
        assert not over or farthest(plan, due.id) in (found_late.days, found_late.minutes)
    if plan.schedule.breaches:
        assert text.startswith("Rule broken")
        assert "Proved best" not in text
