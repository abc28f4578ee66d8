"""
The rules of a protocol in words, as the protocol writes them: no date, no person.

What a plan's rules say is in ``text.wording``. Here every key of a rule is said: those without
words of their own follow with their name, so that nobody signs a sheet from which a key is missing.
"""

from __future__ import annotations

import enum
from collections.abc import Iterator, Sequence

import attrs

from protocol_sched.model.before_and_after import CoMedication, Fasting, NoDriving, RideHome
from protocol_sched.model.cadences import At, Consecutive, Every, OnDemand
from protocol_sched.model.gates import Gate, Outcome
from protocol_sched.model.numbers import ONE, Band, Count
from protocol_sched.model.other_visits import CountedFrom, OtherVisit
from protocol_sched.model.protocol import Phase, SameWeekday
from protocol_sched.model.references import (
    OriginalDates,
    PreviousVisit,
    Reference,
)
from protocol_sched.model.responses import (
    Action,
    Adaptation,
    Compared,
    Extend,
    GoTo,
    InsertVisit,
    NewCadence,
    StepBack,
    Stop,
)
from protocol_sched.model.rules import (
    Between,
    Cap,
    Clock,
    Give,
    LateTable,
    Rule,
    Separation,
    Starts,
    Then,
    Tier,
    Tolerance,
)
from protocol_sched.model.spans import SpanRange, comparable
from protocol_sched.model.stages import Check, Cleaning, Preparation, Stage
from protocol_sched.text.cadences import (
    cadence_text,
    how_many,
    of_visits,
    ordinals_text,
    reference_text,
    verb,
)
from protocol_sched.text.wording import as_calendar_days, counted, listed, range_text, target_text


def rule_text(rule: Rule) -> str:
    """
    Return a rule as a sentence without its capital and full stop; never empty.

    Two rules of one kind that differ in any key but ``source``, ``unverified`` and ``safety``
    read differently. The rules inside a rule (the tolerances of a phase, the checks of a stage)
    are left to sentences of their own.
    """
    match rule:
        case Phase():
            return _phase(rule)
        case Starts():
            return _with_more(rule, _starts(rule), ("after", "from_"))
        case Tolerance():
            return _with_more(rule, _tolerance(rule), ("before", "after", "visits", "hard"))
        case Separation():
            return _separation(rule)
        case Cap():
            text = f"at most {counted(rule.most, 'visit')} in any {rule.in_any} in a row"
            return _with_more(rule, text, ("most", "in_any"))
        case LateTable():
            return _with_more(rule, _late(rule), ("clock", "tiers", "visits"))
        case Gate():
            return _gate(rule)
        case OtherVisit():
            return _other_visit(rule)
        case Adaptation():
            return _adaptation(rule)
        case Stage():
            return _stage(rule)
        case Check():
            when = f"every {rule.every}" if rule.every else f"{listed(_texts(rule.at))} after"
            text = f"{rule.what}: {when}{'' if rule.every else ' the stage begins'}"
            return _with_more(rule, text, ("what", "every", "at"))
        case Preparation():
            end = f"the stage {rule.before!r}" if rule.before else "the arrival"
            text = f"{rule.name}: {rule.length}, over before {end}{_held(rule.needs)}"
            text += of_visits(rule.visits)
            return _with_more(rule, text, ("name", "length", "needs", "visits", "before"))
        case Cleaning():
            end = f"the stage {rule.after!r}" if rule.after else "the discharge"
            text = f"{rule.name}: {rule.length} after {end}{_held(rule.needs)}"
            text += of_visits(rule.visits)
            return _with_more(rule, text, ("name", "length", "needs", "visits", "after"))
        case RideHome():
            text = (
                "an adult takes the person home and is free for the whole time in which they may "
                f"leave; confirmed {rule.confirm_before} before"
            )
            if rule.stay_with.minutes:
                text += f"; stays {rule.stay_with} after the discharge"
            return _with_more(rule, text, ("confirm_before", "stay_with"))
        case NoDriving():
            until = "until the next day" if rule.hours is None else f"for {rule.hours}"
            rest = f", and not before a rest of {rule.rest}" if rule.rest else ""
            return _with_more(rule, f"no driving {until}{rest}", ("until", "rest"))
        case Fasting():
            start = f"the stage {rule.before!r}" if rule.before else "the arrival"
            text = f"no {rule.what} for {rule.lead} before {start}"
            return _with_more(rule, text, ("what", "lead", "before"))
        case CoMedication():
            return _with_more(
                rule, _co_medication(rule), ("name", "before", "after", "barred", "visits")
            )
        case _:
            return _with_more(rule, "", ()) or type(rule).__name__


