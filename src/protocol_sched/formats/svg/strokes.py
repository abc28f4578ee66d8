"""The strokes of an SVG file: rectangles, lines and texts that fit."""

from __future__ import annotations

import unicodedata
from html import escape


def plain(text: str) -> str:
    """Return text on one line, without the characters that XML has no place for."""
    spaced = (" " if c.isspace() else c for c in text)
    kept = (c for c in spaced if unicodedata.category(c) not in ("Cc", "Cs"))
    return " ".join("".join(c for c in kept if c not in "\ufffe\uffff").split())


def said(text: str) -> str:
    return escape(plain(text), quote=False)


def number(value: float) -> str:
    """Return a coordinate with at most one decimal."""
    return f"{value:.1f}".removesuffix(".0")


def tooltip(text: str) -> str:
    return f"<title>{said(text)}</title>"


def rect(
    x: float, y: float, wide: float, high: float, fill: str, *, stroke: str = "", dash: str = ""
) -> str:
    edge = f' stroke="{stroke}"' if stroke else ""
    edge += f' stroke-dasharray="{dash}"' if dash else ""
    place = f'x="{number(x)}" y="{number(y)}" width="{number(wide)}" height="{number(high)}"'
    return f'<rect {place} fill="{fill}"{edge}/>'


def triangle(
    a: tuple[float, float], b: tuple[float, float], c: tuple[float, float], fill: str
) -> str:
    points = " ".join(f"{number(x)},{number(y)}" for x, y in (a, b, c))
    return f'<polygon points="{points}" fill="{fill}"/>'


def line(x1: float, y1: float, x2: float, y2: float, stroke: str) -> str:
    place = f'x1="{number(x1)}" y1="{number(y1)}" x2="{number(x2)}" y2="{number(y2)}"'
    return f'<line {place} stroke="{stroke}"/>'


def label(
    x: float,
    y: float,
    words: str,
    *,
    size: float,
    weight: str = "",
    fill: str = "",
    anchor: str = "",
    room: float | None = None,
) -> str:
    """Return a line of text, shortened where its room is too small for it."""
    marks = {
        "font-size": number(size),
        "font-weight": weight if weight != "normal" else "",
        "fill": fill,
        "text-anchor": anchor,
    }
    shown = "".join(f' {name}="{escape(mark)}"' for name, mark in marks.items() if mark)
    bold = 1.14 if weight == "bold" else 1.0
    fitting = words if room is None else fitted(words, size * bold, room)
    return f'<text x="{number(x)}" y="{number(y)}"{shown}>{said(fitting)}</text>'


def text_width(text: str, size: float) -> float:
    """Return how wide a text will be at most, whatever plain font is found."""
    wide = sum(unicodedata.east_asian_width(c) in "WF" for c in text)
    return size * (0.58 * (len(text) - wide) + wide)


def fitted(text: str, size: float, room: float) -> str:
    text = plain(text)
    if text_width(text, size) <= room:
        return text
    while text and text_width(text + "…", size) > room:
        text = text[:-1]
    return text.rstrip() + "…"
