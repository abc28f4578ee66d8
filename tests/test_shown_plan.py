"""A plan to hand on tells when visits are, and nothing of what they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

import attrs
import pytest

from protocol_sched.cli import main
from protocol_sched.formats.documents import documents
from protocol_sched.planning.course import plan_course
from protocol_sched.text.privacy import Privacy, medical_words
from protocol_sched.text.shown import shown_plan
from test_clinic_day import AS_OF, CLINIC, COURSE, EXAMPLES, PERSON, PROTOCOL

PLAN = plan_course(COURSE, CLINIC, PERSON, as_of=AS_OF)
GIVEN = (CLINIC, PERSON, PROTOCOL)


def strings(value: object) -> Iterator[str]:
    """Yield every text of plain dicts and lists that is not a key."""
    match value:
        case str():
            yield value
        case Mapping():
            for one in value.values():
                yield from strings(one)
        case list() | tuple():
            for one in value:
                yield from strings(one)


@pytest.mark.parametrize("privacy", [Privacy.MINIMAL, Privacy.NEUTRAL])
def test_a_plan_to_hand_on_says_when_and_not_what(privacy: Privacy) -> None:
    told = shown_plan(PLAN, *GIVEN, privacy)
    text = documents.write_json(documents.plan_to_dict(told))
    assert documents.plan_from_dict(documents.read_document(text, "plan.json")) == told
    assert told.schedule is not None
    assert PLAN.schedule is not None
    assert [one.start for one in told.schedule.visits] == [v.start for v in PLAN.schedule.visits]
    values = " ".join(strings(documents.plan_to_dict(told)))
    assert medical_words(values, places=False) == ()
    for name in ("induction", "infusion", "chair", "nurse", "migraine", PERSON.name):
        assert name not in text


def test_at_the_full_level_a_plan_stays_as_it_is() -> None:
    assert shown_plan(PLAN, *GIVEN, Privacy.FULL) is PLAN


def test_a_plan_without_dates_has_no_reasons_below_the_full_level() -> None:
    nobody = attrs.evolve(PERSON, escorts=())
    impossible = plan_course(COURSE, CLINIC, nobody, as_of=AS_OF)
    told = shown_plan(impossible, *GIVEN, Privacy.NEUTRAL)
    assert (told.schedule, told.conflicts, told.fits) == (None, (), None)


def test_plan_writes_its_picture_and_a_plan_to_hand_on_at_a_level(tmp_path: Path) -> None:
    given = [f"{EXAMPLES}/course.toml", "--clinic", f"{EXAMPLES}/clinic.toml"]
    given += ["--person", f"{EXAMPLES}/person.toml", "--as-of", "2027-02-20"]
    given += ["--protocol", f"{EXAMPLES}/ketamine-migraine.toml"]
    assert main(["plan", *given, "--out", str(tmp_path), "--privacy", "neutral"]) == 0
    for name in ("course.svg", "plan-neutral.json"):
        text = (tmp_path / name).read_text("utf-8").lower()
        for word in ("infusion", "ketamine", "migraine", "recovery"):
            assert word not in text, name
    assert "infusion" in (tmp_path / "plan.json").read_text("utf-8")
