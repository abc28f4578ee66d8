"""A protocol as a sheet to sign, and two protocols side by side, compared whole."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest

from catalog_dates import rules
from protocol_sched import catalog
from protocol_sched.errors import ProtocolSchedError
from protocol_sched.formats.documents.documents import read_protocol
from protocol_sched.model.rules import Rule
from protocol_sched.text.differences import differences, differences_text
from protocol_sched.text.protocol_rules import rule_text
from protocol_sched.text.review import review, review_text

SHEETS = Path(__file__).parent / "sheets"

# --- the sheet -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["ketamine-migraine", "infliximab-eu", "crizanlizumab"])
def test_a_sheet_to_sign_says_every_rule_its_source_and_what_is_not_checked(name: str) -> None:
    kept = (SHEETS / f"{name}.txt").read_text(encoding="utf-8")
    assert review_text(catalog.load(name)) == kept


@pytest.mark.parametrize("name", catalog.names())
def test_no_rule_of_a_file_is_missing_from_its_sheet(name: str) -> None:
    protocol = catalog.load(name)
    signed = [line for line in review(protocol) if line.standing is not None]
    assert len(signed) == sum(1 for _ in rules(protocol))
    assert all(line.says for line in signed)


@pytest.mark.parametrize("name", catalog.names())
def test_only_addresses_make_a_sheet_wider_than_a_page(name: str) -> None:
    lines = review_text(catalog.load(name)).splitlines()
    assert [one for one in lines if len(one) > 100 and "://" not in one] == []


def _changed() -> Iterator[tuple[Rule, Rule, str]]:
    """Yield rules of the catalog beside the same rule with one key as another rule has it."""
    known: dict[type, list[Rule]] = defaultdict(list)
    for name in catalog.names():
        for rule in rules(catalog.load(name)):
            known[type(rule)].append(rule)
    for kind, ones in known.items():
        for field in attrs.fields(kind):
            values = [field.default, *(getattr(one, field.name) for one in ones)]
            if field.name in ("source", "unverified", "safety"):
                continue
            several = list(dict.fromkeys(value for value in values if value is not attrs.NOTHING))
            if any(isinstance(one, Rule) for value in several for one in rules(value)):
                continue
            for rule, value in itertools.product(ones[:: max(1, len(ones) // 6)], several[:12]):
                if value == getattr(rule, field.name):
                    continue
                try:
                    other = attrs.evolve(rule, **{field.name: value})
                except ProtocolSchedError:
                    continue  # a rule cannot be so
                if getattr(rule, "anchored_on", rule) == getattr(other, "anchored_on", other):
                    continue  # the anchor that is meant where none is written
                yield rule, other, field.name


def test_two_rules_that_differ_in_any_key_read_differently() -> None:
    tried = list(_changed())
    alike = {
        (type(one).__name__, key, rule_text(one))
        for one, other, key in tried
        if rule_text(one) == rule_text(other)
    }
    assert alike == set()
    assert len({(type(one), key) for one, _, key in tried}) > 60


# --- side by side ----------------------------------------------------------------------------


def test_variants_are_compared_rule_by_rule() -> None:
    kept = (SHEETS / "infliximab-ankylosing-beside-infliximab.txt").read_text(encoding="utf-8")
    names = ("infliximab", "infliximab-ankylosing")
    first, second = (catalog.load(name) for name in names)
    assert differences_text(first, second, names) == kept


OURS = {
    # a number changed, a rule left out, a source that is the clinic's own, a rule more
    'most = "5 days"': 'most = "6 days"',
    """# Never more than 3 in any 7 days in a row.
[[phases.caps]]
most = 3
in_any = "7 days"
source = "local"
""": "",
    """length = "45 to 60 minutes"
needs = { chair = 1, nurse = 1 }
source = "seed"
""": """length = "45 to 60 minutes"
needs = { chair = 1, nurse = 1 }
source = "local"
""",
    """[[visit_types]]
name = "evaluation"
""": """[[visit_types.co_medications]]
name = "triptan"
before = "0 to 24 hours"
barred = true
source = "local"

[[visit_types]]
name = "evaluation"
""",
}


def ours() -> str:
    text = catalog.text("ketamine-migraine")
    for before, after in OURS.items():
        assert text.count(before) == 1
        text = text.replace(before, after)
    return text


def test_a_clinics_own_file_is_compared_with_the_catalogs() -> None:
    first, second = catalog.load("ketamine-migraine"), read_protocol(ours(), "ours.toml")
    assert (
        differences_text(first, second, ("ketamine-migraine", "ours.toml"))
        == """\
ours.toml compared with ketamine-migraine

Phase induction

  changed   Each visit comes 2 to 5 calendar days after the visit before; the least distance is a
            safety rule, the greatest is not [local, safety rule]
       now  Each visit comes 2 to 6 calendar days after the visit before; the least distance is a
            safety rule, the greatest is not [local, safety rule]
  missing   At most 3 visits in any 7 days in a row [local]

Visit type infusion

  changed   Infusion: 45 minutes to 1 hour, holds 1 chair and 1 nurse [found]
       now  Infusion: 45 minutes to 1 hour, holds 1 chair and 1 nurse [local]
  added     Triptan: not within 24 hours before it [local]

In ours.toml: 1 added, 1 missing and 2 changed.
"""
    )


@pytest.mark.parametrize("name", catalog.names())
def test_a_file_does_not_differ_from_itself(name: str) -> None:
    assert differences(catalog.load(name), catalog.load(name)) == ()


def test_what_one_has_more_the_other_misses() -> None:
    first, second = catalog.load("infliximab"), catalog.load("infliximab-eu")
    there = [(one.first, one.second) for one in differences(first, second)]
    back = [(one.second, one.first) for one in differences(second, first)]
    assert sorted(map(str, there)) == sorted(map(str, back))
