"""
Plain mappings to model values: every fault of a document noted with its path, none hidden.
"""

from __future__ import annotations

import difflib
import enum
import json
import math
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time
from typing import Any, assert_never
from zoneinfo import ZoneInfo, available_timezones

import attrs

from protocol_sched.errors import (
    Fault,
    InvalidDocument,
    InvalidValue,
    ProtocolSchedError,
    UnknownName,
    known_here,
)
from protocol_sched.formats.documents.shape import (
    WINDOWS,
    Choice,
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
    zone,
)
from protocol_sched.model import former
from protocol_sched.model.availability import Hours
from protocol_sched.model.plain import WEEKDAYS
from protocol_sched.model.protocol import Protocol

Protocols = Callable[[str], Protocol]
"""Finds a protocol by its name; raises `UnknownName` if there is none."""


class _Unread(str):
    """
    Stands where a value could not be read, so that the parts around it can still be checked.

    A text, because most fields are; what a check says about it is thrown away.
    """

    __slots__ = ()


_UNREAD = _Unread("?")


def _unchecked(kind: type[Any], values: Mapping[str, Any]) -> Any:
    """Return a value of the class without asking the class; parts that are missing are unread."""
    value: Any = object.__new__(kind)
    for field in fields(kind):
        default: Any = field.attribute.default
        simple = default is not attrs.NOTHING and not hasattr(default, "takes_self")
        object.__setattr__(
            value, field.name, values.get(field.name, default if simple else _UNREAD)
        )
    return value


