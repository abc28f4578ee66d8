"""Whatever was spelled otherwise before the first release is still understood, and only read."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import attrs
import pytest

import protocol_sched
from protocol_sched import catalog
from protocol_sched.cli.main import main
from protocol_sched.clinic.waiting import FreedPlace, WaitingList, who_can_take
from protocol_sched.errors import InvalidDocument, InvalidValue
from protocol_sched.formats.documents import documents
from protocol_sched.formats.documents.reading import Reader
from protocol_sched.formats.documents.schema import schema_of
from protocol_sched.judge.rides import RideAtRisk
from protocol_sched.model import former
from protocol_sched.model.agenda import FixedAt
from protocol_sched.model.availability import Clinic, Commitment, Escort, Hours
from protocol_sched.model.before_and_after import CoMedication, RideHome
from protocol_sched.model.causes import EscortHours, Request
from protocol_sched.model.changes import Change, Fate
from protocol_sched.model.course import Course, Exempted, Notified
from protocol_sched.model.explanation import Otherwise, Why
from protocol_sched.model.gates import Gate
from protocol_sched.model.last_notice import LastNotice
from protocol_sched.model.protocol import VisitType
from protocol_sched.model.references import parse_reference
from protocol_sched.model.rules import Then, Tier
from protocol_sched.model.schedule import Ride, Slack
from protocol_sched.model.spans import MonthEnd, calendar_span, elapsed_span, parse_range
from protocol_sched.model.stages import Stage
from samples import EVALUATION, agenda, proved, schedule, visit

ON = date(2027, 3, 1)
AT = datetime(2027, 3, 1, 9, tzinfo=UTC)
LATER = AT + timedelta(hours=2)
MIGRAINE = catalog.load("ketamine-migraine")
NOTICE = Notified(visit="v-1", on=ON, start=AT, discharge=LATER, discharge_by=LATER)
HOURS = Hours.of({"Monday": "08:00-17:00"})
ONE = visit("evaluation", AT, EVALUATION, title="evaluation")
SLACKS = (Slack(rule=FixedAt(rule="pinned", visit="evaluation", start=AT), found=0),)
STAGE = Stage(name="infusion", length=parse_range("1 hour"), source="local")

SAMPLES: dict[str, Any] = {
    "Change": Change(visit="v-1", title="infusion 2", title_before="infusion 1", fate=Fate.KEPT),
    "Clinic": Clinic(name="Ward", zone=ZoneInfo("UTC"), hours=HOURS, start_every=30),
    "Commitment": Commitment(what="work", hours=HOURS, needs_driving=True),
    "Course": Course(
        key="c-1",
        protocol=MIGRAINE,
        not_before=ON,
        first_treatment_within=calendar_span("7 days"),
    ),
    "Escort": Escort(name="Ida", available=HOURS),
    "EscortHours": EscortHours("Ida", HOURS),
    "Gate": Gate(name="lab", min_age=calendar_span("2 days"), source="local"),
    "LastNotice": LastNotice(notice=NOTICE, sequence=1, cancelled=True),
    "Otherwise": Otherwise(request=Request(visit="v-1", first=ON)),
    "Protocol": MIGRAINE,
    "RideAtRisk": RideAtRisk(
        visit="v-1",
        title="infusion 1",
        start=AT,
        ride=Ride.DECLINED,
        escort="Ida",
        confirm_before=AT,
        next_escort=None,
    ),
    "RideHome": RideHome(confirm_before=elapsed_span("48 hours"), source="local"),
    "Schedule": schedule(ONE, slacks=SLACKS),
    "Tier": Tier(then=Then.ORIGINAL_DATES, original_at_least=calendar_span("14 days")),
    "VisitType": VisitType(
        name="infusion",
        stages=[STAGE],
        co_medications=[CoMedication(name="an antiemetic", source="local")],
    ),
    "Why": Why(visit=ONE, due=agenda(ONE).dues[0], slacks=SLACKS),
}

FIELDS = [
    pytest.param(of, earlier, now, id=f"{of} {earlier}")
    for of, names in former.FIELDS.items()
    if of != "who_can_take"
    for earlier, now in names.items()
]
NOT_WRITTEN = ("LastNotice", "RideAtRisk")
"""Values of programs that no document holds."""


def parts_of(value: Any) -> dict[str, Any]:
    """Return what a value was made from, by keyword."""
    return {f.alias: getattr(value, f.name) for f in attrs.fields(type(value)) if f.init}


def written(value: Any) -> dict[str, Any]:
    """Return any value as a document; the writer goes by its type."""
    return documents.protocol_to_dict(value)


def read(kind: type, mapping: Any) -> tuple[Any, list[str]]:
    """Return the value that a mapping is read as, and the faults found in it."""
    reader = Reader(None, None)
    return reader.record(kind, mapping, ""), [str(fault) for fault in reader.faults]


def renamed(mapping: dict[str, Any], now: str, earlier: str) -> dict[str, Any]:
    return {earlier if key == now else key: value for key, value in mapping.items()}


# --- keywords, attributes and keys -----------------------------------------------------------


@pytest.mark.parametrize(("of", "earlier", "now"), FIELDS)
def test_a_keyword_and_an_attribute_keep_their_earlier_name(
    of: str, earlier: str, now: str
) -> None:
    value = SAMPLES[of]
    kind, parts = type(value), parts_of(value)
    # A default would be the same whichever name was understood.
    assert getattr(value, now) != getattr(attrs.fields(kind), now).default
    assert kind(**renamed(parts, now, earlier)) == value
    assert getattr(value, earlier) == getattr(value, now)
    assert attrs.evolve(value, **{earlier: parts[now]}) == value


@pytest.mark.parametrize(("of", "earlier", "now"), FIELDS)
def test_both_names_of_one_keyword_are_refused(of: str, earlier: str, now: str) -> None:
    kind, part = type(SAMPLES[of]), getattr(SAMPLES[of], now)
    with pytest.raises(InvalidValue) as caught:
        kind(**{earlier: part, now: part})
    assert str(caught.value) == (
        f"{of}: {now} must be given once; {earlier!r} is its earlier name, "
        f"got both {earlier!r} and {now!r}"
    )


@pytest.mark.parametrize(("of", "earlier", "now"), FIELDS)
def test_a_key_of_a_document_keeps_its_earlier_name(of: str, earlier: str, now: str) -> None:
    if of in NOT_WRITTEN:
        return
    value = SAMPLES[of]
    mapping = written(value)
    assert now in mapping
    assert earlier not in mapping
    again, faults = read(type(value), renamed(mapping, now, earlier))
    assert (again, faults) == (value, [])
    _, faults = read(type(value), {earlier: mapping[now], **mapping})
    says = f"is the earlier name of {now!r}, which is there too; keep {now!r} only"
    assert faults == [f"{earlier}: {says}"]


def test_the_place_that_was_an_opening_can_be_given_by_either_keyword() -> None:
    freed = FreedPlace(place="chair 1", start=AT, end=LATER)
    nobody: Any = {"waiting": WaitingList(clinic=SAMPLES["Clinic"], waiting=())}
    with pytest.raises(protocol_sched.UnknownName, match="names 'chair 1'"):
        who_can_take(opening=freed, **nobody)  # type: ignore[call-arg]
    with pytest.raises(InvalidValue, match="both 'opening' and 'freed'"):
        who_can_take(freed=freed, opening=freed, **nobody)  # type: ignore[call-arg]


# --- values, kinds and names -----------------------------------------------------------------


def test_each_value_in_files_keeps_its_earlier_spelling() -> None:
    assert {of: set(words) for of, words in former.VALUES.items()} == {
        "MonthEnd": {"clamp"},
        "Then": {"grid"},
        "Reference": {"grid"},
        "rule": {"milestone"},
    }
    month_end = read(type(MIGRAINE), {**written(MIGRAINE), "month_end": "clamp"})[0].month_end
    assert month_end is MonthEnd("clamp") is MonthEnd("last_day")
    assert read(Tier, {"then": "grid"}) == (Tier(then=Then.ORIGINAL_DATES), [])
    assert parse_reference("grid") == parse_reference("original dates")
    assert str(parse_reference("grid")) == "original dates"
    waived: Any = {"visit": "v-1", "by": "Dr Poe", "why": "travels", "on": ON}
    other = Exempted(rule="other visit", **waived)
    assert Exempted(rule="milestone", **waived) == other
    assert read(Exempted, {**written(other), "rule": "milestone"}) == (other, [])
    binding = FixedAt(rule="other visit", visit="v-1", start=AT)
    assert read(FixedAt, {**written(binding), "rule": "milestone"}) == (binding, [])


@pytest.mark.parametrize(
    ("of", "earlier", "now"),
    [(of, was, now) for of, words in former.MEMBERS.items() for was, now in words.items()],
)
def test_a_member_keeps_its_earlier_name(of: str, earlier: str, now: str) -> None:
    kind: Any = {"MonthEnd": MonthEnd, "Then": Then}[of]
    assert getattr(kind, earlier) is kind[now]
    assert earlier not in [member.name for member in kind]


@pytest.mark.parametrize(("earlier", "place"), former.NAMES.items())
def test_a_name_is_found_where_it_was(earlier: str, place: tuple[str, str]) -> None:
    module, now = import_module(place[0]), place[1]
    assert getattr(module, earlier) is getattr(module, now)
    assert earlier not in vars(module)
    if now in protocol_sched.__all__:
        assert getattr(protocol_sched, earlier) is getattr(protocol_sched, now)
        assert earlier not in protocol_sched.__all__


@pytest.mark.parametrize(("was", "now"), [("known", "last_notice"), ("telling", "notifying")])
def test_a_module_is_found_where_it_was(was: str, now: str) -> None:
    earlier = import_module(f"protocol_sched.model.{was}")
    present = import_module(f"protocol_sched.model.{now}")
    for name, (home, name_now) in former.NAMES.items():
        if home == present.__name__:
            assert getattr(earlier, name) is getattr(present, name_now)
    assert earlier.Course is Course
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        earlier.nothing  # noqa: B018


def test_events_are_read_by_their_earlier_kinds() -> None:
    moments = "start = 2027-03-01T09:00:00Z\ndischarge = 2027-03-01T11:00:00Z\n"
    file = f"""
