"""The command line as people and programs meet it."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from command_line import in_process
from protocol_sched import catalog
from protocol_sched.formats.documents import documents
from protocol_sched.formats.documents.schema import schema_of
from protocol_sched.text.differences import differences_text
from protocol_sched.text.review import review_text

EXAMPLES = Path(__file__).parents[1] / "examples"
INPUTS = "course.toml --protocol ketamine-migraine.toml --clinic clinic.toml --person person.toml"
AS_OF = "--as-of 2027-02-20"
ESCORTS = ("escort-Tomas-Lindqvist.ics", "escort-Priya-Nair.ics")
SHEETS = ("person.html", "escort-Tomas-Lindqvist.html", "escort-Priya-Nair.html")
FILES = {"patient.ics", *ESCORTS, "clinic.ics", *SHEETS}
FILES |= {"course.svg", "plan.json", "notified.toml"}


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """Return a directory with copies of the example files, to run in and to spoil."""
    return Path(shutil.copytree(EXAMPLES, tmp_path / "here"))


def run(here: Path, arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return in_process(shlex.split(arguments), here, environment)


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), "utf-8")


def nobody_drives(here: Path) -> None:
    """Take the escorts out of the example's person, so that no plan is left."""
    person = here / "person.toml"
    person.write_text(person.read_text("utf-8").partition("[[escorts]]")[0], "utf-8")


def written(directory: Path) -> dict[str, bytes]:
    """Return the files of a directory, messages to escorts aside."""
    return {path.name: path.read_bytes() for path in directory.iterdir() if path.is_file()}


@pytest.mark.parametrize("day", ["2027-02-27", "2027-03-01"])
def test_words_may_stand_behind_options(here: Path, day: str) -> None:
    words, options = f"evaluation {day}", "--protocol ketamine-migraine.toml --as-of 2027-02-27"
    usual = run(here, f"verdict course.toml {words} {options}")
    assert usual.stdout.startswith("Evaluation on ")
    for other in (f"{options} {words}", f"{options} --json {words}", f"--json {words} {options}"):
        found = run(here, f"verdict course.toml {other}")
        expected = run(here, f"verdict course.toml {words} {options} --json")
        assert found.stdout == (expected if "--json" in other else usual).stdout
        assert found.returncode == usual.returncode
    first = "--protocol ketamine-migraine.toml"
    same = run(here, f"verdict course.toml {first} {words} --as-of 2027-02-27")
    assert same.stdout == usual.stdout
    wrong = run(here, f"verdict course.toml {options} {words} more")
    assert wrong.returncode == 2
    assert "unrecognized arguments: more" in wrong.stderr


# --- plan ------------------------------------------------------------------------------------


def test_an_escort_who_lost_their_last_ride_has_a_sheet_that_says_so(here: Path) -> None:
    run(here, f"plan {INPUTS} {AS_OF} --out out")
    sheet = here / "out" / "escort-Tomas-Lindqvist.html"
    assert "Monday 15 March" in sheet.read_text("utf-8")
    with (here / "clinic.toml").open("a", encoding="utf-8") as clinic:
        clinic.write("\n[[closures]]\nfirst = 2027-03-10\n")
    flags = "--previous out/plan.json --out out --language de"
    assert run(here, f"replan {INPUTS} {AS_OF} {flags}").returncode == 0
    assert "Es ist nichts geplant." in sheet.read_text("utf-8")


def test_plan_writes_all_files_and_says_where(here: Path) -> None:
    result = run(here, f"plan {INPUTS} {AS_OF} --out new/out")
    assert (result.returncode, result.stderr) == (0, "")
    assert set(written(here / "new" / "out")) == FILES
    said = (
        f"patient.ics, {', '.join(ESCORTS)}, clinic.ics, {', '.join(SHEETS)}, "
        "course.svg, plan.json, notified.toml, "
        "6 messages to escorts in messages/"
    )
    last = " ".join(result.stdout.partition("\nWritten")[2].split())
    assert f"Written {last}" == f"Written to new/out/: {said}"


def sequences(file: Path) -> dict[str, int]:
    """Return each entry's SEQUENCE by its UID."""
    lines = file.read_text("utf-8").replace("\r\n ", "").splitlines()
    uids = [line[4:] for line in lines if line.startswith("UID:") and "-" not in line]
    numbers = [int(line[9:]) for line in lines if line.startswith("SEQUENCE:")]
    assert len(uids) == len(numbers)
    return dict(zip(uids, numbers, strict=True))


@pytest.mark.parametrize("command", ["plan", "replan"])
def test_what_was_told_travels_in_the_course_and_numbers_the_next_files(
    here: Path, command: str
) -> None:
    run(here, f"plan {INPUTS} {AS_OF} --out one")
    course = here / "course.toml"
    course.write_text(
        course.read_text("utf-8") + (here / "one" / "notified.toml").read_text("utf-8")
    )
    missed = '\n[[events]]\nkind = "missed"\nvisit = "induction-1"\non = 2027-03-03\n'
    given = '\n[[events]]\nkind = "given"\nvisit = "evaluation"\non = 2027-03-01\n'
    course.write_text(course.read_text("utf-8") + given + missed)
    result = run(here, f"{command} {INPUTS} --as-of 2027-03-04 --out two")
    assert (result.returncode, result.stderr) == (0, "")
    before, after = (sequences(here / name / "patient.ics") for name in ("one", "two"))
    assert set(before.values()) == {0}
    numbers = {after[uid] for uid in after.keys() & before.keys()}
    assert numbers == ({1} if command == "plan" else {0, 1}), "replan keeps what it can"
    # With what is told this time added too, nothing is new, and the same plan gives no number more.
    course.write_text(
        course.read_text("utf-8") + (here / "two" / "notified.toml").read_text("utf-8")
    )
    run(here, f"replan {INPUTS} --as-of 2027-03-04 --out three")
    assert sequences(here / "three" / "patient.ics") == after
    assert (here / "three" / "notified.toml").read_text("utf-8") == ""


