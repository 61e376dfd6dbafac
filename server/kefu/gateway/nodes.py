"""Dify's node prompts: recognise them by structure, read what they ask, write what the node accepts.

Dify pastes the customer's text unescaped into these prompts, so nothing here trusts the place where the text ends: the
parts that the workflow's author wrote are found from the end of the message (classifier, function call) or from its
beginning (extractor), on the far side of the customer's text.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from kefu.core.intents.mapping import REST


@dataclass(frozen=True, slots=True)
class Utterance:
    """One line of Dify's chat memory; ``role`` is Human or Assistant."""

    role: str
    text: str


@dataclass(frozen=True, slots=True)
class NodeClass:
    """A class of the classifier node."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class ClassifierRequest:
    """What a Question Classifier node asks."""

    query: str
    classes: tuple[NodeClass, ...]
    instruction: str
    history: tuple[Utterance, ...]

    @property
    def fallback(self) -> NodeClass:
        """Where an unclear question goes: to a person, else to the rest (其他), wherever they stand; else the first."""
        names = {node_class.id: node_class.name.strip().lower() for node_class in self.classes}
        for is_meant in (_is_person, _is_rest):
            for node_class in self.classes:
                if is_meant(names[node_class.id]):
                    return node_class
        return self.classes[0]


def _is_person(name: str) -> bool:
    return bool(re.search(r"人工(?!智能)|human", name))


def _is_rest(name: str) -> bool:
    return any(part.strip().startswith(REST) for part in re.split(r"[/／、,，|]", name))


@dataclass(frozen=True, slots=True)
class ExtractorRequest:
    """What a Parameter Extractor node asks: a JSON Schema of type object; ``tool`` = function-call mode."""

    query: str
    schema: Mapping[str, Any]
    instruction: str
    history: tuple[Utterance, ...]
    tool: bool = False


@dataclass(frozen=True, slots=True)
class TitleRequest:
    """Dify's request for the title of a new conversation; ``query`` is the customer's first message."""

    query: str


NodeRequest = ClassifierRequest | ExtractorRequest | TitleRequest

_CLASSIFIER = re.compile(r'^\s*\{\s*"input_text"\s*:\s*\["(?P<rest>.*)\]\s*\}\s*$', re.DOTALL)
_CATEGORIES = re.compile(r'"\]\s*,\s*"categories"\s*:\s*(?=\[)')
_INSTRUCTIONS = re.compile(r',\s*"classification_instructions"\s*:\s*\[')
_BLANK = re.compile(r"\s*")
_TITLE_KEYS = ('"Language Type"', '"Your Reasoning"', '"Your Output"')
"""Members of a title's answer: they stayed when Dify changed the words around them."""
_MEMORY = "<histories>"
"""Stands in the system message of each of these nodes, memory or none: a customer writes no system message, so that
one who sends such a prompt to an LLM node gets that node's answer."""
_LINE = re.compile(r"^(Human|Assistant): ", re.MULTILINE)


def recognise(body: Mapping[str, Any]) -> NodeRequest | None:
    """The node's request in a chat-completion ``body``, or None: somebody else's prompt, which passes through."""
    messages = body.get("messages")
    if not isinstance(messages, Sequence) or not messages:
        return None
    texts = [(str(m.get("role", "")), text_of(m.get("content"))) for m in messages if isinstance(m, Mapping)]
    if not texts or texts[-1][0] != "user":
        return None
    last = texts[-1][1]
    if len(texts) == 1:
        return _title(last)
    system = next((text for role, text in texts if role == "system"), "")
    if _MEMORY not in system:
        return None
    tools = body.get("tools")
    if tools and "extract_parameters" in json.dumps(tools):
        return _function_call(last, system, tools)
    return _classifier(last, system) or _extractor(last, system)


def text_of(content: Any) -> str:
    """The text of a message; of a list of parts, its text parts."""
    if isinstance(content, str):
        return content
    if isinstance(content, Sequence):
        return "".join(str(part.get("text", "")) for part in content if isinstance(part, Mapping))
    return ""


def _classifier(last: str, system: str) -> ClassifierRequest | None:
    match = _CLASSIFIER.match(last)
    if not match:
        return None
    rest = match["rest"]
    instructions = list(_INSTRUCTIONS.finditer(rest))
    cuts = list(_CATEGORIES.finditer(rest, 0, instructions[-1].start() if instructions else len(rest)))
    for cut in reversed(cuts):
        classes, end = _read_classes(rest, cut.end())
        if classes:
            tail = _INSTRUCTIONS.match(rest, _after_blank(rest, end))
            instruction = rest[tail.end() :].strip().strip('"') if tail else ""
            return ClassifierRequest(rest[: cut.start()], classes, instruction, _history(system))
    return None


def _read_classes(text: str, start: int) -> tuple[tuple[NodeClass, ...], int]:
    """The category list that begins at ``start`` and where it ends; nothing if it is no such list."""
    try:
        rows, end = json.JSONDecoder().raw_decode(text, start)
        return tuple(NodeClass(str(row["category_id"]), str(row["category_name"])) for row in rows), end
    except (json.JSONDecodeError, KeyError, TypeError, RecursionError):
        return (), start


def _after_blank(text: str, at: int) -> int:
    match = _BLANK.match(text, at)
    return match.end() if match else at


