"""The commands ``explain`` and ``why``."""

from __future__ import annotations

import argparse
import re
from datetime import date
from difflib import get_close_matches
from typing import Any

from protocol_sched.cli.inputs import (
    DONE,
    NOT_SO,
    Refused,
    date_argument,
    inputs_of,
    moment_argument,
    moments_of,
    patience,
)
from protocol_sched.expansion import expand
from protocol_sched.formats.documents import documents
from protocol_sched.model.agenda import Agenda
from protocol_sched.model.availability import Person, clock
from protocol_sched.model.causes import PreferenceKept, Request
from protocol_sched.model.explanation import Asked
from protocol_sched.planning.explain import explain_course, why_course
from protocol_sched.text.explanations import explanation_text, why_text
from protocol_sched.text.languages import LANGUAGES
from protocol_sched.text.naming import Reader
from protocol_sched.text.privacy import Privacy

EXPLAIN_USAGE = """\
protocol-sched explain COURSE --clinic FILE --person FILE [--protocol FILE] [--as-of DATE]
                              [--busy FILE] [--now MOMENT] [--until DATE] [--request REQUEST ...]
                              [--count N] [--for patient|scheduler] [--language CODE]
                              [--privacy LEVEL] [--json]"""

WHY_USAGE = """\
protocol-sched why COURSE [VISIT ...] --clinic FILE --person FILE [--protocol FILE]
                          [--as-of DATE] [--busy FILE] [--now MOMENT] [--until DATE]
                          [--for patient|scheduler] [--language CODE] [--privacy LEVEL] [--json]"""

EXPLAIN_ABOUT = """\
Say whether the course, or what is requested, can be done. If it cannot, name the fewest rules that
cannot all hold, so that without any single one of them they could, and the changes that ask least
of people and make room, each with the plan it gives. Rules marked as safety rules never change."""

EXPLAIN_MORE = """\
a request is one of:
  VISIT on DATE [at TIME]    'infusion 3 on 2027-03-11 at 10:00'
  VISIT by DATE              not later
  VISIT from DATE            not earlier
  VISIT not on DATE          on any other date
  every visit by DATE        the course is over by then
  no visit on DATE           that date is blocked
  preferences                what the person would rather have, kept on every visit"""

WHY_ABOUT = """\
Say of each visit of the best plan, or of those named, why it is when it is: the rule and source
behind each of its dates, the rules that leave it no room and the room others leave, and what an
earlier time or a date nearer to its target would break or cost."""


def add_question(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--as-of",
        type=date_argument,
        metavar="DATE",
        help="the date on which the question is asked; without it, today at the clinic",
    )
    parser.add_argument(
        "--now",
        type=moment_argument,
        metavar="MOMENT",
        help="from when visits' notice is counted; without it, the clock's time, "
        "or the beginning of the date of --as-of",
    )
    parser.add_argument(
        "--until",
        type=date_argument,
        metavar="DATE",
        help="show visits to this date; the whole course is planned",
    )
    parser.add_argument(
        "--for",
        dest="reader",
        choices=[reader.value for reader in Reader],
        default=Reader.SCHEDULER.value,
        metavar="READER",
        help="patient or scheduler, who is told everything; scheduler",
    )
    parser.add_argument(
        "--language",
        choices=LANGUAGES,
        default="en",
        metavar="CODE",
        help=f"{' or '.join(LANGUAGES)} (default: en)",
    )
    parser.add_argument(
        "--privacy",
        choices=[privacy.value for privacy in Privacy],
        metavar="LEVEL",
        help="full, neutral (no drug, condition or treatment) or minimal (nobody's name either); "
        "without it neutral for a patient, full for a scheduler",
    )
    parser.add_argument(
        "--json", action="store_true", help="print every fact as JSON, for a log; not for a patient"
    )


def run_explain(options: argparse.Namespace) -> tuple[str, int]:
    voice = _voice(options)
    inputs = inputs_of(options)
    as_of, now = moments_of(options, inputs.clinic.zone)
    agenda = expand(inputs.course, as_of)
    requests = [_request(text, agenda, inputs.person) for text in options.request]
    with patience("still looking ..."):
        explanation = explain_course(
            inputs.course,
            inputs.clinic,
            inputs.person,
            as_of=as_of,
            now=now,
            asked=[request for some in requests for request in some],
            until=options.until,
            count=options.count,
            treatment=voice["reader"] is not Reader.PATIENT,
        )
    text = explanation_text(explanation, **voice)
    code = NOT_SO if explanation.plan.schedule is None else DONE
    if options.json:
        facts = documents.explanation_to_dict(explanation)
        return documents.write_json({"says": text, **facts}), code
    return text, code


