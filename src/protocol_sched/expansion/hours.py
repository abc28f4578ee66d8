"""Visits of which only a date is on record, though hours are counted from them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from protocol_sched.model.agenda import PastVisit, Question, Rules, Spacing
from protocol_sched.model.spans import ElapsedSpan


def times_asked(rules: Iterable[Rules]) -> Iterator[Question]:
    """
    Yield a question for each visit given whose time is not on record and that hours hang on.

    A plan counts a least distance from the end of its date and a most from the beginning, so that
    no rule is broken whatever the answer is.
    """
    asked: set[str] = set()
    for rule in rules:
        if not isinstance(rule, Spacing) or not isinstance(rule.earlier, PastVisit):
            continue
        past, hours = rule.earlier, _hours(rule)
        if hours is None or not past.kind or past.id in asked:
            continue
        if past.start is not None:
            continue
        asked.add(past.id)
        counted = f"{hours} are counted" if hours.minutes else "the next visit is counted"
        yield Question(
            id=f"time-{past.id}",
            asks=f"when on {past.on} did {past.title} begin? {counted} from it; without its time "
            "the safe end of that date is taken",
            about=past.id,
        )


def _hours(rule: Spacing) -> ElapsedSpan | None:
    target = rule.target.least if rule.target is not None else None
    ends = (rule.least, rule.most, target)
    return next((end for end in ends if isinstance(end, ElapsedSpan)), None)
