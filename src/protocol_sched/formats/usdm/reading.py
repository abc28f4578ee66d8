"""
A USDM file as small values: designs, timelines, instances, timings.

Versions 2.11 to 4.0 are read: their fields differ by a few names, which stand in one table. What
is wrong is listed with its path, and nothing half-read is returned. Limits keep a hostile file from
taking more than a second.

Source:
    CDISC, Digital Data Flow, Unified Study Definitions Model, API of versions 2.11 to 4.0.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

import attrs

from protocol_sched.errors import Fault, InvalidDocument
from protocol_sched.formats.elsewhere import json_object, kind_of
from protocol_sched.model.plain import as_tuple

MOST_INSTANCES = 1_000
MOST_LISTED = 5_000
"""So many timings, conditions or other things in one list."""

NAMES = {
    "instances": ("scheduleTimelineInstances",),
    "timings": ("scheduledInstanceTimings",),
    "exits": ("scheduleTimelineExits",),
    "scheduleTimelines": ("studyScheduleTimelines",),
    "value": ("timingValue",),
    "relativeToFrom": ("timingRelativeToFrom",),
    "windowLower": ("timingWindowLower",),
    "windowUpper": ("timingWindowUpper",),
    "windowLabel": ("window", "timingWindow"),
    "encounterId": ("scheduledActivityInstanceEncounterId",),
    "timelineId": ("activityTimelineId", "scheduledInstanceTimelineId"),
    "timelineExitId": ("scheduleTimelineExitId",),
    "environmentalSettings": ("environmentalSetting", "encounterEnvironmentalSetting"),
    "contactModes": ("encounterContactModes",),
    "scheduledAtId": ("scheduledAtTimingId", "encounterScheduledAtTimingId"),
    "conditionAssignments": ("decisionInstanceConditionAssignments",),
    "text": ("transitionRuleDescription", "description"),
}
"""Fields that earlier versions spelled otherwise."""


@attrs.frozen(kw_only=True)
class Timing:
    """How far one instance is from another."""

    id: str
    label: str
    kind: str
    """``after``, ``before`` or ``fixed reference``."""
    value: str
    """An ISO 8601 duration, as written."""
    said: str
    """The same in the file's words."""
    relation: str
    """``start to start``, ``end to start`` and the like."""
    of: str
    to: str
    lower: str
    upper: str
    window: str
    """The window in words, from which no number should be guessed."""
    path: str

    @property
    def source(self) -> str:
        """Return what rules name as their source; a comma would part the identifier in two."""
        return self.path if "," in self.id or self.id in ("local", "memory") else self.id


@attrs.frozen(kw_only=True)
class Instance:
    """A point of a timeline at which something is done or decided."""

    id: str
    name: str
    label: str
    decides: bool
    encounter: str
    epoch: str
    activities: tuple[str, ...] = attrs.field(converter=as_tuple)
    timeline: str
    """A timeline that runs inside it; empty for none."""
    follows: str
    """What comes next unless a condition says otherwise."""
    exits: bool
    """The timeline ends with it."""
    branches: tuple[tuple[str, str], ...] = attrs.field(converter=as_tuple)
    """Conditions in words, each with what comes next where it holds."""
    path: str


@attrs.frozen(kw_only=True)
class Timeline:
    """A sequence of instances with the distances between them."""

    id: str
    name: str
    label: str
    main: bool
    entry_condition: str
    duration: str
    """How long it is planned to take, in the file's words; empty where it does not say."""
    exits: tuple[str, ...] = attrs.field(converter=as_tuple)
    instances: tuple[Instance, ...] = attrs.field(converter=as_tuple)
    timings: tuple[Timing, ...] = attrs.field(converter=as_tuple)
    path: str


@attrs.frozen(kw_only=True)
class Encounter:
    """A visit as a study names it."""

    id: str
    name: str
    label: str
    scheduled_at: str
    settings: tuple[str, ...] = attrs.field(converter=as_tuple)
    """Where and how: ``Clinic``, ``In Person``, ``Telephone Call``."""
    rules: tuple[tuple[str, str], ...] = attrs.field(converter=as_tuple)
    """What must be so for it to begin or to end: identifier and words."""


