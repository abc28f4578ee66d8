"""Who may take a place that has become free, in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from protocol_sched.text.language import Language
from protocol_sched.text.languages import LANGUAGES
from protocol_sched.text.table import columns


def offers_text(
    offers: Sequence[tuple[str, str, datetime, timedelta, int]],
    place: str,
    *,
    language: str = "en",
) -> str:
    """
    Return who may take a place, the best first.

    Args:
        offers: What the course is called, the visit, its new start in the clinic's zone, how much
            sooner that is, which is nothing where it has no time, and how many other visits would
            move.
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
        (name, title, f"{speech.day(start.date())} {start:%H:%M}", _sooner(by, speech), str(moved))
        for name, title, start, by, moved in offers
    ]
    return "\n".join(columns([head, *rows])) + "\n"


def _sooner(by: timedelta, speech: Language) -> str:
    minutes = by // timedelta(minutes=1)
    if not minutes:
        return speech.tell("has no time")
    days, rest = divmod(minutes, 24 * 60)
    hours, rest = divmod(rest, 60)
    units = ((days, "d"), (hours, "h"), (rest, "min"))
    return " ".join(f"{number} {unit}" for number, unit in units if number)
