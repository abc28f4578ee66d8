"""A protocol as a sheet to sign: each rule in words, with what is known of it."""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator, Sequence

import attrs

from protocol_sched.model.other_visits import OtherVisit
from protocol_sched.model.protocol import Protocol, Source, VisitType
from protocol_sched.model.rules import Rule, Separation
from protocol_sched.model.stages import Check, Stage
from protocol_sched.text.english.words import counted, listed
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
        *_of("before the visits", protocol.gates, protocol),
    ]
    for phase in protocol.phases:
        lines += _of(f"phase {phase.name}", [phase], protocol)
    lines += _of("other visits", protocol.other_visits, protocol)
    lines += _of("responses", protocol.adaptations, protocol)
    for kind in protocol.visit_types:
        lines += _visit_type(kind, protocol)
    return tuple(lines)


def _head(protocol: Protocol) -> Iterator[Line]:
    if protocol.month_end is not None:
        where = protocol.month_end.value.replace("_", " ")
        says = f"a date that its month does not have is on its {where}"
        if where == "next day":
            says = "a date that its month does not have is on the 1st of the next one"
        yield Line(part="the file", about="month end", says=says, standing=None)


def _of(part: str, rules: Sequence[Rule], protocol: Protocol) -> Iterator[Line]:
    for rule in rules:
        for one, owner in _with_inner(rule, None):
            says = rule_text(one)
            if isinstance(owner, Stage | OtherVisit):
                says = f"{owner.name}: {says}"
            if isinstance(one, Separation) and one.safety is None and one.least and one.most:
                says += "; the least distance is a safety rule, the greatest is not"
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
    part = f"visit type {kind.name}"
    rules: list[Rule] = [*kind.preparation, *kind.stages, *kind.cleaning]
    rules += [one for one in (kind.ride_home, kind.no_driving) if one is not None]
    yield from _of(part, [*rules, *kind.fasting, *kind.co_medications], protocol)
    said = {
        "weekdays": f"only on {listed(kind.weekdays, 'or')}" if kind.weekdays else "",
        "notice": f"{kind.notice} of notice" if kind.notice is not None else "",
        "note": kind.note,
    }
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

CONFIRM = (
    "Every line is to be confirmed by a clinician before the protocol is used. It says when, how "
    "far apart and who must be there; it holds no dose and no advice."
)
_STANDINGS = {
    Standing.FOUND: "found in a source",
    Standing.PARTLY: "found in part (the rest local)",
    Standing.LOCAL: "the clinic's own choice (local)",
    Standing.UNVERIFIED: "not checked in the source named (unverified)",
    Standing.MEMORY: "from memory",
}


def review_text(protocol: Protocol) -> str:
    """
    Return a protocol as a sheet to sign: every rule in words, where it is from, room for a tick.

    Ends with a line feed. Status comes first, sources last but the places for names and dates.
    """
    lines = review(protocol)
    sheet = [*_title(protocol), "", *wrapped(CONFIRM, ""), "", *wrapped(_sum(lines), "")]
    if protocol.unspecified:
        sheet += ["", "Open in the sources: what does this clinic do?", ""]
        for asks in protocol.unspecified:
            sheet += [*_ticked("[ ] ", asks), f"    {'_' * 60}"]
    part = ""
    for number, line in enumerate(lines, start=1):
        if line.part != part:
            sheet += ["", f"{line.part[:1].upper()}{line.part[1:]}", ""]
            part = line.part
        sheet += _ticked(f"[ ] {number:>2}. ", capital(line.says))
        sheet += wrapped(f"        {_from(line, protocol)}", "        ")
    if protocol.sources:
        sheet += ["", "Sources", ""]
        for key, source in protocol.sources:
            sheet += [*_ticked(f"[ ] {key}: ", f"{source.title}; {_read(source)}", 8)]
            sheet += [f"        {source.address}"] if source.address else []
    sheet += ["", "Signed", ""]
    for place in ("Name", "Date", "Signature"):
        sheet.append(f"    {place:<9}  {RULED}      {place:<9}  {RULED}")
        sheet.append("")
    return "\n".join(sheet).rstrip() + "\n"


def _title(protocol: Protocol) -> Iterator[str]:
    if status := status_text(protocol):
        yield from wrapped(status.upper(), "")
        yield ""
    yield from wrapped(protocol.title, "")
    yield from wrapped(f"{protocol.name}: {variant_text(protocol)}.", "")


def _sum(lines: Sequence[Line]) -> str:
    rules = [line for line in lines if line.standing is not None]
    parts = []
    for standing, words in _STANDINGS.items():
        if number := sum(line.standing is standing for line in rules):
            parts.append(f"{number} {words}")
    safety = sum(line.safety is True for line in rules)
    marked = f"{safety or 'none'} {'are safety rules' if safety > 1 else 'is a safety rule'}"
    return f"{counted(len(rules), 'rule')}: {listed(parts)}; {marked}."


def _from(line: Line, protocol: Protocol) -> str:
    """Return what is known of a rule: ``SAFETY. Found: alem (not read again).``."""
    if line.standing is None:
        return "No source."
    known = dict(protocol.sources)
    keys = []
    for key in line.sources:
        read = _read(known[key])
        if key in line.elsewhere:
            read = f"text of another country, {known[key].country}; {read}"
        keys.append(f"{key} ({read})")
    words = {
        Standing.FOUND: "Found",
        Standing.PARTLY: "Part is the clinic's own choice; found",
        Standing.LOCAL: "Local, the clinic's own choice",
        Standing.UNVERIFIED: "Unverified",
        Standing.MEMORY: "From memory, not checked",
    }[line.standing]
    text = f"{words}: {', '.join(keys)}" if keys else words
    if keys and line.unverified:
        text += f"; not checked: {', '.join(one.rstrip('_') for one in line.unverified)}"
    marks = {True: "SAFETY RULE. ", False: "Not a safety rule. ", None: ""}
    return f"{marks[line.safety]}{text}."


def _read(source: Source) -> str:
    return f"read {source.read_on}" if source.read_on else "not read again"


def _ticked(start: str, text: str, indent: int | None = None) -> list[str]:
    if not text.endswith((".", "?", "!")):
        text += "."
    return wrapped(f"{start}{text}", " " * (len(start) if indent is None else indent))


def capital(text: str) -> str:
    """Return a text that begins with a capital letter."""
    return f"{text[:1].upper()}{text[1:]}"
