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
from protocol_sched.formats.tables.cells import (
    Sides,
    When,
    plain,
    read_side,
    read_when,
    read_window,
)
from protocol_sched.formats.tables.turning import turned
from protocol_sched.model.cadences import At, OnDemand
from protocol_sched.model.imported import Imported, Note
from protocol_sched.model.numbers import ONE
from protocol_sched.model.other_visits import OtherVisit
from protocol_sched.model.protocol import Phase, Protocol, Source, VisitType
from protocol_sched.model.references import CoursePoint, StartOf
from protocol_sched.model.rules import Tolerance
from protocol_sched.model.spans import (
    CalendarSpan,
    MonthEnd,
    Span,
    comparable,
    parse_range,
    parse_span,
)
from protocol_sched.model.stages import Stage

MOST_CHARACTERS = 1_000_000
MOST_ROWS = 2_000
MOST_COLUMNS = 200
MOST_IN_A_CELL = 200

COLUMNS = {
    "visit": (
        *("visit", "visit name", "name", "event", "event name", "procedure", "activity"),
        *("encounter", "sample", "visite", "besuch", "termin"),
    ),
    "when": (
        *("when", "time", "timepoint", "time point", "target", "timing", "schedule", "visit day"),
        *("nominal time", "visit timing", "zeitpunkt", "wann", "moment", "quand"),
    ),
    "cycle": ("cycle", "zyklus"),
    "day": (
        *("day", "study day", "target day", "planned day", "nominal day", "day offset", "days"),
        *("day/date", "visitdy", "study day range", "tag", "studientag", "jour", "jour d'étude"),
    ),
    "week": ("week", "study week", "target week", "weeks", "woche", "studienwoche", "semaine"),
    "month": ("month", "study month", "months", "monat", "mois"),
    "window": ("window", "visit window", "tolerance", "allowed", "fenster", "fenêtre"),
    "before": (
        *("before", "window before", "tolerance before", "window (-)", "window -", "offset min"),
        *("early", "minus", "-", "vorher", "früher", "avant"),
    ),
    "after": (
        *("after", "window after", "tolerance after", "window (+)", "window +", "offset max"),
        *("late", "plus", "+", "nachher", "später", "après"),
    ),
    "first": (
        "window start",
        "window open",
        "window opens",
        "earliest",
        "earliest day",
        "first day",
    ),
    "last": ("window end", "window close", "window closes", "latest", "latest day", "last day"),
    "anchor": (
        *("anchor", "from", "relative to", "counted from", "reference", "bezug", "nach", "depuis"),
    ),
}
"""What a column may be called, in any letters; ``VisitName`` and ``visit_name`` are two words."""
ACTIVITIES = ("activity", "activities", "procedure", "procedures", "assessment", "assessments")
_CYCLE = re.compile(r"\s*(?:cycle|zyklus|c)\s*", re.IGNORECASE)
_DAY = re.compile(r"\s*(?:day|tag|jour|d|j)", re.IGNORECASE)
_NOTHING = re.compile(r"-+|n\.?\s?[/.]?\s?a\.?|none|keine?s?|aucune?", re.IGNORECASE)
"""How people write that there is no window."""
_RULE = re.compile(r":?-+:?")
"""What Markdown writes below a heading."""
_ON_DEMAND = re.compile(
    r"(?:unscheduled|as needed|on demand|if needed|prn|early termination|et|n/?a|-|)", re.IGNORECASE
)


@attrs.frozen(kw_only=True)
class _Row:
    line: int
    visit: str
    said: str
    when: When
    beside: tuple[tuple[str, str], ...] = ()
    """What other columns say of when it is, such as its week beside its day."""
    sides: Sides | None = None
    ends: tuple[When, When] | None = None
    """Its first and its last day instead of the sides, numbered as its own."""
    anchor: str = ""

    @property
    def dated(self) -> bool:
        return self.when.point is not None or self.when.away is not None


