"""From start slots back to visits with dates and times, and how well each rule is kept."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import cache

from protocol_sched.engine.candidates import Holder, Shape
from protocol_sched.engine.compiler import Compiled
from protocol_sched.engine.crews import chosen
from protocol_sched.engine.held import stage_ranges
from protocol_sched.engine.lags import date_window, day_window, minutes_window
from protocol_sched.engine.problem import Option, Window
from protocol_sched.model.agenda import (
    Agenda,
    AtMost,
    Breach,
    Due,
    Gated,
    Need,
    NotAfter,
    NotBefore,
    OfDates,
    OfTwo,
    PastVisit,
    Rules,
    Spacing,
)
from protocol_sched.model.availability import Clinic
from protocol_sched.model.causes import FewEscorts
from protocol_sched.model.moments import elapsed, utc
from protocol_sched.model.needs import need_of
from protocol_sched.model.rules import Between
from protocol_sched.model.schedule import PlannedStage, Ride, Schedule, Slack, Visit
from protocol_sched.model.spans import ElapsedSpan
from protocol_sched.model.standing import BrokenBy, Open, Unit


def lift(
    compiled: Compiled,
    starts: tuple[int, ...],
    clinic: Clinic,
    options: tuple[Option, ...] = (),
) -> Schedule:
    """
    Turn start slots back into visits with dates, times, places and escorts.

    Of several places or escorts that are free, those people know of, else the first in the
    clinic's or person's order.

    Args:
        starts: One start slot for each item of the problem, in its order.
        options: What the plan takes of each preference about the whole course.
    """
    minutes = compiled.problem.slot_minutes
    visits = []
    few = [one.origin.escorts for one in options if isinstance(one.origin, FewEscorts)]
    for due, shape, each, slot in zip(
        compiled.dues, compiled.shapes, compiled.holders, starts, strict=True
    ):
        holders = tuple(
            h for h in each if h.kind != "escort" or all(h.name in names for names in few)
        )
        visits.append(_visit(compiled, due, shape, holders, slot, slot * minutes))
    visits.sort(key=lambda visit: utc(visit.start))
    slacks = tuple(_slack(compiled.agenda, tuple(visits)))
    open_ = {visit.tentative for visit in visits}
    return Schedule(
        course=compiled.agenda.course,
        zone=clinic.zone.key,
        visits=visits,
        past=compiled.agenda.past,
        slacks=slacks,
        questions=[one for one in compiled.agenda.questions if one.id in open_],
        breaches=tuple(_breaches(compiled, tuple(visits))),
    )


def _visit(
    compiled: Compiled,
    due: Due,
    shape: Shape,
    holders: tuple[Holder, ...],
    slot: int,
    tick: int,
) -> Visit:
    moment = cache(compiled.horizon.moment)  # most stages begin where others end
    keep = compiled.keep.get(due.id)
    stays = keep is not None and utc(keep.start) == utc(moment(tick))
    found: dict[str, str] = {}
    staff = chosen(compiled.crews[due.id], slot, keep.staff if keep is not None else ())
    known = {*dict(keep.places).values(), keep.escort} if keep is not None else ()
    here = 1 << slot
    for holder in sorted(holders, key=lambda holder: holder.name not in known):
        if holder.kind not in found and holder.starts & here:
            found[holder.kind] = holder.name
    escort = found.pop("escort", None) if shape.escorted else None
    asked = Ride.UNCONFIRMED if shape.escorted else None
    discharge_by = moment(tick + shape.most)
    no_driving = shape.kind.no_driving
    return Visit(
        id=due.id,
        title=due.title,
        kind=due.kind,
        phase=due.phase,
        ordinal=due.ordinal,
        type_ordinal=due.type_ordinal,
        start=moment(tick),
        discharge=moment(tick + shape.least),
        discharge_by=discharge_by,
        stages=[
            PlannedStage(
                name=stage.name,
                start=moment(tick + start),
                start_by=moment(tick + start_by),
                end=moment(tick + end),
                end_by=moment(tick + end_by),
                until=stage.criterion,
            )
            for stage, start, start_by, end, end_by in stage_ranges(shape.stages)
        ],
        places=tuple(found.items()),
        staff=staff,
        escort=escort,
        waived=due.id in compiled.agenda.waived and shape.kind.ride_home is not None,
        ride=(keep.ride if keep and stays and keep.escort == escort else None) or asked,
        no_driving_until=None if no_driving is None else no_driving.over(discharge_by),
        waits_for=tuple(_waits_for(compiled.agenda, due, moment(tick))),
        tentative=due.open,
    )


def _waits_for(agenda: Agenda, due: Due, start: datetime) -> Iterator[Need]:
    """Yield the tests of which none on record counts for a visit at its planned start."""
    for rule in agenda.bindings:
        if isinstance(rule, Gated) and rule.visit == due.id and rule.keeps_least:
            need = need_of(rule, start.date(), agenda.month_end, start)
            if not need.done:
                yield need


def _slack(agenda: Agenda, visits: tuple[Visit, ...]) -> Iterator[Slack]:
    """Yield how each rule that has a room to either side is kept, in the agenda's order."""
    placed = {visit.id: visit for visit in visits}
    for binding in agenda.bindings:
        match binding:
            case Spacing(later=later, earlier=earlier) if later in placed:
                if isinstance(earlier, PastVisit) or earlier in placed:
                    yield _spacing_slack(agenda, binding, placed)
            case AtMost(most=most):
                count = _most_at_once(binding, placed)
                yield Slack(rule=binding, found=count, to_most=most - count)
            case NotBefore(visit=visit, day=day) if visit in placed:
                room = (placed[visit].day - day).days
                yield Slack(rule=binding, found=room, to_least=room)
            case NotAfter(visit=visit, day=day) if visit in placed:
                room = (day - placed[visit].day).days
                yield Slack(rule=binding, found=-room, to_most=room)
            case _:
                pass


