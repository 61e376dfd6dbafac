"""An upstream's answer on its way to the caller: counted, complete with usage, guarded, never buffered."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from kefu.core.guard import Guard, GuardStream
from kefu.gateway.completion import fingerprint, usage_of
from kefu.gateway.errors import UpstreamError, words_of
from kefu.gateway.http import Reply

Chunk = dict[str, Any]
Replaced = Callable[[str, str], None]
"""Called with the model's name and the kind of a finding."""


@dataclass(frozen=True, slots=True)
class Relayed:
    """Whose answer it is and what is done to it. ``request``: the caller's body, to count tokens if nobody else did."""

    name: str
    llm_calls: int
    request: Mapping[str, Any]
    guard: Guard | None = None
    replaced: Replaced = field(default=lambda _name, _kind: None)

    def report(self, findings: list[Any]) -> None:
        for finding in findings:
            self.replaced(self.name, finding.kind)


def whole_answer(reply: Reply, relayed: Relayed) -> dict[str, Any]:
    """The completion as a JSON object with usage and our fingerprint. Raises UpstreamError for anything else."""
    answer = parse_completion(reply.read(), relayed.name)
    answer["model"] = relayed.name
    answer["system_fingerprint"] = fingerprint(relayed.llm_calls)
    said = ""
    for choice in answer["choices"]:
        message = choice.get("message") if isinstance(choice, dict) else None
        if not isinstance(message, dict) or not isinstance(message.get("content"), str):
            continue
        if relayed.guard:
            verdict = relayed.guard.check(message["content"])
            relayed.report(list(verdict.findings))
            message["content"] = verdict.text
        said += message["content"]
    if not isinstance(answer.get("usage"), dict):
        answer["usage"] = usage_of(relayed.request, said)
    return answer


def parse_completion(raw: bytes, name: str) -> dict[str, Any]:
    """A completion with choices. Raises UpstreamError for an error in a 200, and for what is no completion."""
    answer = _parse(raw)
    if isinstance(answer, dict) and answer.get("error") and not answer.get("choices"):
        raise told(name, answer)
    if not isinstance(answer, dict) or not isinstance(answer.get("choices"), list) or not answer["choices"]:
        raise UpstreamError(
            f"The upstream “{name}” sent something that is no chat completion.",
            "Does its address end in /v1?",
            code="upstream_malformed",
        )
    return answer


def stream_answer(reply: Reply, relayed: Relayed) -> Iterator[bytes]:
    """Server-sent events. What goes wrong before the first one is raised; later it is an event with ``error``."""
    started = False
    try:
        for event in _events(reply, relayed):
            yield event
            started = True
    except UpstreamError as error:
        if not started:
            raise
        yield frame({"error": error_object(error)})
    finally:
        reply.close()


def error_object(error: UpstreamError) -> dict[str, Any]:
    """OpenAI's error shape."""
    return {"message": str(error), "type": error.kind, "code": error.code, "param": None}


def frame(value: Any) -> bytes:
    return b"data: " + orjson.dumps(value) + b"\n\n"


DONE = b"data: [DONE]\n\n"


def _events(reply: Reply, relayed: Relayed) -> Iterator[bytes]:
    state = _State(relayed, GuardStream(relayed.guard) if relayed.guard else None)
    mark = fingerprint(relayed.llm_calls)
    done = False
    for payload in payloads(reply):
        if payload == b"[DONE]":
            done = True
            break
        chunk = _parse(payload)
        if not isinstance(chunk, dict):
            raise UpstreamError(
                f"The upstream “{relayed.name}” sent an event that is no JSON.", "Look at its log.",
                code="upstream_malformed",
            )  # fmt: skip
        if chunk.get("error") and not chunk.get("choices"):
            raise told(relayed.name, chunk)
        chunk["model"] = relayed.name
        chunk["system_fingerprint"] = mark
        for ready in state.take(chunk):
            yield frame(ready)
    if not done and not state.finished:
        raise UpstreamError(
            f"The upstream “{relayed.name}” broke off its answer.", "Look at its log; try again.", code="upstream_cut"
        )
    for ready in state.end():
        yield frame(ready)
    if done:
        reply.drain()
    yield DONE


