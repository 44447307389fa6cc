"""`POST /feedback`: a picture with its right class, for review."""

from __future__ import annotations

import asyncio
from typing import Annotated

from fastapi import APIRouter, Depends, File, Form, UploadFile
from pydantic import BaseModel, Field

from dashboard.api.access import require_same_site
from dashboard.api.uploads import limited_route, read_image
from dashboard.core.feedback.giving import check_on, give
from dashboard.core.images import MAX_BYTES
from dashboard.core.serving.client import engine
from dashboard.core.serving.question import Question
from dashboard.core.tasks import class_name

router = APIRouter(tags=["feedback"], route_class=limited_route(MAX_BYTES))


class FeedbackOut(BaseModel):
    """What is kept: the picture, written anew without metadata, and these."""

    id: str
    model: str
    version: str
    answer: str = Field(description="What the model answers.")
    label: str = Field(description="The right class, as given first for this picture.")


@router.post(
    "/feedback", status_code=201, dependencies=[Depends(require_same_site), Depends(check_on)]
)
async def feedback(
    image: Annotated[UploadFile, File(description="JPEG, PNG, WebP …, at most 10 MB")],
    model: Annotated[str, Form(description="Name of the model that answered.")],
    label: Annotated[str, Form(description="The right class, one of the model's.")],
    consent: Annotated[
        bool, Form(description="Must be true: the picture is stored and used for training.")
    ] = False,
) -> FeedbackOut:
    """Hand in a picture that was answered wrongly, with its right class."""
    content = await read_image(image)
    found = await engine().aclassify(content, Question(model=model, top=1))
    first = found.predictions[0]
    answer = class_name(first.task, first.label)
    item = await asyncio.to_thread(give, content, model, found.version, answer, label, consent)
    return FeedbackOut(
        id=item.id, model=item.model, version=item.version, answer=item.answer, label=item.label
    )
