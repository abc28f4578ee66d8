"""What a new plan changes, in words: for the clinic, and to be read aloud to the person."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from protocol_sched.formats._prose import told_conflicts
from protocol_sched.model.availability import Clinic, Person
from protocol_sched.model.changes import Change, Fate, Replan
from protocol_sched.model.rules import WEEKDAYS
from protocol_sched.model.schedule import Plan, Visit
from protocol_sched.model.wording import (
    MONTH_NAMES,
    listed,
    moment_text,
    title_of,
    titles_text,
    with_article,
)


def changes_text(replan: Replan, clinic: Clinic) -> str:
    """
    Return what changed, one line for each visit, with the reason; all times the clinic's.

    The order is: moved, dropped, added, another ride, kept.
    """
    zone = clinic.zone

    def at(moment: datetime) -> str:
        return moment_text(moment.astimezone(zone))

    lines: list[str] = []
    for past in replan.unrecorded:
        when = at(past.start) if past.start is not None else str(past.on)
        lines.append(f"Not recorded: {past.title}, {when}; planned as if it was given. Was it?")
    if replan.plan.schedule is None:
        return "".join(f"{line}\n" for line in [*lines, *_no_plan(replan.plan)])
    for change in replan.moved:
        assert change.before
        assert change.after
        old, new = at(change.before.start), at(change.after.start)
        ride = _ride(change.after)
        lines.append(f"Moved: {_titled(change)} from {old} to {new}{ride}: {change.reason}")
    for change in replan.dropped:
        assert change.before
        lines.append(f"Dropped: {change.title}, {at(change.before.start)}: {change.reason}")
    for change in replan.added:
        assert change.after
        ride = _ride(change.after)
        lines.append(f"Added: {change.title}, {at(change.after.start)}{ride}: {change.reason}")
    for change in replan.kept:
        if change.other_ride:
            assert change.before
            assert change.after
            old, new = change.before.escort or "nobody", change.after.escort or "nobody"
            lines.append(f"Other ride: {_titled(change)}, {new} instead of {old}: {change.reason}")
    kept = [change for change in replan.kept if not change.other_ride]
    if kept:
        plain = titles_text([change.title for change in kept if not change.known_as])
        others = [_titled(change) for change in kept if change.known_as]
        lines.append(f"Kept: {listed([plain, *others] if plain else others)}")
    return "".join(f"{line}\n" for line in lines) or "Nothing is planned.\n"


def _titled(change: Change) -> str:
    """Return a visit's title, with its new number where people know it by another."""
    return f"{change.known_as} (now {change.title})" if change.known_as else change.title


def summary_text(replan: Replan) -> str:
    """Return how many visits changed: ``2 moved, 1 dropped, 4 kept``."""
    if replan.plan.schedule is None:
        conflicts = replan.plan.conflicts
        if not conflicts:
            return "no plan was found"
        visit = with_article(title_of(conflicts[0].visit, replan.plan.agenda))
        return f"no plan: there is no room for {visit}"
    others = sum(change.other_ride for change in replan.kept)
    counts = (
        ("moved", len(replan.moved)),
        ("dropped", len(replan.dropped)),
        ("added", len(replan.added)),
        ("with another ride", others),
        ("kept", len(replan.kept) - others),
    )
    return ", ".join(f"{number} {word}" for word, number in counts if number) or "nothing planned"


def _ride(visit: Visit) -> str:
    return f" (ride: {visit.escort})" if visit.escort else ""


def _no_plan(plan: Plan) -> list[str]:
    if not plan.conflicts:
        return ["No plan was found; nothing is changed."]
    return ["Nothing is changed.", *told_conflicts(plan)]


def spoken_text(replan: Replan, clinic: Clinic, person: Person) -> str:
    """
    Return the changes as sentences to be read aloud to the person.

    Whole weekdays and no abbreviation, the old date before the new one, and at the end what
    stays as it is.
    """
    if replan.plan.schedule is None:
        return "We could not find new dates yet. For now your visits stay as you know them.\n"
    sentences: list[str] = []
    for change in replan.changes:
        said = _spoken(change, clinic, person)
        if said:
            sentences.append(said)
    kept = [change for change in replan.kept if not change.other_ride]
    opening = _opening(len(sentences), len(replan.added))
    lines = [opening, *sentences]
    if kept:
        lines.append(_stays(kept, clinic, bool(sentences)))
    return "".join(f"{line}\n" for line in lines)


