"""Requests in the words people use: ``infusion 3 by 14 March``, ``all visits before 1 April``."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from datetime import date, timedelta
from difflib import get_close_matches

from protocol_sched.cli.ending import Refused
from protocol_sched.errors import InvalidValue
from protocol_sched.expansion import expand
from protocol_sched.model.agenda import Agenda
from protocol_sched.model.availability import Person, clock
from protocol_sched.model.causes import Asked, PreferenceKept, Request
from protocol_sched.model.course import Course
from protocol_sched.model.plain import WEEKDAYS
from protocol_sched.text.english.words import MONTH_NAMES
from protocol_sched.text.french import words as french
from protocol_sched.text.german import words as german

REQUESTS = """\
a request is one of, in small letters or capitals:
  VISIT on DATE [at TIME]    'infusion 3 on 2027-03-11 at 10:00'
  VISIT by DATE              not later; also: until
  VISIT before DATE          earlier than that
  VISIT from DATE            not earlier
  VISIT after DATE           later than that
  VISIT not on DATE          on any other date
  every visit by DATE        the course is over by then; also: all visits, or 'by DATE' alone
  no visit on DATE           that date is blocked; also: 'not on DATE'
  preferences                what the person would rather have, kept on every visit
a date is 2027-03-14, '14 March 2027', 'Sunday, 14 March' or 'March 14'; without a year it is the
next one, and a weekday has to be that of the date"""

_REQUEST = re.compile(
    r"(?:(?P<who>.+?)\s+)?(?P<how>not\s+on|on|by|until|before|from|after)\s+(?P<day>.+?)"
    r"(\s+at\s+(?P<at>\S+))?",
    re.IGNORECASE,
)
_EVERY = ("every visit", "all visits", "everything", "the course")
_NO = ("no visit", "no visits", "nothing", "not")


def read_requests(texts: Iterable[str], course: Course, as_of: date, person: Person) -> list[Asked]:
    """Read requests of a course as they are written on the command line; see `read_request`."""
    agenda = expand(course, as_of)
    return [one for text in texts for one in read_request(text, agenda, person)]


def read_request(text: str, agenda: Agenda, person: Person) -> list[Asked]:
    """
    Read a request as it is written on the command line.

    Raises:
        Refused: It is not one; `REQUESTS` lists those there are.
    """
    if text.strip().lower() == "preferences":
        preferences = person.preferences
        names = ("weekdays", "earliest", "latest", "hours", "not_two_days_running")
        asked = [which for which in names if getattr(preferences, which) not in (None, (), False)]
        return [PreferenceKept(person.name, which, preferences) for which in asked]
    match = _REQUEST.fullmatch(text.strip())
    how = " ".join(match["how"].lower().split()) if match else ""
    if match is None or (match["at"] and how != "on"):
        raise Refused(
            f"--request {text!r}: must be such as 'infusion 3 on 2027-03-11 at 10:00', "
            "'infusion 3 by 2027-03-11', 'infusion 3 from 2027-03-11', "
            "'infusion 3 not on 2027-03-11', 'every visit by 2027-03-31', "
            "'no visit on 2027-03-11' or 'preferences'"
        )
    try:
        day = read_day(match["day"], agenda.as_of)
    except Refused as error:
        raise Refused(f"--request {text!r}: {error}") from None
    if day is None:
        says = f"{match['day']!r} is not a date such as 2027-02-20 or 'Saturday, 20 February'"
        raise Refused(f"--request {text!r}: {says}")
    try:
        at = clock(match["at"]) if match["at"] else None
    except InvalidValue as error:
        raise Refused(f"--request {text!r}: {error}") from None
    who = " ".join((match["who"] or _EVERY[0]).lower().split())
    no = who in _NO
    visit = None if no or who in _EVERY else identity_of(match["who"], agenda)
    if how == "not on" or no:
        if at is not None or how not in ("on", "not on") or (no and how != "on"):
            raise Refused(
                f"--request {text!r}: a date that is blocked is such as 'no visit on {day}'"
            )
        return [Request(visit=visit, never=day)]
    # "Before" and "after" leave the date itself out.
    day += timedelta(days={"before": -1, "after": 1}.get(how, 0))
    return [
        Request(
            visit=visit,
            first=None if how in ("by", "until", "before") else day,
            last=None if how in ("from", "after") else day,
            earliest=at,
            latest=at,
        )
    ]


def read_day(text: str, as_of: date) -> date | None:
    """
    Return the date that words say, or nothing; without a year the next one from ``as_of`` on.

    A month is a name in any of the languages, or a number between dots or slashes where only one
    order of day and month makes a date. A weekday may stand beside it.

    Raises:
        Refused: The weekday is not that of the date.
    """
    words = _words(text)
    named = [word for word in words if word in _DAYS]
    weekdays = {_DAYS[word] for word in named}
    day = _day_in([word for word in words if word not in named], weekdays, as_of)
    if day is not None and weekdays - {day.weekday()}:
        raise Refused(f"{text!r}: {day.day} {day:%B %Y} is a {WEEKDAYS[day.weekday()]}")
    return day


def _words(text: str) -> list[str]:
    """Return the words and numbers of a date in small letters, without endings and articles."""
    plain = re.sub(r"(\d{1,2})[./](\d{1,2})[./](\d{4})\b", r"\1/\2/\3", text.lower())
    plain = re.sub(r"\b(\d{4})/(\d{1,2})/(\d{1,2})\b", r"\1-\2-\3", plain)
    words = re.findall(r"\d{4}-\d{1,2}-\d{1,2}|\d+/\d+/\d+|\d+|[^\W\d_]+|\S", plain)
    kept = [word for word in words if word not in (",", ".", "-", "(", ")", *_ARTICLES)]
    # The ending of a number, such as in ``7th`` and ``1er``, stands right behind it.
    return [
        word
        for before, word in zip(["", *kept], kept, strict=False)
        if not (word in _ENDINGS and before.isdecimal())
    ]


def _day_in(words: Sequence[str], weekdays: Collection[int], as_of: date) -> date | None:
    if len(words) == 1 and "/" in words[0]:
        first, second, year = map(int, words[0].split("/"))
        found = {_date(year, second, first), _date(year, first, second)} - {None}
        fits = {one for one in found if one is not None and one.weekday() in weekdays} or found
        return fits.pop() if len(fits) == 1 else None
    if len(words) == 1 and "-" in words[0]:
        year, month, number = map(int, words[0].split("-"))
        return _date(year, month, number)
    numbers = [int(word) for word in words if word.isdecimal()]
    months = {month for word in words for name, month in _MONTHS if _is_month(word, name)}
    if len(months) != 1 or not 1 <= len(numbers) <= 2 or len(numbers) + 1 != len(words):
        return None
    if len(numbers) == 2 and numbers[0] > 31:  # the year first
        numbers.reverse()
    month = months.pop()
    if numbers[1:]:
        return _date(numbers[1], month, numbers[0])
    days = [_date(year, month, numbers[0]) for year in range(as_of.year, as_of.year + 9)]
    return next((day for day in days if day is not None and day >= as_of), None)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _is_month(word: str, name: str) -> bool:
    return len(word) > 2 and (name.startswith(word) or (word, name) == ("sept", "september"))


_ARTICLES = ("the", "of", "den", "dem", "der", "le")
_ENDINGS = ("st", "nd", "rd", "th", "er")
_MONTHS = tuple(
    (name.lower(), number)
    for names in (MONTH_NAMES, german.MONTHS, french.MONTHS)
    for number, name in enumerate(names, 1)
)
_DAYS = {
    name[:length].lower(): number
    for names, lengths in (
        (WEEKDAYS, (3, 4, 5, 9)),
        (german.DAYS, (2, 10)),
        (french.DAYS, (3, 8)),
    )
    for number, name in enumerate(names)
    for length in lengths
    if name[:length] != "mar"  # March rather than mardi
}
"""Weekdays in the languages, whole and short."""


def identity_of(name: str, agenda: Agenda) -> str:
    """
    Return the identity of a visit that is due, by its title or its identity.

    Raises:
        Refused: Nothing is due by that name, or several visits are.
    """
    dues = [due for due in agenda.dues if not due.tentative]
    found = [due.id for due in dues if name in (due.id, due.title)]
    if not found:
        said = " ".join(name.lower().split())
        found = [due.id for due in dues if said in (due.id.lower(), due.title.lower())]
    if len(found) == 1:
        return found[0]
    if found:
        raise Refused(f"{name!r} is the title of {', '.join(found)}; name one of these")
    titles = list(dict.fromkeys(due.title for due in dues))
    near = get_close_matches(name, titles) or get_close_matches(name, [due.id for due in dues])
    if near:
        raise Refused(f"no visit {name!r} is due; near to it are: {', '.join(near)}")
    if len(titles) > MOST_TITLES:
        titles = [
            *titles[: MOST_TITLES - 2],
            f"... {len(titles) - MOST_TITLES + 1} more",
            titles[-1],
        ]
    raise Refused(f"no visit {name!r} is due; due are: {', '.join(titles) or 'nothing'}")


MOST_TITLES = 10
"""Of more visits than these not all are listed."""
