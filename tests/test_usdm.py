"""Study designs of USDM become protocols; what a protocol cannot hold is told."""

from __future__ import annotations

import copy
import functools
import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from time import process_time
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from junk import refusals
from protocol_sched.cli import main
from protocol_sched.errors import InvalidDocument, InvalidValue
from protocol_sched.expansion import expand
from protocol_sched.formats.documents.documents import protocol_to_dict, read_protocol, write_toml
from protocol_sched.formats.usdm.durations import span_of
from protocol_sched.formats.usdm.protocols import read_usdm
from protocol_sched.model.availability import Clinic, Hours, Person
from protocol_sched.model.cadences import OnDemand
from protocol_sched.model.course import Course, Pinned
from protocol_sched.model.imported import Imported
from protocol_sched.model.plain import WEEKDAYS
from protocol_sched.model.schedule import Proof
from protocol_sched.model.spans import CalendarSpan, ElapsedSpan
from protocol_sched.planning.course import plan_course

DESIGNS = Path(__file__).parents[2] / "shared" / "designs" / "usdm"
UTC = ZoneInfo("UTC")
WEEKDAY_CLINIC = Clinic(
    name="Unit", zone=UTC, hours=Hours.of(dict.fromkeys(WEEKDAYS[:5], "08:00-17:00"))
)

here = pytest.mark.skipif(not DESIGNS.exists(), reason="the study designs are not on this machine")


def design(name: str) -> str:
    return (DESIGNS / f"{name}.json").read_text("utf-8")


PILOT, WILSONS, DIABETES, OBSERVATIONAL = (
    "CDISC_Pilot_Study",
    "Alexion_NCT04573309_Wilsons",
    "EliLilly_NCT03421379_Diabetes",
    "observational",
)
ALL = (PILOT, WILSONS, DIABETES, OBSERVATIONAL)


