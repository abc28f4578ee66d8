"""
Write a page of tables and a picture from a run of the measurements.

    python benchmarks/page.py RUN.json docs/performance.md

RUN.json is what ``pytest benchmarks --benchmark-json RUN.json`` writes. Times are medians;
ratios are between medians of one run.
"""

from __future__ import annotations

import json
import platform
import sys
from collections.abc import Iterable
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from statistics import median
from typing import Any

BARS = {"50 %, 8": 80, "80 %, 8": 60, "95 %, 14": 25, "95 %, 8": 10}
"""How many times faster than CP-SAT a solve is meant to be, by load and chairs."""
WHOLE = {"50 %, 8": 60, "80 %, 8": 60, "95 %, 14": 25, "95 %, 8": 5}
"""The same of the whole call, the judge's signature in."""

Row = dict[str, Any]

INTRO = """\
# Performance

Made by `make benchmarks`; every answer was checked before it was timed. Times are medians in
milliseconds of processor time and depend on the machine; ratios were taken within the same run.
CP-SAT is charged for both its workers.

Measured on {machine}.
"""
COURSES = """
## One course

A year, 13 visits (an evaluation, six infusions, six more four weeks apart), an escort, chairs
booked to the load named. *Solve* is from the compiled problem to the proved result; the *whole
call* from model values to a schedule that the judge signed, calendars compiled anew; *again* the
same call with `calendars` kept; *proof alone* the whole call with `why=False`; *moved* the plan
with the least change after the day of the fourth visit closed. The last group has no plan; its
solve is the proof alone, its whole call also finds the smallest sets of rules that cannot all hold,
which CP-SAT is not asked for. CP-SAT, with 2 workers, runs three encodings, the fastest of which is
compared: *domain* and *day* of the bench, and `tests/cpsat.py`.

"""
HOURS = """
## Rules in hours

Published courses whose rules count hours, places booked to one half. *CP-SAT intervals* is the
model a user would write first, an optional interval on each place; *own* is
`tests/cpsat.py`, whose start domains already hold the bookings.

"""
CALLS = """
## Other calls

"""
GROWTH = """
## Growth

Visits two to five days apart, at most three in any seven days, eight chairs booked to 80 %.

![Milliseconds against years of horizon and number of visits](performance.svg)

"""


def table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """Return a Markdown table; numbers keep two or three digits."""
    lines = [list(head), ["---"] * len(list(head))]
    lines += [[_cell(value) for value in row] for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.0f}" if value >= 10 else f"{value:.1f}" if value >= 1 else f"{value:.2f}"
    return str(value)


def _ms(row: Row) -> float:
    return float(row["extra_info"].get("ms", 1000 * row["stats"]["median"]))


def courses(rows: list[Row]) -> str:
    """Return the standard courses by load and chairs; empty where none was measured."""
    kinds = (
        "solve",
        "whole_call",
        "again_with_calendars_kept",
        "the_proof_alone",
        "least_change_when_a_day_closes",
    )
    found: dict[str, dict[str, list[Row]]] = {}
    for row in rows:
        kind = row["name"].partition("[")[0].removeprefix("test_")
        if kind in kinds:
            by_kind = found.setdefault(row["extra_info"]["group"], {})
            by_kind.setdefault(kind, []).append(row)
    if not found:
        return ""
    lines = []
    for group, by_kind in found.items():
        ms = [median(map(_ms, by_kind[kind])) if kind in by_kind else None for kind in kinds]
        line: list[object] = [group, len(by_kind["solve"]), *("-" if m is None else m for m in ms)]
        peers = [row["extra_info"].get("peers") for row in by_kind["solve"]]
        if all(peers):
            line += [median(one[name] for one in peers) for name in ("domain", "day", "own")]
            best = [min(one.values()) for one in peers]
            for m, wanted in zip(
                ms, (BARS.get(group, 0), WHOLE.get(group, 0), 100, 0, 0), strict=True
            ):
                ratio = "-" if m is None else f"{median(best) / m:.0f}"
                line.append(f"{ratio} ({wanted})" if wanted and m is not None else ratio)
        lines.append(line)
    head = ["load, chairs", "courses", "solve", "whole call", "again", "proof alone", "moved"]
    if len(lines[0]) > len(head):
        head += ["CP-SAT domain", "CP-SAT day", "CP-SAT own"]
        head += ["solve: times faster (wanted)", "whole call", "again", "proof alone", "moved"]
    return COURSES + table(head, lines)


def hours(rows: list[Row]) -> str:
    """Return one row for each course with rules in hours."""
    lines = []
    for row in rows:
        if not row["name"].startswith("test_rules_in_hours"):
            continue
        info, ms = row["extra_info"], _ms(row)
        line: list[object] = [info["course"], info["rule"], info["visits"], info["days"], ms]
        if "peers" in info:
            peer = info["peers"]["intervals"]
            said = peer if info["proved"] else f"over {peer / 1000:.0f} s"
            line += [said, info["peers"]["own"], peer / ms]
        lines.append(line)
    head = ["course", "rule", "visits", "days", "solve, ms"]
    if lines and len(lines[0]) > len(head):
        head += ["CP-SAT intervals, ms", "CP-SAT own, ms", "times faster than intervals"]
    return HOURS + table(head, lines)


