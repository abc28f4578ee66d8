"""Plan definitions of FHIR become protocols; what a protocol cannot hold is told."""

from __future__ import annotations

import copy
import json
import re
import time
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from junk import places, refusals
from protocol_sched.cli import main
from protocol_sched.errors import InvalidDocument, InvalidValue
from protocol_sched.expansion import expand
from protocol_sched.formats.documents.documents import protocol_to_dict, read_protocol, write_toml
from protocol_sched.formats.fhir.protocols import read_plan_definition
from protocol_sched.model.course import Course, Pinned
from protocol_sched.model.imported import Imported

GUIDE = Path(__file__).parents[2] / "shared" / "designs" / "fhir"
EXTENSIONS = "http://hl7.org/fhir/uv/vulcan-schedule/StructureDefinition/"
WINDOW = f"{EXTENSIONS}AcceptableOffsetRangeSoa"

here = pytest.mark.skipif(not GUIDE.exists(), reason="the guide's examples are not on this machine")


# --- FHIR Shorthand, as far as the guide's four examples use it ---------------------------------


def fsh(text: str) -> dict[str, Any]:
    """Return the resource that a Shorthand instance is: rules with paths, indented under one."""
    resource: dict[str, Any] = {"resourceType": "PlanDefinition"}
    last: dict[str, int] = {}
    above: list[tuple[int, str]] = []
    for line in text.splitlines():
        match = re.match(r"( *)\* ([^=\s]+)\s*(=.*)?", line)
        if match is None:
            continue
        indent, rule, value = len(match[1]), match[2], match[3]
        while above and above[-1][0] >= indent:
            above.pop()
        path = counted(".".join([*(one for _, one in above[-1:]), rule]), last)
        above.append((indent, path))
        if value is not None:
            put(resource, path, read_value(value.removeprefix("=").strip()))
    return resource


LISTS = {"action", "extension", "relatedAction", "condition", "identifier"}


def counted(path: str, last: dict[str, int]) -> str:
    done = ""
    for part in path.split("."):
        name, _, index = part.partition("[")
        index = index.rstrip("]")
        if name not in LISTS:
            done = f"{done}.{name}" if done else name
            continue
        key = f"{done}.{name}" if done else name
        if index == "+":
            last[key] = last.get(key, -1) + 1
        elif index.isdigit():
            last[key] = int(index)
        number = last.setdefault(key, 0)
        done = f"{key}[{number}]"
        if index == "acceptableOffsetRange":
            done += "!"
    return done


def put(resource: dict[str, Any], path: str, value: Any) -> None:
    owner: Any = resource
    parts = path.split(".")
    for n, part in enumerate(parts):
        match = re.fullmatch(r"(\w+)(?:\[(\d+)\])?(!?)", part)
        assert match is not None, path
        if match[2] is not None:
            listed = owner.setdefault(match[1], [])
            while len(listed) <= int(match[2]):
                listed.append({"url": WINDOW} if match[3] else {})
            owner = listed[int(match[2])]
        elif n == len(parts) - 1:
            owner[match[1]] = value
        else:
            owner = owner.setdefault(match[1], {})


def read_value(text: str) -> Any:
    if match := re.match(r'"((?:[^"\\]|\\.)*)"', text):
        return match[1]
    if match := re.match(r"(-?[\d.]+)\s*'(\w+)'", text):
        unit = {"system": "http://unitsofmeasure.org", "code": match[2], "unit": match[2]}
        return {"value": int(match[1]), **unit}
    if text.startswith(("true", "false")):
        return text.startswith("true")
    return text.split()[0].rpartition("#")[2]


def example(name: str) -> dict[str, Any]:
    [path] = GUIDE.glob(f"*{name}*")
    return fsh(path.read_text("utf-8"))


def read(resource: dict[str, Any], **how: Any) -> Imported:
    return read_plan_definition(json.dumps(resource), **how)


def kinds(found: Imported) -> dict[str, int]:
    usual = ("length", "planned duration", "no window", "transition", "day 1")
    return dict(Counter(note.kind for note in found.notes if note.kind not in usual))


