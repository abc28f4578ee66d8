"""
Made-up files of other standards, as long as is asked: ``python tests/fuzz_standards.py MINUTES``.

Study designs, plan definitions and schedules as CSV are drawn without regard for sense: circles,
names and timings twice, references to nothing, units nobody has. What may come of reading one is
`InvalidDocument`, or a protocol that is written to a file and read back the same, gives dates, and
stands beside notes that have every number it does not hold; never another error, never a second.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from typing import Any

from protocol_sched.errors import InvalidDocument
from protocol_sched.expansion import expand
from protocol_sched.formats.documents.documents import protocol_to_dict, read_protocol, write_toml
from protocol_sched.formats.fhir.plans import WINDOW, write_plan_definition
from protocol_sched.formats.fhir.protocols import read_plan_definition
from protocol_sched.formats.tables.reading import read_schedule_csv
from protocol_sched.formats.usdm.protocols import read_usdm
from protocol_sched.formats.usdm.writing import write_usdm
from protocol_sched.model.course import Course, Pinned
from protocol_sched.model.imported import Imported

MOST_SECONDS = 1.0
Draw = random.Random

# --- study designs ----------------------------------------------------------------------------

_DURATIONS = (
    *("P1D", "P2W", "PT0M", "P0D", "PT1H", "PT30M", "P28D", "P1M", "P1Y", "PT30S", "", "x"),
    *("-P1D", "PT1.5H", "P7DT0H", "PT24H", "P1DT2H"),
)
_SIDES = (None, None, "", "P1D", "P0D", "PT4H", "PT0M", "x", "-P1D", "P1W", "P1M")
_LABELS = ("", "", "-1..1 days", "0..? Days", "-5..5 minutes", "2..2 weeks", "-", "+1..2 days")
_NAMES = ("Visit", "course", "", None, "day 1", "a, b")


def design(draw: Draw) -> dict[str, Any]:
    """Return a study design of one to three timelines, the first of them the main one."""
    count, letters = draw.randint(1, 3), "abcdefg"[: draw.randint(1, 7)]
    every = [f"{n}{letter}" for n in range(count) for letter in letters]
    lines = [
        {
            "id": f"L{n}",
            "name": draw.choice(("Main", "PK", "course")),
            "mainTimeline": n == 0,
            "instances": [_instance(f"{n}{letter}", every, draw) for letter in letters],
            "timings": list(_timings(n, letters, every, draw)),
        }
        for n in range(count)
    ]
    activities = [
        {"id": "a1", "name": "A", "timelineId": draw.choice(("L1", "L0", "none", None))},
        {"id": "a2", "name": "B", "timelineId": "L2"},
    ]
    encounters = [{"id": "e1", "name": "E"}, {"id": "e2", "label": "course"}]
    of = {
        "id": "d",
        "scheduleTimelines": lines,
        "encounters": encounters,
        "activities": activities,
    }
    return {"study": {"name": draw.choice(("S", None)), "versions": [{"studyDesigns": [of]}]}}


def _instance(identity: str, every: list[str], draw: Draw) -> dict[str, Any]:
    found: dict[str, Any] = {"id": identity, "name": draw.choice((identity, *_NAMES))}
    found["encounterId"] = draw.choice(("e1", "e2", "nobody", None, None, None))
    found["defaultConditionId"] = draw.choice((None, *every))
    if draw.random() < 0.3:
        found["activityIds"] = draw.sample(("a1", "a2", "none"), draw.randint(0, 3))
    if draw.random() < 0.15:
        found["timelineExitId"] = "x"
    if draw.random() < 0.2:
        found["conditionAssignments"] = [
            {"condition": draw.choice(("c", "")), "conditionTargetId": draw.choice(every)}
            for _ in range(draw.randint(0, 2))
        ]
    return found


def _timings(line: int, letters: str, every: list[str], draw: Draw) -> Iterator[dict[str, Any]]:
    own = [f"{line}{letter}" for letter in letters]
    for n in range(draw.randint(0, len(own) + 2)):
        kinds = ("After", "After", "After", "Before", "Fixed Reference")
        kind = "Fixed Reference" if n == 0 and draw.random() < 0.9 else draw.choice(kinds)
        yield {
            "id": f"t{line}-{n}",
            "type": {"decode": kind},
            "value": draw.choice(_DURATIONS[:7] if draw.random() < 0.8 else _DURATIONS),
            "relativeToFrom": {"decode": draw.choice(("Start to Start", "End to Start", None))},
            "relativeFromScheduledInstanceId": own[n] if n < len(own) else draw.choice(every),
            "relativeToScheduledInstanceId": draw.choice((*own, *own, *every, "none", None)),
            "windowLower": draw.choice(_SIDES),
            "windowUpper": draw.choice(_SIDES),
            "windowLabel": draw.choice(_LABELS),
        }


def _study(draw: Draw) -> None:
    document = design(draw)
    found = read_usdm(
        json.dumps(document),
        long_timelines=draw.choice(("noted", "visits")),
        no_window=draw.choice(("open", "exact")),
        timeline=draw.choice(("", "", "", "L0", "L1")),
    )
    told: dict[str, str] = {}
    for note in found.notes:
        told[note.where] = f"{told.get(note.where, '')} {note.said} {note.became}"
    [of] = document["study"]["versions"][0]["studyDesigns"]
    for line in of["scheduleTimelines"]:
        for one in line["timings"]:
            if one["id"] not in found.kept:
                for field in ("value", "windowLower", "windowUpper"):
                    assert (one[field] or "") in told[one["id"]], f"{field} of {one['id']}"
    _sound(found)
    read_usdm(write_usdm(found.protocol).text)


# --- plan definitions -------------------------------------------------------------------------

_RELATIONS = (
    *("after", "after-start", "before-start", "after-end", "before", "concurrent", "before-end"),
    *("concurrent-with-start", "odd"),
)


def _quantity(draw: Draw) -> dict[str, Any]:
    units = ("d", "d", "d", "wk", "h", "min", "mo", "a", "s", "zz")
    return {"value": draw.choice((0, 1, 2, 3, 7, 14, -1, 30, 1.5)), "code": draw.choice(units)}


def _related(every: str, draw: Draw) -> dict[str, Any]:
    found: dict[str, Any] = {
        draw.choice(("actionId", "targetId")): draw.choice(every),
        "relationship": draw.choice(_RELATIONS),
    }
    if draw.random() < 0.7:
        found["offsetDuration"] = _quantity(draw)
    elif draw.random() < 0.5:
        found["offsetRange"] = {"low": _quantity(draw), "high": _quantity(draw)}
    if draw.random() < 0.5:
        ends = {end: _quantity(draw) for end in ("low", "high") if draw.random() < 0.9}
        found["extension"] = [{"url": WINDOW, "valueRange": ends}]
    return found


def _plan(draw: Draw) -> None:
    letters = "abcdef"[: draw.randint(1, 6)]
    actions = [
        {
            "id": one,
            "title": draw.choice((one.upper(), "Visit", "")),
            "relatedAction": [
                _related(letters, draw) for _ in range(draw.choice((0, 1, 1, 1, 1, 2)))
            ],
        }
        for one in letters
    ]
    document = {"resourceType": "PlanDefinition", "id": "p", "action": actions}
    windows = draw.choice(("ask", "around", "absolute"))
    found = read_plan_definition(json.dumps(document), windows=windows)
    _sound(found)
    read_plan_definition(write_plan_definition(found.protocol).text, windows="absolute")


# --- tables -----------------------------------------------------------------------------------

_CELLS = (
    *("Day 8 ±2", "Wk 4 (-3/+3)", "Day -14", "D8+/-2", "Day -28 to -1", "Week 4 (Day 29)", "C2D1"),
    *("1,5 h", "30 days", "Unscheduled", "8", "8 ±2", "Day 8 (-1 to +2 days)", "8. Tag", "Day 0"),
    *("D-28 \u2013 D-1", "Cycle 2, Day 15 (±1 day)", "Month 3 (±7 days)", "Week 4 (-1w/+2d)"),
)
_BITS = (
    *("Day", "Wk", "±", "-", "+", "(", ")", "1", "8", "28", "/", " ", ",", ";", "to", "d", "h"),
    *("m", "min", "C", "\t", '"', "'", "\n", "0", "..", "\u2013", "=", "[", "\0", "é", "9999"),
)
_HEADS = (
    *("visit;when;window;anchor", "visit,day,before,after", "Visite\tTag\tFenster"),
    *("visit,cycle,day,week", "visit,when"),
)


def _cell(draw: Draw) -> str:
    text = draw.choice(_CELLS)
    for _ in range(draw.choice((0, 0, 0, 1, 2))):
        at = draw.randrange(len(text) + 1)
        text = text[:at] + draw.choice(_BITS) + text[at + draw.randint(0, 1) :]
    return f'"{text}"' if draw.random() < 0.3 else text


def _table(draw: Draw) -> None:
    head = draw.choice(_HEADS)
    comma = next(one for one in ";\t," if one in head)
    first = "1" if "Tag" in head or "day" in head else "Day 1"
    rows = [head, comma.join(["dose", *([""] if "cycle" in head else []), first])]
    for _ in range(draw.randint(0, 5)):
        cells = [_cell(draw) if draw.random() < 0.6 else "" for _ in range(head.count(comma))]
        rows.append(comma.join([draw.choice(("a", "b", "dose", "")), *cells]))
    data = "\n".join(rows).encode(draw.choice(("utf-8", "utf-16", "cp1252")), "replace")
    if draw.random() < 0.1:
        at = draw.randrange(len(data) + 1)
        data = data[:at] + draw.randbytes(2) + data[at:]
    _sound(read_schedule_csv(data, cycle=draw.choice((None, "21 days"))))


# --- what must hold ---------------------------------------------------------------------------


def _sound(found: Imported) -> None:
    """Refuse a protocol that is no protocol file, or gives no dates."""
    assert read_protocol(write_toml(protocol_to_dict(found.protocol))) == found.protocol
    start = Pinned(
        visit=found.day_one, start=datetime(2027, 3, 1, 12, tzinfo=UTC), on=date(2026, 12, 1)
    )
    expand(Course(key="c", protocol=found.protocol, events=[start]), start.on)


STANDARDS: dict[str, Callable[[Draw], None]] = {"study": _study, "plan": _plan, "table": _table}


def outcome(standard: str, seed: int) -> str:
    """Return what became of one made-up file: ``read`` or ``refused``; else its error is raised."""
    begun = time.process_time()
    try:
        STANDARDS[standard](random.Random(seed))
        found = "read"
    except InvalidDocument:
        found = "refused"
    took = time.process_time() - begun
    assert took < MOST_SECONDS, f"took {took:.1f} s"
    return found


def main(minutes: float, seed: int) -> int:
    """Read made-up files until time is over; return 1 if any went wrong."""
    until = time.monotonic() + 60 * minutes
    counts = {(standard, what): 0 for standard in STANDARDS for what in ("read", "refused")}
    failed = False
    while time.monotonic() < until:
        for standard in STANDARDS:
            try:
                counts[standard, outcome(standard, seed)] += 1
            except Exception as error:
                print(f"seed {seed}: {standard}: {type(error).__name__}: {error}", flush=True)
                failed = True
        seed += 1
    for (standard, what), count in counts.items():
        print(f"{count:8} {standard} {what}")
    return int(failed)


if __name__ == "__main__":
    begin = int(sys.argv[2]) if len(sys.argv) > 2 else random.SystemRandom().randrange(2**31)
    sys.exit(main(float(sys.argv[1]), begin))
