"""What a customer types bit by bit is put together from the turns before."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from kefu.core.decide import Asked, Ports, decide
from kefu.core.decide.written.facts import UNSURE
from kefu.core.dialogue import State
from kefu.engine import TOOLS, Engine, ToolRequest
from kefu.engine.nodes import choose_class
from kefu.gateway.local import answer_locally
from kefu.gateway.nodes import ClassifierRequest, NodeClass
from kefu.store.conversations import list_turns
from kefu.store.shops import Shop


def talk(engine: Engine, shop: Shop, conversation: str, *texts: str) -> list[dict[str, Any]]:
    """What `understand` says to each message of one conversation."""
    return [TOOLS["understand"](engine, shop, ToolRequest(text, conversation, "", "", {})) for text in texts]


TALKS = {
    "a day after a place": (["飞岩D4笔记本16的还有吗", "送到苏州几天", "周一能到不"], "可以的"),
    "one of the products offered": (["我想买内存", "笔记本的", "d4 16"], "飞岩 DDR4 笔记本内存条（16GB）有现货"),
    "a code of an offered product": (["今天能到杭州吗", "键盘", "Q87红轴黑色"], "Q87 机械键盘（黑色 红轴）有现货"),
    "said before it was asked": (["有货吗", "16g的", "笔记本用的", "DDR5"], "DDR5 笔记本内存条（16GB）有现货"),
    "a kind, a name, a size, a place": (["固态硬盘有吗", "x7", "1t", "到南京几天"], "X7 NVMe 固态硬盘（1TB）有现货"),
    "what is ruled out": (["双肩包有货吗", "不要黑色"], "中号 灰色现货25个、小号 灰色现货54个"),
    "four digits to the question for them": (["查下我的订单", "202611190004", "8765"], "由顺丰速运承运"),
    "the digits before the number": (["查下我的订单，尾号8765", "202611190004"], "由顺丰速运承运"),
    "a number taken back": (["查单", "202611190006", "不对，是202611190004", "8765"], "由顺丰速运承运"),
    "the one offered that comes in a colour": (["想要个送女朋友的键盘", "粉色的有吗"], "薄玉 蓝牙键盘（粉色）有现货"),
    "those offered that come in a colour": (
        ["想买个鼠标", "白色的有没"],
        "请问您要的是灵雀 L1 无线鼠标，还是灵雀 G5 游戏鼠标",
    ),
    "a value alone offers what has it": (["32g的有吗", "d4台式的"], "DDR4 台式机内存条（32GB）有现货"),
    "a choice keeps the question": (["买两根32g的多少钱", "d4台式的"], "DDR4 台式机内存条（32GB）价格是"),
    "a value of what a manual was asked for": (["笔记本支架承重多少", "银色还有几个"], "笔记本支架（银色）有现货"),
    "when it would be sent, before buying": (["hdmi线3米的有吗", "能今天发吗", "成都"], "送达成都"),
    "words of asking are no name": (["想问下雀影鼠标多少钱"], "没有查到“雀影鼠标”"),
    "how many together is no name": (["Q87红轴黑色有吗", "一共多少钱"], "Q87 机械键盘（黑色 红轴）价格是"),
    "a device by a name without a number": (["65瓦充电器给macbook air能用吗"], "暂时没有“macbook air”这个机型"),
    "what was asked before, in writing": (["花呗分期呢", "可以分几期"], "3、6、12期分期"),
    "past the warranty": (["怎么保修", "过保了呢"], "质保"),
    "what differs between values": (["键盘青轴和红轴有啥区别"], "白色 青轴"),
    "which of what was shown": (["Q87键盘有吗", "办公用哪个好"], "青键 Q87 机械键盘。热插拔"),
    "which of two is faster": (["x7和x9哪个快"], "X7 NVMe 固态硬盘"),
    "a list without commas": (["Q104灰色 L1白色 x9 1t 都有吗"], "L1 无线鼠标（白色）有现货，目前库存156个"),
    "so many of each of a list": (["Q104灰色两个 L1三个 一共多少钱"], "合计975.00元。请问您要哪一款？"),
    "a list of what only words tell": (["要DDR4笔记本16G一条 DDR5笔记本32G一条"], "DDR5 笔记本内存条（32GB）有现货"),
    "a value tells what words leave open": (["DDR5笔记本16G有吗"], "DDR5 笔记本内存条（16GB）有现货"),
    "which of each": (["键盘三个 鼠标两个 有吗"], "灵雀 V2 竖握鼠标。请问分别要哪一款？"),
    "the price of what was compared": (["x7和x9哪个快", "1t的多少钱"], "X9 PCIe5 固态硬盘"),
    "a word of degree compares nothing": (["Q87红轴黑色有吗", "我比较急，明天能到杭州吗"], "送达杭州"),
    "prices of the capacity asked for": (["16g的内存条有吗", "多少钱"], "飞岩 DDR4 笔记本内存条（16GB）239.00元"),
    "the cheapest of that capacity": (
        ["1T的固态多少钱", "最便宜的是哪个"],
        "最便宜的是迅岭 2.5 寸 SATA 固态硬盘（1TB）",
    ),
    "so many of any of them": (["U盘多少钱 要5个", "明天能到杭州吗"], "（128GB）：可以的，今天"),
    "a capacity is sent, not all": (
        ["你们的内存条16g多少钱", "要两条", "发成都几天到"],
        "预计明天（11月21日）送达成都市；另外松溪 DDR4 2666 笔记本内存条（16GB）目前缺货",
    ),
    "a capacity and a place before the name": (
        ["1T的固态多少钱", "发哈尔滨什么时候到", "要两块", "X7的"],
        "X7 NVMe 固态硬盘（1TB）有现货",
    ),
    "how many, before which": (["内存条16g要两条", "飞岩ddr5笔记本的", "一共多少钱"], "2条共658.00元"),
    "how many of what are counted in 块": (["迅岭x7 1t的多少钱", "要两块", "一共多少"], "2块共998.00元"),
    "a rose is a thank-you": (["Q87红轴黑色有吗", "🌹"], "不客气"),
    "a face as chats write it": (["Q87红轴黑色有吗", "[玫瑰][玫瑰]"], "不客气"),
    "said over and over": (["在吗在吗"], "请问想看哪款商品"),
    "what costs no more": (["一百以内的键盘有吗"], "这个价位有现货的有：青键 外接数字小键盘，49.00元"),
    "nothing costs so little": (["十块以内的键盘"], "这个价位的目前没有现货，有现货的里面最便宜的是"),
    "a budget": (["鼠标有哪些", "预算一百"], "这个价位有现货的有：灵雀 L1"),
    "what fits the device of before": (["ThinkPad T480能用哪种内存", "那固态呢"], "适合联想 ThinkPad T480的固态硬盘有"),
    "which year of a model": (
        ["拯救者Y7000P能换内存吗"],
        "请问您的Y7000P是哪一年的？店里的资料按年款分：2019款；2020款",
    ),
    "the year that was asked": (["拯救者Y7000P能换内存吗", "2020的"], "适合联想拯救者 Y7000P 2020的内存条有"),
    "what fits a device that was only named": (["我的电脑是T480", "固态"], "适合联想 ThinkPad T480的固态硬盘有"),
    "a larger one for the device of before": (
        ["小新pro14 2022能加内存不", "那换个大点的固态行吗"],
        "适合联想小新 Pro14 2022的固态",
    ),
    "prices of what was listed": (
        ["ThinkPad T480能用哪种固态", "512的多少钱"],
        "X3 NVMe 固态硬盘（512GB）229.00元",
    ),
    "the price of a kind": (["鼠标多少钱"], "灵雀 G5 游戏鼠标249.00元"),
    "a number in a sentence is no device": (["内存条4800和5600能一起装笔记本上吗"], "请问您的"),
    "a make with a number is one": (["戴尔5559能用内存条吗"], "暂时没有“戴尔5559”这个机型"),
    "a sentence about a device is not its name": (["我mac air只有两个口，扩展坞能用吗"], "“mac air”这个机型"),
    "how different goods differ": (["分线器和扩展坞有啥区别"], "汇泊 H7 七合一扩展坞。"),
    "what a warranty says of one more fact": (["鼠标滚轮不太灵了，保修吗", "买了快一年了"], "键盘、鼠标两年"),
    "an order proved once stays known": (["202611190004 尾号8765 看下物流", "现在到哪了"], "由顺丰速运承运"),
    "when the order shown arrives": (["202611190004 尾号8765 看下物流", "什么时候能到"], "由顺丰速运承运"),
    "a number alone asks for the digits": (["202611190004"], "麻烦您提供一下下单手机号的后四位"),
    "wrong digits find nothing": (["202611190004", "1111"], "没有查到属于您的订单202611190004"),
    "an order in a talk about a refund": (["不想要了，怎么退款", "202611190004，手机尾号8765"], "由顺丰速运承运"),
    "bare digits beside the number": (["不想要了，怎么退款", "202611190004 8765"], "由顺丰速运承运"),
    "a number after a rule's answer": (["请发货", "202611200001 尾号1234 啥时候发"], "承诺"),
    "when the order shown arrives where I am": (
        ["202611190004 尾号8765 看下物流", "预计哪天到啊 我在成都"],
        "由顺丰速运承运",
    ),
    "what else is asked after an order": (["202611190004 尾号8765 看下物流", "能不能开专票啊"], "增值税专用发票"),
    "an edition beside an alias": (["小新pro14 2021能加内存条吗"], "2021"),
    "a colour is the store's to know": (["这款键盘蓝牙怎么切换", "有粉色吗"], "（粉色）有现货"),
    "a value goes on about the question": (["显示器收到有亮点", "两个"], "1个亮点或3个暗点"),
    "what to do about what was said": (["收到货少了一个", "怎么办"], "48小时内拍外箱面单"),
    "an order of yesterday": (["昨天下的单今天能到吗 杭州的"], "麻烦您提供一下订单号"),
    "an order that is still to come": (["今天下单后天能到杭州吗"], "送达杭州市"),
    "a barcode is no order": (["6999000000186还有吗"], "X7 NVMe 固态硬盘（1TB）有现货"),
    "what sending costs": (["我地址是乌鲁木齐的 能发吗", "加运费么"], "新疆、西藏满199元包邮"),
    "a question after a greeting": (["你好，请问怎么下单呀"], "立即购买"),
    "a greeting in two words": (["你好 有人不"], "我是砚木数码的小砚"),
    "what is written of a device's parts": (["台式机的条子笔记本能用吗"], "不能互插"),
    "a wish is no question for advice": (["我想加内存"], "请问您的设备是什么品牌和型号"),
    "a processor is no model": (["想问下 D5内存 7840HS的本子能用吗"], "7840HS是处理器的型号"),
    "a model number alone": (["h7还有吗"], "汇泊 H7 七合一扩展坞"),
    "a model number after its kind": (["扩展坞H7多少钱"], "汇泊 H7 七合一扩展坞"),
    "what the last answer was about": (["你们家的线支持100w快充不", "两米的多钱"], "（2米）价格是45.00元"),
    "a change of an order that was shown": (["订单202611190004 尾号8765", "能改地址吗"], "修改地址"),
    "an order that is to be stopped": (["订单202611190004 尾号8765", "帮我取消"], "直接取消"),
    "a change before any order was shown": (["怎么改地址啊 写错了"], "修改地址"),
    "a state after a change": (["订单202611190004 尾号8765", "能改地址吗", "那现在到哪了"], "由顺丰速运承运"),
    "a size that no disk has": (["有931G的X9吗"], "没有“931G”这个规格"),
    "what is sold here": (["你们店主要卖啥的呀"], "店里有固态硬盘、"),
    "what else is sold": (["键盘有吗", "你们还卖什么别的"], "店里有固态硬盘、"),
    "a present for a budget": (
        ["送男朋友的礼物 三百以内"],
        "这个价位有现货的有：青键 Q87 机械键盘（白色 红轴），269.00元",
    ),
    "what was found for a budget": (["送男朋友的礼物 三百以内", "键盘吧", "茶轴有货吗"], "（黑色 茶轴）有现货"),
    "about so much": (["有没有100块左右的"], "这个价位有现货的有："),
    "nothing costs so much": (["2000以上的有什么"], "这个价位的目前没有现货，有现货的里面最贵的是"),
    "the cheapest of the shop": (["最便宜的多少钱"], "最便宜的是直川 SATA3 硬盘数据线"),
    "no price of goods": (["100以内包邮吗"], "满59元全国包邮"),
    "a present that was bought": (["想退掉 买的礼物不合适"], "7天内"),
    "what must fit is asked for its device": (["T480用什么内存好"], "适合联想 ThinkPad T480的内存条有"),
    "goods beside a farewell": (["显示器到哈尔滨几天", "算了太慢了 U盘呢"], "U 盘"),
    "a courier after a place": (["Q87红轴黑色到杭州几天", "顺丰可以不"], "默认发中通或圆通"),
    "a courier for goods": (["Q87红轴黑色多少钱", "发顺丰不"], "默认发中通或圆通"),
    "today, after goods and a manual": (["Q87红轴黑色有吗", "保修多久", "都今天发得了不"], "前付款"),
    "so many after a question": (["Q87红轴黑色有吗", "保修多久 我要两个"], "您要的2"),
    "a part that is sold apart or not": (["Q104灰色有吗", "接收器丢了能单买一个吗"], "Q104"),
    "a sentence is not said back as a name": (["雀影那个会发光能转圈还带遥控的玩意还有货吗"], "店里有固态硬盘、"),
}


@pytest.mark.parametrize("name", TALKS)
def test_the_last_answer_knows_what_was_said_before(sample_engine: Engine, sample_shop: Shop, name: str) -> None:
    texts, wanted = TALKS[name]
    replies = [said["reply"] for said in talk(sample_engine, sample_shop, "talk", *texts)]
    assert wanted in replies[-1], replies


SEVERAL_THINGS = {
    "knowledge twice": ("你们发什么快递？能开专票吗", ["默认发中通或圆通", "增值税专用发票"], ""),
    "use and returns": ("内存条怎么装，坏了能退吗", ["先关机并拔掉电源", "退"], ""),
    "stock and a rule": ("U盘还有吗，能便宜点吗", ["活动价", "64GB现货"], ""),
    "what is open comes last": ("键盘有白色的吗，保修多久", ["键盘鼠标两年", "请问您要的是"], ""),
    "an order and an invoice": ("我的订单202611190004到哪了，能开发票吗", ["申请开票", "手机号的后四位"], ""),
    "half of it unknown": (
        "今天下单后天能到广州吗，退货要钱吗",
        ["送达广州市", "“退货要钱吗”"],
        "unknown_question",
    ),
    "one thing in two halves": ("Q87红轴黑色有吗，明天能到杭州吗", ["（黑色 红轴）有现货", "送达杭州市"], ""),
    "five, three of them about one thing": (
        "在不 Q87红轴黑色多少钱 有货吗 到杭州几天 能开专票吗 保修多久",
        ["价格是259.00元，有现货", "送达杭州市", "增值税专用发票", "键盘鼠标两年"],
        "",
    ),
    "what is not had is said, too": ("鼠标红色有货吗 能开发票吗", ["申请开票", "没有“红色”"], ""),
    "goods and a courier": ("Q87红轴黑色有货吗 多少钱 发顺丰不", ["价格是259.00元，有现货", "默认发中通或圆通"], ""),
    "a greeting is no question": ("你好，请问在吗，U盘有货吗", ["64GB现货"], ""),
}


@pytest.mark.parametrize("name", SEVERAL_THINGS)
def test_several_things_at_once_are_all_heard(sample_engine: Engine, sample_shop: Shop, name: str) -> None:
    text, wanted, reason = SEVERAL_THINGS[name]
    (said,) = talk(sample_engine, sample_shop, f"several {name}", text)
    places = [said["reply"].find(part) for part in wanted]
    assert -1 not in places, said["reply"]
    assert places == sorted(places)
    assert (said["needs_llm"], said["handoff_reason"]) == (False, reason)


def test_what_is_left_of_several_things_is_for_a_model_that_reads_the_answers(
    sample_engine: Engine, sample_shop: Shop
) -> None:
    text = "Q87红轴黑色多少钱 明天能到杭州吗 声音大不大 能开专票吗"
    turn = sample_engine.turn(sample_shop, Asked(text, "in part", sample_engine.clock()), tool="understand")
    assert turn.decision.needs_llm
    reply = answer_locally([{"role": "system", "content": turn.decision.context}, {"role": "user", "content": text}])
    assert "价格是259.00元" in reply
    assert "增值税专用发票" in reply
    assert "另外问的这边暂不确定" in reply


UNANSWERED = {
    "another product's manual": ["耳机左边没声音了"],
    "what the last answer does not say": ["耳机左边没声音了", "换个电脑也一样"],
    "another service": ["能上门安装吗"],
}


@pytest.mark.parametrize("name", UNANSWERED)
def test_what_nobody_wrote_down_reaches_a_person(sample_engine: Engine, sample_shop: Shop, name: str) -> None:
    said = talk(sample_engine, sample_shop, "nobody", *UNANSWERED[name])
    assert said[-1]["route"] in ("human", "human_active"), said[-1]
    assert any(one["handoff_reason"] for one in said)


def test_what_is_only_near_is_left_to_a_model_and_shown_to_the_owner(sample_engine: Engine, sample_shop: Shop) -> None:
    asked = Asked("东西收到没开封能退不", "near", sample_engine.clock())
    turn = sample_engine.turn(sample_shop, asked, tool="understand")
    assert (turn.decision.needs_llm, turn.decision.reply) == (True, UNSURE)
    assert "【" in turn.decision.context
    assert answer_locally([{"role": "system", "content": turn.decision.context}]) == UNSURE
    with sample_engine.db.read() as connection:
        recorded = list_turns(connection, sample_shop.id, conversation_id="near")
    assert [one.unanswered for one in recorded] == [True]


LIKENESS = {
    "what to buy": (["推荐个键盘 打字用"], "青键 Q87 机械键盘"),
    "what to choose of a kind": (["打游戏用什么鼠标好"], "<资料 首条=最相关>\n【灵雀 G5 游戏鼠标】"),
    "a height": (["灯条有多高，我那风冷压得低"], "飞岩幻彩 DDR5 台式机灯条"),
    "a wish for an engraving": (["金属优盘上能不能给刻个我闺女的名字"], "迅岭 金属 U 盘"),
    "what one of that size has": (["24寸办公那台自己有喇叭没"], "澄屏 24 寸办公显示器"),
    "what was bought": (["硬盘买回来只有931G 是不是假货"], "固态硬盘"),
    "what is wanted of those compared": (["小键盘跟q104哪个好", "我主要办公用"], "青键 Q104 无线机械键盘"),
}


@pytest.mark.parametrize("name", LIKENESS)
def test_what_a_thing_is_like_is_no_question_for_its_stock(sample_engine: Engine, sample_shop: Shop, name: str) -> None:
    texts, wanted = LIKENESS[name]
    said = talk(sample_engine, sample_shop, f"like {name}", *texts)[-1]
    assert (said["route"], said["needs_llm"]) == ("llm", True), said
    assert wanted in said["context"]


def test_a_model_is_told_what_day_it_is(sample_engine: Engine, sample_shop: Shop) -> None:
    """What an entry says of days (购买后7天内) can only be reckoned from today."""
    said = talk(sample_engine, sample_shop, "what day", "推荐个办公用的鼠标")[-1]
    assert "现在是2026年11月20日（周五）14:00。\n<资料" in said["context"]


@pytest.mark.parametrize(
    ("first", "then", "known"),
    [("花呗可以分期吗", "几期免息", "3期免手续费"), ("充电宝能带上飞机吗", "坐高铁呢", "小于100Wh")],
)
def test_what_follows_from_the_last_answer_is_a_model_s_to_say_or_a_person_s(
    sample_engine: Engine, sample_shop: Shop, first: str, then: str, known: str
) -> None:
    _, said, called = talk(sample_engine, sample_shop, f"follows {then}", first, then, "好的转吧")
    assert (said["needs_llm"], known in said["context"], known in said["reply"]) == (True, True, False)
    assert called["handoff_reason"] == "customer_request"


@pytest.mark.parametrize("text", ["亲，怎么下单呀", "好吧 怎么下单", "请问包邮吗亲", "嗯嗯，知道了"])
def test_courtesy_around_a_rule_costs_no_model(sample_engine: Engine, sample_shop: Shop, text: str) -> None:
    (said,) = talk(sample_engine, sample_shop, f"courtesy {text}", text)
    assert (said["route"], said["needs_llm"]) == ("rule", False)


@pytest.mark.parametrize("accepts", ["需要", "要的", "嗯，需要", "转", "麻烦转一下"])
def test_a_person_who_was_offered_comes_when_wanted(sample_engine: Engine, sample_shop: Shop, accepts: str) -> None:
    *_, said = talk(sample_engine, sample_shop, f"offer {accepts}", "你是机器人吧", accepts)
    assert said["handoff_reason"] == "customer_request"


@pytest.mark.parametrize("asked", ["装系统人工费呢", "装机人工多少钱", "要人工皮革的桌垫"])
def test_work_that_is_paid_for_calls_nobody_by_its_word(sample_engine: Engine, sample_shop: Shop, asked: str) -> None:
    (said,) = talk(sample_engine, sample_shop, f"labour {asked}", asked)
    assert said["handoff_reason"] != "customer_request"


def test_an_air_fryer_is_no_anger(sample_engine: Engine, sample_shop: Shop) -> None:
    (said,) = talk(sample_engine, sample_shop, "air fryer", "插排能带空气炸锅吗")
    assert said["handoff_reason"] != "angry_customer"


def test_a_wish_after_a_model_s_words_is_not_taken_for_a_person(sample_engine: Engine, sample_shop: Shop) -> None:
    """The model may have asked 要给您查库存吗; 需要 alone can only be meant for a person."""
    *_, wish = talk(sample_engine, sample_shop, "model wish", "x7和x9哪个快", "要的")
    *_, need = talk(sample_engine, sample_shop, "model need", "x7和x9哪个快", "需要")
    assert (wish["handoff_reason"] == "customer_request", need["handoff_reason"]) == (False, "customer_request")


@pytest.mark.parametrize("wish", ["改到上海市浦东新区世纪大道100号", "帮我改成灰色的"])
def test_what_only_people_can_change_reaches_them(sample_engine: Engine, sample_shop: Shop, wish: str) -> None:
    *_, said = talk(sample_engine, sample_shop, f"change {wish}", "订单202611190004 尾号8765", wish)
    assert said["handoff_reason"] == "policy"


def test_money_that_was_sent_back_and_has_not_come_is_for_a_person(sample_engine: Engine, sample_shop: Shop) -> None:
    shown, said = talk(sample_engine, sample_shop, "no money", "订单202611130017 尾号1212", "我没收到啊 都半个月了")
    assert ("退款" in shown["reply"], said["handoff_reason"]) == (True, "policy")


def test_a_manual_of_another_kind_of_thing_does_not_answer(sample_engine: Engine, sample_shop: Shop) -> None:
    (said,) = talk(sample_engine, sample_shop, "q104", "q104能连手机吗")
    assert "LQ-E3" not in said["reply"] + said["context"]


def test_an_answer_is_not_repeated_for_what_is_asked_on(sample_engine: Engine, sample_shop: Shop) -> None:
    first, second = talk(sample_engine, sample_shop, "on", "充电宝能带上飞机吗", "坐高铁呢")
    assert "小于100Wh" in first["reply"]
    assert "不能托运" not in second["reply"]


@pytest.mark.parametrize(("text", "wanted"), [("可以花呗吗", "3、6、12期"), ("退货运费谁承担", "无理由退货")])
def test_a_shop_too_large_for_meanings_is_answered_by_words_and_rules(
    sample_engine: Engine, sample_shop: Shop, text: str, wanted: str
) -> None:
    parts = sample_engine.snapshots.of(sample_shop.id).parts
    large = replace(parts, knowledge=parts.knowledge.with_senses(None))
    ports = Ports(stock=lambda _: {}, orders=lambda *_: pytest.fail("asked for an order"))
    decision = decide(large, Asked(text, "large", sample_engine.clock()), State(), ports)
    assert decision.route == "knowledge"
    assert wanted in decision.reply


def test_a_blank_message_leaves_a_handed_off_conversation_to_its_person(
    sample_engine: Engine, sample_shop: Shop
) -> None:
    *_, said = talk(sample_engine, sample_shop, "blank", "转人工", "   ", "\n\n", "😀")
    assert said["route"] == "human_active"


def test_a_complaint_in_plain_words_is_regretted(sample_engine: Engine, sample_shop: Shop) -> None:
    (said,) = talk(sample_engine, sample_shop, "plain", "你们的客服上次说的跟这次说的完全两个样")
    assert said["reply"].startswith("给您添麻烦了，非常抱歉。"), said


@pytest.mark.parametrize("text", ["哈哈 给我讲个笑话", "嗯嗯 陪我聊会儿天", "好无聊 讲个故事吧"])
def test_a_chat_with_a_laugh_before_it_calls_nobody(sample_engine: Engine, sample_shop: Shop, text: str) -> None:
    (said,) = talk(sample_engine, sample_shop, f"chat {text}", text)
    assert (said["route"], said["handoff_reason"]) == ("smalltalk", "")
    assert "帮不上" in said["reply"]


def test_thanks_are_not_heard_in_a_complaint(sample_engine: Engine, sample_shop: Shop) -> None:
    (said,) = talk(sample_engine, sample_shop, "late", "等了一个礼拜了")
    assert "不客气" not in said["reply"]


def test_digits_that_answer_the_question_are_a_slot_with_their_place(sample_engine: Engine, sample_shop: Shop) -> None:
    for text in ("查下我的订单", "202611190004"):
        TOOLS["understand"](sample_engine, sample_shop, ToolRequest(text, "c", "", "", {}))
    said = TOOLS["understand"](sample_engine, sample_shop, ToolRequest("8765", "c", "", "", {}))["slots"]
    assert said["phone"] == {"value": "8765", "normalised": "8765", "source": "turn", "type": "phone"}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("送男朋友的礼物 三百以内", "库存查询"), ("你们都卖什么", "库存查询"), ("想退掉 买的礼物不合适", "售后")],
)
def test_who_looks_around_is_sent_to_the_stock_in_a_classifier_too(
    sample_engine: Engine, sample_shop: Shop, text: str, wanted: str
) -> None:
    classes = tuple(NodeClass(name, name) for name in ("其他/转人工", "催发货", "库存查询", "售后", "产品使用"))
    chosen = choose_class(sample_engine.snapshots.of(sample_shop.id), ClassifierRequest(text, classes, "", ()))
    assert chosen is not None
    assert chosen.name == wanted


def test_a_complaint_is_not_answered_with_the_open_question_again(sample_engine: Engine, sample_shop: Shop) -> None:
    *_, said = talk(sample_engine, sample_shop, "open", "鼠标白色的有吗", "没货还卖个什么嘛")
    assert said["handoff_reason"] != "", said


def test_what_broke_after_it_was_told_how_is_not_told_how_again(sample_engine: Engine, sample_shop: Shop) -> None:
    told, said = talk(sample_engine, sample_shop, "broke", "充电器不充电怎么办", "换了线 充电器烧了 不亮了")
    assert told["route"] == "knowledge"
    assert said["handoff_reason"] != "", said
