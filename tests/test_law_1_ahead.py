"""The judges agree on every visit that dates show, those that wait for others included."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import attrs
import hypothesis
from hypothesis import settings

from courses import EFFORT, Lived, lived
from protocol_sched.expansion import expand
from protocol_sched.judge.verdicts import Judged, Verdict, judge_history, nearest, verdict
from protocol_sched.model.agenda import (
    Agenda,
    AtMost,
    Due,
    MadeUp,
    NotAfter,
    NotBefore,
    OfTwo,
    OnOpenDay,
    Rules,
    Spacing,
)
from protocol_sched.model.availability import Escort, Hours, Person
from protocol_sched.model.course import Given
from protocol_sched.model.plain import WEEKDAYS
from protocol_sched.model.protocol import Protocol
from protocol_sched.model.schedule import Plan, Proof
from protocol_sched.model.spans import ElapsedSpan, comparable
from protocol_sched.planning.course import plan_agenda
from test_law_1 import A_PLAN, EARLY, NO_PLAN

ALWAYS = Hours.of(dict.fromkeys(WEEKDAYS, "00:00-24:00"))
ONE_DAY = timedelta(days=1)


def dates_to_ask(due: Due, today: date) -> list[date]:
    """Return dates around the edges of a visit, none of them past."""
    days = set()
    for edge in (due.earliest, due.foreseen, due.latest):
        if edge is not None:
            days |= {edge.day + n * ONE_DAY for n in (-3, -1, 0, 1, 3)}
    return sorted(day for day in days if day >= today)


def leans_back(rule: Rules) -> bool:
    """Tell whether a rule binds a visit that comes before the one it is measured from, or a
    gate's."""
    if not isinstance(rule, Spacing):
        return False
    target = rule.target.least if rule.target is not None else None
    spans = [one for one in (rule.least, rule.most, target) if one is not None]
    return rule.rule == "gate" or any(comparable(span) < 0 for span in spans)


def without_neighbours(agenda: Agenda, protocol: Protocol) -> Agenda:
    """Return an agenda without the order of visits beside the treatments, as they are foreseen."""
    phases = {phase.name for phase in protocol.phases}
    beside = {due.id for due in agenda.dues if due.phase not in phases}
    measured = {ends(rule) for rule in agenda.bindings if rule.rule != "order"}
    rules = [
        rule
        for rule in agenda.bindings
        if rule.rule != "order" or ends(rule) in measured or not beside & set(ends(rule))
    ]
    return attrs.evolve(agenda, bindings=tuple(rules))


def ends(rule: Rules) -> tuple[str, ...]:
    return tuple(one for one in rule.about if isinstance(one, str))


def beside(visit: str, rules: list[Rules]) -> set[str]:
    """Return the visits that move with one: before it, or behind it."""
    return {one for rule in rules if leans_back(rule) for one in ends(rule) if visit in ends(rule)}


def counted_from(visit: str, rules: list[Rules]) -> Iterator[str]:
    """Yield the visits due that the dates of one count from, step by step."""
    for rule in rules:
        if isinstance(rule, AtMost) and visit in rule.visits:
            for one in rule.visits[: rule.visits.index(visit)]:
                if isinstance(one, str):
                    yield one
        if isinstance(rule, OfTwo) and rule.later == visit and not leans_back(rule):
            yield from (one for one in ends(rule) if one != visit)


def fixed_for(free: set[str], rules: list[Rules]) -> set[str]:
    """Return all visits that those count from, with what moves with each of them."""
    found: set[str] = set()
    left = list(free)
    while left:
        visit = left.pop()
        more = set(counted_from(visit, rules))
        more |= beside(visit, rules) if visit in found else set()
        left += more - found - free
        found |= more - free
    return found


def in_hours(rule: Rules) -> bool:
    if not isinstance(rule, Spacing):
        return False
    target = rule.target.least if rule.target is not None else None
    return any(isinstance(span, ElapsedSpan) for span in (rule.least, rule.most, target))


def plan_around(
    world: Lived, agenda: Agenda, on: dict[str, date], free: set[str], until: date
) -> Plan:
    """Plan visits on dates, and others with them, where every calendar is always open."""
    visits = free | set(on)
    dues = tuple(one for one in agenda.dues if one.id in visits)
    rules = [rule for rule in agenda.bindings if set(ends(rule)) <= visits]
    for visit, day in on.items():
        rules += [
            NotBefore(rule="asked", visit=visit, day=day),
            NotAfter(rule="asked", visit=visit, day=day),
        ]
    alone = attrs.evolve(agenda, dues=dues, bindings=tuple(rules), questions=())
    clinic = attrs.evolve(
        world.clinic, hours=ALWAYS, closures=(), extra_openings=(), start_every=15
    )
    person = Person(key="p", escorts=[Escort(name="anyone", available=ALWAYS)])
    protocol = world.course.protocol_on(world.today)
    first = min(world.today, *on.values())
    return plan_agenda(alone, protocol, clinic, person, first=first, until=until, effort=EFFORT)


