"""Hours counted from a visit: those from a moment on record, and those whose moment is asked."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime

from protocol_sched.expansion.forecast import Edge, moment_of
from protocol_sched.model.agenda import FixedAt, PastVisit, Question, Rules, Spacing
from protocol_sched.model.moments import later_by
from protocol_sched.model.rules import Between
from protocol_sched.model.sentences import told
from protocol_sched.model.spans import ElapsedSpan


def times_asked(rules: Iterable[Rules]) -> Iterator[Question]:
    """
    Yield a question for each visit given whose time is not on record and that hours depend on.

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
        counted = told("the next visit is counted")
        if hours.minutes:
            counted = told("{hours} are counted", hours=hours)
        yield Question(
            id=f"time-{past.id}",
            asks=told(
                "when on {on} did {title} begin? {counted} from it; without its time the safe end "
                "of that date is taken",
                on=past.on,
                title=past.title,
                counted=counted,
            ),
            about=past.id,
        )


def _hours(rule: Spacing) -> ElapsedSpan | None:
    target = rule.target.least if rule.target is not None else None
    ends = (rule.least, rule.most, target)
    return next((end for end in ends if isinstance(end, ElapsedSpan)), None)


def moments(targets: Iterable[tuple[str, Edge | None]]) -> Mapping[str, datetime]:
    """
    Return the moments of visits due, by identity, as far as a pin or hours since one give them.

    Hours from the end of a visit that is still due lead to none: how long it takes is not known.

    Args:
        targets: Visits with what sets their target, each after the one it is measured from.
    """
    found: dict[str, datetime] = {}
    for visit, target in targets:
        match target:
            case Edge(rule=FixedAt(start=start)):
                found[visit] = start
            case Edge(rule=Spacing() as rule) if rule.target is not None:
                span, earlier = rule.target.least, rule.earlier
                if isinstance(earlier, PastVisit):
                    since = moment_of(earlier, rule.between)
                else:
                    since = found.get(earlier) if rule.between is Between.STARTS else None
                if isinstance(span, ElapsedSpan) and since is not None:
                    found[visit] = later_by(since, span.delta)
            case _:
                pass
    return found
