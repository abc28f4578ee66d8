"""The scripts in examples/ do what they say."""

from __future__ import annotations

import importlib
import json
import os
import sqlite3
import subprocess
import sys
import threading
import tomllib
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import notebooks
from fhir_server import serving
from protocol_sched import InvalidEvent

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


def imported(name: str, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(EXAMPLES)
    module: ModuleType = importlib.import_module(name)
    return module


JOBS = {
    "long_course": [
        "infusion 40: Mon 25 Feb 2030, 4 weeks after infusion 39",
        "review 7: Fri 01 Mar 2030, 36 months after infusion 1",
    ],
    "three_offers": [
        "infusion 1 Thu 04 Mar 08:00, infusion 2 Fri 12 Mar 08:00",
        "infusion 1 Thu 04 Mar 08:00, infusion 2 Thu 18 Mar 08:00",
        "infusion 1 Thu 04 Mar 08:00, infusion 2 Fri 19 Mar 08:00",
    ],
    "first_visit_that_holds": [
        "Wed 10 Mar: the course ends on 08 Apr",
        "Fri 12 Mar: the course ends on 12 Apr",
    ],
    "rides_not_covered": ["infusion 1", "infusion 3", "infusion 4"],
    "cancelled_this_morning": [
        "infusion 3 from Mon 8 March 2027 at 11:00 to Wed 10 March 2027 at 09:00",
        "infusion 6 from Mon 15 March 2027 at 11:00 to Thu 18 March 2027 at 08:00",
        "the response review",
    ],
    "poor_score": ["infusion 2 on 2027-03-09", "infusion 2 on 2027-03-05", "on 2027-03-04"],
    "why_not": ["infusion 6 on Thu 11 March", "Mon 22 February", "22 March 2027"],
    "ill_nurse": ["4 visits move; no plan moves fewer than 4", "call Ben"],
    "freed_chair": ["person-0417: infusion 2 at Fri 05 Mar 08:00, 0 other visits move"],
    "calendar_files": [
        "2027-02-20 patient.ics: 14 entries, 0 of them changed",
        "2027-02-21 patient.ics: 14 entries, 6 of them changed",
        "2027-02-21 Tomas Lindqvist.ics: 1 entries, 1 of them changed",
    ],
}


@pytest.mark.parametrize("job", JOBS)
def test_each_of_the_ten_jobs_gives_its_answer(job: str, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = getattr(imported("ten_jobs", monkeypatch), job)()
    at = 0
    for wanted in JOBS[job]:
        (at,) = [n for n in range(at, len(lines)) if wanted in lines[n]][:1] or [-1]
        assert at >= 0, f"{wanted!r} is not said, or not in this order, in {lines}"


def test_the_ten_jobs_are_those_the_script_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [job.__name__ for job in imported("ten_jobs", monkeypatch).JOBS] == list(JOBS)


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    with imported("service", monkeypatch).server(0) as server:
        monkeypatch.setattr(server.RequestHandlerClass, "log_message", lambda *_: None)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def answered(url: str, **body: Any) -> tuple[int, str]:
    of = {
        "as_of": "2027-02-20",
        "course": plain("course.toml"),
        "person": plain("person.toml"),
        **body,
    }
    try:
        with urllib.request.urlopen(url, json.dumps(of).encode()) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


def plain(name: str) -> Any:
    return json.loads(json.dumps(tomllib.loads((EXAMPLES / name).read_text("utf-8")), default=str))


def test_the_service_answers_with_the_plan_the_reason_and_the_calendar(service: str) -> None:
    status, body = answered(f"{service}/plan")
    visits = json.loads(body)["schedule"]["visits"]
    assert (status, len(visits), visits[1]["start"]) == (200, 8, "2027-03-03T09:00:00-05:00")
    requests = [{"visit": "induction-3", "on": "2027-03-11"}]
    status, body = answered(f"{service}/explanation", requests=requests)
    assert status == 200
    assert "Harbour Street Infusion Clinic is closed on Thu 11 March (staff training)" in body
    status, body = answered(f"{service}/patient.ics")
    assert (status, body.count("BEGIN:VEVENT")) == (200, 14)


def test_the_service_says_what_is_wrong_with_a_request(service: str) -> None:
    alone = plain("person.toml") | {"escorts": []}
    assert answered(f"{service}/plan", person=alone)[0] == 409
    assert answered(f"{service}/patient.ics", person=alone) == (409, "no plan keeps every rule\n")
    assert answered(f"{service}/nothing")[0] == 404
    status, body = answered(f"{service}/plan", course={"key": "c", "protocol": "ketamin-migraine"})
    assert status == 422
    assert "ketamine-migraine" in body


def test_a_record_system_keeps_events_and_gets_visits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "clinic.db"
    lines = output("record_system.py", str(path)).splitlines()
    assert lines[0].split() == ["infusion", "1", "2027-03-05T09:00:00-05:00", "Priya", "Nair"]
    assert len(lines) == 8
    db = sqlite3.connect(path)
    kept = db.execute("select count(*) from event").fetchone()
    impossible = [{"kind": "given", "visit": "inducton-1", "on": "2027-03-04"}]
    with pytest.raises(InvalidEvent, match="inducton-1"):
        imported("record_system", monkeypatch).happened(
            db, "course-0417", impossible, date(2027, 3, 4)
        )
    assert db.execute("select count(*) from event").fetchone() == kept
    db.close()


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.ipynb")), ids=lambda path: path.name)
def test_a_notebook_shows_what_its_cells_give(path: Path) -> None:
    text = path.read_text("utf-8")
    assert notebooks.executed(text) == text


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.ipynb")), ids=lambda path: path.name)
def test_a_notebook_is_one_for_jupyter(path: Path) -> None:
    nbformat = pytest.importorskip("nbformat", reason="nbformat is not here")
    nbformat.validate(json.loads(path.read_text("utf-8")))


@pytest.mark.parametrize(
    "script",
    [
        "three_files.py",
        "publish_caldav.py",
        "post_to_fhir.py",
        "read_fhir_slots.py",
        "service.py",
        "record_system.py",
    ],
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
