"""
A FHIR PlanDefinition as small values: actions, how they are related, time points, transitions.

R4, R4B, R5 and the ballot of R6 differ in few names, and the schedule-of-activities guide has two
generations of extensions; all become the same values here. What is wrong is listed with its path;
limits keep a hostile file from taking more than a second.

Source:
    HL7, FHIR 4.0.1 and 5.0.0, PlanDefinition; HL7 Vulcan, Schedule of Activities guide, 1.0.0
    (AcceptableOffsetRangeSoa) and 2.0.0-snapshot (soaTimepoint, soaTransition).
"""

from __future__ import annotations

import json
from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

import attrs

from protocol_sched.errors import Fault, InvalidDocument
from protocol_sched.formats.elsewhere import json_object, kind_of
from protocol_sched.model.plain import as_tuple
from protocol_sched.model.spans import CalendarSpan, ElapsedSpan, Span

MOST_ACTIONS = 5_000
"""With those inside visits."""
MOST_VISITS = 500
MOST_LETTERS = 5_000_000
MOST_TRANSITIONS = 2_000
MOST_REFERENCES = 10
"""Visits that one time point may be counted from."""
MOST_NUMBER = 99_999
MOST_SAID = 300
"""Characters of a field that is not read, as a note quotes it."""

_UNITS = {
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), "s"),
    **dict.fromkeys(("min", "mins", "minute", "minutes"), "min"),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), "h"),
    **dict.fromkeys(("d", "day", "days"), "d"),
    **dict.fromkeys(("wk", "w", "wks", "week", "weeks"), "wk"),
    **dict.fromkeys(("mo", "mos", "month", "months"), "mo"),
    **dict.fromkeys(("a", "y", "yr", "yrs", "year", "years"), "a"),
}
"""Units as UCUM codes them and as people write them; ``m`` is not among them, as it is a metre."""


@attrs.frozen(kw_only=True)
class Distance:
    """A quantity of time as written, and as a span."""

    said: str
    span: Span | None
    """``None`` where nobody can say what it is."""


@attrs.frozen(kw_only=True)
class Window:
    """A range of time; an end that is left out is ``None``."""

    low: Distance | None
    high: Distance | None

    @property
    def said(self) -> str:
        ends = ("none" if end is None else end.said for end in (self.low, self.high))
        return "..".join(ends)


@attrs.frozen(kw_only=True)
class Related:
    """How an action is related to another one."""

    to: str
    relationship: str
    offset: Distance | None
    spread: Window | None
    """An offset that is a range and has no target."""
    window: Window | None
    """The guide's extension, whose convention each file has to be asked for."""
    rest: tuple[tuple[str, str], ...] = attrs.field(converter=as_tuple)
    path: str


@attrs.frozen(kw_only=True)
class TimePoint:
    """Where an action is in time, in the guide's second generation."""

    at: Distance | None
    of: str
    """Title or identifier of the action it is counted from; several are joined by ``|``."""
    window: Window | None
    window_of: str
    length: Distance | None
    repeats: bool
    path: str


@attrs.frozen(kw_only=True)
class Transition:
    """What follows an action, and how long after it."""

    to: str
    type: str
    """``SS`` from start to start, ``FS`` from end to start."""
    delay: Distance | None
    window: Window | None
    conditions: tuple[str, ...] = attrs.field(converter=as_tuple)
    path: str


@attrs.frozen(kw_only=True)
class Action:
    """One action of a plan."""

    id: str
    """Its identifier, its title where that is the only one of its name, else its path."""
    title: str
    related: tuple[Related, ...] = attrs.field(converter=as_tuple)
    points: tuple[TimePoint, ...] = attrs.field(converter=as_tuple)
    transitions: tuple[Transition, ...] = attrs.field(converter=as_tuple)
    conditions: tuple[str, ...] = attrs.field(converter=as_tuple)
    inner: tuple[Action, ...] = attrs.field(converter=as_tuple)
    rest: tuple[tuple[str, str], ...] = attrs.field(converter=as_tuple)
    """Fields that are not read, each with what it says."""
    path: str


