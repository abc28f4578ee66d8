"""
Where each visit of a plan is: how far from which other, and how much sooner or later.

Three conventions of a window are in use, and the numbers alone do not always tell which one a file
follows: where they do not, the window is a question, and the caller's word decides.

Source:
    HL7 Vulcan, Schedule of Activities guide: ``AcceptableOffsetRangeSoa`` is a range of offsets
    (14 days, range 12 to 15), which other writers fill with magnitudes either side of the target;
    ``soaPlannedRange`` is in magnitudes.
"""

from __future__ import annotations

import attrs

from protocol_sched.formats.elsewhere import backward
from protocol_sched.formats.fhir.actions import Actions
from protocol_sched.formats.fhir.nodes import refused
from protocol_sched.formats.fhir.quantities import Distance, Window
from protocol_sched.formats.fhir.reading import Action, Related, TimePoint
from protocol_sched.formats.fhir.words import (
    A_DAY,
    ZERO,
    forward,
    holds_offset,
    less,
    point_said,
    related_said,
)
from protocol_sched.model.spans import CalendarSpan, ElapsedSpan, Span, comparable

ASK, AROUND, ABSOLUTE = "ask", "around", "absolute"
DIRECTIONS = {
    **dict.fromkeys(("before", "before-start", "before-end"), -1),
    **dict.fromkeys(("after", "after-start", "after-end"), 1),
    **dict.fromkeys(("concurrent", "concurrent-with-start", "concurrent-with-end"), 0),
}


@attrs.frozen(kw_only=True)
class Place:
    """Where a visit is: so long after another one, or with it."""

    to: str
    span: Span
    """Negative before it."""
    with_it: bool = False
    from_end: bool = False
    before: Span | None = None
    after: Span | None = None
    said: str = ""


