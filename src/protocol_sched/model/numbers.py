"""Numbers in a protocol: how many visits, which of them, and between which edges."""

from __future__ import annotations

import math
import re

import attrs

from protocol_sched.errors import InvalidValue
from protocol_sched.model.plain import as_tuple
from protocol_sched.model.references import require_least
from protocol_sched.model.typed import typed


@attrs.frozen(field_transformer=typed)
class Count:
    """How many: exactly ``6``, ``4 to 8``, or ``open`` (no end)."""

    least: int
    most: int | None

    def __attrs_post_init__(self) -> None:
        require_least(0, "count", "least", self.least)
        if self.most is not None and self.most < max(self.least, 1):
            raise InvalidValue("count", "most", str(self.most), f"{max(self.least, 1)} or more")

    @property
    def fixed(self) -> bool:
        """Tell whether the number is known from the protocol alone."""
        return self.least == self.most

    @classmethod
    def parse(cls, text: str) -> Count:
        """Read ``6``, ``4 to 8``, ``at least 4`` or ``open``."""
        if text == "open":
            return cls(0, None)
        if match := re.fullmatch(r"at least (\d{1,6})", text):
            return cls(int(match[1]), None)
        if match := re.fullmatch(r"(\d{1,6})(?: to (\d{1,6}))?", text):
            return cls(int(match[1]), int(match[2] or match[1]))
        raise InvalidValue("count", "text", repr(text), "such as 6, '4 to 8' or 'open'")

    def __str__(self) -> str:
        if self.most is None:
            return f"at least {self.least}" if self.least else "open"
        return str(self.least) if self.fixed else f"{self.least} to {self.most}"


ONE = Count(1, 1)


@attrs.frozen(field_transformer=typed)
class Ordinals:
    """Which visits of a run a rule is about: ``each``, ``first``, ``2, 5 to 7``, ``from 4``."""

    ranges: tuple[tuple[int, int | None], ...] = attrs.field(converter=as_tuple)

    def __contains__(self, ordinal: int) -> bool:
        return any(a <= ordinal and (b is None or ordinal <= b) for a, b in self.ranges)

    @classmethod
    def parse(cls, text: str) -> Ordinals:
        """Read the words above; visits are counted from 1."""
        if text == "each":
            return cls(((1, None),))
        if text == "first":
            return cls(((1, 1),))
        ranges: list[tuple[int, int | None]] = []
        for part in text.split(","):
            if match := re.fullmatch(r"\s*from (\d{1,6})\s*", part):
                ranges.append((int(match[1]), None))
            elif match := re.fullmatch(r"\s*(\d{1,6})(?: to (\d{1,6}))?\s*", part):
                ranges.append((int(match[1]), int(match[2] or match[1])))
            else:
                raise InvalidValue(
                    "visits", "text", repr(text), "such as 'each', 'first', '2, 5 to 7', 'from 4'"
                )
            a, b = ranges[-1]
            if a < 1 or (b is not None and b < a):
                raise InvalidValue("visits", "text", repr(text), "counted upwards from 1")
        return cls(ranges)

    def __str__(self) -> str:
        if self.ranges == ((1, None),):
            return "each"
        if self.ranges == ((1, 1),):
            return "first"
        words = [
            f"from {a}" if b is None else str(a) if a == b else f"{a} to {b}"
            for a, b in self.ranges
        ]
        return ", ".join(words)


EACH = Ordinals.parse("each")


FIRST = Ordinals.parse("first")


@attrs.frozen(kw_only=True, field_transformer=typed)
class Band:
    """Numbers between two edges, which say themselves whether they are included; no edge is any."""

    over: float | None = None
    at_least: float | None = None
    under: float | None = None
    up_to: float | None = None

    def __bool__(self) -> bool:
        return self != Band()

    def __str__(self) -> str:
        edges = {
            "over": self.over,
            "at least": self.at_least,
            "under": self.under,
            "up to": self.up_to,
        }
        words = [f"{word} {edge:g}" for word, edge in edges.items() if edge is not None]
        return " and ".join(words) or "any number"

    def holds(self, value: float) -> bool:
        """Tell whether a number lies in the band."""
        return not self.above(value) and not self.below(value)

    def above(self, value: float) -> bool:
        """Tell whether the whole band lies above a number."""
        return (self.over is not None and value <= self.over) or (
            self.at_least is not None and value < self.at_least
        )

    def below(self, value: float) -> bool:
        """Tell whether the whole band lies below a number."""
        return (self.under is not None and value >= self.under) or (
            self.up_to is not None and value > self.up_to
        )

    def overlaps(self, other: Band) -> bool:
        """Tell whether some number lies in both bands."""
        edges = [one for band in (self, other) for one in (band.over, band.at_least)]
        low = max((edge for edge in edges if edge is not None), default=-math.inf)
        edges = [one for band in (self, other) for one in (band.under, band.up_to)]
        high = min((edge for edge in edges if edge is not None), default=math.inf)
        return low < high or (low == high and self.holds(low) and other.holds(low))
