"""What other drugs and checks around a visit are called: one sentence each, with its dates."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from protocol_sched.model.agenda import Due
from protocol_sched.model.around import (
    CoMedicationWindow,
    Fast,
    co_medication_windows,
    due_checks,
    fasts,
    tasks,
)
from protocol_sched.model.moments import later_by
from protocol_sched.model.protocol import Protocol
from protocol_sched.model.schedule import Visit, kind_of
from protocol_sched.model.spans import MonthEnd
from protocol_sched.text.english.words import date_text

NOON = time(12)


def window_text(window: CoMedicationWindow, *, year: bool = False) -> str:
    """
    Return ``triptan: not from Sun 28 February 09:00 to Mon 1 March 09:00``.

    Args:
        year: Write the year of each date.
    """

    def when(end: date | datetime) -> str:
        if isinstance(end, datetime):
            return f"{date_text(end.date(), year=year)} {end:%H:%M}"
        return date_text(end, year=year)

    no, first, last = "not " if window.barred else "", window.first, window.last
    if first is None and last is not None:
        return f"{window.name}: {no}on {when(last)} or earlier"
    assert first is not None  # a distance has at least one end
    if last is None:
        return f"{window.name}: {no}on {when(first)} or later"
    if first == last:
        return f"{window.name}: {no}on {when(first)}"
    between = (
        f"from {when(first)} to {when(last)}"
        if window.barred
        else (f"between {when(first)} and {when(last)}")
    )
    return f"{window.name}: {no}{between}"


def fasts_of(visit: Visit, protocol: Protocol) -> Iterator[tuple[str, date | None, str]]:
    """
    Yield what to leave out before a visit, first things first, and from when on.

    The date is ``None`` where it is that of the visit.
    """
    kind = kind_of(visit, protocol)
    for fast in fasts(kind, visit.type_ordinal, visit.start):
        begins = fast.begins.astimezone(visit.start.tzinfo)
        on = None if begins.date() == visit.day else begins.date()
        yield left_out(fast), on, f"{begins:%H:%M}"


def left_out(fast: Fast) -> str:
    """Return what is left out, without a negation of its own: ``solid food``."""
    return re.sub(r"^(?:no|any)\s+", "", " ".join(fast.what.split()), flags=re.IGNORECASE)


def over_by(as_of: date, visit: Visit, protocol: Protocol) -> Iterator[str]:
    """
    Yield what a visit asks of the person for days that were over when it was planned.

    That is what is left out or barred from an earlier date on, and what is to be taken by then.
    """
    for fast in fasts(kind_of(visit, protocol), visit.type_ordinal, visit.start):
        if fast.begins.astimezone(visit.start.tzinfo).date() < as_of:
            yield left_out(fast)
    for window in co_medications_of(visit, protocol):
        edge = window.first if window.barred else window.last
        on = edge.date() if isinstance(edge, datetime) else edge
        if on is not None and on < as_of:
            yield window.name


def co_medications_text(visit: Visit, protocol: Protocol, *, year: bool = False) -> Iterator[str]:
    """Yield what a visit asks of other drugs, in the order of its type."""
    for window in co_medications_of(visit, protocol):
        yield window_text(window, year=year)


def co_medications_of(visit: Visit, protocol: Protocol) -> tuple[CoMedicationWindow, ...]:
    """Return when a visit asks something of other drugs, in the order of its type."""
    kind = kind_of(visit, protocol)
    month_end = protocol.month_end or MonthEnd.NEXT_DAY
    return tuple(
        co_medication_windows(kind, visit.start, visit.discharge, month_end, visit.type_ordinal)
    )


def foreseen_of(due: Due, protocol: Protocol) -> Iterator[CoMedicationWindow]:
    """Yield what a visit due asks of other drugs in whole days, if it is on the date foreseen."""
    if due.foreseen is None:
        return
    kind = protocol.visit_type(due.kind)
    month_end = protocol.month_end or MonthEnd.NEXT_DAY
    noon = datetime.combine(due.foreseen.day, NOON, UTC)  # rules in days do not read the hour
    for window in co_medication_windows(kind, noon, noon, month_end, due.type_ordinal):
        if not isinstance(window.first, datetime) and not isinstance(window.last, datetime):
            yield window


def team_text(visit: Visit) -> Iterator[str]:
    """Yield who of the clinic's team is there, and when: ``Ada (nurse): check-in, infusion``."""
    for name, role in dict.fromkeys((one.name, one.role) for one in visit.staff):
        parts = [one.during for one in visit.staff if one.name == name]
        yield f"{name} ({role}): {', '.join(parts)}"


def tasks_of(
    visit: Visit, protocol: Protocol
) -> Iterator[tuple[str, datetime, datetime, tuple[str, ...]]]:
    """Yield name, start, end and what it takes of each task around a visit."""
    for task in tasks(kind_of(visit, protocol), visit.type_ordinal):
        start, end = (
            later_by(visit.start, timedelta(minutes=minutes)) for minutes in (task.start, task.end)
        )
        yield task.work.name, start, end, tuple(need for need, _ in task.work.needs)


def checks_of(visit: Visit, protocol: Protocol) -> Iterator[tuple[str, list[str]]]:
    """Yield what is checked during a visit, with its times of day."""
    for check in due_checks(kind_of(visit, protocol), visit.type_ordinal, visit.start):
        yield check.what, [f"{moment:%H:%M}" for moment in check.due]
