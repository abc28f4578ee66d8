"""
An independent judge of a schedule: it shares no code with what makes one.

Every rule is worked out afresh and in the plainest way, with datetimes, lists and sorting, so
that a mistake in the planner cannot hide in a mistake made twice. It knows the model only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from fractions import Fraction
from itertools import pairwise

from protocol_sched.judge.breaches import wrong_breaches
from protocol_sched.judge.clock import (
    DAY,
    FIRST_YEAR,
    LAST_YEAR,
    covers,
    day_text,
    in_utc,
    instant,
    is_usual,
    joined,
    meets,
    minutes_after,
    moment_text,
    near,
    of_all,
    of_bookings,
    range_text,
    reckonable,
    windows_of,
    without,
)
from protocol_sched.judge.objective import wrong_numbers
from protocol_sched.judge.prerequisites import unsettled
from protocol_sched.judge.rules import together
from protocol_sched.judge.team import Need, booked_shares, share_of, team, whole_of
from protocol_sched.judge.violation import (
    Case,
    Claim,
    Placed,
    Violation,
    alone,
    claims_of,
    on_weekdays,
)
from protocol_sched.model.agenda import Agenda
from protocol_sched.model.availability import Clinic, HoursOver, Person
from protocol_sched.model.protocol import Protocol, VisitType
from protocol_sched.model.schedule import Ride, Schedule, Visit


def violations(
    agenda: Agenda, schedule: Schedule, clinic: Clinic, person: Person, protocol: Protocol
) -> tuple[Violation, ...]:
    """
    Return every rule the schedule breaks; nothing means fine.

    It never raises, whatever moments and names the schedule holds, and gives the same answer
    in the same order every time: first what is about the whole, then visit by visit in the
    schedule's order, then the agenda's rules in theirs, then the numbers in ``kept``.

    A visit's length is taken from its type, not from what the schedule claims, so that a wrong
    discharge is one violation and not many. A visit pinned to a moment need not start on the
    clinic's start times. ``slacks`` may be empty; else it must hold every spacing between two
    visits, and ``breaches`` every rule that could not be kept. Those are no violations; `breaches`
    in `judge.breaches` returns them.

    How what the model leaves open is read:

    - A past visit without a time has only a date. Elapsed rules are read carefully: a least
      distance from the end of that date, a most from its beginning. The same holds for a past
      visit with a start but no end, where a rule measures from the end: a least distance from
      the end of its date, a most from its start. Its elapsed target costs nothing.
    - Hours are local wall clock. A time the clocks skip is the instant of the change. Where an
      hour comes twice, clinic, person and escort are free while the clock shows a time inside
      their hours; a closure, an absence, a booking or a commitment takes all from the first
      reading of its start to the last of its end. 24:00 is the beginning of the next date.
    - The escort is free from the earliest discharge to the latest and the time to stay after
      it, both ends included; both may touch the edges of a free window.
    - A past visit takes its longest; one without a time overlaps nothing.
    """
    case = Case(agenda, clinic, person, protocol)
    claims = claims_of(schedule.visits)
    placed = case.placed(claims)
    found: list[Violation] = [*_whole(case, schedule, claims)]
    for one in placed:
        found += _visit(case, one)
    found += [broken for one in placed for broken in unsettled(case, one)]
    found += together(case, placed)
    found += wrong_numbers(case, placed, schedule.slacks)
    if schedule.breaches or schedule.slacks:
        found += wrong_breaches(case, placed, schedule.breaches)
    return tuple(dict.fromkeys(found))


def visit_violations(
    visit: Visit, agenda: Agenda, clinic: Clinic, person: Person, protocol: Protocol
) -> tuple[Violation, ...]:
    """Return what is wrong with one visit by itself: calendars, resources, escort, stages."""
    case = Case(agenda, clinic, person, protocol)
    return tuple(broken for one in case.placed(claims_of([visit])) for broken in _visit(case, one))


def rule_violations(
    visits: Sequence[Visit], agenda: Agenda, clinic: Clinic, person: Person, protocol: Protocol
) -> tuple[Violation, ...]:
    """Return overlaps, and the agenda's rules broken among these visits and the past alone."""
    case = Case(agenda, clinic, person, protocol)
    return tuple(together(case, case.placed(claims_of(visits))))


