"""Why a visit is not where people know it, said in a language; the reasons are `model.reasons`."""

from __future__ import annotations

from datetime import date
from typing import assert_never

from protocol_sched.model import reasons
from protocol_sched.model.agenda import Agenda
from protocol_sched.model.changes import Change
from protocol_sched.text.language import Language
from protocol_sched.text.naming import Naming, Reader
from protocol_sched.text.privacy import Privacy


def change_reason(
    change: Change, agenda: Agenda | None, language: Language, reader: Reader = Reader.SCHEDULER
) -> str:
    """
    Return why a visit is not as it was; empty where nothing is known.

    Args:
        agenda: That of the new plan; without it, or for a change that has its reason in English
            words alone, those are returned.
        reader: Rules that are about the person speak to them where they are the reader.
    """
    if change.because is None or agenda is None:
        return language.said(change.reason)
    return reason_text(change.because, agenda, language, reader)


def reason_text(
    reason: reasons.Reason,
    agenda: Agenda,
    language: Language,
    reader: Reader = Reader.SCHEDULER,
    *,
    several: bool = False,
) -> str:
    """
    Return a reason as a sentence that follows a visit's title: ``it was put off on Mon 8 March``.

    Args:
        agenda: That of the new plan; dates of its year are said without the year.
        several: It is said of more visits than one: ``they were put off on Mon 8 March``.
    """
    tell = language.tell

    def day(on: date) -> str:
        return language.day(on, year=on.year != agenda.as_of.year)

    def because(text: str, why: str) -> str:
        return f"{text} ({why})" if why else text

    match reason:
        case reasons.LeftOut(on, why):
            it, they = "it was skipped on {on}", "they were skipped on {on}"
            return because(tell(they if several else it, on=day(on)), why)
        case reasons.PutOff(on, None, why):
            it, they = "it was postponed on {on}", "they were postponed on {on}"
            return because(tell(they if several else it, on=day(on)), why)
        case reasons.PutOff(_, until, why):
            assert until is not None
            it, they = "it was postponed until {on}", "they were postponed until {on}"
            return because(tell(they if several else it, on=day(until)), why)
        case reasons.DidNotTakePlace(on, why):
            it, they = "it was missed on {on}", "they were missed on {on}"
            return because(tell(they if several else it, on=day(on)), why)
        case reasons.CourseEnded(how):
            return tell("the course has ended: {how}", how=language.said(how))
        case reasons.WaitsForTest(gate, on):
            it = "it waits for {gate}, not passed on {on}"
            they = "they wait for {gate}, not passed on {on}"
            text = tell(they if several else it, gate=gate, on=day(on))
            # The person is told no task of the clinic's.
            you = reader is Reader.PATIENT
            return text if you else tell("{text}; ask a clinician", text=text)
        case reasons.WaitsForAnswer(asks) if asks:
            it, they = "it waits for an answer: {asks}", "they wait for an answer: {asks}"
            return tell(they if several else it, asks=language.said(asks))
        case reasons.WaitsForAnswer():
            return tell("they wait for an answer" if several else "it waits for an answer")
        case reasons.Reviewed(on):
            return tell("the review of {on} changed what follows", on=day(on))
        case reasons.ProtocolAmended(on, why):
            return because(tell("the protocol was amended on {on}", on=day(on)), why)
        case reasons.NoLongerAsked():
            return tell("the protocol no longer asks for it")
        case reasons.TooOld(title, on):
            return tell("the {title} of {on} is too old", title=title, on=day(on))
        case reasons.Dated(by, late) if late:
            after = language.counted(late, "day")
            rule = language.said(by.rule)
            return tell("{days} later than its target, {rule}", days=after, rule=rule)
        case reasons.Dated(by):
            return language.said(by.rule)
        case reasons.RideWaived():
            return tell("a clinician decided that no ride home is needed")
        case reasons.EscortDeclined(escort):
            return tell("{escort} cannot come", escort=escort)
        case reasons.EscortNotFree(escort):
            return tell("{escort} is not free for the ride home", escort=escort)
        case reasons.Forbidden(by):
            names = Naming(agenda=agenda, reader=reader, privacy=Privacy.FULL, plain=language.plain)
            return language.rule(by, (), names)
        case reasons.PlaceNeeded():
            return tell("other visits need its time")
        case _:
            assert_never(reason)
