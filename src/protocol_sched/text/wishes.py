"""How far a person's preferences are met in a plan, in words."""

from __future__ import annotations

from protocol_sched.model.availability import Person
from protocol_sched.model.schedule import Schedule
from protocol_sched.model.wishes import wishes_of
from protocol_sched.text.languages import LANGUAGES


def wishes_text(schedule: Schedule, person: Person, *, language: str = "en") -> str:
    """
    Return how far the preferences are met that are not all met; empty where every one is.

    Args:
        language: Its code, one of `LANGUAGES`.

    Raises:
        KeyError: Another language.
    """
    words = LANGUAGES[language].plan
    unmet = [words.wish(wish) for wish in wishes_of(schedule, person) if wish.unmet]
    return words.wishes(unmet) if unmet else ""
