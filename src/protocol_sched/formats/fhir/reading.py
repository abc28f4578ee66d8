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
from typing import Any

import attrs

from protocol_sched.formats.elsewhere import json_object
from protocol_sched.formats.fhir.nodes import Node, quoted, refused
from protocol_sched.formats.fhir.quantities import Distance, Window, distance, window
from protocol_sched.model.plain import as_tuple

MOST_ACTIONS = 5_000
"""With those inside visits."""
MOST_VISITS = 500
MOST_TRANSITIONS = 2_000
MOST_REFERENCES = 10
"""Visits that one time point may be counted from."""

WORDS = (
    "id title description textEquivalent prefix linkId code documentation definitionCanonical "
    "definitionUri groupingBehavior precheckBehavior"
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


# --- which resource is the plan --------------------------------------------------------------


def read_plan(text: str | bytes, wanted: str) -> Plan:
    """
    Return the plan definition of a file, the main one of a bundle.

    Raises:
        InvalidDocument: No FHIR resource in JSON, no plan definition or several that could be
            meant, an identifier twice, too many actions, a field of another type.
    """
    document = json_object(text, of="FHIR file", holding="an object with a resourceType")
    plans, others = _resources(Node(document))
    main = _named(plans, wanted) if wanted else _main(plans)
    beside = [one for one in plans if one.path != main.path] + others
    return attrs.evolve(_plan(main), others=[(_name(one), _said_of_time(one)) for one in beside])


def _resources(document: Node) -> tuple[list[Node], list[Node]]:
    """Return plan definitions and other resources; equal copies are one."""
    match kind := document.fields.get("resourceType"):
        case "PlanDefinition":
            found = [document]
        case "Bundle":
            entries = (entry.inside("resource") for entry in document.each("entry"))
            found = [one for one in entries if one is not None]
        case _:
            raise refused("resourceType", f"must be 'PlanDefinition' or 'Bundle', got {kind!r}")
    found += [inner for one in found for inner in one.each("contained")]
    once: dict[str, Node] = {}
    for one in found:
        once.setdefault(json.dumps(one.fields, sort_keys=True, default=str), one)
    plans: list[Node] = []
    others: list[Node] = []
    for one in once.values():
        is_plan = one.fields.get("resourceType") == "PlanDefinition"
        (plans if is_plan else others).append(one)
    if not plans:
        raise refused("", "must have a PlanDefinition, got none")
    return plans, others


def _named(plans: list[Node], wanted: str) -> Node:
    found = [
        one
        for one in plans
        if wanted in [one.fields.get(field) for field in ("id", "name", "title", "url")]
    ]
    if len(found) == 1:
        return found[0]
    names = ", ".join(repr(one.text("title", "id")) for one in plans)
    says = f"{len(found) or 'no'} plan definitions are called {wanted!r}; there are {names}"
    raise refused("", says)


def _main(plans: list[Node]) -> Node:
    """Return the plan that others are a part of: it has distances, and no other one names it."""
    used = {
        str(action.fields[field]).split("|")[0].rsplit("/", 1)[-1]
        for plan in plans
        for action in plan.each("action")
        for field in ("definitionCanonical", "definitionUri")
        if isinstance(action.fields.get(field), str)
    }

    def named_by_others(plan: Node) -> bool:
        url = str(plan.fields.get("url") or "").rsplit("/", 1)[-1]
        return str(plan.fields.get("id")) in used or url in used

    free = [one for one in plans if not named_by_others(one)] or plans
    timed = [one for one in free if any(map(_is_timed, _every(one)))] or free
    if len(timed) > 1:
        names = ", ".join(repr(_name(one)) for one in timed)
        raise refused("", f"must have one main plan definition, got {names}; name the one to read")
    return timed[0]


def _every(plan: Node) -> Iterator[Node]:
    """Yield the actions of a plan and those inside them, in no order."""
    waiting = [plan]
    while waiting:
        inside = [*waiting.pop().each("action")]
        yield from inside
        waiting += inside


def _is_timed(action: Node) -> bool:
    called = (one.called for one in action.each("extension"))
    return bool(action.fields.get("relatedAction")) or "soatimepoint" in called


def _name(resource: Node) -> str:
    return f"{resource.text('resourceType') or 'resource'}/{resource.text('id') or resource.path}"


def _said_of_time(resource: Node) -> str:
    """Return what a resource beside the plan says, shortened: its title, and all that is timed."""
    timed: list[str] = []
    waiting: deque[tuple[str, Any]] = deque([("", resource.fields)])
    while waiting:
        field, value = waiting.popleft()
        if field.startswith(("timing", "relatedAction", "offset")) or "soa" in field.lower():
            timed.append(f"{field} {quoted(value)}")
        elif field == "extension":
            timed.append(quoted(value))
        elif isinstance(value, dict):
            waiting.extend(value.items())
        elif isinstance(value, list):
            waiting.extend((field, one) for one in value)
    title = str(resource.fields.get("title") or resource.fields.get("name") or "")
    return "; ".join([title, *timed])


# --- the plan and its actions ----------------------------------------------------------------


def _plan(of: Node) -> Plan:
    where = of.place("action")
    titles = Counter(one.text("title") for one in _every(of))
    if (count := titles.total()) > MOST_ACTIONS:
        raise refused(where, f"must have {MOST_ACTIONS} actions or fewer, got {count}")
    actions = [_action(one, titles) for one in of.each("action")]
    if not actions:
        raise refused(where, "must have one action or more, got none")
    moves = sum(len(one.transitions) for one in every_action(actions))
    if moves > MOST_TRANSITIONS:
        says = f"must have {MOST_TRANSITIONS:,} transitions or fewer, got {moves:,}"
        raise refused(where, says)
    _each_once(actions)
    return Plan(
        id=of.text("id"),
        name=of.text("name", "id"),
        title=of.text("title", "name"),
        version=of.text("version"),
        actions=actions,
        rest=of.rest(PLAN_FIELDS),
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


def _action(of: Node, titles: Mapping[str, int]) -> Action:
    title = of.text("title", "description")
    named = title if title and titles[title] == 1 else of.path
    identity = of.text("id", "linkId") or named
    points: list[TimePoint] = []
    transitions: list[Transition] = []
    inner: list[Action] = []
    rest = [*of.rest(ACTION_FIELDS)]
    for one in of.each("extension"):
        match one.called:
            case "soatimepoint":
                points.append(_point(one))
            case "soatransition":
                transitions.append(_transition(one, ()))
            case _:
                rest.append(("extension", quoted(one.fields)))
    for part in of.each("action"):
        extensions = [*part.each("extension")]
        if not any(one.called == "soatransition" for one in extensions):
            inner.append(_action(part, titles))
            continue
        held = tuple(_conditions(part))
        for one in extensions:
            if one.called == "soatransition":
                transitions.append(_transition(one, held))
            else:
                rest.append(("extension", quoted(one.fields)))
        rest += part.rest(ACTION_FIELDS - {"action", "relatedAction"})
    return Action(
        id=identity,
        title=title or identity,
        related=[_related(one) for one in of.each("relatedAction")],
        points=points,
        transitions=transitions,
        conditions=[*_conditions(of)],
        inner=inner,
        rest=rest,
        path=of.path,
    )


def _conditions(of: Node) -> Iterator[str]:
    for one in of.each("condition"):
        kind, expression = one.text("kind"), one.inside("expression") or Node({})
        words = [expression.text(field) for field in ("description", "expression", "reference")]
        words += [f"{field} {said}" for field, said in one.rest(_CONDITION_FIELDS)]
        said = "; ".join(filter(None, words)) or "no words"
        yield f"{kind}: {said}" if kind else said


_CONDITION_FIELDS = frozenset(("kind", "expression", "id"))


def _related(of: Node) -> Related:
    spread, rest = None, [*of.rest(RELATED_FIELDS)]
    extensions = [*of.each("extension")]
    if (offset := of.inside("offsetDuration")) is not None:
        extensions += offset.each("extension")
    for one in extensions:
        if spread is None and one.called.startswith("acceptableoffsetrange"):
            spread = window(one, "valueRange")
        else:
            rest.append(("extension", quoted(one.fields)))
    return Related(
        to=of.text("actionId", "targetId"),
        relationship=of.text("relationship"),
        offset=distance(of, "offsetDuration"),
        spread=window(of, "offsetRange"),
        window=spread,
        rest=rest,
        path=of.path,
    )


@attrs.frozen
class _Parts:
    """The extensions inside an extension of the guide's second generation, by their names."""

    parts: Mapping[str, Node]

    @classmethod
    def of(cls, owner: Node) -> _Parts:
        return cls({one.called: one for one in owner.each("extension")})

    def text(self, name: str) -> str:
        return self._part(name).text("valueString", "valueId")

    def distance(self, name: str) -> Distance | None:
        part = self._part(name)
        return distance(part, "valueQuantity") or distance(part, "valueDuration")

    def window(self, name: str) -> Window | None:
        return window(self._part(name), "valueRange")

    def holds(self, name: str) -> bool:
        return self._part(name).fields.get("valueBoolean") is True

    def _part(self, name: str) -> Node:
        return self.parts.get(name, Node({}))


def _point(of: Node) -> TimePoint:
    parts = _Parts.of(of)
    return TimePoint(
        at=parts.distance("soaplannedtimepoint"),
        of=parts.text("soareferencetimepoint"),
        window=parts.window("soaplannedrange"),
        window_of=parts.text("soarangefromtimepoint"),
        length=parts.distance("soaplannedduration"),
        repeats=parts.holds("soarepeatallowed"),
        path=of.path,
    )


def _transition(of: Node, conditions: tuple[str, ...]) -> Transition:
    parts = _Parts.of(of)
    return Transition(
        to=parts.text("soatargetid"),
        type=parts.text("soatransitiontype").upper(),
        delay=parts.distance("soatransitiondelay"),
        window=parts.window("soatransitionrange"),
        conditions=conditions,
        path=of.path,
    )
