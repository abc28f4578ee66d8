"""A protocol: what is given, how far apart, who must be there. No dates, no person."""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

import attrs

from protocol_sched.errors import Fault, InvalidDocument, InvalidValue, UnknownName
from protocol_sched.model.before_and_after import CoMedication, Fasting, NoDriving, Notice, RideHome
from protocol_sched.model.cadences import (
    At,
    Cadence,
    ClosedDay,
    Consecutive,
    OnDemand,
    require_one_date,
)
from protocol_sched.model.former import keeps_former
from protocol_sched.model.gates import Gate
from protocol_sched.model.numbers import ONE, Count
from protocol_sched.model.other_visits import OtherVisit
from protocol_sched.model.plain import WEEKDAYS, Shown, as_tuple
from protocol_sched.model.references import (
    USUAL,
    CoursePoint,
    EachVisit,
    EndOf,
    Numbering,
    PreviousVisit,
    Reference,
    StartOf,
    VisitNumber,
)
from protocol_sched.model.responses import (
    Adaptation,
    Extend,
    GoTo,
    InsertVisit,
    NewCadence,
    StepBack,
    Stop,
)
from protocol_sched.model.rules import Cap, Earlier, LateTable, Rule, Separation, Starts, Tolerance
from protocol_sched.model.spans import CalendarSpan, ElapsedSpan, MonthEnd
from protocol_sched.model.stages import Cleaning, Preparation, Stage, Work
from protocol_sched.model.typed import typed


@keeps_former
@attrs.frozen(kw_only=True, cache_hash=True, field_transformer=typed)
class VisitType:
    """A kind of visit: its stages, what each needs, whether someone must drive."""

    name: str
    stages: tuple[Stage, ...] = attrs.field(converter=as_tuple)
    ride_home: RideHome | None = None
    no_driving: NoDriving | None = None
    fasting: tuple[Fasting, ...] = attrs.field(default=(), converter=as_tuple)
    co_medications: tuple[CoMedication, ...] = attrs.field(default=(), converter=as_tuple)
    weekdays: tuple[str, ...] = attrs.field(default=(), converter=as_tuple)
    """The only weekdays it may be on; empty for any."""
    notice: Notice | None = None
    """How long before it a new or another time must be agreed, counted when a plan is made."""
    preparation: tuple[Preparation, ...] = attrs.field(default=(), converter=as_tuple)
    cleaning: tuple[Cleaning, ...] = attrs.field(default=(), converter=as_tuple)
    same_staff: tuple[str, ...] = attrs.field(default=(), converter=as_tuple)
    """Roles of which one and the same person is there in all stages that need one."""
    note: str = ""

    def __attrs_post_init__(self) -> None:
        owner = f"visit type {self.name!r}"
        if not self.stages:
            raise InvalidValue(owner, "stages", "an empty list", "one stage or more")
        if not self.stages_of(1):
            raise InvalidValue(owner, "stages", "none for the first visit", "one stage or more")
        for name in self.weekdays:
            if name not in WEEKDAYS:
                raise UnknownName(owner, "weekdays", name, WEEKDAYS)
        for stage in self.stages:
            if stage.without_escort is not None and self.ride_home is None:
                found = f"{stage.without_escort} of stage {stage.name!r}"
                raise InvalidValue(owner, "without_escort", found, "used together with 'ride_home'")
        needed = tuple(dict.fromkeys(kind for stage in self.stages for kind, _ in stage.needs))
        for role in self.same_staff:
            if role not in needed:
                raise UnknownName(owner, "same_staff", role, needed)
        names = tuple(stage.name for stage in self.stages)
        held = {(stage.name, kind) for stage in self.stages for kind, _ in stage.needs}
        for work in (*self.preparation, *self.cleaning):
            if held & {(work.name, kind) for kind, _ in work.needs}:
                where = f"{owner}: {type(work).__name__.lower()}"
                raise InvalidValue(where, "name", f"{work.name!r}, a stage", "another name")
        for fast in self.fasting:
            if fast.before and fast.before not in names:
                raise UnknownName(f"{owner}: fasting {fast.what!r}", "before", fast.before, names)
        for ready in self.preparation:
            if ready.before and ready.before not in names:
                where = f"{owner}: preparation {ready.name!r}"
                raise UnknownName(where, "before", ready.before, names)
        for clean in self.cleaning:
            if clean.after and clean.after not in names:
                raise UnknownName(f"{owner}: cleaning {clean.name!r}", "after", clean.after, names)

    @property
    def unescorted(self) -> VisitType:
        """Return the type as a visit has it from which nobody takes the person home."""
        stages = tuple(stage.unescorted for stage in self.stages)
        return self if stages == self.stages else attrs.evolve(self, stages=stages)

    def stages_of(self, ordinal: int) -> tuple[Stage, ...]:
        """Return the stages of the n-th visit of this type in a course, counted from 1."""
        return tuple(stage for stage in self.stages if ordinal in stage.visits)

    def least(self, ordinal: int) -> int:
        """Return the shortest time from arrival to discharge, in minutes."""
        return sum(stage.least for stage in self.stages_of(ordinal))

    def most(self, ordinal: int) -> int:
        """Return the time the clinic sets aside from arrival to discharge, in minutes."""
        return sum(stage.most for stage in self.stages_of(ordinal))