@attrs.frozen(kw_only=True)
class _Table:
    """What a table holds, before its rows are read."""

    columns: dict[str, int]
    width: int
    unread: tuple[str, ...]
    """Headings of columns that nothing is read from."""


def read_schedule_csv(
    text: str | bytes,
    *,
    length: str | None = None,
    cycle: str | None = None,
    name: str = "schedule",
) -> Imported:
    """
    Read a schedule of activities as a protocol.

    A table whose rows are activities and whose columns are visits is turned first, with a note.
    Else the first line names the columns: the visit, when it is (one column, or one for the day or
    the week), and if wanted the window (one column, or one for each side) and the visit it is
    counted from. Commas, semicolons and tabs part the cells. ``Day 1``, or else ``Day 0``,
    ``Week 0`` or ``Month 0``, is the day the others are counted from; where a table has a day 0,
    day 7 is 7 days after it, and else 6 days after day 1. A window without a unit is in days. Where
    a row has its day and its week, the day counts. What has no date, such as an unscheduled visit,
    is a visit on demand.

    Args:
        text: UTF-8 where it is bytes, else UTF-16 with its mark or what Windows writes (cp1252).
        length: How long each visit takes, as a range; ``None`` is 30 minutes.
        cycle: How long a cycle is, such as ``21 days``, for rows such as ``C2D1``.
        name: What to call the table in an error, and the protocol.

    Raises:
        InvalidDocument: No table of that shape, or rows that cannot be read; all are listed, each
            with its line.
        InvalidValue: A length or a cycle that is none.
    """
    rows: list[_Row] = []
    faults: list[Fault] = []
    notes: list[Note] = []
    days = _cycle_days(cycle)
    for found in _rows(text, name, notes):
        if isinstance(found, Fault):
            faults.append(found)
        else:
            rows.append(found)
    rows, more = _without_cycles(rows, days)
    faults += more
    if faults:
        raise InvalidDocument(name, tuple(sorted(faults, key=_line_of)))
    return _imported(rows, length or "30 minutes", name, notes)


def _line_of(fault: Fault) -> int:
    return int(fault.path.removeprefix("line "))


def _cycle_days(cycle: str | None) -> int | None:
    if cycle is None:
        return None
    span = parse_span(cycle)
    if not isinstance(span, CalendarSpan) or span.by_months or span.in_days < 1:
        raise InvalidValue("read_schedule_csv", "cycle", repr(cycle), "days or weeks, as '21 days'")
    return span.in_days


def _without_cycles(rows: list[_Row], days: int | None) -> tuple[list[_Row], list[Fault]]:
    """Return the rows with days of cycles as days of the study, and what stands against it."""
    found: list[_Row] = []
    faults: list[Fault] = []
    for one in rows:
        when = one.when
        if when.cycle is not None and when.point is not None:
            says = ""
            if days is None:
                says = f"must have a day, got {one.said!r}; say how long a cycle is"
            elif when.point[1] > days:
                says = f"must be in a cycle of {days} days, got {one.said!r}"
            elif one.anchor:
                says = f"must not be counted from {one.anchor!r}, as cycles are, got {one.said!r}"
            if says or days is None:
                faults.append(Fault(f"line {one.line}", says))
                continue
            day = (when.cycle - 1) * days + when.point[1]
            one = attrs.evolve(one, when=attrs.evolve(when, point=("days", day)))
        found.append(one)
    return found, faults


