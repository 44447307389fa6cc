"""`POST /classify` and `POST /classify/batch`."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from typing import Annotated

from fastapi import APIRouter, Depends, File, Form, Request, UploadFile
from pydantic import BaseModel, Field

from dashboard.api.uploads import MAX_BATCH_BYTES, limited_route, read_image
from dashboard.core.errors import InvalidInput, LightboxError, TooLarge
from dashboard.core.explain.overlay import overlay
from dashboard.core.images import MAX_BYTES
from dashboard.core.serving.answers import Answer, Assurance, Explanation
from dashboard.core.serving.client import EngineClient, engine
from dashboard.core.serving.connected import while_connected
from dashboard.core.serving.question import ERROR, MAX_EVIDENCE, MAX_TOP, Question

MAX_BATCH = 32
PARALLEL = 2
"""Images of one batch in the engine at the same time, so that a batch cannot fill its queue."""

OPACITY = 0.6

LEAVE_QUEUE = "leave_queue"
"""In the state of a request: what gives its place among the classifications back early."""

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


class SetOut(BaseModel):
    """The classes among which the true one is; see `AssuranceOut.error`."""

    task: str = Field(description="Empty where there is only one.")
    labels: list[str]


class EvidenceOut(BaseModel):
    """An image that the picture was compared with; `image_png` is a PNG as base64."""

    label: str
    likeness: float
    image_png: str


class AssuranceOut(BaseModel):
    """What stands behind an answer: the picture is compared with the training images of the model
    or, where those are not known, of the data set that `calibrate` measured it on."""

    error: float | None = Field(description="Share of the sets that may lack the true class.")
    sets: list[SetOut]
    known: bool = Field(description="Is the picture like those it is compared with?")
    likeness: float = Field(description="How like them it is, at most 1.")
    least_likeness: float = Field(description="How like it must be to be known.")
    trained_on: bool = Field(description="Is it itself one of the training images?")
    evidence: list[EvidenceOut] = Field(description="Those most like it.")


class AnswerOut(BaseModel):
    """The answer to one image, the most probable classes first, task by task."""

    request_id: str
    model: str
    version: str
    predictions: list[PredictionOut]
    notes: list[NoteOut]
    timing_ms: dict[str, float]
    explanation: ExplanationOut | None
    assurance: AssuranceOut | None = Field(description="Where the model's card has measured it.")
    several: bool = Field(description="May the picture have several of the classes, or none?")


Name = Annotated[str, Form(max_length=MAX_NAME)]


async def _question(
    model: Annotated[Name, Form(description="Name of a model. Defaults to the default one.")] = "",
    top: Annotated[int, Form(ge=1, le=MAX_TOP, description="Classes to name of each task.")] = 5,
    explain: Annotated[Name, Form(description="Id of an explainer, such as `grad_cam`.")] = "",
    target: Annotated[
        int | None, Form(ge=0, lt=2**31, description="Index of the class to explain.")
    ] = None,
    layer: Annotated[Name, Form(description="The layer to look at.")] = "",
    error: Annotated[
        float, Form(gt=0, lt=1, description="Share of the sets that may lack the true class.")
    ] = ERROR,
    evidence: Annotated[
        int, Form(ge=0, le=MAX_EVIDENCE, description="Nearest images to show.")
    ] = 0,
) -> Question:
    """How to answer: the form fields beside the image."""
    return Question(model or None, top, explain or None, target, layer or None, error, evidence)


single = APIRouter(route_class=limited_route(MAX_BYTES))
batch = APIRouter(route_class=limited_route(MAX_BATCH_BYTES))


async def engine_client() -> EngineClient:
    """Return the engine's client; asynchronous, since FastAPI gives any other a thread."""
    return engine()


Client = Annotated[EngineClient, Depends(engine_client)]
Choices = Annotated[Question, Depends(_question)]


@single.post("/classify")
async def classify(
    request: Request,
    image: Annotated[UploadFile, File(description="JPEG, PNG, WebP …, at most 10 MB")],
    question: Choices,
    client: Client,
) -> AnswerOut:
    """Classify one image."""
    if question.explain:
        _leave_queue(request)
    working = ask(client, await read_image(image), question)
    return await while_connected(request.receive, working)


@batch.post("/classify/batch")
async def classify_batch(
    request: Request,
    question: Choices,
    client: Client,
    images: Annotated[list[UploadFile] | None, File(description="1 to 32 images")] = None,
) -> list[AnswerOut]:
    """Classify up to 32 images; the answers are in the order of the images."""
    images = images or []
    _check_count(len(images))
    return await while_connected(request.receive, _classify_all(client, images, question))


def _leave_queue(request: Request) -> None:
    """Give back the place among the classifications: explanations have a queue of their own."""
    leave = request.scope.get("state", {}).get(LEAVE_QUEUE)
    if leave:
        leave()


async def _classify_all(
    client: EngineClient, images: list[UploadFile], question: Question
) -> list[AnswerOut]:
    places = asyncio.Semaphore(PARALLEL)

    async def one(position: int, upload: UploadFile) -> AnswerOut:
        async with places:
            try:
                return await ask(client, await read_image(upload), question)
            except LightboxError as error:
                raise _at(position, len(images), error) from error

    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(one(i + 1, upload)) for i, upload in enumerate(images)]
    except ExceptionGroup as errors:  # the first one ended the others
        raise errors.exceptions[0] from None
    return [task.result() for task in tasks]


async def ask(client: EngineClient, content: bytes, question: Question) -> AnswerOut:
    """Return the engine's answer to one picture; raises its `LightboxError`."""
    answer = await client.aclassify(content, question)
    if answer.explanation is None:
        return _encode(answer)
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
            "assurance": _encode_assurance(answer.assurance) if answer.assurance else None,
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


def _encode_assurance(assurance: Assurance) -> AssuranceOut:
    sets = [{"task": task, "labels": labels} for task, labels in assurance.sets.items()]
    return AssuranceOut.model_validate({**assurance.to_json(), "sets": sets})


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
