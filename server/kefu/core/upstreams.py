"""Where a model name leads: upstream servers, aliases with a share, fallback chains. Values and one decision."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from kefu.errors import BadInput

LOCAL = ("kefu-router", "kefu-local")
"""Built-in models that call nothing."""
ALIAS = "kefu"
"""Always there: it leads to `kefu-local` until the shop points it at its tuned model."""
EMBED = "kefu-embed"
"""Where this name leads, knowledge is searched by meaning too; not set: by words alone."""

KINDS = ("vllm", "sglang", "ollama", "llamafactory", "openai")
ABILITIES = ("chat", "vision", "tools", "json", "embeddings")
THINKING = ("as-asked", "off", "on")
NODES = ("cascade", "model", "through")
"""Dify's node requests: local first then the model; always the model, constrained; or untouched."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,99}")
_URL = re.compile(r"https?://[!-~]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Upstream:
    """One model on one server. ``url`` ends before /chat/completions; ``key`` is sent as bearer token and never shown.

    Time-outs in seconds: ``read_timeout`` is the longest silence, not the whole answer. ``fallback``: names tried in
    order when this one cannot answer. ``guard``: replace claims of another maker by the brand's sentence.
    """

    name: str
    kind: str
    url: str
    model: str
    key: str = field(default="", repr=False)
    context_size: int = 8192
    abilities: tuple[str, ...] = ("chat",)
    thinking: str = "as-asked"
    nodes: str = "cascade"
    guard: bool = False
    connect_timeout: float = 3.0
    read_timeout: float = 60.0
    fallback: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name) or self.name in (*LOCAL, ALIAS):
            raise BadInput(
                f"“{self.name}” cannot name an upstream.", "Letters, digits, . _ : / -, and no built-in name."
            )
        if not _URL.fullmatch(self.url) or not _is_address(self.url):
            raise BadInput(f"“{self.url}” is no address.", "Like http://gpu-host:8000/v1.")
        if not self.model.strip():
            raise BadInput("The model's name on the server is empty.", "See its /v1/models.")
        if any(ord(character) < 33 or ord(character) > 126 for character in self.key):
            raise BadInput("The key has blanks or signs that no header can carry.", "Paste it without line ends.")
        _check("kind", self.kind, KINDS)
        _check("thinking", self.thinking, THINKING)
        _check("nodes", self.nodes, NODES)
        for ability in self.abilities:
            _check("ability", ability, ABILITIES)
        if not 0 < self.connect_timeout <= 60 or not 0 < self.read_timeout <= 3600:
            raise BadInput("A time-out is out of range.", "Connecting 0–60 s, reading 0–3600 s.")
        if not 256 <= self.context_size <= 100_000_000:
            raise BadInput(f"A context of {self.context_size} tokens is out of range.", "At least 256.")
        if self.name in self.fallback:
            raise BadInput(f"“{self.name}” falls back to itself.", "Name another model, or kefu-local.")


def _is_address(url: str) -> bool:
    """A host, a port that is one or none, and no question or fragment."""
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and parts.port != 0 and not parts.query and not parts.fragment
    except ValueError:
        return False


def _check(what: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise BadInput(f"The {what} “{value}” is unknown.", f"One of {', '.join(known)}.")


@dataclass(frozen=True, slots=True)
class Alias:
    """``name`` leads to ``target``; ``share_percent`` of conversations to ``share_target`` instead."""

    name: str
    target: str
    share_target: str = ""
    share_percent: float = 0.0

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name) or self.name in LOCAL:
            raise BadInput(f"“{self.name}” cannot be an alias.", "Letters, digits, . _ : / -, and no built-in name.")
        if not 0 <= self.share_percent <= 100:
            raise BadInput(f"A share of {self.share_percent} % is out of range.", "0 to 100.")
        if self.name in (self.target, self.share_target):
            raise BadInput(f"“{self.name}” leads to itself.", "Name an upstream or kefu-local.")


@dataclass(frozen=True, slots=True)
class ModelTable:
    """What a shop's model names mean."""

    upstreams: Mapping[str, Upstream] = field(default_factory=dict)
    aliases: Mapping[str, Alias] = field(default_factory=dict)

    def names(self) -> tuple[str, ...]:
        """Every name a client may ask for."""
        return tuple(dict.fromkeys((*LOCAL, ALIAS, *self.aliases, *self.upstreams)))

    def chain(self, name: str, key: str = "") -> tuple[Upstream | str, ...]:
        """What to try for ``name``, in order: upstreams, or a built-in's name. Empty if nothing has that name.

        ``key`` is the conversation or user: the same key always falls on the same side of a share.
        """
        first = self._target(name, key)
        done: list[Upstream | str] = []
        waiting = [first] if first else []
        while waiting:
            target = waiting.pop(0)
            found = target if target in LOCAL else self.upstreams.get(target)
            if found and found not in done:
                done.append(found)
                waiting += found.fallback if isinstance(found, Upstream) else ()
        return tuple(done)

    @property
    def embedding(self) -> Upstream | None:
        """The shop's embedding model. One only: vectors of two models cannot be compared."""
        alias = self.aliases.get(EMBED)
        return self.upstreams.get(alias.target) if alias else None

    def _target(self, name: str, key: str) -> str:
        alias = self.aliases.get(name)
        if alias is None:
            return "kefu-local" if name == ALIAS else name
        return alias.share_target if alias.share_target and falls_in(alias, key) else alias.target


def falls_in(alias: Alias, key: str) -> bool:
    """Does this conversation belong to the share? Even over keys, fixed for a key; a larger share keeps who is in."""
    place = int.from_bytes(hashlib.sha256(f"{alias.name}\0{key}".encode()).digest()[:4], "big") / 2**32
    return place * 100 < alias.share_percent
