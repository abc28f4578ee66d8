"""The command ``check``: a plan or a calendar file, judged."""

from __future__ import annotations

import argparse
from datetime import datetime, timedelta
from pathlib import Path

import attrs

from protocol_sched.cli.ending import DONE, NOT_SO
from protocol_sched.cli.inputs import Inputs, inputs_of, plan_of, read_bytes
from protocol_sched.expansion import expand
from protocol_sched.formats.documents import documents
from protocol_sched.judge.breaches import breaches
from protocol_sched.judge.calendar_file import judge_calendar, judgement_text
from protocol_sched.judge.checker import violations
from protocol_sched.model.course import Given
from protocol_sched.text.breaches import breaches_said

CHECK_ABOUT = """\
Judge a plan that was made before, or by someone else, and list every rule it breaks. The judge
shares no code with the planner. PLAN may also be a calendar file of any program: which entries
are visits is decided by UID, then title, then order of time; entries that are none are listed."""


def add_plan(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("plan", type=Path, metavar="PLAN", help="plan.json or a calendar file")


def add_title(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--title",
        default="",
        metavar="TEXT",
        help="count only calendar entries with this title as visits",
    )


def run_check(options: argparse.Namespace) -> tuple[str, int]:
    inputs = inputs_of(options)
    data = read_bytes(options.plan)
    if options.plan.suffix.lower() in _CALENDARS or _is_calendar(data):
        return _check_calendar(options, inputs, data)
    plan = plan_of(options.plan, inputs.course)
    as_of = options.as_of or plan.agenda.as_of
    agenda = expand(inputs.course, as_of, clinic=inputs.clinic)
    protocol = inputs.course.protocol_on(as_of)
    assert plan.schedule is not None
    world = (inputs.clinic, inputs.person, protocol)
    found = violations(agenda, plan.schedule, *world)
    known = breaches(agenda, plan.schedule, *world)
    head = breaches_said(agenda, plan.schedule, known)
    broken = bool(found or known or agenda.breaches)
    code = NOT_SO if broken else DONE
    if options.json:
        listed = [{**attrs.asdict(one), "says": one.says} for one in found]
        return documents.write_json({"violations": listed, "breaches": head}), code
    kept = "Every other rule is kept." if head else "Every rule is kept."
    lines = [*head, *(map(str, found) if found else [kept])]
    return "".join(f"{line}\n" for line in lines), code


_CALENDARS = (".ics", ".ical", ".ifb", ".icalendar")


def _is_calendar(data: bytes) -> bool:
    return data.removeprefix(b"\xef\xbb\xbf").lstrip()[:15].upper() == b"BEGIN:VCALENDAR"


def _check_calendar(options: argparse.Namespace, inputs: Inputs, data: bytes) -> tuple[str, int]:
    course, zone = inputs.course, inputs.clinic.zone
    given = [event.on for event in course.events if isinstance(event, Given)]
    start = None if course.not_before is None else course.not_before - timedelta(days=1)
    as_of = options.as_of or max(given, default=start) or datetime.now(zone).date()
    judged = judge_calendar(
        data,
        course,
        inputs.clinic,
        inputs.person,
        as_of=as_of,
        title=options.title,
        name=str(options.plan),
    )
    code = NOT_SO if judged.violations else DONE
    if not options.json:
        return judgement_text(judged), code
    found = judged.found
    return documents.write_json(
        {
            "visits": [
                {
                    "visit": one.visit,
                    "start": one.start.isoformat(),
                    "line": one.line,
                    "title": one.title,
                    "by": one.by.value,
                    "unsaid": list(one.unsaid),
                    "judged": verdict.judged.value if verdict else None,
                }
                for one in found.matched
                for verdict in (judged.verdict(one.visit),)
            ],
            "tentative": list(found.tentative),
            "cancelled": list(found.cancelled),
            "unmatched": [
                {
                    "line": one.line,
                    "title": one.title,
                    "start": one.start.isoformat() if one.start else None,
                    "why": one.why,
                }
                for one in found.unmatched
            ],
            "violations": [{**attrs.asdict(one), "says": one.says} for one in judged.violations],
        }
    ), code
