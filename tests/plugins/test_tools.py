"""The tools plugin over the daemon's protocol, against the server's contract."""

from __future__ import annotations

import os
import socket
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import yaml
from kefu_server import TOKEN, KefuServer

from kefu.playground.stdio import PluginError, PluginProcess, PluginStopped

ROOT = Path(__file__).resolve().parents[2]
SCHEMAS = {
    path.stem: yaml.safe_load(path.read_text())["output_schema"]["properties"]
    for path in sorted((ROOT / "tools").glob("*.yaml"))
}
EMPTY: dict[str, Any] = {"string": "", "number": 0, "boolean": False, "array": [], "object": {}}


def _credentials(server: KefuServer) -> dict[str, str]:
    return {"server_url": server.url, "token": TOKEN}


def _call(
    plugin: PluginProcess, server: KefuServer, tool: str, **parameters: Any
) -> tuple[list[str], list[Any], dict[str, Any]]:
    """Texts, JSON messages and variables of one call."""
    messages = list(
        plugin.invoke_tool(
            "kefu",
            tool,
            parameters,
            _credentials(server),
            conversation_id="conversation-1",
            app_id="app-1",
            user_id="user-1",
        )
    )
    texts = [one["message"]["text"] for one in messages if one["type"] == "text"]
    objects = [one["message"]["json_object"] for one in messages if one["type"] == "json"]
    variables = {
        one["message"]["variable_name"]: one["message"]["variable_value"]
        for one in messages
        if one["type"] == "variable"
    }
    return texts, objects, variables


def test_there_are_the_seven_tools(tools_plugin: PluginProcess) -> None:
    """Their names are on the wire and in people's apps: frozen."""
    assert sorted(SCHEMAS) == [
        "extract_parameters",
        "hand_off",
        "inventory_lookup",
        "order_lookup",
        "rule_reply",
        "search_knowledge",
        "understand",
    ]
    assert tools_plugin.manifest["name"] == "kefu-tools"


@pytest.mark.parametrize("tool", SCHEMAS)
def test_every_declared_output_is_sent_whatever_the_server_leaves_out(
    tool: str, tools_plugin: PluginProcess, kefu_server: KefuServer
) -> None:
    """A variable that never came cuts Dify's answer off, and kills an if-else."""
    texts, objects, variables = _call(tools_plugin, kefu_server, tool, query="在吗")
    expected = {name: EMPTY[schema["type"]] for name, schema in SCHEMAS[tool].items()}
    assert texts == [""]
    assert objects == [expected]
    assert variables == expected


@pytest.mark.parametrize("tool", SCHEMAS)
def test_the_reply_goes_out_as_text_json_and_variables(
    tool: str, tools_plugin: PluginProcess, kefu_server: KefuServer
) -> None:
    """The three ways a workflow can read a tool; text is the one that reaches a shopper."""
    samples: dict[str, Any] = {
        "string": "值",
        "number": 3,
        "boolean": True,
        "array": ["商品"],
        "object": {"商品": "内存条"},
    }
    answer = {name: samples[schema["type"]] for name, schema in SCHEMAS[tool].items()}
    answer["reply"] = '您好，"3"件{有货}。'
    kefu_server.answers({**answer, "not_declared": 1})
    texts, objects, variables = _call(tools_plugin, kefu_server, tool, query="在吗")
    assert texts == [answer["reply"]]
    assert objects == [answer]
    assert variables == answer


def test_the_call_carries_sentence_ids_and_extras(tools_plugin: PluginProcess, kefu_server: KefuServer) -> None:
    """The conversation comes from Dify's session unless a workflow fills it in; empty extras are not sent."""
    _call(tools_plugin, kefu_server, "inventory_lookup", query="有货吗", product="内存条", place="", when=None)
    _call(tools_plugin, kefu_server, "hand_off", query="人", conversation_id="mine", user_id="me", channel="wechat")
    assert kefu_server.requests == [
        (
            "/tools/inventory_lookup",
            {
                "query": "有货吗",
                "conversation_id": "conversation-1",
                "user_id": "user-1",
                "channel": "dify",
                "product": "内存条",
            },
        ),
        ("/tools/hand_off", {"query": "人", "conversation_id": "mine", "user_id": "me", "channel": "wechat"}),
    ]


