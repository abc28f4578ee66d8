"""The commands ``plan``, ``replan`` and ``replan-all``."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path

import attrs

from protocol_sched.cli.cases import beside, cases_of
from protocol_sched.cli.ending import DONE, NOT_SO, Refused
from protocol_sched.cli.inputs import (
    Inputs,
    inputs_of,
    moments_of,
    patience,
    plan_of,
    read_text,
    write_files,
)
from protocol_sched.cli.requests import REQUESTS, read_requests
from protocol_sched.clinic.courses import Case
from protocol_sched.errors import InvalidValue
from protocol_sched.formats.documents import documents
from protocol_sched.model.agenda import WAITING, NotBefore, Spacing
from protocol_sched.model.availability import Clinic
from protocol_sched.model.changes import Replan
from protocol_sched.model.course import Event, Given, Notified
from protocol_sched.model.notifying import notifications
from protocol_sched.model.protocol import Protocol
from protocol_sched.model.schedule import Plan, Schedule
from protocol_sched.model.to_tell import who_to_tell
from protocol_sched.planning.course import plan_course
from protocol_sched.planning.explain import explain_course, why_course
from protocol_sched.planning.replan import as_if_notified, replan_course
from protocol_sched.text.changes import changes_text, summary_text
from protocol_sched.text.explanations import explanation_text, why_text
from protocol_sched.text.languages import LANGUAGES
from protocol_sched.text.plans import notice_text, plan_text
from protocol_sched.text.privacy import Privacy
from protocol_sched.text.prose import sentence, wrapped
from protocol_sched.text.shown import shown_plan
from protocol_sched.text.spoken import spoken_text
from protocol_sched.text.to_tell import to_tell_text
from protocol_sched.text.variant import heading_text

PLAN_ABOUT = """\
Place every visit still due so that all rules are kept, as near to the target dates as any plan
can be, and print the plan. If there is no such plan, name the fewest rules that cannot all hold.
With --request the plan keeps a request as well; if none can, the nearest date that is possible is
named, and `explain` says what would help."""

PLAN_MORE = (
    """\
with --out, these files are written, all of them or none:
  patient.ics   for the person: every visit, what to do before it, no driving until when
  escort-NAME.ics
                for each escort: when and where to fetch them, no medical word; a ride that
                another escort has taken over is cancelled
  clinic.ics    for the clinic: stages and places
  person.html   a sheet for the person, to print: when to be there, what not to eat from when, who
                drives, and before when they must not drive
  escort-NAME.html
                a sheet for each escort: when to be there
  course.svg    the course as a picture, a line for each week, or for each month of a long one
  plan.json     the whole answer, for programs and for `protocol-sched check`
  notified.toml what these files tell, as events: add them to the course once people have been
                told, and later files replace these
  messages/     what escorts must be told by e-mail, ready to be sent (.eml): who is asked, and
                who no longer needs to drive; without an address a text to read out (.txt); the
                names begin with the moment of --now

example:
  protocol-sched plan course.toml --clinic clinic.toml --person person.toml --out out

"""
    + REQUESTS
)

REPLAN_ABOUT = """\
Re-plan a course after something happened, with as little change as possible for the people who
know of it: fewest visits moved, then fewest minutes, then fewest rides changed. What happened is
in the course file, and so is what people know (events "notified", "cancelled", "confirmed" and
"declined"). Print what is kept, moved, added and cancelled, each with its reason."""

REPLAN_MORE = """\
with --out, the files that `plan` writes are written, and with them, all of them or none:
  changes.txt   what changed, a line for each visit
  aloud.txt     the same to be read aloud to the person

example:
  protocol-sched replan course.toml --clinic clinic.toml --person person.toml --out out"""

REPLAN_ALL_ABOUT = """\
Re-plan the courses of a clinic with the least change over all of them, as `clinic replan` does,
which says more. DIR holds a directory for each, with course.toml and person.toml in it. A line for
each says what changed."""

REPLAN_ALL_MORE = """\
with --workers, so many processes plan the courses at the same time, each around the bookings of
the clinic's file and nothing else: for courses that share no places.

