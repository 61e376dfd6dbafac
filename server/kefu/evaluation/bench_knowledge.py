"""Knowledge search against rank-bm25 with jieba, in the same run: the same ten scores, time, memory."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from kefu.core.knowledge import Entry, KnowledgeIndex
from kefu.core.knowledge.index import index_terms
from kefu.core.knowledge.terms import query_terms
from kefu.evaluation.baseline import jieba_cut, positive_bm25, resident_mib

SIZES = (1_000, 10_000, 100_000)
BASELINE_QUESTIONS = 5
"""The baseline takes seconds a question at 100,000 entries; its median of five is enough for a ratio."""

_WORDS = {
    "t": "内存条 固态硬盘 机械键盘 无线鼠标 扩展坞 充电器 显示器 摄像头 麦克风 散热器 电脑包 数据线 耳机 网卡 桌垫",
    "a": "安装 拆卸 清洁 连接 配对 升级 退货 换新 维修 激活 充值 保修 调节 切换 识别 格式化 迁移 供电 散热 包装",
    "s": "黑屏 蓝屏 没反应 连不上 发烫 没声音 掉盘 失灵 破损 漏发 无信号 速度慢 认不到 断连 异响 闪烁",
    "p": "插槽 卡扣 螺丝 接口 驱动 固件 指示灯 电源 后盖 排线 开关 包装 面单 订单 凭证 照片 型号 频率 容量 缺口",
}
_ASKS = ("{t}怎么{a}", "{t}{s}怎么办", "{b}的{t}可以{a}吗", "{t}的{p}在哪里", "{b}{t}{s}了能{a}吗", "{a}{t}要看{p}吗")


def made_entries(count: int, seed: int) -> list[Entry]:
    """Entries that read like a shop's: brands, things, acts, signs and parts, no two the same."""
    rng = random.Random(seed)
    brands = [chr(0x4E00 + rng.randrange(20_000)) + chr(0x4E00 + rng.randrange(20_000)) for _ in range(count // 50 + 5)]
    made = []
    for number in range(count):
        words = _words(rng, brands)
        steps = "，".join(
            f"{said['a']}{said['p']}{rng.randrange(1, 60)}" for said in (_words(rng, brands) for _ in range(6))
        )
        question = rng.choice(_ASKS).format(**words)
        title = f"{words['b']}{words['t']}{words['a']}{number}"
        made.append(Entry(f"e{number:07}", "manuals", title, f"{steps}。{words['s']}时请看{words['p']}。", question))
    return made


def made_questions(count: int, entries: Sequence[Entry], seed: int) -> list[str]:
    """Questions as customers of that shop put them, with words that only some entries have."""
    rng = random.Random(seed + 1)
    return [f"请问{rng.choice(entries).question}{rng.choice(('', '呢', '，急'))}" for _ in range(count)]


def _words(rng: random.Random, brands: Sequence[str]) -> dict[str, str]:
    return {"b": rng.choice(brands)} | {name: rng.choice(words.split()) for name, words in _WORDS.items()}


def run_knowledge(
    sizes: Sequence[int] = SIZES, *, asked: int = 200, seed: int = 1, say: Callable[[str], None] = lambda _text: None
) -> list[dict[str, Any]]:
    """One row a size; raises AssertionError when a score differs from the baseline's."""
    return [_measure(size, asked, seed, say) for size in sizes]


def _measure(size: int, asked: int, seed: int, say: Callable[[str], None]) -> dict[str, Any]:
    entries = made_entries(size, seed)
    questions = made_questions(asked, entries, seed)
    say(f"{size} entries: index")
    before, began = resident_mib(), time.perf_counter()
    index = KnowledgeIndex(entries)
    built, after = time.perf_counter() - began, resident_mib()
    ours = sorted(_timed(partial(index.search, question, 10)) for question in questions)
    say(f"{size} entries: rank-bm25 + jieba")
    oracle, cut = positive_bm25(index_terms(entry) for entry in index.entries), jieba_cut()
    theirs = []
    for question in questions[:BASELINE_QUESTIONS]:
        terms = query_terms(question)
        began = time.perf_counter()
        cut(question)
        best = np.sort(oracle.get_scores(terms))[::-1][:10]
        theirs.append(time.perf_counter() - began)
        found = [score for _, score in index.raw_scores(terms, 10)]
        if not np.allclose(found, best[best > 0][: len(found)], rtol=1e-9) or len(found) < min(10, (best > 0).sum()):
            raise AssertionError(f"not the ten scores of rank-bm25 for {question}")
    p50, base = ours[len(ours) // 2], sorted(theirs)[len(theirs) // 2]
    return {
        "entries": size,
        "build_s": round(built, 2),
        "index_mib": round(max(after - before, 0.0), 1),
        "p50_us": round(p50 * 1e6, 1),
        "p95_us": round(ours[int(len(ours) * 0.95)] * 1e6, 1),
        "baseline_p50_us": round(base * 1e6, 1),
        "ratio": round(base / p50, 1),
        "same_top_ten": True,
    }


def _timed(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began
