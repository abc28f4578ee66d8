"""How a run of a command can end."""

from __future__ import annotations

DONE, NOT_SO, BAD_INPUT, OUR_FAULT = 0, 1, 2, 3

EXIT_CODES = """\
exit codes:
  0  a plan was found; nothing is violated; what was asked for was shown
  1  no plan, date or person was found; something is violated or at risk, by the plan or by what
     happened before it; the history cannot be what happened
  2  the input is wrong, a file cannot be read or written, or the command line is wrong
  3  a fault of this program: a plan was made that its own judge refuses; a file to report is
     written, nothing else is"""


class Refused(Exception):
    """The input cannot be used; the text is for the person at the terminal."""
