"""
Random model values for tests; every strategy is named in the plural and shrinks to small cases.

``values(kind)`` makes values of any model class from its fields, so a new field is drawn too.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any, TypeVar, assert_never
from zoneinfo import ZoneInfo

import attrs
from hypothesis import reject
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from protocol_sched import catalog
from protocol_sched.errors import InvalidDocument, InvalidValue
from protocol_sched.expansion import expand
from protocol_sched.formats.documents.shape import (
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
from protocol_sched.model.availability import Clinic, Hours, Member, Person, Ratio
from protocol_sched.model.before_and_after import Fasting, Notice, NoticeUnit
from protocol_sched.model.cadences import (
    At,
    Cadence,
    ClosedDays,
    Consecutive,
    Every,
    OnDemand,
    PerWeek,
    Week,
    Within,
)
from protocol_sched.model.course import (
    Course,
    Deferred,
    Discontinued,
    Event,
    Given,
    Happened,
    Missed,
    Omitted,
    Requested,
    Reviewed,
    Tested,
)
from protocol_sched.model.gates import Gate, Outcome
from protocol_sched.model.numbers import Count, Ordinals
from protocol_sched.model.other_visits import OtherVisit
from protocol_sched.model.plain import WEEKDAYS
from protocol_sched.model.protocol import Phase, Protocol, VisitType
from protocol_sched.model.references import (
    AnotherSeries,
    CoursePoint,
    DayOfMonth,
    EndOf,
    Numbering,
    OriginalDates,
    OutsideEvent,
    PreviousVisit,
    Reference,
    StartOf,
    VisitNumber,
)
from protocol_sched.model.responses import (
    Action,
    Adaptation,
    Extend,
    GoTo,
    InsertVisit,
    NewCadence,
    StepBack,
    Stop,
)
from protocol_sched.model.rules import (
    Cap,
    Clock,
    Give,
    LateTable,
    Separation,
    Starts,
    Then,
    Tier,
    Tolerance,
)
from protocol_sched.model.schedule import Plan, Schedule, Visit
from protocol_sched.model.spans import (
    CalendarSpan,
    ElapsedSpan,
    MonthEnd,
    Span,
    SpanRange,
    parse_range,
)
from protocol_sched.model.stages import Check, Cleaning, Preparation, Stage

_T = TypeVar("_T")

ZONES = ("America/New_York", "Europe/London", "Australia/Lord_Howe", "Asia/Kathmandu", "UTC")
VISIT_TYPES = ("infusion", "review")
PHASES = ("induction", "boosters")


@st.composite
def sound(
    draw: st.DrawFn, kind: Callable[..., _T], parts: Callable[[], SearchStrategy[dict[str, Any]]]
) -> _T:
    """
    Values of a class that refuses some of the parts drawn for it.

    The parts come from a function, so that a strategy's name does not spell out the whole model.
    """
    for _ in range(8):
        drawn = draw(parts())
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
    return sound(SpanRange, lambda: st.one_of(some))


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
        st.just(OriginalDates()),
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
    "Notice": lambda: st.builds(Notice, st.integers(1, 90), st.sampled_from(NoticeUnit)),
    "Reference": references,
    "CoursePoint": course_points,
    "Numbering": lambda: st.builds(Numbering, st.sampled_from([0, 1]), st.sampled_from([0, 1])),
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
    "only_weekdays": st.lists(st.sampled_from(WEEKDAYS), max_size=2, unique=True).map(tuple),
    "until": st.sampled_from(["next day", "24 hours"]),
}


def pairs(table: Mapping[str, Any]) -> tuple[tuple[str, Any], ...]:
    """Return a table as the model holds it."""
    return tuple(table.items())


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
    parts = st.fixed_dictionaries(required, optional=optional)
    return sound(kind, lambda: parts)


@functools.cache
def _any(kind: Any) -> SearchStrategy[Any]:
    """Return the same strategy for a class each time; they are slow to build."""
    return values(kind)


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
            most = 1 if isinstance(item, Record) else 2  # records hold lists of records
            return st.lists(of_shape(item), max_size=most).map(tuple)
        case Table(item=item):
            return st.dictionaries(texts(), of_shape(item), max_size=2).map(pairs)
        case Record(kind=kind):
            return _any(kind)
        case Choice(kinds=kinds):
            return st.one_of([_any(kind) for kind in kinds.values()])
        case NameOr(kind=kind):
            return texts() | _any(kind)
        case Weekly():
            return hours()
        case _:
            assert_never(shape)


# --- whole documents -------------------------------------------------------------------------


def phases(name: str = "induction") -> SearchStrategy[Phase]:
    """Phases whose number of visits fits their cadence."""
    shapes = {field.name: field.shape for field in fields(Phase)}
    daily = st.just(Every(every=parse_range("1 day")))
    rest = values(Phase, name=st.just(name), cadence=daily, visits=counts())
    return st.builds(_with_cadence, rest, of_shape(shapes["cadence"]))


def _with_cadence(phase: Phase, cadence: Cadence) -> Phase:
    visits = phase.visits
    if isinstance(cadence, OnDemand) and isinstance(phase.starts, OnDemand):
        phase = attrs.evolve(phase, starts=None)
    match cadence:
        case At(at=points):
            visits = Count(len(points), len(points))
        case Consecutive(consecutive_days=days, per_day=n):
            visits = Count(days.least * n, None if days.most is None else days.most * n)
        case _:
            pass
    return attrs.evolve(phase, cadence=cadence, visits=visits)


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
        other_visits=st.lists(values(OtherVisit, name=st.just("check")), max_size=1),
        adaptations=st.lists(values(Adaptation), max_size=1),
        month_end=st.sampled_from(MonthEnd),
        # Points that are in order by one numbering need not be by another.
        numbering=st.sampled_from([None, Numbering()]),
    )


def clinics() -> SearchStrategy[Clinic]:
    """Clinics with any hours, closures, places and staff."""
    return values(Clinic, start_every=st.sampled_from([5, 15, 60]))


def persons() -> SearchStrategy[Person]:
    """Persons with preferences, commitments and escorts."""
    return values(Person)


def courses() -> SearchStrategy[Course]:
    """Courses of the founding protocol with any events, which need not fit it."""
    return values(Course, protocol=st.just(catalog.load("ketamine-migraine")))


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


def _places() -> SearchStrategy[tuple[tuple[str, str], ...]]:
    chairs = st.sampled_from([("chair", "chair 1"), ("chair", "chair 2"), ("bed", "bed 1")])
    return st.lists(chairs, max_size=3, unique=True).map(tuple)  # two of one kind are possible


# How to draw a field that its class would refuse most random values of.
_GIVEN: Mapping[type, Mapping[str, SearchStrategy[Any]]] = {
    Cap: {"in_any": _days(1)},
    Consecutive: {
        "closed_days": st.sampled_from([ClosedDays.COUNTED, ClosedDays.SKIP]),
        "make_up_apart": st.none(),
    },
    PerWeek: {"closed_days": st.sampled_from([ClosedDays.COUNTED, ClosedDays.SKIP])},
    Gate: {"target": st.none()},
    OtherVisit: {"closed_day": st.none(), "until_from": st.none()},
    Phase: {"closed_day": st.none()},
    Check: {"every": st.builds(ElapsedSpan, st.integers(1, 90)), "at": st.just(())},
    # What names a stage of its visit type.
    Fasting: {"before": st.just("")},
    Preparation: {"before": st.just(""), "skills": st.just(())},
    Cleaning: {"after": st.just(""), "skills": st.just(())},
    Stage: {"length": _lengths(), "without_escort": st.none(), "skills": st.just(())},
    VisitType: {"same_staff": st.just(())},
    Clinic: {
        "team": st.deferred(
            lambda: st.tuples(
                values(Member, role=st.just("infusion nurse"), name=st.just("Ada Lovelace"))
            )
        ),
        "ratios": st.just((Ratio(one="infusion nurse", for_=(("infusion", 2),)),)) | st.just(()),
    },
    Tolerance: {"before": _days(0), "after": _days(0)},
    Visit: {"places": _places()},
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


# --- courses with a past that fits them ------------------------------------------------------


def runs(name: str) -> SearchStrategy[Phase]:
    """Phases as protocols have them: a cadence, an anchor, and limits that go together."""
    cadences: SearchStrategy[Cadence] = st.sampled_from(
        [
            Every(every=parse_range("1 week")),
            Every(every=parse_range("2 to 3 days")),
            Every(every=parse_range("1 month")),
            Every(every=parse_range("8 hours")),
            At(at=map(CoursePoint, ("day 1", "day 8", "day 15")), cycle=CalendarSpan(days=28)),
            At(at=map(CoursePoint, ("week 0", "month 2"))),
            PerWeek(per_week=2),
            PerWeek(per_week=3, week=Week.MONDAY),
            Consecutive(consecutive_days=Count(3, 3), weekends=False),
            Within(within=parse_range("7 to 28 days")),
            OnDemand(on_demand="asked for"),
        ]
    )
    tiers = st.tuples(
        st.sampled_from(Give), st.sampled_from(Then), st.integers(0, 2), st.integers(1, 30)
    ).map(
        lambda parts: (
            Tier(up_to=CalendarSpan(days=3), then=Then.ORIGINAL_DATES),
            Tier(
                over=CalendarSpan(days=3),
                under=CalendarSpan(days=20 + parts[3]),
                give=parts[0],
                then=parts[1],
                extra=parts[2],
                extra_after=CalendarSpan(days=7),
            ),
        )
    )
    table = st.builds(LateTable, source=st.just("local"), clock=st.sampled_from(Clock), tiers=tiers)
    window = st.sampled_from(
        [Tolerance(before=CalendarSpan(days=2), after=CalendarSpan(days=3), source="local")]
    )
    floor = st.builds(
        Separation,
        source=st.just("local"),
        from_=st.sampled_from([(PreviousVisit(),), (StartOf("course"), PreviousVisit())]),
        least=st.sampled_from([CalendarSpan(days=2), ElapsedSpan(72 * 60)]),
    )
    phase = st.builds(
        Phase,
        source=st.just("local"),
        name=st.just(name),
        visit=st.just("infusion"),
        cadence=st.just(Every(every=parse_range("1 week"))),
        starts=st.sampled_from([None, None, None, OnDemand(on_demand="asked for")]),
        visits=st.sampled_from([Count(1, 1), Count(4, 4), Count(2, 5), Count(0, None)]),
        cycles=st.sampled_from([Count(1, 1), Count(2, 2), Count(0, None)]),
        next_cycle=st.sampled_from(
            [
                None,
                OnDemand(on_demand="asked for"),
                Starts(after=parse_range("5 weeks"), source="local"),
            ]
        ),
        anchor=st.sampled_from(
            [
                None,
                PreviousVisit(),
                OriginalDates(),
                DayOfMonth(),
                StartOf("course"),
                VisitNumber(1),
                OutsideEvent("transplant"),
                AnotherSeries("dialysis"),
            ]
        ),
        tolerances=st.lists(window, max_size=1),
        separations=st.lists(floor, max_size=1),
        caps=st.sampled_from([(), (Cap(most=3, in_any=CalendarSpan(days=7), source="local"),)]),
        late=st.lists(table, max_size=1),
    )
    return st.builds(_with_cadence, phase, cadences)


def small_protocols() -> SearchStrategy[Protocol]:
    """Protocols of two runs, with a gate, another visit and an adaptation or without."""
    stage = Stage(name="infusion", length=parse_range("30 minutes"), source="local")
    kinds = tuple(VisitType(name=name, stages=[stage]) for name in VISIT_TYPES)
    gates = [
        Gate(
            name="mri",
            before=Ordinals.parse("2, 4"),
            if_not=outcome,
            receipt=outcome is Outcome.DELAY,
            source="local",
        )
        for outcome in Outcome
    ]
    gates += [Gate(name="talk", visit="review", max_age=CalendarSpan(days=30), source="local")]
    check = OtherVisit(
        name="check",
        visit="review",
        cadence=Every(every=parse_range("1 month")),
        anchor=StartOf("course"),
        source="local",
    )
    actions: list[Action] = [
        GoTo(go_to="boosters"),
        StepBack(step_back="induction > boosters"),
        NewCadence(cadence=Every(every=parse_range("4 days")), phase="induction"),
        InsertVisit(insert=CoursePoint("week 10"), phase="induction"),
        Extend(extend=2, phase="induction"),
        Stop(stop="no response"),
    ]
    adaptations = st.builds(
        Adaptation,
        source=st.just("local"),
        name=st.just("response"),
        measure=st.just("pain"),
        at_least=st.just(5.0),
        after=st.sampled_from([None, "induction"]),
        then=st.sampled_from(actions),
    )
    return st.builds(
        Protocol,
        name=st.just("p1"),
        title=st.just("Test"),
        visit_types=st.just(kinds),
        phases=st.tuples(*(runs(name) for name in PHASES)),
        gates=st.lists(st.sampled_from(gates), max_size=1),
        other_visits=st.sampled_from([(), (check,)]),
        adaptations=st.lists(adaptations, max_size=1),
        month_end=st.sampled_from(MonthEnd),
    )


@st.composite
def lived_courses(draw: st.DrawFn) -> tuple[Course, date]:
    """Courses whose visits were given, left out or failed in turn, and the date of the last."""
    start = draw(st.dates(date(2024, 1, 1), date(2026, 12, 31)))
    course = Course(key="c1", protocol=draw(small_protocols()), not_before=start)
    today = start
    for _ in range(draw(st.integers(0, 6))):
        today += timedelta(days=draw(st.integers(0, 3)))
        course = course.after([draw(_events(course, today))])
        event = course.events[-1]
        if isinstance(event, Given):
            today = max(today, event.on)
    return course, today


@st.composite
def _events(draw: st.DrawFn, course: Course, today: date) -> Event:
    dues = expand(course, today).dues
    others: list[Event] = [
        Requested(phase="boosters", on=today, visits=draw(st.sampled_from([None, None, 2]))),
        Requested(phase="induction", on=today),
        Reviewed(on=today, scores=(("pain", 7.0),)),
        Tested(gate="mri", on=today, passed=False),
        Tested(gate="mri", on=today),
        Happened(event="transplant", on=today),
        Happened(event="dialysis", on=today),
        Discontinued(on=today),
    ]
    if not dues or draw(st.integers(0, 4)) == 0:
        return draw(st.sampled_from(others))
    due = draw(st.sampled_from(dues[:2]))
    dated = due.foreseen or due.earliest
    base = dated.day if dated is not None else today
    on = max(today, base + timedelta(days=draw(st.sampled_from([0, 0, 1, 3, 4, 15, 60]))))
    own: list[Event] = [
        Given(visit=due.id, on=on),
        Given(visit=due.id, on=on),
        Given(visit=due.id, on=on, counts=False),
        Omitted(visit=due.id, on=today),
        Missed(visit=due.id, on=today),
        Deferred(visit=due.id, on=today),
        Deferred(visit=due.id, on=today, until=today + timedelta(days=draw(st.integers(0, 40)))),
    ]
    return draw(st.sampled_from(own))
