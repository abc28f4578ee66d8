"""One day of a clinic as lists: who is in which place, and what the staff do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

import attrs

from protocol_sched.model.day_list import DayLine, DayList, DayOf
from protocol_sched.text.language import Language
from protocol_sched.text.languages import LANGUAGES
from protocol_sched.text.table import columns


@attrs.frozen(kw_only=True)
class Heads:
    """What stands above the columns of a day, in one language."""

    places: tuple[str, ...]
    staff: tuple[str, ...]
    others: tuple[str, ...]
    neither: str
    """Above what takes neither a place nor staff."""


def heads(speech: Language) -> Heads:
    """Return what stands above the columns of a day."""
    tell = speech.tell
    place, staff, stage = tell("place"), tell("staff"), tell("stage")
    who = (tell("from"), tell("to"), tell("person"), speech.plan.visit)
    return Heads(
        places=(place, *who, tell("stages"), staff),
        staff=(staff, *who, stage, place),
        others=(*who, stage),
        neither=tell("Without place or staff"),
    )


def clinic_day_text(day: DayList, *, language: str = "en") -> str:
    """
    Return a day by place and by staff; times are those of the clinic's clock.

    Raises:
        KeyError: There is no such language.
    """
    speech = LANGUAGES[language]
    above = heads(speech)
    blocks = [heading(day, speech)]
    for head, of in ((above.places, day.places), (above.staff, day.staff)):
        if of:
            blocks.append("\n".join(columns([head, *_rows(of, day.day, speech)])))
    if day.others:
        rows = [line_cells(line, day.day, speech) for line in day.others]
        table = "\n".join(columns([above.others, *(row[:-1] for row in rows)]))
        blocks.append(f"{above.neither}:\n{table}")
    return "\n\n".join(blocks) + "\n"


def heading(day: DayList, speech: Language) -> str:
    """Return the clinic's name and the date."""
    return ", ".join(filter(None, (day.clinic, speech.day(day.day, year=True))))


def _rows(of: tuple[DayOf, ...], day: date, speech: Language) -> Iterator[tuple[str, ...]]:
    for one in of:
        if not one.lines:
            yield (one.name, "-", "-", speech.tell("nothing"), "", "", "")
        for n, line in enumerate(one.lines):
            yield (one.name if n == 0 else "", *line_cells(line, day, speech))


def line_cells(line: DayLine, day: date, speech: Language) -> tuple[str, ...]:
    """
    Return from when, to when, who, which visit, which stages, and what is beside it.

    A moment of another date has its date before it.
    """
    who = line.who or speech.tell("booked")
    if (line.units, line.of) != (1, 1):
        share = str(line.units) if line.of == 1 else f"{line.units}/{line.of}"
        who += f" ({share})" if not line.who else ""
    beside = speech.listed(line.beside)
    if line.who and line.units > 1:
        at_once = speech.tell("{number} at once", number=line.units)
        beside = ", ".join(filter(None, (at_once, beside)))
    span = (_moment(line.start, day, speech), _moment(line.end, day, speech))
    return (*span, who, line.title, ", ".join(line.stages), beside)


def _moment(moment: datetime, day: date, speech: Language) -> str:
    on = moment.date()
    return f"{moment:%H:%M}" if on == day else f"{speech.day(on)} {moment:%H:%M}"
