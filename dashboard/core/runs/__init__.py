"""Runs: tracking in MLflow, the queue, the processes that work it off."""