@attrs.frozen(kw_only=True)
class Plan:
    """A PlanDefinition, and what came with it."""

    id: str
    name: str
    title: str
    version: str
    actions: tuple[Action, ...] = attrs.field(converter=as_tuple)
    rest: tuple[tuple[str, str], ...] = attrs.field(converter=as_tuple)
    others: tuple[tuple[str, str], ...] = attrs.field(default=(), converter=as_tuple)
    """Other resources of the file: identifier and what they say of time."""


def refused(path: str, says: str) -> InvalidDocument:
    return InvalidDocument("FHIR file", (Fault(path, says),))


def read_plan(text: str | bytes, wanted: str) -> Plan:
    """
    Return the plan definition of a file, the main one of a bundle.

    Raises:
        InvalidDocument: No FHIR resource in JSON, no plan definition or several that could be
            meant, an identifier twice, too many actions, a field of another type.
    """
    if len(text) > MOST_LETTERS:
        raise refused("", f"must have {MOST_LETTERS:,} characters or fewer, got {len(text):,}")
    document = json_object(text, of="FHIR file", holding="an object with a resourceType")
    plans, others = _resources(document)
    if wanted:
        named = [
            one
            for one in plans
            if wanted in [one[0].get(field) for field in ("id", "name", "title", "url")]
        ]
        if len(named) != 1:
            names = ", ".join(repr(_text(*one, "title") or _text(*one, "id")) for one in plans)
            says = f"{len(named) or 'no'} plan definitions are called {wanted!r}; there are {names}"
            raise refused("", says)
    else:
        named = _main(plans)
    main, path = named[0]
    plan = _plan(main, path)
    beside = [(_name(*one), _said_of_time(one[0])) for one in plans if one[1] != path]
    beside += [(_name(*one), _said_of_time(one[0])) for one in others]
    return attrs.evolve(plan, others=tuple(beside))


Placed = tuple[dict[str, Any], str]
"""A resource with its path."""


def _resources(document: dict[str, Any]) -> tuple[list[Placed], list[Placed]]:
    """Return plan definitions and other resources; equal copies are one."""
    kind = document.get("resourceType")
    if kind == "PlanDefinition":
        found: list[Placed] = [(document, "")]
    elif kind == "Bundle":
        found = []
        for entry, where in _tables(document, "entry", ""):
            if entry.get("resource") is not None:
                path = f"{where}.resource"
                found.append((_table(entry["resource"], path), path))
    else:
        raise refused("resourceType", f"must be 'PlanDefinition' or 'Bundle', got {kind!r}")
    for one, path in list(found):
        found += _tables(one, "contained", path)
    seen: set[str] = set()
    plans: list[Placed] = []
    others: list[Placed] = []
    for one, path in found:
        written = json.dumps(one, sort_keys=True, default=str)
        if written not in seen:
            seen.add(written)
            (plans if one.get("resourceType") == "PlanDefinition" else others).append((one, path))
    if not plans:
        raise refused("", "must have a PlanDefinition, got none")
    return plans, others


def _main(plans: list[Placed]) -> list[Placed]:
    """Return the plan that others are a part of: it has distances, and no other one names it."""
    used = {
        str(action[field]).split("|")[0].rsplit("/", 1)[-1]
        for plan, path in plans
        for action, _ in _tables(plan, "action", path)
        for field in ("definitionCanonical", "definitionUri")
        if isinstance(action.get(field), str)
    }

    def named_by_others(plan: dict[str, Any]) -> bool:
        url = str(plan.get("url") or "").rsplit("/", 1)[-1]
        return str(plan.get("id")) in used or url in used

    free = [one for one in plans if not named_by_others(one[0])] or plans
    timed = [one for one in free if _has_time(one[0])] or free
    if len(timed) > 1:
        names = ", ".join(repr(_name(*one)) for one in timed)
        raise refused("", f"must have one main plan definition, got {names}; name the one to read")
    return timed


def _has_time(plan: dict[str, Any]) -> bool:
    waiting: list[Any] = [plan.get("action")]
    while waiting:
        found = waiting.pop()
        if isinstance(found, list):
            waiting.extend(found)
        elif isinstance(found, dict):
            urls = [_last(one.get("url")) for one in _listed(found, "extension")]
            if found.get("relatedAction") or "soatimepoint" in urls:
                return True
            waiting.append(found.get("action"))
    return False


