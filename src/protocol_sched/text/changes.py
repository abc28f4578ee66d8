"""What a new plan changes, in words: for the clinic, and to be read aloud to the person."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo

from protocol_sched.model.agenda import Agenda
from protocol_sched.model.availability import Clinic
from protocol_sched.model.changes import Change, Replan
from protocol_sched.model.course import Notified
from protocol_sched.model.schedule import Plan, Visit
from protocol_sched.text.english.words import (
    title_of,
)
from protocol_sched.text.language import Language
from protocol_sched.text.languages import LANGUAGES
from protocol_sched.text.naming import Reader
from protocol_sched.text.prose import plan_conflicts
from protocol_sched.text.reasons import change_reason, reason_text


def changes_text(replan: Replan, clinic: Clinic, *, language: str = "en") -> str:
    """
    Return what changed, one line for each visit, with the reason; all times the clinic's.

    The order is: moved, dropped, held, added, another ride, kept. Many visits dropped or held for
    one reason share a line.

    Args:
        language: Its code, one of `LANGUAGES`.

    Raises:
        KeyError: There is no such language.
    """
    speech, zone = LANGUAGES[language], clinic.zone
    tell, agenda = speech.tell, replan.plan.agenda

    def at(moment: datetime) -> str:
        return speech.moment(moment.astimezone(zone))

    def because(change: Change) -> str:
        return change_reason(change, agenda, speech)

    lines = [capital(line) for line in unrecorded_and_untested(replan, speech, zone)]
    if replan.plan.schedule is None:
        return "".join(f"{line}\n" for line in [*lines, *_no_plan(replan.plan, speech)])
    for change in replan.moved:
        assert change.before
        assert change.after
        lines.append(
            tell(
                "Moved: {visit} from {old} to {new}{ride}: {reason}",
                visit=_titled(change, speech),
                old=at(change.before.start),
                new=at(change.after.start),
                ride=_ride(speech, change.after, change.before),
                reason=because(change),
            )
        )
    held = replan.held
    gone = [change for change in replan.dropped if change not in held]
    for one, some, changes in (
        (
            "Cancelled: {visit}, {when}: {reason}",
            "Cancelled: {visit}, {when} to {end}: {reason}",
            gone,
        ),
        ("On hold: {visit}, {when}: {reason}", "On hold: {visit}, {when} to {end}: {reason}", held),
    ):
        for first, *more in together(changes):
            last = more[-1] if more else first
            assert first.before
            assert last.before
            titles, when, reason = first.title, at(first.before.start), because(first)
            if more:
                titles = runs_text([first.title, *(one.title for one in more)], speech)
                reason = of_several(first, agenda, speech)
            end = at(last.before.start)
            template = some if more else one
            lines.append(tell(template, visit=titles, when=when, end=end, reason=reason))
    for change in replan.added:
        assert change.after
        lines.append(
            tell(
                "Added: {visit}, {when}{ride}: {reason}",
                visit=change.title,
                when=at(change.after.start),
                ride=_ride(speech, change.after),
                reason=because(change),
            )
        )
    nobody = tell("nobody")
    for change in replan.kept:
        if change.other_ride:
            assert change.before
            assert change.after
            lines.append(
                tell(
                    "Ride changed: {visit}, {new} instead of {old}: {reason}",
                    visit=_titled(change, speech),
                    new=change.after.escort or nobody,
                    old=change.before.escort or nobody,
                    reason=because(change),
                )
            )
    kept = [change for change in replan.kept if not change.other_ride]
    if kept:
        plain = runs_text([change.title for change in kept if not change.title_before], speech)
        others = [_titled(change, speech) for change in kept if change.title_before]
        visits = speech.listed([plain, *others] if plain else others)
        lines.append(tell("Unchanged: {visits}", visits=visits))
    return "".join(f"{line}\n" for line in lines) or f"{tell('Nothing is planned.')}\n"


def unrecorded_and_untested(replan: Replan, speech: Language, zone: tzinfo) -> Iterator[str]:
    """Yield what is not on record: visits whose time has come, and tests."""
    for past in replan.unrecorded:
        on = str(past.on)
        if past.start is not None:
            on = speech.moment(past.start.astimezone(zone))
        yield speech.plan.unrecorded(past, on)
    for one in replan.plan.agenda.untested:
        yield speech.tell("Not recorded: {what}", what=speech.plan.untested(one))


MANY = 8
"""More visits than this of which the same is to be said are summed up."""


def together(changes: Sequence[Change]) -> Iterator[tuple[Change, ...]]:
    """Yield visits by themselves, in order; many that have one reason together, at the first."""
    reasons: dict[str, list[Change]] = {}
    for change in changes:
        reasons.setdefault(change.reason, []).append(change)
    for change in changes:
        alike = reasons[change.reason]
        if len(alike) <= MANY:
            yield (change,)
        elif change is alike[0]:
            yield tuple(alike)


def runs_text(titles: Sequence[str], speech: Language) -> str:
    """Return titles with those of one kind together: ``dose 1 to dose 9 and review 1``."""
    kinds: dict[str, list[str]] = {}
    for title in titles:
        kinds.setdefault(re.sub(r"\d+$", "", title), []).append(title)
    return speech.plan.titles([title for alike in kinds.values() for title in alike])


def of_several(
    change: Change, agenda: Agenda, speech: Language, reader: Reader = Reader.SCHEDULER
) -> str:
    """Return a reason as it is said of several visits: ``they wait for ...``."""
    if change.because is None:
        return change_reason(change, agenda, speech, reader)
    return reason_text(change.because, agenda, speech, reader, several=True)


def _titled(change: Change, speech: Language) -> str:
    """Return a visit's title, with its new number where people know it by another."""
    if not change.title_before:
        return change.title
    return speech.tell("{before} (now {title})", before=change.title_before, title=change.title)


