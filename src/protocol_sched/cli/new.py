"""The command ``new``: a file to begin with, commented and right as it stands."""

from __future__ import annotations

import argparse
import sys
from datetime import date, datetime
from pathlib import Path

from protocol_sched import catalog
from protocol_sched.cli.arguments import date_argument
from protocol_sched.cli.ending import DONE, Refused
from protocol_sched.cli.inputs import write_files
from protocol_sched.formats.documents import documents

NEW_ABOUT = """\
Write a clinic, a person, a course or a protocol to start from: a TOML file that is right as it
stands, with a comment for each thing to change. At a terminal it asks for what no option gives."""

NEW_MORE = """\
examples:
  protocol-sched new clinic --name 'Our clinic' --zone Europe/Berlin --out clinic.toml
  protocol-sched new person --key p-1 --out person.toml
  protocol-sched new protocol --name our-infusions --visits 6 --every '2 weeks' --out ours.toml
  protocol-sched new course --key c-1 --protocol our-infusions --start 2027-03-01 --out course.toml
  protocol-sched validate clinic.toml person.toml ours.toml course.toml
  protocol-sched plan course.toml --protocol ours.toml --clinic clinic.toml --person person.toml"""

CLINIC = """\
# A clinic: where and when visits can be. `protocol-sched validate` checks this file.

name = {name}
zone = {zone}
start_every = 15                    # visits start at :00, :15, :30 and :45
phone = ""                          # stands in people's calendar entries
email = ""                          # escorts answer to it

# Closed on the days that are not named. A lunch hour: "08:00-12:00, 13:00-17:00".
[hours]
Monday = {hours}
Tuesday = {hours}
Wednesday = {hours}
Thursday = {hours}
Friday = {hours}

# Chairs, beds and rooms, each for one person at a time. `kind` is what a protocol's stages need.
[[places]]
name = "chair 1"
kind = "chair"

[[places]]
name = "chair 2"
kind = "chair"

# Staff by number: so many at every moment the clinic is open.
[[staff]]
kind = "nurse"
units = 2

# Days off, and what others have booked:
#
# [[closures]]
# first = {day}
# last = {day}                  # left out, it is one day
# why = "public holiday"
#
# [[places]]
# name = "chair 3"
# kind = "chair"
# booked = [{{ day = {day}, start = "08:00", end = "12:30" }}]
"""

PERSON = """\
# A person: when they can come, and who takes them home. `key` stands for them where a name may not
# be told.

key = {key}
name = {name}

# When they can come at all; without it, at any time.
[available]
Monday = {hours}
Tuesday = {hours}
Wednesday = {hours}
Thursday = {hours}
Friday = {hours}

# What they would rather have; never a reason to find no plan.
[preferences]
weekdays = []                       # ["Monday", "Wednesday"]; empty is any
earliest = "09:00"

# Who takes them home, in the order in which they are asked.
[[escorts]]
name = "First Escort"
email = ""
[escorts.available]
Monday = "08:00-20:00"
Tuesday = "08:00-20:00"
Wednesday = "08:00-20:00"
Thursday = "08:00-20:00"
Friday = "08:00-20:00"

# When they are away:
#
# [[away]]
# first = {day}
# last = {day}
# why = "holiday"
"""

COURSE = """\
# One person's run through a protocol. `key` never changes: calendar entries are known by it.

key = {key}
protocol = {protocol}
not_before = {day}              # no visit is earlier
# finish_by = {day}             # no visit is later

# What happens is added below, one table for each event, and never changed. `protocol-sched record`
# does it, and refuses what cannot have happened:
#
# [[events]]
# kind = "given"
# visit = "treatment-1"
# on = {day}
"""

PROTOCOL = """\
# A protocol: what is given and how far apart. It holds no doses. Every rule names its source, so
# that a clinician can confirm it; until one has, none of this is to be used.

name = {name}
title = {title}
month_end = "next_day"              # where a date goes that no month has

[[visit_types]]
name = "treatment"

# What a visit is made of, in order. `needs` are kinds of places and staff of the clinic.
[[visit_types.stages]]
name = "check-in"
length = "15 minutes"
needs = {{ nurse = 1 }}
source = "local"

[[visit_types.stages]]
name = "infusion"
length = "60 minutes"
needs = {{ chair = 1, nurse = 1 }}
source = "local"

[[visit_types.stages]]
name = "recovery"
length = "30 minutes"
needs = {{ chair = 1 }}
source = "local"

# Somebody takes the person home after each visit; take this out where nobody has to.
[visit_types.ride_home]
stay_with = "2 hours"
source = "local"

# What they leave out before a visit, and how long they do not drive after it:
#
# [[visit_types.fasting]]
# what = "solid food"
# lead = "6 hours"
# source = "local"
#
# [visit_types.no_driving]
# until = "next day"
# source = "local"

[[phases]]
name = "treatment"
visit = "treatment"
visits = {visits}
cadence = {{ every = {every} }}
source = "local"

# How far from its target a visit may be.
[[phases.tolerances]]
before = "2 days"
after = "2 days"
source = "local"

# Below are the most usual rules. Each is right once its lines have no "# " in front of them.

# A hard limit, whatever the target says:
#
# [[phases.separations]]
# from = "previous visit"
# least = "1 day"
# source = "local"

# At most so many visits in any week:
#
# [[phases.caps]]
# most = 3
# in_any = "7 days"
# source = "local"

# What follows when a visit is late:
#
# [[phases.late]]
# clock = "due date"
# source = "local"
# tiers = [
#   {{ under = "28 days", then = "from this visit" }},
#   {{ at_least = "28 days", ask = "whether the course goes on" }},
# ]

# A phase behind this one, with another distance:
#
# [[phases]]
# name = "maintenance"
# visit = "treatment"
# visits = 4
# cadence = {{ every = "4 weeks" }}
# source = "local"

# A visit of another kind that comes before the first treatment:
#
# [[visit_types]]
# name = "evaluation"
# [[visit_types.stages]]
# name = "talk"
# length = "30 minutes"
# source = "local"
#
# [[gates]]
# name = "evaluation"
# visit = "evaluation"
# phase = "treatment"
# max_age = "30 days"
# source = "local"

# A follow-up after the last treatment:
#
# [[visit_types]]
# name = "follow-up"
# [[visit_types.stages]]
# name = "talk"
# length = "30 minutes"
# source = "local"
#
# [[other_visits]]
# name = "follow-up"
# visit = "follow-up"
# anchor = "end of treatment"
# cadence = {{ at = ["14 days"] }}
# source = "local"

# A test that has to be passed before each treatment:
#
# [[gates]]
# name = "blood test"
# phase = "treatment"
# before = "each"
# max_age = "7 days"
# source = "local"
"""

