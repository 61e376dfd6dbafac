# ruff: noqa: E501 - patterns and word lists in Chinese count two columns a character
"""What a caller wants filled: JSON Schema, Dify's parameter list, or the schema inside Dify's extractor prompt."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from kefu.core.slots.types import SLOT_TYPES
from kefu.errors import BadInput

JSON_TYPES = ("string", "number", "integer", "boolean", "array")
_DIFY_TYPES = {"select": "string", "bool": "boolean", "int": "integer", "float": "number", "text": "string"}
_STRUCTURE = re.compile(r"<structure>\s*(\{.*?\})\s*</structure>", re.DOTALL)

_TO_PLACE = ("to_city", "city", "to_area", "area", "to_province", "province")
_FROM_PLACE = ("from_city", "from_area", "from_province")


@dataclass(frozen=True, slots=True)
class Meaning:
    """Slot types that may fill a field, best first; ``attribute`` limits type attribute to that name (尺码)."""

    types: tuple[str, ...]
    attribute: str = ""
    phrase: str = ""


_MEANINGS: tuple[tuple[str, Meaning], ...] = (
    (r"订单|运单|快递单|order|tracking|waybill", Meaning(("order_no",), phrase="订单号是多少")),
    (r"e-?mail|邮箱|邮件", Meaning(("email",), phrase="邮箱是多少")),
    (r"phone|mobile|tel|手机号|电话|联系方式", Meaning(("phone",), phrase="手机号是多少")),
    (r"person|contact|receiver|customer_name|姓名|收[件货]人|联系人|称呼", Meaning(("person",), phrase="怎么称呼您")),
    (r"address|地址", Meaning(("address", *_TO_PLACE), phrase="收货地址是哪里")),
    (r"colou?r|颜色|色号", Meaning(("attribute",), "颜色", "要什么颜色")),
    (r"size|尺码|码数|大小|尺寸", Meaning(("attribute",), "尺码", "要什么尺码")),
    (r"capacity|容量|内存|存储", Meaning(("attribute",), "容量", "要多大容量")),
    (r"quantity|amount_of|count|qty|^num$|number_of|数量|件数|几件|个数", Meaning(("quantity",), phrase="需要几件")),
    (r"range|范围|区间", Meaning(("range", "money"), phrase="大概什么范围")),
    (r"price|money|budget|amount|价格|价钱|金额|预算|费用", Meaning(("money", "range"), phrase="预算是多少")),
    (r"device|laptop|notebook|phone_model|model|型号|机型|设备|电脑|笔记本", Meaning(("model",), phrase="设备是什么型号")),
    (r"from|origin|depart|source_city|出发|发货地|始发|起点|寄出", Meaning(_FROM_PLACE, phrase="从哪里发出")),
    (r"place|city|location|region|dest|area|province|where|城市|地区|地点|省|区县|目的地|到哪|收货地|送到", Meaning(_TO_PLACE, phrase="送到哪个城市")),
    (r"when|date|day|deadline|日期|哪天|什么时候|几号", Meaning(("date", "time"), phrase="说的是哪一天")),
    (r"time|hour|clock|时间|几点|时段", Meaning(("time", "date"), phrase="说的是什么时间")),
    (r"variant|spec|sku|option|style|规格|款式|属性|版本", Meaning(("attribute",), phrase="要什么规格")),
    (r"product|goods|item|commodity|商品|产品|货品|宝贝|品名|名称", Meaning(("product", "model"), phrase="要哪款商品")),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Field:
    """One key of the answer. ``meaning.types`` is empty when no slot type fits: such a field stays blank."""

    name: str
    json_type: str
    required: bool
    meaning: Meaning
    description: str = ""
    options: tuple[str, ...] = ()
    default: str = ""
    iso: bool = False


@dataclass(frozen=True, slots=True)
class Schema:
    """The keys that the answer has, in order."""

    fields: tuple[Field, ...]

    def types(self) -> frozenset[str]:
        """Every slot type that some field takes."""
        return frozenset(t for field in self.fields for t in field.meaning.types)


def parse_schema(source: object) -> Schema:
    """Read a schema from text (JSON, or a Dify prompt holding ``<structure>``) or from parsed JSON or YAML.

    Accepts a JSON Schema object, Dify's list of parameters, and the short form ``{place: city, when: date}``.
    Raises BadInput with the place that is wrong.
    """
    if isinstance(source, str):
        source = _from_text(source)
    if isinstance(source, Mapping) and isinstance(source.get("parameters"), list | Mapping):
        source = source["parameters"]
    if isinstance(source, list):
        return _checked([_from_dify(item, at) for at, item in enumerate(source, start=1)])
    if isinstance(source, Mapping) and isinstance(source.get("properties"), Mapping):
        required = source.get("required")
        names = required if isinstance(required, list) else []
        return _checked([_from_property(str(k), v, k in names) for k, v in source["properties"].items()])
    if isinstance(source, Mapping) and source and all(isinstance(v, str) for v in source.values()):
        return _checked([_from_short(str(name), str(kind)) for name, kind in source.items()])
    raise BadInput("this is no slot schema", "Give a JSON Schema object, Dify's parameter list, or name: type pairs.")


def _from_text(text: str) -> object:
    structures = _STRUCTURE.findall(text)
    try:
        return json.loads(structures[-1] if structures else text)
    except (ValueError, RecursionError) as error:
        raise BadInput("the slot schema is not valid JSON", f"{error}. Check quotes and commas.") from error


def _checked(fields: list[Field]) -> Schema:
    seen: set[str] = set()
    for field in fields:
        if field.name in seen:
            raise BadInput(f"the schema names {field.name} twice", "Give every parameter its own name.")
        seen.add(field.name)
    if not fields:
        raise BadInput("the schema has no field", "Name at least one parameter.")
    return Schema(tuple(fields))


def _from_dify(item: object, at: int) -> Field:
    if not isinstance(item, Mapping) or not isinstance(item.get("name"), str):
        raise BadInput(f"parameter {at} of the schema has no name", 'Write {"name": …, "type": …}.')
    return _from_property(item["name"], item, item.get("required") is True)


def _from_property(name: str, spec: object, required: bool) -> Field:
    if not isinstance(spec, Mapping):
        raise BadInput(f"schema field {name} is no object", 'Write {"type": "string", "description": …}.')
    description = str(spec.get("description") or spec.get("title") or "")
    options = spec.get("enum") or spec.get("options") or ()
    default = spec.get("default")
    form = str(spec.get("format") or "")
    return Field(
        name,
        _json_type(spec.get("type")),
        required or spec.get("required") is True,
        _meaning(name, description, str(spec.get("x-slot") or spec.get("slot") or form)),
        description,
        tuple(str(o) for o in options) if isinstance(options, list | tuple) else (),
        "" if default is None else str(default),
        form in ("date", "time", "date-time"),
    )


def _json_type(kind: object) -> str:
    if isinstance(kind, list):
        kind = next((k for k in kind if k != "null"), "string")
    name = str(kind or "string")
    if name.startswith("array"):
        return "array"
    name = _DIFY_TYPES.get(name, name)
    return name if name in JSON_TYPES else "string"


def _from_short(name: str, kind: str) -> Field:
    required = kind.endswith("!")
    kind = kind.rstrip("!")
    if kind not in SLOT_TYPES:
        raise BadInput(f"field {name}: unknown slot type {kind}", f"Slot types are: {', '.join(SLOT_TYPES)}.")
    return Field(name, "string", required, _meaning(name, "", kind))


def _meaning(name: str, description: str, slot_type: str) -> Meaning:
    if slot_type in SLOT_TYPES:
        return _of_type(slot_type, name, description)
    if name in SLOT_TYPES:
        return _of_type(name, name, description)
    for text in (name, description):
        for pattern, meaning in _MEANINGS:
            if text and re.search(pattern, text, re.IGNORECASE):
                return meaning
    return Meaning(())


def _of_type(slot_type: str, name: str, description: str) -> Meaning:
    if slot_type in ("attribute", "product"):
        for pattern, meaning in _MEANINGS:
            if meaning.types[0] == slot_type and re.search(pattern, f"{name} {description}", re.IGNORECASE):
                return meaning
    if slot_type == "city":
        return Meaning(_TO_PLACE, phrase="送到哪个城市")
    if slot_type in ("area", "province"):
        return Meaning((f"to_{slot_type}", slot_type), phrase=f"在哪个{SLOT_TYPES[slot_type].title}")
    same = next((m for _, m in _MEANINGS if m.types[0] == slot_type and not m.attribute), None)
    return Meaning((slot_type,), phrase=same.phrase if same else f"{SLOT_TYPES[slot_type].title}是什么")
