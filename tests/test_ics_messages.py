"""Invitations to escorts: who hears what when, and messages that mail programs understand."""

from __future__ import annotations

import email
import email.policy
from datetime import date, datetime, timedelta
from email.message import EmailMessage

import attrs
import pytest
from hypothesis import given, settings
from icalendar import Calendar

from ics_entries import unfolded, written
from ics_lint import lint
from protocol_sched.errors import InvalidValue
from protocol_sched.formats.ics.entries import CalendarOptions, Privacy, escort_calendar
from protocol_sched.formats.ics.messages import RideNotice, ride_notices
from protocol_sched.formats.ics.reading.replies import read_reply
from protocol_sched.model.availability import Clinic, Escort, Hours, Person
from protocol_sched.model.course import Confirmed, Course, Declined
from protocol_sched.model.notifying import notifications
from protocol_sched.model.schedule import Schedule, Visit
from readers import READERS, Reader
from samples import NEW_YORK, NOW, PROTOCOL, clinic, schedule, visit
from strategies import awkward_texts

ON = date(2027, 2, 20)
COURSE = Course(key="c-1", protocol=PROTOCOL)
FIRST = datetime(2027, 3, 15, 14, tzinfo=NEW_YORK)
CLINIC = attrs.evolve(clinic(), email="desk@harbourstreet.example")
PERSON = Person(
    key="p-017",
    name="Jane Roe",
    escorts=[
        Escort(name="Sam Poe", available=Hours(), email="sam@home.example"),
        Escort(name="Kim Loe", available=Hours(), email="kim@home.example"),
        Escort(name="Lou Moe", available=Hours(), phone="+1 555 0109"),
    ],
)


def ride(number: int = 1, hours: int = 0, escort: str | None = "Sam Poe") -> Visit:
    start = FIRST + timedelta(days=3 * (number - 1), hours=hours)
    made = visit(f"induction-{number}", start, ordinal=number, escort=escort)
    return made if escort else attrs.evolve(made, ride=None, waived=True)


def notified(course: Course, *visits: Visit) -> Course:
    return course.after(notifications(schedule(*visits), course, on=ON))


def notices(course: Course, *visits: Visit, clinic: Clinic = CLINIC) -> tuple[RideNotice, ...]:
    return ride_notices(schedule(*visits), clinic, PERSON, course, now=NOW)


def said(found: tuple[RideNotice, ...]) -> list[tuple[str, str, str]]:
    return [(one.method.value, one.escort, one.visit) for one in found]


def sequences(found: tuple[RideNotice, ...]) -> list[int]:
    return [Calendar.from_ical(one.calendar).events[0].sequence for one in found]


def test_every_escort_is_asked_once_with_a_message_for_each_ride() -> None:
    found = notices(COURSE, ride(1), ride(2, escort="Kim Loe"), ride(3))
    assert said(found) == [
        ("REQUEST", "Sam Poe", "induction-1"),
        ("REQUEST", "Kim Loe", "induction-2"),
        ("REQUEST", "Sam Poe", "induction-3"),
    ]
    placed = (ride(1), ride(2, escort="Kim Loe"), ride(3))
    assert notices(notified(COURSE, *placed), *placed) == ()


def test_a_move_asks_anew_and_another_driver_tells_the_old_one() -> None:
    course = notified(COURSE, ride(1), ride(2), ride(3))
    found = notices(course, ride(1), ride(2, hours=1), ride(3, escort="Kim Loe"))
    assert said(found) == [
        ("CANCEL", "Sam Poe", "induction-3"),
        ("REQUEST", "Sam Poe", "induction-2"),
        ("REQUEST", "Kim Loe", "induction-3"),
    ]
    assert sequences(found) == [1, 1, 1]


@pytest.mark.parametrize("after", [(), (ride(1, escort=None),)])
def test_a_visit_gone_or_waived_is_cancelled(after: tuple[Visit, ...]) -> None:
    found = notices(notified(COURSE, ride(1)), *after)
    assert said(found) == [("CANCEL", "Sam Poe", "induction-1")]
    assert sequences(found) == [1]


