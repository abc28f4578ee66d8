"""Published rules about the visit itself and the hours around it, each with its source."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import attrs
import pytest

from ics_entries import unfolded
from protocol_sched import catalog, plan_course, read_clinic, read_person, read_protocol
from protocol_sched.errors import InvalidValue, NaiveMoment, UnknownName
from protocol_sched.formats.ics.entries import clinic_calendar, escort_calendar, patient_calendar
from protocol_sched.formats.ics.file import CalendarOptions
from protocol_sched.formats.svg.picture import course_picture
from protocol_sched.model.around import co_medication_windows, due_checks, fasts
from protocol_sched.model.availability import Clinic, Commitment, Escort, Hours, Person
from protocol_sched.model.before_and_after import CoMedication, Fasting, NoDriving, RideHome
from protocol_sched.model.course import Course, Waived
from protocol_sched.model.numbers import Ordinals
from protocol_sched.model.plain import WEEKDAYS
from protocol_sched.model.protocol import Protocol, VisitType
from protocol_sched.model.schedule import Plan, Schedule
from protocol_sched.model.spans import elapsed_span, parse_range
from protocol_sched.model.stages import Check, EndsWhen, Stage
from protocol_sched.text.around import co_medications_text
from protocol_sched.text.plans import agenda_text, plan_text
from protocol_sched.text.privacy import Privacy
from protocols import TREATMENT, every, phase, protocol
from sessions import THURSDAY, clinic
from sessions import planned as planned_on_thursday

EXAMPLES = Path(__file__).parents[1] / "examples"
NEW_YORK = ZoneInfo("America/New_York")


def planned(name: str, clinic: str) -> Schedule:
    """Plan a protocol of the catalog from 1 March 2027 on, for a person free on any day."""
    course = Course(key="c", protocol=catalog.load(name), not_before=date(2027, 3, 1))
    person = read_person((EXAMPLES / "person-any-day.toml").read_text())
    where = read_clinic((EXAMPLES / clinic).read_text())
    until = date(2027, 6, 30)
    plan = plan_course(course, where, person, as_of=date(2027, 2, 20), until=until)
    assert plan.schedule is not None
    return plan.schedule


def test_lutetium_bars_and_asks_for_co_medications_on_both_sides_of_a_dose() -> None:
    """Source luta: one 4 to 24 h after, none less than 4 weeks before the next dose."""
    (kind,) = catalog.load("lutetium-dotatate").visit_types
    start = datetime(2027, 3, 14, 13, tzinfo=NEW_YORK)  # the clocks went forward that night
    found = [
        (one.name.split("-")[0], one.barred, one.first, one.last)
        for one in co_medication_windows(kind, start, start + timedelta(hours=6))
    ]
    after = datetime(2027, 3, 14, 19, tzinfo=NEW_YORK)
    assert found == [
        ("long", False, after + timedelta(hours=4), after + timedelta(hours=24)),
        ("long", True, date(2027, 2, 15), date(2027, 3, 14)),
        # 24 real hours before 13:00 summer time is 12:00 winter time.
        ("short", True, datetime(2027, 3, 13, 12, tzinfo=NEW_YORK), start),
    ]


def test_what_is_given_or_barred_on_both_sides_without_a_gap_is_one_stretch() -> None:
    """A corticosteroid on three days; no triptan within 24 hours of dihydroergotamine."""
    start = datetime(2027, 4, 5, 13, tzinfo=NEW_YORK)
    end = start + timedelta(hours=2)
    (kind,) = catalog.load("docetaxel-3-weeks").visit_types
    (steroid,) = co_medication_windows(kind, start, end)
    assert (steroid.first, steroid.last) == (date(2027, 4, 4), date(2027, 4, 6))
    kind = catalog.load("dhe-repetitive").visit_types[0]
    (triptan,) = co_medication_windows(kind, start, end)
    day = timedelta(hours=24)
    assert (triptan.first, triptan.last) == (start - day, end + day)


def test_co_medications_of_a_moment_without_a_zone_are_refused() -> None:
    (kind,) = catalog.load("lutetium-dotatate").visit_types
    with pytest.raises(NaiveMoment):
        co_medication_windows(kind, datetime(2027, 3, 14), datetime(2027, 3, 15))  # noqa: DTZ001


def test_sigtermans_infusion_is_one_visit_of_4_2_days_over_midnights() -> None:
    """Source sigtermans: one infusion of 100.8 hours."""
    schedule = planned("ketamine-crps-inpatient-sigtermans", "inpatient-clinic.toml")
    stay = next(visit for visit in schedule.visits if visit.kind != "review")
    (infusion,) = [stage for stage in stay.stages if "infusion" in stage.name]
    assert infusion.end.timestamp() - infusion.start.timestamp() == 100.8 * 3600
    assert infusion.end.date() - infusion.start.date() >= timedelta(days=4)


def test_esketamine_driving_is_again_from_the_next_day_on() -> None:
    """Source esk_hcp: no driving until the next day after restful sleep."""
    schedule = planned("esketamine-depression", "clinic.toml")
    for visit in schedule.visits:
        assert visit.no_driving_until == visit.day + timedelta(days=1)
        assert visit.discharge.timestamp() - visit.start.timestamp() >= 2 * 3600


NIGHT_BUS = {"Tuesday": "00:30-05:00", "Friday": "00:30-05:00"}


def evenings(*commitments: Commitment, rest: str = "8 hours") -> date | None:
    """Plan one session on a Monday, Tuesday or Wednesday evening until 19:30; return its date."""
    sober = NoDriving(until="next day", rest=elapsed_span(rest), source="local")
    session = attrs.evolve(TREATMENT, name="infusion", no_driving=sober)
    one = attrs.evolve(protocol(phase("session", every("1 day"), "1")), visit_types=[session])
    course = Course(key="c", protocol=one, not_before=date(2027, 3, 1))
    hours = dict.fromkeys(("Monday", "Tuesday", "Wednesday"), "19:00-19:30")
    clinic = Clinic(name="Clinic", zone=ZoneInfo("America/Chicago"), hours=Hours.of(hours))
    person = Person(key="p", commitments=commitments)
    plan = plan_course(course, clinic, person, as_of=date(2027, 3, 1), until=date(2027, 3, 7))
    assert plan.schedule is not None
    return plan.schedule.visits[0].day if plan.schedule.visits else None


def driving(hours: dict[str, str], *, what: str = "night bus", drives: bool = True) -> Commitment:
    return Commitment(what=what, hours=Hours.of(hours), needs_driving=drives)


def test_nobody_drives_a_night_bus_before_a_nights_rest() -> None:
    """
    Esketamine's label: no driving until the next day after a restful sleep.

    Midnight is the next day, and no night's rest.
    """
    assert evenings() == date(2027, 3, 1)
    assert evenings(driving(NIGHT_BUS)) == date(2027, 3, 2)


@pytest.mark.parametrize(
    ("hours", "rest", "day"),
    [
        ("03:30-04:00", "8 hours", date(2027, 3, 1)),  # 19:30 and 8 hours
        ("03:15-04:00", "8 hours", date(2027, 3, 2)),
        ("00:00-00:30", "1 hour", date(2027, 3, 1)),  # rested, and the next day has begun
        ("23:00-24:00", "1 hour", date(2027, 3, 1)),  # on Tuesday evening
    ],
)
def test_a_drive_leaves_time_for_the_rest_that_a_protocol_asks_for(
    hours: str, rest: str, day: date
) -> None:
    assert evenings(driving({"Tuesday": hours}), rest=rest) == day


def test_a_rest_before_midnight_does_not_make_it_the_next_day() -> None:
    assert evenings(driving({"Monday": "23:00-24:00"}), rest="1 hour") == date(2027, 3, 2)


def test_what_breaks_the_night_is_no_rest() -> None:
    """A watch from 22:00 to 05:00 leaves 2.5 hours before it and 1 hour before the drive."""
    watch = driving({"Monday": "22:00-24:00", "Tuesday": "00:00-05:00"}, drives=False)
    early = driving({"Tuesday": "06:00-07:00"}, what="school run")
    assert evenings(early) == date(2027, 3, 1)
    assert evenings(watch, early) == date(2027, 3, 2)


def test_a_rest_belongs_to_the_next_day_and_not_to_hours() -> None:
    with pytest.raises(InvalidValue, match="rest must be nothing where until is not 'next day'"):
        NoDriving(until="24 hours", rest=elapsed_span("8 hours"), source="local")


# --- what is left out, given and checked around a visit --------------------------------------


def spray(**more: object) -> VisitType:
    """Return a visit that arrives, waits 15 minutes, and only then begins what fasting is for."""
    check_in = Stage(name="check-in", length=parse_range("15 minutes"), source="local")
    spray = Stage(name="administration", length=parse_range("15 minutes"), source="local")
    watched = Stage(
        name="observation",
        length=parse_range("2 to 3 hours"),
        checks=(
            Check(what="blood pressure", at=[elapsed_span("40 minutes")], source="local"),
            Check(what="sedation", every=elapsed_span("1 hour"), source="local"),
        ),
        source="local",
    )
    return VisitType(name="infusion", stages=[check_in, spray, watched], **more)  # type: ignore[arg-type]


NOON = datetime(2027, 3, 1, 12, 30, tzinfo=NEW_YORK)


def test_fasting_is_counted_from_the_stage_that_asks_for_it() -> None:
    """Esketamine: no food for 2 hours and no liquids for 30 minutes before the administration."""
    food = Fasting(what="food", lead=elapsed_span("2 hours"), before="administration", source="x")
    drink = Fasting(
        what="liquids", lead=elapsed_span("10 minutes"), before="administration", source="x"
    )
    early = Fasting(what="alcohol", lead=elapsed_span("24 hours"), source="x")
    found = fasts(spray(fasting=[drink, food, early]), 1, NOON)
    assert [(one.what, f"{one.begins:%d %H:%M}") for one in found] == [
        ("alcohol", "28 12:30"),
        ("food", "01 10:45"),
        ("liquids", "01 12:35"),  # during the visit
    ]


def test_fasting_before_a_stage_that_a_visit_does_not_have_is_left_away() -> None:
    sedation = Stage(
        name="sedation",
        length=parse_range("1 hour"),
        visits=Ordinals.parse("1"),
        source="local",
    )
    food = Fasting(what="food", lead=elapsed_span("6 hours"), before="sedation", source="x")
    kind = attrs.evolve(spray(), stages=[*spray().stages, sedation], fasting=[food])
    assert [f"{one.begins:%H:%M}" for one in fasts(kind, 1, NOON)] == ["09:00"]
    assert fasts(kind, 2, NOON) == ()


def test_fasting_names_a_stage_of_its_visit() -> None:
    food = Fasting(what="food", lead=elapsed_span("6 hours"), before="surgery", source="x")
    with pytest.raises(UnknownName, match="before names 'surgery'; known: check-in"):
        spray(fasting=[food])


def test_checks_are_due_so_long_after_their_stage_begins_for_all_the_time_set_aside() -> None:
    found = due_checks(spray(), 1, NOON)
    assert [(one.what, [f"{moment:%H:%M}" for moment in one.due]) for one in found] == [
        ("blood pressure", ["13:40"]),
        ("sedation", ["14:00", "15:00", "16:00"]),
    ]


def test_a_check_is_made_every_so_often_or_at_times_and_not_both() -> None:
    with pytest.raises(InvalidValue, match="every, at must be one of the two, got neither"):
        Check(what="pulse", source="local")


def clinic_and_person() -> tuple[Clinic, Person]:
    """Return a clinic and a person who is free on any day."""
    clinic = read_clinic((EXAMPLES / "clinic.toml").read_text())
    return clinic, read_person((EXAMPLES / "person-any-day.toml").read_text())


def with_co_medications(of: str, visits: str) -> tuple[Protocol, Plan]:
    """Plan visits that have the co-medications of a protocol of the catalog."""
    co_medications = [
        attrs.evolve(one, source="local") for one in catalog.load(of).visit_types[0].co_medications
    ]
    weekly = protocol(phase("run", every("1 week"), visits))
    weekly = attrs.evolve(weekly, visit_types=[spray(co_medications=co_medications)])
    course = Course(key="c", protocol=weekly, not_before=date(2027, 3, 1))
    return weekly, plan_course(course, *clinic_and_person(), as_of=date(2027, 2, 20))


def test_co_medications_and_checks_stand_in_the_plan_the_picture_and_the_right_calendars() -> None:
    """Pegloticase: methotrexate is begun at least 4 weeks before the first infusion."""
    one, plan = with_co_medications("pegloticase", "2")
    clinic, person = clinic_and_person()
    assert plan.schedule is not None
    says = "methotrexate, begun: on Mon 1 February or earlier"
    assert (
        "Around these visits\n"
        f"  infusion 1  {says}; blood pressure: 09:10; sedation:\n"
        "              09:30, 10:30 and 11:30\n"
        "  infusion 2  blood pressure: 09:10; sedation: 09:30, 10:30 and 11:30\n"
    ) in plan_text(plan, clinic, one)
    assert "methotrexate" not in plan_text(plan, clinic)
    assert says in course_picture(plan.schedule, clinic, person, one)
    of = (plan.schedule, clinic, person, one)
    now = datetime(2027, 2, 20, 9, tzinfo=NEW_YORK)
    full = CalendarOptions(privacy=Privacy.FULL)
    for made in (patient_calendar, clinic_calendar):
        lines = unfolded(made(*of, now=now, options=full))
        assert lines.count("Methotrexate\\, begun: on Mon 1 February 2027 or earlier.") == 1
    assert "Sedation: 09:30\\, 10:30 and 11:30." in lines
    hidden = unfolded(patient_calendar(*of, now=now))
    assert "ethotrexate" not in hidden
    assert "Follow the other instructions" in hidden
    assert "ethotrexate" not in unfolded(escort_calendar(*of, now=now, options=full))


def test_the_dates_of_other_drugs_are_told_by_the_visit_they_belong_to() -> None:
    """Lutetium: a short-acting analogue is barred for 24 hours before, a long-acting one after."""
    one, plan = with_co_medications("lutetium-dotatate", "1")
    assert plan.schedule is not None
    (visit,) = plan.schedule.visits
    said = list(co_medications_text(visit, one))
    assert said == [
        f"long-acting somatostatin analogue: between {window(visit.discharge, 4)} and "
        f"{window(visit.discharge, 24)}",
        "long-acting somatostatin analogue: not from Tue 2 February to Mon 1 March",
        "short-acting somatostatin analogue: not from Sun 28 February 08:00 to Mon 1 March 08:00",
    ]


def test_the_dates_of_other_drugs_stand_below_the_dates_of_the_visits() -> None:
    one, plan = with_co_medications("pegloticase", "2")
    says = "Around these visits\n  infusion 1  methotrexate, begun: on Mon 1 February or earlier\n"
    assert says in agenda_text(plan.agenda, one)
    assert "methotrexate" not in agenda_text(plan.agenda)


def window(moment: datetime, hours: int) -> str:
    """Return a moment so many hours later as a sentence has it; no clock changes in between."""
    later = moment + timedelta(hours=hours)
    return f"{later:%a} {later.day} {later:%B} {later:%H:%M}"


# --- a stay that depends ---------------------------------------------------------------------


def test_who_goes_home_without_an_escort_stays_two_hours_and_not_one() -> None:
    """Source: oxfordhealth.nhs.uk/ketamine/treatment."""
    infusion, recovery = (
        Stage(name="infusion", length=parse_range("40 minutes"), source="local"),
        Stage(
            name="recovery",
            length=parse_range("1 hour"),
            without_escort=parse_range("2 hours"),
            source="local",
        ),
    )
    ride = RideHome(source="local")
    kind = attrs.evolve(TREATMENT, stages=[infusion, recovery], ride_home=ride)
    one = attrs.evolve(protocol(phase("session", every("1 day"), "1")), visit_types=[kind])
    person = Person(key="p", escorts=[Escort(name="Sam", available=Hours())])
    asked = THURSDAY - timedelta(days=8)
    waived = Waived(visit="session-1", by="Dr Hart", why="stays two hours", on=asked)
    left = []
    for events in ((), (waived,)):
        plan = planned_on_thursday(one, clinic(), person, events)
        assert plan.schedule is not None
        (visit,) = plan.schedule.visits
        left.append((f"{visit.discharge:%H:%M}", f"{visit.stages[1].end_by:%H:%M}"))
    assert left == [("10:40", "10:40"), ("11:40", "11:40")]


def test_a_stay_without_an_escort_is_one_of_a_visit_that_asks_for_one() -> None:
    stage = attrs.evolve(TREATMENT.stages[0], without_escort=parse_range("2 hours"))
    with pytest.raises(InvalidValue, match="must be used together with 'ride_home'"):
        attrs.evolve(TREATMENT, stages=[stage])


def test_a_score_that_ends_a_stay_is_said_and_the_time_set_aside_is_planned() -> None:
    """Recovery of one to two hours, until two Aldrete scores in a row are 9 or more."""
    text = """
        name = "recovery"
        title = "Recovery"

        [[phases]]
        name = "session"
        visit = "session"
        visits = 1
        cadence = { every = "1 day" }
        source = "local"

        [[visit_types]]
        name = "session"

        [[visit_types.stages]]
        name = "recovery"
        length = "at least 1 hour"
        allow = "2 hours"
        ends_when = { measure = "Aldrete score", at_least = 9, in_a_row = 2 }
        source = "local"
    """
    plan = planned_on_thursday(read_protocol(text), clinic())
    assert plan.schedule is not None
    (visit,) = plan.schedule.visits
    assert (f"{visit.discharge:%H:%M}", f"{visit.discharge_by:%H:%M}") == ("10:00", "11:00")
    says = "recovery may take longer than shown (until: Aldrete score at least 9, twice in a row)"
    assert says in " ".join(plan_text(plan).lower().replace("aldrete", "Aldrete").split())


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({}, "at_least must be a number, or one for up_to, got nothing"),
        ({"at_least": 9, "in_a_row": 0}, "in_a_row must be 1 or more, got 0"),
    ],
)
def test_a_score_that_ends_nothing_is_refused(wrong: dict[str, int], says: str) -> None:
    with pytest.raises(InvalidValue, match=says):
        EndsWhen(measure="Aldrete score", **wrong)


def test_what_a_visit_asks_of_days_that_are_over_is_said() -> None:
    tablets = CoMedication(name="folic acid", before=parse_range("5 to 7 days"), source="local")
    triptan = CoMedication(
        name="triptan", before=parse_range("0 to 1 days"), barred=True, source="local"
    )
    fasting = Fasting(what="solid food", lead=elapsed_span("12 hours"), source="local")
    kind = attrs.evolve(TREATMENT, fasting=[fasting], co_medications=[tablets, triptan])
    weekly = protocol(phase("dose", every("1 week"), "2"))
    asking = attrs.evolve(weekly, visit_types=(kind, *weekly.visit_types[1:]))
    run = Course(key="c", protocol=asking, not_before=date(2027, 3, 1))
    ward = Clinic(name="c", zone=NEW_YORK, hours=Hours.of(dict.fromkeys(WEEKDAYS, "08:00-18:00")))

    def text(as_of: date) -> str:
        plan = plan_course(run, ward, Person(key="p"), as_of=as_of)
        return plan_text(plan, ward, protocol=asking)

    assert (
        "Infusion 1 asks for something before Mon 1 March 2027, when this plan begins (solid food, "
        "folic\n  acid, triptan); find out whether it was kept."
    ) in text(date(2027, 3, 1))
    assert "asks for something" not in text(date(2027, 2, 20))
