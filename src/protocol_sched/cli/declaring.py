"""How a command is declared: its words once, shared options once, and a usage made of them."""

from __future__ import annotations

import argparse
import textwrap
from collections.abc import Callable
from pathlib import Path

from protocol_sched.cli.arguments import date_argument, moment_argument
from protocol_sched.cli.ending import EXIT_CODES

Commands = argparse._SubParsersAction  # argparse has no other name for it
Run = Callable[[argparse.Namespace], tuple[str, int]]
Add = Callable[[argparse.ArgumentParser], None]

WIDTH = 100
AS_OF = "the date on which the question is asked; without it, today at the clinic"


def declare(
    commands: Commands[argparse.ArgumentParser],
    name: str,
    run: Run,
    *adds: Add,
    says: str,
    about: str,
    more: str = "",
) -> argparse.ArgumentParser:
    """
    Add a command.

    Args:
        adds: What it takes, each by a function that adds it.
        says: A line for the list of commands.
        more: What stands below its options, before the exit codes.
    """
    parser = commands.add_parser(
        name,
        help=says,
        description=about,
        epilog="\n\n".join(filter(None, (more, EXIT_CODES))),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    for add in adds:
        add(parser)
    parser.set_defaults(command=run)
    parser.usage = usage_of(parser)
    return parser


def usage_of(parser: argparse.ArgumentParser) -> str:
    """
    Return how a command is called, its words in the order in which they were added.

    Written here, because each version of argparse breaks these lines elsewhere.
    """
    words: list[str] = []
    options: list[str] = []
    for action in parser._actions:  # argparse lists them nowhere else
        if action.help == argparse.SUPPRESS or isinstance(action, argparse._HelpAction):
            continue
        shown = action.metavar or (action.choices and f"{{{','.join(action.choices)}}}") or ""
        shown = " ".join(shown) if isinstance(shown, tuple) else str(shown)
        if not action.option_strings:
            words.append(
                f"[{shown}]"
                if action.nargs == "?"
                else f"[{shown} ...]"
                if action.nargs == "*"
                else f"{shown} ..."
                if action.nargs == "+"
                else shown
            )
        else:
            word = " ".join(filter(None, (action.option_strings[0], shown)))
            options.append(word if action.required else f"[{word}]")
    options.sort(key=lambda word: word.startswith("["))
    # No word and its value come apart at the end of a line.
    whole = " ".join(word.replace(" ", "\0") for word in [parser.prog, *words, *options])
    indent = " " * (len("usage: ") + len(parser.prog) + 1)
    lines = textwrap.wrap(
        whole, WIDTH - len("usage: "), subsequent_indent=indent, break_on_hyphens=False
    )
    return "\n".join(lines).replace("\0", " ").replace("%", "%%")


# --- options of more than one command --------------------------------------------------------


def as_of(says: str = AS_OF) -> Add:
    return lambda parser: _add(parser, "--as-of", type=date_argument, metavar="DATE", help=says)


def at_now(says: str) -> Add:
    return lambda parser: _add(
        parser,
        "--now",
        type=moment_argument,
        metavar="MOMENT",
        help=f"{says}; in the clinic's zone where it has no offset; without it, the clock's time, "
        "or the beginning of the date of --as-of",
    )


def until(says: str = "show visits to this date; the whole course is planned") -> Add:
    return lambda parser: _add(parser, "--until", type=date_argument, metavar="DATE", help=says)


def out(parser: argparse.ArgumentParser) -> None:
    _add(parser, "--out", type=Path, metavar="DIR", help="write files here; made if missing")


def as_json(says: str) -> Add:
    return lambda parser: _add(parser, "--json", action="store_true", help=says)


def _add(parser: argparse.ArgumentParser, flag: str, **how: object) -> None:
    parser.add_argument(flag, **how)  # type: ignore[arg-type]
