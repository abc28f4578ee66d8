"""Answers to a request for a ride home: what counts, what does not, and why."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from zoneinfo import ZoneInfo

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar, Event, vCalAddress

from protocol_sched.errors import InvalidDocument
from protocol_sched.formats.ics.messages import RideNotice, ride_notices
from protocol_sched.formats.ics.reading.lines import Limits
from protocol_sched.formats.ics.reading.replies import Outcome, Reply, read_reply
from protocol_sched.formats.ics.uids import ride_uid
from protocol_sched.model.course import Cancelled, Confirmed, Course, Declined, Given, Notified
from protocol_sched.model.course import Event as CourseEvent
from protocol_sched.model.last_notice import last_notices
from protocol_sched.model.notifying import notifications
from protocol_sched.model.schedule import Ride, Schedule
from samples import PERSON, PROTOCOL, clinic, course_schedule, visit
from test_ics_busy import mutations

NEW_YORK = ZoneInfo("America/New_York")
SAM, KIM = PERSON.escorts
ESCORTS = (attrs.evolve(SAM, email="sam@home.example"), attrs.evolve(KIM, email="kim@work.example"))
WHO = attrs.evolve(PERSON, escorts=ESCORTS)
UID = ride_uid("c-1", "induction-1", "calendar.example")


def notified(day: int = 12, escort: str | None = "Sam Poe", on: int = 1) -> Notified:
    start = datetime(2027, 3, day, 9, tzinfo=NEW_YORK)
    return Notified(
        visit="induction-1",
        on=date(2027, 3, on),
        start=start,
        discharge=start + timedelta(hours=3),
        discharge_by=start + timedelta(hours=4),
        escort=escort,
    )


def course(*events: CourseEvent) -> Course:
    return Course(key="c-1", protocol=PROTOCOL, events=events or (notified(),))


def at(day: int, hour: int = 12) -> datetime:
    return datetime(2027, 3, day, hour, tzinfo=UTC)


def answer(
    partstat: str = "ACCEPTED",
    *lines: str,
    stamp: str = "20270302T120000Z",
    who: str = "mailto:sam@home.example",
    method: str = "REPLY",
    uid: str = UID,
) -> str:
    """Return an answer in its plainest form."""
    return "\r\n".join(
        [
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            f"METHOD:{method}",
            "BEGIN:VEVENT",
            f"UID:{uid}",
            *([f"DTSTAMP:{stamp}"] if stamp else []),
            "DTSTART:20270312T164500Z",
            "DTEND:20270312T181500Z",
            f"ATTENDEE;PARTSTAT={partstat}:{who}",
            *lines,
            "END:VEVENT",
            "END:VCALENDAR",
            "",
        ]
    )


def outcome(reply: Reply) -> tuple[Outcome, str]:
    return reply.outcome, reply.reason


# --- what the answer says --------------------------------------------------------------------


def test_a_yes_confirms_the_ride() -> None:
    reply = read_reply(answer(), course(), WHO)
    yes = Confirmed(visit="induction-1", escort="Sam Poe", on=date(2027, 3, 2), at=at(2))
    assert reply == Reply(
        outcome=Outcome.CONFIRMED,
        reason="Sam Poe takes the person home.",
        event=yes,
        visit="induction-1",
        escort="Sam Poe",
        address="sam@home.example",
        at=at(2),
    )
    after = course().after([yes])
    assert last_notices(after.events)["induction-1"].ride is Ride.CONFIRMED


def test_a_no_declines_it_on_the_date_at_the_clinic() -> None:
    reply = read_reply(answer("declined", stamp="20270303T030000Z"), course(), WHO)
    assert reply.event == Declined(
        visit="induction-1", escort="Sam Poe", on=date(2027, 3, 2), at=at(3, 3)
    )
    assert outcome(reply) == (Outcome.DECLINED, "Sam Poe does not take the person home.")


def test_a_delegation_declines_and_names_the_delegate() -> None:
    lines = ['ATTENDEE;DELEGATED-FROM="mailto:sam@home.example":mailto:kim@work.example']
    text = answer('DELEGATED;DELEGATED-TO="mailto:Kim@work.example"', *lines)
    reply = read_reply(text, course(), WHO)
    assert isinstance(reply.event, Declined)
    assert reply.delegate == "kim@work.example"
    reason = "Sam Poe does not take the person home and named kim@work.example."
    assert outcome(reply) == (Outcome.DELEGATED, reason)


@pytest.mark.parametrize("said", ["TENTATIVE", "NEEDS-ACTION", "X-MAYBE"])
def test_what_is_no_yes_and_no_no_decides_nothing(said: str) -> None:
    reply = read_reply(answer(said), course(), WHO)
    reason = f"Sam Poe answered {said}; the ride stays unconfirmed: ask them."
    assert (reply.event, *outcome(reply)) == (None, Outcome.UNDECIDED, reason)


def test_no_partstat_decides_nothing() -> None:
    text = answer().replace(";PARTSTAT=ACCEPTED", "")
    assert read_reply(text, course(), WHO).outcome is Outcome.UNDECIDED


def test_a_counter_is_for_a_person_to_look_at() -> None:
    reply = read_reply(answer("TENTATIVE", method="COUNTER"), course(), WHO)
    assert reply.proposed == (at(12, 16).replace(minute=45), at(12, 18).replace(minute=15))
    assert (reply.event, reply.outcome) == (None, Outcome.COUNTERED)


def test_a_refresh_asks_for_the_request_again() -> None:
    reply = read_reply(answer("NEEDS-ACTION", method="REFRESH", stamp=""), course(), WHO)
    assert outcome(reply) == (Outcome.ASKED_AGAIN, "Sam Poe wants the request once more.")


def test_comment_and_who_answered_for_them_are_kept() -> None:
    text = answer('ACCEPTED;SENT-BY="mailto:Office@work.example"', "COMMENT:Late\\, sorry\\nSam")
    reply = read_reply(text, course(), WHO)
    assert (reply.sent_by, reply.comment) == ("office@work.example", "Late, sorry\nSam")


# --- what does not count ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected", "reason"),
    [
        (
            answer(who="mailto:eve@evil.example"),
            Outcome.STRANGER,
            "The answer is of eve@evil.example, who was not asked.",
        ),
        (
            answer(who="MAILTO:KIM@work.example"),
            Outcome.STRANGER,
            "Kim Loe was not asked for this ride; Sam Poe was.",
        ),
        (
            answer(uid="somebody-elses@example"),
            Outcome.NO_RIDE,
            "UID 'somebody-elses@example' is of no ride of course 'c-1'.",
        ),
        (
            answer(method="REQUEST"),
            Outcome.NO_ANSWER,
            "It has METHOD:REQUEST, which answers nothing.",
        ),
        (
            answer().replace("METHOD:REPLY\r\n", ""),
            Outcome.NO_ANSWER,
            "It has no METHOD, which answers nothing.",
        ),
        (
            answer("ACCEPTED", "ATTENDEE;PARTSTAT=DECLINED:mailto:kim@work.example"),
            Outcome.UNCLEAR,
            "It names 2 attendees; an answer is one person's.",
        ),
        (
            answer("ACCEPTED", "SEQUENCE:1"),
            Outcome.UNCLEAR,
            "It answers SEQUENCE 1; the ride was asked for up to 0 only.",
        ),
        (
            answer(stamp=""),
            Outcome.UNCLEAR,
            "It has no DTSTAMP, so nobody can say which answer is the last.",
        ),
        (
            answer("ACCEPTED", "RECURRENCE-ID:20270312T164500Z"),
            Outcome.UNCLEAR,
            "It is about one of several times; a ride has one.",
        ),
        (
            answer("ACCEPTED", "END:VEVENT", "BEGIN:VEVENT", "UID:x", "DTSTART:20270312T164500Z"),
            Outcome.UNCLEAR,
            "It answers 2 entries; a ride is one.",
        ),
        (
            "BEGIN:VCALENDAR\nMETHOD:REPLY\nEND:VCALENDAR",
            Outcome.NO_ANSWER,
            "It holds no entry.",
        ),
    ],
)  # fmt: skip
def test_what_does_not_count_says_why(text: str, expected: Outcome, reason: str) -> None:
    reply = read_reply(text, course(), WHO)
    assert (reply.event, *outcome(reply)) == (None, expected, reason)


def test_an_answer_to_the_ride_before_it_moved_is_outdated() -> None:
    moved = course(notified(), notified(day=15, on=3))
    reason = "It answers SEQUENCE 0; the ride was last asked for with 1."
    assert outcome(read_reply(answer(), moved, WHO)) == (Outcome.OUTDATED, reason)
    now = read_reply(answer("ACCEPTED", "SEQUENCE:1"), moved, WHO)
    assert now.outcome is Outcome.CONFIRMED


def test_an_old_yes_confirms_nothing_for_the_next_escort() -> None:
    other = course(notified(), notified(escort="Kim Loe", on=3))
    reply = read_reply(answer("ACCEPTED", "SEQUENCE:1"), other, WHO)
    reason = "Sam Poe is not asked for this ride any more; Kim Loe is."
    assert (reply.event, *outcome(reply)) == (None, Outcome.STRANGER, reason)


def test_another_chair_at_the_same_time_asks_nobody_anew() -> None:
    moved = course(notified(), attrs.evolve(notified(on=3), places=(("chair", "chair 3"),)))
    assert read_reply(answer(), moved, WHO).outcome is Outcome.CONFIRMED


def answered(request: bytes, said: str, stamp: datetime) -> bytes:
    """Return the request answered as RFC 5546 has it, by the library icalendar."""
    calendar = Calendar.from_ical(request)
    calendar["METHOD"] = "REPLY"
    (event,) = calendar.walk("VEVENT")
    event["ATTENDEE"].params["PARTSTAT"] = said
    event.DTSTAMP = stamp
    return bytes(calendar.to_ical())


def test_an_answer_to_our_own_request_goes_all_the_way() -> None:
    def noticed(now: Course, plan: Schedule, day: int) -> tuple[Course, list[RideNotice]]:
        office = attrs.evolve(clinic(), email="desk@calendar.example")
        sent = ride_notices(plan, office, WHO, now, now=at(day))
        return now.after(notifications(plan, now, on=date(2027, 3, day))), [*sent]

    plan = course_schedule()
    start = Course(key="c-1", protocol=PROTOCOL)
    asked, notices = noticed(start, plan, 1)
    assert [(one.method.value, one.visit) for one in notices] == [
        ("REQUEST", "induction-1"),
        ("REQUEST", "induction-2"),
    ]
    request = b""
    for notice in notices:
        mail_ = notice.email()
        request = notice.calendar
        reply = read_reply(answered(request, "ACCEPTED", at(2)), asked, WHO)
        assert (reply.outcome, reply.visit) == (Outcome.CONFIRMED, notice.visit)
        assert reply.event is not None
        asked = asked.after([reply.event])
        # The request itself is no answer.
        assert read_reply(mail_, asked, WHO).outcome is Outcome.NO_ANSWER
    first, second, third = plan.visits
    later = visit(third.id, at(16, 13).astimezone(NEW_YORK), ordinal=2)
    moved = attrs.evolve(plan, visits=(first, second, later))
    again, notices = noticed(asked, moved, 3)
    assert [(one.method.value, one.visit) for one in notices] == [("REQUEST", third.id)]
    old = answered(request, "ACCEPTED", at(4))
    assert read_reply(old, again, WHO).outcome is Outcome.OUTDATED
    reply = read_reply(answered(notices[0].calendar, "DECLINED", at(4)), again, WHO)
    assert (reply.outcome, reply.escort) == (Outcome.DECLINED, "Sam Poe")


@pytest.mark.parametrize(
    ("events", "reason"),
    [
        ([notified(), Cancelled(visit="induction-1", on=date(2027, 3, 2))],
         "The visit no longer takes place."),
        ([notified(), Given(visit="induction-1", on=date(2027, 3, 12))],
         "The visit has taken place."),
        ([notified(escort=None)], "The visit needs no ride home."),
    ],
)  # fmt: skip
def test_a_ride_nobody_is_asked_for_takes_no_answer(events: list[CourseEvent], reason: str) -> None:
    reply = read_reply(answer("ACCEPTED", "SEQUENCE:1"), course(*events), WHO)
    assert (reply.event, *outcome(reply)) == (None, Outcome.NOT_ASKED, reason)


def test_answers_count_by_when_they_were_given_not_by_when_they_come() -> None:
    yes, no = answer(stamp="20270302T120000Z"), answer("DECLINED", stamp="20270302T120001Z")
    for first, second in ((yes, no), (no, yes)):
        now = course()
        for text in (first, second, first, second):
            event = read_reply(text, now, WHO).event
            now = now.after([event] if event else [])
        assert last_notices(now.events)["induction-1"].ride is Ride.DECLINED


@pytest.mark.parametrize("said", ["ACCEPTED", "DECLINED"])
def test_a_second_answer_of_the_same_second_is_not_newer(said: str) -> None:
    first = read_reply(answer(), course(), WHO).event
    assert first is not None
    again = read_reply(answer(said), course().after([first]), WHO)
    reason = "It is as old as the answer of 2027-03-02 12:00:00 UTC."
    assert (again.event, *outcome(again)) == (None, Outcome.NOT_NEWER, reason)


def test_an_answer_recorded_by_hand_is_newer_than_mail_of_the_day_before() -> None:
    by_phone = Confirmed(visit="induction-1", escort="Sam Poe", on=date(2027, 3, 3))
    now = course().after([by_phone])
    assert read_reply(answer("DECLINED"), now, WHO).outcome is Outcome.NOT_NEWER
    later = answer("DECLINED", stamp="20270303T150000Z")
    assert read_reply(later, now, WHO).outcome is Outcome.DECLINED


def test_no_answer_counts_while_the_escort_has_no_address() -> None:
    reply = read_reply(answer(), course(), PERSON)
    reason = "No address of Sam Poe is known, so no answer can be theirs."
    assert outcome(reply) == (Outcome.STRANGER, reason)


# --- the shapes of real programs -------------------------------------------------------------

OUTLOOK = f"""\
BEGIN:VCALENDAR\r
PRODID:-//Microsoft Corporation//Outlook 16.0 MIMEDIR//EN\r
VERSION:2.0\r
METHOD:REPLY\r
X-MS-OLK-FORCEINSPECTOROPEN:TRUE\r
BEGIN:VTIMEZONE\r
TZID:Eastern Standard Time\r
BEGIN:STANDARD\r
DTSTART:16011104T020000\r
RRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=11\r
TZOFFSETFROM:-0400\r
TZOFFSETTO:-0500\r
END:STANDARD\r
BEGIN:DAYLIGHT\r
DTSTART:16010311T020000\r
RRULE:FREQ=YEARLY;BYDAY=2SU;BYMONTH=3\r
TZOFFSETFROM:-0500\r
TZOFFSETTO:-0400\r
END:DAYLIGHT\r
END:VTIMEZONE\r
BEGIN:VEVENT\r
ATTENDEE;PARTSTAT=ACCEPTED;CN="Sam Poe":mailto:Sam@Home.Example\r
CLASS:PUBLIC\r
CREATED:20270302T115900Z\r
DTEND;TZID="Eastern Standard Time":20270312T131500\r
DTSTAMP:20270302T120000Z\r
DTSTART;TZID="Eastern Standard Time":20270312T114500\r
LAST-MODIFIED:20270302T120000Z\r
PRIORITY:5\r
SEQUENCE:0\r
SUMMARY;LANGUAGE=en-us:Accepted: Pick-up\r
TRANSP:OPAQUE\r
UID:{UID}\r
X-MICROSOFT-CDO-BUSYSTATUS:BUSY\r
END:VEVENT\r
END:VCALENDAR\r
"""
GOOGLE = f"""\
BEGIN:VCALENDAR\r
PRODID:-//Google Inc//Google Calendar 70.9054//EN\r
VERSION:2.0\r
CALSCALE:GREGORIAN\r
METHOD:REPLY\r
BEGIN:VEVENT\r
DTSTART:20270312T164500Z\r
DTEND:20270312T181500Z\r
DTSTAMP:20270302T120000Z\r
ORGANIZER;CN=Desk:mailto:desk@clinic.example\r
UID:{UID}\r
ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;CN=Sam Po\r
 e;X-NUM-GUESTS=0:mailto:sam@home.example\r
