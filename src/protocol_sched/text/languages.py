"""The languages there are: the one place that a further one is entered in."""

from __future__ import annotations

from collections.abc import Mapping

from protocol_sched.text.english.language import English
from protocol_sched.text.french.language import French
from protocol_sched.text.german.language import German
from protocol_sched.text.language import Language

ENGLISH = English()
LANGUAGES: Mapping[str, Language] = {one.code: one for one in (ENGLISH, German(), French())}
"""By code. What one says stands in `text.language`; `mypy` names what a new one leaves out."""
