"""Measure the rule engine against a plain loop of `re` over the same rules and the same messages, interleaved."""

from __future__ import annotations

import gc
import random
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from kefu.core.rules import Pattern, Rule, RuleSet
from kefu.core.text import Normalised, normalise
from kefu.store.db import Database
from kefu.store.rule_sets import RuleSets
from kefu.store.rules import save_rule, save_rules
from kefu.store.shops import create_shop

BLOCK = 100
SIZES = (1_000, 10_000, 100_000)

SHARES = {"anchored": 0.62, "number": 0.13, "gap": 0.12, "contains": 0.08, "optional": 0.04, "no_literal": 0.01}
"""The mix of a shop's patterns."""


def _words(text: str) -> list[str]:
    return text.split()


OPENINGS = ["", *_words("你好 请问 我想问 麻烦 客服 老板 亲 在吗 帮我看看 急 不好意思 打扰了 那个")]
VERBS = _words(
    "退掉 换货 修改 查询 取消 催一下 安装 激活 补发 拆开 升级 清洗 充电 绑定 打印 开票 "
    "转寄 验收 登录 注册 拍下 预订 签收 拒收 续费 导出 备份 重置 更换 寄回"
)
GOODS = _words(
    "内存条 固态硬盘 机械键盘 无线鼠标 显示器 散热器 电源 主板 显卡 机箱 网线 路由器 耳机 "
    "音箱 摄像头 读卡器 扩展坞 转接头 数据线 充电头 激活码 会员卡 兑换券 安装包 序列号 "
    "手写板 投影仪 打印机 墨盒 支架 移动硬盘 风扇 硅脂 螺丝刀 防尘网 理线带 麦克风 采集卡 "
    "网卡 手柄"
)
COLOURS = ["", *_words("黑色 白色 银色 蓝色 红色 大号 小号 套装 二手 企业版 学生版 旧款 新款")]
ENDINGS = [
    "",
    *_words(
        "怎么弄 可以吗 要多久 在哪里 行不行 了没有 怎么收费 谢谢 呢 有教程吗 找谁 需要什么 "
        "还能用吗 为什么不行 已经三天 失败"
    ),
]


@dataclass(frozen=True, slots=True)
class Row:
    """One size of shop. Times are of one match on a normalised message; ratios are loop ÷ engine, of medians.

    ``with_normalise`` ratios add the normalising to both sides. ``edit_ms``: from the commit of one edited rule to the
    first answer that shows it, through the store. ``warm_s``: a start with the analysed patterns kept.
    """

    rules: int
    hit_ratio: float
    miss_ratio: float
    hit_ratio_with_normalise: float
    miss_ratio_with_normalise: float
    loop_hit_p50_us: float
    loop_miss_p50_us: float
    p50_us: float
    p99_us: float
    hit_p50_us: float
    hit_p99_us: float
    miss_p50_us: float
    miss_p99_us: float
    normalise_us: float
    build_s: float
    warm_s: float
    edit_ms: float
    memory_mib: float


def run_rules(
    sizes: tuple[int, ...] = SIZES, messages: int = 200, seed: int = 1, say: Callable[[str], None] = lambda _: None
) -> list[dict]:
    """Rows for ``sizes``, each with ``messages`` hits and as many misses."""
    return [asdict(_measure(size, messages, seed, say)) for size in sizes]