def raw_design(document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = document["study"]["versions"][0]["studyDesigns"][0]
    return found


# --- real designs -----------------------------------------------------------------------------


@here
@pytest.mark.parametrize(
    ("name", "visits", "windows", "timings"),
    [(PILOT, 16, 10, 24), (WILSONS, 50, 2, 66), (DIABETES, 7, 3, 35), (OBSERVATIONAL, 6, 4, 6)],
)
def test_main_schedules_of_real_designs(name: str, visits: int, windows: int, timings: int) -> None:
    """Counted by hand in the files; every timing is in the protocol or in a note."""
    text = design(name)
    found = read_usdm(text)
    assert len(set(found.names.values())) == visits
    assert len(found.protocol.other_visits) + 1 == visits
    assert sum(one.tolerance is not None for one in found.protocol.other_visits) == windows
    of = raw_design(json.loads(text))
    listed = [one["id"] for line in of["scheduleTimelines"] for one in line["timings"]]
    assert len(listed) == timings
    noted = {note.where for note in found.notes}
    assert [one for one in listed if one not in found.kept and one not in noted] == []
    assert set(found.kept) <= set(listed)


def away(line: dict[str, Any], identity: str) -> timedelta:
    """Return how far an instance is from day 1, by the file's own numbers alone."""
    timing = next(
        one for one in line["timings"] if one["relativeFromScheduledInstanceId"] == identity
    )
    if timing["type"]["decode"] == "Fixed Reference":
        return timedelta(0)
    match = re.fullmatch(r"P(?:(\d+)W|(\d+)D|T(\d+)([HM]))", timing["value"])
    assert match is not None
    hours = timedelta(hours=1) if match[4] == "H" else timedelta(minutes=1)
    far = timedelta(weeks=int(match[1] or 0), days=int(match[2] or 0)) + hours * int(match[3] or 0)
    sign = 1 if timing["type"]["decode"] == "After" else -1
    return away(line, timing["relativeToScheduledInstanceId"]) + sign * far


def lines_of(name: str) -> Iterator[tuple[str, dict[str, Any]]]:
    text = design(name)
    for line in raw_design(json.loads(text))["scheduleTimelines"]:
        yield text, line


@here
@pytest.mark.parametrize("start", [date(2027, 3, 1), date(2028, 2, 29), date(2027, 12, 31)])
@pytest.mark.parametrize("name", ALL)
def test_every_date_is_the_files_own(name: str, start: date) -> None:
    """Day 1 pinned at noon; all timelines, those in minutes too."""
    for text, line in lines_of(name):
        found = read_usdm(text, timeline=line["id"])
        noon = datetime(start.year, start.month, start.day, 12, tzinfo=UTC)
        pinned = Pinned(visit=found.day_one, start=noon, on=start - timedelta(days=60))
        course = Course(key="c", protocol=found.protocol, events=[pinned])
        agenda = expand(course, start - timedelta(days=60))
        dates = {due.id: due.foreseen.day for due in agenda.dues if due.foreseen is not None}
        wanted = {
            found.names[one["id"]]: (noon + away(line, one["id"])).date()
            for one in line["instances"]
            if one["id"] in found.names
        }
        assert dates == wanted


@here
@pytest.mark.parametrize("name", ALL)
def test_a_design_is_a_protocol_file_and_is_planned(name: str) -> None:
    protocol = read_usdm(design(name)).protocol
    assert read_protocol(write_toml(protocol_to_dict(protocol))) == protocol
    plan = plan_course(
        Course(key="c", protocol=protocol, not_before=date(2027, 3, 1)),
        WEEKDAY_CLINIC,
        Person(key="p", name="Ida"),
        as_of=date(2027, 3, 1),
    )
    assert plan.schedule is not None
    assert len(plan.schedule.visits) == len(protocol.other_visits) + 1


@here
def test_samples_minutes_apart_are_planned_where_starts_are_a_quarter_of_an_hour_apart() -> None:
    """No target but the last can be met: all others lie between starts, or too near."""
    found = read_usdm(design("EliLilly_NCT03421379_Diabetes"), timeline="ScheduleTimeline_2")
    course = Course(key="k", protocol=found.protocol, not_before=date(2027, 3, 1))
    clinic = Clinic(
        name="Ward",
        zone=ZoneInfo("UTC"),
        hours=Hours.of(dict.fromkeys(WEEKDAYS[:5], "08:00-17:00")),
        start_every=15,
    )
    plan = plan_course(course, clinic, Person(key="p"), as_of=date(2027, 3, 1), effort=400_000)
    assert (plan.proof, len(plan.agenda.dues)) == (Proof.OPTIMAL, 13)
    assert plan.objective is not None
    assert plan.objective.deviation == 11


def test_two_readings_of_a_design_are_one() -> None:
    assert read_usdm(design(PILOT)) == read_usdm(design(PILOT).encode())


def parts(document: dict[str, Any]) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """Yield each timing, window, condition and branch of a file: what it is, and where."""
    version = ("study", "versions", 0)
    of = (*version, "studyDesigns", 0)
    for n, line in enumerate(raw_design(document)["scheduleTimelines"]):
        for m, timing in enumerate(line["timings"]):
            where = (*of, "scheduleTimelines", n, "timings", m)
            yield timing["id"], where
            if timing["windowLower"] or timing["windowUpper"] or timing["windowLabel"].strip(" -"):
                yield f"the window of {timing['id']}", (*where, "window")
        for m, instance in enumerate(line["instances"]):
            for k in range(len(instance.get("conditionAssignments") or ())):
                there = (*of, "scheduleTimelines", n, "instances", m, "conditionAssignments", k)
                yield f"a branch of {instance['id']}", there
    for owner, path in ((document["study"]["versions"][0], version), (raw_design(document), of)):
        for n, one in enumerate(owner.get("conditions") or ()):
            yield one["id"], (*path, "conditions", n)


def without(document: dict[str, Any], path: tuple[Any, ...]) -> str:
    """Return a file without one of its parts."""
    less = copy.deepcopy(document)
    owner: Any = less
    for key in path[:-1]:
        owner = owner[key]
    if path[-1] == "window":
        owner.update(windowLower=None, windowUpper=None, windowLabel="")
    else:
        del owner[path[-1]]
    return json.dumps(less)


@here
@given(data=st.data())
@settings(max_examples=30)
def test_nothing_can_be_dropped_without_a_trace(data: st.DataObject) -> None:
    """Few parts are drawn in the gate; that none of all 240 or so is silent was tried once."""
    name = data.draw(st.sampled_from(ALL))
    document, whole, listed = dropping(name)
    what, path = data.draw(st.sampled_from(listed))
    try:
        found = read_usdm(without(document, path))
    except InvalidDocument:
        return  # without its fixed reference no timeline is read
    assert (found.protocol, found.notes) != (whole.protocol, whole.notes), what


@functools.cache
def dropping(name: str) -> tuple[dict[str, Any], Imported, list[tuple[str, tuple[Any, ...]]]]:
    """Return a design, what is read of it, and what can be dropped from it."""
    document = json.loads(design(name))
    return document, read_usdm(design(name)), list(parts(document))


@here
def test_a_timeline_inside_a_visit_is_a_stage_with_checks() -> None:
    found = read_usdm(design(PILOT))
    baseline = found.protocol.visit_type("Baseline")
    _, pressure = baseline.stages
    assert pressure.name == "Vital Sign Blood Pressure Timeline"
    assert str(pressure.length) == "8 minutes"
    due = [(one.what, [str(at) for at in one.at]) for one in pressure.checks]
    assert due[0] == ("5 minute supine", ["0 minutes"])
    assert due[-1] == ("Vital signs after 3 min standing", ["8 minutes"])


# --- small designs ----------------------------------------------------------------------------


def timing(
    of: str, kind: str = "After", value: str = "P1D", to: str = "dose", **more: str | None
) -> dict[str, Any]:
    return {
        "id": f"t-{of}",
        "label": of,
        "type": {"decode": kind},
        "value": value,
        "relativeToFrom": {"decode": "Start to Start"},
        "relativeFromScheduledInstanceId": of,
        "relativeToScheduledInstanceId": to,
        **more,
    }


DOSE = timing("dose", "Fixed Reference")


def study(*timings: dict[str, Any], instances: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
    named = instances or tuple(
        dict.fromkeys(one["relativeFromScheduledInstanceId"] for one in timings)
    )
    line = {
        "id": "main",
        "name": "Main",
        "mainTimeline": True,
        "instances": [
            {"id": one, "name": one, "instanceType": "ScheduledActivityInstance"} for one in named
        ],
        "timings": list(timings),
    }
    version = {"studyDesigns": [{"id": "d", "scheduleTimelines": [line], **more}]}
    return {"study": {"name": "A study", "versions": [version]}}


def read(document: dict[str, Any], **how: Any) -> Any:
    return read_usdm(json.dumps(document), **how)


def kinds(found: Any) -> dict[str, int]:
    return dict(Counter(note.kind for note in found.notes if note.kind != "length"))


@pytest.mark.parametrize(
    ("value", "kind", "point"),
    [
        ("P2W", "After", "2 weeks"),
        ("P2W", "Before", "week -2"),
        ("P14D", "Before", "day -14"),
        ("PT46H", "After", "46 hours"),
        ("PT15M", "Before", "- 15 minutes"),
        ("P1DT12H", "After", "36 hours"),
    ],
)
def test_a_distance_keeps_the_files_unit(value: str, kind: str, point: str) -> None:
    [one] = read(study(DOSE, timing("other", kind, value))).protocol.other_visits
    assert str(one.cadence.at[0]) == point


def test_windows_are_magnitudes_either_side() -> None:
    window = {"windowLower": "P2D", "windowUpper": "P5D", "windowLabel": "-2..5 days"}
    for kind in ("After", "Before"):
        [one] = read(study(DOSE, timing("other", kind, "P9D", **window))).protocol.other_visits
        assert (str(one.tolerance.before), str(one.tolerance.after)) == ("2 days", "5 days")


def test_a_window_with_one_side_alone_is_told() -> None:
    found = read(study(DOSE, timing("other", value="P9D", windowUpper="P2D")))
    [one] = found.protocol.other_visits
    assert (str(one.tolerance.before), str(one.tolerance.after)) == ("0 days", "2 days")
    [note] = [note for note in found.notes if note.kind == "half a window"]
    assert (note.where, note.said) == ("t-other", "P2D after")


def test_a_window_in_words_alone_is_read_and_told() -> None:
    found = read(study(DOSE, timing("other", value="PT1H", windowLabel="-5..5 minutes")))
    [one] = found.protocol.other_visits
    assert (str(one.tolerance.before), str(one.tolerance.after)) == ("5 minutes", "5 minutes")
    assert kinds(found) == {"window in words alone": 1}


@pytest.mark.parametrize(
    ("words", "before", "after"),
    [
        ("± 3 days", "3 days", "3 days"),
        ("+/-2 hours", "2 hours", "2 hours"),
        ("-1 to +2 Days", "1 day", "2 days"),
        ("-1/+2 weeks", "1 week", "2 weeks"),
    ],
)
def test_windows_in_words_are_written_in_many_ways(words: str, before: str, after: str) -> None:
    [one] = read(study(DOSE, timing("other", value="P9D", windowLabel=words))).protocol.other_visits
    assert (str(one.tolerance.before), str(one.tolerance.after)) == (before, after)


def test_signs_are_told() -> None:
    window = {"windowLower": "-P2D", "windowUpper": "P2D"}
    found = read(study(DOSE, timing("a", value="-P7D"), timing("b", value="P9D", **window)))
    earlier, later = found.protocol.other_visits
    assert str(earlier.cadence.at[0]) == "day -7"
    assert (str(later.tolerance.before), str(later.tolerance.after)) == ("2 days", "2 days")
    assert kinds(found) == {"sign": 2, "no window": 1}
    assert found.protocol.unspecified == ("Is a before or after dose: -P7D after?",)


def test_a_comma_in_an_identifier_parts_no_source_in_two() -> None:
    found = read(study(DOSE, timing("week 2, early", value="P2W", windowUpper="P1D")))
    [one] = found.protocol.other_visits
    assert one.source == "study.versions[0].studyDesigns[0].scheduleTimelines[0].timings[1]"
    assert "t-week 2, early" in found.kept
    assert read_protocol(write_toml(protocol_to_dict(found.protocol))) == found.protocol


def test_another_version_of_the_study_is_told() -> None:
    document = study(DOSE, timing("other"))
    document["study"]["versions"].append({"versionIdentifier": "2"})
    [note] = [one for one in read(document).notes if one.kind == "another version"]
    assert (note.where, note.said) == ("study.versions[1]", "2")


def test_a_window_nobody_can_read_is_a_question() -> None:
    found = read(study(DOSE, timing("other", windowLabel="0..? Days")))
    [one] = found.protocol.other_visits
    assert one.tolerance is None
    assert kinds(found) == {"unreadable window": 1}
    assert found.protocol.unspecified == ("What does the window '0..? Days' of other mean?",)


def test_no_window_is_open_or_exact_as_the_caller_says() -> None:
    of = study(DOSE, timing("other"))
    assert read(of).protocol.other_visits[0].tolerance is None
    assert kinds(read(of)) == {"no window": 1}
    exact = read(of, no_window="exact").protocol.other_visits[0].tolerance
    assert (exact.before, exact.after) == (CalendarSpan(), CalendarSpan())
    with pytest.raises(InvalidValue, match="'open' or 'exact'"):
        read(of, no_window="maybe")


def test_what_stands_at_one_moment_is_one_visit() -> None:
    found = read(study(DOSE, timing("blood", value="PT0M"), timing("scan", "Before", "P0D")))
    assert set(found.names.values()) == {"dose-1"}
    assert found.kept == ("t-dose", "t-blood", "t-scan")


def test_what_has_no_date_is_a_visit_on_demand_and_a_question() -> None:
    found = read(study(DOSE, instances=("dose", "call")))
    assert kinds(found) == {"no timing": 1}
    assert str(found.protocol.unspecified[0]).startswith("When is call?")
    assert found.names["call"] == "call"


def test_a_second_timing_and_a_second_reference_are_told() -> None:
    two = {**timing("other", value="P5D"), "id": "t-2"}
    again = timing("again", "Fixed Reference", windowLower="P2D")
    found = read(study(DOSE, timing("other"), two, again))
    assert [one.said for one in found.notes if one.where == "t-again"] == ["P1D, window P2D before"]
    assert kinds(found) == {"no window": 1, "second timing": 1, "second fixed reference": 1}


def test_a_kind_of_timing_is_known_by_its_code_or_the_standards_longer_name() -> None:
    usual = read(study(DOSE, timing("other", windowLower="P1D")))
    for code, words in (("C201356", None), ("C201356", "Danach"), ("", "After Timing Type")):
        of = study(DOSE, timing("other", windowLower="P1D"))
        raw_design(of)["scheduleTimelines"][0]["timings"][1]["type"] = {
            "code": code,
            "decode": words,
        }
        assert read(of) == usual
    assert kinds(read(study(DOSE, timing("other", "Around")))) == {"unknown kind of timing": 1}


def test_what_else_a_file_numbers_is_told() -> None:
    """A planned duration, and the timelines of another design."""
    of = study(DOSE)
    [line] = raw_design(of)["scheduleTimelines"]
    line["plannedDuration"] = {"id": "x", "quantity": {"value": 26, "unit": {"decode": "weeks"}}}
    other = copy.deepcopy(study(DOSE, timing("other", value="P5D", windowUpper="P2D")))
    raw_design(other)["scheduleTimelines"][0].update(id="second", name="Second")
    of["study"]["versions"][0]["studyDesigns"].append(raw_design(other))
    found = read(of)
    told = {note.where: note.said for note in found.notes}
    assert told["main"] == "26 weeks"
    assert told["t-other"] == "P5D after, window P2D after"
    assert read(of, timeline="second").kept == ("t-dose", "t-other")


def test_end_to_start_is_counted_from_start_to_start_and_told() -> None:
    found = read(study(DOSE, timing("other", relativeToFrom={"decode": "End to Start"})))  # type: ignore[arg-type]
    assert kinds(found) == {"end to start": 1, "no window": 1}


def test_a_decision_and_a_loop_are_questions() -> None:
    of = study(DOSE, timing("other"))
    [line] = raw_design(of)["scheduleTimelines"]
    line["instances"].append(
        {
            "id": "again?",
            "name": "again?",
            "instanceType": "ScheduledDecisionInstance",
            "defaultConditionId": None,
            "conditionAssignments": [{"condition": "responds", "conditionTargetId": "dose"}],
        }
    )
    found = read(of)
    assert kinds(found) == {"no window": 1, "loop": 1}
    assert found.protocol.unspecified == ("again?: responds: dose; else: the end",)
    assert "again?" not in found.names


def decision(of: dict[str, Any], identity: str, *branches: tuple[str, str], to: str = "") -> None:
    """Add a decision at the end of the main timeline."""
    raw_design(of)["scheduleTimelines"][0]["instances"].append(
        {
            "id": identity,
            "name": identity,
            "instanceType": "ScheduledDecisionInstance",
            "defaultConditionId": to or None,
            "conditionAssignments": [
                {"condition": words, "conditionTargetId": target} for words, target in branches
            ],
        }
    )


def days_of(found: Imported, start: date = date(2027, 3, 1)) -> dict[str, int]:
    """Return how many days after day 1 each identifier of the file is."""
    noon = datetime(start.year, start.month, start.day, 12, tzinfo=UTC)
    pinned = Pinned(visit=found.day_one, start=noon, on=start - timedelta(days=60))
    agenda = expand(Course(key="c", protocol=found.protocol, events=[pinned]), pinned.on)
    dates = {due.id: due.foreseen.day for due in agenda.dues if due.foreseen is not None}
    return {
        identity: (dates[visit] - start).days
        for identity, visit in found.names.items()
        if visit in dates
    }


def test_a_decision_at_a_set_time_is_a_visit_that_others_are_timed_from() -> None:
    """What ends a cycle is often a decision, and the end of treatment is counted from it."""
    end = timing("end of cycle", value="P21D", to="treat", windowLower="P2D", windowUpper="P2D")
    of = study(
        DOSE,
        timing("treat", value="P21D"),
        timing("last", value="P30D", to="end of cycle"),
        timing("now", value="PT0M", to="treat"),
        end,
        instances=("dose", "treat", "last"),
    )
    decision(of, "now", ("stable", "last"))
    decision(of, "end of cycle", ("goes on", "treat"), to="last")
    found = read(of)
    assert days_of(found) == {"dose": 0, "treat": 21, "now": 21, "end of cycle": 42, "last": 72}
    assert [one.name for one in found.protocol.other_visits if one.tolerance] == ["end of cycle"]
    assert found.names["now"] == found.names["treat"] == "treat"
    untimed = read(study(DOSE, timing("last", to="now"), instances=("dose", "last", "now")))
    assert set(days_of(untimed)) == {"dose"}


def test_a_timing_of_another_timelines_instance_is_followed_and_told() -> None:
    """Two timelines may each have an instance of one name, and a timing may take the other's."""
    of = study(
        DOSE,
        timing("end", value="P21D", windowLower="P2D", windowUpper="P0D"),
        timing("last", to="end", value="P30D"),
        instances=("dose", "last"),
    )
    other = copy.deepcopy(raw_design(of)["scheduleTimelines"][0])
    other.update(
        id="blood", name="Blood", mainTimeline=False, timings=[{**timing("end"), "id": "t-other"}]
    )
    branch = {"condition": "even cycle?", "conditionTargetId": "last"}
    other["instances"] = [{"id": "end", "name": "Cx_END", "conditionAssignments": [branch]}]
    raw_design(of)["scheduleTimelines"].append(other)
    found = read(of)
    assert days_of(found) == {"dose": 0, "end": 21, "last": 51}
    assert kinds(found)["decision of another timeline"] == 1
    [note] = [one for one in found.notes if one.where == "t-end"]
    assert note.became == "Cx_END is read as a visit of this timeline"
    assert "t-other" in [one.where for one in found.notes]


def test_where_a_timeline_ends_and_nothing_happens_is_no_visit() -> None:
    of = study(DOSE, instances=("dose", "exit"))
    raw_design(of)["scheduleTimelines"][0]["instances"][1]["timelineExitId"] = "exit-1"
    found = read(of)
    assert (found.protocol.other_visits, kinds(found)) == ((), {"no timing": 1})


def loops() -> dict[str, Any]:
    """Treatment in cycles of 21 days with a call on day 8, then follow-up every 90 days."""
    of = study(
        DOSE,
        timing("call", value="P7D"),
        timing("end of cycle", value="P21D"),
        timing("scan", value="P30D", to="end of cycle"),
        timing("again?", value="P90D", to="scan", windowLower="P7D", windowUpper="P7D"),
        timing("exit", value="P1D", to="again?"),
        instances=("dose", "call"),
    )
    decision(of, "end of cycle", ("goes on", "dose"), to="scan")
    instances = raw_design(of)["scheduleTimelines"][0]["instances"]
    instances.append({"id": "scan", "name": "scan", "instanceType": "ScheduledActivityInstance"})
    decision(of, "again?", ("within 3 years", "scan"), to="exit")
    instances.append({"id": "exit", "name": "exit", "instanceType": "ScheduledActivityInstance"})
    return of


def test_a_loop_is_laid_out_as_often_as_the_caller_says() -> None:
    once = {"dose": 0, "call": 7, "end of cycle": 21, "scan": 51, "again?": 141, "exit": 142}
    assert days_of(read(loops())) == once
    found = read(loops(), repeats={"end of cycle": 3, "again?": 2})
    assert days_of(found) == {
        **{"dose": 0, "call": 7, "end of cycle": 21, "dose (2)": 21, "call (2)": 28},
        **{"end of cycle (2)": 42, "dose (3)": 42, "call (3)": 49, "end of cycle (3)": 63},
        **{"scan": 93, "again?": 183, "scan (2)": 183, "again? (2)": 273, "exit": 274},
    }
    assert found.names["scan (2)"] == "scan (2)"
    became = [note.became for note in found.notes if note.kind == "loop"]
    assert became == [
        "a question; what repeats is planned 3 times, as asked",
        "a question; what repeats is planned 2 times, as asked",
    ]
    assert read(loops(), repeats={"again?": 1}).protocol == read(loops()).protocol


@pytest.mark.parametrize("repeats", [{"call": 2}, {"nobody": 2}, {"again?": 0}, {"again?": 101}])
def test_repeats_of_no_loop_or_of_too_many_are_refused(repeats: dict[str, int]) -> None:
    with pytest.raises(InvalidValue, match="repeats"):
        read(loops(), repeats=repeats)


def test_a_window_after_its_target_is_no_magnitude() -> None:
    for words in ("+3..5 days", "3 to 5 days"):
        assert kinds(read(study(DOSE, timing("other", windowLabel=words)))) == {
            "unreadable window": 1
        }


def long_inside() -> dict[str, Any]:
    """A dose whose blood samples go on for four days, one of them at the visit of week 1."""
    of = study(
        DOSE,
        timing("again", value="P4W"),
        timing("week 1", value="P1W"),
        activities=[{"id": "draw", "name": "draw", "timelineId": "blood"}],
    )
    [line] = raw_design(of)["scheduleTimelines"]
    line["instances"][0]["activityIds"] = line["instances"][1]["activityIds"] = ["draw"]
    line["instances"][2]["encounterId"] = "e-1"
    blood = {
        "id": "blood",
        "name": "Blood",
        "instances": [
            {"id": one, "name": one, "encounterId": "e-1" if one == "at week 1" else None}
            for one in ("start", "a day on", "four days on", "at week 1", "when ill", "after ill")
        ],
        "timings": [
            timing("start", "Fixed Reference"),
            timing("a day on", value="PT24H", to="start", windowLower="PT1H", windowUpper="PT1H"),
            timing("four days on", value="P3D", to="a day on"),
            timing("at week 1", value="P7D", to="start", windowLower="P1D"),
            timing("after ill", value="P1D", to="when ill"),
        ],
    }
    raw_design(of)["scheduleTimelines"].append(blood)
    return of


def test_points_of_a_long_timeline_inside_a_visit_are_visits() -> None:
    found = read(long_inside(), long_timelines="visits")
    asked = [one.name for one in found.protocol.other_visits if isinstance(one.cadence, OnDemand)]
    assert asked == ["dose, when ill", "again, when ill"]
    noon = datetime(2027, 3, 1, 12, tzinfo=UTC)
    pinned = Pinned(visit=found.day_one, start=noon, on=date(2027, 2, 1))
    agenda = expand(Course(key="c", protocol=found.protocol, events=[pinned]), pinned.on)
    days = {due.id: due.foreseen.day for due in agenda.dues if due.foreseen is not None}
    assert {visit: (day - noon.date()).days for visit, day in days.items()} == {
        **{"dose-1": 0, "again": 28, "week 1": 7, "dose, a day on": 1, "dose, four days on": 4},
        **{"again, a day on": 29, "again, four days on": 32},
    }
    told = {note.where: note.became for note in reversed(found.notes)}
    assert told["blood"] == "4 visits of their own for each visit that it runs in"
    noted = read(long_inside())
    assert [one.name for one in noted.protocol.other_visits] == ["again", "week 1"]
    with pytest.raises(InvalidValue, match="'noted' or 'visits'"):
        read(long_inside(), long_timelines="maybe")
    listed = ["t-at week 1", "t-start"]
    assert sorted(one for one in told if one[:2] == "t-" and one not in found.kept) == listed


def test_a_decision_without_conditions_asks_nothing() -> None:
    of = study(DOSE, timing("other"))
    decision(of, "go on", to="other")
    raw_design(of)["scheduleTimelines"][0]["instances"].append(
        {"id": "last", "name": "last", "timelineExitId": "x"}
    )
    raw_design(of)["scheduleTimelines"][0]["instances"][2]["defaultConditionId"] = "last"
    found = read(of)
    assert kinds(found)["decision without conditions"] == 1
    assert found.protocol.unspecified == ()


def test_identities_outlive_an_amendment() -> None:
    first = read(study(DOSE, timing("week 2", value="P2W"), timing("week 6", value="P6W")))
    later = read(
        study(
            DOSE,
            timing("week 2", value="P2W"),
            timing("week 4", value="P4W"),
            timing("week 6", value="P7W"),
        )
    )
    assert dict(first.names).items() <= dict(later.names).items()


def test_names_alike_are_told_apart() -> None:
    of = study(DOSE, timing("a"), timing("b", value="P2D"))
    for one in raw_design(of)["scheduleTimelines"][0]["instances"][1:]:
        one["name"] = "Call"
    assert read(of).names == {"dose": "dose-1", "a": "Call", "b": "Call (2)"}


def test_earlier_versions_spell_it_otherwise() -> None:
    """Version 2 has timings in their instances, and other names for some fields."""
    of = study(DOSE, timing("other", value="P2W", windowLower="P3D", windowUpper="P3D"))
    now = read(of)
    [line] = raw_design(of)["scheduleTimelines"]
    timings = {one["relativeFromScheduledInstanceId"]: one for one in line.pop("timings")}
    for instance in line["instances"]:
        one = timings[instance["id"]]
        one["timingValue"] = one.pop("value")
        one["timingRelativeToFrom"] = one.pop("relativeToFrom")
        for side in ("Lower", "Upper"):
            if f"window{side}" in one:
                one[f"timingWindow{side}"] = one.pop(f"window{side}")
        instance["scheduledInstanceTimings"] = [one]
        instance["instanceType"] = "ACTIVITY"
    assert read(of) == now


# --- what is refused --------------------------------------------------------------------------


def nested(depth: int) -> str:
    return '{"study":' + "[" * depth + "]" * depth + "}"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "must be JSON"),
        ("[]", "must be an object with a study, got a list"),
        ('{"study": {"name": "x"}}', "study.versions: must be a list with a study version"),
        ('{"study": {"versions": [{}]}}', "studyDesigns: must have one design or more"),
        ('{"study": NaN}', "NaN is no number"),
        (nested(100), "nested more than 60 deep"),
        (nested(200_000), "nested so deeply"),
        (" " * 5_000_001, "characters or fewer"),
        (json.dumps(study(timing("dose"))), "must have a timing of type 'Fixed Reference'"),
        (
            json.dumps(study(DOSE, timing("a", to="b"), timing("b", to="a"))),
            "must not run in a circle: a -> b -> a",
        ),
        (
            json.dumps(study(DOSE, timing("a", to="b", value="P0D"), timing("b", to="a"))),
            "must not run in a circle",
        ),
        (json.dumps(study(DOSE, {**timing("a"), "id": "t-dose"})), "which .* has already"),
        (json.dumps(study(DOSE, instances=tuple(map(str, range(3000))))), "1000 scheduled"),
        (json.dumps(study(DOSE, conditions=[{}] * 5001)), "conditions: must have 5,000 parts"),
    ],
    ids=range(14),
)
def test_what_is_no_design_is_refused_with_its_place(text: str, says: str) -> None:
    with pytest.raises(InvalidDocument, match=says):
        read_usdm(text)


