"""`check` on calendar files, as people and programs meet it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from command_line import in_process
from test_cli import AS_OF, INPUTS, here, run

__all__ = ["here"]

FOREIGN = """\
BEGIN:VCALENDAR
VERSION:2.0
BEGIN:VEVENT
UID:1
SUMMARY:Evaluation
DTSTART;TZID=Eastern Standard Time:20270301T090000
DTEND;TZID=Eastern Standard Time:20270301T100000
END:VEVENT
BEGIN:VEVENT
UID:2
SUMMARY:Infusion
DTSTART;TZID=Eastern Standard Time:20270303T090000
DTEND;TZID=Eastern Standard Time:20270303T114500
RRULE:FREQ=DAILY;COUNT=2
END:VEVENT
BEGIN:VEVENT
UID:3
SUMMARY:Dentist
DTSTART:20270318T130000Z
DTEND:20270318T140000Z
END:VEVENT
END:VCALENDAR
"""


@pytest.fixture
def planned(here: Path) -> Path:
    """Return the example files beside the files of their plan."""
    assert run(here, f"plan {INPUTS} {AS_OF} --out out").returncode == 0
    return here


@pytest.mark.parametrize("name", ["patient", "clinic"])
def test_the_files_of_a_plan_keep_every_rule(planned: Path, name: str) -> None:
    result = run(planned, f"check out/{name}.ics {INPUTS} {AS_OF}")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.splitlines()[-1] == "Every rule is kept."


def test_the_picture_of_a_plan_tells_as_much_as_is_asked(here: Path) -> None:
    for command, level in (("plan --privacy", "minimal"), ("replan --privacy", "neutral")):
        assert run(here, f"{command} {level} {INPUTS} {AS_OF} --out {level}").returncode == 0
        drawn = (here / level / "course.svg").read_text("utf-8")
        assert ("Infusion" in drawn, "Priya Nair" in drawn) == (False, level == "neutral")


def test_a_foreign_calendar_is_judged_whatever_it_is_called(here: Path) -> None:
    (here / "export.txt").write_text(FOREIGN, "utf-8")
    result = run(here, f"check export.txt {INPUTS} --json")
    assert (result.returncode, result.stderr) == (1, "")
    answer = json.loads(result.stdout)
    assert [(one["visit"], one["by"], one["judged"]) for one in answer["visits"]] == [
        ("evaluation", "title", "in window"),
        ("induction-1", "kind and order", "in window"),
        ("induction-2", "kind and order", "too early"),
    ]
    assert [(one["title"], one["line"]) for one in answer["unmatched"]] == [("Dentist", 16)]
    assert {one["rule"] for one in answer["violations"]} == {
        *("missing visit", "escort", "separation"),
    }


def test_only_entries_of_a_title_are_visits_if_one_is_asked_for(here: Path) -> None:
    (here / "mine.ics").write_text(FOREIGN, "utf-8")
    result = run(here, f"check mine.ics {INPUTS} --title dentist --json")
    visits = json.loads(result.stdout)["visits"]
    assert [(one["visit"], one["title"]) for one in visits] == [("evaluation", "Dentist")]


def test_a_broken_calendar_is_refused_with_its_lines(here: Path) -> None:
    (here / "mine.ics").write_text(FOREIGN.replace("COUNT=2", "COUNT=two")[:-25], "utf-8")
    result = run(here, f"check mine.ics {INPUTS}")
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == (
        "protocol-sched: mine.ics: 3 faults\n"
        "  line 1: BEGIN:VCALENDAR has no END; the file may be cut off\n"
        "  line 14: RRULE: COUNT must be a whole number from 1 to 999999999, got 'TWO'\n"
        "  line 16: BEGIN:VEVENT has no END; the file may be cut off\n"
    ), result.stderr


def test_a_calendar_that_cannot_be_read_is_said_so(here: Path) -> None:
    result = run(here, f"check missing.ics {INPUTS}")
    assert result.stderr == "protocol-sched: cannot read missing.ics: No such file or directory\n"
    with (here / "huge.ics").open("wb") as file:
        file.write(b"BEGIN:VCALENDAR\n")
        file.truncate(50_000_000)
    result = run(here, f"check huge.ics {INPUTS}")
    assert result.stderr == (
        "protocol-sched: huge.ics: 1 fault\n"
        "  line 2: the file is longer than 10000000 octets; no more are read\n"
    )


# --- busy calendars --------------------------------------------------------------------------


def test_a_plan_is_made_around_the_calendars_of_the_person_and_of_escorts(here: Path) -> None:
    (here / "nair.ics").write_text(
        "BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20270303\nDURATION:P2D\nEND:VEVENT\n"
        "END:VCALENDAR\n",
        "utf-8",
    )
    own, escorts = ["--busy", "busy.ics"], ["--busy", "Priya Nair=nair.ics"]
    arrivals, said = [], []
    for busy in ([], own, [*own, *escorts]):
        words = ["plan", *INPUTS.split(), *AS_OF.split(), "--json", *busy]
        result = in_process(words, here)
        assert result.returncode == 0
        said.append(result.stderr)
        visits = json.loads(result.stdout)["schedule"]["visits"]
        arrivals.append([visit["start"][:16] for visit in visits[1:3]])
    assert arrivals == [
        ["2027-03-03T09:00", "2027-03-05T09:00"],
        ["2027-03-03T09:00", "2027-03-05T11:00"],
        ["2027-03-05T11:00", "2027-03-08T11:00"],
    ]

    own_said = (
        "busy.ics: 5 entries that begin 2027-03-02 to 2027-03-24, 4 of which take time on the "
        "dates looked at.\n"
    )
    escorts_said = (
        "Priya Nair=nair.ics: 1 entry that begins on 2027-03-03, which takes time on the dates "
        "looked at.\n"
    )
    assert said == ["", own_said, own_said + escorts_said]


def test_a_busy_calendar_that_is_empty_or_damaged_is_seen_to_be(here: Path) -> None:
    (here / "todo.ics").write_text(
        "BEGIN:VCALENDAR\nBEGIN:VTODO\nSUMMARY:x\nEND:VTODO\nEND:VCALENDAR\n", "utf-8"
    )
    (here / "old.ics").write_bytes(
        b"BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:caf\xe9\nDTSTART:20190303\nEND:VEVENT\n"
        b"END:VCALENDAR\n"
    )
    result = run(here, f"plan {INPUTS} {AS_OF} --busy todo.ics --busy old.ics")
    assert (result.returncode, result.stderr) == (
        0,
        "todo.ics: no entries, so no time is taken on the dates looked at; not looked at: "
        "1 VTODO.\n"
        "old.ics: 1 entry that begins on 2019-03-03, which takes no time on the dates looked at.\n"
        "old.ics: passed over: line 3: must be UTF-8 text, got the octet 0xe9; read as Latin-1\n",
    )


def test_a_busy_calendar_that_is_broken_is_told_with_what_else_is(here: Path) -> None:
    (here / "bad.ics").write_text("BEGIN:VCALENDAR\n", "utf-8")
    result = run(here, f"plan {INPUTS} {AS_OF} --busy bad.ics --busy none.ics")
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == (
        "protocol-sched: bad.ics: 1 fault\n"
        "  line 1: BEGIN:VCALENDAR has no END; the file may be cut off\n"
        "cannot read none.ics: No such file or directory\n"
    )


def test_the_courses_own_entries_in_a_busy_calendar_do_not_stand_in_its_way(planned: Path) -> None:
    plan = f"plan {INPUTS} {AS_OF} --json"
    busy = f"{plan} --busy out/patient.ics --busy out/clinic.ics"
    assert (
        json.loads(run(planned, busy).stdout)["schedule"]
        == (json.loads(run(planned, plan).stdout)["schedule"])
    )
    others = (planned / "out" / "patient.ics").read_text("utf-8").replace("UID:", "UID:x")
    (planned / "other.ics").write_text(others, "utf-8")
    assert run(planned, f"{plan} --busy other.ics").stdout != run(planned, plan).stdout


def test_a_busy_calendar_of_somebody_unknown_is_refused(here: Path) -> None:
    result = run(here, f"plan {INPUTS} {AS_OF} --busy Karl=none.ics")
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == (
        "protocol-sched: --busy: escort names 'Karl'; known: Tomas Lindqvist, Priya Nair\n"
    )
