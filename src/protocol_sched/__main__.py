"""Make ``python -m protocol_sched`` the same as the command ``protocol-sched``."""

from __future__ import annotations

import sys

from protocol_sched.cli import main

if __name__ == "__main__":
    sys.exit(main())
