"""Courses of a whole year from the shared bench, against its proved optima and its checker."""

from __future__ import annotations

import csv
import importlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
BENCH = ROOT.parent / "shared" / "bench"
LEVELS = ("deviation_days", "finish_day", "time_of_day_min")

if not (BENCH / "gen.py").exists():
    pytest.skip("the shared bench is not beside this checkout", allow_module_level=True)


def shared(name: str) -> Any:
    """Return a module of the bench."""
    sys.path.insert(0, str(BENCH))
    try:
        sys.dont_write_bytecode, kept = True, sys.dont_write_bytecode
        return importlib.import_module(name)
    finally:
        sys.path.remove(str(BENCH))
        sys.dont_write_bytecode = kept


def solved(instances: list[dict[str, Any]], folder: Path) -> list[dict[str, Any]]:
    """Plan instances through the bench's door and return its answers."""
    files = []
    for instance in instances:
        files.append(folder / f"{instance['name']}.json")
        files[-1].write_text(json.dumps(instance))
    command = [sys.executable, str(ROOT / "benchmarks" / "solve_instance.py"), *map(str, files)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_standard_courses_are_planned_as_well_as_was_proved(tmp_path: Path) -> None:
    gen, check = shared("gen"), shared("check")
    with (BENCH / "course_optima.csv").open() as rows:
        optima = {row["name"]: row for row in csv.DictReader(rows)}
    instances = [gen.course(*one) for one in gen.COURSE_SUITE + gen.COURSE_INFEASIBLE]
    assert len(instances) == 36
    for instance, answer in zip(instances, solved(instances, tmp_path), strict=True):
        optimum = optima[instance["name"]]
        if not optimum["finish_day"]:
            assert answer["status"] == "impossible", instance["name"]
            continue
        assert answer["objective"][1:] == [int(optimum[key]) for key in LEVELS], instance["name"]
        assert check.check(instance, answer)["ok"], instance["name"]


def test_other_courses_are_planned_and_pass_the_bench_s_checker(tmp_path: Path) -> None:
    gen, check = shared("gen"), shared("check")
    sizes = [(50, 8), (80, 8), (95, 14)]
    instances = [gen.course(seed, *size) for seed in range(101, 109) for size in sizes]
    answers = solved(instances, tmp_path)
    placed = [answer["status"] == "optimal" for answer in answers]
    assert sum(placed) > len(placed) // 2
    for instance, answer in zip(instances, answers, strict=True):
        if answer["status"] == "optimal":
            found = check.check(instance, answer)
            assert found["ok"], (instance["name"], found)
