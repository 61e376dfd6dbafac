"""Chat memory as Dify gives it to LLM, classifier and extractor nodes."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from graphon.model_runtime.entities.message_entities import (
    AssistantPromptMessage,
    PromptMessage,
    UserPromptMessage,
)
from graphon.model_runtime.memory.prompt_message_memory import (
    DEFAULT_MEMORY_MAX_TOKEN_LIMIT,
    PromptMessageMemory,
)

_NO_LIMIT = 500


class ChatMemory(PromptMessageMemory):
    """The earlier turns of a conversation, newest kept. ``count`` gives the tokens of messages."""

    def __init__(self, turns: Sequence[tuple[str, str]], count: Callable[[Sequence[PromptMessage]], int]) -> None:
        self._turns = turns
        self._count = count

    def get_history_prompt_messages(
        self, max_token_limit: int = DEFAULT_MEMORY_MAX_TOKEN_LIMIT, message_limit: int | None = None
    ) -> Sequence[PromptMessage]:
        """A window of N gives N-1 turns: Dify counts the running turn as one."""
        kept = (message_limit if message_limit and message_limit > 0 else _NO_LIMIT) - 1
        messages: list[PromptMessage] = []
        for query, reply in self._turns[-kept:] if kept else ():
            messages.append(UserPromptMessage(content=query))
            messages.append(AssistantPromptMessage(content=reply))
        while len(messages) > 1 and self._count(messages) > max_token_limit:
            messages.pop(0)
        return messages