def run_why(options: argparse.Namespace) -> tuple[str, int]:
    voice = _voice(options)
    inputs = inputs_of(options)
    as_of, now = moments_of(options, inputs.clinic.zone)
    agenda = expand(inputs.course, as_of)
    visits = [identity_of(name, agenda) for name in options.visits]
    with patience("still looking ..."):
        plan, whys = why_course(
            inputs.course,
            inputs.clinic,
            inputs.person,
            as_of=as_of,
            now=now,
            visits=visits,
            until=options.until,
        )
    text = why_text(plan, whys, **voice)
    code = NOT_SO if plan.schedule is None else DONE
    if options.json:
        facts = [documents.why_to_dict(why) for why in whys]
        return documents.write_json({"says": text, "proof": plan.proof.value, "why": facts}), code
    return text, code


def _voice(options: argparse.Namespace) -> dict[str, Any]:
    """
    Return whom a text is for, in which language and how much it tells.

    Raises:
        Refused: Every fact is asked for, for the person.
    """
    if options.json and Reader(options.reader) is Reader.PATIENT:
        raise Refused(
            "--json holds every fact, which is not for a patient; leave out --for patient"
        )
    return {
        "reader": Reader(options.reader),
        "language": options.language,
        "privacy": Privacy(options.privacy) if options.privacy else None,
    }


_REQUEST = re.compile(
    r"(?P<who>.+?)\s+(?P<how>not on|on|by|from)\s+(?P<day>\S+)(\s+at\s+(?P<at>\S+))?"
)


def _request(text: str, agenda: Agenda, person: Person) -> list[Asked]:
    """
    Read a request as it is written on the command line.

    Raises:
        Refused: It is not one; `EXPLAIN_MORE` lists those there are.
    """
    if text.strip() == "preferences":
        preferences = person.preferences
        names = ("weekdays", "earliest", "latest", "hours", "not_two_days_running")
        asked = [which for which in names if getattr(preferences, which) not in (None, (), False)]
        return [PreferenceKept(person.name, which, preferences) for which in asked]
    match = _REQUEST.fullmatch(text.strip())
    if match is None or (match["at"] and match["how"] != "on"):
        raise Refused(
            f"--request {text!r}: must be such as 'infusion 3 on 2027-03-11 at 10:00', "
            "'infusion 3 by 2027-03-11', 'infusion 3 from 2027-03-11', "
            "'infusion 3 not on 2027-03-11', 'every visit by 2027-03-31', "
            "'no visit on 2027-03-11' or 'preferences'"
        )
    try:
        day = date.fromisoformat(match["day"])
    except ValueError:
        says = f"{match['day']!r} is not a date such as 2027-02-20"
        raise Refused(f"--request {text!r}: {says}") from None
    try:
        at = clock(match["at"]) if match["at"] else None
    except ValueError as error:
        raise Refused(f"--request {text!r}: {error}") from None
    who, how = match["who"], match["how"]
    visit = None if who in ("every visit", "no visit") else identity_of(who, agenda)
    if how == "not on" or who == "no visit":
        if at is not None or how not in ("on", "not on") or (who == "no visit" and how != "on"):
            raise Refused(
                f"--request {text!r}: a date that is blocked is such as 'no visit on {day}'"
            )
        return [Request(visit=visit, never=day)]
    return [
        Request(
            visit=visit,
            first=None if how == "by" else day,
            last=None if how == "from" else day,
            earliest=at,
            latest=at,
        )
    ]


def identity_of(name: str, agenda: Agenda) -> str:
    """
    Return the identity of a visit that is due, by its title or its identity.

    Raises:
        Refused: Nothing is due by that name, or several visits are.
    """
    dues = [due for due in agenda.dues if not due.tentative]
    found = [due.id for due in dues if name in (due.id, due.title)]
    if len(found) == 1:
        return found[0]
    if found:
        raise Refused(f"{name!r} is the title of {', '.join(found)}; name one of these")
    titles = list(dict.fromkeys(due.title for due in dues))
    near = get_close_matches(name, titles) or get_close_matches(name, [due.id for due in dues])
    if near:
        raise Refused(f"no visit {name!r} is due; near to it are: {', '.join(near)}")
    if len(titles) > MOST_TITLES:
        titles = [
            *titles[: MOST_TITLES - 2],
            f"... {len(titles) - MOST_TITLES + 1} more",
            titles[-1],
        ]
    raise Refused(f"no visit {name!r} is due; due are: {', '.join(titles) or 'nothing'}")


MOST_TITLES = 10
"""Of more visits than these not all are listed."""
