"""What would help, and why then: judged by the checker, the full solver and brute force."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import combinations, islice
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dropping import only, possible
from oracle import best
from protocol_sched.engine.compiler import compile_agenda
from protocol_sched.engine.horizon import horizon
from protocol_sched.engine.solvers.corrections import cheapest_corrections
from protocol_sched.errors import UnknownName
from protocol_sched.judge.checker import violations
from protocol_sched.model.availability import Clinic, DatedHours, Hours, Person
from protocol_sched.model.causes import (
    Closed,
    EscortHours,
    InOrder,
    MustDrive,
    OpeningHours,
    Origin,
    PersonBusy,
    PreferenceKept,
    Request,
    StartTimes,
    Turnover,
)
from protocol_sched.model.conflict import Conflict
from protocol_sched.model.course import Course
from protocol_sched.model.explanation import Explanation
from protocol_sched.model.plain import WEEKDAYS
from protocol_sched.model.relaxations import ALL_DAY, Change, Looser, MoreHours, Skipped, Whose
from protocol_sched.model.schedule import Proof
from protocol_sched.model.spans import parse_range
from protocol_sched.model.stages import Stage
from protocol_sched.planning.conflicts import rules_of_course
from protocol_sched.planning.explain import explain_agenda, explain_course, why_course
from protocol_sched.planning.relaxed import COSTS, Situation, after, changes_of, changes_on, cost
from protocol_sched.text.explanations import explanation_text
from protocols import TREATMENT, every, phase, protocol
from test_planning import examples
from worlds import World, worlds

AS_OF = date(2027, 2, 20)
TUESDAY = Request(visit="induction-3", first=date(2027, 3, 9), last=date(2027, 3, 9))


def explained(world: World, count: int = 3) -> Explanation:
    """Explain a small world."""
    return explain_agenda(
        world.agenda,
        world.protocol,
        world.clinic,
        world.person,
        first=world.first,
        until=world.last,
        count=count,
    )


def situation(world: World) -> Situation:
    """Return the world as changes see it."""
    return Situation(world.agenda, world.clinic, world.person, world.first, world.last)


def changed(world: World, changes: tuple[Change, ...]) -> World:
    """Return the world after changes."""
    now = after(situation(world), changes)
    return attrs.evolve(
        world,
        agenda=now.agenda,
        clinic=now.clinic,
        person=now.person,
        first=now.first,
        last=now.last,
    )


@st.composite
def impossible_worlds(draw: st.DrawFn) -> World:
    """Draw a world without room."""
    world = draw(worlds(months=False))
    assume(not possible(world))
    return world


def rules_in(world: World) -> list[Origin]:
    """Return every rule of a world."""
    dates = horizon(world.clinic.zone, world.first, world.last)
    compiled = compile_agenda(world.agenda, world.protocol, world.clinic, world.person, dates)
    return list(rules_of_course(compiled))


def test_two_stays_of_days_are_not_at_once_if_only_a_closure_goes() -> None:
    """Two of 60 hours need five days; the clinic is shut on one of four and on Tuesday nights."""
    stay = Stage(name="stay", length=parse_range("60 hours"), source="local")
    kind = attrs.evolve(TREATMENT, stages=[stay])
    hours = dict.fromkeys(WEEKDAYS, "all day") | {"Tuesday": "00:00-04:00, 22:00-24:00"}
    clinic = Clinic(
        name="Clinic",
        zone=ZoneInfo("America/New_York"),
        hours=Hours.of(hours),
        closures=[DatedHours(first=date(2027, 3, 13))],
    )
    one = attrs.evolve(protocol(phase("stay", every("1 day"), "2")), visit_types=[kind])
    first, last = date(2027, 3, 12), date(2027, 3, 15)
    course = Course(key="c", protocol=one, not_before=first, finish_by=last)
    found = explain_course(course, clinic, Person(key="p"), as_of=first, count=0)
    (conflict,) = found.plan.conflicts
    closed = [reason for reason in conflict.reasons if isinstance(reason.rule, Closed)]
    assert not any(reason.enough for reason in closed)


def of_one(rule: Origin, other: Origin) -> bool:
    """Tell whether two rules are about the same hours or the same commitment."""
    match rule, other:
        case (OpeningHours(), OpeningHours()):
            return True
        case (Closed(closure=one), Closed(closure=two)):
            return one == two
        case (PersonBusy(commitment=one), MustDrive(commitment=two)) | (
            MustDrive(commitment=one),
            PersonBusy(commitment=two),
        ):
            return one == two
        case _:
            return False


@settings(max_examples=15, deadline=None)
@given(world=impossible_worlds())
def test_what_is_enough_alone_is_what_brute_force_finds(world: World) -> None:
    every = rules_in(world)
    plan = explained(world, count=0).plan
    for reason in plan.conflicts[0].reasons:
        if reason.rule not in every or len(world.agenda.dues) > 2:
            continue  # an end of the dates, or more visits than can be tried at every start
        if isinstance(reason.rule, StartTimes | InOrder | Turnover):
            continue  # brute force keeps to the start times, and never has two visits at one time
        if any(rule != reason.rule and of_one(rule, reason.rule) for rule in every):
            continue  # it cannot keep hours for one thing and drop them for another
        left = only(world, [rule for rule in every if rule != reason.rule])
        left = attrs.evolve(left, first=world.first, last=world.last)
        left = attrs.evolve(
            left, clinic=attrs.evolve(left.clinic, start_every=world.clinic.start_every)
        )
        costs = best(left.agenda, left.clinic, left.person, left.protocol, left.first, left.last)
        assert reason.enough is (costs is not None)


@settings(max_examples=4, deadline=None)
@given(world=impossible_worlds())
def test_each_relaxation_gives_a_plan_the_checker_has_nothing_against(world: World) -> None:
    found = explained(world)
    costs = [one.cost for one in found.relaxations]
    assert costs == sorted(costs)
    for one in found.relaxations:
        now = changed(world, one.changes)
        assert one.cost == sum(map(cost, one.changes))
        assert one.plan.proof is Proof.OPTIMAL
        assert one.plan.schedule is not None
        broken = violations(now.agenda, one.plan.schedule, now.clinic, now.person, now.protocol)
        assert [str(violation) for violation in broken] == []


def every_change(world: World) -> list[Change]:
    """Return every change of any rule on any date."""
    visits = [due.id for due in world.agenda.dues]
    found: dict[Change, None] = {}
    named = [reason.rule for reason in explained(world, count=0).plan.conflicts[0].reasons]
    for rule in (*rules_in(world), *named):
        found.update(dict.fromkeys(changes_of(rule, visits, situation(world))))
        for n in range((world.last - world.first).days + 1):
            day = world.first + timedelta(days=n)
            found.update(dict.fromkeys(changes_on(rule, day, situation(world))))
    return list(found)


@settings(max_examples=4, deadline=None)
@given(world=impossible_worlds())
def test_nothing_cheaper_than_the_first_relaxation_makes_room(world: World) -> None:
    found = explained(world, count=1)
    assume(found.relaxations)
    assume(found.cheapest)  # else the search was cut short, and says so
    cheapest = found.relaxations[0].cost
    every = [change for change in every_change(world) if cost(change) < cheapest]
    for change in every:
        assert not possible(changed(world, (change,))), change
    pairs = (pair for pair in combinations(every, 2) if sum(map(cost, pair)) < cheapest)
    for pair in islice(pairs, 100):
        assert not possible(changed(world, pair)), pair


@settings(max_examples=40, deadline=None)
@given(costs=st.lists(st.integers(1, 4), min_size=1, max_size=6), data=st.data())
def test_corrections_are_the_cheapest_of_all(costs: list[int], data: st.DataObject) -> None:
    # A change resolves some of the conflicts; room is where none is left.
    conflicts = data.draw(
        st.lists(st.sets(st.integers(0, len(costs) - 1), max_size=3), min_size=1, max_size=4)
    )

    def blocking(changes: tuple[int, ...]) -> list[tuple[int, ...]] | None:
        left = [one for one in conflicts if not one & set(changes)]
        return [(n,) for n in sorted(left[0])] if left else None

    found = cheapest_corrections(blocking, lambda n: costs[n], count=2, looks=1000)
    numbers = range(len(costs))
    sets = [set(some) for size in range(len(costs) + 1) for some in combinations(numbers, size)]
    good = [some for some in sets if all(one & some for one in conflicts)]
    minimal = [some for some in good if not any(less < some for less in good)]
    prices = sorted(sum(costs[n] for n in some) for some in minimal)
    assert found.complete
    assert [price for _, price in found.found] == prices[:2]


def test_a_search_cut_short_says_so() -> None:
    found = cheapest_corrections(lambda _: [(1,), (2,)], lambda n: n, looks=1)
    assert found.found == ()
    assert not found.complete
    assert found.bound == 1


def test_no_set_of_changes_is_looked_at_twice() -> None:
    looked: list[tuple[int, ...]] = []

    def blocking(changes: tuple[int, ...]) -> list[tuple[int, ...]]:
        looked.append(changes)
        return [(1,), (2,)]

    found = cheapest_corrections(blocking, lambda n: n)
    assert looked == [(), (1,), (2,), (1, 2)]
    assert found.complete
    assert found.found == ()


def test_a_search_cut_short_still_names_the_smallest_sets_that_make_room() -> None:
    room = {(2,), (1, 3)}
    found = cheapest_corrections(
        lambda some: None if some in room else [(1,), (3, 1), (2,)], lambda n: n, looks=2
    )
    assert found.found == (((2,), 2), ((1, 3), 4))
    assert (found.complete, found.bound) == (False, 2)


def test_a_set_that_covers_one_already_found_is_left_out() -> None:
    found = cheapest_corrections(
        lambda some: None if some else [(1,), (2,), (4,)],
        lambda n: n,
        covers=lambda one, other: one % other == 0 and other > 1,
    )
    assert found.found == (((1,), 1), ((2,), 2))
    assert found.complete


def test_no_safety_rule_is_ever_loosened() -> None:
    course, clinic, person = examples()
    course = attrs.evolve(course, finish_by=date(2027, 3, 24))
    found = explain_course(course, clinic, person, as_of=AS_OF)
    changes = [change for one in found.relaxations for change in one.changes]
    assert any(isinstance(change, Looser) for change in changes)
    assert not any(isinstance(change, Looser) and change.rule.safety for change in changes)


def test_a_request_that_cannot_be_kept_is_in_the_conflict() -> None:
    course, clinic, person = examples()
    found = explain_course(course, clinic, person, as_of=AS_OF, asked=[TUESDAY])
    assert found.plan.proof is Proof.IMPOSSIBLE
    rules = [reason.rule for reason in found.plan.conflicts[0].reasons]
    assert rules[0] == TUESDAY
    assert [type(rule) for rule in rules[1:]] == [EscortHours, EscortHours, PersonBusy]
    swimming = "drives the children to swimming"
    assert found.relaxations[0].changes == (Skipped(swimming, date(2027, 3, 9)),)
    assert found.without is not None
    assert found.without.proof is Proof.OPTIMAL


def test_a_person_can_come_on_a_date_on_which_they_are_otherwise_not_free() -> None:
    course, clinic, person = examples()
    free = Hours.of({"Monday": "08:00-17:00", "Wednesday": "08:00-17:00"})
    person = attrs.evolve(person, name="", available=free, commitments=())
    friday = Request(visit="induction-2", first=date(2027, 3, 5), last=date(2027, 3, 5))
    found = explain_course(course, clinic, person, as_of=AS_OF, asked=[friday])
    change = MoreHours(Whose.PERSON, "", date(2027, 3, 5), *ALL_DAY)
    assert change in found.relaxations[0].changes
    text = explanation_text(found)
    assert "  - the person is not free on Fri 5 March\n" in text
    assert "the person comes on Fri 5 March, although they are otherwise not free" in text


def test_a_request_that_can_be_kept_says_what_it_costs() -> None:
    course, clinic, person = examples()
    friday = Request(visit="induction-1", first=date(2027, 3, 5), last=date(2027, 3, 5))
    found = explain_course(course, clinic, person, as_of=AS_OF, asked=[friday])
    assert found.plan.schedule is not None
    assert found.plan.schedule.visit("induction-1").day == date(2027, 3, 5)
    assert found.plan.objective is not None
    assert found.without is not None
    assert found.without.objective is not None
    assert found.plan.objective.preferences == 2
    assert found.without.objective.preferences == 0


def test_preferences_can_be_asked_for() -> None:
    course, clinic, person = examples()
    preferences = attrs.evolve(person.preferences, weekdays=["Monday", "Thursday"])
    asked = [PreferenceKept("Maya", "weekdays", preferences)]
    person = attrs.evolve(person, preferences=preferences)
    found = explain_course(course, clinic, person, as_of=AS_OF, asked=asked, count=0)
    if found.plan.schedule is None:
        assert asked[0] in [reason.rule for reason in found.plan.conflicts[0].reasons]
    else:
        assert {visit.start.weekday() for visit in found.plan.schedule.visits} <= {0, 3}


def test_a_request_about_no_visit_is_refused() -> None:
    course, clinic, person = examples()
    with pytest.raises(UnknownName, match="request names 'induction-9'"):
        explain_course(course, clinic, person, as_of=AS_OF, asked=[Request(visit="induction-9")])


def test_every_visit_of_a_best_plan_is_where_it_is_for_a_reason() -> None:
    course, clinic, person = examples()
    plan, whys = why_course(course, clinic, person, as_of=AS_OF)
    assert plan.schedule is not None
    assert plan.objective is not None
    assert [why.visit for why in whys] == list(plan.schedule.visits)
    for why in whys:
        for other in (why.nearer, why.sooner, why.earlier):
            if other is None:
                continue
            # Another time is impossible, or it costs more: the plan was proved best.
            if other.conflict is not None:
                assert isinstance(other.conflict, Conflict)
                assert other.request in [reason.rule for reason in other.conflict.reasons]
                continue
            assert other.objective is not None
            found, best_one = other.objective, plan.objective
            assert (found.deviation, found.preferences, found.finish, found.time_of_day) > (
                best_one.deviation,
                best_one.preferences,
                best_one.finish,
                best_one.time_of_day,
            )


@settings(max_examples=8, deadline=None)
@given(
    away=st.lists(st.integers(0, 30), max_size=6, unique=True),
    visit=st.sampled_from(["evaluation", "induction-2", "induction-5", "response-review"]),
)
def test_a_planned_date_lies_between_the_dates_its_text_gives(away: list[int], visit: str) -> None:
    course, clinic, person = examples()
    days = [date(2027, 3, 1) + timedelta(days=n) for n in away]
    person = attrs.evolve(person, away=[*person.away, *(DatedHours(first=day) for day in days)])
    _, whys = why_course(course, clinic, person, as_of=AS_OF, visits=[visit])
    assume(whys)
    due, day = whys[0].due, whys[0].visit.day
    assert due.earliest is not None
    assert due.earliest.day <= day
    assert due.latest is None or day <= due.latest.day
    if due.target is not None and not any(one.deviation for one in whys[0].slacks):
        assert due.target_until is not None
        assert due.target.day <= day <= due.target_until


def test_dates_are_measured_from_the_visits_as_planned() -> None:
    course, clinic, person = examples()
    trip = DatedHours(first=date(2027, 3, 1), last=date(2027, 3, 20))
    person = attrs.evolve(person, away=[*person.away, trip])
    plan, whys = why_course(course, clinic, person, as_of=AS_OF, visits=["induction-2"])
    assert plan.schedule is not None
    first = plan.schedule.visit("induction-1").day
    due = whys[0].due
    assert due.earliest is not None
    assert due.latest is not None
    assert due.earliest.day == first + timedelta(days=2)
    assert due.latest.day == first + timedelta(days=5)


def test_the_costs_of_changes_are_in_order() -> None:
    assert list(COSTS.values()) == sorted(COSTS.values())
