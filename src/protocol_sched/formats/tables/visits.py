"""The visits of a clinic as a table for spreadsheets."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from protocol_sched.formats.cells import table
from protocol_sched.model.day_list import ClinicVisits

HEAD = ("date", "start", "end", "course", "person", "visit", "stage", "place", "staff")


def visits_csv(visits: ClinicVisits) -> str:
    """
    Return a row for each stage of each visit, and for work around it, in order of time.

    Times are those of the clinic's clock; an end on another date has its date before it. A person
    is named by their key. No text is run as a formula by a spreadsheet.
    """
    return table(HEAD, _rows(visits))


def _rows(visits: ClinicVisits) -> Iterator[tuple[str, ...]]:
    for part in visits.parts:
        staff = [
            name if part.staff.count(name) == 1 else f"{part.staff.count(name)} {name}"
            for name in dict.fromkeys(part.staff)
        ]
        yield (
            part.start.date().isoformat(),
            f"{part.start:%H:%M}",
            _end(part.start, part.end),
            part.course,
            part.person,
            part.title,
            part.stage,
            "; ".join(part.places),
            "; ".join(staff),
        )


def _end(start: datetime, end: datetime) -> str:
    same = start.date() == end.date()
    return f"{end:%H:%M}" if same else f"{end.date().isoformat()} {end:%H:%M}"