def _decoded(text: str | bytes, name: str, notes: list[Note]) -> str:
    """Return a table's text: UTF-8, or what spreadsheets write else."""
    if len(text) > MOST_CHARACTERS:
        says = f"must have {MOST_CHARACTERS:,} characters or fewer, got {len(text):,}"
        raise InvalidDocument(name, (Fault("", says),))
    if isinstance(text, str):
        return text.removeprefix("\ufeff")
    utf_16 = text.startswith((b"\xff\xfe", b"\xfe\xff"))
    try:
        return text.decode("utf-16" if utf_16 else "utf-8-sig")
    except UnicodeDecodeError as error:
        says = f"must be UTF-8, got an octet at {error.start} that is not"
        fault = InvalidDocument(name, (Fault("", says),))
        if utf_16:
            raise fault from None
    try:
        words = text.decode("cp1252")
    except UnicodeDecodeError:
        raise fault from None
    became = "read as Windows-1252, which spreadsheets write"
    notes.append(Note(kind="encoding", where=name, said="no UTF-8", became=became))
    return words


def _rows(text: str | bytes, name: str, notes: list[Note]) -> Iterator[_Row | Fault]:
    words = _decoded(text, name, notes)
    # Spreadsheets write a first line such as sep=; for themselves.
    words = re.sub(r"\A\s*sep=.\r?\n", "\n", words, flags=re.IGNORECASE)
    lines = [line for line in words.splitlines() if line.strip()]
    heading = next((line for line in lines if re.search(r"[,;\t|]", line)), "")
    comma = "|" if heading.lstrip().startswith("|") else max(",;\t", key=heading.count)
    words = _with_a_row_for_each_visit(words, comma, notes)
    reader = csv.reader(io.StringIO(words, newline=""), delimiter=comma, skipinitialspace=True)
    table: _Table | None = None
    try:
        for cells in reader:
            line = reader.line_num
            if comma == "|":
                cells = [] if all(map(_RULE.fullmatch, _held(cells))) else cells[1:]
            if not _held(cells):
                continue
            if table is None and len(_held(cells)) == 1:
                title = _held(cells)[0]
                notes.append(
                    Note(kind="title", where=f"line {line}", said=title, became="not read")
                )
                continue
            if table is None:
                table = _columns(cells, line, name)
                for unread in table.unread:
                    became = "not read, as no such column is known"
                    notes.append(
                        Note(kind="column", where=f"line {line}", said=unread, became=became)
                    )
                continue
            if line > 10 * MOST_ROWS:
                fault = Fault("", f"must have {MOST_ROWS:,} rows or fewer")
                raise InvalidDocument(name, (fault,))
            yield _row(cells, table, line)
    except csv.Error as error:
        yield Fault(f"line {reader.line_num}", f"must be CSV: {error}")
    if table is None:
        raise InvalidDocument(name, (Fault("", "must have a line that names the columns"),))


def _held(cells: list[str]) -> list[str]:
    """Return the cells that say something."""
    return [cell.strip() for cell in cells if cell.strip()]


