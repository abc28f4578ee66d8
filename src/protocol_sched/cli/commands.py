"""The commands: a line about each, and what it takes, which is loaded when it is called."""

from __future__ import annotations

from argparse import SUPPRESS, ArgumentParser
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any

from protocol_sched.cli.arguments import number_argument
from protocol_sched.cli.declaring import Commands, as_json, as_of, at_now, declare, out, until
from protocol_sched.model.former import FLAGS


def _plan(commands: Commands[ArgumentParser], says: str) -> None:
    from protocol_sched.cli.cases import add_beside
    from protocol_sched.cli.inputs import add_domain, add_inputs, add_language, add_privacy
    from protocol_sched.cli.plan import PLAN_ABOUT, PLAN_MORE, run_plan

    declare(
        commands,
        "plan",
        run_plan,
        add_inputs,
        add_beside,
        _add_request,
        as_of(),
        at_now("when the files say they were made"),
        until(),
        out,
        add_domain,
        partial(add_language, also="what is printed, "),
        add_privacy,
        as_json("print the plan as JSON"),
        says=says,
        about=PLAN_ABOUT,
        more=PLAN_MORE,
    )


def _replan(commands: Commands[ArgumentParser], says: str) -> None:
    from protocol_sched.cli.cases import add_beside
    from protocol_sched.cli.inputs import add_domain, add_inputs, add_language, add_privacy
    from protocol_sched.cli.plan import REPLAN_ABOUT, REPLAN_MORE, run_replan

    declare(
        commands,
        "replan",
        run_replan,
        add_inputs,
        add_beside,
        as_of(),
        at_now("no visit is planned before it"),
        until(),
        _add_previous,
        _add_who_to_tell,
        out,
        add_domain,
        partial(add_language, also="what is printed, "),
        add_privacy,
        as_json("print the changes as JSON"),
        says=says,
        about=REPLAN_ABOUT,
        more=REPLAN_MORE,
    )


def _replan_all(commands: Commands[ArgumentParser], says: str) -> None:
    from protocol_sched.cli.inputs import add_courses, add_domain, add_language
    from protocol_sched.cli.plan import REPLAN_ALL_ABOUT, REPLAN_ALL_MORE, run_replan_all

    declare(
        commands,
        "replan-all",
        run_replan_all,
        add_courses,
        as_of(),
        at_now("no visit is planned before it"),
        _add_workers,
        out,
        add_domain,
        partial(add_language, also="what is printed, "),
        says=says,
        about=REPLAN_ALL_ABOUT,
        more=REPLAN_ALL_MORE,
    )


def _clinic(commands: Commands[ArgumentParser], says: str) -> None:
    from protocol_sched.cli.clinic import add_clinic

    add_clinic(commands, says)


def _explain(commands: Commands[ArgumentParser], says: str) -> None:
    from protocol_sched.cli.cases import add_beside
    from protocol_sched.cli.explain import EXPLAIN_ABOUT, EXPLAIN_MORE, add_question, run_explain
    from protocol_sched.cli.inputs import add_inputs

    declare(
        commands,
        "explain",
        run_explain,
        add_inputs,
        add_beside,
        add_question,
        _add_request,
        _add_count,
        says=says,
        about=EXPLAIN_ABOUT,
        more=EXPLAIN_MORE,
    )


def _why(commands: Commands[ArgumentParser], says: str) -> None:
    from protocol_sched.cli.cases import add_beside
    from protocol_sched.cli.explain import WHY_ABOUT, add_question, add_visits, run_why
    from protocol_sched.cli.inputs import add_inputs

    declare(
        commands,
        "why",
        run_why,
        add_inputs,
        add_beside,
        add_visits,
        add_question,
        says=says,
        about=WHY_ABOUT,
    )


def _best(commands: Commands[ArgumentParser], says: str) -> None:
    from protocol_sched.cli.cases import add_beside
    from protocol_sched.cli.inputs import add_inputs
    from protocol_sched.cli.questions import BEST_ABOUT, add_best, run_best

    declare(
        commands,
        "best",
        run_best,
        add_inputs,
        add_beside,
        as_of(),
        at_now("what lies before it is over"),
        until(),
        add_best,
        as_json("print the courses as JSON"),
        says=says,
        about=BEST_ABOUT,
    )


def _first_dates(commands: Commands[ArgumentParser], says: str) -> None:
    from protocol_sched.cli.cases import add_beside
    from protocol_sched.cli.inputs import add_inputs
    from protocol_sched.cli.questions import FIRST_ABOUT, run_first_dates

    declare(
        commands,
        "first-dates",
        run_first_dates,
        add_inputs,
        add_beside,
        as_of(),
        at_now("what lies before it is over"),
        until("the last date that is looked at"),
        as_json("print the dates as JSON"),
        says=says,
        about=FIRST_ABOUT,
    )


