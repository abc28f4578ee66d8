"""Independent readers find in calendar files what was meant: instants, texts, status, alarms."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

import attrs
import pytest

from ics_entries import written
from ics_lint import lint
from protocol_sched.formats.ics.entries import (
    CalendarOptions,
    Privacy,
    clinic_calendar,
    escort_calendar,
    patient_calendar,
)
from protocol_sched.formats.ics.zones import Observance, observances, vtimezone
from protocol_sched.model.schedule import Ride, Schedule
from readers import READERS, Entry, Reader, When, by_node, by_the_letter, node_readers
from samples import EVALUATION, NEW_YORK, course_schedule, schedule, visit

# A file of the system's own zone under no name others know.
ZONES = sorted(available_timezones() - {"localtime"})
FIRST, LAST = 2026, 2036
HOUR = timedelta(hours=1)
WRITERS = (patient_calendar, escort_calendar, clinic_calendar)
Spans = set[tuple[When, When]]


# --- what all readers agree on ---------------------------------------------------------------

NASTY = 'a, b; c: "d" \\N \\n C:\\New\r\n\tEND:VEVENT ^n \U0001f469\u200d\u2695\ufe0f '
NASTY += "\u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627 \u202eabc\u202c " + "long " * 60


def samples() -> Iterator[bytes]:
    """Yield files of every reader and level, with a cancelled and a tentative visit."""
    of = course_schedule()
    visits = (of.visits[0], attrs.evolve(of.visits[1], title=NASTY), of.visits[2])
    of = attrs.evolve(of, visits=visits)
    gone = visit("induction-7", datetime(2027, 7, 1, 9, tzinfo=NEW_YORK), title=NASTY)
    for privacy in Privacy:
        options = CalendarOptions(
            privacy=privacy, tentative=["induction-2"], cancelled=[gone], sequences={gone.id: 2}
        )
        yield from (written(of, writer, options) for writer in WRITERS)


@cache
def first_reading() -> list[list[Entry]]:
    return [in_order(READERS[0](raw)) for raw in samples()]


def in_order(entries: list[Entry]) -> list[Entry]:
    return sorted(entries, key=lambda entry: entry.uid)


@pytest.mark.parametrize("read", READERS[1:])
def test_readers_agree_on_every_text_status_and_alarm(read: Reader) -> None:
    assert [in_order(read(raw)) for raw in samples()] == first_reading()


def test_no_letter_of_a_nasty_text_is_lost() -> None:
    full = first_reading()[6]
    [summary] = {entry.summary for entry in full if entry.summary.startswith("a,")} - {
        entry.summary for entry in full if entry.summary.endswith("(cancelled)")
    }
    assert (
        summary
        == (
            'a, b; c: "d" /N /n C:/New END: VEVENT ^n \U0001f469\u200d\u2695\ufe0f '
            "\u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627 abc " + "long " * 60
        ).rstrip()
    )


# --- every zone and every clock change -------------------------------------------------------


def instants(zone: ZoneInfo) -> list[datetime]:
    """Return moments around each clock change, and one in each season, in UTC."""
    day = timedelta(days=1)
    days = [datetime(FIRST, 1, 1, tzinfo=UTC) + n * day for n in range((LAST - FIRST + 1) * 366)]
    found = [datetime(FIRST, month, 9, 15, tzinfo=UTC) for month in (1, 4, 7, 10)]
    for before, after in pairwise(days):
        if before.astimezone(zone).utcoffset() != (new := after.astimezone(zone).utcoffset()):
            while after - before > timedelta(minutes=1):
                middle = before + (after - before) / 2
                early = middle.astimezone(zone).utcoffset() != new
                before, after = (middle, after) if early else (before, middle)
            change = after.replace(second=0, microsecond=0)
            found += [change + n * HOUR / 2 for n in (-3, -2, -1, 0, 1, 2)]
    return sorted(set(found))


def visits_at(key: str, moments: list[datetime]) -> Schedule:
    """Return short visits at these moments, one stage each and no ride."""
    zone = ZoneInfo(key)
    made = (visit(f"v-{n}", at.astimezone(zone), EVALUATION) for n, at in enumerate(moments))
    return schedule(*made, zone=key)


def meant(of: Schedule) -> Spans:
    return {(v.start.astimezone(UTC), v.discharge_by.astimezone(UTC)) for v in of.visits}


@cache
def described(key: str) -> tuple[Observance, ...]:
    return observances(key, FIRST, LAST)


def test_a_name_like_an_abbreviation_is_told_in_utc() -> None:
    assert [key for key in ZONES if "/" not in key and described(key)] == []


@cache
def alike() -> dict[tuple[object, ...], list[str]]:
    """Return the zones by what their clocks show and files tell of them: one stands for all."""
    found: dict[tuple[object, ...], list[str]] = {}
    start = datetime(FIRST - 1, 1, 1, tzinfo=UTC)
    weeks = [start + timedelta(weeks=n) for n in range((LAST - FIRST + 2) * 53)]
    for key in ZONES:
        zone = ZoneInfo(key)
        offsets = tuple(at.astimezone(zone).utcoffset() for at in weeks)
        found.setdefault((offsets, described(key)), []).append(key)
    return found


def test_zones_that_stand_for_others_are_few_and_all_are_stood_for() -> None:
    assert sorted(key for keys in alike().values() for key in keys) == ZONES
    assert 40 < len(alike()) < 150


@cache
def files() -> list[tuple[Schedule, bytes]]:
    """Return for one zone of each kind a file of visits around every clock change."""
    found = []
    for keys in alike().values():
        of = visits_at(keys[0], instants(ZoneInfo(keys[0])))
        found.append((of, written(of, clinic_calendar)))
    return found


def test_by_the_letter_of_the_standard_every_change_to_2036_is_told_right() -> None:
    wrong = [of.zone for of, raw in files() if set(by_the_letter(raw)) != meant(of) or lint(raw)]
    assert wrong == []
    assert sum(len(of.visits) for of, _ in files()) > 3000


def misread(read: Reader, found: list[tuple[Schedule, bytes]]) -> list[str]:
    """Return the zones of which a reader has other instants than were meant."""
    return [
        of.zone
        for of, raw in found
        if {(entry.start, entry.end) for entry in read(raw)} != meant(of)
    ]


# Each reader reads every third zone, and all three together every one of them.
THIRDS = list(enumerate(READERS[:3]))


@pytest.mark.parametrize(("third", "read"), THIRDS)
def test_readers_find_the_instants_around_every_clock_change(third: int, read: Reader) -> None:
    assert misread(read, files()[third::3]) == []


def test_a_slow_reader_finds_them_around_some() -> None:
    thinned = [visits_at(of.zone, [v.start for v in of.visits][::7]) for of, _ in files()]
    found = [(of, written(of, clinic_calendar)) for of in thinned]
    assert misread(READERS[3], found) == []


@cache
def every_zone() -> list[tuple[Schedule, bytes]]:
    seasons = [datetime(2027, month, 20, 12, tzinfo=UTC) for month in (1, 7)]
    made = [visits_at(key, seasons) for key in ZONES]
    return [(of, written(of, clinic_calendar)) for of in made]


@pytest.mark.parametrize(("third", "read"), THIRDS)
def test_readers_know_every_zone_by_its_name(third: int, read: Reader) -> None:
    assert misread(read, every_zone()[third::3]) == []


def test_every_zone_is_told_by_two_rules_or_one_offset_or_in_utc() -> None:
    for key in ZONES:
        parts = described(key)
        assert [bool(part.by_day) for part in parts] in ([], [False], [True, True])
        text = vtimezone(key, parts).to_ical()
        assert b"RDATE" not in text
        assert text.count(b"RRULE") in (0, 2)


ODD = {"Africa/Cairo", "Africa/Casablanca", "America/Nuuk", "America/Santiago", "Asia/Gaza"}


def test_zones_without_a_simple_rule_are_told_in_utc() -> None:
    untold = {key for key in ZONES if "/" in key and not described(key)}
    assert untold >= ODD
    assert len(untold) < 30, "a rule that most zones have is not seen as simple any more"


# --- JavaScript ------------------------------------------------------------------------------

NODE = node_readers()
needs_node = pytest.mark.skipif(
    not NODE, reason="node with ical.js, node-ical and ts-ics (NODE_PATH) is not here"
)


@needs_node
def test_javascript_readers_agree_on_every_text_and_status(tmp_path: Path) -> None:
    paths = saved(tmp_path, samples())
    for found, first in zip(by_node(paths), first_reading(), strict=True):
        for name in NODE:
            assert in_order(found[name]) == [attrs.evolve(e, alarms=()) for e in first], name


@needs_node
def test_javascript_readers_find_the_instants_around_every_clock_change(tmp_path: Path) -> None:
    paths = saved(tmp_path, (raw for _, raw in files()))
    wrong = [
        (of.zone, name)
        for (of, _), found in zip(files(), by_node(paths), strict=True)
        for name in NODE
        if {(entry.start, entry.end) for entry in found[name]} != meant(of)
    ]
    assert wrong == []


def saved(directory: Path, raws: Iterator[bytes]) -> list[Path]:
    paths = []
    for n, raw in enumerate(raws):
        paths.append(directory / f"{n}.ics")
        paths[-1].write_bytes(raw)
    return paths


def test_a_confirmed_ride_reads_the_same_everywhere() -> None:
    start = datetime(2027, 3, 15, 14, tzinfo=NEW_YORK)
    raw = written(schedule(visit("induction-1", start, ride=Ride.CONFIRMED)), escort_calendar)
    readings = [read(raw) for read in READERS]
    assert readings == [readings[0]] * len(READERS)
    assert readings[0][0].alarms == (2 * HOUR,)
