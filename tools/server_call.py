"""The one way from a tool to the kefu server: a pooled HTTP call, its errors in words, its answer as messages."""

from __future__ import annotations

import os
import time
from collections.abc import Generator, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
import yaml
from dify_plugin import Tool
from dify_plugin.entities.tool import ToolInvokeMessage
from requests.adapters import HTTPAdapter

TIMEOUT = (3, 8)
"""Seconds to connect, seconds between two bytes of the answer."""

IMPATIENT = (3, 2)
"""The same for a server that has just kept a call waiting in vain: Dify tries a node three times and then asks for a
person, at the same server, while the customer waits."""

REMEMBERED = 30.0
"""Seconds for which a server is known to have kept a call waiting, unless it answers before."""

DEFAULTS: dict[str, Any] = {"string": "", "number": 0, "integer": 0, "boolean": False, "array": [], "object": {}}
PYTHON_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "number": (int, float),
    "integer": (int,),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
}


class ServerCallError(RuntimeError):
    """The call brought no usable answer; the text says what to do in Chinese and English. Dify's error branch fires."""


def run(tool: Tool, name: str, parameters: Mapping[str, Any]) -> Generator[ToolInvokeMessage, None, None]:
    """Call tool ``name`` and send its answer: ``reply`` as text, all of it as JSON, each output as variable.

    The text comes first and is always sent: Dify shows customers nothing but text messages, and cuts an Answer off at
    a variable that was never sent.
    """
    answer = post(tool.runtime.credentials, name, _body(tool, parameters))
    outputs = complete(answer, output_types(name))
    yield tool.create_text_message(outputs["reply"])
    yield tool.create_json_message(outputs)
    for output, value in outputs.items():
        yield tool.create_variable_message(output, value)


