"""Lightbox: a browser workbench for image classification."""

import os

# TensorFlow otherwise prints a page about GPUs it did not find. Errors are raised, not printed.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
