"""A plan of a whole clinic in words: a line for each course, and how good all of it is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from protocol_sched.model.changes import Replan
from protocol_sched.model.schedule import Plan
from protocol_sched.text.changes import summary_text
from protocol_sched.text.english.words import counted, date_text
from protocol_sched.text.languages import LANGUAGES
from protocol_sched.text.prose import plan_conflicts, sentence
from protocol_sched.text.table import columns

HEAD = ("course", "first visit", "last visit", "days off target", "what changes")


def clinic_plan_text(
    courses: Mapping[str, Replan], bound: int, helps: Mapping[str, str] | None = None
) -> str:
    """
    Return every course with its first and last visit, or what stands in its way.

    Args:
        courses: By what each is called here.
        bound: Days off target that no plan of all of them can be under.
        helps: Of courses without a plan, what is said of them instead of the plan's conflicts; see
            `explanation_text`.
    """
    said = {} if helps is None else helps
    rows = [HEAD, *(_row(name, replan) for name, replan in courses.items())]
    blocks = ["\n".join(columns(rows))] if courses else []
    for name, replan in courses.items():
        if replan.plan.schedule is None:
            why = said.get(name) or "\n".join(_conflict(replan.plan))
            blocks.append(f"{name}: {why.rstrip()}")
    blocks.append("\n".join(sentence(_value(courses, bound))))
    return "\n\n".join(blocks) + "\n"


def _row(name: str, replan: Replan) -> tuple[str, ...]:
    plan = replan.plan
    if plan.schedule is None:
        return (name, "-", "-", "-", "no plan")
    if not plan.schedule.visits:
        return (name, "-", "-", "0", summary_text(replan))
    first, last = (plan.schedule.visits[n].day for n in (0, -1))
    off = 0 if plan.objective is None else plan.objective.deviation
    days = (date_text(day, year=True) for day in (first, last))
    return (name, *days, str(off), summary_text(replan))


def _conflict(plan: Plan) -> Iterator[str]:
    if plan.conflicts:
        yield from plan_conflicts(plan, LANGUAGES["en"])
    else:
        yield "No plan was found."


def _value(courses: Mapping[str, Replan], bound: int) -> str:
    plans = [replan.plan for replan in courses.values()]
    off = sum(plan.objective.deviation for plan in plans if plan.objective is not None)
    missing = sum(plan.schedule is None for plan in plans)
    all_of = counted(len(plans), "course")
    if missing:
        return (
            f"{missing} of {all_of} without a plan; the others are {counted(off, 'day')} off "
            "target together"
        )
    if off <= bound:
        return f"{all_of}, {counted(off, 'day')} off target together; proved: no plan has fewer"
    return (
        f"{all_of}, {counted(off, 'day')} off target together; no plan has fewer than {bound}, so "
        f"at most {off - bound} could be saved"
    )
