"""Whose text each number of the catalog is from: country and indication fit those of its file."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from catalog_dates import rules
from protocol_sched import catalog
from protocol_sched.formats.documents.documents import read_protocol
from protocol_sched.model.protocol import Protocol
from protocol_sched.text.review import review_text


def _elsewhere(protocol: Protocol) -> Iterator[tuple[str, str]]:
    """Yield rules that rest on another text than the file's without a word, with their source."""
    known = dict(protocol.sources)
    for rule in rules(protocol):
        keys = re.split(r",\s*", rule.source)
        if {"local", "memory"} & set(keys) or rule.unverified:
            continue
        read = [known[key] for key in keys]
        here = protocol.variant.country
        if here and all(one.country not in ("", here) for one in read):
            yield type(rule).__name__, rule.source
        if all(one.indication for one in read):
            yield type(rule).__name__, rule.source


@pytest.mark.parametrize("name", catalog.names())
def test_a_number_from_another_text_than_the_files_is_marked(name: str) -> None:
    assert list(_elsewhere(catalog.load(name))) == []


def test_a_number_from_another_country_without_a_mark_is_found() -> None:
    text = catalog.text("eculizumab-eu")
    assert text.count('unverified = ["then"]\n') == 1
    spoilt = read_protocol(text.replace('unverified = ["then"]\n', ""), "eculizumab-eu.toml")
    assert list(_elsewhere(spoilt)) == [("Adaptation", "ecu_eu")]


def test_the_sheet_to_sign_names_the_other_country() -> None:
    sheet = " ".join(review_text(catalog.load("eculizumab-eu")).split())
    assert "Unverified: ecu_eu (text of another country, MY; read 2026-11-28)" in sheet


COUNTRY_NOT_TOLD = {
    # trials, clinics and reviews, which are no country's label
    *("bcg-bladder", "dhe-five-days", "dhe-repetitive", "ketamine-boosters"),
    *("ketamine-crps-clinic", "ketamine-crps-inpatient-goldberg"),
    *("ketamine-crps-inpatient-sigtermans", "ketamine-crps-outpatient", "ketamine-depression"),
    *("ketamine-depression-thrice-weekly", "ketamine-headache-inpatient-pomeroy"),
    *("ketamine-induction", "ketamine-migraine", "ketamine-migraine-response"),
    "doxorubicin-cyclophosphamide-dose-dense",
    *("paclitaxel-weekly", "paclitaxel-weekly-3-of-4"),
    # copies and summaries that do not say whose label they copy, or several countries' in one file
    *("alemtuzumab", "belimumab", "bortezomib-21-days"),
    *("bortezomib-35-days", "cabotegravir-2-monthly", "cabotegravir-monthly"),
    *("immunoglobulin-immunodeficiency", "iron-sucrose-haemodialysis"),
    *("iron-sucrose-kidney", "iron-sucrose-peritoneal", "lutetium-dotatate"),
    *("pertuzumab-trastuzumab", "pertuzumab-trastuzumab-injection", "ravulizumab"),
    *("ravulizumab-from-eculizumab", "rituximab-lymphoma-blocks"),
    *("rituximab-lymphoma-maintenance", "rituximab-lymphoma-weekly"),
    *("rituximab-chop", "carboplatin-paclitaxel", "cyclophosphamide-lupus"),
}


def test_a_file_names_its_country_or_its_sources_do_not_tell_it() -> None:
    silent = {name for name in catalog.names() if not catalog.load(name).variant.country}
    assert silent == COUNTRY_NOT_TOLD
    assert all("country not stated" in review_text(catalog.load(name)) for name in silent)


@pytest.mark.parametrize("name", catalog.names())
def test_a_rule_without_a_source_that_was_read_says_what_of_it_is_not_checked(name: str) -> None:
    unread = [
        (type(rule).__name__, rule.source)
        for rule in rules(catalog.load(name))
        if "memory" in re.split(r",\s*", rule.source) and not rule.unverified
    ]
    assert unread == []


NOT_PUBLIC = {"seed"}
"""The article that the first example comes from: it has no address of its own."""


@pytest.mark.parametrize("name", catalog.names())
def test_a_source_can_be_found_and_says_when_it_was_read_or_that_it_was_not(name: str) -> None:
    sources = [one for key, one in catalog.load(name).sources if key not in NOT_PUBLIC]
    assert [one.title for one in sources if not one.address] == []
    unread = "not read again)"
    assert [one.title for one in sources if (unread in one.title) == bool(one.read_on)] == []
