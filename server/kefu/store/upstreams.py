"""A shop's model names: upstreams, aliases, and what an alias led to before."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Float,
    ForeignKey,
    Integer,
    String,
    Table,
    Text,
    select,
)

from kefu.core.upstreams import ALIAS, LOCAL, Alias, ModelTable, Upstream
from kefu.errors import BadInput, Conflict, NotFound
from kefu.store import revisions
from kefu.store.db import metadata
from kefu.store.moments import Instant

REVISION = "upstreams"
KEPT = 20
"""Earlier settings of an alias that stay to go back to."""

upstreams = Table(
    "upstreams",
    metadata,
    Column("shop_id", ForeignKey("shops.id", ondelete="CASCADE"), primary_key=True),
    Column("name", String(100), primary_key=True),
    Column("kind", String(32), nullable=False),
    Column("url", String(500), nullable=False),
    Column("model", String(200), nullable=False),
    Column("key", Text, nullable=False),
    Column("context_size", Integer, nullable=False),
    Column("abilities", JSON, nullable=False),
    Column("thinking", String(16), nullable=False),
    Column("nodes", String(16), nullable=False),
    Column("guard", Boolean, nullable=False),
    Column("connect_timeout", Float, nullable=False),
    Column("read_timeout", Float, nullable=False),
    Column("fallback", JSON, nullable=False),
)

model_aliases = Table(
    "model_aliases",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("shop_id", ForeignKey("shops.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("name", String(100), nullable=False),
    Column("target", String(100), nullable=False),
    Column("share_target", String(100), nullable=False),
    Column("share_percent", Float, nullable=False),
    Column("created_at", Instant, nullable=False),
)
"""Every setting an alias has had; the newest row of a name is in force."""


def load_table(connection: Connection, shop_id: int, environ: Mapping[str, str] = os.environ) -> ModelTable:
    """All names of the shop. A key written ``env:NAME`` is read from the server's environment now."""
    rows = {row.name: row for row in list_upstreams(connection, shop_id)}
    return ModelTable(
        {name: _with_key(row, environ) for name, row in rows.items()},
        {alias.name: alias for alias in list_aliases(connection, shop_id)},
    )


def _with_key(upstream: Upstream, environ: Mapping[str, str]) -> Upstream:
    """A value that no header can carry counts as no key: the server then says 401, and the shop's other parts go on."""
    if not upstream.key.startswith("env:"):
        return upstream
    try:
        return replace(upstream, key=environ.get(upstream.key[4:], "").strip())
    except BadInput:
        return replace(upstream, key="")


def list_upstreams(connection: Connection, shop_id: int) -> list[Upstream]:
    query = select(upstreams).where(upstreams.c.shop_id == shop_id).order_by(upstreams.c.name)
    return [_upstream(dict(row._mapping)) for row in connection.execute(query)]


def _upstream(row: Mapping[str, Any]) -> Upstream:
    values = {field.name: row[field.name] for field in fields(Upstream)}
    return Upstream(**{**values, "abilities": tuple(row["abilities"]), "fallback": tuple(row["fallback"])})


def get_upstream(connection: Connection, shop_id: int, name: str) -> Upstream:
    """Raises NotFound with the names there are."""
    found = {upstream.name: upstream for upstream in list_upstreams(connection, shop_id)}
    if name not in found:
        raise NotFound(f"There is no upstream “{name}”.", f"There are: {', '.join(found) or 'none'}.")
    return found[name]


def save_upstream(connection: Connection, shop_id: int, upstream: Upstream) -> None:
    """Add or replace. Raises BadInput for a fallback that is no model, Conflict if an alias has the name."""
    revisions.bump(connection, shop_id, REVISION)
    known = _targets(connection, shop_id) | {upstream.name}
    for name in upstream.fallback:
        if name not in known:
            raise BadInput(f"The fallback “{name}” is no model.", f"Models: {', '.join(sorted(known))}.")
    if any(alias.name == upstream.name for alias in list_aliases(connection, shop_id)):
        raise Conflict(f"“{upstream.name}” is an alias.", "Give the upstream another name.")
    here = (upstreams.c.shop_id == shop_id) & (upstreams.c.name == upstream.name)
    connection.execute(upstreams.delete().where(here))
    values = asdict(upstream)
    values.update(abilities=list(upstream.abilities), fallback=list(upstream.fallback))
    connection.execute(upstreams.insert().values(shop_id=shop_id, **values))


