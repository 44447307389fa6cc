"""A picture that is sent bit by bit."""

from __future__ import annotations

import socket
from functools import cached_property

import httpx


class SlowUpload:
    """One question to classify a picture, over a socket of its own."""

    def __init__(
        self, port: int, content: bytes, path: str = "/api/v1/classify", **data: str
    ) -> None:
        url = f"http://127.0.0.1:{port}{path}"
        request = httpx.Request("POST", url, files={"image": content}, data=data)
        request.headers["connection"] = "close"
        head = "".join(f"{name}: {value}\r\n" for name, value in request.headers.items())
        body = request.read()
        self._head = f"POST {path} HTTP/1.1\r\n{head}\r\n".encode()
        self._request = self._head + body
        self._sent = 0
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=60)

    def send(self, share: float) -> None:
        """Send the head and this share of the body, with what was sent before."""
        n_body = len(self._request) - len(self._head)
        end = len(self._head) + round(share * n_body)
        self.socket.sendall(self._request[self._sent : end])
        self._sent = end

    @cached_property
    def answer(self) -> bytes:
        """The whole answer, which is waited for, in however many packets it comes."""
        with self.socket:
            return b"".join(iter(lambda: self.socket.recv(2**16), b""))

    @property
    def status(self) -> int:
        """Status of the answer."""
        return int(self.answer.split(b" ", 2)[1])

    @property
    def body(self) -> bytes:
        """Body of the answer."""
        return self.answer.split(b"\r\n\r\n", 1)[1]

    def close(self) -> None:
        """Hang up."""
        self.socket.close()
