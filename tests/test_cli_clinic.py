"""A whole clinic on the command line: all courses planned together, and a day of it."""

from __future__ import annotations

import csv
import json
import shutil
import signal
from html.parser import HTMLParser
from pathlib import Path

import pytest

from protocol_sched.cli.clinic_files import telling
from protocol_sched.clinic.together import Progress
from protocol_sched.formats.documents import documents
from protocol_sched.model.day_list import ClinicVisits
from test_cli import AS_OF, EXAMPLES, run

PLAN = f"clinic plan courses --clinic clinic.toml {AS_OF} --effort 500"
DAY = "clinic day 2027-03-08"


def course(here: Path, name: str, *, drives: bool = True) -> None:
    """Give the directory one more course, of a person called so."""
    directory = here / "courses" / name
    directory.mkdir(parents=True)
    for file in ("course.toml", "person.toml"):
        text = (here / file).read_text("utf-8").replace("0417", name).replace("Maya", name)
        text = text if drives else text.partition("[[escorts]]")[0]
        (directory / file).write_text(text, "utf-8")


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """Return a directory with the example files and two courses, to run in and to spoil."""
    here = Path(shutil.copytree(EXAMPLES, tmp_path / "here"))
    course(here, "Ada")
    course(here, "Ben")
    return here


def parsed(path: Path) -> ClinicVisits:
    return documents.visits_from_dict(json.loads(path.read_text("utf-8")))


# --- clinic plan -----------------------------------------------------------------------------


def test_courses_are_planned_together_and_told_with_a_bound(here: Path) -> None:
    result = run(here, f"{PLAN} --progress")
    assert result.returncode == 0
    assert result.stdout == (
        "course  first visit       last visit         days off target  what changes\n"
        "------  ----------------  -----------------  ---------------  ------------\n"
        "Ada     Mon 1 March 2027  Mon 29 March 2027  0                8 added\n"
        "Ben     Thu 4 March 2027  Thu 1 April 2027   0                8 added\n"
        "\n"
        "2 courses, 0 days off target together; proved: no plan has fewer.\n"
    )
    # Written over in place; read as text, the return of the carriage ends a line.
    assert result.stderr == (
        "\nfirst plan: 2 of 2, 0 without a plan, 0 days off target, at least 0\n"
    )


def test_a_course_without_room_is_told_with_what_would_help(here: Path) -> None:
    course(here, "Cleo", drives=False)
    result = run(here, f"{PLAN} --out out")
    assert (result.returncode, result.stderr) == (1, "")
    assert result.stdout == (
        "course  first visit       last visit         days off target  what changes\n"
        "------  ----------------  -----------------  ---------------  ------------\n"
        "Ada     Mon 1 March 2027  Mon 29 March 2027  0                8 added\n"
        "Ben     Thu 4 March 2027  Thu 1 April 2027   0                8 added\n"
        "Cleo    -                 -                  -                no plan\n"
        "\n"
        "Cleo: No plan is possible: infusion 1 cannot be placed, because:\n"
        "  - no escort is listed for the ride home\n"
        "Change only this and it can be done.\n"
        "\n"
        "What would help, smallest change first:\n"
        "  1. someone else takes the person home from every visit\n"
        "     then: evaluation Mon 1 March 11:00, infusion 1 Wed 3 March 09:00, infusion 2 Fri 5 "
        "March 09:00,\n"
        "     infusion 3 Mon 8 March 12:30, infusion 4 Wed 10 March 09:00, infusion 5 Fri 12 March "
        "09:00,\n"
        "     infusion 6 Mon 15 March 11:00, response review Mon 29 March 09:00; 0 days off target"
        ", 0\n"
        "     preferences not met, last visit Mon 29 March 2027\n"
        "\n"
        "There may be a smaller change that was not looked at.\n"
        "\n"
        "1 of 3 courses without a plan; the others are 0 days off target together.\n"
    )
    assert {path.name for path in (here / "out").iterdir()} == {
        *("Ada", "Ben", "clinic.ics", "pictures", "visits.csv", "visits.json")
    }


def test_json_has_every_course_and_why_one_has_no_plan(here: Path) -> None:
    course(here, "Cleo", drives=False)
    whole = json.loads(run(here, f"{PLAN} --json").stdout)
    assert {key: whole[key] for key in ("deviation", "bound", "gap", "unplaced")} == {
        "deviation": 0,
        "bound": 0,
        "gap": None,
        "unplaced": ["Cleo"],
    }
    found = {name: documents.replan_from_dict(one) for name, one in whole["courses"].items()}
    assert [name for name, one in found.items() if one.plan.schedule is not None] == ["Ada", "Ben"]
    assert list(whole["explained"]) == ["Cleo"]