def entries(file: Path) -> dict[str, tuple[str, str]]:
    """Return each ride's STATUS and SEQUENCE by its UID."""
    events = file.read_text("utf-8").split("BEGIN:VEVENT")[1:]
    said = [dict(line.split(":", 1) for line in one.splitlines() if ":" in line) for one in events]
    uids = [re.findall(r"^UID:(\S+)", one, re.MULTILINE)[0] for one in events]
    return {uid: (one["STATUS"], one["SEQUENCE"]) for uid, one in zip(uids, said, strict=True)}


def messages(directory: Path) -> dict[str, str]:
    """Return the messages to escorts by their names."""
    return {one.name: one.read_text("utf-8") for one in sorted(directory.iterdir())}


def test_a_ride_that_changes_hands_is_struck_for_one_and_asked_of_the_other(here: Path) -> None:
    run(here, f"plan {INPUTS} {AS_OF} --out out")
    tomas, priya = (here / "out" / name for name in ESCORTS)
    before = entries(priya)
    assert set(before.values()) == {("TENTATIVE", "0")}
    assert len(messages(here / "out" / "messages")) == 6
    course, person = here / "course.toml", here / "person.toml"
    course.write_text(
        course.read_text("utf-8") + (here / "out" / "notified.toml").read_text("utf-8")
    )
    given = '\n[[events]]\nkind = "given"\nvisit = "evaluation"\non = 2027-03-01\n'
    course.write_text(course.read_text("utf-8") + given)
    # From 3 March on Priya is away, and Tomas is free on all days and travels no more.
    text = person.read_text("utf-8").replace("first = 2027-03-08\n", "first = 2027-06-08\n")
    text = text.replace('Tuesday = "12:00-20:00"', 'Friday = "08:00-20:00"')
    text += "[[escorts.away]]\nfirst = 2027-03-05\n"
    person.write_text(text, "utf-8")
    result = run(here, f"replan {INPUTS} --as-of 2027-03-02 --out out")
    assert (result.returncode, result.stderr) == (0, "")
    changes = (here / "out" / "changes.txt").read_text("utf-8")
    assert "Tomas Lindqvist instead of Priya Nair" in changes
    lost = [uid for uid, said in entries(priya).items() if said == ("CANCELLED", "1")]
    assert len(lost) == 1
    assert entries(tomas)[lost[0]] == ("TENTATIVE", "1")
    new = [name for name in messages(here / "out" / "messages") if name.startswith("2027-03-02")]
    assert new == [
        "2027-03-02T0000-cancel-Priya-Nair-2027-03-05.eml",
        "2027-03-02T0000-request-Tomas-Lindqvist-2027-03-05.eml",
    ]


def test_who_has_no_address_is_told_in_words_and_a_clinic_without_one_writes_to_nobody(
    here: Path,
) -> None:
    change(here / "person.toml", 'email = "tomas@lindqvist.example"\n', "")
    run(here, f"plan {INPUTS} {AS_OF} --out one")
    name = "2027-02-20T0000-request-Tomas-Lindqvist-2027-03-15.txt"
    assert messages(here / "one" / "messages")[name].startswith("Pick-up on Mon 15 Mar 2027, ")
    change(here / "clinic.toml", 'email = "desk@harbourstreet.example"\n', "")
    result = run(here, f"plan {INPUTS} {AS_OF} --out two")
    assert result.stdout.splitlines()[-1] == (
        "No messages to escorts are written: the clinic's file has no e-mail address that escorts "
        "could answer to"
    )
    assert not (here / "two" / "messages").exists()


def test_a_plan_that_nobody_recorded_as_told_is_counted_with_before(here: Path) -> None:
    run(here, f"plan {INPUTS} {AS_OF} --out one")
    course = here / "course.toml"
    given = '\n[[events]]\nkind = "given"\nvisit = "evaluation"\non = 2027-03-01\n'
    missed = '\n[[events]]\nkind = "missed"\nvisit = "induction-1"\non = 2027-03-03\n'
    course.write_text(course.read_text("utf-8") + given + missed)
    result = run(here, f"replan {INPUTS} --as-of 2027-03-04 --previous one/plan.json --out two")
    assert (result.returncode, result.stderr) == (0, "")
    course.write_text(
        course.read_text("utf-8") + (here / "two" / "notified.toml").read_text("utf-8")
    )
    run(here, f"replan {INPUTS} --as-of 2027-03-04 --out three")
    numbers = [sequences(here / name / "patient.ics") for name in ("two", "three")]
    assert numbers[0] == numbers[1]
    assert 1 in numbers[0].values()


