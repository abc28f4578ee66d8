"""What is said beside the dates of an agenda: whose rule set them, from which hour they count."""

from __future__ import annotations

import re
from collections.abc import Iterator

from protocol_sched.model.agenda import (
    Agenda,
    CaughtUp,
    Due,
    FixedAt,
    MadeUp,
    NotAfter,
    NotBefore,
    OnOpenDay,
    Spacing,
)
from protocol_sched.model.gates import Gate
from protocol_sched.model.other_visits import OtherVisit
from protocol_sched.model.protocol import Phase, Protocol
from protocol_sched.model.sentences import Sentence, told
from protocol_sched.model.spans import ElapsedSpan
from protocol_sched.text.language import Language
from protocol_sched.text.prose import sentence

OF_A_DATE = re.compile(r"(not before|not after|on|fixed at) \d{4}-\d\d-\d\d")
"""How a rule begins that names a date of the course itself."""


HOW_MANY = {"visits", "cycles"}
"""Keys of a rule that set no date."""


def source_mark(due: Due, agenda: Agenda, protocol: Protocol | None = None) -> Sentence | None:
    """
    Return ``local``, ``memory`` or ``unverified`` for a date that no source has as it is.

    A date that the course itself sets, such as its start, has no mark.

    Args:
        protocol: Knows which keys of a rule were not checked in its source.
    """
    dated = due.foreseen
    if dated is None:
        return None
    own = any(
        isinstance(rule, NotBefore | NotAfter | FixedAt) and rule.visit == due.id
        for rule in agenda.bindings
        if rule.source == dated.source == "local"
    )
    if own and OF_A_DATE.match(dated.rule):
        return None
    keys = set(re.split(r",\s*", dated.source))
    if "memory" in keys:
        return told("memory") if keys <= {"memory", "local"} else told("in part from memory")
    if protocol is not None and _unverified(due, dated.source, protocol):
        return told("unverified")
    return told("local") if keys == {"local"} else None


def _unverified(due: Due, source: str, protocol: Protocol) -> bool:
    """Tell whether a rule of this source, of what the visit belongs to, was not checked in it."""
    runs: list[Phase | OtherVisit | Gate] = [*protocol.phases, *protocol.other_visits]
    runs += protocol.gates
    for run in runs:
        inner = [run, getattr(run, "starts", None), *getattr(run, "separations", ())]
        if run.name == due.phase and any(
            one is not None and set(one.unverified) - HOW_MANY and one.source == source
            for one in inner
        ):
            return True
    return False


def hours_lines(agenda: Agenda, language: Language) -> Iterator[str]:
    """Yield which visits depend on the hour of one that has none on record: noon is assumed."""
    hourly = {
        rule.later
        for rule in agenda.bindings
        if isinstance(rule, Spacing)
        and rule.target is not None
        and isinstance(rule.target.least, ElapsedSpan)
    }
    waiting = [
        due.title for due in agenda.dues if due.id in hourly and due.at is None and due.target
    ]
    if waiting:
        one = (
            "{visits} depends on the time of the visit before, which is not on record; dates "
            "here count from noon"
        )
        more = (
            "{visits} depend on the time of the visit before, which is not on record; dates "
            "here count from noon"
        )
        visits = language.plan.titles(waiting)
        yield from sentence(language.tell(one if len(waiting) == 1 else more, visits=visits))


def closed_lines(agenda: Agenda, language: Language, visit: str | None = None) -> Iterator[str]:
    """
    Yield that no closed day is known, where dates go by them and no clinic is named.

    Args:
        visit: The only visit of interest, by its identity; without it, all.
    """
    moved = {
        rule.later for rule in agenda.bindings if isinstance(rule, OnOpenDay | MadeUp | CaughtUp)
    }
    if moved if visit is None else visit in moved:
        yield from sentence(
            language.tell(
                "dates here depend on the days the clinic is closed, and without --clinic no day "
                "is known to be closed"
            )
        )
