"""A schema read from any of its forms, filled from this turn, earlier turns, profile and defaults."""

from __future__ import annotations

import json
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kefu.core.slots import Lexicon, Slot, extract, extract_fields, fill, parse_schema
from kefu.errors import BadInput

NOW = datetime.fromisoformat("2026-11-18T10:00+08:00")
LEXICON = Lexicon.build(
    products={"保温杯": "暖暖保温杯"}, attributes={"颜色": {"红": "红色", "红色": "红色", "蓝色": "蓝色"}}
)
STOCK = parse_schema(
    [
        {"name": "product", "type": "string", "description": "商品名", "required": True},
        {"name": "size", "type": "string", "description": "尺码", "required": False},
        {"name": "city", "type": "string", "description": "城市", "required": True},
        {"name": "when", "type": "string", "description": "日期", "required": False},
        {"name": "quantity", "type": "number", "description": "数量", "required": False},
    ]
)


def filled(text: str, schema=STOCK, **more):
    return fill(schema, extract_fields(schema, text, now=NOW, lexicon=LEXICON), **more)


def test_every_key_is_there_with_its_type_even_when_nothing_was_said() -> None:
    assert filled("在吗").values == {"product": "", "size": "", "city": "", "when": "", "quantity": 0}


def test_keys_are_filled_from_the_sentence() -> None:
    answer = filled("两件XL的保温杯明天能到杭州吗")
    assert answer.values == {"product": "暖暖保温杯", "size": "XL", "city": "杭州", "when": "2026-11-19", "quantity": 2}
    assert (answer.missing, answer.ask) == ((), "")
    assert answer.slots["city"][0].normalised == "330100"


def test_what_is_missing_is_asked_for_in_one_question() -> None:
    answer = filled("XL有吗")
    assert answer.missing == ("product", "city")
    assert answer.ask == "请问您要哪款商品、送到哪个城市呢？"
    assert filled("保温杯有吗").ask == "请问您送到哪个城市呢？"


def test_an_earlier_turn_fills_what_this_one_leaves_open_and_says_so() -> None:
    before = extract("保温杯有吗", now=NOW, lexicon=LEXICON)
    answer = filled("杭州呢", earlier=before)
    assert answer.values["product"] == "暖暖保温杯"
    assert [s.source for s in answer.slots["product"]] == ["earlier"]
    assert [s.source for s in answer.slots["city"]] == ["turn"]


def test_this_turn_goes_before_earlier_profile_and_default() -> None:
    before = extract("发到上海", now=NOW)
    answer = filled("发到杭州", earlier=before, profile={"city": "北京"}, defaults={"city": "广州"})
    assert answer.values["city"] == "杭州"
    assert filled("有吗", profile={"city": "北京"}, defaults={"city": "广州"}).values["city"] == "北京"
    assert filled("有吗", defaults={"city": "广州"}).slots["city"][0].source == "default"


def test_what_the_customer_excludes_now_is_not_taken_from_earlier() -> None:
    schema = parse_schema([{"name": "color", "type": "string", "description": "颜色", "required": True}])
    before = extract("要红色的", now=NOW, lexicon=LEXICON)
    assert filled("有货吗", schema, earlier=before).values == {"color": "红色"}
    assert filled("不要红色的", schema, earlier=before).values == {"color": ""}


def test_a_taken_back_place_is_not_used() -> None:
    assert filled("发到杭州，不对，是苏州").values["city"] == "苏州"


@pytest.mark.parametrize(
    ("text", "product"),
    [
        ("V8的滤芯有吗", "吸尘器滤芯"),
        ("V8滤芯", "吸尘器滤芯"),
        ("滤芯V8", "吸尘器滤芯"),
        ("滤芯（V8）有吗", "吸尘器滤芯"),
        ("V8有吗", "岚屿V8吸尘器"),
        ("不要滤芯，V8吸尘器呢", "岚屿V8吸尘器"),
        ("V8吸尘器和滤芯", "岚屿V8吸尘器"),
    ],
)
def test_what_goods_are_for_is_not_the_goods(text: str, product: str) -> None:
    machine = dict.fromkeys(("V8吸尘器", "V8"), "岚屿V8吸尘器")
    lexicon = Lexicon.build(products={"滤芯": "吸尘器滤芯", **machine})
    found = fill(STOCK, extract_fields(STOCK, text, now=NOW, lexicon=lexicon))
    assert found.values["product"] == product


