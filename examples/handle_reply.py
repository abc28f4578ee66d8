"""
Take an escort's answer out of a mail and into the course.

    python examples/handle_reply.py examples/reply.eml

The mail server must have checked who sent the mail; a calendar in it proves nothing.
"""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

from protocol_sched import catalog, plan_course, read_clinic, read_course, read_person
from protocol_sched.formats.ics.reading.replies import read_reply
from protocol_sched.model.last_notice import last_notices
from protocol_sched.model.notifying import notifications

HERE = Path(__file__).parent
ASKED = date(2027, 2, 20)


def main(mail: Path) -> None:
    course = read_course((HERE / "course.toml").read_text("utf-8"), catalog.load)
    clinic = read_clinic((HERE / "clinic.toml").read_text("utf-8"))
    person = read_person((HERE / "person.toml").read_text("utf-8"))

    # The plan was told to everyone concerned, which asks the escorts for their rides.
    plan = plan_course(course, clinic, person, as_of=ASKED)
    assert plan.schedule is not None
    course = course.after(notifications(plan.schedule, course, on=ASKED))

    for arrives in ("first", "a second time"):
        reply = read_reply(mail.read_bytes(), course, person, name=mail.name)
        print(f"The mail arrives {arrives}: {reply.outcome.value}. {reply.reason}")
        if reply.event is not None:
            course = course.after([reply.event])
    for visit, state in last_notices(course.events).items():
        if state.ride is not None:
            print(f"{visit}: {state.notice.escort}, {state.ride.value}")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / "reply.eml")