def _extractor(last: str, system: str) -> ExtractorRequest | None:
    schema, end = _structure(last)
    opening = last.find("<text>\n", end)
    closing = last.rfind("\n</text>")
    if schema is None or opening < 0 or closing < opening:
        return None
    query = last[opening + len("<text>\n") : closing]
    return ExtractorRequest(query, schema, _instruction(system, "instructions"), _history(system))


def _structure(text: str) -> tuple[Mapping[str, Any] | None, int]:
    """The first <structure>, which stands before the customer's text, and where it ends."""
    mark = text.find("<structure>")
    if mark < 0:
        return None, 0
    try:
        schema, end = json.JSONDecoder().raw_decode(text, _after_blank(text, mark + len("<structure>")))
    except (json.JSONDecodeError, RecursionError):
        return None, mark
    is_schema = isinstance(schema, Mapping) and isinstance(schema.get("properties"), Mapping)
    return (schema if is_schema and text.startswith("</structure>", _after_blank(text, end)) else None), end


def _function_call(last: str, system: str, tools: Any) -> ExtractorRequest | None:
    opening = last.find("<context>\n")
    closing = last.rfind("\n</context>")
    functions = [tool.get("function", {}) for tool in tools if isinstance(tool, Mapping)]
    schema = next((f.get("parameters") for f in functions if f.get("name") == "extract_parameters"), None)
    if opening < 0 or closing < opening or not isinstance(schema, Mapping):
        return None
    query = last[opening + len("<context>\n") : closing]
    return ExtractorRequest(query, schema, _instruction(system, "instruction"), _history(system), tool=True)


def _title(last: str) -> TitleRequest | None:
    asked, _, query = last.rpartition("\nUser Input:")
    places = [asked.find(key) for key in _TITLE_KEYS]
    if places[0] < 0 or places != sorted(places) or not query.startswith(("\n", " \n")):
        return None
    return TitleRequest(query.strip())


def _instruction(system: str, tag: str) -> str:
    """What the author asks for. It stands after the memory, in which the customer may have written the same marks."""
    return _between(system.rpartition("\n</histories>")[2], tag)


def _between(text: str, tag: str) -> str:
    start, end = text.find(f"<{tag}>\n"), text.rfind(f"\n</{tag}>")
    return text[start + len(tag) + 3 : end] if 0 <= start < end else ""


def _history(system: str) -> tuple[Utterance, ...]:
    """The lines inside <histories>, oldest first; a line without a role belongs to the one before."""
    text = _between(system, "histories")
    marks = [*_LINE.finditer(text)]
    ends = [*(mark.start() for mark in marks[1:]), len(text)]
    return tuple(Utterance(mark[1], text[mark.end() : end].strip()) for mark, end in zip(marks, ends, strict=False))


_STRING = re.compile(r'"(?:[^"\\]|\\.)*"', re.DOTALL)
_MISREAD = re.compile(r"[{}\[\]`<>]")


def node_json(value: Any) -> str:
    """JSON as Dify's nodes read it: they count braces, fences and <think> inside strings too, so those are escaped."""

    def escaped(string: re.Match[str]) -> str:
        return _MISREAD.sub(lambda sign: f"\\u{ord(sign[0]):04x}", string[0])

    return _STRING.sub(escaped, json.dumps(value, ensure_ascii=False))


def classifier_answer(choice: NodeClass) -> str:
    """What the classifier node reads: both keys, or it silently takes its first class."""
    return node_json({"category_id": choice.id, "category_name": choice.name})


def title_answer(query: str) -> str:
    """A conversation title from the first sentence, at most 20 characters, in the JSON that Dify asks for."""
    first = re.split(r"[。！？!?\n]", query.strip(), maxsplit=1)[0].strip() or query.strip() or "新的咨询"
    return node_json({"Language Type": "Chinese", "Your Reasoning": "首句", "Your Output": first[:20]})


def typed_values(schema: Mapping[str, Any], found: Mapping[str, Any]) -> dict[str, Any]:
    """All keys of ``schema`` with values of the right type; what was not found is the type's empty value."""
    return {
        name: _typed(property_ if isinstance(property_, Mapping) else {}, found.get(name))
        for name, property_ in schema.get("properties", {}).items()
    }


_EMPTY: dict[str, Any] = {"string": "", "number": 0, "integer": 0, "boolean": False, "array": [], "object": {}}


def _typed(property_: Mapping[str, Any], value: Any) -> Any:
    kind = str(property_.get("type", "string")).lower()
    empty = _EMPTY.get(kind, "")
    if value is None or value == "":
        return empty
    if kind in ("number", "integer"):
        return _number(value, kind)
    if kind == "boolean":
        return value if isinstance(value, bool) else str(value).strip().lower() in ("true", "1", "yes", "是")
    if kind == "array":
        return _items(property_, value if isinstance(value, list) else [value])
    if kind == "object":
        return value if isinstance(value, Mapping) else empty
    allowed = property_.get("enum")
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if not allowed or text in allowed else ""


def _items(property_: Mapping[str, Any], values: Sequence[Any]) -> list[Any]:
    """Dify drops items of the wrong type; those that are nothing are dropped here."""
    items = property_.get("items")
    if not isinstance(items, Mapping):
        return list(values)
    return [_typed(items, value) for value in values if value not in (None, "")]


def _number(value: Any, kind: str) -> int | float:
    try:
        number = float(value)
    except (TypeError, ValueError, OverflowError):
        return 0
    if not math.isfinite(number):
        return 0
    return int(number) if kind == "integer" or number.is_integer() else number
