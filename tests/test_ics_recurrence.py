"""Recurrence rules: the same starts as dateutil's, within a number of steps."""

from __future__ import annotations

import datetime as of_datetime
from datetime import datetime, timedelta
from itertools import islice
from unittest.mock import patch

import pytest
from dateutil import rrule as judge
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from protocol_sched.formats.ics.reading.lines import DAY, Unreadable
from protocol_sched.formats.ics.reading.recurrence import read_rule, starts

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_ZERO = datetime(1, 1, 1)  # noqa: DTZ001 - a wall clock


def wall(at: datetime) -> int:
    return at.toordinal() * DAY + (at - at.replace(hour=0, minute=0, second=0)).seconds


def moment(at: int) -> datetime:
    return _ZERO + timedelta(seconds=at - DAY)


def free(_: int) -> None:
    """Count nothing."""


def some(values: SearchStrategy[str], most: int = 3) -> SearchStrategy[str]:
    return st.lists(values, min_size=1, max_size=most, unique=True).map(",".join)


def numbers(least: int, most: int) -> SearchStrategy[str]:
    return st.integers(least, most).filter(bool).map(str)


@st.composite
def rules(draw: st.DrawFn) -> str:
    freq = draw(st.sampled_from(["YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY"]))
    parts = {"FREQ": freq, "INTERVAL": str(draw(st.integers(1, 5)))}
    offered: dict[str, SearchStrategy[str]] = {
        "BYMONTH": some(numbers(1, 12)),
        "BYHOUR": some(st.integers(0, 23).map(str)),
        "BYMINUTE": some(st.integers(0, 59).map(str)),
        "WKST": st.sampled_from(WEEKDAYS),
    }
    nth = freq in ("YEARLY", "MONTHLY")
    # Of MO,1MO dateutil takes what is both; RFC 5545 has every day that is one of them.
    numbered = nth and draw(st.booleans())
    which = st.sampled_from(["1", "2", "-1", "5", "-5"] if numbered else [""])
    offered["BYDAY"] = some(st.builds("{}{}".format, which, st.sampled_from(WEEKDAYS)))
    offered["BYMONTHDAY"] = some(numbers(-31, 31))
    offered["BYYEARDAY"] = some(numbers(-366, 366))
    if freq == "YEARLY":
        offered["BYWEEKNO"] = some(numbers(-53, 53))
    chosen = draw(st.lists(st.sampled_from(sorted(offered)), max_size=3, unique=True))
    for name in chosen:
        parts[name] = draw(offered[name])
    if "BYWEEKNO" in parts:  # without weekdays dateutil takes all seven, others that of DTSTART
        parts["BYDAY"] = draw(some(st.sampled_from(WEEKDAYS)))
    # dateutil counts places in the first week from DTSTART on, in later ones from WKST on.
    if chosen and freq not in ("MINUTELY", "WEEKLY") and draw(st.booleans()):
        parts["BYSETPOS"] = draw(some(numbers(-4, 4), 2))
    if draw(st.booleans()):
        parts["COUNT"] = str(draw(st.integers(1, 12)))
    return ";".join(f"{name}={value}" for name, value in parts.items())


@settings(max_examples=100, deadline=None)
@given(
    text=rules(),
    first=st.datetimes(datetime(2015, 1, 1), datetime(2021, 12, 31)),  # noqa: DTZ001
    ahead=st.integers(0, 900),
)
def test_a_rule_gives_the_starts_that_dateutil_finds(
    text: str, first: datetime, ahead: int
) -> None:
    first = first.replace(microsecond=0)
    if "MINUTELY" in text:
        ahead %= 3  # dateutil walks there minute by minute
    since, until = first + timedelta(days=ahead), first + timedelta(days=ahead + 800)
    try:
        rule = judge.rrulestr(text, dtstart=first)
    except ValueError:  # dateutil refuses a rule that it can tell has no start
        rule = judge.rrule(judge.DAILY, dtstart=first, count=0)
    with patch.object(of_datetime, "MAXYEAR", until.year + 1):  # as far as dateutil searches
        wanted = list(islice(rule.xafter(since, inc=True), 30))
    expected = [at for at in wanted if at < until]
    found = starts(read_rule(text), wall(first), wall(since), wall(until), free)
    assert [moment(at) for at in islice(found, len(expected) if len(wanted) == 30 else None)] == (
        expected
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("FREQ=FORTNIGHTLY", "FREQ must be one of YEARLY, MONTHLY, WEEKLY, DAILY, HOURLY, "),
        ("FREQ=DAILY;FREQ=DAILY", "a rule must be NAME=VALUE;..., each name once"),
        ("FREQ=DAILY;INTERVAL=0", "INTERVAL must be a whole number from 1 to 999999, got '0'"),
        ("FREQ=MONTHLY;BYMONTHDAY=0", "BYMONTHDAY must not be 0"),
        ("FREQ=YEARLY;BYDAY=XX", "BYDAY must be such as MO or -1FR, got 'XX'"),
        ("FREQ=YEARLY;RSCALE=HEBREW", "a rule with RSCALE=HEBREW is not understood"),
        ("", "a rule must be NAME=VALUE;..., each name once, got ''"),
    ],
)
def test_a_malformed_rule_says_what_is_wrong(text: str, says: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read_rule(text)
    assert says in str(refused.value)


@pytest.mark.parametrize(
    "text",
    [
        "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=SECONDLY",
        "FREQ=DAILY;COUNT=999999999",
        "FREQ=MINUTELY;BYSECOND=0,1,2,3,4,5,6,7,8,9",
    ],
)
def test_no_rule_takes_more_steps_than_it_is_given(text: str) -> None:
    class TooMuch(Exception):
        pass

    left = 20_000

    def spend(steps: int) -> None:
        nonlocal left
        left -= steps
        if left < 0:
            raise TooMuch

    first = wall(datetime(2027, 1, 1))  # noqa: DTZ001
    far = wall(datetime(9999, 1, 1))  # noqa: DTZ001
    with pytest.raises(TooMuch):
        for _ in starts(read_rule(text), first, first, far, spend):
            pass


def test_a_number_of_weekdays_that_means_nothing_is_left_out() -> None:
    assert read_rule("FREQ=WEEKLY;BYDAY=1MO,-2FR") == read_rule("FREQ=WEEKLY;BYDAY=MO,FR")


def test_a_rule_without_count_costs_nothing_for_the_years_before() -> None:
    spent: list[int] = []
    first, since = wall(datetime(1601, 1, 1)), wall(datetime(2027, 3, 1))  # noqa: DTZ001
    found = list(starts(read_rule("FREQ=DAILY"), first, since, since + 7 * DAY, spent.append))
    assert (len(found), sum(spent) < 30) == (7, True)
