"""What the real study designs hold, counted by hand: nothing more and nothing less is read."""

from __future__ import annotations

import json
from collections import Counter
from time import process_time

import pytest

from protocol_sched.errors import InvalidDocument
from protocol_sched.formats.usdm.protocols import read_usdm
from protocol_sched.model.spans import ElapsedSpan
from test_usdm import DIABETES, OBSERVATIONAL, PILOT, WILSONS, design, here, parts, without

MAIN = "Main Timeline"
TIMELINES = {
    PILOT: {
        MAIN: (16, 10),
        "Adverse Event Timeline": (1, 0),
        "Early Termination Timeline": (1, 0),
        "Vital Sign Blood Pressure Timeline": (4, 0),
    },
    WILSONS: {
        MAIN: (50, 2),
        "Adverse Event Timeline": (1, 0),
        "Early Termination Timeline": (1, 0),
        "PKPD Timeline": (11, 1),
        "Unscheduled Timeline": (1, 0),
    },
    DIABETES: {MAIN: (7, 3), "Hypoinduction": (3, 0), "Treatment Phase": (13, 0)},
    OBSERVATIONAL: {MAIN: (6, 4)},
}
"""Of each timeline the visits, one for each moment, and the windows."""


@here
@pytest.mark.parametrize("name", TIMELINES)
def test_every_timeline_has_its_visits_and_windows(name: str) -> None:
    for line, counted in TIMELINES[name].items():
        found = read_usdm(design(name), timeline=line)
        rules = found.protocol.other_visits
        windows = sum(one.tolerance is not None for one in rules)
        assert (len({*found.names.values()}), windows) == counted, line


@here
@pytest.mark.parametrize(
    ("name", "below_a_day"), [(PILOT, 1), (WILSONS, 0), (DIABETES, 0), (OBSERVATIONAL, 1)]
)
def test_windows_below_a_day_are_windows(name: str, below_a_day: int) -> None:
    rules = read_usdm(design(name)).protocol.other_visits
    windows = [one.tolerance for one in rules if one.tolerance is not None]
    hours = [one for one in windows if isinstance(one.before, ElapsedSpan)]
    assert len(hours) == below_a_day


@here
@pytest.mark.parametrize(
    ("name", "line", "told"),
    [
        (PILOT, MAIN, {"end to start": 2, "timeline in a visit": 1}),
        # One that only an early termination calls for.
        (PILOT, "Early Termination Timeline", {"end to start": 2, "timeline in a visit": 2}),
        (WILSONS, MAIN, {"loop": 1, "timeline in a visit": 1}),
        (WILSONS, "PKPD Timeline", {"window in words alone": 1, "decision of another timeline": 1}),
        (DIABETES, MAIN, {"timeline in a visit": 2}),
        (OBSERVATIONAL, MAIN, {"decision": 1}),
    ],
)
def test_what_a_protocol_holds_otherwise_is_told_with_its_place(
    name: str, line: str, told: dict[str, int]
) -> None:
    found = read_usdm(design(name), timeline=line)
    kinds = (
        *("end to start", "timeline in a visit", "loop", "decision", "window in words alone"),
        *("unreadable window", "second timing", "decision of another timeline"),
    )
    assert Counter(note.kind for note in found.notes if note.kind in kinds) == told
    assert all(note.where for note in found.notes)


@here
@pytest.mark.parametrize("name", TIMELINES)
def test_a_design_is_read_in_under_50_ms(name: str) -> None:
    text = design(name)
    spent = []
    for _ in range(5):
        began = process_time()
        read_usdm(text)
        spent.append(process_time() - began)
    assert min(spent) < 0.05


@here
@pytest.mark.parametrize("name", TIMELINES)
def test_no_window_condition_or_branch_can_be_dropped_without_a_trace(name: str) -> None:
    """All of them; timings are drawn from, in `test_usdm`."""
    document, whole = json.loads(design(name)), read_usdm(design(name))
    dropped = 0
    for what, path in parts(document):
        if path[-2] == "timings":
            continue
        try:
            found = read_usdm(without(document, path))
        except InvalidDocument:
            continue
        assert (found.protocol, found.notes) != (whole.protocol, whole.notes), what
        dropped += 1
    assert dropped >= 4
