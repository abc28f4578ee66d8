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
from protocol_sched.errors import InvalidDocument, InvalidValue
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
        ("x,8. Tag (+2/-1)", "7 days", ("1 day", "2 days")),
        ("x,Day 8 (-1 to +2 days)", "7 days", ("1 day", "2 days")),
        ("x,Day 8,0/+3", "7 days", ("0 days", "3 days")),
        ("x,Day 8 (window -2...0)", "7 days", ("2 days", "0 days")),
        ("x,Week 4 (-1w/+2d)", "4 weeks", ("1 week", "2 days")),
        ("x,Wk -1 to Day -1", "week -1", ("0 days", "6 days")),
        ("x,D-28 \u2013 D-1", "day -28", ("0 days", "27 days")),
        ('x,"0,5 h ± 5 min"', "30 minutes", ("5 minutes", "5 minutes")),
        ("x,Study Day #8 [max. +3]", "7 days", ("0 days", "3 days")),
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


def told(found: Imported) -> list[tuple[str, str]]:
    return [(one.where, one.said) for one in found.notes if one.kind == "said twice"]


def points(found: Imported) -> list[str]:
    cadences = [one.cadence for one in found.protocol.other_visits]
    return [str(one.at[0]) for one in cadences if isinstance(one, At)]


def test_a_day_beside_its_week_counts_and_what_differs_is_told() -> None:
    """A week 5 that begins on day 29 is counted from 1, as weeks of day 1 are from 0."""
    found = read("a,Week 4 (Day 29)", "b,Day 29/Week 5", "c,Week 5 (Day 29)")
    assert points(found) == ["28 days"] * 3
    assert told(found) == [("line 4", "Day 29/Week 5"), ("line 5", "Week 5 (Day 29)")]
    found = read("a;4;29", "b;5;29", head="visit;week;day", day_one="dose;0;1")
    assert (points(found), told(found)) == (["28 days"] * 2, [("line 4", "week 5")])


def test_words_in_brackets_are_told() -> None:
    [note] = [one for one in read("x,Day 8 (clinic)").notes if one.kind == "remark"]
    assert (note.where, note.said) == ("line 3", "clinic")


def test_days_of_cycles_need_the_length_of_a_cycle() -> None:
    lines = ["visit,when", "dose,C1D1", "a,C1D15 ±1", "b,Cycle 2 Day 1", "c,Zyklus 3 Tag 8"]
    text = "\n".join(lines)
    assert points(read_schedule_csv(text, cycle="3 weeks")) == ["14 days", "21 days", "49 days"]
    with pytest.raises(InvalidDocument, match=r"line 2: .* say how long a cycle is"):
        read_schedule_csv(text)
    with pytest.raises(InvalidDocument, match="line 3: must be in a cycle of 14 days, got 'C1D15"):
        read_schedule_csv(text, cycle="14 days")
    with pytest.raises(InvalidValue, match="days or weeks"):
        read_schedule_csv(text, cycle="1 month")
    apart = "visit,cycle,day\ndose,1,1\nx,Cycle 2,8\n"
    assert points(read_schedule_csv(apart, cycle="21 days")) == ["28 days"]


def test_what_is_not_read_of_a_table_is_told_or_refused() -> None:
    found = read("x,Day 8,3", head="visit,when,arm", day_one="dose,Day 1,")
    [note] = [one for one in found.notes if one.kind == "column"]
    assert (note.where, note.said) == ("line 1", "arm")
    for cells, says in (
        ("x,0,5 h", "must have 2 cells as its heading has, got 3"),
        ("x,24 h ±15 m", "must say months or min"),
        ("x,Day 8 (+1/+3)", "an earlier and a later side"),
        ("x,Day 8 (visit 3)", "must have a window"),
        ("x,Day 8.5", "must say when 'x' is"),
        (f"x,Day 8 ({'a' * 100_000}", "must have 200 characters or fewer in each cell"),
        ("x,C0D1", "must count cycles and their days from 1"),
    ):
        with pytest.raises(InvalidDocument) as refused:
            read(cells, head="visit,when")
        assert says in str(refused.value)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_table_is_read_as_spreadsheets_write_it(encoding: str) -> None:
    text = "sep=;\r\nVisite;Tag;Fenster\r\nGabe;1;\r\nSpätvisite;8;±2\r\n"
    found = read_schedule_csv(text.encode(encoding))
    [one] = found.protocol.other_visits
    assert one.tolerance is not None
    assert (one.name, str(one.tolerance.before)) == ("Spätvisite", "2 days")
    told_so = [one.kind for one in found.notes if one.kind == "encoding"]
    assert told_so == (["encoding"] if encoding == "cp1252" else [])


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
        (f"visit,day{',' * 300}\n", "must have 200 columns or fewer, got 302"),
        ("visit,day\n", "must have 1 to 2,000 rows, got 0"),
        ("visit,day\nx,8", "must have a row for Day 1"),
        (b"visit,day\n\x81,8", "must be UTF-8"),
        ("x" * 1_000_001, "characters or fewer"),
        ("visit,day\ndose,1\n" + "x,8\n" * 2000, "1 to 2,000 rows, got 2001"),
    ],
    ids=range(8),
)
def test_what_is_no_table_is_refused(text: str | bytes, says: str) -> None:
    with pytest.raises(InvalidDocument, match=says):
        read_schedule_csv(text)


def test_a_circle_is_refused() -> None:
    with pytest.raises(InvalidDocument, match="depends on itself"):
        read("a,3 days,,b", "b,3 days,,a")


# --- the commands -----------------------------------------------------------------------------


def test_a_table_is_imported(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "soa.csv").write_text("visit,when\ndose,Day 1\nx,Day 8 ±2\n")
    assert main(["import", str(tmp_path / "soa.csv")]) == 0
    protocol = read_protocol(capsys.readouterr().out)
    assert (protocol.name, len(protocol.other_visits)) == ("soa", 1)
    (tmp_path / "soa.csv").write_bytes("visit,when\ndose,C1D1\nx,C2D1 ±2\n".encode("cp1252"))
    assert main(["import", str(tmp_path / "soa.csv")]) == 2
    assert main(["import", str(tmp_path / "soa.csv"), "--cycle", "21 days"]) == 0
    assert main(["import", str(tmp_path / "none.csv")]) == 2


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


TURNED = """\
Activity,Screening,Day 1,Day 8,Day 15
Informed consent,X,,,
Vital signs,X,X,X,X
"""
WITH_DAYS = """\
Procedure;Screening;Baseline;Visit 3
Study day;-14;1;15
Window;+-3;;+-2
Vital signs;X;X;X
"""


def test_a_table_with_activities_as_rows_is_turned() -> None:
    plain = "visit,when\nScreening,\nDay 1,Day 1\nDay 8,Day 8\nDay 15,Day 15\n"
    found = read_schedule_csv(TURNED)
    assert found.protocol == read_schedule_csv(plain).protocol
    assert {note.kind: note.said for note in found.notes}.items() >= {
        ("turned", "visits as columns"),
        ("activities", "2 activities"),
    }


def test_rows_called_day_and_window_say_when_the_columns_are() -> None:
    rows = "visit,study day,window\nScreening,-14,+-3\nBaseline,1,\nVisit 3,15,+-2\n"
    assert read_schedule_csv(WITH_DAYS).protocol == read_schedule_csv(rows).protocol


def test_activities_without_a_day_of_any_visit_are_refused_with_what_is_missing() -> None:
    with pytest.raises(InvalidDocument, match="a row called 'Day' or 'Week' has to say"):
        read_schedule_csv("Assessment,V1,V2\nVital signs,X,X\n")
