"""A protocol as a sheet to sign: each rule in words, with what is known of it."""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator, Sequence

import attrs

from protocol_sched.model.other_visits import OtherVisit
from protocol_sched.model.protocol import Protocol, Source, VisitType
from protocol_sched.model.rules import Rule, Separation
from protocol_sched.model.sentences import Sentence, told
from protocol_sched.model.spans import MonthEnd
from protocol_sched.model.stages import Check, Stage
from protocol_sched.text.cadences import WEEKDAY
from protocol_sched.text.language import Language
from protocol_sched.text.languages import LANGUAGES
from protocol_sched.text.prose import wrapped
from protocol_sched.text.protocol_rules import rule_text
from protocol_sched.text.variant import status_text, variant_text

MEMORY, LOCAL = "memory", "local"

RULED = "_" * 28


class Standing(enum.Enum):
    """What is known of where a rule comes from, the most certain first."""

    FOUND = "found"
    """It was read in a source."""
    PARTLY = "found in part"
    """Part of it was read in a source, and the rest is the clinic's own choice."""
    LOCAL = "local"
    """It is the clinic's own choice."""
    UNVERIFIED = "unverified"
    """A source is named, and part of it was not checked there."""
    MEMORY = "memory"
    """It was not read anywhere."""


@attrs.frozen(kw_only=True)
class Line:
    """One rule of a protocol, as a person signs it."""

    part: str
    """What it belongs to: ``phase induction``, ``visit type infusion``."""
    about: str
    """What kind of rule it is, with its name if it has one: ``separation``, ``gate vaccine``."""
    says: str
    standing: Standing | None
    """``None`` for what is no rule and has no source, such as a note."""
    sources: tuple[str, ...] = ()
    unverified: tuple[str, ...] = ()
    """Which of its keys were not checked."""
    elsewhere: tuple[str, ...] = ()
    """Sources that show another country's text than the file is for."""
    safety: bool | None = None
    """Whether it is a safety rule; ``None`` where its kind cannot be marked as one."""


def review(protocol: Protocol) -> tuple[Line, ...]:
    """Return every rule of a protocol in the order of a course: tests, visits, what they are."""
    lines = [
        *_head(protocol),
        *_of(told("before the visits"), protocol.gates, protocol),
    ]
    for phase in protocol.phases:
        lines += _of(told("phase {name}", name=phase.name), [phase], protocol)
    lines += _of(told("other visits"), protocol.other_visits, protocol)
    lines += _of(told("responses"), protocol.adaptations, protocol)
    for kind in protocol.visit_types:
        lines += _visit_type(kind, protocol)
    return tuple(lines)


def _head(protocol: Protocol) -> Iterator[Line]:
    if protocol.month_end is not None:
        says = {
            MonthEnd.LAST_DAY: told("a date that its month does not have is on its last day"),
            MonthEnd.NEXT_DAY: told(
                "a date that its month does not have is on the 1st of the next one"
            ),
        }[protocol.month_end]
        yield Line(part=told("the file"), about="month end", says=says, standing=None)


def _of(part: str, rules: Sequence[Rule], protocol: Protocol) -> Iterator[Line]:
    for rule in rules:
        for one, owner in _with_inner(rule, None):
            says: Sentence = rule_text(one)
            if isinstance(owner, Stage | OtherVisit):
                says = told("{name}: {says}", name=owner.name, says=says)
            if isinstance(one, Separation) and one.safety is None and one.least and one.most:
                more = "{text}; the least distance is a safety rule, the greatest is not"
                says = told(more, text=says)
            yield Line(
                part=part,
                about=_about(one),
                says=says,
                standing=standing_of(one),
                sources=tuple(key for key in _keys(one) if key not in (MEMORY, LOCAL)),
                unverified=one.unverified,
                elsewhere=tuple(source_elsewhere(one, protocol)),
                safety=_safety(one),
            )


