"""Numbers, lengths, dates, hours and lists in French."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta

import attrs

from protocol_sched.model.agenda import PastVisit, Rules, Spacing
from protocol_sched.model.availability import Hours, LocalWindow, hours_text
from protocol_sched.model.before_and_after import Notice, NoticeUnit
from protocol_sched.model.causes import Wanted
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

DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
SHORT = tuple(f"{name[:3]}." for name in DAYS)
MONTHS = (
    *("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août"),
    *("septembre", "octobre", "novembre", "décembre"),
)
SHORT_MONTHS = (
    *("janv.", "févr.", "mars", "avril", "mai", "juin", "juil.", "août"),
    *("sept.", "oct.", "nov.", "déc."),
)
NUMBERS = (
    *("aucun", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix"),
)
UNITS = {
    "years": ("an", "ans"),
    "months": ("mois", "mois"),
    "weeks": ("semaine", "semaines"),
    "days": ("jour", "jours"),
}
MORE_STRETCHES = 8
"""A list of more stretches of dates than this is cut short."""
ORIGINAL = "the original date of "
MARKS = {
    "first possible date": "le premier jour possible",
    "start of the course": "le début du traitement",
    "day asked for": "le jour demandé",
}
"""Dates that no visit and no file names: what the planner counts from."""


def listed(parts: Sequence[str], word: str = "et") -> str:
    return f" {word} ".join(filter(None, [", ".join(parts[:-1]), *parts[-1:]]))


def counted(number: int, one: str, more: str) -> str:
    """Return ``1 jour``, ``0 jour`` or ``3 jours``: in French nought is one of a thing."""
    return f"{number} {one if number < 2 else more}"


def of(name: str) -> str:
    """Return ``de l'infusion``-like beginnings: ``d'infusion 3``, ``de dose 2``."""
    return f"d'{name}" if name[:1].casefold() in "aâàeéèêiîoôuûh" and name else f"de {name}"


def capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


def end(end: str | PastVisit, names: Naming) -> str:
    """Return what a sentence calls a visit, one that was with its date."""
    title = names.end(end)
    if isinstance(end, str):
        return title
    on = date_text(end.on, year=names.far(end.on))
    if title in MARKS:
        return f"{MARKS[title]}, le {on},"
    if title.startswith(ORIGINAL):
        return f"la date d'origine {of(title.removeprefix(ORIGINAL))}, le {on},"
    title = title.removesuffix(f" of {end.on}")
    return f"{title} du {on}{'' if end.counts else ' (non compté)'}"


def left_out(rule: Rules, names: Naming) -> str:
    between = names.agenda.left_out_between(rule)
    return f", sans {listed([names.visit(one) for one in between])}" if between else ""


def amount(number: int, unit: Unit) -> str:
    return jours(number) if unit is Unit.DAYS else elapsed_text(number)


def jours(number: int) -> str:
    return counted(number, "jour", "jours")


def length(span: Span) -> str:
    """Return a length: ``2 jours``, ``72 heures``, ``6 mois moins 4 jours``."""
    if isinstance(span, ElapsedSpan):
        return elapsed_text(span.minutes)
    more: list[str] = []
    less: list[str] = []
    for unit, names in UNITS.items():
        number = getattr(span, unit)
        if number:
            (more if number > 0 else less).append(counted(abs(number), *names))
    if not more:
        return listed(less) or "0 jour"
    return f"{listed(more)}{f' moins {listed(less)}' if less else ''}"


def elapsed_text(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    parts = [counted(hours, "heure", "heures")] if hours else []
    if rest or not hours:
        parts.append(counted(rest, "minute", "minutes"))
    return " ".join(parts)


def numbers(band: Band) -> str:
    """Return the numbers that pass: ``au moins 1,5``, ``plus de 2 et au plus 6``."""
    edges = {
        "plus de": band.over,
        "au moins": band.at_least,
        "moins de": band.under,
        "au plus": band.up_to,
    }
    words = [f"{word} {edge:g}" for word, edge in edges.items() if edge is not None]
    return " et ".join(words).replace(".", ",")


def notice(notice: Notice) -> str:
    one, more = {
        NoticeUnit.WORKING_DAYS: ("jour ouvré", "jours ouvrés"),
        NoticeUnit.WORKING_HOURS: ("heure d'ouverture", "heures d'ouverture"),
        NoticeUnit.HOURS: ("heure", "heures"),
    }[notice.unit]
    return counted(notice.amount, one, more)


def lengths(least: Span | None, most: Span | None) -> str:
    """Return what two limits allow: ``2 à 5 jours``, ``au moins 48 heures``."""
    zero = (CalendarSpan(), ElapsedSpan(0))
    if most is None:
        return "" if least is None or least in zero else f"au moins {length(least)}"
    if least is None or (least in zero and most not in zero):
        return f"au plus {length(most)}"
    if least == most:
        return length(most)
    small, large = length(least).split(" ", 1), length(most).split(" ", 1)
    if small[1].rstrip("s") == large[1].rstrip("s") and " " not in large[1]:
        return f"{small[0]} à {large[0]} {large[1]}"
    return around(least, most) or f"au moins {length(least)} et au plus {length(most)}"


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
    return attrs.evolve(rule, least=least, most=most, target=target), f"avant {earlier}"


def either_side(rule: Spacing, earlier: str) -> str:
    """Return ``de 3 jours avant à 5 jours après ...``; empty for other limits."""
    least, most = rule.least, rule.most
    if not around_text(least, most) or least is None or most is None:
        return ""
    return f"de {length(backward(least))} avant à {length(most)} après {earlier}"


def around(least: Span, most: Span) -> str:
    """Return ``12 mois (de 2 jours plus tôt à 3 jours plus tard)``; empty for other ranges."""
    if not isinstance(least, CalendarSpan) or not isinstance(most, CalendarSpan):
        return ""
    whole = attrs.evolve(least, days=0)
    alike = whole != CalendarSpan() and attrs.evolve(most, days=0) == whole
    if not alike or least.days > 0 or most.days < 0:
        return ""
    earlier, later = f"{jours(-least.days)} plus tôt", f"{jours(most.days)} plus tard"
    if not least.days or not most.days:
        return f"{length(whole)} (jusqu'à {later if most.days else earlier})"
    return f"{length(whole)} (de {earlier} à {later})"


def is_elapsed(rule: Spacing) -> bool:
    return any(isinstance(length, ElapsedSpan) for length in (rule.least, rule.most))


def amount_text(of: Amount) -> str:
    """Return a length, a range, a band of numbers, a notice or a number as it stands in a text."""
    match of:
        case float():
            return f"{of:g}".replace(".", ",")
        case Band():
            return numbers(of) or "n'importe quel nombre"
        case Notice():
            return notice(of)
        case SpanRange(least=least, most=None):
            return f"au moins {length(least)}"
        case SpanRange(least=least, most=most) if most == least:
            return length(least)
        case SpanRange(least=least, most=most):
            return lengths(least, most)
        case _:
            return length(of)


# --- hours and dates -------------------------------------------------------------------------


def hour(clock: str) -> str:
    """Return ``9 h``, ``9 h 30`` for ``09:00``, ``09:30``; any other text as it is."""
    match = re.fullmatch(r"(\d\d):(\d\d)", clock)
    if match is None:
        return clock
    return f"{int(match[1])} h{'' if match[2] == '00' else f' {match[2]}'}"


def at(moment: datetime) -> str:
    return hour(f"{moment:%H:%M}")


def window(windows: Sequence[LocalWindow]) -> str:
    """Return ``de 8 h à 17 h``, several with a comma between them."""
    text = hours_text(windows)
    if text in ("all day", "closed"):
        return {"all day": "toute la journée", "closed": "fermé"}[text]
    parts = re.findall(r"(\d\d:\d\d)-(\d\d:\d\d)", text)
    return listed([f"de {hour(first)} à {hour(last)}" for first, last in parts]) or text


def date_text(day: date, *, year: bool = False) -> str:
    number = "1er" if day.day == 1 else str(day.day)
    text = f"{SHORT[day.weekday()]} {number} {MONTHS[day.month - 1]}"
    return f"{text} {day.year}" if year else text


def moment_text(moment: datetime) -> str:
    return f"{date_text(moment.date(), year=True)} à {at(moment)}"


def day(day: date, names: Naming) -> str:
    """Return a date, with its year where that is not the one of the question."""
    return date_text(day, year=names.far(day))


def dates_text(days: Sequence[date], *, year: bool = False) -> str:
    """Return dates with their article, runs shortened: ``le ven. 5 mars et du lun. 8 au ...``."""
    runs: list[list[date]] = []
    for one in days:
        if runs and one - runs[-1][1] == timedelta(days=1):
            runs[-1][1] = one
        else:
            runs.append([one, one])
    year = year or (bool(days) and days[0].year != days[-1].year)
    cut = len(runs) > MORE_STRETCHES
    parts = []
    for first, last in runs[: MORE_STRETCHES - 2] if cut else runs:
        if first == last:
            parts.append(f"le {date_text(last, year=year)}")
        else:
            parts.append(f"du {date_text(first, year=year)} au {date_text(last, year=year)}")
    if cut:
        left = len(runs) - len(parts)
        parts.append(f"{left} autres périodes jusqu'au {date_text(days[-1], year=year)}")
    return listed(parts)


def week(hours: Hours) -> str:
    """Return ``du lundi au jeudi de 8 h à 17 h et le vendredi de 8 h à 15 h 30``."""
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
                f"le {date_text(one)} {window(windows)}" for one, windows in hours.dates if windows
            ]
            return listed(on_dates) or "aucun jour de la semaine"
        return "à toute heure" if text == "all day" else f"tous les jours {window(hours.week[0])}"
    parts = []
    for first, last, text in runs:
        if text != "closed":
            on = f"le {DAYS[first]}"
            if last > first:
                on = f"du {DAYS[first]} au {DAYS[last]}"
            parts.append(f"{on} {window(hours.week[first])}")
    return listed(parts)


def aloud(text: str) -> str:
    """Return a text to be read aloud: whole weekdays, ``lundi 8 mars``."""
    for short, whole in zip(SHORT, DAYS, strict=True):
        text = re.sub(rf"\b{re.escape(short)}(?= \d)", whole, text)
    return text


def weekdays(names: Sequence[str]) -> str:
    """Return ``un lundi ou un mercredi``."""
    days = [DAYS[WEEKDAYS.index(name)] for name in WEEKDAYS if name in names]
    return listed([f"un {name}" for name in days], "ou")


# --- what stands in several sentences --------------------------------------------------------


def wanted(wanted: Wanted) -> str:
    """Return ``nurse avec la compétence port access``."""
    if not wanted.skills:
        return wanted.role
    word = "la compétence" if len(wanted.skills) == 1 else "les compétences"
    return f"{wanted.role} avec {word} {listed(wanted.skills)}"


def meant(near: str) -> str:
    return f" (vouliez-vous dire {near!r} ?)" if near else ""


def hinging(hinges: Sequence[str], names: Naming) -> str:
    """Say whose date changes the rules of others, so that nothing is proved."""
    who = listed([of(names.visit(visit)) for visit in hinges])
    days = f"les dates {who} changent" if len(hinges) > 1 else "la date d'un rendez-vous change"
    if len(hinges) == 1:
        days = f"la date {who} change"
    return f"{days} les règles des rendez-vous suivants, et toutes n'ont pas été essayées"


def payers(pays: Sequence[Pays], days: bool, names: Naming) -> str:
    """Return `` (infusion 4 de 1 jour, review de 2 jours)``: which visits pay, how much each."""
    if not pays:
        return ""
    visits = [names.visit(one.visit) for one in pays]
    if len(pays) == 1 or not days:
        return f" ({listed(visits)})"
    by = [f"{visit} de {jours(one.amount)}" for visit, one in zip(visits, pays, strict=True)]
    return f" ({listed(by)})"


def later(now: Objective, than: Objective) -> int:
    """Return how many days the last visit is later than in another plan; 0 if not known."""
    return (now.finish - than.finish).days if now.finish and than.finish else 0


BEST = {
    Level.DEVIATION: "le moins de jours hors cible",
    Level.PREFERENCES: "le plus de préférences respectées",
    Level.FINISH: "la fin la plus proche",
    Level.TIME_OF_DAY: "les heures les plus matinales",
}
"""What is best in each level of a plan's costs."""
