"""
A planner by brute force: every start, place and escort, judged by the checker alone.

For small cases only. It shares nothing with the compiler and the solvers, so that what they
call the best can be held against what is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from itertools import combinations, product

import attrs

from protocol_sched.judge.checker import rule_violations, visit_violations
from protocol_sched.judge.objective import deviation_of, preferences_of
from protocol_sched.model.agenda import Agenda, AtMost, Due, FixedAt, PastVisit, Rules, Spacing
from protocol_sched.model.availability import Assigned, Clinic, Person
from protocol_sched.model.protocol import Protocol
from protocol_sched.model.schedule import Keep, PlannedStage, Ride, Schedule, Visit
from protocol_sched.model.stages import Stage

Costs = tuple[int, int, int, int, int, date | None, int]
"""
Visits moved, minutes moved, rides changed, deviation, preferences, finish, time of day.

The smaller tuple is the better plan.
"""

_MINUTE = timedelta(minutes=1)
NOTHING: Mapping[str, Keep] = {}


def visit_at(
    due: Due,
    start: datetime,
    agenda: Agenda,
    clinic: Clinic,
    protocol: Protocol,
    places: Sequence[tuple[str, str]] = (),
    escort: str | None = None,
) -> Visit:
    """Return the visit that begins at a moment, its stages and discharge worked out."""
    kind = protocol.visit_type(due.kind)
    if due.id in agenda.waived:
        kind = kind.unescorted
    begins = begins_by = start.astimezone(UTC)
    stages = []
    for stage in kind.stages_of(due.type_ordinal):
        ends, ends_by = begins + stage.least * _MINUTE, begins_by + stage.most * _MINUTE
        moments = [moment.astimezone(clinic.zone) for moment in (begins, begins_by, ends, ends_by)]
        stages.append(_stage(stage, moments))
        begins, begins_by = ends, ends_by
    leaves, leaves_by = begins.astimezone(clinic.zone), begins_by.astimezone(clinic.zone)
    rides = kind.ride_home is not None
    until: date | datetime | None = None
    if kind.no_driving is not None:
        hours = kind.no_driving.hours
        tomorrow = leaves_by.date() + timedelta(days=1)
        until = tomorrow if hours is None else (begins_by + hours.delta).astimezone(clinic.zone)
    return Visit(
        id=due.id,
        title=due.title,
        kind=due.kind,
        phase=due.phase,
        ordinal=due.ordinal,
        type_ordinal=due.type_ordinal,
        start=start.astimezone(clinic.zone),
        discharge=leaves,
        discharge_by=leaves_by,
        stages=stages,
        places=tuple(places),
        escort=escort,
        waived=rides and due.id in agenda.waived,
        ride=Ride.UNCONFIRMED if rides and due.id not in agenda.waived else None,
        no_driving_until=until,
    )


def _stage(stage: Stage, moments: Sequence[datetime]) -> PlannedStage:
    start, start_by, end, end_by = moments
    return PlannedStage(
        name=stage.name,
        start=start,
        start_by=start_by,
        end=end,
        end_by=end_by,
        until=stage.criterion,
    )


def grid_starts(clinic: Clinic, first: date, last: date) -> list[datetime]:
    """Return every moment of the dates at which the wall clock is at a start time, in UTC."""
    found = set()
    for n in range((last - first).days + 1):
        day = first + timedelta(days=n)
        for minute, fold in product(range(0, 24 * 60, clinic.start_every), (0, 1)):
            hour, past = divmod(minute, 60)
            wall = datetime(day.year, day.month, day.day, hour, past, tzinfo=clinic.zone, fold=fold)
            real = wall.astimezone(UTC)
            if real.astimezone(clinic.zone).replace(tzinfo=None) == wall.replace(tzinfo=None):
                found.add(real)
    return sorted(found)


def choices(
    due: Due,
    agenda: Agenda,
    clinic: Clinic,
    person: Person,
    protocol: Protocol,
    first: date,
    last: date,
    keep: Keep | None = None,
) -> Iterator[Visit]:
    """
    Yield one visit for each start at which some choice of places and escort breaks no rule.

    One for each such escort, if it matters which.

    With the escort that people know of, if that is a choice.
    """
    kind = protocol.visit_type(due.kind)
    needs = [stage.needs for stage in kind.stages_of(due.type_ordinal)]
    needs += [work.needs for work in (*kind.preparation, *kind.cleaning)]
    needed = {name for part in needs for name, _ in part}
    held = [
        [(place.kind, place.name) for place in clinic.places if place.kind == name]
        for name in sorted(needed & {place.kind for place in clinic.places})
    ]
    wanted: dict[tuple[str, str], int] = {}
    parts = [(stage.name, stage.needs) for stage in kind.stages_of(due.type_ordinal)]
    parts += [(work.name, work.needs) for work in (*kind.preparation, *kind.cleaning)]
    for part, of_part in parts:
        for role, count in of_part:
            if role in {member.role for member in clinic.team}:
                wanted[part, role] = max(count, wanted.get((part, role), 0))
    crews = [
        [
            [Assigned(during=part, role=role, name=member.name) for member in some]
            for some in combinations([one for one in clinic.team if one.role == role], count)
        ]
        for (part, role), count in wanted.items()
    ]
    escorts: list[str | None] = [None]
    if kind.ride_home is not None and due.id not in agenda.waived:
        escorts = [escort.name for escort in person.escorts]
    pins = [b.start for b in agenda.bindings if isinstance(b, FixedAt) and b.visit == due.id]
    own = _about(agenda, {due.id})
    starts = [*grid_starts(clinic, first, last), *(pin.astimezone(UTC) for pin in pins)]
    for start in sorted(set(starts)):
        bare = visit_at(due, start, agenda, clinic, protocol)
        if not first <= bare.day <= last:
            continue
        if rule_violations([bare], own, clinic, person, protocol):
            continue
        found = visit_violations(bare, agenda, clinic, person, protocol)
        if any(one.rule not in ("place", "team", "escort") for one in found):
            continue
        willing = escorts
        if keep is not None:
            willing = sorted(escorts, key=lambda name: name != keep.escort)
            if start == keep.start:
                willing = [name for name in willing if name not in keep.declined]
        for staff in product(*crews):
            flat = [one for group in staff for one in group]
            staffed = attrs.evolve(bare, staff=flat)
            found = visit_violations(staffed, agenda, clinic, person, protocol)
            if not any(one.rule == "team" for one in found):
                break
        else:
            continue
        bare = staffed
        for escort in willing:
            for places in product(*held):
                visit = attrs.evolve(bare, places=places, escort=escort)
                if not visit_violations(visit, agenda, clinic, person, protocol):
                    yield visit
                    break
            else:
                continue
            if not (person.preferences.few_escorts or person.requires.one_escort):
                break


def change(visit: Visit, keep: Keep | None) -> tuple[int, int, int]:
    """Return whether a visit has moved, by how many minutes, and whether its ride changes."""
    if keep is None:
        return 0, 0, 0
    by = abs(visit.start.astimezone(UTC) - keep.start.astimezone(UTC)) // _MINUTE
    ride = visit.escort is not None and keep.escort is not None and visit.escort != keep.escort
    return int(by > 0), by, int(ride)


def best(
    agenda: Agenda,
    clinic: Clinic,
    person: Person,
    protocol: Protocol,
    first: date,
    last: date,
    keep: Mapping[str, Keep] = NOTHING,
) -> Costs | None:
    """
    Return what the best plan costs; ``None`` if there is no plan.

    Visits begin on the dates ``first`` to ``last``, both included. Costs only grow as
    visits are added, so a part already as dear as the best is left.
    """
    dues = [due for due in agenda.dues if not due.tentative]
    options = []
    for due in dues:
        announced = keep.get(due.id)
        options.append(list(choices(due, agenda, clinic, person, protocol, first, last, announced)))
        if not options[-1]:
            return None
    caps = attrs.evolve(agenda, bindings=[b for b in agenda.bindings if isinstance(b, AtMost)])
    own = [
        [
            (*change(visit, keep.get(due.id)), *_costs([visit], _about(agenda, {due.id}), person))
            for visit in some
        ]
        for due, some in zip(dues, options, strict=True)
    ]
    pairs: dict[tuple[int, int, int, int], int] = {}
    for b, late in enumerate(dues):
        for a, early in enumerate(dues[:b]):
            both = _about(agenda, {early.id, late.id}, both=True)
            for (i, one), (j, other) in product(enumerate(options[a]), enumerate(options[b])):
                if not rule_violations([one, other], both, clinic, person, protocol):
                    pairs[a, i, b, j] = _costs([one, other], both, person)[0]
    found: Costs | None = None

    def extend(picked: list[int], so_far: Costs) -> None:
        nonlocal found
        if found is not None and _order(so_far) >= _order(found):
            return
        b = len(picked)
        if b == len(dues):
            visits = [options[a][i] for a, i in enumerate(picked)]
            whole = Schedule(course=agenda.course, zone="UTC", visits=visits)
            past = agenda.past
            alone = (attrs.evolve(whole, visits=[visit]) for visit in visits)
            apart = sum(preferences_of(one, person, past) for one in alone)
            more = preferences_of(whole, person, past) - apart
            reached = (*so_far[:4], so_far[4] + more, *so_far[5:])
            if found is None or _order(reached) < _order(found):
                found = reached
            return
        for j, visit in enumerate(options[b]):
            if any((a, i, b, j) not in pairs for a, i in enumerate(picked)):
                continue
            visits = [options[a][i] for a, i in enumerate(picked)] + [visit]
            if caps.bindings and rule_violations(visits, caps, clinic, person, protocol):
                continue
            moved, minutes, rides, deviation, preferences, finish, clock = own[b][j]
            deviation += sum(pairs[a, i, b, j] for a, i in enumerate(picked))
            ends = [day for day in (so_far[5], finish) if day is not None]
            total: Costs = (
                so_far[0] + moved,
                so_far[1] + minutes,
                so_far[2] + rides,
                so_far[3] + deviation,
                so_far[4] + preferences,
                max(ends),
                so_far[6] + clock,
            )
            extend([*picked, j], total)

    extend([], (0, 0, 0, 0, 0, None, 0))
    return found


def _order(costs: Costs) -> tuple[object, ...]:
    return tuple(date.min if cost is None else cost for cost in costs)


def _about(agenda: Agenda, visits: set[str], *, both: bool = False) -> Agenda:
    """Return the agenda with the rules about these visits alone; with ``both``, about the pair."""
    rules = [rule for rule in agenda.bindings if _named(rule) <= visits]
    return attrs.evolve(agenda, bindings=[r for r in rules if not both or _named(r) == visits])


def _named(rule: Rules) -> set[str]:
    if isinstance(rule, AtMost):
        return {visit for visit in rule.visits if isinstance(visit, str)}
    ends = [getattr(rule, field, None) for field in ("visit", "earlier", "later")]
    return {end for end in ends if end is not None and not isinstance(end, PastVisit)}


def _costs(
    visits: Sequence[Visit], agenda: Agenda, person: Person
) -> tuple[int, int, date | None, int]:
    schedule = Schedule(course=agenda.course, zone="UTC", visits=visits)
    deviation = deviation_of(agenda, schedule) if _aims(agenda) else 0
    clock = sum(60 * visit.start.hour + visit.start.minute for visit in visits)
    last = max(visit.day for visit in visits)
    return deviation, preferences_of(schedule, person, agenda.past), last, clock


def _aims(agenda: Agenda) -> bool:
    return any(isinstance(rule, Spacing) and rule.target for rule in agenda.bindings)
