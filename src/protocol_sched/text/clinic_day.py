"""One day of a clinic as lists: who is in which place, and what the staff do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from protocol_sched.model.day_list import DayLine, DayList, DayOf
from protocol_sched.text.english.words import date_text, listed
from protocol_sched.text.table import columns

PLACES = ("place", "from", "to", "person", "visit", "stages", "staff")
STAFF = ("staff", "from", "to", "person", "visit", "stage", "place")
NEITHER = "Without place or staff"
OTHERS = ("from", "to", "person", "visit", "stage")


def clinic_day_text(day: DayList) -> str:
    """Return a day by place and by staff; times are those of the clinic's clock."""
    blocks = [heading(day)]
    for head, of in ((PLACES, day.places), (STAFF, day.staff)):
        if of:
            blocks.append("\n".join(columns([head, *_rows(of, day.day)])))
    if day.others:
        rows = [line_cells(line, day.day) for line in day.others]
        table = "\n".join(columns([OTHERS, *(row[:-1] for row in rows)]))
        blocks.append(f"{NEITHER}:\n{table}")
    return "\n\n".join(blocks) + "\n"


def heading(day: DayList) -> str:
    """Return the clinic's name and the date."""
    return ", ".join(filter(None, (day.clinic, date_text(day.day, year=True))))


def _rows(of: tuple[DayOf, ...], day: date) -> Iterator[tuple[str, ...]]:
    for one in of:
        if not one.lines:
            yield (one.name, "-", "-", "nothing", "", "", "")
        for n, line in enumerate(one.lines):
            yield (one.name if n == 0 else "", *line_cells(line, day))


def line_cells(line: DayLine, day: date) -> tuple[str, ...]:
    """
    Return from when, to when, who, which visit, which stages, and what is beside it.

    A moment of another date has its date before it.
    """
    who = line.who or "booked"
    if (line.units, line.of) != (1, 1):
        share = str(line.units) if line.of == 1 else f"{line.units}/{line.of}"
        who += f" ({share})" if not line.who else ""
    beside = listed(line.beside)
    if line.who and line.units > 1:
        beside = ", ".join(filter(None, (f"{line.units} at once", beside)))
    span = (_moment(line.start, day), _moment(line.end, day))
    return (*span, who, line.title, ", ".join(line.stages), beside)


def _moment(moment: datetime, day: date) -> str:
    on = moment.date()
    return f"{moment:%H:%M}" if on == day else f"{date_text(on)} {moment:%H:%M}"