with --out, each course gets a directory of its name, with changes.txt, aloud.txt, notified.toml and
plan.json as `replan` writes them; next to them is clinic.ics, one calendar for the clinic
with the visits of all courses that have a plan."""


A_LONG_WAIT = 7
"""Days after its first possible date from which on `plan` says what keeps a course from it."""


def run_plan(options: argparse.Namespace) -> tuple[str, int]:
    inputs = inputs_of(options)
    as_of, now = moments_of(options, inputs.clinic.zone)
    inputs = beside(options, inputs, as_of)
    answer = None
    with patience("still planning ..."):
        if options.request:
            answer = explain_course(
                inputs.course,
                inputs.clinic,
                inputs.person,
                as_of=as_of,
                asked=read_requests(options.request, inputs.course, as_of, inputs.person),
                until=options.until,
                count=0,
                now=now,
            )
            plan = answer.plan
        else:
            plan = plan_course(
                inputs.course,
                inputs.clinic,
                inputs.person,
                as_of=as_of,
                until=options.until,
                now=now,
            )
    as_json = documents.write_json(documents.plan_to_dict(plan))
    protocol = inputs.course.protocol_on(as_of)
    if options.json:
        text = as_json
    else:
        told = (
            explanation_text(answer, language=options.language)
            if answer is not None and plan.schedule is None
            else plan_text(plan, inputs.clinic, protocol, inputs.person, language=options.language)
        )
        text = f"{heading_text(protocol, language=options.language)}\n\n{told}"
    if plan.schedule is None:
        return text, NOT_SO
    text += _waits(options, plan, inputs, as_of, now)
    text += _short_notice(options, plan.schedule, inputs, now, options.language)
    if options.out is not None:
        new = notifications(plan.schedule, inputs.course, on=as_of, at=_notified_at(options, now))
        past = [Given(visit=one.id, on=one.on, start=one.start) for one in plan.unrecorded]
        noted = attrs.evolve(inputs, course=inputs.course.after(past))
        files = {
            **_exports(
                plan,
                plan.schedule,
                noted,
                now,
                options.domain,
                options.language,
                Privacy(options.privacy),
            ),
            "plan.json": as_json.encode(),
            "notified.toml": documents.write_events(new).encode(),
        }
        messages, trouble = _messages(plan.schedule, noted, now, options.domain, options.language)
        write_files(options.out, files | messages)
        if not options.json:
            text += _written(options.out, files, messages, trouble)
    return text, _code(plan)


def _code(plan: Plan) -> int:
    """Return how a plan ends: what happened may have broken limits that no plan can mend."""
    broken = plan.schedule is None or plan.schedule.breaches or plan.agenda.breaches
    return NOT_SO if broken else DONE


def _waits(
    options: argparse.Namespace, plan: Plan, inputs: Inputs, as_of: date, now: datetime
) -> str:
    """Return what keeps a course from its first possible date where it begins much later."""
    late = _begins_late(plan)
    if options.json or options.request or not late:
        return ""
    with patience("still looking for what keeps it from an earlier date ..."):
        again, whys = why_course(
            inputs.course, inputs.clinic, inputs.person, as_of=as_of, visits=late, now=now
        )
    return f"\n{why_text(again, whys, language=options.language).rstrip()}\n"


def _begins_late(plan: Plan) -> list[str]:
    """Return the first visit of a course, if it could be much earlier but for what stands there."""
    assert plan.schedule is not None
    waiting = [
        slack.rule.later
        for slack in plan.schedule.slacks
        if isinstance(slack.rule, Spacing)
        and slack.rule.rule == WAITING
        and slack.deviation >= A_LONG_WAIT
    ]
    first, starts = (
        plan.schedule.visits[0],
        [
            rule.day
            for rule in plan.agenda.bindings
            if isinstance(rule, NotBefore) and rule.rule == "start"
        ],
    )
    if waiting or plan.agenda.past or not starts:
        return waiting
    return [first.id] if (first.day - min(starts)).days >= A_LONG_WAIT else []


def _short_notice(
    options: argparse.Namespace, schedule: Schedule, inputs: Inputs, now: datetime, language: str
) -> str:
    """Return what is said of visits nearer than their instructions ask, where a time is known."""
    if options.json or _notified_at(options, now) is None:
        return ""
    protocol = inputs.course.protocol_on(now.astimezone(inputs.clinic.zone).date())
    said = notice_text(schedule, protocol, now, language=language)
    return f"\n{said}" if said else ""


def _notified_at(options: argparse.Namespace, now: datetime) -> datetime | None:
    """Return when people are told; without a moment the events' order tells them apart."""
    return None if options.as_of is not None and options.now is None else now


