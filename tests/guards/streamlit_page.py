"""A page of Streamlit without a browser."""

from __future__ import annotations

from types import TracebackType

import httpx
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import connect

from tests.server import HTTP, Lightbox


class StreamlitPage:
    """Opens a page; `session` is its id."""

    def __init__(self, lightbox: Lightbox, client: str = "203.0.113.50") -> None:
        self._url, self._from = lightbox.url, {"x-forwarded-for": client}
        socket = f"ws://127.0.0.1:{lightbox.port}/_stcore/stream"
        # Without a bound on what waits unread, behind which the goodbye is found after 10 s only.
        self.socket = connect(socket, additional_headers=self._from, proxy=None, max_queue=None)  # type: ignore[arg-type]

    def __enter__(self) -> StreamlitPage:
        self.socket.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.socket.__exit__(kind, error, trace)

    @property
    def session(self) -> str:
        run = BackMsg()
        run.rerun_script.query_string = ""
        self.socket.send(run.SerializeToString())
        while True:
            told = ForwardMsg()
            told.ParseFromString(self.socket.recv(timeout=60))
            if told.WhichOneof("type") == "new_session":
                return str(told.new_session.initialize.session_id)

    def upload(self, session: str, content: bytes, name: str = "a", **headers: str) -> int:
        """Send a file as the page's uploader does; the status."""
        health = HTTP.get(f"{self._url}/_stcore/health")
        token = health.cookies["_streamlit_xsrf"]
        sent = {"x-xsrftoken": token, "cookie": f"_streamlit_xsrf={token}", **self._from, **headers}
        url = f"{self._url}/_stcore/upload_file/{session}/{name}"
        return httpx.put(url, files={"file": ("a", content)}, headers=sent, timeout=60).status_code
