"""Lightbox: a browser workbench for image classification."""
