"""What a message wishes for: of several things the one to answer; whether an order is to be changed."""

from __future__ import annotations

import re

from kefu.core.catalogue.names.relative import ASKS_A_SIZE
from kefu.core.decide.hearing.questions import questions_in
from kefu.core.dialogue.words import CUES

FOCUSABLE = ("stock_query", "price_query", "delivery_query")


def first_wish(text: str, intent: str, ruled_out: frozenset[str]) -> str:
    """What to answer of what the words ask for, unless they ask for other things than ``intent``, all ``ruled_out``.

    A sure classifier rules out all the intents that it knows, no price in a shop without examples of prices. With a
    price asked for among others, the price: its answer holds the stock too. Else the first (有货吗？明天能到吗).
    """
    found = {name: match.start() for name, pattern in CUES if name in FOCUSABLE and (match := pattern.search(text))}
    priced = intent == "stock_query" and "price_query" in found
    if not found or (intent not in found and ruled_out.issuperset(found) and not priced):
        return intent
    return "price_query" if "price_query" in found else min(found, key=lambda name: found[name])


_PRICE = re.compile("多少?钱|怎么卖|[什啥]么?价(?!格单)|售价|单价")
_SENDING = re.compile("[到寄发送运邮]")


def asks_the_price_too(text: str) -> bool:
    """Whether a part of a message about when goods arrive asks what they cost (多少钱 广州几天到), and not what sending
    them there does (寄到上海多少钱)."""
    parts = re.split(r"[,，。.!！?？;；\s]", text)
    return any(_PRICE.search(part) and not (_SENDING.search(part) or asks_a_fee(part)) for part in parts)


def asks_what_is_live(text: str) -> bool:
    """Whether the words ask for a price, the stock or a day, which only the store knows."""
    return _IS_THERE.search(text) is not None or any(cue.search(text) for name, cue in CUES if name in FOCUSABLE)


_IS_THERE = re.compile(r"有[没吗么嘛不]|还有|多少\W*$|[到发]货")


_OF_THE_LABEL = r"(?:门牌|楼[号层栋]|单元|房间?号|小区|地址|电话|手机|收[货件]人|姓名|名字)"
_CHANGES = re.compile(
    r"改.{0,3}(?:地址|电话|手机|号码|收[货件]|信息|规格|颜色|名字)|改[到成]|(?:地址|电话|手机|号码|收[货件]人).{0,4}[改错]"
    r"|换(?:[个成到]|一?下)?(?:收[货件])?(?:地址|电话|手机|收[货件]人)|地址.{0,2}换|(?:取消|拦截|撤销|撤回)"
    rf"|(?:[少漏错]|[没忘](?:了|记)?)(?:了)?[写填输留](?:了|上)?.{{0,4}}{_OF_THE_LABEL}|[写填输留](?:[错漏少反])了?.{{0,6}}{_OF_THE_LABEL}"
    rf"|{_OF_THE_LABEL}.{{0,4}}(?:[漏少忘]|没[写填留]|[写填留][错漏少反])"
    r"|(?:晚|迟|过)(?:一?[点些两几]|[二三四五六七八九十\d])?(?:[天日周]|个?(?:星期|礼拜))?(?:以后|之后|后)?再?[发寄]货?(?!票)"
    r"|(?:\d{1,2}[号日]|周末|下周.?|月底|年后|节后)(?:以后|之后|后)?再[发寄]|(?:先|暂时?)(?:别|不[要用])(?:给我)?[发寄]|(?:推迟|延[后迟])[几\d一两]?.{0,3}[发寄]"
)
"""能改地址吗, 帮我取消; what is missing on the label (少写了门牌号); 晚两天再发."""


def asks_for_a_change(text: str) -> bool:
    """An order is to be changed or stopped (能改地址吗, 帮我取消): its state is no answer."""
    return _CHANGES.search(text) is not None


