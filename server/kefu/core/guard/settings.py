"""What a shop's guard does about each kind of finding."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from kefu.errors import BadInput

ACTIONS = ("pass", "mask", "replace", "hand_off")
KINDS = ("forbidden", "promise_time", "promise_price", "promise_stock", "identity", "phone", "url", "contact")
MAX_WORD = 30
"""A forbidden word is at most as long as the guard holds back while streaming."""
MAX_WORDS = 5_000

DEFAULT_ACTIONS = {
    "forbidden": "mask",
    "promise_time": "replace",
    "promise_price": "replace",
    "promise_stock": "replace",
    "identity": "replace",
    "phone": "mask",
    "url": "mask",
    "contact": "mask",
}

ABSOLUTE_WORDS = tuple(
    word
    for line in (
        "国家级 最高级 全网最低 全网第一 史上最低 绝无仅有 世界第一 全国第一 销量第一",
        "百分百有效 包治百病 根治 药到病除 无任何副作用 零风险 稳赚不赔",
        "好评返现 刷单 私下交易 私下转账 线下交易 绕开平台",
    )
    for word in line.split()
)
"""Words that the advertising law and the platforms' rules forbid in a shop's mouth; a shop may set its own list."""


@dataclass(frozen=True, slots=True)
class GuardSettings:
    """One record for each shop. ``allowed`` are contacts and links that may be said (the shop's own number or page).

    ``replace`` gives the substitute of a kind where the built-in one is not wanted; "" in it removes the words.
    ``sentence`` is said when a finding hands the conversation over.
    """

    enabled: bool = True
    forbidden: tuple[str, ...] = ABSOLUTE_WORDS
    allowed: tuple[str, ...] = ()
    actions: Mapping[str, str] = field(default_factory=dict)
    replace: Mapping[str, str] = field(default_factory=dict)
    sentence: str = "这个问题需要人工客服为{address}确认，正在转接，请稍候～"

    def __post_init__(self) -> None:
        if len(self.forbidden) > MAX_WORDS:
            raise BadInput(f"{len(self.forbidden)} forbidden words are too many.", f"At most {MAX_WORDS}.")
        for word in self.forbidden:
            if not word.strip() or len(word) > MAX_WORD:
                raise BadInput(f"The forbidden word “{word[:40]}” cannot be used.", f"1 to {MAX_WORD} characters.")
        for kind, action in self.actions.items():
            if kind not in KINDS or action not in ACTIONS:
                raise BadInput(
                    f"Guard action {kind}: {action} is unknown.", f"Kinds: {', '.join(KINDS)}; {', '.join(ACTIONS)}."
                )
        if set(self.replace) - set(KINDS):
            raise BadInput("A replacement is for an unknown kind.", f"Kinds: {', '.join(KINDS)}.")

    def action(self, kind: str) -> str:
        return self.actions.get(kind, DEFAULT_ACTIONS[kind])

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> GuardSettings:
        """From JSON; unknown names and wrong types raise BadInput."""
        known = {f.name for f in fields(cls)}
        if set(data) - known:
            raise BadInput(f"The guard has no {', '.join(sorted(set(data) - known))}.", f"It has {', '.join(known)}.")
        values = dict(data)
        for name, wanted in (("enabled", bool), ("sentence", str), ("actions", Mapping), ("replace", Mapping)):
            if name in values and not isinstance(values[name], wanted):
                raise BadInput(f"{name} of the guard has the wrong type.", "See `GET /profiles/guard`.")
        for name in ("forbidden", "allowed"):
            if name in values:
                if not isinstance(values[name], list | tuple) or not all(isinstance(w, str) for w in values[name]):
                    raise BadInput(f"{name} of the guard is not a list of text.", "See `GET /profiles/guard`.")
                values[name] = tuple(values[name])
        return cls(**values)
