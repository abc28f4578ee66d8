"""
When a visit is, as people write it in a cell: ``Day 8 ±2``, ``Wk 4 (-3/+3)``, ``C2D1``, ``0,5 h``.

A cell is read whole or refused: what is left of it and not understood is never passed over.
"""

from __future__ import annotations

import re
from fractions import Fraction

import attrs

from protocol_sched.model.spans import CalendarSpan, ElapsedSpan, Span

_DAYS = ("d", "day", "days", "tag", "tage", "tagen", "j", "jour", "jours")
_WEEKS = ("w", "wk", "wks", "week", "weeks", "woche", "wochen", "s", "sem", "semaine", "semaines")
UNITS = {
    **dict.fromkeys(_DAYS, "days"),
    **dict.fromkeys(_WEEKS, "weeks"),
    **dict.fromkeys(
        ("m", "mo", "mos", "mth", "month", "months", "monat", "monate", "monaten", "mois"),
        "months",
    ),
    **dict.fromkeys(
        ("y", "yr", "yrs", "year", "years", "jahr", "jahre", "jahren", "an", "ans"), "years"
    ),
    **dict.fromkeys(
        ("h", "hr", "hrs", "hour", "hours", "std", "stunde", "stunden", "heure", "heures"), "hours"
    ),
    **dict.fromkeys(("min", "mins", "minute", "minutes", "minuten"), "minutes"),
}
NUMBERED = ("days", "weeks", "months", "years")
CYCLE = "cycle"
Sides = tuple[Span, Span]
"""How much sooner and how much later."""

_WORD = "|".join(sorted(UNITS, key=len, reverse=True))
_WHOLE = r"[+-]?\s?\d{1,4}(?![\d.,]*\d)"
_PART = r"\d{1,4}(?:[.,]\d{1,3})?"
_UNIT = rf"(?:{_WORD})(?![a-zäöüé])\.?"
_POINT = re.compile(rf"(?:study |studien-?)?({_WORD})\.?\s?#?({_WHOLE})", re.IGNORECASE)
_LENGTH = re.compile(rf"([+-]?\s?{_PART})\s?({_UNIT})", re.IGNORECASE)
_ORDINAL = re.compile(rf"({_WHOLE})\.\s?(tag|woche|monat)(?![a-zäöü])", re.IGNORECASE)
_OF_CYCLE = re.compile(
    r"(?:c|cycle|zyklus)\s?(\d{1,3}),?\s?(?:d|day|tag|j|jour)\s?(-?\d{1,3})(?![\d.,]*\d)",
    re.IGNORECASE,
)
_BARE = re.compile(rf"{_WHOLE}(?!\s?(?:{_WORD})\b)", re.IGNORECASE)
_TO = re.compile(
    rf"\s?(?:to|through|thru|until|bis|à|au|\.\.+|…)\s?(?:({_WORD})\.?\s?)?({_WHOLE})"
    rf"|\s?-\s?({_WORD})\.?\s?({_WHOLE})",
    re.IGNORECASE,
)
_ALIAS = re.compile(
    rf"\s?(?:\(\s?({_WORD})\.?\s?({_WHOLE})\s?\)|/\s?({_WORD})\.?\s?({_WHOLE}))", re.IGNORECASE
)
_REMARK = re.compile(r"\s?\(([^()\d±+]*[^()\d±+\s-][^()\d±+]*)\)")
_OF = re.compile(
    r"\s?(?:post|after|from|since|nach|après)[\s-](?:the |der |dem |la |le )?"
    r"([^()±+,;/]+?)\s*(?=[(±+,;]|-\s?\d|$)",
    re.IGNORECASE,
)
_ABOUT = re.compile(r"(?:visit |besuchs?)?(?:window|fenster|max\.?|maximum|maximal)\s?:?\s?", re.I)
_EITHER = re.compile(rf"±\s?({_PART})\s?({_UNIT})?", re.IGNORECASE)
_SIDE = rf"([+-])\s?({_PART})\s?({_UNIT})?"
_TWO = re.compile(rf"{_SIDE}\s?(?:[/,;]|to|bis|and|und|\.\.+|…)?\s?{_SIDE}", re.IGNORECASE)
_ONE = re.compile(_SIDE, re.IGNORECASE)


@attrs.frozen(kw_only=True)
class When:
    """What a cell says."""

    point: tuple[str, int] | None = None
    """Unit and number of a point that is numbered, such as week 4."""
    cycle: int | None = None
    """The cycle whose day the point is, from 1."""
    away: Span | None = None
    """A length instead, such as 30 days."""
    until: tuple[str, int] | None = None
    """The last point of a range, such as day -1 in Day -28 to -1."""
    also: tuple[str, int] | None = None
    """The same point by another unit, such as day 29 in Week 4 (Day 29)."""
    of: str = ""
    """The visit that a length is counted from, such as randomisation in 2 weeks post
    randomisation."""
    remark: str = ""
    """Words in brackets, such as baseline."""
    rest: str = ""
    """The window, as it stands."""


def plain(cell: str) -> str:
    """Return a cell with its white space, minus signs and plus-or-minus written one way."""
    text = " ".join(cell.split())
    for sign in "\u2010\u2011\u2012\u2013\u2014\u2212\ufe63\uff0d":
        text = text.replace(sign, "-")
    for either in ("+/-", "-/+", "+ / -", "+-", "\u2213"):
        text = text.replace(either, "±")
    return text


