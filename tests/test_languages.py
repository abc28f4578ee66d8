"""Every sentence exists in every language, and says the same facts."""

from __future__ import annotations

from string import Formatter

import pytest

from protocol_sched.text.languages import LANGUAGES
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