class SameWeekday(enum.Enum):
    """Whether visits of a phase may fall on one weekday."""

    ALLOWED = "allowed"
    NOT_IN_A_ROW = "not twice in a row"


@attrs.frozen(kw_only=True, field_transformer=typed)
class Phase(Rule):
    """A run of visits with shared spacing, such as the induction."""

    name: str
    visit: str
    """The visit type each of them is."""
    cadence: Cadence
    visits: Count
    """How many in one cycle of the phase."""
    cycles: Count = ONE
    next_cycle: Starts | OnDemand | None = None
    """What begins another cycle, where the cadence's own ``cycle`` length does not; see
    `begins_another`."""
    anchor: Reference | None = None
    """What the cadence is measured from; see `anchored_on`."""
    starts: Starts | OnDemand | None = None
    """What the first visit depends on; without it the cadence's own interval from the previous
    visit, and for the first phase of a course any date from its start on. On demand the phase is
    a block of visits that begins when somebody asks for it."""
    tolerances: tuple[Tolerance, ...] = attrs.field(default=(), converter=as_tuple)
    separations: tuple[Separation, ...] = attrs.field(default=(), converter=as_tuple)
    caps: tuple[Cap, ...] = attrs.field(default=(), converter=as_tuple)
    late: tuple[LateTable, ...] = attrs.field(default=(), converter=as_tuple)
    earlier: Earlier = Earlier.NOT_BEFORE
    """Where no tolerance and no least distance is written: whether visits may be early."""
    same_weekday: SameWeekday = SameWeekday.ALLOWED
    """Whether two visits in a row may be on the same weekday."""
    first_day_of_month: Count | None = None
    """On which days of the month its first visit may be: 1 to 28 are those every month has."""
    passed_over: bool = False
    """It is not part of the usual course: only a late table or a response leads to it, and the
    phase behind it follows."""
    closed_day: ClosedDay | None = None
    """Where a visit goes whose date is one on which the clinic is closed, and that it is on its
    date else; ``None`` leaves both to target and tolerances."""

    def __attrs_post_init__(self) -> None:
        owner = f"phase {self.name!r}"
        if isinstance(self.cadence, At) and self.visits != Count(
            len(self.cadence.at), len(self.cadence.at)
        ):
            raise InvalidValue(
                owner, "visits", str(self.visits), f"{len(self.cadence.at)}, one for each point"
            )
        if isinstance(self.cadence, Consecutive):
            days, a_day = self.cadence.consecutive_days, self.cadence.per_day
            most = None if days.most is None else days.most * a_day
            if self.visits != Count(days.least * a_day, most):
                wanted = f"{Count(days.least * a_day, most)}, so many days times {a_day} a day"
                raise InvalidValue(owner, "visits", str(self.visits), wanted)

        first = self.first_day_of_month
        if first is not None and not 1 <= first.least <= (first.most or 32) <= 31:
            wanted = "a day of the month or a range of two, from 1 to 31"
            raise InvalidValue(owner, "first_day_of_month", str(first), wanted)
        if isinstance(self.starts, OnDemand) and isinstance(self.cadence, OnDemand):
            wanted = "left out where each visit is asked for on its own"
            raise InvalidValue(owner, "starts", f"on demand: {self.starts.on_demand}", wanted)
        several = isinstance(self.starts, Starts) and len(self.starts.from_) > 1
        if self.closed_day is not None:
            require_one_date(owner, self.closed_day, self.cadence, several, *self.tolerances)

    @property
    def begins_another(self) -> Starts | OnDemand | None:
        """Return what begins another cycle: where nothing says so and the first was asked for,
        another request does."""
        if self.next_cycle is None and isinstance(self.starts, OnDemand):
            return self.starts
        return self.next_cycle

    @property
    def anchored_on(self) -> Reference:
        """Return the anchor, the default filled in: points depend on their cycle's start."""
        if self.anchor is not None:
            return self.anchor
        return StartOf("cycle") if isinstance(self.cadence, At) else PreviousVisit()


