"""
Plan a course around the busy slots of a schedule on a FHIR server.

    python read_fhir_slots.py https://fhir.example.org/r4 Schedule/alex

A server answers in pages; all of them are read, since a page that is left out would read as free.
"""

from __future__ import annotations

import json
import sys
import urllib.parse
import urllib.request
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from protocol_sched import (
    away_person,
    catalog,
    plan_course,
    plan_text,
    read_busy_slots,
    read_clinic,
    read_course,
    read_person,
)

HERE = Path(__file__).parent
MOST_PAGES = 1000


def slots(base: str, schedule: str, first: date, last: date) -> str:
    """Return the slots of a schedule from one date to another as one bundle."""
    # A day more on either side: the server may take dates by another zone's midnight.
    asked = [
        ("schedule", schedule),
        ("start", f"ge{first - timedelta(days=1)}"),
        ("start", f"le{last + timedelta(days=1)}"),
    ]
    url: str | None = f"{base}/Slot?{urllib.parse.urlencode(asked)}"
    entries: list[dict[str, Any]] = []
    for _ in range(MOST_PAGES):
        if url is None:
            return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entries})
        request = urllib.request.Request(url, headers={"Accept": "application/fhir+json"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            page = json.load(answer)
        entries += page.get("entry", ())
        links = {link["relation"]: link["url"] for link in page.get("link", ())}
        following = links.get("next")
        url = None if following is None else urllib.parse.urljoin(url, following)
    sys.exit(f"{base}: has more than {MOST_PAGES} pages of slots")


def main(base: str, schedule: str) -> None:
    course = read_course((HERE / "course.toml").read_text("utf-8"), catalog.load)
    clinic = read_clinic((HERE / "clinic.toml").read_text("utf-8"))
    person = read_person((HERE / "person.toml").read_text("utf-8"))

    first, last = date(2027, 3, 1), date(2027, 4, 30)
    busy = read_busy_slots(
        slots(base, schedule, first, last),
        zone=person.zone or clinic.zone,
        first=first,
        last=last,
        schedule=schedule,
    )
    person = away_person(person, busy, why="busy there")
    for start, end in busy.times:
        print(start.isoformat(), end.isoformat())
    print(plan_text(plan_course(course, clinic, person, as_of=date(2027, 2, 20)), clinic))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: python read_fhir_slots.py URL SCHEDULE")
    main(*sys.argv[1:3])
