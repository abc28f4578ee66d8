"""A clinic planned again in words: how many visits move, and whom to call in which order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, tzinfo

from protocol_sched.model.agenda import Agenda
from protocol_sched.model.calls import Call
from protocol_sched.model.changes import Change
from protocol_sched.model.moments import utc
from protocol_sched.text.language import Language
from protocol_sched.text.languages import LANGUAGES
from protocol_sched.text.reasons import change_reason


def clinic_replan_text(
    calls: Sequence[Call],
    moved: int,
    bound: int,
    zone: tzinfo,
    names: Mapping[str, str],
    helps: Mapping[str, str] | None = None,
    elsewhere: Sequence[tuple[str, Change]] = (),
    *,
    agendas: Mapping[str, Agenda] | None = None,
    language: str = "en",
) -> str:
    """
    Return what moves at a clinic and whom to call, in order.

    Args:
        moved: Visits that begin at another time than people know.
        bound: Visits that any plan of all courses moves at the least.
        zone: The clinic's.
        names: What each course is called here, by its key.
        helps: Of courses without a plan, by what they are called, what is said of them.
        elsewhere: By course, visits that have another place at the time people know.
        agendas: What is due of each course, by its key; without it reasons are in English.
        language: Its code, one of `LANGUAGES`.

    Raises:
        KeyError: There is no such language.
    """
    missing = {} if helps is None else helps
    speech = LANGUAGES[language]
    blocks = [_head(moved, bound, calls, len(missing), speech)]
    if calls:
        lines = [speech.tell("Call in this order:")]
        for n, call in enumerate(calls, 1):
            agenda = None if agendas is None else agendas.get(call.course)
            lines += _call(n, call, zone, names, agenda, speech)
        blocks.append("\n".join(lines))
    if elsewhere:
        lines = [speech.tell("In another place at the announced time, so nobody needs a call:")]
        lines += (
            f"   {names.get(key, key)}{speech.colon} {_seat(one, zone, speech)}"
            for key, one in elsewhere
        )
        blocks.append("\n".join(lines))
    blocks += [f"{name}{speech.colon} {text.rstrip()}" for name, text in missing.items()]
    return "\n\n".join(blocks) + "\n"


def _head(moved: int, bound: int, calls: Sequence[Call], missing: int, speech: Language) -> str:
    tell, visits = speech.tell, speech.counted(moved, "visit")
    if missing:
        without = speech.counted(missing, "course")
        more = "{visits} moved; no room was found for {without}."
        return tell(more, visits=visits, without=without)
    if not moved:
        return tell("No visit moves." if calls else "Every visit stays as it is.")
    people = {call.course for call in calls if any(map(_moves, call.changes))}
    courses = speech.counted(len(people), "course")
    found = tell("{visits} of {courses} moved", visits=visits, courses=courses)
    if moved <= bound:
        return tell("{found}; proved: no plan of all courses moves fewer.", found=found)
    if not bound:
        return f"{found}."
    more = "{found}; any plan of all courses moves {bound} or more."
    return tell(more, found=found, bound=bound)


def _moves(change: Change) -> bool:
    before, after = change.before, change.after
    return before is not None and after is not None and utc(before.start) != utc(after.start)


def _call(
    n: int,
    call: Call,
    zone: tzinfo,
    names: Mapping[str, str],
    agenda: Agenda | None,
    speech: Language,
) -> Iterator[str]:
    tell = speech.tell
    called = names.get(call.course, call.course)
    who = call.name or call.person
    yield f"{n}. {who}" + ("" if called == who else f" ({called})")
    first: list[str] = []
    if call.escorts:
        first.append(tell("{escorts} for the ride home", escorts=call.escorts))
    if call.after:
        those = tuple(names.get(key, key) for key in call.after)
        first.append(tell("{people}, because this takes the time they free", people=those))
    if len(first) == 1:
        yield f"   {tell('first ask {whom}', whom=first[0])}"
    elif first:
        yield f"   {tell('first ask {whom}; then {others}', whom=first[0], others=first[1])}"
    for change in call.changes:
        yield f"   {_change(change, zone, agenda, speech)}"


def _change(change: Change, zone: tzinfo, agenda: Agenda | None, speech: Language) -> str:
    assert change.before is not None
    tell = speech.tell

    def at(moment: datetime) -> str:
        local = moment.astimezone(zone)
        return tell("{day} at {clock}", day=speech.day(local.date()), clock=local.time())

    title = change.title_before or change.title
    old = at(change.before.start)
    reason = change_reason(change, agenda, speech)
    because = f"{speech.colon} {reason}" if reason else ""
    if change.after is None:
        return tell("{visit}, {old}, is cancelled", visit=title, old=old) + because
    if _moves(change):
        new = at(change.after.start)
        return tell("{visit}, {old}, moves to {new}", visit=title, old=old, new=new) + because
    what = []
    if change.before.places != change.after.places:
        places = tuple(name for _, name in change.after.places)
        what.append(tell("in {places}", places=places))
    if change.before.escort != change.after.escort:
        escort = change.after.escort or tell("nobody")
        what.append(tell("with {escort} for the ride home", escort=escort))
    said = ", ".join(what) or tell("with another end or other staff")
    return tell("{visit}, {old}, stays, {what}", visit=title, old=old, what=said) + because


def _seat(change: Change, zone: tzinfo, speech: Language) -> str:
    assert change.after is not None
    local = change.after.start.astimezone(zone)
    tell = speech.tell
    return tell(
        "{visit}, {day} at {clock}, in {places}",
        visit=change.title,
        day=speech.day(local.date()),
        clock=local.time(),
        places=tuple(name for _, name in change.after.places) or tell("no place"),
    )