def test_a_long_chain_of_timings_is_read_soon() -> None:
    """However the file orders it; once it took the third power of its length."""
    begun = process_time()
    for step, value in ((-1, "P1D"), (1, "P1D"), (1, "P0D")):
        chain = [timing(str(n), value=value, to=str(n + step)) for n in range(300)]
        edge = 0 if step == -1 else 299
        chain[edge]["relativeToScheduledInstanceId"] = "dose"
        assert len(read(study(DOSE, *chain)).names) == 301
    assert process_time() - begun < 2


def test_any_field_of_another_type_is_refused_or_read() -> None:
    """Whatever stands where a field is expected, no other exception comes out."""
    whole = study(DOSE, timing("other", windowLower="P1D"))
    assert refusals(read, whole) > 100


@pytest.mark.parametrize(
    ("duration", "span"),
    [
        ("P2W", CalendarSpan(weeks=2)),
        ("P1Y6M", CalendarSpan(years=1, months=6)),
        ("-P3D", CalendarSpan(days=-3)),
        ("PT90M", ElapsedSpan(90)),
        ("P1DT1H", ElapsedSpan(25 * 60)),
        ("P7DT0H0M", CalendarSpan(days=7)),
        ("PT0S", ElapsedSpan(0)),
        ("PT1.5H", ElapsedSpan(90)),
        ("P0,5D", ElapsedSpan(12 * 60)),
        ("PT120S", ElapsedSpan(2)),
        ("PT", None),
        ("P1DT", None),
        ("P0.5M", None),
        ("P1MT1H", None),
        ("PT30S", None),
        ("P", None),
        ("2 weeks", None),
    ],
)
def test_durations(duration: str, span: object) -> None:
    assert span_of(duration) == span