def test_a_course_that_begins_a_week_late_or_more_says_what_keeps_it(here: Path) -> None:
    change(here / "person.toml", "first = 2027-03-16\n", "first = 2027-03-01\n")
    late = run(here, f"plan {INPUTS} {AS_OF}")
    _, _, reasons = late.stdout.partition("  on an earlier date: not possible, because\n")
    assert reasons.startswith("    - Maya Lindqvist is away from Mon 1 March to Wed 17 March (conf")
    change(here / "person.toml", "last = 2027-03-17\n", "last = 2027-03-03\n")
    soon = run(here, f"plan {INPUTS} {AS_OF}")
    assert "evaluation       Fri  5 Mar" in soon.stdout
    assert "not possible, because" not in soon.stdout


def test_plan_without_out_writes_nothing(here: Path) -> None:
    before = written(here)
    assert run(here, f"plan {INPUTS} {AS_OF}").returncode == 0
    assert written(here) == before


def test_the_same_input_gives_the_same_bytes_under_any_hash_seed_and_system_zone(
    here: Path,
) -> None:
    printed = []
    for out, seed, zone in (("one", "1", "UTC"), ("two", "2", "Pacific/Auckland")):
        command = [sys.executable, "-m", "protocol_sched", "plan", *INPUTS.split(), *AS_OF.split()]
        environment = {**os.environ, "PYTHONHASHSEED": seed, "TZ": zone}
        command += ["--out", out, "--json"]
        printed.append(subprocess.check_output(command, cwd=here, env=environment))
    assert printed[0] == printed[1] != b""
    assert written(here / "one") == written(here / "two")


def test_the_json_on_the_screen_is_the_json_in_the_file(here: Path) -> None:
    result = run(here, f"plan {INPUTS} {AS_OF} --out out --json")
    assert result.stdout == (here / "out" / "plan.json").read_text("utf-8")
    assert json.loads(result.stdout)["proof"] == "optimal"


def test_without_as_of_the_question_is_asked_today_at_the_clinic(here: Path) -> None:
    def today() -> str:
        return str(datetime.now(ZoneInfo("America/New_York")).date())

    (here / "course.toml").write_text('key = "c"\nprotocol = "ketamine-migraine"\n')
    days = {today()}
    result = run(here, f"plan {INPUTS} --json", TZ="Pacific/Kiritimati")
    days.add(today())
    assert json.loads(result.stdout)["agenda"]["as_of"] in days


def test_now_is_what_calendar_files_say_and_gives_the_date_too(here: Path) -> None:
    run(here, f"plan {INPUTS} --now 2027-02-21T01:30:00+00:00 --out out")
    assert "DTSTAMP:20270221T013000Z" in (here / "out" / "patient.ics").read_text("utf-8")
    plan = json.loads((here / "out" / "plan.json").read_text("utf-8"))
    assert plan["agenda"]["as_of"] == "2027-02-20", "in New York it is still the day before"


def test_no_plan_is_exit_code_1_with_reasons_and_without_files(here: Path) -> None:
    nobody_drives(here)
    result = run(here, f"plan {INPUTS} {AS_OF} --out out")
    assert (result.returncode, result.stderr) == (1, "")
    assert "No plan is possible" in result.stdout
    assert not (here / "out").exists()


def test_a_course_finds_its_protocol_in_the_catalog(here: Path) -> None:
    without = INPUTS.replace("--protocol ketamine-migraine.toml ", "")
    assert run(here, f"plan {without} {AS_OF}").stdout == run(here, f"plan {INPUTS} {AS_OF}").stdout


# --- explain and why -------------------------------------------------------------------------


def asked(here: Path, command: str, *more: str) -> subprocess.CompletedProcess[str]:
    """Run a command whose words hold spaces."""
    words = [command, "course.toml", *more, *INPUTS.split()[1:], *AS_OF.split()]
    return in_process(words, here)


def test_a_request_that_cannot_be_kept_is_exit_code_1_with_reasons(here: Path) -> None:
    result = asked(
        here, "explain", "--request", "infusion 3 on 2027-03-11 at 10:00", "--count", "0"
    )
    assert (result.returncode, result.stderr) == (1, "")
    assert (
        result.stdout
        == """\
Not possible: infusion 3 on Thu 11 March at 10:00, because:
  - Harbour Street Infusion Clinic is closed on Thu 11 March (staff training)
Change only this and it can be done.
The nearest possible dates of infusion 3: Wed 10 March 2027 at 09:00 and Fri 12 March 2027 at 09:00.
"""
    )


@pytest.mark.parametrize(
    ("asks", "code", "first"),
    [
        ("induction-3 by 2027-03-08", 0, "Yes, infusion 3 can be on Mon 8 March or earlier."),
        ("infusion 1 from 2027-03-05", 0, "Yes, infusion 1 can be on Fri 5 March or later."),
        ("infusion 1 not on 2027-03-03", 0, "Yes, the course works without infusion 1 on Wed 3"),
        ("no visit on 2027-03-03", 0, "Yes, the course works without a visit on Wed 3 March."),
        ("every visit by 2027-03-10", 1, "Not possible: every visit on Wed 10 March or earlier"),
        ("preferences", 0, "Yes, this is possible: every visit is on a Monday,"),
    ],
)
def test_each_kind_of_request_is_read(here: Path, asks: str, code: int, first: str) -> None:
    result = asked(here, "explain", "--request", asks, "--count", "0")
    assert (result.returncode, result.stderr) == (code, "")
    assert result.stdout.startswith(first)


