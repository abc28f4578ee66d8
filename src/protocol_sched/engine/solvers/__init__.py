"""Solvers see a `Problem` and return a `Result`; they know no dates and no people."""
