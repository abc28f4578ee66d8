"""
Rules that bind a plan, in English: one sentence each, as the person who knows it would say it.

Sentences begin in lower case and end without a full stop, so that they fit into a list as well
as after a colon.
"""

from __future__ import annotations

from datetime import time
from typing import assert_never

from protocol_sched.model.agenda import (
    FLOOR,
    SPREAD,
    WAITING,
    Agenda,
    AtMost,
    FixedAt,
    Gated,
    NotAfter,
    NotBefore,
    Noticed,
    OfDates,
    OnDaysOfMonth,
    OnWeekdays,
    PastVisit,
    Rules,
    Spacing,
)
from protocol_sched.model.rules import Between
from protocol_sched.model.spans import CalendarSpan, ElapsedSpan, SpanRange, comparable
from protocol_sched.text.english.two_dates import in_english
from protocol_sched.text.english.words import (
    around_text,
    as_calendar_days,
    day_text,
    lengths_text,
    listed,
    named,
    on_the_day_of,
    range_text,
    target_text,
    title_of,
    titles_text,
    weekdays_text,
)
from protocol_sched.text.lengths import backward, floor_length


def binding_text(binding: Rules, agenda: Agenda) -> str:
    """
    Return a rule that binds a plan: ``infusion 3 must come 2 to 5 calendar days after infusion 2``.

    Args:
        agenda: Knows the visits' titles. Dates in the year it was made are written without it.
    """
    match binding:
        case Spacing():
            return _spacing(binding, agenda)
        case OfDates():
            return in_english(binding, named(binding.later, agenda), named(binding.earlier, agenda))
        case AtMost():
            titles = titles_text([title_of(visit, agenda) for visit in binding.visits])
            days = "on any day" if binding.days == 1 else f"in any {binding.days} days"
            return f"at most {binding.most} of {titles} {days}"
        case NotBefore():
            day = day_text(binding.day, agenda)
            return (
                f"{named(binding.visit, agenda)} must be on {day} or later{_because(binding.rule)}"
            )
        case NotAfter():
            day = day_text(binding.day, agenda)
            visit = named(binding.visit, agenda)
            return f"{visit} must be on {day} or earlier{_because(binding.rule)}"
        case OnWeekdays():
            return f"{named(binding.visit, agenda)} must be on {weekdays_text(binding.weekdays)}"
        case OnDaysOfMonth():
            return f"{named(binding.visit, agenda)} must be on {binding.days} of a month"
        case FixedAt():
            when = f"{day_text(binding.start.date(), agenda)} at {binding.start:%H:%M}"
            return f"{named(binding.visit, agenda)} is fixed on {when}"
        case Noticed():
            begins = f"must be on {day_text(binding.not_before.date(), agenda)}"
            if binding.not_before.time() != time():
                begins += f" at {binding.not_before:%H:%M}"
            text = f"{named(binding.visit, agenda)} needs {binding.notice} of notice: it {begins} "
            if binding.notice is None:
                text = (
                    f"{binding.work} is done ahead of {named(binding.visit, agenda)}: it {begins} "
                )
            known = ", or where people know it already" if binding.stays is not None else ""
            return f"{text}or later{known}"
        case Gated():
            return _gated(binding, agenda)
        case _:
            assert_never(binding)


def _gated(rule: Gated, agenda: Agenda) -> str:
    """Return ``infusion 1 must come at least 2 weeks after vaccine (passed on Wed 3 March)``."""
    limits = as_calendar_days(range_text(rule.least, rule.most))
    row = f"{rule.in_a_row} in a row" if rule.in_a_row > 1 else ""
    asked = ", ".join(filter(None, (str(rule.band) if rule.band else "", row)))
    test = f"{rule.gate} ({asked})" if asked else rule.gate
    text = f"{named(rule.visit, agenda)} must come {f'{limits} ' if limits else ''}after {test}"
    if rule.receipt:
        text = f"{named(rule.visit, agenda)} must come {f'{limits} ' if limits else ''}after "
        text += f"{rule.gate} is received"
    if rule.tests:
        days = listed([day_text(test.on, agenda) for test in rule.tests], "or")
        return f"{text} ({'received' if rule.receipt else 'passed'} on {days})"
    if rule.instead is not None:
        return f"{text}, or from {day_text(rule.instead.on, agenda)} on with {rule.instead.title}"
    if rule.again is None:
        return text
    if rule.receipt:
        return f"{text} (not on record as received; {day_text(rule.again, agenda)} or later)"
    return f"{text} (not on record as passed; {day_text(rule.again, agenda)} or later)"