@dataclass(slots=True)
class _State:
    """Holds back the chunk that ends the answer until it is known whether usage follows, and what the guard holds."""

    relayed: Relayed
    guard: GuardStream | None
    last: Chunk | None = None
    usage: bool = False
    said: list[str] = field(default_factory=list)
    pattern: Chunk = field(default_factory=dict)

    @property
    def finished(self) -> bool:
        return self.last is not None

    def take(self, chunk: Chunk) -> Iterator[Chunk]:
        self.usage = self.usage or isinstance(chunk.get("usage"), dict)
        self.pattern = chunk
        choice = _first_choice(chunk)
        if choice is None:
            if self.last is not None and self.usage:
                yield from self._release()
            yield chunk
            return
        if self.guard:
            self._screen(choice)
        else:
            self._note(choice)
        if not choice.get("finish_reason"):
            if not self.guard or _says(choice):
                yield chunk
            return
        if self.guard and (rest := self.guard.flush()):
            choice.setdefault("delta", {})
            choice["delta"] = {**(choice["delta"] or {}), "content": (choice["delta"] or {}).get("content", "") + rest}
        self.last = chunk
        if self.usage:
            yield from self._release()

    def end(self) -> Iterator[Chunk]:
        """What is left, with usage in it if the server counted nothing."""
        if self.last is None:
            rest = self.guard.flush() if self.guard else ""
            choice = {"index": 0, "delta": {"content": rest} if rest else {}, "finish_reason": "stop"}
            self.last = {**self.pattern, "object": "chat.completion.chunk", "choices": [choice]}
        if not self.usage:
            self.last["usage"] = usage_of(self.relayed.request, "".join(self.said))
        yield from self._release()
        if self.guard:
            self.relayed.report(self.guard.findings)

    def _release(self) -> Iterator[Chunk]:
        if self.last:
            last, self.last = self.last, {}
            yield last

    def _screen(self, choice: Chunk) -> None:
        delta = choice.get("delta")
        if self.guard and isinstance(delta, dict) and isinstance(delta.get("content"), str):
            self._note(choice)
            delta["content"] = self.guard.feed(delta["content"])

    def _note(self, choice: Chunk) -> None:
        delta = choice.get("delta")
        text = delta.get("content") if isinstance(delta, dict) else None
        if isinstance(text, str):
            self.said.append(text)


def _says(choice: Chunk) -> bool:
    """Is there anything in this delta besides text that the guard still holds?"""
    delta = choice.get("delta")
    return not isinstance(delta, dict) or any(value for value in delta.values())


def _first_choice(chunk: Chunk) -> Chunk | None:
    choices = chunk.get("choices")
    return choices[0] if isinstance(choices, list) and choices and isinstance(choices[0], dict) else None


def payloads(reply: Reply) -> Iterator[bytes]:
    """What stands after ``data:``, event by event, as soon as its line is complete."""
    rest = b""
    while piece := reply.piece():
        rest += piece
        if b"\n" not in piece:
            continue
        *lines, rest = rest.split(b"\n")
        for line in lines:
            if line.startswith(b"data:"):
                yield line[5:].strip()
    if rest.startswith(b"data:"):
        yield rest[5:].strip()


def _parse(raw: bytes) -> Any:
    """JSON; bytes that are no UTF-8 become replacement characters. None for anything else."""
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        try:
            return orjson.loads(raw.decode(errors="replace"))
        except orjson.JSONDecodeError:
            return None


def told(name: str, body: Mapping[str, Any]) -> UpstreamError:
    """An error that came with status 200 or in mid-stream; its ``code`` is the status where it is one."""
    error = body.get("error")
    code = error.get("code") if isinstance(error, dict) else None
    status = code if isinstance(code, int) and 400 <= code < 600 else 502
    return UpstreamError(f"The upstream “{name}” reports: {words_of(orjson.dumps(body))}", status=status)
