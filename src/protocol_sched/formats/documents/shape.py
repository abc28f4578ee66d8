"""
How model values are written in documents, as data found by walking the model's own types.

`documents` reads and writes by these shapes and `schema` describes them, so a new field in the
model needs no change in either. A new kind of text form is one new line in ``TEXTS``.
"""

from __future__ import annotations

import enum
import functools
import operator
import types
import typing
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import attrs

from protocol_sched.errors import InvalidValue
from protocol_sched.model import former
from protocol_sched.model.availability import (
    Booking,
    Hours,
    LocalWindow,
    Preferences,
    clock,
    clock_text,
    hours_text,
    parse_hours,
)
from protocol_sched.model.before_and_after import Notice
from protocol_sched.model.cadences import At, Consecutive
from protocol_sched.model.numbers import Count, Ordinals
from protocol_sched.model.protocol import Phase
from protocol_sched.model.references import CoursePoint, Numbering, Reference, parse_reference
from protocol_sched.model.spans import (
    CalendarSpan,
    ElapsedSpan,
    Span,
    SpanRange,
    calendar_span,
    elapsed_span,
    parse_range,
    parse_span,
)


@attrs.frozen
class Text:
    """One text, such as ``2 days``."""

    name: str
    wanted: str
    """What a reader must write, in words, with an example."""
    pattern: str
    """A regular expression every such text matches; the reading itself checks more."""
    read: Callable[[str], Any]
    write: Callable[[Any], str | int] = str
    number: bool = False
    """A whole number may stand for its digits."""


@attrs.frozen
class Plain:
    """A text, a whole number, a number, or true or false."""

    kind: type


@attrs.frozen
class When:
    """A date, a moment with its offset, or either."""

    day: bool
    moment: bool


@attrs.frozen
class OneOf:
    """The value of one member of an enumeration."""

    kind: type[enum.Enum]


@attrs.frozen
class Listing:
    """A list; a list of one may be written without brackets where ``single`` says so."""

    item: Shape
    single: bool = False


@attrs.frozen
class Table:
    """Pairs of a name and a value, written as a table."""

    item: Shape


@attrs.frozen
class Record:
    """A table with one key for each field of a class."""

    kind: type


@attrs.frozen
class Choice:
    """
    A record of one of several classes.

    They are told apart by the key only one of them has, or, where there are no such keys, by
    ``kind = "..."`` with the words of the class name.
    """

    kinds: Mapping[str, type] = attrs.field(hash=False)
    """By that key, or by that word."""
    tagged: bool


@attrs.frozen
class NameOr:
    """A name, or a record instead of it."""

    kind: type


@attrs.frozen
class Weekly:
    """Hours: a table of weekdays and ISO dates, each with a text such as ``08:00-12:00``."""


Shape = Text | Plain | When | OneOf | Listing | Table | Record | Choice | NameOr | Weekly


def zone(name: str) -> ZoneInfo:
    """
    Return the time zone of that IANA name.

    Raises:
        InvalidValue: There is none; ``localtime`` is refused, as it differs between machines.
    """
    try:
        if name != "localtime":
            return ZoneInfo(name)
    except (LookupError, ValueError, OSError):
        pass  # an unknown name, a path out of the zone directory, a directory of zones
    raise InvalidValue("zone", "text", repr(name), "a time zone such as 'America/New_York'")


_NUMBER = "[0-9]{1,6}"
_DAYS = r"(?:years?|months?|weeks?|wk|days?|d)"
_HOURS = r"(?:hours?|h|minutes?|min)"


def _more(unit: str) -> str:
    return rf"(?:\s*[+-]\s*{_NUMBER}\s+{unit})*\s*"


def _sum(unit: str) -> str:
    return rf"\s*[+-]?\s*{_NUMBER}\s+{unit}{_more(unit)}"


def _range(unit: str) -> str:
    return rf"at least {_sum(unit)}|(?:\s*{_NUMBER} to |{_sum(unit)} to )?{_sum(unit)}"


_SPAN = f"{_sum(_DAYS)}|{_sum(_HOURS)}"
_SOME = rf"\s*(?:from {_NUMBER}|{_NUMBER}(?: to {_NUMBER})?)\s*"
_TIME = r"\s*[0-9]{1,2}:[0-9]{2}\s*"
_POINT = rf"(?:day|week|month|year) -?[0-9]{{1,5}}{_more(_DAYS)}"
_REFERENCE = (
    rf"previous visit|original dates|same day of the month|visit {_NUMBER}(?: of \S.*)?"
    r"|day [0-9]{1,2} of the month|(?:each visit of|start of|end of|event|series) \S.*"
)


