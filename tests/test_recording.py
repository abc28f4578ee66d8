"""Events come in by one door: what cannot have happened is refused, and nothing changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta

import attrs
import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from courses import Lived, lived
from histories import CLINIC, PERSON, PROTOCOL
from protocol_sched import catalog
from protocol_sched.errors import InvalidEvent
from protocol_sched.expansion import expand
from protocol_sched.expansion.outline import outline
from protocol_sched.expansion.walk import Outline
from protocol_sched.judge import recording
from protocol_sched.judge.recording import record
from protocol_sched.model import course as course_events
from protocol_sched.model.cadences import Every
from protocol_sched.model.course import (
    Amended,
    Answered,
    Cancelled,
    Confirmed,
    Course,
    Declined,
    Deferred,
    Discontinued,
    Event,
    Given,
    Missed,
    Notified,
    Omitted,
    Pinned,
    Requested,
    Reviewed,
    Waived,
    distinct,
)
from protocol_sched.model.protocol import Protocol
from protocol_sched.model.spans import parse_range
from protocol_sched.planning.course import plan_course
from protocols import at, course, dates, day, every, phase, protocol, target

MIGRAINE = catalog.load("ketamine-migraine")
START = date(2027, 3, 1)
EMPTY = Course(key="c1", protocol=MIGRAINE, not_before=START)


def on(days: int) -> date:
    return START + timedelta(days=days)


def at_hour(days: int, hour: int) -> datetime:
    return datetime(2027, 3, 1, hour, tzinfo=UTC) + timedelta(days=days)


EVALUATED = EMPTY.after([Given(visit="evaluation", on=on(0))])
BEGUN = EVALUATED.after([Given(visit="induction-1", on=on(2), start=at_hour(2, 15))])


def notified(visit: str, days: int, at: datetime | None = None) -> Notified:
    start = at_hour(days, 15)
    leave = start + timedelta(hours=3)
    return Notified(visit=visit, on=on(0), start=start, discharge=leave, discharge_by=leave, at=at)


def why_not(before: Course, *events: Event, as_of: date | None = None) -> str:
    """Return why events are refused; the course must be as it was."""
    same = attrs.evolve(before)
    with pytest.raises(InvalidEvent) as refused:
        record(before, events, as_of=as_of or on(3))
    assert before == same
    return str(refused.value).removeprefix("course 'c1': ")


@pytest.mark.parametrize(
    ("before", "event", "says"),
    [
        (
            EMPTY,
            Given(visit="induction-1", on=on(2)),
            "given 'induction-1' on 2027-03-03 is refused: "
            "'evaluation' has to come before it and was not given",
        ),
        (
            EVALUATED,
            Given(visit="induction-1", on=on(-1)),
            "given 'induction-1' on 2027-02-28 is refused: "
            "'evaluation' has to come before it and was given on 2027-03-01",
        ),
        (
            BEGUN,
            Given(visit="induction-2", on=on(2), start=at_hour(2, 16)),
            "given 'induction-2' on 2027-03-03 is refused: "
            "'induction-1' was given at that time: 2027-03-03T15:00:00+00:00",
        ),
        (
            BEGUN,
            Given(visit="induction-2", on=on(2)),
            "given 'induction-2' on 2027-03-03 is refused: "
            "'induction-1' was given on the same date",
        ),
        (
            BEGUN,
            Given(visit="induction-2", on=on(1)),
            "given 'induction-2' on 2027-03-02 is refused: "
            "'induction-1', which comes before it, was given on 2027-03-03",
        ),
        (
            BEGUN,
            Given(visit="induction-1", on=on(3)),
            "given 'induction-1' on 2027-03-04 is refused: "
            "it was given on 2027-03-03 already, and that counted",
        ),
        (
            BEGUN,
            Given(visit="induction-2", on=on(4)),
            "given 'induction-2' on 2027-03-05 is refused: "
            "it lies after 2027-03-04, the day on which it is recorded or planned",
        ),
        (
            BEGUN,
            Given(visit="induktion-2", on=on(3)),
            "given 'induktion-2' on 2027-03-04 is refused: no visit of the course has that "
            "identity; known: induction-2, induction-6, induction-5",
        ),
        (
            BEGUN,
            Given(visit="induction-2", on=on(3), start=at_hour(5, 15)),
            "given 'induction-2' on 2027-03-04 is refused: "
            "its start, 2027-03-06T15:00:00+00:00, is on another date",
        ),
        (
            BEGUN,
            Missed(visit="induction-1", on=on(3)),
            "missed 'induction-1' on 2027-03-04 is refused: the visit was given on 2027-03-03",
        ),
        (
            BEGUN,
            Omitted(visit="induction-9", on=on(3)),
            "omitted 'induction-9' on 2027-03-04 is refused: no visit of the course has that "
            "identity; known: induction-6, induction-5, induction-4",
        ),
        (
            BEGUN,
            Pinned(visit="induction-2", on=on(3), start=at_hour(1, 9)),
            "pinned 'induction-2' on 2027-03-04 is refused: "
            "it is fixed on 2027-03-02, before it was said",
        ),
        (
            BEGUN,
            Confirmed(visit="induction-2", on=on(3), escort="Priya"),
            "confirmed 'induction-2' on 2027-03-04 is refused: "
            "nobody was ever told when this visit is",
        ),
        (
            BEGUN,
            course_events.Tested(gate="mri", on=on(3)),
            "tested 'mri' on 2027-03-04 is refused: "
            "the protocol has no gate of that name; known: evaluation, response-reviewed",
        ),
        (
            BEGUN,
            Requested(phase="booster", on=on(3)),
            "requested 'booster' on 2027-03-04 is refused: "
            "the protocol has no phase of that name; known: induction, boosters",
        ),
        (
            BEGUN,
            Answered(question="how-many", answer="6", on=on(3)),
            "answered 'how-many' on 2027-03-04 is refused: "
            "nothing of that name is asked; asked now: "
            + ", ".join(f"unspecified-{n}" for n in range(1, 11)),
        ),
        (
            BEGUN,
            Reviewed(on=on(9), scores=(("HIT-6", 60),)),
            "reviewed on 2027-03-10 is refused: "
            "it lies after 2027-03-04, the day on which it is recorded or planned",
        ),
    ],
)
def test_an_impossible_event_is_refused_with_its_reason(
    before: Course, event: Event, says: str
) -> None:
    assert why_not(before, event) == says


def test_one_impossible_event_keeps_out_those_told_with_it() -> None:
    good, bad = Given(visit="induction-2", on=on(4)), Given(visit="induction-3", on=on(4))
    says = "'induction-2' was given on the same date"
    assert why_not(BEGUN, good, bad, as_of=on(5)).endswith(says)


def test_events_come_in_order_of_date_whatever_the_order_they_are_told_in() -> None:
    late = Given(visit="induction-1", on=on(2))
    assert record(EMPTY, [late, *EVALUATED.events], as_of=on(3)).events == (
        *EVALUATED.events,
        late,
    )


@pytest.mark.parametrize(
    ("days", "says"),
    [
        (
            5,
            "missed 'induction-2' on 2027-03-06 is refused: people know it to be on 2027-03-09; "
            "a visit called off before its date is recorded as deferred, with until",
        ),
        (
            12,
            "missed 'induction-2' on 2027-03-13 is refused: people know it to be on 2027-03-09; "
            "a visit missed is dated so",
        ),
    ],
)
def test_a_visit_is_missed_on_the_date_people_know(days: int, says: str) -> None:
    notified_course = BEGUN.after([notified("induction-2", 8)])
    missed = Missed(visit="induction-2", on=on(days))
    assert why_not(notified_course, missed, as_of=on(14)) == says
    with pytest.raises(InvalidEvent, match="people know it to be on 2027-03-09"):
        plan_course(notified_course.after([missed]), CLINIC, PERSON, as_of=on(14))
    record(notified_course, [attrs.evolve(missed, on=on(8))], as_of=on(14))


@pytest.mark.parametrize(
    "since",
    [
        Deferred(visit="induction-2", on=on(3), until=on(5)),
        Cancelled(visit="induction-2", on=on(3)),
        Pinned(visit="induction-2", on=on(3), start=at_hour(5, 15)),
    ],
)
def test_what_people_know_is_overtaken_by_what_was_decided_since(since: Event) -> None:
    decided = BEGUN.after([notified("induction-2", 8), since])
    missed = Missed(visit="induction-2", on=on(5))
    assert record(decided, [missed], as_of=on(5)).events[-1] == missed


def test_a_visit_is_missed_once_on_a_date_whatever_is_said_of_it() -> None:
    missed = record(BEGUN, [Missed(visit="induction-2", on=on(5))], as_of=on(6))
    again = Missed(visit="induction-2", on=on(5), why="a cold")
    says = (
        "missed 'induction-2' on 2027-03-06 is refused: it is on record as missed on 2027-03-06 "
        "already, and no new date was told since"
    )
    assert why_not(missed, again, as_of=on(6)) == says
    with pytest.raises(InvalidEvent, match="missed on 2027-03-06 already"):
        record(BEGUN, [Missed(visit="induction-2", on=on(5)), again], as_of=on(6))
    assert plan_course(BEGUN.after([*missed.events[-1:], again]), CLINIC, PERSON, as_of=on(6))


def test_a_visit_nobody_was_told_of_is_not_missed() -> None:
    told = BEGUN.after([notified("induction-2", 8)])
    missed = Missed(visit="induction-3", on=on(10))
    says = (
        "missed 'induction-3' on 2027-03-11 is refused: nobody is on record as told when this "
        "visit is, as people are of other visits; record what they were told first, as notified"
    )
    assert why_not(told, missed, as_of=on(14)) == says
    known = told.after([notified("induction-3", 10)])
    assert record(known, [missed], as_of=on(14)).events[-1] == missed


def test_a_visit_missed_is_missed_again_only_once_people_know_a_new_date() -> None:
    first = Missed(visit="induction-2", on=on(8))
    course = BEGUN.after([notified("induction-2", 8), first])
    again = Missed(visit="induction-2", on=on(9))
    says = (
        "missed 'induction-2' on 2027-03-10 is refused: it is on record as missed on 2027-03-09, "
        "and nobody is on record as told of a new date since"
    )
    assert why_not(course, again, as_of=on(14)) == says
    told = course.after([attrs.evolve(notified("induction-2", 9), on=on(8))])
    assert record(told, [again], as_of=on(14)).events[-1] == again


def test_an_evaluation_that_was_omitted_is_not_waited_for() -> None:
    events: list[Event] = [
        Omitted(visit="evaluation", on=on(0)),
        Given(visit="induction-1", on=on(2)),
    ]
    assert len(record(EMPTY, events, as_of=on(3)).events) == 2


EVENTS: tuple[Event, ...] = (
    Given(visit="induction-2", on=on(4)),
    Missed(visit="induction-2", on=on(4)),
    Deferred(visit="induction-3", on=on(4), until=on(8)),
    Omitted(visit="induction-3", on=on(4)),
    Discontinued(on=on(5)),
    Reviewed(on=on(4), scores=(("HIT-6", 60),)),
    Requested(phase="boosters", on=on(5)),
    Waived(visit="induction-4", by="Dr. Osei", why="stays at the clinic", on=on(3)),
    Pinned(visit="induction-5", on=on(3), start=at_hour(11, 15)),
    notified("induction-4", 8, at=at_hour(0, 9)),
    notified("induction-4", 9, at=at_hour(0, 10)),
    Cancelled(visit="induction-4", on=on(4), at=at_hour(4, 9)),
    Confirmed(visit="induction-4", escort="Priya", on=on(3), at=at_hour(3, 9)),
    Declined(visit="induction-4", escort="Priya", on=on(3), at=at_hour(3, 10)),
)


@settings(max_examples=40, deadline=None)
@drawn(events=st.lists(st.sampled_from(EVENTS), max_size=6, unique=True))
def test_the_same_events_twice_give_the_same_course(events: list[Event]) -> None:
    try:
        once = record(BEGUN, events, as_of=on(6))
    except InvalidEvent:
        return
    assert record(once, events, as_of=on(6)) == once
    assert once.after(events) == once
    assert BEGUN.after([*events, *events]) == BEGUN.after(events)


def test_scores_are_given_as_a_mapping_or_as_pairs() -> None:
    mapped = Reviewed(on=on(4), scores={"HIT-6": 60, "MIDAS": 4})
    assert mapped == Reviewed(on=on(4), scores=[("HIT-6", 60), ("MIDAS", 4)])
    assert BEGUN.after([mapped, mapped]).events[-1] == mapped


def test_what_is_said_again_after_something_else_counts_again() -> None:
    here, there = notified("induction-2", 4), notified("induction-2", 5)
    assert distinct([here, here, there, there, here]) == (here, there, here)
    timed = attrs.evolve(here, at=at_hour(0, 9))
    assert distinct([timed, there, timed]) == (timed, there)


# --- put off, left out, ended, missed: four acts, four consequences ----------------------------


def three(anchor: str) -> Protocol:
    return protocol(phase("dose", cadence=every("7 days"), visits="4", anchor=anchor))


FIRST = Given(visit="dose-1", on=day("2027-03-01"))


@pytest.mark.parametrize("anchor", ["previous visit", "original dates"])
@pytest.mark.parametrize(
    ("act", "expected"),
    [
        # The visit and all behind it shift.
        (
            Deferred(visit="dose-2", on=day("2027-03-02"), until=day("2027-03-11")),
            {"dose-2": "2027-03-11", "dose-3": "2027-03-18", "dose-4": "2027-03-25"},
        ),
        # The visit is not made up for; the later ones keep their place.
        (
            Omitted(visit="dose-2", on=day("2027-03-02")),
            {"dose-3": "2027-03-15", "dose-4": "2027-03-22"},
        ),
        # Nothing more.
        (Discontinued(on=day("2027-03-02")), {}),
        # It stays due, and nothing else follows from it.
        (
            Missed(visit="dose-2", on=day("2027-03-02")),
            {"dose-2": "2027-03-08", "dose-3": "2027-03-15", "dose-4": "2027-03-22"},
        ),
    ],
)
def test_defer_omit_cease_and_miss_are_four_acts(
    anchor: str, act: Event, expected: dict[str, str]
) -> None:
    agenda = expand(course(three(anchor), FIRST, act, start="2027-03-01"), day("2027-03-02"))
    assert {due.id: target(agenda, due.id) for due in agenda.dues} == expected


def test_a_deferral_shifts_the_grid_still_once_the_visit_was_given() -> None:
    put_off = Deferred(visit="dose-2", on=day("2027-03-02"), until=day("2027-03-11"))
    late = Given(visit="dose-2", on=day("2027-03-12"))
    plan = course(three("original dates"), FIRST, put_off, late, start="2027-03-01")
    assert target(expand(plan, day("2027-03-12")), "dose-3") == "2027-03-19"


def test_a_deferral_goes_beyond_a_greatest_distance_and_words_say_so() -> None:
    put_off = Deferred(visit="induction-2", on=on(3), until=on(12), why="a cold")
    agenda = expand(BEGUN.after([put_off]), on(3))
    due = agenda.due("induction-2")
    assert due.earliest is not None
    assert (due.earliest.day, due.earliest.rule) == (on(12), "postponed until 2027-03-13")
    assert due.latest is not None
    assert due.latest.rule == "at most 5 days after infusion 1"
    assert [(rule.rule, rule.source) for rule in agenda.broken] == [("separation", "local")]
    assert not due.overdue


def test_a_deferral_without_a_date_holds_the_visit_and_asks() -> None:
    held = BEGUN.after([Deferred(visit="induction-2", on=on(3), why="a cold")])
    agenda = expand(held, on(3))
    asked = [question.asks for question in agenda.questions if question.about == "induction-2"]
    assert asked == [
        "infusion 2 was postponed on 2027-03-04 (a cold); what is the first date it may be on?"
    ]
    assert all(due.tentative for due in agenda.dues)


def test_a_visit_missed_is_no_longer_pinned_to_the_moment_it_was_missed_at() -> None:
    pin = Pinned(visit="induction-2", on=on(2), start=at_hour(4, 15))
    missed = Missed(visit="induction-2", on=on(4))
    rules = [b.rule for b in expand(BEGUN.after([pin]), on(4)).bindings]
    assert "pinned" in rules
    rules = [b.rule for b in expand(BEGUN.after([pin, missed]), on(4)).bindings]
    assert "pinned" not in rules


def test_an_amended_protocol_holds_from_its_date_and_not_for_visits_before() -> None:
    old = three("previous visit")
    (run,) = old.phases
    slower = attrs.evolve(run, cadence=Every(every=parse_range("14 days")))
    new = attrs.evolve(old, phases=[slower], title="new label")
    events: list[Event] = [
        FIRST,
        Given(visit="dose-2", on=day("2027-03-08")),
        Amended(protocol=new, on=day("2027-03-10")),
    ]
    plan = course(old, *events, start="2027-03-01")
    agenda = expand(plan, day("2027-03-10"))
    assert [target(agenda, f"dose-{n}") for n in (3, 4)] == ["2027-03-22", "2027-04-05"]
    assert plan.protocol_on(day("2027-03-09")) == old
    assert plan.protocol_on(day("2027-03-10")) == new


def test_an_amended_protocol_without_the_phase_that_runs_asks_which_goes_on() -> None:
    new = protocol(phase("weekly", cadence=every("7 days"), visits="2"))
    change = Amended(protocol=new, on=day("2027-03-02"))
    plan = course(three("previous visit"), FIRST, change, start="2027-03-01")
    agenda = expand(plan, day("2027-03-02"))
    (question,) = agenda.questions
    assert (question.id, question.choices) == ("amended-2027-03-02", ("weekly",))
    answer = Answered(question=question.id, answer="weekly", on=day("2027-03-02"))
    assert dates(expand(plan.after([answer]), day("2027-03-02")), "weekly-1")[1] == "2027-03-08"


def test_points_of_a_list_shift_with_a_deferred_one() -> None:
    loading = protocol(phase("dose", cadence=at("week 0", "week 2", "week 6")))
    put_off = Deferred(visit="dose-2", on=day("2027-03-02"), until=day("2027-03-22"))
    agenda = expand(course(loading, FIRST, put_off, start="2027-03-01"), day("2027-03-02"))
    assert [target(agenda, f"dose-{n}") for n in (2, 3)] == ["2027-03-22", "2027-04-19"]


# --- a long history at once --------------------------------------------------------------------


def each_by_itself(course: Course, events: Iterable[Event], as_of: date) -> Course:
    for event in sorted(events, key=lambda event: event.on):
        course = record(course, [event], as_of=as_of)
    return course


def answered(recording: Callable[[], Course]) -> Course | str:
    try:
        return recording()
    except InvalidEvent as fault:
        return str(fault)


@settings(max_examples=60, deadline=None)
@drawn(world=lived(), left_out=st.integers(0, 5))
def test_a_history_at_once_is_recorded_or_refused_as_one_by_one(
    world: Lived, left_out: int
) -> None:
    """With one event left away, some of the others are no longer possible."""
    events = [event for n, event in enumerate(world.course.events) if n != left_out]
    empty = attrs.evolve(world.course, events=())
    at_once = answered(lambda: record(empty, events, as_of=world.today))
    assert at_once == answered(lambda: each_by_itself(empty, events, world.today))


def test_a_gate_given_after_its_treatment_on_one_date_is_refused_at_once_too() -> None:
    empty = Course(key="c", protocol=PROTOCOL, not_before=date(2027, 3, 1))
    late = [
        Given(visit="dose-1", on=date(2027, 3, 8)),
        Given(visit="evaluation", on=date(2027, 3, 8)),
    ]
    with pytest.raises(InvalidEvent, match="'evaluation' has to come before it"):
        record(empty, late, as_of=date(2027, 3, 9))


def test_a_long_history_is_laid_out_once_and_not_for_each_event(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    laid_out = []

    def counted(*args: object) -> Outline:
        laid_out.append(args)
        return outline(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(recording, "outline", counted)
    dates = [date(2010, 1, 4) + timedelta(days=21 * n) for n in range(200)]
    events: list[Event] = []
    for n, on in enumerate(dates, 1):
        start = datetime(on.year, on.month, on.day, 9, tzinfo=UTC)
        over = start + timedelta(hours=2)
        visit, told = f"treatment-{n}", on - timedelta(days=7)
        events += [
            Notified(visit=visit, on=told, start=start, discharge=over, discharge_by=over),
            Given(visit=visit, on=on, start=start),
        ]
    empty = Course(key="c", protocol=catalog.load("trastuzumab-eu-metastatic"))
    assert len(record(empty, events, as_of=dates[-1]).events) == 400
    assert len(laid_out) <= 2