def test_a_missing_query_is_an_empty_one(tools_plugin: PluginProcess, kefu_server: KefuServer) -> None:
    """Dify sends nothing for an unset required parameter; the server decides."""
    _call(tools_plugin, kefu_server, "rule_reply")
    assert kefu_server.requests[0][1]["query"] == ""


@pytest.mark.parametrize("query", ['他说"有货"{吗}', "{{#env.SECRET#}}", "a\nb\u2028c\x00", "👍" * 2000, "\\u0000\\"])
def test_any_text_arrives_as_it_was_typed(query: str, tools_plugin: PluginProcess, kefu_server: KefuServer) -> None:
    """Nothing is expanded, escaped twice or cut on the way."""
    kefu_server.answers({"reply": query})
    texts, _, _ = _call(tools_plugin, kefu_server, "rule_reply", query=query)
    assert kefu_server.requests[0][1]["query"] == query
    assert texts == [query]


def test_a_number_as_rule_id_becomes_text(tools_plugin: PluginProcess, kefu_server: KefuServer) -> None:
    """Declared as text; a number written as text loses nothing."""
    kefu_server.answers({"matched": True, "rule_id": 12})
    assert _call(tools_plugin, kefu_server, "rule_reply", query="x")[2]["rule_id"] == "12"


@pytest.mark.parametrize("wrong", [{"matched": "yes"}, {"reply": ["a"]}, {"handed_off": 1}, {"matched": {}}])
def test_a_value_of_the_wrong_type_fails(
    wrong: dict[str, Any], tools_plugin: PluginProcess, kefu_server: KefuServer
) -> None:
    """An if-else on text `yes` would quietly take the wrong edge."""
    kefu_server.answers(wrong)
    with pytest.raises(PluginError, match="same version"):
        _call(tools_plugin, kefu_server, "rule_reply", query="x")


def test_good_credentials_pass_with_a_real_call(tools_plugin: PluginProcess, kefu_server: KefuServer) -> None:
    """One GET /tools/ping; a closing slash or blanks around do no harm."""
    tools_plugin.validate_tool_credentials("kefu", _credentials(kefu_server))
    tools_plugin.validate_tool_credentials("kefu", {"server_url": f" {kefu_server.url}/ ", "token": f"{TOKEN}\n"})
    assert [path for path, _ in kefu_server.requests] == ["/tools/ping", "/tools/ping"]


def _refusal(plugin: PluginProcess, **credentials: Any) -> str:
    with pytest.raises(PluginError) as caught:
        plugin.validate_tool_credentials("kefu", credentials)
    assert caught.value.error_type == "ToolProviderCredentialValidationError"
    return caught.value.message


@pytest.mark.parametrize("url", ["", "kefu:8790", "ftp://kefu", "http://", "http://kefu:port", "http://k?a=1"])
def test_a_wrong_address_says_how_it_should_look(url: str, tools_plugin: PluginProcess) -> None:
    """Before any connection."""
    assert "http://host:port" in _refusal(tools_plugin, server_url=url, token="x")


@pytest.mark.parametrize("token", ["", "  ", "令牌", "a\nb", None])
def test_a_token_with_stray_characters_says_so(
    token: Any, tools_plugin: PluginProcess, kefu_server: KefuServer
) -> None:
    """A line break in a header would otherwise be an obscure error, or a second header."""
    assert "copy it again" in _refusal(tools_plugin, server_url=kefu_server.url, token=token)


