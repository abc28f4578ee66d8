"""
English sentences that remember how they were made, so that other languages can say them too.

Dates, questions and late rows are put into words where they are found, long before anyone knows
who will read them. Such a text is a plain `str`, in English, wherever a program or a file wants
one; what it was made of stays with it, and `Language.said` says it in any language.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from typing import Any

import attrs


class Sentence(str):
    """
    A text made of a template and facts; equal to, and as good as, the plain English text.

    What a protocol and a clinic call things are facts too, as plain strings: no language touches
    them. Read back from a file it is a plain `str` and stays English.
    """

    __slots__ = ("facts", "template")

    template: str
    """In English, with a name in braces for each fact: ``{title} was given too soon``."""
    facts: Mapping[str, Any]

    def __new__(cls, template: str, facts: Mapping[str, Any]) -> Sentence:
        self = super().__new__(cls, template.format_map({k: plain(v) for k, v in facts.items()}))
        self.template = template
        self.facts = facts
        return self

    def __reduce__(self) -> tuple[type[Sentence], tuple[str, Mapping[str, Any]]]:
        return Sentence, (self.template, self.facts)


def told(template: str, /, **facts: Any) -> Sentence:
    """
    Return a sentence.

    Args:
        template: The same in every call for one thing to say: languages look it up.
        facts: Texts, numbers, dates, lengths and other sentences; tuples of these are lists.
    """
    return Sentence(template, facts)


def plain(fact: object) -> str:
    """Return a fact as it stands in English: dates as in files, ``a, b and c`` for a tuple."""
    match fact:
        case tuple():
            parts = [plain(one) for one in fact]
            return " and ".join(filter(None, [", ".join(parts[:-1]), *parts[-1:]]))
        case float():
            return f"{fact:g}"
        case time():
            return f"{fact:%H:%M}"
        case _:
            return str(fact)


class Nth(int):
    """A number as a place in a row: ``3rd``."""

    def __str__(self) -> str:
        ending = {1: "st", 2: "nd", 3: "rd"}.get(self % 10, "th")
        return f"{int(self)}{'th' if self % 100 in (11, 12, 13) else ending}"


@attrs.frozen
class Counted:
    """So many of a thing: ``3 visits``; what a clinic has under a name of its own counts too."""

    number: int
    thing: str
    """One of it, in English."""

    def __str__(self) -> str:
        return f"{self.number} {self.thing}{'' if self.number == 1 else 's'}"
