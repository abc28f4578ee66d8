"""
The rules of a protocol in words, as the protocol writes them: no date, no person.

What a plan's rules say is in ``text.english.rules``. Here every key of a rule is said: those
without words of their own follow with their name, so that nobody signs a sheet from which a key is
missing.
"""

from __future__ import annotations

from collections.abc import Sequence

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
from protocol_sched.model.sentences import Counted, Sentence, told
from protocol_sched.model.spans import CalendarSpan, ElapsedSpan, Span, SpanRange, comparable
from protocol_sched.model.stages import Check, Cleaning, Preparation, Stage
from protocol_sched.text.cadences import (
    before_visits,
    cadence_text,
    how_many,
    lengths,
    ordinals_text,
    reference_text,
    several,
    target,
    with_visits,
)
from protocol_sched.text.keys import joined, keys_of, with_more


def rule_text(rule: Rule) -> Sentence:
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
            return with_more(rule, _starts(rule), ("after", "from_"))
        case Tolerance():
            return with_more(rule, _tolerance(rule), ("before", "after", "visits", "hard"))
        case Separation():
            return _separation(rule)
        case Cap():
            text = told(
                "at most {visits} in any {span} in a row",
                visits=Counted(rule.most, "visit"),
                span=rule.in_any,
            )
            return with_more(rule, text, ("most", "in_any"))
        case LateTable():
            return with_more(rule, _late(rule), ("clock", "tiers", "visits"))
        case Gate():
            return _gate(rule)
        case OtherVisit():
            return _other_visit(rule)
        case Adaptation():
            return _adaptation(rule)
        case Stage():
            return _stage(rule)
        case Check():
            text = told("{what}: every {span}", what=rule.what, span=rule.every)
            if not rule.every:
                at = "{what}: {times} after the stage begins"
                text = told(at, what=rule.what, times=tuple(rule.at))
            return with_more(rule, text, ("what", "every", "at"))
        case Preparation():
            text = told("{name}: {span}, over before the arrival", name=rule.name, span=rule.length)
            if rule.before:
                text = told(
                    "{name}: {span}, over before the stage {stage}",
                    name=rule.name,
                    span=rule.length,
                    stage=repr(rule.before),
                )
            if rule.ahead is not None:
                text = told(
                    "{name}: {span}, over {ahead} before the arrival",
                    name=rule.name,
                    span=rule.length,
                    ahead=rule.ahead,
                )
                if rule.before:
                    text = told(
                        "{name}: {span}, over {ahead} before the stage {stage}",
                        name=rule.name,
                        span=rule.length,
                        ahead=rule.ahead,
                        stage=repr(rule.before),
                    )
            text = with_visits(_with_held(text, rule.needs), rule.visits)
            return with_more(rule, text, ("name", "length", "needs", "visits", "before", "ahead"))
        case Cleaning():
            text = told("{name}: {span} after the discharge", name=rule.name, span=rule.length)
            if rule.after:
                text = told(
                    "{name}: {span} after the stage {stage}",
                    name=rule.name,
                    span=rule.length,
                    stage=repr(rule.after),
                )
            text = with_visits(_with_held(text, rule.needs), rule.visits)
            return with_more(rule, text, ("name", "length", "needs", "visits", "after"))
        case RideHome():
            text = told(
                "an adult takes the person home and is free for the whole discharge window; "
                "confirmed {span} before",
                span=rule.confirm_before,
            )
            if rule.stay_with.minutes:
                more = "{text}; stays {span} after the discharge"
                text = told(more, text=text, span=rule.stay_with)
            return with_more(rule, text, ("confirm_before", "stay_with"))
        case NoDriving():
            text = told("no driving until the next day")
            if rule.hours is not None:
                text = told("no driving for {span}", span=rule.hours)
            if rule.rest:
                more = "{text}, and not before a rest of {span}"
                text = told(more, text=text, span=rule.rest)
            return with_more(rule, text, ("until", "rest"))
        case Fasting():
            text = told("no {what} for {span} before the arrival", what=rule.what, span=rule.lead)
            if rule.before:
                text = told(
                    "no {what} for {span} before the stage {stage}",
                    what=rule.what,
                    span=rule.lead,
                    stage=repr(rule.before),
                )
            return with_more(rule, text, ("what", "lead", "before"))
        case CoMedication():
            return with_more(
                rule, _co_medication(rule), ("name", "before", "after", "barred", "visits")
            )
        case _:
            return joined(keys_of(rule)) or told("{name}", name=type(rule).__name__)


