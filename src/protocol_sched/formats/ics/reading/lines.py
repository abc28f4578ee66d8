"""
Calendar text that others wrote, read within limits and with the line of every fault.

Tolerant where nothing is decided: line ends of any kind, a byte order mark, lower case, folds
inside a character, properties nobody asks for, text in another encoding. What is damaged there is
passed over and listed. Strict where something is decided: a file that is cut off, or says a time
nobody can read, is refused with all its faults, because half of a person's engagements would be
worse than none.

Limits count octets, lines, depth and steps, never seconds, so a file is refused or read alike on
every machine. Times are numbers here: seconds by a wall clock since the midnight that began the
day before 1 January of the year 1 (so that a day's number is `date.toordinal`); no sum of them
can leave the calendar.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from itertools import chain
from types import MappingProxyType
from typing import TypeVar

import attrs

from protocol_sched.errors import Fault, InvalidDocument

_T = TypeVar("_T")

MINUTE, HOUR, DAY = 60, 3600, 86400


@attrs.frozen(kw_only=True)
class Limits:
    """How much of a file is read before it is refused."""

    octets: int = 10_000_000
    lines: int = 500_000
    """Lines as they stand in the file, folded ones each by itself."""
    depth: int = 8
    """How deep components may stand in one another; calendars need three or four."""
    steps: int = 1_000_000
    """Work: a line costs 1, a property that is kept 2 more, an entry 12, a value in a list 8, a
    date or time looked at to expand recurrences 3, and each occurrence found 8."""
    faults: int = 20
    """After so many no more are looked for."""


LIMITS = Limits()
LOOK = 3
"""Steps that it costs to look at a date or a time."""
_KEPT = 2
"""Steps that it costs to keep a property, beside one for its line."""
MOST_PASSED = 100
"""So many lines that were passed over are listed."""


class Unreadable(Exception):
    """A value cannot be read; the text says what was found and what would be right."""

    def __init__(self, says: str, line: int = 0, also: Iterable[tuple[int, str]] = ()) -> None:
        super().__init__(says)
        self.line = line
        """Where it stands, if that is known."""
        self.also = tuple(also)
        """Lines that are the cause of it, and what is wrong there."""


class Reading:
    """
    One file being read: its faults so far, what was passed over, and the steps it may still cost.

    Strict, nothing is passed over: whatever is damaged is a fault.
    """

    def __init__(self, name: str, limits: Limits, *, strict: bool = False) -> None:
        self.name = name
        self.limits = limits
        self.strict = strict
        self._left = limits.steps
        self._faults: list[tuple[int, str]] = []
        self._passed: dict[tuple[int, str], None] = {}
        self._more = 0
        self.params: dict[str, Mapping[str, tuple[str, ...]]] = {}
        """Parameters that were read, by how they are written."""

    def pass_over(self, line: int, says: str) -> None:
        """
        Note what is damaged on a line and cannot change what is read; a fault if strict.

        Raises:
            InvalidDocument: As `fault` raises it.
        """
        if self.strict:
            self.fault(line, says)
        elif len(self._passed) < MOST_PASSED:
            self._passed[line, says] = None
        elif (line, says) not in self._passed:
            self._more += 1

    @property
    def passed(self) -> tuple[Fault, ...]:
        """Return what was passed over, in order of lines; of very much the first and how much."""
        found = self._listed(sorted(self._passed))
        if not self._more:
            return found
        return (*found, Fault("", f"and {self._more} more were passed over"))

    def fault(self, line: int, says: str) -> None:
        """
        Note what is wrong on a line.

        Raises:
            InvalidDocument: There are too many faults already.
        """
        if (line, says) not in self._faults:
            self._faults.append((line, says))
        if len(self._faults) >= self.limits.faults:
            raise self.refuse(line, "too many faults to list; there may be more")

    def refuse(self, line: int, says: str) -> InvalidDocument:
        """Return the error that ends the reading at once, with all faults found so far."""
        return InvalidDocument(self.name, self._listed([*sorted(self._faults), (line, says)]))

    def settle(self) -> None:
        """
        End the reading.

        Raises:
            InvalidDocument: There were faults; all are listed in order of their lines.
        """
        if self._faults:
            raise InvalidDocument(self.name, self._listed(sorted(self._faults)))

    def spend(self, steps: int, line: int) -> None:
        """
        Count steps.

        Raises:
            InvalidDocument: The file costs more than its limit.
        """
        self._left -= steps
        if self._left < 0:
            says = f"costs more than {self.limits.steps} steps to read up to here"
            raise self.refuse(line, f"{says}: too many values or an endless recurrence")

    def looking(self, line: int) -> Callable[[int], None]:
        """Return a function that counts dates and times looked at, `LOOK` steps each."""
        return lambda count: self.spend(LOOK * count, line)

    def tried(self, line: int, read: Callable[[], _T]) -> _T | None:
        """Return what ``read`` returns; ``None``, and a fault on the line, if it cannot."""
        try:
            return read()
        except Unreadable as error:
            self.refused(error, line)
            return None

    def refused(self, error: Unreadable, line: int) -> None:
        """Note why a value cannot be read, on its own line if that is known; raises as `fault`."""
        for at, says in error.also:
            self.fault(at, says)
        self.fault(error.line or line, str(error))

    def ignored(self, error: Unreadable, line: int) -> None:
        """Pass over a value that cannot be read; raises as `pass_over`."""
        for at, says in error.also:
            self.pass_over(at, says)
        self.pass_over(error.line or line, str(error))

    @staticmethod
    def _listed(faults: Iterable[tuple[int, str]]) -> tuple[Fault, ...]:
        return tuple(Fault(f"line {line}", says) for line, says in faults)


@attrs.frozen
class Property:
    """One content line, unfolded."""

    name: str
    """In capitals."""
    params: Mapping[str, tuple[str, ...]]
    """Names in capitals, values as they stand without their quotes."""
    value: str
    line: int
    """Of the file, from 1, where it begins."""

    def param(self, name: str) -> str:
        """Return the first value of a parameter; empty if it is not there."""
        return next(iter(self.params.get(name, ())), "")

    def only(self, name: str) -> str:
        """
        Return the value of a parameter that has one; empty if it is not there.

        Raises:
            Unreadable: It has several, and they differ.
        """
        values = dict.fromkeys(self.params.get(name, ()))
        if len(values) > 1:
            found = " and ".join(_shown(value) for value in [*values][:3])
            raise Unreadable(f"{self.name} has {name} {len(values)} times: {found}", self.line)
        return next(iter(values), "")


@attrs.frozen
class Component:
    """A component with the properties that were asked for and all components in it."""

    name: str
    """In capitals."""
    line: int
    properties: list[Property] = attrs.field(factory=list)
    """In their order; a table of them would be one more object for each, thousands of times."""
    components: list[Component] = attrs.field(factory=list)

    def all(self, name: str) -> list[Property]:
        """Return the properties of a name in their order."""
        return [one for one in self.properties if one.name == name]

    def get(self, name: str) -> Property | None:
        """Return the first property of a name."""
        for one in self.properties:
            if one.name == name:
                return one
        return None

    def only(self, name: str) -> Property | None:
        """
        Return the property of a name; of several that say the same the first.

        Raises:
            Unreadable: There are several, and they differ.
        """
        found = self.all(name)
        if not found:
            return None
        for one in found[1:]:
            if (one.value.strip(), one.params) != (found[0].value.strip(), found[0].params):
                raise Unreadable(f"{self.name} has {name} twice", one.line)
        return found[0]

    def says(self, name: str) -> str:
        """Return the first value of a name, without white space around it; empty if not there."""
        found = self.get(name)
        return found.value.strip() if found is not None else ""

    def text(self, name: str) -> str:
        """Return the first TEXT value of a name without its escapes; empty if not there."""
        return read_text(self.says(name)).strip()

    def words(self, name: str) -> set[str]:
        """Return all the values of a name in capitals, for one that should have one value."""
        return {one.value.strip().upper() for one in self.all(name)}

    def inside(self, name: str) -> Iterator[Component]:
        """Yield the components of a name that stand directly in this one."""
        return (one for one in self.components if one.name == name)


# --- lines and components --------------------------------------------------------------------


_NAME = re.compile(r"[A-Za-z0-9._-]+(?=[;:])")
"""Longer than the standard's: some write groups (``item1.X-NAME``) and underscores."""
_PARAM = re.compile(
    r""";\ ?([A-Za-z0-9-]+)\ ?=\ ?((?:"[^"]*"|[^";:,]*)(?:,(?:"[^"]*"|[^";:,]*))*)(?=[;:])"""
)
_MOST_KNOWN = 1_000
_NO_PARAMS: Mapping[str, tuple[str, ...]] = MappingProxyType({})
_PART = re.compile(r'"([^"]*)"|([^",]+)')