def _heading(cell: str) -> str:
    """Return what a column is called, its words apart and in lower case."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", plain(cell)).replace("_", " ").casefold()
    return re.sub(r"\s*\((?:in )?(?:days?|tagen?|jours?)\)$", "", apart.replace("\u2019", "'"))


def _with_a_row_for_each_visit(words: str, comma: str, notes: list[Note]) -> str:
    """Return the table, turned where its rows are activities and its columns visits."""
    try:
        read = csv.reader(io.StringIO(words, newline=""), delimiter=comma, skipinitialspace=True)
        rows = [cells for cells in read if any(cell.strip() for cell in cells)]
    except csv.Error:
        return words  # told where it is read
    if not rows or _has_visits(rows[0]) or max(map(len, rows)) > MOST_COLUMNS:
        return words
    found = turned(rows, COLUMNS)
    if found is None:
        return words
    lines, activities = found
    became = "read with a row for each; line 2 is the first visit, and so on"
    notes.append(Note(kind="turned", where="line 1", said="visits as columns", became=became))
    if activities:
        count = f"{activities} activities" if activities > 1 else "1 activity"
        became = "not held: a protocol says when visits are, and not what is done on them"
        notes.append(Note(kind="activities", where="column 1", said=count, became=became))
    out = io.StringIO()
    csv.writer(out, delimiter=comma, lineterminator="\n").writerows(lines)
    return out.getvalue()


def _has_visits(cells: list[str]) -> bool:
    """Tell whether a first line names a column for the visit and one for when it is."""
    headings = {_heading(cell) for cell in cells}
    dated = ("when", "day", "week", "month")
    return bool(headings & {*COLUMNS["visit"]}) and any(headings & {*COLUMNS[d]} for d in dated)


def _columns(cells: list[str], line: int, name: str) -> _Table:
    if len(cells) > MOST_COLUMNS:
        says = f"must have {MOST_COLUMNS} columns or fewer, got {len(cells):,}"
        raise InvalidDocument(name, (Fault(f"line {line}", says),))
    found: dict[str, int] = {}
    unread = []
    for n, cell in enumerate(cells):
        heading = _heading(cell)
        column = next((one for one, names in COLUMNS.items() if heading in names), None)
        if column is not None and column not in found:
            found[column] = n
        elif heading:
            unread.append(cell.strip())
    if "visit" not in found or not found.keys() & {"when", "day", "week", "month"}:
        listed = ", ".join(repr(cell.strip()) for cell in cells)
        says = f"must name a column for the visit and one for its day or week, got {listed}"
        if plain(cells[0]).casefold() in ACTIVITIES:
            says += (
                "; where activities are rows, the first line or a row called 'Day' or 'Week' has "
                "to say when each visit is"
            )
        raise InvalidDocument(name, (Fault(f"line {line}", says),))
    return _Table(columns=found, width=len(cells), unread=tuple(unread))


def _row(cells: list[str], table: _Table, line: int) -> _Row | Fault:
    if any(cell.strip() for cell in cells[table.width :]):
        says = f"must have {table.width} cells as its heading has, got {len(cells)}"
        return Fault(f"line {line}", says)
    read = {one: cells[n] for one, n in table.columns.items() if n < len(cells)}
    if any(len(cell) > MOST_IN_A_CELL for cell in read.values()):
        says = f"must have {MOST_IN_A_CELL} characters or fewer in each cell that is read"
        return Fault(f"line {line}", says)
    held = {one: plain(cell) for one, cell in read.items()}
    try:
        return _read_row({one: held.get(one, "") for one in COLUMNS}, line)
    except ValueError as error:
        return Fault(f"line {line}", str(error))


def _read_row(cells: dict[str, str], line: int) -> _Row:
    visit = cells["visit"]
    if not visit:
        raise ValueError("must name its visit")
    said, unit = cells["when"], ""
    units = [one for one in ("day", "week", "month") if cells[one]]
    if said and units:
        held = " and ".join(repr(cells[one]) for one in ("when", *units))
        raise ValueError(f"must say once when {visit!r} is, got {held}")
    if units:
        unit, said = units[0], cells[units[0]]
    if cells["cycle"] and said:
        said = f"{_CYCLE.sub('', cells['cycle'])} {'' if _DAY.match(said) else 'day '}{said}"
        said, unit = f"cycle {said}", ""
    row = _Row(line=line, visit=visit, said=said, when=When(), anchor=cells["anchor"])
    if _ON_DEMAND.fullmatch(said):
        return row
    try:
        when = read_when(said, unit)
    except ValueError as error:
        raise ValueError(f"must say when {visit!r} is, {error}") from None
    beside = tuple((one, cells[one]) for one in units[1:])
    if when.of and row.anchor:
        raise ValueError(f"must say once from which visit {visit!r} is counted, got {said!r}")
    row = attrs.evolve(row, when=when, beside=beside, anchor=row.anchor or when.of)
    sides, ends = _sides(when.rest, cells, visit), _ends(cells, units, visit)
    if ends is not None and (sides is not None or when.until is not None):
        raise ValueError(f"must say the window of {visit!r} once")
    return attrs.evolve(row, sides=sides, ends=ends)


def _ends(cells: dict[str, str], units: list[str], visit: str) -> tuple[When, When] | None:
    """Return the first and the last day of a visit's window; ``None`` where they are not said."""
    said = [cells["first"], cells["last"]]
    if not any(said):
        return None
    try:
        first, last = (read_when(one, units[0] if units else "day") for one in said)
    except ValueError as error:
        raise ValueError(f"must say the first and the last day of {visit!r}, {error}") from None
    if first.point is None or last.point is None or first.rest or last.rest:
        found = " and ".join(map(repr, said))
        raise ValueError(f"must number the first and the last day of {visit!r}, got {found}")
    return first, last


