"""How many new courses a week a clinic carries: small clinics whose answer is known by hand."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from command_line import in_process
from protocol_sched import Clinic, Hours, InvalidValue, Place, Staff
from protocol_sched.clinic.capacity import _share_of, capacity
from protocol_sched.formats.documents.documents import (
    capacity_to_dict,
    clinic_to_dict,
    read_protocol,
    write_json,
)
from protocol_sched.formats.svg.capacity import capacity_picture
from protocol_sched.model.capacity import Capacity, MixShare
from protocol_sched.model.protocol import Protocol
from protocol_sched.text.clinic_capacity import capacity_text

MONDAY = date(2027, 3, 1)
HEAD = """
title = "One hour in a chair"
[[visit_types]]
name = "hour"
stages = [{ name = "hour", length = "60 minutes", source = "local", needs = { chair = 1 } }]
"""
ONCE = (
    HEAD
    + """
[[phases]]
name = "dose"
visit = "hour"
visits = 1
cadence = { every = "1 day" }
source = "local"
"""
)
EACH_WEEK = ONCE.replace("visits = 1", "visits = 3").replace("1 day", "7 days")


def protocol(text: str, name: str = "once") -> Protocol:
    return read_protocol(f'name = "{name}"\n{text}')


def tuesdays(hours: str, chairs: int = 1) -> Clinic:
    """Return a clinic that is open on Tuesdays only."""
    return Clinic(
        name="Small",
        zone="Europe/Berlin",
        hours=Hours.of({"Tuesday": hours}),
        places=[Place(name=f"chair {n}", kind="chair") for n in range(chairs)],
        staff=[Staff(kind="nurse", units=1)],
        start_every=30,
    )


def carried(clinic: Clinic, text: str = ONCE, weeks: int = 5, **more: Any) -> Capacity:
    shares = [MixShare(protocol=protocol(text))]
    more = {"patience": 6, **more}
    return capacity(clinic, shares, first=MONDAY, weeks=weeks, **more)


def test_a_clinic_with_one_hour_a_week_carries_one_and_needs_a_chair_or_an_hour_for_two() -> None:
    found = carried(tuesdays("09:00-10:00"))
    assert (found.a_week, found.courses, found.visits) == (1, 5, 5)
    assert found.binding == ("chair", "hours")
    assert [one.kind for one in found.one_more] == ["chair", "nurse", "hours"]
    assert (found.stopped_by, found.stopped_in, found.stopped_wait) == ("once", MONDAY, 8)
    assert [load.percent for week in found.weeks for load in week.loads] == 5 * [100, 0]


@pytest.mark.parametrize(
    ("hours", "chairs", "each"), [("09:00-12:00", 1, 3), ("09:00-11:30", 2, 4)]
)
def test_every_whole_hour_of_every_chair_is_a_course(hours: str, chairs: int, each: int) -> None:
    assert carried(tuesdays(hours, chairs)).a_week == each


def test_courses_of_three_weeks_fill_a_clinic_three_times_as_soon() -> None:
    assert carried(tuesdays("09:00-15:00"), EACH_WEEK, weeks=6).a_week == 2


def test_whoever_can_wait_a_week_longer_fills_a_later_one_and_then_there_is_no_more() -> None:
    assert carried(tuesdays("09:00-10:00"), weeks=2, patience=13).a_week == 1
    assert carried(tuesdays("09:00-10:00"), weeks=1, patience=13).a_week == 2


def test_a_clinic_that_is_never_open_long_enough_carries_none() -> None:
    found = carried(tuesdays("09:00-09:30"))
    assert (found.a_week, found.weeks, found.courses) == (0, (), 0)
    assert capacity_text(found) == (
        "Not even one new course a week.\n"
        "With one more a week, once asked for on Mon 1 March 2027 has no plan.\n"
        "One more of any of these is enough for that: an hour more.\n"
    )


def test_each_visit_that_takes_longer_makes_the_one_after_it_late() -> None:
    found = carried(tuesdays("09:00-11:00"), overrun=100)
    assert (found.a_week, found.late) == (2, 5)
    assert carried(tuesdays("09:00-11:00"), overrun=100, overrun_minutes=10).late == 0


def test_who_does_not_come_is_planned_anew_and_the_same_seed_draws_the_same() -> None:
    found = carried(tuesdays("09:00-17:00"), EACH_WEEK, no_show=25)
    assert found == carried(tuesdays("09:00-17:00"), EACH_WEEK, no_show=25)
    assert found.missed > 0
    assert found.visits == 3 * found.courses
    assert 0 < found.a_week <= carried(tuesdays("09:00-17:00"), EACH_WEEK).a_week
    others = [carried(tuesdays("09:00-17:00"), EACH_WEEK, no_show=25, seed=n) for n in (2, 3)]
    assert len({one.missed for one in (found, *others)}) > 1


def test_courses_of_a_mix_follow_on_one_another_in_proportion() -> None:
    shares = [MixShare(protocol=protocol(ONCE, name), parts=n) for name, n in (("a", 3), ("b", 2))]
    names = [_share_of(shares, n).protocol.name for n in range(10)]
    assert names == ["a", "b", "a", "b", "a"] * 2
    for first in range(5):
        assert Counter(names[first : first + 5]) == {"a": 3, "b": 2}


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"weeks": 0}, "weeks"),
        ({"no_show": 101}, "no_show must be 0 to 100"),
        ({"overrun": -1}, "overrun must be 0 to 100"),
        ({"patience": -1}, "patience"),
    ],
)
def test_numbers_out_of_range_are_refused(wrong: dict[str, Any], says: str) -> None:
    with pytest.raises(InvalidValue, match=says):
        carried(tuesdays("09:00-10:00"), **wrong)


def test_a_mix_of_nothing_is_refused() -> None:
    with pytest.raises(InvalidValue, match="mix"):
        capacity(tuesdays("09:00-10:00"), [], first=MONDAY)


def test_the_picture_has_a_line_for_each_kind_and_says_how_full_it_is() -> None:
    found = carried(tuesdays("09:00-11:00"))
    root = ET.fromstring(capacity_picture(found))
    assert root.findtext("{*}title") == "2 new courses a week"
    assert root.findtext("{*}desc") == "Share held, chair at most 100 %, nurse at most 0 %"
    assert len(root.findall("{*}g/{*}polyline")) == 2


def test_the_command_says_it_draws_it_and_writes_json(tmp_path: Path) -> None:
    (tmp_path / "clinic.json").write_text(write_json(clinic_to_dict(tuesdays("09:00-11:00"))))
    (tmp_path / "once.toml").write_text(f'name = "once"\n{ONCE}')
    words = "clinic capacity --clinic clinic.json --protocol once.toml --mix once=2 --weeks 4"
    words += " --from 2027-03-01 --patience 6"
    said = in_process([*words.split(), "--svg", "weeks.svg"], tmp_path)
    assert (said.returncode, said.stderr) == (0, "")
    assert said.stdout == (
        "2 new courses a week over 4 weeks; the longest wait for a first visit is 1 day.\n"
        "8 courses with 8 visits; 0 missed and planned anew, 0 late.\n"
        "With one more a week, once asked for on Mon 1 March 2027 begins 8 days later.\n"
        "One more of any of these is enough for that: chair and an hour more.\n"
        "\n"
        "held   on average  in the fullest week\n"
        "-----  ----------  -------------------\n"
        "chair  100 %       100 %\n"
        "nurse  0 %         0 %\n"
    )
    found = carried(tuesdays("09:00-11:00"), weeks=4)
    assert (tmp_path / "weeks.svg").read_text("utf-8") == capacity_picture(found)
    as_json = in_process([*words.split(), "--json"], tmp_path)
    assert json.loads(as_json.stdout) == json.loads(write_json(capacity_to_dict(found)))
    refused = in_process([*words.replace("once=2", "once=x").split()], tmp_path)
    assert refused.returncode == 2
    assert refused.stderr == (
        "protocol-sched: --mix 'once=x': after = comes how many parts, 1 to 1000\n"
    )