_BODY = re.compile(r"(?<!\d)1(?:[4-9]\d(?:cm|厘米|公分)?|米[4-9]\d?)\D{0,6}\d{2,3}(?!\d)(?:斤|kg|公斤)?(?!块|元|码)")


_MEASURE = re.compile(r"\d(?:cm|厘米|公分|斤|kg|公斤|岁|个月)|[一二两三四五六七八九十]岁|身高|体重|米\d")


def gives_measures(text: str) -> bool:
    """A height and a weight are told (我163 118斤), or a child's age or measure with the question (75cm穿多大): which
    size fits is asked, in so many words or not."""
    return bool(_BODY.search(text) or (ASKS_A_SIZE.search(text) and _MEASURE.search(text)))


_FEE = re.compile(r"[运邮]费|包邮|快递费|免邮|邮资|[加补]多?少?[钱价]|另[外收].{0,2}收?[钱费]")


def asks_a_fee(text: str) -> bool:
    """What sending costs is asked, or what is added for it."""
    return _FEE.search(text) is not None or asks_the_postage(text)


_POSTAGE = re.compile(
    r"包邮(?!的|价)|免邮|(?:[运邮]费|快递费|邮资)(?:是|要)?(?:多少|几|怎么算|[吗么不])|[要收](?:[运邮]费|快递费)"
    r"|(?:[寄邮运](?!费)|快递)[到去往给]?[^,，。 ?？]{0,5}?(?:要|得)?多少?钱"
)
_OF_A_RETURN = re.compile("退|换|寄回|谁|承担|险")


def asks_the_postage(text: str) -> bool:
    """Whether it is asked what sending costs, whatever else is (一支润唇膏包邮吗); not who pays for a return."""
    return _POSTAGE.search(text) is not None and not _OF_A_RETURN.search(text)


def without_postage(text: str) -> str:
    """What a message says besides its question for the postage."""
    return _POSTAGE.sub(" ", text)


_COURIERS = "顺丰|京东(?:快递|物流)|[中圆申]通|韵达|极兔|德邦|邮政|ems|跨越速运|百世"
_CARRIER = re.compile(
    rf"(?:{_COURIERS})(?:快递|速运|物流)?(?:包邮)?(?:可不可以|行不行|能不能)?(?:可以|行|能|发|走|寄|送|用)?(?:货|得了)?(?:[吗么嘛不没?]|行|可以|呢)*\W*$"
    r"|^.{0,6}(?:[走发寄用选是]|配送|指定|默认).{0,2}(?:什么|啥|哪[个家种])(?:快递|物流)|^(?:什么|啥|哪[个家种])(?:快递|物流)"
    rf"|(?:加|补|要|差价?).{{0,4}}(?:发|走|寄|换)?(?:{_COURIERS})|(?:{_COURIERS}).{{0,6}}(?:加钱|补差|加多少|补多少|另外收)"
)
_OF_A_PARCEL = re.compile(
    r"我的|订单|单号|运单|到哪|查|退|换货|几天|多久|什么时候|啥时候|[没不]到|柜|驿站|送到|已经"
    r"|电话|联系|问问|打给|签收|丢|投诉"
)


def asks_the_carrier(text: str) -> bool:
    """Whether it is asked, and nothing else, by whom parcels are sent or whether by a certain one (能发顺丰吗); not
    where one is."""
    return _CARRIER.search(text) is not None and not _OF_A_PARCEL.search(text) and len(questions_in(text)) < 2


_MANUAL = re.compile(
    r"人工(?=(?:服务)?费|的?(?:价格?|钱|成本|工时|收费|另|贵|便宜|免费)|怎么[收算]|[要收][钱费]"
    r"|[是要得]?(?:多少[钱块元]|几块|几个钱)|多少[吗呢啊,。?!~ ]*$"
    r"|安装|上门|拆|组装|维修|打磨|雕|刻|编|缝|制|画|绘|挑|分拣|筛|采|[养种]殖|[饲喂]养|培[育植养]|种植|栽|授粉|孵"
    r"|智能|合成|草|呼吸|耳蜗|关节|骨|晶体|泪液|水晶|宝石|钻|皮|革|毛|色素|香精|添加|湖)"
    r"|(?:安装|拆装|维修|修理|保养|更换|换(?![成个到回下为一我])[^人转,。!? ]{1,4})[的了]?人工(?!客服|在线|服务(?!费))"
    r"|(?:[含包](?:不[含包])?|算上|加上)[的了]?人工(?!客服|在线|服务(?!费))"
)


