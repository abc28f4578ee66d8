"""
From a study design to a protocol: day 1 is a phase, every other visit hangs on it or on another.

A study's schedule names instances; what stands at one moment is one visit here. Day 1 is the
instance that the fixed reference is about: its own value is a label (*day 1*) and no distance.
Distances after and before are points of other visits, windows are tolerances. What a protocol
cannot hold becomes a `Note`; a condition or decision becomes a question as well.

Source:
    CDISC, Unified Study Definitions Model 4.0: ``windowLower`` and ``windowUpper`` are magnitudes
    either side of the timing's value, also where it is of the type Before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

import attrs

from protocol_sched.errors import Fault, InvalidDocument, InvalidValue
from protocol_sched.formats.elsewhere import backward, point_of, slug, unique
from protocol_sched.formats.usdm.reading import (
    Design,
    Encounter,
    Instance,
    Timeline,
    Timing,
    read_designs,
    refused,
    span_of,
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
    Span,
    SpanRange,
    comparable,
    parse_range,
)
from protocol_sched.model.stages import Check, Stage

A_DAY = 24 * 60
USUAL = 30
"""Minutes of a visit whose length nobody says."""
AFTER, BEFORE, FIXED = "after", "before", "fixed reference"
START_TO_START = "start to start"
DAY_ONE = "day 1"
OPEN, EXACT = "open", "exact"


def read_usdm(
    text: str | bytes,
    *,
    timeline: str = "",
    length: str | None = None,
    no_window: str = OPEN,
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
        name: What to call the file in an error.

    Returns:
        The protocol, and everything of the file that it could not hold.

    Raises:
        InvalidDocument: No JSON of USDM with a study version, or a timeline without a fixed
            reference, with distances in a circle, or with none of that name.
        InvalidValue: A length or a word for ``no_window`` that is none.
    """
    if no_window not in (OPEN, EXACT):
        raise InvalidValue("read_usdm", "no_window", repr(no_window), f"{OPEN!r} or {EXACT!r}")
    try:
        return _read(text, timeline, length, no_window)
    except InvalidDocument as error:
        raise InvalidDocument(name, error.faults) from None


def _read(text: str | bytes, timeline: str, length: str | None, no_window: str) -> Imported:
    designs = read_designs(text)
    design = designs[0]
    line = _chosen(design, timeline)
    notes: list[Note] = []
    if length is None:
        minutes = min(_gaps(line), default=USUAL)
        length = f"{min(minutes, USUAL)} minutes"
        why = "as the file has no lengths" if minutes >= USUAL else "what lies between two of them"
        became = f"each visit takes {length}, {why}"
        notes.append(Note(kind="length", where=line.id, said="", became=became))
    reading = _Reading(design, line, parse_range(length), no_window, notes)
    return reading.imported(designs[1:])


def _gaps(line: Timeline) -> Iterator[int]:
    """Yield the minutes between each two moments of a timeline that follow one another."""
    at = sorted(set((_minutes(line) or {}).values()))
    yield from (later - earlier for earlier, later in pairwise(at))


def _chosen(design: Design, wanted: str) -> Timeline:
    lines = design.timelines
    if wanted:
        for field in ("id", "name", "label"):
            found = [line for line in lines if getattr(line, field) == wanted]
            if len(found) == 1:
                return found[0]
        names = ", ".join(repr(line.name) for line in lines)
        several = (
            "several timelines are" if any(wanted == line.name for line in lines) else "none is"
        )
        says = f"{several} called {wanted!r}; give an identifier; there are {names}"
        raise refused(f"{design.path}.scheduleTimelines", says)
    main = [line for line in lines if line.main]
    if len(main) != 1:
        says = f"must have one main timeline, got {len(main)}; name the one to read"
        raise refused(f"{design.path}.scheduleTimelines", says)
    return main[0]


@attrs.frozen(kw_only=True)
class _Visit:
    """What stands at one moment: the first instance, and those beside it."""

    first: Instance
    others: tuple[Instance, ...] = ()


