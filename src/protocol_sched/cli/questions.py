"""The commands that answer one question about a course, or about all courses of a clinic."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import attrs

from protocol_sched.cli.arguments import moment_argument, number_argument
from protocol_sched.cli.cases import beside, cases_of
from protocol_sched.cli.ending import DONE, NOT_SO, Refused
from protocol_sched.cli.inputs import (
    add_printed_language,
    in_zone,
    inputs_of,
    moments_of,
    patience,
    read_text,
)
from protocol_sched.clinic.waiting import FreedPlace, Offer, waiting_list, who_can_take
from protocol_sched.formats.documents import documents
from protocol_sched.judge.rides import rides_at_risk
from protocol_sched.model.moments import utc
from protocol_sched.model.schedule import FirstDate
from protocol_sched.planning.course import best_courses, first_dates
from protocol_sched.planning.lookahead import startable
from protocol_sched.text.clinic_openings import offers_text
from protocol_sched.text.english.causes import origin_text
from protocol_sched.text.english.words import counted, date_text, moment_text, title_of
from protocol_sched.text.table import columns
from protocol_sched.text.variant import heading_text

BEST_ABOUT = """\
List the best whole courses, each really different from those before it: at most half of its visits
are on the same dates. The first one is what `plan` would choose."""

FIRST_ABOUT = """\
List every date on which the next visit can be with the whole course still placed after it, and
what the best course from each date costs."""

STARTABLE_ABOUT = """\
List the dates on which the next visit may be offered, and next to them those that only seem to
have room: a later visit would have none. Each of these names that visit, and what blocks it."""

WAITING_ABOUT = """\
List the courses of a clinic whose next visit has no date that people know of, those due first at
the top. DIR holds a directory for each course, with course.toml and person.toml in it."""

TAKE_ABOUT = """\
Say who may take a place that has become free, best first: whose visit was missed or put off, then
whose other visits move least. Every rule of their course is kept. DIR holds a directory for each
course, with person.toml and course.toml, in which events "notified" say what people know."""

TAKE_MORE = """\
example:
  protocol-sched who-can-take courses --clinic clinic.toml --place "chair 2" \\
      --from 2027-03-09T13:00 --to 2027-03-09T16:00"""

AT_RISK_ABOUT = """\
List the visits whose ride home was declined, or is not confirmed by the time the protocol asks for,
soonest first, and who could be asked next."""


def add_best(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--count",
        type=number_argument,
        default=3,
        metavar="N",
        help="how many courses (default: 3)",
    )
    parser.add_argument(
        "--shared",
        type=number_argument,
        metavar="N",
        help="how many visits two of them may have on the same date; without it half of them",
    )


def run_best(options: argparse.Namespace) -> tuple[str, int]:
    inputs = inputs_of(options)
    as_of, _ = moments_of(options, inputs.clinic.zone)
    inputs = beside(options, inputs, as_of)
    with patience("still planning ..."):
        plans = best_courses(
            inputs.course,
            inputs.clinic,
            inputs.person,
            as_of=as_of,
            count=options.count,
            shared=options.shared,
            until=options.until,
        )
    code = NOT_SO if plans[0].schedule is None else DONE
    if options.json:
        return documents.write_json(
            {"courses": [documents.plan_to_dict(one) for one in plans]}
        ), code
    if plans[0].schedule is None:
        from protocol_sched.text.plans import plan_text

        protocol = inputs.course.protocol_on(as_of)
        return plan_text(plans[0], inputs.clinic, protocol, inputs.person), code
    titles = list(
        dict.fromkeys(v.title for one in plans if one.schedule for v in one.schedule.visits)
    )
    rows = [("visit", *(f"course {n}" for n in range(1, len(plans) + 1)))]
    for title in titles:
        cells = []
        for one in plans:
            assert one.schedule is not None
            starts = [moment_text(v.start) for v in one.schedule.visits if v.title == title]
            cells.append(", ".join(starts))
        rows.append((title, *cells))
    costs = [one.objective for one in plans]
    off = (counted(cost.deviation, "day") if cost else "" for cost in costs)
    unmet = (str(cost.preferences) if cost else "" for cost in costs)
    rows += [("off target", *off), ("preferences not met", *unmet)]
    lines = "".join(f"{line}\n" for line in columns(rows))
    return f"{heading_text(inputs.course.protocol_on(as_of))}\n\n{lines}", code


def run_first_dates(options: argparse.Namespace) -> tuple[str, int]:
    inputs = inputs_of(options)
    as_of, _ = moments_of(options, inputs.clinic.zone)
    inputs = beside(options, inputs, as_of)
    with patience("still looking ..."):
        found = first_dates(
            inputs.course, inputs.clinic, inputs.person, as_of=as_of, until=options.until
        )
    code = DONE if found.dates else NOT_SO
    if options.json:
        dates = [_first_date(one) for one in found]
        return documents.write_json({"dates": dates, "complete": found.complete}), code
    return _dates_text(found.dates, found.complete), code


def add_startable(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--within",
        type=number_argument,
        default=28,
        metavar="DAYS",
        help="how many days from the first possible date on are looked at (default: 28)",
    )


def run_startable(options: argparse.Namespace) -> tuple[str, int]:
    inputs = inputs_of(options)
    as_of, _ = moments_of(options, inputs.clinic.zone)
    inputs = beside(options, inputs, as_of)
    with patience("still looking ..."):
        found = startable(
            inputs.course,
            inputs.clinic,
            inputs.person,
            as_of=as_of,
            within=options.within,
            until=options.until,
        )
    from protocol_sched.expansion import expand

    agenda = expand(inputs.course, as_of, clinic=inputs.clinic)
    blocked: list[dict[str, Any]] = []
    for one in found.blocked:
        if one.conflict is None:
            blocked.append({"day": one.day.isoformat(), "visit": None, "because": []})
            continue
        reasons = [
            origin_text(reason.rule, agenda)
            for reason in one.conflict.reasons
            if getattr(reason.rule, "rule", "") != "offer"
        ]
        visit = title_of(one.conflict.visit, agenda)
        blocked.append({"day": one.day.isoformat(), "visit": visit, "because": reasons})
    code = DONE if found.dates else NOT_SO
    if options.json:
        dates = [_first_date(one) for one in found.dates]
        facts = {"dates": dates, "blocked": blocked, "complete": found.complete}
        return documents.write_json(facts), code
    text = _dates_text(found.dates, found.complete)
    if blocked:
        text += "\nNot these, although the first visit would have room:\n"
        for one, told in zip(found.blocked, blocked, strict=True):
            visit = told["visit"] or "not known; the effort ended first"
            text += f"  {date_text(one.day, year=True)}: no room for {visit}\n"
            text += "".join(f"    {says}\n" for says in told["because"] or ())
    return text, code


def _first_date(one: FirstDate) -> dict[str, Any]:
    return {
        "day": one.day.isoformat(),
        "off_target": one.deviation,
        "preferences_not_met": one.preferences,
        "finish": one.finish.isoformat(),
        "outside_limits": one.breach,
    }


def _dates_text(dates: tuple[FirstDate, ...], complete: bool) -> str:
    if not dates:
        return "No date leaves room for the whole course; `explain` says why.\n"
    rows = [("first visit", "off target", "preferences not met", "last visit")]
    for one in dates:
        first, last = date_text(one.day, year=True), date_text(one.finish, year=True)
        rows.append((first, counted(one.deviation, "day"), str(one.preferences), last))
    text = "".join(f"{line}\n" for line in columns(rows))
    return text if complete else f"{text}The effort ended first: there may be more dates.\n"


def add_take(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--place", metavar="NAME", required=True, help="the place: 'chair 2'")
    for flag, says in (("--from", "from when it is free"), ("--to", "until when")):
        parser.add_argument(
            flag,
            dest={"--from": "start", "--to": "end"}[flag],
            type=moment_argument,
            metavar="MOMENT",
            required=True,
            help=f"{says}, such as 2027-03-09T13:00, in the clinic's zone",
        )
    parser.add_argument(
        "--count", type=number_argument, default=5, metavar="N", help="how many offers (default: 5)"
    )
    add_printed_language(parser)


def run_take(options: argparse.Namespace) -> tuple[str, int]:
    cases = cases_of(options)
    clinic = read_text(options.clinic, documents.read_clinic, "clinic")
    as_of, now = moments_of(options, clinic.zone)
    start, end = in_zone(options.start, clinic.zone), in_zone(options.end, clinic.zone)
    if utc(end) <= utc(start):
        raise Refused("--to must be after --from")
    freed = FreedPlace(place=options.place, start=start, end=end)
    with patience("still looking ..."):
        listed = waiting_list(cases.values(), clinic, as_of=as_of, now=now)
        offers = who_can_take(freed, listed, options.count)
    names = {case.course.key: name for name, case in cases.items()}
    code = DONE if offers else NOT_SO
    if options.json:
        return documents.write_json({"offers": [_offer(one, names) for one in offers]}), code
    rows = [
        (
            names[one.course],
            one.title,
            one.start.astimezone(clinic.zone),
            one.sooner,
            one.others_moved,
        )
        for one in offers
    ]
    return offers_text(rows, freed.place, language=options.language), code


def _offer(offer: Offer, names: Mapping[str, str]) -> dict[str, object]:
    return {
        "name": names[offer.course],
        "course": offer.course,
        "person": offer.person,
        "visit": offer.visit,
        "title": offer.title,
        "start": offer.start.isoformat(),
        "sooner_minutes": offer.sooner // timedelta(minutes=1),
        "overdue": offer.overdue,
        "others_moved": offer.others_moved,
        "replan": documents.replan_to_dict(offer.replan),
    }


def run_waiting(options: argparse.Namespace) -> tuple[str, int]:
    from protocol_sched.expansion import expand
    from protocol_sched.model.last_notice import last_notices

    cases = cases_of(options)
    clinic = read_text(options.clinic, documents.read_clinic, "clinic")
    as_of, _ = moments_of(options, clinic.zone)
    facts: list[dict[str, Any]] = []
    for case in cases.values():
        agenda = expand(case.course, as_of, clinic=clinic)
        notices = last_notices(case.course.events)
        known = {key for key, one in notices.items() if not one.cancelled and not one.given}
        for due in agenda.dues:
            if due.tentative or due.id in known:
                continue
            dated = due.target or due.forecast or due.earliest
            target = dated.day if dated else as_of
            facts.append(
                {
                    "person": case.person.key,
                    "course": case.course.key,
                    "visit": due.id,
                    "title": due.title,
                    "target": target.isoformat(),
                    "overdue": target < as_of,
                }
            )
            break
    facts.sort(key=lambda one: (one["target"], one["course"]))
    if options.json:
        return documents.write_json({"waiting": facts}), DONE
    if not facts:
        return "No course waits for a date.\n", DONE
    rows = [("person", "course", "next visit without a date", "due on")]
    for one in facts:
        day = date_text(datetime.fromisoformat(one["target"]).date(), year=True)
        due_on = f"{day}, overdue" if one["overdue"] else day
        rows.append((one["person"], one["course"], one["title"], due_on))
    return "".join(f"{line}\n" for line in columns(rows)), DONE


def run_at_risk(options: argparse.Namespace) -> tuple[str, int]:
    inputs = inputs_of(options)
    _, now = moments_of(options, inputs.clinic.zone)
    found = rides_at_risk(inputs.course, inputs.clinic, inputs.person, now=now)
    code = NOT_SO if found else DONE
    if options.json:
        facts = [
            {
                **attrs.asdict(one),
                "start": one.start.isoformat(),
                "ride": one.ride.value,
                "confirm_before": one.confirm_before.isoformat(),
            }
            for one in found
        ]
        return documents.write_json({"rides": facts}), code
    if not found:
        return "No ride home is at risk.\n", code
    zone = inputs.clinic.zone
    rows = [("visit", "arrival", "ride home", "who", "to be confirmed by", "could be asked next")]
    for one in found:
        start, by = (moment_text(of.astimezone(zone)) for of in (one.start, one.confirm_before))
        who, after = one.escort or "nobody", one.next_escort or "nobody"
        rows.append((one.title, start, one.ride.value, who, by, after))
    return "".join(f"{line}\n" for line in columns(rows)), code