def read_when(said: str, unit: str) -> When:
    """
    Return when a visit is.

    Args:
        said: A cell, as `plain` returns it.
        unit: ``day``, ``week`` or ``month`` where the column says it, so a bare number will do.

    Raises:
        ValueError: It says nothing that can be read; the text tells what would be right.
    """
    if match := _OF_CYCLE.match(said):
        if int(match[1]) < 1 or int(match[2]) < 1:
            raise ValueError(f"must count cycles and their days from 1, got {said!r}")
        when = When(point=("days", int(match[2])), cycle=int(match[1]))
    elif match := _POINT.match(said):
        when = _numbered(UNITS[match[1].lower()], _whole(match[2]))
    elif match := _ORDINAL.match(said):
        when = _numbered(UNITS[match[2].lower()], _whole(match[1]))
    elif unit and (match := _BARE.match(said)):
        when = _numbered(f"{unit}s", _whole(match[0]))
    elif match := _LENGTH.match(said):
        when = When(away=_length(match[1], match[2]))
    else:
        raise ValueError(f"such as 'Day 8', 'Wk 4 (-3/+3)' or '30 days', got {said!r}")
    rest = said[match.end() :]
    if when.point is not None and when.cycle is None:
        if to := _TO.match(rest):
            key = UNITS[(to[1] or to[3] or when.point[0]).lower()]
            when = attrs.evolve(when, until=(key, _whole(to[2] or to[4])))
            rest = rest[to.end() :]
        elif (also := _ALIAS.match(rest)) is not None:
            one, other = (
                when.point,
                (UNITS[(also[1] or also[3]).lower()], _whole(also[2] or also[4])),
            )
            if other[0] == "days":
                one, other = other, one  # a day says more than its week
            when = attrs.evolve(when, point=one, also=other)
            rest = rest[also.end() :]
    if when.away is not None and (of := _OF.match(rest)) is not None:
        when = attrs.evolve(when, of=of[1].strip())
        rest = rest[of.end() :]
    remark = _REMARK.match(rest)
    if remark is not None and not _ABOUT.fullmatch(f"{remark[1].strip()} "):
        when = attrs.evolve(when, remark=remark[1].strip())
        rest = rest[remark.end() :]
    return attrs.evolve(when, rest=rest)


def _numbered(unit: str, number: int) -> When:
    if unit in NUMBERED:
        return When(point=(unit, number))
    return When(away=_length(str(number), unit))


def read_window(said: str) -> Sides:
    """
    Return a window; a side without a unit has that of the other, and both without one are in days.

    Raises:
        ValueError: It is none.
    """
    text = said.strip(" ()[],;")
    text = _ABOUT.sub("", text, count=1)
    text = re.sub(r"^0(?![\d.,])", "-0", text)  # 0/+3 and -3/0 need no sign
    text = re.sub(r"([/,;]|to|bis|\.\.|…)(\s?)0(?![\d.,])", r"\1\2+0", text)
    if match := _EITHER.fullmatch(text):
        side = _length(match[1], match[2] or "days")
        return side, side
    if match := _TWO.fullmatch(text):
        return _two((match[1], match[2], match[3]), (match[4], match[5], match[6]), said)
    if match := _ONE.fullmatch(text):
        sign = "-" if match[1] == "+" else "+"
        return _two((match[1], match[2], match[3]), (sign, "0", None), said)
    raise ValueError(f"must have a window such as '±2' or '-3/+3', got {said.strip()!r}")


_Side = tuple[str, str, str | None]


def _two(one: _Side, other: _Side, said: str) -> Sides:
    if one[0] == other[0]:
        raise ValueError(
            f"must have a window with an earlier and a later side, got {said.strip()!r}"
        )
    unit = one[2] or other[2] or "days"
    sides = {sign: _length(number, own or unit) for sign, number, own in (one, other)}
    return sides["-"], sides["+"]


def read_side(said: str) -> Span:
    """
    Return one side of a window, such as ``2`` or ``2 days``; nothing is no time.

    Raises:
        ValueError: It is none.
    """
    if not said:
        return CalendarSpan()
    match = re.fullmatch(rf"({_PART})\s?({_UNIT})?", said, re.IGNORECASE)
    if match is None:
        raise ValueError(f"must have a window such as '2' or '2 days', got {said!r}")
    return _length(match[1], match[2] or "days")


def _whole(text: str) -> int:
    return int(text.replace(" ", ""))


def _length(number: str, unit: str) -> Span:
    """Return a length; parts of days and weeks are whole days or else real time."""
    if unit.lower().rstrip(".") == "m":
        raise ValueError(f"must say months or min, not {unit!r}, after {number}")
    key = UNITS[unit.lower().rstrip(".")] if unit not in UNITS.values() else unit
    many = Fraction(number.replace(" ", "").replace(",", "."))
    if key in ("months", "years", "days", "weeks") and many.denominator == 1:
        return CalendarSpan(**{key: int(many)})
    if key == "weeks" and (7 * many).denominator == 1:
        return CalendarSpan(days=int(7 * many))
    each = {"minutes": 1, "hours": 60, "days": 24 * 60, "weeks": 7 * 24 * 60}.get(key)
    if each is None or (each * many).denominator != 1:
        raise ValueError(f"must be in whole {'minutes' if each else key}, got {number} {unit}")
    return ElapsedSpan(int(each * many))
