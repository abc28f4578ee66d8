"""Calendar files of one course, again and again: the last one wins, however they arrive."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ics_entries import events, written
from ics_lint import lint
from protocol_sched.errors import InvalidValue, UnknownName
from protocol_sched.formats.ics.entries import (
    CalendarOptions,
    Privacy,
    clinic_calendar,
    escort_calendar,
    patient_calendar,
)
from protocol_sched.model.availability import Escort, Hours, Person
from protocol_sched.model.before_and_after import NoDriving
from protocol_sched.model.course import (
    Amended,
    Cancelled,
    Confirmed,
    Course,
    Declined,
    Event,
    Notified,
)
from protocol_sched.model.last_notice import last_notices
from protocol_sched.model.notifying import notifications
from protocol_sched.model.numbers import Ordinals
from protocol_sched.model.protocol import Protocol
from protocol_sched.model.schedule import Ride, Schedule, Visit
from protocol_sched.model.spans import parse_range
from protocol_sched.model.stages import Stage
from samples import INFUSION, NEW_YORK, NOW, PROTOCOL, schedule, visit

ON = date(2027, 2, 20)
NAMES = ("Sam Poe", "Kim Loe", "Lou Moe")
PERSON = Person(
    key="p-017", name="Jane Roe", escorts=[Escort(name=n, available=Hours()) for n in NAMES]
)
FIRST = datetime(2027, 3, 10, 9, tzinfo=NEW_YORK)
Entries = Mapping[str, Mapping[str, str]]

# The first infusion of a type has a stage more than the others.
CONSENT = Stage(
    name="consent", length=parse_range("20 minutes"), visits=Ordinals.parse("first"), source="local"
)
LONGER = attrs.evolve(
    INFUSION,
    stages=(CONSENT, *INFUSION.stages),
    no_driving=NoDriving(until="24 hours", source="local"),
)
KINDS = attrs.evolve(PROTOCOL, visit_types=(PROTOCOL.visit_types[0], LONGER))


def notified(of: Schedule, course: Course) -> Course:
    """Return the course once people were told of a schedule."""
    return course.after(notifications(of, course, on=ON))


def at(number: int, hours: int, escort: str | None, chair: str) -> Visit:
    """Return infusion ``number`` so many hours after its own first place."""
    start = FIRST + timedelta(days=3 * number, hours=hours)
    stages = LONGER.stages_of(number)
    made = visit(f"induction-{number}", start, attrs.evolve(LONGER, stages=stages), number)
    places = (("chair", chair),)
    ride = None if escort is None else Ride.UNCONFIRMED
    return attrs.evolve(made, escort=escort, ride=ride, waived=escort is None, places=places)


Step = tuple[tuple[Visit, ...], tuple[tuple[bool, str], ...]]


@st.composite
def histories(draw: st.DrawFn) -> list[Step]:
    """Schedules of up to three visits, one after another, with escorts' answers after each."""
    one = st.tuples(
        st.sampled_from((0, 1, 26)),
        st.none() | st.sampled_from(NAMES),
        st.sampled_from(("chair 1", "chair 2")),
    )
    steps: list[Step] = []
    for _ in range(draw(st.integers(1, 5))):
        drawn = draw(st.lists(st.none() | one, min_size=3, max_size=3))
        placed = tuple(at(n, *place) for n, place in enumerate(drawn, 1) if place is not None)
        answers = draw(st.lists(st.tuples(st.booleans(), st.sampled_from(NAMES)), max_size=2))
        steps.append((placed, tuple(answers)))
    return steps


def readers() -> dict[str, Callable[[Schedule, CalendarOptions, datetime], bytes]]:
    """Return whom files are written for, each with how theirs is written."""

    def of(
        writer: Callable[..., bytes], **more: str
    ) -> Callable[[Schedule, CalendarOptions, datetime], bytes]:
        return lambda of, options, now: written(
            of, writer, options, person=PERSON, protocol=KINDS, now=now, **more
        )

    found = {"patient": of(patient_calendar), "clinic": of(clinic_calendar)}
    found |= {name: of(escort_calendar, escort=name) for name in NAMES}
    return found | {"all escorts": of(escort_calendar)}


