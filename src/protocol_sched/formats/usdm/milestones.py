"""
Timelines inside a visit that take longer than a day: their points are visits of their own.

A point that names an encounter which the schedule itself has is that visit and no other; files
keep such a second view of a schedule for the samples that are taken at it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import attrs

from protocol_sched.formats.elsewhere import backward, point_of, unique
from protocol_sched.formats.usdm.durations import span_of
from protocol_sched.formats.usdm.kinds import Visit
from protocol_sched.formats.usdm.reading import (
    MOST_INSTANCES,
    Instance,
    Timeline,
    Timing,
    refused,
)
from protocol_sched.formats.usdm.timings import AFTER, BEFORE, FIXED, called
from protocol_sched.model.cadences import At, OnDemand
from protocol_sched.model.other_visits import OtherVisit
from protocol_sched.model.references import CoursePoint, StartOf
from protocol_sched.model.rules import Tolerance

_Key = tuple[str, str]
"""A point inside a visit: the first instance of the visit, and the point's own."""


@attrs.frozen(kw_only=True)
class Milestones:
    """Makes visits of the long timelines inside other visits."""

    visits: Mapping[str, Visit]
    names: Mapping[str, str]
    kinds: Mapping[str, str]
    """The visit type of each timeline."""
    tolerance: Callable[[Timing], Tolerance | None]
    keep: Callable[[Timing], None]
    ask: Callable[[str], None]

    def of(self, inside: Mapping[str, list[Timeline]]) -> Iterator[OtherVisit]:
        """
        Yield the visits that long timelines add, those of one timeline one after another.

        Args:
            inside: For the first instance of each visit, the timelines that run in it.
        """
        points = {
            (first, one.id): (line, one)
            for first, lines in inside.items()
            for line in lines
            for one in self.points(line)
        }
        if len(points) > MOST_INSTANCES:
            says = f"must have {MOST_INSTANCES} points inside visits or fewer, got {len(points)}"
            raise refused("study.versions[0]", says)
        wanted: dict[_Key, str] = {("", first): name for first, name in self.names.items()}
        wanted |= {key: f"{self.names[key[0]]}, {called(one)}" for key, (_, one) in points.items()}
        names = unique(wanted)
        tolerances: dict[str, Tolerance | None] = {}
        for key, (line, one) in points.items():
            yield self._one(key, line, one, names, tolerances)

    def points(self, line: Timeline) -> list[Instance]:
        """
        Return the instances of a long timeline that are no visits of the schedule's already.

        There are none in a timeline without a fixed reference, which nobody can place.
        """
        timings, there = _first_timings(line), self._by_encounter()
        begins = _anchor(line)
        if not begins:
            return []
        return [
            one
            for one in line.instances
            if one.id != begins
            and one.encounter not in there
            and (one.id in timings or not (one.decides or one.exits))
        ]

    def _by_encounter(self) -> dict[str, str]:
        """Return the first visit of each encounter."""
        there: dict[str, str] = {}
        for first, visit in self.visits.items():
            for one in visit.all:
                if one.encounter:
                    there.setdefault(one.encounter, first)
        return there

    def _one(
        self,
        key: _Key,
        line: Timeline,
        one: Instance,
        names: Mapping[_Key, str],
        tolerances: dict[str, Tolerance | None],
    ) -> OtherVisit:
        name, first = names[key], key[0]
        timing = _first_timings(line).get(one.id)
        span = None if timing is None else span_of(timing.value)
        to = "" if timing is None else self._reference(timing.to, first, line, names)
        ends = one.id not in _endless(line)
        if not (timing and span and to and ends and timing.kind in (AFTER, BEFORE)):
            self.ask(f"When is {name}? The file gives no date that can be reckoned.")
            return OtherVisit(
                name=name,
                visit=self.kinds[line.id],
                cadence=OnDemand(on_demand=one.label or name),
                source="local",
            )
        if timing.id not in tolerances:
            self.keep(timing)
            tolerances[timing.id] = self.tolerance(timing)
        away = backward(span) if timing.kind == BEFORE else span
        return OtherVisit(
            name=name,
            visit=self.kinds[line.id],
            cadence=At(at=[CoursePoint(point_of(away))]),
            anchor=StartOf(to),
            tolerance=tolerances[timing.id],
            source=timing.source,
        )

    def _reference(self, to: str, first: str, line: Timeline, names: Mapping[_Key, str]) -> str:
        """Return the name of the visit that a timing is measured from; empty for none."""
        if (first, to) in names:
            return names[first, to]
        if to == _anchor(line):
            return self.names[first]
        encounter = next((one.encounter for one in line.instances if one.id == to), "")
        return self.names.get(self._by_encounter().get(encounter, ""), "")


def _first_timings(line: Timeline) -> dict[str, Timing]:
    return {one.of: one for one in reversed(line.timings)}


def _endless(line: Timeline) -> set[str]:
    """Return the instances whose timings run in a circle."""
    timings = _first_timings(line)
    endless: set[str] = set()
    done: set[str] = set()
    for identity in timings:
        seen: dict[str, None] = {}
        while identity in timings and identity not in done and identity not in seen:
            seen[identity] = None
            identity = timings[identity].to
        if identity in endless or (identity in seen and timings[identity].kind != FIXED):
            endless.update(seen)
        done.update(seen)
    return endless


def _anchor(line: Timeline) -> str:
    return next((one.of for one in line.timings if one.kind == FIXED), "")