# --- moments, dates and windows --------------------------------------------------------------


def _whole(case: Case, schedule: Schedule, claims: Sequence[Claim]) -> Iterator[Violation]:
    """Yield what is wrong with the list of visits as a list."""
    agenda = case.agenda
    if schedule.course != agenda.course:
        found = f"the schedule is of course {schedule.course!r}"
        yield Violation(rule="course", visits=(), found=found, wanted=f"{agenda.course!r}")
    if schedule.zone != str(case.clinic.zone):
        found = f"the schedule is in zone {schedule.zone!r}"
        yield Violation(rule="zone", visits=(), found=found, wanted=f"{case.clinic.zone}")
    known = {due.id for due in agenda.dues}
    there = Counter(visit.id for visit in schedule.visits)
    for due in agenda.dues:
        if due.id not in there and due.id not in schedule.later and not due.tentative:
            found = f"{due.title or due.id} is not in the schedule"
            yield Violation(rule="missing visit", visits=(due.id,), found=found, wanted="one date")
    for identity, times in there.items():
        if identity not in known:
            found, wanted = f"{identity!r} is in the schedule", "only visits that are due"
            yield Violation(rule="unknown visit", visits=(identity,), found=found, wanted=wanted)
        if times > 1:
            found = f"{identity!r} is in the schedule {times} times"
            yield Violation(rule="doubled visit", visits=(identity,), found=found, wanted="once")
    for visit, *moments in claims:
        if None in moments:
            found = f"{visit.title or visit.id} starts in the year {visit.start.year} and ends in "
            found += f"{visit.discharge_by.year}"
            wanted = f"years from {FIRST_YEAR} to {LAST_YEAR}"
            yield Violation(rule="moment", visits=(visit.id,), found=found, wanted=wanted)
    starts = [(visit, start) for visit, start, _, _ in claims if start is not None]
    for (a, first), (b, second) in pairwise(starts):
        if second < first:
            found = f"{b.title or b.id} is listed after {a.title or a.id}"
            yield Violation(
                rule="listing", visits=(a.id, b.id), found=found, wanted="visits in order of time"
            )


# --- one visit by itself ---------------------------------------------------------------------

VISIT_MOMENTS = ("start", "discharge", "discharge_by")
STAGE_MOMENTS = ("start", "start_by", "end", "end_by")


def _visit(case: Case, one: Placed) -> Iterator[Violation]:
    yield from _identity(one)
    if one.kind is None:
        found = f"{one.title} is of type {one.due.kind!r}, which the protocol does not have"
        names = ", ".join(kind.name for kind in case.protocol.visit_types)
        yield alone("visit type", one, found, f"one of {names}")
    plain = _on_one_usual_date(case, one)
    if not plain:
        yield from _clock_faces(case, one)
    if one.kind is not None:
        yield from _timeline(case, one, one.kind, plain)
    yield from _clinic(case, one)
    yield from _resources(case, one)
    yield from team(case, one)
    yield from _person(case, one)
    yield from _ride(case, one)


def _when(one: Placed, zone: tzinfo) -> str:
    return f"{one.title} is {range_text(one.start, one.discharge_by, zone)}"


def _identity(one: Placed) -> Iterator[Violation]:
    for field in ("title", "kind", "phase", "ordinal", "type_ordinal"):
        found, wanted = getattr(one.visit, field), getattr(one.due, field)
        if found != wanted:
            text = f"{one.title} has {field} {found!r}"
            yield alone("identity", one, text, f"{wanted!r} as in the agenda")