@attrs.frozen(kw_only=True)
class Named:
    """An activity, epoch, arm or condition: an identifier with its words."""

    id: str
    name: str
    label: str
    text: str = ""
    timeline: str = ""
    about: tuple[str, ...] = attrs.field(default=(), converter=as_tuple)


@attrs.frozen(kw_only=True)
class Design:
    """One study design."""

    study: str
    title: str
    name: str
    version: str
    timelines: tuple[Timeline, ...] = attrs.field(converter=as_tuple)
    encounters: tuple[Encounter, ...] = attrs.field(converter=as_tuple)
    activities: tuple[Named, ...] = attrs.field(converter=as_tuple)
    epochs: tuple[Named, ...] = attrs.field(converter=as_tuple)
    arms: tuple[Named, ...] = attrs.field(converter=as_tuple)
    conditions: tuple[Named, ...] = attrs.field(converter=as_tuple)
    path: str
    versions: tuple[str, ...] = attrs.field(default=(), converter=as_tuple)
    """What other versions of the study in the file are called."""


def refused(path: str, says: str) -> InvalidDocument:
    return InvalidDocument("USDM file", (Fault(path, says),))


def read_designs(text: str | bytes) -> tuple[Design, ...]:
    """
    Return the designs of the first version of a study.

    Raises:
        InvalidDocument: Not JSON, not a study with a version and a design, too large or too deep,
            an identifier twice, a field of another type than the standard's.
    """
    study = _field(json_object(text, of="USDM file", holding="an object with a study"), "study")
    path = "study.versions"
    versions = study.get("versions") if isinstance(study, dict) else None
    if not isinstance(versions, list) or not versions:
        wanted = "must be a list with a study version; files before version 2.11 have none"
        raise refused(path, wanted)
    version = _table(versions[0], f"{path}[0]")
    title = _title(version) or _text(study, "label", "study") or _text(study, "name", "study")
    listed = list(_tables(version, "studyDesigns", f"{path}[0]"))
    if not listed:
        raise refused(f"{path}[0].studyDesigns", "must have one design or more, got none")
    shared = tuple(_conditions(version, f"{path}[0]"))
    designs = tuple(
        _design(one, where, _text(study, "name", "study"), title, version, shared)
        for one, where in listed
    )
    beside = [_text(_table(one, path), "versionIdentifier", path) for one in versions[1:]]
    designs = (attrs.evolve(designs[0], versions=beside), *designs[1:])
    count = sum(len(line.instances) for design in designs for line in design.timelines)
    if count > MOST_INSTANCES:
        raise refused(path, f"must have {MOST_INSTANCES} scheduled instances or fewer, got {count}")
    return designs


def _field(table: Mapping[str, Any], name: str) -> Any:
    """Return a field under the name it has in the file's version; ``None`` where it is left out."""
    for spelled in (name, *NAMES.get(name, ())):
        if table.get(spelled) is not None:
            return table[spelled]
    return None


def _table(found: object, path: str) -> dict[str, Any]:
    if not isinstance(found, dict):
        raise refused(path, f"must be an object, got {kind_of(found)}")
    return found


def _tables(owner: Mapping[str, Any], name: str, path: str) -> Iterator[tuple[dict[str, Any], str]]:
    found = _field(owner, name)
    if found is None:
        return
    if not isinstance(found, list):
        raise refused(f"{path}.{name}", f"must be a list, got {kind_of(found)}")
    if len(found) > MOST_LISTED:
        says = f"must have {MOST_LISTED:,} parts or fewer, got {len(found):,}"
        raise refused(f"{path}.{name}", says)
    for n, one in enumerate(found):
        where = f"{path}.{name}[{n}]"
        yield _table(one, where), where


def _text(owner: Mapping[str, Any], name: str, path: str) -> str:
    found = _field(owner, name)
    if found is None:
        return ""
    if isinstance(found, bool) or not isinstance(found, str | int | Decimal):
        raise refused(f"{path}.{name}", f"must be a text, got {kind_of(found)}")
    return str(found).strip()


CODES = {
    "C201356": "after",
    "C201357": "before",
    "C201358": "fixed reference",
    "C201353": "end to start",
    "C201354": "start to end",
    "C201355": "start to start",
}
"""The kinds of timing, and what they are measured from, in CDISC's terminology of 2024-09-27."""


