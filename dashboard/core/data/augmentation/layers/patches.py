"""Rectangles in images, one in each. Imports TensorFlow."""

from __future__ import annotations

import tensorflow as tf


def inside(
    tops: tf.Tensor, lefts: tf.Tensor, heights: tf.Tensor, widths: tf.Tensor, h: int, w: int
) -> tf.Tensor:
    """Return which pixels lie in the rectangle of each image; what lies outside is cut off.

    Args:
        tops, lefts: First row and column, int32 (n,); may be negative.
        heights, widths: Sides in pixels, int32 (n,).
        h, w: Size of the images.

    Returns:
        bool (n, h, w, 1).
    """
    rows = tf.range(h) - tops[:, tf.newaxis]
    columns = tf.range(w) - lefts[:, tf.newaxis]
    in_rows = (rows >= 0) & (rows < heights[:, tf.newaxis])
    in_columns = (columns >= 0) & (columns < widths[:, tf.newaxis])
    return (in_rows[:, :, tf.newaxis] & in_columns[:, tf.newaxis, :])[..., tf.newaxis]
