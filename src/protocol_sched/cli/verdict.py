"""The command ``verdict``: dates of visits, given or only thought of, judged by the protocol."""

from __future__ import annotations

import argparse
from datetime import date, datetime
from difflib import get_close_matches
from typing import Any

from protocol_sched.cli.ending import DONE, NOT_SO, Refused
from protocol_sched.cli.inputs import add_closed_days, read_one_course, read_text
from protocol_sched.expansion import expand
from protocol_sched.formats.documents import documents
from protocol_sched.judge.verdicts import judge_history, nearest, verdict
from protocol_sched.model.agenda import DatedBy
from protocol_sched.model.course import Course
from protocol_sched.model.verdict import Judged, Verdict
from protocol_sched.text.dated import closed_lines
from protocol_sched.text.languages import LANGUAGES
from protocol_sched.text.verdicts import history_text, verdict_text

VERDICT_ABOUT = """\
Say what a date is for a visit: too early, in its window, late, too late, and by how much, with the
rule and its source, the tests that are not passed in time, and the nearest date that would be
right. DATE may be a moment, such as 2027-03-08T09:00-05:00: rules in hours are then judged to the
minute. Visits before it that are due as well are taken to be on the dates that `dates` forecasts.
Without VISIT, every visit that was given is judged against those before it.
A clinic's file says on which days it is closed, where the protocol speaks of closed days."""


def when_argument(text: str) -> date:
    """Read a date, or a moment with an offset."""
    wanted = "is not a date such as 2027-03-08, or a moment such as 2027-03-08T09:00-05:00"
    try:
        return date.fromisoformat(text)
    except ValueError:
        pass
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} {wanted}") from None
    if moment.tzinfo is None:
        raise argparse.ArgumentTypeError(f"{text!r} {wanted}")
    return moment


def add_dated_visit(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "visit",
        nargs="?",
        metavar="VISIT",
        help="a title or an identity; without, all visits given",
    )
    parser.add_argument(
        "date",
        nargs="?",
        type=when_argument,
        metavar="DATE",
        help="a date, or a moment with an offset",
    )
    add_closed_days(parser)


def run_verdict(options: argparse.Namespace) -> tuple[str, int]:
    course = read_one_course(options)
    clinic = None
    if options.clinic is not None:
        clinic = read_text(options.clinic, documents.read_clinic, "clinic")
    if options.visit is None:
        found = judge_history(course, clinic)
        code = NOT_SO if any(one.broken for one in found) else DONE
        if options.json:
            return documents.write_json({"verdicts": [_facts(one) for one in found]}), code
        return f"{course.protocol.title}\n\n{history_text(found, language=options.language)}", code
    if options.date is None:
        raise Refused("verdict: name a date after the visit, such as 2027-03-08")
    as_of = options.as_of or datetime.now().astimezone().date()
    visit = identity_in(options.visit, course, options.date, as_of)
    one = verdict(course, visit, options.date, as_of, clinic)
    sooner, later = (None, None)
    if one.judged is not Judged.NOT_DUE and (one.judged is not Judged.IN_WINDOW or one.unmet):
        sooner, later = nearest(course, one, as_of, clinic)
    code = NOT_SO if one.broken or one.judged is Judged.NOT_DUE else DONE
    if options.json:
        near = {"sooner": sooner and sooner.isoformat(), "later": later and later.isoformat()}
        return documents.write_json({**_facts(one), "nearest": near}), code
    text = verdict_text(one, sooner, later, language=options.language)
    if clinic is None:
        agenda = expand(course, min(as_of, one.on), one.on)
        unknown = closed_lines(agenda, LANGUAGES[options.language], visit)
        text += "".join(f"{line}\n" for line in unknown)
    return text, code


def identity_in(name: str, course: Course, on: date, as_of: date) -> str:
    """
    Return the identity of a visit given or due, by its title or its identity.

    Raises:
        Refused: The course has no visit of that name, or several.
    """
    day = on.date() if isinstance(on, datetime) else on
    start = course.not_before or day
    agenda = expand(course, min(day, as_of), max(day, start))
    names = {(one.id, one.title) for one in agenda.dues}
    names |= {(one.id, one.title) for one in agenda.past}
    found = sorted({identity for identity, title in names if name in (identity, title)})
    if not found:
        said = " ".join(name.lower().split())
        found = sorted({one for one, title in names if said in (one.lower(), title.lower())})
    if len(found) == 1:
        return found[0]
    if found:
        raise Refused(f"{name!r} is the title of {', '.join(found)}; name one of these")
    known = [title for _, title in sorted(names)] + [identity for identity, _ in sorted(names)]
    near = get_close_matches(name, dict.fromkeys(known))
    wanted = f"did you mean {' or '.join(near)}?" if near else "`dates` lists those due"
    raise Refused(f"the course has no visit {name!r}; {wanted}")


def _facts(one: Verdict) -> dict[str, Any]:
    def dated(of: DatedBy | None) -> dict[str, str] | None:
        if of is None:
            return None
        return {"day": of.day.isoformat(), "rule": of.rule, "source": of.source}

    was = one.took_place
    return {
        "visit": one.visit,
        "title": one.title,
        "on": one.on.isoformat(),
        "start": one.start and one.start.isoformat(),
        "judged": one.judged.value,
        "broken": one.broken,
        "days": one.days,
        "minutes": one.minutes,
        "between": list(one.between) if one.between else None,
        "rule": one.rule,
        "source": one.source,
        "follows": one.follows,
        "earliest": dated(one.earliest),
        "target": dated(one.target),
        "target_until": one.target_until and one.target_until.isoformat(),
        "off_target": one.off_target,
        "forecast": dated(one.forecast),
        "latest": dated(one.latest),
        "foreseen": [{"title": title, "day": day.isoformat()} for title, day in one.foreseen],
        "unmet": list(one.unmet),
        "untold": list(one.untold),
        "took_place": was
        and {
            "on": was.on.isoformat(),
            "start": was.start and was.start.isoformat(),
            "judged": was.judged.value,
            "days": was.days,
            "minutes": was.minutes,
            "rule": was.rule,
        },
    }
