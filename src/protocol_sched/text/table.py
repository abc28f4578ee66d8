"""Rows as lines of aligned columns, as a terminal shows them."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence


def width(text: str) -> int:
    """Return how many columns a terminal gives a text: wide letters take two, accents none."""
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    return len(text) + wide - sum(unicodedata.category(c) in ("Mn", "Me", "Cf") for c in text)


def columns(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Yield rows as lines of aligned columns, the first one underlined."""
    tidy = [tuple(" ".join(cell.splitlines()) for cell in row) for row in rows]
    widths = [max(map(width, column)) for column in zip(*tidy, strict=True)]
    for n, row in enumerate(tidy):
        yield "  ".join(c + " " * (w - width(c)) for c, w in zip(row, widths, strict=True)).rstrip()
        if n == 0:
            yield "  ".join("-" * w for w in widths)
