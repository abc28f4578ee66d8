"""A clinic planned anew in words: how many visits move, and whom to call in which order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, tzinfo

from protocol_sched.model.calls import Call
from protocol_sched.model.changes import Change
from protocol_sched.model.moments import utc
from protocol_sched.text.english.words import counted, date_text, listed


def clinic_replan_text(
    calls: Sequence[Call],
    moved: int,
    bound: int,
    zone: tzinfo,
    names: Mapping[str, str],
    helps: Mapping[str, str] | None = None,
) -> str:
    """
    Return what moves at a clinic and whom to call, in order.

    Args:
        moved: Visits that begin at another time than people know.
        bound: Visits that any plan of all courses moves at the least.
        zone: The clinic's.
        names: What each course is called here, by its key.
        helps: Of courses without a plan, by what they are called, what is said of them.
    """
    missing = {} if helps is None else helps
    blocks = [_head(moved, bound, calls, len(missing))]
    if calls:
        lines = ["Call in this order:"]
        for n, call in enumerate(calls, 1):
            lines += _call(n, call, zone, names)
        blocks.append("\n".join(lines))
    blocks += [f"{name}: {text.rstrip()}" for name, text in missing.items()]
    return "\n\n".join(blocks) + "\n"


def _head(moved: int, bound: int, calls: Sequence[Call], missing: int) -> str:
    if missing:
        without = counted(missing, "course")
        return f"{counted(moved, 'visit')} moved; no room was found for {without}."
    if not moved:
        return "Every visit stays where people know it." if not calls else "No visit moves."
    people = {call.course for call in calls if any(map(_moves, call.changes))}
    found = f"{counted(moved, 'visit')} of {counted(len(people), 'course')} moved"
    if moved <= bound:
        return f"{found}; proved: no plan of all courses moves fewer."
    if not bound:
        return f"{found}."
    return f"{found}; any plan of all courses moves {bound} or more."


def _moves(change: Change) -> bool:
    before, after = change.before, change.after
    return before is not None and after is not None and utc(before.start) != utc(after.start)


def _call(n: int, call: Call, zone: tzinfo, names: Mapping[str, str]) -> Iterator[str]:
    called = names.get(call.course, call.course)
    who = call.name or call.person
    yield f"{n}. {who}" + ("" if called == who else f" ({called})")
    first: list[str] = []
    if call.escorts:
        first.append(f"{listed(call.escorts)} for the ride home")
    if call.after:
        those = [names.get(key, key) for key in call.after]
        first.append(f"{listed(those)}, since this takes the room they leave")
    if first:
        yield f"   first ask {'; then '.join(first)}"
    for change in call.changes:
        yield f"   {_change(change, zone)}"


def _change(change: Change, zone: tzinfo) -> str:
    assert change.before is not None
    title = change.title_before or change.title
    old = _moment(change.before.start.astimezone(zone))
    because = f": {change.reason}" if change.reason else ""
    if change.after is None:
        return f"{title}, {old}, does not take place{because}"
    start = change.after.start.astimezone(zone)
    if _moves(change):
        return f"{title}, {old}, moves to {_moment(start)}{because}"
    what = []
    if change.before.places != change.after.places:
        what.append(f"in {listed([name for _, name in change.after.places])}")
    if change.before.escort != change.after.escort:
        what.append(f"with {change.after.escort or 'nobody'} for the ride home")
    said = ", ".join(what) or "with another end or other staff"
    return f"{title}, {old}, stays, {said}{because}"


def _moment(moment: datetime) -> str:
    return f"{date_text(moment.date())} at {moment:%H:%M}"