def _whole(pattern: str) -> str:
    return f"^(?:{pattern})$"


def _count_text(count: Count) -> str | int:
    return count.least if count.fixed else str(count)


_A_LENGTH = "a length such as '2 days', '6 months - 4 days', '72 hours' or '45 minutes'"
CLOCK = Text("Clock", "a time such as '08:00'", _whole(_TIME), clock, clock_text)
REFERENCE = Text(
    "Reference",
    "a reference such as 'previous visit', 'visit 1', 'original dates' or 'start of ...'",
    _whole(_REFERENCE),
    parse_reference,
)
WINDOWS = Text(
    "Windows",
    "hours such as '08:00-12:00, 13:00-17:00', 'closed' or 'all day'",
    _whole(rf"\s*closed\s*|\s*all day\s*|{_TIME}-{_TIME}(?:,{_TIME}-{_TIME})*"),
    parse_hours,
    hours_text,
)
TEXTS: Mapping[Any, Text] = {
    CalendarSpan: Text(
        "CalendarSpan",
        "a length such as '2 days' or '6 months - 4 days'",
        _whole(_sum(_DAYS)),
        calendar_span,
    ),
    ElapsedSpan: Text(
        "ElapsedSpan",
        "a length such as '72 hours' or '45 minutes'",
        _whole(_sum(_HOURS)),
        elapsed_span,
    ),
    Span: Text("Span", _A_LENGTH, _whole(_SPAN), parse_span),
    SpanRange: Text(
        "SpanRange",
        "a range such as '2 to 3 days' or 'at least 60 minutes', or one length",
        _whole(f"{_range(_DAYS)}|{_range(_HOURS)}"),
        parse_range,
    ),
    Count: Text(
        "Count",
        "a number such as 6, '4 to 8' or 'open'",
        _whole(rf"open|at least {_NUMBER}|{_NUMBER}(?: to {_NUMBER})?"),
        Count.parse,
        _count_text,
        number=True,
    ),
    Ordinals: Text(
        "Ordinals",
        "visits such as 'each', 'first', '2, 5 to 7' or 'from 4'",
        _whole(f"each|first|{_SOME}(?:,{_SOME})*"),
        Ordinals.parse,
        number=True,
    ),
    Notice: Text(
        "Notice",
        "notice such as '2 working days', '8 working hours' or '24 hours'",
        _whole(r"[0-9]{1,4} (?:working day|working hour|hour)s?"),
        Notice.parse,
    ),
    Reference: REFERENCE,
    Numbering: Text(
        "Numbering",
        "'day 0' or 'day 1', 'week 0' or 'week 1', or one of each: 'day 0, week 1'",
        _whole(r"(?:day [01](?:, week [01])?|week [01](?:, day [01])?)"),
        Numbering.parse,
    ),
    CoursePoint: Text(
        "CoursePoint",
        "a point such as 'day 8', 'day -14', 'week 6', 'month 3 + 1 week' or '46 hours'",
        _whole(f"{_POINT}|{_SPAN}"),
        CoursePoint,
    ),
    tuple[LocalWindow, ...]: WINDOWS,
    ZoneInfo: Text(
        "Zone", "a time zone such as 'America/New_York'", r"^[A-Za-z]", zone, lambda zone: zone.key
    ),
}

# Times of day are plain minutes in the model; people write them as on a clock.
_SHAPES: Mapping[tuple[type, str], Shape] = {
    (Booking, "start"): CLOCK,
    (Booking, "end"): CLOCK,
    (Preferences, "earliest"): CLOCK,
    (Preferences, "latest"): CLOCK,
}


def _visits_of(values: Mapping[str, object]) -> object:
    match values.get("cadence", attrs.NOTHING):
        case At(at=points):
            return Count(len(points), len(points))
        case Consecutive(consecutive_days=days, per_day=a_day):
            return Count(days.least * a_day, None if days.most is None else days.most * a_day)
        case attrs.NOTHING:
            return attrs.NOTHING
        case _:
            return None


