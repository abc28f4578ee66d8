"""Rules that bind a plan, broken and waived ones too, in French."""

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
from protocol_sched.text.french import words
from protocol_sched.text.french.two_dates import in_french
from protocol_sched.text.lengths import floor_length
from protocol_sched.text.naming import Naming


def binding_text(rule: Rules, names: Naming) -> str:
    match rule:
        case Spacing():
            return _spacing(rule, names)
        case OfDates():
            later, earlier = words.end(rule.later, names), words.end(rule.earlier, names)
            return in_french(rule, later, earlier)
        case AtMost():
            titles = [names.end(visit) for visit in rule.visits]
            of = titles[0] if len(titles) == 1 else f"{titles[0]} à {titles[-1]}"
            days = "par jour" if rule.days == 1 else f"par période de {rule.days} jours"
            return f"au plus {rule.most} parmi {of} {days}"
        case NotBefore():
            return f"{names.visit(rule.visit)} a lieu au plus tôt le {words.day(rule.day, names)}"
        case NotAfter():
            return f"{names.visit(rule.visit)} a lieu au plus tard le {words.day(rule.day, names)}"
        case OnWeekdays():
            return f"{names.visit(rule.visit)} a lieu {words.weekdays(rule.weekdays)}"
        case OnDaysOfMonth(first=first, last=last):
            days = f"le {first}" if first == last else f"du {first} au {last}"
            return f"{names.visit(rule.visit)} a lieu {days} du mois"
        case FixedAt():
            on = words.day(rule.start.date(), names)
            return f"{names.visit(rule.visit)} est fixé au {on} à {words.at(rule.start)}"
        case Noticed():
            on = words.day(rule.not_before.date(), names)
            if rule.not_before.time() != time():
                on += f" à {words.at(rule.not_before)}"
            known = ", ou comme déjà annoncé" if rule.stays is not None else ""
            if rule.notice is None:
                work = names.work(rule.work)
                return f"{work} précède {names.visit(rule.visit)} : au plus tôt le {on}{known}"
            return (
                f"{names.visit(rule.visit)} demande un préavis de {words.notice(rule.notice)} : au "
                f"plus tôt le {on}{known}"
            )
        case Gated():
            return _gated(rule, names)
        case _:
            assert_never(rule)


def _gated(rule: Gated, names: Naming) -> str:
    limits = words.lengths(rule.least, rule.most)
    row = f"{rule.in_a_row} fois de suite" if rule.in_a_row > 1 else ""
    asked = ", ".join(filter(None, (words.numbers(rule.band), row)))
    test = f"{rule.gate} ({asked})" if asked else rule.gate
    text = f"{names.visit(rule.visit)} a lieu {f'{limits} ' if limits else ''}après {test}"
    if rule.receipt:
        text += " (réception)"
    if rule.tests:
        days = words.listed([f"le {words.day(test.on, names)}" for test in rule.tests], "ou")
        return f"{text} ({'reçu' if rule.receipt else 'validé'} {days})"
    if rule.instead is not None:
        on = words.day(rule.instead.on, names)
        return f"{text}, ou à partir du {on} avec {rule.instead.title}"
    if rule.again is None:
        return text
    on = words.day(rule.again, names)
    yet = "pas encore reçu" if rule.receipt else "pas encore validé"
    return f"{text} ({yet} ; au plus tôt le {on})"


def _spacing(rule: Spacing, names: Naming) -> str:
    later, earlier = words.end(rule.later, names), words.end(rule.earlier, names)
    after = f"après {earlier}"
    if rule.between is not Between.STARTS:
        after = f"après la fin {words.of(earlier)}"
    if rule.rule == "order":
        return f"{later} vient {after}"
    if rule.rule == FLOOR:
        apart = words.length(floor_length(rule))
        if rule.least is None:
            before = after.replace("après", "avant", 1)
            return (
                f"{later} n'a pas lieu après sa date cible, {apart} {before} (aucune limite plus "
                "tardive n'est publiée)"
            )
        return (
            f"{later} n'a pas lieu avant sa date cible, {apart} {after} (aucune limite plus "
            "précoce n'est publiée)"
        )
    if rule.rule == WAITING and isinstance(rule.earlier, PastVisit):
        day = words.day(rule.earlier.on, names)
        return f"{later} a lieu de préférence le {day}, premier jour possible"
    rule, after = words.forward(rule, after, earlier)
    limits = words.lengths(rule.least, rule.most)
    if rule.rule == "gate" and limits and not isinstance(rule.earlier, PastVisit):
        return f"{earlier} doit avoir lieu {limits} avant {later}"
    target = words.lengths(rule.target.least, rule.target.most) if rule.target else ""
    if rule.between is Between.STARTS and (around := words.either_side(rule, earlier)):
        best = f", de préférence {target} {after}" if target else ""
        return f"{later} doit avoir lieu {around}{best}"
    if limits and target:
        return f"{later} doit avoir lieu {limits} {after}, de préférence {target}"
    if limits:
        return f"{later} doit avoir lieu {limits} {after}"
    if rule.target == SpanRange(CalendarSpan(), CalendarSpan()):
        return f"{later} a lieu de préférence le même jour que {earlier}"
    if target and rule.rule == SPREAD:
        return f"{later} a lieu de préférence {target} {after}, à intervalles réguliers"
    if target:
        return f"{later} a lieu de préférence {target} {after}"
    return f"{later} se compte à partir {words.of(earlier)}"