@attrs.frozen(kw_only=True, field_transformer=typed)
class Variant:
    """Which wording of a protocol this is: label version, country, indication, dates."""

    version: str = ""
    country: str = ""
    indication: str = ""
    valid_from: date | None = None
    valid_until: date | None = None
    """The last date on which it applies."""
    status: str = ""
    """What has become of the product since, such as ``US approval withdrawn in April 2025``; empty
    for none."""

    def __attrs_post_init__(self) -> None:
        if self.valid_from and self.valid_until and self.valid_until < self.valid_from:
            raise InvalidValue(
                "variant", "valid_until", str(self.valid_until), f"{self.valid_from} or later"
            )


@attrs.frozen(field_transformer=typed)
class Source:
    """
    Where a number was read, and whose text that is.

    What a source does not show of itself stays empty: it is never concluded from the protocol.
    """

    title: str
    address: str = ""
    read_on: date | None = None
    country: str = ""
    """The country, or ``EU``, whose label or product text it is or quotes."""
    indication: str = ""
    """What it is about, where that is another indication than the protocol's."""


@keeps_former
@attrs.frozen(kw_only=True, field_transformer=typed)
class Protocol(Shown):
    """
    What is given and how far apart, written once for every person.

    Raises:
        InvalidDocument: Its parts do not fit together; every misfit is listed with its path.
    """

    name: str
    title: str
    visit_types: tuple[VisitType, ...] = attrs.field(converter=as_tuple)
    phases: tuple[Phase, ...] = attrs.field(converter=as_tuple)
    """In order; the first visit of the course is the first of the first phase."""
    gates: tuple[Gate, ...] = attrs.field(default=(), converter=as_tuple)
    other_visits: tuple[OtherVisit, ...] = attrs.field(default=(), converter=as_tuple)
    adaptations: tuple[Adaptation, ...] = attrs.field(default=(), converter=as_tuple)
    sources: tuple[tuple[str, Source], ...] = ()
    month_end: MonthEnd | None = None
    """Needed as soon as one rule counts in months or years."""
    numbering: Numbering | None = None
    """Which number the first day of its points has, and the first week; ``None`` is `USUAL`."""
    variant: Variant = Variant()
    unspecified: tuple[str, ...] = attrs.field(default=(), converter=as_tuple)
    """What the source leaves open, one plain sentence each; reported as questions."""
    note: str = ""

    def __attrs_post_init__(self) -> None:
        for field in ("phases", "other_visits", "adaptations"):
            numbered = _numbered(getattr(self, field), self.numbering or USUAL)
            object.__setattr__(self, field, numbered)
        faults = tuple(_misfits(self))
        if faults:
            raise InvalidDocument(f"protocol {self.name!r}", faults)

    def visit_type(self, name: str) -> VisitType:
        """
        Return the visit type of that name.

        Raises:
            UnknownName: There is none.
        """
        for kind in self.visit_types:
            if kind.name == name:
                return kind
        known = tuple(kind.name for kind in self.visit_types)
        raise UnknownName(f"protocol {self.name!r}", "visit", name, known)

    def phase(self, name: str) -> Phase:
        """
        Return the phase of that name.

        Raises:
            UnknownName: There is none.
        """
        for phase in self.phases:
            if phase.name == name:
                return phase
        known = tuple(phase.name for phase in self.phases)
        raise UnknownName(f"protocol {self.name!r}", "phase", name, known)


