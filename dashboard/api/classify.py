"""`POST /classify` and `POST /classify/batch`."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from typing import Annotated

from fastapi import APIRouter, Depends, File, Form, UploadFile
from pydantic import BaseModel, Field

from dashboard.api.uploads import MAX_BATCH_BYTES, limited_route, read_image
from dashboard.core.errors import InvalidInput, LightboxError, TooLarge
from dashboard.core.explain.overlay import overlay
from dashboard.core.images import MAX_BYTES
from dashboard.core.serving.answers import MAX_TOP, Answer, Explanation
from dashboard.core.serving.client import EngineClient, engine

MAX_BATCH = 32
PARALLEL = 2
"""Images of one batch in the engine at the same time, so that a batch cannot fill its queue."""

OPACITY = 0.6

MAX_NAME = 200
"""Longest name of a model, a method or a layer, in characters."""


class PredictionOut(BaseModel):
    """One class with its probability in [0, 1]."""

    label: str
    index: int = Field(description="Among the classes of the model: a `target` to explain.")
    probability: float
    task: str = Field("", description="The task it answers; empty where there is only one.")


class NoteOut(BaseModel):
    """Something that was done to the image, such as turning it upright."""

    code: str
    message: str


class ExplanationOut(BaseModel):
    """Where the evidence for class `target` lies; `overlay_png` is a PNG as base64."""

    method: str
    target: int
    layer: str
    layers: list[str]
    overlay_png: str


class AnswerOut(BaseModel):
    """The answer to one image, the most probable classes first, task by task."""

    request_id: str
    model: str
    version: str
    predictions: list[PredictionOut]
    notes: list[NoteOut]
    timing_ms: dict[str, float]
    explanation: ExplanationOut | None


class Options(BaseModel):
    """How to answer: the form fields beside the image."""

    model: str = Field("", description="Name of a model. Defaults to the default model.")
    top: int = Field(5, description="How many classes to name, of each task.")
    explain: str = Field("", description="Id of an explainer, such as `grad_cam`.")
    target: int | None = Field(None, description="Index of the class to explain.")
    layer: str = Field("", description="The layer to look at.")


Name = Annotated[str, Form(max_length=MAX_NAME)]


def _options(
    model: Name = "",
    top: Annotated[int, Form(ge=1, le=MAX_TOP)] = 5,
    explain: Name = "",
    target: Annotated[int | None, Form(ge=0, lt=2**31)] = None,
    layer: Name = "",
) -> Options:
    return Options(model=model, top=top, explain=explain, target=target, layer=layer)


single = APIRouter(route_class=limited_route(MAX_BYTES))
batch = APIRouter(route_class=limited_route(MAX_BATCH_BYTES))

Client = Annotated[EngineClient, Depends(engine)]
Choices = Annotated[Options, Depends(_options)]


@single.post("/classify")
async def classify(
    image: Annotated[UploadFile, File(description="JPEG, PNG, WebP …, at most 10 MB")],
    options: Choices,
    client: Client,
) -> AnswerOut:
    """Classify one image."""
    return await _classify(client, await read_image(image), options)


@batch.post("/classify/batch")
async def classify_batch(
    options: Choices,
    client: Client,
    images: Annotated[list[UploadFile] | None, File(description="1 to 32 images")] = None,
) -> list[AnswerOut]:
    """Classify up to 32 images; the answers are in the order of the images."""
    images = images or []
    _check_count(len(images))
    places = asyncio.Semaphore(PARALLEL)

    async def one(position: int, upload: UploadFile) -> AnswerOut:
        async with places:
            try:
                return await _classify(client, await read_image(upload), options)
            except LightboxError as error:
                raise _at(position, len(images), error) from error

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(i + 1, upload)) for i, upload in enumerate(images)]
    except ExceptionGroup as errors:  # the first one ended the others
        raise errors.exceptions[0] from None
    return [task.result() for task in tasks]


async def _classify(client: EngineClient, content: bytes, options: Options) -> AnswerOut:
    answer = await client.aclassify(
        content,
        model=options.model or None,
        top=options.top,
        explain=options.explain or None,
        target=options.target,
        layer=options.layer or None,
    )
    return await asyncio.to_thread(_encode, answer)  # drawing takes milliseconds


def _encode(answer: Answer) -> AnswerOut:
    return AnswerOut.model_validate(
        {
            **answer.to_json(),
            "notes": [
                {"code": note.code, "message": note.template.format(**note.values)}
                for note in answer.notes
            ],
            "explanation": _encode_explanation(answer.explanation) if answer.explanation else None,
        }
    )


def _encode_explanation(explanation: Explanation) -> ExplanationOut:
    drawn = overlay(explanation.image_png, explanation.heatmap_png, OPACITY)
    return ExplanationOut(
        method=explanation.method,
        target=explanation.target,
        layer=explanation.layer,
        layers=list(explanation.layers),
        overlay_png=b64encode(drawn).decode(),
    )


def _check_count(n: int) -> None:
    if n == 0:
        raise InvalidInput(
            "The field `images` is empty. Send 1 to {limit} images.", limit=MAX_BATCH
        )
    if n > MAX_BATCH:
        raise TooLarge(
            "A batch holds at most {limit} images; received {received}. Send several batches.",
            limit=MAX_BATCH,
            received=n,
        )


def _at(position: int, total: int, error: LightboxError) -> LightboxError:
    """Say which image of the batch it was."""
    return type(error)(
        "Image {position} of {total}: {reason}",
        code=error.code,
        position=position,
        total=total,
        reason=str(error),
    )


router = APIRouter(tags=["classify"])
router.include_router(single)
router.include_router(batch)
