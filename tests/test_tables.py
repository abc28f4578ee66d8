"""Plans, dates and verdicts as CSV, and schedules of activities as people write them."""

from __future__ import annotations

import csv
import io
import json
from datetime import date, timedelta
from pathlib import Path

import attrs
import pytest

from protocol_sched import catalog
from protocol_sched.cli import main
from protocol_sched.errors import InvalidDocument
from protocol_sched.formats.documents.documents import (
    protocol_to_dict,
    read_clinic,
    read_course,
    read_person,
    read_protocol,
    write_toml,
)
from protocol_sched.formats.tables.reading import read_schedule_csv
from protocol_sched.formats.tables.writing import dates_csv, plan_csv, verdicts_csv
from protocol_sched.judge.verdicts import judge_history
from protocol_sched.model.cadences import At
from protocol_sched.model.course import Given
from protocol_sched.model.imported import Imported
from protocol_sched.planning.course import plan_course

EXAMPLES = Path(__file__).parents[1] / "examples"
CLINIC = read_clinic((EXAMPLES / "clinic.toml").read_text())
PERSON = read_person((EXAMPLES / "person.toml").read_text())
COURSE = read_course((EXAMPLES / "course.toml").read_text(), catalog.load)
PLAN = plan_course(COURSE, CLINIC, PERSON, as_of=date(2027, 2, 20))


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


# --- out --------------------------------------------------------------------------------------


def test_a_plan_as_a_table_has_a_row_for_each_visit() -> None:
    assert PLAN.schedule is not None
    text = plan_csv(PLAN)
    assert text.count("\r\n") == text.count("\n") == len(PLAN.agenda.dues) + 1
    found = rows(text)
    assert [one["visit"] for one in found] == [one.id for one in PLAN.schedule.visits]
    first, planned = found[0], PLAN.schedule.visits[0]
    assert (first["date"], first["arrival"]) == (
        planned.day.isoformat(),
        f"{planned.start:%H:%M}",
    )
    assert {one["status"] for one in found} <= {"planned", "provisional"}
    for one in found:
        assert one["earliest"] <= one["date"] <= (one["latest"] or "9999")


def test_what_is_not_placed_has_its_window_and_no_date() -> None:
    found = rows(plan_csv(attrs.evolve(PLAN, schedule=None)))
    assert [one["visit"] for one in found] == [due.id for due in PLAN.agenda.dues]
    assert {(one["date"], one["status"]) for one in found} == {("", "not placed")}


def test_dates_as_a_table() -> None:
    found = rows(dates_csv(PLAN.agenda))
    for one, due in zip(found, PLAN.agenda.dues, strict=True):
        assert one["visit"] == due.id
        assert one["target"] == ("" if due.foreseen is None else due.foreseen.day.isoformat())


def test_verdicts_as_a_table() -> None:
    assert PLAN.schedule is not None
    first, second = PLAN.schedule.visits[:2]
    late = second.day + timedelta(days=90)
    lived = COURSE.after([Given(visit=first.id, on=first.day), Given(visit=second.id, on=late)])
    verdicts = judge_history(lived)
    found = rows(verdicts_csv(verdicts))
    assert [one["verdict"] for one in found] == [one.judged.value for one in verdicts]
    assert found[1]["date"] == late.isoformat()


def test_no_cell_is_a_formula() -> None:
    assert PLAN.schedule is not None
    for bad in ("=1+1", "+x", "-x", "@x"):
        named = attrs.evolve(PLAN.schedule.visits[0], title=bad)
        visits = [named, *PLAN.schedule.visits[1:]]
        plan = attrs.evolve(PLAN, schedule=attrs.evolve(PLAN.schedule, visits=visits))
        assert rows(plan_csv(plan))[0]["title"] == f"'{bad}"


# --- in ---------------------------------------------------------------------------------------


def read(
    *lines: str, head: str = "visit,when,window,anchor", day_one: str = "dose,Day 1"
) -> Imported:
    return read_schedule_csv("\n".join([head, day_one, *lines]))


@pytest.mark.parametrize(
    ("cells", "point", "window"),
    [
        ("x,Day 8 ±2", "7 days", ("2 days", "2 days")),
        ("x,Day 8 +/-2", "7 days", ("2 days", "2 days")),
        ("x,D8 (± 2 days)", "7 days", ("2 days", "2 days")),
        ("x,Wk 4 (-3/+3)", "4 weeks", ("3 days", "3 days")),
        ("x,Week 4 -3/+5 d", "4 weeks", ("3 days", "5 days")),
        ("x,W4,±1 wk", "4 weeks", ("1 week", "1 week")),
        ("x,Day -14", "day -14", None),
        ("x,Day \u221214", "day -14", None),
        ("x,Week -2", "week -2", None),
        ("x,Month 6,-7/+14", "6 months", ("7 days", "14 days")),
        ("x,30 days (+7)", "30 days", ("0 days", "7 days")),
        ("x,4 h ± 15 min", "4 hours", ("15 minutes", "15 minutes")),
        ("x,Day -28 to -1", "day -28", ("0 days", "27 days")),
        ("x,Days 8-10", None, None),
        ("x,Tag 8 ±2", "7 days", ("2 days", "2 days")),
    ],
)
def test_dates_as_people_write_them(
    cells: str, point: str | None, window: tuple[str, str] | None
) -> None:
    if point is None:
        with pytest.raises(InvalidDocument, match="line 3: must have a range such as"):
            read(cells)
        return
    [one] = read(cells).protocol.other_visits
    assert isinstance(one.cadence, At)
    assert str(one.cadence.at[0]) == point
    found = one.tolerance
    assert (None if found is None else (str(found.before), str(found.after))) == window


