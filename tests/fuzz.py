"""
New random worlds for every law, as long as is asked: ``python tests/fuzz.py MINUTES [TESTS ...]``.

Prints for each law how many worlds it was held against, how many worlds had each kind of rule and
history (`courses.kinds`), and for a failure what repeats it. Ends with 1 if there was one. A file
that has begun when time is over is run to its end.
"""

from __future__ import annotations

import itertools
import os
import re
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Lock

TESTS = Path(__file__).parent
REPEATS = re.compile(r".*(?:reproduce_failure|--hypothesis-seed=|^FAILED |^ERROR ).*", re.MULTILINE)
LAW = re.compile(
    r"^(tests/\S+::\S+):$|^ +- (\d+) passing(?: examples)?, (\d+) failing", re.MULTILINE
)
KIND = re.compile(r"^ +\* +([\d.]+)%, (.+)$")
"""A share of a law's worlds that had a kind, as `hypothesis.event` has it counted."""
NOTHING_RAN = 5
"""How pytest ends where a file holds no law."""


def run(tests: str, seed: int) -> tuple[str, int]:
    """
    Run the laws of a file on new worlds; return what pytest printed, and how it ended.

    Each file has a process of its own, since hypothesis counts worlds for one process only.
    """
    command = [sys.executable, "-m", "pytest", "-m", "hypothesis", "--hypothesis-profile=fuzz"]
    command += [f"--hypothesis-seed={seed}", "--hypothesis-show-statistics", "-n", "0", tests]
    ended = subprocess.run(command, cwd=TESTS.parent, capture_output=True, text=True)
    return ended.stdout + ended.stderr, ended.returncode


def files(tests: list[str], until: float) -> Iterator[tuple[str, int]]:
    """Yield files with a seed for each, over and over, until time is over."""
    with_laws = [
        str(path.relative_to(TESTS.parent))
        for path in sorted(TESTS.glob("test_*.py"))
        if "hypothesis" in path.read_text()
    ]
    for one in itertools.cycle(tests or with_laws):
        if time.monotonic() >= until:
            return
        yield one, int.from_bytes(os.urandom(4))


def count(printed: str, worlds: Counter[str], kinds: Counter[str]) -> None:
    """Add the worlds of each law that hypothesis printed, and those of each kind among them."""
    law, held = "", 0
    for line in printed.splitlines():
        if found := LAW.match(line):
            law, held = found[1] or law, 0 if found[1] else int(found[2]) + int(found[3])
            worlds[law] += held
        elif (found := KIND.match(line)) and not found[2].startswith(("Retried", "invalid")):
            kinds[found[2]] += round(held * float(found[1]) / 100)


def main(minutes: float, tests: list[str]) -> int:
    """Run files until time is over; return 1 if a law was broken."""
    until = time.monotonic() + 60 * minutes
    worlds: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    left, failed = files(tests, until), False

    lock = Lock()  # a generator is asked by one thread at a time

    def work(_: int) -> None:
        nonlocal failed
        while True:
            with lock:
                job = next(left, None)
            if job is None:
                return
            one, seed = job
            printed, ended = run(one, seed)
            count(printed, worlds, kinds)
            if ended not in (0, NOTHING_RAN):
                failed = True
                said = "\n".join(REPEATS.findall(printed) or [printed])
                print(f"{one}, seed {seed}\n{said}", flush=True)

    workers = os.cpu_count() or 1
    with ThreadPoolExecutor(workers) as pool:
        list(pool.map(work, range(workers)))
    for law, held in sorted(worlds.items()):
        print(f"{held:8} {law}")
    print(f"{worlds.total():8} worlds in all")
    if kinds:
        print("\nWorlds with each kind, of the laws that count them:")
    for kind, number in sorted(kinds.items()):
        print(f"{number:8} {kind}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]), sys.argv[2:]))
