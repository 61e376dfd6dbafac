"""Products, stock, orders, delivery, jargon and compatibility."""

import sqlalchemy as sa
from alembic import op

revision = "0004_catalogue"
down_revision = "0003_conversations"


def _shop(primary_key: bool = True) -> sa.Column:
    return sa.Column(
        "shop_id",
        sa.Integer,
        sa.ForeignKey("shops.id", ondelete="CASCADE"),
        primary_key=primary_key,
        nullable=False,
        autoincrement=False,
    )


def upgrade() -> None:
    op.create_table(
        "products",
        _shop(),
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("aliases", sa.Text, nullable=False),
        sa.Column("category", sa.String(64), nullable=False),
        sa.Column("brand", sa.String(64), nullable=False),
        sa.Column("unit", sa.String(16), nullable=False),
        sa.Column("virtual", sa.Boolean, nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("position", sa.Integer, nullable=False),
    )
    op.create_table(
        "variants",
        _shop(),
        sa.Column("sku", sa.String(64), primary_key=True),
        sa.Column("product_id", sa.String(64), nullable=False),
        sa.Column("attributes", sa.Text, nullable=False),
        sa.Column("aliases", sa.Text, nullable=False),
        sa.Column("barcodes", sa.Text, nullable=False),
        sa.Column("price", sa.BigInteger),
        sa.Column("position", sa.Integer, nullable=False),
    )
    op.create_table(
        "stock",
        _shop(),
        sa.Column("sku", sa.String(64), primary_key=True),
        sa.Column("warehouse", sa.String(64), primary_key=True),
        sa.Column("quantity", sa.BigInteger, nullable=False),
        sa.Column("as_of", sa.BigInteger, nullable=False),
        sa.Column("incoming", sa.Date),
        sa.Column("incoming_quantity", sa.BigInteger, nullable=False),
        sa.Column("version", sa.BigInteger, nullable=False),
        sa.CheckConstraint("quantity >= 0", name="ck_stock_quantity"),
    )
    op.create_table(
        "stock_requests",
        _shop(),
        sa.Column("key", sa.String(128), primary_key=True),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("response", sa.Text, nullable=False),
        sa.Column("created_at", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "orders",
        _shop(),
        sa.Column("order_no", sa.String(64), primary_key=True),
        sa.Column("buyer_id", sa.String(128), nullable=False),
        sa.Column("phone_last4", sa.String(4), nullable=False),
        sa.Column("items", sa.Text, nullable=False),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("ordered_at", sa.BigInteger),
        sa.Column("paid_at", sa.BigInteger),
        sa.Column("promised_at", sa.BigInteger),
        sa.Column("shipped_at", sa.BigInteger),
        sa.Column("carrier", sa.String(64), nullable=False),
        sa.Column("tracking", sa.String(64), nullable=False),
    )
    op.create_index("ix_orders_shop_id_buyer_id", "orders", ["shop_id", "buyer_id"])
    op.create_table(
        "order_urges",
        sa.Column("id", sa.Integer, primary_key=True),
        _shop(primary_key=False),
        sa.Column("order_no", sa.String(64), nullable=False),
        sa.Column("conversation_id", sa.String(128), nullable=False),
        sa.Column("at", sa.BigInteger, nullable=False),
    )
    op.create_index("ix_order_urges_shop_id_order_no", "order_urges", ["shop_id", "order_no"])
    op.create_table(
        "delivery_promises",
        _shop(),
        sa.Column("warehouse", sa.String(64), primary_key=True),
        sa.Column("region", sa.String(16), primary_key=True),
        sa.Column("days", sa.Integer),
        sa.Column("cutoff", sa.String(5), nullable=False),
        sa.Column("express", sa.String(32), nullable=False),
        sa.Column("express_cutoff", sa.String(5), nullable=False),
        sa.Column("express_by", sa.String(5), nullable=False),
    )
    op.create_table(
        "holidays",
        _shop(),
        sa.Column("start", sa.Date, primary_key=True),
        sa.Column("until", sa.Date, nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
    )
    op.create_table(
        "jargon",
        _shop(),
        sa.Column("term", sa.String(64), primary_key=True),
        sa.Column("means", sa.String(255), nullable=False),
        sa.Column("product", sa.String(64), nullable=False),
        sa.Column("sku", sa.String(64), nullable=False),
    )
    op.create_table(
        "devices",
        _shop(),
        sa.Column("model", sa.String(128), primary_key=True),
        sa.Column("aliases", sa.Text, nullable=False),
        sa.Column("attributes", sa.Text, nullable=False),
    )
    op.create_table(
        "compatibility_rules",
        _shop(),
        sa.Column("category", sa.String(64), primary_key=True),
        sa.Column("part_attribute", sa.String(64), primary_key=True),
        sa.Column("operator", sa.String(2), primary_key=True),
        sa.Column("device_attribute", sa.String(64), primary_key=True),
        sa.Column("value", sa.String(64), primary_key=True),
        sa.Column("note", sa.String(255), nullable=False),
    )
    op.create_table(
        "compatibility_pairs",
        _shop(),
        sa.Column("device", sa.String(128), primary_key=True),
        sa.Column("product", sa.String(64), primary_key=True),
        sa.Column("sku", sa.String(64), primary_key=True),
        sa.Column("fits", sa.Boolean, nullable=False),
        sa.Column("note", sa.String(255), nullable=False),
    )