class Reader:
    """Reads one document; ``faults`` grow in the order of the document."""

    def __init__(self, protocols: Protocols | None, local: ZoneInfo | None) -> None:
        self.faults: list[Fault] = []
        self._unread: list[str] = []
        self._nameless = False
        self._protocols = protocols
        self._local = local

    def read(self, shape: Shape, found: object, path: str) -> Any:
        """Return the value, or note faults and return something that stands in for it."""
        match shape:
            case Text():
                return self._text(shape, found, path)
            case Plain(kind=kind):
                return self._plain(kind, found, path)
            case When():
                return self._when(shape, found, path)
            case OneOf(kind=kind):
                return self._one_of(kind, found, path)
            case Listing():
                return self._listing(shape, found, path)
            case Table(item=item):
                return self._table(item, found, path)
            case Record(kind=kind):
                if kind is Protocol and isinstance(found, str) and self._protocols is not None:
                    return self._named_protocol(self._protocols, found, path)
                return self.record(kind, found, path)
            case Choice():
                return self._choice(shape, found, path)
            case NameOr(kind=kind):
                if isinstance(found, Mapping):
                    return self.record(kind, found, path)
                return self._plain(str, found, path)
            case Weekly():
                return self._weekly(found, path)
            case _:
                assert_never(shape)

    def _fault(self, path: str, says: str) -> Any:
        self.faults.append(Fault(path, says))
        self._leave_out(path)
        return _UNREAD

    def _leave_out(self, path: str) -> None:
        self._unread.append(path)
        self._nameless = self._nameless or path.endswith(".name")

    def _wrong(self, path: str, found: object, wanted: str) -> Any:
        return self._fault(path, f"must be {wanted}, got {found_words(found)}")

    # one value

    def _text(self, shape: Text, found: object, path: str) -> Any:
        if shape.number and type(found) is int and _is_64_bit(found):
            found = str(found)
        if not isinstance(found, str) or len(found) > 1000:
            return self._wrong(path, found, shape.wanted)
        try:
            return shape.read(found)
        except InvalidValue as error:
            if error.owner == "zone":
                return self._fault(path, _no_zone(found))
            if error.field == "text":
                wanted = shape.wanted if error.owner == "span" else error.wanted
                return self._wrong(path, found, wanted)
            says = f"{error.field} must be {error.wanted}, got {error.found}"
            return self._fault(path, f"{says} in {quoted(found)}")

    def _plain(self, kind: type, found: object, path: str) -> Any:
        if kind is str and isinstance(found, str):
            if re.search("[\ud800-\udfff]", found):
                return self._wrong(path, found, "a text that can be written as UTF-8")
            return found
        if kind is int and type(found) is int and not _is_64_bit(found):
            return self._wrong(path, found, "a whole number of at most 64 bits")
        if kind is float and type(found) is int and _is_64_bit(found):
            return float(found)
        if kind is float and type(found) is float and not math.isfinite(found):
            return self._wrong(path, found, "a finite number")
        return found if type(found) is kind else self._wrong(path, found, _KINDS[kind])

    def _when(self, shape: When, found: object, path: str) -> Any:
        try:
            if isinstance(found, str):
                found = _moment(found, self._local) or _day(found) or found
        except ValueError as error:
            return self._fault(path, f"{error}, got {found_words(found)}")
        if shape.moment and isinstance(found, datetime):
            if found.utcoffset() is None:
                return self._wrong(path, found, f"a moment with its offset, such as '{_MOMENT}'")
            return found
        if shape.day and type(found) is date:
            return found
        wanted = [f"a date such as '{_DAY}'"] * shape.day + [
            f"a moment such as '{_MOMENT}'"
        ] * shape.moment
        return self._wrong(path, found, " or ".join(wanted))

    def _one_of(self, kind: type[enum.Enum], found: object, path: str) -> Any:
        now = former.value_now(kind.__name__, found)
        for member in kind:
            if member.value == now:
                return member
        known = [str(member.value) for member in kind]
        return self._fault(
            path, f"must be {_either(known)}, got {found_words(found)}{_perhaps(found, known)}"
        )

    # many values

    def _listing(self, shape: Listing, found: object, path: str) -> Any:
        if shape.single and isinstance(found, str):
            return (self.read(shape.item, found, path),)
        if not isinstance(found, list | tuple):
            return self._wrong(path, found, "a list")
        return tuple(self.read(shape.item, item, f"{path}[{n}]") for n, item in enumerate(found))

    def _table(self, item: Shape, found: object, path: str) -> Any:
        if isinstance(found, list | tuple) and all(map(_is_pair, found)):
            # What a table cannot hold: one name with two values.
            return tuple(
                (name, self.read(item, part, f"{path}[{n}][1]"))
                for n, (name, part) in enumerate(found)
            )
        if not isinstance(found, Mapping):
            return self._wrong(path, found, "a table")
        return tuple(
            (self._plain(str, name, path), self.read(item, part, _join(path, name)))
            for name, part in found.items()
        )

    def _weekly(self, found: object, path: str) -> Any:
        if not isinstance(found, Mapping):
            return self._wrong(path, found, "a table of weekdays and dates with their hours")
        before = len(self.faults)
        week: dict[str, str] = {}
        dates = {}
        for key, text in found.items():
            here = _join(path, key)
            day = key if type(key) is date else _day_or_none(key)
            if day is None and key not in WEEKDAYS:
                says = f"must be a weekday or a date such as {_DAY}, got {found_words(key)}"
                self._fault(here, says + _perhaps(key, WEEKDAYS))
                continue
            value = self.read(WINDOWS, text, here)
            if day is not None:
                dates[day] = value
            else:
                week[key] = text
        return _UNREAD if len(self.faults) > before else Hours.of(week, dates)

    def _choice(self, shape: Choice, found: object, path: str) -> Any:
        known = list(shape.kinds)
        if not isinstance(found, Mapping):
            return self._wrong(path, found, f"a table with {_either(known)}")
        if shape.tagged:
            if "kind" not in found:
                return self._fault(path, f"missing key 'kind': {_either(known)}")
            word = found["kind"]
            kind = shape.kinds.get(former.kind_now(word)) if isinstance(word, str) else None
            if kind is None:
                says = f"must be {_either(known)}, got {found_words(found['kind'])}"
                return self._fault(_join(path, "kind"), says + _perhaps(found["kind"], known))
            return self.record(kind, {k: v for k, v in found.items() if k != "kind"}, path)
        marks = [key for key in known if found.get(key) is not None]
        if len(marks) == 1:
            return self.record(shape.kinds[marks[0]], found, path)
        if marks:
            return self._fault(path, f"must have only one of the keys {_listed(marks)}")
        for key in found:
            if near := _perhaps(key, known):
                return self._fault(_join(path, key), f"unknown key {found_words(key)}{near}")
        return self._fault(path, f"must have one of the keys {_listed(known)}")

    def _named_protocol(self, protocols: Protocols, name: str, path: str) -> Any:
        try:
            return protocols(name)
        except UnknownName as error:
            return self._fault(path, _unknown_name(error))
        except InvalidDocument as error:
            for fault in error.faults:
                self._fault(path, f"{error.name}: {fault}")
            return _UNREAD

    # a table with one key for each field of a class

    def record(self, kind: type[Any], found: object, path: str) -> Any:
        """Return a value of the class; one that is not checked, if faults were found."""
        if not isinstance(found, Mapping):
            return self._wrong(path, found, "a table")
        by_key = {field.key: field for field in fields(kind)}
        earlier = former.fields_now(kind.__name__, filter(_is_text, found))
        values: dict[str, Any] = {}
        bad: set[str] = set()
        meant: set[str] = set()
        before = len(self.faults)
        for key, part in found.items():
            here = _join(path, key)
            count = len(self.faults)
            now = earlier.get(key, key)
            if now != key and now in found:
                says = f"is the earlier name of {now!r}, which is there too; keep {now!r} only"
                self.faults.append(Fault(here, says))
            elif now not in by_key:
                near = _nearest(key, by_key)
                meant.add(near)
                rest = f"did you mean {near!r}?" if near else f"known keys: {', '.join(by_key)}"
                self.faults.append(Fault(here, f"unknown key {found_words(key)}; {rest}"))
            elif part is not None:
                field = by_key[now]
                values[field.name] = self.read(field.shape, former.value_now(now, part), here)
                if len(self.faults) > count:
                    bad.add(field.name)
        given = set(values) - bad
        for field in by_key.values():
            if field.name in values:
                continue
            implied: object = None
            if field.implied is not None:
                implied = field.implied({name: values[name] for name in given})
            if implied is not None or (field.nullable and field.attribute.default is attrs.NOTHING):
                values[field.name] = _UNREAD if implied is attrs.NOTHING else implied
            elif field.required:
                values[field.name] = _UNREAD
                self._leave_out(_join(path, field.key))
                if field.key not in meant:
                    self.faults.append(Fault(path, f"missing key {field.key!r}"))
        if len(self.faults) == before:
            try:
                return kind(**{_argument(kind, name): value for name, value in values.items()})
            except ProtocolSchedError as error:
                self._raised(error, kind, path)
                return _unchecked(kind, values)
        value = _unchecked(kind, values)
        self._check(value, given, path)
        return value

    def _check(self, value: Any, given: set[str], path: str) -> None:
        """
        Note what else is wrong with a value some of whose parts could not be read.

        So a wrong number in one place does not hide an unknown name in another.
        """
        before = len(self.faults)
        try:
            getattr(value, "__attrs_post_init__", bool)()
        except InvalidDocument as error:
            if not self._nameless:  # else whoever mentions an unread name would look wrong
                self._raised(error, type(value), path)
        except (InvalidValue, UnknownName) as error:
            if error.field in given:
                self._raised(error, type(value), path)
        except Exception:
            # The check met a stand-in for a part that is not there, which can raise anything (an
            # exhaustive match, say); it will speak once the part is there. That part has its
            # fault already, so nothing is passed over in silence.
            return
        self.faults[before:] = [f for f in self.faults[before:] if not self._is_unread(f.path)]

    def _is_unread(self, path: str) -> bool:
        return any(path == bad or path.startswith((f"{bad}.", f"{bad}[")) for bad in self._unread)

    def _raised(self, error: ProtocolSchedError, kind: type, path: str) -> None:
        """Note what a class said about its parts, at the path of the field it names."""
        keys = {field.name: field.key for field in fields(kind)}
        match error:
            case InvalidDocument(faults=faults):
                self.faults += [Fault(_under(path, fault.path), fault.says) for fault in faults]
            case InvalidValue(field=name, found=found, wanted=wanted):
                at = name if name in keys else f"{name}_"
                if at in keys:
                    says = f"must be {wanted}, got {found}"
                    self.faults.append(Fault(_join(path, keys[at]), says))
                else:
                    self.faults.append(Fault(path, str(error)))
            case UnknownName(field=name) if name in keys:
                self.faults.append(Fault(_join(path, keys[name]), _unknown_name(error)))
            case _:
                self.faults.append(Fault(path, str(error)))


