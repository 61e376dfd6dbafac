"""A plain question to the gateway, and its streamed answer."""

from __future__ import annotations

import json

ASK = {"model": "tuned", "messages": [{"role": "user", "content": "羽绒服怎么洗"}]}


def frames(response) -> list:
    """The events of a stream, parsed."""
    return [
        json.loads(line[6:]) if line != "data: [DONE]" else "[DONE]"
        for line in response.get_data(as_text=True).split("\n\n")
        if line
    ]


def text_of(chunks, name: str = "content") -> str:
    """What the deltas say together."""
    return "".join(c["choices"][0]["delta"].get(name) or "" for c in chunks if c != "[DONE]" and c.get("choices"))
