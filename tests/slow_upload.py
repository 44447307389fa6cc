"""A picture that is sent bit by bit."""

from __future__ import annotations

import socket

import httpx


class SlowUpload:
    """One `POST /api/v1/classify` over a socket of its own."""

    def __init__(self, port: int, content: bytes) -> None:
        url = f"http://127.0.0.1:{port}/api/v1/classify"
        request = httpx.Request("POST", url, files={"image": content})
        request.headers["connection"] = "close"
        head = "".join(f"{name}: {value}\r\n" for name, value in request.headers.items())
        body = request.read()
        self._head = f"POST /api/v1/classify HTTP/1.1\r\n{head}\r\n".encode()
        self._request = self._head + body
        self._sent = 0
        self._answer = b""
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=60)

    def send(self, share: float) -> None:
        """Send the head and this share of the body, with what was sent before."""
        n_body = len(self._request) - len(self._head)
        end = len(self._head) + round(share * n_body)
        self.socket.sendall(self._request[self._sent : end])
        self._sent = end

    @property
    def status(self) -> int:
        """Status of the answer, which is waited for."""
        return int(self._read().split(b" ", 2)[1])

    @property
    def body(self) -> bytes:
        """Body of the answer, which is waited for."""
        return self._read().split(b"\r\n\r\n", 1)[1]

    def close(self) -> None:
        """Hang up."""
        self.socket.close()

    def _read(self) -> bytes:
        while found := self.socket.recv(2**16):
            self._answer += found
        return self._answer
