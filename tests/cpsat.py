"""
The same problem given to OR-Tools CP-SAT: a second judge that shares no code with the first.

Each visit is a start slot, its day, and what the clock shows; every constraint is written as it
stands in the problem, without the sets of days the exact solver works with. The levels of the
objective are settled one after another, so no weight can blur them.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from math import ceil
from typing import Any

from protocol_sched.engine.problem import (
    Announced,
    DayLag,
    GapPenalty,
    Item,
    Lag,
    Option,
    Problem,
    SlotLag,
    TableLag,
    Target,
    Window,
)
from protocol_sched.engine.solvers.result import Change, Result, Status, Unlike


def solve(
    problem: Problem,
    effort: float | None = None,
    unlike: Unlike | None = None,
    *,
    workers: int = 1,
) -> Result:
    """
    Return a plan of least deviation, then preferences, then finish, then time of day.

    The costs are those of `protocol_sched.engine.solvers.exact.solve`; of several plans that cost
    the same, another may be returned.

    Args:
        problem: Visits in the order in which they come.
        effort: CP-SAT's deterministic time for each level; ``None`` is no limit.
        unlike: Courses the plan must differ from.
        workers: Threads; with more than one the plan returned may differ from run to run.

    Returns:
        Optimal with the start slots, or infeasible, or the effort spent. ``work`` counts the
        branches; ``reached`` is not known here.

    Raises:
        ImportError: OR-Tools is not installed.
    """
    from ortools.sat.python import cp_model

    if not problem.items:
        return Result(Status.OPTIMAL, ())
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = workers
    if effort is not None:
        solver.parameters.max_deterministic_time = effort
    return CourseModel(cp_model, problem, unlike or Unlike()).solve(solver)


class CourseModel:
    """One problem as variables and constraints; ``cp`` is OR-Tools' own module."""

    def __init__(self, cp: Any, problem: Problem, unlike: Unlike) -> None:
        self.cp, self.problem = cp, problem
        self.model = cp.CpModel()
        self.deviations: list[Any] = []
        self.breaches: list[Any] = []
        self.preferences: list[Any] = []
        self.changes: list[tuple[Any, Any, Any]] = []
        self.rides: dict[int, Any] = {}
        """Whether the ride of a visit people know changes, by its start variable."""
        self.widths = [after - first for first, after in pairwise(problem.day_slots)]
        self.slots, self.days, self.clocks = [], [], []
        for item in problem.items:
            slot, day, clock = self._visit(item)
            self.slots.append(slot)
            self.days.append(day)
            self.clocks.append(clock)
            self._own_costs(item, slot, day)
        for lag in problem.lags:
            self._lag(lag)
        for gap in problem.gaps:
            self._gap(gap)
        for options in problem.preferences:
            self._preference(options)
        for one in problem.required:
            self._preference(one.options)
        for course in unlike.days:
            self._differs(course, unlike.shared)

    # --- one visit ---------------------------------------------------------------------------

    def _visit(self, item: Item) -> tuple[Any, Any, Any]:
        """Return a visit's start slot, the day it is on, and what the clock shows then."""
        problem, model = self.problem, self.model
        bits = (1 << problem.day_slots[-1]) - 1
        for allowed in item.slots:
            bits &= allowed.bits
        days = (1 << problem.days) - 1
        for allowed in item.days:
            days &= allowed.bits
        # A variable must have a value, even where no start is left: a constraint takes them all.
        slot = model.new_int_var(0, problem.day_slots[-1] - 1, item.name)
        model.add_linear_expression_in_domain(slot, self._domain(bits))
        day = model.new_int_var(0, problem.days - 1, "")
        model.add_linear_expression_in_domain(day, self._domain(days))
        into = model.new_int_var(0, max(self.widths) - 1, "")
        first = model.new_int_var(0, problem.day_slots[-1], "")
        model.add_element(day, list(problem.day_slots[:-1]), first)
        model.add(slot == first + into)
        if len(set(self.widths)) > 1:
            width = model.new_int_var(0, max(self.widths), "")
            model.add_element(day, self.widths, width)
            model.add(into < width)
        return slot, day, self._clock(day, into)

    def _clock(self, day: Any, into: Any) -> Any:
        minutes, model = self.problem.slot_minutes, self.model
        if not self.problem.irregular:
            return into * minutes
        latest = max(max(clock) for _, clock in self.problem.irregular)
        clock = model.new_int_var(0, max(latest, minutes * max(self.widths)), "")
        changes = []
        for other, shown in self.problem.irregular:
            changed = model.new_bool_var("")
            model.add(day == other).only_enforce_if(changed)
            model.add(day != other).only_enforce_if(~changed)
            read = model.new_int_var(0, latest, "")
            model.add_element(into, [*shown, *[0] * (max(self.widths) - len(shown))], read)
            model.add(clock == read).only_enforce_if(changed)
            changes.append(~changed)
        model.add(clock == into * minutes).only_enforce_if(changes)
        return clock

    def _own_costs(self, item: Item, slot: Any, day: Any) -> None:
        whole = (1 << self.problem.day_slots[-1]) - 1
        for penalty in item.penalties:
            unmet = self.model.new_bool_var("")
            outside = self._domain(whole & ~penalty.bits)
            self.model.add_linear_expression_in_domain(slot, outside).only_enforce_if(~unmet)
            self.preferences.append(penalty.cost * unmet)
        if item.announced is not None:
            self._change(slot, item.announced)
        for target in item.day_targets:
            self._target(day, target)
        for target in item.slot_targets:
            self._target(slot, target)

    def _target(self, at: Any, target: Target) -> None:
        """Count units off a target, or outside a limit that cannot be kept."""
        into = self.breaches if target.weight > 1 else self.deviations
        self._off_target(at, target.window.lo, target.window.hi, target.unit, into)

    def _change(self, slot: Any, announced: Announced) -> None:
        """Count a visit moved, by how many minutes, and a ride that cannot stay."""
        moved, ride = self.model.new_bool_var(""), self.model.new_bool_var("")
        self.model.add(slot == announced.slot).only_enforce_if(~moved)
        far = 2 * self.problem.day_slots[-1] + abs(announced.slot)
        by = self.model.new_int_var(0, far, "")
        self.model.add(by >= slot - announced.slot)
        self.model.add(by >= announced.slot - slot)
        rides = announced.rides & ((1 << self.problem.day_slots[-1]) - 1)
        same = self._domain(rides)
        self.model.add_linear_expression_in_domain(slot, same).only_enforce_if(~ride)
        self.rides[slot.index] = ride
        self.changes.append((moved, self.problem.slot_minutes * by, ride))

    def _domain(self, bits: int) -> Any:
        return self.cp.Domain.from_intervals([[a, b - 1] for a, b in runs(bits)])

    # --- between visits ----------------------------------------------------------------------

    def _lag(self, lag: Lag) -> None:
        match lag:
            case DayLag():
                self._distance(self.days[lag.later] - self.days[lag.earlier], lag.window, 1)
            case TableLag():
                self._table(lag)
            case SlotLag():
                distance = self.slots[lag.later] - self.slots[lag.earlier]
                self._distance(distance, lag.window, lag.unit)

    def _distance(self, distance: Any, window: Window, unit: int) -> None:
        if window.least is not None:
            self.model.add(distance >= window.least)
        if window.most is not None:
            self.model.add(distance <= window.most)
        self._off_target(distance, window.lo, window.hi, unit)

    def _table(self, lag: TableLag) -> None:
        """Look each bound up by the earlier visit's day; no bound is one no distance reaches."""
        earlier, far = self.days[lag.earlier], self.problem.days
        distance = self.days[lag.later] - earlier

        def bound(name: str, none: int) -> Any:
            found = [getattr(window, name) for window in lag.windows]
            if all(one is None for one in found):
                return None
            values = [none if one is None else one for one in found]
            var = self.model.new_int_var(min(values), max(values), "")
            self.model.add_element(earlier, values, var)
            return var

        least, most = bound("least", -far), bound("most", far)
        if least is not None:
            self.model.add(distance >= least)
        if most is not None:
            self.model.add(distance <= most)
        barred = [(n, n + hole) for n, one in enumerate(lag.windows) for hole in one.holes]
        if barred:
            self.model.add_forbidden_assignments([earlier, self.days[lag.later]], barred)
        self._off_target(distance, bound("lo", -far), bound("hi", far), 1)

    def _off_target(
        self, distance: Any, lo: Any, hi: Any, unit: int, into: list[Any] | None = None
    ) -> None:
        """Count each unit, or part of one, that a distance is outside its target."""
        if lo is None and hi is None:
            return
        off = self.model.new_int_var(0, self._most_off(lo, hi), "")
        if lo is not None:
            self.model.add(unit * off >= lo - distance)
        if hi is not None:
            self.model.add(unit * off >= distance - hi)
        (self.deviations if into is None else into).append(off)

    def _most_off(self, lo: Any, hi: Any) -> int:
        """Return a number of units no distance can be off by."""
        announced = [abs(bound) for bound in (lo, hi) if isinstance(bound, int)]
        return int(2 * self.problem.day_slots[-1] + sum(announced))

    def _gap(self, gap: GapPenalty, *only_if: Any) -> None:
        """Count a distance in days that is not as it is wished for."""
        far, unmet = self.problem.days, self.model.new_bool_var("")
        inside = [[gap.first, gap.last]]
        outside = [[-far - gap.last, gap.first - 1], [gap.last + 1, far + gap.last]]
        wished = self.cp.Domain.from_intervals(outside if gap.inside else inside)
        distance = self.days[gap.later] - self.days[gap.earlier]
        within = self.model.add_linear_expression_in_domain(distance, wished)
        within.only_enforce_if(*only_if, ~unmet)
        self.preferences.append(unmet)

    def _preference(self, options: tuple[Option, ...]) -> None:
        """Take one of the options, with what it costs by itself and of each visit."""
        whole = (1 << self.problem.day_slots[-1]) - 1
        taken = []
        for option in options:
            here = self.model.new_bool_var("")
            taken.append(here)
            self.preferences.append(option.cost * here)
            for n, allowed in option.allowed:
                inside = self._domain(allowed.bits & whole)
                slot = self.slots[n]
                self.model.add_linear_expression_in_domain(slot, inside).only_enforce_if(here)
            for n, penalty in option.penalties:
                unmet = self.model.new_bool_var("")
                outside = self._domain(whole & ~penalty.bits)
                within = self.model.add_linear_expression_in_domain(self.slots[n], outside)
                within.only_enforce_if(here, ~unmet)
                self.preferences.append(penalty.cost * unmet)
            for gap in option.gaps:
                self._gap(gap, here)
            for n in option.other_rides:
                if (ride := self.rides.get(self.slots[n].index)) is not None:
                    self.model.add(ride == 1).only_enforce_if(here)
        self.model.add_exactly_one(taken)

    def _differs(self, course: tuple[int, ...], shared: int) -> None:
        same = []
        for day, other in zip(self.days, course, strict=True):
            here = self.model.new_bool_var("")
            self.model.add(day != other).only_enforce_if(~here)
            same.append(here)
        self.model.add(sum(same) <= shared)

    # --- the levels, one after another -------------------------------------------------------

    def solve(self, solver: Any) -> Result:
        """Settle each level, then hold it while the next is settled."""
        model = self.model
        finish = model.new_int_var(0, self.problem.days - 1, "")
        model.add_max_equality(finish, self.days)
        levels: tuple[Any, ...] = (
            sum(self.deviations),
            sum(self.preferences),
            finish,
            sum(self.clocks),
        )
        if self.changes:
            levels = (*map(sum, zip(*self.changes, strict=True)), *levels)
        if self.breaches:
            levels = (sum(self.breaches), *levels)
        first = len(levels) - 4
        starts: tuple[int, ...] | None = None
        costs = [0] * len(levels)
        bound = work = 0
        for n, level in enumerate(levels):
            model.minimize(level)
            status = solver.solve(model)
            work += solver.num_branches
            assert status != self.cp.MODEL_INVALID, model.validate()
            if status == self.cp.INFEASIBLE:
                return Result(Status.INFEASIBLE, work=work)
            if n == first:
                bound = max(0, ceil(solver.best_objective_bound))
            if status in (self.cp.OPTIMAL, self.cp.FEASIBLE):
                starts = tuple(solver.value(slot) for slot in self.slots)
                costs = [int(solver.value(level)) for level in levels]
            if status != self.cp.OPTIMAL:
                break
            model.add(level == costs[n])
            model.clear_hints()
            for var in (*self.slots, *self.days):
                model.add_hint(var, solver.value(var))
        done = status == self.cp.OPTIMAL
        return Result(
            Status.OPTIMAL if done else Status.EFFORT_SPENT,
            starts,
            deviation=costs[-4],
            preferences=costs[-3],
            finish=costs[-2],
            time_of_day=costs[-1],
            change=Change(*costs[len(self.breaches) > 0 : first]),
            breach=costs[0] if self.breaches else 0,
            bound=bound,
            reached=len(self.slots) if done else 0,
            work=work,
        )


def runs(bits: int) -> Iterator[tuple[int, int]]:
    """Yield each run of numbers in a set as ``[start, end)``."""
    at = 0
    while bits:
        gap = (bits & -bits).bit_length() - 1
        bits >>= gap
        length = (~bits & bits + 1).bit_length() - 1
        yield at + gap, at + gap + length
        bits >>= length
        at += gap + length