def _startable(commands: Commands[ArgumentParser], says: str) -> None:
    from protocol_sched.cli.cases import add_beside
    from protocol_sched.cli.inputs import add_inputs
    from protocol_sched.cli.questions import STARTABLE_ABOUT, add_startable, run_startable

    declare(
        commands,
        "startable",
        run_startable,
        add_inputs,
        add_beside,
        as_of(),
        at_now("what lies before it is over"),
        until("the last date that is looked at"),
        add_startable,
        as_json("print the dates as JSON"),
        says=says,
        about=STARTABLE_ABOUT,
    )


def _waiting(commands: Commands[ArgumentParser], says: str) -> None:
    from protocol_sched.cli.inputs import add_courses
    from protocol_sched.cli.questions import WAITING_ABOUT, run_waiting

    declare(
        commands,
        "waiting",
        run_waiting,
        add_courses,
        as_of(),
        at_now("what lies before it is over"),
        as_json("print the list as JSON"),
        says=says,
        about=WAITING_ABOUT,
    )


def _who_can_take(commands: Commands[ArgumentParser], says: str) -> None:
    from protocol_sched.cli.inputs import add_courses
    from protocol_sched.cli.questions import TAKE_ABOUT, TAKE_MORE, add_take, run_take

    declare(
        commands,
        "who-can-take",
        run_take,
        add_courses,
        add_take,
        as_of(),
        at_now("no visit is offered before it"),
        as_json("print the offers as JSON"),
        says=says,
        about=TAKE_ABOUT,
        more=TAKE_MORE,
    )


def _at_risk(commands: Commands[ArgumentParser], says: str) -> None:
    from protocol_sched.cli.inputs import add_inputs
    from protocol_sched.cli.questions import AT_RISK_ABOUT, run_at_risk

    declare(
        commands,
        "at-risk",
        run_at_risk,
        add_inputs,
        as_of(),
        at_now("from when on a ride that is not confirmed is at risk"),
        as_json("print the rides as JSON"),
        says=says,
        about=AT_RISK_ABOUT,
    )


def _record(commands: Commands[ArgumentParser], says: str) -> None:
    from protocol_sched.cli.inputs import add_clinic_file, add_course
    from protocol_sched.cli.record import RECORD_ABOUT, RECORD_MORE, add_record, run_record

    declare(
        commands,
        "record",
        run_record,
        add_course,
        add_record,
        add_clinic_file,
        as_of(),
        at_now("nothing that began after it was given"),
        as_json("print what was recorded as JSON"),
        says=says,
        about=RECORD_ABOUT,
        more=RECORD_MORE,
    )


def _check(commands: Commands[ArgumentParser], says: str) -> None:
    from protocol_sched.cli.check import CHECK_ABOUT, add_plan, add_title, run_check
    from protocol_sched.cli.inputs import add_inputs

    declare(
        commands,
        "check",
        run_check,
        add_plan,
        add_inputs,
        as_of(
            "the date on which the question is asked; without it, the plan's own; for a calendar, "
            "the last visit's that was given, the day before the course starts, or today"
        ),
        add_title,
        as_json("print the violations as JSON"),
        says=says,
        about=CHECK_ABOUT,
    )


def _dates(commands: Commands[ArgumentParser], says: str) -> None:
    from protocol_sched.cli.inputs import add_closed_days, add_course, add_printed_language
    from protocol_sched.cli.lists import DATES_ABOUT, run_dates

    declare(
        commands,
        "dates",
        run_dates,
        add_course,
        add_closed_days,
        as_of("the date of the question; without it, today"),
        until("how far phases without an end are listed"),
        add_printed_language,
        as_json("print the agenda as JSON"),
        says=says,
        about=DATES_ABOUT,
    )


def _verdict(commands: Commands[ArgumentParser], says: str) -> None:
    from protocol_sched.cli.inputs import add_course, add_printed_language
    from protocol_sched.cli.verdict import VERDICT_ABOUT, add_dated_visit, run_verdict

    declare(
        commands,
        "verdict",
        run_verdict,
        add_course,
        add_dated_visit,
        as_of("the date of the question; without it, today"),
        add_printed_language,
        as_json("print every fact as JSON"),
        says=says,
        about=VERDICT_ABOUT,
    )


def _catalog(commands: Commands[ArgumentParser], says: str) -> None:
    from protocol_sched.cli.inputs import add_printed_language
    from protocol_sched.cli.lists import CATALOG_ABOUT, add_shelf, run_catalog

    declare(
        commands,
        "catalog",
        run_catalog,
        add_shelf,
        add_printed_language,
        as_json("print JSON"),
        says=says,
        about=CATALOG_ABOUT,
    )


