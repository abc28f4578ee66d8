"""Strategies for small problems of integers, with every kind of lag, penalty and target."""

from __future__ import annotations

from itertools import pairwise

import attrs
from hypothesis import strategies as st

from protocol_sched.engine.problem import (
    Allowed,
    Announced,
    DayLag,
    Item,
    Lag,
    Option,
    Penalty,
    Problem,
    SlotLag,
    TableLag,
    Target,
    Window,
)

Options = tuple[Option, ...]


@st.composite
def windows(draw: st.DrawFn, low: int, high: int) -> Window:
    """Draw a window with any of its four bounds missing."""
    bound = st.none() | st.integers(low, high)
    least, most = draw(bound), draw(bound)
    if least is not None and most is not None and least > most:
        least, most = most, least
    lo, hi = draw(bound), draw(bound)
    if lo is not None and hi is not None and lo > hi:
        lo, hi = hi, lo
    return Window(least, most, lo, hi)


def windows_with_holes(low: int, high: int) -> st.SearchStrategy[Window]:
    """Draw a window that bars some distances between its bounds, or none."""
    holes = st.frozensets(st.integers(low, high), max_size=3)
    return st.builds(lambda one, some: attrs.evolve(one, holes=some), windows(low, high), holes)


@st.composite
def problems(
    draw: st.DrawFn,
    ordered: bool = False,
    timed: bool = True,
    aims: bool = True,
    announced: bool = False,
    preferences: bool = False,
) -> Problem:
    """Draw one to four visits over a few days of a few slots each."""
    most_slots, most_days = (1, 8) if ordered and not timed else (4, 6)
    widths = draw(st.lists(st.integers(1, most_slots), min_size=2, max_size=most_days))
    day_slots = [0]
    for width in widths:
        day_slots.append(day_slots[-1] + width)
    total, days = day_slots[-1], len(widths)
    slot_sets = st.integers(0, (1 << total) - 1)
    day_sets = st.integers(0, (1 << days) - 1) | st.just((1 << days) - 1)
    count = draw(st.integers(1, 4))
    items: list[Item] = []
    for n in range(count):
        slots = draw(st.lists(slot_sets | st.just((1 << total) - 1), min_size=1, max_size=2))
        allowed = draw(st.lists(day_sets, max_size=1))
        penalties = draw(st.lists(st.tuples(slot_sets, st.integers(1, 2)), max_size=2))
        targets = draw(st.lists(windows(-1, days), max_size=1))
        notified = draw(st.none() | st.integers(-2, total + 1)) if announced else None
        rides = draw(slot_sets) if notified is not None else 0
        slot_targets = draw(st.lists(windows(-1, total), max_size=1)) if timed and aims else []
        if items and draw(st.integers(0, 2)) == 0:  # visits of one kind share their sets
            like = items[-1]
            items.append(attrs.evolve(like, name=f"v{n}", announced=None))
            continue
        items.append(
            Item(
                f"v{n}",
                1,
                tuple(Allowed(bits, "slots") for bits in slots),
                tuple(Allowed(bits, "days") for bits in allowed),
                tuple(Penalty(bits, cost, "preference") for bits, cost in penalties),
                tuple(Target(Window(lo=w.lo, hi=w.hi), "target") for w in targets),
                tuple(Target(Window(lo=w.lo, hi=w.hi), "target", 2) for w in slot_targets),
                None if notified is None else Announced(notified, rides, "notified"),
            )
        )
    lags: list[Lag] = []
    if ordered:
        lags += [
            DayLag(a, b, Window(least=draw(st.integers(0, 1))), "order")
            for a, b in pairwise(range(count))
        ]
    for _ in range(draw(st.integers(0, 4)) if count > 1 else 0):
        later = draw(st.integers(1, count - 1))
        earlier = draw(st.integers(0, later - 1))
        kind = draw(st.sampled_from(["day", "table", "slot"] if timed else ["day", "table"]))
        if kind == "day" and draw(st.booleans()):
            least = draw(st.integers(0, days - 1))
            lags.append(DayLag(earlier, later, Window(least=least), "cap"))
        elif kind == "day":
            lags.append(DayLag(earlier, later, draw(windows(-days, days)), "day"))
        elif kind == "table":
            table = tuple(draw(windows_with_holes(-2, days)) for _ in range(days))
            lags.append(TableLag(earlier, later, table, "table"))
        else:
            window = draw(windows(-total, total))
            window = window if aims else Window(window.least, window.most)
            lags.append(SlotLag(earlier, later, window, "slot", draw(st.integers(1, 3))))
    irregular: tuple[tuple[int, tuple[int, ...]], ...] = ()
    if draw(st.booleans()):
        day = draw(st.integers(0, days - 1))
        shown = draw(st.lists(st.integers(0, 5), min_size=widths[day], max_size=widths[day]))
        irregular = ((day, tuple(60 * minute for minute in shown)),)
    options = draw(st.lists(_options(count, slot_sets), max_size=2)) if preferences else []
    # Long slots make moves of days, as far as those a planner may first leave out.
    minutes = draw(st.sampled_from([60, 60, 720, 2880])) if announced else 60
    return Problem(tuple(items), tuple(lags), tuple(day_slots), minutes, irregular, tuple(options))


