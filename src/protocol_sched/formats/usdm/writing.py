"""
A protocol as a study design of USDM: an instance for each visit, with its timing and its window.

What is written is a design's main schedule timeline, with the encounters it names. The rest of a
study (its population, its arms, its objectives) is nothing that a schedule knows.

Source:
    CDISC, Unified Study Definitions Model 4.0; the codes of the kinds of timing are those of its
    terminology of 2024-09-27, as the public examples of DDF-RA write them.
"""

from __future__ import annotations

import json
from typing import Any

import attrs

from protocol_sched.formats.elsewhere import backward, unique
from protocol_sched.formats.single_visits import SingleVisit, SingleVisits, less, told
from protocol_sched.model.cadences import OnDemand
from protocol_sched.model.imported import Exported
from protocol_sched.model.protocol import Protocol, Variant, VisitType
from protocol_sched.model.rules import Tolerance
from protocol_sched.model.spans import CalendarSpan, ElapsedSpan, Span, comparable

AFTER, BEFORE, FIXED = "After", "Before", "Fixed Reference"
START_TO_START, END_TO_START = "Start to Start", "End to Start"
_CODES = {
    AFTER: "C201356",
    BEFORE: "C201357",
    FIXED: "C201358",
    START_TO_START: "C201355",
    END_TO_START: "C201353",
}
_WHOLE = ("name", "title", "visit_types", "phases", "other_visits", "sources", "note")
_BY_HAND = ("variant", "unspecified", "month_end")


def write_usdm(protocol: Protocol) -> Exported:
    """
    Return a protocol as a study design of USDM 4.0 in JSON, and a note on all it cannot hold.

    Each visit is a scheduled instance; one whose number and distance are settled has a timing, with
    its tolerance as the window. The first visit of the first phase is the fixed reference. What has
    no such date is an instance without a timing, and a note. Lengths of visits, gates, late tables,
    limits, and what is done around a visit have no place in the standard; each is a note.

    `read_usdm` gives the same visits, targets and windows, and of a protocol that was read from
    USDM, where no note says otherwise, the same protocol.
    """
    return _Writing(protocol).exported()