def days(found: Imported, start: date = date(2027, 3, 1)) -> dict[str, int]:
    """Return how many days from day 1 each visit is, by the plan of dates."""
    noon = datetime(start.year, start.month, start.day, 12, tzinfo=UTC)
    pinned = Pinned(visit=found.day_one, start=noon, on=start - timedelta(days=60))
    course = Course(key="c", protocol=found.protocol, events=[pinned])
    agenda = expand(course, start - timedelta(days=60))
    return {
        due.id: (due.foreseen.day - start).days for due in agenda.dues if due.foreseen is not None
    }


def windows(found: Imported) -> dict[str, tuple[str, str]]:
    return {
        one.name: (str(one.tolerance.before), str(one.tolerance.after))
        for one in found.protocol.other_visits
        if one.tolerance is not None
    }


# --- the guide's own examples -----------------------------------------------------------------


@here
def test_the_guides_study_has_17_dates_and_11_windows() -> None:
    """LZZT: ranges are offsets themselves; ET-14 and RT-15 have no distance."""
    found = read(example("lzzt"))
    away = days(found)
    assert len(found.names) == 19
    assert len(away) == 17
    assert away["Visit-1"] == -13
    assert away["Visit-2"] == -1
    assert away["Visit-3-1"] == 0
    assert away["Visit-8.1"] == 70
    assert away["Visit-13"] == 182
    assert len(windows(found)) == 11
    assert windows(found)["Visit-1"] == ("2 days", "1 day")
    assert windows(found)["Visit-4"] == ("2 days", "1 day")
    assert kinds(found) == {"no distance": 2}
    assert len(found.protocol.unspecified) == 2


@here
def test_study_days_and_a_transition_that_disagrees() -> None:
    found = read(example("Case-1"))
    away = days(found)
    assert [away[name] for name in ("Screening", "Treatment Day 1-1", "Day 7", "Day 15")] == [
        -1,
        0,
        6,
        14,
    ]
    assert (away["End of Study"], away["Follow Up"]) == (20, 50)
    [note] = [one for one in found.notes if "disagree" in one.kind]
    assert "30 days from start to start" in note.became
    asked = "".join(found.protocol.unspecified)
    assert "30 days as its time point says, or 31 days" in asked
    told = {"window before its reference": 1, "condition": 2}
    assert kinds(found) == {**told, "transition and time point disagree": 1}


@here
def test_offsets_and_a_negative_delay() -> None:
    found = read(example("Case-2"))
    away = days(found)
    assert away == {
        "Screening": -1,
        "Baseline-1": 0,
        "D1": 1,
        "D2": 2,
        "D7": 7,
        "D15": 15,
        "End of Study": 21,
    }
    [note] = [one for one in found.notes if one.kind == "sign"]
    assert "-1 d" in note.said
    assert sum("Randomised to Arm" in one for one in found.protocol.unspecified) == 2


@here
def test_cycles_are_planned_once_and_the_loop_is_a_question() -> None:
    found = read(example("Case-3"))
    away = days(found)
    assert away["Screen"] == -1
    assert [away[f"C1D{n}"] for n in (1, 14, 28)] == [0, 13, 27]
    assert [away[f"C2D{n}"] for n in (1, 7, 14, 21, 28)] == [27, 33, 40, 47, 54]
    assert windows(found)["Screen"] == ("27 days", "0 days")
    [sign] = [one for one in found.notes if one.kind == "sign"]
    assert "-27 d" in sign.said
    assert kinds(found)["loop"] == 1
    assert kinds(found)["transition to no visit"] == 1
    undated = [one.name for one in found.protocol.other_visits if one.anchor is None]
    assert undated == ["EOT", "EOS"]


@here
@pytest.mark.parametrize("name", ["lzzt", "Case-1", "Case-2", "Case-3"])
def test_an_example_is_a_protocol_file_and_read_fast(name: str) -> None:
    text = json.dumps(example(name))
    began = time.process_time()
    found = read_plan_definition(text)
    assert time.process_time() - began < 0.5
    assert read_protocol(write_toml(protocol_to_dict(found.protocol))) == found.protocol