@pytest.mark.parametrize(
    ("head", "cells"),
    [
        ("Visit Name,Study Day,Window Before,Window After", "x,8,2,3"),
        ("Event;Day;Before;After", "x;8;2;3"),
        ("visit\tday\tbefore\tafter", "x\t8\t2 d\t3 days"),
        ('"visit", "day ",before,AFTER', '"x","8",-2,+3'),
    ],
)
def test_columns_have_many_names(head: str, cells: str) -> None:
    comma = next(one for one in "\t;," if one in cells)
    [one] = read(cells, head=head, day_one=f"dose{comma}1").protocol.other_visits
    assert isinstance(one.cadence, At)
    assert str(one.cadence.at[0]) == "7 days"
    assert one.tolerance is not None
    assert (str(one.tolerance.before), str(one.tolerance.after)) == ("2 days", "3 days")


def test_a_day_0_counts_from_zero() -> None:
    [one] = read("x,Day 7", day_one="dose,Day 0").protocol.other_visits
    assert isinstance(one.cadence, At)
    assert str(one.cadence.at[0]) == "7 days"


def test_a_visit_counted_from_another_one() -> None:
    found = read("end,Day 29", "call,30 days,,END", "scan,Week 2,,end")
    anchors = [str(one.anchor) for one in found.protocol.other_visits]
    assert anchors == ["start of dose", "start of end", "start of end"]


def test_what_has_no_date_is_a_visit_on_demand_and_a_question() -> None:
    found = read("Unscheduled,as needed", "ET,")
    assert [one.anchor for one in found.protocol.other_visits] == [None, None]
    assert len(found.protocol.unspecified) == 2


def test_a_table_is_a_protocol_file() -> None:
    found = read("x,Day 8 ±2", "y,Month 3", "x,Day 15", "Unscheduled,")
    text = write_toml(protocol_to_dict(found.protocol))
    assert read_protocol(text) == found.protocol
    assert dict(found.names) == {
        "line 2": "dose-1",
        "line 3": "x",
        "line 4": "y",
        "line 5": "x (2)",
        "line 6": "Unscheduled",
    }


def test_every_row_that_cannot_be_read_is_named_by_its_line() -> None:
    with pytest.raises(InvalidDocument) as refused:
        read("a,soon", ",Day 3", "b,Day 8 ±2 to 3", "c,Day 8,±x")
    assert [one.path for one in refused.value.faults] == ["line 3", "line 4", "line 5", "line 6"]
    with pytest.raises(InvalidDocument) as refused:
        read("a,Day 0,,dose", "b,Day 8,,nobody", "c,Day 8,,d", "d,Day 10 to 8", "e,Day 9 to 12,±2")
    says = [str(one) for one in refused.value.faults]
    assert [one.split(":")[0] for one in says] == [f"line {n}" for n in (3, 4, 5, 6, 7)]
    assert "no other visit of the table" in says[1]
    assert "in days after 'd', such as '30 days'" in says[2]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "must have a line that names the columns"),
        ("a,b\n1,2", "line 1: must name a column for the visit"),
        ("visit,day\n", "must have 1 to 2,000 rows, got 0"),
        ("visit,day\nx,8", "must have a row for Day 1"),
        (b"visit,day\n\xff,8", "must be UTF-8"),
        ("x" * 1_000_001, "characters or fewer"),
        ("visit,day\ndose,1\n" + "x,8\n" * 2000, "1 to 2,000 rows, got 2001"),
    ],
    ids=range(7),
)
def test_what_is_no_table_is_refused(text: str | bytes, says: str) -> None:
    with pytest.raises(InvalidDocument, match=says):
        read_schedule_csv(text)


def test_a_circle_is_refused() -> None:
    with pytest.raises(InvalidDocument, match="hangs on itself"):
        read("a,3 days,,b", "b,3 days,,a")


# --- the commands -----------------------------------------------------------------------------


def test_a_table_is_imported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "soa.csv").write_text("visit,when\ndose,Day 1\nx,Day 8 ±2\n")
    assert main(["import", str(tmp_path / "soa.csv")]) == 0
    protocol = read_protocol(capsys.readouterr().out)
    assert (protocol.name, len(protocol.other_visits)) == ("soa", 1)


def test_export_writes_what_a_file_is_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    inputs = [f"--{one}={EXAMPLES / one}.toml" for one in ("clinic", "person")]
    course = str(EXAMPLES / "course.toml")
    how = ["--as-of", "2027-02-20", "--out", str(tmp_path)]
    assert main(["plan", course, *inputs, *how]) == 0
    plan = str(tmp_path / "plan.json")
    capsys.readouterr()
    assert main(["export", plan]) == 0
    assert rows(capsys.readouterr().out) == rows(plan_csv(PLAN))
    assert main(["export", plan, "--to", "appointments", f"--course={course}", *inputs]) == 0
    bundle = json.loads(capsys.readouterr().out)
    assert len(bundle["entry"]) == len(PLAN.agenda.dues)
    out = tmp_path / "plan-definition.json"
    assert main(["export", "ketamine-migraine", "--out", str(out)]) == 0
    assert "cannot hold" in capsys.readouterr().err
    assert json.loads(out.read_text())["resourceType"] == "PlanDefinition"
    for wrong in (
        [plan, "--to", "plan-definition"],
        [plan, "--to", "appointments"],
        ["ketamine-migraine", "--to", "csv"],
    ):
        assert main(["export", *wrong]) == 2
        assert "needs" in capsys.readouterr().err
