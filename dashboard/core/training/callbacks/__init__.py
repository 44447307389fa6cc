"""Keras callbacks, one class per file; they know nothing of any user interface."""