def _exports(
    plan: Plan,
    schedule: Schedule,
    inputs: Inputs,
    now: datetime,
    domain: str,
    language: str,
    privacy: Privacy = Privacy.FULL,
) -> Mapping[str, bytes]:
    # Loads the calendar library, which takes longer than planning a course.
    from protocol_sched.formats.html import sheets
    from protocol_sched.formats.ics import entries
    from protocol_sched.formats.ics import file as calendar_file
    from protocol_sched.formats.svg import picture

    today = now.astimezone(inputs.clinic.zone).date()
    protocol = inputs.course.protocol_on(today)
    of = (schedule, inputs.clinic, inputs.person, protocol)
    tentative = tuple(due.id for due in plan.agenda.dues if due.tentative)
    options = calendar_file.CalendarOptions(tentative=tentative, domain=domain, language=language)
    options = options.knowing(inputs.course, schedule)
    escorts = entries.escort_calendars(*of, now=now, options=options)
    names = entries.escort_file_names(escorts)
    return {
        "patient.ics": entries.patient_calendar(*of, now=now, options=options),
        **{names[name]: raw for name, raw in escorts.items()},
        "clinic.ics": entries.clinic_calendar(*of, now=now, options=options),
        "person.html": sheets.person_sheet(*of, made_on=today, language=language).encode(),
        **{
            names[name].replace(".ics", ".html"): sheets.escort_sheet(
                *of, name, made_on=today, language=language
            ).encode()
            for name in escorts  # who lost their last ride too, so that no older sheet stays
        },
        "course.svg": picture.course_picture(
            *of, privacy=privacy, agenda=plan.agenda, language=language
        ).encode(),
        **_to_hand_on(plan, inputs, protocol, privacy),
    }


def _to_hand_on(
    plan: Plan, inputs: Inputs, protocol: Protocol, privacy: Privacy
) -> Mapping[str, bytes]:
    """Return the plan as a level tells it; none where all is told, as plan.json tells it."""
    if privacy is Privacy.FULL:
        return {}
    told = shown_plan(plan, inputs.clinic, inputs.person, protocol, privacy)
    text = documents.write_json(documents.plan_to_dict(told))
    return {f"plan-{privacy.value}.json": text.encode()}


def _messages(
    schedule: Schedule, inputs: Inputs, now: datetime, domain: str, language: str
) -> tuple[dict[str, bytes], str]:
    """
    Return what escorts must be told as files, or why nothing can be written to them.

    Args:
        inputs: With the course as it is before people are told of the schedule.
    """
    from protocol_sched.formats.ics.entries import escort_file_names
    from protocol_sched.formats.ics.file import CalendarOptions
    from protocol_sched.formats.ics.messages import ride_notices
    from protocol_sched.formats.ics.words import is_mail_address

    if not inputs.person.escorts:
        return {}, ""
    if not inputs.clinic.email:
        return {}, "the clinic's file has no e-mail address that escorts could answer to"
    try:
        notices = ride_notices(
            schedule,
            inputs.clinic,
            inputs.person,
            inputs.course,
            now=now,
            options=CalendarOptions(domain=domain, language=language),
        )
    except InvalidValue as error:
        return {}, str(error)
    names = escort_file_names(notice.escort for notice in notices)
    made = now.astimezone(inputs.clinic.zone)
    files: dict[str, bytes] = {}
    for notice in notices:
        who = names[notice.escort].removeprefix("escort-").removesuffix(".ics")
        mailed = is_mail_address(notice.to)
        content = notice.email().as_bytes() if mailed else notice.text.encode()
        stem = f"messages/{made:%Y-%m-%dT%H%M}-{notice.method.value.lower()}-{who}-{notice.day}"
        ending = "eml" if mailed else "txt"
        number, name = 1, f"{stem}.{ending}"
        while name in files:
            number, name = number + 1, f"{stem}-{number + 1}.{ending}"
        files[name] = content
    return files, ""


def _written(
    directory: Path, files: Mapping[str, bytes], messages: Mapping[str, bytes], trouble: str
) -> str:
    """Return which files were written, and why no messages were."""
    said = [*files]
    if messages:
        count = "1 message" if len(messages) == 1 else f"{len(messages)} messages"
        said.append(f"{count} to escorts in messages{os.sep}")
    lines = wrapped(f"Written to {directory}{os.sep}: {', '.join(said)}")
    text = "\n" + "".join(f"{line}\n" for line in lines)
    return f"{text}No messages to escorts are written: {trouble}\n" if trouble else text


