"""A course on a real CalDAV server, through a real client; and the examples, run as they are."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import caldav
import pytest
from icalendar import Calendar
from radicale import app, config

from ics_entries import events, written
from ics_lint import lint
from protocol_sched.formats.ics.entries import (
    CalendarOptions,
    clinic_calendar,
    escort_calendar,
    patient_calendar,
)
from protocol_sched.formats.ics.file import calendar_objects
from protocol_sched.model.course import Course
from protocol_sched.model.notifying import notifications
from protocol_sched.model.schedule import Schedule, Visit
from samples import NEW_YORK, NOW, PROTOCOL, course_schedule, schedule, visit

EXAMPLES = Path(__file__).parent.parent / "examples"
FIRST = datetime(2027, 3, 10, 9, tzinfo=NEW_YORK)


class Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server(tmp_path: Path) -> Iterator[str]:
    """Run Radicale on a free port of this machine for as long as a test lasts."""
    settings = {
        "auth": {"type": "none"},
        "storage": {"filesystem_folder": str(tmp_path / "store")},
        "logging": {"level": "critical"},
    }
    configuration = config.load()
    configuration.update(settings, "test")
    application = app.Application(configuration)
    with make_server("127.0.0.1", 0, application, handler_class=Quiet) as running:
        thread = threading.Thread(target=running.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{running.server_port}/"
        finally:
            running.shutdown()
            thread.join(10)


@pytest.fixture
def calendar(server: str) -> Iterator[Any]:
    with caldav.DAVClient(url=server, username="alex", password="any", timeout=10) as client:
        principal: Any = client.principal  # not typed
        yield principal().make_calendar(name="visits", cal_id="visits")


def example(name: str) -> ModuleType:
    spec = spec_from_file_location(name, EXAMPLES / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def publish() -> Callable[[Any, bytes], tuple[int, int]]:
    found: Callable[[Any, bytes], tuple[int, int]] = example("publish_caldav").publish
    return found


def files(*steps: tuple[Visit, ...]) -> Iterator[tuple[Schedule, bytes]]:
    """Yield the person's file after each step, a minute apart."""
    course = Course(key="c-1", protocol=PROTOCOL)
    for n, placed in enumerate(steps):
        of = schedule(*placed)
        course = course.after(notifications(of, course, on=NOW.date()))
        options = CalendarOptions().knowing(course, of)
        yield of, written(of, options=options, now=NOW + timedelta(minutes=n))


def stored(calendar: Any) -> dict[str, tuple[str, int, datetime]]:
    """Return status, sequence and start of every timed entry on the server by its UID."""
    found = {}
    for item in calendar.events():
        [event] = Calendar.from_ical(item.data.encode()).events
        if isinstance(event.start, datetime):
            assert str(event["UID"]) not in found, "an entry twice"
            start = event.start.astimezone(UTC)
            found[str(event["UID"])] = str(event["STATUS"]), event.sequence, start
    return found


def test_a_course_is_put_moved_and_cancelled_without_doubling(
    calendar: Any, publish: Callable[[Any, bytes], tuple[int, int]]
) -> None:
    one, two = (visit(f"induction-{n}", FIRST + timedelta(days=3 * n), ordinal=n) for n in (1, 2))
    moved = visit("induction-1", one.start + timedelta(hours=2))
    steps = list(files((one, two), (moved, two), (moved,), (moved, two)))
    found = []
    for _, raw in steps:
        publish(calendar, raw)
        found.append(sorted((s, n) for s, n, _ in stored(calendar).values()))
    assert found == [
        [("CONFIRMED", 0), ("CONFIRMED", 0)],
        [("CONFIRMED", 0), ("CONFIRMED", 1)],
        [("CANCELLED", 1), ("CONFIRMED", 1)],
        [("CONFIRMED", 1), ("CONFIRMED", 2)],
    ]
    assert {start for _, _, start in stored(calendar).values()} == {
        v.start.astimezone(UTC) for v in (moved, two)
    }


