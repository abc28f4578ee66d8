"""
What a value of the wrong type is told: which field it is in, what is there, what was wanted.

The annotations say it already, so nothing says it twice: `typed` lets a class refuse what its own
annotations do not allow, and `asked` does the same for a function's arguments.
"""

from __future__ import annotations

import enum
import functools
import inspect
import math
import types
import typing
from collections.abc import Callable, Collection, Container, Hashable, Iterable, Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any, NoReturn, TypeVar
from zoneinfo import ZoneInfo

import attrs

from protocol_sched.errors import InvalidValue, NaiveMoment, UnknownName
from protocol_sched.model.former import words
from protocol_sched.model.plain import as_tuple

Found = tuple[str, object, str]
"""Where in a value something is wrong (``[2]``; empty for the whole), what is there, and what is
wanted."""
Check = Callable[[Any], Found | None]

_PLAIN: Mapping[object, str] = {
    str: "a text",
    bytes: "bytes",
    bool: "True or False",
    int: "a whole number",
    float: "a number",
    date: "a date without a time",
    datetime: "a moment with a time zone",
    timedelta: "a length of time (a timedelta)",
    ZoneInfo: "a ZoneInfo, as ZoneInfo('Europe/Berlin')",
    types.NoneType: "None",
}
_ANYTHING = (Any, object)


# --- classes ---------------------------------------------------------------------------------


def typed(owner: type, fields: list[attrs.Attribute[Any]]) -> list[attrs.Attribute[Any]]:
    """
    Return a class's fields so that each refuses what its annotation does not allow.

    For ``attrs.frozen(field_transformer=typed)``. What a converter can make nothing of is refused
    in the same words.
    """
    # A field of a class above has its check from there.
    own = inspect.get_annotations(owner)
    return [_guarded(owner, field) if field.name in own else field for field in fields]


def _guarded(owner: type, field: attrs.Attribute[Any]) -> attrs.Attribute[Any]:
    if not field.init:
        return field
    own = field.validator
    convert = field.converter
    name = words(owner.__name__)
    check: Check | None = None

    def validate(one: Any, of: attrs.Attribute[Any], value: object) -> None:
        nonlocal check
        if check is None:  # annotations can be read once all classes that they name are there
            kind: Any = type(one)
            check = _checks_of(kind)[of.name]
        found = check(value)
        if found is not None:
            where, what, wanted = found
            _refuse(name, (of.alias or of.name) + where, what, wanted)
        if own is not None:
            own(one, of, value)

    if convert is None or isinstance(convert, attrs.Converter):
        return field.evolve(validator=validate)

    def converted(value: Any) -> Any:
        if convert is as_tuple and isinstance(value, str | bytes | Mapping):
            # No list of its letters, or of its keys.
            return value
        try:
            return convert(value)
        except InvalidValue as error:
            raise InvalidValue(name, field.name, error.found, error.wanted) from None
        except UnknownName as error:
            raise UnknownName(name, field.name, error.name, error.known) from None
        except (TypeError, ValueError, AttributeError):
            return value

    return field.evolve(validator=validate, converter=converted)


@functools.cache
def _checks_of(kind: Hashable) -> dict[str, Check]:
    assert isinstance(kind, type)
    hints = typing.get_type_hints(kind)
    return {name: check_of(hint) for name, hint in hints.items()}


# --- functions -------------------------------------------------------------------------------


_Called = TypeVar("_Called", bound=Callable[..., Any])


def asked(function: _Called) -> _Called:
    """
    Return a function that refuses arguments its annotations do not allow.

    What comes one by one is looked at as it comes.
    """
    signature = inspect.signature(function)
    name = function.__name__

    @functools.wraps(function)
    def wrapper(*args: Any, **given: Any) -> Any:
        try:
            bound = signature.bind(*args, **given)
        except TypeError:
            # An earlier name of an argument, or no call that Python itself would let pass.
            return function(*args, **given)
        checks = _arguments_of(function)
        for field, value in bound.arguments.items():
            if field not in checks:
                continue
            check, one_by_one = checks[field]
            if one_by_one and isinstance(value, Iterator):
                bound.arguments[field] = _each(name, field, value, check)
            else:
                refuse(name, field, value, check)
        return function(*bound.args, **bound.kwargs)

    return wrapper  # type: ignore[return-value]  # the same, and more careful


@functools.cache
def _arguments_of(function: Callable[..., Any]) -> dict[str, tuple[Check, bool]]:
    """Return each argument's check, and whether it may be something that comes one by one."""
    hints = typing.get_type_hints(inspect.unwrap(function))
    return {
        name: (check_of(hint), not {Iterable, Iterator}.isdisjoint(map(typing.get_origin, parts)))
        for name, hint in hints.items()
        if name != "return"
        for parts in [(hint, *typing.get_args(hint))]
    }


# --- values ----------------------------------------------------------------------------------


def refuse(owner: str, field: str, value: Any, check: Check) -> None:
    """
    Do nothing with a value that passes a check.

    Raises:
        InvalidValue: It does not pass.
        NaiveMoment: It is, or holds, a moment without a time zone.
    """
    found = check(value)
    if found is not None:
        where, what, wanted = found
        _refuse(owner, field + where, what, wanted)


def _refuse(owner: str, field: str, what: object, wanted: str) -> NoReturn:
    if isinstance(what, datetime) and what.utcoffset() is None and _PLAIN[datetime] in wanted:
        raise NaiveMoment(owner, field, what.isoformat())
    raise InvalidValue(owner, field, shown(what), wanted)


