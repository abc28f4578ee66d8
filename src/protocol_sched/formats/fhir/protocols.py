"""
From a FHIR PlanDefinition to a protocol: day 1 is a phase, every other visit hangs on one.

Day 1 is the action that others hang on and that hangs on none. Three conventions of a window are in
use, and the numbers alone do not always tell which one a file follows: where they do not, the
window is a question, and the caller's word decides.

Source:
    HL7 Vulcan, Schedule of Activities guide: ``AcceptableOffsetRangeSoa`` is a range of offsets
    (14 days, range 12 to 15), which other writers fill with magnitudes either side of the target;
    ``soaPlannedRange`` is in magnitudes.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import attrs

from protocol_sched.errors import InvalidDocument, InvalidValue
from protocol_sched.formats.elsewhere import backward, point_of, slug, unique
from protocol_sched.formats.fhir.reading import (
    MOST_REFERENCES,
    MOST_VISITS,
    Action,
    Distance,
    Plan,
    Related,
    TimePoint,
    Transition,
    Window,
    every_action,
    read_plan,
    refused,
)
from protocol_sched.model.cadences import At, OnDemand
from protocol_sched.model.imported import Imported, Note
from protocol_sched.model.numbers import ONE
from protocol_sched.model.other_visits import OtherVisit
from protocol_sched.model.protocol import Phase, Protocol, Source, Variant, VisitType
from protocol_sched.model.references import CoursePoint, EndOf, StartOf
from protocol_sched.model.rules import Between, Tolerance
from protocol_sched.model.spans import (
    CalendarSpan,
    ElapsedSpan,
    MonthEnd,
    Span,
    SpanRange,
    comparable,
    parse_range,
)
from protocol_sched.model.stages import Stage

ASK, AROUND, ABSOLUTE = "ask", "around", "absolute"
A_DAY = 24 * 60
USUAL = 30
"""Minutes of a visit whose length nobody says."""
DIRECTIONS = {
    **dict.fromkeys(("before", "before-start", "before-end"), -1),
    **dict.fromkeys(("after", "after-start", "after-end"), 1),
    **dict.fromkeys(("concurrent", "concurrent-with-start", "concurrent-with-end"), 0),
}
ZERO = CalendarSpan()


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
            meant, no action that others hang on, distances in a circle, an absolute range
            without its own offset.
        InvalidValue: A length or a word for ``windows`` that is none.
    """
    if windows not in (ASK, AROUND, ABSOLUTE):
        wanted = f"{ASK!r}, {AROUND!r} or {ABSOLUTE!r}"
        raise InvalidValue("read_plan_definition", "windows", repr(windows), wanted)
    chosen = None if length is None else parse_range(length)
    try:
        return _Reading(read_plan(text, plan), windows, chosen).imported()
    except InvalidDocument as error:
        raise InvalidDocument(name, error.faults) from None


@attrs.frozen(kw_only=True)
class _Place:
    """Where a visit is: so long after another one, or with it."""

    to: str
    span: Span
    """Negative before it."""
    with_it: bool = False
    from_end: bool = False
    before: Span | None = None
    after: Span | None = None
    said: str = ""


