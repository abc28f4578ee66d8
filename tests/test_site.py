"""The pages of the documentation that are made from the package itself."""

from __future__ import annotations

import inspect
import re
from xml.etree import ElementTree

import pytest

import pages
import protocol_sched
from protocol_sched import catalog
from protocol_sched.text.review import Standing, review

EVERY_FIFTH = catalog.names()[::5]
"""The site itself is made of all of them."""


@pytest.mark.parametrize("name", EVERY_FIFTH)
def test_a_protocols_page_has_its_dates_rules_doubts_and_sources(name: str) -> None:
    protocol = catalog.load(name)
    page = pages.protocol_page(name)
    lines = review(protocol)
    assert page.startswith(f"# {pages.marked(protocol.title)}\n")
    for line in lines:
        assert pages.marked(line.says) in page
    doubts = [line for line in lines if line.standing in (Standing.MEMORY, Standing.UNVERIFIED)]
    told = page.partition("## Not verified\n")[2].partition("What the sources leave open")[0]
    assert len(re.findall(r"^- .*(?:not checked|not read)", told, re.M)) == len(doubts)
    for source in dict(protocol.sources).values():
        assert source.address in page
    for due in pages.worked(protocol).dues[: pages.SHOWN]:
        assert f"| {pages.marked(due.title)} |" in page
    ElementTree.fromstring(pages.protocol_picture(name))


def test_every_protocol_is_listed_once() -> None:
    listed = re.findall(r"\]\(([\w-]+)\.md\)", pages.protocol_list())
    assert listed == list(catalog.names())


@pytest.mark.parametrize("name", protocol_sched.__all__)
def test_a_public_name_has_a_section_with_its_docstring_and_all_it_takes(name: str) -> None:
    value = getattr(protocol_sched, name)
    section = pages.documented(name)
    assert section.startswith(f"## {name}\n")
    first = inspect.cleandoc(value.__doc__).splitlines()[0].replace("``", "`")
    assert first in section
    if inspect.isfunction(value):
        assert [one for one in inspect.signature(value).parameters if one not in section] == []


def test_what_markdown_would_take_for_its_own_is_shown_as_it_is() -> None:
    assert pages.marked("a | b_c <i> & *d*\n[e](f)") == (r"a \| b\_c &lt;i> &amp; \*d\* \[e\](f)")


def test_a_class_has_its_fields_with_their_notes_and_whether_they_may_be_left_out() -> None:
    section = pages.documented("Escort")
    assert "- `zone` (`ZoneInfo | None`, optional): `None` is the clinic's zone." in section
    assert "- `available` (`Hours`)\n" in section, "what has a validator only is not optional"
    assert "- `TOO_LATE`" in pages.documented("Judged")
