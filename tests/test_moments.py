"""Moments are compared in real time: what the functions promise, and that nobody goes past them."""

from __future__ import annotations

import ast
import importlib
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mypy import build
from mypy.modulefinder import BuildSource
from mypy.options import Options
from mypy.types import Instance, ProperType, TupleType, Type, UnionType, get_proper_type

import protocol_sched
from protocol_sched.errors import NaiveMoment
from protocol_sched.model.course import Notified
from protocol_sched.model.moments import as_instant, elapsed, later_by, utc, zoned

ROOT = Path(protocol_sched.__file__).parent
NEW_YORK = ZoneInfo("America/New_York")
FIRST = datetime(2027, 11, 7, 1, 30, tzinfo=NEW_YORK)
"""01:30 EDT; the clock shows it again an hour later."""
SECOND = FIRST.replace(fold=1)
NAIVE = datetime(2027, 11, 7, 1, 30)  # noqa: DTZ001 - what is to be refused

ZONES = ("America/New_York", "Australia/Lord_Howe", "America/Santiago", "Asia/Beirut", "UTC")
zones = st.sampled_from([ZoneInfo(key) for key in ZONES])
moments = st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=zones)  # noqa: DTZ001


# --- what the functions promise ----------------------------------------------------------------


def test_both_passages_of_a_doubled_hour_are_apart_by_its_length() -> None:
    assert elapsed(FIRST, SECOND) == timedelta(hours=1)
    assert utc(FIRST) < utc(SECOND)
    assert later_by(FIRST, timedelta(hours=1)).isoformat() == "2027-11-07T01:30:00-05:00"


@settings(deadline=None)
@given(moments, st.integers(-10_000, 10_000))
def test_a_moment_so_much_later_is_so_much_later_by_the_same_clock(
    moment: datetime, minutes: int
) -> None:
    length = timedelta(minutes=minutes)
    there = later_by(moment, length)
    assert elapsed(moment, there) == length
    assert there.tzinfo is moment.tzinfo
    assert utc(later_by(there, -length)) == utc(moment)


@settings(deadline=None)
@given(moments, moments)
def test_values_are_equal_exactly_where_their_instants_are(one: datetime, other: datetime) -> None:
    same = as_instant(one) == as_instant(other)
    assert same == (one.timestamp() == other.timestamp())
    assert as_instant(one) == as_instant(one.astimezone(UTC))


def test_what_is_no_moment_stands_for_itself() -> None:
    early = datetime.min.replace(tzinfo=ZoneInfo("Asia/Tokyo"))
    for value in (None, date(2027, 11, 7), NAIVE, early):
        assert as_instant(value) is value


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(NaiveMoment, match="visit: start must carry a time zone"):
        zoned("visit", "start", NAIVE)
    for compared in (utc, lambda one: elapsed(one, FIRST), lambda one: elapsed(FIRST, one)):
        with pytest.raises(NaiveMoment):
            compared(NAIVE)
    with pytest.raises(NaiveMoment):
        later_by(NAIVE, timedelta(0))


def test_notifications_of_the_two_passages_are_two_and_of_one_instant_one() -> None:
    def notified(start: datetime) -> Notified:
        end = later_by(start, timedelta(hours=2))
        on = date(2027, 11, 1)
        return Notified(visit="stay-1", on=on, start=start, discharge=end, discharge_by=end)

    assert notified(FIRST) != notified(SECOND)
    assert notified(FIRST) == notified(utc(FIRST))
    assert (
        len({notified(FIRST), notified(SECOND), notified(utc(FIRST)), notified(utc(SECOND))}) == 2
    )


# --- nobody goes past them ---------------------------------------------------------------------

