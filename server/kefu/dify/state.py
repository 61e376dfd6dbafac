"""What a deployment made in one Dify, kept in a file so that the next run continues and `undeploy` removes only that.

No secret is in it: credentials are remembered as digests, API keys stay in Dify.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from kefu.errors import BadInput

_FORMAT = 1


class State:
    """``made`` maps things to Dify's ids, ``digests`` to what was last sent, ``previous`` to what was there before."""

    def __init__(self, path: Path, url: str, *, keep: bool = True) -> None:
        self.path = path
        self.url = url
        self.made: dict[str, str] = {}
        self.digests: dict[str, str] = {}
        self.previous: dict[str, str] = {}
        self._keep = keep

    @classmethod
    def load(cls, folder: Path, url: str, *, keep: bool = True) -> Self:
        """The state of the Dify at ``url``; empty if there is none. ``keep`` False never writes (a dry run)."""
        state = cls(folder / f"{file_name(url)}.json", url, keep=keep)
        if state.path.is_file():
            state._fill(_read(state.path))
        return state

    @property
    def folder(self) -> Path:
        """Where earlier versions of apps and packages are kept."""
        return self.path.with_suffix("")

    def save(self) -> None:
        """Written whole and for its owner only."""
        if not self._keep:
            return
        content = {
            "format": _FORMAT,
            "url": self.url,
            "made": self.made,
            "digests": self.digests,
            "previous": self.previous,
        }
        write_private(self.path, json.dumps(content, ensure_ascii=False, indent=1).encode())

    def remember(self, name: str, value: str) -> None:
        self.made[name] = value
        self.save()

    def forget(self, name: str) -> None:
        self.made.pop(name, None)
        self.digests.pop(name, None)
        self.save()

    def keep_file(self, name: str, data: bytes) -> Path:
        """An earlier version, beside the state."""
        path = self.folder / name
        if self._keep:
            write_private(path, data)
        return path

    def keep_package(self, identifier: str, data: bytes) -> None:
        """A package that was installed, for the way back: Dify forgets what is uninstalled."""
        self.keep_file(_package_name(identifier), data)

    def kept_package(self, identifier: str) -> bytes | None:
        path = self.folder / _package_name(identifier)
        return path.read_bytes() if path.is_file() else None

    def _fill(self, content: Mapping[str, Any]) -> None:
        if content.get("format") != _FORMAT:
            raise BadInput(f"{self.path} was written by another version of kefu.", "Move it away to start afresh.")
        self.made, self.digests = dict(content["made"]), dict(content["digests"])
        self.previous = dict(content["previous"])


def _package_name(identifier: str) -> str:
    return f"{identifier.rpartition('@')[2]}.difypkg"


def digest(*parts: str) -> str:
    """A short name for a text; a random token of 256 bits cannot be found from it."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def file_name(url: str) -> str:
    """``http://dify.example:8080`` → ``dify.example-8080``."""
    parts = urlsplit(url)
    path = parts.path.strip("/").replace("/", "-")
    return "-".join(str(part) for part in (parts.hostname, parts.port, path) if part)


def write_private(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.part")
    with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(data)
    partial.replace(path)


def _read(path: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError) as error:
        raise BadInput(
            f"{path} is damaged: {error}.", "Move it away; deploy finds again what it made by name."
        ) from error
