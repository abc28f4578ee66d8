"""What is left of a clinic in words: when a course can begin, and who may take a freed place."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from protocol_sched.model.schedule import FirstDates
from protocol_sched.text.languages import LANGUAGES
from protocol_sched.text.table import columns


def first_dates_text(found: FirstDates, most: int, *, language: str = "en") -> str:
    """
    Return the dates on which a course can begin, the soonest first.

    Args:
        most: How many of them are shown.
        language: Its code, one of `LANGUAGES`.

    Raises:
        KeyError: There is no such language.
    """
    speech = LANGUAGES[language]
    tell = speech.tell
    if not found.dates:
        template = "No date on which the course can begin."
        if not found.complete:
            template = "No date on which the course can begin was found before the effort ended."
        return f"{tell(template)}\n"
    rows = [
        (speech.day(one.day, year=True), speech.day(one.finish, year=True), str(one.deviation))
        for one in found.dates[:most]
    ]
    head = (tell("first visit"), tell("last visit"), tell("days off target"))
    text = "\n".join(columns([head, *rows])) + "\n"
    if len(found) > most:
        more = speech.counted(len(found) - most, "more date")
        text += f"\n{tell('{dates} after that.', dates=more)}\n"
    if not found.complete:
        text += f"\n{tell('The effort ended first: there may be more dates.')}\n"
    return text


def offers_text(
    offers: Sequence[tuple[str, str, datetime, str, int]], place: str, *, language: str = "en"
) -> str:
    """
    Return who may take a place, the best first.

    Args:
        offers: What the course is called, the visit, its new start in the clinic's zone, how much
            sooner that is, and how many other visits would move.
        language: Its code, one of `LANGUAGES`.

    Raises:
        KeyError: There is no such language.
    """
    speech = LANGUAGES[language]
    tell = speech.tell
    if not offers:
        return f"{tell('Nobody can take {place} then.', place=place)}\n"
    head = (
        tell("course"),
        speech.plan.visit,
        tell("would begin"),
        tell("sooner by"),
        tell("other visits that move"),
    )
    rows = [
        (name, title, f"{speech.day(start.date())} {start:%H:%M}", sooner, str(moved))
        for name, title, start, sooner, moved in offers
    ]
    return "\n".join(columns([head, *rows])) + "\n"
