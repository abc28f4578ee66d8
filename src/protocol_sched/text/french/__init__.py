"""French, in modules named after what they say."""
