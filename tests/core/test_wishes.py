"""What a message wishes for, by its words: work that is paid for is no wish for a person."""

from __future__ import annotations

import pytest

from kefu.core.decide.hearing.wishes import (
    asks_for_work,
    gives_a_gift,
    last_mile,
    names_an_occasion,
    wants_a_gift,
    without_manual_work,
)


@pytest.mark.parametrize(
    "text",
    ["换油人工费呢", "人工多少钱", "人工费怎么算", "安装人工要多少", "换灯泡人工呢", "包人工吗", "含不含人工",
     "加上人工一共多少", "要人工草坪的", "人工养殖的还是野生的", "有没有人工安装", "人工合成革的",
     "换机油的人工贵不贵", "人工另算吗"],
)  # fmt: skip
def test_labour_and_what_is_made_by_it_name_nobody(text: str) -> None:
    assert "人工" not in without_manual_work(text)


@pytest.mark.parametrize(
    "text",
    ["转人工", "人工", "人工呢", "人工客服", "换人工", "帮我换成人工", "换个人工客服", "我要换货 人工",
     "脚垫换货转人工", "人工服务", "人工要等多久", "人工几点上班", "有没有人工",
     "加上人工客服微信", "找人工", "人工多少人在线"],
)  # fmt: skip
def test_a_wish_for_a_person_stays(text: str) -> None:
    assert "人工" in without_manual_work(text)


def test_both_in_one_message_leave_the_wish() -> None:
    assert without_manual_work("转人工问下人工费").count("人工") == 1


@pytest.mark.parametrize(
    "text", ["朋友生了个女儿 送点啥 预算300", "老师生日送什么好", "给爸妈送点啥", "同事结婚送啥合适", "女儿满月送什么"]
)
def test_who_gives_to_somebody_asks_for_nothing_on_top(text: str) -> None:
    assert gives_a_gift(text)
    assert not wants_a_gift(text)


@pytest.mark.parametrize("text", ["买两个送点啥不", "你们送什么东西吗", "能送我点啥吗", "满200送啥", "有赠品吗"])
def test_who_asks_for_something_on_top_gives_nothing(text: str) -> None:
    assert not gives_a_gift(text)


@pytest.mark.parametrize(
    "text",
    [
        "后天能来装吗",
        "装2盏多少",
        "帮我装一下要钱吗",
        "能上门量尺寸吗",
        "上门安装怎么弄",
        "师傅来装多久",
        "安装怎么收费",
    ],
)
def test_somebody_is_to_come(text: str) -> None:
    assert asks_for_work(text)


@pytest.mark.parametrize(
    "text", ["5斤装2箱多少", "三件套装多少钱", "能装几个鸡蛋", "后天能来货吗", "帮我装箱发走", "装修用的", "大包装多少"]
)
def test_nobody_is_to_come(text: str) -> None:
    assert not asks_for_work(text)


def test_days_with_offers_of_their_own() -> None:
    assert all(map(names_an_occasion, ("双十二会便宜点不", "618有活动吗", "过年打折吗")))
    assert not any(map(names_an_occasion, ("能便宜点吗", "买十一个便宜吗")))


def test_where_a_parcels_way_ends() -> None:
    assert last_mile("我们村里能送吗") & last_mile("乡镇能送到吗")
    assert last_mile("六楼没电梯 送上楼吗") & last_mile("能送到家门口吗")
    assert not any(map(last_mile, ("镇江几天到", "发中关村几天", "乡巴佬鸡蛋有吗", "发货上门都有什么快递")))
