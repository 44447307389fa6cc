"""What agents may ask for: which models there are, what is in a picture, and why.

A picture comes as base64. A path or an address is only a text that is no picture: nothing here
opens one.
"""

from __future__ import annotations

import asyncio
import binascii
import json
from abc import abstractmethod
from base64 import b64decode
from typing import Any, ClassVar

from mcp_types import CallToolResult, ContentBlock, ImageContent, TextContent, Tool, ToolAnnotations
from pydantic import BaseModel, ConfigDict, Field

from dashboard.api.classify import MAX_NAME, AnswerOut, ask
from dashboard.core.errors import InvalidInput
from dashboard.core.explain.catalog import EXPLAINERS
from dashboard.core.images import MAX_BYTES, file_too_large
from dashboard.core.models.store import list_models
from dashboard.core.serving.client import engine
from dashboard.core.serving.question import ERROR, MAX_TOP, Question

_CARD = {"name", "version", "task", "tasks", "input", "network", "dataset", "metrics", "licence"}
"""What an agent needs of a card to choose a model."""


class AgentTool(BaseModel):
    """The arguments of a tool; its name and docstring are what the agent is told of it."""

    model_config = ConfigDict(extra="forbid")

    name: ClassVar[str]

    @classmethod
    def describe(cls) -> Tool:
        """Return its entry in the list of tools."""
        return Tool(
            name=cls.name,
            description=cls.__doc__,
            input_schema=cls.model_json_schema(),
            annotations=ToolAnnotations(read_only_hint=True, open_world_hint=False),
        )

    @abstractmethod
    async def run(self) -> CallToolResult:
        """Return the answer; raises `LightboxError`."""


class ListModels(AgentTool):
    """List the published models with their classes, and how right they were on test images."""

    name: ClassVar[str] = "list_models"

    async def run(self) -> CallToolResult:
        cards = await asyncio.to_thread(list_models)
        return _told({"models": [card.model_dump(mode="json", include=_CARD) for card in cards]})


class Classify(AgentTool):
    """Say what is in a picture.

    Gives the most probable classes with calibrated probabilities, the set of classes among which
    the true one is, and in `assurance.known` whether the picture is like those the model has
    learned from or was measured on: where it is not, do not rely on the answer.
    """

    name: ClassVar[str] = "classify"

    image: str = Field(description="The file as base64: JPEG, PNG, WebP …, at most 10 MB.")
    model: str = Field("", max_length=MAX_NAME, description="From list_models; the first if empty.")
    top: int = Field(5, ge=1, le=MAX_TOP, description="How many classes to name, of each task.")
    error: float = Field(ERROR, gt=0, lt=1, description="Share of sets that may lack the truth.")

    async def run(self) -> CallToolResult:
        question = Question(self.model or None, top=self.top, error=self.error)
        return _told((await _ask(self.image, question)).model_dump(mode="json"))


class Explain(AgentTool):
    """Show which parts of a picture speak for a class, as a heat map over it, with the answer.

    The first explanation takes about ten seconds.
    """

    name: ClassVar[str] = "explain"

    image: str = Field(description="The file as base64: JPEG, PNG, WebP …, at most 10 MB.")
    model: str = Field("", max_length=MAX_NAME, description="From list_models; the first if empty.")
    target: int | None = Field(
        None, ge=0, lt=2**31, description="Index of the class; the most probable one if absent."
    )
    method: str = Field(
        EXPLAINERS[0].id,
        max_length=MAX_NAME,
        description="One of: " + ", ".join(explainer.id for explainer in EXPLAINERS),
    )

    async def run(self) -> CallToolResult:
        question = Question(self.model or None, explain=self.method, target=self.target)
        answer = await _ask(self.image, question)
        assert answer.explanation is not None
        overlay = ImageContent(data=answer.explanation.overlay_png, mime_type="image/png")
        told = answer.model_dump(mode="json", exclude={"explanation": {"overlay_png"}})
        return _told(told, overlay)


TOOLS: dict[str, type[AgentTool]] = {tool.name: tool for tool in (ListModels, Classify, Explain)}


async def _ask(image: str, question: Question) -> AnswerOut:
    return await ask(engine(), await asyncio.to_thread(_decoded, image), question)


def _decoded(image: str) -> bytes:
    try:
        content = b64decode(image, validate=True)
    except (binascii.Error, ValueError) as error:
        raise InvalidInput(
            "The field `image` must hold the picture's file itself, as base64. Paths and addresses "
            "are not opened here.",
            code="not_base64",
        ) from error
    if len(content) > MAX_BYTES:
        raise file_too_large(len(content))
    return content


def _told(data: dict[str, Any], *pictures: ContentBlock) -> CallToolResult:
    text = TextContent(text=json.dumps(data, ensure_ascii=False))
    return CallToolResult(content=[text, *pictures], structured_content=data)
