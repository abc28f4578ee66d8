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
from collections import Counter
from typing import Any

from protocol_sched.formats.elsewhere import backward
from protocol_sched.formats.single_visits import SingleVisit, SingleVisits, less, told
from protocol_sched.model.imported import Exported
from protocol_sched.model.protocol import Protocol
from protocol_sched.model.rules import Tolerance
from protocol_sched.model.spans import CalendarSpan, ElapsedSpan, Span, comparable

_GUIDE = "http://hl7.org/fhir/uv/vulcan-schedule/StructureDefinition"
WINDOW = f"{_GUIDE}/AcceptableOffsetRangeSoa"
TIME_POINT = f"{_GUIDE}/soaTimepoint"
UCUM = "http://unitsofmeasure.org"
_NAMES = {"min": "minutes", "h": "hours", "d": "days", "wk": "weeks", "mo": "months", "a": "years"}
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


class _Writing:
    def __init__(self, protocol: Protocol) -> None:
        self.protocol = protocol
        self.single = SingleVisits(protocol)
        self.note = self.single.note

    def exported(self) -> Exported:
        for kind in self.protocol.visit_types:
            length = " to ".join(dict.fromkeys(map(str, (kind.least(1), kind.most(1)))))
            self.note("length", kind.name, f"{length} minutes")
            self.single.rest(kind, kind.name, ("name", "stages", "note"))
        self.single.rest(self.protocol, self.protocol.name, _WHOLE)
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
            "action": [self._action(one, keys) for one in self.single.visits],
        }
        filled = {field: value for field, value in resource.items() if value}
        text = json.dumps(filled, indent=2, ensure_ascii=False) + "\n"
        return Exported(text=text, notes=self.single.notes)

    # --- actions ------------------------------------------------------------------------------

    def _keys(self) -> dict[str, str]:
        keys: dict[str, str] = {}
        for one in self.single.visits:
            plain, number = _identifier(one.name), 1
            key = plain
            while key in keys.values():
                number += 1
                key = f"{plain[:58]}.{number}"
            keys[one.name] = key
        return keys

    def _action(self, one: SingleVisit, keys: dict[str, str]) -> dict[str, Any]:
        action: dict[str, Any] = {"id": keys[one.name], "title": one.name}
        if one is self.single.visits[0] and not self._plainly_first(one):
            zero = {"url": "soaPlannedTimePoint", "valueQuantity": _quantity(CalendarSpan())}
            action["extension"] = [{"url": TIME_POINT, "extension": [zero]}]
        if one.to is None or one.away is None:
            return action
        least, most = one.away.least, one.away.most
        if any(_of_two_units(end) for end in (least, most) if end is not None):
            self.note("date", one.name, one.away, "an action without a date")
            return action
        before = comparable(least) < 0
        which = "before-start" if before else "after-end" if one.from_end else "after-start"
        related: dict[str, Any] = {"actionId": keys[one.to.name], "relationship": which}
        if most is not None and most != least:
            related["offsetRange"] = {"low": _quantity(least), "high": _quantity(most)}
            if one.tolerance is not None:
                self.note("tolerance", one.name, told(one.tolerance))
        else:
            related["offsetDuration"] = _quantity(backward(least) if before else least)
            if one.tolerance is not None:
                self._add_window(one, related, least, one.tolerance)
        return {**action, "relatedAction": [related]}

    def _plainly_first(self, first: SingleVisit) -> bool:
        """Tell whether more visits depend on the first than on any other: so is day 1 known."""
        hanging: Counter[str] = Counter()
        for one in self.single.visits:
            root = one
            while root.to is not None:
                root = root.to
            hanging[root.name] += 1
        return all(
            count < hanging[first.name] or name == first.name for name, count in hanging.items()
        )

    def _add_window(
        self, one: SingleVisit, related: dict[str, Any], target: Span, tolerance: Tolerance
    ) -> None:
        sooner, later = less(target, tolerance.before), less(target, backward(tolerance.after))
        ends_of_two = any(_of_two_units(end) for end in (sooner, later) if end is not None)
        if sooner is None or later is None or ends_of_two or not tolerance.hard:
            self.note("tolerance", one.name, told(tolerance))
            return
        if comparable(target) < 0:
            sooner, later = backward(later), backward(sooner)
        ends = {"low": _quantity(sooner), "high": _quantity(later)}
        related["extension"] = [{"url": WINDOW, "valueRange": ends}]


def _of_two_units(span: Span) -> bool:
    """Tell whether a length has months and days, which one quantity of UCUM cannot say."""
    return isinstance(span, CalendarSpan) and span.by_months and bool(span.weeks or span.days)


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
