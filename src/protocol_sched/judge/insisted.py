"""What a person insists on about several visits at once, judged on the visits there are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

from protocol_sched.judge.clock import DAY, day_text
from protocol_sched.judge.violation import Case, Placed, Violation, alone
from protocol_sched.model.plain import WEEKDAYS


def insisted(case: Case, placed: Sequence[Placed]) -> Iterator[Violation]:
    """Yield where visits, in order of their starts, are not as the person insists."""
    requires = case.person.requires
    if requires.not_two_days_running:
        yield from _running(case, placed)
    if requires.same_weekday:
        yield from _weekdays(placed)
    if requires.one_escort:
        first = next((one for one in placed if one.visit.escort is not None), None)
        for one in placed:
            if first is not None and one.visit.escort not in (None, first.visit.escort):
                yield Violation(
                    rule="one escort",
                    visits=(first.due.id, one.due.id),
                    found=f"{one.title} has {one.visit.escort!r}",
                    wanted=f"{first.visit.escort!r}, as {first.title} has",
                )


def _running(case: Case, placed: Sequence[Placed]) -> Iterator[Violation]:
    wanted = "no visits on two days running"
    for a, b in combinations(placed, 2):
        if abs(b.day - a.day) == DAY:
            yield Violation(
                rule="two days running",
                visits=(a.due.id, b.due.id),
                found=f"{b.title} is on {day_text(b.day)} and {a.title} on {day_text(a.day)}",
                wanted=wanted,
            )
    for one in placed:
        for past in case.agenda.past:
            if past.kind and abs(one.day - past.on) == DAY:
                text = f"{one.title} is on {day_text(one.day)} and {past.title or past.id}"
                found = f"{text} was on {day_text(past.on)}"
                yield alone("two days running", one, found, wanted)


def _weekdays(placed: Sequence[Placed]) -> Iterator[Violation]:
    firsts: dict[str, Placed] = {}
    for one in placed:
        if one.due.kind not in firsts:
            firsts[one.due.kind] = one
        first = firsts[one.due.kind]
        if one.day.weekday() != first.day.weekday():
            yield Violation(
                rule="one weekday",
                visits=(first.due.id, one.due.id),
                found=f"{one.title} is on {day_text(one.day)}",
                wanted=f"a {WEEKDAYS[first.day.weekday()]}, as {first.title} is",
            )