# --- phases ----------------------------------------------------------------------------------


def _phase(phase: Phase) -> Sentence:
    laid_out = cadence_text(phase.cadence, phase.anchor)
    text = told("{name} ({visit}): {how}", name=phase.name, visit=phase.visit, how=laid_out)
    if not isinstance(phase.cadence, At | Consecutive):
        text = told(
            "{name} ({visit}): {many}, {how}",
            name=phase.name,
            visit=phase.visit,
            many=how_many(phase.visits, "visit"),
            how=laid_out,
        )
    if isinstance(phase.starts, OnDemand):
        more = "{text}; begun when it is asked for: {what}"
        text = told(more, text=text, what=phase.starts.on_demand)
    if isinstance(phase.next_cycle, OnDemand):
        more = "{text}; another cycle when it is asked for: {what}"
        text = told(more, text=text, what=phase.next_cycle.on_demand)
    if phase.cycles != ONE:
        text = told("{text}; {more}", text=text, more=how_many(phase.cycles, "cycle"))
    if phase.first_day_of_month is not None:
        more = "{text}; the first on day {days} of a month"
        text = told(more, text=text, days=_values_of(phase.first_day_of_month))
    if phase.passed_over:
        more = "{text}; it is skipped unless a late visit or a response leads to it"
        text = told(more, text=text)
    if phase.same_weekday is SameWeekday.NOT_IN_A_ROW:
        text = told("{text}; two in a row are on different weekdays", text=text)
    said = ("name", "visit", "cadence", "visits", "cycles", "anchor", "same_weekday")
    begun = {"starts": phase.starts, "next_cycle": phase.next_cycle}
    on_demand = [key for key, value in begun.items() if isinstance(value, OnDemand)]
    return with_more(phase, text, (*said, "first_day_of_month", "passed_over", *on_demand))


def _values_of(count: Count) -> Sentence | str:
    if count.most is None or count.fixed:
        return str(count)
    return told("{first} to {last}", first=count.least, last=count.most)


def _after(span: SpanRange, references: Sequence[Reference]) -> Sentence:
    if references == (OriginalDates(),):
        along = "{span} after the visit before, counted along the original dates"
        return told(along, span=target(span))
    if not references:
        return told("{span}", span=target(span))
    first, *others = map(reference_text, references)
    if not others:
        return told("{span} after {start}", span=target(span), start=first)
    for other in others[:-1]:
        first = told("{first}, {then}", first=first, then=other)
    return told(
        "{span} after {start} or {other}, whichever is later",
        span=target(span),
        start=first,
        other=others[-1],
    )


def _starts(rule: Starts) -> Sentence:
    if comparable(rule.after.least) == 0 and rule.after.most == rule.after.least:
        days = tuple(map(reference_text, rule.from_))
        return told("the first is on the day of {days}", days=days)
    return told("the first comes {after}", after=_after(rule.after, rule.from_))


def _tolerance(rule: Tolerance) -> Sentence:
    before, after = rule.before, rule.after
    if before == after:
        days = told("on its date")
        if comparable(after):
            days = told("within {span} of its date", span=after)
    elif not comparable(before):
        days = told("on its date or up to {span} after it", span=after)
    elif not comparable(after):
        days = told("on its date or up to {span} before it", span=before)
    else:
        days = told("{before} before to {after} after its date", before=before, after=after)
    template = "{visits} are {days}" if several(rule.visits) else "{visits} is {days}"
    text = told(template, visits=ordinals_text(rule.visits), days=days)
    return text if rule.hard else told("{text}; anything outside is only reported", text=text)


