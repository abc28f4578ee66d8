"""How many new courses a week a clinic carries, in words."""

from __future__ import annotations

from collections.abc import Iterator

from protocol_sched.model.capacity import Capacity
from protocol_sched.model.sentences import Counted
from protocol_sched.text.language import Language
from protocol_sched.text.languages import LANGUAGES
from protocol_sched.text.prose import sentence
from protocol_sched.text.table import columns


def capacity_text(found: Capacity, *, language: str = "en") -> str:
    """
    Return what a clinic carries, what stands in the way of more, and how full each kind is.

    Args:
        language: Its code, one of `LANGUAGES`.

    Raises:
        KeyError: There is no such language.
    """
    speech = LANGUAGES[language]
    blocks = ["\n".join(line for one in _said(found, speech) for line in sentence(one))]
    if found.weeks:
        head = (speech.tell("held"), speech.tell("on average"), speech.tell("in the fullest week"))
        rows = [head]
        for n, load in enumerate(found.weeks[0].loads):
            each = [week.loads[n].percent for week in found.weeks]
            rows.append((load.kind, f"{round(sum(each) / len(each))} %", f"{max(each)} %"))
        blocks.append("\n".join(columns(rows)))
    return "\n\n".join(blocks) + "\n"


def _said(found: Capacity, speech: Language) -> Iterator[str]:
    tell = speech.tell
    if found.a_week:
        yield tell(
            "{courses} a week over {weeks}; the longest wait for a first visit is {days}.",
            courses=Counted(found.a_week, "new course"),
            weeks=Counted(len(found.weeks), "week"),
            days=Counted(max(week.wait for week in found.weeks), "day"),
        )
        yield tell(
            "{courses} with {visits}; {missed} missed and planned anew, {late} late.",
            courses=Counted(found.courses, "course"),
            visits=Counted(found.visits, "visit"),
            missed=found.missed,
            late=found.late,
        )
    else:
        yield tell("Not even one new course a week.")
    if found.stopped_in is not None:
        fact = {"protocol": found.stopped_by, "day": found.stopped_in}
        if found.stopped_wait is None:
            yield tell("With one more a week, {protocol} asked for on {day} has no plan.", **fact)
        else:
            yield tell(
                "With one more a week, {protocol} asked for on {day} begins {days} later.",
                days=Counted(found.stopped_wait, "day"),
                **fact,
            )
        kinds = tuple(tell("an hour more") if kind == "hours" else kind for kind in found.binding)
        if kinds:
            yield tell("One more of any of these is enough for that: {kinds}.", kinds=kinds)
        else:
            yield tell("One more of no single kind is enough for that.")