def without_manual_work(text: str) -> str:
    """``text`` without 人工 where it is work that is paid for (人工费, 换灯泡人工) or how a thing is made (人工草坪):
    what is left of it may still ask for a person."""
    return _MANUAL.sub(" ", text)


_BARGAINS = re.compile(
    r"便宜(?!货)|少[点算]|优惠[点些]|打.{0,2}折|抹.{0,2}零|砍.{0,2}价|[讲还]价|(?<!会)再[低少减降让]|[少减降让]\d|最低.{0,2}[价多能]|[贵高]了"
    r"|卖不卖|[元块\d]卖[吗么嘛不]"
    r"|(?:隔壁|别家|人家|其他家|别的店).{0,6}(?:才|便宜|只要|都是?|\d)"
)
_GIFT = re.compile(
    r"^(?!.*[没漏未](?!\W*$|有)).*(?:送(?:我|点|个|些|[一两几双\d]).{0,5}(?:东西|啥|什么|礼物|[呗行不吗么吧])|送[啥什](?!么?(?:快递|时候))|有(?:没有)?[啥什]么?(?:东西)?(?:可以|能)?送|赠[送品])"
    r"|有.{0,2}赠品"
)
_OFFERS = re.compile(
    r"多(?:[买拍拿][几点些两](?!.*(?:[一总]共|合计|总价))|[买拍拿](?!了|的)[^了]{0,3}(?:优惠|便宜|[打折]折|少点))|(?:买得?多(?!少)|[拿要]得多|量大).{0,6}(?:优惠|便宜|[打折]折|少|价)|"
    r"(?:便宜|降|优惠)一?[点些](?:呗|吧|啦|咯|嘛|行不行|行[吗么不]|可以[吗么不])\W*$|"
    r"\d{2,6}(?:元|块钱?)?.{0,2}卖(?:不卖|[吗么嘛不])|最低(?:多少|能|几|可以)|(?:批发|团购|拿货|大客户)价|"
    r"(?:贵|便宜|少).{0,12}?\d{1,6}(?:元|块钱?)?(?:行不行|可不可以|成不成|给不给|(?:行|可以|成|得)[吗么嘛不])|(?:隔壁|别家|人家)(?:家|店)?.{0,6}(?:才|只要)"
)


_GIVES = re.compile(
    r"(?:朋友|闺蜜|同[事学]|领导|客户|老师|长辈|对象|男友|女友|老[公婆]|[爸妈爷奶姑姨叔舅]|亲戚|孩子?|[儿女]子?|宝宝|人家?|他|她)"
    r".{0,8}(?<!满)送[点个些]?(?:啥|什么)|生了?.{0,3}(?:孩子|宝宝|女儿|儿子|二胎|娃)|(?:生日|满月|周岁|结婚|新婚|乔迁|探望|看望|拜年|送礼)"
)
_ON_TOP = re.compile(r"[送给]我|你们?送|买.{0,5}送|满[\d一二两三四五六七八九十百几].{0,5}送")


def gives_a_gift(text: str) -> bool:
    """The customer gives something to somebody (朋友生了个女儿 送点啥), and asks for nothing on top."""
    return _GIVES.search(text) is not None and "送" in text and not _ON_TOP.search(text)


def bargains(text: str) -> bool:
    """A lower price or something on top is asked for, however it is worded (便宜20块我就买)."""
    return _BARGAINS.search(text) is not None or wants_a_gift(text)


def wants_a_gift(text: str) -> bool:
    """In a talk about offers: something is to be given along (送点啥不)."""
    return _GIFT.search(text) is not None and not gives_a_gift(text)


