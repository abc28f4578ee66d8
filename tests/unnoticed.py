"""Mutants that no test can notice, each with the reason why it changes nothing that matters."""

from collections.abc import Mapping

EXPLAINED: Mapping[tuple[str, str, str], str] = {}
"""By path below the package, what stood there and what stands there instead."""