# --- every key is said -----------------------------------------------------------------------

_NEVER = frozenset({"source", "unverified", "safety"})


def _with_more(rule: object, text: str, said: Sequence[str]) -> str:
    """Return a sentence, and after it the keys that have no words of their own."""
    return "; ".join(filter(None, [text, *_keys(rule, said)]))


def _keys(value: object, said: Sequence[str] = ()) -> Iterator[str]:
    """Yield the keys of a value that differ from their default: ``if_it_happens: true``."""
    kind: type = type(value)
    for field in attrs.fields(kind):
        found = getattr(value, field.name)
        if field.name in said or field.name in _NEVER or found == field.default:
            continue
        if isinstance(found, Rule) or _of_rules(found):
            continue
        yield f"{field.name.rstrip('_')}: {_value(found)}"


def _of_rules(value: object) -> bool:
    return isinstance(value, tuple) and any(isinstance(one, Rule) for one in value)


def _value(value: object) -> str:
    match value:
        case bool():
            return "yes" if value else "no"
        case enum.Enum():
            return str(value.value)
        case tuple():
            return ", ".join(map(_value, value)) or "none"
        case float():
            return f"{value:g}"
    kind: type = type(value)
    if attrs.has(kind) and kind.__str__ is object.__str__:
        return f"({'; '.join(_keys(value))})"
    return str(value)


def _texts(values: Sequence[object]) -> list[str]:
    return [str(value) for value in values]


# --- phases ----------------------------------------------------------------------------------


def _phase(phase: Phase) -> str:
    follows = isinstance(phase.cadence, At | Consecutive)
    many = "" if follows else f"{how_many(phase.visits, 'visit')}, "
    text = f"{phase.name} ({phase.visit}): {many}{cadence_text(phase.cadence, phase.anchor)}"
    if isinstance(phase.starts, OnDemand):
        text += f"; begun when it is asked for: {phase.starts.on_demand}"
    if isinstance(phase.next_cycle, OnDemand):
        text += f"; another cycle when it is asked for: {phase.next_cycle.on_demand}"
    if phase.cycles != ONE:
        text += f"; {how_many(phase.cycles, 'cycle')}"
    if phase.first_day_of_month is not None:
        text += f"; the first on day {phase.first_day_of_month} of a month"
    if phase.passed_over:
        text += "; it is passed over unless a late visit or a response leads to it"
    if phase.same_weekday is SameWeekday.NOT_IN_A_ROW:
        text += "; two in a row are on different weekdays"
    said = ("name", "visit", "cadence", "visits", "cycles", "anchor", "same_weekday")
    begun = {"starts": phase.starts, "next_cycle": phase.next_cycle}
    on_demand = [key for key, value in begun.items() if isinstance(value, OnDemand)]
    return _with_more(phase, text, (*said, "first_day_of_month", "passed_over", *on_demand))


def _after(span: SpanRange, references: Sequence[Reference]) -> str:
    start = listed([reference_text(one) for one in references], "or")
    if references == (OriginalDates(),):
        start = "the visit before, counted along the dates first laid out"
    latest = ", whichever is later" if len(references) > 1 else ""
    return f"{target_text(span)} after {start}{latest}"


def _starts(rule: Starts) -> str:
    if comparable(rule.after.least) == 0 and rule.after.most == rule.after.least:
        return f"the first is on the day of {listed([reference_text(one) for one in rule.from_])}"
    return f"the first comes {_after(rule.after, rule.from_)}"


def _tolerance(rule: Tolerance) -> str:
    days = f"{rule.before} before to {rule.after} after its date"
    if rule.before == rule.after:
        days = f"within {rule.after} of its date" if comparable(rule.after) else "on its date"
    elif not comparable(rule.before):
        days = f"on its date or up to {rule.after} after it"
    elif not comparable(rule.after):
        days = f"on its date or up to {rule.before} before it"
    soft = "" if rule.hard else "; outside of it is only reported"
    return f"{ordinals_text(rule.visits)} {verb(rule.visits, 'is', 'are')} {days}{soft}"