_SPECIAL = ("cycle", "previous cycle", "course", "phase")


def _references(owner: object, path: str) -> Iterator[tuple[str, Reference]]:
    match owner:
        case Phase():
            if owner.anchor is not None:
                yield f"{path}.anchor", owner.anchor
            if isinstance(owner.starts, Starts):
                for reference in owner.starts.from_:
                    yield f"{path}.starts.from", reference
            for n, separation in enumerate(owner.separations):
                for reference in separation.from_:
                    yield f"{path}.separations[{n}].from", reference
        case OtherVisit():
            for field in ("anchor", "until_from"):
                reference = getattr(owner, field)
                if reference is not None:
                    yield f"{path}.{field}", reference


def _parts(value: object, path: str) -> Iterator[tuple[str, object]]:
    """Yield every value inside a value with its path, depth first."""
    yield path, value
    kind: type = type(value)
    if attrs.has(kind) and not isinstance(value, CalendarSpan):
        for field in attrs.fields(kind):
            name = field.name.rstrip("_")
            yield from _parts(getattr(value, field.name), f"{path}.{name}" if path else name)
    elif isinstance(value, tuple):
        for n, item in enumerate(value):
            yield from _parts(item, f"{path}[{n}]")


def _numbered(value: Any, numbering: Numbering) -> Any:
    """Return the same value with every point of course time in it counted by a numbering."""
    if isinstance(value, CoursePoint):
        return value if value.numbering == numbering else attrs.evolve(value, numbering=numbering)
    if isinstance(value, tuple):
        items = tuple(_numbered(item, numbering) for item in value)
        return value if all(a is b for a, b in zip(items, value, strict=True)) else items
    kind: type = type(value)
    if not attrs.has(kind) or not attrs.fields(kind):
        return value
    changed = {}
    for field in attrs.fields(kind):
        if field.init:
            old = getattr(value, field.name)
            new = _numbered(old, numbering)
            if new is not old:
                changed[field.alias] = new
    return attrs.evolve(value, **changed) if changed else value


def _misfits(protocol: Protocol) -> Iterator[Fault]:
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", protocol.name):
        yield Fault("name", f"must be lower-case letters, digits and '-', got {protocol.name!r}")
    if not protocol.phases:
        yield Fault("phases", "must have one phase or more, got none")
    elif protocol.phases[0].passed_over:
        yield Fault("phases[0].passed_over", "must be false: a course begins with its first phase")
    yield from _doubles(protocol)
    yield from _rival_bands(protocol)
    yield from _unknown_names(protocol)
    yield from _not_its_own(protocol)
    cited = {key for key, _ in protocol.sources} | {"local", "memory"}
    month_rule = ""
    for path, part in _parts(protocol, ""):
        if isinstance(part, Rule):
            for key in re.split(r",\s*", part.source):
                if key not in cited:
                    known = ", ".join(sorted(cited))
                    yield Fault(f"{path}.source", f"names {key!r}; known sources: {known}")
        try:
            match part:
                case At():
                    part.require_order()
                case InsertVisit():
                    part.insert.require_number()
                case _:
                    pass
        except InvalidValue as wrong:
            begins = {"day 0": " (numbering = 'day 0' begins with it)"}.get(wrong.found, "")
            yield Fault(path, f"{wrong}{begins}")
        if isinstance(part, CalendarSpan) and part.by_months and not month_rule:
            month_rule = path
    if month_rule and protocol.month_end is None:
        wanted = "must be 'next_day' or 'last_day', because a rule counts in months or years"
        yield Fault("month_end", f"{wanted} ({month_rule}), got nothing")


