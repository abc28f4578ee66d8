"""
A protocol as a FHIR PlanDefinition: an action for each visit, with its distance and its window.

R4 is written, which R4B reads as it is, and R5 with another name for ``actionId``. Windows are in
the guide's own convention: offsets themselves, so they are read back with
``windows="absolute"``.

Source:
    HL7 Vulcan, Schedule of Activities guide 1.0.0: ``offsetDuration`` is the target, the extension
    ``AcceptableOffsetRangeSoa`` from the earliest to the latest offset.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import attrs

from protocol_sched.formats.elsewhere import backward
from protocol_sched.model.cadences import At, Every, OnDemand
from protocol_sched.model.imported import Exported, Note
from protocol_sched.model.numbers import Count
from protocol_sched.model.other_visits import OtherVisit
from protocol_sched.model.protocol import Phase, Protocol
from protocol_sched.model.references import (
    EachVisit,
    EndOf,
    PreviousVisit,
    Reference,
    StartOf,
    VisitNumber,
)
from protocol_sched.model.rules import Between, Starts, Tolerance
from protocol_sched.model.spans import CalendarSpan, ElapsedSpan, Span, SpanRange, comparable

WINDOW = "http://hl7.org/fhir/uv/vulcan-schedule/StructureDefinition/AcceptableOffsetRangeSoa"
UCUM = "http://unitsofmeasure.org"
_NAMES = {"min": "minutes", "h": "hours", "d": "days", "wk": "weeks", "mo": "months", "a": "years"}
_PHASE = ("name", "visit", "cadence", "visits", "anchor", "starts", "tolerances", "source")
_OTHER = ("name", "visit", "cadence", "anchor", "visits", "between", "tolerance", "source")
_WHOLE = ("name", "title", "visit_types", "phases", "other_visits", "sources", "variant", "note")


def write_plan_definition(protocol: Protocol) -> Exported:
    """
    Return a protocol as a FHIR R4 PlanDefinition in JSON, and a note on all it cannot hold.

    Each visit whose number and distance are settled is an action related to the one it is measured
    from. What has no such date (as often as needed, on demand, after an outside event) is an action
    without a relation, and a note. Lengths of visits, gates, late tables, limits, and what is done
    around a visit have no place in the standard; each is a note.

    `read_plan_definition` with ``windows="absolute"`` gives the same visits, targets and windows.
    """
    return _Writing(protocol).exported()


@attrs.frozen(kw_only=True)
class _Visit:
    """A visit on its way into an action."""

    name: str
    run: str
    """The phase or other visit it is one of."""
    ordinal: int
    to: _Visit | None = None
    away: SpanRange | None = None
    tolerance: Tolerance | None = None
    from_end: bool = False


class _Writing:
    def __init__(self, protocol: Protocol) -> None:
        self.protocol = protocol
        self.notes: list[Note] = []
        self.visits: list[_Visit] = []

    def note(self, kind: str, where: str, said: object, became: str = "not written") -> None:
        self.notes.append(Note(kind=kind, where=where, said=str(said), became=became))

    def exported(self) -> Exported:
        for phase in self.protocol.phases:
            self._rest(phase, phase.name, _PHASE)
            self.visits += self._treatments(phase)
        waiting = list(self.protocol.other_visits)
        while waiting:
            ready = [one for one in waiting if self._known(one)] or waiting
            for one in ready:
                self._rest(one, one.name, _OTHER)
                self.visits += self._beside(one)
            waiting = [one for one in waiting if one not in ready]
        order = [one.name for one in self.protocol.phases]
        order += [one.name for one in self.protocol.other_visits]
        self.visits.sort(key=lambda visit: order.index(visit.run))
        for kind in self.protocol.visit_types:
            length = " to ".join(dict.fromkeys(map(str, (kind.least(1), kind.most(1)))))
            self.note("length", kind.name, f"{length} minutes")
            self._rest(kind, kind.name, ("name", "stages", "note"))
        self._rest(self.protocol, self.protocol.name, _WHOLE)
        keys = self._keys()
        resource: dict[str, Any] = {
            "resourceType": "PlanDefinition",
            "id": _identifier(self.protocol.name),
            "version": self.protocol.variant.version,
            "name": self.protocol.name,
            "title": self.protocol.title,
            "type": {
                "coding": [
                    {
                        "system": "http://terminology.hl7.org/CodeSystem/plan-definition-type",
                        "code": "clinical-protocol",
                    }
                ]
            },
            "status": "draft",
            "action": [self._action(one, keys) for one in self.visits],
        }
        filled = {field: value for field, value in resource.items() if value}
        text = json.dumps(filled, indent=2, ensure_ascii=False) + "\n"
        return Exported(text=text, notes=self.notes)

    def _rest(self, owner: Any, where: str, written: tuple[str, ...]) -> None:
        """Note every field of a rule that says something and is not written."""
        for field in attrs.fields(type(owner)):
            default = field.default
            if isinstance(default, attrs.Factory):  # type: ignore[arg-type]
                default = ()
            value = getattr(owner, field.name)
            if field.name not in written and value != default:
                self.note(field.name.rstrip("_"), where, _told(value))

    # --- where each visit is ------------------------------------------------------------------

    def _treatments(self, phase: Phase) -> Iterator[_Visit]:
        """Yield the visits of a phase; those that are not counted, once and with a note."""
        number = _only(phase.visits)
        several = number is None or number > 1
        first: _Visit | None = None
        last = self.visits[-1] if self.visits else None
        for n in range(1, (number or 1) + 1):
            name = f"{phase.name} {n}" if several else phase.name
            found = _Visit(name=name, run=phase.name, ordinal=n)
            tolerance = self._tolerance(phase, n)
            match phase.cadence:
                case At(at=at) if first is not None:
                    away = _less(at[n - 1].span, at[0].span)
                    if away is None:
                        self.note("date", found.name, at[n - 1])
                    else:
                        exactly = SpanRange(away, away)
                        found = attrs.evolve(found, to=first, away=exactly, tolerance=tolerance)
                case Every(every=every) if last is not None and (first or phase.starts is None):
                    if isinstance(phase.anchored_on, PreviousVisit):
                        found = attrs.evolve(found, to=last, away=every, tolerance=tolerance)
                    else:
                        self.note("anchor", found.name, phase.anchored_on)
                case _:
                    starts = phase.starts
                    if first is None and isinstance(starts, OnDemand):
                        self.note(
                            "on demand", phase.name, starts.on_demand, "visits without a date"
                        )
                    elif first is None and isinstance(starts, Starts) and last is not None:
                        to = self._referred(starts.from_[0], last)
                        self._several(phase)
                        if to is not None and starts.after.most is not None:
                            after = starts.after
                            found = attrs.evolve(found, to=to, away=after, tolerance=tolerance)
                    if found.to is None and (first is not None or last is not None):
                        self.note("date", found.name, _told(phase.cadence))
            yield found
            first, last = first or found, found
        if number is None:
            self.note("number of visits", phase.name, phase.visits, "written once")

    def _several(self, phase: Phase) -> None:
        if isinstance(phase.starts, Starts) and len(phase.starts.from_) > 1:
            self.note("starts", phase.name, ", ".join(map(str, phase.starts.from_[1:])))

    def _tolerance(self, phase: Phase, ordinal: int) -> Tolerance | None:
        held = [one for one in phase.tolerances if ordinal in one.visits]
        for one in held[1:]:
            self.note("tolerance", phase.name, _told(one))
        return held[0] if held else None

    def _beside(self, one: OtherVisit) -> Iterator[_Visit]:
        match one.cadence:
            case At(at=at, cycle=None) if one.anchor is not None:
                targets = self._targets(one.anchor)
                if not targets:
                    self.note("anchor", one.name, one.anchor)
                several = len(targets or (None,)) * len(at) > 1
                number = 0
                for to in targets or [None]:
                    for point in at:
                        number += 1
                        name = f"{one.name} {number}" if several else one.name
                        yield _Visit(
                            name=name,
                            run=one.name,
                            ordinal=number,
                            to=to,
                            away=None if to is None else SpanRange(point.span, point.span),
                            tolerance=one.tolerance,
                            from_end=one.between is Between.END_AND_START,
                        )
            case OnDemand(on_demand=said):
                self.note("on demand", one.name, said, "an action without a date")
                yield _Visit(name=one.name, run=one.name, ordinal=1)
            case _:
                said = f"{_told(one.cadence)}, from {one.anchor}, {one.visits or ''}"
                self.note("date", one.name, said, "an action without a date")
                yield _Visit(name=one.name, run=one.name, ordinal=1)

    def _known(self, one: OtherVisit) -> bool:
        name = one.hangs_on
        return name not in [other.name for other in self.protocol.other_visits] or any(
            visit.run == name for visit in self.visits
        )

    def _targets(self, reference: Reference) -> list[_Visit | None]:
        if isinstance(reference, EachVisit):
            return [one for one in self.visits if one.run == reference.phase]
        found = self._referred(reference, None)
        return [] if found is None else [found]

    def _referred(self, reference: Reference, previous: _Visit | None) -> _Visit | None:
        """Return the visit a distance is measured from; ``None`` where it is none of these."""
        treatments = [p.name for p in self.protocol.phases]
        match reference:
            case PreviousVisit():
                return previous
            case StartOf(what="course"):
                return self.visits[0]
            case VisitNumber(number=number, phase=phase):
                runs = treatments if phase is None else [phase]
                held = [one for one in self.visits if one.run in runs]
                return held[number - 1] if number <= len(held) else None
            case StartOf(what=what) | EndOf(what=what):
                held = [one for one in self.visits if one.run == what]
                if not held:
                    return None
                return held[0] if isinstance(reference, StartOf) else held[-1]
            case _:
                return None

    # --- actions ------------------------------------------------------------------------------

    def _keys(self) -> dict[str, str]:
        keys: dict[str, str] = {}
        for one in self.visits:
            plain, number = _identifier(one.name), 1
            key = plain
            while key in keys.values():
                number += 1
                key = f"{plain[:58]}.{number}"
            keys[one.name] = key
        return keys

    def _action(self, one: _Visit, keys: dict[str, str]) -> dict[str, Any]:
        action: dict[str, Any] = {"id": keys[one.name], "title": one.name}
        if one.to is None or one.away is None:
            return action
        least, most = one.away.least, one.away.most
        before = comparable(least) < 0
        which = "before-start" if before else "after-end" if one.from_end else "after-start"
        related: dict[str, Any] = {"actionId": keys[one.to.name], "relationship": which}
        if most is not None and most != least:
            related["offsetRange"] = {"low": _quantity(least), "high": _quantity(most)}
            if one.tolerance is not None:
                self.note("tolerance", one.name, _told(one.tolerance))
        else:
            related["offsetDuration"] = _quantity(backward(least) if before else least)
            if one.tolerance is not None:
                self._add_window(one, related, least, one.tolerance)
        return {**action, "relatedAction": [related]}

    def _add_window(
        self, one: _Visit, related: dict[str, Any], target: Span, tolerance: Tolerance
    ) -> None:
        sooner, later = _less(target, tolerance.before), _less(target, backward(tolerance.after))
        if sooner is None or later is None or not tolerance.hard:
            self.note("tolerance", one.name, _told(tolerance))
            return
        if comparable(target) < 0:
            sooner, later = backward(later), backward(sooner)
        ends = {"low": _quantity(sooner), "high": _quantity(later)}
        related["extension"] = [{"url": WINDOW, "valueRange": ends}]


def _only(count: Count) -> int | None:
    return count.least if count.least == count.most else None


def _less(span: Span, other: Span) -> Span | None:
    """Return a distance less another one, in days or in minutes; ``None`` where months differ."""
    spans = (span, other)
    if any(isinstance(one, CalendarSpan) and one.by_months for one in spans):
        return span if comparable(other) == 0 else None
    minutes = comparable(span) - comparable(other)
    if all(isinstance(one, CalendarSpan) for one in spans):
        return CalendarSpan(days=minutes // 1440)
    return ElapsedSpan(minutes)


def _quantity(span: Span) -> dict[str, Any]:
    """Return a length of time of one unit as a Quantity in UCUM."""
    match span:
        case ElapsedSpan(minutes=minutes):
            number, code = (minutes, "min") if minutes % 60 else (minutes // 60, "h")
        case CalendarSpan(years=0, months=0, days=0) if span.weeks:
            number, code = span.weeks, "wk"
        case CalendarSpan(years=0, months=0):
            number, code = span.in_days, "d"
        case CalendarSpan(months=0, weeks=0, days=0):
            number, code = span.years, "a"
        case _:
            number, code = 12 * span.years + span.months, "mo"
    return {"value": number, "unit": _NAMES[code], "system": UCUM, "code": code}


def _identifier(name: str) -> str:
    """Return a name as an identifier of FHIR: 1 to 64 letters, digits, ``-`` and ``.``."""
    return re.sub(r"[^A-Za-z0-9.-]+", "-", name).strip("-")[:64] or "visit"


def _told(value: object) -> str:
    """Return what a rule says, without its class names and without what it leaves open."""
    if isinstance(value, tuple):
        return "; ".join(map(_told, value))
    kind: type = type(value)
    if attrs.has(kind) and kind.__str__ is object.__str__:
        said = []
        for field in attrs.fields(kind):
            part = getattr(value, field.name)
            if part != field.default and part not in (None, ()):
                said.append(f"{field.name.rstrip('_')} {_told(part)}")
        return ", ".join(said)
    return str(getattr(value, "value", value))
