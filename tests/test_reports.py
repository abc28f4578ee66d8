"""
Published tables, and questions that people asked in public, each with its right answer.

The files stand in ``reports/``: who asked or published it, what is right, and what the commands
say. What takes more than a command line is below.
"""

from __future__ import annotations

import shlex
import tomllib
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest

from command_line import in_process
from protocol_sched.clinic.courses import Case, replan_in_turn
from protocol_sched.clinic.waiting import FreedPlace, waiting_list, who_can_take
from protocol_sched.errors import InvalidEvent
from protocol_sched.formats.documents.documents import read_protocol
from protocol_sched.formats.ics.reading.busy import read_closures
from protocol_sched.judge.recording import record
from protocol_sched.judge.verdicts import verdict
from protocol_sched.model.availability import Clinic, Hours, Person, Place, Ratio, Staff
from protocol_sched.model.course import Amended, Course, Deferred, Given, Happened, Notified
from protocol_sched.model.last_notice import last_notices
from protocol_sched.model.plain import WEEKDAYS
from protocol_sched.model.protocol import Protocol
from protocol_sched.model.verdict import Judged
from protocol_sched.planning.replan import replan_course

REPORTS = {
    path.stem: tomllib.loads(path.read_text(encoding="utf-8"))
    for path in sorted((Path(__file__).parent / "reports").glob("*.toml"))
}


def one_space(text: str) -> str:
    """Return a text with single spaces, so that the width of columns does not matter."""
    return " ".join(text.split())


@pytest.mark.parametrize("report", REPORTS.values(), ids=list(REPORTS))
def test_a_public_report_has_its_right_answer(report: dict[str, Any], tmp_path: Path) -> None:
    assert report["source"]
    assert report["right"]
    for name, text in report["files"].items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    for run in report["runs"]:
        done = in_process(shlex.split(run["command"]), tmp_path, together=True)
        said = [one_space(line) for line in done.stdout.splitlines()]
        for wanted in run["says"]:
            assert any(line.startswith(one_space(wanted)) for line in said), done.stdout
        assert done.returncode == run["exit"], done.stdout


# --- reports that take more than a command line ----------------------------------------------

MINUTES = {"dose": "15 minutes", "cycle": "4 hours", "infusion": "2 hours"}


def in_a_row(name: str, kind: str, visits: int, rules: str, needs: str = "{}") -> Protocol:
    """Return a protocol of one phase of visits of a type, with rules written as in a file."""
    return read_protocol(f"""
name = "{name}"
title = "Visits in a row"
[[phases]]
name = "{kind}s"
visit = "{kind}"
visits = {visits}
source = "local"
{rules}
[[visit_types]]
name = "{kind}"
[[visit_types.stages]]
name = "{kind}"
length = "{MINUTES[kind]}"
needs = {needs}
source = "local"
""")


def a_clinic(zone: str, hours: str = "08:00-17:00", chairs: int = 2, weekdays: int = 5) -> Clinic:
    return Clinic(
        name="Clinic",
        zone=ZoneInfo(zone),
        hours=Hours.of(dict.fromkeys(WEEKDAYS[:weekdays], hours)),
        places=[Place(name=f"chair {n}", kind="chair") for n in range(1, chairs + 1)],
    )


PERSON = Person(key="p")


def replanned(course: Course, clinic: Clinic, as_of: date) -> tuple[Course, dict[str, str]]:
    """Re-plan a course, tell people of it, and return it with each visit's start."""
    found = replan_course(course, clinic, PERSON, as_of=as_of)
    assert found.plan.schedule is not None
    starts = {visit.id: f"{visit.start:%a %d %b %H:%M}" for visit in found.plan.schedule.visits}
    return record(course, found.events(as_of), as_of=as_of), starts


def test_on_time_up_to_ten_days_after_the_due_date() -> None:
    # opensrp/opensrp-server #224: due on 15 February, so 15 to 25 February are on time.
    plan = in_a_row(
        "infant",
        "dose",
        2,
        'anchor = "event birth"\ncadence = { at = ["week 6", "week 10"] }\n'
        '[[phases.tolerances]]\nbefore = "0 days"\nafter = "10 days"\n'
        'hard = false\nsource = "local"',
    )
    born = Course(
        key="c",
        protocol=plan,
        not_before=date(2027, 1, 5),
        events=[Happened(event="birth", on=date(2027, 1, 4))],
    )
    judged = {day: verdict(born, "doses-1", date(2027, 2, day)).judged for day in (14, 15, 25, 26)}
    assert [day for day, found in judged.items() if found is Judged.IN_WINDOW] == [15, 25]


