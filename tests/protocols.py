"""Small protocols for tests, written in the words of a protocol file."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import attrs

from protocol_sched.expansion import expand
from protocol_sched.model.agenda import Agenda, Due
from protocol_sched.model.cadences import At, Cadence, Every, OnDemand
from protocol_sched.model.course import Course, Event, Given
from protocol_sched.model.gates import Gate
from protocol_sched.model.numbers import Count, Ordinals
from protocol_sched.model.other_visits import OtherVisit
from protocol_sched.model.protocol import Phase, Protocol, VisitType
from protocol_sched.model.references import CoursePoint, parse_reference
from protocol_sched.model.responses import Adaptation
from protocol_sched.model.rules import (
    Between,
    Cap,
    Clock,
    LateTable,
    Separation,
    Starts,
    Tier,
    Tolerance,
)
from protocol_sched.model.spans import MonthEnd, calendar_span, parse_range, parse_span
from protocol_sched.model.stages import Stage

TREATMENT = VisitType(
    name="infusion",
    stages=(Stage(name="infusion", length=parse_range("30 minutes"), source="local"),),
)
REVIEW = attrs.evolve(TREATMENT, name="review")
EVALUATION = attrs.evolve(TREATMENT, name="evaluation")
RESPONSE_REVIEW = attrs.evolve(TREATMENT, name="response review")


def day(text: str) -> date:
    return date.fromisoformat(text)


def every(text: str) -> Every:
    return Every(every=parse_range(text))


def at(*points: str, cycle: str | None = None) -> At:
    return At(at=map(CoursePoint, points), cycle=calendar_span(cycle) if cycle else None)


def starts(after: str, *references: str) -> Starts:
    found = tuple(parse_reference(text) for text in references or ("previous visit",))
    return Starts(after=parse_range(after), from_=found, source="local")


def apart(
    *references: str,
    least: str | None = None,
    most: str | None = None,
    preferred: str | None = None,
    grace: str | None = None,
    between: Between = Between.STARTS,
    visits: str = "each",
    safety: bool = False,
) -> Separation:
    return Separation(
        from_=tuple(parse_reference(text) for text in references or ("previous visit",)),
        least=parse_span(least) if least else None,
        most=parse_span(most) if most else None,
        preferred=parse_span(preferred) if preferred else None,
        grace=calendar_span(grace) if grace else None,
        between=between,
        visits=Ordinals.parse(visits),
        safety=safety,
        source="local",
    )


def window(before: str, after: str, visits: str = "each", hard: bool = True) -> Tolerance:
    return Tolerance(
        before=calendar_span(before),
        after=calendar_span(after),
        visits=Ordinals.parse(visits),
        hard=hard,
        source="local",
    )


def late(clock: Clock, *tiers: Tier, visits: str = "each") -> LateTable:
    return LateTable(clock=clock, tiers=tiers, visits=Ordinals.parse(visits), source="local")


def phase(
    name: str,
    cadence: Cadence,
    visits: str | None = None,
    *,
    cycles: str = "1",
    next_cycle: Starts | OnDemand | None = None,
    anchor: str | None = None,
    begins: Starts | OnDemand | None = None,
    tolerances: Iterable[Tolerance] = (),
    separations: Iterable[Separation] = (),
    caps: Iterable[Cap] = (),
    late: Iterable[LateTable] = (),
) -> Phase:
    if visits is None:
        visits = str(len(cadence.at)) if isinstance(cadence, At) else "1"
    return Phase(
        name=name,
        visit="infusion",
        cadence=cadence,
        visits=Count.parse(visits),
        cycles=Count.parse(cycles),
        next_cycle=next_cycle,
        anchor=parse_reference(anchor) if anchor else None,
        starts=begins,
        tolerances=tuple(tolerances),
        separations=tuple(separations),
        caps=tuple(caps),
        late=tuple(late),
        source="local",
    )


def protocol(
    *phases: Phase,
    gates: Iterable[Gate] = (),
    other_visits: Iterable[OtherVisit] = (),
    adaptations: Iterable[Adaptation] = (),
    month_end: MonthEnd = MonthEnd.NEXT_DAY,
    unspecified: Iterable[str] = (),
) -> Protocol:
    return Protocol(
        name="test",
        title="Test",
        visit_types=(TREATMENT, REVIEW, EVALUATION, RESPONSE_REVIEW),
        phases=phases,
        gates=tuple(gates),
        other_visits=tuple(other_visits),
        adaptations=tuple(adaptations),
        month_end=month_end,
        unspecified=tuple(unspecified),
    )


def course(plan: Protocol, *events: Event, start: str | None = None) -> Course:
    return Course(key="c1", protocol=plan, not_before=day(start) if start else None, events=events)


def given(**visits: str) -> tuple[Given, ...]:
    """Return visits given: ``given(load_1="2026-01-05")`` is visit ``load-1``."""
    return tuple(Given(visit=name.replace("_", "-"), on=day(on)) for name, on in visits.items())


def seen(plan: Course, on: str, until: str | None = None) -> Agenda:
    return expand(plan, day(on), day(until) if until else None)


def target(agenda: Agenda, visit: str) -> str:
    return _written(agenda.due(visit), "target")


def dates(agenda: Agenda, visit: str) -> tuple[str, str, str]:
    """Return earliest, target or forecast, and latest date of a due visit; ``-`` for none."""
    due = agenda.due(visit)
    return _written(due, "earliest"), _written(due, "target"), _written(due, "latest")


def _written(due: Due, which: str) -> str:
    dated = due.foreseen if which == "target" else getattr(due, which)
    return str(dated.day) if dated is not None else "-"


def questions(agenda: Agenda) -> list[str]:
    return [question.id for question in agenda.questions]
