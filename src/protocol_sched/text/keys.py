"""Keys of a rule that have no words of their own, so that none is missing from what is signed."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator, Sequence

import attrs

from protocol_sched.model.before_and_after import Notice
from protocol_sched.model.numbers import Band
from protocol_sched.model.rules import (
    Rule,
)
from protocol_sched.model.sentences import Sentence, told
from protocol_sched.model.spans import CalendarSpan, ElapsedSpan, SpanRange

_NEVER = frozenset({"source", "unverified", "safety"})


def with_more(rule: object, text: Sentence, said: Sequence[str]) -> Sentence:
    """Return a sentence, and after it the keys that have no words of their own."""
    for key in keys_of(rule, said):
        text = told("{text}; {more}", text=text, more=key)
    return text


def joined(parts: Iterable[Sentence]) -> Sentence | None:
    """Return parts with semicolons; ``None`` for no part."""
    found: Sentence | None = None
    for part in parts:
        found = part if found is None else told("{text}; {more}", text=found, more=part)
    return found


def keys_of(value: object, said: Sequence[str] = ()) -> Iterator[Sentence]:
    """Yield the keys of a value that differ from their default: ``if_it_happens: true``."""
    kind: type = type(value)
    for field in attrs.fields(kind):
        found = getattr(value, field.name)
        if field.name in said or field.name in _NEVER or found == field.default:
            continue
        if isinstance(found, Rule) or _of_rules(found):
            continue
        yield told("{key}: {value}", key=field.name.rstrip("_"), value=_value(found))


def _of_rules(value: object) -> bool:
    return isinstance(value, tuple) and any(isinstance(one, Rule) for one in value)


def _value(value: object) -> object:
    match value:
        case bool():
            return told("yes") if value else told("no")
        case enum.Enum():
            return str(value.value)
        case tuple() if not value:
            return told("none")
        case tuple():
            first, *others = map(_value, value)
            for other in others:
                first = told("{first}, {then}", first=first, then=other)
            return first
        case float() | CalendarSpan() | ElapsedSpan() | SpanRange() | Band() | Notice():
            return value
    kind: type = type(value)
    if attrs.has(kind) and kind.__str__ is object.__str__:
        return told("({keys})", keys=joined(keys_of(value)) or "")
    return str(value)