# --- the command ------------------------------------------------------------------------------


def test_import_writes_a_protocol_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    of = study(DOSE, timing("week 2", value="P2W", windowLower="P3D", windowUpper="P3D"))
    (tmp_path / "study.json").write_text(json.dumps(of))
    out = tmp_path / "protocol.toml"
    assert main(["import", str(tmp_path / "study.json"), "--out", str(out)]) == 0
    printed = capsys.readouterr()
    assert printed.out == f"{out}: A study, 2 visits\n"
    assert "each visit takes 30 minutes" in printed.err
    text = out.read_text()
    assert text.startswith("# Read from study.json; day 1 is the visit dose-1.\n")
    assert read_protocol(text) == read(of).protocol
    assert main(["import", str(tmp_path / "study.json"), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["day_one"] == "dose-1"
    assert told["names"] == {"dose": "dose-1", "week 2": "week 2"}


def test_import_lays_loops_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "loops.json"
    file.write_text(json.dumps(loops()))
    assert main(["import", str(file), "--repeat", "again?=2", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["names"]["scan (2)"] == "scan (2)"
    for wrong in ("again?", "again?=x", "call=2"):
        assert main(["import", str(file), "--repeat", wrong]) == 2


def test_import_refuses_what_is_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x.json").write_text("{}")
    assert main(["import", str(tmp_path / "x.json")]) == 2
    assert "study.versions: must be a list with a study version" in capsys.readouterr().err
