"""Explanations: one method per file, listed in the catalogue."""