def limits(least: Span | None, most: Span | None) -> Sentence:
    """
    Return what two limits allow: ``2 to 5 calendar days``, ``at least 48 hours``.

    A least length of zero is no limit where there is another.
    """
    nothing = (CalendarSpan(), ElapsedSpan(0))
    if most is None:
        return told("at least {span}", span=_calendar(least))
    if least is None or (least in nothing and most not in nothing):
        return told("at most {span}", span=_calendar(most))
    if type(least) is not type(most) or comparable(most) < comparable(least):
        return told("at least {least} and at most {most}", least=least, most=most)
    span = lengths(SpanRange(least, most))
    first, last = _days(least), _days(most)
    if first is None or last is None:
        return told("{span}", span=span)
    if first == last:
        return told("{span}", span=_calendar(most))
    return told("{least} to {most}", least=first, most=_calendar(most))


def _days(span: Span | None) -> int | None:
    """Return a length in days where it is written in days alone."""
    days = isinstance(span, CalendarSpan) and span == CalendarSpan(days=span.days)
    return span.days if days and isinstance(span, CalendarSpan) else None


def _calendar(span: Span | None) -> object:
    """Return days as calendar days, which is clear beside hours; other lengths unchanged."""
    days = _days(span)
    return span if days is None else Counted(days, "calendar day")


def _separation(rule: Separation) -> Sentence:
    template = "{visits} come {limits} after {starts}"
    if not several(rule.visits):
        template = "{visits} comes {limits} after {starts}"
    text = told(
        template,
        visits=ordinals_text(rule.visits),
        limits=limits(rule.least, rule.most),
        starts=tuple(map(reference_text, rule.from_)),
    )
    if rule.between is Between.END_AND_START:
        text = told("{text}, from the end of the one to the start of the other", text=text)
    if rule.grace is not None:
        more = "{text}; one up to {span} too soon counts and is reported"
        text = told(more, text=text, span=rule.grace)
    return with_more(rule, text, ("from_", "least", "most", "grace", "between", "visits"))


# --- late ------------------------------------------------------------------------------------

_GIVE = {
    Give.NOW: told("it is given now"),
    Give.SKIP: told("it is skipped"),
    Give.RESTART_PHASE: told("the phase begins again"),
    Give.RESTART_COURSE: told("the course begins again"),
}
_THEN = {
    Then.ORIGINAL_DATES: told("the next are on the original dates"),
    Then.FROM_THIS_VISIT: told("the next count from it"),
    Then.AS_BEFORE: told("the next as before"),
}


def _late(rule: LateTable) -> Sentence:
    rows = joined(_tier(tier, rule.clock) for tier in rule.tiers)
    visits = ordinals_text(rule.visits)
    return told(
        "{visits}, if late: {rows}; otherwise ask a clinician",
        visits=visits,
        rows=rows,
    )


def _tier(tier: Tier, clock: Clock) -> Sentence:
    edges = (
        tier.over and told("more than {span}", span=tier.over),
        tier.at_least and told("at least {span}", span=tier.at_least),
        tier.under and told("less than {span}", span=tier.under),
        tier.up_to and told("up to {span}", span=tier.up_to),
    )
    band = tuple(filter(None, edges)) or told("however late")
    match clock:
        case Clock.DUE_DATE:
            late = told("{band} after its date", band=band)
        case Clock.LAST_VISIT:
            late = told("{band} after the visit before", band=band)
        case Clock.FIRST_VISIT:
            late = told("{band} after the first visit", band=band)
    if tier.ask:
        ask = told("{late}: a clinician decides {what}", late=late, what=tier.ask)
        return told("{first}, {then}", first=ask, then=tier.note) if tier.note else ask
    follows: list[Sentence | str] = [_GIVE[tier.give]]
    if tier.phase:
        follows = [told("it is the first of {phase}", phase=tier.phase)]
    if tier.extra:
        visits = Counted(tier.extra, "visit")
        follows.append(told("{visits} more, {span} apart", visits=visits, span=tier.extra_after))
    follows.append(_THEN[tier.then])
    if tier.next_after is not None:
        follows.append(told("the next regular one {span} later", span=tier.next_after))
    if tier.original_at_least is not None:
        nearer = "any of these dates closer than {span} is skipped"
        follows.append(told(nearer, span=tier.original_at_least))
    if tier.reload:
        follows.append(told("it is treated as the first of its type, and the next as the second"))
    said = (*_EDGES, "give", "phase", "then", "extra", "extra_after")
    follows += keys_of(tier, (*said, "next_after", "original_at_least", "reload", "note"))
    follows += [tier.note] if tier.note else []
    first, *others = follows
    for other in others:
        first = told("{first}, {then}", first=first, then=other)
    return told("{late}: {follows}", late=late, follows=first)


