"""
Plan bench instances (schema infusion-bench/1) with the library's public road.

    python benchmarks/solve_instance.py [--seed N] [--limit SECONDS] FILE...

Reads each instance, builds model values from it, plans with `plan_agenda`, and prints one
solution a line as JSON in the schema's solution format, with ``status``, and ``seconds``: for
reading the instance into model values (``model``), for the whole public call (``plan``), and for
two parts of it taken by themselves, ``compile`` and ``solve``.

An instance of many courses (kind ``clinic``) is planned with `plan_agendas`. Then the line has
``bound`` and ``gap``, ``rounds`` and ``moves``, and ``seconds`` has ``first`` (from the call to
the first legal plan) in place of the parts. The limit is of processor seconds of the call; it
ends a search, and what it had found is the answer. Without it the answer is the same on every
machine.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from protocol_sched import Ask, Effort, Progress, plan_agenda, plan_agendas
from protocol_sched.engine.compiler import compile_agenda
from protocol_sched.engine.horizon import horizon
from protocol_sched.engine.solvers.exact import solve
from protocol_sched.model.agenda import (
    Agenda,
    AtMost,
    Due,
    NotAfter,
    NotBefore,
    PastVisit,
    Rules,
    Spacing,
)
from protocol_sched.model.availability import Booking, Clinic, Escort, Hours, Person, Place, Staff
from protocol_sched.model.before_and_after import RideHome
from protocol_sched.model.cadences import OnDemand
from protocol_sched.model.numbers import Count
from protocol_sched.model.protocol import Phase, Protocol, VisitType
from protocol_sched.model.schedule import Plan
from protocol_sched.model.spans import CalendarSpan, ElapsedSpan, MonthEnd, SpanRange
from protocol_sched.model.stages import Stage

EFFORT = Effort(rounds=900, moves=150_000)
"""For a whole clinic; a limit ends it sooner."""
SHORT = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
UTC = ZoneInfo("UTC")


def hours(windows: dict[str, Any] | None) -> Hours:
    """Return a window object of the schema as hours; none at all is always."""
    if windows is None:
        return Hours()
    weekly = windows.get("weekly", {})
    week = [[(a, b) for a, b in weekly.get(name, ())] for name in SHORT]
    dates = {date.fromisoformat(d): [(a, b) for a, b in w] for d, w in windows["dates"].items()}
    other = Hours.of({}, dates)
    return Hours(week, other.dates)


def kind_name(visit: dict[str, Any]) -> str:
    """Return the name of the visit's type; visits with the same segments share one."""
    parts = [f"{name} {minutes} {units}" for name, minutes, units in visit["segments"]]
    return ", ".join([*parts, "ride home"] if visit["escort"] else parts)


def visit_type(visit: dict[str, Any], nurses: bool) -> VisitType:
    """Return the visit's segments as a visit type, in one chair throughout."""
    stages = []
    for name, minutes, units in visit["segments"]:
        length = SpanRange(ElapsedSpan(minutes), ElapsedSpan(minutes))
        needs = (("chair", 1), *((("nurse", units),) if nurses and units else ()))
        stages.append(Stage(name=name, length=length, needs=needs, source="local"))
    ride = RideHome(source="local") if visit["escort"] else None
    return VisitType(name=kind_name(visit), stages=stages, ride_home=ride)


def bindings(patient: dict[str, Any], first: date) -> Iterator[Rules]:
    """Yield the patient's gaps, rolling limits and dates as bindings."""
    days = CalendarSpan
    for visit in patient["visits"]:
        if patient.get("not_before"):
            day = date.fromisoformat(patient["not_before"])
            yield NotBefore(rule="start", visit=visit["id"], day=day)
        if patient.get("not_after"):
            day = date.fromisoformat(patient["not_after"])
            yield NotAfter(rule="finish by", visit=visit["id"], day=day)
    for gap in patient["gaps"]:
        yield Spacing(
            rule="separation",
            earlier=gap["a"],
            later=gap["b"],
            least=days(days=gap["min"]),
            most=days(days=gap["max"]),
            target=SpanRange(days(days=gap["lo"]), days(days=gap["hi"])),
        )
    for rolling in patient["rolling"]:
        visits = rolling["visits"]
        yield AtMost(rule="cap", most=rolling["k"], days=rolling["days"], visits=visits)
    for _ in range(patient.get("start_delay_weight", 0)):
        wanted = date.fromisoformat(patient["not_before"])
        yield Spacing(
            rule="start",
            earlier=PastVisit("wanted", "the wanted start", wanted),
            later=patient["visits"][0]["id"],
            target=SpanRange(days(), days()),
        )


def model(instance: dict[str, Any]) -> tuple[Agenda, Protocol, Clinic, Person, date, date]:
    """Return the first patient's course as model values, with the horizon's dates."""
    agenda, protocol, person = course(instance, instance["patients"][0])
    first = date.fromisoformat(instance["first_date"])
    last = first + timedelta(days=instance["days"] - 1)
    return agenda, protocol, clinic_of(instance), person, first, last


