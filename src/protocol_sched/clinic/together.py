"""
Courses that are chains, planned together: a first plan, a bound, a plan from the bound, a search.

Each step is told as it comes, and any answer to that may end the work with the best so far.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from random import Random

import attrs

from protocol_sched.clinic.chains import Chain
from protocol_sched.clinic.intake import MOVED, Intake
from protocol_sched.clinic.loads import Loads
from protocol_sched.clinic.prices import Demand, Prices, demand_of, prices_of, wanted
from protocol_sched.clinic.search import (
    Board,
    Placed,
    first_plan,
    floors_of,
    from_bound,
    improve,
)
from protocol_sched.clinic.staying import Staying, settle
from protocol_sched.clinic.staying import improve as stay
from protocol_sched.model.typed import typed

FURTHEST = 400
"""The most days off target that one course may have together."""
FEW, MANY = 50, 300
"""Fewer courses than the first are searched again and again; from the second on what days are
worth counts in the search itself."""
RUN = 12_000
"""The moves of one search of few courses."""


@attrs.frozen(kw_only=True, field_transformer=typed)
class Effort:
    """How long a clinic is planned for, counted so that every machine does the same."""

    rounds: int = 400
    """How often the bound's prices change at the most."""
    moves: int = 20_000
    """How often courses are taken out and put back."""


STANDARD = Effort()


@attrs.frozen(kw_only=True, field_transformer=typed)
class Progress:
    """How far the planning of a clinic has come."""

    doing: str
    """``first plan``, ``bound`` or ``search``."""
    done: int
    of: int
    unplaced: int
    """Courses without a plan in the best so far."""
    deviation: int
    """Days off target of the others together."""
    bound: int
    """What no plan of all of them can be under, as far as is known."""


Report = Callable[[Progress], bool | None]
"""Called now and then; ``False`` ends the work, and the best so far is the answer."""


@attrs.frozen(kw_only=True)
class Together:
    """Where the chains of a clinic are, and what is known of how good that is."""

    loads: Loads
    placed: Mapping[int, Placed]
    bound: int
    rounds: int
    moves: int


class _Teller:
    """Keeps how far the work has come, and tells it."""

    def __init__(self, report: Report | None, bound: int, beyond: int) -> None:
        self.report, self.bound, self.beyond = report, bound, beyond
        self.rounds = self.moves = 0
        self.on = True

    def tell(self, doing: str, done: int, of: int, value: tuple[int, int]) -> bool:
        """Tell how far one step is, with the best value so far; return whether to go on."""
        if self.report is not None:
            now = Progress(
                doing=doing,
                done=done,
                of=of,
                unplaced=value[0] + self.beyond,
                deviation=value[1],
                bound=self.bound,
            )
            self.on = self.report(now) is not False
        return self.on


