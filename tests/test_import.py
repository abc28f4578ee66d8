"""Importing the package is light: what is heavy loads when it is used."""

from __future__ import annotations

import subprocess
import sys

import pytest

import protocol_sched
from protocol_sched.errors import MissingExtra
from protocol_sched.problem import Problem
from protocol_sched.solvers import cpsat

HEAVY = ("icalendar", "ortools", "matplotlib", "hypothesis", "numpy", "pandas")


def test_importing_the_package_loads_no_heavy_library() -> None:
    program = "import sys, protocol_sched; print(*sys.modules)"
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    loaded = {name.split(".")[0] for name in result.stdout.split()}
    assert "protocol_sched" in loaded
    assert loaded & set(HEAVY) == set()


def test_what_needs_an_extra_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ortools.sat.python", None)
    with pytest.raises(MissingExtra) as missing:
        cpsat.solve(Problem((), (), (0, 1)))
    wanted = "the second solver needs OR-Tools: pip install 'protocol-sched[cpsat]'"
    assert str(missing.value) == wanted


def test_every_public_name_is_there_and_nothing_else_is() -> None:
    for name in protocol_sched.__all__:
        assert getattr(protocol_sched, name).__name__ == name
    held = [name for names in protocol_sched._HOMES.values() for name in names]
    assert sorted(held) == sorted(protocol_sched.__all__)
    with pytest.raises(AttributeError, match="has no attribute 'plan'"):
        getattr(protocol_sched, "plan")  # noqa: B009