@pytest.mark.parametrize("day", [1, 10])
def test_a_second_dose_dated_before_the_first_or_with_it_is_refused(day: int) -> None:
    # opensrp/opensrp-client-immunization #135.
    plan = in_a_row("two-doses", "dose", 2, 'cadence = { every = "28 days" }')
    first = Given(visit="doses-1", on=date(2027, 4, 10))
    one = Course(key="c", protocol=plan, not_before=date(2027, 3, 1), events=[first])
    with pytest.raises(InvalidEvent, match=r"given 'doses-2' on 2027-04-\d\d is refused"):
        record(one, [Given(visit="doses-2", on=date(2027, 4, day))], as_of=date(2027, 4, 20))


def test_later_cycles_follow_each_delay_and_a_corrected_date_with_one_calendar_entry() -> None:
    # Arangion/PatientScheduler #2 and #20 (cycles 3 and 4 kept their old dates); hmislk/hmis #6057
    # (copies in the calendar); msupply-foundation/open-msupply #6673 (a corrected date).
    plan = in_a_row(
        "four-by-eight-weeks",
        "cycle",
        4,
        'cadence = { every = "8 weeks" }\n[[phases.separations]]\nleast = "8 weeks"\n'
        'most = "10 weeks"\nsource = "local"',
    )
    plan = attrs.evolve(plan, visit_types=[attrs.evolve(plan.visit_types[0], weekdays=["Tuesday"])])
    clinic = a_clinic("America/Denver")
    told, starts = replanned(
        Course(key="c", protocol=plan, not_before=date(2027, 1, 5)), clinic, date(2026, 12, 20)
    )
    assert list(starts.values())[:2] == ["Tue 05 Jan 08:00", "Tue 02 Mar 08:00"]

    first, raised = told, []
    for until in (date(2027, 1, 12), date(2027, 1, 19), date(2027, 1, 26)):
        deferred = Deferred(visit="cycles-1", until=until, on=date(2026, 12, 21), why="low counts")
        first, starts = replanned(
            record(first, [deferred], as_of=date(2026, 12, 21)), clinic, date(2026, 12, 21)
        )
        entry = last_notices(first)["cycles-1"]
        assert entry.notice is not None
        raised.append((entry.notice.start.date(), entry.sequence))
    assert raised == [(date(2027, 1, 12), 1), (date(2027, 1, 19), 2), (date(2027, 1, 26), 3)]

    given = record(told, [Given(visit="cycles-1", on=date(2027, 1, 5))], as_of=date(2027, 1, 6))
    for as_of, until, wanted in (
        (date(2027, 2, 26), date(2027, 3, 9), ["09 Mar", "04 May", "29 Jun"]),
        (date(2027, 3, 8), date(2027, 3, 16), ["16 Mar", "11 May", "06 Jul"]),
    ):
        put_off = Deferred(visit="cycles-2", until=until, on=as_of, why="low counts")
        given, starts = replanned(record(given, [put_off], as_of=as_of), clinic, as_of)
        assert [text[4:10] for text in starts.values()] == wanted

    later = record(told, [Given(visit="cycles-1", on=date(2027, 1, 12))], as_of=date(2027, 1, 13))
    _, starts = replanned(later, clinic, date(2027, 1, 13))
    assert [text[4:10] for text in starts.values()] == ["09 Mar", "04 May", "29 Jun"]


def test_a_told_second_dose_moves_only_when_the_rule_does() -> None:
    # cowinapi/developer.cowin #526 (moved by a month, and nobody said why): 5 April + 12 weeks.
    short, long = (
        in_a_row(
            name,
            "dose",
            2,
            f'cadence = {{ every = "{best}" }}\n[[phases.separations]]\nleast = "{least}"\n'
            'source = "local"',
        )
        for name, best, least in (
            ("short", "6 to 8 weeks", "6 weeks"),
            ("long", "12 to 16 weeks", "12 weeks"),
        )
    )
    clinic, given = a_clinic("Asia/Kolkata"), Given(visit="doses-1", on=date(2021, 4, 5))
    course = Course(key="c", protocol=short, not_before=date(2021, 4, 5), events=[given])
    course, starts = replanned(course, clinic, date(2021, 4, 6))
    assert starts == {"doses-2": "Mon 17 May 08:00"}
    assert replanned(course, clinic, date(2021, 5, 1))[1] == starts
    amended = Amended(protocol=long, on=date(2021, 5, 13), why="interval lengthened")
    course = record(course, [amended], as_of=date(2021, 5, 13))
    assert replanned(course, clinic, date(2021, 5, 13))[1] == {"doses-2": "Mon 28 Jun 08:00"}