def offers_a_price(text: str) -> bool:
    """A price of the customer's own (200卖不卖, 最低多少): no question what the goods cost."""
    return _OFFERS.search(text) is not None


_WORK = re.compile(
    r"(?:能|可以|会|几点|什么时候|啥时候|多久|几?天|派人|师傅|上门)来(?:人|家里?|给|帮|我)*(?:安?装|维?修|量|拆)|上门(?:安?装|维?修|测?量)"
    r"|(?:帮|[给替](?:我|咱))(?:我们?|忙|一?下|着)?(?:安?装|拆)(?!车|箱|袋|好|满|一?起|饰|个|进|在|到)"
    r"|(?<![一-鿿])(?:安?装)(?:[一两俩二三四五六七八九十]|\d+)[盏个台套把只张扇樘](?:灯|锁)?(?:一?共)?(?:要|得|是)?(?:多少|几块|怎么收|收)"
    r"|安装(?:要|得|费)?(?:多少|几块|怎么收|收费)"
)


def asks_for_work(text: str) -> bool:
    """Somebody is to come and fit the goods (后天能来装吗, 装2盏多少): neither their price nor their delivery."""
    return _WORK.search(text) is not None


_OCCASION = re.compile(
    r"双(?:十[一二]|1[12])|618|六一八|年货节|黑五|店庆|周年庆|大促|会员日|活动(?:日|当天|那天|期间)|元旦|春节|过年|国庆|十一(?!个|月)|中秋"
    r"|五一|端午|圣诞|情人节|妇女节|女神节|三八|儿童节|六一"
)


def names_an_occasion(text: str) -> bool:
    """Days with offers of their own are spoken of (双十二会便宜点不)."""
    return occasion_in(text) != ""


def occasion_in(text: str) -> str:
    """The day with offers of its own that is spoken of; "" if none."""
    found = _OCCASION.search(text)
    return found[0] if found else ""


_LAST_MILE = tuple(
    re.compile(words)
    for words in (
        r"村(?:里|子|上|口|民|委|庄)|[农乡山]村|[村屯](?=能|送|[吗不可以])|乡镇|乡下|镇上|县城|县里",
        r"山区|山里|偏远|牧区|海?岛上",
        r"上楼|楼上|送楼|到家门口|入户|[几一二两三四五六七八九十\d]楼|电梯|送(?:货)?(?:到家)?上门",
        r"驿站|自提|快递柜|丰巢|代收点?|菜鸟",
    )
)


def last_mile(text: str) -> frozenset[int]:
    """Where a parcel's way is said to end: in a village, upstairs, at a collecting point; which of these are said."""
    return frozenset(at for at, words in enumerate(_LAST_MILE) if words.search(text))


_HOW_TO = re.compile(
    r"(?:怎么?样?|咋个?|如何)(?:自己|个|来|去|才|能|可以)*(?:安装|装|拆|换|插|接线|固定|调|设置|清洗|洗)(?![不得货修]|到哪)"
)


def asks_how_to(text: str) -> bool:
    """Whether it is asked how something is done with the goods (内存条怎么装), not whether it can be (怎么装不上)."""
    return _HOW_TO.search(text) is not None


_PUTS_OFF = re.compile(
    r"(?:晚|迟|过)(?:个|上)?(?:几|[一二两三四五六七八九十\d]+)(?:天|日|周|个?星期|个?月)再?(?:发|送|寄)|(?:晚|迟)(?:一?点|一?些)再?(?:发|送|寄)"
    r"|(?:推迟|延[后迟期]|暂缓|先别|先不要?)(?:再)?(?:发|送|寄)|(?:发|送|寄)(?:货)?(?:可以|能)?(?:推迟|延[后迟期])"
)


def puts_off(text: str) -> bool:
    """It is to be sent later than it would be (可以晚几天发吗): when it would be sent is no answer."""
    return _PUTS_OFF.search(text) is not None
