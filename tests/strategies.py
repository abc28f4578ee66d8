"""
Random model values for tests; every strategy is named in the plural and shrinks to small cases.

``values(kind)`` makes values of any model class from its fields, so a new field is drawn too.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any, TypeVar, assert_never
from zoneinfo import ZoneInfo

import attrs
from hypothesis import reject
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from protocol_sched.errors import InvalidDocument, InvalidValue
from protocol_sched.formats._shape import (
    Choice,
    Field,
    Listing,
    NameOr,
    OneOf,
    Plain,
    Record,
    Shape,
    Table,
    Text,
    Weekly,
    When,
    fields,
)
from protocol_sched.model.agenda import Agenda
from protocol_sched.model.availability import Clinic, Hours, Person
from protocol_sched.model.course import Course
from protocol_sched.model.protocol import Phase, Protocol, VisitType
from protocol_sched.model.rules import (
    WEEKDAYS,
    Adaptation,
    AnotherSeries,
    At,
    Cap,
    Consecutive,
    Count,
    CoursePoint,
    DayOfMonth,
    EndOf,
    Gate,
    Milestone,
    Ordinals,
    OriginalGrid,
    OutsideEvent,
    PreviousVisit,
    Reference,
    Stage,
    StartOf,
    Tolerance,
    VisitNumber,
)
from protocol_sched.model.schedule import Plan, Schedule
from protocol_sched.model.spans import CalendarSpan, ElapsedSpan, MonthEnd, Span, SpanRange

_T = TypeVar("_T")

ZONES = ("America/New_York", "Europe/London", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC")
VISIT_TYPES = ("infusion", "review")
PHASES = ("induction", "boosters")


@st.composite
def sound(draw: st.DrawFn, kind: Callable[..., _T], parts: SearchStrategy[dict[str, Any]]) -> _T:
    """Values of a class that refuses some of the parts drawn for it."""
    for _ in range(8):
        drawn = draw(parts)
        with contextlib.suppress(InvalidValue, InvalidDocument):
            return kind(**drawn)
    return reject()


# --- lengths, counts, references -------------------------------------------------------------


def calendar_spans() -> SearchStrategy[CalendarSpan]:
    """Spans of mixed units and signs; one in whole days half of the time."""
    small = st.integers(-40, 40)
    days = st.builds(CalendarSpan, days=st.integers(1, 60))
    return days | st.builds(CalendarSpan, small, small, small, small)


def elapsed_spans() -> SearchStrategy[ElapsedSpan]:
    """Real time of either sign, up to a week."""
    return st.builds(ElapsedSpan, st.integers(1, 300) | st.integers(-10080, 10080))


def spans() -> SearchStrategy[Span]:
    """Calendar or elapsed spans."""
    return calendar_spans() | elapsed_spans()


def ranges() -> SearchStrategy[SpanRange]:
    """Ranges of either kind of span, some with an open end."""
    some = [
        st.fixed_dictionaries({"least": kind, "most": st.none() | kind})
        for kind in (calendar_spans(), elapsed_spans())
    ]
    return sound(SpanRange, st.one_of(some))


def counts() -> SearchStrategy[Count]:
    """Exact, ranged and open counts."""
    return st.builds(
        lambda least, more: Count(least, None if more is None else least + more),
        st.integers(1, 40),
        st.just(0) | st.none() | st.integers(0, 9),
    ) | st.just(Count(0, None))


def ordinals() -> SearchStrategy[Ordinals]:
    """One to three ranges, counted from 1."""
    one = st.builds(
        lambda a, more: (a, None if more is None else a + more),
        st.integers(1, 40),
        st.none() | st.integers(0, 9),
    )
    return st.builds(Ordinals, st.lists(one, min_size=1, max_size=3))


def references() -> SearchStrategy[Reference]:
    """References a phase of a protocol from `protocols` may have."""
    name = st.sampled_from(["dialysis", "bone-marrow transplant"])
    return st.one_of(
        st.just(PreviousVisit()),
        st.just(OriginalGrid()),
        st.builds(VisitNumber, st.integers(1, 20), st.none() | st.sampled_from(PHASES)),
        st.builds(DayOfMonth, st.none() | st.integers(1, 31)),
        st.builds(StartOf, st.sampled_from([*PHASES, "cycle", "course"])),
        st.builds(EndOf, st.sampled_from([*PHASES, "previous cycle"])),
        st.builds(OutsideEvent, name),
        st.builds(AnotherSeries, name),
    )


def course_points() -> SearchStrategy[CoursePoint]:
    """Days from 1, weeks and months from 0, lengths."""
    counted = st.builds(
        "{} {}".format, st.sampled_from(["day", "week", "month"]), st.integers(1, 99)
    )
    return st.builds(CoursePoint, counted | st.just("week 0") | st.builds(str, spans()))


# --- times -----------------------------------------------------------------------------------


def local_windows() -> SearchStrategy[tuple[tuple[int, int], ...]]:
    """Up to three windows of one day, in order and apart."""
    ends = st.lists(st.integers(0, 1440), max_size=6, unique=True).map(sorted)
    return ends.map(lambda minutes: tuple(itertools.pairwise(minutes))[::2])


def hours() -> SearchStrategy[Hours]:
    """Weekly hours with up to two dates of their own."""
    week = st.lists(local_windows(), min_size=7, max_size=7)
    dated = st.dictionaries(dates(), local_windows(), max_size=2)
    return st.builds(lambda days, own: Hours(tuple(days), tuple(sorted(own.items()))), week, dated)


def dates() -> SearchStrategy[date]:
    """Dates of the years 2026 to 2029, a leap day among them."""
    return st.dates(date(2026, 1, 1), date(2029, 12, 31)) | st.just(date(2028, 2, 29))


def moments() -> SearchStrategy[datetime]:
    """Zoned moments in named zones and in fixed offsets, many near a clock change."""
    zones = st.sampled_from([*map(ZoneInfo, ZONES), UTC, timezone(timedelta(hours=-4))])
    near = st.datetimes(datetime(2027, 11, 7, 0, 30), datetime(2027, 11, 7, 3))  # noqa: DTZ001
    any_time = st.datetimes(datetime(2026, 1, 1), datetime(2029, 12, 31))  # noqa: DTZ001
    return st.builds(
        lambda moment, zone, fold: moment.replace(tzinfo=zone, fold=fold),
        any_time | near,
        zones,
        st.sampled_from([0, 1]),
    )


# --- any class of the model ------------------------------------------------------------------

_TEXTS: Mapping[str, Callable[[], SearchStrategy[Any]]] = {
    "CalendarSpan": calendar_spans,
    "ElapsedSpan": elapsed_spans,
    "Span": spans,
    "SpanRange": ranges,
    "Count": counts,
    "Ordinals": ordinals,
    "Reference": references,
    "CoursePoint": course_points,
    "Windows": local_windows,
    "Clock": lambda: st.integers(0, 1440),
    "Zone": lambda: st.sampled_from([ZoneInfo(name) for name in ZONES]),
}

_NAMES: Mapping[str, SearchStrategy[Any]] = {
    "key": st.from_regex(r"[a-z][a-z0-9._-]{0,7}", fullmatch=True),
    "source": st.sampled_from(["local", "memory", "local, memory"]),
    "visit": st.sampled_from(VISIT_TYPES),
    "phase": st.sampled_from(PHASES),
    "after": st.sampled_from(PHASES),
    "go_to": st.sampled_from(PHASES),
    "step_back": st.just("boosters > induction"),
    "weekdays": st.lists(st.sampled_from(WEEKDAYS), max_size=2, unique=True).map(tuple),
    "until": st.sampled_from(["next day", "24 hours"]),
}


def texts() -> SearchStrategy[str]:
    """Any text that can be written in a file, line feeds, quotes and controls included."""
    return st.text(st.characters(exclude_categories=["Cs"]), max_size=6)


def values(kind: type[_T], **given: SearchStrategy[Any]) -> SearchStrategy[_T]:
    """Values of any class of the model; ``given`` says how to draw some of its fields."""
    given = {**_GIVEN.get(kind, {}), **given}
    required: dict[str, SearchStrategy[Any]] = {}
    optional: dict[str, SearchStrategy[Any]] = {}
    for field in fields(kind):
        drawn = given[field.name] if field.name in given else _of_field(field)
        must = field.attribute.default is attrs.NOTHING or field.name in given
        (required if must else optional)[field.name] = drawn
    return sound(kind, st.fixed_dictionaries(required, optional=optional))


def _of_field(field: Field) -> SearchStrategy[Any]:
    named = field.name in _NAMES and isinstance(field.shape, Plain | Listing)
    drawn = _NAMES[field.name] if named else of_shape(field.shape)
    return st.none() | drawn if field.nullable else drawn


def of_shape(shape: Shape) -> SearchStrategy[Any]:
    """Values written in that shape."""
    match shape:
        case Text(name=name):
            return _TEXTS[name]()
        case Plain(kind=kind):
            plain: dict[type, SearchStrategy[Any]] = {
                str: texts(),
                int: st.integers(0, 9),
                float: st.floats(allow_nan=False, allow_infinity=False),
                bool: st.booleans(),
            }
            return plain[kind]
        case When(day=day, moment=moment):
            return st.one_of([dates()] * day + [moments()] * moment)
        case OneOf(kind=kind):
            return st.sampled_from(list(kind))
        case Listing(item=item):
            return st.lists(of_shape(item), max_size=2).map(tuple)
        case Table(item=item):
            return st.lists(st.tuples(texts(), of_shape(item)), max_size=2).map(tuple)
        case Record(kind=kind):
            return values(kind)
        case Choice(kinds=kinds):
            return st.one_of([values(kind) for kind in kinds.values()])
        case NameOr(kind=kind):
            return texts() | values(kind)
        case Weekly():
            return hours()
        case _:
            assert_never(shape)


# --- whole documents -------------------------------------------------------------------------


@st.composite
def phases(draw: st.DrawFn, name: str = "induction") -> Phase:
    """Phases whose number of visits fits their cadence."""
    shapes = {field.name: field.shape for field in fields(Phase)}
    cadence = draw(of_shape(shapes["cadence"]))
    match cadence:
        case At(at=points):
            visits = Count(len(points), len(points))
        case Consecutive(consecutive_days=days, per_day=n):
            visits = Count(days.least * n, None if days.most is None else days.most * n)
        case _:
            visits = draw(counts())
    parts = {"name": name, "cadence": cadence, "visits": visits}
    return draw(values(Phase, **{part: st.just(value) for part, value in parts.items()}))


def protocols() -> SearchStrategy[Protocol]:
    """Protocols of two visit types and one or two phases, with any kind of rule."""
    kinds = st.tuples(*(values(VisitType, name=st.just(name)) for name in VISIT_TYPES))
    both = st.tuples(*(phases(name) for name in PHASES))
    return values(
        Protocol,
        name=st.sampled_from(["ketamine-migraine", "p1"]),
        visit_types=kinds,
        phases=both,
        gates=st.lists(values(Gate, name=st.sampled_from(["mri", "talk"])), max_size=2),
        milestones=st.lists(values(Milestone, name=st.just("check")), max_size=1),
        adaptations=st.lists(values(Adaptation), max_size=1),
        month_end=st.sampled_from(MonthEnd),
    )


def clinics() -> SearchStrategy[Clinic]:
    """Clinics with any hours, closures, places and staff."""
    return values(Clinic, grid=st.sampled_from([5, 15, 60]))


def persons() -> SearchStrategy[Person]:
    """Persons with wishes, commitments and escorts."""
    return values(Person)


def courses() -> SearchStrategy[Course]:
    """Courses with any events, which need not fit their protocol."""
    return values(Course, protocol=protocols())


def schedules() -> SearchStrategy[Schedule]:
    """Schedules of any visits, which need not keep any rule."""
    return values(Schedule, zone=st.sampled_from(ZONES))


def plans() -> SearchStrategy[Plan]:
    """Plans with any parts, which need not agree with one another."""
    return values(Plan, agenda=values(Agenda), schedule=st.none() | schedules())


def _days(least: int) -> SearchStrategy[CalendarSpan]:
    return st.builds(CalendarSpan, days=st.integers(least, 30))


def _lengths() -> SearchStrategy[SpanRange]:
    spans = st.builds(ElapsedSpan, st.integers(1, 90)), st.builds(ElapsedSpan, st.integers(90, 180))
    return st.builds(SpanRange, *spans)


# How to draw a field that its class would refuse most random values of.
_GIVEN: Mapping[type, Mapping[str, SearchStrategy[Any]]] = {
    Cap: {"in_any": _days(1)},
    Stage: {"length": _lengths()},
    Tolerance: {"before": _days(0), "after": _days(0)},
}


# --- texts for calendar files ----------------------------------------------------------------

AWKWARD = (
    *(",", ";", ":", "\\", "\\N", "\\n", "\\,", '"', "\r", "\n", "\r\n", "\t", "\x00", "\x07"),
    *("\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\ud800", "\udfff", "\ufeff", "\u202e", "^n"),
    *("\N{PILL}", "\U0001f468\u200d\U0001f469\u200d\U0001f467", "\u05e9\u05dc\u05d5\u05dd", "\xe9"),
    *("END:VEVENT", "\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\n", "\nATTENDEE:mailto:x@y", " ", "a" * 300),
)


def awkward_texts() -> SearchStrategy[str]:
    """Texts that break calendar files: separators, line breaks, controls, surrogates, length."""
    return st.lists(st.sampled_from(AWKWARD) | st.text(max_size=8), max_size=8).map("".join)
