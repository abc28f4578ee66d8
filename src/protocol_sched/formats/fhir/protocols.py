"""
From a FHIR PlanDefinition to a protocol: day 1 is a phase, every other visit depends on one.

Day 1 is the action that others depend on and that depends on none (`actions`); where the others
are, and how a window is meant, `places` tells.
"""

from __future__ import annotations

from itertools import pairwise

from protocol_sched.errors import InvalidDocument, InvalidValue
from protocol_sched.formats.elsewhere import point_of, slug, unique
from protocol_sched.formats.fhir.actions import Actions
from protocol_sched.formats.fhir.places import ABSOLUTE, AROUND, ASK, Place, Places
from protocol_sched.formats.fhir.reading import Action, read_plan
from protocol_sched.formats.fhir.telling import Telling
from protocol_sched.formats.fhir.words import A_DAY, point_said
from protocol_sched.model.cadences import At, OnDemand
from protocol_sched.model.imported import Imported
from protocol_sched.model.numbers import ONE
from protocol_sched.model.other_visits import OtherVisit
from protocol_sched.model.protocol import Phase, Protocol, Source, Variant, VisitType
from protocol_sched.model.references import CoursePoint, EndOf, StartOf
from protocol_sched.model.rules import Between, Tolerance
from protocol_sched.model.spans import (
    CalendarSpan,
    ElapsedSpan,
    MonthEnd,
    SpanRange,
    comparable,
    parse_range,
)
from protocol_sched.model.stages import Stage

USUAL = 30
"""Minutes of a visit whose length nobody says."""


def read_plan_definition(
    text: str | bytes,
    *,
    plan: str = "",
    windows: str = ASK,
    length: str | None = None,
    name: str = "FHIR file",
) -> Imported:
    """
    Read a FHIR PlanDefinition (R4, R4B, R5, ballot of R6) as a protocol.

    Args:
        text: The file, JSON: a PlanDefinition, or a Bundle with one.
        plan: Identifier, name, title or address of the plan to read; empty is the main one.
        windows: What an acceptable offset range holds: offsets themselves (``absolute``), or
            magnitudes either side of the target (``around``). ``ask`` tells each from its numbers;
            where both readings hold, the visit has no tolerance, and it is a question.
        length: How long each visit takes, as a range such as ``30 to 60 minutes``; ``None`` is what
            the file says, and else 30 minutes, or what lies between two visits that are nearer.
        name: What to call the file in an error.

    Returns:
        The protocol, and everything of the file that it could not hold.

    Raises:
        InvalidDocument: No JSON of FHIR with a plan definition, none or several that could be
            meant, no action that others depend on, distances in a circle, an absolute range
            without its own offset.
        InvalidValue: A length or a word for ``windows`` that is none.
    """
    if windows not in (ASK, AROUND, ABSOLUTE):
        wanted = f"{ASK!r}, {AROUND!r} or {ABSOLUTE!r}"
        raise InvalidValue("read_plan_definition", "windows", repr(windows), wanted)
    chosen = None if length is None else parse_range(length)
    try:
        return _Reading(Actions(read_plan(text, plan)), windows, chosen).imported()
    except InvalidDocument as error:
        raise InvalidDocument(name, error.faults) from None