def _because(rule: str) -> str:
    reasons = {
        "today": "the day of planning",
        "missed": "it was missed the day before",
        "deferred": "it was postponed until then",
        "start": "the course starts then",
        "request": "it was requested for then",
        "finish": "the course ends by then",
    }
    return f" ({reasons[rule]})" if rule in reasons else ""


def _backward(rule: Spacing, later: str, earlier: str) -> str:
    """Return a rule about a visit that comes before the one it is measured from."""
    assert rule.most is not None
    limits = range_text(backward(rule.most), None if rule.least is None else backward(rule.least))
    text = f"{later} must come {as_calendar_days(limits)} before {earlier}"
    if rule.target is None:
        return text
    last = rule.target.most or rule.target.least
    best = lengths_text(SpanRange(backward(last), backward(rule.target.least)))
    return f"{text}, ideally {best}"


def _spacing(rule: Spacing, agenda: Agenda) -> str:
    later, earlier = named(rule.later, agenda), named(rule.earlier, agenda)
    begins = rule.between is Between.STARTS
    if rule.rule == "order":
        if isinstance(rule.least, ElapsedSpan):
            return f"{later} must begin after {earlier} ends"
        return f"{later} must come on a later date than {earlier}"
    if rule.rule == FLOOR:
        return _floor(rule, later, earlier)
    if rule.rule == WAITING and isinstance(rule.earlier, PastVisit):
        first = day_text(rule.earlier.on, agenda)
        return f"{later} should come on {first}, the first possible date"
    least, most, target = rule.least, rule.most, rule.target
    if most is not None and comparable(most) < 0:
        return _backward(rule, later, earlier)
    if least is most is None and target is not None and comparable(target.least) < 0:
        last = target.most or target.least
        best = lengths_text(SpanRange(backward(last), backward(target.least)))
        return f"{later} should come {as_calendar_days(best)} before {earlier}"
    limits = range_text(least, most)
    elapsed = any(isinstance(span, ElapsedSpan) for span in (least, most)) or (
        target is not None and isinstance(target.least, ElapsedSpan)
    )
    after = f"after {earlier}" if begins else f"after the end of {earlier}"
    verb = "begin" if elapsed else "come"
    if elapsed and begins:
        after = f"after {earlier} begins"
    if rule.rule == "gate" and limits and not elapsed and not isinstance(rule.earlier, PastVisit):
        return f"{earlier} must be {as_calendar_days(limits)} before {later}"
    around = around_text(least, most) if begins else ""
    if around:
        best = "" if target is None else f", ideally {target_text(target)}"
        return f"{later} must come {around} {earlier}{best}"
    if limits and target is not None:
        says = f"{later} must {verb} {as_calendar_days(limits)} {after}"
        return f"{says}, ideally {lengths_text(target)}"
    if limits:
        same_day = least == most == CalendarSpan()
        if same_day and begins:
            return f"{later} must be on the day of {earlier}"
        return f"{later} must {verb} {as_calendar_days(limits)} {after}"
    if target is not None:
        if target == SpanRange(CalendarSpan(), CalendarSpan()) and begins:
            return f"{later} should come {on_the_day_of(earlier)}"
        says = f"{later} should {verb} {as_calendar_days(lengths_text(target))} {after}"
        return f"{says}, spread evenly" if rule.rule == SPREAD else says
    return f"{later} is measured from {earlier}"


def _floor(rule: Spacing, later: str, earlier: str) -> str:
    end = "" if rule.between is Between.STARTS else "the end of "
    apart = as_calendar_days(str(floor_length(rule)))
    if rule.least == CalendarSpan() and not end:
        return (
            f"{later} must not be before its target, {on_the_day_of(earlier)} "
            "(no earlier limit is published)"
        )
    if rule.least is None:
        return (
            f"{later} must not be after its target, {apart} before {end}{earlier} "
            "(no later limit is published)"
        )
    return (
        f"{later} must not be before its target, {apart} after {end}{earlier} "
        "(no earlier limit is published)"
    )