def _opening(changed: int, added: int) -> str:
    if not changed:
        return "None of your visits changes."
    if changed == added:
        return "You have one new visit." if added == 1 else f"You have {_word(added)} new visits."
    verb = "changes" if changed == 1 else "change"
    return f"{_word(changed).capitalize()} of your visits {verb}."


def _word(number: int) -> str:
    words = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
    return words[number] if number < len(words) else str(number)


def _spoken(change: Change, clinic: Clinic, person: Person) -> str:
    title = _called(change)
    title = title[0].upper() + title[1:]
    reason = _to_you(change.reason, change, person)
    before = _aloud(change.before.start, clinic) if change.before else ""
    match change.fate:
        case Fate.MOVED:
            assert change.after
            now = _aloud(change.after.start, clinic)
            moved = f"{title} was on {before} and is now on {now}, because {reason}."
            return f"{moved}{_home(change.after, clinic)}"
        case Fate.DROPPED:
            return f"{title} on {before} does not take place, because {reason}."
        case Fate.ADDED:
            assert change.after
            new = f"{title} is new, on {_aloud(change.after.start, clinic)}."
            return f"{new}{_home(change.after, clinic)}"
        case Fate.KEPT if change.other_ride:
            assert change.after
            stays = f"{title} stays on {before}, but the ride home changes, because {reason}."
            return f"{stays}{_home(change.after, clinic)}"
        case _:
            return ""


def _called(change: Change) -> str:
    """Return what a visit is called in a sentence: as the person knows it, and its new number."""
    if change.known_as:
        return f"{with_article(change.known_as)}, from now on {with_article(change.title)},"
    return with_article(change.title)


def _home(visit: Visit, clinic: Clinic) -> str:
    if visit.escort is None:
        return " You need no ride home." if visit.waived else ""
    early, late = (m.astimezone(clinic.zone) for m in (visit.discharge, visit.discharge_by))
    when = f"at {early:%H:%M}" if early == late else f"between {early:%H:%M} and {late:%H:%M}"
    return f" {visit.escort} takes you home {when}."


def _stays(kept: Sequence[Change], clinic: Clinic, after_others: bool) -> str:
    said = [
        f"{_called(change)} on {_aloud(change.before.start, clinic)}"
        for change in kept
        if change.before
    ]
    if not after_others:
        return f"They are {listed(said)}." if len(said) > 1 else f"It is {said[0]}."
    stay = "stay as they are" if len(said) > 1 else "stays as it is"
    sentence = f"{listed(said)} {stay}."
    return sentence[0].upper() + sentence[1:]


def _aloud(moment: datetime, clinic: Clinic) -> str:
    local = moment.astimezone(clinic.zone)
    weekday, month = WEEKDAYS[local.weekday()], MONTH_NAMES[local.month - 1]
    return f"{weekday}, {local.day} {month}, at {local:%H:%M}"


def _to_you(reason: str, change: Change, person: Person) -> str:
    """Return a reason as it is said to the person it is about, about a visit named before it."""
    name, title = person.name or person.key, with_article(change.title)
    for said, spoken in (("is", "you are"), ("has to", "you have to"), ("was", "you were")):
        reason = re.sub(rf"^{re.escape(name)} {said}\b", spoken, reason)
    for said, spoken in (("comes", "it has to come"), ("begins", "it has to begin")):
        reason = re.sub(rf"^{re.escape(title)} {said}\b", spoken, reason)
    reason = re.sub(rf"^{re.escape(title)} is\b", "it has to be", reason)
    reason = re.sub(r"\bcalendar (days?)\b", r"\1", reason)
    for weekday in WEEKDAYS:
        reason = re.sub(rf"\b{weekday[:3]}(?= \d)", f"{weekday},", reason)
    return reason
