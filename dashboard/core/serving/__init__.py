"""Serving: the engine process that owns the loaded models, and its client."""