def _separation(rule: Separation) -> str:
    limits = as_calendar_days(range_text(rule.least, rule.most)) or f"at least {rule.least}"
    starts = [reference_text(one) for one in rule.from_]
    visits = f"{ordinals_text(rule.visits)} {verb(rule.visits, 'comes', 'come')}"
    text = f"{visits} {limits} after {listed(starts)}"
    if rule.between is Between.END_AND_START:
        text += ", from the end of the one to the start of the other"
    if rule.grace is not None:
        text += f"; one up to {rule.grace} too soon counts and is reported"
    return _with_more(rule, text, ("from_", "least", "most", "grace", "between", "visits"))


# --- late ------------------------------------------------------------------------------------

_GIVE = {
    Give.NOW: "it is given now",
    Give.SKIP: "it is left out",
    Give.RESTART_PHASE: "the phase begins again",
    Give.RESTART_COURSE: "the course begins again",
}
_THEN = {
    Then.ORIGINAL_DATES: "the next are on the dates first laid out",
    Then.FROM_THIS_VISIT: "the next count from it",
    Then.AS_BEFORE: "the next as before",
}
_CLOCKS = {
    Clock.DUE_DATE: "after its date",
    Clock.LAST_VISIT: "after the visit before",
    Clock.FIRST_VISIT: "after the first visit",
}


def _late(rule: LateTable) -> str:
    rows = "; ".join(_tier(tier, rule.clock) for tier in rule.tiers)
    return f"{ordinals_text(rule.visits)}, if late: {rows}; anything else is asked"


def _tier(tier: Tier, clock: Clock) -> str:
    edges = {
        "more than": tier.over,
        "at least": tier.at_least,
        "less than": tier.under,
        "up to": tier.up_to,
    }
    band = " and ".join(f"{word} {edge}" for word, edge in edges.items() if edge is not None)
    if tier.ask:
        note = f", {tier.note}" if tier.note else ""
        return f"{band or 'however late'} {_CLOCKS[clock]}: a clinician decides {tier.ask}{note}"
    follows = [f"it is the first of {tier.phase}" if tier.phase else _GIVE[tier.give]]
    if tier.extra:
        follows.append(f"{counted(tier.extra, 'visit')} more, {tier.extra_after} apart")
    follows.append(_THEN[tier.then])
    if tier.next_after is not None:
        follows.append(f"the next regular one {tier.next_after} later")
    if tier.original_at_least is not None:
        follows.append(f"one of these dates nearer than {tier.original_at_least} is left out")
    if tier.reload:
        follows.append("it is as the first of its type, and the next as the second")
    said = (*_EDGES, "give", "phase", "then", "extra", "extra_after")
    follows += _keys(tier, (*said, "next_after", "original_at_least", "reload", "note"))
    follows += [tier.note] if tier.note else []
    return f"{band or 'however late'} {_CLOCKS[clock]}: {', '.join(follows)}"


# --- gates, other visits, responses ----------------------------------------------------------


_EDGES = ("over", "at_least", "under", "up_to")


def _gate(gate: Gate) -> str:
    where = f"of {gate.phase}" if gate.phase else "of the course"
    where = f"{where} in each cycle" if gate.each_cycle else where
    of = f"{gate.band}, " if gate.band else ""
    row = f" {gate.in_a_row} times in a row" if gate.in_a_row > 1 else ""
    passed = f"{of}passed{row}"
    if gate.visit is not None:
        passed = f"the visit {gate.visit!r}{f', {passed}' if of or row else ''}"
    ages = [
        f"at most {gate.max_age}" if gate.max_age is not None else "",
        f"at least {gate.min_age}" if gate.min_age is not None else "",
    ]
    age = listed([one for one in ages if one])
    text = f"{gate.name}: {passed}{f', {age}' if age else ''} before "
    text += f"{ordinals_text(gate.before)} {where}"
    if gate.unless:
        text += f"; {gate.unless} is accepted instead"
    asked = gate.asks or "a clinician"
    otherwise = {
        Outcome.HOLD: "the visit is held and a clinician is asked",
        Outcome.DELAY: "the visit is put off",
        Outcome.STOP: "the course stops",
        Outcome.ASK: f"the visit is held, and {asked} may say that it goes on",
    }[gate.if_not]
    fails = f" {gate.failed_in_a_row} times in a row" if gate.failed_in_a_row > 1 else ""
    text += f"; if not{fails}, {otherwise}"
    said = ("name", "phase", "before", "each_cycle", "max_age", "min_age", "in_a_row", "if_not")
    edges = ("visit", *_EDGES, "failed_in_a_row", "unless")
    asks = ("asks",) if gate.if_not is Outcome.ASK else ()
    return _with_more(gate, text, (*said, *edges, *asks))