def _decoded(owner: Mapping[str, Any], name: str, path: str) -> str:
    """Return what a coded value means in lower case, by its code or else by its words."""
    found = _field(owner, name)
    if not isinstance(found, dict):
        words = _text(owner, name, path)
    else:
        words = CODES.get(_text(found, "code", f"{path}.{name}"), "")
        words = words or _text(found, "decode", f"{path}.{name}")
    return " ".join(words.lower().removesuffix("timing type").replace("_", " ").split())


def _texts(owner: Mapping[str, Any], name: str, path: str) -> tuple[str, ...]:
    found = _field(owner, name)
    if found is None:
        return ()
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise refused(f"{path}.{name}", f"must be a list of identifiers, got {kind_of(found)}")
    return tuple(found)


def _identity(owner: Mapping[str, Any], path: str) -> str:
    found = _text(owner, "id", path)
    if not found:
        raise refused(f"{path}.id", "must be given")
    return found


def _title(version: Mapping[str, Any]) -> str:
    titles = version.get("titles")
    if isinstance(titles, list):
        for one in titles:
            if isinstance(one, dict) and isinstance(one.get("text"), str) and one["text"].strip():
                return str(one["text"]).strip()
    return ""


def _design(
    table: dict[str, Any],
    path: str,
    study: str,
    title: str,
    version: Mapping[str, Any],
    shared: tuple[Named, ...],
) -> Design:
    lines = tuple(_timeline(*one) for one in _tables(table, "scheduleTimelines", path))
    points = [(one.id, one.path) for line in lines for one in line.instances]
    timings = [(one.id, one.path) for line in lines for one in line.timings]
    _each_once([*((line.id, line.path) for line in lines), *points, *timings])
    return Design(
        study=study,
        title=title,
        name=_text(table, "name", path),
        version=_text(version, "versionIdentifier", "study.versions[0]"),
        timelines=lines,
        encounters=[_encounter(*one) for one in _tables(table, "encounters", path)],
        activities=[_named(*one) for one in _tables(table, "activities", path)],
        epochs=[_named(*one) for one in _tables(table, "epochs", path)],
        arms=[_named(*one) for one in _tables(table, "arms", path)],
        conditions=[*shared, *_conditions(table, path)],
        path=path,
    )


def _each_once(found: Iterable[tuple[str, str]]) -> None:
    first: dict[str, str] = {}
    for identity, path in found:
        if identity in first:
            raise refused(f"{path}.id", f"is {identity!r}, which {first[identity]} has already")
        first[identity] = path


def _conditions(owner: Mapping[str, Any], path: str) -> Iterator[Named]:
    for table, where in _tables(owner, "conditions", path):
        yield attrs.evolve(
            _named(table, where),
            about=(*_texts(table, "contextIds", where), *_texts(table, "appliesToIds", where)),
        )


def _named(table: dict[str, Any], path: str) -> Named:
    return Named(
        id=_identity(table, path),
        name=_text(table, "name", path),
        label=_text(table, "label", path),
        text=_text(table, "text", path),
        timeline=_text(table, "timelineId", path),
    )


def _encounter(table: dict[str, Any], path: str) -> Encounter:
    settings: list[str] = []
    for name in ("environmentalSettings", "contactModes"):
        for one, where in _tables(table, name, path):
            settings.append(_text(one, "decode", where))
    rules = []
    for name in ("transitionStartRule", "transitionEndRule"):
        if (found := table.get(name)) is not None:
            rule = _table(found, f"{path}.{name}")
            rules.append((_identity(rule, f"{path}.{name}"), _text(rule, "text", path)))
    return Encounter(
        id=_identity(table, path),
        name=_text(table, "name", path),
        label=_text(table, "label", path),
        scheduled_at=_text(table, "scheduledAtId", path),
        settings=[one for one in settings if one],
        rules=rules,
    )


