"""Whatever a file of another standard says, it is read as a whole protocol or refused."""

from __future__ import annotations

from collections import Counter

import pytest

from fuzz_standards import STANDARDS, outcome


@pytest.mark.parametrize("standard", STANDARDS)
def test_a_made_up_file_is_read_or_refused(standard: str) -> None:
    """Few are drawn in the gate; `make fuzz` draws them for as long as is asked."""
    found = Counter(outcome(standard, seed) for seed in range(80))
    assert min(found["read"], found["refused"]) > 10
