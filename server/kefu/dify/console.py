"""A client of Dify's console API: signs in, keeps the session, names what went wrong, and can leave writes undone.

Two ways in: an account (tokens come as cookies, each call repeats the csrf cookie in a header; Dify before 1.10 gives
them in the answer instead) or the admin API key with a workspace id. Secrets never reach a log line.
"""

from __future__ import annotations

import base64
import email.utils
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Self

import httpx

from kefu.dify.redact import redacted
from kefu.errors import BadInput, Conflict, Forbidden, KefuError, NotFound, TooLarge, Unauthorized, Unavailable

TIMEOUT = httpx.Timeout(120.0, connect=10.0)
"""Saving a credential or a package makes Dify call others before it answers."""
_PAUSES = (0.3, 1.0)
"""Seconds before each repetition of a call that may be repeated."""
_ENCODED_PASSWORDS_SINCE = (1, 11, 2)


@dataclass(frozen=True, slots=True)
class Account:
    """A person of the workspace; owner or admin for most of what a deployment does."""

    email: str
    password: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class AdminKey:
    """``ADMIN_API_KEY`` of a Dify with ``ADMIN_API_KEY_ENABLE=true``. ``workspace`` may be empty if there is one."""

    key: str = field(repr=False)
    workspace: str = ""


@dataclass(frozen=True, slots=True)
class Workspace:
    id: str
    name: str
    role: str


def say_nothing(_: str) -> None:
    """Where nobody listens."""