def _other_visit(one: OtherVisit) -> str:
    series = one.counted_from is CountedFrom.ONE_BEFORE
    how = cadence_text(one.cadence, PreviousVisit() if series else one.anchor)
    text = f"{one.name} ({one.visit}): {how}"
    if series and one.anchor is not None and isinstance(one.cadence, Every):
        after = one.first or one.cadence.every
        text += f", the first {after} after {reference_text(one.anchor)}"
    if one.until is not None:
        text += f", until {one.until} after it"
    if one.visits is not None:
        open_ = one.visits == Count(0, None)
        text += f", {'without a stated end' if open_ else how_many(one.visits, 'visit')}"
    if one.between is Between.END_AND_START:
        text += ", from the end of what it hangs on"
    said = ("name", "visit", "cadence", "anchor", "visits", "until", "tolerance", "between")
    return _with_more(one, text, (*said, "counted_from", "first"))


def _adaptation(one: Adaptation) -> str:
    what = one.measure if one.compared is Compared.VALUE else f"{one.measure}, {one.compared.value}"
    text = f"{one.name}: if {what} is {_band(one.band)}"
    if one.after is not None:
        text += f", read after {one.after}"
    if one.before is not None:
        text += f", read before {one.before}"
    if one.not_before is not None:
        text += f", not sooner than {one.not_before} after {reference_text(one.from_)}"
    said = ("name", "measure", "compared", *_EDGES, "after", "before", "not_before", "from_")
    return _with_more(one, f"{text}: {_action(one.then)}", (*said, "then"))


def _band(band: Band) -> str:
    one = band.at_least is not None and band == Band(at_least=band.at_least, up_to=band.at_least)
    return f"{band.at_least:g}" if one else str(band)


def _action(action: Action) -> str:
    match action:
        case NewCadence():
            return f"{action.phase} goes on with {cadence_text(action.cadence, None)}"
        case GoTo():
            return f"on to {action.go_to}"
        case InsertVisit():
            return f"one visit more in {action.phase}, at {action.insert}"
        case Extend():
            return f"{counted(action.extend, 'visit')} more in {action.phase}"
        case StepBack():
            return f"one step back in {action.step_back}"
        case Stop():
            return f"no further treatment: {action.stop}"
        case _:
            return "; ".join(_keys(action))


# --- the visit and what surrounds it ---------------------------------------------------------


def _held(needs: Sequence[tuple[str, int]]) -> str:
    return f", holds {listed([counted(units, kind) for kind, units in needs])}" if needs else ""


def _stage(stage: Stage) -> str:
    text = f"{stage.name}: {stage.length}"
    if stage.criterion:
        text += f", until {stage.criterion}"
    if stage.allow is not None:
        text += f", {stage.allow} set aside"
    if stage.without_escort is not None:
        text += f", {stage.without_escort} without a ride home"
    text += f"{_held(stage.needs)}{of_visits(stage.visits)}"
    said = ("name", "length", "until", "ends_when", "allow", "without_escort", "needs", "visits")
    return _with_more(stage, text, said)


def _co_medication(rule: CoMedication) -> str:
    spans = [
        f"{_within(span)} {side}"
        for span, side in ((rule.before, "before"), (rule.after, "after"))
        if span is not None
    ]
    when = listed(spans) or "at any time around"
    return f"{rule.name}: {'not ' if rule.barred else ''}{when} it{of_visits(rule.visits)}"


def _within(span: SpanRange) -> str:
    """Return a distance from nothing on as a limit: ``within 24 hours``."""
    return f"within {span.most}" if span.most and not comparable(span.least) else str(span)
