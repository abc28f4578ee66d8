"""A schedule of activities with a row for each activity, turned so that each visit has a row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from protocol_sched.formats.tables.cells import plain, read_when

FEWEST_DAYS = 2
"""So many of the first line's cells have to say when a visit is, if no row is named for it."""
_HEADINGS = 10
"""So many rows can say when the visits are; below them are activities."""


def turned(
    rows: Sequence[Sequence[str]], columns: Mapping[str, Sequence[str]]
) -> tuple[list[list[str]], int] | None:
    """
    Return a table whose columns are visits with a row for each, and how many activities it has.

    Nothing where its columns are none. The first line names the visits or says when they are; rows
    below it that are called as a column of a schedule would be, such as ``Day`` or ``Window``, say
    more. All other rows are activities: a protocol holds visits and not what is done on them.

    Args:
        columns: What a column may be called, by what it holds.
    """
    first = rows[0]
    named = {n: _name(row[0], columns) for n, row in enumerate(rows[:_HEADINGS]) if n and row}
    titles = [n for n, column in named.items() if column == "visit" and _is_title(rows[n])]
    held = [n for n, column in named.items() if column not in (None, "visit")]
    head = [plain(rows[row][0]) for row in held]
    kinds = {_name(cell, columns) for cell in head}
    dated = kinds & {"when", "day", "week", "month"}
    days = [_is_day(cell) for cell in first[1:]]
    if not dated and sum(days) < FEWEST_DAYS:
        return None
    lines = [["visit", *head]] if dated else [["visit", "when", *head]]
    names = rows[titles[0]] if titles else first
    for n in range(1, len(first)):
        said = [rows[row][n] if n < len(rows[row]) else "" for row in held]
        when = [] if dated else [first[n] if days[n - 1] else ""]
        lines.append([names[n] if n < len(names) else "", *when, *said])
    while len(lines) > 1 and not any(cell.strip() for cell in lines[-1]):
        lines.pop()
    used = {0, *held, *titles[:1]}
    return lines, sum(bool(rows[n][0].strip()) for n in range(len(rows)) if n not in used)


def _name(cell: str, columns: Mapping[str, Sequence[str]]) -> str | None:
    heading = plain(cell).casefold()
    return next((one for one, names in columns.items() if heading in names), None)


def _is_title(row: Sequence[str]) -> bool:
    """Tell whether a row names the visits, and does not tick those on which something is done."""
    return sum(len(cell.strip()) > 1 for cell in row[1:]) >= FEWEST_DAYS


def _is_day(cell: str) -> bool:
    try:
        read_when(plain(cell), "")
    except ValueError:
        return False
    return bool(cell.strip())