def _measure(size: int, messages: int, seed: int, say: Callable[[str], None]) -> Row:
    rng = random.Random(seed)
    say(f"{size} rules: making them")
    before = _resident_mib()
    made = list(make_rules(rng, size))
    began = time.perf_counter()
    engine = RuleSet.build(
        (rule for rule, _ in made), progress=lambda done, of: say(f"{size} rules: {done} of {of} analysed")
    )
    build_s = time.perf_counter() - began
    memory = _resident_mib() - before
    say(f"{size} rules: loop and engine, {messages} hits and {messages} misses")
    loop = [(re.compile(rule.patterns[0].text), rule.id) for rule, _ in made]
    hits = _time_each([example for _, example in rng.choices(made, k=messages)], loop, engine)
    misses = _time_each(list(_missing(rng, engine, messages)), loop, engine)
    del loop
    say(f"{size} rules: edit and restart through the store")
    warm_s, edit_ms = _through_the_store([rule for rule, _ in made])
    both = sorted([*hits.engine, *misses.engine])
    return Row(
        rules=size,
        hit_ratio=round(_p(hits.loop, 50) / _p(hits.engine, 50), 1),
        miss_ratio=round(_p(misses.loop, 50) / _p(misses.engine, 50), 1),
        hit_ratio_with_normalise=round(
            (_p(hits.loop, 50) + hits.normalise) / (_p(hits.engine, 50) + hits.normalise), 1
        ),
        miss_ratio_with_normalise=round(
            (_p(misses.loop, 50) + misses.normalise) / (_p(misses.engine, 50) + misses.normalise), 1
        ),
        loop_hit_p50_us=_us(_p(hits.loop, 50)),
        loop_miss_p50_us=_us(_p(misses.loop, 50)),
        p50_us=_us(_p(both, 50)),
        p99_us=_us(_p(both, 99)),
        hit_p50_us=_us(_p(hits.engine, 50)),
        hit_p99_us=_us(_p(hits.engine, 99)),
        miss_p50_us=_us(_p(misses.engine, 50)),
        miss_p99_us=_us(_p(misses.engine, 99)),
        normalise_us=_us((hits.normalise + misses.normalise) / 2),
        build_s=round(build_s, 2),
        warm_s=round(warm_s, 2),
        edit_ms=round(edit_ms, 1),
        memory_mib=round(memory, 1),
    )


@dataclass(frozen=True, slots=True)
class _Times:
    """Seconds of each message, ascending; ``normalise`` is the median of normalising alone."""

    loop: list[float]
    engine: list[float]
    normalise: float