# What may be left out of a document because the fields beside it already say it. Each function
# returns nothing where they do not, and ``NOTHING`` where they are not there to say.
_IMPLIED: Mapping[tuple[type, str], Callable[[Mapping[str, object]], object]] = {
    (Phase, "visits"): _visits_of,
}


@attrs.frozen
class Field:
    """One key of a record."""

    name: str
    """The attribute; ``key`` is the same without the underscore that keeps it from ``from``."""
    shape: Shape
    attribute: attrs.Attribute[Any]
    nullable: bool
    """May be nothing, which is written by leaving the key out."""
    implied: Callable[[Mapping[str, object]], object] | None = None

    @property
    def key(self) -> str:
        """Return the key in documents."""
        return self.name.rstrip("_")

    @property
    def required(self) -> bool:
        """Tell whether the key must be there, unless the fields beside it imply its value."""
        return self.attribute.default is attrs.NOTHING and not self.nullable

    def default(self, owner: Any) -> object:
        """Return what the field of ``owner`` is when left out; ``NOTHING`` if it may not be."""
        if self.implied is not None:
            return self.implied({f.name: getattr(owner, f.name) for f in fields(type(owner))})
        default: Any = self.attribute.default
        if hasattr(default, "takes_self"):
            return default.factory(owner) if default.takes_self else default.factory()
        return default


def fields(kind: type[Any]) -> tuple[Field, ...]:
    """Return the keys of a class's records, in the order of its fields."""
    return _fields(kind)  # type: ignore[arg-type]  # a class is hashable


@functools.cache
def _fields(kind: Any) -> tuple[Field, ...]:
    hints = typing.get_type_hints(kind)
    return tuple(
        Field(
            attribute.name,
            _SHAPES.get((kind, attribute.name)) or shape_of(hints[attribute.name]),
            attribute,
            type(None) in typing.get_args(hints[attribute.name]),
            _IMPLIED.get((kind, attribute.name)),
        )
        for attribute in attrs.fields(kind)
        if attribute.init
    )


def shape_of(hint: Any) -> Shape:
    """
    Return how values of a type are written.

    Raises:
        TypeError: A type that documents have no form for yet.
    """
    members = tuple(m for m in typing.get_args(hint) if m is not type(None))
    if isinstance(hint, types.UnionType) or typing.get_origin(hint) is typing.Union:
        hint = functools.reduce(operator.or_, members)
    if hint in TEXTS:
        return TEXTS[hint]
    if hint is Hours:
        return Weekly()
    if hint in (str, int, float, bool):
        return Plain(hint)
    if hint in (date, datetime, date | datetime):
        return When(day=hint != datetime, moment=hint != date)
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return OneOf(hint)
    if isinstance(hint, type) and attrs.has(hint):
        return Record(hint)
    if typing.get_origin(hint) is tuple and members[1:] == (...,):
        pair = typing.get_args(members[0]) if typing.get_origin(members[0]) is tuple else ()
        if len(pair) == 2 and pair[0] is str:
            return Table(shape_of(pair[1]))
        item = shape_of(members[0])
        return Listing(item, single=item is REFERENCE)
    if str in members and len(members) == 2:
        return NameOr(next(member for member in members if member is not str))
    if members and all(attrs.has(member) for member in members):
        return _choice(members)
    raise TypeError(f"documents have no form for {hint!r}")


def _choice(kinds: tuple[type, ...]) -> Choice:
    keys = {kind: [field.key for field in fields(kind)] for kind in kinds}
    marks = {}
    for kind in kinds:
        others = {key for other in kinds if other is not kind for key in keys[other]}
        own = [f.key for f in fields(kind) if f.required and f.key not in others]
        own.sort(key=lambda key: key == "source")  # what every rule has tells least
        marks.update(dict.fromkeys(own[:1], kind))
    if len(marks) == len(kinds):
        return Choice(marks, tagged=False)
    for kind in kinds:
        if "kind" in keys[kind]:  # it would be written over the word that says which class it is
            raise TypeError(f"{kind.__name__}: a class told apart by its 'kind' has no such field")
    return Choice({words(kind): kind for kind in kinds}, tagged=True)


def words(kind: type) -> str:
    """Return a class name in lower-case words: ``NextWorkingDay`` is ``next working day``."""
    return former.words(kind.__name__)