def _timeline(table: dict[str, Any], path: str) -> Timeline:
    instances = list(_tables(table, "instances", path))
    timings = [_timing(*one) for one in _tables(table, "timings", path)]
    for one, where in instances:  # before version 3 each instance had its own
        timings += [_timing(*timing) for timing in _tables(one, "timings", where)]
    main = table.get("mainTimeline")
    if main is not None and not isinstance(main, bool):
        raise refused(f"{path}.mainTimeline", f"must be true or false, got {kind_of(main)}")
    return Timeline(
        id=_identity(table, path),
        name=_text(table, "name", path),
        label=_text(table, "label", path),
        main=bool(main),
        entry_condition=_text(table, "entryCondition", path),
        duration=" ".join(_scalars(_field(table, "plannedDuration"))),
        exits=[_identity(*one) for one in _tables(table, "exits", path)],
        instances=[_instance(*one) for one in instances],
        timings=timings,
        path=path,
    )


def _scalars(found: object) -> Iterator[str]:
    """Yield the texts and numbers in a value of no shape that matters here."""
    if isinstance(found, dict):
        for key, inner in found.items():
            if key not in ("id", "instanceType", "code", "codeSystem", "codeSystemVersion"):
                yield from _scalars(inner)
    elif isinstance(found, list):
        for inner in found:
            yield from _scalars(inner)
    elif isinstance(found, str | int | Decimal) and not isinstance(found, bool):
        yield str(found)


def _instance(table: dict[str, Any], path: str) -> Instance:
    return Instance(
        id=_identity(table, path),
        name=_text(table, "name", path),
        label=_text(table, "label", path),
        decides=bool(
            "decision" in _text(table, "instanceType", path).lower()
            or _field(table, "conditionAssignments")
        ),
        encounter=_text(table, "encounterId", path),
        epoch=_text(table, "epochId", path),
        activities=_texts(table, "activityIds", path),
        timeline=_text(table, "timelineId", path),
        follows=_text(table, "defaultConditionId", path),
        exits=bool(_text(table, "timelineExitId", path)),
        branches=list(_branches(table, path)),
        path=path,
    )


def _branches(table: dict[str, Any], path: str) -> Iterator[tuple[str, str]]:
    found = _field(table, "conditionAssignments")
    for n, one in enumerate(found if isinstance(found, list) else []):
        where = f"{path}.conditionAssignments[{n}]"
        if isinstance(one, list):  # version 2 wrote pairs
            words = [str(word) for word in one]
            yield words[0] if words else "", words[-1] if words else ""
        else:
            of = _table(one, where)
            yield _text(of, "condition", where), _text(of, "conditionTargetId", where)


def _timing(table: dict[str, Any], path: str) -> Timing:
    return Timing(
        id=_identity(table, path),
        label=_text(table, "label", path) or _text(table, "name", path),
        kind=_decoded(table, "type", path),
        value=_text(table, "value", path),
        said=_text(table, "valueLabel", path),
        relation=_decoded(table, "relativeToFrom", path),
        of=_text(table, "relativeFromScheduledInstanceId", path),
        to=_text(table, "relativeToScheduledInstanceId", path),
        lower=_text(table, "windowLower", path),
        upper=_text(table, "windowUpper", path),
        window=_text(table, "windowLabel", path),
        path=path,
    )


def chosen_timeline(designs: tuple[Design, ...], wanted: str) -> tuple[Design, Timeline]:
    """
    Return the timeline that is wanted, and its design; without a wish the first main one.

    Raises:
        InvalidDocument: There is none, or several.
    """
    lines = [(design, line) for design in designs for line in design.timelines]
    if wanted:
        for field in ("id", "name", "label"):
            found = [one for one in lines if getattr(one[1], field) == wanted]
            if len(found) == 1:
                return found[0]
        names = ", ".join(repr(line.name) for _, line in lines)
        several = (
            "several timelines are" if any(wanted == line.name for _, line in lines) else "none is"
        )
        says = f"{several} called {wanted!r}; give an identifier; there are {names}"
        raise refused(f"{designs[0].path}.scheduleTimelines", says)
    for design in designs:
        main = [line for line in design.timelines if line.main]
        if len(main) == 1:
            return design, main[0]
        if main:
            break
    says = f"must have one main timeline, got {len(main)}; name the one to read"
    raise refused(f"{design.path}.scheduleTimelines", says)
