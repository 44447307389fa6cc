"""Every fault that is looked for, in the order they are shown."""

from __future__ import annotations

from dashboard.core.quality.balance import Imbalance, SmallClass
from dashboard.core.quality.base import Fault
from dashboard.core.quality.exact import ExactConflict, ExactLeak, ExactRepeat
from dashboard.core.quality.looks import Blurry, Bright, Dark, LowInformation
from dashboard.core.quality.mislabelled import LabelError
from dashboard.core.quality.near import NearConflict, NearLeak, NearRepeat
from dashboard.core.quality.outliers import Outlier
from dashboard.core.quality.shortcuts import Shortcut
from dashboard.core.quality.sizes import OddAspect, OddSize

FAULTS: tuple[Fault, ...] = (
    ExactLeak(),
    ExactConflict(),
    ExactRepeat(),
    NearLeak(),
    NearConflict(),
    NearRepeat(),
    LabelError(),
    Shortcut(),
    Outlier(),
    Dark(),
    Bright(),
    Blurry(),
    LowInformation(),
    OddSize(),
    OddAspect(),
    SmallClass(),
    Imbalance(),
)

FAULTS_BY_ID = {fault.id: fault for fault in FAULTS}
"""Id → fault."""
