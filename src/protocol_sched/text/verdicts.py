"""A verdict in words: what a date is for a visit, by which rule, and which date would be right."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from protocol_sched.model.moments import as_instant
from protocol_sched.model.sentences import Sentence, told
from protocol_sched.model.spans import ElapsedSpan
from protocol_sched.model.verdict import Judged, Verdict
from protocol_sched.text.language import Language
from protocol_sched.text.languages import LANGUAGES
from protocol_sched.text.prose import sentence
from protocol_sched.text.table import columns

JUDGED: Mapping[Judged, Sentence] = {
    Judged.TOO_EARLY: told("too early"),
    Judged.GRACE: told("grace"),
    Judged.EXCEPTION: told("exception"),
    Judged.IN_WINDOW: told("in window"),
    Judged.LATE: told("late"),
    Judged.TOO_LATE: told("too late"),
    Judged.NOT_DUE: told("not due"),
    Judged.BEFORE_TARGET: told("before its target"),
    Judged.WRONG_WEEKDAY: told("wrong weekday"),
    Judged.WRONG_DAY_OF_MONTH: told("wrong day of the month"),
    Judged.CANNOT_BE_TOLD: told("cannot be told"),
}


def history_text(verdicts: Sequence[Verdict], *, language: str = "en") -> str:
    """
    Return a line for each visit given, in order: what its date was, and by which rule.

    Ends with a line feed; how many of them break a rule comes last.

    Args:
        language: Its code, one of `LANGUAGES`.

    Raises:
        KeyError: There is no such language.
    """
    speech = LANGUAGES[language]
    tell = speech.tell
    if not verdicts:
        return f"{tell('No visit is on record as given.')}\n"
    rows = [(speech.plan.visit, tell("recorded as"), tell("given"), tell("judged"), tell("rule"))]
    for one in verdicts:
        rule = speech.said(one.rule) or "-"
        rows.append((one.title, one.visit, _when(one, speech), _judged(one, speech), rule))
    lines = list(columns(rows))
    asides = [line for one in verdicts for line in _gates(one, speech)]
    if asides:
        lines += ["", *asides]
    broken = sum(one.broken for one in verdicts)
    hanging = [one for one in verdicts if one.judged is Judged.CANNOT_BE_TOLD or one.untold]
    closed = sum(one.between is None and not one.untold for one in hanging)
    untold = len(hanging) - closed
    of = speech.counted(len(verdicts), "visit")
    template = "{broken} of {visits} given break a rule"
    if broken == 1:
        template = "{broken} of {visits} given breaks a rule"
    if not broken:
        template = "no visit given breaks a rule"
    says = tell(template, broken=broken, visits=of)
    if untold:
        visits = speech.counted(untold, "visit")
        more = "; for {visits} it cannot be told, because no time is recorded"
        says += tell(more, visits=visits)
    if closed:
        visits = speech.counted(closed, "visit")
        more = "; for {visits} it depends on the days the clinic was closed"
        says += tell(more, visits=visits)
    lines += ["", *sentence(says)]
    return "\n".join(lines) + "\n"


def verdict_text(
    verdict: Verdict,
    sooner: date | None = None,
    later: date | None = None,
    *,
    language: str = "en",
) -> str:
    """
    Return a verdict in sentences: the answer first, then its rule, then the dates that are right.

    Args:
        verdict: What was found.
        sooner: The nearest date before it that would be right.
        later: The nearest date after it.
        language: Its code, one of `LANGUAGES`.

    Raises:
        KeyError: There is no such language.
    """
    speech = LANGUAGES[language]
    lines = [line for says in _says(verdict, speech) for line in sentence(says)]
    if verdict.judged is Judged.NOT_DUE:
        return "\n".join(lines) + "\n"
    lines += _gates(verdict, speech)
    if edges := list(_edges(verdict, speech)):
        lines += sentence(speech.listed(edges))
    if verdict.foreseen:
        dates = tuple(
            speech.tell("{visit} on {day}", visit=title, day=day) for title, day in verdict.foreseen
        )
        lines += sentence(speech.tell("this is counted from {dates}, as forecast", dates=dates))
    if (verdict.judged is not Judged.IN_WINDOW or verdict.unmet) and not verdict.pending:
        near = tuple(day for day in (sooner, later) if day is not None)
        template = "the nearest allowed date is {days}"
        if len(near) > 1:
            template = "the nearest allowed dates are {days}"
        if not near:
            template = "no date near it is allowed"
        lines += sentence(speech.tell(template, days=near))
    return "\n".join(lines) + "\n"


def _says(verdict: Verdict, speech: Language) -> Iterator[str]:
    """Yield the answer, what is on record, the rule, and what the answer depends on."""
    tell = speech.tell
    yield _answer(verdict, speech)
    if (was := verdict.took_place) is not None:
        if was.on == verdict.on and as_instant(was.start) == as_instant(verdict.start):
            yield tell("it is recorded as given then")
        else:
            judged, when = _judged(was, speech), _when(was, speech)
            more = "it is recorded as given on {when}: {judged}"
            yield tell(more, when=when, judged=judged)
    if verdict.judged is Judged.NOT_DUE:
        return
    if verdict.rule:
        rule = speech.said(verdict.rule)
        if verdict.source:
            rule += tell(" (source: {source})", source=verdict.source)
        template = "the deciding rule: {rule}"
        if verdict.judged is Judged.IN_WINDOW:
            template = "the rule: {rule}"
        yield tell(template, rule=rule)
    if verdict.between is not None:
        least, most = (ElapsedSpan(max(end, 0)) for end in verdict.between)
        yield tell(
            "by the record it was from {least} to {most}; the times of both visits would settle it",
            least=least,
            most=most,
        )
    elif verdict.pending:
        asks = speech.said(verdict.follows) or tell("a visit before it has no date yet")
        yield tell("its dates depend on an open question: {asks}", asks=asks)
    elif verdict.judged is Judged.CANNOT_BE_TOLD:
        yield tell("it depends on which days the clinic was closed, which is not known here")
    if verdict.follows and not verdict.pending:
        yield tell("what follows: {follows}", follows=speech.said(verdict.follows))


def _edges(verdict: Verdict, speech: Language) -> Iterator[str]:
    """Yield ``its earliest date is Sat 6 March 2027``, and so on."""
    tell = speech.tell
    if verdict.earliest is not None:
        yield tell("its earliest date is {day}", day=verdict.earliest.day)
    if verdict.target is not None:
        first, last = verdict.target.day, verdict.target_until
        if last is not None and last > first:
            yield tell("its target is {first} to {last}", first=first, last=last)
        else:
            yield tell("its target is {day}", day=first)
    if verdict.forecast is not None:
        yield tell("its forecast is {day}", day=verdict.forecast.day)
    if verdict.latest is not None:
        yield tell("its latest date is {day}", day=verdict.latest.day)


def _answer(verdict: Verdict, speech: Language) -> str:
    """Return ``infusion 3 on Fri 12 March 2027 is too late by 3 days``."""
    tell = speech.tell
    name = tell("{visit} on {when}", visit=verdict.title, when=_when(verdict, speech))
    match verdict.judged:
        case Judged.NOT_DUE:
            return tell(
                "{visit} is not due: the course has no such visit that could be on that date",
                visit=name,
            )
        case Judged.IN_WINDOW if verdict.off_target:
            off = speech.counted(verdict.off_target, "day")
            return tell("{visit} is in its window, {days} off target", visit=name, days=off)
        case Judged.IN_WINDOW:
            return tell("{visit} is in its window", visit=name)
        case Judged.GRACE:
            by = _by(verdict, speech)
            more = "{visit} is {by} outside its separation, but still counts"
            return tell(more, visit=name, by=by)
        case Judged.EXCEPTION:
            by = _by(verdict, speech)
            more = "{visit} is {by} outside its tolerance, but still counts"
            return tell(more, visit=name, by=by)
        case Judged.WRONG_WEEKDAY:
            return tell("{visit} is on a weekday on which it may not be", visit=name)
        case Judged.WRONG_DAY_OF_MONTH:
            return tell("{visit} is on a day of the month on which it may not be", visit=name)
        case Judged.CANNOT_BE_TOLD if verdict.pending:
            return tell("it cannot be said yet whether {visit} is allowed", visit=name)
        case Judged.CANNOT_BE_TOLD:
            return tell("it cannot be said whether {visit} is allowed", visit=name)
        case _:
            return tell("{visit} is {judged}", visit=name, judged=_judged(verdict, speech))


def _when(verdict: Verdict, speech: Language) -> str:
    day = speech.day(verdict.on, year=True)
    if verdict.start is None:
        return day
    return speech.tell("{day} {clock}", day=day, clock=verdict.start.time())


_BY = (Judged.TOO_EARLY, Judged.TOO_LATE, Judged.LATE, Judged.GRACE, Judged.BEFORE_TARGET)


def _judged(verdict: Verdict, speech: Language) -> str:
    """Return ``too early by 1 hour``."""
    text = speech.said(JUDGED[verdict.judged])
    if verdict.judged is Judged.EXCEPTION or verdict.judged in _BY:
        return speech.tell("{judged} by {by}", judged=text, by=_by(verdict, speech))
    if verdict.judged is Judged.IN_WINDOW and verdict.off_target:
        off = speech.counted(verdict.off_target, "day")
        return speech.tell("{judged}, {days} off target", judged=text, days=off)
    return text


def _by(verdict: Verdict, speech: Language) -> str:
    if verdict.days:
        return speech.counted(verdict.days, "day")
    return speech.tell("{span}", span=ElapsedSpan(verdict.minutes))


def _gates(verdict: Verdict, speech: Language) -> Iterator[str]:
    if verdict.unmet:
        more = "not passed in time for {visit}: {gates}"
        yield from sentence(speech.tell(more, visit=verdict.title, gates=verdict.unmet))
    if verdict.untold:
        more = "perhaps not passed in time for {visit}, as no time is recorded: {gates}"
        yield from sentence(speech.tell(more, visit=verdict.title, gates=verdict.untold))
    for rule in verdict.waived:
        more = "waived for {visit}: {rule}"
        yield from sentence(speech.tell(more, visit=verdict.title, rule=rule))
