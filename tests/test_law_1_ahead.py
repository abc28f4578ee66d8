"""The judges agree on every visit that dates show, those that wait for others included."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import attrs
import hypothesis
import pytest
from hypothesis import settings

from courses import EFFORT, Lived, lived
from protocol_sched import catalog
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
from protocol_sched.model.course import Course, Deferred, Given, Pinned
from protocol_sched.model.gates import Gate
from protocol_sched.model.other_visits import OtherVisit
from protocol_sched.model.plain import WEEKDAYS
from protocol_sched.model.protocol import Protocol
from protocol_sched.model.references import parse_reference
from protocol_sched.model.schedule import Plan, Proof
from protocol_sched.model.spans import ElapsedSpan, comparable, parse_span
from protocol_sched.planning.course import plan_agenda
from protocol_sched.text.verdicts import verdict_text
from protocols import TREATMENT, at, dates, day, every, given, phase, protocol, window
from protocols import course as course_of
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
    """Return the visits that move with one, before it or behind it, and with those."""
    found, left = set[str](), [visit]
    while left:
        one = left.pop()
        more = {
            end for rule in rules if leans_back(rule) and one in ends(rule) for end in ends(rule)
        }
        left += more - found
        found |= more
    return found


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


def order(due: Due, on: dict[str, date]) -> date:
    """Return where a visit comes in the order of a plan: on its date, or as it is foreseen."""
    if due.id in on or due.foreseen is None:
        return on.get(due.id, date.max)
    treated = due.phase in ("first", "second")  # it comes behind what moves with it
    return max(due.foreseen.day, *on.values()) if treated else due.foreseen.day


def plan_around(
    world: Lived, agenda: Agenda, on: dict[str, date], free: set[str], until: date
) -> Plan:
    """Plan visits on dates, and others with them, where every calendar is always open."""
    visits = free | set(on)
    dues = sorted((one for one in agenda.dues if one.id in visits), key=lambda one: order(one, on))
    rules = [rule for rule in agenda.bindings if set(ends(rule)) <= visits]
    for visit, where in on.items():
        rules += [
            NotBefore(rule="asked", visit=visit, day=where),
            NotAfter(rule="asked", visit=visit, day=where),
        ]
    alone = attrs.evolve(agenda, dues=dues, bindings=tuple(rules), questions=())
    clinic = attrs.evolve(
        world.clinic, hours=ALWAYS, closures=(), extra_openings=(), start_every=15
    )
    person = Person(key="p", escorts=[Escort(name="anyone", available=ALWAYS)])
    protocol = world.course.protocol_on(world.today)
    first = min(world.today, *on.values())
    return plan_agenda(alone, protocol, clinic, person, first=first, until=until, effort=EFFORT)


def agrees_with_dates(found: Verdict, due: Due, on: date, hours: bool) -> None:
    assert found.judged is not Judged.NOT_DUE
    assert found.title == due.title
    shown = (due.earliest, due.target, due.forecast, due.latest)
    said = (found.earliest, found.target, found.forecast, found.latest)
    floor = due.earliest is not None and due.earliest.rule.endswith("the day of the agenda")
    if said != shown:
        # That no visit is before today is nothing about the date asked: what was right before it
        # is what a verdict shows, where all that its dates count from is on record.
        assert floor or due.overdue
        assert not found.foreseen
        assert found.latest == due.latest
        if found.earliest is not None and due.earliest is not None:
            assert found.earliest.day <= due.earliest.day
    if due.earliest is not None and due.earliest.rule.startswith("fixed at "):
        return  # a pin is where it is, whatever else says so
    first = due.earliest.day if due.earliest is not None else date.min
    last = due.latest.day if due.latest is not None else date.max
    outside = {Judged.EXCEPTION, Judged.WRONG_WEEKDAY, Judged.BEFORE_TARGET}
    outside.add(Judged.WRONG_DAY_OF_MONTH)
    if found.judged in EARLY and not found.rule.startswith("best "):
        assert on < first or (found.judged is Judged.BEFORE_TARGET and on > last)
    if found.judged is Judged.TOO_LATE:
        assert on > last
    by_hours = {Judged.CANNOT_BE_TOLD} if found.between is not None else set()
    # What hangs on today alone moves no date: a test still to come is named as missing.
    by_today = ("the day of the agenda", "after a test: ", "after a test that can be from ")
    today = due.earliest is not None and any(one in due.earliest.rule for one in by_today)
    if on < first and not today:
        late = {Judged.TOO_LATE} if on > last else set()  # no date is left at all
        assert found.judged in EARLY | outside | late | by_hours
        weekday = due.earliest is not None and due.earliest.rule.endswith((" only", " of a month"))
        if found.judged is Judged.TOO_EARLY and not hours and not weekday:
            assert found.days == (first - on).days
    elif on > last:
        assert found.judged in {Judged.TOO_LATE, Judged.LATE} | outside | by_hours
        weekday = due.latest is not None and due.latest.rule.endswith((" only", " of a month"))
        if found.judged is Judged.TOO_LATE and not hours and not weekday:
            assert found.days == (on - last).days
    if due.foreseen is not None and on == due.foreseen.day <= last and not due.overdue:
        assert found.judged not in NO_PLAN


def none_left(due: Due) -> bool:
    """Tell whether its rules leave a visit no date at all."""
    ends = due.earliest, due.latest
    return ends[0] is not None and ends[1] is not None and ends[0].day > ends[1].day


@settings(max_examples=15)
@hypothesis.given(world=lived(small=True))
def test_every_visit_that_dates_show_has_one_answer(world: Lived) -> None:
    course, agenda = world.course, expand(world.course, world.today)
    foreseen = {due.id: due.foreseen.day for due in agenda.dues if due.foreseen is not None}
    agenda = without_neighbours(agenda, course.protocol)
    rules = [rule for rule in agenda.bindings if rule.status is None]
    phases = {phase.name for phase in course.protocol.phases}
    beside_treatments = {one.name for one in course.protocol.other_visits}
    for due in agenda.dues:
        free = beside(due.id, rules)
        fixed = fixed_for({due.id, *free}, rules)
        waits = due.tentative or due.open or not fixed <= set(foreseen)
        for on in dates_to_ask(due, world.today):
            found = verdict(course, due.id, on, world.today)
            hypothesis.event(f"{found.judged.value}, {bool(fixed)}, {bool(free)}")
            hours = any(in_hours(rule) for rule in agenda.bindings if due.id in ends(rule))
            agrees_with_dates(found, due, on, hours)
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
            told = not (hours and (free or places)) and not days_open
            if (found.judged in NO_PLAN and not hours) or (found.judged in A_PLAN and told):
                plan = plan_around(world, agenda, {**places, due.id: on}, free, until)
                if plan.proof is Proof.NOT_PROVED:
                    hypothesis.event("no plan in time")
                elif found.judged in NO_PLAN:
                    assert plan.schedule is None
                elif plan.schedule is None:  # those before it may not all be as they are foreseen
                    hypothesis.event("the visits before it cannot be so")
                    assert plan_around(world, agenda, places, set(), until).schedule is None
            # What is said once it was given, and those before it as they are foreseen.
            before = any(one > on for one in places.values())
            led = any(leans_back(one) and getattr(one, "earlier", "") == due.id for one in rules)
            waited_for = led and due.phase in beside_treatments
            aside = hours or before or (free and due.phase in phases) or waited_for
            if aside or found.judged is Judged.CANNOT_BE_TOLD:
                continue
            events = [Given(visit=one, on=day) for one, day in places.items()]
            lived_on = course.after(
                sorted([*events, Given(visit=due.id, on=on)], key=lambda e: e.on)
            )
            *_, judged = [one for one in judge_history(lived_on) if one.visit == due.id]
            assert (judged.judged, judged.days) == (found.judged, found.days)
            near = nearest(course, found, world.today)
            for one in near:
                if one is not None:
                    assert verdict(course, due.id, one, world.today).judged is Judged.IN_WINDOW
            aimed = due.foreseen
            if found.judged is not Judged.IN_WINDOW and aimed is not None:
                best = verdict(course, due.id, aimed.day, world.today)
                assert best.judged is not Judged.IN_WINDOW or near != (None, None)


def shown(due: Due) -> Iterator[date]:
    """Yield the dates that are shown of a visit, and those just outside its edges."""
    if due.earliest is not None:
        yield from (due.earliest.day - ONE_DAY, due.earliest.day)
    if due.foreseen is not None:
        yield due.foreseen.day
    if due.latest is not None:
        yield from (due.latest.day, due.latest.day + ONE_DAY)


@pytest.mark.parametrize("name", catalog.names())
def test_dates_and_verdicts_of_a_published_protocol_agree(name: str) -> None:
    today, start = date(2027, 2, 1), date(2027, 3, 1)
    course = Course(key="c", protocol=catalog.load(name), not_before=start)
    for due in expand(course, today).dues[:4]:
        for on in sorted(set(shown(due))):
            found = verdict(course, due.id, on, today)
            agrees_with_dates(found, due, on, hours=True)
            if found.judged is not Judged.IN_WINDOW:
                for near in nearest(course, found, today):
                    if near is not None:
                        assert verdict(course, due.id, near, today).judged is Judged.IN_WINDOW


WEEKLY = protocol(phase("dose", every("3 weeks"), "4"))


def test_a_visit_whose_predecessor_is_due_is_judged_by_the_date_that_is_foreseen_for_that() -> None:
    run = course_of(WEEKLY, start="2027-03-01")
    third = expand(run, day("2027-03-01")).due("dose-3").target
    assert third is not None
    assert third.day == day("2027-04-12")
    found = verdict(run, "dose-3", third.day, day("2027-03-01"))
    assert (found.judged, found.target) == (Judged.IN_WINDOW, third)
    assert found.foreseen == (("infusion 2", day("2027-03-22")),)
    early = verdict(run, "dose-3", day("2027-04-10"), day("2027-03-01"))
    assert (early.judged, early.days) == (Judged.BEFORE_TARGET, 2)
    assert nearest(run, early, day("2027-03-01")) == (None, day("2027-04-12"))


def test_today_is_the_last_date_on_record_where_nobody_says_it() -> None:
    run = course_of(WEEKLY, *given(dose_1="2027-03-02"), start="2027-03-01")
    assert verdict(run, "dose-3", day("2027-04-13")).judged is Judged.IN_WINDOW
    late = verdict(run, "dose-3", day("2027-04-13"), day("2027-03-30"))
    assert (late.judged, late.days) == (Judged.BEFORE_TARGET, 7)


def screened(*, before: str = "- 14 days") -> Protocol:
    screening = OtherVisit(
        name="screening",
        visit="review",
        cadence=at(before),
        anchor=parse_reference("start of dose"),
        tolerance=window("2 days", "3 days"),
        source="local",
    )
    talk = Gate(name="talk", visit="evaluation", max_age=parse_span("5 days"), source="local")
    return protocol(phase("dose", every("1 week"), "3"), other_visits=[screening], gates=[talk])


def test_a_screening_moves_with_the_first_dose_until_that_has_a_date() -> None:
    run = course_of(screened(), start="2027-03-01")
    today = day("2027-03-01")
    due = expand(run, today).due("screening")
    assert (due.target, due.latest) == (None, None)
    assert due.forecast is not None
    assert due.forecast.day == today
    assert verdict(run, "screening", day("2027-03-20"), today).judged is Judged.IN_WINDOW
    pin = Pinned(visit="dose-1", start=datetime(2027, 3, 22, 10, tzinfo=UTC), on=today)
    fixed = dates(expand(run.after([pin]), today), "screening")
    assert fixed == ("2027-03-06", "2027-03-08", "2027-03-11")
    late = verdict(run.after([pin]), "screening", day("2027-03-12"), today)
    assert (late.judged, late.days, late.title) == (Judged.TOO_LATE, 1, "review")


def test_a_verdict_calls_visits_beside_the_treatments_by_their_numbers() -> None:
    calls = OtherVisit(
        name="call",
        visit="review",
        cadence=at("day 3", "day 5"),
        anchor=parse_reference("start of dose"),
        source="local",
    )
    run = course_of(
        protocol(phase("dose", every("1 week"), "2"), other_visits=[calls]),
        *given(dose_1="2027-03-01", call_1="2027-03-03", call_2="2027-03-05"),
    )
    titles = [one.title for one in judge_history(run)]
    assert titles == ["infusion 1", "review 1", "review 2"]


def test_a_visit_that_waits_for_a_gates_visit_is_too_early_before_that_can_be() -> None:
    run, today = course_of(screened(), start="2027-03-01"), day("2027-03-01")
    first = expand(run, today).due("dose-1").earliest
    assert first is not None
    early = verdict(run, "dose-1", first.day - ONE_DAY, today)
    assert (early.judged, early.days, early.earliest) == (Judged.TOO_EARLY, 1, first)


def test_a_visit_that_hangs_on_a_question_cannot_be_told_yet() -> None:
    run = course_of(WEEKLY, *given(dose_1="2027-03-01"), start="2027-03-01")
    put_off = run.after([Deferred(visit="dose-2", on=day("2027-03-20"))])
    found = verdict(put_off, "dose-3", day("2027-04-20"), day("2027-03-20"))
    assert found.judged is Judged.CANNOT_BE_TOLD
    assert found.follows == (
        "infusion 2 was postponed on 2027-03-20; what is the first date it may be on?"
    )


def test_no_visit_is_foreseen_on_a_weekday_it_may_not_be_on() -> None:
    of = protocol(phase("dose", every("1 week"), "2"))
    mondays = attrs.evolve(
        of, visit_types=(attrs.evolve(TREATMENT, weekdays=("Monday",)), *of.visit_types[1:])
    )
    run = course_of(mondays, start="2027-03-03")
    assert dates(expand(run, day("2027-03-03")), "dose-1") == ("2027-03-08", "2027-03-08", "-")


def test_a_verdict_is_said_in_sentences_with_the_visits_it_counts_from() -> None:
    run, today = course_of(WEEKLY, start="2027-03-01"), day("2027-03-01")
    early = verdict(run, "dose-3", day("2027-04-10"), today)
    assert verdict_text(early, *nearest(run, early, today)) == (
        "Infusion 3 on Sat 10 April 2027 is before its target by 2 days.\n"
        "The deciding rule: not before its target, 3 weeks after infusion 2; no earlier "
        "limit is published\n  (source: library).\n"
        "Its earliest date is Mon 12 April 2027 and its target is Mon 12 April 2027.\n"
        "This is counted from infusion 2 on Mon 22 March 2027, as forecast.\n"
        "The nearest allowed date is Mon 12 April 2027.\n"
    )
