"""
Many courses at once: one after another first, then taken out in groups and put back better.

Everything is counted in moves, so that the same seed and number of moves give the same plan
on any machine.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from math import exp, inf, log
from random import Random

import attrs

from protocol_sched.clinic.chains import Chain, Stop
from protocol_sched.clinic.cheapest import Dates, cheapest, cost_of, least_cost
from protocol_sched.clinic.loads import Held, Loads
from protocol_sched.clinic.priced import cheapest_priced
from protocol_sched.clinic.prices import Prices

NOISE = 0.3
"""How much chance counts among courses that cost the same, in days off target."""
BETTER = 0.9
"""How often whoever leads a group is put back only where they are better off than before. Most
groups that leave them as they were change nothing, and it is soon known that there is no room."""
LOOSE = 0.2
"""How often a visit is put at the least wanted start, whether that leaves a gap or not."""
FURTHEST = 60
"""The dearest first day at which the least of cost and price is looked for."""
UNPLACED = (300, 3000)
"""What a course without a plan counts in the search, at its beginning and its end."""


@attrs.frozen
class Placed:
    """Where a course is and what it costs."""

    cost: int
    visits: tuple[Held, ...]
    price: float = 0.0
    """What its starts are worth."""


class Board:
    """
    Who is where at a clinic, and what that costs.

    Args:
        chains: By number; ``None`` for one that is not planned here.
        loads: Is changed as courses are put in and taken out.
        prices: Of days and starts.
        random: For what costs the same.
        floors: What each course costs in an empty clinic; ``None`` where it has no plan there.
    """

    def __init__(
        self,
        chains: Sequence[Chain | None],
        loads: Loads,
        prices: Prices,
        random: Random,
        floors: Sequence[int | None],
    ) -> None:
        self.chains, self.loads, self.prices, self.random = chains, loads, prices, random
        self.floors = floors
        self.placed: dict[int, Placed] = {}
        self.on_day: list[dict[int, None]] = [{} for _ in loads.pools]
        self.searched = 0
        """How many courses were looked for."""

    @property
    def cost(self) -> int:
        """Return what the courses that are in cost together."""
        return sum(one.cost for one in self.placed.values())

    def score(self, stop: Stop, day: int) -> float:
        """Return what a visit on a day is worth avoiding."""
        free = stop.starts[day] & self.loads.room(stop.profile, day)
        price = self.prices.cheapest(stop.profile, day, free)
        return price + NOISE * self.random.random()

    def look(self, number: int, ceiling: int) -> Dates | None:
        """Return the cheapest dates of a course on what is left."""
        chain = self.chains[number]
        self.searched += 1
        return None if chain is None else cheapest(chain, self.loads, ceiling, self.score)

    def look_priced(self, number: int, ceiling: int) -> Dates | None:
        """Return the dates of a course on what is left that cost least with their prices."""
        chain = self.chains[number]
        if chain is None:
            return None
        room, price_of = self.loads.room, self.prices.cheapest

        def worth(n: int, day: int) -> float:
            stop = chain.stops[n]
            free = stop.starts[day] & room(stop.profile, day)
            return price_of(stop.profile, day, free) if free else inf

        found = cheapest_priced(chain, worth, FURTHEST)
        return self.look(number, ceiling) if found is None else found[1]

    def put(self, number: int, dates: Dates) -> None:
        """Put a course in at its dates, each visit at the best of its cheapest starts."""
        chain = self.chains[number]
        assert chain is not None
        loads, held, prices = self.loads, [], 0.0
        for stop, day in zip(chain.stops, dates.days, strict=True):
            profile = stop.profile
            free = stop.starts[day] & loads.room(profile, day)
            if stop.known is not None and stop.known[0] == day and stop.known[1] & free:
                start = stop.known[1]
            else:
                loose = self.random.random() < LOOSE
                snug = (0, 0) if loose else loads.snug(profile, day)
                start, price = self.prices.choose(profile, day, free, snug)
                prices += price
            held.append(loads.hold(profile, day, start))
            self.on_day[day][number] = None
        self.placed[number] = Placed(dates.cost, tuple(held), prices)

    def put_at(self, number: int, placed: Placed) -> None:
        """Put a course in where it was on a board with other prices."""
        chain = self.chains[number]
        assert chain is not None
        held, price = [], 0.0
        for one in placed.visits:
            price += self.prices.cheapest(one.profile, one.day, one.start)
            held.append(self.loads.hold(one.profile, one.day, one.start))
            self.on_day[one.day][number] = None
        self.placed[number] = Placed(placed.cost, tuple(held), price)

    def put_back(self, number: int, placed: Placed) -> None:
        """Put a course in just as it was; the loads are not touched."""
        self.placed[number] = placed
        for held in placed.visits:
            self.on_day[held.day][number] = None

    def take(self, number: int) -> Placed | None:
        """Take a course out; ``None`` if it was not in."""
        placed = self.placed.pop(number, None)
        if placed is not None:
            for held in placed.visits:
                self.loads.release(held)
                self.on_day[held.day].pop(number, None)
        return placed


def floors_of(chains: Sequence[Chain | None], loads: Loads, ceiling: int) -> list[int | None]:
    """Return what each course costs in an empty clinic."""
    return [None if chain is None else least_cost(chain, loads, ceiling) for chain in chains]


def first_plan(board: Board, order: Iterable[int], ceiling: int, *, priced: bool = False) -> None:
    """Put courses in one after another, each at its cheapest dates on what is left."""
    look = board.look_priced if priced else board.look
    for number in order:
        dates = look(number, ceiling)
        if dates is not None:
            board.put(number, dates)


def from_bound(
    board: Board, order: Iterable[int], taken: Sequence[Sequence[tuple[int, ...]]], ceiling: int
) -> None:
    """
    Put courses in at the dates that a bound took for them most often, where these have room.

    Args:
        taken: For each course the dates of the bound's last rounds, by visit.
        ceiling: What any other dates of a course may cost at the most.
    """
    for number in order:
        chain = board.chains[number]
        if chain is None:
            continue
        count = Counter(taken[number])
        days = next((one for one, _ in count.most_common() if _fits(board, chain, one)), None)
        if days is not None:
            board.put(number, Dates(cost_of(chain, days), days))
        elif (dates := board.look_priced(number, ceiling)) is not None:
            board.put(number, dates)


def _fits(board: Board, chain: Chain, days: tuple[int, ...]) -> bool:
    return all(
        stop.starts[day] & board.loads.room(stop.profile, day)
        for stop, day in zip(chain.stops, days, strict=True)
    )


def improve(
    board: Board,
    moves: int,
    *,
    ceiling: int,
    hot: float,
    cold: float,
    priced: float,
    goal: int,
    report: Callable[[int, int, int], bool],
) -> None:
    """
    Take courses out in groups and put them back, keeping what is better and some of what is not.

    Args:
        board: Is left as the best that was found.
        ceiling: The most one course may cost.
        hot: How much worse a move may make it on average, in days off target, at first.
        cold: The same at the end.
        priced: How much what days are worth counts beside what courses cost, at first; it falls
            to nothing.
        goal: What no plan can be under; one that costs so much is the best.
        report: Called now and then with moves made, courses without a plan and the cost of the
            best; ``False`` ends the search.
    """
    random, chains = board.random, board.chains
    everyone = [
        n for n, chain in enumerate(chains) if chain is not None and board.floors[n] is not None
    ]
    if not everyone:
        return
    best = dict(board.placed)
    missing = [n for n in everyone if n not in board.placed]
    now = board.cost
    best_value = (len(missing), now)
    move = 0
    for move in range(moves):
        if best_value[0] == 0 and best_value[1] <= goal:
            break
        part = move / moves
        if move % 256 == 0 and not report(move, *best_value):
            break
        heat = hot * exp(log(cold / hot) * part)
        weight = priced * max(0.0, 1 - part / 0.9)
        penalty = round(UNPLACED[0] + (UNPLACED[1] - UNPLACED[0]) * part)
        group = _group(board, everyone, missing)
        if group is None:
            continue
        board.loads.begin()
        before = {n: board.take(n) for n in group}
        old = sum(penalty if one is None else one.cost for one in before.values())
        old_price = weight * sum(one.price for one in before.values() if one is not None)
        allowed = old + old_price - heat * log(1 - random.random())
        rest = sum(board.floors[n] or 0 for n in group)
        new, new_price, good = 0, 0.0, True
        # The first of them is who could be better off, and finds what the others left.
        others = group[1:]
        random.shuffle(others)
        group = [group[0], *others]
        out = []
        for n in group:
            rest -= board.floors[n] or 0
            most = min(ceiling, int(allowed - new - new_price - rest))
            if n == group[0] and (was := before[n]) is not None and random.random() < BETTER:
                most = min(most, was.cost - 1)
            dates = board.look(n, most) if most >= (board.floors[n] or 0) else None
            if dates is not None:
                board.put(n, dates)
                new += dates.cost
                new_price += weight * board.placed[n].price
            elif new + new_price + penalty + rest <= allowed:
                new += penalty
                out.append(n)
            else:
                good = False
                break
        if not good or new + new_price > allowed:
            for n in group:
                placed = board.placed.pop(n, None)
                for held in placed.visits if placed is not None else ():
                    board.on_day[held.day].pop(n, None)
            board.loads.undo()
            for n, kept in before.items():
                if kept is not None:
                    board.put_back(n, kept)
            continue
        gone = sum(one.cost for one in before.values() if one is not None)
        now += new - penalty * len(out) - gone
        if out or any(one is None for one in before.values()):
            missing = [n for n in everyone if n not in board.placed]
        if (len(missing), now) < best_value:
            best_value, best = (len(missing), now), dict(board.placed)
    _restore(board, best)
    report(move + 1 if moves else 0, *best_value)


def _restore(board: Board, best: dict[int, Placed]) -> None:
    for n in list(board.placed):
        if board.placed[n] is not best.get(n):
            board.take(n)
    for n, placed in best.items():
        if n not in board.placed:
            visits = tuple(
                board.loads.hold(held.profile, held.day, held.start) for held in placed.visits
            )
            board.put_back(n, Placed(placed.cost, visits, placed.price))


def _group(board: Board, everyone: list[int], missing: list[int]) -> list[int] | None:
    """Return who is taken out together: one who could be better off, and some near them."""
    random = board.random
    lead = None
    if missing and random.random() < 0.5:
        lead = missing[int(random.random() * len(missing))]
    else:
        for _ in range(20):
            n = everyone[int(random.random() * len(everyone))]
            placed = board.placed.get(n)
            if placed is None or placed.cost > (board.floors[n] or 0):
                lead = n
                break
    if lead is None:
        return None
    chain, placed = board.chains[lead], board.placed.get(lead)
    assert chain is not None
    if placed is None or random.random() < 0.7:
        first = chain.stops[0].days
        first = (first & -first).bit_length() - 1
        day = first + int(random.random() * 21)
    else:
        held = placed.visits[int(random.random() * len(placed.visits))]
        day = held.day + int(random.random() * 5) - 2
    day = min(max(day, 0), len(board.on_day) - 1)
    near = [n for n in board.on_day[day] if n != lead]
    count = min(len(near), 1 + int(random.random() * 3))
    return [lead, *random.sample(near, count)]
