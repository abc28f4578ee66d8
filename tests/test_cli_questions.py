"""Commands that answer one question, add one event, and begin or look over a file."""

from __future__ import annotations

import json
import re
import shlex
import shutil
from datetime import date
from pathlib import Path

import pytest

from protocol_sched.cli.ending import Refused
from protocol_sched.cli.main import main
from protocol_sched.cli.requests import read_day
from test_cli import EXAMPLES

INPUTS = "course.toml --clinic clinic.toml --person person.toml --as-of 2027-02-20"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Run in a directory with copies of the example files."""
    copy = Path(shutil.copytree(EXAMPLES, tmp_path / "here"))
    monkeypatch.chdir(copy)
    return copy


@pytest.mark.parametrize(
    ("command", "key"),
    [("best", "courses"), ("first-dates", "dates"), ("startable", "dates"), ("at-risk", "rides")],
)
def test_a_question_has_a_command_with_one_json_shape(
    command: str, key: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([command, *INPUTS.split(), "--json"]) == 0
    assert isinstance(json.loads(capsys.readouterr().out)[key], list)


def test_an_event_is_recorded_by_title_in_the_clinics_own_time(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call = "record course.toml given Evaluation --clinic clinic.toml --as-of 2027-03-02"
    assert main([*call.split(), "--at", "2027-03-01T09:00"]) == 0
    assert "2027-03-01T09:00:00-05:00" in capsys.readouterr().out
    text = (here / "course.toml").read_text()
    assert main([*call.split(), "--at", "2027-03-03T09:00"]) == 2
    assert "is refused" in capsys.readouterr().err
    assert (here / "course.toml").read_text() == text


@pytest.mark.parametrize("what", ["clinic", "person", "course", "protocol"])
def test_a_new_file_is_right_as_it_stands(what: str) -> None:
    assert main(["new", what, "--out", "new.toml"]) == 0
    if what == "course":
        main(["new", "protocol", "--out", "protocol.toml"])
        assert main(["validate", "new.toml", "protocol.toml"]) == 0
    else:
        assert main(["validate", "new.toml"]) == 0
    assert main(["new", what, "--out", "new.toml"]) == 2


def test_every_problem_of_a_file_has_its_line(
    here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = (here / "clinic.toml").read_text().replace("units = 2\n", 'units = "two"\n')
    (here / "clinic.toml").write_text(text.replace("start_every = 15", "start_every = true"))
    assert main(["validate", "clinic.toml", "person.toml"]) == 2
    said = capsys.readouterr().out.splitlines()
    lines = text.splitlines()
    at = next(n for n, line in enumerate(lines, 1) if line.startswith("start_every"))
    staff = lines.index('units = "two"') + 1
    assert any(line.startswith(f"  line {at}: start_every") for line in said)
    assert any(line.startswith(f"  line {staff}: staff[0].units") for line in said)
    assert said[-1] == "person.toml: a person, valid"


def test_a_table_is_no_plan(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "schedule.csv", *INPUTS.split()]) == 2
    assert "schedule.csv: is no plan; a plan is the plan.json" in capsys.readouterr().err


def commented(text: str) -> list[list[int]]:
    """Return the lines of each block of commented TOML, from its table to the end of it."""
    lines = text.splitlines()
    blocks: list[list[int]] = []
    inside = False
    for n, line in enumerate(lines):
        if re.match(r"# \[", line) and not inside:
            blocks.append([])
            inside = True
        inside = inside and line.startswith("#")
        if inside:
            blocks[-1].append(n)
    return blocks


def uncommented(text: str, *blocks: list[int]) -> str:
    taken = {n for block in blocks for n in block}
    lines = text.splitlines(keepends=True)
    return "".join(
        re.sub(r"^# ?", "", line) if n in taken else line for n, line in enumerate(lines)
    )


@pytest.mark.parametrize("what", ["protocol", "clinic", "person"])
def test_each_commented_rule_of_a_new_file_is_right_once_uncommented(
    what: str, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["new", what, "--out", "new.toml"])
    text = Path("new.toml").read_text("utf-8")
    blocks = commented(text)
    assert len(blocks) >= {"protocol": 7, "clinic": 1, "person": 1}[what]
    for some in (*([one] for one in blocks), blocks):
        Path("new.toml").write_text(uncommented(text, *some), "utf-8")
        assert main(["validate", "new.toml"]) == 0, capsys.readouterr().out


def test_a_new_protocol_with_all_its_rules_is_planned(capsys: pytest.CaptureFixture[str]) -> None:
    for what in ("clinic", "person", "protocol", "course"):
        more = ["--start", "2027-03-01"] if what == "course" else []
        main(["new", what, *more, "--out", f"new-{what}.toml"])
    protocol = Path("new-protocol.toml")
    text = protocol.read_text("utf-8")
    protocol.write_text(uncommented(text, *commented(text)), "utf-8")
    capsys.readouterr()
    call = ["plan", "new-course.toml", "--protocol", "new-protocol.toml", "--as-of", "2027-02-20"]
    for what in ("clinic", "person"):
        call += [f"--{what}", f"new-{what}.toml"]
    assert main(call) == 0
    out = capsys.readouterr().out
    for said in (
        "evaluation",
        "follow-up",
        "treatment 6",
        "treatment 10",
        "blood test",
        "solid food",
    ):
        assert said in out


@pytest.mark.parametrize(
    ("words", "day"),
    [
        ("14 March", date(2027, 3, 14)),
        ("March 14th, 2028", date(2028, 3, 14)),
        ("the 3rd of Sept", date(2027, 9, 3)),
        ("1 Jan", date(2028, 1, 1)),
        ("29 Feb", date(2028, 2, 29)),
        ("Sunday 7 March 2027", date(2027, 3, 7)),
        ("Sunday, 7 March", date(2027, 3, 7)),
        ("Sun. 7th of March, 2027", date(2027, 3, 7)),
        ("Sunday the 7th of March", date(2027, 3, 7)),
        ("Thurs March 4", date(2027, 3, 4)),
        ("2027 March 7", date(2027, 3, 7)),
        ("7-Mar-2027", date(2027, 3, 7)),
        ("So, 7. März 2027", date(2027, 3, 7)),
        ("dimanche 7 mars 2027", date(2027, 3, 7)),
        ("1er avril", date(2027, 4, 1)),
        ("17/03/2027", date(2027, 3, 17)),
        ("7.3.2027", None),
        ("Sunday 7/3/2027", date(2027, 3, 7)),
        ("2027/03/07", date(2027, 3, 7)),
        ("Sunday 2027-03-07", date(2027, 3, 7)),
        ("31 April", None),
        ("30 February 2027", None),
        ("Sunday", None),
        ("14", None),
    ],
)
def test_a_date_is_read_in_the_words_people_use(words: str, day: date | None) -> None:
    assert read_day(words, date(2027, 2, 20)) == day


def test_a_weekday_that_is_not_that_of_the_date_is_told() -> None:
    with pytest.raises(Refused, match="'Monday 7 March 2027': 7 March 2027 is a Sunday"):
        read_day("Monday 7 March 2027", date(2027, 2, 20))


def test_a_request_may_have_capitals_and_other_words() -> None:
    call = ["explain", *INPUTS.split(), "--count", "0", "--request"]
    assert main([*call, "All visits before 14 April"]) == 0
    assert main([*call, "Infusion 3 By 31 March"]) == 0


@pytest.mark.parametrize(
    "call",
    [
        "verdict --as-of 2027-02-20 course.toml 'infusion 3' 2027-03-08",
        "verdict course.toml --as-of 2027-02-20 'infusion 3' 2027-03-08",
        "verdict course.toml 'infusion 3' --as-of 2027-02-20 2027-03-08",
        f"why {INPUTS} 'infusion 3' 'infusion 4'",
        f"why --as-of 2027-02-20 {INPUTS} 'infusion 3'",
        "record course.toml --clinic clinic.toml --on 2027-03-01 given evaluation --dry-run"
        " --as-of 2027-03-02",
        "catalog --review ketamine-migraine",
        "validate --json clinic.toml person.toml",
        "check --as-of 2027-02-20 booked.ics course.toml --clinic clinic.toml --person person.toml",
    ],
)
def test_words_stand_before_and_after_options(
    call: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(shlex.split(call)) in (0, 1)
    assert capsys.readouterr().err == ""


def test_what_is_missing_is_named_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["plan", "--clinic", "clinic.toml"])
    assert "required: COURSE, --person" in capsys.readouterr().err


def test_each_course_has_its_own_protocol(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["new", "protocol", "--name", "ours", "--out", "ours.toml"])
    for name, protocol in (("Ada", "ketamine-migraine"), ("Ben", "ours"), ("Cy", "infliximab")):
        (here / "courses" / name).mkdir(parents=True)
        shutil.copy("person.toml", here / "courses" / name)
        course = f'key = "{name}"\nprotocol = "{protocol}"\nnot_before = 2027-03-01\n'
        (here / "courses" / name / "course.toml").write_text(course)
    asked = "waiting courses --clinic clinic.toml --as-of 2027-02-20"
    assert main(asked.split()) == 2
    assert "give a protocol of your own with --protocol FILE" in capsys.readouterr().err
    asked += " --protocol ours.toml --protocol ketamine-migraine.toml --json"
    assert main(asked.split()) == 0
    waiting = json.loads(capsys.readouterr().out)["waiting"]
    assert {one["course"] for one in waiting} == {"Ada", "Ben", "Cy"}
    (here / "theirs.toml").write_text((here / "ours.toml").read_text().replace("60 min", "90 min"))
    assert main(f"{asked} --protocol theirs.toml".split()) == 2
    assert "theirs.toml: is called 'ours', as another protocol is" in capsys.readouterr().err


def test_a_plan_keeps_a_request_or_names_the_nearest_date(
    capsys: pytest.CaptureFixture[str],
) -> None:
    plan = ["plan", *INPUTS.split(), "--request"]
    assert main([*plan, "not on 3 March"]) == 0
    assert "Wed  3 Mar" not in capsys.readouterr().out
    assert main([*plan, "infusion 3 on 11 March"]) == 1
    assert "The nearest possible dates of infusion 3: Wed 10 March" in capsys.readouterr().out
    assert main([*plan, "by 12 March"]) == 1
    assert "The earliest possible end: Thu 25 March 2027." in capsys.readouterr().out
    assert main([*plan[:-1], "--wish", "not on 3 March"]) == 0


@pytest.mark.parametrize(
    ("call", "says"),
    [
        ("plan person.toml", "person.toml: is a person; wanted a course"),
        ("dates schedule.csv", "schedule.csv: is a table; wanted a course"),
        ("dates booked.ics", "booked.ics: is a calendar file; wanted a course"),
        (
            "dates study.json",
            "study.json: is a study design, which `import` reads; wanted a course",
        ),
        ("catalog ./clinic.toml --review", "clinic.toml: is a clinic; wanted a protocol"),
        ("waiting clinic.toml", "clinic.toml: is a file; wanted a directory that holds one"),
        ("waiting nowhere", "nowhere: is not there; wanted a directory that holds one"),
        ("check study.json course.toml", "study.json: is a study design, which `import` reads"),
    ],
)
def test_the_wrong_kind_of_file_is_called_what_it_is(
    call: str, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    files = {
        "plan": "--clinic clinic.toml --person person.toml",
        "check": "--clinic clinic.toml --person person.toml",
        "waiting": "--clinic clinic.toml",
    }
    assert main(f"{call} {files.get(call.split()[0], '')}".split()) == 2
    assert capsys.readouterr().err.startswith(f"protocol-sched: {says}")
