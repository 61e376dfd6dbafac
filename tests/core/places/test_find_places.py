"""Places named in a sentence: which ones, where, and which of several."""

from __future__ import annotations

import pytest

from kefu.core.places import DIVISIONS, chain, find_places, resolve_place, within


def codes(text: str) -> list[str]:
    return [place.code for place in find_places(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("从上海发到杭州", ["310000", "330100"]),
        ("北京朝阳有货吗", ["110000", "110105"]),
        ("辽宁朝阳有货吗", ["210000", "211300"]),
        ("朝阳市能送吗", ["211300"]),
        ("海南能发吗", ["460000"]),
        ("吉林能发吗", ["220000"]),
        ("吉林市能发吗", ["220200"]),
        ("吉林吉林", ["220000", "220200"]),
        ("江浙沪包邮", ["320000", "330000", "310000"]),
        ("后天长春", ["220100"]),
        ("安吉县城西小学", ["330523"]),
        ("牡丹江西安区在哪", ["231000", "231005"]),
        ("臺北到廣州", ["710100", "440100"]),
        ("寄到襄樊要几天", ["420600"]),
        ("发到北京崇文区", ["110000", "110101"]),
        ("萧山市还有货吗", ["330109"]),
        ("寄到浦东新区", ["310115"]),
        ("成都飞伦敦", ["510100", "GB-LON"]),
        ("从开封到信阳", ["410200", "411500"]),
        ("浙江省绍兴市上虞区", ["330000", "330600", "330604"]),
        ("我在长沙发货几天到", ["430100"]),
        ("广西南宁市青秀区", ["450000", "450100", "450103"]),
        ("发开封几天", ["410200"]),
        ("这款坐垫发开封要多久", ["410200"]),
        ("可以发开封吗", ["410200"]),
        ("能发开封不", ["410200"]),
        ("发包头", ["150200"]),
        ("发日照包邮吗", ["371100"]),
        ("开封能发吗", ["410200"]),
    ],
)
def test_a_place_is_found_with_its_division_code(text: str, expected: list[str]) -> None:
    assert codes(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "上海滩这首歌好听",
        "南京路步行街",
        "北京时间几点了",
        "三明治多少钱",
        "包头凉鞋有吗",
        "开封了还能退吗",
        "开封后几天能退",
        "没开封能退不",
        "刚发开封就坏了",
        "沙发开封几天还能退",
        "发开封的吗",
        "日照包邮的防晒衣",
        "凉鞋发包头款吗",
        "阿里旺旺联系我",
        "买个云南白药",
        "安徽卫视放什么",
        "青岛啤酒一箱",
        "资源有限",
        "通道里有人",
        "来宾请坐",
        "今天全部发货吗",
        "中山装有几个口袋",
        "大理石台面",
        "白银项链",
        "平安夜能到吗",
        "苏州河边",
        "《成都》这首歌",
        "普通快递",
    ],
)
def test_a_word_that_merely_contains_a_place_name_is_no_place(text: str) -> None:
    assert codes(text) == []


def test_spans_are_those_of_the_original_text() -> None:
    text = "寄　到  廣州!!!"
    (place,) = find_places(text)
    assert text[place.start : place.end] == "廣州"


def test_an_ambiguous_name_says_what_else_it_may_mean() -> None:
    (place,) = find_places("朝阳有货吗")
    assert "110105" in (place.code, *place.others)


def test_a_later_district_decides_what_the_name_before_it_meant() -> None:
    assert codes("吉林船营区")[-1] == "220204"


def test_within_follows_parents() -> None:
    assert within("330106", "330100")
    assert within("330106", "330000")
    assert within("310115", "310000")
    assert not within("330106", "320000")
    assert not within("330000", "330106")
    assert within("999999", "999999")


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("杭州", "330100"),
        ("浙江省杭州市西湖区", "330106"),
        ("襄樊", "420600"),
        ("内蒙", "150000"),
        ("資陽市", "512000"),
        ("苹果", None),
        ("", None),
    ],
)
def test_a_name_on_its_own_resolves_to_its_division(name: str, code: str | None) -> None:
    division = resolve_place(name)
    assert (division.code if division else None) == code


def test_every_parent_exists_and_no_division_is_its_own_ancestor() -> None:
    for division in DIVISIONS.values():
        above = [d.code for d in chain(division.code)]
        assert len(above) == len(set(above)) <= 3
        assert not division.parent or division.parent in DIVISIONS or len(division.parent) == 2


def test_there_are_34_provinces_and_all_prefectures() -> None:
    levels = [d.level for d in DIVISIONS.values() if d.code.isdigit()]
    assert levels.count("province") + levels.count("municipality") == 34
    assert levels.count("county") > 2_800


@pytest.mark.parametrize("text", ["", "😀😀", "到" * 5_000, "上海" * 3_000, '{"city": "', "\x00\ud800上海"])
def test_any_text_is_fine(text: str) -> None:
    for place in find_places(text):
        assert 0 <= place.start < place.end <= len(text)