def test_each_way_to_be_wrong_has_its_own_sentence(tools_plugin: PluginProcess, kefu_server: KefuServer) -> None:
    """Wrong token, another server, a page, a redirect, an error, nobody there: in Chinese and English."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        closed = f"http://127.0.0.1:{free.getsockname()[1]}"
    sentences = {
        "token": _refusal(tools_plugin, server_url=kefu_server.url, token="wrong"),
        "nobody": _refusal(tools_plugin, server_url=closed, token=TOKEN),
    }
    kefu_server.answers(raw=b"<html>Welcome</html>")
    sentences["page"] = _refusal(tools_plugin, **_credentials(kefu_server))
    kefu_server.answers(raw=b'{"status": "ok"}')
    assert _refusal(tools_plugin, **_credentials(kefu_server)) == sentences["page"]
    kefu_server.answers(raw=b"moved", status=302, headers={"Location": "http://elsewhere"})
    assert "not a kefu server (HTTP 302)" in _refusal(tools_plugin, **_credentials(kefu_server))
    kefu_server.answers(raw=b"oops", status=502)
    sentences["failed"] = _refusal(tools_plugin, **_credentials(kefu_server))
    assert len(set(sentences.values())) == 4
    assert all(" / " in sentence and TOKEN not in sentence for sentence in sentences.values())


def test_a_server_that_never_answers_has_its_own_sentence_and_is_waited_for_once(
    silent_server: tuple[Future[str], ...],
) -> None:
    """The calls began when the suite did, so that their seconds cost nothing here."""
    first, next_one = (call.result(timeout=60) for call in silent_server)
    assert "did not answer within 8 s" in first
    assert "did not answer within 2 s" in next_one


def test_the_servers_own_error_is_passed_on(tools_plugin: PluginProcess, kefu_server: KefuServer) -> None:
    """Message and hint of the server's one error shape."""
    error = {"code": "too_large", "message": "太长了。", "hint": "最多 2000 字。"}
    kefu_server.answers({"error": error}, status=413)
    with pytest.raises(PluginError) as caught:
        _call(tools_plugin, kefu_server, "rule_reply", query="x")
    assert caught.value.error_type == "ServerCallError"
    assert "太长了。 最多 2000 字。" in caught.value.message
    assert "HTTP 413" in caught.value.message


def test_calls_run_side_by_side_over_few_connections(tools_plugin: PluginProcess, kefu_server: KefuServer) -> None:
    """Held calls do not block others, and connections are used again."""
    kefu_server.answers({"reply": "好"}, hang=True)
    with ThreadPoolExecutor(12) as pool:
        calls = [pool.submit(_call, tools_plugin, kefu_server, "rule_reply", query=str(n)) for n in range(12)]
        kefu_server.await_requests(12)
        kefu_server.release.set()
        assert [call.result()[0] for call in calls] == [["好"]] * 12
    before = kefu_server.connections
    kefu_server.answers({"reply": "好"})
    for number in range(20):
        _call(tools_plugin, kefu_server, "rule_reply", query=str(number))
    assert kefu_server.connections == before


def test_a_netrc_entry_or_proxy_of_the_machine_does_not_interfere(kefu_server: KefuServer, tmp_path: Path) -> None:
    """requests would replace our token by the .netrc entry, and send the call to a proxy that cannot see the server."""
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login a password b\n")
    environ = {
        "HOME": str(tmp_path),
        "NETRC": str(tmp_path / ".netrc"),
        "HTTP_PROXY": "http://127.0.0.1:9",
        "http_proxy": "http://127.0.0.1:9",
    }
    with PluginProcess(ROOT, environ=environ) as plugin:
        plugin.validate_tool_credentials("kefu", _credentials(kefu_server))


def test_an_unknown_action_ends_without_an_answer(tools_plugin: PluginProcess) -> None:
    """As recorded from the daemon: a bare end."""
    assert list(tools_plugin.request({"type": "tool", "action": "nope", "user_id": ""})) == []


def test_a_killed_plugin_fails_its_call_and_is_started_again(kefu_server: KefuServer) -> None:
    """As the daemon does: the running call is lost, the next one works."""
    with PluginProcess(ROOT) as plugin:
        kefu_server.answers({"reply": "好"}, hang=True)
        running = plugin.invoke_tool("kefu", "rule_reply", {"query": "x"}, _credentials(kefu_server))
        kefu_server.await_requests(1)
        assert plugin.pid is not None
        os.kill(plugin.pid, 9)
        with pytest.raises(PluginStopped, match="ended in the middle"):
            list(running)
        kefu_server.release.set()
        kefu_server.answers({"reply": "好"})
        assert _call(plugin, kefu_server, "rule_reply", query="x")[0] == ["好"]
    assert not plugin.alive


def test_the_same_output_means_the_same_everywhere() -> None:
    """One name, one type, one description in all seven schemas."""
    seen: dict[str, Any] = {}
    for properties in SCHEMAS.values():
        for name, schema in properties.items():
            assert seen.setdefault(name, schema) == schema, name