@pytest.mark.parametrize(
    ("asks", "says"),
    [
        ("soon", "--request 'soon': must be such as 'infusion 3 on 2027-03-11 at 10:00', "),
        (
            "infusion 3 on 10.2.2027",
            "--request 'infusion 3 on 10.2.2027': '10.2.2027' is not a date such as 2027-02-20 "
            "or 'Saturday, 20 February'\n",
        ),
        (
            "infusion 3 by 2027-03-11 at 10:00",
            "--request 'infusion 3 by 2027-03-11 at 10:00': must",
        ),
        ("infusion 9 on 2027-03-11", "no visit 'infusion 9' is due; near to it are: infusion "),
        ("x on 2027-03-11", "no visit 'x' is due; due are: evaluation, infusion 1, infusion"),
        ("no visit by 2027-03-11", "--request 'no visit by 2027-03-11': a date that is blocked is"),
    ],
)
def test_what_is_no_request_is_refused(here: Path, asks: str, says: str) -> None:
    result = asked(here, "explain", "--request", asks)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith(f"protocol-sched: {says}")


@pytest.mark.parametrize("command", ["explain", "why"])
def test_every_fact_is_refused_to_a_patient(here: Path, command: str) -> None:
    result = asked(here, command, "--for", "patient", "--json")
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == (
        "protocol-sched: --json holds every fact, which is not for a patient; "
        "leave out --for patient\n"
    )


@pytest.mark.parametrize("command", ["plan", "replan", "explain", "why", "check"])
def test_the_usage_names_every_option(here: Path, command: str) -> None:
    usage, options = run(here, f"{command} --help").stdout.split("\n\n", 1)
    for option in set(re.findall(r"^  (--[a-z-]+)", options, re.M)) - {"--help"}:
        assert f"{option} " in usage or f"{option}]" in usage, option


def test_the_log_of_an_explanation_holds_the_text_and_every_fact(here: Path) -> None:
    asks = ("--request", "infusion 3 on 2027-03-11 at 10:00")
    result = asked(here, "explain", *asks, "--count", "1", "--json")
    log = json.loads(result.stdout)
    assert log["says"] == asked(here, "explain", *asks, "--count", "1").stdout
    assert log["plan"]["proof"] == "impossible"
    kinds = [reason["rule"]["kind"] for reason in log["plan"]["conflicts"][0]["reasons"]]
    assert kinds == ["request", "closed"]
    assert log["relaxations"][0]["cost"] == 5
    assert log["cheapest"] is True


def test_why_speaks_of_the_visits_named(here: Path) -> None:
    result = asked(here, "why", "infusion 2", "--for", "patient", "--language", "de")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith("Termin 3 ist am Fr 5. März 2027 um 09:00 Uhr.\n")
    log = json.loads(asked(here, "why", "--json").stdout)
    assert [why["visit"]["title"] for why in log["why"]][:2] == ["evaluation", "infusion 1"]


# --- bad input -------------------------------------------------------------------------------


def refused(here: Path, arguments: str) -> str:
    """Return what is said on the error stream of a run that must end with exit code 2."""
    result = run(here, arguments)
    assert (result.returncode, result.stdout) == (2, "")
    return result.stderr


def test_files_that_cannot_be_read_are_named_all_at_once(here: Path) -> None:
    (here / "clinic.toml").unlink()
    (here / "person.toml").write_bytes(b"name = \xff")
    assert refused(here, f"plan {INPUTS}") == (
        "protocol-sched: cannot read clinic.toml: No such file or directory\n"
        "cannot read person.toml: it is not UTF-8 text\n"
    )


def test_faults_of_several_files_come_together(here: Path) -> None:
    change(here / "clinic.toml", 'zone = "America/New_York"', 'zone = "Amerika/New_York"')
    change(here / "person.toml", "name = ", "nme = ")
    change(here / "course.toml", "not_before = 2027-03-01", 'not_before = "soon"')
    assert refused(here, f"plan {INPUTS}") == (
        "protocol-sched: course.toml: 1 fault\n"
        "  not_before: must be a date such as '2027-03-01', got 'soon'\n"
        "clinic.toml: 1 fault\n"
        "  zone: must be a time zone such as 'America/New_York', got 'Amerika/New_York'; "
        "did you mean 'America/New_York'?\n"
        "person.toml: 1 fault\n"
        "  nme: unknown key 'nme'; did you mean 'name'?\n"
    )


def test_a_file_that_is_not_toml_says_where(here: Path) -> None:
    (here / "course.toml").write_text("key: course\n")
    assert refused(here, f"plan {INPUTS}") == (
        "protocol-sched: course.toml: 1 fault\n"
        "  is not TOML: Expected '=' after a key in a key/value pair, at line 1, column 4\n"
    )


def test_a_protocol_file_of_another_name_is_refused(here: Path) -> None:
    change(here / "course.toml", '"ketamine-migraine"', '"iron"')
    assert refused(here, f"plan {INPUTS}") == (
        "protocol-sched: course.toml: 1 fault\n  protocol: names 'iron'; known: ketamine-migraine\n"
    )


