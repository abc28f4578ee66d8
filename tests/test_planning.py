"""Whole plans, judged by the checker, by brute force and by laws that any planner must keep."""

from __future__ import annotations

from hypothesis import given, settings

from oracle import best
from protocol_sched.checker import objective, violations
from protocol_sched.model.schedule import Plan, Proof
from protocol_sched.planning import plan_agenda
from worlds import World, worlds


def planned(world: World) -> Plan:
    """Plan a small world."""
    return plan_agenda(
        world.agenda,
        world.protocol,
        world.clinic,
        world.person,
        first=world.first,
        until=world.last,
    )


@settings(max_examples=60, deadline=None)
@given(world=worlds())
def test_checker_finds_nothing_in_any_plan(world: World) -> None:
    plan = planned(world)
    if plan.schedule is not None:
        found = violations(world.agenda, plan.schedule, world.clinic, world.person, world.protocol)
        assert [str(one) for one in found] == []


@settings(max_examples=60, deadline=None)
@given(world=worlds())
def test_plan_is_as_good_as_brute_force(world: World) -> None:
    plan = planned(world)
    costs = best(world.agenda, world.clinic, world.person, world.protocol, world.first, world.last)
    if costs is None:
        assert plan.proof is Proof.IMPOSSIBLE
        assert plan.no_room is not None
        assert plan.no_room.obstacles
        return
    assert plan.proof is Proof.OPTIMAL
    assert plan.objective is not None
    found = plan.objective
    assert (found.deviation, found.preferences, found.finish, found.time_of_day) == costs


@settings(max_examples=40, deadline=None)
@given(world=worlds())
def test_plan_costs_what_the_checker_counts(world: World) -> None:
    plan = planned(world)
    if plan.schedule is not None:
        assert plan.objective is not None
        counted = objective(world.agenda, plan.schedule, world.person)
        assert (counted.deviation, counted.preferences) == (
            plan.objective.deviation,
            plan.objective.preferences,
        )
        assert (counted.finish, counted.time_of_day) == (
            plan.objective.finish,
            plan.objective.time_of_day,
        )