def agrees_with_dates(found: Verdict, due: Due, on: date) -> None:
    assert found.judged is not Judged.NOT_DUE
    assert found.title == due.title
    shown = (due.earliest, due.target, due.forecast, due.latest)
    assert (found.earliest, found.target, found.forecast, found.latest) == shown
    first = due.earliest.day if due.earliest is not None else date.min
    last = due.latest.day if due.latest is not None else date.max
    outside = {Judged.EXCEPTION, Judged.WRONG_WEEKDAY, Judged.BEFORE_TARGET}
    if found.judged in EARLY:
        assert on < first or (found.judged is Judged.BEFORE_TARGET and on > last)
    if found.judged is Judged.TOO_LATE:
        assert on > last
    today = due.earliest is not None and "the day of the agenda" in due.earliest.rule
    if on < first and not today:
        late = {Judged.TOO_LATE} if on > last else set()  # no date is left at all
        assert found.judged in EARLY | outside | late
        weekday = due.earliest is not None and due.earliest.rule.endswith(" only")
        if found.judged is Judged.TOO_EARLY and not found.minutes and not weekday:
            assert found.days == (first - on).days
    elif on > last:
        by_hours = {Judged.CANNOT_BE_TOLD} if found.between is not None else set()
        assert found.judged in {Judged.TOO_LATE, Judged.LATE} | outside | by_hours
        if found.judged is Judged.TOO_LATE and not found.minutes:
            assert found.days == (on - last).days
    if due.foreseen is not None and on == due.foreseen.day <= last and not due.overdue:
        assert found.judged not in NO_PLAN


def none_left(due: Due) -> bool:
    """Tell whether its rules leave a visit no date at all."""
    ends = due.earliest, due.latest
    return ends[0] is not None and ends[1] is not None and ends[0].day > ends[1].day


@settings(max_examples=30)
@hypothesis.given(world=lived(small=True))
def test_every_visit_that_dates_show_has_one_answer(world: Lived) -> None:
    course, agenda = world.course, expand(world.course, world.today)
    foreseen = {due.id: due.foreseen.day for due in agenda.dues if due.foreseen is not None}
    agenda = without_neighbours(agenda, course.protocol)
    rules = [rule for rule in agenda.bindings if rule.status is None]
    phases = {phase.name for phase in course.protocol.phases}
    for due in agenda.dues:
        free = beside(due.id, rules)
        fixed = fixed_for({due.id, *free}, rules)
        waits = due.tentative or due.open or not fixed <= set(foreseen)
        for on in dates_to_ask(due, world.today):
            found = verdict(course, due.id, on, world.today)
            hypothesis.event(f"{found.judged.value}, {bool(fixed)}, {bool(free)}")
            agrees_with_dates(found, due, on)
            broken = any(
                rule.status is not None for rule in agenda.bindings if due.id in ends(rule)
            )
            if waits or broken or due.overdue or found.unmet or found.untold:
                continue
            if any(none_left(agenda.due(visit)) for visit in {due.id, *free, *fixed}):
                continue
            places = {visit: foreseen[visit] for visit in fixed}
            bound = [rule for rule in rules if {due.id, *free} & set(ends(rule))]
            hours = any(in_hours(rule) for rule in bound)
            days_open = any(isinstance(rule, OnOpenDay | MadeUp) for rule in bound)
            until = max(on, *places.values(), on) + (10 if free else 0) * ONE_DAY
            if (found.judged in NO_PLAN and not hours) or (
                found.judged in A_PLAN and not days_open
            ):
                plan = plan_around(world, agenda, {**places, due.id: on}, free, until)
                if plan.proof is Proof.NOT_PROVED:
                    hypothesis.event("no plan in time")
                elif found.judged in NO_PLAN:
                    assert plan.schedule is None
                elif plan.schedule is None:  # those before it may not all be as they are foreseen
                    assert places
                    hypothesis.event("the visits before it cannot be so")
                    assert plan_around(world, agenda, places, set(), until).schedule is None
            # What is said once it was given, and those before it as they are foreseen.
            if hours or (free and due.phase in phases) or found.judged is Judged.CANNOT_BE_TOLD:
                continue
            events = [Given(visit=one, on=day) for one, day in places.items()]
            lived_on = course.after(
                sorted([*events, Given(visit=due.id, on=on)], key=lambda e: e.on)
            )
            *_, judged = [one for one in judge_history(lived_on) if one.visit == due.id]
            assert (judged.judged, judged.days, judged.rule) == (
                found.judged,
                found.days,
                found.rule,
            )
            near = nearest(course, found, world.today)
            for day in near:
                if day is not None:
                    assert verdict(course, due.id, day, world.today).judged is Judged.IN_WINDOW
            if due.target is not None and due.target.day != on and not due.overdue:
                assert near != (None, None) or days_open