@pytest.mark.parametrize(
    ("nurses", "begins"), [(2, ["08:00", "08:00", "08:15", "08:30", "08:45"]), (1, ["08:00"])]
)
def test_one_nurse_sets_up_alone_and_watches_four(nurses: int, begins: list[str]) -> None:
    # Hesaraki, Dellaert and de Kok 2020 (doi 10.1007/s00291-020-00596-8), reckoned by hand.
    plan = read_protocol("""
name = "one-infusion"
title = "One infusion"
[[phases]]
name = "one"
visit = "infusion"
visits = 1
cadence = { every = "7 days" }
source = "local"
[[visit_types]]
name = "infusion"
[[visit_types.stages]]
name = "set-up"
length = "15 minutes"
needs = { chair = 1, nurse = 1 }
source = "local"
[[visit_types.stages]]
name = "watching"
length = "2 hours"
needs = { chair = 1, nurse = 1 }
source = "local"
""")
    clinic = attrs.evolve(
        a_clinic("Europe/Amsterdam", "08:00-12:00", chairs=10, weekdays=1),
        staff=[Staff(kind="nurse", units=nurses)],
        ratios=[Ratio(one="nurse", for_=(("watching", 4),))],
    )
    cases = [
        Case(
            course=Course(
                key=f"c-{n}",
                protocol=plan,
                not_before=date(2027, 3, 1),
                finish_by=date(2027, 3, 1),
            ),
            person=Person(key=f"p-{n}"),
        )
        for n in range(7)
    ]
    plans = [case.plan for case in replan_in_turn(cases, clinic, as_of=date(2027, 2, 25))]
    found = [f"{plan.schedule.visits[0].start:%H:%M}" for plan in plans if plan.schedule]
    assert found == begins


def test_a_holiday_that_recurs_each_year_closes_each_year() -> None:
    # zammad/zammad #1362: recurring entries of a feed were passed over.
    feed = (
        "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//made//up//EN\n"
        "BEGIN:VEVENT\nUID:eve@made.example\nDTSTAMP:20200101T000000Z\n"
        "DTSTART;VALUE=DATE:20201224\nDTEND;VALUE=DATE:20201225\nRRULE:FREQ=YEARLY\n"
        "SUMMARY:Christmas Eve\nEND:VEVENT\n"
        "BEGIN:VEVENT\nUID:may@made.example\nDTSTAMP:20200101T000000Z\n"
        "DTSTART;VALUE=DATE:20200525\nRRULE:FREQ=YEARLY;BYMONTH=5;BYDAY=-1MO\n"
        "SUMMARY:Spring holiday\nEND:VEVENT\nEND:VCALENDAR\n"
    ).replace("\n", "\r\n")
    closed = read_closures(feed, first=date(2027, 1, 1), last=date(2029, 12, 31))
    assert [str(one.first) for one in closed] == [
        "2027-05-31",
        "2027-12-24",
        "2028-05-29",
        "2028-12-24",
        "2029-05-28",
        "2029-12-24",
    ]


def test_a_freed_chair_is_offered_only_to_those_whose_spacing_allows_it() -> None:
    # evangauer/openvpm PR #6, calcom/cal.diy #10616, va.gov-team #20654, canvas PR #446: lists of
    # first come, first served.
    plan = in_a_row(
        "weekly",
        "infusion",
        3,
        'cadence = { every = "7 to 10 days" }\n[[phases.separations]]\nleast = "6 days"\n'
        'most = "14 days"\nsource = "local"',
        "{ chair = 1 }",
    )
    zone = ZoneInfo("America/Toronto")

    def case(key: str, given: date, told: date) -> Case:
        at = datetime.combine(told, time(8), zone)
        end = at + timedelta(hours=2)
        events = (
            Given(visit="infusions-1", on=given),
            Notified(visit="infusions-2", start=at, discharge=end, discharge_by=end, on=given),
        )
        return Case(
            course=Course(key=f"c-{key}", protocol=plan, not_before=given, events=events),
            person=Person(key=f"p-{key}"),
        )

    cases = [
        case("a", date(2027, 1, 27), date(2027, 2, 8)),
        case("b", date(2027, 2, 1), date(2027, 2, 10)),
    ]
    ready = waiting_list(cases, a_clinic("America/Toronto", "08:00-16:00"), as_of=date(2027, 2, 2))
    found = {}
    for day, hour in ((4, 8), (5, 8), (8, 10)):
        freed = FreedPlace(
            place="chair 1",
            start=datetime(2027, 2, day, hour, tzinfo=zone),
            end=datetime(2027, 2, day, 12, tzinfo=zone),
        )
        found[day] = [offer.person for offer in who_can_take(freed, ready)]
    assert found == {4: ["p-a"], 5: ["p-a"], 8: ["p-b"]}
