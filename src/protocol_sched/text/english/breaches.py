"""Rules as a reader may hear them, and rules broken or waived, in English."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import assert_never

from protocol_sched.model.agenda import Breach, Rules, Spacing
from protocol_sched.model.causes import (
    Origin,
)
from protocol_sched.model.rules import Between
from protocol_sched.model.spans import ElapsedSpan
from protocol_sched.model.standing import Broken, BrokenBy, Unit, Waived
from protocol_sched.text.english.causes import (
    cause_text,
)
from protocol_sched.text.english.rules import binding_text
from protocol_sched.text.english.words import (
    counted,
    date_text,
    elapsed_text,
    listed,
    named,
    with_article,
)
from protocol_sched.text.naming import Naming, renamed


def rule_text(rule: Origin, dates: Sequence[date], names: Naming) -> str:
    rule = renamed(rule, names, "you" if names.you else None)
    if isinstance(rule, Rules):
        return discreet(binding_text(rule, names.renamed()), names)
    text = discreet(cause_text(rule, names.renamed(), dates), names)
    return _to_you(text) if names.you else text


def breach_text(breach: Breach, names: Naming) -> str:
    rule = breach.rule
    later = with_article(names.visit(breach.visits[-1]))
    given = breach.cause is BrokenBy.GIVEN
    amount = _amount(breach.amount, breach.unit)
    if isinstance(rule, Spacing):
        found = _amount(breach.found, breach.unit)
        ends = "the end of " if rule.between is Between.END_AND_START else ""
        earlier = f"{ends}{named(names.past(rule.earlier), names.renamed())}"
        more = f"{amount} less than the least" if breach.too_soon else f"{amount} more than the "
        more += "" if breach.too_soon else "most"
        limit = f"at least {rule.least}" if breach.too_soon else f"at most {rule.most}"
        text = f"{later} {'came' if given else 'comes'} {found} after {earlier}, {more} "
        text += f"(rule: {limit}){_left_out(rule, names)}"
    else:
        side = "before its first" if breach.too_soon else "after its last"
        text = f"{later} {'was' if given else 'is'} {amount} {side} date "
        text += f"(rule: {rule_text(breach.rule, (), names)})"
    if isinstance(rule.status, Waived):
        return f"rule waived{_by(rule.status, names)}: {discreet(text, names)}"
    because = "" if given or rule.broken is None else f", {_because(rule.broken, names)}"
    return f"rule broken: {discreet(text + because, names)}"


def waived_text(rule: Rules, names: Naming) -> str:
    assert isinstance(rule.status, Waived)
    return f"rule waived{_by(rule.status, names)}: {rule_text(rule, (), names)}"


def forbidden_text(rule: Rules, names: Naming) -> str:
    if names.you:
        return f"{passed_text(rule, names)}; only a clinician can decide what follows"
    visit = rule.dated
    return (
        f"safety {passed_text(rule, names)}. There is no plan until a clinician waives this "
        f'rule, with an event "exempted" for visit "{visit}" and rule "{rule.rule}"'
    )


def passed_text(rule: Rules, names: Naming) -> str:
    broken = rule.broken
    assert broken is not None
    over = counted((broken.first - broken.limit).days, "day")
    text = f"rule broken: {rule_text(rule, (), names)}{_left_out(rule, names)}; "
    text += f"the first date left is {day_of(broken.first, names)}, {over} over, "
    text += _because(broken, names)
    return discreet(text, names)


def day_of(day: date, names: Naming) -> str:
    return date_text(day, year=names.far(day))


def is_elapsed(rule: Spacing) -> bool:
    return any(isinstance(length, ElapsedSpan) for length in (rule.least, rule.most))


def _left_out(rule: Rules, names: Naming) -> str:
    """Return ``, with induction-2 left out between them``, or nothing."""
    between = names.agenda.left_out_between(rule)
    return f", with {listed([names.visit(one) for one in between])} left out" if between else ""


def _amount(number: int, unit: Unit) -> str:
    return counted(number, "day") if unit is Unit.DAYS else elapsed_text(number)


def _because(broken: Broken, names: Naming) -> str:
    match broken.cause:
        case BrokenBy.TODAY:
            return f"because its last date, {day_of(broken.limit, names)}, has passed"
        case BrokenBy.DEFERRED:
            why = names.why(broken.why)
            put_off = f"because it was postponed until {day_of(broken.first, names)}"
            return f"{put_off} ({why})" if why else put_off
        case BrokenBy.RULES:
            return f"because other rules leave no date before {day_of(broken.first, names)}"
        case BrokenBy.CALENDARS:
            return f"because calendars leave no date before {day_of(broken.first, names)}"
        case BrokenBy.GIVEN:
            return f"as given on {day_of(broken.first, names)}"
        case _:
            assert_never(broken.cause)


def _by(waived: Waived, names: Naming) -> str:
    """Return `` by Dr Okoye on Sun 7 March (stable)``."""
    by = f" by {names.person(waived.by)}" if waived.by else ""
    why = names.why(waived.why)
    return f"{by} on {day_of(waived.waived_on, names)}" + (f" ({why})" if why else "")


def discreet(text: str, names: Naming) -> str:
    """Return a sentence without the word that below the full level tells too much."""
    return text if names.full else re.sub(r"\bvisit(s?)\b", r"appointment\1", text)


def _to_you(text: str) -> str:
    """Return a sentence about the person as one to them."""
    if not text.startswith("you "):
        return text
    text = text.replace("you is ", "you are ", 1)
    text = text.replace("you has to drive ", "you have to drive ", 1)
    return text.replace(" and needs to drive then", " and need to drive then")
