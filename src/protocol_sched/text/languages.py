"""The languages there are: the one place that a further one is entered in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

from protocol_sched.text.english.language import English
from protocol_sched.text.language import Language

ENGLISH = English()
_CODES = ("en", "de", "fr")


@cache
def _language(code: str) -> Language:
    # A program speaks one language, as a rule: the others are loaded when they are spoken.
    match code:
        case "en":
            return ENGLISH
        case "de":
            from protocol_sched.text.german.language import German

            return German()
        case "fr":
            from protocol_sched.text.french.language import French

            return French()
        case _:
            raise KeyError(code)


class _Languages(Mapping[str, Language]):
    def __getitem__(self, code: str) -> Language:
        return _language(code)

    def __iter__(self) -> Iterator[str]:
        return iter(_CODES)

    def __len__(self) -> int:
        return len(_CODES)


LANGUAGES: Mapping[str, Language] = _Languages()
"""By code. What one says stands in `text.language`; `mypy` names what a new one leaves out."""
