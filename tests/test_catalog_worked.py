"""Three dates of every course, worked out by hand from its source; day 0 is Monday 1 March 2027."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

import test_catalog_immunology
import test_catalog_ketamine
import test_catalog_metabolic
import test_catalog_neurology
import test_catalog_oncology
import test_catalog_texts
from catalog_dates import laid_out, on, run, targets
from protocol_sched import catalog
from protocol_sched.model.course import Event, Happened

WORKED: list[tuple[str, dict[str, int | None]]] = [
    # five days; twelve months after the fifth, 5 March 2028, three more
    ("alemtuzumab", run("first-course", *range(5)) | run("later-course", 370, 371, 372)),
    # 1 March, 1 April, 1 May
    ("aripiprazole-monthly", run("treatment", 0, 31, 61)),
    # six weekly; three at month 3, 1 June, and three at month 6, 1 September
    (
        "bcg-bladder",
        run("induction", *range(0, 42, 7)) | run("maintenance", 92, 99, 106, 184, 191, 198),
    ),
    # days 1 and 5, the ends of weeks 2, 4, 8 and 12
    ("belatacept-transplant", run("initial", 0, 4, 14, 28, 56, 84)),
    # days 1, 4, 8 and 11 of 21; 1, 8, 15 and 22 of 35; 1, 4, 8, 11, 22, 25, 29 and 32 of 42
    ("bortezomib-21-days", run("treatment", 0, 3, 7, 10, 21, 24, 28, 31)),
    ("bortezomib-35-days", run("treatment", 0, 7, 14, 21, 35, 42)),
    ("bortezomib-vmp", run("twice-weekly", 0, 3, 7, 10, 21, 24, 28, 31, 42)),
    # 12 weeks are 84 days; three months are 1 June and 1 September
    ("eptinezumab-12-weeks", run("treatment", 0, 84, 168)),
    ("eptinezumab-3-months", run("treatment", 0, 92, 184)),
    ("folfox-6", run("treatment", 0, 14, 28) | run("disconnect", 2, 16, 30)),
    # the evaluation first; 2 to 3 days apart, never more than 3 in 7 days; 14 days after the sixth
    (
        "ketamine-migraine",
        {"evaluation": 0} | run("induction", 1, 3, 5, 8, 10, 12) | {"response-review": 26},
    ),
    ("lutetium-dotatate", run("treatment", 0, 56, 112, 168)),
    ("paclitaxel-weekly", run("treatment", 0, 7, 14)),
    ("paclitaxel-weekly-3-of-4", run("treatment", 0, 7, 14, 28, 35, 42)),
    ("pertuzumab-trastuzumab", run("treatment", *range(0, 378, 21))),
    # on the next eculizumab date; two weeks later, then every eight weeks
    ("ravulizumab-from-eculizumab", run("loading", 9) | run("maintenance", 23, 79, 135)),
    # eight weeks after chemotherapy ended, then every eight weeks
    ("rituximab-lymphoma-maintenance", run("maintenance", *range(0, 672, 56))),
    ("trastuzumab-eu", run("treatment", 0, 21, 42)),
    # a week after the last weekly one, then every three weeks
    (
        "trastuzumab-us-12-weeks",
        run("weekly", *range(0, 84, 7)) | run("three-weekly", 84, 105, 126),
    ),
    (
        "trastuzumab-us-18-weeks",
        run("weekly", *range(0, 126, 7)) | run("three-weekly", 126, 147, 168),
    ),
    # 1 March 2028 and 2029
    ("zoledronate-yearly", run("treatment", 0, 366, 731)),
]

EVENTS: dict[str, list[Event]] = {
    "belatacept-transplant": [Happened(event="transplant", on=on(0))],
    "ravulizumab-from-eculizumab": [Happened(event="next eculizumab date", on=on(9))],
    "rituximab-lymphoma-maintenance": [Happened(event="end of chemotherapy", on=on(-56))],
}


@pytest.mark.parametrize(("name", "days"), WORKED, ids=[name for name, _ in WORKED])
def test_a_visit_is_due_on_the_day_worked_out_from_its_source(
    name: str, days: dict[str, int | None]
) -> None:
    found = targets(laid_out(name, *EVENTS.get(name, []), until=740))
    assert {visit: found.get(visit) for visit in days} == days


WITHOUT_THREE_DATES = {
    # a number of visits and no dates: so many a week, in a span, on demand, on another's dates
    *("esketamine-depression", "esketamine-suicidality", "iron-sucrose-haemodialysis"),
    *("iron-sucrose-kidney", "ketamine-boosters", "ketamine-depression"),
    *("ketamine-depression-thrice-weekly", "ketamine-depression-twice-weekly"),
    *("ketamine-induction", "ketamine-migraine-response", "rtms-depression"),
    # one stay, one infusion or two
    *("brexanolone-depression", "ferric-carboxymaltose", "ferric-derisomaltose"),
    "ketamine-pain-consensus",
    *("ketamine-crps-inpatient-sigtermans", "ketamine-headache-inpatient-lauritsen"),
    "ketamine-headache-inpatient-pomeroy",
}


def test_every_course_that_has_dates_has_three_worked_out() -> None:
    tables: list[Sequence[tuple[object, ...]]] = [
        WORKED,
        test_catalog_texts.COURSES,
        test_catalog_immunology.TARGETS,
        test_catalog_ketamine.TARGETS,
        test_catalog_metabolic.TARGETS,
        test_catalog_neurology.TARGETS,
        test_catalog_oncology.TARGETS,
    ]
    worked = {
        row[0]
        for table in tables
        for row in table
        if any(isinstance(part, dict) and len(part) >= 3 for part in row)
    }
    assert set(catalog.names()) - worked == WITHOUT_THREE_DATES
