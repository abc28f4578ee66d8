"""Who has to be told what, after a course was planned anew."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from command_line import in_process
from protocol_sched.text.languages import LANGUAGES
from protocol_sched.text.to_tell import to_tell_text
from samples import NEW_YORK
from test_cli import EXAMPLES

INPUTS = "course.toml --clinic clinic.toml --person person.toml".split()  # noqa: SIM905


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """Return a directory in which people were told a plan, and infusion 3 was missed since."""
    here = Path(shutil.copytree(EXAMPLES, tmp_path / "here"))
    in_process(["plan", *INPUTS, "--as-of", "2027-02-20", "--out", "out"], here)
    course = (here / "course.toml").read_text() + (here / "out" / "notified.toml").read_text()
    for number, day in ((1, "03"), (2, "05")):
        course += (
            f'\n[[events]]\nkind = "given"\nvisit = "induction-{number}"\non = 2027-03-{day}\n'
        )
    course += '\n[[events]]\nkind = "given"\nvisit = "evaluation"\non = 2027-03-01\n'
    course += '\n[[events]]\nkind = "missed"\nvisit = "induction-3"\non = 2027-03-08\n'
    (here / "course.toml").write_text(course)
    return here


def told(here: Path, *more: str) -> str:
    call = ["replan", *INPUTS, "--as-of", "2027-03-08", "--now", "2027-03-08T12:00", *more]
    done = in_process([*call, "--who-to-tell"], here)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_person_the_clinic_and_who_drives_are_told_of_a_visit_that_moved(here: Path) -> None:
    facts = json.loads(told(here, "--json"))["tell"]
    third = {one["role"]: one for one in facts if one["visit"] == "induction-3"}
    assert third.keys() == {"person", "clinic", "driver"}
    assert third["person"]["before"] == "2027-03-08T11:00:00-05:00"
    assert third["person"]["after"] > third["person"]["before"]
    assert third["driver"]["who"] == "Priya Nair"
    assert third["driver"]["before"] > third["person"]["before"]  # when they fetch them


def test_who_drove_and_who_drives_now_are_both_told(here: Path) -> None:
    facts = json.loads(told(here, "--json"))["tell"]
    rides = [one for one in facts if one["role"] == "driver" and one["visit"] == "induction-6"]
    assert [(one["who"], one["before"] is None, one["after"] is None) for one in rides] == [
        ("Tomas Lindqvist", False, True),
        ("Priya Nair", True, False),
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_list_is_a_table_in_each_language(here: Path, language: str) -> None:
    text = told(here, "--language", language)
    assert "Priya Nair" in text
    assert len(text.splitlines()) == len(json.loads(told(here, "--json"))["tell"]) + 2
    nobody = to_tell_text((), NEW_YORK, language=language)
    assert (nobody == "Nobody has to be told anything new.\n") == (language == "en")


def test_a_list_writes_no_files(here: Path) -> None:
    done = in_process(
        ["replan", *INPUTS, "--as-of", "2027-03-08", "--who-to-tell", "--out", "new"], here
    )
    assert done.returncode == 2
    assert "--who-to-tell writes no files" in done.stderr
