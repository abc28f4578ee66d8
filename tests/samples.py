"""A small course written by hand: protocol, clinic, person and a schedule in any zone."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import attrs

from protocol_sched.model.agenda import Agenda, Due, PastVisit, Rules, Spacing
from protocol_sched.model.availability import Clinic, Escort, Hours, Person, Place
from protocol_sched.model.before_and_after import Fasting, NoDriving, RideHome
from protocol_sched.model.cadences import Every
from protocol_sched.model.numbers import ONE, Count
from protocol_sched.model.objective import Objective
from protocol_sched.model.protocol import Phase, Protocol, VisitType
from protocol_sched.model.rules import Between
from protocol_sched.model.schedule import (
    Plan,
    PlannedStage,
    Proof,
    Ride,
    Schedule,
    Slack,
    Visit,
)
from protocol_sched.model.spans import CalendarSpan, ElapsedSpan, MonthEnd, parse_range, parse_span
from protocol_sched.model.stages import Stage

NOW = datetime(2027, 1, 1, 12, 30, 15, 999999, tzinfo=UTC)
NEW_YORK = ZoneInfo("America/New_York")

EVALUATION = VisitType(
    name="evaluation",
    stages=[Stage(name="talk", length=parse_range("45 minutes"), source="local")],
)
INFUSION = VisitType(
    name="infusion",
    stages=[
        Stage(name="check-in", length=parse_range("15 minutes"), source="local"),
        Stage(name="IV preparation", length=parse_range("30 minutes"), source="local"),
        Stage(
            name="infusion",
            length=parse_range("45 to 60 minutes"),
            needs=(("chair", 1),),
            source="local",
        ),
        Stage(
            name="recovery",
            length=parse_range("at least 60 minutes"),
            until="walks unaided",
            needs=(("chair", 1),),
            source="local",
        ),
    ],
    ride_home=RideHome(stay_with=ElapsedSpan(120), source="local"),
    no_driving=NoDriving(until="next day", source="local"),
    fasting=[
        Fasting(what="solid food", lead=ElapsedSpan(360), source="local"),
        Fasting(what="clear liquids", lead=ElapsedSpan(120), source="local"),
    ],
)
PROTOCOL = Protocol(
    name="ketamine-migraine",
    title="Ketamine infusions for complex migraine",
    visit_types=[EVALUATION, INFUSION],
    phases=[
        Phase(
            name="assessment",
            visit="evaluation",
            cadence=Every(every=parse_range("1 day")),
            visits=ONE,
            source="local",
        ),
        Phase(
            name="induction",
            visit="infusion",
            cadence=Every(every=parse_range("2 to 3 days")),
            visits=Count(6, 6),
            source="local",
        ),
    ],
)
PERSON = Person(
    key="p-017",
    name="Jane Roe",
    escorts=[
        Escort(name="Sam Poe", available=Hours(), phone="+1 555 0101"),
        Escort(name="Kim Loe", available=Hours()),
    ],
)


def clinic(zone: ZoneInfo = NEW_YORK) -> Clinic:
    """Return a clinic whose name says what it does, as clinics' names do."""
    return Clinic(
        name="Example Ketamine Clinic",
        zone=zone,
        hours=Hours(),
        places=[Place(name="chair 2", kind="chair")],
        address="Infusion Center, Suite 100, 1 Main St",
        phone="+1 555 0100",
    )


def visit(
    identity: str, start: datetime, kind: VisitType = INFUSION, ordinal: int = 1, **more: object
) -> Visit:
    """Return a visit of a type that starts then, its times counted in real minutes."""
    zone = start.tzinfo
    assert zone is not None

    def after(minutes: int) -> datetime:
        return (start.astimezone(UTC) + timedelta(minutes=minutes)).astimezone(zone)

    stages, least, most = [], 0, 0
    for stage in kind.stages:
        stages.append(
            PlannedStage(
                name=stage.name,
                start=after(least),
                start_by=after(most),
                end=after(least + stage.least),
                end_by=after(most + stage.most),
                until=stage.until or "",
            )
        )
        least, most = least + stage.least, most + stage.most
    escorted = kind.ride_home is not None
    made = Visit(
        id=identity,
        title=f"{kind.name} {ordinal}",
        kind=kind.name,
        phase=identity.rpartition("-")[0],
        ordinal=ordinal,
        type_ordinal=ordinal,
        start=start,
        discharge=after(least),
        discharge_by=after(most),
        stages=stages,
        places=(("chair", "chair 2"),) if escorted else (),
        escort="Sam Poe" if escorted else None,
        ride=Ride.UNCONFIRMED if escorted else None,
        no_driving_until=after(most).date() + timedelta(days=1) if escorted else None,
    )
    return attrs.evolve(made, **more)  # type: ignore[arg-type]


