"""
Random histories at length: the state machine of the tests, with many more events.

Run: ``python benchmarks/histories.py [EVENTS [ROUND]]`` (100,000 events from round 1 by default;
each round has its own seed, so a run can be taken up where one stopped). It stops at the first
history after which a plan breaks a rule, moves something past or pinned, or is not the same when
it is made again; else it prints how many events were recorded and how long that took.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.stateful import run_state_machine_as_test

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

from histories import Histories

STEPS = 40
EXAMPLES = 100


def main(wanted: int, first: int) -> None:
    """Run rounds of histories, from the first on, until so many events were recorded."""
    recorded, rounds, began = 0, first - 1, time.perf_counter()

    class Counted(Histories):
        def teardown(self) -> None:
            nonlocal recorded
            recorded += self.events

    while recorded < wanted:
        rounds += 1
        run = seed(rounds)(Counted)
        run_state_machine_as_test(
            run,
            settings=settings(
                max_examples=EXAMPLES,
                stateful_step_count=STEPS,
                deadline=None,
                database=None,
                phases=[Phase.generate, Phase.shrink],
                suppress_health_check=list(HealthCheck),
            ),
        )
        seconds = time.perf_counter() - began
        print(f"round {rounds}: {recorded} events so far, {seconds:.0f} s", flush=True)


if __name__ == "__main__":
    numbers = [int(word) for word in sys.argv[1:]]
    main(*[*numbers, *(100_000, 1)[len(numbers) :]])