@pytest.mark.parametrize(
    ("option", "says"),
    [
        ("--as-of 2027-02-30", "--as-of: '2027-02-30' is not a date such as 2027-02-20"),
        (
            "--now 2027-02-20Tnine",
            "--now: '2027-02-20Tnine' is not a moment such as 2027-02-20T09:00, "
            "or 2027-02-20T09:00:00-05:00",
        ),
    ],
)
def test_a_wrong_date_on_the_command_line_is_refused(here: Path, option: str, says: str) -> None:
    said = refused(here, f"plan {INPUTS} {option}")
    assert said.splitlines()[-1] == f"protocol-sched plan: error: argument {says}"


def test_a_date_at_the_end_of_the_calendar_is_refused(here: Path) -> None:
    said = refused(here, f"plan {INPUTS} --as-of 9999-12-31")
    assert said == "protocol-sched: plan: as_of must be 9990-12-31 or earlier, got 9999-12-31\n"


def test_a_directory_that_cannot_be_written_stays_as_it_was(here: Path) -> None:
    (here / "out" / "course.svg").mkdir(parents=True)
    said = refused(here, f"plan {INPUTS} {AS_OF} --out out")
    assert said == "protocol-sched: cannot write out/course.svg: Is a directory\n"
    assert [path.name for path in (here / "out").iterdir()] == ["course.svg"]


def test_a_file_in_the_place_of_the_directory_is_not_touched(here: Path) -> None:
    said = refused(here, f"plan {INPUTS} {AS_OF} --out clinic.toml")
    assert said == "protocol-sched: cannot write clinic.toml: File exists\n"
    assert (here / "clinic.toml").read_bytes() == (EXAMPLES / "clinic.toml").read_bytes()


# --- check -----------------------------------------------------------------------------------


def test_check_finds_nothing_in_a_plan(here: Path) -> None:
    run(here, f"plan {INPUTS} {AS_OF} --out out")
    result = run(here, f"check out/plan.json {INPUTS} {AS_OF}")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == "Every rule is kept.\n"


def test_check_lists_what_a_changed_calendar_breaks(here: Path) -> None:
    run(here, f"plan {INPUTS} {AS_OF} --out out")
    with (here / "clinic.toml").open("a", encoding="utf-8") as clinic:
        clinic.write('\n[[closures]]\nfirst = 2027-03-01\nwhy = "flood"\n')
    result = run(here, f"check out/plan.json {INPUTS}")
    assert (result.returncode, result.stderr) == (1, "")
    assert result.stdout == (
        "evaluation is Mon 2027-03-01 09:00 to Mon 2027-03-01 10:00; wanted a time when "
        "Harbour Street Infusion Clinic is not closed (flood) (closure)\n"
    )
    as_json = json.loads(run(here, f"check out/plan.json {INPUTS} --json").stdout)
    assert [one["visits"] for one in as_json["violations"]] == [["evaluation"]]


def test_check_refuses_the_plan_of_another_course(here: Path) -> None:
    run(here, f"plan {INPUTS} {AS_OF} --out out")
    change(here / "course.toml", "course-0417", "course-0418")
    assert refused(here, f"check out/plan.json {INPUTS}") == (
        "protocol-sched: out/plan.json: is a plan of course 'course-0417', not of 'course-0418'\n"
    )


def test_check_refuses_a_file_that_is_no_plan(here: Path) -> None:
    (here / "plan.json").write_text("{")
    assert refused(here, f"check plan.json {INPUTS}") == (
        "protocol-sched: plan.json: 1 fault\n"
        "  is not JSON: Expecting property name enclosed in double quotes, "
        "at line 1, column 2\n"
    )


# --- dates, schema ---------------------------------------------------------------------------

DATES = """\
Infliximab, weeks 0, 2 and 6, then every 8 weeks
infliximab: country US; for Crohn's disease, ulcerative colitis, rheumatoid arthritis, psoriasis

visit       recorded as    earliest        target          forecast        latest  rule
----------  -------------  --------------  --------------  --------------  ------  ----------------------------------------------
infusion 1  induction-1    Mon 2027-03-01  -               Mon 2027-03-01  -       not before 2027-03-01, the start of the course
infusion 2  induction-2    Mon 2027-03-15  Mon 2027-03-15  -               -       2 weeks after infusion 1
infusion 3  induction-3    Mon 2027-04-12  Mon 2027-04-12  -               -       6 weeks after infusion 1
infusion 4  maintenance-1  Mon 2027-06-07  Mon 2027-06-07  -               -       8 weeks after infusion 3
infusion 5  maintenance-2  Mon 2027-08-02  Mon 2027-08-02  -               -       8 weeks after infusion 4

Infusion 1 needs a test first: tuberculosis-screening and hepatitis-b-screening, on or before Mon 1
  March 2027.

For a clinician to decide:
  - What follows when an infusion is late or missed: the US text has no rule.
  - Whether a long gap ends in one infusion and maintenance: the EU text bars a new induction.
  - In Crohn's disease, whether to stop in week 14 without a response: it is considered then.
"""  # noqa: E501


def test_dates_lists_what_the_protocol_asks_for_without_a_clinic(here: Path) -> None:
    text = 'key = "c1"\nstart = 2027-03-01\nprotocol = "infliximab"\n'
    (here / "course.toml").write_text(text, "utf-8")
    result = run(here, f"dates course.toml {AS_OF} --until 2027-08-31")
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout == DATES


def test_dates_lists_an_open_series_as_often_as_it_comes_until_then(here: Path) -> None:
    change(here / "course.toml", '"ketamine-migraine"', '"natalizumab"')
    result = run(here, f"dates course.toml {AS_OF} --until 2029-03-01")
    every = [line.split()[2] for line in result.stdout.splitlines() if "every-6-months" in line]
    assert every == [f"review-every-6-months-{n}" for n in range(1, 5)]