def _on_one_usual_date(case: Case, one: Placed) -> bool:
    """
    Tell whether all moments of a visit are in the clinic's zone, on one date of 24 hours.

    Then each shows the clinic's wall clock, and clock times are as far apart as they say.
    """
    zone, visit, day = case.clinic.zone, one.visit, one.visit.start.date()
    moments = [visit.start, visit.discharge, visit.discharge_by]
    for stage in visit.stages:
        moments += (stage.start, stage.start_by, stage.end, stage.end_by)
    for moment in moments:
        if moment.tzinfo is not zone or moment.date() != day:
            return False
    return is_usual(zone, visit.start)


def _clock_faces(case: Case, one: Placed) -> Iterator[Violation]:
    """Check that every moment shows the clinic's wall clock; other offsets show another time."""
    zone = case.clinic.zone
    moments = [(field, getattr(one.visit, field)) for field in VISIT_MOMENTS]
    for stage in one.visit.stages:
        moments += [(f"{stage.name} {field}", getattr(stage, field)) for field in STAGE_MOMENTS]
    for field, moment in moments:
        if moment.tzinfo is zone and is_usual(zone, moment):
            continue
        real = in_utc(moment)
        if real is None:
            if field not in VISIT_MOMENTS:
                text = f"{one.title}: {field} is {moment.isoformat()}"
                yield alone("moment", one, text, "a moment with a zone, in reach")
        elif moment.utcoffset() != real.astimezone(zone).utcoffset():
            text = f"{one.title}: {field} is written {moment.isoformat()}"
            yield alone("zone", one, text, f"{real.astimezone(zone).isoformat()} in {zone}")


def _timeline(case: Case, one: Placed, kind: VisitType, plain: bool) -> Iterator[Violation]:
    """
    Check discharge and stages against the lengths the visit's type gives.

    Args:
        plain: Whether the clock times of the visit are as far apart as they say.
    """
    zone, visit = case.clinic.zone, one.visit

    def wrong(moment: datetime, after: timedelta) -> datetime | None:
        """Return a moment that is not so long after the start, in UTC, where it has a zone."""
        if plain and moment - visit.start == after:
            return None
        real = in_utc(moment)
        return None if real is None or real - one.start == after else real

    for field, wanted in (("discharge", one.discharge), ("discharge_by", one.discharge_by)):
        found = wrong(getattr(visit, field), wanted - one.start)
        if found is not None:
            text = f"{one.title}: {field} is {moment_text(found, zone)}"
            yield alone("discharge", one, text, moment_text(wanted, zone))
    names = [(stage.name, stage.until) for stage in visit.stages]
    wanted_names = [(stage.name, stage.criterion) for stage in one.stages]
    if names != wanted_names:
        listed = ", ".join(name for name, _ in names) or "nothing"
        text = f"{one.title} has the stages {listed}"
        order = ", ".join(
            name + (f" until {until}" if until else "") for name, until in wanted_names
        )
        yield alone("stages", one, text, order or "no stage")
    else:
        for planned, stage, times in zip(visit.stages, one.stages, one.ranges, strict=True):
            shown = (planned.start, planned.start_by, planned.end, planned.end_by)
            for field, moment, after in zip(STAGE_MOMENTS, shown, times, strict=True):
                found = wrong(moment, after)
                if found is not None:
                    text = f"{one.title}: {stage.name} {field} is {moment_text(found, zone)}"
                    yield alone("stages", one, text, moment_text(one.start + after, zone))
    yield from _no_driving_until(case, one, kind)


def _barred_until(case: Case, one: Placed) -> datetime | None:
    """Return when driving is allowed again; ``None`` where it is not barred."""
    if one.kind is None or one.kind.no_driving is None:
        return None
    hours = one.kind.no_driving.hours
    if hours is not None:
        return minutes_after(one.discharge_by, hours.minutes)
    zone = case.clinic.zone
    return instant(zone, one.discharge_by.astimezone(zone).date() + DAY, 0)