_FILES = {"clinic": CLINIC, "person": PERSON, "course": COURSE, "protocol": PROTOCOL}
_READERS = {
    "clinic": documents.read_clinic,
    "person": documents.read_person,
    "protocol": documents.read_protocol,
}
_ASKED = {
    "clinic": (
        ("name", "What is the clinic called?", "Our clinic"),
        ("zone", "In which time zone is it?", "Europe/Berlin"),
        ("hours", "From when to when is it open?", "08:00-17:00"),
    ),
    "person": (
        ("key", "A key that stands for them, no name:", "person-1"),
        ("name", "What are they called?", "A. Person"),
        ("hours", "From when to when can they come?", "08:00-17:00"),
    ),
    "course": (
        ("key", "A key for the course, no name:", "course-1"),
        ("protocol", "Which protocol does it follow?", "our-protocol"),
        ("start", "On which date may the first visit be at the earliest?", ""),
    ),
    "protocol": (
        ("name", "A short name, small letters and hyphens:", "our-protocol"),
        ("title", "What is it called in full?", "Our protocol"),
        ("visits", "How many visits?", "6"),
        ("every", "How far apart?", "1 week"),
    ),
}


def add_new(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("what", choices=_FILES, metavar="WHAT", help=" or ".join(_FILES))
    parser.add_argument("--name", metavar="TEXT", help="what it, or the person, is called")
    parser.add_argument("--key", metavar="KEY", help="of a person or a course; never a name")
    parser.add_argument("--zone", metavar="ZONE", help="of a clinic, such as Europe/Berlin")
    parser.add_argument("--hours", metavar="HOURS", help="Monday to Friday, such as 08:00-17:00")
    parser.add_argument("--title", metavar="TEXT", help="of a protocol")
    parser.add_argument("--visits", metavar="COUNT", help="of a protocol, such as 6 or '4 to 8'")
    parser.add_argument("--every", metavar="SPAN", help="of a protocol, such as '2 weeks'")
    parser.add_argument("--protocol", metavar="NAME", help="of a course")
    parser.add_argument(
        "--start", type=date_argument, metavar="DATE", help="of a course: no visit is earlier"
    )
    parser.add_argument(
        "--out", type=Path, metavar="FILE", help="write it here, if nothing is there"
    )


def run_new(options: argparse.Namespace) -> tuple[str, int]:
    today = datetime.now().astimezone().date()
    ask = sys.stdin.isatty() and sys.stderr.isatty()
    said: dict[str, str] = {}
    for field, question, usual in _ASKED[options.what]:
        given = getattr(options, field)
        if given is None and ask:
            print(f"{question} [{usual or today}] ", end="", file=sys.stderr, flush=True)
            given = sys.stdin.readline().strip() or None
        said[field] = str(given or usual or today)
    text = filled(options.what, said, today)
    _checked(options.what, text)
    if options.out is None:
        return text, DONE
    if options.out.exists():
        raise Refused(f"{options.out}: is there already, and is left as it is")
    write_files(options.out.parent, {options.out.name: text.encode()})
    return f"Written: {options.out}\n", DONE


def filled(what: str, said: dict[str, str], today: date) -> str:
    """Return a file with what was said, each text as TOML has it."""
    try:
        day = date.fromisoformat(said.get("start") or today.isoformat())
    except ValueError:
        raise Refused(f"{said['start']!r} is not a date such as 2027-03-01") from None
    words = {key: documents.write_toml({"x": text})[4:].rstrip() for key, text in said.items()}
    if said.get("visits", "").isdecimal():
        words["visits"] = said["visits"]
    return _FILES[what].format(**words, day=day.isoformat())


def _checked(what: str, text: str) -> None:
    """
    Refuse what makes no right file, before anything is written.

    Raises:
        InvalidDocument: Something said is wrong; each fault is listed.
    """
    if what == "course":
        mapping = documents.read_toml(text, what)
        stand_in = catalog.load(catalog.names()[0])
        documents.course_from_dict({**mapping, "protocol": stand_in.name}, stand_in, what)
    else:
        _READERS[what](text, what)
