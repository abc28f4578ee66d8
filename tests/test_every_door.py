"""Every public name, called with a wrong type in every place, names the place in our own words."""

from __future__ import annotations

import enum
import inspect
import types
import typing
from collections.abc import Callable, Container, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest

import protocol_sched
from protocol_sched.clinic.waiting import FreedPlace
from protocol_sched.errors import InvalidDocument, InvalidValue, NaiveMoment, UnknownName
from protocol_sched.expansion import expand
from protocol_sched.formats.ics.reading.busy import Busy, read_busy
from protocol_sched.model.causes import Request
from protocol_sched.model.course import Notified
from protocol_sched.planning.course import plan_course
from protocol_sched.planning.explain import explain_course
from protocol_sched.planning.replan import replan_course
from test_hours_of_a_day import OPEN, PERSON
from test_wrong_types import AT, DAY, RUN

LATER = AT + timedelta(hours=1)
PLAN = plan_course(RUN, OPEN, PERSON, as_of=DAY)
CALENDAR = "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"
BUSY: Busy = read_busy(CALENDAR, zone=ZoneInfo("UTC"), first=DAY, last=DAY)
READY: Mapping[type, Any] = {
    type(one): one
    for one in (
        *(
            RUN,
            RUN.protocol,
            attrs.evolve(OPEN, email="a@b.example"),
            PERSON,
            PLAN,
            PLAN.schedule,
            BUSY,
            expand(RUN, DAY),
        ),
        *("x", b"x", 1, 1.5, True, DAY, AT, timedelta(1), ZoneInfo("UTC")),
        explain_course(RUN, OPEN, PERSON, as_of=DAY),
        replan_course(RUN, OPEN, PERSON, as_of=DAY),
        PERSON.available,
        Request(visit="x"),
        FreedPlace(place="x", start=AT, end=LATER),
        Notified(visit="x", on=DAY, start=AT, discharge=LATER, discharge_by=LATER),
    )
}
STRANGE: tuple[Any, ...] = (
    *(None, "x", b"x", 7, 7.5, True, date(2027, 3, 1), timedelta(1), ZoneInfo("UTC")),
    *(datetime(2027, 3, 1, 9, tzinfo=UTC), datetime(2027, 3, 1, 9), object()),  # noqa: DTZ001
    *([object()], (object(),), {"x": object()}, {object(): "x"}, len, PERSON),
)


def right(hint: Any) -> Any:
    """Return a value that an annotation allows."""
    origin, parts = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return None if type(None) in parts else right(parts[0])
    if origin is Callable:
        return len
    if origin is tuple and Ellipsis not in parts:
        return tuple(map(right, parts))
    if origin is not None:
        return {} if issubclass(origin, Mapping) else ()
    if hint in READY:
        return READY[hint]
    if issubclass(hint, enum.Enum):
        return next(iter(hint))
    hints = typing.get_type_hints(hint)
    needed = [one for one in attrs.fields(hint) if one.default is attrs.NOTHING and one.init]
    return hint(**{one.alias: right(hints[one.name]) for one in needed})


def allows(hint: Any, value: Any) -> bool:
    """Tell whether a strange value is of a type that an annotation allows."""
    origin, parts = typing.get_origin(hint), typing.get_args(hint)
    if origin in (typing.Union, types.UnionType):
        return any(allows(part, value) for part in parts)
    if origin is not None:
        # No strange value is a list or mapping of what is wanted; one that has nothing would be.
        return bool(origin is Callable and callable(value)) or (
            origin is Container and hasattr(value, "__contains__")
        )
    if hint is datetime:
        return isinstance(value, datetime) and value.tzinfo is not None
    return type(value) is hint or (hint is float and type(value) is int)


def calls() -> Iterator[tuple[str, str, Callable[..., Any], dict[str, Any], Any]]:
    """Yield each place of each public name, with a call that is right in all other places."""
    for name in protocol_sched.__all__:
        called = getattr(protocol_sched, name)
        if inspect.isclass(called) and issubclass(called, Exception | enum.Enum):
            continue
        made = called.__init__ if inspect.isclass(called) else called
        hints = typing.get_type_hints(called if attrs.has(called) else inspect.unwrap(made))
        if attrs.has(called):
            places = {one.alias: hints[one.name] for one in attrs.fields(called) if one.init}
            needed = {
                one.alias
                for one in attrs.fields(called)
                if one.init and one.default is attrs.NOTHING
            }
        else:
            signature = inspect.signature(called)
            places = {field: hints[field] for field in signature.parameters}
            needed = {
                field
                for field, one in signature.parameters.items()
                if one.default is inspect.Parameter.empty
            }
        for field, hint in places.items():
            yield (
                name,
                field,
                called,
                {one: right_there(called, one, places) for one in needed},
                hint,
            )


def right_there(called: Any, field: str, places: Mapping[str, Any]) -> Any:
    """Return a value that a place takes, that of a whole that is right where there is one."""
    if called in READY:
        return getattr(READY[called], field)
    return {"file": CALENDAR}.get(field) or right(places[field])


CALLS = list(calls())


def test_the_table_has_every_name_that_can_be_called() -> None:
    assert len({name for name, *_ in CALLS}) > 90
    assert len(CALLS) > 450


@pytest.mark.parametrize("name", dict.fromkeys(name for name, *_ in CALLS))
def test_a_wrong_type_is_refused_by_the_name_of_its_place(name: str) -> None:
    for of, field, called, others, hint in CALLS:
        if of != name:
            continue
        for value in (*STRANGE, iter([object()])):
            if allows(hint, value):
                continue
            with pytest.raises(
                (InvalidValue, NaiveMoment, UnknownName, InvalidDocument)
            ) as refused:
                taken(called(**{**others, field: value}))
            if isinstance(refused.value, InvalidDocument):  # which says what the mapping lacks
                assert name.endswith("_from_dict")
                continue
            assert getattr(refused.value, "field").startswith(field), str(refused.value)  # noqa: B009


def taken(answer: object) -> None:
    """Take all of an answer: what is worked out bit by bit looks at its input bit by bit."""
    if isinstance(answer, Iterator):
        list(answer)
