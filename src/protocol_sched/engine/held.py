"""What a visit needs of places and staff: its stages end to end, and what each holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import pairwise

from protocol_sched.model.around import Task
from protocol_sched.model.availability import Clinic
from protocol_sched.model.stages import Stage


def stage_ranges(stages: Iterable[Stage]) -> Iterator[tuple[Stage, int, int, int, int]]:
    """Yield each stage with its earliest and latest start and end, in minutes from arrival."""
    start = start_by = 0
    for stage in stages:
        end, end_by = start + stage.least, start_by + stage.most
        yield stage, start, start_by, end, end_by
        start, start_by = end, end_by


Profile = tuple[tuple[int, int, int], ...]
"""Stretches ``(from, until, units)`` in order, in minutes from arrival, apart from one another."""


def held(
    stages: Iterable[Stage], tasks: Iterable[Task], clinic: Clinic | None
) -> dict[str, Profile]:
    """
    Return for each kind of place or staff how much of it is needed when, in shares of one.

    Without a clinic each takes the whole of one.

    Where stages may run at the same minute the largest need counts, since only one of them does.
    What is done without the person goes on beside them, and its needs are added.
    """
    needs: dict[str, list[tuple[int, int, int]]] = {}
    beside: dict[str, list[tuple[int, int, int]]] = {}
    for stage, start, _, _, end_by in stage_ranges(stages):
        for kind, units in stage.needs:
            share = units if clinic is None else units * clinic.share(kind, stage.name)
            needs.setdefault(kind, []).append((start, end_by, share))
    for task in tasks:
        for kind, units in task.work.needs:
            share = units if clinic is None else units * clinic.share(kind, task.work.name)
            beside.setdefault(kind, []).append((task.start, task.end, share))
    return {
        kind: tuple(profile(needs.get(kind, []), beside.get(kind, [])))
        for kind in (*needs, *(kind for kind in beside if kind not in needs))
    }


def profile(
    needs: list[tuple[int, int, int]], beside: list[tuple[int, int, int]]
) -> Iterator[tuple[int, int, int]]:
    """Yield how much is needed when of what stages need one at a time and work beside them."""
    edges = sorted({edge for start, end, _ in (*needs, *beside) for edge in (start, end)})
    for start, end in pairwise(edges):
        units = max((u for a, b, u in needs if a <= start and end <= b), default=0)
        units += sum(u for a, b, u in beside if a <= start and end <= b)
        if units:
            yield start, end, units


def whole(profile: Profile) -> tuple[int, int]:
    """Return from when until when a kind is held, the time between two needs included."""
    return profile[0][0], profile[-1][1]