class _Reading:
    """One timeline on its way into a protocol; notes are gathered as it goes."""

    def __init__(
        self,
        design: Design,
        line: Timeline,
        length: SpanRange,
        no_window: str,
        notes: list[Note],
    ) -> None:
        self.design, self.line = design, line
        self.length, self.no_window = length, no_window
        self.notes = notes
        self.questions: list[str] = []
        self.kept: dict[str, Timing] = {}
        self.instances = {one.id: one for one in line.instances}
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
            self.note(one.relation or "no relation", one.id, _said(one), became)

    # --- the timeline ------------------------------------------------------------------------

    def _timings(self) -> dict[str, Timing]:
        """Return the timing of each instance, the first where there are several."""
        found: dict[str, Timing] = {}
        for one in self.line.timings:
            instance = self.instances.get(one.of)
            if instance is None:
                self.note("timing of another timeline", one.id, _unread(one), "not read")
            elif instance.decides:
                self.note("timing of a decision", one.id, _unread(one), "not read, it is no visit")
            elif one.of in found:
                became = f"not read, {found[one.of].id} says when {_called(instance)} is"
                self.note("second timing", one.id, _unread(one), became)
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
            became = f"a visit on demand, as only {_called(self.instances[first.of])} is day 1"
            self.note("second fixed reference", one.id, _said(one), became)
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
            window = bool(one.lower or one.upper or self._read_window(one) != (None, None))
            if span is not None and comparable(span) == 0 and not window:
                same[identity] = one.to
                continue
            key = (instance.encounter, one.to, one.kind, one.value, one.lower, one.upper)
            if instance.encounter and key in alike:
                same[identity] = alike[key]
            alike.setdefault(key, identity)
        return same

    def _visits(self) -> tuple[dict[str, str], dict[str, _Visit]]:
        """Return the first instance of each one's visit, and the visits by that instance."""
        same = self._beside()
        root: dict[str, str] = {}
        for identity in self.instances:
            seen = [identity]
            while seen[-1] in same and seen[-1] != self.anchor.id:
                if same[seen[-1]] in seen:
                    raise self._circle(seen)
                seen.append(same[seen[-1]])
            root[identity] = seen[-1]
        visits: dict[str, _Visit] = {}
        for identity, one in self.instances.items():
            if one.decides:
                continue
            first = root[identity]
            found = visits.get(first, _Visit(first=self.instances[first]))
            if identity != first:
                found = attrs.evolve(found, others=(*found.others, one))
            visits[first] = found
        return root, visits

    def _circle(self, seen: list[str]) -> InvalidDocument:
        names = " -> ".join(_called(self.instances[one]) for one in (*seen, seen[0]))
        fault = Fault(f"{self.line.path}.timings", f"must not run in a circle: {names}")
        return InvalidDocument("USDM file", (fault,))

    # --- the protocol ------------------------------------------------------------------------

    def imported(self, others: tuple[Design, ...]) -> Imported:
        root, visits = self._visits()
        self._no_circles(root)
        for identity, first in root.items():
            if identity != first and identity in self.timing:
                self._keep(self.timing[identity])
        names = unique({first: _called(one.first) for first, one in visits.items()})
        kinds = self._kinds(visits)
        rules = [
            self._other_visit(first, names, kinds, root)
            for first in visits
            if first != self.anchor.id
        ]
        day_one = names[self.anchor.id]
        anchor_timing = self.timing[self.anchor.id]
        phase = Phase(
            name=day_one,
            visit=kinds[self.anchor.id].name,
            cadence=At(at=[CoursePoint(DAY_ONE)]),
            visits=ONE,
            source=anchor_timing.id,
        )
        self._rest(others)
        title = self.design.title or self.design.study or self.line.label or "Study"
        protocol = Protocol(
            name=slug(f"{self.design.study} {'' if self.line.main else self.line.name}"),
            title=title,
            visit_types=list({kind.name: kind for kind in kinds.values()}.values()),
            phases=[phase],
            other_visits=rules,
            sources=tuple(
                (one.id, Source(title=f"{one.label}: {_said(one)}")) for one in self.kept.values()
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
                one.id: day_one_id if root[one.id] == self.anchor.id else names[root[one.id]]
                for one in self.line.instances
                if not one.decides
            },
            kept=list(self.kept),
        )

    def _no_circles(self, root: dict[str, str]) -> None:
        """Refuse distances that lead back to where they began."""
        done: set[str] = set()
        for identity in self.timing:
            seen: list[str] = []
            at = root[identity]
            while at not in done and at in self.timing and self.timing[at].kind != FIXED:
                if at in seen:
                    raise self._circle(seen[seen.index(at) :])
                seen.append(at)
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
        if one is None or one.kind not in (AFTER, BEFORE) or one.to not in root or span is None:
            return self._undated(instance, name, kinds[identity], one)
        self._keep(one)
        if one.kind == BEFORE:
            span = backward(span)
        to = root[one.to]
        return OtherVisit(
            name=name,
            visit=kinds[identity].name,
            cadence=At(at=[CoursePoint(point_of(span))]),
            anchor=StartOf(names[to]),
            tolerance=self._tolerance(one),
            source=one.id,
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
        elif span_of(one.value) is None:
            why, said = "unreadable distance", f"{one.value!r} {_unread(one)}"
        else:
            why, said = "timing to another timeline", _unread(one)
        if why:
            self.note(why, where, said, "a visit on demand")
        self.questions.append(f"When is {name}? The file gives no date that can be reckoned.")
        return OtherVisit(
            name=name,
            visit=kind.name,
            cadence=OnDemand(on_demand=instance.label or name),
            source="local",
        )

    def _read_window(self, one: Timing) -> tuple[Span | None, Span | None]:
        """Return a window that stands in words alone: ``-3..3 days``, ``0..26 Days``."""
        match = re.fullmatch(
            r"([+-]?)\s*(\d{1,4})\s*\.\.\s*\+?\s*(\d{1,4})\s*(minute|hour|day|week)s?",
            one.window.strip(),
            re.IGNORECASE,
        )
        if match is None:
            return None, None
        unit = match[4].lower()
        spans: list[Span] = []
        for number in (int(match[2]), int(match[3])):
            match unit:
                case "minute" | "hour":
                    spans.append(ElapsedSpan(number * (60 if unit == "hour" else 1)))
                case "week":
                    spans.append(CalendarSpan(weeks=number))
                case _:
                    spans.append(CalendarSpan(days=number))
        return spans[0], spans[1]

    def _tolerance(self, one: Timing) -> Tolerance | None:
        if one.lower or one.upper:
            before, after = (span_of(end) if end else None for end in (one.lower, one.upper))
            for field, end, span in (("lower", one.lower, before), ("upper", one.upper, after)):
                if end and (span is None or comparable(span) < 0):
                    self.note("unreadable window", one.id, f"{field} {end!r}", "not read")
                    return None
        else:
            before, after = self._read_window(one)
            if before is not None:
                became = f"read as {before} before and {after} after"
                self.note("window in words alone", one.id, one.window, became)
            elif one.window.strip(" -"):
                self.note("unreadable window", one.id, one.window, "no tolerance")
                self.questions.append(f"What does the window {one.window!r} of {one.label} mean?")
                return None
        if before is None and after is None:
            exact = self.no_window == EXACT
            became = "on its date only" if exact else "a target, later is allowed and counted"
            self.note("no window", one.id, "", became)
            return Tolerance(source=one.id) if exact else None
        nothing = CalendarSpan() if isinstance(before or after, CalendarSpan) else ElapsedSpan(0)
        return Tolerance(before=before or nothing, after=after or nothing, source=one.id)

    def _month_end(self) -> MonthEnd | None:
        for one in self.kept.values():
            for written in (one.value, one.lower, one.upper):
                span = span_of(written) if written else None
                if isinstance(span, CalendarSpan) and span.by_months:
                    became = "a date that the month lacks is the next day"
                    self.note("months", one.id, written, became)
                    return MonthEnd.NEXT_DAY
        return None

    # --- visit types -------------------------------------------------------------------------

    def _kinds(self, visits: dict[str, _Visit]) -> dict[str, VisitType]:
        """Return the visit type of each visit: one for each encounter and set of timelines."""
        wanted: dict[str, tuple[str, tuple[str, ...]]] = {}
        for first, one in visits.items():
            encounter = next((i.encounter for i in (one.first, *one.others) if i.encounter), "")
            inner = dict.fromkeys(line for i in (one.first, *one.others) for line in self._inner(i))
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

    def _kind_name(self, of: str) -> str:
        if of in self.encounters:
            one = self.encounters[of]
            return one.label or one.name or one.id
        return self.instances[of].label or _called(self.instances[of])

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
        at = _minutes(line)
        named = line.label or line.name or line.id
        if at is None or max(at.values()) - min(at.values()) > A_DAY:
            why = "no clock" if at is None else "longer than a day"
            became = f"not read ({why}); read it by itself with timeline={line.id!r}"
            self.note("timeline in a visit", line.id, named, became)
            return None
        first, last = min(at.values()), max(at.values())
        self.note(
            "timeline in a visit", line.id, named, f"stage {named!r} of {last - first} minutes"
        )
        timings = {one.of: one for one in line.timings}
        for one in line.timings:
            if one.of in at:
                self._keep(one)
            else:
                self.note("timing of another timeline", one.id, _unread(one), "not read")
            if one.lower or one.upper or one.window.strip(" -"):
                said = one.window or f"{one.lower} before, {one.upper} after"
                self.note("window in a stage", one.id, said, "not read, a check has no tolerance")
        checks = [
            Check(
                what=one.label or _called(one),
                at=[ElapsedSpan(at[one.id] - first)],
                source=timings[one.id].id if one.id in timings else "local",
            )
            for one in line.instances
            if one.id in at
        ]
        length = ElapsedSpan(max(last - first, 1))
        return Stage(
            name=named,
            length=SpanRange(length, length),
            checks=checks,
            source=", ".join(timings[one].id for one in at if one in timings) or "local",
        )

    # --- what is told and not planned --------------------------------------------------------

    def _rest(self, others: tuple[Design, ...]) -> None:
        line, design = self.line, self.design
        if line.entry_condition:
            self.note("entry", line.id, line.entry_condition, "not read")
        for exit_ in line.exits:
            self.note("exit", exit_, "", "the course ends when a clinician says so")
        for one in line.instances:
            if one.decides or one.branches:
                self._decision(one)
        for other in design.timelines:
            if other.id != line.id:
                self._other_timeline(other)
        for encounter in design.encounters:
            self._encounter(encounter)
        for condition in design.conditions:
            said = condition.text or condition.label or condition.name
            self.note("condition", condition.id, said, "a question")
            self.questions.append(f"{condition.label or condition.name or condition.id}: {said}")
        for kind, listed in (("epoch", design.epochs), ("arm", design.arms)):
            for named in listed:
                self.note(kind, named.id, named.label or named.name, "not read")
        for more in others:
            self.note("another design", more.path, more.name, "not read")

    def _decision(self, one: Instance) -> None:
        def called(identity: str) -> str:
            found = self.instances.get(identity)
            return "the end" if found is None else _called(found)

        parts = [f"{condition or 'if so'}: {called(to)}" for condition, to in one.branches]
        said = "; ".join([*parts, f"else: {called(one.follows)}"])
        order = [each.id for each in self.line.instances]
        back = any(to in order and order.index(to) <= order.index(one.id) for _, to in one.branches)
        loop = back or (one.follows in order and order.index(one.follows) <= order.index(one.id))
        became = "a question; the visits are planned as listed"
        if loop:
            became = "a question; what repeats is planned once"
        self.note("loop" if loop else "decision", one.id, said, became)
        self.questions.append(f"{one.label or _called(one)}: {said}")

    def _other_timeline(self, line: Timeline) -> None:
        named = line.label or line.name
        self.note("other timeline", line.id, named, "not part of the plan")
        for one in line.timings:
            if one.id not in self.kept:
                self.note("timing of another timeline", one.id, _unread(one), "not read")

    def _encounter(self, one: Encounter) -> None:
        for identity, words in one.rules:
            self.note("rule of a visit", identity, words, f"not read; it is about {one.label}")
        usual = {"Clinic", "In Person"}
        if elsewhere := [word for word in one.settings if word not in usual]:
            self.note("where", one.id, ", ".join(elsewhere), "planned as a visit to the clinic")
        timing = next((t for t in self.line.timings if t.id == one.scheduled_at), None)
        if one.scheduled_at and timing is not None:
            of = self.instances.get(timing.of)
            if of is not None and of.encounter and of.encounter != one.id:
                became = f"not read, {timing.id} is about another encounter"
                self.note("scheduled at", one.id, one.scheduled_at, became)


def _minutes(line: Timeline) -> dict[str, int] | None:
    """Return how many minutes after its fixed reference each instance of a timeline is."""
    timing = {one.of: one for one in reversed(line.timings)}
    at: dict[str, int] = {one: 0 for one, of in timing.items() if of.kind == FIXED}
    if len(at) != 1:
        return None
    waiting = [one.id for one in line.instances if not one.decides and one.id not in at]
    while waiting:
        left = []
        for identity in waiting:
            one = timing.get(identity)
            span = None if one is None else span_of(one.value)
            if one is None or one.to not in at or span is None or one.kind not in (AFTER, BEFORE):
                left.append(identity)
            elif isinstance(span, CalendarSpan) and span.by_months:
                return None
            else:
                away = span.in_days * A_DAY if isinstance(span, CalendarSpan) else span.minutes
                at[identity] = at[one.to] + (away if one.kind == AFTER else -away)
        if len(left) == len(waiting):
            return None
        waiting = left
    return at


def _said(one: Timing) -> str:
    """Return a timing in the file's own words and numbers."""
    words = one.said or one.value
    return f"{words} {one.kind}" if one.kind in (AFTER, BEFORE) else words


def _unread(one: Timing) -> str:
    """Return a timing that is not planned with its window, as only a note has these numbers."""
    ends = [f"{end} {side}" for end, side in ((one.lower, "before"), (one.upper, "after")) if end]
    window = ", ".join(ends) or one.window.strip(" -")
    value = f" ({one.value})" if one.said and one.value else ""
    return f"{_said(one)}{value}" + (f", window {window}" if window else "")


def _called(one: Instance) -> str:
    return one.name or one.label or one.id
