"""Courses from published texts, each with its address, and the dates they give."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from protocol_sched.expansion import expand
from protocol_sched.formats.documents.documents import read_protocol
from protocol_sched.judge.verdicts import verdict
from protocol_sched.model.course import Course, Event, Given, Reviewed
from protocol_sched.model.protocol import Protocol
from protocol_sched.model.verdict import Judged
from protocol_sched.text.protocol_rules import rule_text
from protocols import course, day, given, target

INJECTION = """
[[visit_types]]
name = "injection"
[[visit_types.stages]]
name = "injection"
length = "15 minutes"
source = "local"
"""

SWITCHED = (
    """
name = "monthly-or-two-monthly"
title = "Injections each month, or every two months"
month_end = "next_day"
[sources.mims]
title = "MIMS Singapore, Vocabria: the first two-monthly injection a month after the last one"
address = "https://sit.mimsdev.com/singapore/drug/info/vocabria"
[[phases]]
name = "monthly"
visit = "injection"
visits = "open"
cadence = { every = "1 month" }
source = "mims"
[[phases.tolerances]]
before = "7 days"
after = "7 days"
source = "mims"
[[phases]]
name = "two-monthly"
visit = "injection"
visits = "open"
cadence = { every = "2 months" }
starts = { after = "1 month", from = "previous visit", source = "mims" }
passed_over = true
source = "mims"
[[phases.tolerances]]
before = "7 days"
after = "7 days"
source = "mims"
[[adaptations]]
name = "two-monthly from now on"
measure = "every two months"
at_least = 1
during = ["monthly"]
then = { go_to = "two-monthly" }
source = "mims"
"""
    + INJECTION
)


def dates(of: Protocol, *events: Event, as_of: str) -> dict[str, str]:
    agenda = expand(course(of, *events), day(as_of), day(as_of) + timedelta(days=200))
    return {due.id: target(agenda, due.id) for due in agenda.dues}


def test_who_goes_over_to_two_monthly_injections_has_the_first_a_month_after_the_last() -> None:
    monthly = given(monthly_1="2027-03-01", monthly_2="2027-04-01")
    over = Reviewed(scores=(("every two months", 1.0),), on=date(2027, 4, 1))
    found = dates(read_protocol(SWITCHED), *monthly, over, as_of="2027-04-02")
    assert found["two-monthly-1"] == "2027-05-01"
    first = given(two_monthly_1="2027-05-03")
    after = dates(read_protocol(SWITCHED), *monthly, over, *first, as_of="2027-05-04")
    assert after["two-monthly-2"] == "2027-07-03"


HEART = (
    """
name = "heart-function"
title = "Infusions, with the heart's function measured as long as it is asked for"
month_end = "next_day"
[sources.us]
title = "US text of Herceptin, copy: before the start, every 3 months, 6-monthly for 2 years"
address = "http://www.120ty.net/bencandy.php?aid=4414&fid=134&page=5"
[[phases]]
name = "treatment"
visit = "injection"
visits = 9
cadence = { every = "3 weeks" }
source = "local"
[[gates]]
name = "baseline"
visit = "measurement"
before = "first"
source = "us"
[[other_visits]]
name = "during"
visit = "measurement"
anchor = "start of course"
cadence = { every = "3 months" }
until = "0 days"
until_from = "end of course"
source = "us"
[[other_visits]]
name = "at-the-end"
visit = "measurement"
anchor = "end of course"
cadence = { at = ["day 1"] }
source = "us"
[[other_visits]]
name = "afterwards"
visit = "measurement"
anchor = "end of course"
cadence = { every = "6 months" }
until = "24 months"
source = "us"
[[visit_types]]
name = "measurement"
[[visit_types.stages]]
name = "measurement"
length = "30 minutes"
source = "local"
"""
    + INJECTION
)


def test_the_heart_is_measured_before_during_at_the_end_and_two_years_after() -> None:
    of = read_protocol(HEART)
    events = [Given(visit="baseline", on=date(2027, 2, 26))]
    events += [
        Given(visit=f"treatment-{n + 1}", on=date(2027, 3, 1) + timedelta(days=21 * n))
        for n in range(8)
    ]
    events.append(Given(visit="during-1", on=date(2027, 6, 1)))
    agenda = expand(course(of, *events), day("2027-07-27"), day("2030-01-01"))
    found = {due.id: target(agenda, due.id) for due in agenda.dues}
    assert found["treatment-9"] == "2027-08-16"
    assert found["at-the-end"] == "2027-08-16"
    # The course runs to 16 August, so that 1 September is not in it.
    assert not any(name.startswith("during") for name in found)
    (said,) = (one for one in of.other_visits if one.name == "during")
    assert str(rule_text(said)) == (
        "during (measurement): one every 3 months, counted from the start of the course, until the "
        "end of the course"
    )
    assert [day for name, day in found.items() if name.startswith("afterwards")] == [
        "2028-02-16",
        "2028-08-16",
        "2029-02-16",
        "2029-08-16",
    ]


@pytest.mark.parametrize(
    ("days", "judged"),
    [(13, Judged.TOO_EARLY), (42, Judged.LATE), (43, Judged.LATE)],
)
def test_a_lauroxil_injection_is_not_before_14_days_nor_after_six_weeks(
    days: int, judged: Judged
) -> None:
    # https://smicaladviser.org/knowledge_post/
    # guidance-for-missed-maintenance-doses-for-long-acting-injectable-antipsychotics: not earlier
    # than 14 days after the one before; monthly 441 mg not later than 6 weeks after it.
    of = read_protocol(
        """
name = "lauroxil-monthly"
title = "Injections each month"
month_end = "next_day"
[[phases]]
name = "v"
visit = "injection"
visits = "open"
cadence = { every = "1 month" }
source = "local"
[[phases.separations]]
least = "14 days"
source = "local"
[[phases.late]]
clock = "last visit"
source = "local"
[[phases.late.tiers]]
up_to = "6 weeks"
then = "from this visit"
[[phases.late.tiers]]
over = "6 weeks"
ask = "how injections go on"
"""
        + INJECTION
    )
    run = Course(key="c", protocol=of, events=given(v_1="2027-03-01"))
    on = date(2027, 3, 1) + timedelta(days=days)
    assert verdict(run, "v-2", on).judged is judged
    asked = expand(
        Course(key="c", protocol=of, events=(*given(v_1="2027-03-01"), Given(visit="v-2", on=on))),
        on,
    ).questions
    assert bool([one for one in asked if one.id.startswith("late-")]) is (days > 42)
