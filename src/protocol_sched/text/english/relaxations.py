"""What would help, in English: each change as something to do."""

from __future__ import annotations

from typing import assert_never

import attrs

from protocol_sched.model.agenda import FLOOR, Spacing
from protocol_sched.model.availability import clock_text
from protocol_sched.model.causes import (
    Closed,
    Wanted,
)
from protocol_sched.model.relaxations import (
    ALL_DAY,
    AnotherEscort,
    Change,
    EndsLater,
    Looser,
    MoreHours,
    NotAway,
    OneMorePlace,
    OneMoreStaff,
    OneMoreVisit,
    Reopened,
    Skipped,
    StartsSooner,
    Unpinned,
    Whose,
    WithoutEscort,
    loosened,
)
from protocol_sched.text.english.breaches import day_of, is_elapsed, rule_text
from protocol_sched.text.english.causes import (
    cause_text,
    wanted_text,
)
from protocol_sched.text.english.words import (
    as_calendar_days,
    counted,
    with_article,
)
from protocol_sched.text.lengths import floor_length, in_days
from protocol_sched.text.naming import Naming


def change_text(change: Change, names: Naming) -> str:
    agenda = names.renamed()
    you = names.you
    match change:
        case MoreHours(whose=whose, name=name, day=day, start=start, end=end):
            when = "all day" if (start, end) == ALL_DAY else _clock(start, end)
            on = f"{when} on {day_of(day, names)}"
            match whose:
                case Whose.ESCORT:
                    return f"{names.escort(name)} can also drive {on}"
                case Whose.PERSON if (start, end) == ALL_DAY:
                    comes = "you come" if you else "the person comes"
                    are = "you are" if you else "they are"
                    return f"{comes} on {day_of(day, names)}, although {are} otherwise not free"
                case Whose.PERSON:
                    who = "you are" if you else "the person is"
                    return f"{who} also free {on}"
                case Whose.CLINIC:
                    return f"the {'clinic' if names.full else 'place'} is also open {on}"
                case _:
                    assert_never(whose)
        case AnotherEscort(day=day):
            who = "you" if you else "the person"
            every = "visit" if names.full else "appointment"
            when = f"from every {every}" if day is None else f"on {day_of(day, names)}"
            return f"someone else takes {who} home {when}"
        case WithoutEscort(visit=visit):
            title = with_article(names.visit(visit))
            if names.full:
                return f"a clinician waives the escort for {title}"
            who = "you" if you else "the person"
            return f"nobody has to take {who} home from {title}, if {names.clinic()} agrees"
        case Unpinned(visit=visit):
            return f"{with_article(names.visit(visit))} may move"
        case Skipped(what=what, day=day):
            who = "you skip" if you else "the person skips"
            return f"{who} {names.what(what)!r} on {day_of(day, names)}"
        case NotAway(day=day):
            who = "you are" if you else "the person is"
            return f"{who} there on {day_of(day, names)} after all"
        case Reopened(closure=closure):
            place = "the clinic" if names.full else "the place"
            rule = cause_text(Closed(place, closure), agenda)
            said = rule.replace(f" ({closure.why})", "") if not names.full else rule
            return said.replace(f"{place} is closed", f"{place} is open after all", 1)
        case OneMorePlace(place=kind, day=day):
            return f"one more {names.place(kind)} is made free on {day_of(day, names)}"
        case OneMoreStaff(staff=kind, day=day, skills=skills):
            who = wanted_text(names.wanted(Wanted(kind, skills)))
            return f"one more {who} works on {day_of(day, names)}"
        case Looser(rule=rule, least=least, steps=steps):
            unit = "hour" if is_elapsed(rule) else "day"
            side = "nearer" if least else "further apart"
            if rule.rule == FLOOR:
                return _before_target(rule, steps, unit, names)
            said = rule_text(loosened(rule, steps, least), (), names)
            return f"allow that {said} ({counted(steps, unit)} {side})"
        case OneMoreVisit(rule=rule):
            more = attrs.evolve(rule, most=rule.most + 1)
            return f"allow {rule_text(more, (), names)} (one more)"
        case EndsLater(day=day):
            return f"the course may last until {day_of(day, names)}"
        case StartsSooner(day=day):
            return f"the course may start on {day_of(day, names)}"
        case _:
            assert_never(change)


def _before_target(rule: Spacing, steps: int, unit: str, names: Naming) -> str:
    """Say that a floor gives way by so many days or hours."""
    looser = loosened(rule, steps, rule.least is not None)
    later = with_article(names.visit(rule.later))
    title = names.end(rule.earlier)
    apart = as_calendar_days(str(in_days(floor_length(looser))))
    side, way = ("before", "after") if rule.least is not None else ("after", "before")
    return (
        f"allow that {later} is {counted(steps, unit)} {side} its target "
        f"({apart} {way} {with_article(title)})"
    )


def _clock(start: int, end: int) -> str:
    return f"{clock_text(start)}-{clock_text(end)}"