CREATED:20270301T090000Z\r
DESCRIPTION:Ready at 12:00.\r
LAST-MODIFIED:20270302T120000Z\r
LOCATION:1 Main St\r
SEQUENCE:0\r
STATUS:CONFIRMED\r
SUMMARY:Pick-up\r
TRANSP:OPAQUE\r
END:VEVENT\r
END:VCALENDAR\r
"""
APPLE = f"""\
BEGIN:VCALENDAR\r
CALSCALE:GREGORIAN\r
METHOD:REPLY\r
PRODID:-//Apple Inc.//iOS 18.1//EN\r
VERSION:2.0\r
BEGIN:VEVENT\r
ATTENDEE;CN="Sam Poe";CUTYPE=INDIVIDUAL;EMAIL="sam@home.example";PARTSTAT=AC\r
 CEPTED:/aMTI0MzA/principal/\r
DTEND;TZID=America/New_York:20270312T131500\r
DTSTAMP:20270302T120000Z\r
DTSTART;TZID=America/New_York:20270312T114500\r
ORGANIZER;CN="Desk":mailto:desk@clinic.example\r
REQUEST-STATUS:2.0;Success\r
SEQUENCE:0\r
SUMMARY:Pick-up\r
UID:{UID}\r
END:VEVENT\r
END:VCALENDAR\r
"""
KDE = f"""\
BEGIN:VCALENDAR\r
PRODID:-//K Desktop Environment//NONSGML libkcal 4.3//EN\r
VERSION:2.0\r
X-KDE-ICAL-IMPLEMENTATION-VERSION:1.0\r
METHOD:REPLY\r
BEGIN:VEVENT\r
ORGANIZER;CN=Desk:MAILTO:desk@clinic.example\r
DTSTAMP:20270302T120000Z\r
ATTENDEE;CN=Sam Poe;RSVP=FALSE;PARTSTAT=ACCEPTED;ROLE=REQ-PARTICIPANT;CUTY\r
 PE=INDIVIDUAL:MAILTO:sam@home.example\r
