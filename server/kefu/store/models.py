"""Trained models of a shop: numbered versions, one of them active, the last few kept to go back to."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    ForeignKey,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
    func,
    select,
)

from kefu.errors import NotFound, Unavailable
from kefu.store import revisions
from kefu.store.db import metadata
from kefu.store.moments import Instant

KEPT = 5
"""Versions of a kind that stay; older ones are deleted, the active one never."""

models = Table(
    "models",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("shop_id", ForeignKey("shops.id", ondelete="CASCADE"), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("version", Integer, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("trained_on", Integer, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("report", JSON, nullable=False),
    Column("data", LargeBinary, nullable=False),
    UniqueConstraint("shop_id", "kind", "version"),
)


@dataclass(frozen=True, slots=True)
class ModelVersion:
    """``trained_on`` is the revision of the data it learnt from; ``digest`` the SHA-256 of its bytes."""

    kind: str
    version: int
    active: bool
    created_at: datetime
    trained_on: int
    digest: str
    report: dict


def save_model(
    connection: Connection, shop_id: int, kind: str, data: bytes, report: dict, *, trained_on: int, now: datetime
) -> ModelVersion:
    """Store the next version and make it the active one, all in the caller's transaction."""
    revisions.bump(connection, shop_id, "models")
    here = (models.c.shop_id == shop_id) & (models.c.kind == kind)
    newest = connection.execute(select(func.max(models.c.version)).where(here)).scalar() or 0
    connection.execute(models.update().where(here).values(active=False))
    connection.execute(
        models.insert().values(
            shop_id=shop_id, kind=kind, version=newest + 1, active=True, created_at=now,
            trained_on=trained_on, digest=hashlib.sha256(data).hexdigest(), report=report, data=data,
        )
    )  # fmt: skip
    connection.execute(models.delete().where(here, ~models.c.active, models.c.version <= newest + 1 - KEPT))
    return list_models(connection, shop_id, kind)[0]


def list_models(connection: Connection, shop_id: int, kind: str) -> list[ModelVersion]:
    """All versions of the kind, newest first, without their bytes."""
    columns = [getattr(models.c, name) for name in ModelVersion.__slots__]
    query = select(*columns).where(models.c.shop_id == shop_id, models.c.kind == kind)
    return [ModelVersion(*row) for row in connection.execute(query.order_by(models.c.version.desc()))]


def active_model(connection: Connection, shop_id: int, kind: str) -> tuple[ModelVersion, bytes] | None:
    """The version in use and its bytes; None when nothing was trained. Raises Unavailable for damaged bytes."""
    found = next((row for row in list_models(connection, shop_id, kind) if row.active), None)
    if found is None:
        return None
    query = select(models.c.data).where(
        models.c.shop_id == shop_id, models.c.kind == kind, models.c.version == found.version
    )
    data = bytes(connection.execute(query).scalar_one())
    if hashlib.sha256(data).hexdigest() != found.digest:
        raise Unavailable(
            f"Version {found.version} of the {kind} model is damaged.", "Go back to an older version, or train again."
        )
    return found, data


def activate(connection: Connection, shop_id: int, kind: str, version: int) -> ModelVersion:
    """Use another version from now on. Raises NotFound with the versions there are."""
    every = list_models(connection, shop_id, kind)
    if version not in {row.version for row in every}:
        known = ", ".join(str(row.version) for row in every) or "none"
        raise NotFound(f"There is no version {version} of the {kind} model.", f"There are: {known}.")
    here = (models.c.shop_id == shop_id) & (models.c.kind == kind)
    connection.execute(models.update().where(here).values(active=models.c.version == version))
    revisions.bump(connection, shop_id, "models")
    return next(row for row in list_models(connection, shop_id, kind) if row.active)


def roll_back(connection: Connection, shop_id: int, kind: str) -> ModelVersion:
    """Use the version before the active one. Raises NotFound when there is none."""
    every = list_models(connection, shop_id, kind)
    current = next((row.version for row in every if row.active), 0)
    older = [row.version for row in every if row.version < current]
    if not older:
        raise NotFound(f"There is no older version of the {kind} model.", "Train again to get another one.")
    return activate(connection, shop_id, kind, older[0])
