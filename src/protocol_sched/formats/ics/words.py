"""
Which words a reader of a calendar file may see, and in which every program reads them alike.

A file is kept from prying eyes by what is not written in it: an iCalendar ``CLASS`` is only a
wish. So every text passes through `place`, `safe` or `one_line` before it becomes a property.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from protocol_sched.errors import InvalidValue
from protocol_sched.text.privacy import Privacy, folded, tells, words_of


def place(text: str, privacy: Privacy, secrets: Iterable[str] = ()) -> str:
    """
    Return an address on one line without the parts that say too much.

    The parts are what commas, semicolons and line breaks separate:
    ``Infusion Center, Suite 100, 1 Main St`` becomes ``Suite 100, 1 Main St``.
    """
    if privacy is Privacy.FULL:
        return one_line(text.replace("\n", ", "))
    parts = [one_line(part) for part in re.split(r"[,;\r\n]+", safe(text))]
    hidden = tuple(secrets)
    kept = [part for part in parts if part and not tells(part, privacy, hidden)]
    if tells(", ".join(kept), privacy, hidden):
        # ``Roe, Jane`` tells a name though neither part does.
        names = set().union(*(words_of(folded(secret)) for secret in hidden))
        kept = [part for part in kept if not words_of(folded(part)) & names]
    return ", ".join(kept)


_COMPONENT = re.compile(r"\b(begin|end):(?=[a-z])", re.IGNORECASE)
_LINE_BREAKS = re.compile("\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
# Bidirectional overrides and isolates reorder what stands after them; the byte order mark and
# the rest of the list are invisible. Joiners stay: emoji and several scripts need them.
_INVISIBLE = re.compile("[\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb\ufffe\uffff]")


def safe(text: str) -> str:
    r"""
    Return text that every reader reads alike once escaped.

    Line breaks of any kind become line feeds, control characters go, a lone surrogate becomes
    U+FFFD. A backslash becomes a slash: icalendar writes ``\N`` as a line break, and many
    readers undo ``\\n`` as one. ``END:VEVENT`` gets a space, since one looks for it anywhere.
    """
    if text.isascii() and text.isprintable():
        return _COMPONENT.sub(r"\1: ", text.replace("\\", "/"))
    text = _LINE_BREAKS.sub("\n", text).replace("\t", " ").replace("\\", "/")
    text = _COMPONENT.sub(r"\1: ", _INVISIBLE.sub("", text))
    text = "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in text)
    return "".join(c for c in text if c == "\n" or unicodedata.category(c) != "Cc")


def one_line(text: str) -> str:
    """Return `safe` text on one line, white space at line breaks and ends made one space."""
    return " ".join(part.strip() for part in safe(text).split("\n") if part.strip())


_MAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?")


def is_mail_address(text: str) -> bool:
    """Tell whether a text is an e-mail address that is safe in a header and in a calendar."""
    return _MAIL.fullmatch(text) is not None


def mail_address(owner: str, field: str, text: str) -> str:
    """
    Return an e-mail address that is safe in a header and in a calendar.

    Raises:
        InvalidValue: It is none, or one only few programs can send to (quoted, or not ASCII).
    """
    if not is_mail_address(text):
        raise InvalidValue(owner, field, repr(text), "an e-mail address such as sam@example.org")
    return text