def test_dates_as_json_are_the_agenda(here: Path) -> None:
    result = run(here, f"dates course.toml {AS_OF} --json")
    agenda = json.loads(result.stdout)
    assert [due["id"] for due in agenda["dues"]][:2] == ["evaluation", "induction-1"]


def test_schema_is_that_of_protocol_files(here: Path) -> None:
    result = run(here, "schema")
    assert json.loads(result.stdout) == schema_of("protocol")


def test_schema_is_that_of_the_kind_named(here: Path) -> None:
    for name in ("clinic", "plan"):
        assert json.loads(run(here, f"schema {name}").stdout) == schema_of(name)


def test_files_are_told_apart_by_their_content(here: Path) -> None:
    asked = f"plan {INPUTS} {AS_OF} --protocol ketamine-migraine.toml --json"
    expected = run(here, asked).stdout
    for name in ("course", "clinic", "person", "ketamine-migraine"):
        file = here / f"{name}.toml"
        mapping = documents.read_toml(file.read_text("utf-8"))
        file.write_text(json.dumps(mapping, default=str), "utf-8")
    assert json.loads(run(here, asked).stdout) == json.loads(expected)
    (here / "courses" / "ada").mkdir(parents=True)
    for name in ("course", "person"):
        (here / f"{name}.toml").rename(here / "courses" / "ada" / f"{name}.json")
    every = f"replan-all courses --clinic clinic.toml --protocol ketamine-migraine.toml {AS_OF}"
    assert run(here, every).returncode == 0
    (here / "courses" / "ada" / "person.toml").touch()
    assert refused(here, every) == (
        "protocol-sched: courses/ada: has both person.toml and person.json; keep one\n"
    )


def test_a_history_that_cannot_be_is_refused_with_what_is_near(here: Path) -> None:
    event = '[[events]]\nkind = "given"\nvisit = "infusion 1"\non = 2027-03-03\n'
    change(here / "course.toml", "# What happens later", f"{event}# What happens later")
    result = run(here, f"plan {INPUTS} --as-of 2027-03-03")
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == (
        "protocol-sched: course 'course-0417': given 'infusion 1' on 2027-03-03 is refused: no "
        "visit of the course has that identity; known: induction-1, induction-6, induction-5\n"
    )


# --- catalog ---------------------------------------------------------------------------------


def test_catalog_lists_and_shows_protocols(here: Path) -> None:
    listed = run(here, "catalog")
    assert listed.returncode == 0
    line = "ketamine-migraine  Ketamine infusions for complex migraine"
    assert line in [
        " ".join(line.split()).replace(" ", "  ", 1) for line in listed.stdout.split("\n")
    ]
    shown = run(here, "catalog ketamine-migraine")
    assert shown.stdout == (EXAMPLES / "ketamine-migraine.toml").read_text("utf-8")


def test_catalog_as_json_is_the_protocol_as_data(here: Path) -> None:
    shown = run(here, "catalog ketamine-migraine --json")
    assert json.loads(shown.stdout)["name"] == "ketamine-migraine"
    assert "ketamine-migraine" in json.loads(run(here, "catalog --json").stdout)


def test_catalog_prints_a_protocol_and_a_clinics_own_file_as_a_sheet_to_sign(here: Path) -> None:
    sheet = run(here, "catalog infliximab-eu --review").stdout
    (here / "ours.toml").write_text(catalog.text("infliximab-eu"), encoding="utf-8")
    assert run(here, "catalog ours.toml --review").stdout == sheet
    assert sheet == review_text(catalog.load("infliximab-eu"))


def test_a_sheet_to_sign_as_json_has_each_rule_and_where_it_is_from(here: Path) -> None:
    sheet = json.loads(run(here, "catalog infliximab-eu --review --json").stdout)
    assert list(sheet) == ["name", "title", "variant", "unspecified", "sources", "rules"]
    assert sheet["rules"][3] == {
        "part": "phase maintenance",
        "about": "phase maintenance",
        "says": "maintenance (infusion): visits without a stated end, one every 8 weeks, counted "
        "from when the visit before was given",
        "standing": "found",
        "sources": ["inf_smpc"],
        "unverified": [],
        "elsewhere": [],
        "safety": None,
    }


def test_catalog_compares_two_protocols(here: Path) -> None:
    names = ("infliximab", "infliximab-eu")
    first, second = (catalog.load(name) for name in names)
    shown = run(here, "catalog --diff infliximab infliximab-eu").stdout
    assert shown == differences_text(first, second, names)
    found = json.loads(run(here, "catalog --diff infliximab infliximab-eu --json").stdout)
    assert (found["first"], found["second"]) == names
    assert {one["what"] for one in found["differences"]} == {"added", "missing", "changed"}
    assert run(here, "catalog infliximab --diff infliximab-eu").stdout == shown


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("--review", "--review needs a NAME: one of the catalog, or a protocol file"),
        (
            "infliximab --diff infliximab infliximab-eu",
            "--diff takes two names and no third, got 'infliximab' as well",
        ),
        (
            "--diff infliximab infliximab-eu methadone",
            "--diff takes two names and no third, got 'methadone' as well",
        ),
        (
            "--diff infliximab",
            "--diff needs a second protocol, such as: catalog infliximab --diff NAME",
        ),
        ("gone.toml --review", "cannot read gone.toml: No such file or directory"),
    ],
)
def test_what_catalog_cannot_review_is_refused(here: Path, command: str, says: str) -> None:
    assert refused(here, f"catalog {command}") == f"protocol-sched: {says}\n"


