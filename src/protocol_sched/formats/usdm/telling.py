"""What of a study design is told and not planned: in a note, and where it decides in a question."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import attrs

from protocol_sched.formats.usdm.loops import loop_of
from protocol_sched.formats.usdm.reading import Design, Encounter, Instance, Timeline, Timing
from protocol_sched.formats.usdm.timings import called, unread


@attrs.frozen(kw_only=True)
class Told:
    """Tells what the protocol of one timeline does not hold."""

    design: Design
    line: Timeline
    everywhere: Mapping[str, Instance]
    """The instances of all timelines."""
    kept: Mapping[str, Timing]
    """The timings that the protocol holds."""
    repeats: Mapping[str, int]
    note: Callable[[str, str, str, str], None]
    ask: Callable[[str], None]

    def of(self, others: Iterable[Design]) -> None:
        """Tell all that is left of a design, and of the others beside it."""
        line, design = self.line, self.design
        if line.entry_condition:
            self.note("entry", line.id, line.entry_condition, "not read")
        for each in design.timelines:
            if each.duration:
                self.note("planned duration", each.id, each.duration, "not read")
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
            self.ask(f"{condition.label or condition.name or condition.id}: {said}")
        for kind, listed in (("epoch", design.epochs), ("arm", design.arms)):
            for named in listed:
                self.note(kind, named.id, named.label or named.name, "not read")
        for n, version in enumerate(design.versions, 1):
            self.note("another version", f"study.versions[{n}]", version, "not read")
        for more in others:
            self.note("another design", more.path, more.name, "not read")
            for line in more.timelines:
                self._other_timeline(line)

    def _decision(self, one: Instance) -> None:
        said = self._branches(one)
        loop = loop_of(self.line, one)
        if not one.branches and not loop:
            became = "read as what always follows"
            self.note("decision without conditions", one.id, said, became)
            return
        became = "a question; the visits are planned as listed"
        if loop and one.id in self.repeats:
            became = f"a question; what repeats is planned {self.repeats[one.id]} times, as asked"
        elif loop:
            became = "a question; what repeats is planned once, without repeats for it"
        self.note("loop" if loop else "decision", one.id, said, became)
        self.ask(f"{one.label or called(one)}: {said}")

    def _branches(self, one: Instance) -> str:
        def named(identity: str) -> str:
            found = self.everywhere.get(identity)
            return "the end" if found is None else called(found)

        parts = [f"{condition or 'if so'}: {named(to)}" for condition, to in one.branches]
        return "; ".join([*parts, f"else: {named(one.follows)}"])

    def _other_timeline(self, line: Timeline) -> None:
        named = line.label or line.name
        self.note("other timeline", line.id, named, "not part of the plan")
        for one in line.timings:
            if one.id not in self.kept:
                self.note("timing of another timeline", one.id, unread(one), "not read")
        for instance in line.instances:
            if instance.branches:
                self.note(
                    "decision of another timeline",
                    instance.id,
                    self._branches(instance),
                    "not read",
                )

    def _encounter(self, one: Encounter) -> None:
        for identity, words in one.rules:
            self.note("rule of a visit", identity, words, f"not read; it is about {one.label}")
        usual = {"Clinic", "In Person"}
        if elsewhere := [word for word in one.settings if word not in usual]:
            self.note("where", one.id, ", ".join(elsewhere), "planned as a visit to the clinic")
        timing = next((t for t in self.line.timings if t.id == one.scheduled_at), None)
        if one.scheduled_at and timing is not None:
            of = self.everywhere.get(timing.of)
            if of is not None and of.encounter and of.encounter != one.id:
                became = f"not read, {timing.id} is about another encounter"
                self.note("scheduled at", one.id, one.scheduled_at, became)