@here
@pytest.mark.parametrize("name", ["lzzt", "Case-1", "Case-2", "Case-3"])
def test_nothing_can_be_dropped_without_a_trace(name: str) -> None:
    """Every relation, time point, transition, range, distance and condition leaves a trace."""
    whole = example(name)
    before = read(whole)
    dropped = 0
    for path in list(places(whole["action"], ("action",))):
        owner: Any = whole
        for key in path[:-1]:
            owner = owner[key]
        if not counts(path[-1], owner[path[-1]]):
            continue
        less = copy.deepcopy(whole)
        owner = less
        for key in path[:-1]:
            owner = owner[key]
        del owner[path[-1]]
        dropped += 1
        try:
            found = read(less)
        except InvalidDocument:
            continue
        assert (found.protocol, found.notes) != (before.protocol, before.notes), path
    assert dropped > 15


def counts(key: Any, value: Any) -> bool:
    """Tell whether a part says something about time, or a condition."""
    if key in ("relatedAction", "offsetDuration", "condition", "low", "high"):
        return True
    if not isinstance(value, dict) or not isinstance(value.get("url"), str):
        return False
    name = value["url"].rsplit("/", 1)[-1]
    return name not in ("soaTimePointType", "soaRangeFromTimePoint") and (
        name != "soaRepeatAllowed" or value["valueBoolean"]
    )


@here
@pytest.mark.parametrize("name", ["lzzt", "Case-1"])
def test_r4_and_r5_spellings_give_the_same_protocol(name: str) -> None:
    later = example(name)
    text = json.dumps(later)
    assert read_plan_definition(text.replace('"targetId"', '"actionId"')) == read(later)


# --- small plans ------------------------------------------------------------------------------


def days_of(value: float, unit: str = "d", **more: Any) -> dict[str, Any]:
    return {"value": value, "code": unit, "unit": unit, **more}


def ranged(low: dict[str, Any] | None, high: dict[str, Any] | None) -> list[dict[str, Any]]:
    ends = {"low": low, "high": high}
    held = {end: value for end, value in ends.items() if value is not None}
    return [{"url": WINDOW, "valueRange": held}]


def action(
    name: str, offset: Any = 7, relationship: str = "after-start", to: str = "dose", **more: Any
) -> dict[str, Any]:
    related: dict[str, Any] = {"actionId": to, "relationship": relationship}
    if offset is not None:
        related["offsetDuration"] = days_of(offset) if isinstance(offset, int) else offset
    return {"id": name, "title": name, "relatedAction": [{**related, **more}]}


def plan(*actions: dict[str, Any], **more: Any) -> dict[str, Any]:
    dose = {"id": "dose", "title": "dose"}
    kind = {"resourceType": "PlanDefinition", "id": "p", "name": "P", "status": "draft"}
    return {**kind, "action": [dose, *actions], **more}


@pytest.mark.parametrize(
    ("offset", "low", "high", "window"),
    [
        (days_of(14), days_of(12), days_of(15), ("2 days", "1 day")),
        (days_of(2, "wk"), days_of(12), days_of(15), ("2 days", "1 day")),
        (days_of(14), days_of(3), days_of(3), ("3 days", "3 days")),
        (days_of(2, "wk"), days_of(0), days_of(2), ("0 days", "2 days")),
        (days_of(10, "h"), days_of(9, "h"), days_of(12, "h"), ("1 hour", "2 hours")),
        (days_of(6, "mo"), days_of(2, "wk"), days_of(2, "wk"), ("2 weeks", "2 weeks")),
        (days_of(2), days_of(4, "h"), days_of(0, "h"), ("4 hours", "0 minutes")),
        (days_of(14), days_of(12), days_of(2, "wk"), ("2 days", "0 days")),
        (days_of(2, "wk"), days_of(3), days_of(1, "wk"), ("3 days", "1 week")),
        (days_of(14), days_of(36, "h"), days_of(2), ("36 hours", "2 days")),
        (days_of(14), days_of(2), days_of(4, "h"), ("2 days", "4 hours")),
        (days_of(3, "mo"), days_of(1, "wk"), days_of(1, "mo"), ("1 week", "1 month")),
    ],
)
def test_windows_are_told_apart_by_their_numbers(
    offset: Any, low: Any, high: Any, window: tuple[str, str]
) -> None:
    found = read(plan(action("later", offset, extension=ranged(low, high))))
    assert windows(found)["later"] == window
    assert found.protocol.unspecified == ()


