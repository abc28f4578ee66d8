"""Rules that bind a plan, broken and waived ones too, in German."""

from __future__ import annotations

from datetime import time
from typing import assert_never

from protocol_sched.model.agenda import (
    FLOOR,
    SPREAD,
    WAITING,
    AtMost,
    Breach,
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
from protocol_sched.model.spans import CalendarSpan, SpanRange
from protocol_sched.model.standing import Broken, BrokenBy, Waived
from protocol_sched.text.german import words
from protocol_sched.text.german.two_dates import in_german
from protocol_sched.text.lengths import floor_length
from protocol_sched.text.naming import Naming


def binding_text(rule: Rules, names: Naming) -> str:
    match rule:
        case Spacing():
            return _spacing(rule, names)
        case OfDates():
            ends = (words.end(rule.later, names), words.end(rule.earlier, names))
            return in_german(rule, *ends, words.length)
        case AtMost():
            titles = [names.end(visit) for visit in rule.visits]
            of = titles[0] if len(titles) == 1 else f"{titles[0]} bis {titles[-1]}"
            days = "an einem Tag" if rule.days == 1 else f"in {rule.days} Tagen"
            return f"höchstens {rule.most} von {of} {days}"
        case NotBefore():
            return f"{names.visit(rule.visit)} ist frühestens am {words.day(rule.day, names)}"
        case NotAfter():
            return f"{names.visit(rule.visit)} ist spätestens am {words.day(rule.day, names)}"
        case OnWeekdays():
            return f"{names.visit(rule.visit)} ist an einem {words.weekdays(rule.weekdays)}"
        case OnDaysOfMonth(first=first, last=last):
            days = f"{first}." if first == last else f"{first}. bis {last}."
            return f"{names.visit(rule.visit)} ist am {days} eines Monats"
        case FixedAt():
            on = words.day(rule.start.date(), names)
            return f"{names.visit(rule.visit)} liegt fest: {on} um {rule.start:%H:%M} Uhr"
        case Noticed():
            on = words.day(rule.not_before.date(), names)
            if rule.not_before.time() != time():
                on += f" um {rule.not_before:%H:%M} Uhr"
            known = " oder wie schon bekannt" if rule.stays is not None else ""
            if rule.notice is None:
                work = names.work(rule.work)
                return f"vor {names.visit(rule.visit)} steht {work}; frühestens am {on}{known}"
            return (
                f"{names.visit(rule.visit)} braucht {words.notice(rule.notice)} Vorlauf und "
                f"ist frühestens am {on}{known}"
            )
        case Gated():
            return _gated(rule, names)
        case _:
            assert_never(rule)


def _gated(rule: Gated, names: Naming) -> str:
    limits = words.lengths(rule.least, rule.most)
    row = f"{rule.in_a_row}-mal nacheinander" if rule.in_a_row > 1 else ""
    asked = ", ".join(filter(None, (words.numbers(rule.band), row)))
    test = f"{rule.gate} ({asked})" if asked else rule.gate
    text = f"{names.visit(rule.visit)} ist {f'{limits} ' if limits else ''}nach {test}"
    if rule.receipt:
        text += " (Eingang)"
    if rule.tests:
        days = " oder ".join(words.day(test.on, names) for test in rule.tests)
        return f"{text} ({'eingegangen' if rule.receipt else 'bestanden'} am {days})"
    if rule.instead is not None:
        on = words.day(rule.instead.on, names)
        return f"{text}, oder ab {on} mit {rule.instead.title}"
    if rule.again is None:
        return text
    if rule.receipt:
        on = words.day(rule.again, names)
        return f"{text} (noch nicht eingegangen; frühestens am {on})"
    return f"{text} (noch nicht bestanden; frühestens am {words.day(rule.again, names)})"


def _spacing(rule: Spacing, names: Naming) -> str:
    later, earlier = words.end(rule.later, names), words.end(rule.earlier, names)
    after = f"nach {earlier}"
    if rule.between is not Between.STARTS:
        after = f"nach dem Ende von {earlier}"
    if rule.rule == "order":
        return f"{later} kommt {after}"
    if rule.rule == FLOOR:
        apart = words.length(floor_length(rule))
        if rule.least is None:
            before = after.replace("nach", "vor", 1)
            return (
                f"{later} ist nicht nach dem Zieldatum, {apart} {before} "
                "(eine spätere Grenze ist nicht veröffentlicht)"
            )
        return (
            f"{later} ist nicht vor dem Zieldatum, {apart} {after} "
            "(eine frühere Grenze ist nicht veröffentlicht)"
        )
    if rule.rule == WAITING and isinstance(rule.earlier, PastVisit):
        day = words.day(rule.earlier.on, names)
        return f"{later} ist am besten am {day}, dem ersten möglichen Tag"
    rule, after = words.forward(rule, after, earlier)
    limits = words.lengths(rule.least, rule.most)
    if rule.rule == "gate" and limits and not isinstance(rule.earlier, PastVisit):
        return f"{earlier} muss {limits} vor {later} liegen"
    target = words.lengths(rule.target.least, rule.target.most) if rule.target else ""
    target = target.removeprefix("genau ")
    if rule.between is Between.STARTS and (around := words.either_side(rule, earlier)):
        best = f", am besten {target} {after}" if target else ""
        return f"{later} muss {around} liegen{best}"
    if limits and target:
        return f"{later} muss {limits} {after} liegen, am besten {target}"
    if limits:
        return f"{later} muss {limits} {after} liegen"
    if rule.target == SpanRange(CalendarSpan(), CalendarSpan()):
        return f"{later} ist am besten am selben Tag wie {earlier}"
    if target and rule.rule == SPREAD:
        return f"{later} ist am besten {target} {after}, gleichmäßig verteilt"
    return f"{later} ist am besten {target} {after}" if target else f"{later} zählt ab {earlier}"


def breach_text(breach: Breach, names: Naming) -> str:
    rule, later = breach.rule, names.visit(breach.visits[-1])
    given = breach.cause is BrokenBy.GIVEN
    was = "war" if given else "ist"
    amount = words.amount(breach.amount, breach.unit)
    if isinstance(rule, Spacing):
        after = f"nach {words.end(rule.earlier, names)}"
        if rule.between is not Between.STARTS:
            after = f"nach dem Ende von {words.end(rule.earlier, names)}"
        more = f"{amount} zu früh" if breach.too_soon else f"{amount} zu spät"
        limit = (
            words.lengths(rule.least, None) if breach.too_soon else words.lengths(None, rule.most)
        )
        text = f"{later} {was} {words.amount(breach.found, breach.unit)} {after}, {more} "
        text += f"(Regel: {limit}){words.left_out(rule, names)}"
    else:
        side = "vor dem ersten" if breach.too_soon else "nach dem letzten"
        text = f"{later} {was} {amount} {side} Tag (Regel: {binding_text(rule, names)})"
    if isinstance(rule.status, Waived):
        return f"Regel aufgehoben{_by(rule.status, names)}: {text}"
    because = "" if given or rule.broken is None else f", {_because(rule.broken, names)}"
    return f"Regel verletzt: {text}{because}"


def waived_text(rule: Rules, names: Naming) -> str:
    assert isinstance(rule.status, Waived)
    by = _by(rule.status, names)
    return f"Regel aufgehoben{by}: {binding_text(rule, names)}"


def forbidden_text(rule: Rules, names: Naming) -> str:
    if names.you:
        return f"{passed_text(rule, names)}; was folgt, entscheidet eine Ärztin oder ein Arzt"
    visit = rule.dated
    return (
        f"Sicherheitsregel: {passed_text(rule, names)}. Es gibt keinen Plan, bis jemand "
        "ärztlich Verantwortliches diese Regel aufhebt, mit einem Ereignis "
        f'"exempted" für den Termin "{visit}" und die Regel "{rule.rule}"'
    )


def passed_text(rule: Rules, names: Naming) -> str:
    broken = rule.broken
    assert broken is not None
    over = words.tage((broken.first - broken.limit).days)
    left_out = words.left_out(rule, names)
    text = f"Regel verletzt: {binding_text(rule, names)}{left_out}; der erste freie Tag ist "
    text += f"{words.day(broken.first, names)}, {over} zu spät, "
    return text + _because(broken, names)


def _because(broken: Broken, names: Naming) -> str:
    first = words.day(broken.first, names)
    match broken.cause:
        case BrokenBy.TODAY:
            return f"weil ihr letzter Tag, {words.day(broken.limit, names)}, vorbei ist"
        case BrokenBy.DEFERRED:
            why = names.why(broken.why)
            return f"weil der Termin auf {first} verschoben wurde{f' ({why})' if why else ''}"
        case BrokenBy.RULES:
            return f"weil andere Regeln keinen Tag vor {first} lassen"
        case BrokenBy.CALENDARS:
            return f"weil die Kalender keinen Tag vor {first} lassen"
        case BrokenBy.GIVEN:
            return f"gegeben am {first}"
        case _:
            assert_never(broken.cause)


def _by(waived: Waived, names: Naming) -> str:
    by = f" von {names.person(waived.by)}" if waived.by else ""
    why = names.why(waived.why)
    return f"{by} am {words.day(waived.waived_on, names)}" + (f" ({why})" if why else "")


def chain_text(first: Spacing, count: int, last: str, names: Naming) -> str:
    apart = words.lengths(first.least, first.most)
    later = names.visit(first.later)
    to = "und" if count == 2 else "bis"
    if first.rule == FLOOR:
        return (
            f"{later} {to} {names.visit(last)} sind jeweils nicht vor dem Zieldatum, "
            f"{words.length(floor_length(first))} nach dem Termin davor "
            "(eine frühere Grenze ist nicht veröffentlicht)"
        )
    which = f"{later} {to} {names.visit(last)}"
    return f"{which} müssen jeweils {apart} nach dem Termin davor liegen"