def test_back_and_forth_each_hears_what_concerns_them_with_rising_numbers() -> None:
    course, heard = COURSE, []
    for step in (ride(1), ride(1, escort="Kim Loe"), ride(1), None, ride(1, hours=1)):
        placed = () if step is None else (step,)
        found = notices(course, *placed)
        heard += [(n[1], n[0], s) for n, s in zip(said(found), sequences(found), strict=True)]
        course = notified(course, *placed)
    assert heard == [
        ("Sam Poe", "REQUEST", 0),
        ("Sam Poe", "CANCEL", 1),
        ("Kim Loe", "REQUEST", 1),
        ("Kim Loe", "CANCEL", 2),
        ("Sam Poe", "REQUEST", 2),
        ("Sam Poe", "CANCEL", 3),
        ("Sam Poe", "REQUEST", 4),
    ]


@pytest.mark.parametrize("answer", [Confirmed, Declined])
def test_an_answer_asks_nobody_anything(answer: type[Confirmed | Declined]) -> None:
    course = notified(COURSE, ride(1))
    course = course.after([answer(visit="induction-1", escort="Sam Poe", on=ON)])
    assert notices(course, ride(1)) == ()
    chair = attrs.evolve(ride(1), places=(("chair", "chair 4"),))
    assert notices(course, chair) == ()


def test_a_request_as_it_is_sent() -> None:
    [notice] = notices(COURSE, ride(1))
    zone = unfolded(notice.calendar)
    assert zone[: zone.index("BEGIN:VTIMEZONE")] == (
        "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Scheduler//Calendar//EN\nCALSCALE:GREGORIAN\n"
        "METHOD:REQUEST\n"
    )
    assert zone[zone.index("BEGIN:VEVENT") :] == (
        "BEGIN:VEVENT\n"
        "SUMMARY:Pick-up\n"
        "DTSTART;TZID=America/New_York:20270315T161500\n"
        "DTEND;TZID=America/New_York:20270315T190000\n"
        "DTSTAMP:20270101T123015Z\n"
        "UID:f7f730086fa329cf1b3691ced7cc0619@calendar.invalid\n"
        "SEQUENCE:0\n"
        'ATTENDEE;CN="Sam Poe";CUTYPE=INDIVIDUAL;PARTSTAT=NEEDS-ACTION;ROLE=REQ-PARTICIPANT;'
        "RSVP=TRUE:mailto:sam@home.example\n"
        "CLASS:PRIVATE\n"
        "DESCRIPTION:Ready between 16:30 and 16:45. Please be there at 16:30.\\n"
        "The calendar entry has 15 minutes more before and after\\, to park and wait.\\n"
        "Please stay for 2 hours after that.\\nPhone: +1 555 0100\n"
        "LAST-MODIFIED:20270101T123015Z\n"
        "LOCATION:Suite 100\\, 1 Main St\n"
        "ORGANIZER:mailto:desk@harbourstreet.example\n"
        "STATUS:CONFIRMED\n"
        "TRANSP:OPAQUE\n"
        "BEGIN:VALARM\n"
        "ACTION:DISPLAY\n"
        "DESCRIPTION:Pick-up in 2 hours.\n"
        "TRIGGER:-PT2H\n"
        "UID:f7f730086fa329cf1b3691ced7cc0619-1@calendar.invalid\n"
        "END:VALARM\n"
        "END:VEVENT\n"
        "END:VCALENDAR\n"
    )
    assert notice.text == (
        "Pick-up on Mon 15 Mar 2027, between 16:30 and 16:45.\n"
        "Where: Suite 100, 1 Main St\n"
        "Ready between 16:30 and 16:45. Please be there at 16:30.\n"
        "The calendar entry has 15 minutes more before and after, to park and wait.\n"
        "Please stay for 2 hours after that.\n"
        "Phone: +1 555 0100\n"
        "\n"
        "Please answer yes or no, with your calendar's buttons or by replying to this message.\n"
    )


