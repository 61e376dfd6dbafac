"""Versions of knowledge documents."""

import sqlalchemy as sa
from alembic import op

revision = "0008_documents"
down_revision = "0007_gateway"


def upgrade() -> None:
    shop = sa.ForeignKey("shops.id", ondelete="CASCADE")
    op.create_table(
        "knowledge_documents",
        sa.Column("shop_id", sa.Integer, shop, primary_key=True),
        sa.Column("name", sa.String(255), primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("entries", sa.JSON, nullable=False),
        sa.Column("imported_at", sa.DateTime(timezone=True), nullable=False),
    )