# --- dates and moments ---

_DAY = "2027-03-01"
_MOMENT = "2027-03-01T09:00:00-05:00"
_ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_ISO_MOMENT = re.compile(
    r"(\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?)"
    r"(Z|z|[+-]\d\d:\d\d(?::\d\d)?)?(?:\[([^\]]+)\])?",
    re.ASCII,
)


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if _ISO_DAY.fullmatch(text) else None


def _day_or_none(key: object) -> date | None:
    try:
        return _day(key) if isinstance(key, str) else None
    except ValueError:
        return None


def _moment(text: str, local: ZoneInfo | None) -> datetime | None:
    """
    Return the moment of an ISO text, in the zone behind it, or in ``local`` if that fits.

    Raises:
        ValueError: No such moment, or the zone does not have that offset then.
    """
    match = _ISO_MOMENT.fullmatch(text)
    if match is None:
        return None
    moment = datetime.fromisoformat(match[1] + (match[2] or "").upper())
    where = local
    if match[3] and match[3] != match[2]:
        try:
            where = zone(match[3])
        except InvalidValue:
            raise ValueError(_no_zone(match[3])) from None
    if where is None or moment.tzinfo is None or match[3] == match[2]:
        return moment
    for fold in (0, 1):
        there = moment.replace(tzinfo=where, fold=fold)
        if there.utcoffset() == moment.utcoffset():
            return there
    if match[3]:
        raise ValueError(f"must have an offset that {match[3]} has on that day")
    return moment


