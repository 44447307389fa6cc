"""Pictures that show little: dark, bright, blurred or nearly even.

The limits of darkness and information are those of CleanVision (github.com/cleanlab/cleanvision),
the others our own. A picture must also stand out
from its data set: where all are dark, as X-rays are, or soft, as enlarged digits are, that is how
the data is and no fault of single pictures.
"""

from __future__ import annotations

import numpy as np

from dashboard.core.quality.base import Fault, Finding, Images
from dashboard.core.quality.properties import properties
from dashboard.core.text import mark

STANDS_OUT = 3.0
"""Standard deviations from the median, estimated from the median absolute deviation."""

_MAD_TO_SIGMA = 1.4826  # of a normal distribution


class _Look(Fault):
    """Compares one property with a limit.

    Attributes:
        column: Of `properties`.
        limit: Beyond it a picture is faulty.
        sign: −1 where low values are the fault, 1 where high ones are.
    """

    action = "review"
    column: str
    limit: float
    sign: int = -1

    def find(self, images: Images) -> Finding:
        values = images.once(properties)[self.column].to_numpy(np.float64)
        median = np.median(values) if len(values) else 0.0
        spread = _MAD_TO_SIGMA * np.median(np.abs(values - median)) if len(values) else 0.0
        beyond = self.sign * (values - self.limit)
        faulty = (beyond > 0) & (self.sign * (values - median) > STANDS_OUT * spread)
        rows = np.flatnonzero(faulty)
        return Finding(rows, beyond[rows])


class Dark(_Look):
    """Even the brightest parts are dark."""

    id = "dark"
    label = mark("Dark images")
    sentence = mark("{n} images are so dark that little can be seen.")
    single = mark("It is so dark that little can be seen.")
    column = "brightest"
    limit = 0.32 * 255


class Bright(_Look):
    """Even the darkest parts are nearly white."""

    id = "bright"
    label = mark("Bright images")
    sentence = mark("{n} images are so bright that little can be seen.")
    single = mark("It is so bright that little can be seen.")
    column = "darkest"
    limit = 0.9 * 255
    sign = 1


class Blurry(_Look):
    """There are no sharp edges."""

    id = "blurry"
    label = mark("Blurry images")
    sentence = mark("{n} images have no sharp edges.")
    single = mark("It has no sharp edges.")
    column = "sharpness"
    limit = 12.0


class LowInformation(_Look):
    """Nearly all pixels have the same few values."""

    id = "low_information"
    label = mark("Images with little information")
    sentence = mark("{n} images are nearly even: they hold hardly any information.")
    single = mark("It is nearly even: it holds hardly any information.")
    column = "information"
    limit = 3.0