def together(
    whole: Intake,
    base: Intake,
    keys: Sequence[str],
    *,
    places: int,
    seed: int,
    effort: Effort,
    report: Report | None,
) -> Together:
    """
    Return where all courses that are chains are best, as far as the effort goes.

    Args:
        whole: With what other courses hold already.
        base: The same without that: a bound holds wherever these are.
        keys: Of the courses, in order; of two that can begin on the same day the lesser is first.
        places: How many kinds are kinds of places.
    """
    one = _Whole(whole, seed, keys)
    base_floors = one.floors if base is whole else floors_of(base.chains, base.loads(), one.ceiling)
    least = 0 if one.known else sum(floor or 0 for floor in base_floors)
    teller = _Teller(report, least, len(keys) - len(one.able))
    prices = wanted(whole.axis.fields, one.demand, whole.axis.horizon.days)
    best = one.board(prices)
    first_plan(best, one.order, one.ceiling)
    count = len(one.order)
    go_on = teller.tell("first plan", count, count, one.value(best))
    moves = effort.moves
    if go_on and one.known:
        moves -= moves // 2
        best = min(best, one.again(_stayed(one, effort.moves // 2, teller), prices), key=one.value)
    if go_on and effort.rounds and not one.known and one.value(best) > (0, teller.bound):
        found = _bound(base, places, one, best, effort.rounds, teller)
        # Prices are of use where they are about the same slots.
        if found is not None and (base.axis, base.profiles) == (whole.axis, whole.profiles):
            prices, taken = found
            other = one.board(prices)
            from_bound(other, one.order, taken, one.ceiling)
            best = min(other, one.again(best, prices), key=one.value)
    if teller.on:
        best = _searched(one, best, prices, moves, teller)
    return Together(
        loads=best.loads,
        placed=best.placed,
        bound=teller.bound,
        rounds=teller.rounds,
        moves=teller.moves,
    )


class _Whole:
    """The courses of a clinic and what does not change while they are planned."""

    def __init__(self, whole: Intake, seed: int, keys: Sequence[str]) -> None:
        self.whole, self.seed = whole, seed
        chains = [chain for chain in whole.chains if chain is not None]
        self.known = any(stop.known is not None for chain in chains for stop in chain.stops)
        longest = max((len(chain.stops) for chain in chains), default=0)
        self.ceiling = FURTHEST + (longest * MOVED if self.known else 0)
        self.floors = floors_of(whole.chains, whole.loads(), self.ceiling)
        self.demand: Demand = demand_of(
            whole.axis.fields, whole.profiles, whole.chains, whole.axis.horizon.days
        )
        self.able = [n for n, floor in enumerate(self.floors) if floor is not None]
        self.order = sorted(self.able, key=lambda n: (_earliest(whole.chains[n]), keys[n]))

    def board(self, prices: Prices, run: int = 0) -> Board:
        """Return an empty board; each run draws other numbers."""
        random = Random(self.seed + 1000 * run)
        return Board(self.whole.chains, self.whole.loads(), prices, random, self.floors)

    def again(self, old: Board, prices: Prices, run: int = 0) -> Board:
        """Return the courses of one board on another."""
        new = self.board(prices, run)
        for n, placed in old.placed.items():
            new.put_at(n, placed)
        return new

    def value(self, board: Board) -> tuple[int, int]:
        """Return how many courses that could be placed are not, and what the others cost."""
        return len(self.able) - len(board.placed), board.cost


def _earliest(chain: Chain | None) -> int:
    days = chain.stops[0].days if chain is not None else 0
    return (days & -days).bit_length()


def _bound(
    base: Intake, places: int, one: _Whole, best: Board, rounds: int, teller: _Teller
) -> tuple[Prices, Sequence[Sequence[tuple[int, ...]]]] | None:
    """Raise the bound as far as it goes; return its prices and the dates it took."""
    try:
        from protocol_sched.clinic.volume import bound
    except ModuleNotFoundError:  # numpy is an extra
        return None
    value = one.value(best)

    def raised(done: int, least: float) -> bool:
        teller.rounds = done
        teller.bound = max(teller.bound, math.ceil(least - 0.01))
        return teller.tell("bound", done, rounds, value)

    chosen = set(one.able)
    least = teller.bound
    found = bound(
        [chain if n in chosen else None for n, chain in enumerate(base.chains)],
        base.axis.fields,
        base.profiles,
        base.pools,
        places=places,
        kinds=len(base.kinds),
        goal=math.inf if value[0] else float(value[1]),
        rounds=rounds,
        report=raised,
    )
    teller.rounds = found.rounds
    teller.bound = max(least, math.ceil(found.value))
    return prices_of(base.axis.fields, found.worth.tolist(), one.demand), found.taken


def _stayed(one: _Whole, moves: int, teller: _Teller) -> Board:
    """Return a plan in which visits that people know stay, as far as a search for that goes."""
    whole = one.whole
    prices = wanted(whole.axis.fields, one.demand, whole.axis.horizon.days)
    board = Staying(whole.chains, whole.loads(), prices, Random(one.seed), one.floors)
    settle(board, one.order, (), one.ceiling)

    def searched(done: int, unplaced: int, moved: int) -> bool:
        del moved
        teller.moves = done
        return teller.tell("search", done, moves, (unplaced, board.cost))

    stay(board, moves, ceiling=one.ceiling, fewest=0, report=searched)
    return board


def _searched(one: _Whole, start: Board, prices: Prices, moves: int, teller: _Teller) -> Board:
    """Search from a plan, in few courses again and again, and return the best that was found."""
    few = len(one.able) < FEW
    length = min(moves, RUN) if few else moves
    begun = teller.moves
    hot, cold = (2.0, 0.15) if few else (0.7, 0.1)
    if one.known:
        hot, cold = MOVED * 0.8, 0.5  # one visit more may move for a while
    best = start
    for run in range(-(-moves // length) if length else 0):
        if not teller.on or one.value(best) <= (0, teller.bound):
            break
        before, value = teller.moves, one.value(best)
        left = moves - (before - begun)

        def searched(
            done: int,
            unplaced: int,
            cost: int,
            before: int = before,
            value: tuple[int, int] = value,
        ) -> bool:
            teller.moves = before + done
            return teller.tell("search", before + done, moves, min(value, (unplaced, cost)))

        board = one.again(start, prices, run)
        improve(
            board,
            min(length, left),
            ceiling=one.ceiling,
            hot=hot,
            cold=cold,
            priced=1.0 if len(one.able) >= MANY else 0.0,
            goal=teller.bound,
            report=searched,
        )
        best = min(best, board, key=one.value)
    return best
