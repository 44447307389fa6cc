"""An image input that hands over the uploaded file unopened, and what it does not take."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr
from gradio import processing_utils
from gradio.context import LocalContext
from gradio.exceptions import InvalidPathError
from gradio.utils import get_upload_folder

from dashboard.core.errors import InvalidInput, LightboxError, NotFound
from dashboard.core.text import explain_error

_GRADIO_CHECK = processing_utils._check_allowed


def uploaded_image(**options: Any) -> gr.Image:
    """Return a `gr.Image` whose value is the path of the upload.

    Gradio would open the file with Pillow in the web process; Lightbox decodes visitors' bytes
    in the engine only, by one set of rules. (A subclass would be taken for a custom component
    with a front end of its own, so the method is replaced on the instance. An event must not
    answer with `gr.update` for it: Gradio would go on with a new, plain one.)

    Snapshots of the camera are not mirrored: what is written in them stays readable.

    Args:
        **options: For `gr.Image`.
    """
    image = gr.Image(
        type="filepath",
        sources=["upload", "webcam", "clipboard"],
        webcam_options=gr.WebcamOptions(mirror=False),
        **options,
    )
    image.preprocess = _path  # type: ignore[method-assign]
    return image


def read_upload(path: str) -> bytes:
    """Return the bytes of an upload.

    Raises:
        NotFound: It has been removed, or is no upload: a client may send any path of this
            machine (`upload_not_found`).
    """
    try:
        found = Path(path).resolve(strict=True)
        if found.is_relative_to(Path(get_upload_folder()).resolve()):
            return found.read_bytes()
    except (OSError, ValueError):
        pass
    raise not_here()


def take_uploads_only(widget: gr.Blocks, language: str) -> None:
    """Keep clients of `widget` from naming files of this machine or addresses in the network.

    Gradio copies a file that any input names into the folder it serves, and downloads from an
    address. It checks that a file is an upload only where it has itself started the server, and
    says nothing to the client then: a page that was open during a restart names such a file.
    """
    widget.has_launched = True
    widget.language = language
    processing_utils.async_ssrf_protected_download = _refuse_address
    processing_utils._check_allowed = _check_allowed


def _check_allowed(path: str | Path, check_in_upload_folder: bool) -> None:
    try:
        _GRADIO_CHECK(path, check_in_upload_folder)
    except (InvalidPathError, OSError, ValueError):
        raise _shown(not_here()) from None


async def _refuse_address(*_: Any, **__: Any) -> str:
    raise _shown(
        InvalidInput(
            "Addresses are not opened here. Upload the picture itself.", code="url_inputs_disabled"
        )
    )


def _shown(error: LightboxError) -> gr.Error:
    widget = LocalContext.blocks.get()
    return gr.Error(explain_error(error, widget.language), print_exception=False)


def not_here() -> LightboxError:
    """Return the error for an upload that has been removed, or never was one."""
    return NotFound("The picture is no longer here. Upload it again.", code="upload_not_found")


def _path(payload: Any) -> str | None:
    return payload.path if payload else None
