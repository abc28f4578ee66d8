"""Protocols as study designs of USDM, read back."""

from __future__ import annotations

import json

import attrs
import pytest
from hypothesis import given, settings

from protocol_sched import catalog
from protocol_sched.cli import main
from protocol_sched.formats.usdm.protocols import read_usdm
from protocol_sched.formats.usdm.writing import write_usdm
from protocol_sched.model.protocol import Protocol
from single_visits import months_and_days, protocols, said
from test_usdm import ALL, design, here


@given(protocol=protocols())
@settings(max_examples=100)
def test_a_protocol_read_back_has_the_same_visits_targets_and_windows(protocol: Protocol) -> None:
    written = write_usdm(protocol)
    merged = {note.where for note in written.notes if note.kind == "same moment"}
    found = read_usdm(written.text)
    assert found.day_one == "dose-1"
    if merged:
        assert len(found.protocol.other_visits) == len(protocol.other_visits) - len(merged)
    else:
        assert sorted(said(found.protocol), key=str) == sorted(said(protocol), key=str)
    assert {note.kind for note in written.notes} <= {"length", "same moment"}


@here
@pytest.mark.parametrize("name", ALL)
def test_a_real_design_comes_back_as_it_was_but_for_what_is_noted(name: str) -> None:
    before = read_usdm(design(name))
    written = write_usdm(before.protocol)
    after = read_usdm(written.text)
    noted = {note.where for note in written.notes if note.kind == "source"}
    left = tuple((key, source) for key, source in before.protocol.sources if key not in noted)
    assert after.day_one == before.day_one
    staged = {note.where for note in written.notes if note.kind == "stage"}
    kinds = [
        attrs.evolve(kind, stages=kind.stages[:1]) if kind.name in staged else kind
        for kind in before.protocol.visit_types
    ]
    same = attrs.evolve(before.protocol, sources=left, visit_types=kinds)
    assert after.protocol == same


def test_every_protocol_of_the_catalog_is_written_and_what_is_not_dated_is_noted() -> None:
    for name in catalog.names():
        written = write_usdm(catalog.load(name))
        [version] = json.loads(written.text)["study"]["versions"]
        [line] = version["studyDesigns"][0]["scheduleTimelines"]
        merged = {note.where for note in written.notes if note.kind == "same moment"}
        found = read_usdm(written.text)
        assert len(set(found.names.values())) == len(line["instances"]) - len(merged), name
        timed = {one["relativeFromScheduledInstanceId"] for one in line["timings"]}
        noted = {note.where for note in written.notes}
        for one in line["instances"]:
            run = one["name"].rstrip("0123456789 ")
            assert one["id"] in timed or {one["name"], run} & noted, (name, one["name"])


def test_a_distance_of_months_less_days_has_no_duration() -> None:
    noted = [str(note) for note in write_usdm(months_and_days()).notes if note.where == "late"]
    assert noted == ["date (late): 6 months - 4 days; an instance without a timing"]


def test_export_writes_a_design_that_import_reads(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "ketamine-migraine", "--to", "usdm"]) == 0
    shown = capsys.readouterr()
    assert "notes on what a study design cannot hold" in shown.err
    assert len(read_usdm(shown.out).names) == 8
