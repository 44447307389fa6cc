"""Evaluation: predictions and metrics with intervals."""
