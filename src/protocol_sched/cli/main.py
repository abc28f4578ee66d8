"""The commands, the words they take, and how a run ends."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from hashlib import sha256
from importlib.metadata import version
from io import TextIOWrapper
from pathlib import Path

from protocol_sched.cli.commands import COMMANDS
from protocol_sched.cli.ending import BAD_INPUT, EXIT_CODES, OUR_FAULT, Refused
from protocol_sched.errors import InternalFault, ProtocolSchedError

ABOUT = """\
Turn a treatment protocol, one person's history and real calendars into dated visits that keep
every rule. It schedules; it never doses. A clinician must confirm every protocol and every plan."""


def main(arguments: Sequence[str] | None = None) -> int:
    """
    Run the command line and return its exit code.

    It is 0 where all is done, 1 for no plan or violations, 2 for bad input, 3 for a fault of this
    program.

    Args:
        arguments: The words after the program's name; those of this process if not given.
    """
    # A terminal that lacks a letter of a name shows another sign in its place.
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")
    options = _parsed(sys.argv[1:] if arguments is None else arguments)
    try:
        text, code = options.command(options)
    except InternalFault as fault:
        return _report(fault, getattr(options, "out", None) or Path())
    except (Refused, ProtocolSchedError) as error:
        return _complain(str(error))
    except OverflowError:
        return _complain("a date lies outside the years 1 to 9999")
    except KeyboardInterrupt:
        return _complain("stopped")
    try:
        print(text, end="", flush=True)
    except OSError as error:
        # Python flushes once more at exit and must not fail then.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            return _complain(f"cannot print: {error.strerror}")
        # Whoever read has seen enough.
    return int(code)


def _report(fault: InternalFault, directory: Path) -> int:
    """Write what reproduces a fault, under a name that the same fault has again."""
    from protocol_sched.cli.inputs import write_files

    content = fault.document.encode()
    name = f"protocol-sched-fault-{sha256(content).hexdigest()[:8]}.json"
    try:
        write_files(directory, {name: content})
        kept = (
            f"All that reproduces it is in {directory / name}. Please report it; the file holds "
            "what the input files say of the person and the clinic."
        )
    except Refused as error:
        kept = f"What reproduces it could not be kept: {error}"
    print(f"protocol-sched: {fault}\n{kept}", file=sys.stderr)
    return OUR_FAULT


def _complain(says: str) -> int:
    print(f"protocol-sched: {says}", file=sys.stderr)
    return BAD_INPUT


def _parsed(words: Sequence[str]) -> argparse.Namespace:
    """Return what the words ask for; a command's own may stand before, after and among options."""
    parser = command = _parser(words)
    rest = list(words)
    while rest and (known := _commands(command)) and rest[0] in known:
        command = known[rest.pop(0)]
    if _commands(command):  # whoever names no command is told which there are
        return parser.parse_args(words)
    options, passed_over = command.parse_known_args(rest)
    return command.parse_intermixed_args(rest) if passed_over else options


def _commands(parser: argparse.ArgumentParser) -> Mapping[str, argparse.ArgumentParser]:
    for action in parser._actions:  # argparse lists them nowhere else
        if isinstance(action, argparse._SubParsersAction):
            return action.choices
    return {}


def _parser(words: Sequence[str]) -> argparse.ArgumentParser:
    """Return the parser of all commands, of which only one that is named knows what it takes."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        prog="protocol-sched", description=ABOUT, epilog=EXIT_CODES, formatter_class=raw
    )
    parser.add_argument(
        "--version", action="version", version=f"protocol-sched {version('protocol-sched')}"
    )
    commands = parser.add_subparsers(required=True)
    named = next((word for word in words if word in COMMANDS), None)
    for name, (says, declare) in COMMANDS.items():
        if name == named:
            declare(commands, says)
        else:
            commands.add_parser(name, help=says)
    commands.metavar = "COMMAND"
    return parser