ON_THEIR_OWN = {
    "model.moments": "what all others use",
    "judge.breaches": "judges the planner and shares nothing with it; puts all into UTC",
    "judge.measured": "reckons with stretches that are in UTC",
    "judge.one_visit": "compares stretches that are in UTC",
    "judge.clinic": "judges the planner and shares nothing with it; puts all into UTC",
    "judge.checker": "judges the planner and shares nothing with it; puts all into UTC",
    "judge.clock": "judges the planner and shares nothing with it; puts all into UTC",
    "judge.team": "judges the planner and shares nothing with it; puts all into UTC",
    "judge.rules": "judges the planner and shares nothing with it; puts all into UTC",
    "judge.violation": "judges the planner and shares nothing with it; puts all into UTC",
    "judge.objective": "judges the planner and shares nothing with it; puts all into UTC",
    "clinic.calls": "puts moments into UTC before it orders them",
    "engine.horizon": "asks the zones themselves, in UTC",
    "formats.ics.reading.clocks": "asks the zones of a file themselves, in UTC",
    "formats.ics.reading.replies._deciding": "compares time stamps that it puts into UTC",
    "formats.ics.zones": "asks the zones themselves, in UTC and by bare clocks",
    "formats.ics.reading.busy": "cuts stretches that are in UTC at midnights and clock changes",
    "formats.svg.days._instants": "reckons with a bare clock before it has a zone",
}
"""Modules and functions that compare moments by themselves, and why they may."""

BY_OTHER_MEANS = {
    ("formats.ics.zones", "Observance", "onset"): "a bare clock",
    ("planning.course", "CourseRoad", "now"): "never compared",
    ("planning.course", "CourseRoad", "stays"): "a table of moments, never compared",
    ("model.around", "DueCheck", "due"): "in the zone of the visit's arrival, never compared",
    ("engine.horizon", "Horizon", "opens"): "follows from its other fields",
    ("formats.ics.reading.busy", "Busy", "times"): "all in UTC",
    ("formats.ics.reading.replies", "Reply", "proposed"): "both in UTC",
    ("judge.measured", "Stretch", "first"): "in UTC",
    ("judge.measured", "Stretch", "last"): "in UTC",
    ("judge.measured", "When", "start"): "compared by its stretch, in UTC",
    ("expansion.track", "Track", "planned"): "a table of moments, never compared",
    ("text.sheets", "Appointment", "leave_out"): "printed, never compared",
    ("text.sheets", "Appointment", "ready"): "printed, never compared",
    ("text.sheets", "Pickup", "ready"): "printed, never compared",
}
"""Fields with moments that are not equal by `as_instant`, and why they need not be."""

MODULES = {
    path.relative_to(ROOT).with_suffix("").as_posix().replace("/", "."): path.read_text("utf-8")
    for path in sorted(ROOT.rglob("*.py"))
}


def test_values_with_moments_are_equal_by_their_instants() -> None:
    found = set()
    for module in MODULES:
        if module.endswith("__main__"):
            continue
        name = f"protocol_sched.{module}".removesuffix(".__init__")
        for value in vars(importlib.import_module(name)).values():
            if not (isinstance(value, type) and value.__module__ == name and attrs.has(value)):
                continue
            for field in attrs.fields(value):
                if "datetime" in str(field.type) and field.eq_key is not as_instant:
                    found.add((module, value.__name__, field.name))
    assert found == set(BY_OTHER_MEANS)


Place = tuple[int, int, int, int]
"""Line and column of an expression's start and end; lines are counted through all modules."""


def offsets(first: int = 100_000) -> Iterator[tuple[str, str, int]]:
    """Yield each module's name and text, and after how many lines it is thought to begin.

    So a place says which module it is in; no other file mypy reads is that long.
    """
    for module, text in MODULES.items():
        yield module, text, first
        first += text.count("\n") + 1


def has_moment(found: Type | None) -> bool:
    """Tell whether values of a type are moments, or bare collections of them."""
    kind: ProperType | None = get_proper_type(found)
    match kind:
        case UnionType() | TupleType():
            return any(map(has_moment, kind.items))
        case Instance():
            plain = kind.type.fullname.split(".")[0] in ("builtins", "typing", "collections")
            if kind.type.fullname == "datetime.datetime":
                return True
            return plain and any(map(has_moment, kind.args))
        case _:
            return False


@pytest.fixture(scope="module")
def places() -> set[Place]:
    """Return where moments stand in the package, by their types."""
    options = Options()
    options.export_types = True
    options.ignore_missing_imports = True
    options.python_executable = sys.executable
    options.python_version = sys.version_info[:2]
    options.cache_dir = str(Path(__file__).parents[1] / ".mypy_cache" / "moments")
    sources = []
    for module, text, first in offsets():
        name = f"protocol_sched.{module}".removesuffix(".__init__")
        path = str(ROOT / (module.replace(".", "/") + ".py"))
        sources.append(BuildSource(path, name, "\n" * first + text))
    result = build.build(sources, options)
    assert result.errors == []
    return {
        (one.line, one.column, one.end_line or 0, one.end_column or 0)
        for one, kind in result.types.items()
        if has_moment(kind)
    }


