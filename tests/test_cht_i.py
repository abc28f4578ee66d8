"""Instances of a French day hospital, planned whole; data and a judge that know nothing of it."""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared" / "bench" / "cht-i"


@pytest.fixture(scope="module")
def bench() -> Any:
    """Return the benchmark as a module; others of its folder have names that tests have too."""
    spec = importlib.util.spec_from_file_location("cht_i", ROOT / "benchmarks" / "cht_i.py")
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules["cht_i"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


needs_data = pytest.mark.skipif(
    not SHARED.is_dir(), reason="the instances of CHT-I lie in ../shared, which is not here"
)


@needs_data
@pytest.mark.parametrize(("kind", "delay"), [("daily", 0), ("weekly", 1)])
def test_the_smallest_instances_are_planned_whole_and_as_early_as_can_be(
    bench: Any, kind: str, delay: int
) -> None:
    found = bench.solved(json.loads((SHARED / f"instance_15_{kind}_1.json").read_text()))
    assert (found["unplaced"], found["placed"]) == ([], 15)
    assert found["broken"] == []
    assert found["delay"] == found["alone"] == delay


@needs_data
def test_the_judge_of_the_day_hospital_sees_what_is_wrong(bench: Any) -> None:
    instance = json.loads((SHARED / "instance_15_daily_1.json").read_text())
    param, rows = instance["param"], bench.shares_of(instance)
    # Everybody at once at the first slot of the first day, as they would go alone.
    starts = {
        (demand["id"], visit): (0, 0, flow)
        for demand in instance["demands"]
        for visit, flow in enumerate(bench.chosen(demand, param, rows, 1)[1])
    }
    found = " ".join(bench.broken(instance, starts, 1))
    assert "comes 0 days after the one before" in found
    assert "too few nurses on day 0" in found
    gone = dict(list(starts.items())[1:])
    assert "person 0 visit 0 has no place" in list(bench.broken(instance, gone, 1))
