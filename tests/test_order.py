"""What matters most in a plan is one ordered value, and a caller can give another order."""

from __future__ import annotations

from itertools import permutations

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from problems import problems
from protocol_sched import Level, Person, plan_course, replan_course
from protocol_sched.engine.problem import USUAL, Problem
from protocol_sched.engine.solvers.exact import solve
from protocol_sched.engine.solvers.result import Status
from protocol_sched.errors import InvalidValue
from protocol_sched.formats.documents.documents import plan_from_dict, plan_to_dict
from protocol_sched.judge.checker import violations
from protocol_sched.model.availability import Preferences
from protocol_sched.model.objective import ORDER, ordered
from protocol_sched.text.plans import plan_text
from protocols import course, day, every, phase, protocol
from test_course_worlds import MORNINGS
from test_solver import brute_force

ORDERS = [(0, *rest) for rest in permutations(USUAL[1:])]


@settings(max_examples=150, deadline=None)
@given(
    problem=problems() | problems(announced=True) | problems(preferences=True),
    order=st.sampled_from(ORDERS),
)
def test_a_plan_in_any_order_is_as_good_as_brute_force(
    problem: Problem, order: tuple[int, ...]
) -> None:
    found = solve(attrs.evolve(problem, order=order))
    best = brute_force(problem, order=order)
    if best is None:
        assert found.status is Status.INFEASIBLE
    else:
        assert found.status is Status.OPTIMAL
        assert found.costs == (0, *best)


TUESDAYS = Person(key="p", preferences=Preferences(weekdays=["Tuesday"]))
WEEKLY = course(protocol(phase("run", every("1 week"), "3")), start="2027-03-01")


def planned_days(*order: Level) -> tuple[list[str], str]:
    plan = plan_course(WEEKLY, MORNINGS, TUESDAYS, as_of=day("2027-03-01"), order=order)
    assert plan.schedule is not None
    assert violations(plan.agenda, plan.schedule, MORNINGS, TUESDAYS, WEEKLY.protocol) == ()
    assert plan_from_dict(plan_to_dict(plan)) == plan
    again = replan_course(WEEKLY, MORNINGS, TUESDAYS, as_of=day("2027-03-01"), order=order)
    assert again.plan.objective == plan.objective
    text = plan_text(plan)
    [proved] = [line for line in text.split("\n\n") if line.startswith("Proved best")]
    return [str(visit.day) for visit in plan.schedule.visits], " ".join(proved.split())


def test_preferences_before_targets_wait_for_the_preferred_weekday() -> None:
    days, text = planned_days()
    assert days == ["2027-03-01", "2027-03-08", "2027-03-15"]
    assert text == (
        "Proved best: fewest days off target, then most preferences met, then earliest end, then "
        "earliest times. This plan: 0 days off target, 3 preferences not met, last visit Mon 15 "
        "March 2027. Times are in UTC (UTC)."
    )
    days, text = planned_days(Level.PREFERENCES)
    assert days == ["2027-03-02", "2027-03-09", "2027-03-16"]
    assert text == (
        "Proved best: most preferences met, then fewest days off target, then earliest end, then "
        "earliest times. This plan: 0 preferences not met, 1 day off target, last visit Tue 16 "
        "March 2027. Times are in UTC (UTC)."
    )


def test_an_order_names_each_level_once_and_broken_limits_first() -> None:
    assert ordered([]) == ORDER == tuple(Level)
    some = ordered([Level.FINISH, Level.PREFERENCES])
    assert some[:3] == (Level.BREACH, Level.FINISH, Level.PREFERENCES)
    assert sorted(some, key=ORDER.index) == list(ORDER)
    with pytest.raises(InvalidValue, match="each level once"):
        ordered([Level.FINISH, Level.FINISH])
    with pytest.raises(InvalidValue, match="the first place"):
        ordered([Level.FINISH, Level.BREACH])
