"""Upstream models and aliases."""

import sqlalchemy as sa
from alembic import op

revision = "0007_gateway"
down_revision = "0006_models"


def upgrade() -> None:
    op.create_table(
        "upstreams",
        sa.Column("shop_id", sa.Integer, sa.ForeignKey("shops.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("name", sa.String(100), primary_key=True),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("url", sa.String(500), nullable=False),
        sa.Column("model", sa.String(200), nullable=False),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("context_size", sa.Integer, nullable=False),
        sa.Column("abilities", sa.JSON, nullable=False),
        sa.Column("thinking", sa.String(16), nullable=False),
        sa.Column("nodes", sa.String(16), nullable=False),
        sa.Column("guard", sa.Boolean, nullable=False),
        sa.Column("connect_timeout", sa.Float, nullable=False),
        sa.Column("read_timeout", sa.Float, nullable=False),
        sa.Column("fallback", sa.JSON, nullable=False),
    )
    op.create_table(
        "model_aliases",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("shop_id", sa.Integer, sa.ForeignKey("shops.id", ondelete="CASCADE"), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("target", sa.String(100), nullable=False),
        sa.Column("share_target", sa.String(100), nullable=False),
        sa.Column("share_percent", sa.Float, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_model_aliases_shop_id", "model_aliases", ["shop_id"])