def _plan(table: dict[str, Any], path: str) -> Plan:
    count, waiting = 0, [(table, path)]
    titles: Counter[str] = Counter()
    while waiting:
        owner, where = waiting.pop()
        for one, inner in _tables(owner, "action", where):
            count += 1
            titles[_text(one, inner, "title")] += 1
            waiting.append((one, inner))
    if count > MOST_ACTIONS:
        raise refused(
            f"{path}.action".lstrip("."), f"must have {MOST_ACTIONS} actions or fewer, got {count}"
        )
    actions = [_action(*one, titles) for one in _tables(table, "action", path)]
    if not actions:
        raise refused(f"{path}.action".lstrip("."), "must have one action or more, got none")
    moves = sum(len(one.transitions) for one in every_action(actions))
    if moves > MOST_TRANSITIONS:
        says = f"must have {MOST_TRANSITIONS:,} transitions or fewer, got {moves:,}"
        raise refused(f"{path}.action".lstrip("."), says)
    _each_once(actions)
    return Plan(
        id=_text(table, path, "id"),
        name=_text(table, path, "name") or _text(table, path, "id"),
        title=_text(table, path, "title") or _text(table, path, "name"),
        version=_text(table, path, "version"),
        actions=actions,
        rest=_rest(table, PLAN_FIELDS),
    )


def every_action(actions: Iterable[Action]) -> Iterator[Action]:
    """Yield actions and those inside them, in the order of the file."""
    for one in actions:
        yield one
        yield from every_action(one.inner)


def _each_once(actions: list[Action]) -> None:
    first: dict[str, str] = {}
    for one in every_action(actions):
        if one.id in first:
            raise refused(f"{one.path}.id", f"is {one.id!r}, which {first[one.id]} has already")
        first[one.id] = one.path


WORDS = (
    "id title description textEquivalent prefix linkId code documentation definitionCanonical "
    "definitionUri groupingBehavior selectionBehavior requiredBehavior precheckBehavior"
)
"""What tells people something of an action and is about no time."""
ACTION_FIELDS = frozenset(f"{WORDS} relatedAction condition action extension".split(" "))
RELATED_FIELDS = frozenset(
    ("id", "actionId", "targetId", "relationship", "offsetDuration", "offsetRange", "extension")
)
HEADINGS = (
    "resourceType id meta implicitRules language text contained url identifier version title name "
    "subtitle type status experimental date publisher contact description useContext jurisdiction "
    "purpose usage copyright copyrightLabel approvalDate lastReviewDate topic author editor "
    "reviewer endorser relatedArtifact versionAlgorithmString subjectCodeableConcept"
)
PLAN_FIELDS = frozenset(f"{HEADINGS} action".split(" "))


def _action(table: dict[str, Any], path: str, titles: Mapping[str, int]) -> Action:
    title = _text(table, path, "title") or _text(table, path, "description")
    identity = _text(table, path, "id") or _text(table, path, "linkId")
    if not identity:
        identity = title if title and titles[title] == 1 else path
    points, transitions = [], []
    rest = list(_rest(table, ACTION_FIELDS))
    conditions = list(_conditions(table, path))
    for one, where in _tables(table, "extension", path):
        match _last(one.get("url")):
            case "soatimepoint":
                points.append(_point(one, where))
            case "soatransition":
                transitions.append(_transition(one, where, ()))
            case _:
                rest.append(("extension", _quoted(one)))
    inner = []
    for one, where in _tables(table, "action", path):
        urls = [_last(more.get("url")) for more, _ in _tables(one, "extension", where)]
        if "soatransition" not in urls:
            inner.append(_action(one, where, titles))
            continue
        held = tuple(_conditions(one, where))
        for more, place in _tables(one, "extension", where):
            if _last(more.get("url")) == "soatransition":
                transitions.append(_transition(more, place, held))
            else:
                rest.append(("extension", _quoted(more)))
        rest += _rest(one, ACTION_FIELDS - {"action", "relatedAction"})
    return Action(
        id=identity,
        title=title or identity,
        related=[_related(*one) for one in _tables(table, "relatedAction", path)],
        points=points,
        transitions=transitions,
        conditions=conditions,
        inner=inner,
        rest=rest,
        path=path,
    )