def test_the_last_file_wins_on_a_server_too(
    calendar: Any, publish: Callable[[Any, bytes], tuple[int, int]]
) -> None:
    one = visit("induction-1", FIRST)
    later = visit("induction-1", FIRST + timedelta(days=1))
    (_, old), (_, new) = files((one,), (later,))
    assert publish(calendar, new) == (2, 0)
    assert publish(calendar, old) == (0, 2)
    [(_, sequence, start)] = stored(calendar).values()
    assert (sequence, start) == (1, later.start.astimezone(UTC))


def test_a_time_range_query_finds_the_visits_of_a_week(
    calendar: Any, publish: Callable[[Any, bytes], tuple[int, int]]
) -> None:
    publish(calendar, written(course_schedule()))
    found = calendar.search(
        start=datetime(2027, 3, 8, tzinfo=UTC), end=datetime(2027, 3, 15, tzinfo=UTC), event=True
    )
    summaries = sorted(str(e["SUMMARY"]) for i in found for e in Calendar.from_ical(i.data).events)
    assert summaries == ["Clinic appointment 2", "Do not drive"]
    # To the minute, by the file's own zone: 08:30 to 11:15 in New York, two days before its
    # clocks go forward.
    for start, end, count in ((0, 13 * 60 + 30, 0), (0, 13 * 60 + 31, 1), (16 * 60 + 15, 1439, 0)):
        day = datetime(2027, 3, 12, tzinfo=UTC)
        window = (day + timedelta(minutes=start), day + timedelta(minutes=end))
        hits = calendar.search(start=window[0], end=window[1], event=True)
        visits = [i for i in hits if "Clinic appointment" in i.data]
        assert len(visits) == count, (start, end)


@pytest.mark.parametrize("writer", [patient_calendar, escort_calendar, clinic_calendar])
def test_an_object_has_one_entry_its_zone_and_no_method(writer: Callable[..., bytes]) -> None:
    options = CalendarOptions(organizer="rides@harbour.example", details=True)
    raw = written(course_schedule(), writer, options)
    objects = calendar_objects(raw)
    assert [event["UID"][1:] for event in events(raw)] == list(objects)
    for uid, one in objects.items():
        assert lint(one) == []
        assert b"METHOD" not in one
        [event] = events(one)
        assert event["UID"] == f":{uid}"
        assert one.count(b"BEGIN:VTIMEZONE") == ("TZID" in event["DTSTART"])
    assert [event for one in objects.values() for event in events(one)] == events(raw)


# --- the examples ----------------------------------------------------------------------------


def run(name: str, *arguments: str) -> str:
    command = [sys.executable, str(EXAMPLES / name), *arguments]
    result = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_the_example_publishes_a_course(server: str, calendar: Any) -> None:
    url = f"{server}alex/visits/"
    assert (
        run("publish_caldav.py", url, "alex", "any") == "14 entries put, 0 as new there already\n"
    )
    assert len(stored(calendar)) == 8
    run("publish_caldav.py", url, "alex", "any")
    assert len(calendar.events()) == 14


def test_the_example_hands_out_files_and_their_successors(tmp_path: Path) -> None:
    said = run("three_files.py", str(tmp_path))
    assert said.splitlines()[0] == "notified  induction-1"
    names = {"patient.ics", "clinic.ics", "Priya Nair.ics", "Tomas Lindqvist.ics"}
    versions = []
    for step in ("first", "second"):
        assert {path.name for path in (tmp_path / step).iterdir()} == names
        raws = [(tmp_path / step / name).read_bytes() for name in sorted(names)]
        assert [lint(raw) for raw in raws] == [[]] * len(names)
        versions.append({event["UID"]: event for raw in raws for event in events(raw)})
    first, second = versions
    moved = [
        uid for uid in second if uid in first and second[uid]["DTSTART"] != first[uid]["DTSTART"]
    ]
    assert moved
    assert all(int(second[uid]["SEQUENCE"][1:]) > int(first[uid]["SEQUENCE"][1:]) for uid in moved)
