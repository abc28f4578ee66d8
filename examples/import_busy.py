"""
Plan a course around a person's own calendar.

    python examples/import_busy.py examples/busy.ics

Nothing of the calendar is kept but when the person is taken: no title, no place, no name.
"""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

from protocol_sched import catalog, plan_course, read_clinic, read_course, read_person
from protocol_sched.formats.ics.reading.busy import away_person, read_busy
from protocol_sched.text.plans import plan_text

HERE = Path(__file__).parent


def main(calendar: Path) -> None:
    course = read_course((HERE / "course.toml").read_text("utf-8"), catalog.load)
    clinic = read_clinic((HERE / "clinic.toml").read_text("utf-8"))
    person = read_person((HERE / "person.toml").read_text("utf-8"))

    busy = read_busy(
        calendar.read_bytes(),
        zone=person.zone or clinic.zone,
        first=date(2027, 3, 1),
        last=date(2027, 4, 30),
        name=calendar.name,
    )
    person = away_person(person, busy, why="own calendar")
    for one in person.away:
        print(one.first, one.last, one.hours, one.why)

    print(plan_text(plan_course(course, clinic, person, as_of=date(2027, 2, 20)), clinic))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "busy.ics")
