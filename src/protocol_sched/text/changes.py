"""What a new plan changes, in words: for the clinic, and to be read aloud to the person."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import assert_never
from zoneinfo import ZoneInfo

import attrs

from protocol_sched.model.availability import Clinic, Person
from protocol_sched.model.changes import Change, Fate, Replan
from protocol_sched.model.course import Notified
from protocol_sched.model.moments import utc
from protocol_sched.model.plain import WEEKDAYS
from protocol_sched.model.schedule import Plan, Visit
from protocol_sched.text.english.proofs import unrecorded_text, untested_text
from protocol_sched.text.english.words import (
    MONTH_NAMES,
    listed,
    moment_text,
    title_of,
    titles_text,
    with_article,
)
from protocol_sched.text.languages import LANGUAGES
from protocol_sched.text.prose import plan_conflicts


def changes_text(replan: Replan, clinic: Clinic) -> str:
    """
    Return what changed, one line for each visit, with the reason; all times the clinic's.

    The order is: moved, dropped, held, added, another ride, kept. Many visits dropped or held for
    one reason share a line.
    """
    zone = clinic.zone

    def at(moment: datetime) -> str:
        return moment_text(moment.astimezone(zone))

    lines: list[str] = []
    for past in replan.unrecorded:
        said = unrecorded_text(past, zone)
        lines.append(f"{said[:1].upper()}{said[1:]}")
    lines += [
        f"Not recorded: {untested_text(one)}; is it kept elsewhere?"
        for one in replan.plan.agenda.untested
    ]
    if replan.plan.schedule is None:
        return "".join(f"{line}\n" for line in [*lines, *_no_plan(replan.plan)])
    for change in replan.moved:
        assert change.before
        assert change.after
        old, new = at(change.before.start), at(change.after.start)
        ride = _ride(change.after, change.before)
        lines.append(f"Moved: {_titled(change)} from {old} to {new}{ride}: {change.reason}")
    held = replan.held
    gone = [change for change in replan.dropped if change not in held]
    for head, changes in (("Dropped", gone), ("Held", held)):
        for first, *more in _together(changes):
            last = more[-1] if more else first
            assert first.before
            assert last.before
            titles, when, reason = first.title, at(first.before.start), first.reason
            if more:
                titles = _runs_text([first.title, *(one.title for one in more)])
                when = f"{when} to {at(last.before.start)}"
                reason = _of_several(reason)
            lines.append(f"{head}: {titles}, {when}: {reason}")
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
        plain = _runs_text([change.title for change in kept if not change.title_before])
        others = [_titled(change) for change in kept if change.title_before]
        lines.append(f"Kept: {listed([plain, *others] if plain else others)}")
    return "".join(f"{line}\n" for line in lines) or "Nothing is planned.\n"


MANY = 8
"""More visits than this of which the same is to be said are summed up."""


def _together(changes: Sequence[Change]) -> Iterator[tuple[Change, ...]]:
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


def _runs_text(titles: Sequence[str]) -> str:
    """Return titles with those of one kind together: ``dose 1 to dose 9 and review 1``."""
    kinds: dict[str, list[str]] = {}
    for title in titles:
        kinds.setdefault(re.sub(r"\d+$", "", title), []).append(title)
    return titles_text([title for alike in kinds.values() for title in alike])


def _of_several(reason: str) -> str:
    """Return a reason as it is said of several visits: ``they wait for ...``."""
    for one, several in (("it waits", "they wait"), ("it was", "they were")):
        reason = re.sub(rf"^{one}\b", several, reason)
    return reason


def _titled(change: Change) -> str:
    """Return a visit's title, with its new number where people know it by another."""
    return f"{change.title_before} (now {change.title})" if change.title_before else change.title


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
        ("dropped", len(replan.dropped) - len(replan.held)),
        ("held", len(replan.held)),
        ("added", len(replan.added)),
        ("with another ride", others),
        ("kept", len(replan.kept) - others),
    )
    return ", ".join(f"{number} {word}" for word, number in counts if number) or "nothing planned"


def _ride(visit: Visit, before: Notified | None = None) -> str:
    """Return who takes the person home, and instead of whom if it was somebody else."""
    if before is not None and before.escort is not None and before.escort != visit.escort:
        return f" (ride: {visit.escort or 'nobody'} instead of {before.escort})"
    return f" (ride: {visit.escort})" if visit.escort else ""


def _no_plan(plan: Plan) -> list[str]:
    if not plan.conflicts:
        return ["No plan was found; nothing is changed."]
    return ["Nothing is changed.", *plan_conflicts(plan, LANGUAGES["en"])]


