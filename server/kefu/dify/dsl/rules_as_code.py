"""The rules as the lesson does it: inside a Dify Code node. Generated from the rule table, for learning.

It matches plain regular expressions only. The rule tool does more: it normalises the text, counts hits, explains
itself and changes without a new import of the app.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

LIMIT = 200
"""Rules in one Code node; Dify's editor becomes slow with more."""


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One rule as the Code node needs it; ``pattern`` is a Python regular expression, searched in the text."""

    rule_id: str
    pattern: str
    reply: str


EXAMPLES: tuple[RuleRow, ...] = (
    RuleRow(
        "paid",
        r"(付款|支付|下单|购买|订单).{0,6}(完成|成功|提交|好了|了)",
        "感谢您的购买，已安排发货，通常 3–5 分钟内发出，请留意消息。",
    ),
    RuleRow("urge", r"(请|麻烦|尽快|快点|催).{0,6}发货", "感谢您的购买，已安排发货，通常 3–5 分钟内发出，请留意消息。"),
    RuleRow(
        "no_card", r"没有?收到.{0,6}(网址|卡密|链接)", "感谢您的购买，卡密会在 3–5 分钟内自动发出，请稍候并留意消息。"
    ),
)
"""Used where no shop's table is given, so that the shipped file works as it is."""

_PROGRAM = """\
import re

# 由 kefu 从规则表生成：改规则请改规则表，再运行 ./kefu dsl render --rules-as-code
RULES = {rules}


def main(query: str) -> dict:
    text = query.strip()
    for rule_id, pattern, reply in RULES:
        if re.search(pattern, text):
            return {{"matched": True, "reply": reply, "rule_id": rule_id}}
    return {{"matched": False, "reply": "", "rule_id": ""}}
"""


def code_of_rules(rules: Sequence[RuleRow]) -> str:
    """The program of the Code node: inputs ``query``, outputs ``matched``, ``reply``, ``rule_id``."""
    rows = [f"    {_row(rule)}," for rule in (rules or EXAMPLES)[:LIMIT]]
    return _PROGRAM.format(rules="[\n" + "\n".join(rows) + "\n]")


def _row(rule: RuleRow) -> str:
    """A Python tuple; JSON's string form is Python's for text without lone surrogates."""
    return (
        "(" + ", ".join(json.dumps(part, ensure_ascii=False) for part in (rule.rule_id, rule.pattern, rule.reply)) + ")"
    )
