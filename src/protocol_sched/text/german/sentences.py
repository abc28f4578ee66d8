"""x"""

from collections.abc import Mapping

SENTENCES: Mapping[str, str] = {}
THINGS: Mapping[str, tuple[str, str]] = {}
