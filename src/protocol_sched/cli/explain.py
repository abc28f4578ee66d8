"""The commands ``explain`` and ``why``."""

from __future__ import annotations

import argparse
from typing import Any

from protocol_sched.cli.cases import beside
from protocol_sched.cli.declaring import as_of as add_as_of
from protocol_sched.cli.declaring import at_now
from protocol_sched.cli.declaring import until as add_until
from protocol_sched.cli.ending import DONE, NOT_SO, Refused
from protocol_sched.cli.inputs import inputs_of, moments_of, patience
from protocol_sched.cli.requests import REQUESTS, identity_of, read_requests
from protocol_sched.expansion import expand
from protocol_sched.formats.documents import documents
from protocol_sched.planning.explain import explain_course, why_course
from protocol_sched.text.explanations import explanation_text, why_text
from protocol_sched.text.languages import LANGUAGES
from protocol_sched.text.naming import Reader
from protocol_sched.text.privacy import Privacy

EXPLAIN_ABOUT = """\
Say whether the course, or what is requested, can be done. If it cannot, name the fewest rules that
cannot all hold, so that without any single one of them they could, and the changes that ask least
of people and make room, each with the plan it gives. Rules marked as safety rules never change."""

EXPLAIN_MORE = REQUESTS

WHY_ABOUT = """\
Say of each visit of the best plan, or of those named, why it is when it is: the rule and source
behind each of its dates, the rules that leave it no room and the room others leave, and what an
earlier time or a date nearer to its target would break or cost."""


def add_visits(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "visits", nargs="*", metavar="VISIT", help="a title or an identity; without, all visits"
    )


def add_question(parser: argparse.ArgumentParser) -> None:
    add_as_of()(parser)
    at_now("from when visits' notice is counted")(parser)
    add_until()(parser)
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
    inputs = beside(options, inputs, as_of)
    requests = read_requests(options.request, inputs.course, as_of, inputs.person)
    with patience("still looking ..."):
        explanation = explain_course(
            inputs.course,
            inputs.clinic,
            inputs.person,
            as_of=as_of,
            now=now,
            asked=requests,
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
    inputs = beside(options, inputs, as_of)
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