# --- gates, other visits, responses ----------------------------------------------------------


_EDGES = ("over", "at_least", "under", "up_to")


def _gate(gate: Gate) -> Sentence:
    visits = before_visits(gate.before)
    template = "{visits} of the course"
    if gate.phase:
        template = "{visits} of {phase}"
    visits = told(template, visits=visits, phase=gate.phase or "")
    if gate.each_cycle:
        visits = told("{visits} in each cycle", visits=visits)
    ages = (
        gate.max_age and told("at most {span}", span=gate.max_age),
        gate.min_age and told("at least {span}", span=gate.min_age),
    )
    when = visits
    if age := tuple(filter(None, ages)):
        when = told("{age} {visits}", age=age, visits=visits)
    passed = _passed(gate)
    plain = "{name}: {passed} {when}"
    apart = "{name}: {passed}, {when}"
    text = told(apart if age else plain, name=gate.name, passed=passed, when=when)
    if gate.unless:
        more = "{text}; {other} is accepted instead"
        text = told(more, text=text, other=gate.unless)
    otherwise = {
        Outcome.HOLD: told("the visit is on hold and a clinician is asked"),
        Outcome.DELAY: told("the visit is postponed"),
        Outcome.STOP: told("the course stops"),
        Outcome.ASK: told(
            "the visit is on hold, and {asked} may say that it goes on",
            asked=gate.asks or told("a clinician"),
        ),
    }[gate.if_not]
    fails = "{text}; if not, {otherwise}"
    if gate.failed_in_a_row > 1:
        fails = "{text}; if not {number} times in a row, {otherwise}"
    text = told(fails, text=text, number=gate.failed_in_a_row, otherwise=otherwise)
    if gate.repeat_after is not None:
        again = "{text}; it is repeated {span} after that at the earliest"
        text = told(again, text=text, span=gate.repeat_after)
    said = ("name", "phase", "before", "each_cycle", "max_age", "min_age", "in_a_row", "if_not")
    edges = ("visit", *_EDGES, "failed_in_a_row", "unless", "repeat_after")
    asks = ("asks",) if gate.if_not is Outcome.ASK else ()
    return with_more(gate, text, (*said, *edges, *asks))


def _passed(gate: Gate) -> Sentence:
    """Return what has to be: ``at least 1.5, passed 2 times in a row``, ``the visit 'lab'``."""
    row = gate.in_a_row > 1
    passed = told("passed {number} times in a row", number=gate.in_a_row) if row else told("passed")
    if gate.band:
        passed = told("{first}, {then}", first=gate.band, then=passed)
    if gate.visit is None:
        return passed
    visit = told("the visit {visit}", visit=repr(gate.visit))
    return told("{first}, {then}", first=visit, then=passed) if gate.band or row else visit


def _other_visit(one: OtherVisit) -> Sentence:
    series = one.counted_from is CountedFrom.ONE_BEFORE
    text = told(
        "{name} ({visit}): {how}",
        name=one.name,
        visit=one.visit,
        how=cadence_text(one.cadence, PreviousVisit() if series else one.anchor),
    )
    if series and one.anchor is not None and isinstance(one.cadence, Every):
        after = one.first or one.cadence.every
        more = "{text}, the first {span} after {start}"
        if after == SpanRange(CalendarSpan(), CalendarSpan()):
            more = "{text}, the first on the day of {start}"
        text = told(more, text=text, span=target(after), start=reference_text(one.anchor))
    if one.until is not None:
        until = told("{text}, until {span} after it", text=text, span=one.until)
        if one.until_from is not None:
            ends = reference_text(one.until_from)
            until = told(
                "{text}, until {span} after {start}", text=text, span=one.until, start=ends
            )
            if one.until == CalendarSpan():
                until = told("{text}, until {start}", text=text, start=ends)
        text = until
    if one.visits is not None:
        many = how_many(one.visits, "visit")
        if one.visits == Count(0, None):
            many = told("without a stated end")
        text = told("{first}, {then}", first=text, then=many)
    if one.between is Between.END_AND_START:
        text = told("{text}, counted from the end of that", text=text)
    said = ("name", "visit", "cadence", "anchor", "visits", "until", "tolerance", "between")
    return with_more(one, text, (*said, "until_from", "counted_from", "first"))


