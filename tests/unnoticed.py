"""Mutants that no test can notice, each with the reason why it changes nothing that matters."""

from collections.abc import Mapping

_SAME_MIDNIGHT = "24:00 is worked out from its own date then, and is the same moment"

EXPLAINED: Mapping[tuple[str, str, str], str] = {
    ("judge/clock.py", "24", "(25)"): _SAME_MIDNIGHT,
    ("judge/clock.py", "60", "(61)"): _SAME_MIDNIGHT,
    ("judge/objective.py", "len(gaps) > 1", "(len(gaps) >= 1)"): "one distance is like itself",
    ("judge/objective.py", "one + 1", "(one - 1)"): (
        "the most that are of two numbers of days running are the same from either of them"
    ),
}
"""By path below the package, what stood there and what stands there instead."""
