"""The scripts in examples/ do what they say."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"


def output(script: str, *arguments: str) -> str:
    result = subprocess.run(
        [sys.executable, str(EXAMPLES / script), *arguments],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        cwd=EXAMPLES,
    )
    assert (result.returncode, result.stderr) == (0, "")
    return result.stdout


def test_a_plan_is_made_around_a_persons_own_calendar() -> None:
    lines = output("import_busy.py", "busy.ics").splitlines()
    assert lines[:5] == [
        "2027-03-16 2027-03-17 ((0, 1440),) conference",
        "2027-03-02 2027-03-02 ((570, 660),) own calendar",
        "2027-03-05 2027-03-05 ((570, 660),) own calendar",
        "2027-03-08 2027-03-08 ((1320, 1440),) own calendar",
        "2027-03-09 2027-03-09 ((0, 90),) own calendar",
    ]
    # Without the calendar it would be at 09:00, in the middle of the physiotherapy.
    (second,) = [line for line in lines if line.startswith("infusion 2 ")]
    assert "Fri  5 Mar  11:00" in second


def test_an_answer_by_mail_confirms_a_ride_once() -> None:
    assert output("handle_reply.py", "reply.eml").splitlines()[:3] == [
        "The mail arrives first: confirmed. Priya Nair takes the person home.",
        "The mail arrives a second time: not newer. "
        "It is as old as the answer of 2027-02-22 13:14:58 UTC.",
        "induction-1: Priya Nair, confirmed",
    ]


@pytest.mark.parametrize("script", ["three_files.py", "publish_caldav.py"])
def test_a_script_called_without_what_it_needs_says_how_it_is_called(script: str) -> None:
    result = subprocess.run(
        [sys.executable, str(EXAMPLES / script)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
    )
    assert result.returncode == 1
    assert result.stderr.startswith(f"usage: python {script} ")
    assert len(result.stderr.splitlines()) == 1
