"""Systems that listen.

Revision ID: 0012
Revises: 0011
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "webhook",
        sa.Column("authority_id", Id, nullable=False),
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("url", sa.String(), nullable=False),
        sa.Column("nonce", sa.String(), nullable=False),
        sa.Column("kinds", sa.JSON(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("announced", Id, nullable=False),
        sa.Column("watched_from", sa.DateTime(timezone=True), nullable=False),
        sa.Column("off_reason", sa.Text()),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", Id, nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name="fk_webhook_authority_id_authority"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhook")),
        sa.UniqueConstraint("authority_id", "id", name="uq_webhook_authority_id_id"),
        sa.UniqueConstraint("authority_id", "url", name="uq_webhook_url"),
    )


def downgrade() -> None:
    op.drop_table("webhook")