def post(credentials: Mapping[str, Any], name: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """The server's JSON object for POST /tools/``name``."""
    return _call("POST", credentials, f"/tools/{name}", body)


def ping(credentials: Mapping[str, Any]) -> dict[str, Any]:
    """``{"kefu": version, "shop": name}`` when the address is a kefu server and the token one of its shops'."""
    answer = _call("GET", credentials, "/tools/ping", None)
    if "kefu" not in answer:
        raise _not_kefu()
    return answer


@cache
def output_types(name: str) -> dict[str, str]:
    """Each declared output of a tool and its JSON type, from the tool's own YAML: there is no second list."""
    path = Path(__file__).with_name(f"{name}.yaml")
    properties = yaml.safe_load(path.read_text(encoding="utf-8"))["output_schema"]["properties"]
    return {output: schema["type"] for output, schema in properties.items()}


def complete(answer: Mapping[str, Any], types: Mapping[str, str]) -> dict[str, Any]:
    """Every declared output, typed: absent or null becomes the type's empty value, a wrong type ServerCallError."""
    outputs: dict[str, Any] = {}
    for output, kind in types.items():
        value = answer.get(output)
        if value is None:
            value = DEFAULTS[kind]
        elif kind == "string" and isinstance(value, int | float) and not isinstance(value, bool):
            value = str(value)
        elif not isinstance(value, PYTHON_TYPES[kind]) or (isinstance(value, bool) and kind != "boolean"):
            raise ServerCallError(
                f"服务器返回的 {output} 不是 {kind}，请让插件与服务器版本一致。"
                f" / The server's {output} is no {kind}: install plugin and server of the same version."
            )
        outputs[output] = value
    return outputs


def _body(tool: Tool, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """What was filled in, else the ids of the call. A required parameter may be absent: Dify does not check."""
    given = {name: value for name, value in parameters.items() if value not in (None, "")}
    known = {
        "query": "",
        "conversation_id": tool.session.conversation_id or "",
        "user_id": tool.runtime.user_id or "",
        "channel": "dify",
    }
    return {**known, **given}


def _call(method: str, credentials: Mapping[str, Any], path: str, body: Mapping[str, Any] | None) -> dict[str, Any]:
    server = _server_url(credentials)
    url = server + path
    headers = {"Authorization": f"Bearer {_token(credentials)}"}
    timeout = IMPATIENT if _silent.get(server, 0.0) > time.monotonic() else TIMEOUT
    try:
        response = _http.request(method, url, json=body, headers=headers, timeout=timeout, allow_redirects=False)
        _silent.pop(server, None)
    except requests.ConnectTimeout as error:
        raise ServerCallError(
            f"{TIMEOUT[0]} 秒内没有连上 kefu 服务器 {_host(url)}，请检查地址与防火墙。"
            f" / No connection to the kefu server at {_host(url)} within {TIMEOUT[0]} s: check address and firewall."
        ) from error
    except requests.Timeout as error:
        _silent[server] = time.monotonic() + REMEMBERED
        raise ServerCallError(
            f"kefu 服务器 {_host(url)} 在 {timeout[1]} 秒内没有回答，请查看它的日志。"
            f" / The kefu server at {_host(url)} did not answer within {timeout[1]} s: look at its log."
        ) from error
    except requests.exceptions.SSLError as error:
        raise ServerCallError(
            f"{_host(url)} 的 HTTPS 证书无法验证，请检查证书，或改用 http。"
            f" / The HTTPS certificate of {_host(url)} cannot be verified: check it, or use http."
        ) from error
    except requests.RequestException as error:
        raise ServerCallError(
            f"连不上 kefu 服务器 {_host(url)}：插件运行在 plugin_daemon 容器里，"
            "localhost 指容器自己，请填服务名或 host.docker.internal。"
            f" / Cannot reach the kefu server at {_host(url)}: the plugin runs in the plugin_daemon container, where"
            " localhost is the container itself; use the service name or host.docker.internal."
        ) from error
    return _answer(response)


def _answer(response: requests.Response) -> dict[str, Any]:
    try:
        answer = response.json()
    except ValueError:
        answer = None
    if response.status_code == 401:
        raise ServerCallError(
            "店铺令牌不对或已作废，请用 ./kefu shop token 重新生成。"
            " / The shop token is wrong or revoked: make a new one with ./kefu shop token."
        )
    error = answer.get("error") if isinstance(answer, dict) else None
    if isinstance(error, dict) and "message" in error:
        hint = error.get("hint") or ""
        raise ServerCallError(
            f"kefu 服务器拒绝了请求：{error['message']} {hint}".strip()
            + f" / The kefu server refused the call (HTTP {response.status_code}, {error.get('code', '')})."
        )
    if response.status_code >= 500:
        raise ServerCallError(
            f"kefu 服务器出错（HTTP {response.status_code}），请查看它的日志。"
            f" / The kefu server failed (HTTP {response.status_code}): look at its log."
        )
    if response.status_code != 200 or not isinstance(answer, dict):
        raise _not_kefu(response.status_code)
    return answer


def _not_kefu(status: int = 200) -> ServerCallError:
    return ServerCallError(
        f"这个地址能打开，但不是 kefu 服务器（HTTP {status}）：请填 kefu 服务器的根地址，例如 http://kefu:8790。"
        f" / Something answers there, but it is not a kefu server (HTTP {status}): enter the root address of the"
        " kefu server, for example http://kefu:8790."
    )


def _server_url(credentials: Mapping[str, Any]) -> str:
    url = str(credentials.get("server_url") or "").strip().rstrip("/")
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        usable = False
    if not usable or parts.query or parts.fragment:
        raise ServerCallError(
            "服务器地址要写成 http://主机:端口 的形式。 / The server URL must look like http://host:port."
        )
    return url


def _token(credentials: Mapping[str, Any]) -> str:
    token = str(credentials.get("token") or "").strip()
    if not token or not token.isascii() or not token.isprintable():
        raise ServerCallError(
            "店铺令牌为空或含有不该有的字符，请重新复制。"
            " / The shop token is empty or holds stray characters: copy it again."
        )
    return token


def _host(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.hostname}" + (f":{parts.port}" if parts.port else "")


def _pool() -> requests.Session:
    """Keep-alive connections for all calls of this process. The environment's proxies and .netrc do not apply: the
    server is the shop's own, and a .netrc entry would replace our Authorization header."""
    session = requests.Session()
    session.trust_env = False
    session.verify = os.environ.get("REQUESTS_CA_BUNDLE") or True
    session.headers["User-Agent"] = "kefu-tools/0.1.0"
    for scheme in ("http://", "https://"):
        session.mount(scheme, HTTPAdapter(pool_connections=4, pool_maxsize=64))
    return session


_http = _pool()
_silent: dict[str, float] = {}
"""Server → until when it is called impatiently, by the monotonic clock."""
