"""What a customer says around a question out of politeness."""

from __future__ import annotations

import re
from collections.abc import Callable

_MARKS = ",.!?:;~、。 "
_STOPS = f"[{_MARKS}]"
_BEFORE = re.compile(
    rf"^(?:(?:(?:你|您)们?好|哈喽|嗨|hello|hi(?![a-z])|亲爱的|亲(?![肤情子戚友人自])|(?:老板|客服|掌柜的?)(?={_STOPS})"
    r"|在[吗么嘛]|在不(?:在|(?={_STOPS}|$))|有人[吗么不]|请[问教]一?下?|麻烦问一?下?|我?想[问请]教?一?下?|我?想?咨询一?下?|问一?下"
    rf"|那个|[嗯哦额]|好吧|好的|ok(?![a-z])){_STOPS}*)+"
)
_AFTER = re.compile(rf"(?:谢谢|[亲呀啊哦呢哈]|{_STOPS})+$")
_THANKS = r"(?:谢谢|多谢|感谢|谢了|谢啦|thanks|thx|麻烦了|拜托了|辛苦了?)(?:你们?|您|亲|[啦了哈哦啊呀])*"
_THANKED = re.compile(rf"^{_THANKS}{_STOPS}+|{_STOPS}*{_THANKS}{_STOPS}*$")
LONGEST = 200


def without_courtesies(text: str) -> str:
    """A normalised message without the greeting before and the thanks and particles after it; "" if that is all."""
    if len(text) > LONGEST:
        return text
    return _AFTER.sub("", _BEFORE.sub("", text))


def without_thanks(text: str) -> str:
    """What is left of a normalised message without the thanks before or after it (DDR4的，谢谢); "" where it has none,
    or is nothing else."""
    rest = _THANKED.sub("", text) if len(text) <= LONGEST else text
    return without_courtesies(rest) if rest != text else ""


def said_once(text: str) -> str:
    """A normalised message that says the same several times over, once (在吗在吗, 人工！人工！); else as it is."""
    again = text.find(text[:2], 2) if 4 <= len(text) <= LONGEST else -1
    unit = text[: max(again, 0)].rstrip(_MARKS)
    if not unit or unit.isdigit() or text.replace(unit, "").strip(_MARKS):
        return text
    return unit


_WHETHER = re.compile(r"(?<=[一-鿿])(?<![还要好行是可])(?:不|没有?|嘛|么|否)[?!~ ]*$")


def asked_with_ma(text: str) -> str:
    """A normalised question that ends in 不, 没, 嘛 … with 吗 instead (定金能退不)."""
    return _WHETHER.sub("吗", text) if len(text) <= LONGEST else text


_CLAUSE = re.compile(r"[ ,。.!;、~]+")
_QUESTION = re.compile(
    r"[吗么?]\W*$|(?<=[一-鿿])(?<![还也从并要])[不没]\W*$|怎么|咋|多少|多久|几[天点号个]|什么时候|啥时候|哪[里儿个天款种]|[能会行]不[能会行]|可不可以"
)
_NO_QUESTION = re.compile(
    r"没(?:有)?(?:什么|啥)|没别的|没问题|^在[吗不]|(?<!给我)再?(?:看看|考虑|想想|比比)|回头|下次|改天|别家"
)


def said_besides_thanks(text: str, names_goods: Callable[[str], bool]) -> str:
    """The clauses of a normalised message, taken for thanks or a greeting, that ask something or name goods with a
    question or a wish (算了太慢了 鼠标呢); "" if there are none."""
    if len(text) > LONGEST:
        return ""
    clauses = [clause for clause in _CLAUSE.split(text) if clause and not _NO_QUESTION.search(clause)]
    asked = [clause for clause in clauses if _QUESTION.search(clause) and without_courtesies(clause)]
    wished = [clause for clause in clauses if _WISHED.search(clause) and names_goods(clause)]
    return " ".join(clause for clause in clauses if clause in asked or clause in wished)


_WISHED = re.compile(r"呢\W*$|给我看|[要买拿来拍](?!了)|有[没货]|多少")
