"""The command ``import``: a course of another standard as a protocol file."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from protocol_sched.cli.inputs import DONE, read_text, write_files
from protocol_sched.formats.documents import documents
from protocol_sched.formats.usdm.protocols import read_usdm
from protocol_sched.model.imported import Imported

IMPORT_USAGE = """\
protocol-sched import FILE [--timeline NAME] [--length LENGTH] [--no-window open|exact]
                             [--out FILE] [--json]"""

IMPORT_ABOUT = """\
Read a study design (USDM 2.11 to 4.0, JSON) as a protocol file. What the protocol cannot hold is
listed, and stands in the file as comments: nothing is guessed in silence. The file has no doses,
and a clinician must confirm it before it is used."""


def add_import(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", type=Path, metavar="FILE", help="a study design, JSON")
    parser.add_argument(
        "--timeline",
        default="",
        metavar="NAME",
        help="name or identifier of the timeline to read; without it, the main one",
    )
    parser.add_argument(
        "--length",
        metavar="LENGTH",
        help="how long each visit takes, such as '30 to 60 minutes'; without it 30 minutes, "
        "or less where two are nearer",
    )
    parser.add_argument(
        "--no-window",
        choices=("open", "exact"),
        default="open",
        help="what a distance without a window means: later is allowed, or its date only; open",
    )
    parser.add_argument("--out", type=Path, metavar="FILE", help="write the protocol here")
    parser.add_argument(
        "--json", action="store_true", help="print protocol, notes and names as JSON"
    )
    parser.set_defaults(command=run_import)


def run_import(options: argparse.Namespace) -> tuple[str, int]:
    def reader(text: str, name: str) -> Imported:
        return read_usdm(
            text,
            timeline=options.timeline,
            length=options.length,
            no_window=options.no_window,
            name=name,
        )

    found = read_text(options.file, reader)
    notes = [str(note) for note in found.notes]
    protocol = documents.protocol_to_dict(found.protocol)
    head = [f"Read from {options.file.name}; day 1 is the visit {found.day_one}.", *notes]
    text = "".join(f"# {' '.join(line.split())}\n" for line in head)
    text = f"{text}\n{documents.write_toml(protocol)}"
    print(
        f"protocol-sched: {len(notes)} notes on what the protocol holds otherwise:",
        *(f"  {note}" for note in notes),
        sep="\n",
        file=sys.stderr,
    )
    if options.out is not None:
        write_files(options.out.parent, {options.out.name: text.encode()})
    if options.json:
        return documents.write_json(
            {
                "protocol": protocol,
                "day_one": found.day_one,
                "names": dict(found.names),
                "notes": [
                    {"kind": one.kind, "where": one.where, "said": one.said, "became": one.became}
                    for one in found.notes
                ],
            }
        ), DONE
    if options.out is not None:
        visits = len(set(found.names.values()))
        return f"{options.out}: {found.protocol.title}, {visits} visits\n", DONE
    return text, DONE
