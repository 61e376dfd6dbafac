"""A shop's own examples are imported, learnt and put into use."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from kefu.core.intents import IntentModel, map_classes, roles_of
from kefu.errors import BadInput
from kefu.jobs.imports import run_import
from kefu.jobs.kinds import KINDS
from kefu.jobs.training import ensure_model, intent_names, is_stale, train_shop
from kefu.store.examples import STARTER, IntentExample, delete_examples, list_examples, save_examples
from kefu.store.intents import list_intents
from kefu.store.models import active_model
from kefu.store.shops import create_shop

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
FILE = """intent,name,aliases,text,class_texts
urge,催发货,催单|催一催,怎么还不发货,快点快点
urge,,,都三天了还没发出来呢
urge,,,赶紧给我发货
invoice,发票,,能开发票吗,
invoice,,开票,发票抬头写公司可以吗,
invoice,,,电子发票在哪里下载,
"""


@pytest.fixture
def imported(db, shop, tmp_path):
    path = Path(tmp_path, "intents.csv")
    path.write_text(FILE, encoding="utf-8")
    report = run_import(db, shop.id, KINDS["intents"], path)
    assert report.count("error") == 0
    return path


def test_rows_of_one_intent_add_up(db, shop, imported):
    with db.read() as connection:
        urge = {intent.id: intent for intent in list_intents(connection, shop.id)}["urge"]
        assert len(list_examples(connection, shop.id)) == 6
    assert (urge.name, urge.aliases, urge.class_texts) == ("催发货", ("催单", "催一催"), ("快点快点",))


def test_importing_again_changes_nothing(db, shop, imported):
    again = run_import(db, shop.id, KINDS["intents"], imported)
    assert {row.status for row in again.rows} == {"same"}


def test_training_puts_a_model_into_use_and_knows_when_examples_changed(db, shop, imported):
    version = train_shop(db, shop.id, NOW)
    with db.read() as connection:
        model = IntentModel.from_bytes(active_model(connection, shop.id, "intents")[1])
    assert model.classify("麻烦赶紧发货").label == "urge"
    assert not is_stale(db, shop.id, version)
    with db.write() as connection:
        delete_examples(connection, shop.id, ["赶紧给我发货"])
    assert is_stale(db, shop.id, version)


def test_a_shop_is_trained_once_until_its_examples_change(db, shop, imported):
    said = []
    assert ensure_model(db, shop.id, said.append, NOW)
    assert not ensure_model(db, shop.id, said.append, NOW)
    assert said[-1] == "Understood as: urge = urge_delivery."


def test_a_shop_without_examples_is_told_what_to_do(db, shop):
    with pytest.raises(BadInput, match="at least two intents"):
        train_shop(db, shop.id, NOW)


def test_names_examples_and_hand_made_choices_map_class_texts(db, shop, imported):
    names, chosen = intent_names(db, shop.id)
    mapped = map_classes(["快点快点", "开票", "天气"], names, chosen)
    assert mapped.classes == {"快点快点": {"urge"}, "开票": {"invoice"}}
    assert mapped.unmapped == ("天气",)


def learnt(db, shop_id):
    with db.read() as connection:
        model = IntentModel.from_bytes(active_model(connection, shop_id, "intents")[1])
    return {example.text: example.label for example in model.index.examples}


def test_general_sentences_become_the_shop_s_own_intent_of_their_role(db, shop, imported):
    """urge is urge_delivery by its name; nothing of the shop's is stock_query."""
    general = [IntentExample(f"{n}天没发货", "urge_delivery", STARTER) for n in range(4)]
    general += [IntentExample(f"{n}号的还有没有", "stock_query", STARTER) for n in range(4)]
    with db.write() as connection:
        save_examples(connection, shop.id, general, NOW)
    train_shop(db, shop.id, NOW)
    assert set(learnt(db, shop.id).values()) == {"urge", "invoice", "stock_query"}
    assert learnt(db, shop.id)["2天没发货"] == "urge"


def test_general_sentences_of_a_role_that_two_intents_share_are_left_out(db, shop, imported):
    more = [IntentExample(f"仓库{n}赶紧发", "催单二", "import") for n in range(3)]
    general = [IntentExample(f"{n}天没发货", "urge_delivery", STARTER) for n in range(4)]
    with db.write() as connection:
        save_examples(connection, shop.id, [*more, *general], NOW)
    names, _ = intent_names(db, shop.id)
    assert {role for name, role in roles_of(names).items() if name in ("urge", "催单二")} == {"urge_delivery"}
    train_shop(db, shop.id, NOW)
    assert set(learnt(db, shop.id).values()) == {"urge", "催单二", "invoice"}


def test_a_shop_with_the_same_examples_takes_over_what_another_has_learnt(db, shop, imported):
    ensure_model(db, shop.id, lambda _: None, NOW)
    with db.write() as connection:
        other = create_shop(connection, "other")
        save_examples(connection, other.id, [IntentExample("不相干", "a"), IntentExample("别的", "b")], NOW)
        twin = create_shop(connection, "twin")
    run_import(db, twin.id, KINDS["intents"], imported)
    said = []
    assert ensure_model(db, twin.id, said.append, NOW)
    assert not [line for line in said if line.startswith("Learning")]
    with db.read() as connection:
        first, second = (active_model(connection, each, "intents") for each in (shop.id, twin.id))
    assert first[1] == second[1]
    assert not is_stale(db, twin.id, second[0])
    said.clear()
    assert ensure_model(db, other.id, said.append, NOW)
    assert said[0].startswith("Learning")
