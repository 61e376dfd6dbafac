"""One thing that a check has to say."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """``level`` is ``error`` (refused) or ``warning``; ``code`` is stable; ``path`` names the file, empty for all."""

    level: str
    code: str
    message: str
    path: str = ""

    def __str__(self) -> str:
        where = f" [{self.path}]" if self.path else ""
        return f"{self.level}: {self.message}{where} ({self.code})"


def error(code: str, message: str, path: str = "") -> Finding:
    """The package is refused because of this."""
    return Finding("error", code, message, path)


def warning(code: str, message: str, path: str = "") -> Finding:
    """It installs, but somebody should know."""
    return Finding("warning", code, message, path)
