"""One day of a clinic as a sheet to print: HTML that needs nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape

from protocol_sched.model.day_list import DayLine, DayList, DayOf
from protocol_sched.text.clinic_day import heading, heads, line_cells
from protocol_sched.text.language import Language
from protocol_sched.text.languages import LANGUAGES

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


def day_sheet(day: DayList, *, language: str = "en") -> str:
    """
    Return a day by place and by staff, with a box to tick at each line.

    Staff begin on a page of their own. Times are those of the clinic's clock. Every text is
    escaped, and no script, font or picture is loaded.

    Args:
        language: Its code, see `text.languages`.

    Raises:
        KeyError: There is no such language.
    """
    title = escape(heading(day, LANGUAGES[language]))
    lines = [
        "<!DOCTYPE html>",
        f'<html lang="{language}">',
        "<head>",
        '<meta charset="utf-8">',
        f"<title>{title}</title>",
        f"<style>\n{STYLE}\n</style>",
        "</head>",
        "<body>",
        f"<h1>{title}</h1>",
        *day_tables(day, language=language),
    ]
    return "\n".join([*lines, "</body>", "</html>", ""])


def day_tables(day: DayList, *, language: str = "en") -> Iterator[str]:
    """Yield a day's tables line by line: by place, by staff, and what takes neither."""
    speech = LANGUAGES[language]
    above = heads(speech)
    if day.places:
        yield f'<h2 class="places">{escape(speech.tell("By place"))}</h2>'
        yield from _sections(day.places, above.places[1:], day, speech)
    if day.staff:
        yield f'<h2 class="staff">{escape(speech.tell("By staff"))}</h2>'
        yield from _sections(day.staff, above.staff[1:], day, speech)
    if day.others:
        yield f"<h2>{escape(above.neither)}</h2>"
        yield from _table(day.others, above.others, day, speech)


def _sections(
    of: Sequence[DayOf], head: Sequence[str], day: DayList, speech: Language
) -> Iterator[str]:
    nothing = f"<p>{escape(speech.tell('nothing'))}</p>"
    for one in of:
        yield f"<section><h3>{escape(one.name)}</h3>"
        yield from _table(one.lines, head, day, speech) if one.lines else (nothing,)
        yield "</section>"


def _table(
    lines: Sequence[DayLine], head: Sequence[str], day: DayList, speech: Language
) -> Iterator[str]:
    yield "<table>"
    cells = "".join(f"<th>{escape(word)}</th>" for word in head)
    done = escape(speech.tell("done"))
    yield f"<thead><tr>{cells}<th>{done}</th></tr></thead>"
    yield "<tbody>"
    for line in lines:
        texts = line_cells(line, day.day, speech)[: len(head)]
        times, rest = texts[:2], texts[2:]
        row = "".join(f'<td class="time">{escape(text)}</td>' for text in times)
        row += "".join(f"<td>{escape(text)}</td>" for text in rest)
        yield f'<tr>{row}<td class="done"></td></tr>'
    yield "</tbody>"
    yield "</table>"
