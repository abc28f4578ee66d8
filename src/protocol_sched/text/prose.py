"""Sentences and reasons as lines of text, shared by all that people read on a screen."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from protocol_sched.model.agenda import Agenda, Spacing
from protocol_sched.model.causes import Asked, HorizonBegins, HorizonEnds
from protocol_sched.model.conflict import Conflict, Reason, as_read
from protocol_sched.model.schedule import Plan
from protocol_sched.text.language import Language
from protocol_sched.text.naming import Naming, Reader
from protocol_sched.text.privacy import Privacy
from protocol_sched.text.table import width

COLUMNS = 100
"""Sentences are wrapped at this width."""


def sentence(text: str, indent: str = "  ") -> Iterator[str]:
    """Yield a sentence with its capital and its full stop, wrapped."""
    end = "" if text.endswith((".", "?", "!", ":")) else "."
    yield from wrapped(f"{text[:1].upper()}{text[1:]}{end}", indent)


def wrapped(text: str, indent: str = "  ", columns: int = COLUMNS) -> list[str]:
    """Return lines of at most so many columns, those after the first one indented."""
    return textwrap.wrap(
        text,
        columns,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
        drop_whitespace=True,
    ) or [""]


def conflict_lines(
    conflicts: Sequence[Conflict], asked: Sequence[Asked], language: Language, names: Naming
) -> Iterator[str]:
    """
    Yield what cannot be done, the rules that stand in its way, and what if one gave way.

    Conflicts of a request with one rule each are told together: each of these stands in the way.
    """
    # What was asked for stands in the first sentence already.
    rest = [[one for one in conflict.reasons if one.rule not in asked] for conflict in conflicts]
    single = [reasons[0] for reasons in rest if asked and len(reasons) == 1]
    said = list(zip(conflicts, rest, strict=True))
    if asked:
        said.sort(key=lambda one: len(one[1]) != 1)
    yield from sentence(f"{language.impossible(conflicts[0], asked, names)}{language.colon}")
    if len(single) > 1:
        yield from reason_lines(single, language, names)
        yield from sentence(language.each_alone())
        said = [one for one in said if len(one[1]) != 1]
    for n, (conflict, reasons) in enumerate(said):
        if n or len(single) > 1:
            told = n + bool(len(single) > 1)
            yield from sentence(f"{language.further(conflict, told, names)}{language.colon}")
        if not reasons:
            requests = [one for one in asked if one in {why.rule for why in conflict.reasons}]
            yield from (f"  - {language.request(request, names)}" for request in requests)
            yield from sentence(language.exclude(len(requests)))
            continue
        yield from reason_lines(reasons, language, names)
        if not all(isinstance(one.rule, HorizonBegins | HorizonEnds) for one in reasons):
            each = [enough(line) for line in as_read(reasons)]
            if says := language.gives_way(each, conflict.minimal, n + 1 < len(said)):
                yield from sentence(says)


def scheduler_names(agenda: Agenda, language: Language) -> Naming:
    """Return what things are called to a scheduler, who is told all."""
    return Naming(
        agenda=agenda, reader=Reader.SCHEDULER, privacy=Privacy.FULL, plain=language.plain
    )


def plan_conflicts(plan: Plan, language: Language) -> Iterator[str]:
    """Yield a plan's conflicts with all that a scheduler is told."""
    yield from conflict_lines(plan.conflicts, (), language, scheduler_names(plan.agenda, language))


def reason_lines(
    reasons: Sequence[Reason], language: Language, names: Naming, indent: str = "  "
) -> Iterator[str]:
    """Yield one line for each rule, spacings of one rule of the protocol in one line."""
    lines = as_read(reasons)
    mixed = len({enough(line) for line in lines}) > 1
    for line in lines:
        first, last = line[0], line[-1].rule
        if len(line) > 1 and isinstance(first.rule, Spacing) and isinstance(last, Spacing):
            says = language.chain(first.rule, len(line), last.later, names)
        else:
            says = language.rule(first.rule, first.dates, names)
        if mixed and enough(line):
            says += f" [{language.alone()}]"
        yield from wrapped(f"{indent}- {says}", f"{indent}  ")


def enough(line: Sequence[Reason]) -> bool | None:
    """Return whether changing what one line says is enough; ``None`` where it is not known."""
    known = {one.enough for one in line}
    return known.pop() if len(known) == 1 else None


def labelled(heading: str, said: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Yield a heading and texts with their labels in a column; nothing where there are none."""
    if not said:
        return
    yield heading
    indent = max(width(label) for label, _ in said) + 4
    for label, text in said:
        first, *more = wrapped(text, "", COLUMNS - indent)
        yield f"  {label}" + " " * (indent - 2 - width(label)) + first
        yield from (" " * indent + line for line in more)