def _visit_type(kind: VisitType, protocol: Protocol) -> Iterator[Line]:
    part = told("visit type {name}", name=kind.name)
    rules: list[Rule] = [*kind.preparation, *kind.stages, *kind.cleaning]
    rules += [one for one in (kind.ride_home, kind.no_driving) if one is not None]
    yield from _of(part, [*rules, *kind.fasting, *kind.co_medications], protocol)
    said: dict[str, str] = {"weekdays": "", "notice": "", "note": kind.note}
    if kind.weekdays:
        first, *others = (WEEKDAY[one] for one in kind.weekdays)
        for other in others[:-1]:
            first = told("{first}, {then}", first=first, then=other)
        days = told("{first} or {last}", first=first, last=others[-1]) if others else first
        said["weekdays"] = told("only on {weekdays}", weekdays=days)
    if kind.notice is not None:
        said["notice"] = told("{notice} of notice", notice=kind.notice)
    for about, says in said.items():
        if says:
            yield Line(part=part, about=about, says=says, standing=None)


def _with_inner(rule: Rule, owner: Rule | None) -> Iterator[tuple[Rule, Rule | None]]:
    """Yield a rule and those inside it, each with the one it belongs to."""
    yield rule, owner
    for field in attrs.fields(type(rule)):
        value = getattr(rule, field.name)
        for inner in value if isinstance(value, tuple) else (value,):
            if isinstance(inner, Rule):
                yield from _with_inner(inner, rule)


def _about(rule: Rule) -> str:
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(rule).__name__).lower()
    name = getattr(rule, "name", None) or getattr(rule, "what", None)
    return f"{words} {name}" if name else words


def _keys(rule: Rule) -> tuple[str, ...]:
    return tuple(re.split(r",\s*", rule.source))


def standing_of(rule: Rule) -> Standing:
    """Return what is known of where a rule comes from."""
    keys = set(_keys(rule))
    if keys - {MEMORY, LOCAL}:
        if rule.unverified or MEMORY in keys:
            return Standing.UNVERIFIED
        return Standing.PARTLY if LOCAL in keys else Standing.FOUND
    if MEMORY in keys:
        return Standing.MEMORY
    return Standing.UNVERIFIED if rule.unverified else Standing.LOCAL


def source_elsewhere(rule: Rule, protocol: Protocol) -> Iterator[str]:
    """Yield the sources of a rule that show another country's text than the file is for."""
    known = dict(protocol.sources)
    for key in _keys(rule):
        country = known[key].country if key in known else ""
        if country and protocol.variant.country and country != protocol.variant.country:
            yield key


def _safety(rule: Rule) -> bool | None:
    if isinstance(rule, Separation) and rule.safety is None:
        return rule.least is not None
    marked = getattr(rule, "safety", None)
    if isinstance(rule, Stage | Check):
        return marked or None  # a check-in is neither a safety rule nor in question
    return marked if isinstance(marked, bool) else None


# --- the sheet -------------------------------------------------------------------------------

CONFIRM = told(
    "Every line is to be confirmed by a clinician before the protocol is used. It says when, how "
    "far apart and who must be there; it holds no dose and no advice."
)
_STANDINGS = {
    Standing.FOUND: told("found in a source"),
    Standing.PARTLY: told("found in part (the rest local)"),
    Standing.LOCAL: told("the clinic's own choice (local)"),
    Standing.UNVERIFIED: told("not checked in the source named (unverified)"),
    Standing.MEMORY: told("from memory"),
}


