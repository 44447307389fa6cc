"""What the fields of a recipe are called where people see them."""

from __future__ import annotations

from dashboard.core.data.augmentation.catalog import AUGMENTATIONS
from dashboard.core.sweeps.fields import AUGMENTATION
from dashboard.core.text import mark
from dashboard.ui.text import t

_NAMES = {
    "network": mark("Network"),
    "image_size": mark("Image size"),
    "channels": mark("Colour"),
    "epochs": mark("Epochs"),
    "batch_size": mark("Batch size"),
    "optimizer": mark("Optimiser"),
    "learning_rate": mark("Learning rate"),
    "schedule": mark("Schedule"),
    "warmup": mark("Warm-up"),
    "loss": mark("Loss"),
    "label_smoothing": mark("Label smoothing"),
    "weight_decay": mark("Weight decay"),
    "l2": mark("L2"),
    "ema": mark("Running mean of the weights"),
    "early_stopping": mark("Early stopping"),
    "class_weights": mark("Class weights"),
    "sampling": mark("Sampling"),
    "frozen_epochs": mark("Frozen epochs"),
    "unfreeze": mark("Blocks to unfreeze"),
    "precision": mark("Precision"),
    "seed": mark("Seed"),
} | {AUGMENTATION + entry.id: entry.label for entry in AUGMENTATIONS}


def field_name(field: str) -> str:
    """Return the name of a field in the reader's language; a new one is shown as it is."""
    return t(_NAMES.get(field, field))
