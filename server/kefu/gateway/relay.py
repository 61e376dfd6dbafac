"""An upstream's answer on its way to the caller: counted, complete with usage, guarded, never buffered."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from kefu.core.guard import Guard, GuardStream
from kefu.gateway.completion import fingerprint, usage_of
from kefu.gateway.errors import UpstreamError, words_of
from kefu.gateway.http import Reply
from kefu.gateway.nodes import text_of
from kefu.gateway.thoughts import Thoughts, spoken

Chunk = dict[str, Any]
SHORT = 16
"""Tokens up to which an answer may be without a word."""

Replaced = Callable[[str, str], None]
"""Called with the model's name and the kind of a finding."""


@dataclass(frozen=True, slots=True)
class Relayed:
    """Whose answer it is and what is done to it. ``request``: the caller's body, to count tokens if nobody else did.
    ``told`` is called with the whole answer once it is sent, with ``""`` if it broke off."""

    name: str
    llm_calls: int
    request: Mapping[str, Any]
    guard: Guard | None = None
    replaced: Replaced = field(default=lambda _name, _kind: None)
    told: Callable[[str], None] = field(default=lambda _said: None)

    @property
    def may_be_empty(self) -> bool:
        """So few tokens are asked for only to try the model, which may still be thinking then."""
        limit = self.request.get("max_completion_tokens") or self.request.get("max_tokens")
        return isinstance(limit, int) and limit <= SHORT

    def report(self, findings: list[Any]) -> None:
        for finding in findings:
            self.replaced(self.name, finding.kind)


def whole_answer(reply: Reply, relayed: Relayed) -> dict[str, Any]:
    """The completion as a JSON object with usage and our fingerprint. Raises UpstreamError for anything else."""
    answer = parse_completion(reply.read(), relayed.name)
    answer["model"] = relayed.name
    answer["system_fingerprint"] = fingerprint(relayed.llm_calls)
    said: list[str] = []
    for message in [choice.get("message") for choice in _choices(answer)]:
        if not isinstance(message, dict):
            continue
        if "think>" in (thought := text_of(message.get("content"))):
            message["content"] = spoken(thought)
        for name in TEXTS:
            text = text_of(message.get(name))
            said.append(text)
            if relayed.guard and text:
                verdict = relayed.guard.check(text)
                relayed.report(list(verdict.findings))
                message[name] = verdict.text
    if not any(_has_words(choice.get("message")) for choice in _choices(answer)) and not relayed.may_be_empty:
        raise _empty(relayed.name)
    if not isinstance(answer.get("usage"), dict):
        answer["usage"] = usage_of(relayed.request, "".join(said))
    relayed.told(_content(_choices(answer), "message"))
    return answer


def parse_completion(raw: bytes, name: str) -> dict[str, Any]:
    """A completion with choices. Raises UpstreamError for an error in a 200, and for what is no completion."""
    answer = _parse(raw)
    if isinstance(answer, dict) and answer.get("error") and not answer.get("choices"):
        raise told(name, answer)
    if not isinstance(answer, dict) or not isinstance(answer.get("choices"), list) or not answer["choices"]:
        raise _no_completion(name)
    return answer


def _no_completion(name: str) -> UpstreamError:
    return UpstreamError(
        f"The upstream “{name}” sent something that is no chat completion.",
        "Does its address end in /v1?",
        code="upstream_malformed",
    )


def _empty(name: str) -> UpstreamError:
    return UpstreamError(
        f"The upstream “{name}” answered without a word: nothing, or only what it thought.",
        "Switch its thinking off (--thinking off) or allow more tokens.",
        code="upstream_empty",
    )


def _has_words(part: Any) -> bool:
    """Whether a message or delta says or calls anything: what is only thought is no answer."""
    called = isinstance(part, dict) and any(part.get(name) for name in ("tool_calls", "function_call", "refusal"))
    return bool(called) or (isinstance(part, dict) and bool(text_of(part.get("content")).strip()))


def stream_answer(reply: Reply, relayed: Relayed) -> Generator[bytes, None, None]:
    """Server-sent events. What goes wrong before the first one is raised; later it is an event with ``error``."""
    started = False
    try:
        for event in _events(reply, relayed):
            yield event
            started = True
    except UpstreamError as error:
        if not started:
            raise
        relayed.told("")
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
    state = _State(relayed)
    mark = fingerprint(relayed.llm_calls)
    done, sent = False, list[str]()
    try:
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
                sent.append(_content(_choices(ready), "delta"))
                yield frame(ready)
        if not done and not state.pattern:
            raise _no_completion(relayed.name)
        if not done and not state.finished:
            raise UpstreamError(
                f"The upstream “{relayed.name}” broke off its answer.", "Look at its log; try again.",
                code="upstream_cut",
            )  # fmt: skip
        for ready in state.end():
            sent.append(_content(_choices(ready), "delta"))
            yield frame(ready)
    finally:
        state.report()
    if done:
        reply.drain()
    relayed.told("".join(sent))
    yield DONE


TEXTS = ("reasoning_content", "reasoning", "content")
"""Members of a message or delta that a reader may see, in the order in which they are written."""


