"""
A sheet for the person and one for whoever drives them: a page of HTML to print, in large type.

No script, font or picture is loaded, and every text is escaped.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from html import escape

from protocol_sched.model.availability import Clinic, Person
from protocol_sched.model.protocol import Protocol
from protocol_sched.model.schedule import Schedule
from protocol_sched.text.languages import LANGUAGES
from protocol_sched.text.privacy import Privacy
from protocol_sched.text.sheets import (
    Contact,
    SheetWords,
    appointments,
    contact,
    pickups,
)

STYLE = """\
:root { color-scheme: light dark }
body { font: 15pt/1.3 Arial, Helvetica, 'Liberation Sans', sans-serif }
body { margin: 1.2em auto; max-width: 60em; padding: 0 1em }
h1 { font-size: 22pt; margin: 0 0 .2em }
p { margin: .15em 0 }
.call { font-weight: bold }
table { border-collapse: collapse; width: 100%; margin: .6em 0 }
th { font-size: 11pt; text-align: left; padding: .2em .5em .2em 0 }
td { border-top: 2px solid; padding: .4em .6em .4em 0; vertical-align: top; width: 25% }
td:last-child { width: 47% }
tr { break-inside: avoid }
.day, .there { font-weight: bold }
.small { font-size: 11pt }
@page { margin: 12mm }
@media print {
  :root { color-scheme: light }
  body { font-size: 11.5pt; margin: 0; max-width: none; padding: 0 }
  td { padding: .2em .5em .2em 0 }
  p { margin: 0 }
  thead { display: table-header-group }
}
@media screen and (max-width: 40em) {
  thead { display: none }
  td, td:last-child { display: block; width: auto; border-top: 0; padding: 0 }
  tr { display: block; border-top: 2px solid; padding: .5em 0 }
}"""


def person_sheet(
    schedule: Schedule,
    clinic: Clinic,
    person: Person,
    protocol: Protocol,
    *,
    made_on: date,
    language: str = "en",
    privacy: Privacy = Privacy.NEUTRAL,
) -> str:
    """
    Return the person's visits to come as a page to print.

    For each: the date, when to be there, what not to eat or drink from when on, which tests have to
    be done between which days, when it is likely to end, who takes them home, and before when they
    must not drive; and whom to call. It grants nothing: when somebody may leave is for the clinic
    to say.

    Args:
        made_on: The date that it bears; a newer sheet replaces an older one.
        language: Its code, see `text.languages`.
        privacy: How much it tells. *Neutral* names no drug, no condition and no treatment; what is
            left out for that is an instruction that the person was given. *Minimal* says dates
            and times only.

    Raises:
        KeyError: There is no such language.
    """
    words = LANGUAGES[language].sheet
    of = contact(clinic, person, protocol, privacy)
    rows = []
    for one in appointments(schedule, person, protocol, privacy):
        day = one.start.date()
        when = [
            _line(words.day(day, day.year != made_on.year), "day"),
            _line(words.be_there(one.start), "there"),
            _line(words.called(one), "small"),
        ]
        when += [_line(words.provisional())] if one.provisional else []
        before = [_line(words.leave_out(what, at, day)) for what, at in one.leave_out]
        before += [_line(words.test(*test)) for test in one.tests]
        if one.instructions:
            before.append(_line(words.other_instructions(bool(one.leave_out))))
        home = [words.expect_to_leave(one), words.ride_home(one), words.no_driving(one)]
        rows.append((when, before, [_line(text) for text in home if text]))
    foot = [words.clock(of), words.made(made_on)]
    return _page(words, words.your_appointments, of, words.call(of), words.columns, rows, foot)


def escort_sheet(
    schedule: Schedule,
    clinic: Clinic,
    person: Person,
    protocol: Protocol,
    escort: str,
    *,
    made_on: date,
    language: str = "en",
    privacy: Privacy = Privacy.MINIMAL,
) -> str:
    """
    Return the rides of one escort as a page to print.

    For each: the date, when to be there and until when it may last, how long to stay, and whether
    the ride is settled; and whom to call. At no level it says what the person comes for.

    Args:
        escort: Their name, as the person's file has it.
        made_on: The date that it bears.
        language: Its code, see `text.languages`.
        privacy: *Minimal* says the address, without any part that tells of a clinic; *neutral* its
            name as well.

    Raises:
        KeyError: There is no such language.
    """
    words = LANGUAGES[language].sheet
    of = contact(clinic, person, protocol, privacy)
    rows = []
    for one in pickups(schedule, protocol, escort):
        there = [_line(words.fetch(one), "there")]
        there += [_line(text) for text in (words.stay(one),) if text]
        day = one.ready[0].date()
        when = _line(words.day(day, day.year != made_on.year), "day")
        rows.append(([when], there, [_line(words.answer(one))]))
    foot = [words.clock(of), words.made(made_on)]
    call = words.call_about_ride(of)
    return _page(words, words.your_rides, of, call, words.ride_columns, rows, foot)


def _line(text: str, kind: str = "") -> str:
    mark = f' class="{kind}"' if kind else ""
    return f"<p{mark}>{escape(text)}</p>"


def _page(
    words: SheetWords,
    title: str,
    of: Contact,
    call: str,
    columns: Sequence[str],
    rows: Sequence[Sequence[Iterable[str]]],
    foot: Iterable[str],
) -> str:
    lines = [
        "<!DOCTYPE html>",
        f'<html lang="{words.code}">',
        "<head>",
        '<meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>{escape(title)}</title>",
        f"<style>\n{STYLE}\n</style>",
        "</head>",
        "<body>",
        f"<h1>{escape(title)}</h1>",
        *(_line(text, kind) for text, kind in ((words.where(of), ""), (call, "call")) if text),
        *(_table(columns, rows) if rows else [_line(words.nothing_planned)]),
        *(_line(text, "small") for text in foot),
        "</body>",
        "</html>",
    ]
    return "\n".join(lines) + "\n"


def _table(columns: Sequence[str], rows: Sequence[Sequence[Iterable[str]]]) -> Iterator[str]:
    yield "<table>"
    yield f"<thead><tr>{''.join(f'<th>{escape(text)}</th>' for text in columns)}</tr></thead>"
    yield "<tbody>"
    for row in rows:
        cells = ["".join(cell) for cell in row]
        yield f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"
    yield "</tbody>"
    yield "</table>"