def run_replan(options: argparse.Namespace) -> tuple[str, int]:
    inputs = inputs_of(options)
    as_of, now = moments_of(options, inputs.clinic.zone)
    inputs = beside(options, inputs, as_of)
    recorded = len(inputs.course.events)
    if options.previous is not None:
        before = plan_of(options.previous, inputs.course).schedule
        assert before is not None
        inputs = attrs.evolve(inputs, course=as_if_notified(inputs.course, before, as_of))
    with patience("still planning ..."):
        found = replan_course(
            inputs.course,
            inputs.clinic,
            inputs.person,
            as_of=as_of,
            now=now,
            until=options.until,
        )
    speech = LANGUAGES[options.language]
    if options.who_to_tell:
        return _who_to_tell(options, found, inputs)
    words = changes_text(found, inputs.clinic, language=options.language)
    heading = heading_text(inputs.course.protocol_on(as_of), language=options.language)
    text = (
        documents.write_json(documents.replan_to_dict(found))
        if options.json
        else f"{heading}\n\n{words}"
    )
    if found.plan.schedule is None:
        return text, NOT_SO
    text += _short_notice(options, found.plan.schedule, inputs, now, options.language)
    if not options.json and not any(isinstance(one, Notified) for one in inputs.course.events):
        nobody = (
            "No date is on record as told to anyone, so each counts as new. If people already know "
            "a plan, give it with --previous"
        )
        text += "\n" + "".join(f"{line}\n" for line in sentence(speech.tell(nobody)))
    if options.out is not None:
        # What people know by the plan before, if nobody recorded it, then what is new.
        earlier = inputs.course.events[: len(inputs.course.events) - recorded]
        at = _notified_at(options, now)
        files, messages, trouble = replan_files(
            found,
            inputs,
            now,
            at,
            options.domain,
            options.language,
            earlier,
            Privacy(options.privacy),
        )
        write_files(options.out, files | messages)
        if not options.json:
            text += _written(options.out, files, messages, trouble)
    return text, _code(found.plan)


def _who_to_tell(options: argparse.Namespace, found: Replan, inputs: Inputs) -> tuple[str, int]:
    """Return who has to be told what, and nothing else; no file is written."""
    if options.out is not None:
        raise Refused("--who-to-tell writes no files; leave out --out, or call replan twice")
    person = inputs.person.name or inputs.person.key
    told = who_to_tell(found, person, inputs.clinic.name)
    if options.json:
        facts = [
            {
                "who": one.who,
                "role": one.role.value,
                "visit": one.visit,
                "title": one.title,
                "before": one.before and one.before.isoformat(),
                "after": one.after and one.after.isoformat(),
            }
            for one in told
        ]
        return documents.write_json({"tell": facts}), _code(found.plan)
    return to_tell_text(told, inputs.clinic.zone, language=options.language), _code(found.plan)


def replan_files(
    found: Replan,
    inputs: Inputs,
    now: datetime,
    at: datetime | None,
    domain: str,
    language: str,
    earlier: Sequence[Event] = (),
    privacy: Privacy = Privacy.FULL,
) -> tuple[dict[str, bytes], dict[str, bytes], str]:
    """
    Return what is written of a course planned again: its files, messages to escorts, and why there
    are no messages.

    Args:
        found: With a schedule.
        at: When people are told; without it the order of events tells notifications apart.
        earlier: Events that nobody recorded, which stand before what is new.
        privacy: How much the picture tells, and a plan to hand on.
    """
    plan, schedule = found.plan, found.plan.schedule
    assert schedule is not None
    new = found.events(plan.agenda.as_of, at)
    # A visit whose time has come is not cancelled because nobody recorded it yet.
    past = [Given(visit=one.id, on=one.on, start=one.start) for one in found.unrecorded]
    noted = attrs.evolve(inputs, course=inputs.course.after([*past, *new]))
    files = {
        **_exports(plan, schedule, noted, now, domain, language, privacy),
        "plan.json": documents.write_json(documents.plan_to_dict(plan)).encode(),
        "changes.txt": changes_text(found, inputs.clinic, language=language).encode(),
        "aloud.txt": spoken_text(found, inputs.clinic, inputs.person, language=language).encode(),
        "notified.toml": documents.write_events([*earlier, *new]).encode(),
    }
    before_told = attrs.evolve(inputs, course=inputs.course.after(past))
    messages, trouble = _messages(schedule, before_told, now, domain, language)
    return files, messages, trouble


