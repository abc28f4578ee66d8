"""What ``dates`` says beside the dates: hours, whose rule set them, which text and its status."""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from catalog_dates import START, laid_out
from protocol_sched import catalog
from protocol_sched.model.course import Given, Pinned
from protocol_sched.text.plans import agenda_text
from protocol_sched.text.variant import heading_text

ZONE = ZoneInfo("America/New_York")
TEN = datetime(2027, 3, 1, 22, tzinfo=ZONE)


def said(name: str, *events: Given | Pinned, until: int = 0) -> list[str]:
    """Return the lines of a course, blanks aside."""
    agenda = laid_out(name, *events, as_of=START, until=until)
    text = agenda_text(agenda, catalog.load(name))
    return [line.rstrip() for line in text.splitlines() if line.strip()]


def test_hours_from_a_moment_on_record_are_shown_and_noon_is_not_taken_for_one() -> None:
    lines = said("dhe-five-days", Given(visit="treatment-1", on=START, start=TEN))
    assert [re.findall(r"\d\d:\d\d", line) for line in lines[2:5]] == [
        ["06:00"],
        ["14:00"],
        ["22:00"],
    ]
    assert not any("here count from noon" in line for line in lines)


def test_visits_that_hang_on_an_unknown_hour_say_so() -> None:
    text = " ".join(" ".join(said("dhe-five-days")).split())
    assert (
        "Infusion 2 to infusion 12 depend on the time of the visit before, which is not on record; "
        "dates here count from noon."
    ) in text


MARKS = [
    ("ketamine-migraine", "infusion 2", "2 to 3 days after infusion 1 (local)"),
    ("ketamine-migraine", "infusion 1", "at least 1 day after evaluation"),
    ("dhe-five-days", "infusion 2", "8 hours after infusion 1"),
    ("alemtuzumab", "blood and urine tests 2", "3 months after infusion 1 (in part from memory)"),
    ("eculizumab-us", "infusion 2", "1 week after infusion 1 (unverified)"),
    ("folfox-6", "infusion 2", "14 days after infusion 1"),  # how many there are is unverified
    ("pembrolizumab-3-weeks", "infusion 1", "not before 2027-03-01, the start of the course"),
]


@pytest.mark.parametrize(("name", "visit", "rule"), MARKS)
def test_a_date_that_no_source_has_as_it_is_is_marked(name: str, visit: str, rule: str) -> None:
    (line,) = [one for one in said(name) if one.startswith(f"{visit} ")]
    assert line.endswith(f"  {rule}")


def test_an_open_other_visit_is_listed_as_often_as_it_comes() -> None:
    lines = [line for line in said("natalizumab", until=900) if "review-every-6-months" in line]
    assert [re.findall(r"20\d\d-\d\d-\d\d", line)[0] for line in lines] == [
        *("2027-09-01", "2028-03-01", "2028-09-01", "2029-03-01", "2029-09-01"),
    ]


def test_the_status_comes_first_then_the_title_and_which_text_it_is() -> None:
    assert heading_text(catalog.load("brexanolone-depression")) == (
        "Status: US approval withdrawn from 14 April 2025\n"
        "Brexanolone for postpartum depression, 60 hours (US approval withdrawn April 2025)\n"
        "brexanolone-depression: country US; for postpartum depression; valid until 2025-04-13"
    )
    assert heading_text(catalog.load("ketamine-boosters")) == "Ketamine boosters, one at a time"


@pytest.mark.parametrize("name", catalog.names())
def test_a_status_stands_in_the_first_line_of_its_file(name: str) -> None:
    status = catalog.load(name).variant.status
    first = catalog.text(name).splitlines()[0]
    assert (first == f"# Status: {status}.") if status else not first.startswith("# Status")