class Places:
    """Finds the place of each visit."""

    def __init__(self, actions: Actions, windows: str) -> None:
        self.actions, self.windows = actions, windows
        self.has_around = any(
            one.window is not None and holds_offset(forward(one)) is False
            for action in actions.visits.values()
            for one in action.related
        )

    def of(self, one: Action) -> Place | None:
        found = None
        for point in one.points:
            if found is None and point is one.points[0]:
                found = self._by_point(one, point)
            else:
                self.actions.note("second time point", one.id, point_said(point), "not read")
        best = next((r for r in one.related if r.offset is not None or r.spread is not None), None)
        for related in one.related:
            for field, said in related.rest:
                self.actions.note(field, one.id, said, "not read")
            if one.points or related is not (best or one.related[0]):
                self.actions.note("second relation", one.id, related_said(related), "not read")
            else:
                found = self._by_relation(one, related)
        if found is None and not one.points and not one.related:
            self.undated("no timing", one, "")
        return found

    def undated(self, kind: str, one: Action, said: str) -> Place | None:
        """Ask for the date of a visit, which has no place."""
        question = f"When is {one.title}? The file gives no date that can be reckoned."
        self.actions.ask(kind, one.id, said, "a visit on demand", question)
        return None

    def _by_relation(self, one: Action, related: Related) -> Place | None:
        said = related_said(related)
        if related.to not in self.actions.visits or related.to == one.id:
            return self.undated("relation to no visit", one, said)
        if related.relationship not in DIRECTIONS:
            return self.undated("unknown relation", one, said)
        direction = DIRECTIONS[related.relationship]
        target, before, after = related.offset, None, None
        if target is None and related.spread is not None:
            return self._by_range(one, related, direction, said)
        if related.spread is not None:
            self.actions.note("offset twice", one.id, related.spread.said, "not read")
        if target is None:
            if direction or related.window is not None:
                return self.undated("no distance", one, said)
            return Place(to=related.to, span=ZERO, with_it=True, said=said)
        if target.span is None:
            return self.undated("unreadable distance", one, said)
        if not direction and comparable(target.span) != 0:
            return self.undated("a distance at one moment", one, said)
        span = target.span
        if comparable(span) < 0:
            became = "counted before it, as the sign says"
            question = (
                f"Is {one.title} before or after {self.actions.visits[related.to].title}: {said}?"
            )
            self.actions.ask("sign", one.id, said, became, question)
            span, direction = backward(span), -1
        if related.window is not None:
            before, after = self._either_side(one, related, span, direction)
        elif direction:
            self.actions.note("no window", one.id, "", "a target, later is allowed and counted")
        from_end = related.relationship == "after-end" and isinstance(span, ElapsedSpan)
        if related.relationship.endswith("-end") and not from_end:
            self.actions.note(
                "counted from an end", one.id, said, "counted from the date of its visit"
            )
        return Place(
            to=related.to,
            span=backward(span) if direction < 0 else span,
            from_end=from_end,
            before=before,
            after=after,
            said=said,
        )

    def _by_range(self, one: Action, related: Related, direction: int, said: str) -> Place | None:
        """Return the place of a visit whose offset is a range: aimed at its first date."""
        spread = related.spread
        assert spread is not None
        low, high = (None if end is None else end.span for end in (spread.low, spread.high))
        width = None if low is None or high is None else less(high, low)
        if low is None or high is None or width is None or not direction:
            return self.undated("unreadable range", one, said)
        if comparable(low) < 0 or comparable(width) < 0:
            return self.undated("a range that ends before it begins", one, said)
        if related.window is not None:
            self.actions.note("window of a range", one.id, related.window.said, "not read")
        first = low if direction > 0 else backward(high)
        became = "its earliest date is aimed at, all its dates are allowed"
        self.actions.note("range without a target", one.id, said, became)
        zero = ZERO if isinstance(width, CalendarSpan) else ElapsedSpan(0)
        return Place(to=related.to, span=first, before=zero, after=width, said=said)

    def _either_side(
        self, one: Action, related: Related, span: Span, direction: int
    ) -> tuple[Span | None, Span | None]:
        """Return how much earlier and later than its target a visit may be."""
        window = related.window
        assert window is not None
        said = related_said(related)
        if window.unreadable:
            return self._unreadable(one, window, said)
        turned = forward(related)
        if turned is not related and turned.window is not None:
            related, window = turned, turned.window
            became = "read without signs, as so long before it"
            self.actions.note("sign", one.id, said, became)
        fits = holds_offset(related)
        reading = self.windows
        if reading == ASK:
            if fits is None or (fits and self.has_around):
                became = "no tolerance; both readings hold, so the caller must say which one it is"
                question = (
                    f"{one.title}: is the window {window.said} around the target, or from "
                    f"{window.said.replace('..', ' to ')} after what it depends on?"
                )
                self.actions.ask("window", one.id, said, became, question)
                return None, None
            reading = ABSOLUTE if fits else AROUND
        low, high = (ZERO if end is None else end.span for end in (window.low, window.high))
        if reading == AROUND:
            return self._magnitudes(one, window, said)
        near = span if window.low is None or low is None else low
        far = span if window.high is None or high is None else high
        sooner, later = less(span, near), less(far, span)
        if sooner is None or later is None:
            return self._unreadable(one, window, said)  # how far apart depends on the month
        if comparable(sooner) < 0 or comparable(later) < 0:
            says = (
                f"must hold its own offset where ranges are absolute, got {said}; "
                "read the file with windows around the target"
            )
            raise refused(f"{related.path}.extension", says)
        return (later, sooner) if direction < 0 else (sooner, later)

    def _unreadable(self, one: Action, window: Window, said: str) -> tuple[None, None]:
        """Ask what a window means; its visit has no tolerance."""
        question = f"{one.title}: what does the window {window.said} mean?"
        self.actions.ask("unreadable window", one.id, said, "no tolerance", question)
        return None, None

    def _magnitudes(
        self, one: Action, window: Window, said: str
    ) -> tuple[Span | None, Span | None]:
        found: list[Span] = []
        for end, side in ((window.low, "before"), (window.high, "after")):
            span = ZERO if end is None or end.span is None else end.span
            if end is not None and comparable(span) < 0:
                if side == "after":
                    question = f"{one.title}: what does the window {window.said} mean?"
                    self.actions.ask("sign", one.id, said, "no tolerance", question)
                    return None, None
                self.actions.note(
                    "sign", one.id, said, f"read as {backward(span)} before the target"
                )
                span = backward(span)
            found.append(span)
        return found[0], found[1]

    # --- time points --------------------------------------------------------------------------

    def _by_point(self, one: Action, point: TimePoint) -> Place | None:
        said = point_said(point)
        if point.repeats:
            self.actions.note("may repeat", one.id, "soaRepeatAllowed true", "planned once")
        if one.id == self.actions.anchor.id:
            if point.window is not None and any(
                end is not None and (end.span is None or comparable(end.span))
                for end in (point.window.low, point.window.high)
            ):
                became = "not read, nothing is there to measure it"
                self.actions.note("window of day 1", one.id, point.window.said, became)
            return None
        of = self._references(one, point)
        if of is None:
            return None
        if point.at is None or point.at.span is None:
            return self.undated("unreadable distance", one, said)
        span = self._days(one, point.at)
        if (
            of == self.actions.anchor.id
            and self.actions.study_days
            and isinstance(span, CalendarSpan)
        ):
            if comparable(span) == 0:
                return self.undated("day 0", one, said)
            if span.days > 0 and not span.weeks and not span.by_months:
                span = CalendarSpan(days=span.days - 1)
        before, after = self._planned_range(one, point, span, of)
        return Place(to=of, span=span, before=before, after=after, said=said)

    def _references(self, one: Action, point: TimePoint) -> str | None:
        """Return the one visit that a time point is counted from, ``None`` where it is open."""
        named = self.actions.named(point.of)
        if len(named) == 1 and "|" not in point.of and named[0] != one.id:
            return named[0]
        if not named or named == [one.id]:
            self.undated("no reference", one, point_said(point))
            return None
        after = self.actions.hanging_on(one.id)
        possible = [of for of in named if of not in after]
        names = ", ".join(self.actions.visits[of].title for of in named)
        if len(possible) == 1 and len(named) == point.of.count("|") + 1:
            first = self.actions.visits[possible[0]].title
            became = f"counted from {first}; the other one comes after it"
            self.actions.ask(
                "several references",
                one.id,
                names,
                became,
                f"{one.title} is counted from one of {names}: from which, and when?",
            )
            return possible[0]
        self.undated("several references", one, f"{point_said(point)} ({names})")
        return None

    def _days(self, one: Action, distance: Distance) -> Span:
        """Return a distance; the guide writes a day as 24 hours, and none as 0 seconds."""
        span = distance.span
        assert span is not None
        if isinstance(span, ElapsedSpan) and span.minutes % A_DAY == 0:
            days = CalendarSpan(days=span.minutes // A_DAY)
            if span.minutes:
                self.actions.note("hours for days", one.id, distance.said, f"read as {days}")
            return days
        return span

    def _planned_range(
        self, one: Action, point: TimePoint, span: Span, of: str
    ) -> tuple[Span | None, Span | None]:
        window = point.window
        if window is None:
            self.actions.note("no window", one.id, "", "a target, later is allowed and counted")
            return None, None
        if (
            point.window_of
            and point.window_of != point.of
            and self.actions.named(point.window_of) != [of]
        ):
            said = f"{window.said} from {point.window_of}"
            self.actions.ask(
                "window from elsewhere",
                one.id,
                said,
                "no tolerance",
                f"{one.title}: which dates are allowed by {said}?",
            )
            return None, None
        if window.unreadable:
            return self._unreadable(one, window, window.said)
        low, high = (
            ZERO if end is None else self._days(one, end) for end in (window.low, window.high)
        )
        if comparable(span) < 0 and comparable(span) + abs(comparable(high)) > 0:
            # Later by so much would be after what it comes before, so it can only be earlier.
            sign = comparable(high) < 0
            early = high if not sign else backward(high)
            became = f"read as {early} earlier, since later would be past its reference"
            question = f"{one.title}: may it be {early} earlier, as {window.said} was read?"
            self.actions.ask(
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
