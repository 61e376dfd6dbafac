"""Vectors of knowledge entries, and tries at an order's phone digits."""

import sqlalchemy as sa
from alembic import op

revision = "0009_vectors"
down_revision = "0008_documents"


def _shop() -> sa.Column:
    shop = sa.ForeignKey("shops.id", ondelete="CASCADE")
    return sa.Column("shop_id", sa.Integer, shop, primary_key=True, autoincrement=False)


def upgrade() -> None:
    op.create_table(
        "knowledge_vectors",
        _shop(),
        sa.Column("entry_id", sa.String(64), primary_key=True),
        sa.Column("model", sa.String(200), nullable=False),
        sa.Column("digest", sa.String(32), nullable=False),
        sa.Column("vectors", sa.LargeBinary, nullable=False),
    )
    op.create_table(
        "order_guesses",
        _shop(),
        sa.Column("order_no", sa.String(64), primary_key=True),
        sa.Column("conversation_id", sa.String(128), primary_key=True),
        sa.Column("digits", sa.String(4), primary_key=True),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