DECIDE = frozenset(
    (
        *("BEGIN", "END", "METHOD", "VERSION", "X-WR-TIMEZONE", "UID", "SEQUENCE", "DTSTAMP"),
        *("DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "EXRULE", "RECURRENCE-ID"),
        *("TZID", "TZOFFSETFROM", "TZOFFSETTO", "FREEBUSY", "FBTYPE", "BUSYTYPE", "PRIORITY"),
        *("STATUS", "TRANSP", "X-MICROSOFT-CDO-BUSYSTATUS", "ATTENDEE"),
    )
)
"""Properties that say when something is, or whether; all others are words."""


def calendars(
    file: str | bytes, reading: Reading, wanted: frozenset[str] | None = None
) -> list[Component]:
    """
    Return the VCALENDARs of a file.

    Args:
        file: Text, or octets in UTF-8.
        wanted: Names of the properties to keep; ``None`` keeps all. Others are only looked at
            as lines.

    Raises:
        InvalidDocument: The file breaks a limit; or has more faults than are looked for. Other
            faults are noted in ``reading``.
    """
    roots: list[Component] = []
    stack: list[Component] = []
    name = "BEGIN"
    for line, text in _lines(file, reading):
        reading.spend(1, line)
        match = _NAME.match(text)
        if match is None or ":" not in text:
            says = f"must be NAME:VALUE or begin with a space, got {_shown(text)}"
            if name in DECIDE:
                reading.fault(line, says)
            else:
                # Words cut in two without a fold; of a date or a rule that would be a fault.
                reading.pass_over(line, f"{says}; taken for the rest of {name}")
            continue
        name = match[0].upper()
        if name == "BEGIN":
            begun = Component(text[match.end() + 1 :].strip().upper(), line)
            if not stack and begun.name != "VCALENDAR":
                raise reading.refuse(line, f"must be BEGIN:VCALENDAR, got {_shown(text)}")
            if len(stack) >= reading.limits.depth:
                most = reading.limits.depth
                raise reading.refuse(line, f"components stand more than {most} deep")
            (stack[-1].components if stack else roots).append(begun)
            stack.append(begun)
        elif not stack:
            raise reading.refuse(line, f"must be BEGIN:VCALENDAR, got {_shown(text)}")
        elif name == "END":
            _end(text[match.end() + 1 :].strip().upper(), line, stack, reading)
        elif wanted is None or name in wanted:
            reading.spend(_KEPT, line)
            found = _property(name, text, match.end(), line, reading)
            if found is not None:
                stack[-1].properties.append(found)
    for one in stack:
        reading.fault(one.line, f"BEGIN:{one.name} has no END; the file may be cut off")
    if not roots:
        reading.fault(1, "must be BEGIN:VCALENDAR, got nothing")
    for root in roots:
        version = root.get("VERSION")
        if version is not None and version.value.strip() == "1.0":
            reading.fault(version.line, "must be VERSION:2.0; vCalendar 1.0 is another format")
    return roots


def _end(name: str, line: int, stack: list[Component], reading: Reading) -> None:
    """Close a component, and those left open in it."""
    if name not in [one.name for one in stack]:
        reading.fault(line, f"END:{name} without its BEGIN")
        return
    while stack:
        last = stack.pop()
        if last.name == name:
            return
        reading.fault(line, f"must be END:{last.name}, begun on line {last.line}, got END:{name}")


def _lines(file: str | bytes, reading: Reading) -> Iterator[tuple[int, str]]:
    """Yield the content lines, unfolded, with the number of the line each begins on."""
    data = file.encode("utf-8", "surrogatepass") if isinstance(file, str) else bytes(file)
    if len(data) > (most := reading.limits.octets):
        at = data[:most].count(b"\n") + 1
        raise reading.refuse(at, f"the file is longer than {most} octets; no more are read")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise reading.refuse(1, "must be UTF-8 text, got UTF-16")
    data = data.removeprefix(b"\xef\xbb\xbf").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    most = reading.limits.lines
    if (count := data.count(b"\n")) > most:
        raise reading.refuse(most, f"the file has {count} lines; no more than {most} are read")
    begun, parts = 0, [b""]
    for number, line in enumerate(chain(data.split(b"\n"), [b"end"]), 1):
        if line[:1] in (b" ", b"\t") and begun:
            parts.append(line[1:])
        elif line.strip():
            if begun:
                yield begun, _decoded(b"".join(parts), begun, reading)
            begun, parts = number, [line]


def _decoded(line: bytes, number: int, reading: Reading) -> str:
    try:
        return line.decode("utf-8").removeprefix("\ufeff")  # files put together keep their marks
    except UnicodeDecodeError as error:
        # What says when something is has no such octets, or cannot be read for them later on.
        octet = line[error.start]
        says = f"must be UTF-8 text, got the octet {octet:#04x}; read as Latin-1"
        reading.pass_over(number, says)
        return line.decode("latin-1")


def _property(name: str, text: str, at: int, line: int, reading: Reading) -> Property | None:
    if text[at] == ":":
        return Property(name, _NO_PARAMS, text[at + 1 :], line)
    # Thousands of lines have the same parameters; quoted ones may hold a colon.
    written = text[at : text.find(":", at)]
    if (known := reading.params.get(written)) is not None:
        return Property(name, known, text[at + len(written) + 1 :], line)
    params: dict[str, tuple[str, ...]] = {}
    while text[at] == ";":
        match = _PARAM.match(text, at)
        if match is None:
            says = f"{name} has a parameter that is not ;NAME=VALUE: {_shown(text[at:])}"
            if name in DECIDE:
                reading.fault(line, says)
                return None
            reading.pass_over(line, says)
            return Property(name, _NO_PARAMS, text[at:].partition(":")[2], line)
        found = tuple(quoted or plain for quoted, plain in _PART.findall(match[2]))
        key = match[1].upper()
        params[key] = (*params.get(key, ()), *found)
        at = match.end()
    if '"' not in written and len(reading.params) < _MOST_KNOWN:
        reading.params[written] = params
    return Property(name, params, text[at + 1 :], line)


def _shown(text: str) -> str:
    """Return text for an error message: one short line."""
    return repr(text if len(text) <= 40 else f"{text[:37]}...")


# --- values ----------------------------------------------------------------------------------


@attrs.frozen
class When:
    """A date, or a time by a clock."""

    wall: int
    """Seconds by that clock; the midnight of a date."""
    is_date: bool = False
    zone: str = ""
    """The TZID, as it stands; ``UTC``; empty for a time by whatever clock is looked at."""

    def beside(self, start: When) -> When:
        """Return it by the clock of its DTSTART if it names none: so go all values of an entry."""
        return self if self.is_date or self.zone else attrs.evolve(self, zone=start.zone)

    @property
    def day(self) -> int:
        """Return the ordinal of its date."""
        return self.wall // DAY


_DATE = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_TIME = re.compile(r"([0-9]{8})[Tt]([0-9]{2})([0-9]{2})([0-9]{2})([Zz]?)")
_DURATION = re.compile(
    r"([+-]?)P(?:([0-9]{1,7})W)?(?:([0-9]{1,7})D)?"
    r"(?:T(?:([0-9]{1,9})H)?(?:([0-9]{1,9})M)?(?:([0-9]{1,9})S)?)?",
    re.IGNORECASE,
)
_OFFSET = re.compile(r"([+-])([0-9]{2})([0-9]{2})([0-9]{2})?")
_NUMBER = re.compile(r"[+-]?[0-9]{1,9}")


def read_day(text: str) -> int:
    """Return the ordinal of a date such as ``20270308``."""
    match = _DATE.fullmatch(text)
    try:
        if match is not None:
            return date(int(match[1]), int(match[2]), int(match[3])).toordinal()
    except ValueError:
        pass
    raise Unreadable(f"must be a date such as 20270308, got {_shown(text)}")


def read_when(text: str, zone: str) -> When:
    """Return a date or a date with time; ``zone`` is the TZID beside it, if any."""
    text = text.strip()
    if len(text) == 8:
        return When(read_day(text) * DAY, True)
    match = _TIME.fullmatch(text)
    if match is None:
        raise Unreadable(
            f"must be a date or time such as 20270308 or 20270308T093000, got {_shown(text)}"
        )
    hour, minute, second = int(match[2]), int(match[3]), int(match[4])
    if hour > 23 or minute > 59 or second > 60:
        raise Unreadable(f"must be a time from 000000 to 235959, got {_shown(text)}")
    wall = read_day(match[1]) * DAY + hour * HOUR + minute * MINUTE + min(second, 59)
    return When(wall, False, "UTC" if match[5] else zone)


def value_of(one: Property, read: Callable[[str], _T]) -> _T:
    """
    Return what a property holds.

    Raises:
        Unreadable: It cannot be read; the error tells its name and line.
    """
    try:
        return read(one.value)
    except Unreadable as error:
        if error.line:
            raise  # it says itself what it is about
        raise Unreadable(f"{one.name}: {error}", one.line) from None


def when_of(one: Property) -> When:
    """Return the date or time of a property that holds one."""
    return value_of(one, lambda text: read_when(text, one.only("TZID").strip()))


@attrs.frozen
class Length:
    """A duration: whole days by the calendar, then real seconds."""

    days: int
    seconds: int


def read_length(text: str) -> Length:
    """Return a duration such as ``P1DT2H30M``; not a negative one."""
    match = _DURATION.fullmatch(text.strip())
    if match is None or not any(match.groups()[1:]):
        raise Unreadable(f"must be a duration such as PT1H30M, got {_shown(text)}")
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in match.groups()[1:])
    length = Length(7 * weeks + days, hours * HOUR + minutes * MINUTE + seconds)
    if match[1] == "-" and length != Length(0, 0):
        raise Unreadable(f"must be a duration of zero or longer, got {_shown(text)}")
    return length


def read_offset(text: str) -> int:
    """Return the seconds of an offset from UTC such as ``-0500``."""
    match = _OFFSET.fullmatch(text.strip())
    if match is None or int(match[2]) > 23 or int(match[3]) > 59 or int(match[4] or 0) > 59:
        raise Unreadable(f"must be an offset from UTC such as -0500, got {_shown(text)}")
    seconds = int(match[2]) * HOUR + int(match[3]) * MINUTE + int(match[4] or 0)
    return -seconds if match[1] == "-" else seconds


def read_number(text: str, least: int, most: int, what: str) -> int:
    """Return a whole number within limits, both included."""
    if _NUMBER.fullmatch(text.strip()) and least <= int(text) <= most:
        return int(text)
    raise Unreadable(f"{what} must be a whole number from {least} to {most}, got {_shown(text)}")


def read_text(text: str) -> str:
    """Return a TEXT value without its escapes."""
    if "\\" not in text:
        return text
    return re.sub(r"\\(.)", lambda m: "\n" if m[1] in "nN" else m[1], text, flags=re.DOTALL)
