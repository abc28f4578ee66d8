"""Who may take a place that has become free, in words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from protocol_sched.text.table import columns
from protocol_sched.text.wording import date_text

OFFERS = ("course", "visit", "would begin", "sooner by", "other visits that move")


def offers_text(offers: Sequence[tuple[str, str, datetime, timedelta, int]], place: str) -> str:
    """
    Return who may take a place, the best first.

    Args:
        offers: What the course is called, the visit, its new start in the clinic's zone, how much
            sooner that is, which is nothing where it has no time, and how many other visits would
            move.
    """
    if not offers:
        return f"Nobody may take {place} then.\n"
    rows = [
        (name, title, f"{date_text(start.date())} {start:%H:%M}", _sooner(sooner), str(moved))
        for name, title, start, sooner, moved in offers
    ]
    return "\n".join(columns([OFFERS, *rows])) + "\n"


def _sooner(by: timedelta) -> str:
    minutes = by // timedelta(minutes=1)
    if not minutes:
        return "has no time"
    days, rest = divmod(minutes, 24 * 60)
    hours, rest = divmod(rest, 60)
    units = ((days, "d"), (hours, "h"), (rest, "min"))
    return " ".join(f"{number} {unit}" for number, unit in units if number)
