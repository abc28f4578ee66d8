"""
A protocol visit by visit, for standards that hold nothing else: each visit with its distance.

A run of visits has a rule here; the standards have one entry for each visit instead. What no such
entry can say, a field of a rule or a visit without a date, is a `Note`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs

from protocol_sched.model.cadences import At, Every, OnDemand
from protocol_sched.model.imported import Note
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

_PHASE = ("name", "visit", "cadence", "visits", "anchor", "starts", "tolerances", "source")
_OTHER = ("name", "visit", "cadence", "anchor", "visits", "between", "tolerance", "source")


@attrs.frozen(kw_only=True)
class SingleVisit:
    """A visit by itself, and what it is measured from."""

    name: str
    run: str
    """The phase or other visit it is one of."""
    kind: str
    """Its visit type."""
    source: str
    """What the rule behind it names as its source."""
    ordinal: int
    to: SingleVisit | None = None
    away: SpanRange | None = None
    """How far away it is; one without an upper end is at its least or later."""
    tolerance: Tolerance | None = None
    from_end: bool = False


class SingleVisits:
    """The visits of a protocol in their order, and notes on what they leave out."""

    def __init__(self, protocol: Protocol) -> None:
        self.protocol = protocol
        self.notes: list[Note] = []
        self.visits: list[SingleVisit] = []
        for phase in protocol.phases:
            if phase.passed_over:
                self.note("phase", phase.name, "it is passed over in the usual course")
                continue
            self.rest(phase, phase.name, _PHASE)
            self.visits += self._treatments(phase)
        waiting = list(protocol.other_visits)
        while waiting:
            ready = [one for one in waiting if self._known(one)] or waiting
            for one in ready:
                self.rest(one, one.name, _OTHER)
                self.visits += self._beside(one)
            waiting = [one for one in waiting if one not in ready]
        order = [one.name for one in protocol.phases]
        order += [one.name for one in protocol.other_visits]
        self.visits.sort(key=lambda visit: order.index(visit.run))

    def note(self, kind: str, where: str, said: object, became: str = "not written") -> None:
        """Say that something is not written, or is written otherwise."""
        self.notes.append(Note(kind=kind, where=where, said=str(said), became=became))

    def rest(self, owner: Any, where: str, written: tuple[str, ...]) -> None:
        """Note every field of a rule that says something and is not written."""
        for field in attrs.fields(type(owner)):
            default = field.default
            if isinstance(default, attrs.Factory):  # type: ignore[arg-type]
                default = ()
            value = getattr(owner, field.name)
            if field.name not in written and value != default:
                self.note(field.name.rstrip("_"), where, told(value))

    def _treatments(self, phase: Phase) -> Iterator[SingleVisit]:
        """Yield the visits of a phase; those that are not counted, once and with a note."""
        number = _only(phase.visits)
        several = number is None or number > 1
        first: SingleVisit | None = None
        last = self.visits[-1] if self.visits else None
        for n in range(1, (number or 1) + 1):
            name = f"{phase.name} {n}" if several else phase.name
            found = SingleVisit(
                name=name, run=phase.name, ordinal=n, kind=phase.visit, source=phase.source
            )
            tolerance = self._tolerance(phase, n)
            match phase.cadence:
                case At(at=at) if first is not None:
                    away = less(at[n - 1].span, at[0].span)
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
                        self.note("date", found.name, told(phase.cadence))
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
            self.note("tolerance", phase.name, told(one))
        return held[0] if held else None

    def _beside(self, one: OtherVisit) -> Iterator[SingleVisit]:
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
                        yield SingleVisit(
                            name=name,
                            run=one.name,
                            ordinal=number,
                            kind=one.visit,
                            source=one.source,
                            to=to,
                            away=None if to is None else SpanRange(point.span, point.span),
                            tolerance=one.tolerance,
                            from_end=one.between is Between.END_AND_START,
                        )
            case OnDemand(on_demand=said):
                self.note("on demand", one.name, said, "an action without a date")
                yield self._without_date(one)
            case _:
                said = f"{told(one.cadence)}, from {one.anchor}, {one.visits or ''}"
                self.note("date", one.name, said, "an action without a date")
                yield self._without_date(one)

    def _without_date(self, one: OtherVisit) -> SingleVisit:
        return SingleVisit(
            name=one.name, run=one.name, ordinal=1, kind=one.visit, source=one.source
        )

    def _known(self, one: OtherVisit) -> bool:
        name = one.hangs_on
        return name not in [other.name for other in self.protocol.other_visits] or any(
            visit.run == name for visit in self.visits
        )

    def _targets(self, reference: Reference) -> list[SingleVisit | None]:
        if isinstance(reference, EachVisit):
            return [one for one in self.visits if one.run == reference.phase]
        found = self._referred(reference, None)
        return [] if found is None else [found]

    def _referred(self, reference: Reference, previous: SingleVisit | None) -> SingleVisit | None:
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


def _only(count: Count) -> int | None:
    return count.least if count.least == count.most else None


def less(span: Span, other: Span) -> Span | None:
    """Return a distance less another one, in days or in minutes; ``None`` where months differ."""
    spans = (span, other)
    if any(isinstance(one, CalendarSpan) and one.by_months for one in spans):
        return span if comparable(other) == 0 else None
    minutes = comparable(span) - comparable(other)
    if all(isinstance(one, CalendarSpan) for one in spans):
        return CalendarSpan(days=minutes // 1440)
    return ElapsedSpan(minutes)


def told(value: object) -> str:
    """Return what a rule says, without its class names and without what it leaves open."""
    if isinstance(value, tuple):
        return "; ".join(map(told, value))
    kind: type = type(value)
    if attrs.has(kind) and kind.__str__ is object.__str__:
        said = []
        for field in attrs.fields(kind):
            part = getattr(value, field.name)
            if part != field.default and part not in (None, ()):
                said.append(f"{field.name.rstrip('_')} {told(part)}")
        return ", ".join(said)
    return str(getattr(value, "value", value))
