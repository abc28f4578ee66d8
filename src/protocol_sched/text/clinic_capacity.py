"""How many new courses a clinic carries, in words."""

from __future__ import annotations

from collections.abc import Iterator

from protocol_sched.model.clinic_capacity import ClinicCapacity
from protocol_sched.text.language import Language
from protocol_sched.text.languages import ENGLISH, LANGUAGES
from protocol_sched.text.prose import wrapped
from protocol_sched.text.table import columns


def capacity_text(found: ClinicCapacity, *, language: str = "en") -> str:
    """
    Return how many new courses a week a clinic carries, what runs out first, and the loads.

    Raises:
        KeyError: There is no such language.
    """
    speech = LANGUAGES[language]
    blocks = ["\n".join(wrapped(" ".join(_said(found, speech)), "")), _loads(found, speech)]
    return "\n\n".join(filter(None, blocks)) + "\n"


def _said(found: ClinicCapacity, speech: Language) -> Iterator[str]:
    tell, counted = speech.tell, speech.counted
    template = (
        "The clinic carries at least {courses} a week for {weeks}; none begins more than {days} "
        "later than it would in an empty clinic."
    )
    if found.beyond:
        template = (
            "The clinic carries {courses} a week for {weeks}; none begins more than {days} later "
            "than it would in an empty clinic."
        )
    yield tell(
        template,
        courses=counted(found.rate, "new course"),
        weeks=counted(found.weeks, "week"),
        days=counted(found.within, "day"),
    )
    yield bound_by(found, speech)
    if found.missed:
        template = "Of {visits}, {number} were missed and made up for later."
        if found.missed == 1:
            template = "Of {visits}, {number} was missed and made up for later."
        yield tell(template, visits=counted(found.visits, "visit"), number=found.missed)
    if found.late:
        late = counted(found.late, "visit")
        yield tell("{visits} began more than a quarter of an hour late.", visits=late)


def bound_by(found: ClinicCapacity, speech: Language = ENGLISH) -> str:
    """Return what keeps a clinic from carrying one more a week, as a sentence."""
    tell = speech.tell
    if not found.beyond:
        return tell("What runs out first was not determined.")
    if found.overruns:
        return tell("With one more a week too many visits would begin late.")
    if not found.binding:
        return tell(
            "More places or staff would not allow one more a week: the hours are too short."
        )
    return tell("First to run out: {kinds}.", kinds=tuple(found.binding))


def _loads(found: ClinicCapacity, speech: Language) -> str:
    rows = [
        (load.kind, _percent(sum(load.weeks) / len(load.weeks)), _percent(max(load.weeks)))
        for load in found.loads
    ]
    head = (
        speech.tell("taken of"),
        speech.tell("on average"),
        speech.tell("in the fullest week"),
    )
    return "\n".join(columns([head, *rows])) if rows else ""


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