def test_each_course_has_the_files_of_replan_and_the_clinic_its_own(here: Path) -> None:
    assert run(here, f"{PLAN} --out out").returncode == 0
    inputs = "courses/Ada/course.toml --clinic clinic.toml --person courses/Ada/person.toml"
    assert run(here, f"replan {inputs} {AS_OF} --out alone").returncode == 0
    alone, together = here / "alone", here / "out" / "Ada"

    def kinds(directory: Path) -> set[str]:
        return {path.name for path in directory.iterdir()}

    assert kinds(together) == kinds(alone)
    assert len([*(together / "messages").iterdir()]) == len([*(alone / "messages").iterdir()])
    assert run(here, f"check out/Ada/plan.json {inputs}").returncode == 0
    whole = (here / "out" / "clinic.ics").read_text("utf-8").replace("\r\n ", "")
    assert whole.count("\nSUMMARY:evaluation\\, ") == 2
    drawn = {path.name for path in (here / "out" / "pictures").iterdir()}
    assert {"day-2027-03-01.svg", "week-2027-03-01.svg", "week-2027-03-29.svg"} <= drawn
    assert "day-2027-03-02.svg" not in drawn
    day = run(here, "clinic day 2027-03-03 out --clinic clinic.toml --svg day.svg")
    assert day.returncode == 0
    of_day = (here / "out" / "pictures" / "day-2027-03-03.svg").read_bytes()
    assert of_day == (here / "day.svg").read_bytes()
    with (here / "out" / "visits.csv").open(newline="") as file:
        head, *rows = csv.reader(file)
    assert head == ["date", "start", "end", "course", "person", "visit", "stage", "place", "staff"]
    parts = parsed(here / "out" / "visits.json").parts
    assert len(rows) == len(parts)
    assert [row for row in rows if row[0] == "2027-03-08" and row[4] == "person-Ada"] == [
        ["2027-03-08", start, end, "course-Ada", "person-Ada", "infusion 3", stage, place, staff]
        for start, end, stage, place, staff in (
            ("11:00", "11:15", "check-in", "", ""),
            ("11:15", "11:45", "IV preparation", "chair 2", "nurse"),
            ("11:45", "12:45", "infusion", "chair 2", "nurse"),
            ("12:30", "13:45", "monitored recovery", "chair 2", ""),
        )
    ]


def test_stopped_once_it_asks_for_the_best_so_far_and_twice_it_ends() -> None:
    now = Progress(doing="search", done=1, of=2, unplaced=0, deviation=3, bound=2)
    usual = signal.getsignal(signal.SIGINT)
    with telling(shown=False, said=repr) as report:
        assert report(now)
        signal.raise_signal(signal.SIGINT)
        assert not report(now)
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is usual


def test_a_seed_that_is_no_number_is_refused(here: Path) -> None:
    result = run(here, f"{PLAN} --seed one")
    assert result.returncode == 2
    assert "'one' is not a number from 0 to 999999999" in result.stderr


EXPECTED = """\
7 visits of 2 courses moved; proved: no plan of all courses moves fewer.

Call in this order:
1. Ben Lindqvist (Ben)
   first ask Priya Nair for the ride home
   evaluation, Thu 4 March at 16:00, moves to Mon 1 March at 16:00: the evaluation must be 1 to 30 \
calendar days before infusion 1
   infusion 1, Fri 5 March at 10:45, moves to Wed 3 March at 10:45: infusion 2 must come 2 to 5 \
calendar days after infusion 1
   infusion 2, Mon 8 March at 11:45, moves to Fri 5 March at 08:00: Harbour Street Infusion \
Clinic is closed on Mon 8 March (burst pipe)
2. Ada Lindqvist (Ada)
   first ask Priya Nair and Tomas Lindqvist for the ride home; then Ben, because this takes the \
time they free
   infusion 3, Mon 8 March at 11:00, moves to Wed 10 March at 08:00: Harbour Street Infusion \
Clinic is closed on Mon 8 March (burst pipe)
   infusion 4, Wed 10 March at 08:00, moves to Fri 12 March at 08:00: infusion 4 must come 2 to 5 \
calendar days after infusion 3
   infusion 5, Fri 12 March at 12:45, moves to Mon 15 March at 12:45: infusion 5 must come 2 to 5 \
calendar days after infusion 4
   infusion 6, Mon 15 March at 12:45, moves to Thu 18 March at 12:45: infusion 6 must come 2 to 5 \
calendar days after infusion 5

In another place at the announced time, so nobody needs a call:
   Ben: infusion 4, Fri 12 March at 10:15, in chair 2
"""
ELSEWHERE = {("Ben", "induction-4")}

# --- clinic replan ---------------------------------------------------------------------------


