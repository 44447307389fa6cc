"""The errors Lightbox raises on purpose.

    LightboxError            500  something failed that has a plain explanation
    ├── InvalidInput         422  what was given cannot be used
    ├── UnsupportedMedia     415  not a kind of file we read
    ├── TooLarge             413  over a stated limit
    ├── NotFound             404  no such data set, model, run, image
    ├── Conflict             409  it exists already, or is in another state
    ├── Forbidden            403  not allowed here (demo mode, missing token)
    ├── TooManyRequests      429  this client asks too much; try again
    ├── Unavailable          503  busy or starting; try again
    ├── DeadlineExceeded     504  took longer than allowed
    └── DiskFull             507  no space left

Each carries a plain sentence with named gaps: what was wrong, what was received, what to do.
The sentence is a key of the text catalogue, so every face shows it in the reader's language.
"""

from __future__ import annotations

from typing import Any

CLIENT_LEFT = 499
"""Status of a request whose client left before it was answered; the number is nginx's."""


class LightboxError(Exception):
    """A failure with a plain explanation.

    Args:
        template: English sentence with `{gaps}`; a literal, so the text catalogue can list it.
        code: Short stable identifier for programs, such as `"not_an_image"`.
        **values: What fills the gaps. Only str, int, float and bool, so that the error can
            cross a process boundary as JSON.
    """

    status = 500
    code = "failed"

    def __init__(self, template: str, *, code: str | None = None, **values: Any) -> None:
        super().__init__(template.format(**values))
        self.template = template
        self.values = values
        if code:
            self.code = code

    def to_json(self) -> dict[str, Any]:
        """Return what `from_json` needs to raise the same error in another process."""
        return {
            "kind": type(self).__name__,
            "code": self.code,
            "template": self.template,
            "values": self.values,
        }

    @staticmethod
    def from_json(data: dict[str, Any]) -> LightboxError:
        """Rebuild an error written by `to_json`; unknown kinds become `LightboxError`."""
        kinds = {kind.__name__: kind for kind in LightboxError.__subclasses__()}
        kind = kinds.get(data["kind"], LightboxError)
        return kind(data["template"], code=data["code"], **data["values"])


class InvalidInput(LightboxError):
    """What was given cannot be used."""

    status = 422
    code = "invalid_input"


class UnsupportedMedia(LightboxError):
    """Not a kind of file we read."""

    status = 415
    code = "unsupported_media"


class TooLarge(LightboxError):
    """Over a stated limit."""

    status = 413
    code = "too_large"


class NotFound(LightboxError):
    """No such data set, model, run or image."""

    status = 404
    code = "not_found"


class Conflict(LightboxError):
    """It exists already, or its state does not allow this."""

    status = 409
    code = "conflict"


class Forbidden(LightboxError):
    """Not allowed here."""

    status = 403
    code = "forbidden"


class TooManyRequests(LightboxError):
    """This client asks too much: worth trying again after `retry_after_s` seconds."""

    status = 429
    code = "too_many_requests"
    retry_after_s = 1


class Unavailable(LightboxError):
    """Busy or starting: worth trying again after `retry_after_s` seconds."""

    status = 503
    code = "unavailable"
    retry_after_s = 2


class DeadlineExceeded(LightboxError):
    """Took longer than allowed."""

    status = 504
    code = "deadline_exceeded"


class DiskFull(LightboxError):
    """No space left on the disk that holds the Lightbox home."""

    status = 507
    code = "disk_full"