@pytest.mark.parametrize(("offset", "low", "high"), [(3, 3, 3), (3, 0, 3), (3, 0, 5), (3, None, 5)])
def test_a_window_that_reads_both_ways_is_a_question(
    offset: int, low: int | None, high: int
) -> None:
    ends = ranged(None if low is None else days_of(low), days_of(high))
    of = plan(action("later", offset, extension=ends))
    found = read(of)
    assert windows(found) == {}
    assert kinds(found) == {"window": 1}
    assert len(found.protocol.unspecified) == 1
    around = windows(read(of, windows="around"))["later"]
    absolute = windows(read(of, windows="absolute"))["later"]
    assert around != absolute
    assert "?" not in "".join(read(of, windows="around").protocol.unspecified)


def test_a_range_whose_width_depends_on_the_month_is_a_question() -> None:
    of = plan(action("later", days_of(1, "mo"), extension=ranged(days_of(27), days_of(32))))
    for reading in ("ask", "absolute"):
        found = read(of, windows=reading)
        assert windows(found) == {}
        assert kinds(found) == {"unreadable window": 1, "months": 1}
        assert found.protocol.unspecified == ("later: what does the window 27 d..32 d mean?",)


def test_a_window_with_signs_before_its_reference_is_told() -> None:
    early = action("early", 7, "before", extension=ranged(days_of(-9), days_of(-5)))
    found = read(plan(early))
    assert windows(found) == {"early": ("2 days", "2 days")}
    [note] = [one for one in found.notes if one.kind == "sign"]
    assert (note.said, note.became) == (
        "before dose 7 d range -9 d..-5 d",
        "read without signs, as so long before it",
    )
    assert found.protocol.unspecified == ()


def test_choices_and_what_may_be_left_out_are_questions() -> None:
    inner = [{"id": one, "title": one} for one in ("tablet", "drops")]
    group = {"id": "g", "title": "Bowel preparation", "selectionBehavior": "exactly-one"}
    optional = action("call", 3)
    optional["requiredBehavior"], optional["cardinalityBehavior"] = "could", "single"
    found = read(plan({**action("prep", 1), "action": [{**group, "action": inner}]}, optional))
    assert found.protocol.unspecified == (
        "Bowel preparation: which of its actions take place? The file says 'exactly-one'.",
        "call: does it take place? The file says 'could'.",
    )
    usual = action("call", 3)
    usual["requiredBehavior"], usual["selectionBehavior"] = "must", "all"
    assert read(plan(usual)).notes == read(plan(action("call", 3))).notes


def test_one_window_around_makes_those_that_seem_absolute_a_question() -> None:
    of = plan(
        action("a", 14, extension=ranged(days_of(3), days_of(3))),
        action("b", 4, extension=ranged(days_of(3), days_of(5))),
    )
    assert windows(read(of)) == {"a": ("3 days", "3 days")}
    assert kinds(read(of)) == {"window": 1}


def test_windows_said_to_be_absolute_must_hold_their_offset() -> None:
    of = plan(action("later", 56, extension=ranged(days_of(3), days_of(3))))
    with pytest.raises(InvalidDocument, match="must hold its own offset"):
        read(of, windows="absolute")
    with pytest.raises(InvalidValue, match="'ask', 'around' or 'absolute'"):
        read(of, windows="maybe")


@pytest.mark.parametrize(
    ("quantity", "point"),
    [
        ({"value": 2, "unit": "w"}, "2 weeks"),
        (days_of(90, "min"), "90 minutes"),
        (days_of(120, "s"), "2 minutes"),
        (days_of(36, "h"), "36 hours"),
        (days_of(1.5), "36 hours"),
        (days_of(2, "mo"), "2 months"),
        (days_of(1, "a"), "1 year"),
        ({"value": 3, "unit": "days", "code": "d"}, "3 days"),
        ({"value": 3.0, "unit": "Weeks"}, "3 weeks"),
    ],
)
def test_units_are_kept_as_they_are(quantity: dict[str, Any], point: str) -> None:
    [one] = read(plan(action("later", quantity))).protocol.other_visits
    assert [str(at) for at in one.cadence.at] == [point]  # type: ignore[union-attr]


