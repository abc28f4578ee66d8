"""Importing the package is light: what is heavy loads when it is used."""

from __future__ import annotations

import subprocess
import sys

HEAVY = ("icalendar", "ortools", "matplotlib", "hypothesis", "numpy", "pandas")


def test_importing_the_package_loads_no_heavy_library() -> None:
    program = "import sys, protocol_sched; print(*sys.modules)"
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    loaded = {name.split(".")[0] for name in result.stdout.split()}
    assert "protocol_sched" in loaded
    assert loaded & set(HEAVY) == set()
