"""The policy of chasing of each authority: one row where somebody chose another than the usual one.

Revision ID: 0010
Revises: 0009
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "reminder_policy",
        sa.Column("authority_id", Id, nullable=False),
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("rungs", sa.JSON(), nullable=False),
        sa.Column("afterwards", Id, nullable=False),
        sa.Column("heads_from", Id),
        sa.Column("version", Id, nullable=False),
        sa.CheckConstraint("afterwards = 0 OR afterwards >= 2", name=op.f("ck_reminder_policy_not_every_day")),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name="fk_reminder_policy_authority_id_authority"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder_policy")),
        sa.UniqueConstraint("authority_id", "id", name="uq_reminder_policy_authority_id_id"),
        sa.UniqueConstraint("authority_id", name="uq_reminder_policy_authority"),
    )


def downgrade() -> None:
    op.drop_table("reminder_policy")
