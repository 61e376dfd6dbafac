"""HTTP to an OpenAI-compatible server: pooled connections, server-sent events, every failure as one of Dify's kinds.

Dify's API maps only these exact names: InvokeConnectionError, InvokeServerUnavailableError, InvokeRateLimitError,
InvokeAuthorizationError, InvokeBadRequestError.
"""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from http.client import RemoteDisconnected
from typing import Any
from urllib.parse import urlsplit

import requests
from dify_plugin.errors.model import (
    InvokeAuthorizationError,
    InvokeBadRequestError,
    InvokeConnectionError,
    InvokeError,
    InvokeRateLimitError,
    InvokeServerUnavailableError,
)
from requests.adapters import HTTPAdapter

CONNECT_TIMEOUT = 3.0
DEFAULT_READ_TIMEOUT = 120.0
"""Seconds between two pieces of an answer; the credential ``read_timeout`` sets another."""

MAX_ERROR_CHARACTERS = 500


def post(credentials: Mapping[str, Any], path: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """The JSON object answered to one request that is not streamed."""
    with _send("POST", credentials, path, body) as response:
        return _json_object(response)


def get(credentials: Mapping[str, Any], path: str) -> dict[str, Any]:
    """The JSON object at ``path``."""
    with _send("GET", credentials, path, None) as response:
        return _json_object(response)


def stream(credentials: Mapping[str, Any], path: str, body: Mapping[str, Any]) -> Generator[dict[str, Any], None, None]:
    """The JSON objects of a stream as they arrive; one whole answer if the server does not stream.

    Ends at ``[DONE]``. A stream that ends without it and without a finish_reason was cut: InvokeConnectionError.
    """
    response = _send("POST", credentials, path, body)
    if "event-stream" not in response.headers.get("Content-Type", ""):
        with response:
            yield _json_object(response)
        return
    lines = _lines(response)
    done = False
    try:
        finished = False
        for data in _events(lines):
            if data == "[DONE]":
                done = True
                return
            chunk = _chunk(data)
            finished = finished or _is_last(chunk)
            yield chunk
        if not finished:
            raise InvokeConnectionError("模型服务的输出中途断开。 / The model server's stream was cut off.")
    finally:
        if done:
            threading.Thread(target=_finish, args=(response, lines), daemon=True).start()
        else:
            response.close()


def _is_last(chunk: Mapping[str, Any]) -> bool:
    choices = chunk.get("choices")
    return isinstance(choices, list) and any(
        isinstance(choice, dict) and choice.get("finish_reason") for choice in choices
    )


def _finish(response: requests.Response, lines: Iterator[bytes]) -> None:
    """Read what follows ``[DONE]``, aside: only a response read to its end gives its connection back to the pool."""
    with response, contextlib.suppress(InvokeError):
        for _ in lines:
            pass


def _send(method: str, credentials: Mapping[str, Any], path: str, body: Mapping[str, Any] | None) -> requests.Response:
    url = endpoint(credentials) + path
    response = _request(method, url, credentials, body)
    if response.status_code in (400, 422) and body and "stream_options" in body:
        # Servers of before 2024 refuse the field; the usage is then counted here.
        with response:
            text = response.text
        if "stream_options" not in text:
            raise _http_error(response.status_code, text, response.headers)
        plain = {name: value for name, value in body.items() if name != "stream_options"}
        response = _request(method, url, credentials, plain)
    if response.status_code != 200:
        with response:
            raise _http_error(response.status_code, _text(response), response.headers)
    return response


def _request(
    method: str, url: str, credentials: Mapping[str, Any], body: Mapping[str, Any] | None, attempts: int = 2
) -> requests.Response:
    data = None if body is None else json.dumps(body, ensure_ascii=False).encode()
    wait = _read_timeout(credentials)
    try:
        return _http.request(
            method,
            url,
            data=data,
            headers={"Content-Type": "application/json"} if data else None,
            auth=_bearer(str(credentials.get("api_key") or "").strip()),
            timeout=(CONNECT_TIMEOUT, wait),
            stream=True,
            allow_redirects=False,
        )
    except requests.ConnectTimeout as error:
        raise InvokeConnectionError(
            f"{CONNECT_TIMEOUT:g} 秒内没有连上模型服务 {_host(url)}。 / No connection to {_host(url)} in time."
        ) from error
    except requests.Timeout as error:
        raise _too_slow(wait) from error
    except requests.ConnectionError as error:
        if attempts > 1 and _closed_while_idle(error):
            return _request(method, url, credentials, body, attempts - 1)
        raise InvokeConnectionError(
            f"连不上模型服务 {_host(url)}：插件运行在 plugin_daemon 容器里，localhost 指容器自己。"
            f" / Cannot reach the model server at {_host(url)}: the plugin runs in the plugin_daemon container, where"
            " localhost is the container itself."
        ) from error
    except (requests.RequestException, ValueError) as error:
        raise InvokeBadRequestError(f"请求发不出去，请检查地址和密钥。 / Bad address or key: {error}") from error


def _closed_while_idle(error: Exception) -> bool:
    """The server closed a kept-alive connection just as we reused it; it has read nothing of the request."""
    return any(isinstance(part, RemoteDisconnected) for part in _causes(error))


def _causes(error: BaseException) -> Iterator[object]:
    yield error
    for part in error.args:
        if isinstance(part, BaseException):
            yield from _causes(part)


def _events(lines: Iterable[bytes]) -> Iterator[str]:
    """Payloads of ``data:`` lines. Broken UTF-8 becomes U+FFFD: one bad character must not end the answer."""
    for line in lines:
        if line.startswith(b"data:"):
            yield line[5:].strip().decode(errors="replace")


def _lines(response: requests.Response) -> Iterator[bytes]:
    # Chunked answers come piece by piece; for the rest urllib3 would wait until a larger piece is full.
    size = None if getattr(response.raw, "chunked", False) else 1
    rest = b""
    try:
        for piece in response.iter_content(chunk_size=size):
            *lines, rest = (rest + piece).split(b"\n")
            yield from lines
    except requests.exceptions.ChunkedEncodingError as error:
        raise InvokeConnectionError("模型服务的输出中途断开。 / The model server's stream was cut off.") from error
    except requests.ConnectionError as error:
        raise InvokeConnectionError("模型服务的输出停住了。 / The model server's stream came to a halt.") from error
    if rest:
        yield rest


def _chunk(data: str) -> dict[str, Any]:
    try:
        chunk = json.loads(data)
    except ValueError:
        chunk = None
    if not isinstance(chunk, dict):
        raise InvokeServerUnavailableError(f"模型服务的输出不是 JSON。 / The stream holds no JSON: {data[:200]}")
    if chunk.get("error"):
        raise stream_error(chunk["error"])
    return chunk


def stream_error(error: Any) -> InvokeError:
    """An error sent inside a stream that began with HTTP 200."""
    details = error if isinstance(error, Mapping) else {"message": str(error)}
    code = details.get("code")
    status = code if isinstance(code, int) else details.get("status")
    text = str(details.get("message") or details)
    if isinstance(status, int) and status >= 400:
        return _http_error(status, text, {})
    kinds = f"{code} {details.get('type')}".lower()
    if "rate" in kinds or "quota" in kinds:
        return InvokeRateLimitError(_short(text))
    if "invalid" in kinds or "bad_request" in kinds or "badrequest" in kinds:
        return InvokeBadRequestError(_short(text))
    return InvokeServerUnavailableError(_short(text))


def _http_error(status: int, text: str, headers: Mapping[str, str]) -> InvokeError:
    said = f"HTTP {status}: {_message(text)}"
    if status in (401, 403):
        return InvokeAuthorizationError(f"模型服务拒绝了密钥。 / The model server refused the key. {said}")
    if status == 404:
        return InvokeBadRequestError(f"没有这个模型或地址不对。 / No such model, or a wrong address. {said}")
    if status == 429:
        wait = headers.get("Retry-After")
        after = f"（{wait} 秒后再试 / retry after {wait} s）" if wait else ""
        return InvokeRateLimitError(f"模型服务忙，请求过多{after}。 / Too many requests. {said}")
    if status == 408 or status >= 500:
        return InvokeServerUnavailableError(f"模型服务出错。 / The model server failed. {said}")
    if 300 <= status < 400:
        where = headers.get("Location", "")
        return InvokeBadRequestError(f"地址被转到 {where}，请直接填写它。 / Redirected to {where}: enter that address.")
    return InvokeBadRequestError(f"模型服务不接受这个请求。 / The model server refused the request. {said}")


def _message(text: str) -> str:
    """The sentence inside an error body of OpenAI's, FastAPI's or Ollama's shape; else the body."""
    try:
        body = json.loads(text)
    except ValueError:
        return _short(text)
    for name in ("error", "message", "detail", "msg"):
        found = body.get(name) if isinstance(body, dict) else None
        if isinstance(found, dict):
            found = found.get("message")
        if found:
            return _short(str(found))
    return _short(text)


def _short(text: str) -> str:
    return " ".join(text.split())[:MAX_ERROR_CHARACTERS]


def _json_object(response: requests.Response) -> dict[str, Any]:
    text = _text(response)
    try:
        body = json.loads(text)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise InvokeServerUnavailableError(
            f"这个地址的回答不是 OpenAI 格式。 / Not an OpenAI-compatible answer: {_short(text)[:200]}"
        )
    if body.get("error"):
        raise stream_error(body["error"])
    return body


def _text(response: requests.Response) -> str:
    try:
        return response.content.decode(errors="replace")
    except requests.exceptions.ChunkedEncodingError as error:
        raise InvokeConnectionError("模型服务的输出中途断开。 / The answer was cut off.") from error
    except requests.ConnectionError as error:
        raise InvokeConnectionError("模型服务的输出停住了。 / The answer came to a halt.") from error


def _too_slow(wait: float) -> InvokeConnectionError:
    return InvokeConnectionError(
        f"模型服务 {wait:g} 秒内没有回答。 / The model server did not answer within {wait:g} s."
    )


def endpoint(credentials: Mapping[str, Any]) -> str:
    """The base address: no closing slash, ``/v1`` when only a host was given, a pasted call's path cut off."""
    url = str(credentials.get("endpoint_url") or "").strip().rstrip("/")
    for call in ("/chat/completions", "/completions", "/embeddings", "/models"):
        url = url.removesuffix(call)
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        usable = False
    if not usable:
        raise InvokeBadRequestError(
            "接口地址要写成 http://主机:端口/v1 的形式。 / The endpoint must look like http://host:port/v1."
        )
    return url if parts.path else f"{url}/v1"


def _host(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname}" + (f":{parts.port}" if parts.port else "")


def _read_timeout(credentials: Mapping[str, Any]) -> float:
    try:
        seconds = float(credentials.get("read_timeout") or DEFAULT_READ_TIMEOUT)
    except ValueError:
        seconds = DEFAULT_READ_TIMEOUT
    return seconds if 0 < seconds <= 600 else DEFAULT_READ_TIMEOUT


def _bearer(key: str) -> Callable[[requests.PreparedRequest], requests.PreparedRequest]:
    """As ``auth`` and not as a header, so that a .netrc entry of the machine does not replace it."""

    def sign(prepared: requests.PreparedRequest) -> requests.PreparedRequest:
        if key:
            if not key.isascii() or not key.isprintable():
                raise InvokeAuthorizationError("密钥里有不该有的字符，请重新复制。 / The key holds stray characters.")
            prepared.headers["Authorization"] = f"Bearer {key}"
        return prepared

    return sign


def _pool() -> requests.Session:
    session = requests.Session()
    session.headers["User-Agent"] = "kefu-models/0.1.0"
    for scheme in ("http://", "https://"):
        session.mount(scheme, HTTPAdapter(pool_connections=8, pool_maxsize=64))
    return session


_http = _pool()