def parsed(message: EmailMessage) -> EmailMessage:
    """Return a message as a mail program gets it."""
    read = email.message_from_bytes(message.as_bytes(), policy=email.policy.default)
    assert isinstance(read, EmailMessage)
    assert not read.defects
    return read


def test_a_message_names_its_method_in_the_part_and_arrives_byte_for_byte() -> None:
    [notice] = notices(notified(COURSE, ride(1)))
    message = parsed(notice.email())
    assert message["From"] == "desk@harbourstreet.example"
    assert message["To"] == "sam@home.example"
    assert message["Subject"] == "Cancelled: pick-up on Mon 15 Mar 2027"
    assert message["Date"] == "Fri, 01 Jan 2027 12:30:15 +0000"
    assert message.get_content_type() == "multipart/alternative"
    text, calendar = message.iter_parts()
    assert text.get_content().replace("\r\n", "\n") == (
        "Pick-up on Mon 15 Mar 2027, between 16:30 and 16:45.\nWhere: Suite 100, 1 Main St\n\n"
        "You are not needed for this ride.\n"
    )
    assert calendar.get_content_type() == "text/calendar"
    assert dict(calendar["Content-Type"].params) == {
        "charset": "utf-8",
        "method": "CANCEL",
        "component": "VEVENT",
    }
    assert calendar.get_payload(decode=True) == notice.calendar
    assert notice.email().as_bytes() == notice.email().as_bytes()


def test_a_cancel_names_the_one_it_is_for_and_rings_nowhere() -> None:
    [notice] = notices(notified(COURSE, ride(1)))
    read = Calendar.from_ical(notice.calendar)
    [event] = read.events
    assert read["METHOD"] == "CANCEL"
    assert (event["STATUS"], event["ATTENDEE"]) == ("CANCELLED", "mailto:sam@home.example")
    assert event["ORGANIZER"] == "mailto:desk@harbourstreet.example"
    assert event.walk("VALARM") == []


def answered(request: RideNotice, partstat: str) -> bytes:
    """Return what a calendar program answers to a message, some minutes later."""
    text = request.email().get_payload(1).get_payload(decode=True).decode()  # type: ignore[union-attr]
    text = text.replace("METHOD:REQUEST", "METHOD:REPLY").replace("T123015Z", "T124500Z")
    return text.replace("PARTSTAT=NEEDS-ACTION", f"PARTSTAT={partstat}").encode()


@pytest.mark.parametrize(
    ("partstat", "status"), [("ACCEPTED", "CONFIRMED"), ("DECLINED", "CANCELLED")]
)
def test_the_answer_to_a_message_reaches_the_escorts_file(partstat: str, status: str) -> None:
    [request] = notices(COURSE, ride(1))
    course = notified(COURSE, ride(1))
    reply = read_reply(answered(request, partstat), course, PERSON)
    assert reply.event is not None, reply.reason
    course = course.after([reply.event])
    options = CalendarOptions().knowing(course, schedule(ride(1)))
    raw = written(schedule(ride(1)), escort_calendar, options, person=PERSON)
    assert [event["STATUS"] for event in Calendar.from_ical(raw).events] == [status]
    # After a move the old answer counts for nothing, and the new message asks anew.
    [again] = notices(course, ride(1, hours=1))
    moved = notified(course, ride(1, hours=1))
    assert read_reply(answered(request, partstat), moved, PERSON).event is None
    assert read_reply(answered(again, partstat), moved, PERSON).event is not None