def review_text(protocol: Protocol, *, language: str = "en") -> str:
    """
    Return a protocol as a sheet to sign: every rule in words, where it is from, room for a tick.

    Ends with a line feed. Status comes first, sources last but the places for names and dates.

    Args:
        language: Its code, one of `LANGUAGES`. What a protocol and its sources call things, and
            notes, stay as they are.

    Raises:
        KeyError: There is no such language.
    """
    speech = LANGUAGES[language]
    tell = speech.tell
    lines = review(protocol)
    sheet = [*_title(protocol, speech), "", *wrapped(speech.said(CONFIRM), ""), ""]
    sheet += wrapped(_sum(lines, speech), "")
    if protocol.unspecified:
        sheet += ["", tell("Open in the sources: what does this clinic do?"), ""]
        for asks in protocol.unspecified:
            sheet += [*_ticked("[ ] ", asks), f"    {'_' * 60}"]
    part = ""
    for number, line in enumerate(lines, start=1):
        if line.part != part:
            sheet += ["", capital(speech.said(line.part)), ""]
            part = line.part
        sheet += _ticked(f"[ ] {number:>2}. ", capital(speech.said(line.says)))
        sheet += wrapped(f"        {_from(line, protocol, speech)}", "        ")
    if protocol.sources:
        sheet += ["", tell("Sources"), ""]
        for key, source in protocol.sources:
            read = _read(source, speech)
            said = source.title if read in source.title else f"{source.title}; {read}"
            sheet += [*_ticked(f"[ ] {key}: ", said, 8)]
            sheet += [f"        {source.address}"] if source.address else []
    sheet += ["", tell("Signed"), ""]
    places = (tell("Name"), tell("Date"), tell("Signature"))
    wide = max(map(len, places))
    for place in places:
        sheet.append(f"    {place:<{wide}}  {RULED}      {place:<{wide}}  {RULED}")
        sheet.append("")
    return "\n".join(sheet).rstrip() + "\n"


def _title(protocol: Protocol, speech: Language) -> Iterator[str]:
    if status := status_text(protocol, language=speech.code):
        yield from wrapped(status.upper(), "")
        yield ""
    yield from wrapped(protocol.title, "")
    variant = variant_text(protocol, language=speech.code)
    yield from wrapped(f"{protocol.name}{speech.colon} {variant}.", "")


def _sum(lines: Sequence[Line], speech: Language) -> str:
    rules = [line for line in lines if line.standing is not None]
    parts = []
    for standing, words in _STANDINGS.items():
        if number := sum(line.standing is standing for line in rules):
            parts.append(f"{number} {speech.said(words)}")
    safety = sum(line.safety is True for line in rules)
    template = "{rules}: {standings}; {number} are safety rules."
    if safety == 1:
        template = "{rules}: {standings}; {number} is a safety rule."
    if not safety:
        template = "{rules}: {standings}; none is a safety rule."
    all_of = speech.counted(len(rules), "rule")
    return speech.tell(template, rules=all_of, standings=tuple(parts), number=safety)


_WORDS = {
    Standing.FOUND: told("Found"),
    Standing.PARTLY: told("Part is the clinic's own choice; found"),
    Standing.LOCAL: told("Local, the clinic's own choice"),
    Standing.UNVERIFIED: told("Unverified"),
    Standing.MEMORY: told("From memory, not checked"),
}
_MARKS = {True: told("SAFETY RULE. "), False: told("Not a safety rule. "), None: ""}


def _from(line: Line, protocol: Protocol, speech: Language) -> str:
    """Return what is known of a rule: ``SAFETY. Found: alem (not read again).``."""
    tell = speech.tell
    if line.standing is None:
        return tell("No source.")
    known = dict(protocol.sources)
    keys = []
    for key in line.sources:
        read = _read(known[key], speech)
        if key in line.elsewhere:
            country = known[key].country
            read = tell("text of another country, {country}; {read}", country=country, read=read)
        keys.append(f"{key} ({read})")
    words = speech.said(_WORDS[line.standing])
    text = f"{words}{speech.colon} {', '.join(keys)}" if keys else words
    if keys and line.unverified:
        unchecked = ", ".join(one.rstrip("_") for one in line.unverified)
        text += tell("; not checked: {keys}", keys=unchecked)
    return f"{speech.said(_MARKS[line.safety])}{text}."


def _read(source: Source, speech: Language) -> str:
    if source.read_on:
        return speech.tell("read {on}", on=str(source.read_on))
    return speech.tell("not read again")


def _ticked(start: str, text: str, indent: int | None = None) -> list[str]:
    if not text.endswith((".", "?", "!")):
        text += "."
    return wrapped(f"{start}{text}", " " * (len(start) if indent is None else indent))


def capital(text: str) -> str:
    """Return a text that begins with a capital letter."""
    return f"{text[:1].upper()}{text[1:]}"
