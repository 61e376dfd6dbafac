"""One real conversation for each branch of an app: Dify imports and publishes almost anything; a chat shows faults."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from kefu.core.prober import PROBER
from kefu.dify.service import ServiceApi, Turn


@dataclass(frozen=True, slots=True)
class Probe:
    """A sentence that should end at node ``ends``; ``{name}`` in it comes from the shop's examples."""

    branch: str
    say: str
    ends: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of a probe. ``reached`` is false if the turn worked but took another branch."""

    app: str
    probe: Probe
    turn: Turn

    @property
    def works(self) -> bool:
        return not self.turn.error and bool(self.turn.answer.strip())

    @property
    def reached(self) -> bool:
        return any(node.id in self.probe.ends for node in self.turn.nodes)

    @property
    def path(self) -> str:
        return " → ".join(node.title or node.id for node in self.turn.nodes)


EXAMPLES: Mapping[str, str] = {
    "rule": "已下单，麻烦安排发货",
    "product": "飞岩DDR4笔记本内存条",
    "urge": "我前天拍的，怎么到现在还没有给我发货",
    "after_sales": "收到的商品有问题怎么退换？",
    "usage": "内存条怎么安装？",
    "other": "帮我写一首关于秋天的诗",
}
"""Sentences of the sample shop; a caller replaces those that its own shop does not know."""

_RULE = Probe("规则", "{rule}", ("say_rule",))
_STOCK = Probe("库存", "{product}还有库存吗？", ("say_stock",))
_AFTER_SALES = Probe("售后", "{after_sales}", ("say_after_sales",))
_USAGE = Probe("使用", "{usage}", ("say_usage",))
_OTHER = Probe("转人工", "{other}", ("say_transfer",))
_URGE = Probe("催发货", "{urge}", ("say_order", "say_wait", "say_rule"))

PROBES: Mapping[str, tuple[Probe, ...]] = {
    "kefu-fast": (
        Probe("规则", "{rule}", ("say",)),
        Probe("库存", "{product}有库存吗？明天能送到杭州吗？", ("say",)),
        Probe("大模型", "{usage}", ("say_llm", "say")),
        Probe("转人工", "转人工", ("say",)),
    ),
    "kefu-classic": (_RULE, _URGE, _STOCK, _AFTER_SALES, _USAGE, _OTHER),
    "lesson-1-template": (_AFTER_SALES, _USAGE, _OTHER),
    "lesson-2-urge": (_RULE, _URGE, _AFTER_SALES, _USAGE, _OTHER),
    "lesson-2-urge-code": (_RULE, _URGE, _AFTER_SALES, _USAGE, _OTHER),
    "lesson-3-stock": (_RULE, _URGE, _STOCK, _AFTER_SALES, _USAGE, _OTHER),
    "kefu-stock-workflow": (Probe("库存", "{product}有库存吗？", ("result",)),),
    "kefu-urge-workflow": (
        Probe("规则", "{rule}", ("rule_result",)),
        Probe("订单", "{urge}", ("order_result", "rule_result")),
    ),
}


def converse(api: ServiceApi, app: str, mode: str, examples: Mapping[str, str]) -> Iterator[Checked]:
    """Each probe in a conversation of its own, so that no turn depends on the one before."""
    for probe in PROBES[app]:
        sentence = probe.say.format(**{**EXAMPLES, **examples})
        if mode == "workflow":
            turn = api.run_workflow({"query": sentence}, user=PROBER)
        else:
            turn = api.chat_streaming(sentence, user=PROBER)
        yield Checked(app, probe, turn)
