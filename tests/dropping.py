"""
Worlds in which only some rules are left, made at the model's level.

It shares nothing with the search for conflicts: a rule is dropped by changing the agenda or
somebody's calendar, so that any planner can judge what is left.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta

import attrs

from protocol_sched.engine.solvers.feasible import Feasibility
from protocol_sched.model.agenda import NotAfter, NotBefore, Rules, Spacing
from protocol_sched.model.availability import (
    ALWAYS,
    Escort,
    Hours,
    Place,
    Preferences,
    Requirements,
    Staff,
)
from protocol_sched.model.causes import (
    Closed,
    CourseEnds,
    CourseStarts,
    EscortFree,
    EscortHours,
    HorizonEnds,
    InOrder,
    MustDrive,
    NoSuchKind,
    NotTwoDaysRunning,
    OneEscort,
    OneWeekday,
    OnlyWeekdays,
    OpeningHours,
    Origin,
    PersonAway,
    PersonBusy,
    PersonFree,
    PlacesTaken,
    StaffTaken,
    StartTimes,
    TeamTaken,
    Turnover,
    Wanted,
)
from protocol_sched.model.protocol import VisitType
from protocol_sched.planning.course import compile_within
from worlds import World

ANY_TIME = Hours(ALWAYS)
FURTHER = timedelta(days=40)


def only(world: World, rules: Iterable[Origin], further: timedelta = FURTHER) -> World:
    """
    Return the world with these rules alone; visits, and that today is today, stay.

    Args:
        further: How much longer the dates are where no rule ends them.
    """
    chosen = set(rules)
    if world.clinic.team:
        world = _with_seats(world, chosen)
    names = {type(rule) for rule in chosen}
    clinic, person, agenda = world.clinic, world.person, world.agenda
    kinds = {
        kind
        for t in world.protocol.visit_types
        for needs in (
            *(stage.needs for stage in t.stages),
            *(work.needs for work in (*t.preparation, *t.cleaning)),
        )
        for kind, _ in needs
    }
    shut = [rule.closure for rule in chosen if isinstance(rule, Closed)]
    staffed = {staff.kind for staff in clinic.staff} | {one.role for one in clinic.team}
    places = list(clinic.places)
    for kind in sorted(kinds - staffed):
        known = any(place.kind == kind for place in places)
        if PlacesTaken(kind) not in chosen and (
            known or NoSuchKind(clinic.name, kind) not in chosen
        ):
            places.append(Place(name=f"free {kind}", kind=kind))
    staff = [
        one if StaffTaken(one.kind) in chosen else Staff(kind=one.kind, units=99)
        for one in clinic.staff
    ]
    grids = [rule.minutes for rule in chosen if isinstance(rule, StartTimes)]
    clinic = attrs.evolve(
        clinic,
        hours=clinic.hours if OpeningHours in names else ANY_TIME,
        closures=[one for one in clinic.closures if one in shut],
        places=places,
        staff=staff,
        # No time in these worlds is finer than five minutes.
        start_every=grids[0] if grids else 5,
    )
    escorts = [
        one
        if EscortHours(one.name, one.available, one.away) in chosen
        else attrs.evolve(one, available=ANY_TIME, away=())
        for one in person.escorts
    ]
    if not escorts and EscortFree(()) not in chosen:
        escorts = [Escort(name="anybody", available=ANY_TIME)]
    who = person.name
    person = attrs.evolve(
        person,
        available=person.available if PersonFree in names else ANY_TIME,
        only_weekdays=person.only_weekdays if OnlyWeekdays in names else (),
        away=[one for one in person.away if PersonAway(who, one) in chosen],
        commitments=[
            one
            for one in person.commitments
            if PersonBusy(who, one) in chosen or MustDrive(who, one, rest=True) in chosen
        ],
        escorts=escorts,
        preferences=Preferences(),
        requires=Requirements(
            same_weekday=OneWeekday in names,
            one_escort=OneEscort in names,
            not_two_days_running=NotTwoDaysRunning in names,
        ),
    )
    bindings = [_untargeted(b) for b in agenda.bindings if _stays(b, chosen)]
    agenda = attrs.evolve(agenda, bindings=bindings)
    starts, ends = CourseStarts in names, CourseEnds in names or HorizonEnds in names
    return attrs.evolve(
        world,
        agenda=agenda,
        clinic=clinic,
        person=person,
        first=world.first if starts else min(world.first, agenda.as_of),
        last=world.last if ends else world.last + further,
    )


def _with_seats(world: World, chosen: set[Origin]) -> World:
    """
    Return the world in which visits need by name only whom these rules say they need.

    Seats that hang together are filled by people of a role of their own, and so is a seat that
    only has to be filled for itself: each such role has the whole team.
    """
    compiled = compile_within(
        world.agenda, world.protocol, world.clinic, world.person, world.first, world.last
    )
    # Whether anybody could fill a seat is said beside the rule, and is no other rule.
    teams = {(rule.wanted, rule.together) for rule in chosen if isinstance(rule, TeamTaken)}
    roles: dict[tuple[str, str, str], str] = {}
    for due in compiled.dues:
        for n, ways in enumerate(compiled.crews[due.id]):
            seats = ways[0].seats
            wants = [Wanted(seat.role, tuple(sorted(seat.skills))) for seat in seats]
            together = (tuple(dict.fromkeys(wants)), True) in teams
            for seat, want in zip(seats, wants, strict=True):
                key = (due.kind, seat.during, seat.role)
                if len(seats) > 1 and together:
                    roles[key] = f"{seat.role} {n} of {due.kind}"
                elif ((want,), False) in teams:
                    roles[key] = f"{seat.role} for {seat.during} of {due.kind}"
    clinic = world.clinic
    was = {new: role for (*_, role), new in roles.items()}
    clinic = attrs.evolve(
        clinic,
        team=[
            attrs.evolve(member, name=f"{member.name}, {new}", role=new)
            for new, role in was.items()
            for member in clinic.team
            if member.role == role
        ],
        ratios=[
            attrs.evolve(ratio, one=new)
            for new, role in was.items()
            for ratio in clinic.ratios
            if ratio.one == role
        ],
    )
    named = {member.role for member in world.clinic.team}
    kinds = [_reseated(kind, roles, named) for kind in world.protocol.visit_types]
    return attrs.evolve(
        world, clinic=clinic, protocol=attrs.evolve(world.protocol, visit_types=kinds)
    )


def _reseated(
    kind: VisitType, roles: Mapping[tuple[str, str, str], str], named: set[str]
) -> VisitType:
    """Return a visit type whose stages and work need others of the team, or nobody of it."""

    def new(part: str, role: str) -> str | None:
        return roles.get((kind.name, part, role)) if role in named else role

    def needs(part: str, old: Iterable[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
        return tuple((name, n) for role, n in old if (name := new(part, role)) is not None)

    stages = [
        attrs.evolve(
            stage,
            needs=needs(stage.name, stage.needs),
            skills=tuple(
                (name, skills)
                for role, skills in stage.skills
                if (name := new(stage.name, role)) is not None
            ),
        )
        for stage in kind.stages
    ]
    stays = {
        name
        for stage in kind.stages
        for role, _ in stage.needs
        if role in kind.same_staff and (name := new(stage.name, role)) is not None
    }
    return attrs.evolve(
        kind,
        stages=stages,
        same_staff=tuple(sorted(stays)),
        preparation=[
            attrs.evolve(one, needs=needs(one.name, one.needs)) for one in kind.preparation
        ],
        cleaning=[attrs.evolve(one, needs=needs(one.name, one.needs)) for one in kind.cleaning],
    )


def _untargeted(binding: Rules) -> Rules:
    """Return a rule without its target, which forbids nothing and costs a solver time."""
    return attrs.evolve(binding, target=None) if isinstance(binding, Spacing) else binding


def possible(world: World, rules: Collection[Origin] | None = None) -> bool:
    """
    Tell whether a world has room.

    Args:
        rules: Given those that `only` left, what no change of the world can tell apart is
            dropped too: that nobody is at two visits at once, and what hours and commitments
            are for.

    By `engine.solvers.feasible`, which looks at no costs, so that a world almost without rules is
    soon judged; `test_feasible` holds it against the full solver.
    """
    compiled = compile_within(
        world.agenda, world.protocol, world.clinic, world.person, world.first, world.last
    )
    problem = compiled.problem
    if rules is not None:
        lags = [lag for lag in problem.lags if _binds(lag.origin, rules)]
        items = [
            attrs.evolve(item, slots=tuple(one for one in item.slots if _binds(one.origin, rules)))
            for item in problem.items
        ]
        problem = attrs.evolve(problem, items=tuple(items), lags=tuple(lags))
    found = Feasibility(problem, lambda _: 0).feasible(0)
    assert found is not None
    return found


def _binds(origin: object, rules: Collection[Origin]) -> bool:
    match origin:
        case MustDrive(person=who, commitment=commitment, rest=False):
            return PersonBusy(who, commitment) in rules
        case InOrder() | Turnover() | OpeningHours() | Closed() | PersonBusy() | MustDrive():
            return origin in rules
        case _:
            return True


def _stays(binding: Rules, chosen: set[Origin]) -> bool:
    match binding:
        case NotBefore(rule="today"):
            return True
        case NotBefore(rule="start", day=day):
            return CourseStarts(day) in chosen
        case NotAfter(rule="finish", day=day):
            return CourseEnds(day) in chosen
        case Spacing(rule="order"):
            return InOrder() in chosen
        case Spacing(least=None, most=None):
            return True
        case _:
            return binding in chosen
