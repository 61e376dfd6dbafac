"""Whether an entry that refuses a claim (不甜能退吗: 不能退) speaks of the case that a customer claims for.

All such questions sound alike (变质了能退吗, 没拆封能退吗, 能退吗), and a refusal that was written for another case
turns a rightful claim away.
"""

from __future__ import annotations

import re
from functools import lru_cache

from kefu.core.knowledge.entry import Entry
from kefu.core.text import normalise

_CLAIM = re.compile(r"退(?!色|休|烧|热|役)|赔|换货|换新|包换|补发|(?:能|可以|给|包|要)换")
"""Something is to be taken back, exchanged or paid for. 褪色 is often written 退色."""
_CLAIMED = re.compile(r"退(?![色休烧热役])|赔|换(?=[吗么嘛不新货]|$)|修|补(?=[吗么嘛不发偿]|$)")
_REFUSES = re.compile(
    r"(?:不|没法|无法|概不|恕不)(?:能|会|可以?|支持|予|给|再|包|在)?.{0,4}?(?:退|换|赔|补发|理赔|负责)|不在.{0,6}范围"
)
_SAID_OF_ALL = re.compile(
    r"退(?:货|款|换|掉|钱|回|的|了)?|换(?:货|新|掉|了)?|赔(?:偿|付|钱|多少)?|补发|七天|7天|无理由"
    r"|不(?:想|太?想)?要了?|不喜欢|不合适|不满意|后悔|[买拍]错了?|收到(?:货|了)?|到货|签收|[买拍]的?了?|东西|商品|产品|货|订单"
    r"|怎么|如何|咋|多少|多久|几天|什么|啥|哪|谁|申请|流程|办理|处理|运费|邮费|支持|可以|能否|能不能|是不是|是否|你们家?|我们?"
    r"|还|能|可|给|包|要|会|得|让|想|吗|么|嘛|呢|吧|啊|呀|亲|请问|了|的|是|有|就|也|都|再|才|被|后|如果|要是|怎样|办|这|那|个|款|件"
)
"""What a claim says besides its case: the claim itself, asking, and cases that hold for any goods (不想要了)."""
_SAYS_NOTHING = frozenset("不没很太点些又在时到和与")


def refuses_another_claim(query: str, entry: Entry) -> bool:
    """Whether ``entry`` refuses claims of certain cases, and ``query`` claims without naming any of these."""
    said = _folded(query)
    if not _CLAIM.search(said) or not _REFUSES.search(entry.content):
        return False
    ways = [way for way in map(_folded, (entry.question, *entry.tags)) if _CLAIM.search(way)]
    cases = [_case(way) for way in ways]
    claimed = _case(said)
    spoken_of = any(_alike(claimed, case) for case in cases) or any(pair in entry.content for pair in _pairs(said))
    return bool(cases) and all(cases) and not spoken_of


def speaks_of_the_claim(query: str, entry: Entry) -> bool:
    """Whether ``entry`` says something of each thing that is claimed (退, 换, 赔, 修, 补); true where nothing is."""
    told = " ".join((entry.question, entry.content, *entry.tags))
    return all(claimed in told for claimed in _CLAIMED.findall(_folded(query)))


@lru_cache(maxsize=1_024)
def _folded(text: str) -> str:
    """Kept: a question is looked at beside each entry, an entry's ways of asking in each turn."""
    return normalise(text).text


def _case(claim: str) -> frozenset[str]:
    """The characters by which a claim says what is the matter; none where it is a claim and no more."""
    rest = _SAID_OF_ALL.sub("", claim)
    return frozenset(c for c in rest if c.isalnum()) - _SAYS_NOTHING


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether two cases share half of the shorter one's characters (太苦了, 这茶太苦)."""
    return bool(one and other) and 2 * len(one & other) >= min(len(one), len(other))


def _pairs(claim: str) -> list[str]:
    """The neighbouring characters of what is the matter (变质)."""
    pieces = re.findall(r"[一-鿿]+", _SAID_OF_ALL.sub(" ", claim))
    return [piece[at : at + 2] for piece in pieces for at in range(len(piece) - 1)]