@pytest.mark.parametrize(
    ("answer", "partstat"),
    [(None, "NEEDS-ACTION"), (Confirmed, "ACCEPTED"), (Declined, "NEEDS-ACTION")],
)
def test_an_escort_is_asked_once_more_with_the_same_number(
    answer: type[Confirmed | Declined] | None, partstat: str
) -> None:
    course = notified(COURSE, ride(1), ride(2))
    if answer is not None:
        course = course.after([answer(visit="induction-1", escort="Sam Poe", on=ON)])
    of = schedule(ride(1), ride(2))
    [notice] = ride_notices(of, CLINIC, PERSON, course, now=NOW, again=["induction-1"])
    assert (notice.visit, sequences((notice,))) == ("induction-1", [0])
    [event] = Calendar.from_ical(notice.calendar).events
    assert event["ATTENDEE"].params["PARTSTAT"] == partstat
    assert event["STATUS"] == "CONFIRMED"


def test_an_escort_without_an_address_must_be_called() -> None:
    [notice] = notices(COURSE, ride(1, escort="Lou Moe"))
    assert (notice.to, notice.escort) == ("", "Lou Moe")
    assert notice.text.startswith("Pick-up on Mon 15 Mar 2027, between 16:30 and 16:45.")
    with pytest.raises(InvalidValue) as caught:
        notice.email()
    assert str(caught.value) == (
        "escort 'Lou Moe': email must be an e-mail address such as sam@example.org, got ''"
    )


def test_an_escort_without_an_address_is_told_of_no_buttons() -> None:
    (notice,) = notices(COURSE, ride(escort="Lou Moe"))
    assert notice.text.endswith("\n\nPlease tell the clinic yes or no.\n")


def test_an_address_that_is_none_is_refused_when_the_message_is_made() -> None:
    odd = Escort(name="Sam Poe", available=Hours(), email="sam@home.example\nBcc: x@y.example")
    person = attrs.evolve(PERSON, escorts=[odd])
    [notice] = ride_notices(schedule(ride(1)), CLINIC, person, COURSE, now=NOW)
    assert b"x@y" not in notice.calendar
    with pytest.raises(InvalidValue, match="escort 'Sam Poe': email must be an e-mail address"):
        notice.email()


@pytest.mark.parametrize("read", READERS)
def test_readers_take_a_request_and_a_cancel(read: Reader) -> None:
    [request] = notices(COURSE, ride(1))
    [cancel] = notices(notified(COURSE, ride(1)))
    found = [read(one.calendar) for one in (request, cancel)]
    assert [(entry.summary, entry.status) for [entry] in found] == [
        ("Pick-up", "CONFIRMED"),
        ("Pick-up (cancelled)", "CANCELLED"),
    ]
    assert len({(entry.uid, entry.start, entry.end) for [entry] in found}) == 1


def test_answers_need_an_address_that_tells_nothing() -> None:
    with pytest.raises(InvalidValue, match="organizer must be an e-mail address for answers"):
        notices(COURSE, ride(1), clinic=clinic())
    with pytest.raises(InvalidValue, match=r"free of medical words.*'ketamin'"):
        notices(COURSE, ride(1), clinic=attrs.evolve(clinic(), email="a@ketamine.example"))
    options = CalendarOptions(organizer="rides@harbour.example")
    [notice] = ride_notices(schedule(ride(1)), clinic(), PERSON, COURSE, now=NOW, options=options)
    assert notice.sender == "rides@harbour.example"


@settings(max_examples=40, deadline=None)
@given(name=awkward_texts(), address=awkward_texts())
def test_no_text_breaks_a_message(name: str, address: str) -> None:
    escorts = [Escort(name=name + "x", available=Hours(), email="sam@home.example")]
    person = attrs.evolve(PERSON, escorts=escorts)
    place = attrs.evolve(CLINIC, address=address, phone=address, name=name)
    for privacy in Privacy:
        of: Schedule = schedule(ride(1, escort=name + "x"))
        options = CalendarOptions(privacy=privacy)
        [notice] = ride_notices(of, place, person, COURSE, now=NOW, options=options)
        assert lint(notice.calendar) == []
        assert len(Calendar.from_ical(notice.calendar).events) == 1
        message = parsed(notice.email())
        assert sorted(message.keys()) == sorted(
            ["From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type"]
        )
        [_, calendar] = message.iter_parts()
        assert calendar.get_payload(decode=True) == notice.calendar