def _time_each(texts: list[str], loop: list[tuple[re.Pattern[str], str]], engine: RuleSet) -> _Times:
    """Loop and engine take turns, BLOCK new messages each, so that neither profits from a quieter machine."""
    by_loop: list[float] = []
    by_engine: list[float] = []
    normalising: list[float] = []
    for at in range(0, len(texts), BLOCK):
        messages = _timed(normalise, texts[at : at + BLOCK], normalising)
        expected = _timed(lambda message: _first(loop, message), messages, by_loop)
        found = _timed(engine.match, messages, by_engine)
        names = [match.rule_id if match else None for match in found]
        if names != expected:
            raise AssertionError(f"the engine says {names}, the loop {expected}")
    return _Times(sorted(by_loop), sorted(by_engine), sorted(normalising)[len(normalising) // 2])


def _timed[T, R](work: Callable[[T], R], items: list[T], seconds: list[float]) -> list[R]:
    """The results; the time of each call is added to ``seconds``."""
    results = []
    for item in items:
        before = time.perf_counter()
        results.append(work(item))
        seconds.append(time.perf_counter() - before)
    return results


def _first(loop: list[tuple[re.Pattern[str], str]], message: Normalised) -> str | None:
    text = message.text
    for pattern, name in loop:
        if pattern.search(text):
            return name
    return None


def make_rules(rng: random.Random, size: int) -> Iterator[tuple[Rule, str]]:
    """``size`` different rules in the mix of SHARES, each with a message that it answers, shuffled."""
    made: dict[str, str] = {}
    for shape, share in SHARES.items():
        goal = len(made) + max(1, round(size * share))
        while len(made) < goal:
            pattern, example = SHAPES[shape](rng)
            made.setdefault(pattern, example)
    pairs = list(made.items())[:size]
    rng.shuffle(pairs)
    for at, (pattern, example) in enumerate(pairs):
        yield Rule(f"r{at}", (Pattern("regex", pattern),), (f"答复{at}",), position=at), example


def _sentence(rng: random.Random) -> str:
    return "".join(map(rng.choice, (OPENINGS, VERBS, COLOURS, GOODS, ENDINGS)))


def _anchored(rng: random.Random) -> tuple[str, str]:
    text = _sentence(rng)
    return f"^{text}$", text


def _number(rng: random.Random) -> tuple[str, str]:
    start, end = rng.choice(OPENINGS) + rng.choice(VERBS), rng.choice(COLOURS) + rng.choice(GOODS) + rng.choice(ENDINGS)
    unit = rng.choice("件个台套张盒")
    return rf"^{start}\d+{unit}{end}$", f"{start}{rng.randint(1, 99)}{unit}{end}"


def _gap(rng: random.Random) -> tuple[str, str]:
    start = rng.choice(OPENINGS) + rng.choice(VERBS) + rng.choice(COLOURS)
    end = rng.choice(GOODS) + rng.choice(ENDINGS)
    return f"{start}.*{end}", f"{start}一下你家那款{end}啊"


def _contains(rng: random.Random) -> tuple[str, str]:
    text = rng.choice(VERBS) + rng.choice(COLOURS) + rng.choice(GOODS) + rng.choice(ENDINGS)
    return text, f"就是{text}的问题"


def _optional(rng: random.Random) -> tuple[str, str]:
    start, goods, end = (
        rng.choice(OPENINGS) + rng.choice(VERBS),
        rng.choice(COLOURS) + rng.choice(GOODS),
        rng.choice(ENDINGS),
    )
    return f"^{start}(这个|那个)?{goods}{end}啊?$", f"{start}那个{goods}{end}"


def _no_literal(rng: random.Random) -> tuple[str, str]:
    low, letters = rng.randint(6, 40), rng.randint(1, 12)
    return rng.choice(
        [
            (rf"^\d{{{low},{low + letters}}}$", "8" * low),
            (rf"^[a-z]{{{letters}}}\d{{{low}}}$", "k" * letters + "7" * low),
            (rf"[a-z]{{{letters}}}-?\d{{{low}}}", "订单q" + "x" * letters + "6" * low),
            (rf"\d{{{low}}}[a-z]{{{letters},}}", "单号" + "5" * low + "m" * letters),
        ]
    )


SHAPES: dict[str, Callable[[random.Random], tuple[str, str]]] = {
    "anchored": _anchored,
    "number": _number,
    "gap": _gap,
    "contains": _contains,
    "optional": _optional,
    "no_literal": _no_literal,
}


def _missing(rng: random.Random, engine: RuleSet, count: int) -> Iterator[str]:
    """New messages of the same words that no rule answers."""
    while count:
        words = (VERBS, GOODS, ENDINGS, COLOURS, OPENINGS)
        text = "".join(rng.choice(rng.choice(words)) for _ in range(rng.randint(3, 6))) + rng.choice(
            ("", "", "", "12号", "v2")
        )
        if text and engine.match(normalise(text)) is None:
            count -= 1
            yield text


def _through_the_store(rules: list[Rule]) -> tuple[float, float]:
    """Seconds of a start with kept plans, and milliseconds until an edit is answered (worst of 20)."""
    with TemporaryDirectory(prefix="kefu-bench-") as folder:
        db = Database(f"sqlite:///{Path(folder) / 'rules.sqlite'}")
        db.migrate()
        with db.write() as connection:
            shop = create_shop(connection, "bench").id
            save_rules(connection, shop, rules)
        first = RuleSets(db)
        first.current(shop)
        first.close()
        began = time.perf_counter()
        sets = RuleSets(db)
        sets.current(shop)
        warm = time.perf_counter() - began
        worst = max(_edit(db, sets, shop, number) for number in range(20))
        sets.close()
        db.close()
    return warm, worst * 1000


def _edit(db: Database, sets: RuleSets, shop: int, number: int) -> float:
    text = f"这是第{number}条新加的话"
    with db.write() as connection:
        save_rule(connection, shop, Rule(f"r{number}", (Pattern("regex", f"^{text}$"),), ("好",)))
    began = time.perf_counter()
    found = sets.current(shop).match(normalise(text))
    took = time.perf_counter() - began
    if found is None or found.rule_id != f"r{number}":
        raise AssertionError("the edit is not visible")
    return took


def _p(ascending: list[float], percent: int) -> float:
    return ascending[min(len(ascending) - 1, len(ascending) * percent // 100)]


def _us(seconds: float) -> float:
    return round(seconds * 1e6, 1)


def _resident_mib() -> float:
    """Resident memory of this process; 0 where the system does not tell."""
    gc.collect()
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * 4096 / 2**20
    except OSError:
        return 0.0
