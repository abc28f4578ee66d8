"""Model values as plain dicts, TOML and JSON, both ways without loss."""
