"""
From a study design to a protocol: day 1 is a phase, every other visit depends on it or on another.

A study's schedule names instances; what stands at one moment is one visit here. Day 1 is the
instance that the fixed reference is about: its own value is a label (*day 1*) and no distance.
Distances after and before are points of other visits, windows are tolerances. What a protocol
cannot hold becomes a `Note`; a condition or decision becomes a question as well.

Source:
    CDISC, Unified Study Definitions Model 4.0: ``windowLower`` and ``windowUpper`` are magnitudes
    either side of the timing's value, also where it is of the type Before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

import attrs

from protocol_sched.errors import Fault, InvalidDocument, InvalidValue
from protocol_sched.formats.elsewhere import backward, point_of, slug, unique
from protocol_sched.formats.usdm.durations import span_of
from protocol_sched.formats.usdm.kinds import Kinds, Visit
from protocol_sched.formats.usdm.loops import unrolled
from protocol_sched.formats.usdm.milestones import Milestones
from protocol_sched.formats.usdm.reading import (
    Design,
    Instance,
    Timeline,
    Timing,
    chosen_timeline,
    read_designs,
    refused,
)
from protocol_sched.formats.usdm.telling import Told
from protocol_sched.formats.usdm.timings import (
    AFTER,
    BEFORE,
    FIXED,
    START_TO_START,
    called,
    gaps,
    unread,
    window_in_words,
    words_of,
)
from protocol_sched.model.cadences import At, OnDemand
from protocol_sched.model.imported import Imported, Note
from protocol_sched.model.numbers import ONE
from protocol_sched.model.other_visits import OtherVisit
from protocol_sched.model.protocol import Phase, Protocol, Source, Variant, VisitType
from protocol_sched.model.references import CoursePoint, StartOf
from protocol_sched.model.rules import Tolerance
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
DAY_ONE = "day 1"
OPEN, EXACT = "open", "exact"
NOTED, VISITS = "noted", "visits"
_NONE: Mapping[str, int] = MappingProxyType({})


def read_usdm(
    text: str | bytes,
    *,
    timeline: str = "",
    length: str | None = None,
    no_window: str = OPEN,
    repeats: Mapping[str, int] = _NONE,
    long_timelines: str = NOTED,
    name: str = "USDM file",
) -> Imported:
    """
    Read a study design of USDM, version 2.11 to 4.0, as a protocol.

    Args:
        text: The file, JSON.
        timeline: Identifier, name or label of the timeline to read; empty is the main one.
        length: How long each visit takes, as a range such as ``30 to 60 minutes``. The standard has
            no lengths, so this is the clinic's own number. ``None`` is 30 minutes, or what lies
            between two visits that are nearer.
        no_window: What a distance without a window means: ``open`` (a target, later allowed) or
            ``exact``. The standard writes both alike.
        repeats: How often what a loop holds takes place, by the identifier of the decision that
            leads back; that is a condition in words in the file. Without it once, with a question.
        long_timelines: What becomes of a timeline that runs in a visit for longer than a day:
            ``noted``, or ``visits``, each of its points one that depends on that visit.
        name: What to call the file in an error.

    Returns:
        The protocol, and everything of the file that it could not hold.

    Raises:
        InvalidDocument: No JSON of USDM with a study version, or a timeline without a fixed
            reference, with distances in a circle, or with none of that name.
        InvalidValue: A length or a word for ``no_window`` that is none, or repeats of what is no
            loop.
    """
    if no_window not in (OPEN, EXACT):
        raise InvalidValue("read_usdm", "no_window", repr(no_window), f"{OPEN!r} or {EXACT!r}")
    if long_timelines not in (NOTED, VISITS):
        wanted = f"{NOTED!r} or {VISITS!r}"
        raise InvalidValue("read_usdm", "long_timelines", repr(long_timelines), wanted)
    asked = _Asked(no_window=no_window, repeats=repeats, long_timelines=long_timelines)
    try:
        return _read(text, timeline, length, asked)
    except InvalidDocument as error:
        raise InvalidDocument(name, error.faults) from None


@attrs.frozen(kw_only=True)
class _Asked:
    """What the caller says where the file leaves it open."""

    no_window: str
    repeats: Mapping[str, int]
    long_timelines: str


def _read(text: str | bytes, timeline: str, length: str | None, asked: _Asked) -> Imported:
    designs = read_designs(text)
    design, line = chosen_timeline(designs, timeline)
    line = unrolled(line, asked.repeats)
    notes: list[Note] = []
    if length is None:
        minutes = min(gaps(line), default=USUAL)
        length = f"{min(minutes, USUAL)} minutes"
        why = "as the file has no lengths" if minutes >= USUAL else "what lies between two of them"
        became = f"each visit takes {length}, {why}"
        notes.append(Note(kind="length", where=line.id, said="", became=became))
    reading = _Reading(design, line, parse_range(length), asked, notes)
    return reading.imported([one for one in designs if one is not design])


class _Reading:
    """One timeline on its way into a protocol; notes are gathered as it goes."""

    def __init__(
        self,
        design: Design,
        line: Timeline,
        length: SpanRange,
        asked: _Asked,
        notes: list[Note],
    ) -> None:
        self.design, self.line = design, line
        self.length, self.asked = length, asked
        self.notes = notes
        self.questions: list[str] = []
        self.kept: dict[str, Timing] = {}
        self.instances = {one.id: one for one in line.instances}
        self.everywhere = {one.id: one for each in design.timelines for one in each.instances}
        self.encounters = {one.id: one for one in design.encounters}
        self.activities = {one.id: one for one in design.activities}
        self.lines = {one.id: one for one in design.timelines}
        self.timing = self._timings()
        self.anchor = self._anchor()

    def note(self, kind: str, where: str, said: str, became: str) -> None:
        self.notes.append(Note(kind=kind, where=where, said=said, became=became))

    def _keep(self, one: Timing) -> None:
        self.kept[one.id] = one
        if one.relation != START_TO_START:
            became = "counted from start to start, as the file has no lengths"
            self.note(one.relation or "no relation", one.id, words_of(one), became)

    # --- the timeline ------------------------------------------------------------------------

    def _timings(self) -> dict[str, Timing]:
        """Return the timing of each instance, the first where there are several."""
        found: dict[str, Timing] = {}
        for one in self.line.timings:
            instance = self.instances.get(one.of) or self.everywhere.get(one.of)
            if instance is None:
                self.note("timing of nothing", one.id, unread(one), "not read")
            elif one.of not in self.instances:
                became = f"{called(instance)} is read as a visit of this timeline"
                self.note("timing of another timeline", one.id, unread(one), became)
                self.instances[one.of] = instance
                found[one.of] = one
            elif one.of in found:
                became = f"not read, {found[one.of].id} says when {called(instance)} is"
                self.note("second timing", one.id, unread(one), became)
            else:
                found[one.of] = one
        return found

    def _anchor(self) -> Instance:
        fixed = [one for one in self.timing.values() if one.kind == FIXED]
        if not fixed:
            says = f"must have a timing of type 'Fixed Reference', got none ({self.line.name!r})"
            raise refused(f"{self.line.path}.timings", says)
        first, *more = fixed
        self.kept[first.id] = first
        for one in more:
            became = f"a visit on demand, as only {called(self.instances[first.of])} is day 1"
            self.note("second fixed reference", one.id, unread(one), became)
        if first.lower or first.upper:
            said = f"{first.lower or '0'} before, {first.upper or '0'} after"
            self.note("window of day 1", first.id, said, "not read, nothing is there to measure it")
        return self.instances[first.of]

    def _beside(self) -> dict[str, str]:
        """Return, for each instance at the moment of another one, that other one."""
        same: dict[str, str] = {}
        alike: dict[tuple[str, ...], str] = {}
        for identity, one in self.timing.items():
            instance = self.instances[identity]
            if one.kind not in (AFTER, BEFORE) or one.to not in self.timing or one.to == identity:
                continue
            span = span_of(one.value)
            window = bool(one.lower or one.upper or window_in_words(one) != (None, None))
            if span is not None and comparable(span) == 0 and not window:
                same[identity] = one.to
                continue
            key = (instance.encounter, one.to, one.kind, one.value, one.lower, one.upper)
            if instance.encounter and key in alike:
                same[identity] = alike[key]
            alike.setdefault(key, identity)
        return same

    def _visits(self) -> tuple[dict[str, str], dict[str, Visit]]:
        """Return the first instance of each one's visit, and the visits by that instance."""
        same = self._beside()
        root: dict[str, str] = {}
        for identity in self.instances:
            seen = {identity: None}
            at = identity
            while at in same and at != self.anchor.id and at not in root:
                at = same[at]
                if at in seen:
                    raise self._circle([*seen])
                seen[at] = None
            root.update(dict.fromkeys(seen, root.get(at, at)))
        visits: dict[str, Visit] = {}
        for identity in self._points():
            one = self.instances[identity]
            first = root[identity]
            found = visits.get(first, Visit(first=self.instances[first]))
            if identity != first:
                found = attrs.evolve(found, others=(*found.others, one))
            visits[first] = found
        return root, visits

    def _points(self) -> Iterator[str]:
        """
        Yield the instances that stand at a moment.

        A decision does if it has a timing or another is timed from it; where a timeline ends and
        nothing else happens, none does.
        """
        measured = {one.to for one in self.timing.values()}
        for identity, one in self.instances.items():
            if identity in self.timing or identity in measured:
                yield identity
            elif one.exits and not (one.encounter or one.activities or one.timeline):
                self.note("no timing", identity, "", "no visit, nothing is done there")
            elif not one.decides:
                yield identity

    def _circle(self, seen: list[str]) -> InvalidDocument:
        names = " -> ".join(called(self.instances[one]) for one in (*seen, seen[0]))
        fault = Fault(f"{self.line.path}.timings", f"must not run in a circle: {names}")
        return InvalidDocument("USDM file", (fault,))

    # --- the protocol ------------------------------------------------------------------------

    def imported(self, others: list[Design]) -> Imported:
        root, visits = self._visits()
        self._no_circles(root)
        for identity, first in root.items():
            if identity != first and identity in self.timing:
                self._keep(self.timing[identity])
        names = unique({first: called(one.named) for first, one in visits.items()})
        kinds_of = Kinds(
            instances=self.instances,
            encounters=self.encounters,
            activities=self.activities,
            lines=self.lines,
            length=self.length,
            note=self.note,
            keep=self._keep,
        )
        kinds = kinds_of.of(visits)
        rules = [
            self._other_visit(first, names, kinds, root)
            for first in visits
            if first != self.anchor.id
        ]
        types = {kind.name: kind for kind in kinds.values()}
        for rule, kind in self._milestones(visits, names, kinds_of, tuple(types)):
            rules.append(rule)
            types[kind.name] = kind
        day_one = names[self.anchor.id]
        anchor_timing = self.timing[self.anchor.id]
        phase = Phase(
            name=day_one,
            visit=kinds[self.anchor.id].name,
            cadence=At(at=[CoursePoint(DAY_ONE)]),
            visits=ONE,
            source=anchor_timing.source,
        )
        Told(
            design=self.design,
            line=self.line,
            everywhere=self.everywhere,
            kept=self.kept,
            repeats=self.asked.repeats,
            note=self.note,
            ask=self.questions.append,
        ).of(others)
        title = self.design.title or self.design.study or self.line.label or "Study"
        protocol = Protocol(
            name=slug(f"{self.design.study} {'' if self.line.main else self.line.name}"),
            title=title,
            visit_types=list(types.values()),
            phases=[phase],
            other_visits=rules,
            sources=tuple(
                (one.source, Source(title=f"{one.label}: {words_of(one)}"))
                for one in self.kept.values()
            ),
            month_end=self._month_end(),
            variant=Variant(version=self.design.version),
            unspecified=list(dict.fromkeys(self.questions)),
        )
        day_one_id = f"{day_one}-1"
        return Imported(
            protocol=protocol,
            day_one=day_one_id,
            notes=self.notes,
            names={
                identity: day_one_id if first == self.anchor.id else names[first]
                for identity, first in root.items()
                if first in names
            },
            kept=list(self.kept),
        )

    def _milestones(
        self,
        visits: dict[str, Visit],
        names: dict[str, str],
        kinds_of: Kinds,
        types: tuple[str, ...],
    ) -> Iterator[tuple[OtherVisit, VisitType]]:
        """Yield the visits that long timelines inside others add, with their visit types."""
        inside = {
            first: [line for line in kinds_of.inside(visit) if kinds_of.is_long(line)]
            for first, visit in visits.items()
        }
        lines = {line.id: line for some in inside.values() for line in some}
        if self.asked.long_timelines == NOTED:
            inside = {}
        titles = {line.id: line.label or line.name or line.id for line in lines.values()}
        wanted = {("", one): one for one in types}
        wanted |= {("line", identity): title for identity, title in titles.items()}
        called_ = unique(wanted)
        kinds = {
            identity: VisitType(
                name=called_["line", identity],
                stages=[Stage(name="visit", length=self.length, source="local")],
            )
            for identity in lines
        }
        made = Milestones(
            visits=visits,
            names=names,
            kinds={identity: kind.name for identity, kind in kinds.items()},
            tolerance=self._tolerance,
            keep=self._keep,
            ask=self.questions.append,
        )
        for identity, line in lines.items():
            added = len(made.points(line))
            became = (
                "not read, as it is longer than a day: read it by itself with "
                f"timeline={identity!r}, or its points as visits with long_timelines={VISITS!r}"
            )
            if added and inside:
                became = f"{added} visits of their own for each visit that it runs in"
            self.note("timeline in a visit", identity, titles[identity], became)
        by_name = {kind.name: kind for kind in kinds.values()}
        yield from ((rule, by_name[rule.visit]) for rule in made.of(inside))

    def _no_circles(self, root: dict[str, str]) -> None:
        """Refuse distances that lead back to where they began."""
        done: set[str] = set()
        for identity in self.timing:
            seen: dict[str, None] = {}
            at = root[identity]
            while at not in done and at in self.timing and self.timing[at].kind != FIXED:
                if at in seen:
                    raise self._circle([*seen][[*seen].index(at) :])
                seen[at] = None
                to = self.timing[at].to
                if to not in root:
                    break
                at = root[to]
            done.update(seen)

    def _other_visit(
        self,
        identity: str,
        names: dict[str, str],
        kinds: dict[str, VisitType],
        root: dict[str, str],
    ) -> OtherVisit:
        instance, name = self.instances[identity], names[identity]
        one = self.timing.get(identity)
        span = None if one is None else span_of(one.value)
        to = "" if one is None else root.get(one.to, "")
        if one is None or one.kind not in (AFTER, BEFORE) or to not in names or span is None:
            return self._undated(instance, name, kinds[identity], one)
        self._keep(one)
        if comparable(span) < 0:
            became = f"counted {BEFORE if one.kind == AFTER else AFTER} it, as the sign says"
            self.note("sign", one.id, f"{one.value} {one.kind}", became)
            self.questions.append(f"Is {name} before or after {names[to]}: {one.value} {one.kind}?")
        if one.kind == BEFORE:
            span = backward(span)
        return OtherVisit(
            name=name,
            visit=kinds[identity].name,
            cadence=At(at=[CoursePoint(point_of(span))]),
            anchor=StartOf(names[to]),
            tolerance=self._tolerance(one),
            source=one.source,
        )

    def _undated(
        self, instance: Instance, name: str, kind: VisitType, one: Timing | None
    ) -> OtherVisit:
        """Return a visit whose date the file does not say, to be asked for when it comes."""
        where = instance.id if one is None else one.id
        if one is None:
            why, said = "no timing", ""
        elif one.kind == FIXED:
            why, said = "", ""
        elif one.kind not in (AFTER, BEFORE):
            why, said = "unknown kind of timing", f"{one.kind!r} {unread(one)}"
        elif span_of(one.value) is None:
            why, said = "unreadable distance", f"{one.value!r} {unread(one)}"
        else:
            why, said = "timing to another timeline", unread(one)
        if why:
            self.note(why, where, said, "a visit on demand")
        self.questions.append(f"When is {name}? The file gives no date that can be reckoned.")
        return OtherVisit(
            name=name,
            visit=kind.name,
            cadence=OnDemand(on_demand=instance.label or name),
            source="local",
        )

    def _tolerance(self, one: Timing) -> Tolerance | None:
        if one.lower or one.upper:
            before, after = (span_of(end) if end else None for end in (one.lower, one.upper))
            if before is not None and comparable(before) < 0:
                before = backward(before)
                self.note("sign", one.id, f"lower {one.lower}", f"read as {before} before")
            for field, end, span in (("lower", one.lower, before), ("upper", one.upper, after)):
                if end and (span is None or comparable(span) < 0):
                    self.note("unreadable window", one.id, f"{field} {end!r}", "not read")
                    return None
            if not (one.lower and one.upper):
                side = f"{one.lower} before" if one.lower else f"{one.upper} after"
                self.note("half a window", one.id, side, "nothing on the other side")
        else:
            before, after = window_in_words(one)
            if before is not None:
                became = f"read as {before} before and {after} after"
                self.note("window in words alone", one.id, one.window, became)
            elif one.window.strip(" -"):
                self.note("unreadable window", one.id, one.window, "no tolerance")
                self.questions.append(f"What does the window {one.window!r} of {one.label} mean?")
                return None
        if before is None and after is None:
            exact = self.asked.no_window == EXACT
            became = "on its date only" if exact else "a target, later is allowed and counted"
            self.note("no window", one.id, "", became)
            return Tolerance(source=one.source) if exact else None
        nothing = CalendarSpan() if isinstance(before or after, CalendarSpan) else ElapsedSpan(0)
        return Tolerance(before=before or nothing, after=after or nothing, source=one.source)

    def _month_end(self) -> MonthEnd | None:
        for one in self.kept.values():
            for written in (one.value, one.lower, one.upper):
                span = span_of(written) if written else None
                if isinstance(span, CalendarSpan) and span.by_months:
                    became = "a date that the month lacks is the next day"
                    self.note("months", one.id, written, became)
                    return MonthEnd.NEXT_DAY
        return None
