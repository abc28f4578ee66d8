"""Which actions of a plan are visits, and which of them is day 1."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from protocol_sched.formats.fhir.nodes import refused
from protocol_sched.formats.fhir.reading import (
    MOST_REFERENCES,
    MOST_VISITS,
    Action,
    Plan,
    every_action,
)
from protocol_sched.formats.fhir.words import A_DAY
from protocol_sched.model.imported import Note
from protocol_sched.model.spans import comparable


class Actions:
    """The actions of one plan that are visits; notes are gathered as it is read."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
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
            anchors += [of for point in one.points for of in self.named(point.of)]
            for of in anchors:
                self.hung.setdefault(of, []).append(one.id)
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
            self.no_circles(
                {one.id: one.related[0].to for one in self.visits.values() if one.related}
            )
            raise refused(
                "action", "must have one that others are timed from and that is timed from none"
            )
        first = max(found, key=lambda one: len(self.hanging_on(one.id)))
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
        return not of or self.named(of) == [one.id]

    def hanging_on(self, identity: str) -> set[str]:
        """Return a visit and all that depend on it, directly or step by step."""
        seen, waiting = {identity}, [identity]
        while waiting:
            for one in self.hung.get(waiting.pop(), ()):
                if one not in seen:
                    seen.add(one)
                    waiting.append(one)
        return seen

    def named(self, words: str) -> list[str]:
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

    def no_circles(self, places: Mapping[str, str]) -> None:
        """Refuse visits that hang, each on the one it is given with, on themselves."""
        done: set[str] = set()
        for identity in places:
            seen: dict[str, None] = {}
            at = identity
            while at in places and at not in done:
                if at in seen:
                    round_ = [*list(seen)[list(seen).index(at) :], at]
                    names = " -> ".join(self.visits[one].title for one in round_)
                    raise refused("action", f"must not depend on one another in a circle: {names}")
                seen[at] = None
                at = places[at]
            done.update(seen)


def _is_timed(one: Action) -> bool:
    return bool(one.related or one.points)
