"""
A peer: a course as a user of CP-SAT writes it first, with an optional interval on each place.

The bookings stand as fixed intervals beside them and nothing overlaps. All else is as in
`tests/cpsat.py`, whose start domains already hold the bookings.
"""

from __future__ import annotations

from typing import Any

import attrs
from ortools.sat.python import cp_model

from cpsat import CourseModel, runs
from protocol_sched.engine.calendars import SlotCalendar
from protocol_sched.engine.candidates import held
from protocol_sched.engine.compiler import Compiled
from protocol_sched.engine.solvers.result import Result, Unlike
from protocol_sched.model.availability import Clinic
from protocol_sched.model.causes import PlacesTaken


def solve(compiled: Compiled, clinic: Clinic, workers: int = 2) -> Result:
    """Return a plan of least cost, chosen together with its places."""
    problem = compiled.problem
    items = tuple(
        attrs.evolve(
            item, slots=tuple(a for a in item.slots if not isinstance(a.origin, PlacesTaken))
        )
        for item in problem.items
    )
    course = CourseModel(cp_model, attrs.evolve(problem, items=items), Unlike())
    model, minutes = course.model, problem.slot_minutes
    calendar = SlotCalendar(compiled.horizon, minutes)
    taken: dict[str, list[Any]] = {
        place.name: [
            model.new_fixed_size_interval_var(start, end - start, "")
            for start, end in runs(calendar.booked(place.booked))
        ]
        for place in clinic.places
    }
    for slot, shape in zip(course.slots, compiled.shapes, strict=True):
        for kind, stretches in held(shape.stages).items():
            start = min(start for start, _, _ in stretches) // minutes
            length = max(end for _, end, _ in stretches) // minutes - start
            here = []
            for place in clinic.places:
                if place.kind == kind:
                    used = model.new_bool_var("")
                    taken[place.name].append(
                        model.new_optional_fixed_size_interval_var(slot + start, length, used, "")
                    )
                    here.append(used)
            if here:
                model.add_exactly_one(here)
    for intervals in taken.values():
        model.add_no_overlap(intervals)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = workers
    solver.parameters.max_time_in_seconds = 120
    return course.solve(solver)
