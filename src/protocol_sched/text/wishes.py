"""How far a person's preferences are met in a plan, in words."""

from __future__ import annotations

from collections.abc import Mapping

from protocol_sched.model.availability import Person
from protocol_sched.model.schedule import Schedule
from protocol_sched.model.wishes import Wish, wishes_of

ENGLISH: Mapping[str, tuple[str, str]] = {
    "weekdays": ("on a preferred weekday", "visits"),
    "earliest": ("not too early in the day", "visits"),
    "latest": ("over in time", "visits"),
    "hours": ("in the preferred hours", "visits"),
    "same_time": ("at the same time of day", "visits"),
    "same_weekday": ("on the same weekday", "visits"),
    "few_escorts": ("", "escorts"),
    "not_two_days_running": ("not on two days running", "pairs of visits"),
    "evenly_spread": ("evenly spread", "distances"),
}
GERMAN: Mapping[str, tuple[str, str]] = {
    "weekdays": ("an einem gewünschten Wochentag", "Terminen"),
    "earliest": ("nicht zu früh am Tag", "Terminen"),
    "latest": ("rechtzeitig zu Ende", "Terminen"),
    "hours": ("in den gewünschten Stunden", "Terminen"),
    "same_time": ("zur selben Tageszeit", "Terminen"),
    "same_weekday": ("am selben Wochentag", "Terminen"),
    "few_escorts": ("", "Begleitungen"),
    "not_two_days_running": ("nicht an zwei Tagen nacheinander", "Paaren von Terminen"),
    "evenly_spread": ("gleichmäßig verteilt", "Abständen"),
}


def wishes_text(schedule: Schedule, person: Person, *, language: str = "en") -> str:
    """
    Return how far the preferences are met that are not all met; empty where every one is.

    Args:
        language: ``en`` or ``de``.

    Raises:
        KeyError: Another language.
    """
    say = {"en": _english, "de": _german}[language]
    unmet = [say(wish) for wish in wishes_of(schedule, person) if wish.unmet]
    if not unmet:
        return ""
    heads = {"en": "preferences met only in part", "de": "Wünsche nur zum Teil erfüllt"}
    return f"{heads[language]}: {', '.join(unmet)}"


def _english(wish: Wish) -> str:
    what, counted = ENGLISH[wish.which]
    if wish.which == "few_escorts":
        return f"{wish.of} {counted}"
    return f"{what} {wish.met} of {wish.of} {counted}"


def _german(wish: Wish) -> str:
    what, counted = GERMAN[wish.which]
    if wish.which == "few_escorts":
        return f"{wish.of} {counted}"
    return f"{what} {wish.met} von {wish.of} {counted}"
