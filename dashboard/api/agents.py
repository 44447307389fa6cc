"""The way in for agents: the Model Context Protocol over HTTP at `/mcp`.

Only mounted, and its library only imported, where `LIGHTBOX_MCP` is on. Nothing can be changed by
it, so it is the same in a demo.
"""

from __future__ import annotations

import logging
from typing import Any

from mcp.server.lowlevel import Server
from mcp.server.streamable_http_manager import StreamableHTTPASGIApp, StreamableHTTPSessionManager
from mcp.shared.exceptions import MCPError
from mcp_types import (
    INVALID_PARAMS,
    CallToolRequestParams,
    CallToolResult,
    ListToolsResult,
    TextContent,
)
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.routing import Route

from dashboard.api.agent_tools import TOOLS
from dashboard.api.errors import broken_rule, printable
from dashboard.core.errors import LightboxError
from dashboard.core.log import begin_request, report

PATH = "/mcp"

MAX_BODY_BYTES = 16 * 2**20
"""A picture of 10 MB in base64, and room to say in a sentence that one is somewhat too large."""

_LOG = logging.getLogger(__name__)


def create_agents() -> Starlette:
    """Build the application; its lifespan must be entered."""
    server = Server(
        "lightbox",
        title="Lightbox",
        instructions="Image classification: list the models, classify a picture, explain why.",
        on_list_tools=_list_tools,
        on_call_tool=_call_tool,
    )
    # Without sessions there is nothing to fill up and nothing to guess.
    manager = StreamableHTTPSessionManager(
        server, stateless=True, max_request_body_size=MAX_BODY_BYTES
    )
    return Starlette(
        routes=[Route(PATH, StreamableHTTPASGIApp(manager), methods=["POST"])],
        lifespan=lambda _app: manager.run(),
    )


async def _list_tools(_context: Any, _params: Any) -> ListToolsResult:
    return ListToolsResult(tools=[tool.describe() for tool in TOOLS.values()])


async def _call_tool(_context: Any, params: CallToolRequestParams) -> CallToolResult:
    tool = TOOLS.get(params.name)
    if tool is None:
        choices = ", ".join(TOOLS)
        message = f"There is no tool “{params.name[:80]}”. Choose one of: {choices}."
        raise MCPError(INVALID_PARAMS, message)
    reference = begin_request()
    try:
        return await tool.model_validate(params.arguments or {}).run()
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        told = _told("invalid_request", broken_rule(first, field), reference)
    except LightboxError as error:
        told = _told(error.code, str(error), reference)
    except Exception as error:
        report(_LOG, "unexpected error", error)
        message = f"Something failed on our side. Its reference is {reference}."
        told = _told("internal", message, reference)
    text = TextContent(text=told["error"]["message"])
    return CallToolResult(content=[text], structured_content=told, is_error=True)


def _told(code: str, message: str, reference: str) -> dict[str, dict[str, str]]:
    """Return the body of an error as the REST routes have it."""
    return {"error": {"code": code, "message": printable(message), "request_id": reference}}