def _options(count: int, slot_sets: st.SearchStrategy[int]) -> st.SearchStrategy[Options]:
    """Options of one preference; the last asks for nothing that the course lacks."""
    about = st.lists(st.tuples(st.integers(0, count - 1), slot_sets), max_size=2)
    costs = st.integers(0, 2)
    some = st.builds(
        lambda cost, allowed, penalties: Option(
            cost,
            tuple((n, Allowed(bits, "option")) for n, bits in allowed),
            tuple((n, Penalty(bits, 1, "option")) for n, bits in penalties),
            "option",
        ),
        costs,
        about,
        about,
    )
    nothing = costs.map(lambda cost: Option(cost, (), (), "nothing"))
    return st.tuples(some, some, nothing)


@st.composite
def anchored(draw: st.DrawFn, announced: bool = False, timed: bool = True) -> Problem:
    """
    Draw visits of which most are measured from one or two others, most of them listed later.

    Few starts each, so that all combinations can still be tried.
    """
    width = draw(st.integers(1, 2 if timed else 1))
    days = draw(st.integers(4, 9))
    total = width * days
    count = draw(st.integers(4, 6))
    late = draw(st.integers(count - 2, count - 1))
    anchors = {late, draw(st.integers(0, count - 1))}
    items = []
    for n in range(count):
        most = 3 if n not in anchors else 4
        starts = st.integers(0, total - 1)
        free = draw(st.lists(starts, min_size=2, max_size=most, unique_by=lambda s: s // width))
        bits = sum(1 << slot for slot in set(free))
        notified = draw(st.none() | st.integers(-1, total)) if announced else None
        penalties = draw(st.lists(st.integers(0, (1 << total) - 1), max_size=1))
        items.append(
            Item(
                f"v{n}",
                1,
                (Allowed(bits, "slots"),),
                penalties=tuple(Penalty(some, 1, "preference") for some in penalties),
                announced=None if notified is None else Announced(notified, bits, "notified"),
            )
        )
    lags: list[Lag] = []
    if draw(st.booleans()):
        lags += [DayLag(a, b, Window(least=0), "order") for a, b in pairwise(range(count))]
    kinds = ["day", "day", "day", "table", *(["slot"] if timed else [])]
    for n in range(count):
        for anchor in sorted(anchors):
            if n == anchor or draw(st.integers(0, 4)) == 0:
                continue
            earlier, later = sorted((n, anchor))
            aim = draw(st.integers(0, days - 1))
            low, high = draw(st.none() | st.just(0)), draw(st.none() | st.just(days - 1))
            window = Window(low, high, aim, aim + draw(st.integers(0, 1)))
            kind = draw(st.sampled_from(kinds))
            if kind == "day":
                lags.append(DayLag(earlier, later, window, "day"))
            elif kind == "slot":
                by = attrs.evolve(window.moved(0), most=None)
                lags.append(SlotLag(earlier, later, by, "slot", draw(st.integers(1, 2))))
            else:
                other = attrs.evolve(window, lo=None, hi=None)
                windows = tuple(draw(st.sampled_from([window, other])) for _ in range(days))
                lags.append(TableLag(earlier, later, windows, "table"))
    day_slots = tuple(width * n for n in range(days + 1))
    return Problem(tuple(items), tuple(lags), day_slots, 1440 // width)
