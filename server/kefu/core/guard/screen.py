"""Screen a whole text, or a stream of tokens with the same result whatever the token borders."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from kefu.core.guard.patterns import Facts, Pattern, build_patterns
from kefu.core.guard.settings import GuardSettings
from kefu.core.text import normalise
from kefu.core.voice import Voice, fill, variables

HOLD = 30
"""Characters held back while streaming: no finding is longer, and no other character waits for more than this."""
_CONTEXT = 12
"""Released characters kept in sight for look-behind."""
_SLICE = 50
"""A long text is screened in pieces of this size: the work grows with its length only, however much is found."""
_GROWTH = 20
"""Normal forms are at most 18 times as long as the character (ﷺ)."""


@dataclass(frozen=True, slots=True)
class Finding:
    """``start``/``end``: place in the text that came in; ``said``: what stands there now."""

    kind: str
    word: str
    start: int
    end: int
    action: str
    said: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """``text`` may be sent. ``hand_off``: the whole answer was withheld, ``text`` is the sentence instead."""

    text: str
    findings: tuple[Finding, ...] = ()
    hand_off: bool = False


@dataclass(frozen=True, slots=True)
class Guard:
    """The compiled guard of one shop; build once, use from any thread."""

    settings: GuardSettings
    voice: Voice
    patterns: tuple[Pattern, ...] = ()
    allowed: tuple[str, ...] = ()

    @classmethod
    def build(cls, settings: GuardSettings, voice: Voice) -> Guard:
        allowed = tuple(text for item in settings.allowed if (text := _plain(item)))
        return cls(settings, voice, build_patterns(settings, voice) if settings.enabled else (), allowed)

    def check(self, text: str, facts: Facts = Facts()) -> Verdict:  # noqa: B008 - frozen
        """Screen a whole answer. ``facts``: what the data say; promises found there pass."""
        stream = GuardStream(self, facts)
        sent = stream.feed(text) + stream.flush()
        if stream.hand_off:
            return Verdict(self.sentence, tuple(stream.findings), True)
        return Verdict(sent, tuple(stream.findings))

    @property
    def sentence(self) -> str:
        return fill(self.settings.sentence, variables(self.voice))


@dataclass(slots=True)
class GuardStream:
    """``feed`` tokens, send what it returns, then send ``flush()``. After a hand-off finding nothing more comes out of
    ``feed``; ``flush`` gives the sentence (what was streamed before it cannot be taken back)."""

    guard: Guard
    facts: Facts = field(default_factory=Facts)
    findings: list[Finding] = field(default_factory=list)
    hand_off: bool = False
    _held: str = ""
    _seen: str = ""
    _at: int = 0
    _dropping: re.Pattern[str] | None = None

    def feed(self, token: str) -> str:
        if not self.guard.patterns:
            return token
        out = []
        for start in range(0, len(token), _SLICE):
            self._held += token[start : start + _SLICE]
            if self.hand_off:
                break
            out.append(self._release(max(0, len(self._held) - HOLD)))
        return "".join(out)

    def flush(self) -> str:
        rest = "" if self.hand_off else self._release(len(self._held))
        return rest + self.guard.sentence if self.hand_off else rest

    def _release(self, ready: int) -> str:
        """Decide the first ``ready`` held characters: each is followed by ``HOLD`` visible ones, or by the end."""
        out = []
        while ready > 0 and not self.hand_off:
            ready = self._drop(ready)
            if ready <= 0:
                break
            found = self._first(ready)
            take = found.start - self._at if found else ready
            out.append(self._held[:take])
            self._advance(take)
            ready -= take
            if found is None:
                break
            length = found.end - found.start
            out.append(found.said)
            self.findings.append(found)
            self.hand_off = found.action == "hand_off"
            self._advance(length)
            ready -= length
        return "".join(out)

    def _drop(self, ready: int) -> int:
        """Leave out characters that belong to the finding before."""
        if self._dropping is None:
            return ready
        count = 0
        while count < ready and (more := self._dropping.match(self._held, count)) and more.end() > count:
            count = more.end()
        if count < ready:
            self._dropping = None
        self._advance(count)
        return ready - count

    def _advance(self, count: int) -> None:
        self._seen = (self._seen + self._held[:count])[-_CONTEXT:]
        self._held = self._held[count:]
        self._at += count

    def _first(self, ready: int) -> Finding | None:
        """The first finding that starts within the next ``ready`` characters."""
        if ready <= 0:
            return None
        raw = self._seen + self._held
        base = self._at - len(self._seen)
        n = normalise(raw, len(raw) * _GROWTH)
        best: tuple[int, int, Pattern, re.Match[str]] | None = None
        for rank, pattern in enumerate(self.guard.patterns):
            found = self._match(n, pattern, ready)
            if found and (best is None or (found[0], rank) < best[:2]):
                best = (found[0], rank, pattern, found[1])
        if best is None:
            return None
        pattern, match = best[2], best[3]
        start, end = n.span(*match.span())
        self._dropping = pattern.runs_on
        action = self.guard.settings.action(pattern.kind)
        said = {"mask": "*" * min(end - start, 6), "replace": pattern.substitute(match)}.get(action, "")
        return Finding(pattern.kind, raw[start:end], base + start, base + end, action, said)

    def _match(self, n, pattern: Pattern, ready: int) -> tuple[int, re.Match[str]] | None:
        """The pattern's first match that begins in the undecided part, is short enough and not permitted."""
        if pattern.sign and not pattern.sign.search(n.text):
            return None
        position = 0
        while match := pattern.regex.search(n.text, position):
            start, end = n.span(*match.span())
            if start >= len(self._seen) + ready:
                return None
            position = match.start() + 1
            if start < len(self._seen) or end - start > HOLD - pattern.ahead or end == start:
                continue
            if pattern.needs_facts and self.facts.know(match[0]):
                position = match.end()
                continue
            if self._is_allowed(pattern, n.text, match):
                position = match.end()
                continue
            return start, match
        return None

    def _is_allowed(self, pattern: Pattern, text: str, match: re.Match[str]) -> bool:
        """The shop's own contacts and pages, and those that the facts hold."""
        if pattern.kind not in ("phone", "url", "contact"):
            return False
        found = _plain(match[0])
        own = (found == item or item.startswith(found) or found.startswith(f"{item}/") for item in self.guard.allowed)
        return any(own) or (self.facts.contacts and found in _plain(self.facts.text))


def _plain(text: str) -> str:
    return re.sub(r"[\s-]|https?://|^www\.", "", normalise(text, 20_000).text)
