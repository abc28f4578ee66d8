"""Who has to be told what, as a table."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

from protocol_sched.model.to_tell import Role, ToTell
from protocol_sched.text.languages import LANGUAGES
from protocol_sched.text.table import columns


def to_tell_text(told: Sequence[ToTell], zone: tzinfo, *, language: str = "en") -> str:
    """
    Return a line for each thing that somebody has to be told.

    Args:
        zone: The clinic's, whose local times are told.
        language: Its code, one of `LANGUAGES`.

    Raises:
        KeyError: There is no such language.
    """
    speech = LANGUAGES[language]
    tell = speech.tell
    if not told:
        return f"{tell('Nobody has to be told anything new.')}\n"
    roles = {
        Role.PERSON: tell("the person"),
        Role.DRIVER: tell("drives home"),
        Role.CLINIC: tell("the clinic"),
    }
    rows = [
        (tell("who"), tell("is"), speech.plan.visit, tell("as they know it"), tell("now")),
        *(
            (
                one.who,
                roles[one.role],
                one.title,
                speech.moment(one.before.astimezone(zone)) if one.before else "-",
                speech.moment(one.after.astimezone(zone)) if one.after else tell("cancelled"),
            )
            for one in told
        ),
    ]
    return "".join(f"{line.rstrip()}\n" for line in columns(rows))