def summary_text(replan: Replan, *, language: str = "en") -> str:
    """
    Return how many visits changed: ``2 moved, 1 dropped, 4 kept``.

    Raises:
        KeyError: There is no such language.
    """
    speech = LANGUAGES[language]
    tell = speech.tell
    if replan.plan.schedule is None:
        conflicts = replan.plan.conflicts
        if not conflicts:
            return tell("no plan was found")
        visit = speech.article(title_of(conflicts[0].visit, replan.plan.agenda))
        return tell("no plan: {visit} cannot be placed", visit=visit)
    others = sum(change.other_ride for change in replan.kept)
    held = len(replan.held)
    counts = (
        (len(replan.moved), "{number} moved"),
        (len(replan.dropped) - held, "{number} cancelled"),
        (held, "{number} on hold"),
        (len(replan.added), "{number} added"),
        (others, "{number} with a changed ride"),
        (len(replan.kept) - others, "{number} unchanged"),
    )
    said = [tell(template, number=number) for number, template in counts if number]
    return ", ".join(said) or tell("nothing planned")


def _ride(speech: Language, visit: Visit, before: Notified | None = None) -> str:
    """Return who takes the person home, and instead of whom if it was somebody else."""
    if before is not None and before.escort is not None and before.escort != visit.escort:
        return speech.tell(
            " (ride: {new} instead of {old})",
            new=visit.escort or speech.tell("nobody"),
            old=before.escort,
        )
    return speech.tell(" (ride: {escort})", escort=visit.escort) if visit.escort else ""


def _no_plan(plan: Plan, speech: Language) -> list[str]:
    if not plan.conflicts:
        return [speech.tell("No plan was found; nothing is changed.")]
    return [speech.tell("Nothing is changed."), *plan_conflicts(plan, speech)]


def capital(text: str) -> str:
    """Return a text that begins with a capital letter."""
    return f"{text[:1].upper()}{text[1:]}"