def remove_upstream(connection: Connection, shop_id: int, name: str) -> None:
    """Raises NotFound, and Conflict while an alias or a fallback names it."""
    get_upstream(connection, shop_id, name)
    users = [a.name for a in list_aliases(connection, shop_id) if name in (a.target, a.share_target)]
    users += [u.name for u in list_upstreams(connection, shop_id) if name in u.fallback]
    if users:
        raise Conflict(f"“{name}” is used by {', '.join(users)}.", "Point them elsewhere first.")
    connection.execute(upstreams.delete().where(upstreams.c.shop_id == shop_id, upstreams.c.name == name))
    revisions.bump(connection, shop_id, REVISION)


def list_aliases(connection: Connection, shop_id: int) -> list[Alias]:
    """Those in force."""
    newest: dict[str, Alias] = {}
    query = select(model_aliases).where(model_aliases.c.shop_id == shop_id).order_by(model_aliases.c.id)
    for row in connection.execute(query):
        newest[row.name] = Alias(row.name, row.target, row.share_target, row.share_percent)
    return list(newest.values())


def shops_with_alias(connection: Connection, name: str) -> list[int]:
    """Ids of the shops that ever set the name."""
    query = select(model_aliases.c.shop_id).where(model_aliases.c.name == name).distinct()
    return list(connection.execute(query.order_by(model_aliases.c.shop_id)).scalars())


def save_alias(connection: Connection, shop_id: int, alias: Alias, now: datetime) -> None:
    """Let the name lead elsewhere from the next request on. Raises BadInput for a target that is no model."""
    revisions.bump(connection, shop_id, REVISION)
    known = _targets(connection, shop_id)
    for target in filter(None, (alias.target, alias.share_target)):
        if target not in known:
            raise BadInput(f"“{target}” is no model.", f"Models: {', '.join(sorted(known))}.")
    if alias.name in known:
        raise Conflict(f"“{alias.name}” is an upstream.", "Give the alias another name.")
    here = (model_aliases.c.shop_id == shop_id) & (model_aliases.c.name == alias.name)
    connection.execute(model_aliases.insert().values(shop_id=shop_id, created_at=now, **asdict(alias)))
    kept = select(model_aliases.c.id).where(here).order_by(model_aliases.c.id.desc()).limit(KEPT)
    old = [row.id for row in connection.execute(select(model_aliases.c.id).where(here))]
    keep = {row.id for row in connection.execute(kept)}
    connection.execute(model_aliases.delete().where(model_aliases.c.id.in_([i for i in old if i not in keep])))


def share_alias(connection: Connection, shop_id: int, name: str, target: str, percent: float, now: datetime) -> Alias:
    """Send ``percent`` of the name's conversations to ``target``; 0 ends it. An unset `kefu` starts at kefu-local."""
    current = {alias.name: alias for alias in list_aliases(connection, shop_id)}
    if name not in current and name != ALIAS:
        raise NotFound(f"There is no alias “{name}”.", f"There are: {', '.join({*current, ALIAS})}.")
    before = current.get(name, Alias(ALIAS, "kefu-local"))
    alias = replace(before, share_target=target if percent else "", share_percent=percent)
    save_alias(connection, shop_id, alias, now)
    return alias


def roll_back_alias(connection: Connection, shop_id: int, name: str) -> Alias | None:
    """Undo the name's last change; None: it has no setting any more. Raises NotFound if it never had one.

    A target that was removed meanwhile raises Conflict and changes nothing.
    """
    here = (model_aliases.c.shop_id == shop_id) & (model_aliases.c.name == name)
    query = select(model_aliases).where(here).order_by(model_aliases.c.id.desc()).limit(2)
    rows = connection.execute(query).all()
    if not rows:
        raise NotFound(f"“{name}” was never set.", "./kefu models alias NAME TARGET sets it.")
    before = Alias(name, rows[1].target, rows[1].share_target, rows[1].share_percent) if len(rows) == 2 else None
    gone = {before.target, before.share_target} - {""} - _targets(connection, shop_id) if before else set()
    if gone:
        raise Conflict(f"{', '.join(sorted(gone))} is no longer there.", "Add it again, or set the alias anew.")
    connection.execute(model_aliases.delete().where(model_aliases.c.id == rows[0].id))
    revisions.bump(connection, shop_id, REVISION)
    return before


def _targets(connection: Connection, shop_id: int) -> set[str]:
    query = select(upstreams.c.name).where(upstreams.c.shop_id == shop_id)
    return {*LOCAL, *(row.name for row in connection.execute(query))}
