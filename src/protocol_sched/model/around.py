"""What is done or left out around one visit, and what is checked in it, as moments."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import attrs

from protocol_sched.model.before_and_after import CoMedication
from protocol_sched.model.moments import as_instant, later_by, zoned
from protocol_sched.model.protocol import VisitType
from protocol_sched.model.spans import CalendarSpan, ElapsedSpan, MonthEnd, Span, comparable
from protocol_sched.model.stages import Cleaning, Preparation


@attrs.frozen(kw_only=True)
class CoMedicationWindow:
    """
    A stretch around a visit in which another drug is given, or in which it is barred.

    Calendar rules give dates, both included; elapsed rules give moments in the visit's zone.
    """

    name: str
    barred: bool
    first: date | datetime | None = attrs.field(eq=as_instant)
    """``None`` where the rule has no beginning: so long before the visit, or longer."""
    last: date | datetime | None = attrs.field(eq=as_instant)
    """``None`` where the rule has no end."""
    source: str


@attrs.frozen(kw_only=True)
class Fast:
    """What to leave out before a visit, and from when."""

    what: str
    begins: datetime = attrs.field(eq=as_instant)
    """In the zone of the visit's arrival."""
    lead: timedelta
    """How long before the arrival it begins; negative where it begins during the visit."""


def fasts(kind: VisitType, ordinal: int, start: datetime) -> tuple[Fast, ...]:
    """
    Return what to leave out before the n-th visit of a type, what begins first, first.

    What is counted from a stage that this visit does not have is left away.

    Args:
        start: Arrival.

    Raises:
        NaiveMoment: The moment carries no zone.
    """
    zoned(f"visit type {kind.name!r}", "start", start)
    begins = {"": 0}
    minutes = 0
    for stage in kind.stages_of(ordinal):
        begins.setdefault(stage.name, minutes)
        minutes += stage.least
    found = []
    for fast in kind.fasting:
        if fast.before in begins:
            lead = timedelta(minutes=fast.lead.minutes - begins[fast.before])
            found.append(Fast(what=fast.what, begins=later_by(start, -lead), lead=lead))
    return tuple(sorted(found, key=lambda one: -one.lead))


@attrs.frozen
class Task:
    """Work around a visit: minutes after the arrival, negative before it, ``[start, end)``."""

    work: Preparation | Cleaning
    start: int
    end: int


def tasks(kind: VisitType, ordinal: int) -> tuple[Task, ...]:
    """
    Return what is done around the n-th visit of a type without the person, in order of time.

    Each preparation is done when its stage may first begin, and each cleaning begins when its
    stage has ended at the latest. Work around a stage that this visit does not have is left away.
    """
    stages = kind.stages_of(ordinal)
    begins, ends = {"": 0}, {"": sum(stage.most for stage in stages)}
    least = most = 0
    for stage in stages:
        begins.setdefault(stage.name, least)
        least, most = least + stage.least, most + stage.most
        ends[stage.name] = most
    found = []
    for ready in kind.preparation:
        if ordinal in ready.visits and ready.before in begins:
            at = begins[ready.before] - (ready.ahead.minutes if ready.ahead else 0)
            found.append(Task(ready, at - ready.length.minutes, at))
    for clean in kind.cleaning:
        if ordinal in clean.visits and clean.after in ends:
            at = ends[clean.after]
            found.append(Task(clean, at, at + clean.length.minutes))
    return tuple(sorted(found, key=lambda task: task.start))


@attrs.frozen(kw_only=True)
class DueCheck:
    """When something is checked during a visit."""

    what: str
    stage: str
    due: tuple[datetime, ...]
    """In the zone of the visit's arrival, in order; never empty."""


def due_checks(kind: VisitType, ordinal: int, start: datetime) -> tuple[DueCheck, ...]:
    """
    Return when each check of the n-th visit of a type is due if its stages take their least time.

    A stage that lasts longer goes on being checked, as long as the clinic sets time aside for it.

    Args:
        start: Arrival.

    Raises:
        NaiveMoment: The moment carries no zone.
    """
    zoned(f"visit type {kind.name!r}", "start", start)
    found, begins = [], 0
    for stage in kind.stages_of(ordinal):
        for check in stage.checks:
            due = check.after(stage.most)
            moments = tuple(later_by(start, timedelta(minutes=begins + one)) for one in due)
            if moments:
                found.append(DueCheck(what=check.what, stage=stage.name, due=moments))
        begins += stage.least
    return tuple(found)


def co_medication_windows(
    kind: VisitType,
    start: datetime,
    end: datetime,
    month_end: MonthEnd = MonthEnd.NEXT_DAY,
    ordinal: int | None = None,
) -> tuple[CoMedicationWindow, ...]:
    """
    Return the co-medications' windows around a visit, in the order of its type.

    Args:
        start: Arrival; what comes ``before`` is measured back from it.
        end: Discharge; what comes ``after`` is measured from it.
        month_end: For rules that count in months.
        ordinal: Its number among the visits of its type, from 1; ``None`` for rules of any.

    Raises:
        NaiveMoment: A moment carries no zone.
    """
    zoned(f"visit type {kind.name!r}", "start", start)
    zoned(f"visit type {kind.name!r}", "end", end)
    return tuple(
        window
        for rule in kind.co_medications
        if ordinal is None or ordinal in rule.visits
        for window in _windows(rule, start, end, month_end)
    )


def _windows(
    rule: CoMedication, start: datetime, end: datetime, month_end: MonthEnd
) -> Iterator[CoMedicationWindow]:
    """Yield the stretch before a visit and that after it; as one where neither leaves a gap."""
    stretches: list[tuple[date | datetime | None, date | datetime | None]] = []
    if rule.before is not None:
        most = rule.before.most
        first = None if most is None else _back(start, most, month_end)
        stretches.append((first, _back(start, rule.before.least, month_end)))
    if rule.after is not None:
        most = rule.after.most
        last = None if most is None else _on(end, most, month_end)
        stretches.append((_on(end, rule.after.least, month_end), last))
    gapless = all(one and comparable(one.least) == 0 for one in (rule.before, rule.after))
    if gapless:
        (first, _), (_, last) = stretches
        stretches = [(first, last)]
    for first, last in stretches:
        yield CoMedicationWindow(
            name=rule.name, barred=rule.barred, first=first, last=last, source=rule.source
        )


def _back(moment: datetime, span: Span, month_end: MonthEnd) -> date | datetime:
    if isinstance(span, CalendarSpan):
        return _on(moment, span.times(-1), month_end)
    return _on(moment, ElapsedSpan(-span.minutes), month_end)


def _on(moment: datetime, span: Span, month_end: MonthEnd) -> date | datetime:
    if isinstance(span, CalendarSpan):
        return span.after(moment.date(), month_end)
    return later_by(moment, span.delta)
