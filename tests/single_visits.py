"""Protocols of one visit and others that hang on it, for the standards that hold no more."""

from __future__ import annotations

from hypothesis import strategies as st

from protocol_sched.model.cadences import At
from protocol_sched.model.numbers import ONE
from protocol_sched.model.other_visits import OtherVisit
from protocol_sched.model.protocol import Phase, Protocol, VisitType
from protocol_sched.model.references import CoursePoint, StartOf
from protocol_sched.model.rules import Tolerance
from protocol_sched.model.spans import (
    CalendarSpan,
    ElapsedSpan,
    MonthEnd,
    Span,
    comparable,
    parse_range,
)
from protocol_sched.model.stages import Stage

CALL = VisitType(
    name="call",
    stages=[Stage(name="visit", length=parse_range("30 minutes"), source="local")],
)
SPANS = st.one_of(
    st.integers(1, 300).map(lambda n: CalendarSpan(days=n)),
    st.integers(1, 40).map(lambda n: CalendarSpan(weeks=n)),
    st.integers(1, 200).map(lambda n: ElapsedSpan(60 * n)),
    st.integers(1, 900).map(ElapsedSpan),
    st.integers(-60, -1).map(lambda n: CalendarSpan(days=n)),
    st.integers(-8, -1).map(lambda n: CalendarSpan(weeks=n)),
)
DAYS = st.integers(0, 14).map(lambda n: CalendarSpan(days=n))
HOURS = st.integers(0, 48).map(lambda n: ElapsedSpan(30 * n))


def point(span: Span) -> CoursePoint:
    if isinstance(span, CalendarSpan) and span.in_days < 0:
        return CoursePoint(f"day {span.in_days}" if span.days else f"week {span.weeks}")
    return CoursePoint(str(span))


@st.composite
def protocols(draw: st.DrawFn) -> Protocol:
    """Draw day 1 and visits that hang on it or on one another, some with a window."""
    names = ["dose"]
    rules = []
    for n in range(draw(st.integers(0, 6))):
        tolerance = None
        if draw(st.booleans()):
            before, after = draw(st.one_of(st.tuples(DAYS, DAYS), st.tuples(HOURS, HOURS)))
            tolerance = Tolerance(before=before, after=after, source="local")
        name = draw(st.sampled_from(["call", "Week", "scan (late)", "visit é"])) + f" {n}"
        rules.append(
            OtherVisit(
                name=name,
                visit="call",
                cadence=At(at=[point(draw(SPANS))]),
                anchor=StartOf(draw(st.sampled_from(names))),
                tolerance=tolerance,
                source="local",
            )
        )
        names.append(name)
    dose = Phase(
        name="dose", visit="call", cadence=At(at=[CoursePoint("day 1")]), visits=ONE, source="local"
    )
    return Protocol(name="p", title="P", visit_types=[CALL], phases=[dose], other_visits=rules)


def said(protocol: Protocol) -> list[tuple[object, ...]]:
    """Return each visit, what it depends on, how far away, and its window in minutes."""
    return [
        (
            one.name,
            one.hangs_on,
            comparable(one.cadence.at[0].span),
            None
            if one.tolerance is None
            else (comparable(one.tolerance.before), comparable(one.tolerance.after)),
        )
        for one in protocol.other_visits
        if isinstance(one.cadence, At)
    ]


def months_and_days() -> Protocol:
    """Return a protocol with a visit six months less four days after its first."""
    late = OtherVisit(
        name="late",
        visit="call",
        cadence=At(at=[CoursePoint("6 months - 4 days")]),
        anchor=StartOf("dose"),
        source="local",
    )
    dose = Phase(
        name="dose", visit="call", cadence=At(at=[CoursePoint("day 1")]), visits=ONE, source="local"
    )
    return Protocol(
        name="p",
        title="P",
        visit_types=[CALL],
        phases=[dose],
        other_visits=[late],
        month_end=MonthEnd.NEXT_DAY,
    )
