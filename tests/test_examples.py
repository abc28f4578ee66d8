"""The scripts in examples/ do what they say."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from fhir_server import serving

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


def test_a_plan_is_put_on_a_fhir_server_and_put_again_in_the_same_place() -> None:
    pytest.importorskip("fhir.resources.R4B.bundle", reason="fhir.resources is not here")
    with serving([]) as server:
        first = output("post_to_fhir.py", server.url, "Patient/17")
        kept = dict(server.kept)
        second = output("post_to_fhir.py", server.url, "Patient/17")
    assert len(kept) > 3
    assert first.startswith(f"{len(kept)} appointments: 201 Created; ")
    assert second.startswith(f"{len(kept)} appointments: 200 OK; ")
    assert server.kept == kept
    for one in kept.values():
        assert one["participant"][0]["actor"]["reference"] == "Patient/17"


def test_a_plan_is_made_around_the_slots_of_a_fhir_server_all_pages_of_them() -> None:
    def slot(n: int, start: str, end: str, status: str, of: str) -> dict[str, Any]:
        times = {"start": f"2027-03-{start}-05:00", "end": f"2027-03-{end}-05:00"}
        schedule = {"reference": f"Schedule/{of}"}
        return {
            "resourceType": "Slot",
            "id": str(n),
            "schedule": schedule,
            "status": status,
            **times,
        }

    slots = [
        slot(1, "01T08:00:00", "01T08:30:00", "busy", "alex"),
        slot(2, "03T08:00:00", "03T17:00:00", "busy", "maria"),
        slot(3, "04T08:00:00", "04T17:00:00", "free", "alex"),
        slot(4, "05T08:00:00", "05T09:30:00", "busy-tentative", "alex"),
        slot(5, "08T12:00:00", "08T13:00:00", "busy-unavailable", "alex"),
    ]
    with serving(slots) as server:
        lines = output("read_fhir_slots.py", server.url, "Schedule/alex").splitlines()
    assert lines[:3] == [
        "2027-03-01T13:00:00+00:00 2027-03-01T13:30:00+00:00",
        "2027-03-05T13:00:00+00:00 2027-03-05T14:30:00+00:00",
        "2027-03-08T17:00:00+00:00 2027-03-08T18:00:00+00:00",
    ]
    assert any(line.startswith("infusion 1 ") for line in lines)


@pytest.mark.parametrize(
    "script",
    ["three_files.py", "publish_caldav.py", "post_to_fhir.py", "read_fhir_slots.py"],
)
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