def _rest(table: Mapping[str, Any], known: frozenset[str]) -> tuple[tuple[str, str], ...]:
    found = []
    for field, value in table.items():
        if field in known or field.startswith("_") or value in (None, "", [], {}):
            continue
        found.append((field, _quoted(value)))
    return tuple(found)


def _quoted(value: object) -> str:
    written = value if isinstance(value, str) else json.dumps(value, default=str)
    return written if len(written) <= MOST_SAID else f"{written[:MOST_SAID]} ..."


def _conditions(table: Mapping[str, Any], path: str) -> Iterator[str]:
    for one, where in _tables(table, "condition", path):
        kind = _text(one, where, "kind")
        found = one.get("expression")
        expression = {} if found is None else _table(found, f"{where}.expression")
        words = [
            _text(expression, f"{where}.expression", field)
            for field in ("description", "expression", "reference")
        ]
        known = frozenset(("kind", "expression", "id"))
        words += [f"{field} {said}" for field, said in _rest(one, known)]
        said = "; ".join(filter(None, words)) or "no words"
        yield f"{kind}: {said}" if kind else said


def _related(table: dict[str, Any], path: str) -> Related:
    window = None
    rest = list(_rest(table, RELATED_FIELDS))
    extensions = list(_tables(table, "extension", path))
    if isinstance(offset := table.get("offsetDuration"), dict):
        extensions += _tables(offset, "extension", f"{path}.offsetDuration")
    for one, where in extensions:
        if window is None and _last(one.get("url")).startswith("acceptableoffsetrange"):
            window = _window(one, where, "valueRange")
        else:
            rest.append(("extension", _quoted(one)))
    return Related(
        to=_text(table, path, "actionId") or _text(table, path, "targetId"),
        relationship=_text(table, path, "relationship"),
        offset=_distance(table, path, "offsetDuration"),
        spread=_window(table, path, "offsetRange"),
        window=window,
        rest=rest,
        path=path,
    )


def _parts(table: dict[str, Any], path: str) -> dict[str, tuple[dict[str, Any], str]]:
    return {_last(one.get("url")): (one, where) for one, where in _tables(table, "extension", path)}


def _point(table: dict[str, Any], path: str) -> TimePoint:
    parts = _parts(table, path)

    def said(name: str) -> str:
        one = parts.get(name)
        return "" if one is None else _text(*one, "valueString") or _text(*one, "valueId")

    repeats = parts.get("soarepeatallowed", ({}, ""))[0].get("valueBoolean")
    return TimePoint(
        at=_measured(parts.get("soaplannedtimepoint")),
        of=said("soareferencetimepoint"),
        window=_ranged(parts.get("soaplannedrange")),
        window_of=said("soarangefromtimepoint"),
        length=_measured(parts.get("soaplannedduration")),
        repeats=repeats is True,
        path=path,
    )


def _transition(table: dict[str, Any], path: str, conditions: tuple[str, ...]) -> Transition:
    parts = _parts(table, path)

    def said(name: str) -> str:
        one = parts.get(name)
        return "" if one is None else _text(*one, "valueString") or _text(*one, "valueId")

    return Transition(
        to=said("soatargetid"),
        type=said("soatransitiontype").upper(),
        delay=_measured(parts.get("soatransitiondelay")),
        window=_ranged(parts.get("soatransitionrange")),
        conditions=conditions,
        path=path,
    )


def _measured(part: Placed | None) -> Distance | None:
    if part is None:
        return None
    for field in ("valueQuantity", "valueDuration"):
        if (found := _distance(*part, field)) is not None:
            return found
    return None


def _ranged(part: Placed | None) -> Window | None:
    return None if part is None else _window(*part, "valueRange")


def _window(table: Mapping[str, Any], path: str, field: str) -> Window | None:
    if table.get(field) is None:
        return None
    where = f"{path}.{field}"
    found = _table(table[field], where)
    low, high = (_distance(found, where, end) for end in ("low", "high"))
    return None if low is None and high is None else Window(low=low, high=high)