def _not_its_own(protocol: Protocol) -> Iterator[Fault]:
    """Yield work done ahead of a visit that shares what it takes with something else.

    A visit holds a place from the first need to the last; nobody holds one from the day before.
    """
    held: dict[str, set[ElapsedSpan | None]] = {}
    for kind in protocol.visit_types:
        parts: tuple[Stage | Work, ...] = (*kind.stages, *kind.preparation, *kind.cleaning)
        for part in parts:
            ahead = part.ahead if isinstance(part, Preparation) else None
            for need, _ in part.needs:
                held.setdefault(need, set()).add(ahead)
    for n, kind in enumerate(protocol.visit_types):
        for m, ready in enumerate(kind.preparation):
            for need, _ in ready.needs:
                if ready.ahead is not None and len(held[need]) > 1:
                    yield Fault(
                        f"visit_types[{n}].preparation[{m}].needs",
                        f"must be what nothing else needs but work {ready.ahead} ahead, "
                        f"got {need!r}",
                    )


def _rival_bands(protocol: Protocol) -> Iterator[Fault]:
    """Yield adaptations that read the same score and lead to different phases for one value."""
    leading = [
        (n, one) for n, one in enumerate(protocol.adaptations) if isinstance(one.then, GoTo | Stop)
    ]
    for place, (n, one) in enumerate(leading):
        for m, other in leading[:place]:
            same = all(
                getattr(one, field) == getattr(other, field)
                for field in ("measure", "compared", "after", "before", "during", "missed")
            )
            if same and one.then != other.then and one.band.overlaps(other.band):
                yield Fault(
                    f"adaptations[{n}]",
                    f"its band of {one.measure!r} overlaps that of adaptations[{m}], and only one "
                    "can say what follows",
                )


def _doubles(protocol: Protocol) -> Iterator[Fault]:
    groups: Mapping[str, tuple[str, ...]] = {
        "visit_types": tuple(kind.name for kind in protocol.visit_types),
        "phases": tuple(phase.name for phase in protocol.phases),
        "gates": tuple(gate.name for gate in protocol.gates),
        "other_visits": tuple(other_visit.name for other_visit in protocol.other_visits),
        "adaptations": tuple(adaptation.name for adaptation in protocol.adaptations),
    }
    for group, names in groups.items():
        for n, name in enumerate(names):
            if name in names[:n]:
                first = f"{group}[{names.index(name)}]"
                yield Fault(f"{group}[{n}].name", f"{name!r} is already the name of {first}")
    runs = [*groups["phases"], *groups["other_visits"]]
    runs += [gate.name for gate in protocol.gates if gate.visit is not None]
    for name in sorted(set(runs)):
        if runs.count(name) > 1 and not any(g.count(name) > 1 for g in groups.values()):
            yield Fault("", f"{name!r} names two of phase, other visit and gate; give each its own")


