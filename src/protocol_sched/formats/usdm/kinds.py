"""What a visit of a study is made of: itself, and the timelines that run inside it as stages."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import attrs

from protocol_sched.formats.elsewhere import unique
from protocol_sched.formats.usdm.reading import Encounter, Instance, Named, Timeline, Timing
from protocol_sched.formats.usdm.timings import A_DAY, called, minutes_of, unread
from protocol_sched.model.plain import as_tuple
from protocol_sched.model.protocol import VisitType
from protocol_sched.model.spans import ElapsedSpan, SpanRange
from protocol_sched.model.stages import Check, Stage


@attrs.frozen(kw_only=True)
class Visit:
    """What stands at one moment: the first instance, and those beside it."""

    first: Instance
    others: tuple[Instance, ...] = attrs.field(default=(), converter=as_tuple)

    @property
    def all(self) -> tuple[Instance, ...]:
        return (self.first, *self.others)

    @property
    def named(self) -> Instance:
        """Return the instance that it is called after, no decision if there is another."""
        return next((one for one in self.all if not one.decides), self.first)


@attrs.frozen(kw_only=True)
class Kinds:
    """Makes visit types: one for each encounter and set of timelines inside."""

    instances: Mapping[str, Instance]
    encounters: Mapping[str, Encounter]
    activities: Mapping[str, Named]
    lines: Mapping[str, Timeline]
    length: SpanRange
    note: Callable[[str, str, str, str], None]
    keep: Callable[[Timing], None]

    def of(self, visits: Mapping[str, Visit]) -> dict[str, VisitType]:
        """Return the visit type of each visit: one for each encounter and set of timelines."""
        wanted: dict[str, tuple[str, tuple[str, ...]]] = {}
        for first, one in visits.items():
            encounter = next((i.encounter for i in one.all if i.encounter), "")
            inner = dict.fromkeys(line for i in one.all for line in self._inner(i))
            wanted[first] = (encounter or first, tuple(inner))
        shapes = dict.fromkeys(wanted.values())
        names = unique({shape: self._kind_name(shape[0]) for shape in shapes})
        lines = dict.fromkeys(line for _, inner in shapes for line in inner)
        stages = {line: self._stage(self.lines[line]) for line in lines}
        made = {
            shape: VisitType(
                name=names[shape],
                stages=[
                    Stage(name="visit", length=self.length, source="local"),
                    *(found for line in shape[1] if (found := stages[line]) is not None),
                ],
            )
            for shape in shapes
        }
        return {first: made[shape] for first, shape in wanted.items()}

    def inside(self, visit: Visit) -> tuple[Timeline, ...]:
        """Return the timelines that run in a visit."""
        found = dict.fromkeys(line for one in visit.all for line in self._inner(one))
        return tuple(self.lines[line] for line in found)

    def is_long(self, line: Timeline) -> bool:
        """Tell whether a timeline takes more than a day, or a time that nobody can reckon."""
        at = minutes_of(line)
        return at is None or max(at.values()) - min(at.values()) > A_DAY

    def _kind_name(self, of: str) -> str:
        if of in self.encounters:
            one = self.encounters[of]
            return one.label or one.name or one.id
        if of in self.instances:
            return self.instances[of].label or called(self.instances[of])
        return of  # an encounter that nobody describes

    def _inner(self, instance: Instance) -> Iterator[str]:
        """Yield the timelines that run inside an instance."""
        if instance.timeline in self.lines:
            yield instance.timeline
        for key in instance.activities:
            activity = self.activities.get(key)
            if activity is not None and activity.timeline in self.lines:
                yield activity.timeline

    def _stage(self, line: Timeline) -> Stage | None:
        """Return a timeline inside a visit as a stage with checks, if it is over within a day."""
        at = minutes_of(line)
        named = line.label or line.name or line.id
        if at is None or self.is_long(line):
            return None
        first, last = min(at.values()), max(at.values())
        self.note(
            "timeline in a visit", line.id, named, f"stage {named!r} of {last - first} minutes"
        )
        timings = {one.of: one for one in reversed(line.timings)}
        for one in line.timings:
            if timings[one.of] is not one:
                became = f"not read, {timings[one.of].id} says when it is"
                self.note("second timing", one.id, unread(one), became)
                continue
            if one.of not in at:
                self.note("timing of another timeline", one.id, unread(one), "not read")
                continue
            self.keep(one)
            if one.lower or one.upper or one.window.strip(" -"):
                said = one.window or f"{one.lower} before, {one.upper} after"
                self.note("window in a stage", one.id, said, "not read, a check has no tolerance")
        checks = [
            Check(
                what=one.label or called(one),
                at=[ElapsedSpan(at[one.id] - first)],
                source=timings[one.id].source if one.id in timings else "local",
            )
            for one in line.instances
            if one.id in at
        ]
        length = ElapsedSpan(max(last - first, 1))
        return Stage(
            name=named,
            length=SpanRange(length, length),
            checks=checks,
            source=", ".join(timings[one].source for one in at if one in timings) or "local",
        )
