"""One day of a clinic as a sheet to print: HTML that needs nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from protocol_sched.model.day_list import DayLine, DayList, DayOf
from protocol_sched.text.clinic_day import NEITHER, OTHERS, PLACES, STAFF, heading, line_cells

STYLE = """\
body { font: 11pt/1.3 sans-serif; margin: 1.5em; color: #000; background: #fff }
h1 { font-size: 16pt } h2 { font-size: 13pt; margin: 1.2em 0 .3em }
h3 { font-size: 11pt; margin: .8em 0 .2em }
table { border-collapse: collapse; width: 100% }
th, td { border-bottom: 1px solid #888; padding: .2em .5em; text-align: left; vertical-align: top }
td.time { white-space: nowrap; font-variant-numeric: tabular-nums }
td.done { width: 2em } td.done::before { content: "\\2610" }
@page { margin: 15mm }
@media print {
  body { margin: 0 }
  section { break-inside: avoid }
  h2.staff { break-before: page }
  thead { display: table-header-group }
}"""


def day_sheet(day: DayList) -> str:
    """
    Return a day by place and by staff, with a box to tick at each line.

    Staff begin on a page of their own. Times are those of the clinic's clock. Every text is
    escaped, and no script, font or picture is loaded.
    """
    title = escape(heading(day))
    lines = [
        "<!DOCTYPE html>",
        '<html lang="en">',
        "<head>",
        '<meta charset="utf-8">',
        f"<title>{title}</title>",
        f"<style>\n{STYLE}\n</style>",
        "</head>",
        "<body>",
        f"<h1>{title}</h1>",
        *day_tables(day),
    ]
    return "\n".join([*lines, "</body>", "</html>", ""])


def day_tables(day: DayList) -> Iterator[str]:
    """Yield a day's tables line by line: by place, by staff, and what takes neither."""
    if day.places:
        yield '<h2 class="places">By place</h2>'
        yield from _sections(day.places, PLACES[1:], day)
    if day.staff:
        yield '<h2 class="staff">By staff</h2>'
        yield from _sections(day.staff, STAFF[1:], day)
    if day.others:
        yield f"<h2>{NEITHER}</h2>"
        yield from _table(day.others, OTHERS, day)


def _sections(of: Sequence[DayOf], head: Sequence[str], day: DayList) -> Iterator[str]:
    for one in of:
        yield f"<section><h3>{escape(one.name)}</h3>"
        yield from _table(one.lines, head, day) if one.lines else ("<p>nothing</p>",)
        yield "</section>"


def _table(lines: Sequence[DayLine], head: Sequence[str], day: DayList) -> Iterator[str]:
    yield "<table>"
    cells = "".join(f"<th>{escape(word)}</th>" for word in head)
    yield f"<thead><tr>{cells}<th>done</th></tr></thead>"
    yield "<tbody>"
    for line in lines:
        texts = line_cells(line, day.day)[: len(head)]
        times, rest = texts[:2], texts[2:]
        row = "".join(f'<td class="time">{escape(text)}</td>' for text in times)
        row += "".join(f"<td>{escape(text)}</td>" for text in rest)
        yield f'<tr>{row}<td class="done"></td></tr>'
    yield "</tbody>"
    yield "</table>"