def _each(owner: str, field: str, items: Iterator[Any], check: Check) -> Iterator[Any]:
    for n, item in enumerate(items):
        found = check((item,))
        if found is not None:
            _refuse(owner, f"{field}{found[0].replace('[0]', f'[{n}]', 1)}", *found[1:])
        yield item


def shown(value: object) -> str:
    """Return a value as an error shows it: as it is written if short, else its type."""
    written = repr(value)
    return written if len(written) <= 60 else f"a value of type {type(value).__name__}"


@functools.cache
def check_of(hint: Any) -> Check:
    """Return what an annotation allows, as a check of values."""
    origin, parts = typing.get_origin(hint), typing.get_args(hint)
    if hint in _ANYTHING or isinstance(hint, TypeVar):
        return lambda _: None
    if origin is typing.Annotated:
        return check_of(parts[0])
    if origin in (typing.Union, types.UnionType):
        return _one_of(hint, parts)
    if origin is typing.Literal:
        return _plain(lambda value: value in parts, wanted_of(hint))
    if origin is tuple and not (len(parts) == 2 and parts[1] is Ellipsis):
        return _row(parts, wanted_of(hint))
    if inspect.isclass(origin) and issubclass(origin, Mapping):
        return _mapping(check_of(parts[0]), check_of(parts[1]), wanted_of(hint))
    if inspect.isclass(origin) and issubclass(origin, Iterable):
        return _items(check_of(parts[0]), origin, wanted_of(hint))
    if origin is Callable:
        return _plain(callable, "a function")
    if origin is Container:
        return _plain(lambda value: isinstance(value, Container), wanted_of(hint))
    if inspect.isclass(hint) and not getattr(hint, "_is_protocol", False):
        return _plain(_holds(hint), wanted_of(hint))
    return lambda _: None


def _plain(holds: Callable[[Any], bool], wanted: str) -> Check:
    return lambda value: None if holds(value) else ("", value, wanted)


def _holds(kind: type) -> Callable[[Any], bool]:
    if kind is int:
        return lambda value: isinstance(value, int) and not isinstance(value, bool)
    if kind is float:
        return lambda value: (
            isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
        )
    if kind is date:
        return lambda value: isinstance(value, date) and not isinstance(value, datetime)
    if kind is datetime:
        return lambda value: isinstance(value, datetime) and value.utcoffset() is not None
    return lambda value: isinstance(value, kind)


def _one_of(hint: Any, parts: tuple[Any, ...]) -> Check:
    kinds = tuple(part for part in parts if inspect.isclass(part) and part not in _PLAIN)
    rest = tuple(check_of(part) for part in parts if part not in kinds)
    wanted = wanted_of(hint)

    def check(value: Any) -> Found | None:
        if isinstance(value, kinds):
            return None
        inner: Found | None = None
        for one in rest:
            found = one(value)
            if found is None:
                return None
            if found[0]:
                # The right kind of whole, and something in it is wrong.
                inner = found
        return inner or ("", value, wanted)

    return check


def _row(parts: tuple[Any, ...], wanted: str) -> Check:
    checks = tuple(map(check_of, parts))

    def check(value: Any) -> Found | None:
        if not isinstance(value, tuple) or len(value) != len(checks):
            return "", value, wanted
        return _first_wrong(zip(checks, value, strict=True))

    return check


def _items(one: Check, kind: type, wanted: str) -> Check:
    whole: type[Any] = Collection if kind is Iterable else kind

    def check(value: Any) -> Found | None:
        if not isinstance(value, whole) or isinstance(value, str | bytes | Mapping):
            return "", value, wanted
        for n, item in enumerate(value):
            found = one(item)
            if found is not None:
                return f"[{n}]{found[0]}", *found[1:]
        return None

    return check


def _first_wrong(pairs: Iterable[tuple[Check, Any]]) -> Found | None:
    for n, (check, item) in enumerate(pairs):
        found = check(item)
        if found is not None:
            return f"[{n}]{found[0]}", *found[1:]
    return None


def _mapping(key: Check, item: Check, wanted: str) -> Check:
    def check(value: Any) -> Found | None:
        if not isinstance(value, Mapping):
            return "", value, wanted
        for name, one in value.items():
            found = key(name) or item(one)
            if found is not None:
                return f"[{name!r}]{found[0]}", *found[1:]
        return None

    return check


# --- words -----------------------------------------------------------------------------------


def wanted_of(hint: Any) -> str:
    """Return what an annotation asks for in words: ``a list, each a text``."""
    origin, parts = typing.get_origin(hint), typing.get_args(hint)
    if hint in _PLAIN:
        return _PLAIN[hint]
    if origin in (typing.Union, types.UnionType):
        if set(parts) == {bool, types.NoneType}:
            return "True, False or None"
        return " or ".join(dict.fromkeys(map(wanted_of, parts)))
    if origin is typing.Literal:
        return " or ".join(map(repr, parts))
    if origin is tuple and not (len(parts) == 2 and parts[1] is Ellipsis):
        return f"a tuple of {', '.join(map(wanted_of, parts))}"
    if inspect.isclass(origin) and issubclass(origin, Mapping):
        return f"a mapping from {wanted_of(parts[0])} to {wanted_of(parts[1])}"
    if inspect.isclass(origin) and issubclass(origin, Container):
        return f"a list, each {wanted_of(parts[0])}"
    if inspect.isclass(hint) and issubclass(hint, enum.Enum):
        return f"one of {', '.join(f'{hint.__name__}.{one.name}' for one in hint)}"
    name = getattr(hint, "__name__", "value")
    if name.endswith("s") and not name.endswith("ss"):
        return name
    return f"{'an' if name[0] in 'AEIOU' else 'a'} {name}"
