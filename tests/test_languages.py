"""Every sentence exists in every language, and says the same facts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from string import Formatter

import pytest

from protocol_sched.model.spans import parse_range
from protocol_sched.text.languages import LANGUAGES
from said import texts
from templates import templates

OTHERS = [code for code in LANGUAGES if code != "en"]
TEMPLATES = tuple(templates())


def names_in(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name}


@pytest.mark.parametrize("code", OTHERS)
def test_a_language_says_every_template(code: str) -> None:
    said = LANGUAGES[code].sentences
    assert [template for template in TEMPLATES if template not in said] == []


@pytest.mark.parametrize("code", OTHERS)
def test_a_language_says_nothing_that_no_longer_exists(code: str) -> None:
    assert sorted(set(LANGUAGES[code].sentences) - set(TEMPLATES)) == []


@pytest.mark.parametrize("code", OTHERS)
def test_a_sentence_says_the_facts_of_its_template(code: str) -> None:
    for template, said in LANGUAGES[code].sentences.items():
        assert names_in(said) == names_in(template), template


# --- whole texts -----------------------------------------------------------------------------

TEXTS = Path(__file__).parent / "texts"
KINDS = ("changes", "spoken", "dates", "verdicts", "clinic", "sheet")
NAMES = """
ada tomas priya small clinic dose evaluation labs burst pipe travels fire enough moved away rash
closed blocked held missed asked new declined reviewed until put off left out ended many to local
"""
"""What files call things, and the heads of the texts."""
GERMAN = "so am an in der die war was april november mo fr sa do plan"
FRENCH = "date on dates six mars plan change possible source"
ALIKE = {"de": GERMAN, "fr": FRENCH}
"""What is written the same in two languages."""


@cache
def all_texts(code: str) -> Mapping[str, str]:
    return texts(code)


def text_of(kind: str, code: str) -> str:
    return all_texts(code)[kind]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("code", OTHERS)
def test_whole_texts_read_as_a_person_would_write_them(code: str, kind: str) -> None:
    assert text_of(kind, code) == (TEXTS / f"{kind}.{code}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", ["changes", "spoken", "verdicts", "clinic"])
@pytest.mark.parametrize("code", OTHERS)
def test_no_english_word_is_left_in_a_text(code: str, kind: str) -> None:
    english, other = (
        set(re.findall(r"[a-zà-ÿ]{2,}", text_of(kind, one).lower())) for one in ("en", code)
    )
    assert sorted(english & other - {*NAMES.split(), *ALIKE[code].split()}) == []


@pytest.mark.parametrize(
    ("code", "says"), [("de", "mindestens 2 Stunden"), ("fr", "au moins 2 heures")]
)
def test_a_length_without_an_end_keeps_its_least(code: str, says: str) -> None:
    """On a sheet that is signed, two hours and at least two hours are not the same."""
    assert LANGUAGES[code].amount(parse_range("at least 2 hours")) == says
