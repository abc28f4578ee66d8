"""The number of each date on course time, where a protocol says how it numbers its days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from protocol_sched.model.protocol import Protocol

Row = tuple[str, ...]


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

    The course's first treatment is the first day, ``day 0`` or ``day 1``. Rows of a protocol that
    does not say how it numbers, or of a course whose first treatment has no date, stay as they are.

    Args:
        rows: The head first.
        days: The date of each row below the head.
        place: How many columns come before the new one.
        dates: When visits were given or are foreseen, by identity.
        head: Of the new column.
    """
    numbering = None if protocol is None else protocol.numbering
    first = None if protocol is None else dates.get(f"{protocol.phases[0].name}-1")
    if numbering is None or first is None:
        return list(rows)
    cells = [head]
    for day in days:
        cells.append("" if day is None else str(numbering.day_number((day - first).days)))
    return [(*row[:place], cell, *row[place:]) for row, cell in zip(rows, cells, strict=True)]