def run_replan_all(options: argparse.Namespace) -> tuple[str, int]:
    if options.workers is not None and options.workers < 1:
        raise Refused(f"--workers must be 1 or more, got {options.workers}")
    cases = cases_of(options)
    clinic = read_text(options.clinic, documents.read_clinic, "clinic")
    as_of, now = moments_of(options, clinic.zone)
    at = None if options.as_of is not None and options.now is None else now
    lines, code = [], DONE
    ready: dict[Path, dict[str, bytes]] = {}
    planned: list[tuple[Case, Replan]] = []
    answers = _answers(list(cases.values()), clinic, as_of, now, options.workers)
    with _counting(len(cases), options.progress or sys.stderr.isatty()) as count:
        for (name, case), found in zip(cases.items(), answers, strict=True):
            lines.append(f"{name}: {summary_text(found, language=options.language)}\n")
            count(bool(found.events(as_of)))
            if found.plan.schedule is None:
                code = NOT_SO
            elif options.out is not None:
                files = {
                    "changes.txt": changes_text(found, clinic, language=options.language),
                    "aloud.txt": spoken_text(found, clinic, case.person, language=options.language),
                    "notified.toml": documents.write_events(found.events(as_of, at)),
                    "plan.json": documents.write_json(documents.plan_to_dict(found.plan)),
                }
                planned.append((case, found))
                ready[options.out / name] = {key: text.encode() for key, text in files.items()}
    if planned:
        ready[options.out] = {
            "clinic.ics": whole_clinic(
                planned, clinic, as_of, now, options.domain, options.language
            )
        }
    for directory, content in ready.items():
        write_files(directory, content)
    return "".join(lines), code


def whole_clinic(
    planned: Sequence[tuple[Case, Replan]],
    clinic: Clinic,
    as_of: date,
    now: datetime,
    domain: str,
    language: str,
) -> bytes:
    """Return one calendar of the visits of all courses that have a plan."""
    from protocol_sched.formats.ics import entries

    courses = []
    for case, found in planned:
        schedule = found.plan.schedule
        assert schedule is not None
        past = [Given(visit=one.id, on=one.on, start=one.start) for one in found.unrecorded]
        course = case.course.after([*past, *found.events(as_of)])
        tentative = tuple(due.id for due in found.plan.agenda.dues if due.tentative)
        chosen = entries.CalendarOptions(tentative=tentative, domain=domain, language=language)
        courses.append(
            entries.ClinicCourse(
                schedule=schedule,
                person=case.person,
                protocol=course.protocol_on(now.astimezone(clinic.zone).date()),
                options=chosen.knowing(course, schedule),
            )
        )
    return entries.whole_clinic_calendar(courses, clinic, now=now)


def _answers(
    cases: Sequence[Case], clinic: Clinic, as_of: date, now: datetime, workers: int | None
) -> Iterator[Replan]:
    # Here, so that a plan of one course need not load the search over all of them.
    from concurrent.futures import ProcessPoolExecutor

    from protocol_sched.clinic.jobs import Job, replan_many
    from protocol_sched.clinic.replan import replan_clinic

    if workers is None:
        yield from replan_clinic(cases, clinic, as_of=as_of, now=now).replans
        return
    jobs = (
        Job(course=case.course, clinic=clinic, person=case.person, as_of=as_of, now=now)
        for case in cases
    )
    with ProcessPoolExecutor(workers) as pool:
        yield from replan_many(jobs, pool)


@contextmanager
def _counting(total: int, shown: bool) -> Iterator[Callable[[bool], None]]:
    """Yield a function that counts on the error stream, in one line that is written over."""
    done = changed = 0

    def count(changes: bool) -> None:
        nonlocal done, changed
        done, changed = done + 1, changed + changes
        if shown:
            text = f"\r{done} of {total} courses planned, {changed} changed"
            print(text, end="", file=sys.stderr, flush=True)

    try:
        yield count
    finally:
        if shown and done:
            print(file=sys.stderr, flush=True)
