"""Cells of tables that spreadsheets open: no text in one is run as a formula."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence


def table(columns: Sequence[str], rows: Iterable[Iterable[object]]) -> str:
    """Return a table as CSV; lines end with CRLF, as RFC 4180 wants."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([[cell(value) for value in row] for row in rows])
    return text.getvalue()


def cell(value: object) -> str:
    """
    Return a value as a cell that no spreadsheet takes for a formula: a text that begins with one
    of ``= + - @`` gets an apostrophe before it. Spaces and line ends in it become one space.
    """
    written = " ".join(str(value).split())
    harmless = not isinstance(value, str) or not re.match(r"[=+\-@]", written)
    return written if harmless else f"'{written}"
