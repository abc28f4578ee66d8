"""Many courses planned together: as good as trying everything, under a true bound, twice judged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise, product
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from protocol_sched.clinic.chains import steps_of
from protocol_sched.clinic.plan import ClinicPlan, plan_agendas, plan_clinic
from protocol_sched.clinic.seekers import Ask
from protocol_sched.clinic.together import Effort, Progress
from protocol_sched.engine.problem import Window
from protocol_sched.errors import InvalidValue
from protocol_sched.judge.checker import violations
from protocol_sched.judge.clinic import Beside, clinic_violations
from protocol_sched.model.agenda import Agenda, AtMost, Due, PastVisit, Rules, Spacing
from protocol_sched.model.availability import (
    Booking,
    Clinic,
    Hours,
    Member,
    Person,
    Place,
    Ratio,
    Staff,
)
from protocol_sched.model.cadences import OnDemand
from protocol_sched.model.numbers import Count
from protocol_sched.model.plain import WEEKDAYS
from protocol_sched.model.protocol import Phase, Protocol, VisitType
from protocol_sched.model.schedule import Schedule
from protocol_sched.model.spans import CalendarSpan, ElapsedSpan, MonthEnd, SpanRange
from protocol_sched.model.stages import Stage
from test_clinic import ASKED, BUSY, THURSDAY, WEDNESDAY, cases, notified

MONDAY = date(2027, 3, 1)
UTC = ZoneInfo("UTC")
HOUR = ElapsedSpan(60)


def protocol(stages: Sequence[tuple[int, int]]) -> Protocol:
    """Return a protocol whose visits have stages of so many hours, with so many nurses each."""
    kind = VisitType(
        name="infusion",
        stages=[
            Stage(
                name=f"part {n}",
                length=SpanRange(ElapsedSpan(60 * hours), ElapsedSpan(60 * hours)),
                needs=(("chair", 1), *((("nurse", nurses),) if nurses else ())),
                source="local",
            )
            for n, (hours, nurses) in enumerate(stages)
        ],
    )
    phase = Phase(
        name="course",
        visit="infusion",
        visits=Count.parse("open"),
        cadence=OnDemand(on_demand="test"),
        source="local",
    )
    return Protocol(name="small", title="Small", visit_types=[kind], phases=[phase])


def clinic(chairs: int, nurses: int, hours: int, booked: Sequence[Booking] = ()) -> Clinic:
    return Clinic(
        name="Small",
        zone=UTC,
        hours=Hours.of(dict.fromkeys(WEEKDAYS[:5], f"08:00-{8 + hours:02}:00")),
        places=[
            Place(name=f"chair {n}", kind="chair", booked=booked if n == 0 else ())
            for n in range(chairs)
        ],
        staff=[Staff(kind="nurse", units=nurses)],
        start_every=60,
    )


def ask(
    key: str,
    visits: int,
    *,
    wanted: int = 0,
    gap: tuple[int, int, int | None, int | None] = (1, 1, 2, 3),
    stages: Sequence[tuple[int, int]] = ((1, 1),),
    weekdays: Sequence[str] = WEEKDAYS[:5],
    cap: int = 0,
    days: int = 8,
) -> Ask:
    """Return a course; ``gap`` is least, target from, target to and most, in days."""
    least, low, high, most = (None if n is None else CalendarSpan(days=n) for n in gap)
    ids = [f"v{n}" for n in range(visits)]
    rules: list[Rules] = [
        Spacing(
            rule="separation",
            earlier=a,
            later=b,
            least=least,
            most=most,
            target=SpanRange(low, high) if low and high else None,
        )
        for a, b in pairwise(ids)
    ]
    start = PastVisit("wanted", "the wanted start", MONDAY + timedelta(days=wanted))
    none = CalendarSpan()
    rules.append(
        Spacing(rule="start", earlier=start, later="v0", least=none, target=SpanRange(none, none))
    )
    if cap:
        rules.append(AtMost(rule="cap", most=cap, days=7, visits=ids))
    return Ask(
        agenda=Agenda(
            course=key,
            protocol="small",
            as_of=MONDAY,
            month_end=MonthEnd.LAST_DAY,
            dues=[
                Due(id=one, title=one, kind="infusion", phase="course", ordinal=n, type_ordinal=1)
                for n, one in enumerate(ids, 1)
            ],
            bindings=rules,
        ),
        protocol=protocol(stages),
        person=Person(key=key, available=Hours.of(dict.fromkeys(weekdays, "all day"))),
        first=MONDAY,
        until=MONDAY + timedelta(days=days - 1),
    )


# --- an oracle that tries everything -----------------------------------------------------------

Dates = tuple[tuple[int, int], ...]
"""Day and hour of each visit."""


def _courses(one: Ask, place: Clinic) -> Iterator[tuple[int, Dates]]:
    """Yield every course that one person could have alone, with its days off target."""
    assert one.until is not None
    days = (one.until - one.first).days + 1
    kind = one.protocol.visit_types[0]
    length = sum(stage.most for stage in kind.stages) // 60
    starts = [
        (day, hour)
        for day in range(days)
        for window in place.hours.on(MONDAY + timedelta(days=day))
        for hour in range(window[0] // 60, window[1] // 60 - length + 1)
        if one.person.available.on(MONDAY + timedelta(days=day))
    ]
    visits = len(one.agenda.dues)
    for found in product(starts, repeat=visits):
        cost = 0
        for rule in one.agenda.bindings:
            if isinstance(rule, AtMost):
                on = [day for day, _ in found]
                if any(sum(a <= b < a + 7 for b in on) > rule.most for a in on):
                    cost = -1
                    break
                continue
            assert isinstance(rule, Spacing)
            later = found[int(rule.later[1:])][0]
            if isinstance(rule.earlier, PastVisit):
                before = (rule.earlier.on - MONDAY).days
            else:
                before = found[int(rule.earlier[1:])][0]
            away = later - before
            least, most = rule.least, rule.most
            if (isinstance(least, CalendarSpan) and away < least.days) or (
                isinstance(most, CalendarSpan) and away > most.days
            ):
                cost = -1
                break
            target = rule.target
            if target is None:
                continue
            assert isinstance(target.least, CalendarSpan)
            assert isinstance(target.most, CalendarSpan)
            cost += max(0, target.least.days - away, away - target.most.days)
        if cost >= 0:
            yield cost, found


def _held(one: Ask, dates: Dates) -> Iterator[tuple[int, int, int]]:
    """Yield day, hour and nurses of each hour in a chair."""
    for day, hour in dates:
        for stage in one.protocol.visit_types[0].stages:
            for _ in range(stage.most // 60):
                yield day, hour, dict(stage.needs).get("nurse", 0)
                hour += 1


def best_by_trying(asks: Sequence[Ask], place: Clinic) -> tuple[int, int]:
    """Return the fewest courses without a plan, and then the fewest days off target."""
    free = {
        (day, hour): sum(
            not any(
                b.day == MONDAY + timedelta(days=day)
                and b.start < 60 * hour + 60
                and 60 * hour < b.end
                for b in chair.booked
            )
            for chair in place.places
        )
        for day in range(10)
        for hour in range(24)
    }
    # A day's hours are few; each course is tried at its own cheapest dates first.
    options = [sorted(_courses(one, place)) for one in asks]
    best = (len(asks), 0)

    def tried(
        n: int,
        chairs: dict[tuple[int, int], int],
        nurses: dict[tuple[int, int], int],
        value: tuple[int, int],
    ) -> None:
        nonlocal best
        if value >= best:
            return
        if n == len(asks):
            best = value
            return
        for cost, dates in options[n]:
            if (value[0], value[1] + cost) >= best:
                break
            held = list(_held(asks[n], dates))
            seats, hands = dict(chairs), dict(nurses)
            for day, hour, units in held:
                seats[day, hour] = seats.get((day, hour), 0) + 1
                hands[day, hour] = hands.get((day, hour), 0) + units
            if all(
                seats[d, h] <= free[d, h] and hands[d, h] <= place.staff[0].units
                for d, h, _ in held
            ):
                tried(n + 1, seats, hands, (value[0], value[1] + cost))
        tried(n + 1, chairs, nurses, (value[0] + 1, value[1]))

    tried(0, {}, {}, (0, 0))
    return best


@st.composite
def small_clinics(draw: st.DrawFn) -> tuple[list[Ask], Clinic]:
    stages = draw(st.sampled_from([((1, 1),), ((1, 2), (1, 1)), ((2, 1),), ((1, 2),)]))
    asks = [
        ask(
            f"p{n}",
            draw(st.integers(1, 2)),
            wanted=draw(st.integers(0, 2)),
            gap=draw(
                st.sampled_from([(1, 1, 1, 2), (1, 2, 2, 3), (2, 2, 3, 3), (1, 1, None, None)])
            ),
            stages=stages if draw(st.booleans()) else ((1, 1),),
            weekdays=draw(st.sampled_from([WEEKDAYS[:5], ("Monday", "Thursday"), WEEKDAYS[:3]])),
            days=5,
        )
        for n in range(draw(st.integers(1, 3)))
    ]
    booked = [Booking(day=MONDAY + timedelta(days=draw(st.integers(0, 3))), start=480, end=540)]
    place = clinic(
        draw(st.integers(1, 2)),
        draw(st.integers(2, 3)),
        draw(st.integers(2, 2)),
        booked if draw(st.booleans()) else (),
    )
    return asks, place


def value_of(plan: ClinicPlan) -> tuple[int, int]:
    return len(plan.unplaced), plan.deviation


@settings(max_examples=60)
@given(small_clinics())
def test_a_small_clinic_is_planned_as_well_as_by_trying_everything(
    world: tuple[list[Ask], Clinic],
) -> None:
    asks, place = world
    plan = plan_agendas(asks, place, effort=Effort(rounds=40, moves=400))
    best = best_by_trying(asks, place)
    assert value_of(plan) == best
    if not best[0]:
        assert plan.bound <= best[1]


@settings(max_examples=60)
@given(small_clinics())
def test_a_bound_is_never_above_the_best_plan(world: tuple[list[Ask], Clinic]) -> None:
    pytest.importorskip("numpy", reason="the bound on prices needs the extra `clinic`")
    asks, place = world
    unplaced, deviation = best_by_trying(asks, place)
    if not unplaced:
        plan = plan_agendas(asks, place, effort=Effort(rounds=80, moves=0))
        assert plan.bound <= deviation


def test_the_bound_knows_that_two_cannot_sit_in_one_chair() -> None:
    pytest.importorskip("numpy", reason="the bound on prices needs the extra `clinic`")
    # Two courses of one visit want the one chair at the one hour of Monday.
    asks = [ask("a", 1), ask("b", 1)]
    plan = plan_agendas(asks, clinic(1, 1, 1))
    assert (value_of(plan), plan.bound, plan.gap) == ((0, 1), 1, 0)


# --- what it promises ----------------------------------------------------------------------------


def full_week() -> tuple[list[Ask], Clinic]:
    asks = [ask(f"p{n}", 3, wanted=n % 3, stages=((1, 2), (1, 1)), days=14) for n in range(8)]
    return asks, clinic(2, 3, 4)


def test_the_same_seed_and_effort_give_the_same_plan() -> None:
    asks, place = full_week()
    effort = Effort(rounds=30, moves=300)
    one, other = (plan_agendas(asks, place, seed=7, effort=effort) for _ in range(2))
    assert one == other


def test_ended_at_any_time_it_gives_the_best_so_far() -> None:
    asks, place = full_week()
    seen: list[Progress] = []

    def at_once(now: Progress) -> bool:
        seen.append(now)
        return False

    plan = plan_agendas(asks, place, report=at_once)
    assert [one.doing for one in seen] == ["first plan"]
    assert value_of(plan) == (seen[0].unplaced, seen[0].deviation)
    assert (plan.rounds, plan.moves) == (0, 0)


def test_more_effort_is_told_as_it_goes_and_never_makes_it_worse() -> None:
    asks, place = full_week()
    seen: list[Progress] = []
    plan = plan_agendas(asks, place, effort=Effort(rounds=50, moves=2000), report=seen.append)
    values = [(one.unplaced, one.deviation) for one in seen]
    assert values == sorted(values, reverse=True)
    assert value_of(plan) == values[-1]
    assert [one.bound for one in seen] == sorted(one.bound for one in seen)


def test_a_course_without_room_says_what_stands_in_its_way() -> None:
    # Three visits on three days in a row, and a clinic that is full on the second of them.
    day = Booking(day=MONDAY + timedelta(days=1), start=480, end=540)
    asks = [ask("stuck", 3, gap=(1, 1, 1, 1), days=3), ask("fine", 1, days=3)]
    plan = plan_agendas(asks, clinic(1, 1, 1, [day]))
    assert plan.unplaced == ("stuck",)
    assert plan.gap is None
    assert plan.plans[0].conflicts
    assert plan.plans[1].schedule is not None


def test_a_course_that_counts_hours_is_planned_beside_the_others() -> None:
    hours = ask("hours", 2, gap=(1, 1, 1, 2))
    apart = Spacing(rule="hours apart", earlier="v0", later="v1", least=ElapsedSpan(25 * 60))
    agenda = attrs.evolve(hours.agenda, bindings=(*hours.agenda.bindings, apart))
    asks = [attrs.evolve(hours, agenda=agenda), ask("days", 2)]
    plan = plan_agendas(asks, clinic(1, 1, 2))
    assert plan.unplaced == ()


def test_each_course_comes_once() -> None:
    with pytest.raises(InvalidValue, match="each course once"):
        plan_agendas([ask("a", 1), ask("a", 1)], clinic(1, 1, 1))
    assert plan_agendas([], clinic(1, 1, 1)).plans == ()


# --- what people were told -----------------------------------------------------------------------


def test_a_nurse_is_ill_and_everyone_keeps_a_plan() -> None:
    before = notified(cases(14), BUSY)
    ill = Booking(day=THURSDAY, start=8 * 60, end=17 * 60)
    short = attrs.evolve(BUSY, staff=[Staff(kind="nurse", units=3, booked=[ill])])
    plan = plan_clinic(before, short, as_of=WEDNESDAY, effort=Effort(moves=1500))
    assert plan.unplaced == ()
    moved = [change for one in plan.changes for change in one if change.fate.value == "moved"]
    # Fourteen visits are on a day that has room for twelve: two leave it with the two visits that
    # follow each, and two of the hours that are over move to its end, where two are free.
    assert len(moved) == 8
    assert {change.reason for change in moved if change.visit == "dose-1"} == {
        "not enough nurse time is free"
    }
    for case, one in zip(before, plan.plans, strict=True):
        assert one.schedule is not None
        found = violations(one.agenda, one.schedule, short, case.person, case.course.protocol)
        assert found == ()


def test_nothing_moves_where_nothing_has_changed() -> None:
    before = notified(cases(8), BUSY)
    plan = plan_clinic(before, BUSY, as_of=ASKED, effort=Effort(moves=200))
    fates = {change.fate.value for one in plan.changes for change in one}
    assert fates == {"kept"}


# --- the judge of the clinic ---------------------------------------------------------------------


def judged(plan: ClinicPlan, asks: Sequence[Ask], place: Clinic) -> tuple[str, ...]:
    found = clinic_violations(
        [
            Beside(
                agenda=one.agenda, schedule=one.schedule, protocol=each.protocol, person=each.person
            )
            for one, each in zip(plan.plans, asks, strict=True)
            if one.schedule is not None
        ],
        place,
    )
    return tuple(one.rule for one in found)


def test_the_judge_of_the_clinic_finds_nothing_in_a_plan() -> None:
    asks, place = full_week()
    plan = plan_agendas(asks, place, effort=Effort(rounds=0, moves=50))
    assert judged(plan, asks, place) == ()


def in_chair(schedule: Schedule, name: str) -> Schedule:
    visits = [attrs.evolve(visit, places=(("chair", name),)) for visit in schedule.visits]
    return attrs.evolve(schedule, visits=visits)


def test_the_judge_of_the_clinic_sees_two_in_one_chair_and_nurses_over_what_there_is() -> None:
    asks = [ask("a", 1), ask("b", 1)]
    place = clinic(2, 2, 1)
    plan = plan_agendas(asks, place)
    assert value_of(plan) == (0, 0)
    assert judged(plan, asks, place) == ()
    plans = [
        attrs.evolve(one, schedule=in_chair(one.schedule, "chair 0"))
        for one in plan.plans
        if one.schedule is not None
    ]
    assert judged(attrs.evolve(plan, plans=tuple(plans)), asks, place) == ("place",)
    assert judged(plan, asks, attrs.evolve(place, staff=[Staff(kind="nurse", units=1)])) == (
        "staff",
    )
    taken = Booking(day=MONDAY, start=510, end=520)
    chairs = [attrs.evolve(one, booked=[taken]) for one in place.places]
    assert judged(plan, asks, attrs.evolve(place, places=chairs)) == ("place", "place")


def test_a_nurse_by_name_is_one_more_who_cannot_be_in_two_places() -> None:
    asks = [ask("a", 1), ask("b", 1)]
    ann = Member(name="Ann", role="nurse")
    place = attrs.evolve(clinic(2, 2, 1), staff=[], team=[ann, attrs.evolve(ann, name="Ben")])
    plan = plan_agendas(asks, place)
    assert value_of(plan) == (0, 0)
    assert judged(plan, asks, place) == ()
    alone = attrs.evolve(place, team=[ann])
    both = plan_agendas(asks, alone)
    assert value_of(both) == (0, 1)  # one on each of two days
    plans = [
        attrs.evolve(
            one,
            schedule=attrs.evolve(
                one.schedule,
                visits=[
                    attrs.evolve(
                        visit, staff=[attrs.evolve(who, name="Ann") for who in visit.staff]
                    )
                    for visit in one.schedule.visits
                ],
            ),
        )
        for one in plan.plans
        if one.schedule is not None
    ]
    assert judged(attrs.evolve(plan, plans=tuple(plans)), asks, place) == ("staff",)


def test_one_nurse_for_two_infusions_is_counted_in_shares() -> None:
    asks = [ask(f"p{n}", 1) for n in range(5)]
    halves = Ratio(one="nurse", for_=(("part 0", 2),))
    place = attrs.evolve(clinic(5, 2, 1), ratios=[halves])
    plan = plan_agendas(asks, place)
    assert value_of(plan) == (0, 1)  # two nurses have room for four of five on Monday
    assert judged(plan, asks, place) == ()
    assert "staff" in judged(plan, asks, attrs.evolve(place, ratios=[]))


def test_one_after_another_in_a_chair_is_not_at_once() -> None:
    asks = [ask("a", 1), ask("b", 1)]
    plan = plan_agendas(asks, clinic(1, 1, 2))
    starts = sorted(one.schedule.visits[0].start for one in plan.plans if one.schedule is not None)
    assert starts == [datetime(2027, 3, 1, hour, tzinfo=UTC) for hour in (8, 9)]


# --- rules as steps ------------------------------------------------------------------------------

WINDOWS = st.builds(
    lambda least, wide, low, high: Window(least, least + wide, least + low, least + low + high),
    st.integers(1, 2),
    st.integers(0, 2),
    st.integers(0, 1),
    st.integers(0, 1),
)


@given(
    st.integers(2, 4).flatmap(
        lambda count: st.tuples(
            st.just(count),
            st.lists(WINDOWS, min_size=count - 1, max_size=count - 1),
            st.lists(
                st.tuples(st.integers(0, count - 1), st.integers(0, count - 1), WINDOWS), max_size=2
            ),
        )
    )
)
@example((3, [Window(1, 2), Window(1, 2)], [(0, 2, Window(least=3))]))
@example((3, [Window(1), Window(1, 2)], [(0, 2, Window(least=4))]))
@example((3, [Window(1, None, 3), Window(2)], [(0, 2, Window(least=4))]))
def test_steps_cost_what_the_rules_cost(
    world: tuple[int, list[Window], list[tuple[int, int, Window]]],
) -> None:
    count, chain, more = world
    rules = tuple((n, n + 1, window) for n, window in enumerate(chain)) + tuple(
        (a, b, window) for a, b, window in more if a < b
    )
    steps = steps_of(count, rules)
    assert steps is not None
    for gaps in product(range(1, 6), repeat=count - 1):
        days = [sum(gaps[:n]) for n in range(count)]
        costs = [window.cost(days[b] - days[a]) for a, b, window in rules]
        wanted = None if None in costs else sum(cost or 0 for cost in costs)
        total: int | None = 0
        state = 0
        for n, gap in enumerate(gaps):
            step = next(
                (
                    one
                    for one in steps.onward[n][state]
                    if one[0] == gap or (one[3] and one[0] < gap)
                ),
                None,
            )
            if step is None or total is None:
                total = None
                break
            total, state = total + step[1], step[2]
        assert total == wanted