def test_catalog_names_what_is_near_to_an_unknown_name(here: Path) -> None:
    assert refused(here, "catalog ketamin-migrane") == (
        "protocol-sched: catalog: protocol names 'ketamin-migrane'; "
        "known: ketamine-migraine, ketamine-migraine-response\n"
    )


# --- the process -----------------------------------------------------------------------------


def test_a_reader_that_stops_early_is_no_error(here: Path) -> None:
    command = f"{sys.executable} -m protocol_sched catalog ketamine-migraine | head -n 1"
    result = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command], capture_output=True, text=True
    )
    assert (result.returncode, result.stderr) == (0, "")


def test_a_full_disk_is_told(here: Path) -> None:
    command = f"{sys.executable} -m protocol_sched catalog ketamine-migraine > /dev/full"
    result = subprocess.run(["bash", "-c", command], capture_output=True, text=True)
    said = "protocol-sched: cannot print: No space left on device\n"
    assert (result.returncode, result.stderr) == (2, said)


def test_the_installed_command_is_the_same_program(here: Path) -> None:
    script = Path(sys.executable).with_name("protocol-sched")
    by_script = subprocess.run([script, "--version"], capture_output=True, text=True)
    assert by_script.stdout == run(here, "--version").stdout
    assert by_script.stdout.startswith("protocol-sched ")


def test_a_command_line_without_a_command_is_refused(here: Path) -> None:
    assert "usage: protocol-sched" in refused(here, "")


# --- replan ----------------------------------------------------------------------------------


def test_replan_says_that_nobody_is_on_record_as_told(here: Path) -> None:
    said = "No date is on record as told to anyone, so each counts as new."
    run(here, f"plan {INPUTS} {AS_OF} --out out")
    result = run(here, f"replan {INPUTS} {AS_OF}")
    assert said in " ".join(result.stdout.split())
    told = run(here, f"replan {INPUTS} {AS_OF} --previous out/plan.json")
    assert said not in " ".join(told.stdout.split())


MORE_FILES = {*FILES, "changes.txt", "aloud.txt", "notified.toml"}
MISSED = """
[[events]]
kind = "given"
visit = "evaluation"
on = 2027-03-01

[[events]]
kind = "missed"
visit = "induction-1"
on = 2027-03-03
why = "a cold"
"""


def test_replan_tells_people_once_and_then_only_what_changes(here: Path) -> None:
    first = run(here, f"replan {INPUTS} {AS_OF} --out one")
    assert (first.returncode, first.stderr) == (0, "")
    assert set(written(here / "one")) == MORE_FILES
    course = here / "course.toml"
    notified = (here / "one" / "notified.toml").read_text("utf-8")
    course.write_text(course.read_text("utf-8") + "\n" + notified, "utf-8")
    again = run(here, f"replan {INPUTS} {AS_OF} --out two")
    assert again.stdout.splitlines()[2] == (
        "Unchanged: the evaluation, infusion 1 to infusion 6 and the response review"
    )
    assert (here / "two" / "notified.toml").read_bytes() == b""
    course.write_text(course.read_text("utf-8") + MISSED, "utf-8")
    missed = run(here, f"replan {INPUTS} --now 2027-03-03T09:30:00-05:00 --out three")
    assert missed.stdout.splitlines()[2] == (
        "Moved: infusion 1 from Wed 3 March 2027 at 09:00 to Fri 5 March 2027 at 09:00 "
        "(ride: Priya Nair): it was missed on Wed 3 March (a cold)"
    )
    aloud = (here / "three" / "aloud.txt").read_text("utf-8")
    assert aloud.splitlines()[0] == "Six of your visits have changed."


def test_replan_takes_a_plan_for_what_people_know(here: Path) -> None:
    run(here, f"plan {INPUTS} {AS_OF} --out out")
    result = run(here, f"replan {INPUTS} {AS_OF} --previous out/plan.json --json")
    changes = json.loads(result.stdout)["changes"]
    assert {change["fate"] for change in changes} == {"kept"}


@pytest.mark.parametrize("command", ["plan", "replan"])
def test_a_history_that_broke_a_limit_is_exit_code_1_and_files_are_written(
    here: Path, command: str
) -> None:
    file = here / "course.toml"
    events = [
        f'[[events]]\nkind = "given"\nvisit = "{visit}"\non = {on}\n'
        for visit, on in (
            ("evaluation", "2027-03-01"),
            ("induction-1", "2027-03-02"),
            ("induction-2", "2027-03-16"),
        )
    ]
    file.write_text(file.read_text("utf-8") + "\n" + "\n".join(events), "utf-8")
    result = run(here, f"{command} {INPUTS} --as-of 2027-03-17 --out out")
    assert (result.returncode, result.stderr) == (1, "")
    broken = "infusion 2 came 14 days after infusion 1"
    assert command == "replan" or f"Rule broken: {broken}" in result.stdout
    assert "plan.json" in written(here / "out")


