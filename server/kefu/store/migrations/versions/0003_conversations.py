"""Conversations, turns, hand-offs with their messages, outbox, unanswered questions, examples, cases, profiles."""

import sqlalchemy as sa
from alembic import op

revision = "0003_conversations"
down_revision = "0002_rules"


def _shop() -> sa.Column:
    return sa.Column("shop_id", sa.Integer, sa.ForeignKey("shops.id", ondelete="CASCADE"), nullable=False)


def _when(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


def upgrade() -> None:
    op.create_table(
        "conversations",
        sa.Column("id", sa.Integer, primary_key=True),
        _shop(),
        sa.Column("conversation_id", sa.String(128), nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        _when("updated_at"),
        _when("expires_at"),
        sa.UniqueConstraint("shop_id", "conversation_id"),
    )
    op.create_index("ix_conversations_expires_at", "conversations", ["expires_at"])
    op.create_table(
        "customers",
        sa.Column("id", sa.Integer, primary_key=True),
        _shop(),
        sa.Column("user_id", sa.String(128), nullable=False),
        sa.Column("name", sa.String(80), nullable=False),
        sa.Column("conversations", sa.Integer, nullable=False),
        sa.Column("last_conversation", sa.String(128), nullable=False),
        _when("first_seen"),
        _when("last_seen"),
        sa.UniqueConstraint("shop_id", "user_id"),
    )
    op.create_table(
        "unanswered",
        sa.Column("id", sa.Integer, primary_key=True),
        _shop(),
        sa.Column("title", sa.String(300), nullable=False),
        sa.Column("status", sa.String(12), nullable=False),
        sa.Column("count", sa.Integer, nullable=False),
        sa.Column("examples", sa.Text, nullable=False),
        _when("first_seen"),
        _when("last_seen"),
        _when("decided_at", nullable=True),
        sa.Column("made", sa.Text, nullable=False),
    )
    op.create_index("ix_unanswered_shop_id", "unanswered", ["shop_id", "status"])
    op.create_table(
        "turns",
        sa.Column("id", sa.Integer, primary_key=True),
        _shop(),
        sa.Column("turn_id", sa.String(64), nullable=False),
        sa.Column("conversation_id", sa.String(128), nullable=False),
        sa.Column("channel", sa.String(32), nullable=False),
        _when("at"),
        sa.Column("tool", sa.String(32), nullable=False),
        sa.Column("route", sa.String(16), nullable=False),
        sa.Column("intent", sa.String(64), nullable=False),
        sa.Column("confidence", sa.Float, nullable=False),
        sa.Column("rule_id", sa.String(64), nullable=False),
        sa.Column("reason", sa.String(300), nullable=False),
        sa.Column("handoff_reason", sa.String(32), nullable=False),
        sa.Column("emotion", sa.String(16), nullable=False),
        sa.Column("query", sa.Text, nullable=False),
        sa.Column("reply", sa.Text, nullable=False),
        sa.Column("timings", sa.Text, nullable=False),
        sa.Column("detail", sa.Text, nullable=False),
        sa.Column("llm_calls", sa.Integer, nullable=False),
        sa.Column("unanswered", sa.Boolean, nullable=False),
        sa.Column("cluster_id", sa.Integer, sa.ForeignKey("unanswered.id", ondelete="SET NULL"), nullable=True),
    )
    op.create_index("ix_turns_shop_id", "turns", ["shop_id", "at"])
    op.create_index("ix_turns_conversation_id", "turns", ["shop_id", "conversation_id", "id"])
    op.create_index("ix_turns_unanswered", "turns", ["shop_id", "unanswered", "cluster_id"])
    op.create_table(
        "handoffs",
        sa.Column("id", sa.Integer, primary_key=True),
        _shop(),
        sa.Column("conversation_id", sa.String(128), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("reason", sa.String(32), nullable=False),
        sa.Column("channel", sa.String(32), nullable=False),
        sa.Column("user_id", sa.String(128), nullable=False),
        sa.Column("customer", sa.String(80), nullable=False),
        sa.Column("detail", sa.String(300), nullable=False),
        sa.Column("emotion", sa.String(16), nullable=False),
        sa.Column("priority", sa.Integer, nullable=False),
        sa.Column("transcript", sa.Text, nullable=False),
        sa.Column("slots", sa.Text, nullable=False),
        sa.Column("suggested_reply", sa.Text, nullable=False),
        sa.Column("agent", sa.String(64), nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        _when("created_at"),
        _when("claimed_at", nullable=True),
        _when("first_reply_at", nullable=True),
        _when("last_customer_at", nullable=True),
        _when("last_agent_at", nullable=True),
        _when("resolved_at", nullable=True),
    )
    op.create_index("ix_handoffs_shop_id", "handoffs", ["shop_id", "state", "priority", "id"])
    op.create_index(
        "uq_handoffs_live",
        "handoffs",
        ["shop_id", "conversation_id"],
        unique=True,
        sqlite_where=sa.text("state <> 'resolved'"),
        postgresql_where=sa.text("state <> 'resolved'"),
    )
    op.create_table(
        "handoff_messages",
        sa.Column("id", sa.Integer, primary_key=True),
        _shop(),
        sa.Column("handoff_id", sa.Integer, sa.ForeignKey("handoffs.id", ondelete="CASCADE"), nullable=False),
        sa.Column("conversation_id", sa.String(128), nullable=False),
        sa.Column("who", sa.String(12), nullable=False),
        sa.Column("agent", sa.String(64), nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("key", sa.String(128), nullable=True),
        sa.Column("channel_id", sa.String(128), nullable=True),
        _when("created_at"),
        _when("delivered_at", nullable=True),
        sa.UniqueConstraint("shop_id", "handoff_id", "who", "key"),
    )
    op.create_index("ix_handoff_messages_shop_id", "handoff_messages", ["shop_id", "who", "delivered_at", "id"])
    op.create_index(
        "ix_handoff_messages_conversation_id", "handoff_messages", ["shop_id", "conversation_id", "channel_id"]
    )
    op.create_table(
        "webhooks",
        sa.Column("id", sa.Integer, primary_key=True),
        _shop(),
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("format", sa.String(12), nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("secret", sa.Text, nullable=False),
        sa.Column("events", sa.Text, nullable=False),
        sa.Column("enabled", sa.Boolean, nullable=False),
        _when("created_at"),
        sa.UniqueConstraint("shop_id", "name"),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer, primary_key=True),
        _shop(),
        sa.Column("webhook_id", sa.Integer, sa.ForeignKey("webhooks.id", ondelete="CASCADE"), nullable=False),
        sa.Column("key", sa.String(128), nullable=False),
        sa.Column("event", sa.String(32), nullable=False),
        sa.Column("payload", sa.Text, nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        _when("created_at"),
        _when("due_at"),
        _when("leased_until", nullable=True),
        _when("done_at", nullable=True),
        sa.Column("error", sa.String(300), nullable=False),
        sa.UniqueConstraint("webhook_id", "key"),
    )
    op.create_index("ix_outbox_state", "outbox", ["state", "due_at"])
    op.create_table(
        "intent_examples",
        sa.Column("id", sa.Integer, primary_key=True),
        _shop(),
        sa.Column("intent", sa.String(64), nullable=False),
        sa.Column("text", sa.String(300), nullable=False),
        sa.Column("source", sa.String(32), nullable=False),
        _when("created_at"),
        sa.UniqueConstraint("shop_id", "text"),
    )
    op.create_index("ix_intent_examples_intent", "intent_examples", ["shop_id", "intent"])
    op.create_table(
        "evaluation_cases",
        sa.Column("id", sa.Integer, primary_key=True),
        _shop(),
        sa.Column("name", sa.String(120), nullable=False),
        sa.Column("case", sa.Text, nullable=False),
        sa.Column("source", sa.String(32), nullable=False),
        _when("created_at"),
        sa.UniqueConstraint("shop_id", "name"),
    )
    op.create_table(
        "profiles",
        sa.Column("id", sa.Integer, primary_key=True),
        _shop(),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("data", sa.Text, nullable=False),
        _when("updated_at"),
        sa.UniqueConstraint("shop_id", "kind"),
    )
    op.create_table(
        "identity_answers",
        sa.Column("id", sa.Integer, primary_key=True),
        _shop(),
        sa.Column("question", sa.String(300), nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
        sa.UniqueConstraint("shop_id", "question"),
    )
