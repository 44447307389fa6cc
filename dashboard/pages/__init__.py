"""One thin page per file: read controls, ask core, draw."""