# --- words for faults ---

_KINDS: Mapping[type, str] = {
    str: "a text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
}


def _is_64_bit(number: int) -> bool:
    return -(2**63) <= number < 2**63


def _is_pair(item: object) -> bool:
    return isinstance(item, list | tuple) and len(item) == 2 and isinstance(item[0], str)


def _is_text(key: object) -> bool:
    return isinstance(key, str)


def _argument(kind: type[Any], name: str) -> str:
    alias: str = getattr(attrs.fields(kind), name).alias
    return alias


def _join(path: str, key: object) -> str:
    """Return the path of a key, quoted where it is not a bare TOML key."""
    word = key if isinstance(key, str) else str(key)
    if not re.fullmatch(r"[A-Za-z0-9_-]+", word):
        word = json.dumps(word[:60])
    return f"{path}.{word}" if path else word


def _under(path: str, below: str) -> str:
    return f"{path}.{below}" if path and below else path or below


def quoted(text: str) -> str:
    return repr(text if len(text) <= 60 else text[:57] + "...")


def found_words(value: object) -> str:
    """Return what was found, short and in the words of documents."""
    match value:
        case str():
            return quoted(value)
        case bool():
            return "true" if value else "false"
        case int():
            return str(value) if _is_64_bit(value) else "a huge number"
        case float():
            return str(value)
        case None:
            return "nothing"
        case date() | time():
            return value.isoformat()
        case Mapping():
            return "a table" if value else "an empty table"
        case list() | tuple():
            return "a list" if value else "an empty list"
        case _:
            return f"a {type(value).__name__}"


def _nearest(word: object, known: Iterable[str], cutoff: float = 0.6) -> str:
    """Return the known word most like this one, or nothing where none is."""
    if not isinstance(word, str) or len(word) > 60:
        return ""
    by_lower = {name.lower(): name for name in known}
    near = difflib.get_close_matches(word.lower(), list(by_lower), 1, cutoff)
    return by_lower[near[0]] if near else ""


def _perhaps(word: object, known: Iterable[str]) -> str:
    near = _nearest(word, known)
    return f"; did you mean {near!r}?" if near else ""


def _either(known: list[str]) -> str:
    quoted = [repr(word) for word in known]
    return " or ".join([", ".join(quoted[:-1]), quoted[-1]] if len(quoted) > 1 else quoted)


def _listed(keys: list[str]) -> str:
    return ", ".join(repr(key) for key in keys)


def _no_zone(name: str) -> str:
    zones = sorted(available_timezones() - {"localtime"})
    cities = {zone.rsplit("/", 1)[-1].replace("_", " "): zone for zone in zones}
    # People write the city; with hundreds of names, only a close likeness means anything.
    city = _nearest(name.rsplit("/", 1)[-1].replace("_", " "), cities, 0.75)
    near = cities[city] if city else _nearest(name, zones, 0.75)
    rest = f"; did you mean {near!r}?" if near else ""
    return f"must be a time zone such as 'America/New_York', got {quoted(name)}{rest}"


def _unknown_name(error: UnknownName) -> str:
    near = _perhaps(error.name, error.known)
    hint = f" ({error.hint})" if error.hint else ""
    return f"names {error.name!r}{near or f'; {known_here(error.known)}'}{hint}"