def spoken_text(replan: Replan, clinic: Clinic, person: Person) -> str:
    """
    Return the changes as sentences to be read aloud to the person.

    Whole weekdays and no abbreviation, the old date before the new one, and at the end what
    stays as it is.
    """
    if replan.plan.schedule is None:
        return "We could not find new dates yet. For now your visits stay as you know them.\n"
    aloud = _Aloud(clinic.zone, replan.plan.agenda.as_of.year)
    kept = [change for change in replan.kept if not change.other_ride]
    changed = [change for change in replan.changes if change not in kept]
    # What is to be said of many visits at once is said where the first of them is.
    sums = {one[0].visit: one for one in _together(replan.dropped) if len(one) > 1}
    summed = {change.visit for one in sums.values() for change in one}
    lines = [_opening(len(changed), len(replan.added))]
    for change in changed:
        if change.visit in sums:
            lines.append(_summed(sums[change.visit], change in replan.held, aloud))
        elif change.visit not in summed:
            lines.append(_spoken(change, change in replan.held, aloud, person))
    if kept:
        lines.append(_stays(kept, aloud, bool(changed)))
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


@attrs.frozen
class _Aloud:
    """Says moments in the clinic's zone; a year only where it is not the present one."""

    zone: ZoneInfo
    year: int

    def __call__(self, moment: datetime) -> str:
        local = moment.astimezone(self.zone)
        weekday, month = WEEKDAYS[local.weekday()], MONTH_NAMES[local.month - 1]
        year = f" {local.year}" if local.year != self.year else ""
        return f"{weekday}, {local.day} {month}{year}, at {local:%H:%M}"


def _summed(changes: Sequence[Change], held: bool, aloud: _Aloud) -> str:
    first, last = changes[0], changes[-1]
    assert first.before
    assert last.before
    titles = _runs_text([change.title for change in changes])
    when = f"from {aloud(first.before.start)} to {aloud(last.before.start)}"
    reason = _aloud(_of_several(first.reason))
    off = "do not take place then" if held else "do not take place"
    return f"{titles[0].upper()}{titles[1:]}, {when}, {off}, because {reason}."


def _spoken(change: Change, held: bool, aloud: _Aloud, person: Person) -> str:
    title = _called(change)
    title = title[0].upper() + title[1:]
    reason = _to_you(change.reason, change, person)
    before = aloud(change.before.start) if change.before else ""
    match change.fate:
        case Fate.MOVED:
            assert change.after
            now = aloud(change.after.start)
            moved = f"{title} was on {before} and is now on {now}, because {reason}."
            return f"{moved}{_home(change.after, aloud)}"
        case Fate.DROPPED:
            off = "does not take place then" if held else "does not take place"
            return f"{title} on {before} {off}, because {reason}."
        case Fate.ADDED:
            assert change.after
            new = f"{title} is new, on {aloud(change.after.start)}."
            return f"{new}{_home(change.after, aloud)}"
        case Fate.KEPT:
            assert change.after
            stays = f"{title} stays on {before}, but the ride home changes, because {reason}."
            return f"{stays}{_home(change.after, aloud)}"
        case _:
            assert_never(change.fate)


def _called(change: Change) -> str:
    """Return what a visit is called in a sentence: as the person knows it, and its new number."""
    if change.title_before:
        return f"{with_article(change.title_before)}, from now on {with_article(change.title)},"
    return with_article(change.title)


def _home(visit: Visit, aloud: _Aloud) -> str:
    if visit.escort is None:
        return " You need no ride home." if visit.waived else ""
    early, late = (m.astimezone(aloud.zone) for m in (visit.discharge, visit.discharge_by))
    when = (
        f"at {early:%H:%M}"
        if utc(early) == utc(late)
        else f"between {early:%H:%M} and {late:%H:%M}"
    )
    return f" {visit.escort} takes you home {when}."


def _stays(kept: Sequence[Change], aloud: _Aloud, after_others: bool) -> str:
    said = [
        f"{_called(change)} on {aloud(change.before.start)}" for change in kept if change.before
    ]
    if len(said) > MANY:
        if after_others:
            return f"All {len(said)} others stay as they are."
        return f"There are {len(said)}, from {said[0]} to {said[-1]}."
    if not after_others:
        return f"They are {listed(said)}." if len(said) > 1 else f"It is {said[0]}."
    stay = "stay as they are" if len(said) > 1 else "stays as it is"
    sentence = f"{listed(said)} {stay}."
    return sentence[0].upper() + sentence[1:]


def _to_you(reason: str, change: Change, person: Person) -> str:
    """Return a reason as it is said to the person it is about, about a visit named before it."""
    name, title = person.name or person.key, with_article(change.title)
    for said, spoken in (("is", "you are"), ("has to", "you have to"), ("was", "you were")):
        reason = re.sub(rf"^{re.escape(name)} {said}\b", spoken, reason)
    for said, spoken in (
        ("comes", "it has to come"),
        ("begins", "it has to begin"),
        ("is not", "it may not be"),
    ):
        reason = re.sub(rf"^{re.escape(title)} {said}\b", spoken, reason)
    reason = re.sub(rf"^{re.escape(title)} is\b", "it has to be", reason)
    reason = re.sub(r"\bcalendar (days?)\b", r"\1", reason)
    return _aloud(reason)


def _aloud(text: str) -> str:
    """Return a reason with whole weekdays, and without what only the clinic has to do."""
    text = text.removesuffix("; ask a clinician").removesuffix("?")
    for weekday in WEEKDAYS:
        text = re.sub(rf"\b{weekday[:3]}(?= \d)", f"{weekday},", text)
    return text
