"""How many new courses a clinic carries, in words."""

from __future__ import annotations

from collections.abc import Iterator

from protocol_sched.model.clinic_capacity import ClinicCapacity
from protocol_sched.text.english.words import counted, listed
from protocol_sched.text.prose import wrapped
from protocol_sched.text.table import columns


def capacity_text(found: ClinicCapacity) -> str:
    """Return how many new courses a week a clinic carries, what runs out first, and the loads."""
    blocks = ["\n".join(wrapped(" ".join(_said(found)), "")), _loads(found)]
    return "\n\n".join(filter(None, blocks)) + "\n"


def _said(found: ClinicCapacity) -> Iterator[str]:
    least = "" if found.beyond else "at least "
    yield (
        f"The clinic carries {least}{counted(found.rate, 'new course')} a week for "
        f"{counted(found.weeks, 'week')}; none begins more than {counted(found.within, 'day')} "
        "later than it would in an empty clinic."
    )
    yield bound_by(found)
    if found.missed:
        were = "was" if found.missed == 1 else "were"
        yield (
            f"Of {counted(found.visits, 'visit')} {found.missed} {were} missed and taken up again "
            "later."
        )
    if found.late:
        yield f"{counted(found.late, 'visit')} began more than a quarter of an hour late."


def bound_by(found: ClinicCapacity) -> str:
    """Return what keeps a clinic from carrying one more a week, as a sentence."""
    if not found.beyond:
        return "What it runs out of first was not looked for."
    if found.overruns:
        return "With one more a week too many visits would begin late."
    if not found.binding:
        return "No more places or staff would carry one more a week: hours are too short for it."
    if len(found.binding) == 1:
        return f"What runs out first is {found.binding[0]}."
    return f"What run out first are {listed(found.binding)}."


def _loads(found: ClinicCapacity) -> str:
    rows = [
        (load.kind, _percent(sum(load.weeks) / len(load.weeks)), _percent(max(load.weeks)))
        for load in found.loads
    ]
    head = ("taken of", "on average", "in the fullest week")
    return "\n".join(columns([head, *rows])) if rows else ""


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %"