def spacing(earlier: str, later: str, least: str, most: str | None = None) -> Slack:
    """Return a spacing as a schedule reports it kept."""
    rule = Spacing(
        rule="separation",
        earlier=earlier,
        later=later,
        least=parse_span(least),
        most=None if most is None else parse_span(most),
    )
    return Slack(rule=rule, found=2)


def schedule(*visits: Visit, zone: str = "America/New_York", **more: object) -> Schedule:
    """Return the schedule of course ``c-1``."""
    return Schedule(course="c-1", zone=zone, visits=visits, **more)  # type: ignore[arg-type]


def course_schedule() -> Schedule:
    """Return an evaluation and two infusions around the night of 14 March 2027, New York."""

    def at(month: int, day: int, hour: int, minute: int = 0) -> datetime:
        return datetime(2027, month, day, hour, minute, tzinfo=NEW_YORK)

    return schedule(
        visit("evaluation-1", at(3, 1, 9), EVALUATION),
        visit("induction-1", at(3, 12, 8, 30), ride=Ride.CONFIRMED),
        visit("induction-2", at(3, 15, 14), ordinal=2),
        slacks=(
            spacing("evaluation-1", "induction-1", "0 days", "30 days"),
            spacing("induction-1", "induction-2", "2 days", "5 days"),
        ),
    )


ONE_DAY = CalendarSpan(days=1)
FIRST_OF_MARCH = date(2027, 3, 1)


def agenda(*visits: Visit, bindings: Iterable[Rules] = (), **more: object) -> Agenda:
    """Return the agenda of course ``c-1`` of 20 February 2027 on which these visits were due."""
    dues = [
        Due(
            id=one.id,
            title=one.title,
            kind=one.kind,
            phase=one.phase,
            ordinal=one.ordinal,
            type_ordinal=one.type_ordinal,
        )
        for one in visits
    ]
    whole = Agenda(
        course="c-1",
        protocol="ketamine-migraine",
        as_of=date(2027, 2, 20),
        month_end=MonthEnd.NEXT_DAY,
        dues=dues,
        bindings=bindings,
    )
    return attrs.evolve(whole, **more)  # type: ignore[arg-type]


def slack(
    earlier: str | PastVisit,
    later: str,
    found: int,
    least: str = "",
    most: str = "",
    target: str = "",
    *,
    rule: str = "separation",
    room: tuple[int | None, int | None] = (None, None),
    deviation: int = 0,
    between: Between = Between.STARTS,
) -> Slack:
    """Return how a spacing is kept, in the units of ``found``; ``room`` is to least and to most."""
    spacing = Spacing(
        rule=rule,
        earlier=earlier,
        later=later,
        least=parse_span(least) if least else None,
        most=parse_span(most) if most else None,
        target=parse_range(target) if target else None,
        between=between,
    )
    return Slack(rule=spacing, found=found, to_least=room[0], to_most=room[1], deviation=deviation)


def proved(agenda: Agenda, schedule: Schedule, deviation: int = 0, preferences: int = 0) -> Plan:
    """Return a schedule as an optimal plan."""
    objective = Objective(
        deviation=deviation,
        preferences=preferences,
        finish=schedule.visits[-1].day if schedule.visits else None,
        time_of_day=0,
        bound=deviation,
    )
    return Plan(proof=Proof.OPTIMAL, agenda=agenda, schedule=schedule, objective=objective)
