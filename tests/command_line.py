"""
The command line, run inside the process of the tests.

A process of its own costs half a second more, for hundreds of commands. What only a process can
show (pipes, a full disk, letters of a terminal, hash seeds, the installed script) has one.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from io import BytesIO, TextIOWrapper
from pathlib import Path
from types import MappingProxyType
from unittest import mock

from protocol_sched.cli import main


def in_process(
    words: Sequence[str],
    here: Path,
    environment: Mapping[str, str] = MappingProxyType({}),
    together: bool = False,
) -> subprocess.CompletedProcess[str]:
    """
    Run ``protocol-sched`` with these words in a directory; return what it said and its exit code.

    Args:
        words: The words after the program's name.
        here: The directory it runs in.
        environment: Variables that are set while it runs.
        together: Both streams come back as one, in order, as a terminal shows them.
    """
    out = TextIOWrapper(BytesIO(), "utf-8", write_through=True)
    err = out if together else TextIOWrapper(BytesIO(), "utf-8", write_through=True)
    with (
        contextlib.chdir(here),
        mock.patch.dict(os.environ, {"COLUMNS": "100", **environment}),
        mock.patch.object(sys, "argv", ["protocol-sched"]),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        time.tzset()  # TZ may be among the variables
        try:
            code = main(words)
        except SystemExit as ended:  # how argparse ends for --help and for what it refuses
            code = int(ended.code or 0)
    time.tzset()
    return subprocess.CompletedProcess(["protocol-sched", *words], code, _text(out), _text(err))


def _text(stream: TextIOWrapper) -> str:
    stream.seek(0)
    return stream.read()
