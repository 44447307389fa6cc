"""What a visitor is told when something fails."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import gradio as gr

from dashboard.core.errors import LightboxError
from dashboard.core.log import report
from dashboard.core.text import explain_error, mark, translate
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
        raise fault(explain_error(error, language), language) from error
    except Exception as error:
        reference = report(_LOG, "widget failed", error)
        message = t(
            "Something failed on our side. Its reference is {reference}.", reference=reference
        )
        raise fault(message, language) from error


def fault(message: str, language: str) -> gr.Error:
    """Return what shows a sentence in `language` in a box, under a heading in it too."""
    title = translate(mark("Error"), language)
    return gr.Error(message, title=title, print_exception=False)
