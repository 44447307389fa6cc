"""Keras layers for what Keras does not have, or does for a whole batch at once."""
