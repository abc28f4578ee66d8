"""The command ``clinic replan``: something happened, and the fewest visits move."""

from __future__ import annotations

import argparse
import sys
from functools import partial

from protocol_sched.cli.cases import cases_of
from protocol_sched.cli.clinic_files import (
    add_search,
    telling,
    write_courses,
)
from protocol_sched.cli.declaring import Commands, declare
from protocol_sched.cli.ending import DONE, NOT_SO
from protocol_sched.cli.inputs import moments_of, read_text, write_files
from protocol_sched.clinic.replan import STANDARD, Moving, replan_clinic
from protocol_sched.clinic.together import Effort
from protocol_sched.formats.documents import documents
from protocol_sched.formats.tables.calls import calls_csv
from protocol_sched.text.changes import changes_text
from protocol_sched.text.clinic_replan import clinic_replan_text

ABOUT = """\
Re-plan all courses of a clinic after something happened to it: a nurse is ill, a chair is out of
order, a day is closed; the clinic's file says so. As few visits as possible move, over all courses
together. DIR holds a directory for each course, with course.toml, in which events "notified" say
what people know, and person.toml. Print how many move, how few any plan could move, whom to call in
which order, and who is in another place at the time they know, about which nobody is called."""

MORE = """\
with --out, each course gets a directory of its name with the files that `replan` writes; next to
them are clinic.ics, visits.csv, visits.json and pictures, as `clinic plan` writes them, and
  calls.csv     whom to call, in order: old time, new time, why, and who is asked first
  calls.txt     the same to read

example:
  protocol-sched clinic replan courses --clinic clinic.toml --as-of 2027-03-08 --out out"""


def add_clinic_replan(parts: Commands[argparse.ArgumentParser]) -> None:
    declare(
        parts,
        "replan",
        run_clinic_replan,
        partial(
            add_search,
            counted="STEPS",
            standard=STANDARD.moves,
            as_json="print the changes as JSON",
        ),
        says="something happened: the fewest visits move",
        about=ABOUT,
        more=MORE,
    )


def run_clinic_replan(options: argparse.Namespace) -> tuple[str, int]:
    cases = cases_of(options)
    clinic = read_text(options.clinic, documents.read_clinic, "clinic")
    as_of, now = moments_of(options, clinic.zone)

    def said(one: Moving) -> str:
        return (
            f"{one.doing}: {one.done} of {one.of}, {one.unplaced} without a plan, "
            f"{one.moved} moved, at least {one.bound}"
        )

    with telling(options.progress or sys.stderr.isatty(), said) as report:
        found = replan_clinic(
            list(cases.values()),
            clinic,
            as_of=as_of,
            now=now,
            seed=options.seed,
            effort=Effort(rounds=STANDARD.rounds, moves=options.effort),
            report=report,
        )
    names = {case.course.key: name for name, case in cases.items()}
    replans = dict(zip(cases, found.replans, strict=True))
    helps = {
        name: changes_text(one, clinic, language=options.language)
        for name, one in replans.items()
        if one.plan.schedule is None
    }
    text = clinic_replan_text(
        found.calls,
        found.moved,
        found.bound,
        clinic.zone,
        names,
        helps,
        found.elsewhere,
        agendas={one.plan.agenda.course: one.plan.agenda for one in found.replans},
        language=options.language,
    )
    troubles: dict[str, str] = {}
    if options.out is not None:
        troubles = write_courses(options, cases, replans, clinic, as_of, now)
        calls = {
            "calls.csv": calls_csv(found.calls, clinic.zone, names).encode(),
            "calls.txt": text.encode(),
        }
        write_files(options.out, calls)
    code = NOT_SO if found.unplaced else DONE
    if options.json:
        whole = {
            "moved": found.moved,
            "bound": found.bound,
            "gap": found.gap,
            "unplaced": [names[key] for key in found.unplaced],
            "calls": [documents.call_to_dict(call, clinic.zone) for call in found.calls],
            "elsewhere": [
                {
                    "course": names[key],
                    "visit": change.visit,
                    "places": dict(change.after.places),
                }
                for key, change in found.elsewhere
                if change.after is not None
            ],
            "courses": {name: documents.replan_to_dict(one) for name, one in replans.items()},
        }
        return documents.write_json(whole), code
    for name, trouble in troubles.items():
        text += f"{name}: no messages to escorts are written: {trouble}\n"
    return text, code
