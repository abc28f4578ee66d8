"""Why not: what stands in the way. Sees a `Problem` and nothing that knows a date."""