def _rested_by(case: Case, one: Placed) -> datetime | None:
    """
    Return when a person's commitments have left them the rest that driving asks for.

    It is the end of the first stretch long enough that nothing breaks; ``None`` where no rule
    asks for a rest.
    """
    rule = None if one.kind is None else one.kind.no_driving
    if rule is None or rule.rest is None:
        return None
    zone = case.person.zone or case.clinic.zone
    for nights in (3, 30, 1500):  # the first nights nearly always hold it
        begins, far = one.discharge_by, minutes_after(one.discharge_by, nights * 24 * 60)
        taken = (
            window
            for commitment in case.person.commitments
            for window in windows_of(commitment.hours.on, zone, begins, far)
        )
        for start, end in joined(taken):
            if minutes_after(begins, rule.rest.minutes) <= start:
                break
            begins = max(begins, end)
        if minutes_after(begins, rule.rest.minutes) <= far:
            break
    return minutes_after(begins, rule.rest.minutes)


def _no_driving_until(case: Case, one: Placed, kind: VisitType) -> Iterator[Violation]:
    zone, found = case.clinic.zone, one.visit.no_driving_until
    until = _barred_until(case, one)
    wanted = "nothing"
    if kind.no_driving is None or until is None:
        right = found is None
    elif kind.no_driving.hours is None:
        day = until.astimezone(zone).date()
        right = found == day and not isinstance(found, datetime)
        wanted = day_text(day)
    else:
        right = isinstance(found, datetime) and in_utc(found) == until
        wanted = moment_text(until, zone)
    if not right:
        text = f"{one.title}: no_driving_until is {'nothing' if found is None else found}"
        yield alone("no driving", one, text, wanted)


def _clinic(case: Case, one: Placed) -> Iterator[Violation]:
    clinic, zone = case.clinic, case.clinic.zone
    local = one.start.astimezone(zone)
    off_grid = (
        (60 * local.hour + local.minute) % clinic.start_every or local.second or local.microsecond
    )
    if off_grid and one.due.id not in case.pinned:
        text = f"{one.title} starts on {moment_text(local, zone)}"
        yield alone(
            "start times", one, text, f"a multiple of {clinic.start_every} minutes after midnight"
        )
    if one.kind is not None and one.kind.weekdays and one.due.id not in case.free_weekdays:
        yield from on_weekdays("weekdays", "", one, one.kind.weekdays)
    start, end = one.start, one.discharge_by
    hours = of_all((clinic.hours, *clinic.extra_openings))
    if not covers(windows_of(hours, zone, start, end, opening=True), start, end):
        when = _when(one, zone)
        yield alone("opening hours", one, when, f"inside the hours of {clinic.name}")
    for closure in near(clinic.closures, start, end):
        if isinstance(closure, HoursOver):  # over up to a moment, and not by the clock
            shut = bool(closure.on(one.day)) and start < closure.until.astimezone(UTC)
        else:
            shut = meets(windows_of(closure.on, zone, start, end), start, end)
        if shut:
            why = f" ({closure.why})" if closure.why else ""
            when = _when(one, zone)
            yield alone("closure", one, when, f"a time when {clinic.name} is not closed{why}")
    for work, begins, ends in one.tasks:
        text = f"{work.name} for {one.title} is {range_text(begins, ends, zone)}"
        if begins < instant(zone, reckonable(case.agenda.as_of), 0):
            yield alone("as of", one, text, f"nothing to do before {day_text(case.agenda.as_of)}")
        if work.after_hours or begins == ends:
            continue
        if not covers(windows_of(hours, zone, begins, ends, opening=True), begins, ends):
            yield alone("opening hours", one, text, f"inside the hours of {clinic.name}")
        for closure in near(clinic.closures, begins, ends):
            # What of it is over by now may have been done.
            if not isinstance(closure, HoursOver) and meets(
                windows_of(closure.on, zone, begins, ends), begins, ends
            ):
                yield alone("closure", one, text, f"a time when {clinic.name} is not closed")