def breach_text(breach: Breach, names: Naming) -> str:
    rule, later = breach.rule, names.visit(breach.visits[-1])
    given = breach.cause is BrokenBy.GIVEN
    was = "a eu lieu" if given else "a lieu"
    amount = words.amount(breach.amount, breach.unit)
    if isinstance(rule, Spacing):
        earlier = words.end(rule.earlier, names)
        after = f"après {earlier}"
        if rule.between is not Between.STARTS:
            after = f"après la fin {words.of(earlier)}"
        more = f"{amount} trop tôt" if breach.too_soon else f"{amount} trop tard"
        limit = words.lengths(None, rule.most)
        if breach.too_soon:
            limit = words.lengths(rule.least, None)
        text = f"{later} {was} {words.amount(breach.found, breach.unit)} {after}, {more} "
        text += f"(règle : {limit}){words.left_out(rule, names)}"
    else:
        side = "avant son premier jour" if breach.too_soon else "après son dernier jour"
        text = f"{later} {was} {amount} {side} (règle : {binding_text(rule, names)})"
    if isinstance(rule.status, Waived):
        return f"règle levée{_by(rule.status, names)} : {text}"
    because = "" if given or rule.broken is None else f", {_because(rule.broken, names)}"
    return f"règle enfreinte : {text}{because}"


def waived_text(rule: Rules, names: Naming) -> str:
    assert isinstance(rule.status, Waived)
    return f"règle levée{_by(rule.status, names)} : {binding_text(rule, names)}"


def forbidden_text(rule: Rules, names: Naming) -> str:
    if names.you:
        return f"{passed_text(rule, names)} ; seul un médecin peut décider de la suite"
    return (
        f"règle de sécurité : {passed_text(rule, names)}. Il n'y a pas de plan tant qu'un médecin "
        f'ne lève pas cette règle, par un événement "exempted" pour le rendez-vous "{rule.dated}" '
        f'et la règle "{rule.rule}"'
    )


def passed_text(rule: Rules, names: Naming) -> str:
    broken = rule.broken
    assert broken is not None
    over = words.jours((broken.first - broken.limit).days)
    text = f"règle enfreinte : {binding_text(rule, names)}{words.left_out(rule, names)} ; le "
    text += f"premier jour possible est le {words.day(broken.first, names)}, {over} trop tard, "
    return text + _because(broken, names)


def _because(broken: Broken, names: Naming) -> str:
    first = words.day(broken.first, names)
    match broken.cause:
        case BrokenBy.TODAY:
            return f"car son dernier jour, le {words.day(broken.limit, names)}, est passé"
        case BrokenBy.DEFERRED:
            why = names.why(broken.why)
            return f"car le rendez-vous est reporté au {first}{f' ({why})' if why else ''}"
        case BrokenBy.RULES:
            return f"car d'autres règles ne laissent aucun jour avant le {first}"
        case BrokenBy.CALENDARS:
            return f"car les agendas ne laissent aucun jour avant le {first}"
        case BrokenBy.GIVEN:
            return f"fait le {first}"
        case _:
            assert_never(broken.cause)


def _by(waived: Waived, names: Naming) -> str:
    by = f" par {names.person(waived.by)}" if waived.by else ""
    why = names.why(waived.why)
    return f"{by} le {words.day(waived.waived_on, names)}" + (f" ({why})" if why else "")


def chain_text(first: Spacing, count: int, last: str, names: Naming) -> str:
    which = f"{names.visit(first.later)} {'et' if count == 2 else 'à'} {names.visit(last)}"
    if first.rule == FLOOR:
        return (
            f"{which} n'ont pas lieu avant leur date cible, chacun "
            f"{words.length(floor_length(first))} après le précédent (aucune limite plus précoce "
            "n'est publiée)"
        )
    apart = words.lengths(first.least, first.most)
    return f"{which} doivent chacun avoir lieu {apart} après le précédent"