def told(here: Path) -> None:
    """Tell the people of both courses of their plan."""
    assert run(here, f"{PLAN} --out out").returncode == 0
    for name in ("Ada", "Ben"):
        events = (here / "out" / name / "notified.toml").read_text("utf-8")
        path = here / "courses" / name / "course.toml"
        path.write_text(path.read_text("utf-8") + events, "utf-8")


def test_a_day_is_closed_and_people_are_called_in_order(here: Path) -> None:
    told(here)
    text = (here / "clinic.toml").read_text("utf-8")
    closed = 'first = 2027-03-08\nwhy = "burst pipe"\n'
    (here / "clinic.toml").write_text(f"{text}\n[[closures]]\n{closed}", "utf-8")
    replan = f"clinic replan courses --clinic clinic.toml {AS_OF} --effort 300"
    result = run(here, f"{replan} --out new")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == (here / "new" / "calls.txt").read_text("utf-8") == EXPECTED
    whole = json.loads(run(here, f"{replan} --json").stdout)
    assert (whole["moved"], whole["gap"]) == (7, 0)
    # Another chair alone is no reason to call.
    assert {(one["course"], one["visit"]) for one in whole["elsewhere"]} == ELSEWHERE
    assert {path.name for path in (here / "new").iterdir()} == {
        *(
            "Ada",
            "Ben",
            "calls.csv",
            "calls.txt",
            "clinic.ics",
            "pictures",
            "visits.csv",
            "visits.json",
        )
    }


# --- what is left of the clinic --------------------------------------------------------------


def test_a_course_may_begin_where_the_others_have_left_room(here: Path) -> None:
    told(here)
    course(here, "Cleo")
    files = "courses/Cleo/course.toml --clinic clinic.toml --person courses/Cleo/person.toml"
    dates = f"first-dates {files} {AS_OF} --until 2027-03-02"
    alone = "first visit       off target  preferences not met  last visit\n"
    assert run(here, dates).stdout.startswith(alone)
    beside = f"{dates} --beside courses"
    assert run(here, beside).stdout == (
        "first visit       off target  preferences not met  last visit\n"
        "----------------  ----------  -------------------  ----------------\n"
        "Mon 1 March 2027  2 days      2                    Thu 1 April 2027\n"
        "Tue 2 March 2027  2 days      3                    Thu 1 April 2027\n"
    )
    found = json.loads(run(here, f"{dates} --json").stdout)["dates"]
    assert [one["off_target"] for one in found] == [0, 0]
    assert [
        one["off_target"] for one in json.loads(run(here, f"{beside} --json").stdout)["dates"]
    ] == [2, 2]


def test_a_course_is_planned_beside_the_others(here: Path) -> None:
    told(here)
    files = "courses/Ada/course.toml --clinic clinic.toml --person courses/Ada/person.toml"
    # Its own visits in that directory do not stand in its way.
    assert (
        "Unchanged: the evaluation, infusion 1 to infusion 6"
        in run(here, f"replan {files} {AS_OF} --beside courses").stdout
    )


def test_a_chair_that_frees_is_offered_to_whom_it_helps(here: Path) -> None:
    told(here)
    freed = "--from 2027-03-04T08:00-05:00 --to 2027-03-04T16:00"
    asked = f"who-can-take courses --clinic clinic.toml {AS_OF} --place 'chair 2'"
    assert run(here, f"{asked} {freed}").stdout == (
        "course  visit       would begin        sooner by       other visits that move\n"
        "------  ----------  -----------------  --------------  ----------------------\n"
        "Ben     infusion 1  Thu 4 March 09:00  1 d 1 h 45 min  1\n"
    )
    (offer,) = json.loads(run(here, f"{asked} {freed} --json").stdout)["offers"]
    assert (offer["name"], offer["sooner_minutes"]) == ("Ben", 25 * 60 + 45)
    result = run(here, f"{asked} {freed.replace('08:00', '17:00')}")
    assert (result.returncode, result.stderr.strip()) == (
        2,
        "protocol-sched: --to must be after --from",
    )


# --- clinic capacity -------------------------------------------------------------------------


def test_how_many_a_clinic_carries_is_told_drawn_and_the_same_as_json(here: Path) -> None:
    asked = f"clinic capacity courses --clinic clinic.toml {AS_OF} --weeks 2 --mix Ada=2"
    result = run(here, f"{asked} --svg capacity.svg")
    assert (result.returncode, result.stderr) == (0, "")
    found = json.loads(run(here, f"{asked} --json").stdout)
    assert result.stdout.startswith(f"The clinic carries {found['rate']} new courses a week for 2")
    assert [load["kind"] for load in found["loads"]] == ["chair", "nurse", "clinician"]
    assert (here / "capacity.svg").read_text("utf-8").startswith("<svg ")
    wrong = run(here, f"{asked} --mix Zoe=1")
    assert (wrong.returncode, wrong.stderr) == (
        2,
        "protocol-sched: courses: has no course 'Zoe'; Ada, Ben\n",
    )
    assert "'Ada' is not a name and a number" in run(here, f"{asked} --mix Ada").stderr


