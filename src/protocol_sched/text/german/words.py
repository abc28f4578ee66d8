"""Numbers, lengths, dates and lists in German."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta

import attrs

from protocol_sched.model.agenda import (
    PastVisit,
    Rules,
    Spacing,
)
from protocol_sched.model.availability import (
    Hours,
    LocalWindow,
    hours_text,
)
from protocol_sched.model.before_and_after import Notice, NoticeUnit
from protocol_sched.model.causes import (
    Wanted,
)
from protocol_sched.model.explanation import Pays
from protocol_sched.model.numbers import Band
from protocol_sched.model.objective import Level, Objective
from protocol_sched.model.plain import WEEKDAYS
from protocol_sched.model.spans import CalendarSpan, ElapsedSpan, Span, SpanRange, comparable
from protocol_sched.model.standing import Unit
from protocol_sched.text.english.words import around_text
from protocol_sched.text.language import Amount
from protocol_sched.text.lengths import backward
from protocol_sched.text.naming import Naming

SHORT = ("Mo", "Di", "Mi", "Do", "Fr", "Sa", "So")
DAYS = ("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag")
MONTHS = (
    *("Januar", "Februar", "März", "April", "Mai", "Juni", "Juli", "August"),
    *("September", "Oktober", "November", "Dezember"),
)
NUMBERS = (
    *("kein", "ein", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn"),
)
UNITS = {
    "years": ("Jahr", "Jahre"),
    "months": ("Monat", "Monate"),
    "weeks": ("Woche", "Wochen"),
    "days": ("Kalendertag", "Kalendertage"),
}
ORIGINAL = "the original date of "
MORE_STRETCHES = 8
"""A list of more stretches of dates than this is cut short."""


def listed(parts: Sequence[str], word: str = "und") -> str:
    return f" {word} ".join(filter(None, [", ".join(parts[:-1]), *parts[-1:]]))


def counted(number: int, one: str, more: str) -> str:
    return f"{number} {one if number == 1 else more}"


MARKS = {
    "first possible date": "dem ersten möglichen Tag",
    "start of the course": "dem Beginn der Behandlung",
    "day asked for": "dem gewünschten Tag",
}
"""Dates that no visit and no file names: what the planner counts from, in the dative."""


def end(end: str | PastVisit, names: Naming) -> str:
    """Return what a sentence calls a visit, one that was with its date; in the dative."""
    title = names.end(end)
    if isinstance(end, str):
        return title
    on = date_text(end.on, year=names.far(end.on))
    if title in MARKS:
        return f"{MARKS[title]}, {on},"
    if title.startswith(ORIGINAL):
        return f"dem ursprünglichen Tag von {title.removeprefix(ORIGINAL)}, {on},"
    title = title.removesuffix(f" of {end.on}")
    return f"{title} am {on}{'' if end.counts else ' (zählte nicht)'}"


def left_out(rule: Rules, names: Naming) -> str:
    between = names.agenda.left_out_between(rule)
    return f", ohne {listed([names.visit(one) for one in between])}" if between else ""


def amount(number: int, unit: Unit) -> str:
    return tage(number) if unit is Unit.DAYS else elapsed_text(number)


def tage(number: int) -> str:
    return counted(number, "Tag", "Tage")


def length(span: Span) -> str:
    """Return a length in the nominative: ``2 Kalendertage``, ``72 Stunden``."""
    if isinstance(span, ElapsedSpan):
        return elapsed_text(span.minutes)
    parts = [
        counted(getattr(span, unit), *names) for unit, names in UNITS.items() if getattr(span, unit)
    ]
    return listed(parts) or "0 Kalendertage"


def elapsed_text(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    parts = [counted(hours, "Stunde", "Stunden")] if hours else []
    if rest or not hours:
        parts.append(counted(rest, "Minute", "Minuten"))
    return " ".join(parts)


def numbers(band: Band) -> str:
    """Return the numbers that pass: ``mindestens 1,5``, ``über 2 und höchstens 6``."""
    edges = {
        "über": band.over,
        "mindestens": band.at_least,
        "unter": band.under,
        "höchstens": band.up_to,
    }
    words = [f"{word} {edge:g}" for word, edge in edges.items() if edge is not None]
    return " und ".join(words).replace(".", ",")


def notice(notice: Notice) -> str:
    one, more = {
        NoticeUnit.WORKING_DAYS: ("Arbeitstag", "Arbeitstage"),
        NoticeUnit.WORKING_HOURS: ("Öffnungsstunde", "Öffnungsstunden"),
        NoticeUnit.HOURS: ("Stunde", "Stunden"),
    }[notice.unit]
    return f"{notice.amount} {one if notice.amount == 1 else more}"


def lengths(least: Span | None, most: Span | None) -> str:
    """Return what two limits allow: ``2 bis 5 Kalendertage``, ``mindestens 48 Stunden``."""
    zero = (CalendarSpan(), ElapsedSpan(0))
    if most is None:
        return "" if least is None or least in zero else f"mindestens {length(least)}"
    if least is None or (least in zero and most not in zero):
        return f"höchstens {length(most)}"
    if least == most:
        return f"genau {length(most)}"
    small, large = length(least).split(" ", 1), length(most).split(" ", 1)
    if small[1].rstrip("en") == large[1].rstrip("en") and " " not in large[1]:
        return f"{small[0]} bis {large[0]} {large[1]}"
    return around(least, most) or f"mindestens {length(least)} und höchstens {length(most)}"


def forward(rule: Spacing, after: str, earlier: str) -> tuple[Spacing, str]:
    """Return a rule of a visit that comes before the other as a distance before it."""
    last = rule.most or (None if rule.target is None else rule.target.most or rule.target.least)
    if last is None or comparable(last) >= 0:
        return rule, after
    target = rule.target
    if target is not None:
        end = target.most or target.least
        target = SpanRange(backward(end), backward(target.least))
    least = None if rule.most is None else backward(rule.most)
    most = None if rule.least is None else backward(rule.least)
    return attrs.evolve(rule, least=least, most=most, target=target), f"vor {earlier}"


def either_side(rule: Spacing, earlier: str) -> str:
    """Return ``3 Kalendertage vor bis 5 Kalendertage nach ...``; empty for other limits."""
    least, most = rule.least, rule.most
    if not around_text(least, most) or least is None or most is None:
        return ""
    return f"{length(backward(least))} vor bis {length(most)} nach {earlier}"


def around(least: Span, most: Span) -> str:
    """Return ``12 Monate (2 Tage früher bis 3 Tage später)``; empty for other ranges."""
    if not isinstance(least, CalendarSpan) or not isinstance(most, CalendarSpan):
        return ""
    whole = attrs.evolve(least, days=0)
    alike = whole != CalendarSpan() and attrs.evolve(most, days=0) == whole
    if not alike or least.days > 0 or most.days < 0:
        return ""
    earlier, later = f"{tage(-least.days)} früher", f"{tage(most.days)} später"
    if not least.days or not most.days:
        return f"{length(whole)} (bis zu {later if most.days else earlier})"
    return f"{length(whole)} ({earlier} bis {later})"


def is_elapsed(rule: Spacing) -> bool:
    return any(isinstance(length, ElapsedSpan) for length in (rule.least, rule.most))


def window(windows: Sequence[LocalWindow]) -> str:
    text = hours_text(windows)
    return {"all day": "ganztägig", "closed": "geschlossen"}.get(text, f"{text} Uhr")


def date_text(day: date, *, year: bool = False) -> str:
    text = f"{SHORT[day.weekday()]} {day.day}. {MONTHS[day.month - 1]}"
    return f"{text} {day.year}" if year else text


def moment_text(moment: datetime) -> str:
    return f"{date_text(moment.date(), year=True)} um {moment:%H:%M} Uhr"


def day(day: date, names: Naming) -> str:
    """Return a date, with its year where that is not the one of the question."""
    return date_text(day, year=names.far(day))


def dates_text(days: Sequence[date], *, year: bool = False) -> str:
    runs: list[list[date]] = []
    for day in days:
        if runs and day - runs[-1][1] == timedelta(days=1):
            runs[-1][1] = day
        else:
            runs.append([day, day])
    year = year or (bool(days) and days[0].year != days[-1].year)
    cut = len(runs) > MORE_STRETCHES
    parts = []
    for first, last in runs[: MORE_STRETCHES - 2] if cut else runs:
        start = "" if first == last else f"{date_text(first, year=year)} bis "
        parts.append(f"{start}{date_text(last, year=year)}")
    if cut:
        left = len(runs) - len(parts)
        parts.append(f"{left} weiteren Zeiten bis {date_text(days[-1], year=year)}")
    return listed(parts)


def week(hours: Hours) -> str:
    """Return ``von Montag bis Donnerstag 08:00-17:00 Uhr und freitags 08:00-15:30 Uhr``."""
    runs: list[tuple[int, int, str]] = []
    for n, windows in enumerate(hours.week):
        text = hours_text(windows)
        if runs and runs[-1][1] == n - 1 and runs[-1][2] == text:
            runs[-1] = (runs[-1][0], n, text)
        else:
            runs.append((n, n, text))
    if len(runs) == 1:
        text = runs[0][2]
        if text == "closed":
            on_dates = [
                f"am {date_text(day)} {window(windows)}" for day, windows in hours.dates if windows
            ]
            return listed(on_dates) or "an keinem Wochentag"
        return "jederzeit" if text == "all day" else f"täglich {window(hours.week[0])}"
    parts = []
    for first, last, text in runs:
        if text != "closed":
            on = f"{DAYS[first].lower()}s"
            if last > first:
                on = f"von {DAYS[first]} bis {DAYS[last]}"
            parts.append(f"{on} {window(hours.week[first])}")
    return listed(parts)


def wanted(wanted: Wanted) -> str:
    """Return ``nurse mit der Qualifikation port access``."""
    if not wanted.skills:
        return wanted.role
    word = "der Qualifikation" if len(wanted.skills) == 1 else "den Qualifikationen"
    return f"{wanted.role} mit {word} {listed(wanted.skills)}"


def meant(near: str) -> str:
    return f" (gemeint ist vielleicht {near!r})" if near else ""


def weekdays(names: Sequence[str]) -> str:
    return listed([DAYS[WEEKDAYS.index(n)] for n in WEEKDAYS if n in names], "oder")


def hinging(hinges: Sequence[str], names: Naming) -> str:
    """Say whose date changes the rules of others, so that nothing is proved."""
    who = listed([names.visit(visit) for visit in hinges])
    days = f"die Tage von {who} ändern" if len(hinges) > 1 else "der Tag eines Termins ändert"
    if len(hinges) == 1:
        days = f"der Tag von {who} ändert"
    return f"{days} die Regeln der späteren Termine, und nicht alle Tage wurden versucht"


def payers(pays: Sequence[Pays], days: bool, names: Naming) -> str:
    """Return `` (infusion 4 um 1 Tag, review um 2 Tage)``: which visits pay, and how much each."""
    if not pays:
        return ""
    visits = [names.visit(one.visit) for one in pays]
    if len(pays) == 1 or not days:
        return f" ({listed(visits)})"
    by = [f"{visit} um {tage(one.amount)}" for visit, one in zip(visits, pays, strict=True)]
    return f" ({listed(by)})"


def later(now: Objective, than: Objective) -> int:
    """Return how many days the last visit is later than in another plan; 0 if not known."""
    return (now.finish - than.finish).days if now.finish and than.finish else 0


BEST = {
    Level.DEVIATION: "die wenigsten Tage außerhalb des Ziels",
    Level.PREFERENCES: "die meisten Wünsche",
    Level.FINISH: "das früheste Ende",
    Level.TIME_OF_DAY: "die frühesten Uhrzeiten",
}
"""What is best in each level of a plan's costs."""


def amount_text(of: Amount) -> str:
    """Return a length, a range, a band of numbers, a notice or a number as it stands in a text."""
    match of:
        case float():
            return f"{of:g}".replace(".", ",")
        case Band():
            return numbers(of) or "irgendeine Zahl"
        case Notice():
            return notice(of)
        case SpanRange(least=least, most=None):
            return f"mindestens {_short(length(least))}"
        case SpanRange(least=least, most=most) if most == least:
            return _short(length(least))
        case SpanRange(least=least, most=most):
            return _short(lengths(least, most))
        case _:
            return _short(length(of))


def _short(text: str) -> str:
    return text.replace("Kalendertag", "Tag")


def aloud(text: str) -> str:
    """Return a text to be read aloud: whole weekdays, ``Montag, 8. März``."""
    for short, whole in zip(SHORT, DAYS, strict=True):
        text = re.sub(rf"\b{short}(?= \d)", f"{whole},", text)
    return text