def test_options_of_the_schema_are_found_in_the_text() -> None:
    schema = parse_schema(
        {
            "type": "object",
            "properties": {"channel": {"type": "string", "enum": ["顺丰", "中通"]}},
            "required": ["channel"],
        }
    )
    assert filled("发顺丰可以吗", schema).values == {"channel": "顺丰"}
    assert filled("发韵达可以吗", schema).missing == ("channel",)


def test_json_types_hold() -> None:
    schema = parse_schema(
        {
            "type": "object",
            "properties": {
                "quantity": {"type": "integer"},
                "price": {"type": "number"},
                "colors": {"type": "array", "items": {"type": "string"}, "description": "颜色"},
                "gift": {"type": "boolean", "description": "是否送礼"},
                "note": {"type": "string"},
                "day": {"type": "string", "format": "date"},
            },
            "required": ["note"],
        }
    )
    answer = filled("红色和蓝色各要两件，3.5元的，明天到", schema)
    assert answer.values == {
        "quantity": 2,
        "price": 3.5,
        "colors": ["红色", "蓝色"],
        "gift": False,
        "note": "",
        "day": "2026-11-19",
    }
    assert answer.missing == ("note",)


DIFY_PROMPT = (
    "### Structure\nHere is the structure of the JSON object, you should always follow the structure.\n<structure>\n"
    + json.dumps({"type": "object", "properties": {"food": {"type": "string"}}, "required": ["food"]})
    + "\n</structure>\n…\n<structure>\n"
    + json.dumps({"type": "object", "properties": {"city": {"description": "城市", "type": "string"}}, "required": []})
    + "\n</structure>\n<text>\n杭州有货吗\n</text>"
)


@pytest.mark.parametrize(
    ("source", "keys"),
    [
        ('{"type":"object","properties":{"a":{"type":"string"}},"required":["a"]}', ["a"]),
        ('[{"name":"a","type":"string"},{"name":"b","type":"number"}]', ["a", "b"]),
        (DIFY_PROMPT, ["city"]),
        ({"place": "city", "when": "date!"}, ["place", "when"]),
        (
            {"name": "extract_parameters", "parameters": {"type": "object", "properties": {"x": {"type": "string"}}}},
            ["x"],
        ),
        ([{"name": "a", "type": "array[string]"}, {"name": "b", "type": "select", "options": ["x", "y"]}], ["a", "b"]),
    ],
)
def test_a_schema_is_read_from_any_of_its_forms(source: object, keys: list[str]) -> None:
    assert [field.name for field in parse_schema(source).fields] == keys


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("{", "not valid JSON"),
        ("[]", "no field"),
        ("3", "no slot schema"),
        ('[{"type":"string"}]', "parameter 1"),
        ('[{"name":"a"},{"name":"a"}]', "a twice"),
        ({"place": "planet"}, "planet"),
        ({"properties": {"a": 3}}, "field a"),
        ("[" * 100_000, "not valid JSON"),
    ],
)
def test_a_wrong_schema_says_what_is_wrong(source: object, told: str) -> None:
    with pytest.raises(BadInput, match=told):
        parse_schema(source)


FIELDS = st.fixed_dictionaries(
    {
        "name": st.sampled_from(
            [
                "product",
                "size",
                "city",
                "place",
                "when",
                "quantity",
                "price",
                "note",
                "phone",
                "order_no",
                "颜色",
                "地址",
                "from_city",
            ]
        ),
        "type": st.sampled_from(["string", "number", "integer", "boolean", "array[string]", "select", "什么"]),
        "description": st.sampled_from(["", "城市", "数量", "备注"]),
        "required": st.booleans(),
    }
)
KINDS = {"string": str, "number": (int, float), "integer": int, "boolean": bool, "array": list}


@settings(max_examples=150, deadline=None)
@given(
    st.lists(FIELDS, min_size=1, max_size=6, unique_by=lambda field: field["name"]),
    st.sampled_from(
        ["", "两件红色XL发到杭州，明天要，199元，电话13812345678", "😀", "从上海到北京 订单号20261118001234"]
    ),
)
def test_keys_and_types_always_match_the_schema(fields: list[dict], text: str) -> None:
    schema = parse_schema(fields)
    answer = filled(text, schema)
    assert list(answer.values) == [field["name"] for field in fields]
    for field in schema.fields:
        assert isinstance(answer.values[field.name], KINDS[field.json_type])
    assert bool(answer.missing) == bool(answer.ask)
    assert all(isinstance(s, Slot) for found in answer.slots.values() for s in found)