# --- clinic day ------------------------------------------------------------------------------

ADA = (
    "Harbour Street Infusion Clinic, Mon 8 March 2027\n"
    "\n"
    "place    from   to     person         visit       stages                                     "
    "   staff\n"
    "-------  -----  -----  -------------  ----------  -------------------------------------------"
    "-  -----\n"
    "chair 1  09:00  15:00  booked\n"
    "chair 2  11:15  13:45  Ada Lindqvist  infusion 3  IV preparation, infusion, monitored recovery"
    "  nurse\n"
    "chair 3  08:00  12:00  booked\n"
    "chair 4  -      -      nothing\n"
    "\n"
    "staff      from   to     person         visit       stage           place\n"
    "---------  -----  -----  -------------  ----------  --------------  -------\n"
    "nurse      09:00  11:00  booked\n"
    "           11:15  11:45  Ada Lindqvist  infusion 3  IV preparation  chair 2\n"
    "           11:45  12:45  Ada Lindqvist  infusion 3  infusion        chair 2\n"
    "clinician  -      -      nothing\n"
    "\n"
    "Without place or staff:\n"
    "from   to     person         visit       stage\n"
    "-----  -----  -------------  ----------  --------\n"
    "11:00  11:15  Ada Lindqvist  infusion 3  check-in\n"
)


def test_a_day_is_shown_as_planned_and_as_people_know_it(here: Path) -> None:
    shutil.rmtree(here / "courses" / "Ben")
    assert run(here, f"{PLAN} --out out").returncode == 0
    assert run(here, f"{DAY} out --clinic clinic.toml").stdout == ADA
    # Nobody was told yet.
    assert "Ada" not in run(here, f"{DAY} courses --clinic clinic.toml").stdout
    file = here / "courses" / "Ada" / "course.toml"
    told = (here / "out" / "Ada" / "notified.toml").read_text("utf-8")
    file.write_text(f"{file.read_text('utf-8')}\n{told}", "utf-8")
    result = run(here, f"{DAY} courses --clinic clinic.toml")
    assert (result.returncode, result.stdout, result.stderr) == (0, ADA, "")


class _Cells(HTMLParser):
    """Collects the texts of cells, and the names of all tags."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.cells: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        assert {name for name, _ in attrs} <= {"class", "lang", "charset"}
        if tag == "td":
            self.cells.append("")

    def handle_data(self, data: str) -> None:
        if self.cells:
            self.cells[-1] += data.strip()


def test_the_sheet_to_print_escapes_and_loads_nothing(here: Path) -> None:
    shutil.rmtree(here / "courses" / "Ben")
    person = here / "courses" / "Ada" / "person.toml"
    name = '<img src=\\"x\\"> & Co'
    person.write_text(person.read_text("utf-8").replace("Ada Lindqvist", name), "utf-8")
    assert run(here, f"{PLAN} --out out").returncode == 0
    result = run(here, f"{DAY} out --clinic clinic.toml --html sheets/day.html")
    assert result.returncode == 0
    text = (here / "sheets" / "day.html").read_text("utf-8")
    found = _Cells()
    found.feed(text)
    assert '<img src="x"> & Co' in found.cells
    assert found.tags == {
        *("html", "head", "meta", "title", "style", "body", "section"),
        *("h1", "h2", "h3", "table", "thead", "tbody", "tr", "th", "td", "p"),
    }
    assert "url(" not in text
    assert "@import" not in text
    assert "@media print" in text


def test_a_day_is_json_too(here: Path) -> None:
    assert run(here, f"{PLAN} --out out").returncode == 0
    day = json.loads(run(here, f"{DAY} out --clinic clinic.toml --json").stdout)
    assert [place["name"] for place in day["places"]] == [f"chair {n}" for n in (1, 2, 3, 4)]
    assert day["places"][1]["lines"][0] == {
        "start": "2027-03-08T11:15:00-05:00",
        "end": "2027-03-08T13:45:00-05:00",
        "who": "Ada Lindqvist",
        "title": "infusion 3",
        "stages": ["IV preparation", "infusion", "monitored recovery"],
        "beside": ["nurse"],
    }


def test_what_was_written_for_another_zone_is_refused(here: Path) -> None:
    assert run(here, f"{PLAN} --out out").returncode == 0
    clinic = here / "clinic.toml"
    zones = ("America/New_York", "Europe/Berlin")
    clinic.write_text(clinic.read_text("utf-8").replace(*zones), "utf-8")
    result = run(here, f"{DAY} out --clinic clinic.toml")
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == (
        "protocol-sched: out/visits.json: is in zone 'America/New_York', the clinic in "
        "'Europe/Berlin'\n"
    )
