"""Train a shop's intent model and put it into use."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime

from kefu.core.intents import Example, IntentModel, IntentNames, role_of, roles_of, train
from kefu.errors import BadInput
from kefu.store import revisions
from kefu.store.db import Database
from kefu.store.examples import STARTER, IntentExample, list_examples
from kefu.store.intents import Intent, list_intents
from kefu.store.models import ModelVersion, active_model, list_models, save_model
from kefu.store.shops import list_shops

KIND = "intents"


def train_shop(
    db: Database,
    shop_id: int,
    now: datetime,
    *,
    unlabelled: Iterable[str] = (),
    keep: float = 0.9,
    progress: Callable[[str, float], None] = lambda step, share: None,
) -> ModelVersion:
    """Learn the shop's examples and make the result the active version, all or nothing.

    No transaction is open while it learns; the old version answers until the new one is stored.
    Raises BadInput when the shop has examples of fewer than two intents.
    """
    learnt, examples = _examples_of(db, shop_id)
    model = train(examples, unlabelled, keep=keep, progress=progress)
    data = model.to_bytes()
    with db.write() as connection:
        return save_model(connection, shop_id, KIND, data, model.report.to_dict(), trained_on=learnt, now=now)


def _examples_of(db: Database, shop_id: int) -> tuple[int, list[Example]]:
    """The revision of the shop's examples, and what is to be learnt from them."""
    with db.read() as connection:
        revision = revisions.current(connection, shop_id).get("intents", 0)
        rows = list_examples(connection, shop_id)
        names = _names_of(list_intents(connection, shop_id), rows)
    return revision, _learnt_from(rows, roles_of(names))


def _learnt_from(rows: Sequence[IntentExample], roles: Mapping[str, str]) -> list[Example]:
    """What to learn. Starter sentences of a role for which the shop has an intent of its own (查库存 for stock_query)
    are that intent's; where it has several, they are left out: which of them is meant, nobody knows."""
    own: dict[str, set[str]] = {}
    for row in rows:
        role = roles.get(row.intent, row.intent)
        if row.source != STARTER and role != row.intent:
            own.setdefault(role, set()).add(row.intent)
    owners = [own.get(row.intent, {row.intent}) if row.source == STARTER else {row.intent} for row in rows]
    return [Example(row.text, *names) for row, names in zip(rows, owners, strict=True) if len(names) == 1]


def _learnt_alike(db: Database, shop_id: int) -> ModelVersion | None:
    """Put the model of another shop that learnt the very same examples into use, if the store has one."""
    with db.read() as connection:
        shops = [shop.id for shop in list_shops(connection) if shop.id != shop_id]
        versions = {shop: v for shop in shops for v in list_models(connection, shop, KIND) if v.active}
    if not versions:
        return None
    learnt, examples = _examples_of(db, shop_id)
    for other, version in versions.items():
        if is_stale(db, other, version) or _examples_of(db, other)[1] != examples:
            continue
        with db.read() as connection:
            found = active_model(connection, other, KIND)
        if found and found[0] == version and _is_readable(found[1]):
            now = datetime.now(UTC)
            with db.write() as connection:
                return save_model(connection, shop_id, KIND, found[1], version.report, trained_on=learnt, now=now)
    return None


def ensure_model(db: Database, shop_id: int, say: Callable[[str], None], now: datetime | None = None) -> bool:
    """Train unless the active version already knows the shop's present examples; was anything trained?"""
    with db.read() as connection:
        active = active_model(connection, shop_id, KIND)
    if active is not None and not is_stale(db, shop_id, active[0]) and _is_readable(active[1]):
        return False
    version = _learnt_alike(db, shop_id)
    if version is None:
        say("Learning the shop's intents …")
        version = train_shop(db, shop_id, now or datetime.now(UTC))
    accuracy = version.report["accuracy"]
    told = f"of sentences kept out of the learning, {accuracy:.0%} got their own intent"
    say(f"Learnt {version.report['intents']} intents, held-out accuracy {accuracy:.2f}: {told}.")
    with db.read() as connection:
        if {row.source for row in list_examples(connection, shop_id)} == {STARTER}:
            return True  # nothing of the shop's own to be told about
    own = [row for row in intent_names(db, shop_id)[0] if row.examples]
    acting = {name: role for name, role in roles_of(own).items() if name != role}
    if acting:
        say(f"Understood as: {', '.join(f'{name} = {role}' for name, role in acting.items())}.")
    rest = [row.id for row in own if not role_of(row)]
    if rest:
        say(f"Answered from knowledge or by a model: {', '.join(rest)}. An alias such as stock_query changes that.")
    return True


def _is_readable(data: bytes) -> bool:
    """False for a model that an older version of kefu wrote in another format."""
    try:
        IntentModel.from_bytes(data)
    except BadInput:
        return False
    return True


def is_stale(db: Database, shop_id: int, version: ModelVersion) -> bool:
    """Have intents or examples changed since this version learnt them?"""
    with db.read() as connection:
        return revisions.current(connection, shop_id).get("intents", 0) != version.trained_on


def intent_names(db: Database, shop_id: int) -> tuple[list[IntentNames], dict[str, list[str]]]:
    """What `map_classes` needs: the shop's intents with names and examples, and the class texts mapped by hand."""
    with db.read() as connection:
        intents = list_intents(connection, shop_id)
        examples = list_examples(connection, shop_id)
    chosen: dict[str, list[str]] = {}
    for intent in intents:
        for text in intent.class_texts:
            chosen.setdefault(text, []).append(intent.id)
    return _names_of(intents, examples), chosen


def _names_of(intents: Sequence[Intent], examples: Sequence[IntentExample]) -> list[IntentNames]:
    texts: dict[str, list[str]] = {}
    for row in examples:
        texts.setdefault(row.intent, []).append(row.text)
    named = {intent.id: intent for intent in intents}
    blank = Intent("-")
    return [
        IntentNames(name, named.get(name, blank).name, named.get(name, blank).aliases, tuple(texts.get(name, ())))
        for name in sorted({*named, *texts})
    ]
