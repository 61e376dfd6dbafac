"""Hide what identifies a person before a text leaves the conversation: groups, training data, cluster titles."""

from __future__ import annotations

import re

_ROWS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"[A-Za-z0-9._+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,4}"), "[邮箱]"),
    (
        re.compile(r"(?<!\d)\d{6}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?![\dA-Za-z])"),
        "[证件号]",
    ),
    (re.compile(r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)"), "[手机号]"),
    (re.compile(r"(?<!\d)0\d{2,3}[- ]\d{7,8}(?!\d)"), "[电话]"),
    (re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{0,4}\d{9,24}(?![A-Za-z0-9])"), "[单号]"),
    (re.compile(r"(?<=微信|qq|QQ|vx|VX)(?:号)?[:：是 ]{0,2}[A-Za-z0-9_-]{5,20}"), "[账号]"),
    (
        re.compile(
            r"[\u4e00-\u9fff]{1,18}(?:路|街|道|巷|弄|村|小区|花园|大厦)[\dA-Za-z一二三四五六七八九十-]{1,8}"
            r"(?:号|弄|栋|幢|座|单元|室|楼)[\dA-Za-z-]{0,8}(?:[号栋幢座单元室楼]{1,2}[\dA-Za-z-]{0,6}){0,4}"
        ),
        "[地址]",
    ),
    (re.compile(r"(?:(?<=我叫)|(?<=收件人))[:： ]?[\u4e00-\u9fff]{2,3}(?=[,，。;； ]|$)"), "[姓名]"),
)


def mask_personal(text: str) -> str:
    """``text`` with e-mail, identity, phone and order numbers, accounts and street addresses replaced by their kind.

    Order numbers (nine digits and more) go too: whoever needs one opens the record.
    """
    for pattern, kind in _ROWS:
        text = pattern.sub(kind, text)
    return text