def _sides(rest: str, cells: dict[str, str], visit: str) -> Sides | None:
    """Return how much sooner and later a visit may be; ``None`` where nothing is said."""
    window = "" if _NOTHING.fullmatch(cells["window"]) else cells["window"].strip(" ()[]")
    written = [one for one in (rest.strip(" ()[],;"), window) if one]
    if re.fullmatch(r"-\s?\d{1,4}\s?[a-z]*", rest.strip(), re.IGNORECASE):
        wanted = "must have a range such as '8 to 10', or a window such as '(-2)'"
        raise ValueError(f"{wanted}, for {visit!r}, got {rest.strip()!r}")
    before, after = cells["before"].strip(" -"), cells["after"].strip(" +")
    if len(written) + bool(before or after) > 1:
        raise ValueError(f"must say the window of {visit!r} once")
    try:
        if before or after:
            return read_side(before), read_side(after)
        return read_window(written[0]) if written else None
    except ValueError as error:
        raise ValueError(f"{error}, for {visit!r}") from None


# --- the protocol ----------------------------------------------------------------------------


def _imported(rows: list[_Row], length: str, name: str, before: list[Note]) -> Imported:
    if not 0 < len(rows) <= MOST_ROWS:
        says = f"must have 1 to {MOST_ROWS:,} rows, got {len(rows)}"
        raise InvalidDocument(name, (Fault("", says),))
    first, from_zero = _first_day(rows, name)
    names = unique({one.line: one.visit for one in rows})
    titles = {one.visit.casefold(): names[one.line] for one in reversed(rows)}
    notes = [
        *before,
        Note(kind="length", where=name, said="", became=f"each visit takes {length}"),
        Note(
            kind="day 1",
            where=f"line {first.line}",
            said=first.said,
            became="day 7 is 7 days after it" if from_zero else "day 7 is 6 days after it",
        ),
    ]
    try:
        at = _span(first.when, first.said, from_zero)
        around = first.sides if first.ends is None else _around(at, first, from_zero)
    except ValueError as error:
        raise InvalidDocument(name, (Fault(f"line {first.line}", str(error)),)) from None
    if around is not None and any(map(comparable, around)):
        became = "not read, nothing is there to measure it"
        said = f"{around[0]} before, {around[1]} after"
        where = f"line {first.line}"
        notes.append(Note(kind="window of day 1", where=where, said=said, became=became))
    for one in rows:
        notes += _beside(one, from_zero)
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
            if one.dated
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
        kept=[f"line {one.line}" for one in rows if one.dated],
    )


