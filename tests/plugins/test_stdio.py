"""The driver itself, with small scripts in place of plugins."""

from __future__ import annotations

from pathlib import Path

import pytest

from kefu.playground.stdio import PluginError, PluginNotStarted, PluginProcess, PluginStopped

HEAD = """
import json, sys
def say(**line): print(json.dumps(line), flush=True)
def session(request, kind, data):
    say(event="session", session_id=request["session_id"], data={"type": kind, "data": data})
say(name="fake", version="1.0.0")
say(event="heartbeat", session_id=None, data={})
for line in sys.stdin:
    request = json.loads(line)
"""


def _plugin(folder: Path, body: str, **options: float) -> PluginProcess:
    (folder / "main.py").write_text(HEAD + "".join(f"    {line}\n" for line in body.splitlines()))
    return PluginProcess(folder, **options)  # type: ignore[arg-type]


def test_messages_come_in_order_and_end(tmp_path: Path) -> None:
    """Lines that are no JSON, logs and other sessions' messages between them do no harm."""
    body = """print("debug")
say(event="log", data={})
session({"session_id": "other"}, "stream", 0)
for number in range(3): session(request, "stream", {"n": number})
session(request, "end", {})"""
    with _plugin(tmp_path, body) as plugin:
        assert plugin.manifest["name"] == "fake"
        assert [message["n"] for message in plugin.request({"action": "x"})] == [0, 1, 2]


def test_an_error_is_raised_with_type_message_and_arguments(tmp_path: Path) -> None:
    """After the messages that came before it."""
    body = """session(request, "stream", 1)
session(request, "error", {"error_type": "InvokeRateLimitError", "message": "slow", "args": {"a": 1}})
session(request, "end", {})"""
    with _plugin(tmp_path, body) as plugin:
        messages = plugin.request({"action": "x"})
        assert next(messages) == 1
        with pytest.raises(PluginError, match="slow") as caught:
            next(messages)
    assert (caught.value.error_type, caught.value.args_) == ("InvokeRateLimitError", {"a": 1})


def test_a_plugin_that_calls_back_into_dify_is_told_there_is_none(tmp_path: Path) -> None:
    """Not supported, and said so."""
    with _plugin(tmp_path, 'session(request, "invoke", {})') as plugin, pytest.raises(PluginError, match="called back"):
        list(plugin.request({"action": "x"}))


def test_silence_in_a_call_is_an_error(tmp_path: Path) -> None:
    """Not a hang."""
    with _plugin(tmp_path, "pass", silence_timeout=0.05) as plugin, pytest.raises(PluginStopped, match="said nothing"):
        list(plugin.request({"action": "x"}))


def test_a_line_over_the_daemons_limit_ends_the_plugin(tmp_path: Path) -> None:
    """The daemon kills it at 5 MiB; so do we, or an app would work only here."""
    with (
        _plugin(tmp_path, 'session(request, "stream", "x" * 5300000)') as plugin,
        pytest.raises(PluginStopped, match="bytes"),
    ):
        list(plugin.request({"action": "x"}))


def test_a_plugin_that_dies_at_start_shows_its_last_words(tmp_path: Path) -> None:
    """The traceback's last lines are in the error."""
    (tmp_path / "main.py").write_text("raise SystemExit('no such module: gevent')")
    with pytest.raises(PluginNotStarted, match="no such module: gevent"):
        PluginProcess(tmp_path).start()


def test_a_process_that_ends_between_calls_is_replaced(tmp_path: Path) -> None:
    """Each call here ends its process; the next one starts another."""
    body = 'session(request, "stream", 1)\nsession(request, "end", {})\nsys.exit()'
    with _plugin(tmp_path, body) as plugin:
        assert list(plugin.request({"action": "x"})) == [1]
        plugin._child.ended.wait(10)  # type: ignore[union-attr]
        assert list(plugin.request({"action": "x"})) == [1]
    assert plugin.pid is None


def test_the_environment_is_passed_on_as_the_daemon_does(tmp_path: Path) -> None:
    """All of it, with what was added and INSTALL_METHOD=local."""
    body = """import os
session(request, "stream", [os.environ["INSTALL_METHOD"], os.environ["ADDED"], os.environ["HOME"]])
session(request, "end", {})"""
    (tmp_path / "main.py").write_text(HEAD + "".join(f"    {line}\n" for line in body.splitlines()))
    with PluginProcess(tmp_path, environ={"ADDED": "yes"}) as plugin:
        assert list(plugin.request({"action": "x"})) == [["local", "yes", str(tmp_path)]]