def _import(commands: Commands[ArgumentParser], says: str) -> None:
    from protocol_sched.cli.exchange import IMPORT_ABOUT, add_import, run_import

    declare(
        commands,
        "import",
        run_import,
        add_import,
        says=says,
        about=IMPORT_ABOUT,
    )


def _export(commands: Commands[ArgumentParser], says: str) -> None:
    from protocol_sched.cli.exchange import EXPORT_ABOUT, add_export, run_export

    declare(
        commands,
        "export",
        run_export,
        add_export,
        says=says,
        about=EXPORT_ABOUT,
    )


def _validate(commands: Commands[ArgumentParser], says: str) -> None:
    from protocol_sched.cli.validate import (
        VALIDATE_ABOUT,
        VALIDATE_MORE,
        add_validate,
        run_validate,
    )

    declare(
        commands,
        "validate",
        run_validate,
        add_validate,
        as_json("print what each file is as JSON"),
        says=says,
        about=VALIDATE_ABOUT,
        more=VALIDATE_MORE,
    )


def _new(commands: Commands[ArgumentParser], says: str) -> None:
    from protocol_sched.cli.new import NEW_ABOUT, NEW_MORE, add_new, run_new

    declare(
        commands,
        "new",
        run_new,
        add_new,
        says=says,
        about=NEW_ABOUT,
        more=NEW_MORE,
    )


def _schema(commands: Commands[ArgumentParser], says: str) -> None:
    from protocol_sched.cli.lists import SCHEMA_ABOUT, add_schema, run_schema

    declare(
        commands,
        "schema",
        run_schema,
        add_schema,
        says=says,
        about=SCHEMA_ABOUT,
    )


def _add_renamed(parser: ArgumentParser, command: str, flag: str, **how: Any) -> None:
    """Add a flag, and without a word of help its earlier name; never both in one call."""
    either = parser.add_mutually_exclusive_group()
    either.add_argument(flag, **how)
    for earlier, now in FLAGS[command].items():
        if now == flag:
            dest = flag.removeprefix("--")
            either.add_argument(earlier, **{**how, "dest": dest, "help": SUPPRESS})


def _add_previous(parser: ArgumentParser) -> None:
    _add_renamed(
        parser,
        "replan",
        "--previous",
        type=Path,
        metavar="PLAN",
        help='plan.json that people know of, for visits the course has no event "notified" about',
    )


def _add_who_to_tell(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--who-to-tell",
        action="store_true",
        help="list instead who has to be told: of which visit, when it was and when it is",
    )


def _add_request(parser: ArgumentParser) -> None:
    _add_renamed(
        parser,
        "explain",
        "--request",
        action="append",
        default=[],
        metavar="REQUEST",
        help="what the plan must keep as well; may be given several times",
    )


def _add_count(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--count",
        type=number_argument,
        default=3,
        metavar="N",
        help="how many changes to name (default: 3)",
    )


def _add_workers(parser: ArgumentParser) -> None:
    parser.add_argument("--workers", type=int, metavar="N", help="processes; without it, in turn")
    parser.add_argument(
        "--progress",
        action="store_true",
        help="count on the error stream, as it does at a terminal without it",
    )


COMMANDS: Mapping[str, tuple[str, Callable[[Commands[ArgumentParser], str], None]]] = {
    "plan": ("plan a course", _plan),
    "replan": ("re-plan a course with the least change", _replan),
    "replan-all": ("re-plan all courses of a clinic", _replan_all),
    "clinic": (
        "plan or re-plan all courses of a clinic, show its day, or say what it carries",
        _clinic,
    ),
    "explain": ("say why something is not possible, and what would help", _explain),
    "why": ("say why visits are when they are", _why),
    "best": ("list the best plans that really differ", _best),
    "first-dates": ("list the dates on which the next visit can be", _first_dates),
    "startable": ("say which first dates only seem to be free", _startable),
    "waiting": ("list the courses that wait for a date", _waiting),
    "who-can-take": ("say who may take a place that has become free", _who_can_take),
    "at-risk": ("list the rides home that are not certain", _at_risk),
    "record": ("add an event to a course, if it can have happened", _record),
    "check": ("judge a plan", _check),
    "dates": ("list the dates a protocol asks for", _dates),
    "verdict": ("judge the dates of visits", _verdict),
    "catalog": ("list or show published protocols, or print one as a sheet to sign", _catalog),
    "import": ("read a study design, plan definition or table as a protocol", _import),
    "export": ("write a protocol or a plan for FHIR, or a plan as a table", _export),
    "validate": ("say what each file is, and everything that is wrong with it", _validate),
    "new": ("write a clinic, person, course or protocol to start from", _new),
    "schema": ("print the JSON Schema of a kind of file", _schema),
}
"""What is said of each command in the list of them, and what declares it."""