def _most_at_once(cap: AtMost, placed: dict[str, Visit]) -> int:
    """Return the most of a cap's visits that fall in any of its stretches of days."""
    days = [one.on for one in cap.visits if isinstance(one, PastVisit)]
    days += [placed[one].day for one in cap.visits if isinstance(one, str) and one in placed]
    return max(
        (sum(0 <= (day - first).days < cap.days for day in days) for first in days), default=0
    )


def _spacing_slack(agenda: Agenda, binding: Spacing, placed: dict[str, Visit]) -> Slack:
    later = placed[binding.later]
    if isinstance(binding.earlier, PastVisit):
        past = binding.earlier
        on = past.on
        moment = past.end if binding.between is Between.END_AND_START else past.start
    else:
        earlier = placed[binding.earlier]
        ends = binding.between is Between.END_AND_START
        on, moment = earlier.day, earlier.discharge_by if ends else earlier.start
    days = (later.day - on).days
    found, window = days, day_window(binding, on, agenda.month_end)
    deviation = _off(window, days)
    lengths = (binding.least, binding.most, binding.target.least if binding.target else None)
    if any(isinstance(length, ElapsedSpan) for length in lengths) and moment is not None:
        found = elapsed(moment, later.start) // timedelta(minutes=1)
        window = minutes_window(binding)
        if binding.target is not None and isinstance(binding.target.least, ElapsedSpan):
            deviation = -(-_off(window, found) // 1440)
    return Slack(
        rule=binding,
        found=found,
        to_least=None if window.least is None else found - window.least,
        to_most=None if window.most is None else window.most - found,
        deviation=deviation,
    )


def _off(window: Window, found: int) -> int:
    """Return how far a distance is off target, inside the limits or not."""
    return Window(lo=window.lo, hi=window.hi).cost(found) or 0


# --- limits that could not be kept -------------------------------------------------------------


def _breaches(compiled: Compiled, visits: tuple[Visit, ...]) -> Iterator[Breach]:
    """Yield each broken or waived rule that the visits do not keep, in the agenda's order."""
    agenda, placed = compiled.agenda, {visit.id: visit for visit in visits}
    for rule in agenda.bindings:
        if rule.keeps_most or not isinstance(rule, OfTwo):
            continue
        earlier, later = rule.earlier, placed.get(rule.later)
        if later is None or isinstance(rule.status, Open):
            continue
        if isinstance(earlier, str) and earlier not in placed:
            continue
        if isinstance(rule, Spacing):
            yield from _outside(compiled, rule, later, placed)
        elif isinstance(rule, OfDates):
            on = earlier.on if isinstance(earlier, PastVisit) else placed[earlier].day
            found = (later.day - on).days
            counted = (compiled.clinic, agenda.month_end)
            window = date_window(rule, on, abs(found), *counted)
            limits = window if not rule.keeps_least else Window(most=window.most)
            yield from _breach(rule, later, found, limits, Unit.DAYS)


def _outside(
    compiled: Compiled, rule: Spacing, later: Visit, placed: dict[str, Visit]
) -> Iterator[Breach]:
    """Yield how far a distance is outside each of its limits that does not hold."""
    month_end, ends = compiled.agenda.month_end, rule.between is Between.END_AND_START
    earlier = rule.earlier
    if isinstance(earlier, PastVisit):
        on, zone = earlier.on, compiled.clinic.zone
        moment = (earlier.end if ends else earlier.start) or None
        first = moment or datetime(on.year, on.month, on.day, tzinfo=zone)
        after = on + timedelta(days=1)
        last = moment or datetime(after.year, after.month, after.day, tzinfo=zone)
    else:
        before = placed[earlier]
        on, first = before.day, before.discharge_by if ends else before.start
        last = first
    window = day_window(rule, on, month_end)
    limits = Window(window.least if not rule.keeps_least else None, window.most)
    yield from _breach(rule, later, (later.day - on).days, limits, Unit.DAYS)
    minutes = minutes_window(rule)
    if not rule.keeps_least and minutes.least is not None:
        passed = elapsed(last, later.start) // timedelta(minutes=1)
        yield from _breach(rule, later, passed, Window(minutes.least), Unit.MINUTES)
    if minutes.most is not None:
        passed = elapsed(first, later.start) // timedelta(minutes=1)
        yield from _breach(rule, later, passed, Window(most=minutes.most), Unit.MINUTES)


def _breach(rule: Rules, later: Visit, found: int, limits: Window, unit: Unit) -> Iterator[Breach]:
    soon = 0 if limits.least is None else limits.least - found
    far = 0 if limits.most is None else found - limits.most
    amount = max(soon, far)
    if amount <= 0:
        return
    counted, broken = 0, rule.broken
    if broken is not None and far > 0:
        counted = far if unit is Unit.DAYS else -(-far // 1440)
        if isinstance(rule.about[0], str):
            counted = max(0, (later.day - broken.limit).days)
        if broken.cause is BrokenBy.DEFERRED:
            counted = max(0, (later.day - broken.first).days)
    yield Breach(
        rule=rule,
        visits=[one.id if isinstance(one, PastVisit) else one for one in rule.about],
        found=found,
        amount=amount,
        unit=unit,
        too_soon=soon > 0,
        counted=counted,
    )