class _Writing:
    def __init__(self, protocol: Protocol) -> None:
        self.protocol = protocol
        self.single = SingleVisits(protocol)
        self.note = self.single.note
        self.visits = self.single.visits
        self.names = unique({one.name: one.name for one in self.visits})
        self.ids = {one.name: f"instance-{n}" for n, one in enumerate(self.visits, 1)}
        self.sources = dict(protocol.sources)
        self.taken: set[str] = set()
        self.alike: set[tuple[object, ...]] = set()
        self.encounters: dict[str, str] = {}

    def exported(self) -> Exported:
        protocol = self.protocol
        for kind in protocol.visit_types:
            self._kind(kind)
        self.single.rest(protocol, protocol.name, (*_WHOLE, *_BY_HAND))
        if protocol.variant != Variant(version=protocol.variant.version):
            self.note("variant", protocol.name, told(protocol.variant))
        if protocol.month_end is not None:
            self.note("month_end", protocol.name, protocol.month_end.value)
        for was, now in self.names.items():
            if was != now:
                self.note("name", was, now, "read back under this name")
        instances = self._instances()
        timings = [timing for one in self.visits if (timing := self._timing(one)) is not None]
        for key, source in protocol.sources:
            if key not in self.taken:
                self.note("source", key, source.title)
        line = {
            "id": "timeline-1",
            "name": "Main timeline",
            "mainTimeline": True,
            "entryCondition": "",
            "entryId": instances[0]["id"],
            "exits": [],
            "instances": instances,
            "timings": timings,
            "instanceType": "ScheduleTimeline",
        }
        encounters = [
            {"id": key, "name": kind, "label": kind, "instanceType": "Encounter"}
            for kind, key in self.encounters.items()
        ]
        design = {
            "id": "design-1",
            "name": protocol.name,
            "label": protocol.title,
            "encounters": encounters,
            "activities": [],
            "arms": [],
            "epochs": [],
            "scheduleTimelines": [line],
            "instanceType": "InterventionalStudyDesign",
        }
        version = {
            "id": "version-1",
            "versionIdentifier": protocol.variant.version,
            "titles": [{"id": "title-1", "text": protocol.title, "instanceType": "StudyTitle"}],
            "conditions": self._conditions(),
            "studyDesigns": [design],
            "instanceType": "StudyVersion",
        }
        study = {"name": protocol.name, "versions": [version], "instanceType": "Study"}
        document = {"study": study, "usdmVersion": "4.0.0", "systemName": "protocol_sched"}
        text = json.dumps(document, indent=2, ensure_ascii=False) + "\n"
        return Exported(text=text, notes=self.single.notes)

    def _kind(self, kind: VisitType) -> None:
        length = " to ".join(dict.fromkeys(map(str, (kind.least(1), kind.most(1)))))
        self.note("length", kind.name, f"{length} minutes")
        self.single.rest(kind, kind.name, ("name", "stages", "note"))
        for stage in kind.stages[1:]:
            self.note("stage", kind.name, told(stage))

    def _conditions(self) -> list[dict[str, str]]:
        """Return open questions; those about a visit without a date are asked by reading again."""
        written: list[dict[str, str]] = []
        for question in self.protocol.unspecified:
            label, colon, text = question.partition(": ")
            if colon and label.strip() and text.strip():
                key = f"condition-{len(written) + 1}"
                named = {"id": key, "name": label, "label": label, "text": text}
                written.append({**named, "instanceType": "Condition"})
            elif not question.startswith("When is "):
                self.note("unspecified", self.protocol.name, question)
        return written

    # --- visits ------------------------------------------------------------------------------

    def _instances(self) -> list[dict[str, Any]]:
        """Return the visits in order, day 1 where its visit type stands among the others."""
        kinds = [kind.name for kind in self.protocol.visit_types]
        first, *listed = self.visits
        later = (
            n for n, one in enumerate(listed) if kinds.index(one.kind) > kinds.index(first.kind)
        )
        listed.insert(next(later, 0), first)
        return [
            self._instance(one, None if one is listed[-1] else following)
            for one, following in zip(listed, [*listed[1:], listed[-1]], strict=True)
        ]

    def _instance(self, one: SingleVisit, follows: SingleVisit | None) -> dict[str, Any]:
        key = self.encounters.setdefault(one.kind, f"encounter-{len(self.encounters) + 1}")
        return {
            "id": self.ids[one.name],
            "name": self.names[one.name],
            "label": self._label(one),
            "encounterId": key,
            "defaultConditionId": None if follows is None else self.ids[follows.name],
            "activityIds": [],
            "instanceType": "ScheduledActivityInstance",
        }

    def _label(self, one: SingleVisit) -> str:
        """Return a visit's name, or the words that ask for it where it has no date."""
        for rule in self.protocol.other_visits:
            if rule.name == one.run and isinstance(rule.cadence, OnDemand):
                return rule.cadence.on_demand
        return one.name

    def _timing(self, one: SingleVisit) -> dict[str, Any] | None:
        if one is self.visits[0]:
            return self._written(one, FIXED, "P1D", one, {})
        if one.to is None or one.away is None:
            return None
        least, most = one.away.least, one.away.most
        window = self._window(one)
        if most is not None and most != least:
            if one.tolerance is not None:
                self.note("tolerance", one.name, told(one.tolerance))
            width = less(most, least)
            if width is None:
                self.note("latest date", one.name, most)
            else:
                window = _later(width)
        before = comparable(least) < 0
        far = backward(least) if before else least
        value = _duration(far)
        if value is None or (window is not None and None in window.values()):
            self.note("date", one.name, one.away, "an instance without a timing")
            return None
        if comparable(far) == 0 and not window:
            said = f"at the moment of {one.to.name}"
            self.note("same moment", one.name, said, "read back as one visit with it")
        where = (one.kind, one.to.name, before, value, *(window or {}).values())
        if where in self.alike:
            self.note("same moment", one.name, told(one.away), "read back as one visit with others")
        self.alike.add(where)
        return self._written(one, BEFORE if before else AFTER, value, one.to, window or {})

    def _window(self, one: SingleVisit) -> dict[str, str | None] | None:
        tolerance = one.tolerance
        if tolerance is None:
            return None
        if not tolerance.hard:
            self.note("tolerance", one.name, told(tolerance))
            return None
        if attrs.evolve(tolerance, source="") != Tolerance(
            before=tolerance.before, after=tolerance.after, source=""
        ):
            self.note("tolerance", one.name, told(tolerance), "its window alone is written")
        return {
            "windowLower": _duration(tolerance.before),
            "windowUpper": _duration(tolerance.after),
        }

    def _written(
        self,
        one: SingleVisit,
        kind: str,
        value: str,
        to: SingleVisit,
        window: dict[str, str | None],
    ) -> dict[str, Any]:
        relation = START_TO_START
        if one.from_end:
            relation = END_TO_START
            self.note("between", one.name, "from the end", "read back from start to start")
        key, label, said = self._sourced(one, kind)
        return {
            "id": key,
            "name": label,
            "label": label,
            "type": _code(kind),
            "value": value,
            "valueLabel": said,
            "relativeToFrom": _code(relation),
            "relativeFromScheduledInstanceId": self.ids[one.name],
            "relativeToScheduledInstanceId": self.ids[to.name],
            "windowLower": window.get("windowLower"),
            "windowUpper": window.get("windowUpper"),
            "windowLabel": "",
            "instanceType": "Timing",
        }

    def _sourced(self, one: SingleVisit, kind: str) -> tuple[str, str, str]:
        """Return a timing's identifier, label and words: those its source has, if it is of USDM."""
        found = self.sources.get(one.source)
        key = one.source if found is not None and one.source not in self.taken else ""
        key = key or f"timing-of-{self.ids[one.name]}"
        self.taken.add(key)
        if found is None:
            return key, one.name, ""
        ending = "" if kind == FIXED else f" {kind.lower()}"
        label, colon, said = found.title.removesuffix(ending).partition(": ")
        return (key, label, said) if colon else (key, found.title, "")


def _later(width: Span) -> dict[str, str | None]:
    """Return the window of a range: from its target on, to its latest date."""
    nothing = CalendarSpan() if isinstance(width, CalendarSpan) else ElapsedSpan(0)
    return {"windowLower": _duration(nothing), "windowUpper": _duration(width)}


def _code(decode: str) -> dict[str, str]:
    return {
        "id": f"code-{decode.lower().replace(' ', '-')}",
        "code": _CODES[decode],
        "codeSystem": "http://www.cdisc.org",
        "codeSystemVersion": "2024-09-27",
        "decode": decode,
        "instanceType": "Code",
    }


def _duration(span: Span) -> str | None:
    """Return a length as an ISO 8601 duration; ``None`` where its parts point both ways."""
    if isinstance(span, ElapsedSpan):
        hours, minutes = divmod(span.minutes, 60)
        if span.minutes < 0:
            return None
        return (
            f"PT{hours}H{minutes}M"
            if hours and minutes
            else (f"PT{minutes}M" if minutes else f"PT{hours}H")
        )
    parts = {"Y": span.years, "M": span.months, "W": span.weeks, "D": span.days}
    if min(parts.values()) < 0:
        return None
    said = "".join(f"{number}{unit}" for unit, number in parts.items() if number)
    return f"P{said or '0D'}"