def versions(steps: Iterable[Step]) -> Iterator[dict[str, Entries]]:
    """Yield after each step every reader's entries by UID."""
    course = Course(key="c-1", protocol=KINDS)
    for n, (placed, answers) in enumerate(steps):
        of = schedule(*placed)
        course = notified(of, course)
        for yes, name in answers:
            kind: type[Confirmed | Declined] = Confirmed if yes else Declined
            course = course.after(kind(visit=v.id, escort=name, on=ON) for v in placed)
        options = CalendarOptions().knowing(course, of)
        files: dict[str, Entries] = {}
        for reader, write in readers().items():
            raw = write(of, options, NOW + timedelta(minutes=n))
            assert lint(raw) == []
            files[reader] = {event["UID"]: event for event in events(raw)}
        yield files


def rank(event: Mapping[str, str]) -> tuple[int, str]:
    """Return what RFC 5546 compares two versions of an entry by."""
    return int(event["SEQUENCE"].removeprefix(":")), event["DTSTAMP"]


@settings(max_examples=40, deadline=None)
@given(steps=histories(), data=st.data())
def test_the_last_file_wins_in_whatever_order_files_arrive(
    steps: list[Step], data: st.DataObject
) -> None:
    written_ = list(versions(steps))
    for reader in readers():
        kept: dict[str, Mapping[str, str]] = {}
        for files in data.draw(st.permutations(written_)):
            for uid, event in files[reader].items():
                if uid not in kept or rank(event) > rank(kept[uid]):
                    kept[uid] = event
        assert kept == written_[-1][reader]


WHEN = ("DTSTART", "DTEND")


@settings(max_examples=40, deadline=None)
@given(steps=histories())
def test_the_sequence_goes_up_with_every_move_and_never_down(steps: list[Step]) -> None:
    written_ = list(versions(steps))
    for reader in readers():
        for before, after in pairwise(written_):
            for uid, old in before[reader].items():
                new = after[reader][uid]
                assert rank(new) > rank(old)
                gone = [event["STATUS"] == ":CANCELLED" for event in (old, new)]
                declined = reader in (*NAMES, "all escorts") and gone[0] != gone[1]
                if [old[key] for key in WHEN] != [new[key] for key in WHEN] or (
                    gone[0] != gone[1] and not declined
                ):
                    assert rank(new)[0] > rank(old)[0]


def numbers(raw: bytes) -> list[tuple[str, str]]:
    """Return each entry's SEQUENCE and STATUS."""
    return [(event["SEQUENCE"][1:], event["STATUS"][1:]) for event in events(raw)]


def test_moved_cancelled_and_restored() -> None:
    course = Course(key="c-1", protocol=PROTOCOL)
    first = visit("induction-1", FIRST)
    found = []
    for placed in ([first], [visit("induction-1", FIRST + timedelta(days=1))], [], [first]):
        of = schedule(*placed)
        course = notified(of, course)
        raw = written(of, options=CalendarOptions().knowing(course, of), person=PERSON)
        found.append(numbers(raw))
    assert found == [
        [("0", "CONFIRMED")] * 2,
        [("1", "CONFIRMED")] * 2,
        [("2", "CANCELLED")] * 2,
        [("3", "CONFIRMED")] * 2,
    ]


def test_a_file_is_the_same_before_and_after_its_notifications_are_recorded() -> None:
    course = notified(
        schedule(at(1, 0, "Sam Poe", "chair 1"), at(2, 0, "Sam Poe", "chair 1")), COURSE
    )
    of = schedule(at(1, 26, "Kim Loe", "chair 2"))
    files = {
        tuple(write(of, CalendarOptions().knowing(known_, of), NOW) for write in readers().values())
        for known_ in (course, notified(of, course))
    }
    assert len(files) == 1