def calls(rows: list[Row]) -> str:
    """Return one row for each other call."""
    lines: list[list[object]] = []
    found = {}
    for row in rows:
        if "wanted" in row["extra_info"]:
            name = row["extra_info"]["call"]
            found[name] = _ms(row)
            lines.append([name, _ms(row), row["extra_info"]["wanted"]])
    if {"signed", "plan_course"} <= found.keys():
        share = 100 * found["signed"] / found["plan_course"]
        lines.append(["signed, as a share of plan_course", f"{share:.0f} %", "at most 15 %"])
    return CALLS + table(["call", "ms", "wanted"], lines)


def growth(rows: list[Row]) -> tuple[str, str]:
    """Return a table of the sizes measured, and the picture."""
    sizes = [row for row in rows if row["name"].startswith("test_growth")]
    lines = [
        [info["years"], info["visits"], _ms(row), info["megabytes"]]
        for row in sizes
        for info in [row["extra_info"]]
    ]
    head = ["years", "visits", "whole call, ms", "memory peak, MB"]
    return GROWTH + table(head, lines), picture(lines)


def picture(sizes: list[list[Any]]) -> str:
    """Return an SVG with milliseconds over years and over visits, side by side."""
    parts, told = [], []
    by_years = [(years, ms) for years, visits, ms, _ in sizes if visits == 12]
    by_visits = [(visits, ms) for years, visits, ms, _ in sizes if years == 1]
    for n, (label, some) in enumerate((("years", by_years), ("visits", sorted(by_visits)))):
        top, far = max(ms for _, ms in some), max(x for x, _ in some)
        left = 60 + 320 * n
        points = [(left + 240 * x / far, 200 - 160 * ms / top) for x, ms in some]
        told.append(f"Over {label}: {', '.join(f'{x} {label}, {ms:.1f} ms' for x, ms in some)}.")
        parts.append(f'<path d="M{left},40V200H{left + 250}" fill="none" stroke="#52606d"/>')
        parts.append(f'<text x="{left + 120}" y="238" text-anchor="middle">{label}</text>')
        for part in (0, 0.5, 1):
            y = 200 - 160 * part
            said = f"{top * part:.1f} ms" if part else "0"
            parts.append(f'<text x="{left - 6}" y="{y + 4:.0f}" text-anchor="end">{said}</text>')
            parts.append(f'<path d="M{left},{y:.0f}H{left + 250}" stroke="#d5dbe1"/>')
        free = 0.0
        for (x, _), (at, y) in zip(some, points, strict=True):
            parts.append(f'<circle cx="{at:.1f}" cy="{y:.1f}" r="3" fill="#1b6ca8"/>')
            if at >= free:  # a number that would touch the one before is left out
                parts.append(f'<text x="{at:.1f}" y="217" text-anchor="middle">{x}</text>')
                free = at + 18
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        parts.append(f'<polyline points="{line}" fill="none" stroke="#1b6ca8"/>')
    body = "\n".join(parts)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 650 250" width="650" height="250"'
        ' font-family="sans-serif" font-size="12" fill="#1f2933" role="img"'
        ' aria-labelledby="p-title p-desc">\n'
        '<title id="p-title">Milliseconds against years of horizon and number of visits</title>\n'
        f'<desc id="p-desc">{" ".join(told)}</desc>\n'
        '<rect width="650" height="250" fill="#ffffff"/>\n'
        f"{body}\n</svg>\n"
    )


def machine(run: dict[str, Any]) -> str:
    """Return processor, system and versions in a sentence."""
    about = run["machine_info"]
    cpu = about.get("cpu", {})
    names = [f"protocol_sched {version('protocol-sched')}"]
    with suppress(PackageNotFoundError):
        names.append(f"OR-Tools {version('ortools')}")
    return (
        f"{cpu.get('brand_raw') or platform.machine()}, {cpu.get('count', '?')} cores, "
        f"{about['system']}; Python {about['python_version']}, {', '.join(names)}"
    )


def page(run: dict[str, Any]) -> tuple[str, str]:
    """Return the page and the picture of one run."""
    rows = run["benchmarks"]
    grown, drawn = growth(rows)
    text = INTRO.format(machine=machine(run)) + courses(rows) + hours(rows) + calls(rows) + grown
    return text, drawn


def main(arguments: list[str]) -> int:
    """Write the page and, beside it, the picture of the same name; 2 if the words are off."""
    if len(arguments) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    text, drawn = page(json.loads(Path(arguments[0]).read_text("utf-8")))
    place = Path(arguments[1])
    place.write_text(text, "utf-8")
    place.with_suffix(".svg").write_text(drawn, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
