"""Where a protocol says what closed days do, a verdict knows them, or says that it does not."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stdout
from pathlib import Path

import pytest

from protocol_sched.cli.main import main
from protocol_sched.expansion import expand
from protocol_sched.formats.documents.documents import (
    clinic_to_dict,
    course_to_dict,
    protocol_to_dict,
    write_toml,
)
from protocol_sched.judge.verdicts import Judged, judge_history, nearest, verdict
from protocols import course, day, given, protocol
from test_closed_days import BANK_HOLIDAY, clinic, series

FRIDAY, MONDAY, TUESDAY = day("2027-04-30"), day("2027-05-03"), day("2027-05-04")


def test_the_day_after_a_closed_day_is_right_where_the_clinic_is_known() -> None:
    run, place = course(protocol(series(4)), *given(rt_1="2027-04-30")), clinic(BANK_HOLIDAY)
    due = expand(run, FRIDAY, clinic=place).due("rt-2")
    for on in (MONDAY, TUESDAY):
        found = verdict(run, "rt-2", on, FRIDAY, place)
        assert (found.earliest, found.target, found.latest) == (
            due.earliest,
            due.target,
            due.latest,
        )
        expected = Judged.TOO_EARLY if on == MONDAY else Judged.IN_WINDOW
        assert found.judged is expected
        after = judge_history(run.after(given(rt_2=on.isoformat())), place)[-1]
        assert (after.judged, after.days) == (found.judged, found.days)
    early = verdict(run, "rt-2", MONDAY, FRIDAY, place)
    assert nearest(run, early, FRIDAY, place)[1] == TUESDAY


def test_it_cannot_be_told_where_no_clinic_is_known() -> None:
    run = course(protocol(series(4)), *given(rt_1="2027-04-30"))
    assert verdict(run, "rt-2", MONDAY, FRIDAY).judged is Judged.IN_WINDOW
    assert verdict(run, "rt-2", TUESDAY, FRIDAY).judged is Judged.CANNOT_BE_TOLD


def test_dates_takes_the_clinic_that_verdict_takes(tmp_path: Path) -> None:
    run, place = course(protocol(series(4)), *given(rt_1="2027-04-30")), clinic(BANK_HOLIDAY)
    files = {
        "course": course_to_dict(run),
        "protocol": protocol_to_dict(run.protocol),
        "clinic": clinic_to_dict(place),
    }
    for name, facts in files.items():
        (tmp_path / f"{name}.toml").write_text(write_toml(facts))
    asked = [str(tmp_path / "course.toml"), "--protocol", str(tmp_path / "protocol.toml")]
    known = ["--clinic", str(tmp_path / "clinic.toml")]
    for more, expected in ((known, TUESDAY), ([], MONDAY)):
        out = io.StringIO()
        with redirect_stdout(out):
            assert main(["dates", *asked, *more, "--as-of", "2027-04-30", "--json"]) == 0
        (second, *_) = json.loads(out.getvalue())["dues"]
        assert second["target"]["day"] == expected.isoformat()


@pytest.mark.parametrize("command", ["dates", "verdict"])
@pytest.mark.parametrize("named", [True, False])
def test_that_no_closed_day_is_known_is_said(tmp_path: Path, command: str, named: bool) -> None:
    run, place = course(protocol(series(4)), *given(rt_1="2027-04-30")), clinic(BANK_HOLIDAY)
    files = {"course": course_to_dict(run), "protocol": protocol_to_dict(run.protocol)}
    for name, facts in {**files, "clinic": clinic_to_dict(place)}.items():
        (tmp_path / f"{name}.toml").write_text(write_toml(facts))
    asked = [command, str(tmp_path / "course.toml")]
    asked += ["rt-2", "2027-05-04"] if command == "verdict" else []
    asked += ["--protocol", str(tmp_path / "protocol.toml"), "--as-of", "2027-04-30"]
    out = io.StringIO()
    with redirect_stdout(out):
        assert main([*asked, "--clinic", str(tmp_path / "clinic.toml")] if named else asked) == 0
    assert ("no day is known to be closed" in " ".join(out.getvalue().split())) is not named