CREATED:20270302T120000Z\r
UID:{UID}\r
LAST-MODIFIED:20270302T120000Z\r
SUMMARY:Pick-up\r
DTSTART:20270312T164500Z\r
DTEND:20270312T181500Z\r
BEGIN:VALARM\r
DESCRIPTION:Pick-up in 2 hours.\r
ACTION:DISPLAY\r
TRIGGER;VALUE=DURATION:-PT2H\r
END:VALARM\r
END:VEVENT\r
END:VCALENDAR\r
"""
LONG = ", who lives around the corner" * 5
GNUS = f"""\
BEGIN:VCALENDAR
PRODID:Gnus
VERSION:2.0
METHOD:REPLY
BEGIN:VEVENT
DTSTART;TZID=America/New_York:20270312T114500
DTEND;TZID=America/New_York:20270312T131500
ORGANIZER;CN=Desk:mailto:desk@clinic.example
UID:{UID}
SEQUENCE:0
DTSTAMP:20270302T120000Z
ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;CN="Sam Poe{LONG}":mailto:sam@home.example
SUMMARY:Accepted: Pick-up
END:VEVENT
END:VCALENDAR
"""
EXCHANGE = f"""\
BEGIN:VCALENDAR\r
METHOD:REPLY\r
PRODID:Microsoft Exchange Server 2010\r
VERSION:2.0\r
BEGIN:VTIMEZONE\r
TZID:Eastern Standard Time\r
BEGIN:STANDARD\r
DTSTART:00010101T000000\r
TZOFFSETFROM:-0500\r
TZOFFSETTO:-0500\r
END:STANDARD\r
BEGIN:DAYLIGHT\r
DTSTART:00010101T000000\r
TZOFFSETFROM:-0500\r
TZOFFSETTO:-0500\r
END:DAYLIGHT\r
END:VTIMEZONE\r
BEGIN:VEVENT\r
ATTENDEE;PARTSTAT=ACCEPTED;CN=Sam Poe:MAILTO:sam@home.example\r
COMMENT;LANGUAGE=en-US:\\n\r
UID:{UID}\r
SUMMARY;LANGUAGE=en-US:Accepted: Pick-up\r
DTSTART;TZID=Eastern Standard Time:20270312T114500\r
DTEND;TZID=Eastern Standard Time:20270312T131500\r
CLASS:PUBLIC\r
PRIORITY:5\r
DTSTAMP:20270302T120000Z\r
TRANSP:OPAQUE\r
STATUS:CONFIRMED\r
SEQUENCE:0\r
X-MICROSOFT-CDO-APPT-SEQUENCE:0\r
END:VEVENT\r
END:VCALENDAR\r
"""
SHAPES = {
    "Outlook": OUTLOOK,
    "Google": GOOGLE,
    "Apple": APPLE,
    "KDE": KDE,
    "Gnus": GNUS,
    "Exchange": EXCHANGE,
}


@pytest.mark.parametrize("program", SHAPES)
@pytest.mark.parametrize(
    ("said", "expected"), [("ACCEPTED", Outcome.CONFIRMED), ("DECLINED", Outcome.DECLINED)]
)
def test_every_programs_answer_counts(program: str, said: str, expected: Outcome) -> None:
    text = SHAPES[program].replace("AC\r\n CEPTED", "ACCEPTED").replace("ACCEPTED", said)
    reply = read_reply(text, course(), WHO)
    assert (reply.outcome, reply.at, reply.address) == (expected, at(2), "sam@home.example")


def test_an_answer_written_by_icalendar_counts() -> None:
    who = vCalAddress.new("sam@home.example", partstat="ACCEPTED")
    event = Event.new(uid=UID, stamp=at(2), start=at(12), attendees=[who])
    calendar = Calendar.new(prodid="-//x//EN", method="REPLY", subcomponents=[event])
    assert read_reply(calendar.to_ical(), course(), WHO).outcome is Outcome.CONFIRMED


# --- times that cannot be --------------------------------------------------------------------


@pytest.mark.parametrize("stamp", ["20990101T000000Z", "20270312T180001Z"])
def test_an_answer_from_after_the_ride_is_unclear_and_locks_no_later_one_out(stamp: str) -> None:
    said = datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").strftime("%Y-%m-%d %H:%M:%S")  # noqa: DTZ007
    future = read_reply(answer(stamp=stamp), course(), WHO)
    assert (*outcome(future), future.event) == (
        Outcome.UNCLEAR,
        f"It says it was given on {said} UTC, after the ride: the clock it was written by must be "
        "wrong. Ask again.",
        None,
    )
    no = read_reply(answer("DECLINED", stamp="20270302T130000Z"), course(), WHO)
    assert no.outcome is Outcome.DECLINED


@pytest.mark.parametrize(("hour", "counts"), [(13, False), (12, True)])
def test_an_answer_from_more_than_a_day_after_it_arrived_is_unclear(
    hour: int, counts: bool
) -> None:
    text = answer(stamp=f"20270303T{hour}0000Z")
    reply = read_reply(text, course(), WHO, now=at(2))
    assert (reply.outcome is Outcome.CONFIRMED) is counts
    assert read_reply(text, course(), WHO).outcome is Outcome.CONFIRMED


@pytest.mark.parametrize("exact", [True, False])
def test_a_recorded_answer_from_after_the_ride_locks_no_later_one_out(exact: bool) -> None:
    on = date(2098, 12, 31)
    wrong = Confirmed(
        visit="induction-1",
        escort="Sam Poe",
        on=on,
        at=datetime(2099, 1, 1, tzinfo=UTC) if exact else None,
    )
    there = course(notified(), wrong)
    no = read_reply(answer("DECLINED", stamp="20270302T130000Z"), there, WHO)
    assert no.outcome is Outcome.DECLINED
    assert no.event is not None
    assert last_notices(there.after([no.event]))["induction-1"].ride is Ride.DECLINED


# --- several at once -------------------------------------------------------------------------


def test_of_several_answers_in_one_file_the_latest_decides_and_that_is_said() -> None:
    yes = answer(stamp="20270302T120000Z")
    no = answer("DECLINED", stamp="20270302T130000Z")
    for text in (yes + no, no + yes):
        assert outcome(read_reply(text, course(), WHO)) == (
            Outcome.DECLINED,
            "Sam Poe does not take the person home. Of 2 answers in it the latest decides.",
        )


def test_answers_that_differ_and_are_as_late_are_unclear() -> None:
    assert outcome(read_reply(answer() + answer("DECLINED"), course(), WHO)) == (
        Outcome.UNCLEAR,
        "It holds 2 answers that differ, and none is the latest.",
    )
    assert read_reply(answer() + answer(), course(), WHO).outcome is Outcome.CONFIRMED


def test_answers_about_two_rides_in_one_file_are_unclear() -> None:
    other = ride_uid("c-1", "induction-2", "calendar.example")
    reply = read_reply(answer() + answer(uid=other), course(), WHO)
    assert outcome(reply) == (Outcome.UNCLEAR, "It answers 2 entries; a ride is one.")


def test_a_quoted_request_does_not_hide_the_answer_and_is_told() -> None:
    request = answer("NEEDS-ACTION", method="REQUEST")
    said = (
        Outcome.CONFIRMED,
        "Sam Poe takes the person home. The mail holds another calendar, which answers nothing.",
    )
    for text in (request + answer(), answer() + request):
        assert outcome(read_reply(text, course(), WHO)) == said
    message = EmailMessage()
    message.set_content("Yes. You wrote:")
    for text, method in ((request, "REQUEST"), (answer(), "REPLY")):
        message.add_attachment(
            text.encode(), maintype="text", subtype="calendar", params={"method": method}
        )
    assert outcome(read_reply(message, course(), WHO)) == said


def test_an_answer_that_says_yes_and_no_is_unclear() -> None:
    text = answer().replace("PARTSTAT=ACCEPTED", "PARTSTAT=ACCEPTED;PARTSTAT=DECLINED")
    assert outcome(read_reply(text, course(), WHO)) == (
        Outcome.UNCLEAR,
        "It says ACCEPTED and DECLINED at once: ask Sam Poe.",
    )


@pytest.mark.parametrize("line", ["SEQUENCE:", "SUMMARY:caf\udce9", 'X-A;B="c:d'])
def test_what_cannot_change_an_answer_is_passed_over(line: str) -> None:
    file = answer("ACCEPTED", line).encode("utf-8", "surrogateescape")
    assert read_reply(file, course(), WHO).outcome is Outcome.CONFIRMED


def test_a_parameter_with_a_space_before_its_value_is_read() -> None:
    text = answer().replace(";PARTSTAT", ';SENT-BY= "mailto:o@x.example";PARTSTAT')
    reply = read_reply(text, course(), WHO)
    assert (reply.outcome, reply.sent_by) == (Outcome.CONFIRMED, "o@x.example")


def test_a_counter_whose_times_cannot_be_read_is_a_counter_all_the_same() -> None:
    times = "DTSTART;TZID=Customized Time Zone:20270312T164500"
    text = answer(method="COUNTER").replace("DTSTART:20270312T164500Z", times)
    reply = read_reply(text, course(), WHO)
    assert (reply.outcome, reply.proposed) == (Outcome.COUNTERED, None)
    assert [fault.path for fault in reply.passed] == ["line 7"]


# --- mail ------------------------------------------------------------------------------------


def mail(text: str, encoding: str = "base64", kind: str = "calendar") -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Sam <sam@home.example>"
    message["Subject"] = "Accepted: Pick-up"
    message.set_content("Sam has accepted.")
    message.add_alternative("<p>Sam has accepted.", subtype="html")
    message.add_alternative(
        text.encode(), maintype="text", subtype=kind, cte=encoding, params={"method": "REPLY"}
    )
    return message


@pytest.mark.parametrize("encoding", ["base64", "quoted-printable", "8bit"])
def test_an_answer_is_found_in_its_mail(encoding: str) -> None:
    message = mail(answer(), encoding)
    for form in (message, message.as_bytes(), message.as_string()):
        assert read_reply(form, course(), WHO).outcome is Outcome.CONFIRMED


def test_the_mail_may_name_the_method_and_the_charset() -> None:
    message = EmailMessage()
    text = answer("ACCEPTED", "COMMENT:Grüße").replace("METHOD:REPLY\r\n", "")
    message.set_content(text, subtype="calendar", charset="iso-8859-1", params={"method": "reply"})
    reply = read_reply(message, course(), WHO)
    assert (reply.outcome, reply.comment) == (Outcome.CONFIRMED, "Grüße")


def test_an_attached_file_is_found_by_its_name() -> None:
    message = EmailMessage()
    message.set_content("See the file.")
    message.add_attachment(
        answer().encode(), maintype="application", subtype="octet-stream", filename="Reply.ICS"
    )
    assert read_reply(message, course(), WHO).outcome is Outcome.CONFIRMED


def test_a_mail_without_calendar_and_a_nested_one_are_refused() -> None:
    message = EmailMessage()
    message.set_content("I can come.")
    with pytest.raises(InvalidDocument, match="none of its parts is text/calendar"):
        read_reply(message, course(), WHO)
    nested = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(5000)
    )
    with pytest.raises(InvalidDocument, match="more than 20 parts within parts"):
        read_reply(nested, course(), WHO)


def test_a_malformed_answer_is_refused_with_its_lines() -> None:
    text = answer("ACCEPTED", "SEQUENCE:one").replace("\r\n", "\n")
    with pytest.raises(InvalidDocument) as refused:
        read_reply(text, course(), WHO, name="answer.ics")
    assert str(refused.value) == (
        "answer.ics: 1 fault\n"
        "  line 10: SEQUENCE: it must be a whole number from 0 to 2147483647, got 'one'"
    )


@settings(max_examples=200, deadline=None)
@given(
    program=st.sampled_from([*SHAPES, "mail"]),
    ways=st.lists(mutations(), min_size=1, max_size=3),
)
def test_a_broken_answer_is_read_or_refused(program: str, ways: list) -> None:  # type: ignore[type-arg]
    data = {**SHAPES, "mail": mail(answer()).as_string()}[program].encode()
    for change in ways:
        data = change(data) or b"x"
    try:
        reply = read_reply(data, course(), WHO, limits=Limits(steps=50_000))
    except InvalidDocument:
        return
    assert reply.reason.endswith(".") or reply.reason.endswith("ask them.")
    assert (reply.event is None) is (
        reply.outcome not in (Outcome.CONFIRMED, Outcome.DECLINED, Outcome.DELEGATED)
    )
