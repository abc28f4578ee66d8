"""What is left of a clinic in words: when a course can begin, and who may take a freed place."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from protocol_sched.model.schedule import FirstDates
from protocol_sched.text.english.words import counted, date_text
from protocol_sched.text.table import columns

DATES = ("first visit", "last visit", "days off target")
OFFERS = ("course", "visit", "would begin", "sooner by", "other visits that move")


def first_dates_text(found: FirstDates, most: int) -> str:
    """
    Return the dates on which a course can begin, the soonest first.

    Args:
        most: How many of them are shown.
    """
    if not found.dates:
        why = "" if found.complete else " was found before the effort ended"
        return f"No date on which the course can begin{why}.\n"
    rows = [
        (date_text(one.day, year=True), date_text(one.finish, year=True), str(one.deviation))
        for one in found.dates[:most]
    ]
    text = "\n".join(columns([DATES, *rows])) + "\n"
    if len(found) > most:
        text += f"\n{counted(len(found) - most, 'more date')} after that.\n"
    if not found.complete:
        text += "\nThe effort ended first: there may be more dates.\n"
    return text


def offers_text(offers: Sequence[tuple[str, str, datetime, str, int]], place: str) -> str:
    """
    Return who may take a place, the best first.

    Args:
        offers: What the course is called, the visit, its new start in the clinic's zone, how much
            sooner that is, and how many other visits would move.
    """
    if not offers:
        return f"Nobody may take {place} then.\n"
    rows = [
        (name, title, f"{date_text(start.date())} {start:%H:%M}", sooner, str(moved))
        for name, title, start, sooner, moved in offers
    ]
    return "\n".join(columns([OFFERS, *rows])) + "\n"
