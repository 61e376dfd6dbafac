"""What the playground page needs, for the web room: the apps to choose from, and a turn. Keeps one pair of plugins."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from kefu.dify.dsl.source import app_names, load_app
from kefu.errors import Unavailable
from kefu.playground.conversation import Conversation
from kefu.playground.play import Playground
from kefu.playground.plugins import Plugins

AT_ONCE = 2
"""Turns at a time: each calls this very server, and must not take all of its threads."""
_PATIENCE = 20.0


class PlaygroundPage:
    """One a server process; `close` ends the plugins."""

    def __init__(self) -> None:
        self._plugins = Plugins()
        self._free = threading.Semaphore(AT_ONCE)

    def apps(self) -> list[dict[str, Any]]:
        """The Chatflows of the family (a workflow has no conversation)."""
        apps = [load_app(name) for name in app_names()]
        return [
            {
                "name": app.slug,
                "title": app.name,
                "about": app.about,
                "icon": app.icon,
                "opening": app.opening,
                "suggested": list(app.suggested),
            }
            for app in sorted(apps, key=lambda app: app.slug != "kefu-fast")
            if app.mode == "advanced-chat"
        ]

    def turn(
        self, app: str, server_url: str, token: str, query: str, conversation: Mapping[str, Any] | None
    ) -> dict[str, Any]:
        """``{"turn": …, "conversation": …}``; the caller keeps the conversation. Raises Unavailable when too busy."""
        before = Conversation.from_json(conversation)
        load_app(app)  # only the family by name: a path would run a stranger's Code node here
        if not self._free.acquire(timeout=_PATIENCE):
            raise Unavailable("Too many playground turns at once.", "Try again in a moment.")
        try:
            playground = Playground(app, server_url, token, plugins=self._plugins)
            if not before.turns:
                playground.warm_up()
            trace, after = playground.turn(query, before)
        finally:
            self._free.release()
        return {"turn": trace.to_json(), "conversation": after.to_json()}

    def close(self) -> None:
        self._plugins.close()