_COMPARED = {
    Compared.FALL: told("percent fall from the first"),
    Compared.RISE: told("rise from the one before"),
}


def _adaptation(one: Adaptation) -> Sentence:
    what: Sentence | str = one.measure
    if one.compared is not Compared.VALUE:
        what = told("{first}, {then}", first=what, then=_COMPARED[one.compared])
    text = told("{name}: if {what} is {band}", name=one.name, what=what, band=_band(one.band))
    if one.after is not None:
        text = told("{text}, read after {phase}", text=text, phase=one.after)
    if one.before is not None:
        text = told("{text}, read before {phase}", text=text, phase=one.before)
    if one.not_before is not None:
        text = told(
            "{text}, no earlier than {span} after {start}",
            text=text,
            span=one.not_before,
            start=reference_text(one.from_),
        )
    said = ("name", "measure", "compared", *_EDGES, "after", "before", "not_before", "from_")
    text = told("{text}: {action}", text=text, action=_action(one.then))
    return with_more(one, text, (*said, "then"))


def _band(band: Band) -> Band | float:
    one = band.at_least is not None and band == Band(at_least=band.at_least, up_to=band.at_least)
    return float(band.at_least) if one and band.at_least is not None else band


def _action(action: Action) -> Sentence:
    match action:
        case NewCadence():
            how = cadence_text(action.cadence, None)
            return told("{phase} goes on with {how}", phase=action.phase, how=how)
        case GoTo():
            return told("on to {phase}", phase=action.go_to)
        case InsertVisit():
            return told(
                "one more visit in {phase}, at {place}", phase=action.phase, place=action.insert
            )
        case Extend():
            visits = Counted(action.extend, "visit")
            return told("{visits} more in {phase}", visits=visits, phase=action.phase)
        case StepBack():
            return told("one step back in {ladder}", ladder=action.step_back)
        case Stop():
            return told("no further treatment: {why}", why=action.stop)
        case _:
            return joined(keys_of(action)) or told("{name}", name=type(action).__name__)


# --- the visit and what surrounds it ---------------------------------------------------------


def _with_held(text: Sentence, needs: Sequence[tuple[str, int]]) -> Sentence:
    if not needs:
        return text
    return told(
        "{text}, holds {needs}", text=text, needs=tuple(Counted(n, kind) for kind, n in needs)
    )


def _stage(stage: Stage) -> Sentence:
    text = told("{name}: {span}", name=stage.name, span=stage.length)
    if stage.criterion:
        text = told("{text}, until {what}", text=text, what=stage.criterion)
    if stage.allow is not None:
        text = told("{text}, {span} set aside", text=text, span=stage.allow)
    if stage.without_escort is not None:
        text = told("{text}, {span} without a ride home", text=text, span=stage.without_escort)
    text = with_visits(_with_held(text, stage.needs), stage.visits)
    said = ("name", "length", "until", "ends_when", "allow", "without_escort", "needs", "visits")
    return with_more(stage, text, said)


def _co_medication(rule: CoMedication) -> Sentence:
    spans = (
        rule.before and told("{span} before", span=_within(rule.before)),
        rule.after and told("{span} after", span=_within(rule.after)),
    )
    when = tuple(filter(None, spans)) or told("at any time around")
    given, barred = "{name}: {when} it", "{name}: not {when} it"
    text = told(barred if rule.barred else given, name=rule.name, when=when)
    return with_visits(text, rule.visits)


def _within(span: SpanRange) -> Sentence | SpanRange:
    """Return a distance from nothing on as a limit: ``within 24 hours``."""
    if span.most and not comparable(span.least):
        return told("within {span}", span=span.most)
    return span