class Console:
    """One session. Every call raises a KefuError with what to do; ``version`` and ``skew``, the
    seconds by which Dify's clock is ahead, are known after the first answer."""

    def __init__(
        self,
        url: str,
        *,
        dry_run: bool = False,
        trace: Callable[[str], None] = say_nothing,
        pause: Callable[[float], None] = time.sleep,
        timeout: httpx.Timeout = TIMEOUT,
    ) -> None:
        self.url = base_url(url)
        self.dry_run = dry_run
        self.version = ""
        self.skew = 0.0
        self._trace = trace
        self._pause = pause
        self._way: Account | AdminKey | None = None
        self._headers: dict[str, str] = {}
        self._client = httpx.Client(timeout=timeout, trust_env=False, follow_redirects=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._client.close()

    def open(self, way: Account | AdminKey) -> Workspace:
        """Sign in; gives the workspace that all later calls work on."""
        self._way = way
        if isinstance(way, AdminKey):
            return self._open_with_key(way)
        self._sign_in(way)
        row = self._current_workspace()
        return Workspace(row["id"], row.get("name", ""), row.get("role", ""))

    def get(self, path: str, **params: Any) -> Any:
        return self._call("GET", path, params=params or None, again=True)

    def post(self, path: str, body: Any = None, **options: Any) -> Any:
        return self._write("POST", path, body, **options)

    def put(self, path: str, body: Any, **options: Any) -> Any:
        return self._write("PUT", path, body, **options)

    def patch(self, path: str, body: Any, **options: Any) -> Any:
        return self._write("PATCH", path, body, **options)

    def delete(self, path: str, body: Any = None, **options: Any) -> Any:
        return self._write("DELETE", path, body, **options)

    def upload(self, path: str, name: str, file_name: str, data: bytes) -> Any:
        """A multipart upload; Dify stores the same bytes again without complaint, so it may be repeated."""
        self._note("POST", path, {name: f"{file_name}, {len(data)} bytes"})
        if self.dry_run:
            return {}
        return self._call("POST", path, files={name: (file_name, data)}, again=True)

    def _write(
        self, method: str, path: str, body: Any, *, again: bool = False, reads: bool = False, instead: Any = None
    ) -> Any:
        """``again``: may be sent twice. ``reads``: changes nothing. ``instead``: the answer of a dry run."""
        if not reads:
            self._note(method, path, body)
            if self.dry_run:
                return instead if instead is not None else {}
        return self._call(method, path, json={} if body is None else body, again=again or reads)

    def _note(self, method: str, path: str, body: Any) -> None:
        self._trace(f"{method} {path} {redacted(body)}".rstrip())

    def _call(self, method: str, path: str, *, again: bool = False, **content: Any) -> Any:
        answer = self._send(method, path, again, content)
        if answer.status_code == 401 and isinstance(self._way, Account):
            self._renew(self._way)
            answer = self._send(method, path, again, content)
        if answer.is_success:
            return _json(answer)
        raise failure(answer, f"{method} {path}")

    def _send(self, method: str, path: str, again: bool, content: Mapping[str, Any]) -> httpx.Response:
        """One call; repeated after a lost connection or a 5xx if ``again``."""
        for pause in (*(_PAUSES if again else ()), None):
            try:
                answer = self._client.request(
                    method, f"{self.url}/console/api{path}", headers=self._request_headers(), **content
                )
            except httpx.TransportError as error:
                if pause is None:
                    raise unreachable(self.url, error) from error
            else:
                self.version = answer.headers.get("x-version", self.version)
                self.skew = clock_skew(answer.headers.get("date", ""))
                if answer.status_code < 500 or answer.status_code == 501 or pause is None:
                    return answer
            self._pause(pause)
        raise AssertionError("the last round returns or raises")

    def _request_headers(self) -> dict[str, str]:
        csrf = self._cookie("csrf_token")
        return {**self._headers, **({"X-CSRF-Token": csrf} if csrf else {})}

    def _cookie(self, name: str) -> str:
        """By the end of its name: over https Dify puts ``__Host-`` before it."""
        return next((cookie.value or "" for cookie in self._client.cookies.jar if cookie.name.endswith(name)), "")

    def _sign_in(self, account: Account) -> None:
        self._headers.clear()
        self._client.cookies.clear()
        if not self.version:
            self._send("GET", "/setup", True, {})
        answer = self._send("POST", "/login", False, {"json": self._credentials(account)})
        if answer.status_code == 401 and "not_setup" in answer.text:
            raise Conflict("This Dify has no first account yet.", "Run again with --first-admin to make it.")
        if answer.status_code in (400, 401):
            raise Unauthorized(
                f"Dify does not accept this e-mail and password: {_message(answer)}.",
                "Check both; after five wrong tries Dify locks the account for a day.",
            )
        if not answer.is_success:
            raise failure(answer, "POST /login")
        tokens = _json(answer).get("data")
        if isinstance(tokens, dict) and tokens.get("access_token"):
            self._headers["Authorization"] = f"Bearer {tokens['access_token']}"

    def _credentials(self, account: Account) -> dict[str, Any]:
        encoded = not self.version or version_key(self.version) >= _ENCODED_PASSWORDS_SINCE
        password = base64.b64encode(account.password.encode()).decode() if encoded else account.password
        return {"email": account.email, "password": password, "remember_me": True, "language": "zh-Hans"}

    def _renew(self, account: Account) -> None:
        """A session ends after an hour: first the refresh cookie, then the password."""
        if self._cookie("refresh_token"):
            answer = self._send("POST", "/refresh-token", False, {"json": {}})
            if answer.is_success:
                return
        self._sign_in(account)

    def _open_with_key(self, way: AdminKey) -> Workspace:
        self._headers = {"Authorization": f"Bearer {way.key}"}
        workspace = way.workspace
        if not workspace:
            rows = self.get("/all-workspaces", page=1, limit=20)["data"]
            if len(rows) != 1:
                known = ", ".join(f"{row['id']} ({row['name']})" for row in rows) or "none"
                raise BadInput("Name the workspace: the key opens several.", f"--workspace ID; there are: {known}.")
            workspace = rows[0]["id"]
        self._headers["X-WORKSPACE-ID"] = workspace
        row = self._current_workspace()
        return Workspace(row["id"], row.get("name", ""), row.get("role", "") or "owner")

    def _current_workspace(self) -> Any:
        """A POST since 1.9 or 1.10; Dify 1.4 to 1.8 answers 405 to that and knows a GET."""
        try:
            return self.post("/workspaces/current", {}, reads=True)
        except NotFound:
            return self.get("/workspaces/current")


def base_url(url: str) -> str:
    """Without a trailing slash or a console path. Raises BadInput."""
    trimmed = url.strip().rstrip("/")
    for suffix in ("/console/api", "/v1", "/apps", "/signin"):
        trimmed = trimmed.removesuffix(suffix)
    if not trimmed.startswith(("http://", "https://")):
        raise BadInput(f"“{url}” is no address of a Dify.", "Write it like http://dify.example or https://….")
    return trimmed


def version_key(version: str) -> tuple[int, ...]:
    """``1.14.2-fix.1`` → (1, 14, 2); an unreadable part counts as 0."""
    return tuple(int(part) if part.isdigit() else 0 for part in version.split("-")[0].split("."))


def setup_finished(console: Console) -> bool:
    """Whether the Dify has its first account."""
    return console.get("/setup").get("step") == "finished"


def make_first_admin(console: Console, account: Account, *, name: str = "Admin", init_password: str = "") -> None:
    """The owner of a new Dify. Raises BadInput for a password that Dify would refuse (422 without a reason)."""
    if len(account.password) < 8 or account.password.isalpha() or account.password.isdigit():
        raise BadInput("Dify wants a longer password.", "At least 8 characters, with a letter and a digit.")
    if console.get("/init").get("status") != "finished":
        if not init_password:
            raise BadInput("This Dify asks for its INIT_PASSWORD first.", "Give it in KEFU_DIFY_INIT_PASSWORD.")
        console.post("/init", {"password": init_password})
    body = {"email": account.email, "name": name, "password": account.password, "language": "zh-Hans"}
    console.post("/setup", body)


def clock_skew(date: str) -> float:
    """Seconds by which the sender of an HTTP Date header is ahead of this machine; 0 without one."""
    return (email.utils.parsedate_to_datetime(date) - datetime.now(UTC)).total_seconds() if date else 0.0


def unreachable(url: str, error: Exception, who: str = "Dify") -> Unavailable:
    return Unavailable(
        f"{who} at {url} does not answer: {error or type(error).__name__}.",
        "Check the address and that its containers run (docker compose ps).",
    )


def failure(answer: httpx.Response, call: str) -> KefuError:
    """The error for an answer that is not 2xx, in words."""
    text = f"Dify answered {answer.status_code} to {call}: {_message(answer)}."
    match answer.status_code:
        case 401:
            return Unauthorized(text, "The session or key is not valid (any more); sign in again.")
        case 403:
            return Forbidden(text, "The account needs the role owner or admin in this workspace; ask its owner.")
        case 404 | 405:
            return NotFound(text, "The thing is gone, or this Dify is older or newer than we know.")
        case 409:
            return Conflict(text)
        case 413:
            return TooLarge(text, "Raise NGINX_CLIENT_MAX_BODY_SIZE and PLUGIN_MAX_PACKAGE_SIZE in Dify's .env.")
        case status if status >= 500:
            return Unavailable(text, "See the logs of Dify's api and plugin_daemon containers, then run this again.")
    return BadInput(text)


def _message(answer: httpx.Response) -> str:
    body = _json(answer)
    if isinstance(body, dict):
        inner = body.get("error")
        message = body.get("message") or (inner.get("message") if isinstance(inner, dict) else inner)
        return str(message or body).strip()[:2000].removesuffix(".")
    return answer.text.strip()[:300].removesuffix(".")


def _json(answer: httpx.Response) -> Any:
    try:
        return answer.json()
    except ValueError:
        return {}
