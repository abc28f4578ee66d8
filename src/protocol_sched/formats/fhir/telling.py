"""What of a plan is told and not planned: transitions, conditions, activities, other fields."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from protocol_sched.formats.fhir.actions import Actions
from protocol_sched.formats.fhir.reading import Action, Transition, every_action
from protocol_sched.formats.fhir.words import in_words, point_said, related_said
from protocol_sched.model.spans import comparable

_AS_PLANNED = {
    *(("selectionBehavior", "all"), ("selectionBehavior", "all-or-none")),
    *(("requiredBehavior", "must"), ("cardinalityBehavior", "single")),
}
"""What a plan of every visit once does say."""
_CHOICES = {
    "selectionBehavior": "which of its actions take place?",
    "requiredBehavior": "does it take place?",
    "cardinalityBehavior": "how often?",
}


@attrs.frozen
class Telling:
    """Tells what the protocol of a plan does not hold."""

    actions: Actions

    def follow(self, at: Mapping[str, int]) -> None:
        """Tell every transition, and whether it agrees with the time points."""
        order = {identity: n for n, identity in enumerate(self.actions.visits)}
        for one in self.actions.visits.values():
            for move in one.transitions:
                said = self._transition_said(one, move)
                to = self.actions.named(move.to)
                where = f"{one.id} -> {to[0] if to else move.to}"
                if not to:
                    question = f"After {one.title}: {said}, which the file does not have?"
                    held = "; ".join(["", *move.conditions])
                    self.actions.ask(
                        "transition to no visit", where, said + held, "not read", question
                    )
                    continue
                held = "; ".join(move.conditions)
                back = order[to[0]] <= order[one.id]
                if held:
                    became = "a question; planned once" if back else "a question"
                    self.actions.ask(
                        "loop" if back else "condition",
                        where,
                        f"{said}, if {held}",
                        became,
                        f"After {one.title}: {said}, if {held}?",
                    )
                elif back:
                    self.actions.ask(
                        "loop",
                        where,
                        said,
                        "a question; planned once",
                        f"After {one.title}: {said}, and how often?",
                    )
                else:
                    self._agrees(one, move, to[0], at, where, said)

    def _agrees(
        self, one: Action, move: Transition, to: str, at: Mapping[str, int], where: str, said: str
    ) -> None:
        length = one.points[0].length if one.points else None
        delay = None if move.delay is None else move.delay.span
        if delay is None or one.id not in at or to not in at or move.type not in ("SS", "FS"):
            self.actions.note("transition", where, said, "not read")
            return
        spent = 0
        if move.type == "FS" and length is not None and length.span is not None:
            spent = comparable(length.span)
        found, away = at[to] - at[one.id], comparable(delay)
        if found == away + spent:
            self.actions.note("transition", where, said, "agrees with the time points")
        elif away < 0 and found == spent - away:
            became = "not read; without its sign it agrees with the time points"
            self.actions.note("sign", where, said, became)
        else:
            became = f"not read; by the time points it is {in_words(found)} from start to start"
            self.actions.ask(
                "transition and time point disagree",
                where,
                said,
                became,
                f"How far is {self.actions.visits[to].title} from {one.title}: {in_words(found)} "
                f"as its time point says, or {in_words(away + spent)} as the transition?",
            )

    def _transition_said(self, one: Action, move: Transition) -> str:
        to = self.actions.named(move.to)
        name = self.actions.visits[to[0]].title if to else move.to
        words = [name, move.type, "" if move.delay is None else move.delay.said]
        if move.window is not None:
            words.append(f"range {move.window.said}")
        return " ".join(filter(None, words))

    def told(self, one: Action) -> None:
        for condition in one.conditions:
            self.actions.ask(
                "condition", one.id, condition, "a question", f"{one.title}: {condition}"
            )
        for field, said in one.rest:
            nothing_to_choose = field == "selectionBehavior" and len(one.inner) < 2
            if (field, said) in _AS_PLANNED or nothing_to_choose:
                continue  # the guide writes exactly-one of the one transition there is
            if field in _CHOICES:
                question = f"{one.title}: {_CHOICES[field]} The file says {said!r}."
                self.actions.ask(field, one.id, said, "planned all the same", question)
            else:
                self.actions.note(field, one.id, said, "not read")
        if one.id not in self.actions.visits:
            return
        if one.inner:
            titles = ", ".join(inner.title for inner in one.inner)
            self.actions.note("activities", one.id, titles, "what is done at the visit; not read")
        for inner in every_action(one.inner):
            for related in inner.related:
                self.actions.note("activity", inner.id, related_said(related), "not read")
            for point in inner.points:
                self.actions.note("activity", inner.id, point_said(point), "not read")
            self.told(inner)

    def rest(self) -> None:
        for field, said in self.actions.plan.rest:
            self.actions.note(field, self.actions.plan.id or "PlanDefinition", said, "not read")
        for where, said in self.actions.plan.others:
            self.actions.note("another resource", where, said, "not read")
