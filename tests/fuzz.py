"""
New random worlds for every law, for as long as is asked: ``python tests/fuzz.py MINUTES [TESTS ...]``.

Prints for each law how many worlds it was held against, and for a failure what repeats it. Ends
with 1 if there was one. A round that has begun when time is over is run to its end.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

TESTS = Path(__file__).parent
REPEATS = re.compile(r".*(?:reproduce_failure|--hypothesis-seed=|^FAILED |^ERROR ).*", re.MULTILINE)
LAW = re.compile(r"^(tests/\S+::\S+):$|^ +- (\d+) passing examples, (\d+) failing", re.MULTILINE)


def round_of(seed: int, tests: list[str]) -> tuple[str, int]:
    """Run every law of some tests once on new worlds; return what pytest printed, and how it ended."""
    command = [sys.executable, "-m", "pytest", "-m", "hypothesis", "--hypothesis-profile=fuzz"]
    command += [f"--hypothesis-seed={seed}", "--hypothesis-show-statistics", "-n", "auto"]
    run = subprocess.run([*command, *tests], cwd=TESTS.parent, capture_output=True, text=True)
    return run.stdout + run.stderr, run.returncode


def main(minutes: float, tests: list[str]) -> int:
    """Run rounds until time is over; return 1 if a law was broken."""
    until = time.monotonic() + 60 * minutes
    worlds: Counter[str] = Counter()
    failed = False
    while time.monotonic() < until:
        seed = int.from_bytes(os.urandom(4))
        print(f"seed {seed}", flush=True)
        printed, ended = round_of(seed, tests)
        law = ""
        for name, passed, fell in LAW.findall(printed):
            law = name or law
            worlds[law] += int(passed or 0) + int(fell or 0)
        if ended:
            failed = True
            print(*(REPEATS.findall(printed) or [printed]), sep="\n", flush=True)
    for law, count in sorted(worlds.items()):
        print(f"{count:8} {law}")
    print(f"{worlds.total():8} worlds in all")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]), sys.argv[2:] or ["tests"]))
