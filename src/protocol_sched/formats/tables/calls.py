"""Whom a clinic calls, as a table for spreadsheets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, tzinfo

from protocol_sched.formats.cells import table
from protocol_sched.model.calls import Call

HEAD = (
    *("order", "course", "person", "name", "visit", "old date", "old start"),
    *("new date", "new start", "reason", "ask first", "after"),
)


def calls_csv(calls: Sequence[Call], zone: tzinfo, names: Mapping[str, str]) -> str:
    """
    Return a row for each visit that people are called about, in the order of the calls.

    Args:
        zone: The clinic's, whose clock the times are read off.
        names: What each course is called here, by its key.
    """
    return table(HEAD, _rows(calls, zone, names))


def _rows(
    calls: Sequence[Call], zone: tzinfo, names: Mapping[str, str]
) -> Iterator[tuple[object, ...]]:
    for n, call in enumerate(calls, 1):
        for change in call.changes:
            yield (
                n,
                names.get(call.course, call.course),
                call.person,
                call.name,
                change.title,
                *_moment(change.before.start if change.before else None, zone),
                *_moment(change.after.start if change.after else None, zone),
                change.reason,
                "; ".join(call.escorts),
                "; ".join(names.get(key, key) for key in call.after),
            )


def _moment(moment: datetime | None, zone: tzinfo) -> tuple[str, str]:
    if moment is None:
        return "", ""
    local = moment.astimezone(zone)
    return local.date().isoformat(), f"{local:%H:%M}"
