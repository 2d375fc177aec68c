"""A person's own filters of the list of tasks.

Revision ID: 0018
Revises: 0017
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "saved_filter",
        sa.Column("authority_id", Id, nullable=False),
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("account_id", Id, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name="fk_saved_filter_authority_id_authority"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_saved_filter_account_id_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_filter")),
        sa.UniqueConstraint("authority_id", "id", name="uq_saved_filter_authority_id_id"),
        sa.UniqueConstraint("authority_id", "account_id", "name", name="uq_saved_filter_name"),
    )
    op.create_index("ix_saved_filter_account_id", "saved_filter", ["account_id"])


def downgrade() -> None:
    op.drop_table("saved_filter")