def test_replan_without_a_plan_is_exit_code_1_and_writes_nothing(here: Path) -> None:
    nobody_drives(here)
    result = run(here, f"replan {INPUTS} {AS_OF} --out out")
    assert (result.returncode, result.stderr) == (1, "")
    assert "Nothing is changed.\nNo plan is possible: " in result.stdout
    assert not (here / "out").exists()


def test_an_event_that_cannot_have_happened_is_exit_code_2(here: Path) -> None:
    course = here / "course.toml"
    given = '\n[[events]]\nkind = "given"\nvisit = "induction-1"\non = 2027-03-03\n'
    course.write_text(course.read_text("utf-8") + given, "utf-8")
    assert refused(here, f"replan {INPUTS} --as-of 2027-03-04") == (
        "protocol-sched: course 'course-0417': given 'induction-1' on 2027-03-03 is refused: "
        "'evaluation' has to come before it and was not given\n"
    )


@pytest.mark.parametrize("workers", ["", "--workers 1"])
def test_replan_all_plans_each_course_of_a_directory_and_counts(here: Path, workers: str) -> None:
    for name in ("ada", "ben"):
        (here / "courses" / name).mkdir(parents=True)
        text = (here / "course.toml").read_text("utf-8").replace("0417", name)
        (here / "courses" / name / "course.toml").write_text(text, "utf-8")
        shutil.copy(here / "person.toml", here / "courses" / name)
    result = run(
        here, f"replan-all courses --clinic clinic.toml {AS_OF} {workers} --out out --progress"
    )
    assert result.returncode == 0
    assert result.stdout == "ada: 8 added\nben: 8 added\n"
    # Written over in place; read as text, each return of the carriage ends a line.
    assert result.stderr == (
        "\n1 of 2 courses planned, 1 changed\n2 of 2 courses planned, 2 changed\n"
    )
    notified = [
        (here / "out" / name / "notified.toml").read_text("utf-8") for name in ("ada", "ben")
    ]
    whole = (here / "out" / "clinic.ics").read_text("utf-8").replace("\r\n ", "")
    assert whole.count("\nSUMMARY:evaluation\\, ") == 2
    # In turn, the one after the other gets another chair; by workers, both take the first.
    assert (notified[0] == notified[1]) == bool(workers)


def test_replan_all_of_nothing_is_refused(here: Path) -> None:
    said = refused(here, f"replan-all . --clinic clinic.toml {AS_OF}")
    assert said == "protocol-sched: .: holds no directory with a course.toml or course.json\n"


def test_calendars_written_anew_take_the_move_and_keep_what_is_not_recorded_yet(
    here: Path,
) -> None:
    run(here, f"plan {INPUTS} {AS_OF} --out out")
    change(
        here / "clinic.toml", "[[closures]]\n", "[[closures]]\nfirst = 2027-03-05\n\n[[closures]]\n"
    )
    now = "--now 2027-03-03T10:00:00-05:00"
    result = run(here, f"replan {INPUTS} {now} --previous out/plan.json --out out")
    assert result.stdout.splitlines()[2:4] == [
        "Not recorded: evaluation, Mon 1 March 2027 at 09:00; the plan assumes it was given. "
        "Was it?",
        "Not recorded: infusion 1, Wed 3 March 2027 at 09:00; the plan assumes it was given. "
        "Was it?",
    ]
    text = (here / "out" / "patient.ics").read_text("utf-8")
    (moved,) = [one for one in text.split("BEGIN:VEVENT") if "20270308T110000" in one]
    assert "SEQUENCE:1" in moved
    assert "STATUS:CANCELLED" not in text


def test_dates_of_a_history_that_cannot_be_say_so(here: Path) -> None:
    event = '[[events]]\nkind = "given"\nvisit = "induction-9"\non = 2027-03-01\n'
    (here / "course.toml").write_text((here / "course.toml").read_text() + "\n" + event)
    result = run(here, "dates course.toml --as-of 2027-03-02")
    assert result.returncode == 1
    assert result.stdout.startswith("Ketamine infusions for complex migraine\n\nvisit ")
    assert "these dates follow a history that cannot be: " in result.stderr
    assert "'induction-9'" in result.stderr


def test_calendar_entries_bear_the_domain_that_was_named(here: Path) -> None:
    result = run(here, f"plan {INPUTS} --as-of 2027-02-20 --out out --domain rides.example.org")
    assert result.returncode == 0, result.stderr
    for name in ("patient.ics", *ESCORTS, "clinic.ics"):
        assert "@rides.example.org" in (here / "out" / name).read_text()
    assert refused(here, f"plan {INPUTS} --as-of 2027-02-20 --out out2 --domain clinic.org") == (
        "protocol-sched: calendar options: domain must be free of medical words, because the "
        "escort sees it (not 'clinic'), got 'clinic.org'\n"
    )


def test_a_terminal_that_lacks_a_letter_shows_another_sign(here: Path) -> None:
    person = here / "person.toml"
    text = person.read_text("utf-8").replace("Priya Nair", "\u0141ucja Nair")
    person.write_text(text, "utf-8")
    command = [sys.executable, "-m", "protocol_sched", *f"plan {INPUTS} {AS_OF}".split()]
    environment = {**os.environ, "PYTHONIOENCODING": "latin-1"}
    result = subprocess.run(command, cwd=here, capture_output=True, env=environment)
    assert (result.returncode, result.stderr) == (0, b"")
    assert b"?ucja Nair" in result.stdout