@dataclass(slots=True)
class _State:
    """Holds back the chunks that end an answer until it is known whether usage follows, what the guard holds, and the
    first chunks until something is said: of an answer without a word a fallback may be asked."""

    relayed: Relayed
    heads: list[Chunk] = field(default_factory=list)
    words: bool = False
    thoughts: dict[int, Thoughts] = field(default_factory=dict)
    ends: list[Chunk] = field(default_factory=list)
    finished: bool = False
    usage: bool = False
    said: list[str] = field(default_factory=list)
    pattern: Chunk = field(default_factory=dict)
    streams: dict[tuple[int, str], GuardStream] = field(default_factory=dict)

    def take(self, chunk: Chunk) -> Iterator[Chunk]:
        self.heads += self._screened(chunk)
        if self.words or self.said:
            yield from self._first()

    def _first(self) -> Iterator[Chunk]:
        ready, self.heads = self.heads, []
        yield from ready

    def _screened(self, chunk: Chunk) -> Iterator[Chunk]:
        self.usage = self.usage or isinstance(chunk.get("usage"), dict)
        self.pattern = chunk
        choices = _choices(chunk)
        if not choices:
            if self.usage:
                yield from self._release()
            yield chunk
            return
        for choice in choices:
            yield from self._screen(choice)
        if any(choice.get("finish_reason") for choice in choices):
            self.finished = True
            self.ends.append(chunk)
            if self.usage:
                yield from self._release()
        elif not (self.relayed.guard or self._thinks) or any(map(_says, choices)):
            yield chunk

    @property
    def _thinks(self) -> bool:
        return any(thoughts.holds for thoughts in self.thoughts.values())

    def end(self) -> Iterator[Chunk]:
        """What is left, with usage in it if the server counted nothing. Raises UpstreamError if nothing was said."""
        for index, thoughts in self.thoughts.items():
            if rest := thoughts.end():
                yield from self.take(self._chunk({"index": index, "delta": {"content": rest}, "finish_reason": None}))
        if not self.words and not self.relayed.may_be_empty:
            raise _empty(self.relayed.name)
        yield from self._first()
        for index in {index for index, _ in self.streams}:
            yield from self._flush(index, {}, TEXTS)
        if not self.finished:
            self.ends.append(self._chunk({"index": 0, "delta": {}, "finish_reason": "stop"}))
        if not self.usage:
            self.ends[-1]["usage"] = usage_of(self.relayed.request, "".join(self.said))
        yield from self._release()

    def report(self) -> None:
        for stream in self.streams.values():
            self.relayed.report(stream.findings)

    def _release(self) -> Iterator[Chunk]:
        ready, self.ends = self.ends, []
        yield from ready

    def _screen(self, choice: Chunk) -> Iterator[Chunk]:
        """Note what is said; with a guard, replace it by what may be sent now, after what was held before it."""
        delta = choice.get("delta")
        if not isinstance(delta, dict):
            delta = choice["delta"] = {}
        index = choice.get("index")
        index = index if isinstance(index, int) else 0
        self._without_thoughts(index, delta, ends=bool(choice.get("finish_reason")))
        self.words = self.words or _has_words(delta)
        for at, name in enumerate(TEXTS):
            if not (text := text_of(delta.get(name))):
                continue
            self.said.append(text)
            if self.relayed.guard:
                yield from self._flush(index, delta, TEXTS[:at])
                stream = self.streams.setdefault((index, name), GuardStream(self.relayed.guard))
                delta[name] = stream.feed(text)
        if choice.get("finish_reason"):
            delta.update({name: (delta.get(name) or "") + rest for name, rest in self._held(index, TEXTS)})

    def _without_thoughts(self, index: int, delta: Chunk, *, ends: bool) -> None:
        text = text_of(delta.get("content"))
        thoughts = self.thoughts.get(index)
        if thoughts is None and "<" in text:
            thoughts = self.thoughts[index] = Thoughts()
        if thoughts:
            shown = thoughts.feed(text) + (thoughts.end() if ends else "")
            if shown != text:
                delta["content"] = shown

    def _flush(self, index: int, delta: Chunk, names: Sequence[str]) -> Iterator[Chunk]:
        """What is held of ``names``: at the end of what ``delta`` says of it, else in chunks of its own."""
        for name, rest in self._held(index, names):
            if delta.get(name):
                delta[name] += rest
            else:
                yield self._chunk({"index": index, "delta": {name: rest}, "finish_reason": None})

    def _held(self, index: int, names: Sequence[str]) -> Iterator[tuple[str, str]]:
        for name in names:
            stream = self.streams.get((index, name))
            if stream and (rest := stream.flush()):
                yield name, rest

    def _chunk(self, *choices: Chunk) -> Chunk:
        """Like the server's own last one, but with these choices and no usage."""
        rest = {name: value for name, value in self.pattern.items() if name != "usage"}
        return {**rest, "object": "chat.completion.chunk", "choices": list(choices)}


def _says(choice: Chunk) -> bool:
    """Is there anything in this delta besides text that the guard still holds?"""
    delta = choice.get("delta")
    return not isinstance(delta, dict) or any(value for value in delta.values())


def _content(choices: Sequence[Chunk], part: str) -> str:
    """What the first choice says; nobody reads a second one."""
    said = choices[0].get(part) if choices else None
    return text_of(said.get("content")) if isinstance(said, dict) else ""


def _choices(answer: Chunk) -> list[Chunk]:
    choices = answer.get("choices")
    return [choice for choice in choices if isinstance(choice, dict)] if isinstance(choices, list) else []


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
