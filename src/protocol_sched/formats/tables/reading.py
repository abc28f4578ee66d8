"""
A schedule of activities as people keep it in a spreadsheet: a row for each visit, read as CSV.

A row says when a visit is (``Day 8 ±2``, ``Wk 4 (-3/+3)``, ``Day -14``) and perhaps which visit it
is counted from. Each row is read or refused with its line; nothing is guessed in silence.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator

import attrs

from protocol_sched.errors import Fault, InvalidDocument, InvalidValue
from protocol_sched.formats.elsewhere import backward, point_of, slug, unique
from protocol_sched.model.cadences import At, OnDemand
from protocol_sched.model.imported import Imported, Note
from protocol_sched.model.numbers import ONE
from protocol_sched.model.other_visits import OtherVisit
from protocol_sched.model.protocol import Phase, Protocol, Source, VisitType
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

MOST_CHARACTERS = 1_000_000
MOST_ROWS = 2_000

COLUMNS = {
    "visit": ("visit", "visit name", "name", "event", "procedure", "activity"),
    "when": ("when", "time", "timepoint", "time point", "target", "timing", "schedule"),
    "day": ("day", "study day", "target day", "days"),
    "week": ("week", "study week", "target week", "weeks"),
    "month": ("month", "months"),
    "window": ("window", "visit window", "tolerance", "allowed"),
    "before": ("before", "window before", "early", "minus", "-"),
    "after": ("after", "window after", "late", "plus", "+"),
    "anchor": ("anchor", "from", "relative to", "counted from", "reference"),
}
"""What a column may be called, in any letters."""
_UNITS = {
    **dict.fromkeys(("d", "day", "days", "tag", "tage"), "days"),
    **dict.fromkeys(("w", "wk", "wks", "week", "weeks", "woche", "wochen"), "weeks"),
    **dict.fromkeys(("m", "mo", "mos", "mth", "month", "months", "monat", "monate"), "months"),
    **dict.fromkeys(("y", "yr", "year", "years"), "years"),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), "hours"),
    **dict.fromkeys(("min", "mins", "minute", "minutes"), "minutes"),
}
_NUMBERED = ("days", "weeks", "months", "years")
_WORD = "|".join(sorted(_UNITS, key=len, reverse=True))
_NUMBER = r"[+-]?\s*\d{1,4}"
_POINT = re.compile(rf"(?P<unit>{_WORD})\.?\s*(?P<number>{_NUMBER})", re.IGNORECASE)
_LENGTH = re.compile(rf"(?P<number>{_NUMBER})\s*(?P<unit>{_WORD})\b\.?", re.IGNORECASE)
_TO = re.compile(rf"\s*(?:to|through|bis|\.\.)\s*(?:{_WORD})?\s*({_NUMBER})", re.IGNORECASE)
_EITHER = re.compile(rf"±\s*(\d{{1,4}})\s*({_WORD})?", re.IGNORECASE)
_SIDES = re.compile(
    rf"-\s*(\d{{1,4}})\s*(?:{_WORD})?\s*[/,;]?\s*\+\s*(\d{{1,4}})\s*({_WORD})?", re.IGNORECASE
)
_ONE_SIDE = re.compile(rf"([+-])\s*(\d{{1,4}})\s*({_WORD})?", re.IGNORECASE)
_ON_DEMAND = re.compile(
    r"(?:unscheduled|as needed|on demand|if needed|prn|early termination|et|n/?a|-|)", re.IGNORECASE
)


@attrs.frozen(kw_only=True)
class _Row:
    line: int
    visit: str
    said: str
    point: tuple[str, int] | None
    """Unit and number of a point that is numbered, such as week 4."""
    away: Span | None
    """A length instead, such as 30 days."""
    until: int | None
    """The last number of a range, such as -1 in Day -28 to -1."""
    sides: tuple[Span, Span] | None
    anchor: str


def read_schedule_csv(
    text: str | bytes, *, length: str | None = None, name: str = "schedule"
) -> Imported:
    """
    Read a schedule of activities as a protocol.

    The first line names the columns: the visit, when it is (one column, or one for the day or the
    week), and if wanted the window (one column, or one for each side) and the visit it is counted
    from. Commas, semicolons and tabs part the cells. ``Day 1``, or else ``Day 0``, ``Week 0`` or
    ``Month 0``, is the day the others are counted from; where a table has a day 0, day 7 is 7 days
    after it, and else 6 days after day 1. A window without a unit is in days. What has no date,
    such as an unscheduled visit, is a visit on demand.

    Args:
        length: How long each visit takes, as a range; ``None`` is 30 minutes.
        name: What to call the table in an error, and the protocol.

    Raises:
        InvalidDocument: No table of that shape, or rows that cannot be read; all are listed, each
            with its line.
        InvalidValue: A length that is none.
    """
    rows: list[_Row] = []
    faults: list[Fault] = []
    for found in _rows(text, name):
        if isinstance(found, Fault):
            faults.append(found)
        else:
            rows.append(found)
    if faults:
        raise InvalidDocument(name, tuple(faults))
    return _imported(rows, length or "30 minutes", name)


def _rows(text: str | bytes, name: str) -> Iterator[_Row | Fault]:
    if len(text) > MOST_CHARACTERS:
        says = f"must have {MOST_CHARACTERS:,} characters or fewer, got {len(text):,}"
        raise InvalidDocument(name, (Fault("", says),))
    try:
        words = text.decode("utf-8-sig") if isinstance(text, bytes) else text.removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        says = f"must be UTF-8, got an octet at {error.start} that is not"
        raise InvalidDocument(name, (Fault("", says),)) from None
    heading = next((line for line in words.splitlines() if line.strip()), "")
    comma = max(",;\t", key=heading.count)
    reader = csv.reader(io.StringIO(words, newline=""), delimiter=comma, skipinitialspace=True)
    columns: dict[str, int] = {}
    try:
        for cells in reader:
            line = reader.line_num
            if not any(cell.strip() for cell in cells):
                continue
            if not columns:
                columns = _columns(cells, line, name)
                continue
            if line > 10 * MOST_ROWS:
                fault = Fault("", f"must have {MOST_ROWS:,} rows or fewer")
                raise InvalidDocument(name, (fault,))
            yield _row(cells, columns, line)
    except csv.Error as error:
        yield Fault(f"line {reader.line_num}", f"must be CSV: {error}")
    if not columns:
        raise InvalidDocument(name, (Fault("", "must have a line that names the columns"),))


def _columns(cells: list[str], line: int, name: str) -> dict[str, int]:
    found: dict[str, int] = {}
    for n, cell in enumerate(cells):
        plain = " ".join(cell.split()).casefold()
        for column, names in COLUMNS.items():
            if plain in names:
                found.setdefault(column, n)
    if "visit" not in found or not found.keys() & {"when", "day", "week", "month"}:
        listed = ", ".join(repr(cell.strip()) for cell in cells)
        says = f"must name a column for the visit and one for its day or week, got {listed}"
        raise InvalidDocument(name, (Fault(f"line {line}", says),))
    return found


def _row(cells: list[str], columns: dict[str, int], line: int) -> _Row | Fault:
    def cell(column: str) -> str:
        n = columns.get(column)
        held = "" if n is None or n >= len(cells) else " ".join(cells[n].split())
        return (
            held.replace("\u2212", "-")
            .replace("\u2013", "-")
            .replace("+/-", "±")
            .replace("+-", "±")
        )

    try:
        return _read_row(cell("visit"), line, cell("anchor"), {one: cell(one) for one in COLUMNS})
    except ValueError as error:
        return Fault(f"line {line}", str(error))


def _read_row(visit: str, line: int, anchor: str, cells: dict[str, str]) -> _Row:
    if not visit:
        raise ValueError("must name its visit")
    when = [one for one in ("when", "day", "week", "month") if cells[one]]
    if len(when) > 1:
        held = " and ".join(repr(cells[one]) for one in when)
        raise ValueError(f"must say once when {visit!r} is, got {held}")
    column = when[0] if when else "when"
    said = cells[column]
    row = _Row(
        line=line,
        visit=visit,
        said=said,
        point=None,
        away=None,
        until=None,
        sides=None,
        anchor=anchor,
    )
    if not _ON_DEMAND.fullmatch(said):
        row, rest = _when(row, said, "" if column == "when" else column)
        row = attrs.evolve(row, sides=_sides(rest, cells, visit))
    return row


def _when(row: _Row, said: str, unit: str) -> tuple[_Row, str]:
    """Return a row with its point or length, and what else its cell says: the window."""
    bare = re.match(rf"{_NUMBER}(?!\s*(?:{_WORD})\b)", said, re.IGNORECASE)
    if match := _POINT.match(said):
        key = _UNITS[match["unit"].lower()]
    elif unit and (match := bare):
        key = f"{unit}s"
    elif match := _LENGTH.match(said):
        number = _whole(match["number"])
        return attrs.evolve(row, away=_length(number, match["unit"])), said[match.end() :]
    else:
        wanted = "such as 'Day 8', 'Wk 4 (-3/+3)' or '30 days'"
        raise ValueError(f"must say when {row.visit!r} is, {wanted}, got {said!r}")
    text = match["number"] if match.re is _POINT else match[0]
    number, rest = _whole(text), said[match.end() :]
    if key not in _NUMBERED:
        return attrs.evolve(row, away=_length(number, key)), rest
    row = attrs.evolve(row, point=(key, number))
    if to := _TO.match(rest):
        return attrs.evolve(row, until=_whole(to[1])), rest[to.end() :]
    return row, rest


def _sides(rest: str, cells: dict[str, str], visit: str) -> tuple[Span, Span] | None:
    """Return how much sooner and later a visit may be; ``None`` where nothing is said."""
    written = [one for one in (rest.strip(" ()[],;"), cells["window"].strip(" ()[]")) if one]
    if re.fullmatch(rf"-\s*\d{{1,4}}(\s*({_WORD}))?", rest.strip(), re.IGNORECASE):
        wanted = "must have a range such as '8 to 10', or a window such as '(-2)'"
        raise ValueError(f"{wanted}, for {visit!r}, got {rest.strip()!r}")
    before, after = cells["before"].strip(" -"), cells["after"].strip(" +")
    if len(written) + bool(before or after) > 1:
        raise ValueError(f"must say the window of {visit!r} once")
    if before or after:
        return _side(before), _side(after)
    if not written:
        return None
    [said] = written
    if match := _EITHER.fullmatch(said):
        side = _length(int(match[1]), match[2] or "days")
        return side, side
    if match := _SIDES.fullmatch(said):
        unit = match[3] or "days"
        return _length(int(match[1]), unit), _length(int(match[2]), unit)
    if match := _ONE_SIDE.fullmatch(said):
        side = _length(int(match[2]), match[3] or "days")
        nothing: Span = ElapsedSpan(0) if isinstance(side, ElapsedSpan) else CalendarSpan()
        return (side, nothing) if match[1] == "-" else (nothing, side)
    raise ValueError(f"must have a window such as '±2' or '-3/+3' for {visit!r}, got {said!r}")


def _side(said: str) -> Span:
    if not said:
        return CalendarSpan()
    match = re.fullmatch(rf"(\d{{1,4}})\s*({_WORD})?", said, re.IGNORECASE)
    if match is None:
        raise ValueError(f"must have a window such as '2' or '2 days', got {said!r}")
    return _length(int(match[1]), match[2] or "days")


def _whole(text: str) -> int:
    return int(text.replace(" ", ""))


def _length(number: int, unit: str) -> Span:
    known = _UNITS[unit.lower()]
    if known in ("hours", "minutes"):
        return ElapsedSpan(number * (60 if known == "hours" else 1))
    return CalendarSpan(**{known: number})


# --- the protocol ----------------------------------------------------------------------------


def _imported(rows: list[_Row], length: str, name: str) -> Imported:
    if not 0 < len(rows) <= MOST_ROWS:
        says = f"must have 1 to {MOST_ROWS:,} rows, got {len(rows)}"
        raise InvalidDocument(name, (Fault("", says),))
    first, from_zero = _first_day(rows, name)
    names = unique({one.line: one.visit for one in rows})
    titles = {one.visit.casefold(): names[one.line] for one in reversed(rows)}
    notes = [
        Note(kind="length", where=name, said="", became=f"each visit takes {length}"),
        Note(
            kind="day 1",
            where=f"line {first.line}",
            said=first.said,
            became="day 7 is 7 days after it" if from_zero else "day 7 is 6 days after it",
        ),
    ]
    if first.sides is not None:
        became = "not read, nothing is there to measure it"
        said = f"{first.sides[0]} before, {first.sides[1]} after"
        where = f"line {first.line}"
        notes.append(Note(kind="window of day 1", where=where, said=said, became=became))
    stage = Stage(name="visit", length=parse_range(length), source="local")
    faults: list[Fault] = []
    rules: list[OtherVisit] = []
    questions: list[str] = []
    for one in rows:
        if one.line == first.line:
            continue
        try:
            rules.append(_rule(one, names, titles, names[first.line], from_zero, notes, questions))
        except (ValueError, InvalidValue) as error:
            faults.append(Fault(f"line {one.line}", str(error)))
    if faults:
        raise InvalidDocument(name, tuple(faults))
    day_one = names[first.line]
    spans = [rule.cadence.at[0].span for rule in rules if isinstance(rule.cadence, At)]
    sides = [side for one in rows if one.sides is not None for side in one.sides]
    by_months = any(isinstance(one, CalendarSpan) and one.by_months for one in (*spans, *sides))
    if by_months:
        became = "a date that the month lacks is the next day"
        notes.append(Note(kind="months", where=name, said="", became=became))
    protocol = Protocol(
        name=slug(name.rsplit("/", 1)[-1].removesuffix(".csv")),
        title=name.rsplit("/", 1)[-1].removesuffix(".csv"),
        visit_types=[VisitType(name=one, stages=[stage]) for one in names.values()],
        phases=[
            Phase(
                name=day_one,
                visit=day_one,
                cadence=At(at=[CoursePoint("day 1")]),
                visits=ONE,
                source=f"line {first.line}",
            )
        ],
        other_visits=rules,
        sources=tuple(
            (f"line {one.line}", Source(title=f"{one.visit}: {one.said}"))
            for one in rows
            if one.point is not None or one.away is not None
        ),
        month_end=MonthEnd.NEXT_DAY if by_months else None,
        unspecified=questions,
    )
    return Imported(
        protocol=protocol,
        day_one=f"{day_one}-1",
        notes=notes,
        names={
            f"line {line}": f"{day_one}-1" if line == first.line else one
            for line, one in names.items()
        },
        kept=[f"line {one.line}" for one in rows if one.point is not None or one.away is not None],
    )


def _first_day(rows: Iterable[_Row], name: str) -> tuple[_Row, bool]:
    """Return the row the others are counted from, and whether its day is numbered 0."""
    held = [one for one in rows if not one.anchor and one.until is None]
    wanted = [("days", 0), ("days", 1), ("weeks", 0), ("months", 0)]
    for point in wanted:
        for one in held:
            if one.point == point:
                return one, point == ("days", 0)
    says = "must have a row for Day 1, Day 0 or Week 0, from which the others are counted"
    raise InvalidDocument(name, (Fault("", says),))


def _rule(
    one: _Row,
    names: dict[int, str],
    titles: dict[str, str],
    day_one: str,
    from_zero: bool,
    notes: list[Note],
    questions: list[str],
) -> OtherVisit:
    name, where = names[one.line], f"line {one.line}"
    if one.point is None and one.away is None:
        became = "a visit on demand"
        notes.append(Note(kind="no date", where=where, said=one.said, became=became))
        questions.append(f"When is {one.visit}? The table gives no date.")
        return OtherVisit(
            name=name, visit=name, cadence=OnDemand(on_demand=one.visit), source="local"
        )
    to = titles.get(one.anchor.casefold(), "") if one.anchor else day_one
    if not to or to == name:
        raise ValueError(f"is counted from {one.anchor!r}, which is no other visit of the table")
    if one.point is not None and one.point[0] == "days" and to != day_one:
        says = f"must say {one.visit!r} in days after {one.anchor!r}, such as '30 days'"
        raise ValueError(f"{says}, got {one.said!r}")
    span, sides = _span(one, from_zero), one.sides
    if one.until is not None and one.point is not None:
        if sides is not None:
            raise ValueError(f"must have a range or a window for {one.visit!r}, not both")
        last = _span(attrs.evolve(one, point=(one.point[0], one.until)), from_zero)
        width = comparable(last) - comparable(span)
        if width < 0:
            raise ValueError(f"must end after it begins, got {one.said!r}")
        if isinstance(span, CalendarSpan) and span.by_months:
            raise ValueError(f"must be a range in days or weeks, got {one.said!r}")
        sides = (CalendarSpan(), CalendarSpan(days=width // 1440))
        became = "its earliest date is aimed at, all its dates are allowed"
        notes.append(Note(kind="range without a target", where=where, said=one.said, became=became))
    if sides is None:
        became = "a target, later is allowed and counted"
        notes.append(Note(kind="no window", where=where, said=one.said, became=became))
    return OtherVisit(
        name=name,
        visit=name,
        cadence=At(at=[CoursePoint(point_of(span))]),
        anchor=StartOf(to),
        tolerance=None
        if sides is None
        else Tolerance(before=sides[0], after=sides[1], source=where),
        source=where,
    )


def _span(one: _Row, from_zero: bool) -> Span:
    """Return how long after what it is counted from a visit is."""
    if one.point is None:
        assert one.away is not None
        return one.away
    unit, number = one.point
    if unit == "days" and not from_zero:
        if number == 0:
            raise ValueError(f"must not be day 0 where a table has a day 1, got {one.said!r}")
        return CalendarSpan(days=number - 1 if number > 0 else number)
    span = _length(abs(number), unit)
    return backward(span) if number < 0 else span
