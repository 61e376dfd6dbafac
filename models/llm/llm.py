"""Language models behind an OpenAI-compatible address."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Any

from dify_plugin import LargeLanguageModel
from dify_plugin.entities.model import AIModelEntity
from dify_plugin.entities.model.llm import LLMResultChunk, LLMResultChunkDelta
from dify_plugin.entities.model.message import AssistantPromptMessage, PromptMessage, PromptMessageTool
from dify_plugin.errors.model import InvokeError, InvokeServerUnavailableError
from wire import probe, request, schema, talk, tokens
from wire.answer import Reading


class KefuLanguageModel(LargeLanguageModel):
    """Streams what the server streams; usage always there, counted here when the server sends none. An answer without
    a word is an error, so that Dify's error branch fires: a customer must not be sent an empty message."""

    def _invoke(
        self,
        model: str,
        credentials: dict[str, Any],
        prompt_messages: list[PromptMessage],
        model_parameters: dict[str, Any],
        tools: list[PromptMessageTool] | None = None,
        stop: list[str] | None = None,
        stream: bool = True,
        user: str | None = None,
    ) -> Generator[LLMResultChunk, None, None]:
        """A generator in both modes: the SDK rewrites errors raised before the first chunk, losing their text."""
        body = request.chat_body(model, credentials, prompt_messages, model_parameters, tools, stop, stream, user)
        path = "/chat/completions" if "messages" in body else "/completions"
        reading = Reading()
        if stream:
            pieces = reading.texts(talk.stream(credentials, path, body))
        else:
            whole = "".join(reading.texts([talk.post(credentials, path, body)]))
            pieces = iter((whole,)) if whole else iter(())
        said: list[str] = []
        for text in pieces:
            said.append(text)
            if stream:
                yield self._chunk(model, reading, len(said), text)
        if not reading.calls and not "".join(said).strip() and not _may_be_empty(body):
            raise InvokeServerUnavailableError(
                "模型没有写出回答：内容为空，或只有思考。请关闭思考模式，或放宽输出长度。"
                " / The model wrote no answer: nothing, or only what it thought. Switch its thinking off, or allow more"
                " tokens."
            )
        last = self._chunk(model, reading, len(said) + 1, "" if stream else "".join(said))
        last.delta.message.tool_calls = _tool_calls(reading)
        last.delta.finish_reason = reading.finish_reason or ("tool_calls" if reading.calls else "stop")
        last.delta.usage = self._calc_response_usage(
            model,
            credentials,
            _counted(reading.prompt_tokens, lambda: self._prompt_tokens(prompt_messages, tools)),
            _counted(reading.completion_tokens, lambda: _completion_tokens(said, reading)),
        )
        yield last

    def get_num_tokens(
        self,
        model: str,
        credentials: dict[str, Any],
        prompt_messages: list[PromptMessage],
        tools: list[PromptMessageTool] | None = None,
    ) -> int:
        """An estimate: no tokenizer is downloaded."""
        return self._prompt_tokens(prompt_messages, tools)

    def validate_credentials(self, model: str, credentials: Mapping[str, Any]) -> None:
        """Real calls; see ``wire/probe.py``."""
        probe.language_model(model, credentials)

    def get_customizable_model_schema(self, model: str, credentials: Mapping[str, Any]) -> AIModelEntity:
        """Made of the credential form alone."""
        return schema.language_model(model, credentials)

    @property
    def _invoke_error_mapping(self) -> dict[type[InvokeError], list[type[Exception]]]:
        return {}

    def _transform_invoke_error(self, error: Exception) -> InvokeError:
        """Ours are typed where they arise; the SDK's version replaces their text."""
        return error if isinstance(error, InvokeError) else InvokeError(f"{type(error).__name__}: {error}")

    def _chunk(self, model: str, reading: Reading, index: int, text: str) -> LLMResultChunk:
        return LLMResultChunk(
            model=model,
            system_fingerprint=reading.system_fingerprint,
            delta=LLMResultChunkDelta(index=index, message=AssistantPromptMessage(content=text)),
        )

    def _prompt_tokens(self, messages: list[PromptMessage], tools: list[PromptMessageTool] | None) -> int:
        count = sum(tokens.estimate(message.get_text_content()) + tokens.MESSAGE_TOKENS for message in messages)
        return count + sum(tokens.estimate(tool.model_dump_json()) for tool in tools or ())


SHORT = 16
"""Tokens up to which an answer was not wanted for its words: a probe, whose model may still be thinking then."""


def _may_be_empty(body: Mapping[str, Any]) -> bool:
    limit = body.get("max_completion_tokens") or body.get("max_tokens")
    return isinstance(limit, int) and limit <= SHORT


def _tool_calls(reading: Reading) -> list[AssistantPromptMessage.ToolCall]:
    function = AssistantPromptMessage.ToolCall.ToolCallFunction
    return [
        AssistantPromptMessage.ToolCall(
            id=call.id, type="function", function=function(name=call.name, arguments=call.arguments)
        )
        for call in reading.calls
    ]


def _completion_tokens(said: list[str], reading: Reading) -> int:
    return tokens.estimate("".join(said) + "".join(call.name + call.arguments for call in reading.calls))


def _counted(reported: Any, estimate: Any) -> int:
    return reported if isinstance(reported, int) else int(estimate())
