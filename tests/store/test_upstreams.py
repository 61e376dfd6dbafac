"""Model names in the store: keys, aliases, shares, roll-back, revisions."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from kefu.core.upstreams import Alias, ModelTable, Upstream, falls_in
from kefu.errors import BadInput, Conflict, NotFound
from kefu.store import revisions
from kefu.store import upstreams as store

NOW = datetime(2026, 11, 20, tzinfo=UTC)


def upstream(name: str = "tuned", **values) -> Upstream:
    return Upstream(name, **({"kind": "vllm", "url": "http://gpu:8000/v1", "model": "qwen"} | values))


@pytest.fixture
def write(db, shop):
    with db.write() as connection:
        yield connection


def test_an_upstream_comes_back_as_it_was_and_bumps_the_revision(write, shop):
    row = upstream(key="sk-1", fallback=("kefu-local",), abilities=("chat", "tools"), guard=True, read_timeout=5.5)
    store.save_upstream(write, shop.id, row)
    assert store.list_upstreams(write, shop.id) == [row]
    assert revisions.current(write, shop.id)["upstreams"] == 1


def test_a_key_is_never_in_a_representation(write, shop):
    assert "sk-secret" not in repr(upstream(key="sk-secret"))


def test_a_key_may_stand_in_the_environment(write, shop):
    store.save_upstream(write, shop.id, upstream(key="env:MY_KEY"))
    assert store.load_table(write, shop.id, {"MY_KEY": "sk-2\n"}).upstreams["tuned"].key == "sk-2"
    assert store.load_table(write, shop.id, {}).upstreams["tuned"].key == ""
    assert store.load_table(write, shop.id, {"MY_KEY": "two\nlines"}).upstreams["tuned"].key == ""


def test_an_alias_moves_and_rolls_back_at_once(write, shop):
    for name in ("old", "new"):
        store.save_upstream(write, shop.id, upstream(name))
    store.save_alias(write, shop.id, Alias("kefu", "old"), NOW)
    store.save_alias(write, shop.id, Alias("kefu", "new"), NOW)
    assert store.load_table(write, shop.id).chain("kefu")[0].name == "new"
    assert store.roll_back_alias(write, shop.id, "kefu") == Alias("kefu", "old")
    assert store.load_table(write, shop.id).chain("kefu")[0].name == "old"
    assert store.roll_back_alias(write, shop.id, "kefu") is None
    assert store.load_table(write, shop.id).chain("kefu") == ("kefu-local",)
    with pytest.raises(NotFound):
        store.roll_back_alias(write, shop.id, "kefu")


def test_a_used_upstream_cannot_be_removed(write, shop):
    store.save_upstream(write, shop.id, upstream())
    store.save_alias(write, shop.id, Alias("kefu", "tuned"), NOW)
    with pytest.raises(Conflict, match="kefu"):
        store.remove_upstream(write, shop.id, "tuned")


def test_a_share_starts_from_the_local_model_and_ends_at_zero(write, shop):
    store.save_upstream(write, shop.id, upstream())
    assert store.share_alias(write, shop.id, "kefu", "tuned", 10, NOW) == Alias("kefu", "kefu-local", "tuned", 10)
    assert store.share_alias(write, shop.id, "kefu", "tuned", 0, NOW) == Alias("kefu", "kefu-local")


def test_shops_do_not_see_each_other_s_models(write, shop):
    from kefu.store.shops import create_shop

    store.save_upstream(write, shop.id, upstream(key="sk-1"))
    assert store.load_table(write, create_shop(write, "other").id).names() == ("kefu-router", "kefu-local", "kefu")


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "tgi"}, {"url": "gpu:8000"}, {"url": "ftp://x/v1"}, {"model": " "}, {"name": "kefu"},
        {"name": "kefu-local"}, {"key": "sk 1"}, {"key": "sk-1\r\nX: y"}, {"thinking": "maybe"}, {"nodes": "x"},
        {"abilities": ("fly",)}, {"connect_timeout": 0}, {"read_timeout": -1}, {"context_size": 1},
        {"fallback": ("tuned",)},
    ],
)  # fmt: skip
def test_a_value_that_cannot_be_is_refused(wrong):
    with pytest.raises(BadInput):
        upstream(**{"name": "tuned", **wrong})


def test_a_fallback_or_target_that_is_no_model_is_refused(write, shop):
    with pytest.raises(BadInput):
        store.save_upstream(write, shop.id, upstream(fallback=("nope",)))
    with pytest.raises(BadInput):
        store.save_alias(write, shop.id, Alias("kefu", "nope"), NOW)


def test_ten_percent_are_ten_percent_sticky_and_stay_in_when_the_share_grows():
    ten, thirty = Alias("kefu", "a", "b", 10), Alias("kefu", "a", "b", 30)
    inside = {key for key in map(str, range(5000)) if falls_in(ten, key)}
    assert 400 < len(inside) < 600
    assert all(falls_in(thirty, key) for key in inside)
    assert not any(falls_in(Alias("kefu", "a", "b", 0), str(key)) for key in range(100))
    assert all(falls_in(Alias("kefu", "a", "b", 100), str(key)) for key in range(100))


def test_fallbacks_that_go_in_a_circle_end():
    table = ModelTable({"a": upstream("a", fallback=("b",)), "b": upstream("b", fallback=("a", "kefu-local"))})
    assert [getattr(t, "name", t) for t in table.chain("a")] == ["a", "b", "kefu-local"]
