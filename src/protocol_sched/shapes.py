"""What a visit needs: its stages laid end to end, and who or what is held during each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

import attrs

from protocol_sched.model.protocol import VisitType
from protocol_sched.model.rules import Stage


@attrs.frozen(eq=False)
class Shape:
    """
    What a visit needs of the calendars; visits of one shape share one value.

    Compared by identity, since it is the key under which a shape's sets are kept.
    """

    stages: tuple[Stage, ...]
    kind: VisitType
    escorted: bool

    @property
    def least(self) -> int:
        """Return minutes from arrival to the earliest discharge."""
        return sum(stage.least for stage in self.stages)

    @property
    def most(self) -> int:
        """Return minutes from arrival to the latest discharge."""
        return sum(stage.most for stage in self.stages)

    @property
    def no_driving(self) -> int | None:
        """Return minutes without driving after the discharge; ``None`` for the next day."""
        rule = self.kind.no_driving
        return None if rule is None or rule.hours is None else rule.hours.minutes


def stage_ranges(stages: Iterable[Stage]) -> Iterator[tuple[Stage, int, int, int, int]]:
    """Yield each stage with its earliest and latest start and end, in minutes from arrival."""
    start = start_by = 0
    for stage in stages:
        end, end_by = start + stage.least, start_by + stage.most
        yield stage, start, start_by, end, end_by
        start, start_by = end, end_by


def held(stages: Iterable[Stage]) -> dict[str, list[tuple[int, int, int]]]:
    """Return for each kind of place or staff the stretches ``(from, until, units)`` it is needed.

    In minutes from arrival; stretches may overlap, and then the largest need counts, since
    only one of the stages runs at a time.
    """
    needs: dict[str, list[tuple[int, int, int]]] = {}
    for stage, start, _, _, end_by in stage_ranges(stages):
        for kind, units in stage.needs:
            needs.setdefault(kind, []).append((start, end_by, units))
    return needs


def staff_profile(stretches: list[tuple[int, int, int]]) -> Iterator[tuple[int, int, int]]:
    """Yield ``(from, until, units)`` without overlaps, the largest need at each minute."""
    edges = sorted({edge for start, end, _ in stretches for edge in (start, end)})
    for start, end in pairwise(edges):
        units = max((u for a, b, u in stretches if a <= start and end <= b), default=0)
        if units:
            yield start, end, units