def _first_day(rows: Iterable[_Row], name: str) -> tuple[_Row, bool]:
    """Return the row the others are counted from, and whether its day is numbered 0."""
    held = [one for one in rows if not one.anchor and one.when.until is None]
    wanted = [("days", 0), ("days", 1), ("weeks", 0), ("months", 0)]
    for point in wanted:
        for one in held:
            if one.when.point == point:
                return one, point == ("days", 0)
    for one in held:
        if one.when.away is not None and comparable(one.when.away) == 0:
            return one, True
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
    if not one.dated:
        became = "a visit on demand"
        notes.append(Note(kind="no date", where=where, said=one.said, became=became))
        questions.append(f"When is {one.visit}? The table gives no date.")
        return OtherVisit(
            name=name, visit=name, cadence=OnDemand(on_demand=one.visit), source="local"
        )
    to = titles.get(one.anchor.casefold(), "") if one.anchor else day_one
    if not to or to == name:
        raise ValueError(f"is counted from {one.anchor!r}, which is no other visit of the table")
    when = one.when
    if when.point is not None and when.point[0] == "days" and to != day_one:
        says = f"must say {one.visit!r} in days after {one.anchor!r}, such as '30 days'"
        raise ValueError(f"{says}, got {one.said!r}")
    span, sides = _span(when, one.said, from_zero), one.sides
    if when.until is not None:
        if sides is not None:
            raise ValueError(f"must have a range or a window for {one.visit!r}, not both")
        last = _span(attrs.evolve(when, point=when.until), one.said, from_zero)
        if any(isinstance(end, CalendarSpan) and end.by_months for end in (span, last)):
            raise ValueError(f"must be a range in days or weeks, got {one.said!r}")
        width = comparable(last) - comparable(span)
        if width < 0:
            raise ValueError(f"must end after it begins, got {one.said!r}")
        sides = (CalendarSpan(), CalendarSpan(days=width // 1440))
        became = "its earliest date is aimed at, all its dates are allowed"
        notes.append(Note(kind="range without a target", where=where, said=one.said, became=became))
    if one.ends is not None:
        sides = _around(span, one, from_zero)
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


def _around(target: Span, one: _Row, from_zero: bool) -> Sides:
    """Return how much sooner and later than its target a visit may be, by its first and last."""
    assert one.ends is not None
    first, last = (_span(end, one.said, from_zero) for end in one.ends)
    if any(isinstance(at, CalendarSpan) and at.by_months for at in (first, target, last)):
        raise ValueError(f"must have its first and last day in days or weeks, got {one.said!r}")
    before, after = comparable(target) - comparable(first), comparable(last) - comparable(target)
    if before < 0 or after < 0:
        raise ValueError(f"must be from its first to its last day, got {one.said!r}")
    return CalendarSpan(days=before // 1440), CalendarSpan(days=after // 1440)


def _span(when: When, said: str, from_zero: bool) -> Span:
    """Return how long after what it is counted from a visit is."""
    if when.point is None:
        assert when.away is not None
        return when.away
    unit, number = when.point
    if when.cycle is not None and from_zero:
        raise ValueError(
            f"must not count cycles from day 1 where a table has a day 0, got {said!r}"
        )
    if unit == "days" and not from_zero:
        if number == 0:
            raise ValueError(f"must not be day 0 where a table has a day 1, got {said!r}")
        return CalendarSpan(days=number - 1 if number > 0 else number)
    span = CalendarSpan(**{unit: abs(number)})
    return backward(span) if number < 0 else span


def _beside(one: _Row, from_zero: bool) -> Iterator[Note]:
    """Tell what a row says of its date besides what counts, unless it is the same."""
    where = f"line {one.line}"
    if one.when.remark:
        yield Note(kind="remark", where=where, said=one.when.remark, became="not read")
    also = [(*(one.when.also or ("", 0)), one.said)] if one.when.also is not None else []
    for unit, said in one.beside:
        number = re.search(r"-?\d{1,4}", said)
        also.append((f"{unit}s", int(number[0]) if number else 0, f"{unit} {said}"))
    if not one.dated:
        return
    for unit, count, said in also:
        there = When(point=(unit, count))
        try:
            same = comparable(_span(there, said, from_zero)) == comparable(
                _span(one.when, one.said, from_zero)
            )
        except ValueError:
            same = False
        if not same or unit == "months":
            became = f"not read, {one.when.point[0] if one.when.point else 'the length'} counts"
            yield Note(kind="said twice", where=where, said=said, became=became)