def _distance(table: Mapping[str, Any], path: str, field: str) -> Distance | None:
    """Return a quantity of time; its span is ``None`` where number or unit cannot be read."""
    if table.get(field) is None:
        return None
    where = f"{path}.{field}"
    found = _table(table[field], where)
    value = found.get("value")
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise refused(f"{where}.value", f"must be a number, got {kind_of(value)}")
    number = Decimal(value)
    code, unit = _text(found, where, "code"), _text(found, where, "unit")
    comparator = _text(found, where, "comparator")
    units = {_UNITS.get(one.lower()) for one in (code, unit) if one}
    known = units.pop() if len(units) == 1 else None
    most = 10 * MOST_NUMBER if known in ("s", "min", "h") else MOST_NUMBER
    if not number.is_finite() or abs(number) > most:
        raise refused(f"{where}.value", f"must be {most:,} or nearer to zero")
    said = " ".join(filter(None, (comparator, _plain(number), unit or code)))
    if len(units) and code:
        said += f" ({code})"
    return Distance(said=said, span=None if comparator or known is None else _span(number, known))


def _plain(number: Decimal) -> str:
    whole = number == number.to_integral_value()
    return str(int(number)) if whole else format(number.normalize(), "f")


def _span(number: Decimal, unit: str) -> Span | None:
    """Return a number of a UCUM unit as a span; parts of a day are counted in real time."""
    whole = int(number) if number == number.to_integral_value() else None
    match unit:
        case "d" if whole is not None:
            return CalendarSpan(days=whole)
        case "wk" if whole is not None:
            return CalendarSpan(weeks=whole)
        case "mo":
            return None if whole is None else CalendarSpan(months=whole)
        case "a":
            return None if whole is None else CalendarSpan(years=whole)
        case "d" | "wk":
            minutes = number * (1440 if unit == "d" else 10080)
        case "s":
            minutes = number / 60
        case _:
            minutes = number * (60 if unit == "h" else 1)
    return ElapsedSpan(int(minutes)) if minutes == minutes.to_integral_value() else None


def _last(url: object) -> str:
    """Return the last part of an address in lower case: extensions are known by it."""
    return url.rstrip("/").rsplit("/", 1)[-1].lower() if isinstance(url, str) else ""


def _name(table: dict[str, Any], path: str) -> str:
    kind = _text(table, path, "resourceType") or "resource"
    return f"{kind}/{_text(table, path, 'id') or path}"


def _said_of_time(resource: dict[str, Any]) -> str:
    """Return what a resource beside the plan says, shortened: its title, and all that is timed."""
    title = resource.get("title") or resource.get("name") or ""
    timed: list[str] = []
    waiting: deque[tuple[str, Any]] = deque([("", resource)])
    while waiting:
        field, value = waiting.popleft()
        if field.startswith(("timing", "relatedAction", "offset")) or "soa" in field.lower():
            timed.append(f"{field} {_quoted(value)}")
        elif field == "extension":
            timed.append(_quoted(value))
        elif isinstance(value, dict):
            waiting.extend(value.items())
        elif isinstance(value, list):
            waiting.extend((field, one) for one in value)
    return "; ".join([str(title), *timed]) if timed else str(title)


def _table(found: object, path: str) -> dict[str, Any]:
    if not isinstance(found, dict):
        raise refused(path, f"must be an object, got {kind_of(found)}")
    return found


def _listed(owner: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    found = owner.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _tables(owner: Mapping[str, Any], name: str, path: str) -> Iterator[Placed]:
    found = owner.get(name)
    if found is None:
        return
    where = f"{path}.{name}" if path else name
    if not isinstance(found, list):
        raise refused(where, f"must be a list, got {kind_of(found)}")
    for n, one in enumerate(found):
        yield _table(one, f"{where}[{n}]"), f"{where}[{n}]"


def _text(owner: Mapping[str, Any], path: str, name: str) -> str:
    found = owner.get(name)
    if found is None:
        return ""
    if not isinstance(found, str):
        where = f"{path}.{name}" if path else name
        raise refused(where, f"must be a text, got {kind_of(found)}")
    return found.strip()