def _needs(case: Case, one: Placed) -> dict[str, list[Need]]:
    """
    Return what each stage may hold, by kind: from its earliest start to its latest end.

    Staff are counted in shares: one nurse for two infusions or four recoveries has four.
    """
    needs: dict[str, list[Need]] = {}
    for stage, (begins, _, _, ends_by) in zip(one.stages, one.ranges, strict=True):
        for kind, units in stage.needs:
            share = units * share_of(case.clinic, kind, stage.name)
            needs.setdefault(kind, []).append((one.start + begins, one.start + ends_by, share))
    return needs


def _beside(case: Case, one: Placed) -> dict[str, list[Need]]:
    """Return what is held for work around the visit, by kind, beside what its stages hold."""
    needs: dict[str, list[Need]] = {}
    for work, begins, ends in one.tasks:
        for kind, units in work.needs:
            share = units * share_of(case.clinic, kind, work.name)
            needs.setdefault(kind, []).append((begins, ends, share))
    return needs


def _resources(case: Case, one: Placed) -> Iterator[Violation]:
    clinic = case.clinic
    needs, beside = _needs(case, one), _beside(case, one)
    kinds = dict.fromkeys((*needs, *beside))
    for kind in kinds:
        stretches, more = needs.get(kind, []), beside.get(kind, [])
        if kind in case.roles:
            continue
        if kind in case.staff:
            yield from _staff(case, one, kind, stretches, more)
        elif kind in case.place_kinds:
            yield from _held(case, one, kind, [*stretches, *more])
        else:
            text = f"{one.title} needs a {kind}, which {clinic.name} does not have"
            having = case.place_kinds | case.staff.keys() | case.roles
            known = ", ".join(sorted(having)) or "nothing"
            yield alone("resource", one, text, f"one of {known}")
    for kind, name in one.visit.places:
        if one.kind is not None and (kind not in kinds or kind in case.staff):
            text = f"{one.title} holds {kind} {name!r}"
            yield alone("place", one, text, "only places that its stages need")


def _held(case: Case, one: Placed, kind: str, stretches: list[Need]) -> Iterator[Violation]:
    zone = case.clinic.zone
    start, end = min(need[0] for need in stretches), max(need[1] for need in stretches)
    names = [name for held, name in one.visit.places if held == kind]
    if len(names) != 1:
        text = f"{one.title} holds {len(names)} places of kind {kind!r}"
        yield alone("place", one, text, "one for the whole time it is needed")
    for name in dict.fromkeys(names):
        place = case.places.get((kind, name))
        if place is None:
            text = f"{one.title} holds {name!r}, which is no {kind} of {case.clinic.name}"
            known = ", ".join(p.name for p in case.clinic.places if p.kind == kind)
            yield alone("place", one, text, f"one of {known}")
        elif meets(windows_of(of_bookings(case.booked(place)), zone, start, end), start, end):
            text = f"{name} is booked by others during {range_text(start, end, zone)}"
            yield alone("place", one, text, f"a {kind} that is free for {one.title}")