@pytest.mark.parametrize(
    "quantity",
    [
        {"value": 3, "unit": "m"},
        {"value": 3},
        {"value": 3, "code": "d", "unit": "wk"},
        {"value": 1.5, "code": "mo"},
        {"value": 30, "code": "s"},
        {"value": 3, "code": "d", "comparator": "<"},
    ],
)
def test_a_distance_nobody_can_read_is_a_visit_on_demand(quantity: dict[str, Any]) -> None:
    found = read(plan(action("later", quantity)))
    assert found.protocol.other_visits[0].anchor is None
    assert kinds(found) == {"unreadable distance": 1}


@pytest.mark.parametrize(
    ("relationship", "offset", "point"),
    [
        ("before", 13, "day -13"),
        ("before-start", 14, "day -14"),
        ("after", 13, "13 days"),
        ("after", -3, "day -3"),
        ("before", -13, "day -13"),
    ],
)
def test_relations_before_and_after(relationship: str, offset: int, point: str) -> None:
    found = read(plan(action("later", offset, relationship)))
    [one] = found.protocol.other_visits
    assert [str(at) for at in one.cadence.at] == [point]  # type: ignore[union-attr]
    assert kinds(found) == ({"sign": 1} if offset < 0 else {})


def test_what_is_concurrent_is_one_visit() -> None:
    found = read(plan(action("blood", None, "concurrent"), action("call", 7, to="blood")))
    assert found.names == {"dose": "dose-1", "blood": "dose-1", "call": "call"}
    assert str(found.protocol.other_visits[0].anchor) == "start of dose"


def test_a_range_without_a_target_aims_at_its_first_date() -> None:
    for relationship, point in (("after", "5 days"), ("before", "day -9")):
        spread = {"low": days_of(5), "high": days_of(9)}
        found = read(plan(action("later", None, relationship, offsetRange=spread)))
        [one] = found.protocol.other_visits
        assert str(one.cadence.at[0]) == point  # type: ignore[union-attr]
        assert windows(found)["later"] == ("0 days", "4 days")
        assert kinds(found) == {"range without a target": 1}


def test_hours_from_an_end_run_from_the_end() -> None:
    [one] = read(plan(action("later", days_of(46, "h"), "after-end"))).protocol.other_visits
    assert (str(one.anchor), one.between.value) == ("end of dose", "end to start")


def test_conditions_activities_and_unknown_fields_are_told() -> None:
    later = action("later", 7)
    later["condition"] = [{"kind": "applicability", "expression": {"expression": "%age > 18"}}]
    later["action"] = [{"id": "ecg", "title": "ECG", "timingTiming": {"repeat": {"count": 3}}}]
    later["timingDuration"] = days_of(2, "h")
    found = read(plan(later, goal=[{"target": [{"due": days_of(3)}]}]))
    told = {"condition": 1, "activities": 1, "timingTiming": 1, "timingDuration": 1, "goal": 1}
    assert kinds(found) == told
    assert found.protocol.unspecified == ("later: applicability: %age > 18",)


def test_a_group_is_no_visit_and_its_actions_are() -> None:
    group = {"id": "g", "title": "Epoch", "action": [action("a", 7), action("b", 9)]}
    found = read(plan(group))
    assert days(found) == {"dose-1": 0, "a": 7, "b": 9}
    assert kinds(found) == {"group": 1}


def test_a_second_relation_is_told() -> None:
    later = action("later", 7)
    later["relatedAction"].append({"actionId": "a", "relationship": "after"})
    found = read(plan(action("a", 2), later))
    assert kinds(found) == {"second relation": 1}


def test_two_first_days_are_told() -> None:
    other = {"id": "scan", "title": "scan"}
    found = read(plan(action("a", 2), action("b", 4), other, action("c", 3, to="scan")))
    assert found.day_one == "dose-1"
    assert kinds(found) == {"second day 1": 1, "no timing": 1}


def test_identities_outlive_an_amendment() -> None:
    first = read(plan(action("week 2", 14), action("week 6", 42)))
    later = read(plan(action("week 2", 14), action("week 4", 28), action("week 6", 43)))
    assert dict(first.names).items() <= dict(later.names).items()