class _Reading:
    """One plan on its way into a protocol; notes are gathered as it goes."""

    def __init__(self, plan: Plan, windows: str, length: SpanRange | None) -> None:
        self.plan, self.windows, self.length = plan, windows, length
        self.notes: list[Note] = []
        self.questions: list[str] = []
        self.groups: list[Action] = []
        self.visits = {one.id: one for one in self._visits(plan.actions)}
        if len(self.visits) > MOST_VISITS:
            says = f"must have {MOST_VISITS} visits or fewer, got {len(self.visits)}"
            raise refused("action", says)
        self.titles: dict[str, str | None] = {}
        for one in self.visits.values():
            self.titles[one.title] = None if one.title in self.titles else one.id
        self.hung: dict[str, list[str]] = {}
        for one in self.visits.values():
            anchors = [related.to for related in one.related]
            anchors += [of for point in one.points for of in self._named(point.of)]
            for of in anchors:
                self.hung.setdefault(of, []).append(one.id)
        self.has_around = any(
            one.window is not None and _fits(one) is False
            for action in self.visits.values()
            for one in action.related
        )
        self.anchor = self._anchor()
        self.study_days = self._counts_study_days()

    def note(self, kind: str, where: str, said: str, became: str) -> None:
        self.notes.append(Note(kind=kind, where=where, said=said, became=became))

    def ask(self, kind: str, where: str, said: str, became: str, question: str) -> None:
        self.note(kind, where, said, became)
        self.questions.append(question)

    # --- which actions are visits, and which of them is day 1 ---------------------------------

    def _visits(self, actions: tuple[Action, ...]) -> Iterator[Action]:
        """Yield the actions that are visits; of a mere group, those inside it."""
        everything = list(every_action(self.plan.actions))
        targets = {related.to for one in everything for related in one.related}
        targets |= {move.to for one in everything for move in one.transitions}
        for one in actions:
            own = one.related or one.points or one.transitions or one.id in targets
            if own or not any(_is_timed(inner) for inner in every_action(one.inner)):
                yield one
            else:
                self.groups.append(one)
                yield from self._visits(one.inner)

    def _anchor(self) -> Action:
        targets = {related.to for one in self.visits.values() for related in one.related}
        own = [one for one in self.visits.values() if one.points and self._is_its_own(one)]
        found = own or [
            one
            for one in self.visits.values()
            if not one.related and not one.points and one.id in targets
        ]
        if not found and len(self.visits) == 1:
            found = list(self.visits.values())
        if not found:
            self._no_circles(
                {
                    one.id: _Place(to=one.related[0].to, span=ZERO)
                    for one in self.visits.values()
                    if one.related
                }
            )
            raise refused("action", "must have one that others hang on and that hangs on none")
        first = max(found, key=lambda one: len(self._hanging_on(one.id)))
        for one in found:
            if one.id != first.id:
                became = f"a visit on demand, as only {first.title} is day 1"
                self.ask(
                    "second day 1",
                    one.id,
                    one.title,
                    became,
                    f"When is {one.title}? The file "
                    f"hangs visits on it and on {first.title}, and does not say how far apart.",
                )
        return first

    def _is_its_own(self, one: Action) -> bool:
        of = one.points[0].of
        return not of or self._named(of) == [one.id]

    def _hanging_on(self, identity: str) -> set[str]:
        """Return a visit and all that hang on it, directly or step by step."""
        seen, waiting = {identity}, [identity]
        while waiting:
            for one in self.hung.get(waiting.pop(), ()):
                if one not in seen:
                    seen.add(one)
                    waiting.append(one)
        return seen

    def _named(self, words: str) -> list[str]:
        """Return the visits that a reference names, by identifier or by title."""
        found = []
        parts = words.split("|", MOST_REFERENCES)
        if len(parts) > MOST_REFERENCES:
            says = f"must be counted from {MOST_REFERENCES} visits or fewer, got {words[:60]!r} ..."
            raise refused("action", says)
        for word in filter(None, (part.strip() for part in parts)):
            known = word if word in self.visits else self.titles.get(word)
            if known is not None:
                found.append(known)
        return found

    def _counts_study_days(self) -> bool:
        """
        Tell whether distances from day 1 are days numbered from 1: its own value says so.

        There is no day 0 then, and day 7 is 6 days after day 1; the day before it is day -1.
        """
        at = self.anchor.points[0].at if self.anchor.points else None
        if at is None:
            return False
        if at.span is None or comparable(at.span) not in (0, A_DAY):
            where = f"{self.anchor.points[0].path}.soaPlannedTimePoint"
            says = f"must be 0 or 1 day where an action is counted from itself, got {at.said}"
            raise refused(where, says)
        days = comparable(at.span) == A_DAY
        became = "the others are numbered days, day 1 is its own date" if days else "day 1"
        self.note("day 1", self.anchor.id, at.said, became)
        return days

    # --- where each visit is ------------------------------------------------------------------

    def _place(self, one: Action) -> _Place | None:
        found = None
        for point in one.points:
            if found is None and point is one.points[0]:
                found = self._by_point(one, point)
            else:
                self.note("second time point", one.id, _point_said(point), "not read")
        best = next((r for r in one.related if r.offset is not None or r.spread is not None), None)
        for related in one.related:
            for field, said in related.rest:
                self.note(field, one.id, said, "not read")
            if one.points or related is not (best or one.related[0]):
                self.note("second relation", one.id, _related_said(related), "not read")
            else:
                found = self._by_relation(one, related)
        if found is None and not one.points and not one.related:
            self.undated("no timing", one, "")
        return found

    def undated(self, kind: str, one: Action, said: str) -> _Place | None:
        """Ask for the date of a visit, which has no place."""
        question = f"When is {one.title}? The file gives no date that can be reckoned."
        self.ask(kind, one.id, said, "a visit on demand", question)
        return None

    def _by_relation(self, one: Action, related: Related) -> _Place | None:
        said = _related_said(related)
        if related.to not in self.visits or related.to == one.id:
            return self.undated("relation to no visit", one, said)
        if related.relationship not in DIRECTIONS:
            return self.undated("unknown relation", one, said)
        direction = DIRECTIONS[related.relationship]
        target, before, after = related.offset, None, None
        if target is None and related.spread is not None:
            return self._by_range(one, related, direction, said)
        if related.spread is not None:
            self.note("offset twice", one.id, related.spread.said, "not read")
        if target is None:
            if direction or related.window is not None:
                return self.undated("no distance", one, said)
            return _Place(to=related.to, span=ZERO, with_it=True, said=said)
        if target.span is None:
            return self.undated("unreadable distance", one, said)
        if not direction and comparable(target.span) != 0:
            return self.undated("a distance at one moment", one, said)
        span = target.span
        if comparable(span) < 0:
            became = "counted before it, as the sign says"
            question = f"Is {one.title} before or after {self.visits[related.to].title}: {said}?"
            self.ask("sign", one.id, said, became, question)
            span, direction = backward(span), -1
        if related.window is not None:
            before, after = self._either_side(one, related, span, direction)
        elif direction:
            self.note("no window", one.id, "", "a target, later is allowed and counted")
        from_end = related.relationship == "after-end" and isinstance(span, ElapsedSpan)
        if related.relationship.endswith("-end") and not from_end:
            self.note("counted from an end", one.id, said, "counted from the date of its visit")
        return _Place(
            to=related.to,
            span=backward(span) if direction < 0 else span,
            from_end=from_end,
            before=before,
            after=after,
            said=said,
        )

    def _by_range(self, one: Action, related: Related, direction: int, said: str) -> _Place | None:
        """Return the place of a visit whose offset is a range: aimed at its first date."""
        spread = related.spread
        assert spread is not None
        low, high = (None if end is None else end.span for end in (spread.low, spread.high))
        width = None if low is None or high is None else _less(high, low)
        if low is None or high is None or width is None or not direction:
            return self.undated("unreadable range", one, said)
        if comparable(low) < 0 or comparable(width) < 0:
            return self.undated("a range that ends before it begins", one, said)
        if related.window is not None:
            self.note("window of a range", one.id, related.window.said, "not read")
        first = low if direction > 0 else backward(high)
        became = "its earliest date is aimed at, all its dates are allowed"
        self.note("range without a target", one.id, said, became)
        zero = ZERO if isinstance(width, CalendarSpan) else ElapsedSpan(0)
        return _Place(to=related.to, span=first, before=zero, after=width, said=said)

    def _either_side(
        self, one: Action, related: Related, span: Span, direction: int
    ) -> tuple[Span | None, Span | None]:
        """Return how much earlier and later than its target a visit may be."""
        window = related.window
        assert window is not None
        said = _related_said(related)
        if any(end is not None and end.span is None for end in (window.low, window.high)):
            self.ask(
                "unreadable window",
                one.id,
                said,
                "no tolerance",
                f"{one.title}: what does the window {window.said} mean?",
            )
            return None, None
        fits = _fits(related)
        reading = self.windows
        if reading == ASK:
            if fits is None or (fits and self.has_around):
                became = "no tolerance; both readings hold, so the caller must say which one it is"
                question = (
                    f"{one.title}: is the window {window.said} around the target, or from "
                    f"{window.said.replace('..', ' to ')} after what it hangs on?"
                )
                self.ask("window", one.id, said, became, question)
                return None, None
            reading = ABSOLUTE if fits else AROUND
        low, high = (ZERO if end is None else end.span for end in (window.low, window.high))
        if reading == AROUND:
            return self._magnitudes(one, window, said)
        near = span if window.low is None or low is None else low
        far = span if window.high is None or high is None else high
        sooner, later = _less(span, near), _less(far, span)
        if sooner is None or later is None or comparable(sooner) < 0 or comparable(later) < 0:
            says = (
                f"must hold its own offset where ranges are absolute, got {said}; "
                "read the file with windows around the target"
            )
            raise refused(f"{related.path}.extension", says)
        return (later, sooner) if direction < 0 else (sooner, later)

    def _magnitudes(
        self, one: Action, window: Window, said: str
    ) -> tuple[Span | None, Span | None]:
        found: list[Span] = []
        for end, side in ((window.low, "before"), (window.high, "after")):
            span = ZERO if end is None or end.span is None else end.span
            if end is not None and comparable(span) < 0:
                if side == "after":
                    question = f"{one.title}: what does the window {window.said} mean?"
                    self.ask("sign", one.id, said, "no tolerance", question)
                    return None, None
                self.note("sign", one.id, said, f"read as {backward(span)} before the target")
                span = backward(span)
            found.append(span)
        return found[0], found[1]

    # --- time points --------------------------------------------------------------------------

    def _by_point(self, one: Action, point: TimePoint) -> _Place | None:
        said = _point_said(point)
        if point.repeats:
            self.note("may repeat", one.id, "soaRepeatAllowed true", "planned once")
        if one.id == self.anchor.id:
            if point.window is not None and any(
                end is not None and (end.span is None or comparable(end.span))
                for end in (point.window.low, point.window.high)
            ):
                became = "not read, nothing is there to measure it"
                self.note("window of day 1", one.id, point.window.said, became)
            return None
        of = self._references(one, point)
        if of is None:
            return None
        if point.at is None or point.at.span is None:
            return self.undated("unreadable distance", one, said)
        span = self._days(one, point.at)
        if of == self.anchor.id and self.study_days and isinstance(span, CalendarSpan):
            if comparable(span) == 0:
                return self.undated("day 0", one, said)
            if span.days > 0 and not span.weeks and not span.by_months:
                span = CalendarSpan(days=span.days - 1)
        before, after = self._planned_range(one, point, span, of)
        return _Place(to=of, span=span, before=before, after=after, said=said)

    def _references(self, one: Action, point: TimePoint) -> str | None:
        """Return the one visit that a time point is counted from, ``None`` where it is open."""
        named = self._named(point.of)
        if len(named) == 1 and "|" not in point.of and named[0] != one.id:
            return named[0]
        if not named or named == [one.id]:
            self.undated("no reference", one, _point_said(point))
            return None
        after = self._hanging_on(one.id)
        possible = [of for of in named if of not in after]
        names = ", ".join(self.visits[of].title for of in named)
        if len(possible) == 1 and len(named) == point.of.count("|") + 1:
            became = f"counted from {self.visits[possible[0]].title}; the other one comes after it"
            self.ask(
                "several references",
                one.id,
                names,
                became,
                f"{one.title} is counted from one of {names}: from which, and when?",
            )
            return possible[0]
        self.undated("several references", one, f"{_point_said(point)} ({names})")
        return None

    def _days(self, one: Action, distance: Distance) -> Span:
        """Return a distance; the guide writes a day as 24 hours, and none as 0 seconds."""
        span = distance.span
        assert span is not None
        if isinstance(span, ElapsedSpan) and span.minutes % A_DAY == 0:
            days = CalendarSpan(days=span.minutes // A_DAY)
            if span.minutes:
                self.note("hours for days", one.id, distance.said, f"read as {days}")
            return days
        return span

    def _planned_range(
        self, one: Action, point: TimePoint, span: Span, of: str
    ) -> tuple[Span | None, Span | None]:
        window = point.window
        if window is None:
            self.note("no window", one.id, "", "a target, later is allowed and counted")
            return None, None
        if point.window_of and point.window_of != point.of and self._named(point.window_of) != [of]:
            said = f"{window.said} from {point.window_of}"
            self.ask(
                "window from elsewhere",
                one.id,
                said,
                "no tolerance",
                f"{one.title}: which dates are allowed by {said}?",
            )
            return None, None
        if any(end is not None and end.span is None for end in (window.low, window.high)):
            self.ask(
                "unreadable window",
                one.id,
                window.said,
                "no tolerance",
                f"{one.title}: what does the window {window.said} mean?",
            )
            return None, None
        low, high = (
            ZERO if end is None else self._days(one, end) for end in (window.low, window.high)
        )
        if comparable(span) < 0 and comparable(span) + abs(comparable(high)) > 0:
            # Later by so much would be after what it comes before, so it can only be earlier.
            sign = comparable(high) < 0
            early = high if not sign else backward(high)
            became = f"read as {early} earlier, since later would be past its reference"
            question = f"{one.title}: may it be {early} earlier, as {window.said} was read?"
            self.ask(
                "sign" if sign else "window before its reference",
                one.id,
                window.said,
                became,
                question,
            )
            return early, low if comparable(low) >= 0 else backward(low)
        if comparable(low) < 0 or comparable(high) < 0:
            return self._magnitudes(one, window, window.said)
        return low, high

    # --- the protocol -------------------------------------------------------------------------

    def imported(self) -> Imported:
        places: dict[str, _Place] = {}
        for one in self.visits.values():
            place = self._place(one) if one.id != self.anchor.id or one.points else None
            if place is not None:
                places[one.id] = place
        self._no_circles(places)
        root = {identity: self._root(identity, places) for identity in self.visits}
        shown = [one for one in self.visits.values() if root[one.id] == one.id]
        names = unique({one.id: one.title for one in shown})
        day_one = names[self.anchor.id]
        days = self._in_minutes(places)
        self._follow(days)
        usual = self._usual(days)
        types = [
            VisitType(
                name=names[one.id],
                stages=[Stage(name="visit", length=self._length(one, usual), source="local")],
            )
            for one in shown
        ]
        keys = {one.id: _key(one) for one in self.visits.values()}
        rules = [
            self._other_visit(one, places.get(one.id), names, root, keys)
            for one in shown
            if one.id != self.anchor.id
        ]
        for one in self.groups:
            self.note("group", one.id, one.title, "its actions are visits of their own")
        for one in (*self.groups, *self.visits.values()):
            self._told(one)
        self._rest()
        phase = Phase(
            name=day_one,
            visit=day_one,
            cadence=At(at=[CoursePoint("day 1")]),
            visits=ONE,
            source=keys[self.anchor.id],
        )
        kept = [self.anchor.id, *places]
        by_months = any(
            isinstance(span, CalendarSpan) and span.by_months
            for place in places.values()
            for span in (place.span, place.before, place.after)
        )
        if by_months:
            became = "a date that the month lacks is the next day"
            self.note("months", self.plan.id or "PlanDefinition", "", became)
        day_one_id = f"{day_one}-1"
        return Imported(
            protocol=Protocol(
                name=slug(self.plan.name or self.plan.title or "plan"),
                title=self.plan.title or self.plan.name or "Plan",
                visit_types=types,
                phases=[phase],
                other_visits=rules,
                sources=tuple(
                    (
                        keys[one],
                        Source(title=f"{self.visits[one].title}: {self._placed(places.get(one))}"),
                    )
                    for one in kept
                ),
                month_end=MonthEnd.NEXT_DAY if by_months else None,
                variant=Variant(version=self.plan.version),
                unspecified=list(dict.fromkeys(self.questions)),
            ),
            day_one=day_one_id,
            notes=self.notes,
            names={
                one: day_one_id if root[one] == self.anchor.id else names[root[one]]
                for one in self.visits
            },
            kept=kept,
        )

    def _no_circles(self, places: dict[str, _Place]) -> None:
        """Refuse distances that lead back to where they began."""
        done: set[str] = set()
        for identity in places:
            seen: dict[str, None] = {}
            at = identity
            while at in places and at not in done:
                if at in seen:
                    round_ = [*list(seen)[list(seen).index(at) :], at]
                    names = " -> ".join(self.visits[one].title for one in round_)
                    raise refused("action", f"must not hang on one another in a circle: {names}")
                seen[at] = None
                at = places[at].to
            done.update(seen)

    def _root(self, identity: str, places: dict[str, _Place]) -> str:
        while identity in places and places[identity].with_it:
            identity = places[identity].to
        return identity

    def _placed(self, place: _Place | None) -> str:
        """Return where a visit is in the file's own words."""
        if place is not None:
            return place.said
        said = [_point_said(point) for point in self.anchor.points[:1]]
        return ", ".join(["day 1", *said])

    def _other_visit(
        self,
        one: Action,
        place: _Place | None,
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
            before, after = _alike(place.before, place.after)
            tolerance = Tolerance(before=before, after=after, source=source)
        return OtherVisit(
            name=name,
            visit=name,
            cadence=At(at=[CoursePoint(point_of(place.span))]),
            anchor=EndOf(to) if place.from_end else StartOf(to),
            between=Between.END_AND_START if place.from_end else Between.STARTS,
            tolerance=tolerance,
            source=source,
        )

    def _in_minutes(self, places: dict[str, _Place]) -> dict[str, int]:
        """Return how long after day 1 each visit is that has a date, a month as 30 days."""
        found = {self.anchor.id: 0}
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
            where = self.plan.id or "PlanDefinition"
            self.note("length", where, "", f"each visit takes {usual} minutes, {why}")
        return min(minutes, USUAL)

    def _length(self, one: Action, usual: int) -> SpanRange:
        said = one.points[0].length if one.points else None
        span = None if said is None else said.span
        minutes = comparable(span) if isinstance(span, ElapsedSpan) else 0
        if self.length is None and 0 < minutes < A_DAY:
            return SpanRange(ElapsedSpan(minutes), ElapsedSpan(minutes))
        if said is not None:
            whole = "means that day, and no length of a visit" if minutes == A_DAY else "not read"
            self.note("planned duration", one.id, said.said, whole)
        return self.length or SpanRange(ElapsedSpan(usual), ElapsedSpan(usual))

    # --- what is told and not planned ---------------------------------------------------------

    def _follow(self, at: dict[str, int]) -> None:
        """Tell every transition, and whether it agrees with the time points."""
        order = {identity: n for n, identity in enumerate(self.visits)}
        for one in self.visits.values():
            for move in one.transitions:
                said = self._transition_said(one, move)
                to = self._named(move.to)
                where = f"{one.id} -> {to[0] if to else move.to}"
                if not to:
                    question = f"After {one.title}: {said}, which the file does not have?"
                    held = "; ".join(["", *move.conditions])
                    self.ask("transition to no visit", where, said + held, "not read", question)
                    continue
                held = "; ".join(move.conditions)
                back = order[to[0]] <= order[one.id]
                if held:
                    became = "a question; planned once" if back else "a question"
                    self.ask(
                        "loop" if back else "condition",
                        where,
                        f"{said}, if {held}",
                        became,
                        f"After {one.title}: {said}, if {held}?",
                    )
                elif back:
                    self.ask(
                        "loop",
                        where,
                        said,
                        "a question; planned once",
                        f"After {one.title}: {said}, and how often?",
                    )
                else:
                    self._agrees(one, move, to[0], at, where, said)

    def _agrees(
        self, one: Action, move: Transition, to: str, at: dict[str, int], where: str, said: str
    ) -> None:
        length = one.points[0].length if one.points else None
        delay = None if move.delay is None else move.delay.span
        if delay is None or one.id not in at or to not in at or move.type not in ("SS", "FS"):
            self.note("transition", where, said, "not read")
            return
        spent = 0
        if move.type == "FS" and length is not None and length.span is not None:
            spent = comparable(length.span)
        found, away = at[to] - at[one.id], comparable(delay)
        if found == away + spent:
            self.note("transition", where, said, "agrees with the time points")
        elif away < 0 and found == spent - away:
            became = "not read; without its sign it agrees with the time points"
            self.note("sign", where, said, became)
        else:
            became = f"not read; by the time points it is {_in_words(found)} from start to start"
            self.ask(
                "transition and time point disagree",
                where,
                said,
                became,
                f"How far is {self.visits[to].title} from {one.title}: {_in_words(found)} "
                f"as its time point says, or {_in_words(away + spent)} as the transition?",
            )

    def _transition_said(self, one: Action, move: Transition) -> str:
        to = self._named(move.to)
        name = self.visits[to[0]].title if to else move.to
        words = [name, move.type, "" if move.delay is None else move.delay.said]
        if move.window is not None:
            words.append(f"range {move.window.said}")
        return " ".join(filter(None, words))

    def _told(self, one: Action) -> None:
        for condition in one.conditions:
            self.ask("condition", one.id, condition, "a question", f"{one.title}: {condition}")
        for field, said in one.rest:
            self.note(field, one.id, said, "not read")
        if one.id not in self.visits:
            return
        if one.inner:
            titles = ", ".join(inner.title for inner in one.inner)
            self.note("activities", one.id, titles, "what is done at the visit; not read")
        for inner in every_action(one.inner):
            for related in inner.related:
                self.note("activity", inner.id, _related_said(related), "not read")
            for point in inner.points:
                self.note("activity", inner.id, _point_said(point), "not read")
            self._told(inner)

    def _rest(self) -> None:
        for field, said in self.plan.rest:
            self.note(field, self.plan.id or "PlanDefinition", said, "not read")
        for where, said in self.plan.others:
            self.note("another resource", where, said, "not read")


def _is_timed(one: Action) -> bool:
    return bool(one.related or one.points)


def _fits(related: Related) -> bool | None:
    """
    Tell how a window reads: ``True`` as offsets themselves, ``False`` as either side of the target.

    ``None`` where both hold: the ends are alike or one is left out or zero.
    """
    window, offset = related.window, related.offset
    if window is None or offset is None or offset.span is None:
        return None
    if window.low is None or window.high is None:
        return None
    if window.low.span is None or window.high.span is None:
        return None
    at = abs(comparable(offset.span))
    low, high = comparable(window.low.span), comparable(window.high.span)
    if not low <= at <= high:
        return False
    return None if low in (0, high) else True


def _less(span: Span, other: Span) -> Span | None:
    """Return the difference of two distances; ``None`` where it depends on the month."""
    if isinstance(span, CalendarSpan) and isinstance(other, CalendarSpan):
        if (span.years, span.months) != (other.years, other.months):
            if span.weeks or span.days or other.weeks or other.days:
                return None
            return CalendarSpan(years=span.years - other.years, months=span.months - other.months)
        if span.days == other.days:
            return CalendarSpan(weeks=span.weeks - other.weeks)
        return CalendarSpan(days=7 * (span.weeks - other.weeks) + span.days - other.days)
    if any(isinstance(one, CalendarSpan) and one.by_months for one in (span, other)):
        return None
    return ElapsedSpan(comparable(span) - comparable(other))


def _alike(before: Span, after: Span) -> tuple[Span, Span]:
    """Return two ends of a window in one kind of unit: none at all is 0 of the other's."""
    if isinstance(before, CalendarSpan) is isinstance(after, CalendarSpan):
        return before, after
    if comparable(before) == 0:
        return (ZERO if isinstance(after, CalendarSpan) else ElapsedSpan(0)), after
    if comparable(after) == 0:
        return before, (ZERO if isinstance(before, CalendarSpan) else ElapsedSpan(0))
    return ElapsedSpan(comparable(before)), ElapsedSpan(comparable(after))


def _key(one: Action) -> str:
    """Return what the rules of a visit name as their source; a comma would part it in two."""
    taken = one.id in ("local", "memory") or "," in one.id
    return one.path if taken else one.id


def _related_said(related: Related) -> str:
    parts = [related.relationship, related.to]
    if related.offset is not None:
        parts.append(related.offset.said)
    if related.spread is not None:
        parts.append(related.spread.said)
    if related.window is not None:
        parts.append(f"range {related.window.said}")
    return " ".join(filter(None, parts))


def _point_said(point: TimePoint) -> str:
    parts = ["" if point.at is None else point.at.said, f"from {point.of}" if point.of else ""]
    if point.window is not None:
        parts.append(f"range {point.window.said}")
    return " ".join(filter(None, parts))


def _in_words(minutes: int) -> str:
    days, rest = divmod(minutes, A_DAY)
    return str(ElapsedSpan(minutes) if rest else CalendarSpan(days=days))