class _Reading:
    """One plan on its way into a protocol."""

    def __init__(self, actions: Actions, windows: str, length: SpanRange | None) -> None:
        self.actions, self.length = actions, length
        self.places = Places(actions, windows)

    def imported(self) -> Imported:
        telling = Telling(self.actions)
        places: dict[str, Place] = {}
        for one in self.actions.visits.values():
            place = self.places.of(one) if one.id != self.actions.anchor.id or one.points else None
            if place is not None:
                places[one.id] = place
        self.actions.no_circles({one: place.to for one, place in places.items()})
        root = {identity: self._root(identity, places) for identity in self.actions.visits}
        shown = [one for one in self.actions.visits.values() if root[one.id] == one.id]
        names = unique({one.id: one.title for one in shown})
        day_one = names[self.actions.anchor.id]
        days = self._in_minutes(places)
        telling.follow(days)
        usual = self._usual(days)
        types = [
            VisitType(
                name=names[one.id],
                stages=[Stage(name="visit", length=self._length(one, usual), source="local")],
            )
            for one in shown
        ]
        keys = {one.id: _key(one) for one in self.actions.visits.values()}
        rules = [
            self._other_visit(one, places.get(one.id), names, root, keys)
            for one in shown
            if one.id != self.actions.anchor.id
        ]
        for one in self.actions.groups:
            self.actions.note("group", one.id, one.title, "its actions are visits of their own")
        for one in (*self.actions.groups, *self.actions.visits.values()):
            telling.told(one)
        telling.rest()
        phase = Phase(
            name=day_one,
            visit=day_one,
            cadence=At(at=[CoursePoint("day 1")]),
            visits=ONE,
            source=keys[self.actions.anchor.id],
        )
        kept = [self.actions.anchor.id, *places]
        by_months = any(
            isinstance(span, CalendarSpan) and span.by_months
            for place in places.values()
            for span in (place.span, place.before, place.after)
        )
        if by_months:
            became = "a date that the month lacks is the next day"
            self.actions.note("months", self.actions.plan.id or "PlanDefinition", "", became)
        titles = {identity: one.title for identity, one in self.actions.visits.items()}
        day_one_id = f"{day_one}-1"
        return Imported(
            protocol=Protocol(
                name=slug(self.actions.plan.name or self.actions.plan.title or "plan"),
                title=self.actions.plan.title or self.actions.plan.name or "Plan",
                visit_types=types,
                phases=[phase],
                other_visits=rules,
                sources=tuple(
                    (keys[one], Source(title=f"{titles[one]}: {self._placed(places.get(one))}"))
                    for one in kept
                ),
                month_end=MonthEnd.NEXT_DAY if by_months else None,
                variant=Variant(version=self.actions.plan.version),
                unspecified=list(dict.fromkeys(self.actions.questions)),
            ),
            day_one=day_one_id,
            notes=self.actions.notes,
            names={
                one: day_one_id if root[one] == self.actions.anchor.id else names[root[one]]
                for one in self.actions.visits
            },
            kept=kept,
        )

    def _root(self, identity: str, places: dict[str, Place]) -> str:
        while identity in places and places[identity].with_it:
            identity = places[identity].to
        return identity

    def _placed(self, place: Place | None) -> str:
        """Return where a visit is in the file's own words."""
        if place is not None:
            return place.said
        said = [point_said(point) for point in self.actions.anchor.points[:1]]
        return ", ".join(["day 1", *said])

    def _other_visit(
        self,
        one: Action,
        place: Place | None,
        names: dict[str, str],
        root: dict[str, str],
        keys: dict[str, str],
    ) -> OtherVisit:
        name = names[one.id]
        if place is None:
            return OtherVisit(
                name=name, visit=name, cadence=OnDemand(on_demand=one.title), source="local"
            )
        source, to = keys[one.id], names[root[place.to]]
        tolerance = None
        if place.before is not None and place.after is not None:
            tolerance = Tolerance(before=place.before, after=place.after, source=source)
        return OtherVisit(
            name=name,
            visit=name,
            cadence=At(at=[CoursePoint(point_of(place.span))]),
            anchor=EndOf(to) if place.from_end else StartOf(to),
            between=Between.END_AND_START if place.from_end else Between.STARTS,
            tolerance=tolerance,
            source=source,
        )

    def _in_minutes(self, places: dict[str, Place]) -> dict[str, int]:
        """Return how long after day 1 each visit is that has a date, a month as 30 days."""
        found = {self.actions.anchor.id: 0}
        for identity in places:
            chain = []
            at = identity
            while at in places and at not in found:
                chain.append(at)
                at = places[at].to
            if at in found:
                for one in reversed(chain):
                    found[one] = found[places[one].to] + comparable(places[one].span)
        return found

    def _usual(self, at: dict[str, int]) -> int:
        moments = sorted(set(at.values()))
        gaps = (later - earlier for earlier, later in pairwise(moments))
        minutes = min(gaps, default=USUAL)
        if self.length is None:
            usual = min(minutes, USUAL)
            why = "as the file has no other" if minutes >= USUAL else "what lies between two"
            where = self.actions.plan.id or "PlanDefinition"
            self.actions.note("length", where, "", f"each visit takes {usual} minutes, {why}")
        return min(minutes, USUAL)

    def _length(self, one: Action, usual: int) -> SpanRange:
        said = one.points[0].length if one.points else None
        span = None if said is None else said.span
        minutes = comparable(span) if isinstance(span, ElapsedSpan) else 0
        if self.length is None and 0 < minutes < A_DAY:
            return SpanRange(ElapsedSpan(minutes), ElapsedSpan(minutes))
        if said is not None:
            whole = "means that day, and no length of a visit" if minutes == A_DAY else "not read"
            self.actions.note("planned duration", one.id, said.said, whole)
        return self.length or SpanRange(ElapsedSpan(usual), ElapsedSpan(usual))


def _key(one: Action) -> str:
    """Return what the rules of a visit name as their source; a comma would part it in two."""
    taken = one.id in ("local", "memory") or "," in one.id
    return one.path if taken else one.id
