"""Two protocols side by side: what the second has more, has not, and has differently."""

from __future__ import annotations

from collections.abc import Iterator

import attrs

from protocol_sched.model.protocol import Protocol
from protocol_sched.model.sentences import told
from protocol_sched.text.language import Language
from protocol_sched.text.languages import LANGUAGES
from protocol_sched.text.prose import wrapped
from protocol_sched.text.review import Line, Standing, capital, review
from protocol_sched.text.variant import status_text, variant_text

STANDING = {
    Standing.FOUND: told("found"),
    Standing.PARTLY: told("found in part"),
    Standing.LOCAL: told("local"),
    Standing.UNVERIFIED: told("unverified"),
    Standing.MEMORY: told("memory"),
}


@attrs.frozen(kw_only=True)
class Difference:
    """A rule that one of two protocols has, or that they have differently."""

    first: Line | None
    """``None`` where only the second has it."""
    second: Line | None
    """``None`` where only the first has it."""

    @property
    def what(self) -> str:
        """Return ``added``, ``missing`` or ``changed``, as seen from the first."""
        if self.first is None:
            return "added"
        return "missing" if self.second is None else "changed"


def differences(first: Protocol, second: Protocol) -> tuple[Difference, ...]:
    """
    Return which rules two protocols have differently, in their order.

    Rules of one kind in one place (the phase of that name, the visit type) are a pair: those that
    are alike first, then the others in their order. Which sources say it makes no difference; what
    is known of it and whether it is a safety rule do.
    """
    mine, theirs = _about_file(first) + review(first), _about_file(second) + review(second)
    left = list(theirs)
    found: list[Difference] = []
    alike: list[Line | None] = []
    for line in mine:
        same = next((one for one in left if _essence(one) == _essence(line)), None)
        if same is not None:
            left.remove(same)
        alike.append(same)
    for line, same in zip(mine, alike, strict=True):
        if same is None:
            place = (line.part, line.about)
            other = next((one for one in left if (one.part, one.about) == place), None)
            if other is not None:
                left.remove(other)
            found.append(Difference(first=line, second=other))
    found += [Difference(first=None, second=one) for one in left]
    return tuple(found)


def _essence(line: Line) -> Line:
    return attrs.evolve(line, sources=(), elsewhere=(), unverified=tuple(sorted(line.unverified)))


def _about_file(protocol: Protocol) -> tuple[Line, ...]:
    """Return what stands at the head of a file: which text it is, what is open; none is a pair."""
    said = [
        ("variant", variant_text(protocol)),
        ("status", status_text(protocol)),
        ("note", protocol.note),
        *((asks, told("open: {asks}", asks=asks)) for asks in protocol.unspecified),
    ]
    return tuple(
        Line(part=told("the file"), about=about, says=says, standing=None)
        for about, says in said
        if says
    )


def differences_text(
    first: Protocol, second: Protocol, names: tuple[str, str], *, language: str = "en"
) -> str:
    """
    Return in words what another protocol has more, has not, and has differently; rule by rule.

    Args:
        names: What the two are called: a name of the catalog, or a file.
        language: Its code, one of `LANGUAGES`.

    Raises:
        KeyError: There is no such language.
    """
    speech = LANGUAGES[language]
    tell = speech.tell
    found = differences(first, second)
    mine, theirs = names
    lines = [tell("{theirs} compared with {mine}", theirs=theirs, mine=mine)]
    if not found:
        return "\n".join([*lines, "", tell("No rule differs.")]) + "\n"
    places: dict[str, list[Difference]] = {}
    for one in found:
        line = one.first or one.second
        assert line is not None
        places.setdefault(line.part, []).append(one)
    for part, ones in places.items():
        lines += ["", capital(speech.said(part)), ""]
        for one in ones:
            lines += _difference(one, speech)
    counts = (
        ("added", "{number} added"),
        ("missing", "{number} missing"),
        ("changed", "{number} changed"),
    )
    said = []
    for what, template in counts:
        if number := sum(one.what == what for one in found):
            said.append(tell(template, number=number))
    lines += ["", tell("In {name}: {counts}.", name=theirs, counts=tuple(said))]
    return "\n".join(lines) + "\n"


def _difference(one: Difference, speech: Language) -> Iterator[str]:
    marks = [speech.tell("added"), speech.tell("missing"), speech.tell("changed")]
    now, wide = speech.tell("now"), max(map(len, marks))
    added, missing, changed = (f"  {mark:<{wide}}   " for mark in marks)
    if one.first is None:
        assert one.second is not None
        yield from wrapped(f"{added}{_whole(one.second, speech)}", " " * len(added))
    elif one.second is None:
        yield from wrapped(f"{missing}{_whole(one.first, speech)}", " " * len(added))
    else:
        yield from wrapped(f"{changed}{_whole(one.first, speech)}", " " * len(added))
        yield from wrapped(f"{now:>{wide + 3}}  {_whole(one.second, speech)}", " " * len(added))


def _whole(line: Line, speech: Language) -> str:
    """Return a rule with what is known of it: ``No driving ... (local)``."""
    memory = speech.said(STANDING[Standing.MEMORY])
    marks = [speech.said(STANDING[line.standing])] if line.standing is not None else []
    if line.unverified:
        keys = ", ".join(sorted(one.rstrip("_") for one in line.unverified))
        marks = [speech.tell("not checked: {keys}", keys=keys)]
        marks = [memory, *marks] if line.standing is Standing.MEMORY else marks
    if line.safety:
        marks.append(speech.tell("safety rule"))
    said = f" [{', '.join(marks)}]" if marks else ""
    return f"{capital(speech.said(line.says))}{said}"
