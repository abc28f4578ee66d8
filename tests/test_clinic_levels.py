"""What counts among plans of a clinic that place as many: who is urgent, fairness, wishes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

import attrs
from hypothesis import given, settings
from hypothesis import strategies as st

from protocol_sched.clinic.plan import ClinicPlan, plan_agendas, plan_clinic
from protocol_sched.clinic.seekers import Ask
from protocol_sched.clinic.together import Effort
from protocol_sched.model.availability import Clinic, Preferences
from protocol_sched.model.plain import WEEKDAYS
from protocol_sched.model.wishes import wishes_of
from test_clinic import ASKED, BUSY, cases
from test_clinic_plan import MONDAY, ask, clinic, courses_alone, hours_held, small_clinics

EFFORT = Effort(rounds=40, moves=600)
Dates = tuple[tuple[int, int], ...]
Levels = tuple[int, int, int, int, int]
"""Urgent courses without a plan, others without one, days off target of urgent ones, those of the
others, and the squares of what each has beyond what it has alone."""


def fits(asks: Sequence[Ask], dates: Sequence[Dates | None], place: Clinic) -> bool:
    """Tell whether some courses have room beside each other."""
    seats: Counter[tuple[int, int]] = Counter()
    hands: Counter[tuple[int, int]] = Counter()
    for one, own in zip(asks, dates, strict=True):
        for day, hour, nurses in hours_held(one, own or ()):
            seats[day, hour] += 1
            hands[day, hour] += nurses
    return all(
        count
        <= sum(
            not any(
                b.day == MONDAY + timedelta(days=day)
                and b.start < 60 * hour + 60
                and 60 * hour < b.end
                for b in chair.booked
            )
            for chair in place.places
        )
        for (day, hour), count in seats.items()
    ) and all(count <= place.staff[0].units for count in hands.values())


def options_of(one: Ask, place: Clinic) -> list[tuple[int, Dates]]:
    """Return all that a course could have alone, cheapest first."""
    return sorted(found for found in courses_alone(one, place) if fits([one], [found[1]], place))


def best_levels(asks: Sequence[Ask], place: Clinic) -> Levels:
    """Return the best levels that any plan reaches, by trying every plan."""
    options = [options_of(one, place) for one in asks]
    floors = [each[0][0] if each else 0 for each in options]
    best: Levels = (len(asks) + 1, 0, 0, 0, 0)

    def tried(dates: list[Dates | None], value: Levels) -> None:
        nonlocal best
        n = len(dates)
        if value >= best or not fits(asks[:n], dates, place):
            return
        if n == len(asks):
            best = value
            return
        for cost, own in options[n]:
            tried([*dates, own], added(value, asks[n], cost, floors[n]))
        tried([*dates, None], added(value, asks[n], None, floors[n]))

    tried([], (0, 0, 0, 0, 0))
    return best


def added(value: Levels, one: Ask, cost: int | None, floor: int) -> Levels:
    """Return levels with one course more, that costs so much or has no plan."""
    first, second, third, fourth, fifth = value
    out, days = int(cost is None), cost or 0
    uneven = 0 if cost is None else (cost - floor) ** 2
    if one.urgent:
        return first + out, second, third + days, fourth, fifth + uneven
    return first, second + out, third, fourth + days, fifth + uneven


def levels_of(plan: ClinicPlan, asks: Sequence[Ask], place: Clinic) -> Levels:
    value: Levels = (0, 0, 0, 0, 0)
    for one, own in zip(asks, plan.plans, strict=True):
        options = options_of(one, place)
        cost = None if own.objective is None else own.objective.deviation
        value = added(value, one, cost, options[0][0] if options else 0)
    return value


@settings(max_examples=60)
@given(small_clinics(), st.lists(st.booleans(), min_size=3, max_size=3))
def test_levels_are_as_good_as_by_trying_everything(
    world: tuple[list[Ask], Clinic], urgent: list[bool]
) -> None:
    asks = [attrs.evolve(one, urgent=first) for one, first in zip(world[0], urgent, strict=False)]
    plan = plan_agendas(asks, world[1], effort=EFFORT)
    assert levels_of(plan, asks, world[1]) == best_levels(asks, world[1])


# --- one by one ----------------------------------------------------------------------------------


def test_who_is_urgent_has_the_only_place() -> None:
    asks = [ask(name, 1, days=1) for name in "abc"]
    asks[2] = attrs.evolve(asks[2], urgent=True)
    plan = plan_agendas(asks, clinic(1, 1, 1), effort=EFFORT)
    assert plan.unplaced == ("a", "b")


def test_one_day_of_an_urgent_course_weighs_more_than_many_of_others() -> None:
    # The urgent one takes Monday, although two others could share the chair in that time.
    asks = [
        attrs.evolve(ask("z", 1, stages=((2, 1),)), urgent=True),
        ask("a", 1),
        ask("b", 1),
    ]
    place = clinic(1, 1, 2)
    plan = plan_agendas(asks, place, effort=EFFORT)
    days = [one.objective.deviation if one.objective else None for one in plan.plans]
    assert days == [0, 1, 1]
    same = [attrs.evolve(one, urgent=True) for one in asks]
    assert plan_agendas(same, place, effort=EFFORT).deviation == 1


def test_the_same_days_are_spread_over_courses() -> None:
    # Both want Monday and the one hour of each day, so that somebody waits.
    asks = [ask(name, 2, gap=(1, 1, 1, 4), days=8) for name in "ab"]
    place = clinic(1, 1, 1)
    plan = plan_agendas(asks, place, effort=EFFORT)
    assert levels_of(plan, asks, place) == best_levels(asks, place)


# --- wishes --------------------------------------------------------------------------------------


def wishing(one: Ask, wanted: Preferences) -> Ask:
    return attrs.evolve(one, person=attrs.evolve(one.person, preferences=wanted))


WISHES = [
    Preferences(),
    Preferences(weekdays=["Tuesday"]),
    Preferences(earliest="09:00"),
    Preferences(latest="10:00"),
    Preferences(weekdays=["Monday", "Wednesday"], earliest="09:00"),
]


def cost_in_wishes(wanted: Preferences, one: Ask, dates: Dates) -> int:
    length = sum(stage.most for stage in one.protocol.visit_types[0].stages)
    return sum(
        bool(wanted.weekdays and WEEKDAYS[day % 7] not in wanted.weekdays)
        + (wanted.earliest is not None and 60 * hour < wanted.earliest)
        + (wanted.latest is not None and 60 * hour + length > wanted.latest)
        for day, hour in dates
    )


@settings(max_examples=60)
@given(small_clinics(), st.lists(st.sampled_from(WISHES), min_size=3, max_size=3))
def test_nobody_could_have_more_wishes_met_at_no_cost_beside_the_others(
    world: tuple[list[Ask], Clinic], wanted: list[Preferences]
) -> None:
    asks = [wishing(one, own) for one, own in zip(world[0], wanted, strict=False)]
    place = world[1]
    plan = plan_agendas(asks, place, effort=EFFORT)
    found: list[Dates | None] = [
        None
        if one.schedule is None
        else tuple(((v.day - MONDAY).days, v.start.hour) for v in one.schedule.visits)
        for one in plan.plans
    ]
    for n, (one, own) in enumerate(zip(asks, found, strict=True)):
        objective = plan.plans[n].objective
        if own is None or objective is None:
            continue
        unmet = cost_in_wishes(wanted[n], one, own)
        assert objective.preferences == unmet
        for cost, other in options_of(one, place):
            if cost == objective.deviation and cost_in_wishes(wanted[n], one, other) < unmet:
                assert not fits(asks, [*found[:n], other, *found[n + 1 :]], place)


@settings(max_examples=40)
@given(small_clinics(), st.lists(st.sampled_from(WISHES), min_size=3, max_size=3))
def test_wishes_cost_nobody_a_day(
    world: tuple[list[Ask], Clinic], wanted: list[Preferences]
) -> None:
    asks, place = world
    with_wishes = [wishing(one, own) for one, own in zip(asks, wanted, strict=False)]
    plan = plan_agendas(with_wishes, place, effort=EFFORT)
    assert levels_of(plan, asks, place) == best_levels(asks, place)


def test_a_wish_for_late_hours_is_met_and_told() -> None:
    one = wishing(ask("a", 2), Preferences(earliest="10:00"))
    plan = plan_agendas([one], clinic(1, 1, 4), effort=EFFORT)
    schedule = plan.plans[0].schedule
    assert schedule is not None
    assert plan.wishes == 0
    assert [(wish.met, wish.of) for wish in wishes_of(schedule, one.person)] == [(2, 2)]


def test_an_urgent_case_is_planned_as_if_it_were_alone() -> None:
    some = list(cases(3))
    some[2] = attrs.evolve(some[2], urgent=True)
    one_chair = attrs.evolve(BUSY, places=BUSY.places[:1])
    plan = plan_clinic(some, one_chair, as_of=ASKED, effort=EFFORT)
    alone = plan_clinic(some[2:], one_chair, as_of=ASKED, effort=EFFORT)
    days = [one.objective.deviation for one in plan.plans if one.objective is not None]
    assert days[2] == alone.deviation
    assert max(days[:2]) > alone.deviation
