"""
Earlier spellings that are still understood: the one table, and what lets values follow it.

Files, keywords, attributes and names keep working as they were first written; whatever is written
now has the present spelling. Giving both spellings of one thing is refused. No module but this
one knows an earlier spelling.
"""

from __future__ import annotations

import enum
import functools
import re
from collections.abc import Callable, Iterable, Mapping
from importlib import import_module
from operator import attrgetter
from typing import Any, TypeVar

import attrs

from protocol_sched.errors import InvalidValue

_T = TypeVar("_T", bound=Callable[..., Any])

FIELDS: Mapping[str, Mapping[str, str]] = {
    "Change": {"known_as": "title_before"},
    "Clinic": {"grid": "start_every"},
    "Commitment": {"driving": "needs_driving"},
    "Course": {"start": "not_before", "start_within": "first_treatment_within"},
    "Escort": {"free": "available"},
    "EscortHours": {"free": "available"},
    "Gate": {"lead": "min_age"},
    "LastNotice": {"told": "notice", "withdrawn": "cancelled"},
    "Otherwise": {"wish": "request"},
    "Protocol": {"milestones": "other_visits"},
    "RideAtRisk": {"confirm_by": "confirm_before"},
    "RideHome": {"confirm_by": "confirm_before"},
    "Schedule": {"kept": "slacks"},
    "Tier": {"grid_at_least": "original_at_least"},
    "VisitType": {"companions": "co_medications"},
    "Why": {"kept": "slacks"},
    "who_can_take": {"opening": "freed"},
}
"""By class or function: a key, keyword or attribute as it was, and as it is now."""

VALUES: Mapping[str, Mapping[str, str]] = {
    "MonthEnd": {"clamp": "last_day"},
    "Then": {"grid": "original dates"},
    "Reference": {"grid": "original dates"},
    "rule": {"milestone": "other visit"},
}
"""By enumeration, form of text, or key: a value in files as it was, and as it is now."""

MEMBERS: Mapping[str, Mapping[str, str]] = {
    "MonthEnd": {"CLAMP": "LAST_DAY"},
    "Then": {"GRID": "ORIGINAL_DATES"},
}
"""By enumeration: a member as it was called, and as it is called now."""

NAMES: Mapping[str, tuple[str, str]] = {
    "AsKnown": ("protocol_sched.model.causes", "AsAnnounced"),
    "AtRisk": ("protocol_sched.judge.rides", "RideAtRisk"),
    "Ceased": ("protocol_sched.model.course", "Discontinued"),
    "Companion": ("protocol_sched.model.before_and_after", "CoMedication"),
    "Kept": ("protocol_sched.model.schedule", "Slack"),
    "Known": ("protocol_sched.model.last_notice", "LastNotice"),
    "Milestone": ("protocol_sched.model.other_visits", "OtherVisit"),
    "Opening": ("protocol_sched.clinic.waiting", "FreedPlace"),
    "OriginalGrid": ("protocol_sched.model.references", "OriginalDates"),
    "StartGrid": ("protocol_sched.model.causes", "StartTimes"),
    "Told": ("protocol_sched.model.course", "Notified"),
    "Wish": ("protocol_sched.model.causes", "Request"),
    "Withdrawn": ("protocol_sched.model.course", "Cancelled"),
    "at_risk": ("protocol_sched.judge.rides", "rides_at_risk"),
    "compliance": ("protocol_sched.judge.verdicts", "judge_history"),
    "known": ("protocol_sched.model.last_notice", "last_notices"),
    "once_told": ("protocol_sched.model.notifying", "once_notified"),
    "telling": ("protocol_sched.model.notifying", "notice_of"),
    "tellings": ("protocol_sched.model.notifying", "notifications"),
}
"""A class or function as it was called: the module it is in, and its name there now."""

FLAGS: Mapping[str, Mapping[str, str]] = {
    "explain": {"--wish": "--request"},
    "replan": {"--before": "--previous"},
}
"""By command: a flag of the command line as it was, and as it is now."""


def fields_now(of: str, keys: Iterable[str]) -> dict[str, str]:
    """Return, of the keys of a class's record, those that are earlier names, with those now."""
    names = FIELDS.get(of, {})
    return {key: names[key] for key in keys if key in names}


def kind_now(kind: str) -> str:
    """Return the words of a class, such as ``start times``, in their present spelling."""
    return {words(earlier): words(now) for earlier, (_, now) in NAMES.items()}.get(kind, kind)


def words(name: str) -> str:
    """Return a class name in lower-case words: ``NextWorkingDay`` is ``next working day``."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()


def value_now(of: str, found: Any) -> Any:
    """Return a value in its present spelling; what was never spelled otherwise stays."""
    return VALUES.get(of, {}).get(found, found) if isinstance(found, str) else found


def rule_now(kind: str) -> str:
    """Return a kind of rule, such as ``separation``, in its present spelling."""
    now: str = value_now("rule", kind)
    return now


def keeps_former(kind: _T) -> _T:
    """
    Let a class or function still take the earlier names of its fields, and answer to them.

    A class answers to them as attributes, an enumeration also to its members' earlier values.

    Raises:
        InvalidValue: Both names of one field were given, when it is called.
    """
    names = FIELDS.get(kind.__name__, {})
    if isinstance(kind, enum.EnumType):
        for earlier, now in MEMBERS[kind.__name__].items():
            setattr(kind, earlier, kind[now])
        for was, value in VALUES[kind.__name__].items():
            kind._value2member_map_[was] = kind(value)
        return kind
    if not isinstance(kind, type):
        return _taking(kind, names, kind.__name__)
    for earlier, now in names.items():
        setattr(kind, earlier, property(attrgetter(now), doc=f"Earlier name of ``{now}``."))
    # A value changed by `attrs.evolve` gives all its fields, so there an earlier name says more.
    every = frozenset(field.alias for field in attrs.fields(kind) if field.init)
    init = getattr(kind, "__init__")  # noqa: B009  # a plain look-up is unsound for a type checker
    setattr(kind, "__init__", _taking(init, names, kind.__name__, every))  # noqa: B010
    return kind


def _taking(
    called: _T, names: Mapping[str, str], owner: str, every: frozenset[str] = frozenset()
) -> _T:
    @functools.wraps(called)
    def wrapper(*args: Any, **given: Any) -> Any:
        if not names.keys().isdisjoint(given):
            evolved = bool(every) and every <= given.keys()
            for earlier in names.keys() & given.keys():
                now = names[earlier]
                if now in given and not evolved:
                    wanted = f"given once; {earlier!r} is its earlier name"
                    raise InvalidValue(owner, now, f"both {earlier!r} and {now!r}", wanted)
                given[now] = given.pop(earlier)
        return called(*args, **given)

    return wrapper  # type: ignore[return-value]  # the same, called in one way more


def names_of(module: str) -> Callable[[str], Any]:
    """
    Return a ``__getattr__`` that knows what a module holds by earlier names.

    A module that was called otherwise has one too, and gives what the present one holds.
    """

    def named(name: str) -> Any:
        home, now = NAMES.get(name, (module, name))
        if home != module or now not in vars(import_module(module)):
            raise AttributeError(f"module {module!r} has no attribute {name!r}")
        return getattr(import_module(module), now)

    return named
