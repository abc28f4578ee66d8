"""
A record system's table: what happened goes in, dated visits come out.

    python record_system.py clinic.db

Table `event` only grows, a row for each thing that happened. Table `visit` is replaced after each
change and holds nothing that does not follow from the events. What people are told is an event
too, so the next plan moves as little as it can.
"""

from __future__ import annotations

import json
import sqlite3
import sys
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from protocol_sched import (
    Replan,
    catalog,
    course_from_dict,
    course_to_dict,
    read_clinic,
    read_person,
    record,
    replan_course,
)

HERE = Path(__file__).parent
CLINIC = read_clinic((HERE / "clinic.toml").read_text("utf-8"))
PERSON = read_person((HERE / "person.toml").read_text("utf-8"))
TABLES = """
create table if not exists course (key text primary key, protocol text, not_before text);
create table if not exists event (course text references course, at integer primary key, data text);
create table if not exists visit (
    course text references course, id text, title text, start text, discharge text, escort text,
    primary key (course, id)
);
"""


def stored(db: sqlite3.Connection, key: str) -> dict[str, Any]:
    """Return a course with its events as the library reads it."""
    protocol, not_before = db.execute(
        "select protocol, not_before from course where key = ?", (key,)
    ).fetchone()
    events = db.execute("select data from event where course = ? order by at", (key,))
    return {
        "key": key,
        "protocol": protocol,
        "not_before": not_before,
        "events": [json.loads(data) for (data,) in events],
    }


def happened(
    db: sqlite3.Connection, key: str, events: Iterable[Mapping[str, Any]], today: date
) -> Replan:
    """
    Add events to a course, re-plan it, and store the visits and what people are told of them.

    Raises `InvalidEvent` for an event that cannot have happened; then nothing is written.
    """
    before = stored(db, key)
    after = {**before, "events": [*before["events"], *events]}
    known = len(before["events"])
    course = course_from_dict(before, catalog.load)
    course = record(course, course_from_dict(after, catalog.load).events[known:], as_of=today)
    found = replan_course(course, CLINIC, PERSON, as_of=today)
    course = record(course, found.events(on=today), as_of=today)
    new = course_to_dict(course)["events"][known:]
    visits = found.plan.schedule.visits if found.plan.schedule else ()
    with db:
        db.executemany(
            "insert into event (course, data) values (?, ?)",
            [(key, json.dumps(event)) for event in new],
        )
        db.execute("delete from visit where course = ?", (key,))
        db.executemany(
            "insert into visit values (?, ?, ?, ?, ?, ?)",
            [
                (
                    key,
                    one.id,
                    one.title,
                    one.start.isoformat(),
                    one.discharge.isoformat(),
                    one.escort,
                )
                for one in visits
            ],
        )
    return found


def main(path: str) -> None:
    db = sqlite3.connect(path)
    db.executescript(TABLES)
    key = "course-0417"
    db.execute("insert into course values (?, ?, ?)", (key, "ketamine-migraine", "2027-03-01"))
    happened(db, key, [], date(2027, 2, 20))
    happened(
        db,
        key,
        [
            {"kind": "given", "visit": "evaluation", "on": "2027-03-01"},
            {"kind": "missed", "visit": "induction-1", "on": "2027-03-03", "why": "a cold"},
        ],
        date(2027, 3, 3),
    )
    for row in db.execute("select title, start, escort from visit order by start"):
        print("{:16}{:28}{}".format(row[0], row[1], row[2] or "-"))
    (count,) = db.execute("select count(*) from event").fetchone()
    print(f"{count} events")
    db.close()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python record_system.py DATABASE (a file that does not exist yet)")
    main(sys.argv[1])
