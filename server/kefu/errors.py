"""The one error class for people. Anything else that is raised is a bug and stays loud."""

from __future__ import annotations


class KefuError(Exception):
    """Something a person can put right.

    ``code`` is stable and machine-readable, ``message`` says what is wrong, ``hint`` says what to do.
    ``status`` is the HTTP status that the web edge answers with; the command line prints message and hint.
    """

    code = "kefu_error"
    status = 400

    def __init__(self, message: str, hint: str = "", *, code: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        if code is not None:
            self.code = code

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


class BadInput(KefuError):
    """The request, file or flag itself is wrong."""

    code = "bad_input"


class Unauthorized(KefuError):
    """No token, or one that no shop has."""

    code = "unauthorized"
    status = 401


class Forbidden(KefuError):
    """A known caller asked for what it may not have."""

    code = "forbidden"
    status = 403


class NotFound(KefuError):
    """The named thing does not exist in this shop."""

    code = "not_found"
    status = 404


class Conflict(KefuError):
    """The thing changed meanwhile, or exists already."""

    code = "conflict"
    status = 409


class TooLarge(KefuError):
    """Over a size limit; the hint names the limit."""

    code = "too_large"
    status = 413


class Unavailable(KefuError):
    """A part that this request needs is down or too slow; trying again later may help."""

    code = "unavailable"
    status = 503
