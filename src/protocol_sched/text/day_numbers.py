"""The number of each date on course time, where a protocol says how it numbers its days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from protocol_sched.model.agenda import Agenda
from protocol_sched.model.protocol import Protocol
from protocol_sched.model.schedule import Schedule

Row = tuple[str, ...]


def dates_in(of: Schedule | Agenda) -> dict[str, date]:
    """Return when visits were given and are planned or foreseen, by identity."""
    known = {one.id: one.on for one in of.past if one.counts}
    if isinstance(of, Schedule):
        return known | {visit.id: visit.day for visit in of.visits}
    return known | {due.id: due.foreseen.day for due in of.dues if due.foreseen}


def numbers_of(
    day: date, dates: Mapping[str, date], protocol: Protocol | None
) -> tuple[int, int] | None:
    """
    Return the number of a date and of its week, as the protocol counts.

    The course's first treatment is the first day, ``day 0`` or ``day 1``. ``None`` where the
    protocol does not say how it numbers, or the first treatment has no date.

    Args:
        dates: When visits were given, are planned or foreseen, by identity.
    """
    numbering = None if protocol is None else protocol.numbering
    first = None if protocol is None else dates.get(f"{protocol.phases[0].name}-1")
    if numbering is None or first is None:
        return None
    days = (day - first).days
    return numbering.day_number(days), numbering.week_number(days)


def with_day_numbers(
    rows: Sequence[Row],
    days: Sequence[date | None],
    place: int,
    dates: Mapping[str, date],
    protocol: Protocol | None,
    head: str = "day",
) -> list[Row]:
    """
    Return rows with a column ``day`` more: the number of each date as the protocol counts.

    Where dates have no numbers, see `numbers_of`, the rows stay as they are.

    Args:
        rows: The head first.
        days: The date of each row below the head.
        place: How many columns come before the new one.
        dates: When visits were given or are foreseen, by identity.
        head: Of the new column.
    """
    numbers = [None if day is None else numbers_of(day, dates, protocol) for day in days]
    if not any(numbers):
        return list(rows)
    cells = [head, *("" if number is None else str(number[0]) for number in numbers)]
    return [(*row[:place], cell, *row[place:]) for row, cell in zip(rows, cells, strict=True)]
