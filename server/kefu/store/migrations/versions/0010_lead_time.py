"""How long after payment a variant is sent."""

import sqlalchemy as sa
from alembic import op

revision = "0010_lead_time"
down_revision = "0009_vectors"


def upgrade() -> None:
    op.add_column("variants", sa.Column("lead_time", sa.String(32), nullable=False, server_default=""))
