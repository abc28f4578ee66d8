"""Calendar files: entries for each reader, and what they have in common."""
