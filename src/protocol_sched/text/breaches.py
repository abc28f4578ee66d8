"""What stands at the head of an answer: rules that are broken or waived, and by how much."""

from __future__ import annotations

from collections.abc import Iterator

from protocol_sched.model.agenda import Agenda, Breach, Rules
from protocol_sched.model.schedule import Schedule
from protocol_sched.text.language import Language
from protocol_sched.text.languages import LANGUAGES
from protocol_sched.text.naming import Naming, Reader
from protocol_sched.text.privacy import Privacy
from protocol_sched.text.prose import sentence


def breach_lines(
    schedule: Schedule | None,
    language: Language,
    names: Naming,
    breaches: tuple[Breach, ...] | None = None,
) -> Iterator[str]:
    """
    Yield a sentence for each rule that is not kept, or that somebody waived.

    First what forbids a plan, then what the visits given broke, then what those planned break,
    then what was waived and is kept all the same. Without a schedule it is said by how much a
    limit is broken at the least.

    Args:
        breaches: Those of the schedule, where it does not name them itself.
    """
    agenda = names.agenda
    for rule in agenda.bindings:
        if rule.forbids:
            yield from sentence(language.forbidden(rule, names))
    for breach in agenda.breaches:
        yield from sentence(language.breach(breach, names))
    found = breaches
    if found is None:
        found = () if schedule is None else schedule.breaches
    for breach in found:
        yield from sentence(language.breach(breach, names))
    said: list[Rules] = [breach.rule for breach in found]
    for rule in agenda.broken:
        if schedule is None and not rule.forbids:
            yield from sentence(language.passed(rule, names))
            said.append(rule)
    for rule in agenda.waived_rules:
        if rule not in said:
            yield from sentence(language.waived(rule, names))


def breaches_said(
    agenda: Agenda,
    schedule: Schedule | None,
    breaches: tuple[Breach, ...] | None = None,
    *,
    language: str = "en",
) -> list[str]:
    """Return `breach_lines` in a language, with all that a scheduler is told."""
    speech = LANGUAGES[language]
    names = Naming(agenda=agenda, reader=Reader.SCHEDULER, privacy=Privacy.FULL, plain=speech.plain)
    return list(breach_lines(schedule, speech, names, breaches))