COURSE = Course(key="c-1", protocol=KINDS)


def entry(raw: bytes) -> dict[str, str]:
    [event] = events(raw)
    keys = ("SUMMARY", "DTSTART", "SEQUENCE", "STATUS", "DESCRIPTION")
    return {key: event[key] for key in keys}


def test_the_old_escorts_file_strikes_the_ride_that_went_to_another() -> None:
    before, after = (schedule(at(2, hours, name, "chair 1")) for hours, name in MOVES)
    course = notified(after, notified(before, COURSE))
    options = CalendarOptions().knowing(course, after)
    sam, kim = (readers()[name](after, options, NOW) for _, name in MOVES)
    assert entry(sam) == {
        "SUMMARY": ":Pick-up (cancelled)",
        "DTSTART": "TZID=America/New_York:20270316T111500",
        "SEQUENCE": ":1",
        "STATUS": ":CANCELLED",
        "DESCRIPTION": ":You are not needed for this ride.",
    }
    assert (entry(kim)["SEQUENCE"], entry(kim)["STATUS"]) == (":1", ":TENTATIVE")
    everyone = readers()["all escorts"](after, options, NOW)
    assert entry(everyone)["SUMMARY"] == ":Pick-up (please confirm)"
    assert events(readers()["Lou Moe"](after, options, NOW)) == []


MOVES = ((0, "Sam Poe"), (1, "Kim Loe"))


def test_a_ride_waived_later_is_struck_in_the_file_for_all_escorts() -> None:
    before, after = (schedule(at(2, 0, name, "chair 1")) for name in ("Sam Poe", None))
    course = notified(after, notified(before, COURSE))
    raw = readers()["all escorts"](after, CalendarOptions().knowing(course, after), NOW)
    assert numbers(raw) == [("1", "CANCELLED")]


@pytest.mark.parametrize(
    ("answer", "status", "summary"),
    [
        (Confirmed, "CONFIRMED", ":Pick-up"),
        (Declined, "CANCELLED", ":Pick-up (cancelled)"),
    ],
)
def test_the_escorts_answer_reaches_their_file(
    answer: type[Confirmed | Declined], status: str, summary: str
) -> None:
    of = schedule(at(2, 0, "Sam Poe", "chair 1"))
    course = notified(of, COURSE).after([answer(visit="induction-2", escort="Sam Poe", on=ON)])
    options = CalendarOptions().knowing(course, of)
    raw = readers()["Sam Poe"](of, options, NOW)
    assert numbers(raw) == [("0", status)]
    assert entry(raw)["SUMMARY"] == summary
    no = entry(raw)["DESCRIPTION"] == ":You said that you cannot drive."
    assert no == (answer is Declined)
    words = {Confirmed: "Ride home: Sam Poe.", Declined: "Sam Poe cannot take you home"}
    assert words[answer] in events(readers()["patient"](of, options, NOW))[0]["DESCRIPTION"]


def test_another_chair_asks_the_escort_nothing_new() -> None:
    before, after = (schedule(at(2, 0, "Sam Poe", f"chair {n}")) for n in (1, 2))
    course = notified(before, COURSE)
    course = course.after([Confirmed(visit="induction-2", escort="Sam Poe", on=ON)])
    options = CalendarOptions().knowing(notified(after, course), after)
    assert numbers(readers()["Sam Poe"](after, options, NOW)) == [("0", "CONFIRMED")]
    assert numbers(readers()["clinic"](after, options, NOW))[0] == ("1", "CONFIRMED")


