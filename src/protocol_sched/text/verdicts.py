"""A verdict in words: what a date is for a visit, by which rule, and which date would be right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

from protocol_sched.model.moments import as_instant
from protocol_sched.model.verdict import Judged, Verdict
from protocol_sched.text.english.words import counted, date_text, elapsed_text, listed
from protocol_sched.text.prose import sentence
from protocol_sched.text.table import columns

HEADS = ("visit", "recorded as", "given", "judged", "rule")


def history_text(verdicts: Sequence[Verdict]) -> str:
    """
    Return a line for each visit given, in order: what its date was, and by which rule.

    Ends with a line feed; how many of them break a rule comes last.
    """
    if not verdicts:
        return "No visit is on record as given.\n"
    rows = [HEADS]
    rows += [(one.title, one.visit, _when(one), _judged(one), one.rule or "-") for one in verdicts]
    lines = list(columns(rows))
    asides = [line for one in verdicts for line in _gates(one)]
    if asides:
        lines += ["", *asides]
    broken = sum(one.broken for one in verdicts)
    hanging = [one for one in verdicts if one.judged is Judged.CANNOT_BE_TOLD or one.untold]
    closed = sum(one.between is None and not one.untold for one in hanging)
    untold = len(hanging) - closed
    says = f"{_of(broken, len(verdicts))} a rule" if broken else "no visit given breaks a rule"
    if untold:
        says += f"; of {counted(untold, 'visit')} it cannot be told, because a time is not recorded"
    if closed:
        says += f"; of {counted(closed, 'visit')} it hangs on the days the clinic was closed"
    lines += ["", *sentence(says)]
    return "\n".join(lines) + "\n"


def _of(broken: int, count: int) -> str:
    return f"{broken} of {counted(count, 'visit')} given {'breaks' if broken == 1 else 'break'}"


def verdict_text(verdict: Verdict, sooner: date | None = None, later: date | None = None) -> str:
    """
    Return a verdict in sentences: the answer first, then its rule, then the dates that are right.

    Args:
        verdict: What was found.
        sooner: The nearest date before it that would be right.
        later: The nearest date after it.
    """
    lines = list(sentence(_answer(verdict)))
    if (was := verdict.took_place) is not None:
        there = was.on == verdict.on and as_instant(was.start) == as_instant(verdict.start)
        then = "then" if there else f"on {_when(was)} and was {_judged(was)}"
        lines += sentence(f"it took place {then}, as is on record")
    if verdict.judged is Judged.NOT_DUE:
        return "\n".join(lines) + "\n"
    if verdict.rule:
        source = f" (source: {verdict.source})" if verdict.source else ""
        what = "the rule" if verdict.judged is Judged.IN_WINDOW else "the rule that decides"
        lines += sentence(f"{what} is: {verdict.rule}{source}")
    if verdict.between is not None:
        least, most = (elapsed_text(max(end, 0)) for end in verdict.between)
        lines += sentence(
            f"by what is on record it was from {least} to {most}; with the time of both visits it "
            "can be told"
        )
    elif verdict.pending:
        asks = verdict.follows or "a visit before it has no date yet"
        lines += sentence(f"its dates hang on what is open: {asks}")
    elif verdict.judged is Judged.CANNOT_BE_TOLD:
        lines += sentence("it hangs on the days on which the clinic was closed, not on record here")
    if verdict.follows and not verdict.pending:
        lines += sentence(f"what follows is: {verdict.follows}")
    lines += _gates(verdict)
    if edges := list(_edges(verdict)):
        lines += sentence(f"{listed(edges)}")
    if verdict.foreseen:
        dates = [f"{title} on {date_text(day, year=True)}" for title, day in verdict.foreseen]
        lines += sentence(f"this counts from {listed(dates)}, as foreseen")
    if (verdict.judged is not Judged.IN_WINDOW or verdict.unmet) and not verdict.pending:
        near = [date_text(day, year=True) for day in (sooner, later) if day is not None]
        which = "dates that are right are" if len(near) > 1 else "date that is right is"
        says = f"the nearest {which} {listed(near)}" if near else "no date near it is right"
        lines += sentence(says)
    return "\n".join(lines) + "\n"


def _edges(verdict: Verdict) -> Iterator[str]:
    """Yield ``its earliest date is Sat 6 March 2027``, and so on."""
    words = "its"
    for which, dated in (
        ("earliest date", verdict.earliest),
        ("target", verdict.target),
        ("forecast", verdict.forecast),
        ("latest date", verdict.latest),
    ):
        last = verdict.target_until
        if dated is not None and which == "target" and last is not None and last > dated.day:
            ends = f"{date_text(dated.day, year=True)} to {date_text(last, year=True)}"
            yield f"{words} target is {ends}"
        elif dated is not None:
            yield f"{words} {which} is {date_text(dated.day, year=True)}"


def _answer(verdict: Verdict) -> str:
    """Return ``infusion 3 on Fri 12 March 2027 is too late by 3 days``."""
    name = f"{verdict.title} on {_when(verdict)}"
    match verdict.judged:
        case Judged.NOT_DUE:
            return f"{name} is not due: the course has no such visit that could be on that date"
        case Judged.IN_WINDOW:
            off = f", {counted(verdict.off_target, 'day')} off target" if verdict.off_target else ""
            return f"{name} is in its window{off}"
        case Judged.GRACE | Judged.EXCEPTION:
            by = _judged(verdict).removeprefix(f"{verdict.judged.value} by ")
            limit = "its separation" if verdict.judged is Judged.GRACE else "its tolerance"
            return f"{name} is {by} outside {limit}, and counts all the same"
        case Judged.WRONG_WEEKDAY:
            return f"{name} is on a weekday on which it may not be"
        case Judged.WRONG_DAY_OF_MONTH:
            return f"{name} is on a day of the month on which it may not be"
        case Judged.CANNOT_BE_TOLD:
            yet = " yet" if verdict.pending else ""
            return f"whether {name} is right cannot be told{yet}"
        case _:
            return f"{name} is {_judged(verdict)}"


def _when(verdict: Verdict) -> str:
    day = date_text(verdict.on, year=True)
    return day if verdict.start is None else f"{day} {verdict.start:%H:%M}"


_BY = (Judged.TOO_EARLY, Judged.TOO_LATE, Judged.LATE, Judged.GRACE, Judged.BEFORE_TARGET)


def _judged(verdict: Verdict) -> str:
    """Return ``too early by 1 hour``."""
    text = verdict.judged.value
    if verdict.judged is Judged.EXCEPTION or verdict.judged in _BY:
        by = counted(verdict.days, "day") if verdict.days else elapsed_text(verdict.minutes)
        text += f" by {by}"
    elif verdict.judged is Judged.IN_WINDOW and verdict.off_target:
        text += f", {counted(verdict.off_target, 'day')} off target"
    return text


def _gates(verdict: Verdict) -> Iterator[str]:
    for gates, says in (
        (verdict.unmet, "not passed in time"),
        (verdict.untold, "perhaps not passed in time, since no hour of it is recorded"),
    ):
        if gates:
            yield from sentence(f"{says} for {verdict.title}: {listed(gates)}")
    for rule in verdict.waived:
        yield from sentence(f"waived for {verdict.title}: {rule}")
