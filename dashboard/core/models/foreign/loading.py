"""Loads a foreign model that passed the scan. Imports TensorFlow: for the jailed process only."""

from __future__ import annotations

import logging
import re
from pathlib import Path

import keras
import tensorflow as tf

from dashboard.core.errors import LightboxError
from dashboard.core.models.foreign import limits, verdicts

_UNKNOWN = re.compile(r"(?:Could not locate (?:class|function)|Unknown \w+:?) '?([\w>.]+)")
_OTHER_VERSION = re.compile(
    "Unrecognized keyword|cannot be imported|[Dd][Tt]ype ?[Pp]olicy|`policy"
)

logger = logging.getLogger(__name__)


def load(path: Path, version: str, refused: list[str]) -> keras.Model:
    """Load a model without its optimizer and without code of its own.

    Args:
        path: A scanned file.
        version: The Keras that saved it.
        refused: What the jail has refused so far; see `jail.confine`.

    Raises:
        LightboxError: Why it cannot be loaded; see `verdicts`.
    """
    if _number(version)[0] > _number(keras.__version__)[0]:
        raise verdicts.other_version(version, keras.__version__)
    refused.clear()
    try:
        model = keras.saving.load_model(path, compile=False, safe_mode=True)
    except (MemoryError, tf.errors.ResourceExhaustedError) as error:
        raise verdicts.too_much_memory() from error
    except Exception as error:  # Keras raises of many kinds, and none says which is which
        logger.warning("A foreign model cannot be loaded.", exc_info=True)
        raise _verdict(error, version, refused) from error
    if refused:
        raise verdicts.unsafe(refused[0])
    if model.count_params() > limits.MAX_PARAMETERS:
        raise verdicts.too_many_parameters(limits.MAX_PARAMETERS)
    return model


def _verdict(error: Exception, version: str, refused: list[str]) -> LightboxError:
    text = str(error)
    if refused:
        return verdicts.unsafe(refused[0])
    if "arbitrary code" in text or "unsafe" in text:
        return verdicts.unsafe("lambda")
    if unknown := _UNKNOWN.search(text):
        return verdicts.custom(unknown[1])
    if "OOM" in text or "failed to allocate memory" in text:
        return verdicts.too_much_memory()
    if _number(version) > _number(keras.__version__) or _OTHER_VERSION.search(text):
        return verdicts.other_version(version, keras.__version__)
    return verdicts.corrupt()


def _number(version: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", version)[:3])) or (0,)