@attrs.frozen
class Judge:
    """Finds comparisons and sums of moments that are not in real time."""

    places: set[Place]
    first: int

    def bare(self, node: ast.expr) -> bool:
        """Tell whether an expression has moments and does not show that they are in UTC."""
        match node:
            case ast.Call(func=ast.Name(id="utc" | "as_instant")):
                return False
            case ast.Call(func=ast.Attribute(attr="astimezone"), args=[ast.Name(id="UTC")]):
                return False
            case ast.Tuple(elts=parts) | ast.List(elts=parts) | ast.Set(elts=parts):
                return any(map(self.bare, parts))
            case ast.Starred(value=inner) | ast.NamedExpr(value=inner):
                return self.bare(inner)
            case ast.GeneratorExp(elt=inner) | ast.ListComp(elt=inner) | ast.SetComp(elt=inner):
                return self.bare(inner)
            case ast.BinOp(left=left, right=right):
                return self.bare(left) or self.bare(right)
            case _:
                return self.place(node) in self.places

    def place(self, node: ast.expr) -> Place:
        last, end = node.end_lineno or 0, node.end_col_offset or 0
        return node.lineno + self.first, node.col_offset, last + self.first, end

    def against(self, node: ast.AST) -> bool:
        """Tell whether a node compares, orders, adds or looks up moments as they stand."""
        match node:
            case ast.Compare(left=left, ops=ops, comparators=others):
                if isinstance(ops[0], ast.In | ast.NotIn):
                    return self.bare(left)
                kinds = {type(op) for op in ops}
                return not kinds <= {ast.Is, ast.IsNot} and any(map(self.bare, [left, *others]))
            case ast.BinOp(left=left, op=ast.Add() | ast.Sub(), right=right):
                return self.bare(left) or self.bare(right)
            case ast.AugAssign(target=target, op=ast.Add() | ast.Sub()):
                return self.bare(target)
            case ast.Set(elts=parts):
                return any(map(self.bare, parts))
            case ast.SetComp(elt=part) | ast.DictComp(key=part):
                return self.bare(part)
            case ast.Dict(keys=keys):
                return any(self.bare(key) for key in keys if key is not None)
            case ast.Call(func=ast.Attribute(attr="timestamp", value=moment)):
                return self.bare(moment)
            case ast.Call(func=ast.Name(id=name), args=args) if name in ORDERING:
                return self.ordered(node, args)
            case ast.Call(func=ast.Attribute(attr="sort", value=listed)):
                return self.ordered(node, [listed])
            case ast.Call(func=ast.Attribute(attr=name), args=args) if name in LOOKING:
                return any(map(self.bare, args))
            case _:
                return False

    def ordered(self, call: ast.Call, what: list[ast.expr]) -> bool:
        keys = [word.value for word in call.keywords if word.arg == "key"]
        match keys:
            case [ast.Name(id="utc")]:
                return False
            case [ast.Lambda(body=body)]:
                return self.bare(body)
            case _:
                return any(map(self.bare, what))


ORDERING = {"min", "max", "sorted", "set", "frozenset"}
LOOKING = {"index", "count", "fromkeys", "setdefault", "remove"}


def compared(module: str, text: str, judge: Judge) -> Iterator[tuple[str, int, str]]:
    """Yield module or function, line and source of each comparison that is not in real time."""
    tree = ast.parse(text)
    within = {
        inner: f"{module}.{outer.name}"
        for outer in tree.body
        if isinstance(outer, ast.FunctionDef)
        for inner in ast.walk(outer)
    }
    for node in ast.walk(tree):
        if judge.against(node) and isinstance(node, ast.expr | ast.stmt):
            where = within.get(node, module)
            yield where if where in ON_THEIR_OWN else module, node.lineno, ast.unparse(node)


def test_moments_are_compared_in_real_time_only(places: set[Place]) -> None:
    found = [
        one
        for module, text, first in offsets()
        for one in compared(module, text, Judge(places, first))
    ]
    assert [one for one in found if one[0] not in ON_THEIR_OWN] == []
    # What is allowed for is there: the test does see comparisons, and the list has none too many.
    assert {where for where, _, _ in found} == set(ON_THEIR_OWN) - {"model.moments"}