key = "c-1"
protocol = "ketamine-migraine"
start = 2027-03-01

[[events]]
kind = "told"
visit = "v-1"
on = 2027-03-01
{moments}discharge_by = 2027-03-01T11:00:00Z

[[events]]
kind = "withdrawn"
visit = "v-1"
on = 2027-03-02

[[events]]
kind = "ceased"
on = 2027-03-03
"""
    course = documents.read_course(file, MIGRAINE)
    assert course.not_before == ON
    names = [type(event).__name__ for event in course.events]
    assert names == ["Notified", "Cancelled", "Discontinued"]
    kinds = [event["kind"] for event in documents.course_to_dict(course)["events"]]
    assert kinds == ["notified", "cancelled", "discontinued"]


def test_a_plan_saved_before_is_read() -> None:
    plan = proved(agenda(ONE), schedule(ONE, slacks=SLACKS))
    saved = json.loads(documents.write_json(documents.plan_to_dict(plan)))
    saved["schedule"] = renamed(saved["schedule"], "slacks", "kept")
    assert documents.plan_from_dict(saved) == plan


# --- what is written, and the command line ---------------------------------------------------


def keys_of(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for key, part in value.items():
            yield key
            yield from keys_of(part)
    elif isinstance(value, list):
        for part in value:
            yield from keys_of(part)


def test_the_schema_knows_present_names_only() -> None:
    definitions = {"Protocol": schema_of("protocol"), **schema_of("protocol")["$defs"]}
    for of in {*former.FIELDS} & {*definitions}:
        properties = definitions[of]["properties"]
        assert {*former.FIELDS[of].values()} <= {*properties}
        assert not {*former.FIELDS[of]} & {*properties}
    assert definitions["MonthEnd"]["enum"] == ["next_day", "last_day"]
    assert "grid" not in definitions["Reference"]["pattern"]


@pytest.mark.parametrize("name", catalog.names())
def test_the_catalog_is_written_in_present_names(name: str) -> None:
    text = (Path(catalog.__file__).parent / f"{name}.toml").read_text("utf-8")
    mapping = documents.read_toml(text)
    protocol = {*keys_of(mapping)}
    assert not protocol & {"milestones", "companions", "confirm_by", "grid_at_least"}
    assert not any("lead" in gate for gate in mapping.get("gates", ()))
    assert '"grid"' not in text
    assert '"clamp"' not in text


@pytest.mark.parametrize(
    ("command", "earlier", "now"),
    [(one, was, now) for one, flags in former.FLAGS.items() for was, now in flags.items()],
)
def test_a_flag_keeps_its_earlier_spelling_and_help_says_the_present_one(
    command: str, earlier: str, now: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    nowhere = str(tmp_path / "nowhere.toml")
    inputs = [command, nowhere, "--clinic", nowhere, "--person", nowhere]
    assert main([*inputs, now, "x"]) == 2
    says = capsys.readouterr().err
    assert main([*inputs, earlier, "x"]) == 2
    assert capsys.readouterr().err == says
    with pytest.raises(SystemExit) as caught:
        main([*inputs, now, "x", earlier, "x"])
    assert caught.value.code == 2
    assert f"argument {earlier}: not allowed with argument {now}" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main([command, "--help"])
    told = capsys.readouterr().out
    assert now in told
    assert earlier not in told


def test_the_changelog_lists_each_name_that_changed() -> None:
    page = (Path(__file__).parent.parent / "CHANGELOG.md").read_text("utf-8")
    table = page.partition("| earlier name |")[2].partition("\n\n")[0]
    rows = [tuple(map(str.strip, row.split("|")[1:3])) for row in table.splitlines()[2:]]
    listed = set(rows)
    pairs = [pair for names in former.FIELDS.values() for pair in names.items()]
    pairs += [(was, now) for was, (_, now) in former.NAMES.items()]
    pairs += [pair for flags in former.FLAGS.values() for pair in flags.items()]
    assert {(f"`{was}`", f"`{now}`") for was, now in pairs} <= listed
    values = [pair for words in former.VALUES.values() for pair in words.items()]
    assert {(f'`"{was}"`', f'`"{now}"`') for was, now in values} <= listed


def test_a_fault_below_an_earlier_key_is_shown_where_it_stands_in_the_file() -> None:
    with pytest.raises(InvalidDocument) as caught:
        documents.read_course('key = "c"\nprotocol = "ketamine-migraine"\nstart = "soon"', MIGRAINE)
    assert str(caught.value) == (
        "course: 1 fault\n  start: must be a date such as '2027-03-01', got 'soon'"
    )