def _unknown_names(protocol: Protocol) -> Iterator[Fault]:
    kinds = [kind.name for kind in protocol.visit_types]
    phases = [phase.name for phase in protocol.phases]

    def unknown(path: str, name: str | None, known: list[str]) -> Iterator[Fault]:
        if name is not None and name not in known:
            names = ", ".join(known) or "nothing"
            yield Fault(path, f"names {name!r}; known: {names}")

    for n, phase in enumerate(protocol.phases):
        path = f"phases[{n}]"
        yield from unknown(f"{path}.visit", phase.visit, kinds)
        for m, table in enumerate(phase.late):
            for row, tier in enumerate(table.tiers):
                named = tier.phase or None
                yield from unknown(f"{path}.late[{m}].tiers[{row}].phase", named, phases)
        earlier = _known_before(n, protocol)
        for where, reference in _references(phase, path):
            known = earlier if where.endswith(".from") else []
            yield from _misplaced(where, reference, phases, n, known)
    beside = [one.name for one in protocol.other_visits]
    beside += [gate.name for gate in protocol.gates if gate.visit is not None]
    anchors = {one.name: one.hangs_on for one in protocol.other_visits}
    for n, other_visit in enumerate(protocol.other_visits):
        path = f"other_visits[{n}]"
        yield from unknown(f"{path}.visit", other_visit.visit, kinds)
        for where, reference in _references(other_visit, path):
            known = beside if where.endswith(".anchor") else []
            yield from _misplaced(where, reference, phases, None, known)
        if other_visit.name in _hung(other_visit.hangs_on, anchors):
            yield Fault(f"{path}.anchor", f"{other_visit.name!r} depends on itself, step by step")
    for n, gate in enumerate(protocol.gates):
        yield from unknown(f"gates[{n}].visit", gate.visit, kinds)
        yield from unknown(f"gates[{n}].phase", gate.phase, phases)
    for n, adaptation in enumerate(protocol.adaptations):
        path = f"adaptations[{n}]"
        yield from unknown(f"{path}.after", adaptation.after, phases)
        yield from unknown(f"{path}.before", adaptation.before, phases)
        if isinstance(adaptation.from_, StartOf):
            yield from unknown(f"{path}.from", adaptation.from_.what, [*phases, "course"])
        for field in ("during", "missed"):
            for place, name in enumerate(getattr(adaptation, field)):
                yield from unknown(f"{path}.{field}[{place}]", name, phases)
        match adaptation.then:
            case GoTo(go_to=name):
                yield from unknown(f"{path}.then.go_to", name, phases)
            case NewCadence(phase=name) | InsertVisit(phase=name) | Extend(phase=name):
                yield from unknown(f"{path}.then.phase", name, phases)
            case StepBack(step_back=ladder):
                for name in ladder.split(">"):
                    yield from unknown(f"{path}.then.step_back", name.strip(), phases)
            case _:
                pass


def _known_before(n: int, protocol: Protocol) -> list[str]:
    """Return the other visits that a phase can wait for: those that depend on nothing behind it."""
    behind = {"course", *(phase.name for phase in protocol.phases[n:])}
    hung = {one.name: one for one in protocol.other_visits}
    anchors = {one.name: one.hangs_on for one in protocol.other_visits}
    known = []
    for one in protocol.other_visits:
        steps = [hung[name] for name in (one.name, *_hung(one.hangs_on, anchors)) if name in hung]
        waits = [step.hangs_on for step in steps if step.anchor != StartOf("course")]
        if not behind.intersection(waits):
            known.append(one.name)
    return known


def _hung(name: str, anchors: Mapping[str, str]) -> set[str]:
    """Return the other visit of that name and those it depends on, step by step."""
    found: set[str] = set()
    while name in anchors and name not in found:
        found.add(name)
        name = anchors[name]
    return found


def _misplaced(
    path: str,
    reference: Reference,
    phases: list[str],
    phase: int | None,
    beside: Sequence[str] = (),
) -> Iterator[Fault]:
    match reference:
        case StartOf(what=name) | EndOf(what=name) if name not in (*_SPECIAL, *phases, *beside):
            known = ", ".join([*phases, *beside, *_SPECIAL])
            yield Fault(path, f"names {name!r}; known: {known}")
        case EachVisit(phase=name) if name not in (*phases, *beside):
            yield Fault(path, f"names {name!r}; known: {', '.join([*phases, *beside])}")
        case EachVisit() if phase is not None:
            yield Fault(path, "only one of the other visits can depend on each visit of a phase")
        case VisitNumber(phase=str(name)) if name not in phases:
            yield Fault(path, f"names {name!r}; known: {', '.join(phases)}")
        case _:
            pass
