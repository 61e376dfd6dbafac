"""The rules as the lesson does it: inside a Dify Code node. Generated from the rule table, for learning.

It matches plain regular expressions only. The rule tool does more: it normalises the text, counts hits, explains
itself and changes without a new import of the app.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # every app is rendered through this module; only some commands have rules at hand
    from kefu.core.rules import Pattern, Rule

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

_TAIL = r"[\s。！!？?~～.，,]*$"

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


def rows_of_rules(rules: Iterable[Rule]) -> tuple[RuleRow, ...]:
    """The rules that a Code node can hold: enabled, everywhere, with a reply that needs no variable."""
    usable = [
        rule
        for rule in rules
        if rule.enabled and rule.replies and not rule.scope.channels and "{" not in rule.replies[0]
    ]
    return tuple(
        RuleRow(rule.id, _silencer(rule) + expression, rule.replies[0])
        for rule in sorted(usable, key=lambda rule: rule.sort_key)
        for expression in _expressions(rule.patterns)
    )


def _silencer(rule: Rule) -> str:
    return f"^(?!.*(?:{'|'.join(map(re.escape, rule.none))})).*?" if rule.none else ""


def _expressions(patterns: Iterable[Pattern]) -> Iterator[str]:
    for pattern in patterns:
        if pattern.kind == "sentence":
            yield rf"^\s*{re.escape(pattern.text)}{_TAIL}"
        elif pattern.kind == "regex":
            yield pattern.text
        else:
            every = "".join(f"(?=.*{re.escape(word)})" for word in pattern.all)
            some = f"(?=.*(?:{'|'.join(map(re.escape, pattern.any))}))" if pattern.any else ""
            yield f"^{every}{some}"