def test_the_main_plan_of_a_bundle_is_the_one_that_others_are_part_of() -> None:
    main_plan = plan(action("later", 7, extension=ranged(days_of(6), days_of(8))))
    main_plan["action"][0]["definitionCanonical"] = "http://x.org/PlanDefinition/visit|1"
    visit = {**plan(action("ecg", 1)), "id": "visit"}
    entries = [visit, main_plan, main_plan, {"resourceType": "ActivityDefinition", "id": "a"}]
    bundle = {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": one} for one in entries],
    }
    found = read(bundle)
    assert found.protocol == read(main_plan).protocol
    assert kinds(found) == {"another resource": 2}
    assert read(bundle, plan="visit").names == {"dose": "dose-1", "ecg": "ecg"}
    with pytest.raises(InvalidDocument, match="no plan definitions are called 'x'"):
        read(bundle, plan="x")


# --- what is refused --------------------------------------------------------------------------


def nested(depth: int) -> str:
    return '{"resourceType":"PlanDefinition","action":' + "[" * depth + "]" * depth + "}"


LOOP = plan(action("a", 1, to="b"), action("b", 1, to="a"))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "must be JSON"),
        ("[]", "an object with a resourceType, got a list"),
        ("{}", "must be 'PlanDefinition' or 'Bundle'"),
        ('{"resourceType": "Bundle"}', "must have a PlanDefinition, got none"),
        ('{"resourceType": "PlanDefinition"}', "action: must have one action or more, got none"),
        ('{"resourceType": "PlanDefinition", "x": NaN}', "NaN is no number"),
        (nested(100), "nested more than 60 deep"),
        (nested(200_000), "nested so deeply"),
        (" " * 20_000_001, "characters or fewer"),
        (json.dumps(LOOP), "in a circle: a -> b -> a"),
        (json.dumps(plan(*(action(f"a{n}") for n in range(10_000)))), "5000 actions or fewer"),
        (json.dumps(plan(*(action(f"a{n}") for n in range(501)))), "500 visits or fewer"),
        (json.dumps(plan(action("a"), action("a"))), r"is 'a', which action\[1\] has already"),
        (json.dumps(plan(action("a", 10**9))), "99,999 or nearer"),
        (json.dumps(plan(action("a", {"value": "7", "unit": "d"}))), "must be a number"),
        (json.dumps(plan(action("a"))).replace("7", "1e400000"), "99,999 or nearer"),
    ],
    ids=range(16),
)
def test_what_is_no_plan_is_refused_with_its_place(text: str, says: str) -> None:
    began = time.process_time()
    with pytest.raises(InvalidDocument, match=says):
        read_plan_definition(text)
    assert time.process_time() - began < 1


def test_any_field_of_another_type_is_refused_or_read() -> None:
    """Whatever stands where a field is expected, no other exception comes out."""
    later = action("later", 7, extension=ranged(days_of(6), days_of(9)))
    later["condition"] = [{"kind": "start", "expression": {"expression": "x"}}]
    point = {
        "url": f"{EXTENSIONS}soaTimepoint",
        "extension": [
            {"url": "soaPlannedTimePoint", "valueQuantity": days_of(3)},
            {"url": "soaReferenceTimePoint", "valueString": "dose"},
            {"url": "soaPlannedRange", "valueRange": {"low": days_of(1), "high": days_of(1)}},
        ],
    }
    whole = plan(later, {"id": "v2", "extension": [point]}, action("c", 3, to="later"))
    assert refusals(read, whole) > 100


# --- the command ------------------------------------------------------------------------------


def test_import_tells_from_the_content_what_a_file_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    of = plan(action("later", 3, extension=ranged(days_of(3), days_of(3))))
    (tmp_path / "plan.json").write_text(json.dumps(of))
    out = tmp_path / "protocol.toml"
    assert main(["import", str(tmp_path / "plan.json"), "--out", str(out)]) == 0
    printed = capsys.readouterr()
    assert "both readings hold" in printed.err
    assert read_protocol(out.read_text()) == read(of).protocol
    how = ["--windows", "around", "--json"]
    assert main(["import", str(tmp_path / "plan.json"), *how]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["names"] == {"dose": "dose-1", "later": "later"}
    assert told["protocol"]["other_visits"][0]["tolerance"]["after"] == "3 days"


def test_import_says_what_it_reads(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "x.json").write_text('{"resourceType": "Patient"}')
    assert main(["import", str(tmp_path / "x.json")]) == 2
    assert "must be 'PlanDefinition' or 'Bundle', got 'Patient'" in capsys.readouterr().err