def test_a_cancelled_visit_is_struck_as_it_was_last_with_each_of_its_stages() -> None:
    course = notified(schedule(at(1, 0, "Sam Poe", "chair 1")), COURSE)
    found = events(
        readers()["clinic"](schedule(), CalendarOptions().knowing(course, schedule()), NOW)
    )
    assert [(event["SUMMARY"], event["DTSTART"][-6:]) for event in found] == [
        (":infusion\\, p-017 (cancelled)", "090000"),
        (":consent\\, infusion\\, p-017 (cancelled)", "090000"),
        (":check-in\\, infusion\\, p-017 (cancelled)", "092000"),
        (":IV preparation\\, infusion\\, p-017 (cancelled)", "093500"),
        (":infusion\\, infusion\\, p-017 (cancelled)", "100500"),
        (":recovery\\, infusion\\, p-017 (cancelled)", "105000"),
    ]


def without_type(protocol: Protocol) -> Protocol:
    """Return the protocol as if its induction had been written anew under another name."""
    phases = (protocol.phases[0], attrs.evolve(protocol.phases[1], name="start"))
    return attrs.evolve(protocol, phases=phases)


@pytest.mark.parametrize("privacy", Privacy)
def test_a_visit_the_protocol_has_no_more_is_struck_all_the_same(privacy: Privacy) -> None:
    course = notified(schedule(at(1, 0, "Sam Poe", "chair 1")), COURSE)
    course = attrs.evolve(course, protocol=without_type(KINDS))
    options = attrs.evolve(CalendarOptions().knowing(course, schedule()), privacy=privacy)
    for reader in ("patient", "clinic", "Sam Poe"):
        raw = readers()[reader](schedule(), options, NOW)
        assert lint(raw) == []
        assert numbers(raw) == [("1", "CANCELLED")]


def test_a_visit_of_the_protocol_before_an_amendment_is_struck_with_all_it_had() -> None:
    course = notified(schedule(at(1, 0, "Sam Poe", "chair 1")), COURSE)
    course = course.after([Amended(protocol=without_type(KINDS), on=ON)])
    options = CalendarOptions().knowing(course, schedule())
    raw = readers()["clinic"](schedule(), options, NOW)
    assert numbers(raw) == [("1", "CANCELLED")] * 6


def test_notifications_read_from_a_file_have_offsets_and_entries_a_zone_all_the_same() -> None:
    course = notified(schedule(at(1, 0, "Sam Poe", "chair 1")), COURSE)
    [event] = course.events
    assert isinstance(event, Notified)
    moments = {f: getattr(event, f).astimezone(UTC) for f in ("start", "discharge", "discharge_by")}
    course = COURSE.after([attrs.evolve(event, **moments), Cancelled(visit=event.visit, on=ON)])
    raw = readers()["patient"](schedule(), CalendarOptions().knowing(course, schedule()), NOW)
    assert events(raw)[0]["DTSTART"] == "TZID=America/New_York:20270313T090000"


def test_options_of_another_course_are_refused() -> None:
    with pytest.raises(InvalidValue, match="course 'c-2': schedule must be its own"):
        CalendarOptions().knowing(attrs.evolve(COURSE, key="c-2"), schedule())


def test_an_escort_nobody_knows_is_refused_but_a_former_one_has_a_file() -> None:
    before, after = (schedule(at(2, 0, name, "chair 1")) for name in ("Max Foe", "Sam Poe"))
    course = notified(after, notified(before, COURSE))
    options = CalendarOptions().knowing(course, after)
    write = {"person": PERSON, "protocol": KINDS}
    assert numbers(written(after, escort_calendar, options, escort="Max Foe", **write))
    with pytest.raises(UnknownName, match="names 'Moe'; known: Sam Poe, Kim Loe, Lou Moe"):
        written(after, escort_calendar, options, escort="Moe", **write)


def test_what_was_told_is_found_again_in_the_course_alone() -> None:
    events_: tuple[Event, ...] = notified(schedule(at(1, 0, None, "chair 1")), COURSE).events
    assert last_notices(events_)["induction-1"].former == ()
