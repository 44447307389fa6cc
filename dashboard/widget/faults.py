"""What a visitor is told when something fails."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import gradio as gr

from dashboard.core.errors import LightboxError
from dashboard.core.log import report
from dashboard.core.text import explain_error
from dashboard.widget.verdict import Translate

_LOG = logging.getLogger(__name__)


@contextmanager
def plain_faults(t: Translate, language: str) -> Iterator[None]:
    """Turn whatever is raised into one plain sentence in `language`.

    Raises:
        gr.Error: With the sentence; of what we did not foresee, with a reference to the log.
    """
    try:
        yield
    except LightboxError as error:
        raise gr.Error(explain_error(error, language), print_exception=False) from error
    except Exception as error:
        reference = report(_LOG, "widget failed", error)
        message = t(
            "Something failed on our side. Its reference is {reference}.", reference=reference
        )
        raise gr.Error(message, print_exception=False) from error