def course(instance: dict[str, Any], patient: dict[str, Any]) -> tuple[Agenda, Protocol, Person]:
    """Return one patient's course as model values."""
    first = date.fromisoformat(instance["first_date"])
    nurses = instance["nurse_units"]
    visits = patient["visits"]
    kinds = {kind_name(v): visit_type(v, nurses is not None) for v in visits}
    phase = Phase(
        name="course",
        visit=kind_name(visits[0]),
        visits=Count.parse("open"),
        cadence=OnDemand(on_demand="bench"),
        source="local",
    )
    protocol = Protocol(name="bench", title="Bench", visit_types=kinds.values(), phases=[phase])
    escorts = [Escort(name="escort", available=hours(patient.get("escort")))]
    available = hours(patient.get("available"))
    person = Person(key=patient["id"], available=available, escorts=escorts)
    dues = [
        Due(
            id=visit["id"],
            title=visit["id"],
            kind=kind_name(visit),
            phase="course",
            ordinal=n,
            type_ordinal=1,
        )
        for n, visit in enumerate(visits, 1)
    ]
    agenda = Agenda(
        course=patient["id"],
        protocol="bench",
        as_of=first,
        month_end=MonthEnd.LAST_DAY,
        dues=dues,
        bindings=bindings(patient, first),
    )
    return agenda, protocol, person


def clinic_of(instance: dict[str, Any]) -> Clinic:
    """Return the clinic as a model value."""
    nurses = instance["nurse_units"]
    places = [
        Place(
            name=chair["id"],
            kind="chair",
            booked=[
                Booking(day=date.fromisoformat(day), start=a, end=b) for day, a, b in chair["busy"]
            ],
        )
        for chair in instance["chairs"]
    ]
    return Clinic(
        name="Bench",
        zone=UTC,
        hours=hours(instance["open"]),
        places=places,
        staff=[] if nurses is None else [Staff(kind="nurse", units=nurses)],
        start_every=instance["grid"],
    )


def solution(instance: dict[str, Any], plan: Plan) -> dict[str, Any]:
    """Return a plan in the schema's solution format."""
    answer: dict[str, Any] = {
        "instance": instance["name"],
        "status": plan.proof.value,
        "visits": [],
    }
    if plan.schedule is None or plan.objective is None:
        return answer
    first = date.fromisoformat(instance["first_date"])
    finish = (plan.objective.finish - first).days if plan.objective.finish else 0
    values = {
        "unplaced": 0,
        "deviation": plan.objective.deviation,
        "finish": finish,
        "time_of_day": plan.objective.time_of_day,
    }
    answer["objective"] = [values[key] for key in instance["objective"]]
    for visit in plan.schedule.visits:
        answer["visits"].append(
            {
                "patient": instance["patients"][0]["id"],
                "visit": visit.id,
                "date": visit.day.isoformat(),
                "start": 60 * visit.start.hour + visit.start.minute,
                "chair": dict(visit.places)["chair"],
            }
        )
    return answer


def whole_clinic(instance: dict[str, Any], seed: int, limit: float | None) -> dict[str, Any]:
    """Plan all courses of an instance together and return the solution."""
    began = time.process_time()
    clinic = clinic_of(instance)
    first = date.fromisoformat(instance["first_date"])
    last = first + timedelta(days=instance["days"] - 1)
    asks = [
        Ask(agenda=agenda, protocol=protocol, person=person, first=first, until=last)
        for agenda, protocol, person in (course(instance, one) for one in instance["patients"])
    ]
    built = time.process_time()
    marks: dict[str, float] = {}

    def report(now: Progress) -> bool:
        spent = time.process_time() - built
        marks.setdefault(now.doing, spent)
        marks["search ends"] = spent
        return limit is None or spent < limit

    done = plan_agendas(asks, clinic, seed=seed, effort=EFFORT, report=report)
    ended = time.process_time()
    visits = [
        {
            "patient": plan.agenda.course,
            "visit": visit.id,
            "date": visit.day.isoformat(),
            "start": 60 * visit.start.hour + visit.start.minute,
            "chair": dict(visit.places)["chair"],
        }
        for plan in done.plans
        if plan.schedule is not None
        for visit in plan.schedule.visits
    ]
    return {
        "instance": instance["name"],
        "status": "optimal" if done.gap == 0 else "not proved",
        "objective": [len(done.unplaced), done.deviation],
        "bound": done.bound,
        "gap": done.gap,
        "rounds": done.rounds,
        "moves": done.moves,
        "seed": seed,
        "seconds": {
            "model": round(built - began, 3),
            "first": round(marks.get("first plan", 0.0), 3),
            "bound begins": round(marks.get("bound", 0.0), 3),
            "search begins": round(marks.get("search", 0.0), 3),
            "search ends": round(marks.get("search ends", 0.0), 3),
            "plan": round(ended - built, 3),
        },
        "visits": visits,
    }


def main(arguments: list[str]) -> int:
    """Plan each file and print its solution."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="+")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--limit", type=float)
    asked = parser.parse_args(arguments)
    for name in asked.files:
        instance = json.loads(Path(name).read_text())
        if instance["kind"] == "clinic":
            print(json.dumps(whole_clinic(instance, asked.seed, asked.limit)), flush=True)
            continue
        began = time.perf_counter()
        agenda, protocol, clinic, person, first, last = model(instance)
        built = time.perf_counter()
        plan = plan_agenda(agenda, protocol, clinic, person, first=first, until=last)
        done = time.perf_counter()
        answer = solution(instance, plan)
        compiled = compile_agenda(
            agenda, protocol, clinic, person, horizon(clinic.zone, first, last)
        )
        ready = time.perf_counter()
        solve(compiled.problem)
        solved = time.perf_counter()
        seconds = {
            "model": built - began,
            "plan": done - built,
            "compile": ready - done,
            "solve": solved - ready,
        }
        answer["seconds"] = {part: round(taken, 6) for part, taken in seconds.items()}
        print(json.dumps(answer), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