def _staff(
    case: Case, one: Placed, kind: str, stretches: list[Need], beside: list[Need]
) -> Iterator[Violation]:
    """
    Look at every stretch in which neither the need nor the bookings change.

    Args:
        stretches: What its stages need, of which one runs at a time.
        beside: What is needed at the same time for work without the person.
    """
    zone = case.clinic.zone
    staff = case.staff[kind]
    all_of_it = (*stretches, *beside)
    start, end = min(need[0] for need in all_of_it), max(need[1] for need in all_of_it)
    whole = whole_of(case.clinic, kind)
    taken = booked_shares(case, staff, whole, start, end)
    edges = sorted({edge for a, b, _ in (*all_of_it, *taken) for edge in (a, b)})
    for edge in edges:
        # Constant from one edge to the next, so its first moment speaks for all of it.
        need = max((units for a, b, units in stretches if a <= edge < b), default=0)
        need += sum(units for a, b, units in beside if a <= edge < b)
        others = sum((units for a, b, units in taken if a <= edge < b), Fraction())
        if need and need + others > staff.units * whole:
            wanted, free = Fraction(need, whole), max(staff.units - others / whole, Fraction())
            text = f"{one.title} needs {wanted} {kind} on {moment_text(edge, zone)}"
            yield alone("staff", one, text, f"at most the {free} of {staff.units} that are free")
            return


def _person(case: Case, one: Placed) -> Iterator[Violation]:
    person, zone = case.person, case.clinic.zone
    own = person.zone or zone
    start, end = one.start, one.discharge_by
    if not covers(windows_of(person.available.on, own, start, end, opening=True), start, end):
        when = _when(one, zone)
        yield alone("person available", one, when, "inside the hours the person is available")
    if person.only_weekdays:
        yield from on_weekdays("person weekdays", "", one, person.only_weekdays)
    for away in person.away:
        if meets(windows_of(away.on, own, start, end), start, end):
            why = f" ({away.why})" if away.why else ""
            when = _when(one, zone)
            yield alone("person away", one, when, f"a time when the person is not away{why}")
    until, rested = _barred_until(case, one), _rested_by(case, one)
    if until is not None and rested is not None:
        until = max(until, rested)
    for commitment in person.commitments:
        what = f"{commitment.what!r}"
        if meets(windows_of(commitment.hours.on, own, start, end), start, end):
            when = _when(one, zone)
            yield alone("commitment", one, when, f"a time apart from {what}")
        if commitment.needs_driving and until is not None:
            busy = windows_of(commitment.hours.on, own, one.discharge, until)
            if meets(busy, one.discharge, until):
                text = f"{one.title} bars driving {range_text(one.discharge, until, zone)}"
                yield alone("driving", one, text, f"no need to drive to {what} then")


def _ride(case: Case, one: Placed) -> Iterator[Violation]:
    if one.kind is None:
        return
    visit, rule = one.visit, one.kind.ride_home
    waived = rule is not None and one.due.id in case.agenda.waived
    if visit.waived != waived:
        text = f"{one.title} has its ride home {'waived' if visit.waived else 'not waived'}"
        yield alone("waiver", one, text, "as a clinician recorded it")
    if rule is None or waived:
        if visit.escort is not None or visit.ride is not None:
            text = f"{one.title} has the escort {visit.escort!r}"
            yield alone("escort", one, text, "none, as no ride home is needed")
        return
    escort = next((e for e in case.person.escorts if e.name == visit.escort), None)
    if escort is None:
        names = [escort.name for escort in case.person.escorts]
        text = f"{one.title} has {'no escort' if visit.escort is None else repr(visit.escort)}"
        yield alone("escort", one, text, f"one of {', '.join(names) or 'nobody: none is named'}")
        return
    if visit.ride is None or visit.ride is Ride.DECLINED:
        text = (
            f"{one.title} has a ride home that is {visit.ride.value if visit.ride else 'not asked'}"
        )
        yield alone("escort", one, text, "a ride that is unconfirmed or confirmed")
    own = escort.zone or case.clinic.zone
    start, end = one.discharge, minutes_after(one.discharge_by, rule.stay_with.minutes)
    free = windows_of(escort.available.on, own, start, end, opening=True)
    if escort.away:
        free = without(free, windows_of(of_all(escort.away), own, start, end))
    if not covers(free, start, end):
        text = f"{escort.name} is not free for all of {range_text(start, end, case.clinic.zone)}"
        yield alone("escort", one, text, f"an escort free for the discharge of {one.title}")
