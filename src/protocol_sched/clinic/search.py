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

from protocol_sched.clinic.chains import MOVED, Chain, Stop
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
URGENT = 100_000
"""What a day off target of an urgent course weighs: more than all those of the others that it
could save."""
EVEN = 500
"""The moves that are made once no fewer days are possible, to spread them more evenly."""
Value = tuple[int, int, int]
"""How good a board is, the less the better: courses without a plan, days off target and visits
moved, and how unevenly the days are spread; what is urgent weighs more."""


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
        urgent: The courses that come before all others.
    """

    def __init__(
        self,
        chains: Sequence[Chain | None],
        loads: Loads,
        prices: Prices,
        random: Random,
        floors: Sequence[int | None],
        urgent: Iterable[int] = (),
    ) -> None:
        self.chains, self.loads, self.prices, self.random = chains, loads, prices, random
        self.floors = floors
        self.weights = dict.fromkeys(urgent, URGENT)
        self._top = max(self.weights.values(), default=1)
        self.placed: dict[int, Placed] = {}
        self.on_day: list[dict[int, None]] = [{} for _ in loads.pools]
        self.searched = 0
        """How many courses were looked for."""

    @property
    def cost(self) -> int:
        """Return what the courses that are in cost together."""
        return sum(one.cost for one in self.placed.values())

    def weight(self, number: int) -> int:
        """Return what a day off target of a course weighs."""
        return self.weights.get(number, 1)

    def weighed(self, number: int, cost: int) -> int:
        """Return what the cost of a course weighs; visits moved weigh the same for everybody."""
        moved, days = divmod(cost, MOVED)
        return moved * MOVED * self._top + days * self.weight(number)

    def affordable(self, number: int, allowed: float) -> int:
        """Return the most that a course may cost to weigh no more than is allowed."""
        moved, rest = divmod(int(allowed), MOVED * self._top)
        return moved * MOVED + min(MOVED - 1, rest // self.weight(number))

    def penalty(self, number: int, unplaced: int) -> int:
        """Return what a course without a plan weighs, more than any days off target."""
        return unplaced * self._top * self.weight(number)

    def uneven(self, number: int, cost: int) -> int:
        """Return the square of the days off target that a course has beyond those it has alone."""
        return max(0, cost % MOVED - (self.floors[number] or 0) % MOVED) ** 2

    def value(self, able: Iterable[int]) -> Value:
        """Return how good it is for the courses that could have a plan."""
        return (
            sum(self.weight(n) for n in able if n not in self.placed),
            sum(self.weighed(n, one.cost) for n, one in self.placed.items()),
            sum(self.uneven(n, one.cost) for n, one in self.placed.items()),
        )

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
        self.put_among(
            number,
            dates,
            (stop.starts[day] for stop, day in zip(chain.stops, dates.days, strict=True)),
        )

    def put_among(self, number: int, dates: Dates, starts: Iterable[int]) -> None:
        """Put a course in as `put` does, each visit at one of some starts of its day."""
        chain = self.chains[number]
        assert chain is not None
        loads, held, prices = self.loads, [], 0.0
        for stop, day, some in zip(chain.stops, dates.days, starts, strict=True):
            profile = stop.profile
            free = some & loads.room(profile, day)
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
    goal: int | None,
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
        goal: What no plan can be under; one that costs so much has the fewest days off target.
            ``None`` where that does not make it the best.
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
    value = best_value = board.value(everyone)
    told = len(missing), board.cost
    move = reached = 0
    for move in range(moves):
        if goal is not None and best_value[:2] <= (0, goal):
            reached += 1
            if reached > EVEN or not best_value[2]:
                break
        part = move / moves
        if move % 256 == 0 and not report(move, *told):
            break
        heat = hot * exp(log(cold / hot) * part)
        share = priced * max(0.0, 1 - part / 0.9)
        unplaced = round(UNPLACED[0] + (UNPLACED[1] - UNPLACED[0]) * part)
        group = _group(board, everyone, missing)
        if group is None:
            continue
        board.loads.begin()
        before = {n: board.take(n) for n in group}
        old = sum(
            board.penalty(n, unplaced) if one is None else board.weighed(n, one.cost)
            for n, one in before.items()
        )
        old_price = share * sum(one.price for one in before.values() if one is not None)
        allowed = old + old_price - heat * log(1 - random.random())
        floors = {n: board.weighed(n, board.floors[n] or 0) for n in group}
        rest = sum(floors.values())
        new, new_price, good = 0, 0.0, True
        # The first of them is who could be better off, and finds what the others left.
        others = group[1:]
        random.shuffle(others)
        group = [group[0], *others]
        out = []
        for n in group:
            rest -= floors[n]
            most = min(ceiling, board.affordable(n, allowed - new - new_price - rest))
            if n == group[0] and (was := before[n]) is not None and random.random() < BETTER:
                most = min(most, was.cost - 1)
            dates = board.look(n, most) if most >= (board.floors[n] or 0) else None
            if dates is not None:
                board.put(n, dates)
                new += board.weighed(n, dates.cost)
                new_price += share * board.placed[n].price
            elif new + new_price + board.penalty(n, unplaced) + rest <= allowed:
                new += board.penalty(n, unplaced)
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
        value = _changed(board, value, before)
        if out or any(one is None for one in before.values()):
            missing = [n for n in everyone if n not in board.placed]
        if value < best_value:
            best_value, best = value, dict(board.placed)
            told = len(missing), board.cost
    _restore(board, best)
    report(move + 1 if moves else 0, *told)


def _changed(board: Board, value: Value, before: dict[int, Placed | None]) -> Value:
    """Return the value of a board after some courses were put in anew."""
    missing, cost, uneven = value
    for n, was in before.items():
        for one, sign in ((was, -1), (board.placed.get(n), 1)):
            if one is None:
                missing += sign * board.weight(n)
            else:
                cost += sign * board.weighed(n, one.cost)
                uneven += sign * board.uneven(n, one.cost)
    return missing, cost, uneven


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
