"""The outgoing guard: what it catches, what it lets through, and streaming exactly as the whole."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kefu.core.guard import HOLD, Facts, Guard, GuardSettings, GuardStream
from kefu.core.voice import Voice
from kefu.errors import BadInput

VOICE = Voice("小星", "星河数码")
GUARD = Guard.build(GuardSettings(allowed=("400-820-8820", "https://shop.example.com/help")), VOICE)
FACTS = Facts.of(["预计明天送达，价格99元，库存12件，24小时内发货"])

CAUGHT = [
    ("我是ChatGPT。", "identity", "我是星河数码的小星。"),
    ("我是由阿里云开发的通义千问", "identity", "我是星河数码的小星"),
    ("我是通义千问，由阿里云独立研发的语言模型，请讲。", "identity", "我是星河数码的小星，请讲。"),
    ("我是阿里巴巴集团旗下的通义实验室自主研发的超大规模语言模型。", "identity", "我是星河数码的小星。"),
    ("我是Qwen（通义千问），是阿里云的大模型，您请讲", "identity", "我是星河数码的小星，您请讲"),
    ("您好，这里是豆包，很高兴为您服务", "identity", "您好，我是星河数码的小星，很高兴为您服务"),
    ("我是文心一言，百度研发的", "identity", "我是星河数码的小星"),
    ("我叫通义，是阿里的！", "identity", "我是星河数码的小星！"),
    ("我背后的模型是DeepSeek-V3，好的", "identity", "我是星河数码的小星，好的"),
    ("我是小星，由深度求索公司开发", "identity", "我是小星，由星河数码打造"),
    ("OpenAI训练了我", "identity", "我是星河数码的小星"),
    ("通义千问。", "identity", "我是星河数码的小星。"),
    ("I'm Qwen, created by Alibaba Cloud. Hi!", "identity", "我是星河数码的小星. Hi!"),
    ("I am Qwen, a large language model created by Alibaba Cloud.", "identity", "我是星河数码的小星."),
    ("As an AI developed by OpenAI, I can't", "identity", "As an AI built by 星河数码, I can't"),
    ("As ChatGPT, I cannot", "identity", "我是星河数码的小星, I cannot"),
    ("作为一个大语言模型，我无法", "identity", "我是星河数码的小星，我无法"),
    ("我是一个由OpenAI训练的语言模型", "identity", ""),
    ("我叫DeepSeek助手", "identity", ""),
    ("I am Qwen, created by Alibaba", "identity", ""),
    ("Chat\u200bGPT 是我", "identity", ""),
    ("我是ＣｈａｔＧＰＴ", "identity", ""),
    ("今天一定能发货哦", "promise_time", "尽快安排发货哦"),
    ("48小时内发货", "promise_time", ""),
    ("后天就能到", "promise_time", ""),
    ("保证3天内送达", "promise_time", ""),
    ("半小时内回复您", "promise_time", ""),
    ("现价88元", "promise_price", "现价以商品页面显示的价格为准"),
    ("只要¥59.9", "promise_price", ""),
    ("给您打8折", "promise_price", ""),
    ("还剩3件", "promise_stock", ""),
    ("库存充足", "promise_stock", ""),
    ("黑色有现货", "promise_stock", ""),
    ("请加微信abc12345", "contact", ""),
    ("qq：123456789", "contact", ""),
    ("邮箱 a.b@c.com", "contact", ""),
    ("电话13812345678", "phone", "电话******"),
    ("138 1234 5678", "phone", ""),
    ("０５７１-88888888", "phone", ""),
    ("看https://evil.com/a?b=1 好", "url", "看****** 好"),
    ("www.evil.cn", "url", ""),
    ("evil-shop.com 下单", "url", ""),
    ("全网最低价", "forbidden", "****价"),
    ("全 网 最 低", "", ""),
]


@pytest.mark.parametrize(("text", "kind", "said"), CAUGHT)
def test_caught(text: str, kind: str, said: str) -> None:
    verdict = GUARD.check(text)
    assert [finding.kind for finding in verdict.findings][:1] == ([kind] if kind else [])
    assert not said or verdict.text == said
    for finding in verdict.findings:
        assert text[finding.start : finding.end] == finding.word


@pytest.mark.parametrize(
    "text",
    [
        "我不是通义千问，我是小星",
        "我并不是由阿里云开发的",
        "您是想问我是不是通义千问吗？",
        "我是ChatGPT吗？不是的",
        "很多人以为我是ChatGPT，其实不是",
        "我和通义千问没有关系",
        "您问的通义千问是阿里云的模型，与本店无关",
        "DeepSeek和豆包哪个好我不太清楚",
        "这里是谷歌手机专区",
        "我来查一下谷歌手机的库存",
        "作为百度合作商家，我们支持退货",
        "I'm not ChatGPT, I'm the shop's assistant.",
        "I am not developed by OpenAI",
        "Do you want to know whether I am Qwen?",
        "This case is as good as Google's.",
        "您好，很高兴为您服务",
        "明天有货吗？我帮您查一下",
        "这款支持七天无理由退货",
        "没有货了",
        "请拨打400-820-8820",
        "请看https://shop.example.com/help",
        "订单号是6680012345678901",
        "我是小星，星河数码的智能客服",
        "折叠桌有两块板",
        "尺码是175，重2.5kg",
        "USB3.2接口，速度10Gbps",
        "请稍等，我帮您转人工",
        "暂不确定，需要人工帮您核实",
        "有货的话我通知您",
        "",
        "😀",
    ],
)
def test_let_through(text: str) -> None:
    assert GUARD.check(text).findings == ()
    assert GUARD.check(text).text == text


def test_a_shop_may_have_a_maker_s_name() -> None:
    guard = Guard.build(GuardSettings(), Voice("豆包", "百度优选"))
    assert guard.check("我是百度优选的豆包").findings == ()
    assert guard.check("我是百度优选的通义千问").text == "我是百度优选的豆包"


def test_a_promise_that_the_data_make_passes() -> None:
    for text in ("明天就能到", "24小时内发货", "二十四小时内发货", "价格99元", "价格99.00元", "库存有12件，还剩12件"):
        assert GUARD.check(text, FACTS).findings == (), text


def test_a_promise_with_another_number_does_not() -> None:
    for text in ("后天就能到", "12小时内发货吧", "价格98元", "还剩120件"):
        caught = GUARD.check(text, FACTS)
        assert caught.findings or text == "12小时内发货吧", text


def test_a_contact_in_the_facts_may_be_repeated() -> None:
    facts = Facts.of(["退货寄到仓库，电话13800001111"])
    assert GUARD.check("电话13800001111", facts).findings == ()
    assert GUARD.check("电话13800001112", facts).findings != ()
    promised = Facts.of(["今天发货，电话13800001111"], contacts=False)
    assert [f.kind for f in GUARD.check("今天发货，电话13800001111", promised).findings] == ["phone"]


def test_a_foreign_page_that_contains_ours_is_no_permission() -> None:
    assert GUARD.check("https://evil.com/shop.example.com/help").findings != ()
    assert GUARD.check("https://shop.example.com.evil.com/help").findings != ()


def test_each_action() -> None:
    text = "加微信abc12345，全网最低"
    for action, said in (("mask", "加******，****"), ("pass", text)):
        every = dict.fromkeys(("contact", "forbidden"), action)
        assert Guard.build(GuardSettings(actions=every), VOICE).check(text).text == said
    replaced = GuardSettings(actions={"contact": "replace", "forbidden": "replace"}, replace={"contact": "在线客服"})
    assert Guard.build(replaced, VOICE).check(text).text == "加在线客服，"
    handed = Guard.build(GuardSettings(actions={"contact": "hand_off"}), VOICE).check(text)
    assert handed.hand_off
    assert handed.text == "这个问题需要人工客服为您确认，正在转接，请稍候～"


def test_switched_off_it_changes_nothing() -> None:
    guard = Guard.build(GuardSettings(enabled=False), VOICE)
    assert guard.check("我是ChatGPT，电话13812345678").text == "我是ChatGPT，电话13812345678"
    assert GuardStream(guard).feed("我是") == "我是"


PIECES = [text for text, _, _ in CAUGHT] + [
    "我是",
    "通义千问",
    "，由阿里云研发",
    "吗？",
    " created by ",
    "您好",
    "，",
    "。",
    " ",
    "！！！",
    "\u200b",
    "https://evil.com/" + "a" * 80,
    "明天到",
]


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(PIECES) | st.text(max_size=6), max_size=8), st.integers(1, 40), st.booleans())
def test_a_stream_is_decided_as_the_whole(pieces: list[str], size: int, know: bool) -> None:
    text = "".join(pieces)
    facts = FACTS if know else Facts()
    stream = GuardStream(GUARD, facts)
    sent = "".join(stream.feed(text[i : i + size]) for i in range(0, len(text), size)) + stream.flush()
    verdict = GUARD.check(text, facts)
    assert sent == verdict.text
    assert tuple(stream.findings) == verdict.findings


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="您好请问商品颜色尺码，。", max_size=200))
def test_no_character_waits_for_more_than_thirty_others(text: str) -> None:
    stream = GuardStream(GUARD)
    sent = 0
    for count, character in enumerate(text, start=1):
        sent += len(stream.feed(character))
        assert count - sent <= HOLD
    assert sent + len(stream.flush()) == len(text)


def test_a_hand_off_in_mid_stream_withholds_the_rest() -> None:
    guard = Guard.build(GuardSettings(actions={"phone": "hand_off"}), VOICE)
    stream = GuardStream(guard)
    text = "您好，" * 20 + "电话13812345678，还有" + "很多话" * 30
    sent = "".join(stream.feed(character) for character in text)
    assert "138" not in sent
    assert stream.hand_off
    assert stream.flush() == guard.sentence


def test_long_texts_are_screened_in_one_go() -> None:
    text = "您好，这款商品很受欢迎。" * 800 + "电话13812345678"
    verdict = GUARD.check(text)
    assert [finding.kind for finding in verdict.findings] == ["phone"]


@pytest.mark.parametrize(
    "data",
    [
        {"forbidden": ["长" * 31]},
        {"forbidden": [" "]},
        {"forbidden": "x"},
        {"actions": {"phone": "explode"}},
        {"actions": {"colour": "mask"}},
        {"replace": {"colour": ""}},
        {"enabled": "yes"},
        {"allowed": [1]},
        {"nothing": 1},
    ],
)
def test_wrong_settings_are_refused(data: dict) -> None:
    with pytest.raises(BadInput):
        GuardSettings.from_dict(data)
