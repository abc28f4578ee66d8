"""Requests in the words people use: ``infusion 3 by 14 March``, ``all visits before 1 April``."""

from __future__ import annotations

import re
from calendar import month_name
from collections.abc import Iterable
from datetime import date, timedelta
from difflib import get_close_matches

from protocol_sched.cli.ending import Refused
from protocol_sched.errors import InvalidValue
from protocol_sched.expansion import expand
from protocol_sched.model.agenda import Agenda
from protocol_sched.model.availability import Person, clock
from protocol_sched.model.causes import Asked, PreferenceKept, Request
from protocol_sched.model.course import Course

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
a date is 2027-03-14, '14 March 2027', 'March 14' or '14 Mar'; without a year it is the next one"""

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
    day = read_day(match["day"], agenda.as_of)
    if day is None:
        says = f"{match['day']!r} is not a date such as 2027-02-20 or '20 February'"
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
    """Return the date that words say, or nothing; without a year the next one from ``as_of`` on."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        pass
    words = [
        re.sub(r"(?<=\d)(st|nd|rd|th)$", "", word)
        for word in text.lower().replace(",", " ").replace(".", " ").split()
        if word not in ("the", "of")
    ]
    numbers = [int(word) for word in words if word.isdecimal()]
    named = [word for word in words if not word.isdecimal()]
    months = [n for n in range(1, 13) for word in named if len(word) > 2 and _is_month(word, n)]
    if len(named) != 1 or len(months) != 1 or not 1 <= len(numbers) <= 2 or numbers[0] > 31:
        return None
    years = numbers[1:] or range(as_of.year, as_of.year + 9)
    for year in years:
        try:
            day = date(year, months[0], numbers[0])
        except ValueError:
            continue
        if numbers[1:] or day >= as_of:
            return day
    return None


def _is_month(word: str, month: int) -> bool:
    return month_name[month].lower().startswith(word) or (month == 9 and word == "sept")


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
