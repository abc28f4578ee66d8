"""What a new plan changes, as sentences to be read aloud to the person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import assert_never

import attrs

from protocol_sched.model.agenda import Agenda
from protocol_sched.model.availability import Clinic, Person
from protocol_sched.model.changes import Change, Fate, Replan
from protocol_sched.model.moments import utc
from protocol_sched.model.schedule import Visit
from protocol_sched.text.changes import MANY, capital, of_several, runs_text, together
from protocol_sched.text.language import Language
from protocol_sched.text.languages import LANGUAGES
from protocol_sched.text.naming import Reader
from protocol_sched.text.reasons import change_reason


def spoken_text(replan: Replan, clinic: Clinic, person: Person, *, language: str = "en") -> str:
    """
    Return the changes as sentences to be read aloud to the person.

    Whole weekdays and no abbreviation, the old date before the new one, and at the end what
    stays as it is.

    Args:
        person: Whom it is read to; reasons about them speak to them.
        language: Its code, one of `LANGUAGES`.

    Raises:
        KeyError: There is no such language.
    """
    speech = LANGUAGES[language]
    if replan.plan.schedule is None:
        said = "We have not found new dates yet. For now your visits stay as they are."
        return f"{speech.tell(said)}\n"
    agenda = replan.plan.agenda
    aloud = _Aloud(speech, clinic.zone, agenda, person.name or person.key)
    kept = [change for change in replan.kept if not change.other_ride]
    changed = [change for change in replan.changes if change not in kept]
    # What is to be said of many visits at once is said where the first of them is.
    sums = {one[0].visit: one for one in together(replan.dropped) if len(one) > 1}
    summed = {change.visit for one in sums.values() for change in one}
    lines = [_opening(len(changed), len(replan.added), speech)]
    for change in changed:
        if change.visit in sums:
            lines.append(_summed(sums[change.visit], change in replan.held, aloud))
        elif change.visit not in summed:
            lines.append(_spoken(change, change in replan.held, aloud))
    if kept:
        lines.append(_stays(kept, aloud, bool(changed)))
    return "".join(f"{line}\n" for line in lines)


def _opening(changed: int, added: int, speech: Language) -> str:
    tell, number = speech.tell, speech.small_number(changed)
    if not changed:
        return tell("None of your visits has changed.")
    if changed == added:
        if added == 1:
            return tell("You have one new visit.")
        return tell("You have {number} new visits.", number=number)
    if changed == 1:
        return tell("One of your visits has changed.")
    return capital(tell("{number} of your visits have changed.", number=number))


@attrs.frozen
class _Aloud:
    """Says moments in the clinic's zone, a year only where it is not the present one; reasons."""

    speech: Language
    zone: tzinfo
    agenda: Agenda
    person: str

    def __call__(self, moment: datetime) -> str:
        local = moment.astimezone(self.zone)
        return self.speech.moment_aloud(local, year=local.year != self.agenda.as_of.year)

    def reason(self, change: Change, *, several: bool = False) -> str:
        of = of_several if several else change_reason
        text = of(change, self.agenda, self.speech, Reader.PATIENT)
        if not several:
            text = self.speech.of_it(text, change.title, self.person)
        return self.speech.aloud(text).removesuffix("?").rstrip()


def _summed(changes: Sequence[Change], held: bool, aloud: _Aloud) -> str:
    first, last = changes[0], changes[-1]
    assert first.before
    assert last.before
    template = "{visits}, from {first} to {last}, are cancelled, because {reason}."
    if held:
        template = "{visits}, from {first} to {last}, are on hold, because {reason}."
    text = aloud.speech.tell(
        template,
        visits=runs_text([change.title for change in changes], aloud.speech),
        first=aloud(first.before.start),
        last=aloud(last.before.start),
        reason=aloud.reason(first, several=True),
    )
    return capital(text)


def _spoken(change: Change, held: bool, aloud: _Aloud) -> str:
    visit, tell = _called(change, aloud.speech), aloud.speech.tell
    before = aloud(change.before.start) if change.before else ""
    match change.fate:
        case Fate.MOVED:
            assert change.after
            text = tell(
                "{visit} moves from {before} to {now}, because {reason}.",
                visit=visit,
                before=before,
                now=aloud(change.after.start),
                reason=aloud.reason(change),
            )
            return capital(f"{text}{_home(change.after, aloud)}")
        case Fate.DROPPED:
            template = "{visit} on {before} is cancelled, because {reason}."
            if held:
                template = "{visit} on {before} is on hold, because {reason}."
            reason = aloud.reason(change)
            return capital(tell(template, visit=visit, before=before, reason=reason))
        case Fate.ADDED:
            assert change.after
            text = tell("{visit} is new, on {now}.", visit=visit, now=aloud(change.after.start))
            return capital(f"{text}{_home(change.after, aloud)}")
        case Fate.KEPT:
            assert change.after
            text = tell(
                "{visit} stays on {before}, but the ride home changes, because {reason}.",
                visit=visit,
                before=before,
                reason=aloud.reason(change),
            )
            return capital(f"{text}{_home(change.after, aloud)}")
        case _:
            assert_never(change.fate)


def _called(change: Change, speech: Language) -> str:
    """Return what a visit is called in a sentence: as the person knows it, and its new number."""
    title = speech.article(change.title)
    if not change.title_before:
        return title
    before = speech.article(change.title_before)
    return speech.tell("{before}, from now on {title},", before=before, title=title)


def _home(visit: Visit, aloud: _Aloud) -> str:
    tell = aloud.speech.tell
    if visit.escort is None:
        return tell(" You need no ride home.") if visit.waived else ""
    early, late = (m.astimezone(aloud.zone) for m in (visit.discharge, visit.discharge_by))
    first, last = early.time(), late.time()
    if utc(early) == utc(late):
        return tell(" {escort} is to take you home at {clock}.", escort=visit.escort, clock=first)
    return tell(
        " {escort} is to take you home between {first} and {last}.",
        escort=visit.escort,
        first=first,
        last=last,
    )


def _stays(kept: Sequence[Change], aloud: _Aloud, after_others: bool) -> str:
    speech, tell = aloud.speech, aloud.speech.tell
    said = [
        tell("{visit} on {when}", visit=_called(change, speech), when=aloud(change.before.start))
        for change in kept
        if change.before
    ]
    if len(said) > MANY:
        number = len(said)
        if after_others:
            return tell("All {number} others stay as they are.", number=number)
        return tell(
            "There are {number}, from {first} to {last}.",
            number=number,
            first=said[0],
            last=said[-1],
        )
    visits = speech.listed(said)
    if not after_others:
        template = "They are {visits}." if len(said) > 1 else "It is {visits}."
        return tell(template, visits=visits)
    several = len(said) > 1
    template = "{visits} stay as they are." if several else "{visits} stays as it is."
    return capital(tell(template, visits=visits))
